//! Raising an alert: by a clinician, by a client who asks for help, by what somebody has submitted.

use super::model::{AlertKind, AlertStatus};
use super::store::{self, DETAIL, Row};
use crate::activities::definition::Severity;
use crate::audit::{Change, Subject, record_in_private};
use crate::auth::Tx;
use crate::db::id::{AlertId, ClientId, CoupleId, SubmissionId};
use crate::error::Result;

/// An alert to be raised.
#[derive(Debug, Clone)]
pub(crate) struct NewAlert {
    /// Whose safety it is about.
    pub(crate) client_id: ClientId,
    /// The couple it concerns.
    pub(crate) couple_id: Option<CoupleId>,
    /// Where it comes from.
    pub(crate) kind: AlertKind,
    /// What it is about.
    pub(crate) code: String,
    /// How urgent it is.
    pub(crate) severity: Severity,
    /// The submission that raises it.
    pub(crate) submission_id: Option<SubmissionId>,
    /// What was said. It is sealed for clinicians.
    pub(crate) detail: Option<String>,
}

/// Raises an alert, whatever the caller sees: a client raises one and never learns of it. Critical and
/// high ones are due for a call at once. There is no event of it.
///
/// # Errors
/// Those of the database.
pub(crate) fn raise(tx: &mut Tx<'_>, new: NewAlert) -> Result<AlertId> {
    let id: AlertId = tx.new_id();
    let detail =
        new.detail.as_ref().map(|text| tx.keys.seal(&DETAIL, id.uuid(), text)).transpose()?;
    let calls = matches!(new.severity, Severity::Critical | Severity::High);
    let row = Row {
        practice_id: tx.practice(),
        id,
        client_id: new.client_id,
        couple_id: new.couple_id,
        kind: new.kind,
        code: new.code,
        severity: new.severity,
        submission_id: new.submission_id,
        raised_by: tx.caller.clinician(),
        detail,
        status: AlertStatus::Raised,
        pages: 0,
        next_page_at: calls.then_some(tx.now),
        acknowledged_by: None,
        acknowledged_at: None,
        plan: None,
        closing: None,
        closed_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    store::insert(tx, row)?;
    record_in_private(tx, &Change::of(Subject::Alert(id), "raised"))?;
    Ok(id)
}
