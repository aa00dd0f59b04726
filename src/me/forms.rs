//! Forms as an inbox shows them, made once and kept: most of what an inbox says is the same for everybody who
//! has the same exercise.

use std::collections::BTreeMap;
use std::sync::Arc;

use quick_cache::sync::Cache;
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;

use crate::activities::definition::Definition;
use crate::assignments::form::{form, with_parameters};
use crate::assignments::store::Row;
use crate::auth::Tx;
use crate::couples::secrets_policy::Policy;
use crate::db::id::{ActivityDefinitionId, AssignmentId, PracticeId};
use crate::error::{Error, Result};

/// Forms that are kept in memory at the most. One takes some ten KiB.
const MOST_FORMS: usize = 512;

/// What a form depends on: the version of the exercise with its parameters, and what its notices say. None of
/// it changes while an assignment stands, but for the policies.
type Key = (PracticeId, ActivityDefinitionId, String, bool, Vec<Policy>);

/// The forms that are kept.
pub(crate) struct ShownForms(Cache<Key, Arc<ShownForm>>);

impl Default for ShownForms {
    fn default() -> Self {
        Self(Cache::new(MOST_FORMS))
    }
}

/// What is the same in the forms of all assignments of one exercise.
#[derive(Debug)]
pub(super) struct ShownForm {
    pub(super) title: String,
    members: BTreeMap<String, Value>,
}

impl ShownForm {
    /// The form of this assignment under these policies. `body` is its exercise.
    pub(super) fn of(
        tx: &Tx<'_>,
        row: &Row,
        body: &str,
        policies: Vec<Policy>,
    ) -> Result<Arc<Self>> {
        let parameters = text(&row.parameters.0)?;
        let couple = row.couple_id.is_some();
        let key = (tx.practice(), row.activity_definition_id, parameters, couple, policies);
        let kept = &tx.forms().shown.0;
        if let Some(form) = kept.get(&key) {
            return Ok(form);
        }
        let definition: Definition = serde_json::from_str(body)
            .map_err(|_| Error::internal("a stored definition cannot be read"))?;
        let form = Arc::new(Self::new(row, with_parameters(&definition, row)?, &key.4)?);
        kept.insert(key, Arc::clone(&form));
        Ok(form)
    }

    fn new(row: &Row, definition: Definition, policies: &[Policy]) -> Result<Self> {
        let title = definition.title.clone();
        let whole = text(&form(row, definition, policies))?;
        let mut members: BTreeMap<String, Value> = serde_json::from_str(&whole)
            .map_err(|_| Error::internal("a form cannot be taken apart"))?;
        members.remove(OWN);
        Ok(Self { title, members })
    }
}

/// The one member that is each assignment's own.
const OWN: &str = "assignment_id";

fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|_| Error::internal("a form did not serialise"))
}

/// The form of one assignment; on the wire an `AssignmentForm`.
#[derive(Debug, Clone)]
pub struct FormOf {
    pub(super) assignment: AssignmentId,
    pub(super) shown: Arc<ShownForm>,
}

impl Serialize for FormOf {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.shown.members.len() + 1))?;
        map.serialize_entry(OWN, &self.assignment)?;
        for (name, member) in &self.shown.members {
            map.serialize_entry(name, member)?;
        }
        map.end()
    }
}
