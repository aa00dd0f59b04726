//! Which time of an exercise a submission belongs to.

use diesel::prelude::*;

use super::model::{NewSubmission, SubmissionStatus};
use crate::assignments::store::Row as AssignmentRow;
use crate::auth::Tx;
use crate::db::id::ClientId;
use crate::db::schema::submissions;
use crate::db::{Date, Instant};
use crate::error::{Error, Fault, Result};
use crate::occurrences::model::{Progress, Row as OccurrenceRow};
use crate::occurrences::plan::{MAY_TRAVEL_SECONDS, Plan};
use crate::occurrences::store::at;
use crate::schedules::Slot;

/// The words of what has not begun.
const NOT_OPEN: &str = "This is not open yet. You are welcome to come back when it is.";
/// The words of what was done a short while ago.
const TOO_SOON: &str =
    "You did this a short while ago. Leave yourselves some time before the next.";

/// The time that a submission is for, with its row where there is one already.
pub(super) struct Meant {
    pub(super) slot: Slot,
    pub(super) stored: Option<OccurrenceRow>,
}

/// When it was completed as far as the service believes it: never after it came in.
#[must_use]
pub fn moment(completed_at: Option<Instant>, now: Instant) -> Instant {
    completed_at.unwrap_or(now).min(now)
}

/// The moment that decides which time is meant. A device that comes back after more than three days is not
/// asked what day it was (`domain` 2.4.12).
#[must_use]
fn moment_of_day(completed_at: Option<Instant>, now: Instant) -> Instant {
    let moment = moment(completed_at, now);
    if moment < now.plus_seconds(-MAY_TRAVEL_SECONDS) { now } else { moment }
}

/// The time that a submission means: the one that it names, or the one that it was for before, or the first that is
/// open and that its author has not done.
///
/// # Errors
/// 409 `not_now` when nothing is open, 422 when the exercise has no such time.
pub(super) fn meant(
    tx: &mut Tx<'_>,
    row: &AssignmentRow,
    plan: &Plan,
    sent: &NewSubmission,
    before: Option<(Date, i32)>,
) -> Result<Option<Meant>> {
    if plan.takes_events() {
        let named = sent.local_date.is_some();
        let fault = || vec![Fault::body("/local_date", "out_of_range", "Events have no day.")];
        return if named { Err(Error::invalid(fault())) } else { Ok(None) };
    }
    let named = sent.local_date.map(|day| (day, sent.slot_no.unwrap_or(1)));
    let (day, slot_no) = match named.or(before) {
        Some(place) => place,
        None => match first_open(tx, row, plan, sent)? {
            Some(slot) => (slot.local_date, slot.slot_no),
            None if plan.is_once() => return Err(no_such_time()),
            None => return Err(Error::not_now(Some(NOT_OPEN))),
        },
    };
    let stored = at(tx, row.id, day, slot_no)?;
    if stored.as_ref().is_some_and(|stored| stored.status == Progress::Cancelled) {
        return Err(no_such_time());
    }
    let is_once = plan.once().is_some_and(|once| (once.local_date, once.slot_no) == (day, slot_no));
    let slot = match &stored {
        // What is done once may be due at another time by now; and a row that no schedule foresaw is there
        // because somebody did something, which the other is not to find out by naming its day.
        Some(stored) if stored.planned && !is_once => Some(stored.slot()),
        stored => plan.slot(day, slot_no).or_else(|| {
            stored.as_ref().filter(|_| before == Some((day, slot_no))).map(OccurrenceRow::slot)
        }),
    };
    let slot = slot.ok_or_else(no_such_time)?;
    // Any day can be named of what is done on demand, and those that lie ahead mean nothing.
    if plan.is_on_demand() && day > plan.timeline().today(tx.now).plus_days(1) {
        return Err(no_such_time());
    }
    Ok(Some(Meant { slot, stored }))
}

/// What has not opened takes nothing.
///
/// # Errors
/// 409 `not_now`.
pub(super) fn check_open(meant: Option<&Meant>, now: Instant) -> Result<()> {
    let opens_later = meant.is_some_and(|meant| meant.slot.opens_at > now);
    if opens_later { Err(Error::not_now(Some(NOT_OPEN))) } else { Ok(()) }
}

fn no_such_time() -> Error {
    let detail = "The exercise has no such day and number; the inbox says which it has.";
    Error::invalid(vec![Fault::body("/local_date", "out_of_range", detail)])
}

/// The first slot that was open when it was done and that its author has not sent anything to.
fn first_open(
    tx: &mut Tx<'_>,
    row: &AssignmentRow,
    plan: &Plan,
    sent: &NewSubmission,
) -> Result<Option<Slot>> {
    let moment = moment_of_day(sent.completed_at, tx.now);
    let open = plan.open_at(moment);
    let wanted = |slot: &&Slot| sent.slot_no.is_none_or(|no| slot.slot_no == no);
    if open.len() < 2 || sent.slot_no.is_some() {
        // What is done once and was open until now is still wanted.
        let once = plan.once();
        return Ok(open.iter().chain(&once).find(wanted).copied());
    }
    let author = tx.caller.client().ok_or_else(Error::not_found)?;
    let done = done(tx, row, author, &open)?;
    Ok(open.iter().find(|slot| !done.contains(&(slot.local_date, slot.slot_no))).copied())
}

fn done(
    tx: &mut Tx<'_>,
    row: &AssignmentRow,
    author: ClientId,
    slots: &[Slot],
) -> Result<Vec<(Date, i32)>> {
    let days: Vec<Date> = slots.iter().map(|slot| slot.local_date).collect();
    // As for an inbox, PostgreSQL is told from which day on.
    let Some(first) = days.iter().min().copied() else { return Ok(Vec::new()) };
    let found: Vec<(Option<Date>, Option<i32>)> = submissions::table
        .filter(submissions::practice_id.eq(tx.practice()))
        .filter(submissions::assignment_id.eq(row.id))
        .filter(submissions::author_id.eq(author))
        .filter(submissions::local_date.eq_any(days))
        .filter(submissions::local_date.ge(first))
        .filter(submissions::status.eq_any(SubmissionStatus::SENT))
        .select((submissions::local_date, submissions::slot_no))
        .load(tx.conn)?;
    Ok(found.into_iter().filter_map(|(day, no)| day.zip(no)).collect())
}

/// Keeps the least distance between two times, as far as this author's own go: what another has done is no reason
/// that they are told.
///
/// # Errors
/// 409 `not_now` when the author's last was too short a while ago.
pub(super) fn check_spacing(
    tx: &mut Tx<'_>,
    row: &AssignmentRow,
    author: ClientId,
    meant: &Meant,
    completed_at: Option<Instant>,
) -> Result<()> {
    type Found = (Option<Date>, Option<i32>, Option<Instant>, Instant);
    let schedule = &row.schedule.0;
    let Some(hours) = schedule.min_spacing_hours() else { return Ok(()) };
    let days = i32::from(hours) / 24 + 8;
    let day = meant.slot.local_date;
    let found: Vec<Found> = submissions::table
        .filter(submissions::practice_id.eq(tx.practice()))
        .filter(submissions::assignment_id.eq(row.id))
        .filter(submissions::author_id.eq(author))
        .filter(submissions::local_date.between(day.plus_days(-days), day.plus_days(days)))
        .filter(submissions::status.eq_any(SubmissionStatus::SENT))
        .select((
            submissions::local_date,
            submissions::slot_no,
            submissions::completed_at,
            submissions::received_at,
        ))
        .load(tx.conn)?;
    let place = (Some(day), Some(meant.slot.slot_no));
    let others = found
        .into_iter()
        .filter(|(day, no, ..)| (*day, *no) != place)
        .map(|(.., completed, received)| moment(completed, received));
    if schedule.keeps_spacing(others, moment(completed_at, tx.now)) {
        Ok(())
    } else {
        Err(Error::not_now(Some(TOO_SOON)))
    }
}

/// True when something comes after the time that it was for: by the device's clock, or because it was three
/// days more on its way.
#[must_use]
pub fn is_late(
    plan: &Plan,
    slot: Option<&Slot>,
    completed_at: Option<Instant>,
    now: Instant,
) -> bool {
    slot.and_then(|slot| plan.deadline(slot)).is_some_and(|by| {
        moment(completed_at, now) > by || now > by.plus_seconds(MAY_TRAVEL_SECONDS)
    })
}
