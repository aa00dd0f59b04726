//! The form of an assignment, made once and kept: what may be answered, and how answers are checked.

use std::sync::Arc;

use jsonschema::Validator;
use quick_cache::sync::Cache;
use serde_json::{Map, Value};

use crate::activities::definition::item::Item;
use crate::activities::definition::{Definition, ParticipationMode, answers};
use crate::assignments::form::with_parameters;
use crate::assignments::store::Row as AssignmentRow;
use crate::auth::Tx;
use crate::db::id::{ActivityDefinitionId, AssignmentId, ClientId, PracticeId};
use crate::error::{Error, Fault, Place, Result};
use crate::http::{contract, faults};
use crate::me::forms::ShownForms;
use crate::{activities, assignments};

/// Forms that are kept in memory at the most. The largest takes some hundred KiB.
const MOST_FORMS: usize = 256;

/// Exercises that are kept in memory at the most. The largest takes some tens of KiB.
const MOST_EXERCISES: usize = 512;

/// The forms of assignments. An assignment's version and parameters never change, so neither does its form.
pub struct Forms {
    checked: Cache<(PracticeId, AssignmentId), Arc<Form>>,
    /// Exercises as they were assigned, by their version and parameters.
    exercises: Cache<(PracticeId, ActivityDefinitionId, String), Arc<Definition>>,
    /// As inboxes show them.
    pub(crate) shown: ShownForms,
}

impl Default for Forms {
    fn default() -> Self {
        Self {
            checked: Cache::new(MOST_FORMS),
            exercises: Cache::new(MOST_EXERCISES),
            shown: ShownForms::default(),
        }
    }
}

impl Forms {
    /// The exercise of an assignment as it was assigned; `body` is that of its version.
    pub(crate) fn exercise(&self, row: &AssignmentRow, body: &str) -> Result<Arc<Definition>> {
        let parameters = Value::Object(row.parameters.0.clone()).to_string();
        let key = (row.practice_id, row.activity_definition_id, parameters);
        if let Some(exercise) = self.exercises.get(&key) {
            return Ok(exercise);
        }
        let definition: Definition = serde_json::from_str(body)
            .map_err(|_| Error::internal("a stored definition cannot be read"))?;
        let exercise = Arc::new(with_parameters(&definition, row)?);
        self.exercises.insert(key, Arc::clone(&exercise));
        Ok(exercise)
    }
}

impl std::fmt::Debug for Forms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Forms")
    }
}

/// One form.
pub struct Form {
    /// The exercise, with the parameters of the assignment.
    pub definition: Definition,
    /// How answers are checked, for each role, or for everybody under no name.
    checks: Vec<(Option<String>, Checks)>,
    /// Who takes part, as it was when it was assigned.
    pub(super) participants: Vec<ClientId>,
    /// True when something is opened, or comes of the answers, once all have submitted.
    pub(super) reveals: bool,
}

struct Checks {
    whole: Validator,
    draft: Validator,
}

impl Form {
    /// The form of an assignment that the caller sees.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn of(tx: &mut Tx<'_>, row: &AssignmentRow) -> Result<Arc<Self>> {
        let key = (tx.practice(), row.id);
        if let Some(form) = tx.forms().checked.get(&key) {
            return Ok(form);
        }
        let definition = activities::store::assigned(tx, row.activity_definition_id)?;
        let participants = assignments::store::participants_of(tx, row.id)?;
        let form = Arc::new(Self::new(with_parameters(&definition, row)?, participants)?);
        tx.forms().checked.insert(key, Arc::clone(&form));
        Ok(form)
    }

    fn new(definition: Definition, participants: Vec<ClientId>) -> Result<Self> {
        let roles: Vec<Option<String>> = match definition.participation.mode {
            ParticipationMode::Roles => {
                definition.participation.roles.iter().cloned().map(Some).collect()
            }
            _ => vec![None],
        };
        let compile = |role: Option<&str>, draft| {
            contract::validator(&answers::schema(&definition, role, draft))
                .map_err(|_| Error::internal("the schema of a form does not compile"))
        };
        let checks = roles
            .into_iter()
            .map(|role| {
                let (whole, draft) =
                    (compile(role.as_deref(), false)?, compile(role.as_deref(), true)?);
                Ok((role, Checks { whole, draft }))
            })
            .collect::<Result<_>>()?;
        let reveals = definition.questions().into_iter().any(|(_, item)| item.audience().waits());
        Ok(Self { definition, checks, participants, reveals })
    }

    /// Who takes part, as it was when it was assigned.
    pub(crate) fn participants(&self) -> &[ClientId] {
        &self.participants
    }

    /// The faults of a role: one is named where there are some, and none where there are none.
    #[must_use]
    pub fn role_faults(&self, role: Option<&str>) -> Vec<Fault> {
        if self.checks.iter().any(|(known, _)| known.as_deref() == role) {
            return Vec::new();
        }
        let detail = "One of the exercise's roles, where it has some.";
        vec![Fault::body("/role", "mismatch", detail)]
    }

    /// The faults of answers from a device that both use. What others never read as it was given is not asked there: it
    /// is refused, and what is for nobody else may be left out. What comes of all answers together needs everybody's,
    /// so that a form which asks for such a one has to be filled in elsewhere.
    #[must_use]
    pub fn faults_when_shared(
        &self,
        answers: &Map<String, Value>,
        role: Option<&str>,
        draft: bool,
        at: &str,
    ) -> Vec<Fault> {
        let alone = answers::asked_alone(&self.definition);
        let of = |fault: &Fault| {
            let link_id = fault.pointer.strip_prefix(at)?.strip_prefix('/')?;
            alone.iter().find(|item| item.link_id == link_id)
        };
        let mut found = self.faults(answers, role, draft, at);
        found.retain(|fault| fault.code != "required" || of(fault).is_none());
        let refused = |item: &&&Item| {
            answers.contains_key(&item.link_id)
                || !draft && item.required && !item.audience().is_private()
        };
        let detail = "Not asked on a device that both use; send it when its author is alone.";
        let fault =
            |item: &&Item| Fault::body(format!("{at}/{}", item.link_id), "device_shared", detail);
        found.extend(alone.iter().filter(refused).map(fault));
        found
    }

    /// The faults of these answers, with pointers below `at`. A draft may leave anything out.
    #[must_use]
    pub fn faults(
        &self,
        answers: &Map<String, Value>,
        role: Option<&str>,
        draft: bool,
        at: &str,
    ) -> Vec<Fault> {
        let Some((_, checks)) = self.checks.iter().find(|(known, _)| known.as_deref() == role)
        else {
            return Vec::new();
        };
        let check = if draft { &checks.draft } else { &checks.whole };
        let value = Value::Object(answers.clone());
        let mut found = faults::of(check.iter_errors(&value), Place::Body);
        for fault in &mut found {
            fault.pointer.insert_str(0, at);
        }
        found.extend(answers::sentence_faults(&self.definition, answers, at));
        found
    }
}

/// The form of an assignment, found by its id.
///
/// # Errors
/// 404 when the caller sees no such assignment.
pub(crate) fn find(tx: &mut Tx<'_>, id: AssignmentId) -> Result<(AssignmentRow, Arc<Form>)> {
    let row = assignments::store::find_row(tx, id)?;
    let form = Form::of(tx, &row)?;
    Ok((row, form))
}
