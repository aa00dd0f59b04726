//! Makes occurrences ahead of their time, and ends what is over (`domain` 2.9, rules 5 and 7).
//!
//! It happens in the unit of work that assigns or changes, and then once a day by the worker. What is made is
//! decided by the schedule alone, in the same order and under the same names however often and in whatever pieces it
//! is asked for; so it may be done again, by anybody, and stopped anywhere.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::model::{Progress, Row};
use super::plan::Plan;
use crate::assignments::model::AssignmentStatus;
use crate::assignments::store::Row as AssignmentRow;
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::db::conn::each;
use crate::db::id::AssignmentId;
use crate::db::schema::{assignments, occurrences};
use crate::db::{Date, Instant};
use crate::error::Result;
use crate::time_proposals;

/// How long until more is made, in seconds: the horizon is some days longer than anybody looks.
const AGAIN_SECONDS: i64 = 86_400;

/// Makes what is not made yet up to the horizon. How many that was.
pub(crate) fn make(tx: &mut Tx<'_>, row: &AssignmentRow) -> Result<usize> {
    let plan = Plan::of(row)?;
    let until = if plan.recurs() {
        plan.timeline().horizon(tx.now)
    } else {
        plan.once().map_or(row.starts_on, |once| once.local_date).plus_days(1)
    };
    let from = row.made_until.unwrap_or_else(|| plan.timeline().first_day());
    let wanted = if plan.is_on_demand() { Vec::new() } else { plan.slots(from, until) };
    let known = known(tx, row.id, from)?;
    let new: Vec<Row> = wanted
        .into_iter()
        .filter(|slot| !known.contains(&(slot.local_date, slot.slot_no)))
        .map(|slot| Row::of(tx, row.id, slot, true))
        .collect();
    // A statement has room for so many values.
    for some in new.chunks(64) {
        each!(tx.conn, conn => diesel::insert_into(occurrences::table).values(some).execute(conn))?;
    }
    let again = plan.recurs().then(|| tx.now.plus_seconds(AGAIN_SECONDS));
    let over = plan.over_at().filter(|over| again.is_none_or(|again| *over <= again));
    diesel::update(assignments::table.find((tx.practice(), row.id)))
        .set((
            assignments::made_until.eq(Some(until.max(from))),
            assignments::work_at.eq(over.or(again)),
        ))
        .execute(tx.conn)?;
    Ok(new.len())
}

/// What is there already from a day on: what somebody has done before it was foreseen, too.
fn known(tx: &mut Tx<'_>, id: AssignmentId, from: Date) -> Result<BTreeSet<(Date, i32)>> {
    let found: Vec<(Date, i32)> = occurrences::table
        .filter(occurrences::practice_id.eq(tx.practice()))
        .filter(occurrences::assignment_id.eq(id))
        .filter(occurrences::local_date.ge(from))
        .select((occurrences::local_date, occurrences::slot_no))
        .load(tx.conn)?;
    Ok(found.into_iter().collect())
}

/// Takes back what was made from a day on and has not opened, so that it is made anew.
pub(crate) fn unmake(tx: &mut Tx<'_>, id: AssignmentId, from: Date) -> Result<()> {
    diesel::delete(
        occurrences::table
            .filter(occurrences::practice_id.eq(tx.practice()))
            .filter(occurrences::assignment_id.eq(id))
            .filter(occurrences::local_date.ge(from))
            .filter(occurrences::status.eq(Progress::Open))
            .filter(occurrences::opens_at.gt(tx.now)),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// What has not opened does not take place any more: the assignment is over.
pub(crate) fn cancel(tx: &mut Tx<'_>, row: &AssignmentRow) -> Result<()> {
    let from = Plan::of(row)?.timeline().first_day_open(tx.now);
    diesel::update(
        occurrences::table
            .filter(occurrences::practice_id.eq(tx.practice()))
            .filter(occurrences::assignment_id.eq(row.id))
            .filter(occurrences::local_date.ge(from))
            .filter(occurrences::status.eq(Progress::Open))
            .filter(occurrences::opens_at.gt(tx.now)),
    )
    .set((occurrences::status.eq(Progress::Cancelled), occurrences::updated_at.eq(tx.now)))
    .execute(tx.conn)?;
    diesel::update(assignments::table.find((tx.practice(), row.id)))
        .set(assignments::work_at.eq(None::<Instant>))
        .execute(tx.conn)?;
    Ok(())
}

/// The assignments of a practice that the worker has something to do with, longest waiting first.
///
/// # Errors
/// Those of the database.
pub(crate) fn due(tx: &mut Tx<'_>, most: i64) -> Result<Vec<(AssignmentId, Instant)>> {
    let found: Vec<(AssignmentId, Option<Instant>)> = assignments::table
        .filter(assignments::practice_id.eq(tx.practice()))
        .filter(assignments::work_at.le(tx.now))
        .order((assignments::work_at, assignments::id))
        .limit(most)
        .select((assignments::id, assignments::work_at))
        .load(tx.conn)?;
    Ok(found.into_iter().filter_map(|(id, at)| Some((id, at?))).collect())
}

/// Does what an assignment waits for, unless another worker has: ends it, or makes more. How many occurrences
/// were made.
///
/// # Errors
/// Those of the database.
pub(crate) fn work(tx: &mut Tx<'_>, id: AssignmentId, due: Instant) -> Result<usize> {
    let claimed = diesel::update(assignments::table.find((tx.practice(), id)))
        .filter(assignments::work_at.eq(due))
        .set(assignments::work_at.eq(None::<Instant>))
        .execute(tx.conn)?;
    if claimed == 0 {
        return Ok(0);
    }
    let row: AssignmentRow = assignments::table
        .find((tx.practice(), id))
        .select(AssignmentRow::as_select())
        .first(tx.conn)?;
    if !AssignmentStatus::OPEN.contains(&row.status) {
        return Ok(0);
    }
    match Plan::of(&row)?.over_at() {
        Some(over) if over <= tx.now => end(tx, &row).map(|()| 0),
        _ => make(tx, &row),
    }
}

/// Looks at an assignment later that could not be looked at now.
///
/// # Errors
/// Those of the database.
pub(crate) fn put_off(tx: &mut Tx<'_>, id: AssignmentId, until: Instant) -> Result<()> {
    diesel::update(assignments::table.find((tx.practice(), id)))
        .set(assignments::work_at.eq(Some(until)))
        .execute(tx.conn)?;
    Ok(())
}

/// Its term is over: done, if anything was begun that all can see, and else past. What rests waits until it goes
/// on.
fn end(tx: &mut Tx<'_>, row: &AssignmentRow) -> Result<()> {
    let (status, verb) = match row.status {
        AssignmentStatus::InProgress => (AssignmentStatus::Completed, "completed"),
        AssignmentStatus::Assigned => (AssignmentStatus::Expired, "expired"),
        _ => return Ok(()),
    };
    time_proposals::store::lapse(tx, row.id)?;
    diesel::update(assignments::table.find((tx.practice(), row.id)))
        .set((
            assignments::status.eq(status),
            assignments::version.eq(row.version + 1),
            assignments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    record(tx, &Change { subject: Subject::Assignment(row.id), verb, fields: &["status"] })
}
