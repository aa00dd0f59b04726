//! Queries on time proposals. Every one starts from the assignments that the caller may see.

use diesel::prelude::*;

use super::model::{NewTimeProposal, Row, TimeProposal, TimeProposalFilter, TimeProposalStatus};
use super::transitions::others;
use crate::assignments;
use crate::assignments::model::AssignmentStatus;
use crate::assignments::store::Row as AssignmentRow;
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::couples;
use crate::couples::members::store::display_names;
use crate::db::Doc;
use crate::db::id::{AssignmentId, ClientId, CoupleId, TimeProposalId};
use crate::db::schema::{time_proposal_confirmations as confirmations, time_proposals};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::page::{Position, Window, windowed};

/// How long a proposal can be answered, in seconds: fourteen days.
const ANSWERABLE_SECONDS: i64 = 14 * 86_400;

/// One proposal.
///
/// # Errors
/// 404 when the caller sees no such one.
pub fn find(tx: &mut Tx<'_>, id: TimeProposalId) -> Result<TimeProposal> {
    let row = find_row(tx, id)?;
    show(tx, vec![row])?.pop().ok_or_else(Error::not_found)
}

pub(super) fn find_row(tx: &mut Tx<'_>, id: TimeProposalId) -> Result<Row> {
    let row: Row = time_proposals::table
        .find((tx.practice(), id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()?;
    assignments::store::find_row(tx, row.assignment_id)?;
    Ok(row)
}

/// One page of an assignment's proposals.
///
/// # Errors
/// 404 when the caller sees no such assignment.
pub(super) fn list(
    tx: &mut Tx<'_>,
    assignment: AssignmentId,
    filter: &TimeProposalFilter,
    window: Window,
) -> Result<Vec<(Position, TimeProposal)>> {
    assignments::store::find_row(tx, assignment)?;
    let mut query = time_proposals::table
        .filter(time_proposals::practice_id.eq(tx.practice()))
        .filter(time_proposals::assignment_id.eq(assignment))
        .into_boxed();
    if let Some(since) = filter.updated_since {
        query = query.filter(time_proposals::updated_at.ge(since));
    }
    let rows: Vec<Row> =
        windowed!(query, time_proposals, window).select(Row::as_select()).load(tx.conn)?;
    Ok(show(tx, rows)?.into_iter().map(|one| (one.position(), one)).collect())
}

/// Proposes another time.
///
/// # Errors
/// 404, 409 while another is pending or when the assignment is over, 422 for what is no other time of it.
pub(crate) fn create(
    tx: &mut Tx<'_>,
    assignment: AssignmentId,
    new: &NewTimeProposal,
) -> Result<TimeProposal> {
    let own = tx.caller.client().ok_or_else(Error::not_found)?;
    let homework = assignments::store::find_row(tx, assignment)?;
    check_open(tx, &homework)?;
    let Some(couple_id) = homework.couple_id else {
        let detail = "It is yours alone; ask whoever assigned it for another time.";
        return Err(Error::invalid(vec![Fault::body("", "not_allowed", detail)]));
    };
    let weekdays = new.weekdays.clone();
    let schedule = homework
        .schedule
        .0
        .at_another_time(new.time_of_day, weekdays.as_deref(), homework.starts_on)
        .map_err(Error::invalid)?;
    if let Some(before) = pending(tx, assignment)?.filter(|row| row.expires_at <= tx.now) {
        end(tx, &before)?;
    }
    let row = Row {
        practice_id: tx.practice(),
        id: tx.new_id(),
        assignment_id: assignment,
        couple_id,
        proposed_by: own,
        time_of_day: new.time_of_day,
        weekdays: Doc(weekdays.unwrap_or_default()),
        schedule: Doc(schedule),
        status: TimeProposalStatus::Pending,
        expires_at: tx.now.plus_seconds(ANSWERABLE_SECONDS),
        decided_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    if others(tx, &row)?.is_empty() {
        return Err(Error::not_now(None));
    }
    diesel::insert_into(time_proposals::table)
        .values(&row)
        .execute(tx.conn)
        .on_duplicate("Another time is proposed already: it is answered or taken back first.")?;
    record(tx, &Change::of(Subject::Assignment(assignment), "time_proposed"))?;
    show(tx, vec![row])?.pop().ok_or_else(Error::not_found)
}

/// Whether the time of an assignment can still be another: it is open, and the couple has not parted.
///
/// # Errors
/// 409 with where it stands.
pub(super) fn check_open(tx: &mut Tx<'_>, homework: &AssignmentRow) -> Result<()> {
    if !AssignmentStatus::OPEN.contains(&homework.status) {
        return Err(Error::invalid_transition(homework.status.public().as_str(), Vec::new()));
    }
    let Some(couple) = homework.couple_id else { return Ok(()) };
    let status = couples::store::status(tx, couple)?;
    if status.is_over() {
        return Err(Error::invalid_transition(status.as_str(), Vec::new()));
    }
    Ok(())
}

/// Ends what is pending: the assignment has another schedule, or is over.
///
/// # Errors
/// Those of the database.
pub(crate) fn lapse(tx: &mut Tx<'_>, assignment: AssignmentId) -> Result<()> {
    pending(tx, assignment)?.map_or(Ok(()), |row| end(tx, &row))
}

fn pending(tx: &mut Tx<'_>, assignment: AssignmentId) -> Result<Option<Row>> {
    Ok(time_proposals::table
        .filter(time_proposals::practice_id.eq(tx.practice()))
        .filter(time_proposals::assignment_id.eq(assignment))
        .filter(time_proposals::status.eq(TimeProposalStatus::Pending))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Writes down that a proposal has ended by itself: when its days had gone by, if they have.
fn end(tx: &mut Tx<'_>, row: &Row) -> Result<()> {
    diesel::update(time_proposals::table.find((tx.practice(), row.id)))
        .set((
            time_proposals::status.eq(TimeProposalStatus::Lapsed),
            time_proposals::decided_at.eq(Some(tx.now.min(row.expires_at))),
            time_proposals::version.eq(row.version + 1),
            time_proposals::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    record(tx, &Change::of(Subject::Assignment(row.assignment_id), "time_lapsed"))
}

/// Writes a changed proposal with its record.
pub(super) fn save(tx: &mut Tx<'_>, mut row: Row, verb: &'static str) -> Result<TimeProposal> {
    row.version += 1;
    row.updated_at = tx.now;
    diesel::update(time_proposals::table.find((tx.practice(), row.id)))
        .set(&row)
        .execute(tx.conn)?;
    record(tx, &Change::of(Subject::Assignment(row.assignment_id), verb))?;
    show(tx, vec![row])?.pop().ok_or_else(Error::not_found)
}

/// Who has accepted which of these proposals, in the order of their answers.
pub(super) fn accepted_by(
    tx: &mut Tx<'_>,
    proposals: &[TimeProposalId],
) -> Result<Vec<(TimeProposalId, ClientId)>> {
    Ok(confirmations::table
        .filter(confirmations::practice_id.eq(tx.practice()))
        .filter(confirmations::proposal_id.eq_any(proposals))
        .order((confirmations::confirmed_at, confirmations::client_id))
        .select((confirmations::proposal_id, confirmations::client_id))
        .load(tx.conn)?)
}

fn show(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<TimeProposal>> {
    let ids: Vec<TimeProposalId> = rows.iter().map(|row| row.id).collect();
    let mut couples: Vec<CoupleId> = rows.iter().map(|row| row.couple_id).collect();
    couples.dedup();
    let accepted = accepted_by(tx, &ids)?;
    let names = display_names(tx, &couples)?;
    Ok(rows.into_iter().map(|row| show_one(tx, row, &accepted, &names)).collect())
}

/// A proposal as the caller reads it, with the names by which the couple's members know each other.
pub(crate) fn show_one(
    tx: &Tx<'_>,
    row: Row,
    accepted: &[(TimeProposalId, ClientId)],
    names: &[(CoupleId, ClientId, String)],
) -> TimeProposal {
    let own = tx.caller.client();
    let status = row.status_at(tx.now);
    let name = |client: ClientId| {
        let named = names.iter().find(|(of, who, _)| (*of, *who) == (row.couple_id, client));
        named.map(|(.., name)| name.clone())
    };
    let yes = || accepted.iter().filter(|(of, _)| *of == row.id).map(|(_, client)| *client);
    let asked = own.is_some_and(|own| own != row.proposed_by && !yes().any(|who| who == own));
    let lapsed_at = Some(row.expires_at).filter(|_| status == TimeProposalStatus::Lapsed);
    TimeProposal {
        id: row.id,
        assignment_id: row.assignment_id,
        from: name(row.proposed_by),
        proposed_by: Some(row.proposed_by).filter(|by| own.is_none_or(|own| own == *by)),
        time_of_day: row.time_of_day,
        accepted_by: yes().filter_map(name).collect(),
        awaits_you: asked && status == TimeProposalStatus::Pending,
        weekdays: row.weekdays.0,
        schedule: row.schedule.0,
        status,
        expires_at: row.expires_at,
        decided_at: row.decided_at.or(lapsed_at),
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
