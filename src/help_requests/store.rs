//! Queries on requests for help.

use diesel::prelude::*;

use super::model::{HelpKind, HelpReceipt, NewHelpRequest};
use crate::activities::definition::Severity;
use crate::alerts::model::{AlertKind, Flag};
use crate::alerts::raise::{NewAlert, raise};
use crate::audit::{Change, Subject, record_in_private};
use crate::auth::Tx;
use crate::crisis;
use crate::db::Instant;
use crate::db::id::{AlertId, ClientId, HelpRequestId, PracticeId};
use crate::db::schema::help_requests;
use crate::error::{DbResultExt, Error, Result};

/// What whoever has asked is told.
const RECEIVED: &str = "Thank you for saying so. Your therapist is being told, and nobody else.";

#[derive(Insertable)]
#[diesel(table_name = help_requests)]
struct Row {
    practice_id: PracticeId,
    id: HelpRequestId,
    client_id: ClientId,
    alert_id: AlertId,
    created_at: Instant,
}

/// Receives a request: the alert has what was said.
///
/// # Errors
/// Those of the database.
pub fn create(tx: &mut Tx<'_>, new: NewHelpRequest) -> Result<HelpReceipt> {
    let client_id = tx.caller.client().ok_or_else(Error::not_found)?;
    let (code, severity) = match new.kind {
        HelpKind::PrivateSafety => (Flag::FearOfPartner.as_str(), Severity::Critical),
        HelpKind::TalkToTherapist => ("help_request", Severity::Moderate),
    };
    let alert = NewAlert {
        client_id,
        couple_id: None,
        kind: AlertKind::HelpRequest,
        code: code.to_owned(),
        severity,
        submission_id: None,
        detail: new.message,
    };
    let alert_id = raise(tx, alert)?;
    let id: HelpRequestId = tx.new_id();
    let row = Row { practice_id: tx.practice(), id, client_id, alert_id, created_at: tx.now };
    diesel::insert_into(help_requests::table).values(row).execute(tx.conn)?;
    record_in_private(tx, &Change::of(Subject::HelpRequest(id), "received"))?;
    Ok(HelpReceipt {
        id,
        received_at: tx.now,
        text: RECEIVED.to_owned(),
        not_an_emergency_service: crisis::NO_EMERGENCY_SERVICE.to_owned(),
        crisis_resources: crisis::resources().to_vec(),
    })
}

/// Checks that a request is the caller's own.
///
/// # Errors
/// 404 when not.
pub(super) fn check_own(tx: &mut Tx<'_>, id: HelpRequestId) -> Result<()> {
    let client = tx.caller.client().ok_or_else(Error::not_found)?;
    help_requests::table
        .find((tx.practice(), id))
        .filter(help_requests::client_id.eq(client))
        .select(help_requests::id)
        .first::<HelpRequestId>(tx.conn)
        .or_not_found()
        .map(drop)
}
