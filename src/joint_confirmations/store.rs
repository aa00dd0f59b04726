//! Queries on confirmations of what was written for all.

use diesel::prelude::*;

use super::model::{
    Answer, Confirmation, ConfirmationStatus, MACHINE, OccurrenceName, Row, status_of,
};
use crate::assignments;
use crate::assignments::store::Row as AssignmentRow;
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::couples::members::store::present_members;
use crate::couples::model::InvitationState;
use crate::db::Instant;
use crate::db::conn::each;
use crate::db::id::{AssignmentId, ClientId, CoupleId, OccurrenceId};
use crate::db::schema::{joint_confirmations as joint, occurrences};
use crate::error::{Code, Error, Fault, Result};
use crate::occurrences::model::{Occurrence, Progress};
use crate::occurrences::store as occurrence_store;
use crate::schedules::Slot;

/// Asks all others of the couple about what its author has just sent for all, whatever they had said of it before.
///
/// # Errors
/// Those of the database.
pub(crate) fn ask(
    tx: &mut Tx<'_>,
    homework: &AssignmentRow,
    occurrence: OccurrenceId,
    slot: Slot,
    author: ClientId,
) -> Result<()> {
    let Some(couple) = homework.couple_id else { return Ok(()) };
    forget(tx, occurrence)?;
    let present = present_members(tx, couple)?;
    let mut others = assignments::store::participants_of(tx, homework.id)?;
    others.retain(|client| {
        *client != author && present.contains(&(*client, InvitationState::Accepted))
    });
    let rows: Vec<Row> = others
        .into_iter()
        .map(|client_id| Row {
            practice_id: tx.practice(),
            occurrence_id: occurrence,
            client_id,
            assignment_id: homework.id,
            local_date: slot.local_date,
            slot_no: slot.slot_no,
            written_by: author,
            asked_at: tx.now,
            answer: None,
            answered_at: None,
        })
        .collect();
    if !rows.is_empty() {
        each!(tx.conn, conn => diesel::insert_into(joint::table).values(&rows).execute(conn))?;
    }
    Ok(())
}

/// Nobody is asked any more: nothing of it stands.
///
/// # Errors
/// Those of the database.
pub(crate) fn forget(tx: &mut Tx<'_>, occurrence: OccurrenceId) -> Result<()> {
    diesel::delete(
        joint::table
            .filter(joint::practice_id.eq(tx.practice()))
            .filter(joint::occurrence_id.eq(occurrence)),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// Who was asked about these occurrences, and what they have said.
///
/// # Errors
/// Those of the database.
pub(crate) fn of(tx: &mut Tx<'_>, ids: &[OccurrenceId]) -> Result<Vec<Row>> {
    Ok(joint::table
        .filter(joint::practice_id.eq(tx.practice()))
        .filter(joint::occurrence_id.eq_any(ids))
        .order((joint::occurrence_id, joint::client_id))
        .select(Row::as_select())
        .load(tx.conn)?)
}

/// True when one of the others has said no to what was written last.
///
/// # Errors
/// Those of the database.
pub(crate) fn is_contested(tx: &mut Tx<'_>, occurrence: OccurrenceId) -> Result<bool> {
    let rows = of(tx, &[occurrence])?;
    Ok(status_of(rows.iter(), tx.now) == Some(ConfirmationStatus::Contested))
}

/// Says yes or no to what another has written for all.
///
/// # Errors
/// 404, 403 for whoever wrote it, 409 once it is decided or its time went by, 422 where nothing was written for all.
pub(super) fn answer(
    tx: &mut Tx<'_>,
    id: AssignmentId,
    name: &OccurrenceName,
    word: Answer,
) -> Result<Occurrence> {
    let own = tx.caller.client().ok_or_else(Error::not_found)?;
    let homework = assignments::store::find_row(tx, id)?;
    homework.check_takes_answers()?;
    let (day, slot_no) = (name.local_date, name.slot_no.unwrap_or(1));
    let found = occurrence_store::at(tx, id, day, slot_no)?;
    let rows = match &found {
        Some(occurrence) => of(tx, &[occurrence.id])?,
        None => Vec::new(),
    };
    let Some((occurrence, status)) = found.zip(status_of(rows.iter(), tx.now)) else {
        let detail = "Nothing was written for all on that day.";
        return Err(Error::invalid(vec![Fault::body("/local_date", "mismatch", detail)]));
    };
    let asked = rows.iter().find(|row| row.client_id == own);
    let Some(asked) = asked else {
        return Err(Error::new(Code::OwnerOnly, "Those who did not write it answer it."));
    };
    if asked.answer != Some(word) {
        let (step, verb) = match word {
            Answer::Confirmed => ("confirm", "joint_confirmed"),
            Answer::Contested => ("contest", "joint_contested"),
        };
        MACHINE.step(status, step)?;
        if asked.answer.is_some() {
            return Err(Error::invalid_transition(status.as_str(), Vec::new()));
        }
        diesel::update(joint::table.find((tx.practice(), occurrence.id, own)))
            .set((joint::answer.eq(Some(word)), joint::answered_at.eq(Some(tx.now))))
            .execute(tx.conn)?;
        if word == Answer::Contested {
            reopen(tx, occurrence.id)?;
        }
        record(tx, &Change::of(Subject::Assignment(id), verb))?;
    }
    let found = occurrence_store::at(tx, id, day, slot_no)?.ok_or_else(Error::not_found)?;
    occurrence_store::show(tx, &homework, vec![found])?.pop().ok_or_else(Error::not_found)
}

/// It is not done any more.
fn reopen(tx: &mut Tx<'_>, occurrence: OccurrenceId) -> Result<()> {
    diesel::update(occurrences::table.find((tx.practice(), occurrence)))
        .set((
            occurrences::status.eq(Progress::Open),
            occurrences::completed_at.eq(None::<Instant>),
            occurrences::version.eq(occurrences::version + 1),
            occurrences::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// How far one occurrence is agreed on, as the caller reads it; none where nobody was asked.
pub(crate) fn show<'a>(
    tx: &Tx<'_>,
    couple: Option<CoupleId>,
    rows: impl Iterator<Item = &'a Row> + Clone,
    names: &[(CoupleId, ClientId, String)],
) -> Option<Confirmation> {
    let status = status_of(rows.clone(), tx.now)?;
    let first = rows.clone().next()?;
    let own = tx.caller.client();
    let mut of_own = rows.filter(|row| own == Some(row.client_id));
    Some(Confirmation {
        status,
        from: name_of(names, couple, first.written_by),
        confirm_by: first.until(),
        awaits_you: status == ConfirmationStatus::Pending
            && of_own.any(|row| row.is_awaited(tx.now)),
    })
}

/// The name by which a couple knows one of its members.
pub(crate) fn name_of(
    names: &[(CoupleId, ClientId, String)],
    couple: Option<CoupleId>,
    client: ClientId,
) -> Option<String> {
    let found = names.iter().find(|(of, who, _)| (Some(*of), *who) == (couple, client));
    found.map(|(.., name)| name.clone())
}
