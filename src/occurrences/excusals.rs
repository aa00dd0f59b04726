//! Days that do not count (`domain` 2.4.2). An excusal is of a day and a number and not of a row, so that it holds
//! for what is made later, and for what is counted by the day.

use diesel::prelude::*;

use super::model::{ExcusalKind, ExcuseOccurrence, Occurrence, ReinstateOccurrence, Row};
use super::plan::Plan;
use super::store;
use crate::assignments::model::AssignmentStatus;
use crate::assignments::store::{Row as AssignmentRow, find_row};
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::db::Date;
use crate::db::id::AssignmentId;
use crate::db::schema::{excusals, occurrences};
use crate::error::{Error, Fault, Result};

/// How far from today a day may lie.
const FAR_DAYS: i32 = 60;

/// The days of an assignment that do not count.
pub(crate) type Excused = Vec<(Date, i32, ExcusalKind)>;

/// Those from one day to another.
pub(crate) fn between(
    tx: &mut Tx<'_>,
    assignment: AssignmentId,
    from: Date,
    until: Date,
) -> Result<Excused> {
    Ok(excusals::table
        .filter(excusals::practice_id.eq(tx.practice()))
        .filter(excusals::assignment_id.eq(assignment))
        .filter(excusals::local_date.between(from, until))
        .select((excusals::local_date, excusals::slot_no, excusals::kind))
        .load(tx.conn)?)
}

/// Why this time does not count, if it does not.
pub(crate) fn kind_of(excused: &Excused, day: Date, slot_no: i32) -> Option<ExcusalKind> {
    let of_it = |(on, no, _): &&(Date, i32, ExcusalKind)| (*on, *no) == (day, slot_no);
    excused.iter().find(of_it).map(|(.., kind)| *kind)
}

/// Takes a time out of what counts.
///
/// It is accepted whatever anybody has sent: a refusal would tell one participant of the other.
///
/// # Errors
/// 404, 409 for what is over, 422 for a day that the assignment does not have.
pub(super) fn excuse(
    tx: &mut Tx<'_>,
    id: AssignmentId,
    wish: &ExcuseOccurrence,
) -> Result<Occurrence> {
    let row = find_row(tx, id)?;
    let (day, slot_no) = (wish.local_date, wish.slot_no.unwrap_or(1));
    let occurrence = find(tx, &row, day, slot_no)?;
    let kind = wish.kind.unwrap_or(ExcusalKind::Grace);
    if kind != ExcusalKind::Grace && !tx.caller.is_practice_side() {
        let detail = "Those who take part give grace.";
        return Err(Error::invalid(vec![Fault::body("/kind", "not_permitted", detail)]));
    }
    let place = (tx.practice(), id, day, slot_no);
    let before: Option<ExcusalKind> =
        excusals::table.find(place).select(excusals::kind).first(tx.conn).optional()?;
    if before.is_none() {
        diesel::insert_into(excusals::table)
            .values((
                excusals::practice_id.eq(tx.practice()),
                excusals::assignment_id.eq(id),
                excusals::local_date.eq(day),
                excusals::slot_no.eq(slot_no),
                excusals::kind.eq(kind),
                excusals::created_at.eq(tx.now),
            ))
            .execute(tx.conn)?;
        touch(tx, occurrence.as_ref())?;
        record(tx, &Change::of(Subject::Assignment(id), "excused"))?;
    }
    show(tx, &row, occurrence, day, slot_no)
}

/// Lets a time count again.
///
/// # Errors
/// 404, 409 for what is over, 422 for what was not excused.
pub(super) fn reinstate(
    tx: &mut Tx<'_>,
    id: AssignmentId,
    wish: &ReinstateOccurrence,
) -> Result<Occurrence> {
    let row = find_row(tx, id)?;
    let (day, slot_no) = (wish.local_date, wish.slot_no.unwrap_or(1));
    let occurrence = find(tx, &row, day, slot_no)?;
    let gone =
        diesel::delete(excusals::table.find((tx.practice(), id, day, slot_no))).execute(tx.conn)?;
    if gone == 0 {
        let detail = "Was not excused.";
        return Err(Error::invalid(vec![Fault::body("/local_date", "mismatch", detail)]));
    }
    touch(tx, occurrence.as_ref())?;
    record(tx, &Change::of(Subject::Assignment(id), "reinstated"))?;
    show(tx, &row, occurrence, day, slot_no)
}

/// The occurrence that is meant; none where it has no row yet, which is where it is made when it is done.
fn find(tx: &mut Tx<'_>, row: &AssignmentRow, day: Date, slot_no: i32) -> Result<Option<Row>> {
    if !AssignmentStatus::OPEN.contains(&row.status) {
        return Err(Error::invalid_transition(row.status.as_str(), Vec::new()));
    }
    let plan = Plan::of(row)?;
    let today = plan.timeline().today(tx.now);
    let (first, last) = (today.plus_days(-FAR_DAYS), today.plus_days(FAR_DAYS));
    let outside = !(first..=last).contains(&day) && !plan.is_once();
    let stored = store::at(tx, row.id, day, slot_no)?.filter(|found| found.planned);
    let counts = plan.takes_events() && slot_no == 1 && day >= row.starts_on;
    if outside || (stored.is_none() && !counts && plan.slot(day, slot_no).is_none()) {
        let detail = "The assignment has no such day within sixty days.";
        return Err(Error::invalid(vec![Fault::body("/local_date", "out_of_range", detail)]));
    }
    Ok(stored)
}

fn touch(tx: &mut Tx<'_>, row: Option<&Row>) -> Result<()> {
    let Some(row) = row else { return Ok(()) };
    diesel::update(occurrences::table.find((tx.practice(), row.id)))
        .set((
            occurrences::updated_at.eq(tx.now),
            occurrences::version.eq(occurrences::version + 1),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The occurrence as the caller reads it, also where it has no row.
fn show(
    tx: &mut Tx<'_>,
    row: &AssignmentRow,
    stored: Option<Row>,
    day: Date,
    slot_no: i32,
) -> Result<Occurrence> {
    let plan = Plan::of(row)?;
    let found = stored.unwrap_or_else(|| {
        let slot = plan.slot(day, slot_no).unwrap_or_else(|| plan.whole_day(day, slot_no));
        Row::of(tx, row.id, slot, false)
    });
    store::show(tx, row, vec![found])?.pop().ok_or_else(Error::not_found)
}
