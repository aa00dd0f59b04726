//! What an author does with what they sent: take it back, or share more of it.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::form;
use super::model::{Submission, SubmissionStatus, WidenSubmission};
use super::store::{self, Row, find_row};
use super::{check, left_out, reveal, sets};
use crate::assignments::changes::{begin, reopen};
use crate::assignments::store::Row as AssignmentRow;
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::SubmissionId;
use crate::db::schema::submissions;
use crate::error::{Code, Error, Fault, Result};
use crate::occurrences::plan::Plan;

/// For how long something can be taken back, in seconds.
const RETRACTABLE_SECONDS: i64 = 600;

/// Takes a submission back.
///
/// # Errors
/// 404, 409 when others could read of it, or the ten minutes have passed.
pub(super) fn retract(tx: &mut Tx<'_>, id: SubmissionId) -> Result<Submission> {
    let mut row = find_row(tx, id)?;
    let (homework, form) = form::find(tx, row.assignment_id)?;
    if !row.was_sent() {
        return Err(Error::invalid_transition(row.status.as_str(), Vec::new()));
    }
    if was_shown(tx, &row)? {
        return Err(Error::new(
            Code::AlreadyRevealed,
            "Others can read of it since. Amend it instead; what they read is then marked.",
        ));
    }
    let sent = row.submitted_at.unwrap_or(row.received_at);
    if tx.now > sent.plus_seconds(RETRACTABLE_SECONDS) {
        let mut error = Error::invalid_transition(row.status.as_str(), Vec::new());
        let detail = "The ten minutes in which it could be taken back have passed.";
        error.add(Fault::body("", "too_late", detail));
        return Err(error);
    }
    sets::take_back(tx, row.id)?;
    row.status = SubmissionStatus::Retracted;
    save(tx, &mut row)?;
    if finished(&homework, &row, sent)? {
        reopen(tx, &homework)?;
    }
    if let Some(occurrence) = row.occurrence_id {
        let occurrence = reveal::occurrence_of(tx, occurrence)?;
        reveal::advance(tx, &homework, &form, &occurrence)?;
    }
    if row.device_shared {
        left_out::keep(tx, &row, &form.definition)?;
    }
    record(tx, &Change::of(Subject::Submission(row.id), "retracted"))?;
    store::show(tx, row)
}

/// True when homework of one client's own was done with this submission: not with a clinician's word before it, and not
/// when it was for a day of before.
fn finished(homework: &AssignmentRow, row: &Row, sent: Instant) -> Result<bool> {
    let once = Plan::of(homework)?.once();
    let is_for_it = once.is_some_and(|once| row.local_date == Some(once.local_date));
    Ok(homework.couple_id.is_none() && is_for_it && homework.updated_at >= sent)
}

/// True when another participant can read something of it, or something that came of it: whoever has read the
/// other's answers does not take back what opened them.
fn was_shown(tx: &mut Tx<'_>, row: &Row) -> Result<bool> {
    if sets::was_shared(tx, row.id)? {
        return Ok(true);
    }
    match row.occurrence_id {
        Some(occurrence) => reveal::is_revealed(tx, occurrence),
        None => Ok(false),
    }
}

/// Shares answers with the other participants.
///
/// # Errors
/// 404, 409 for what was not sent, 422 for questions whose answers cannot be shared.
pub(super) fn widen(
    tx: &mut Tx<'_>,
    id: SubmissionId,
    wish: &WidenSubmission,
) -> Result<Submission> {
    let mut row = find_row(tx, id)?;
    let (homework, form) = form::find(tx, row.assignment_id)?;
    homework.check_takes_answers()?;
    check::people(tx, &homework, row.author_id)?;
    if !row.was_sent() {
        return Err(Error::invalid_transition(row.status.as_str(), Vec::new()));
    }
    let may_be_shared = |link_id: &String| {
        let item = form.definition.question(link_id);
        row.couple_id.is_some() && item.is_some_and(|item| item.author_may_widen)
    };
    let wrong = wish.link_ids.iter().enumerate().filter(|(_, link_id)| !may_be_shared(link_id));
    let refused = |index: usize, detail: &'static str| {
        Fault::body(format!("/link_ids/{index}"), "not_allowed", detail)
    };
    let detail = "This answer cannot be shared; its notice says so.";
    Error::unless_valid(wrong.map(|(index, _)| refused(index, detail)).collect())?;
    let wanted: BTreeSet<String> = wish.link_ids.iter().cloned().collect();
    row.revision += 1;
    let found = sets::widen(tx, &row, &wanted, wish.entry_no)?;
    let missing = wish.link_ids.iter().enumerate().filter(|(_, link_id)| !found.contains(*link_id));
    let detail = "There is no answer to this question.";
    Error::unless_valid(missing.map(|(index, _)| refused(index, detail)).collect())?;
    save(tx, &mut row)?;
    begin(tx, &homework)?;
    record(tx, &Change::of(Subject::Submission(row.id), "widened"))?;
    store::show(tx, row)
}

fn save(tx: &mut Tx<'_>, row: &mut Row) -> Result<()> {
    row.updated_at = tx.now;
    diesel::update(submissions::table.find((tx.practice(), row.id))).set(&*row).execute(tx.conn)?;
    Ok(())
}
