//! What is in a feed: when a couple has something to do. It is made of what both may know alone, so that the feed of
//! one is the same whatever the other does: of homework for two that is neither sexual nor about safety, and of
//! sessions with both. What somebody has sent, begun or skipped is not asked.

use diesel::prelude::*;
use jiff::tz::TimeZone;

use crate::assignments::model::AssignmentStatus;
use crate::assignments::store::{Row as Homework, visible};
use crate::auth::Tx;
use crate::couples::model::CoupleStatus;
use crate::db::id::{AssignmentId, ClientId, CoupleId};
use crate::db::schema::{assignments, couples, excusals, occurrences};
use crate::db::{Date, Instant, MultiBackend};
use crate::error::{Error, Result};
use crate::occurrences::model::{Progress, Row as Occurrence};
use crate::occurrences::plan::Plan;
use crate::occurrences::rests::{Rests, of_all};
use crate::occurrences::store::as_planned;
use crate::practices::store::zone;
use crate::schedules::Rhythm;
use crate::seal::{Column, Compartment};
use crate::sessions;

const BACK_SECONDS: i64 = 7 * 86_400;
const AHEAD_SECONDS: i64 = 28 * 86_400;
/// How long something takes of which no schedule says it, in minutes.
const USUAL_MINUTES: u16 = 15;
/// Occurrences that are looked at.
const MOST: i64 = 2_000;
/// So long something may be open before it is due: a quota has a year at most.
const LONGEST_OPEN_SECONDS: i64 = 366 * 86_400;
/// A local date is at most so far from the date of its due time in UTC: a day for the zone, and one for what is due
/// as its day ends.
const DAYS_APART: i32 = 2;

/// A name of an entry that is the same each time, and from which nothing can be read.
const UID: Column =
    Column { table: "calendar_feeds", name: "uid", compartment: Compartment::Client };

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) starts_at: Instant,
    pub(super) ends_at: Instant,
    pub(super) uid: String,
}

/// The entries of the calling client, in order.
pub(super) fn of(tx: &mut Tx<'_>) -> Result<Vec<Entry>> {
    let own = tx.caller.client().ok_or_else(Error::not_found)?;
    let (from, until) = (tx.now.plus_seconds(-BACK_SECONDS), tx.now.plus_seconds(AHEAD_SECONDS));
    let mut all = homework(tx, own, (from, until))?;
    for (id, starts_at, ends_at) in sessions::own::joint_between(tx, own, from, until)? {
        all.push(Entry { starts_at, ends_at, uid: uid(tx, own, &format!("session|{id}")) });
    }
    all.retain(|entry| from <= entry.starts_at && entry.starts_at < until);
    all.sort();
    Ok(all)
}

fn uid(tx: &Tx<'_>, own: ClientId, what: &str) -> String {
    let key = tx.keys.lookup(&UID, &format!("{own}|{what}"));
    data_encoding::HEXLOWER.encode(key.as_bytes())
}

fn homework(
    tx: &mut Tx<'_>,
    own: ClientId,
    (from, until): (Instant, Instant),
) -> Result<Vec<Entry>> {
    // What ended long ago has nothing left to become due, and there may be years of it.
    let may_be_due = assignments::status
        .eq_any(AssignmentStatus::OPEN)
        .or(assignments::updated_at.ge(from.plus_seconds(-LONGEST_OPEN_SECONDS)))
        .or(assignments::due_at.ge(from).assume_not_null());
    let rows: Vec<Homework> = visible(tx)?
        .filter(assignments::couple_id.is_not_null())
        .filter(may_be_due)
        .select(Homework::as_select())
        .load(tx.conn)?;
    let parted = parted(tx, &rows)?;
    let ids: Vec<AssignmentId> = rows.iter().map(|row| row.id).collect();
    let foreseen = foreseen(tx, &rows, from, until)?;
    let excused = excused(tx, &ids, &foreseen)?;
    let rests = of_all(tx, &ids)?;
    let mut entries = Vec::new();
    for row in &rows {
        let plan = Plan::of(row)?;
        let rested = Rests::among(&rests, row.id);
        let goes_on = [AssignmentStatus::Assigned, AssignmentStatus::InProgress]
            .contains(&row.status)
            && row.couple_id.is_some_and(|couple| !parted.contains(&couple));
        for one in foreseen.iter().filter(|one| one.assignment_id == row.id) {
            let one = as_planned(&plan, one.clone());
            let Some(due) = one.due_at else { continue };
            let counts = !excused.contains(&(row.id, one.local_date, one.slot_no))
                && !rested.cover(one.closes_at);
            if counts && (goes_on || due <= tx.now) {
                let what = format!("occurrence|{}|{}|{}", row.id, one.local_date, one.slot_no);
                let (starts_at, ends_at) = span(row, due)?;
                entries.push(Entry { starts_at, ends_at, uid: uid(tx, own, &what) });
            }
        }
    }
    Ok(entries)
}

/// From when until when: at its time, or, where a whole day has it, as the last thing of that day.
fn span(row: &Homework, due: Instant) -> Result<(Instant, Instant)> {
    let minutes = row.schedule.0.window_minutes.unwrap_or(USUAL_MINUTES);
    let seconds = i64::from(minutes) * 60;
    let on_the_wall = due.wall_time_in(&zone(&row.timezone)?);
    Ok(if on_the_wall.minutes() == 0 {
        (due.plus_seconds(-seconds), due)
    } else {
        (due, due.plus_seconds(seconds))
    })
}

/// Couples that do nothing together any more.
fn parted(tx: &mut Tx<'_>, rows: &[Homework]) -> Result<Vec<CoupleId>> {
    let ids: Vec<CoupleId> = rows.iter().filter_map(|row| row.couple_id).collect();
    Ok(couples::table
        .filter(couples::practice_id.eq(tx.practice()))
        .filter(couples::id.eq_any(ids))
        .filter(couples::status.eq_any([CoupleStatus::Dissolved, CoupleStatus::Archived]))
        .select(couples::id)
        .load(tx.conn)?)
}

/// What schedules foresee in this span, with a day more behind it. What is there because somebody did
/// something is not among it.
///
/// It is looked for by its day, which an index knows. What is or was to be done once has the first day of its
/// assignment, however late it is due.
fn foreseen(
    tx: &mut Tx<'_>,
    rows: &[Homework],
    from: Instant,
    until: Instant,
) -> Result<Vec<Occurrence>> {
    let until = until.plus_seconds(86_400);
    let first = from.date_in(&TimeZone::UTC).plus_days(-DAYS_APART);
    let last = until.date_in(&TimeZone::UTC).plus_days(DAYS_APART);
    let in_span = |day: Date| first <= day && day <= last;
    let ids: Vec<AssignmentId> = rows.iter().map(|row| row.id).collect();
    let mut found: Vec<Occurrence> = planned(tx, from, until)
        .filter(occurrences::assignment_id.eq_any(ids))
        .filter(occurrences::local_date.between(first, last))
        .select(Occurrence::as_select())
        .load(tx.conn)?;
    let (once, days): (Vec<AssignmentId>, Vec<Date>) = rows
        .iter()
        .filter(|row| !in_span(row.starts_on) && may_be_once(row))
        .map(|row| (row.id, row.starts_on))
        .unzip();
    let on_first_days: Vec<Occurrence> = planned(tx, from, until)
        .filter(occurrences::assignment_id.eq_any(once))
        .filter(occurrences::local_date.eq_any(days))
        .select(Occurrence::as_select())
        .load(tx.conn)?;
    found.extend(on_first_days.into_iter().filter(|one| !in_span(one.local_date)));
    Ok(found)
}

/// True for what is done once, or may have been before its schedule was changed.
fn may_be_once(row: &Homework) -> bool {
    matches!(row.schedule.0.rhythm, Rhythm::Once { .. }) || row.schedule_before.is_some()
}

/// Occurrences that were foreseen, take place, and are due in this span.
fn planned(
    tx: &Tx<'_>,
    from: Instant,
    until: Instant,
) -> occurrences::BoxedQuery<'static, MultiBackend> {
    occurrences::table
        .filter(occurrences::practice_id.eq(tx.practice()))
        .filter(occurrences::due_at.ge(from))
        .filter(occurrences::due_at.lt(until))
        .filter(occurrences::planned.eq(true))
        .filter(occurrences::status.ne(Progress::Cancelled))
        .order((occurrences::assignment_id, occurrences::local_date, occurrences::slot_no))
        .limit(MOST)
        .into_boxed()
}

/// Days that do not count, by the name of what was excused; only of the days that are looked at, since a long
/// treatment has excused many.
fn excused(
    tx: &mut Tx<'_>,
    ids: &[AssignmentId],
    foreseen: &[Occurrence],
) -> Result<Vec<(AssignmentId, Date, i32)>> {
    let days = || foreseen.iter().map(|one| one.local_date);
    let (Some(first), Some(last)) = (days().min(), days().max()) else { return Ok(Vec::new()) };
    Ok(excusals::table
        .filter(excusals::practice_id.eq(tx.practice()))
        .filter(excusals::assignment_id.eq_any(ids))
        .filter(excusals::local_date.between(first, last))
        .select((excusals::assignment_id, excusals::local_date, excusals::slot_no))
        .load(tx.conn)?)
}
