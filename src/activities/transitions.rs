//! The status of a definition: written, in use, out of use.

use super::definition::Sensitivity;
use super::model::{ActivityDefinition, DefinitionOrigin, DefinitionStatus};
use super::store::{self, Row};
use crate::auth::scopes::HomeworkAssign;
use crate::auth::{Actor, Tx};
use crate::db::id::ActivityDefinitionId;
use crate::error::{Error, Fault, Result};
use crate::http::Routes;
use crate::http::action::{action, post};
use crate::state::{Machine, Status, Transition};

impl Status for DefinitionStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a definition's status.
pub const MACHINE: Machine<DefinitionStatus> = Machine(&[
    Transition {
        name: "activate",
        from: &[DefinitionStatus::Draft, DefinitionStatus::Retired],
        to: DefinitionStatus::Active,
    },
    Transition { name: "retire", from: &[DefinitionStatus::Active], to: DefinitionStatus::Retired },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(activate_activity_definition).service(retire_activity_definition);
}

action! {
    /// Activate an activity definition
    ///
    /// From now on it can be assigned, and never changes again; the version that was active is retired.
    /// Refused with every fault while it breaks a rule. A definition on sexual health that the practice
    /// wrote is activated by somebody else than its writer. For clinicians, and services that the
    /// practice allows.
    activate_activity_definition "/v1/activity-definitions/{activity_definition_id}/activate",
    tag "activity definitions", scope "homework:assign" HomeworkAssign,
    ActivityDefinitionId => ActivityDefinition, activate
}

action! {
    /// Retire an activity definition
    ///
    /// It can no longer be assigned; what was assigned goes on. For clinicians, and services that the
    /// practice allows.
    retire_activity_definition "/v1/activity-definitions/{activity_definition_id}/retire",
    tag "activity definitions", scope "homework:assign" HomeworkAssign,
    ActivityDefinitionId => ActivityDefinition, retire
}

fn activate(tx: &mut Tx<'_>, id: ActivityDefinitionId) -> Result<ActivityDefinition> {
    let row = store::find_row(tx, id)?;
    let status = MACHINE.step(row.status, "activate")?;
    let mut missing: Vec<Fault> = store::findings(&row)
        .into_iter()
        .filter(|finding| finding.blocks)
        .map(|finding| {
            Fault::body(
                format!("/definition{}", finding.pointer),
                finding.rule.as_str(),
                finding.detail,
            )
        })
        .collect();
    missing.extend(second_person_fault(tx, &row));
    if !missing.is_empty() {
        return Err(Error::requirements_missing(missing));
    }
    store::save_status(tx, &row, status, "activated")
}

fn retire(tx: &mut Tx<'_>, id: ActivityDefinitionId) -> Result<ActivityDefinition> {
    let row = store::find_row(tx, id)?;
    let status = MACHINE.step(row.status, "retire")?;
    store::save_status(tx, &row, status, "retired")
}

/// Four eyes on what a practice writes about sexual health.
fn second_person_fault(tx: &Tx<'_>, row: &Row) -> Option<Fault> {
    let own = row.origin == DefinitionOrigin::Practice;
    let somebody_else = matches!(tx.caller.actor(), Actor::Staff { user, .. }
        if row.written_by.is_some_and(|writer| writer != *user));
    let detail = "Somebody of the practice other than its writer has to activate it.";
    (own && row.sensitivity == Sensitivity::SexualHealth && !somebody_else)
        .then(|| Fault::body("/definition", "second_person_required", detail))
}
