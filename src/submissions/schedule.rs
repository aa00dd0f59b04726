//! Which time of an exercise a submission belongs to: the seam at which schedules come in.
//!
//! There are three kinds as yet. Events belong to no time. What is due once, or has no rhythm, has one
//! occurrence, which begins on the assignment's first day. What has a rhythm and no due date is done on
//! demand: each day has an occurrence, which comes to be when somebody first submits to it.

use jiff::tz::TimeZone;

use super::model::NewSubmission;
use crate::activities::definition::{Capture, Definition};
use crate::assignments::store::Row as AssignmentRow;
use crate::db::{Date, Instant};
use crate::error::{Error, Fault, Result};
use crate::practices::store::zone;

/// How long after it was completed a device's own clock decides the day, in seconds (`domain` 2.4.12).
const DEVICE_CLOCK_COUNTS_SECONDS: i64 = 72 * 3600;

/// How the times of an assignment come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Events, each with its moment.
    Events,
    /// Once, from this day on.
    Once(Date),
    /// On any day from this one on.
    Daily(Date),
}

/// One time of an exercise.
#[expect(clippy::struct_field_names, reason = "it is called so in bodies and in the table")]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// The day.
    pub local_date: Date,
    /// Which of several on that day.
    pub slot_no: i32,
    /// From when it can be done.
    pub opens_at: Instant,
    /// By when it is due.
    pub due_at: Option<Instant>,
}

impl Plan {
    /// The plan of an assignment.
    #[must_use]
    pub(crate) fn of(row: &AssignmentRow, definition: &Definition) -> Self {
        Self::of_kind(row, definition.capture, definition.timing.is_some())
    }

    /// The plan of an assignment of an exercise that takes answers in this way, in a rhythm or without one.
    #[must_use]
    pub(crate) fn of_kind(row: &AssignmentRow, capture: Capture, has_timing: bool) -> Self {
        match capture {
            Capture::Event => Self::Events,
            _ if row.due_at.is_some() || !has_timing => Self::Once(row.starts_on),
            _ => Self::Daily(row.starts_on),
        }
    }

    /// The slot of this day.
    ///
    /// # Errors
    /// A fault of the service when the assignment's zone is unknown.
    pub(crate) fn slot(self, row: &AssignmentRow, day: Date, slot_no: i32) -> Result<Option<Slot>> {
        let zone = zone(&row.timezone)?;
        Ok(match self {
            Self::Events => None,
            Self::Once(first) => Some(Slot {
                local_date: first,
                slot_no: 1,
                opens_at: start_of(first, &zone),
                due_at: row.due_at,
            }),
            Self::Daily(first) => {
                let day = day.max(first);
                Some(Slot {
                    local_date: day,
                    slot_no,
                    opens_at: start_of(day, &zone),
                    due_at: Some(start_of(day.plus_days(1), &zone)),
                })
            }
        })
    }
}

/// When a day begins on the wall. Where the hour does not exist, the first that does.
fn start_of(day: Date, zone: &TimeZone) -> Instant {
    day.0.to_zoned(zone.clone()).map_or(Instant::from_micros(0), |start| start.timestamp().into())
}

/// When it was completed as far as the service believes it: never after it came in.
#[must_use]
pub fn moment(completed_at: Option<Instant>, now: Instant) -> Instant {
    completed_at.unwrap_or(now).min(now)
}

/// The day on the wall of an assignment to which something of this moment belongs. A device that comes
/// back after more than three days is not asked what day it was.
///
/// # Errors
/// A fault of the service when the assignment's zone is unknown.
pub(crate) fn day_of(
    row: &AssignmentRow,
    completed_at: Option<Instant>,
    now: Instant,
) -> Result<Date> {
    let moment = moment(completed_at, now);
    let old = moment < now.plus_seconds(-DEVICE_CLOCK_COUNTS_SECONDS);
    Ok((if old { now } else { moment }).date_in(&zone(&row.timezone)?))
}

/// The slot that a submission means: the one that it was for before, if it changes one.
///
/// # Errors
/// 422 when the exercise has no such day.
pub(crate) fn slot_meant(
    row: &AssignmentRow,
    plan: Plan,
    sent: &NewSubmission,
    before: Option<Date>,
    now: Instant,
) -> Result<Option<Slot>> {
    let today = now.date_in(&zone(&row.timezone)?);
    let day = match sent.local_date.or(before) {
        Some(day) => day,
        None => day_of(row, sent.completed_at, now)?,
    };
    let slot_no = sent.slot_no.unwrap_or(1);
    let wrong = |at, detail| Err(Error::invalid(vec![Fault::body(at, "out_of_range", detail)]));
    match plan {
        Plan::Events if sent.local_date.is_some() => wrong("/local_date", "Events have no day."),
        Plan::Once(first) if sent.local_date.is_some_and(|day| day != first) => {
            wrong("/local_date", "This is done once; leave the day out, or give its first one.")
        }
        Plan::Daily(first) if day < first => {
            wrong("/local_date", "Must not be before the assignment begins.")
        }
        // Somebody further east may have begun the next day.
        Plan::Daily(_) if day > today.plus_days(1) => {
            wrong("/local_date", "Must not lie in the future.")
        }
        Plan::Once(_) | Plan::Daily(_) if slot_no > 1 => {
            wrong("/slot_no", "There is one time on each day.")
        }
        _ => plan.slot(row, day, slot_no),
    }
}

/// True when something comes after the time that it was for: by the device's clock, or because it was three
/// days more on its way.
#[must_use]
pub fn is_late(slot: Option<Slot>, completed_at: Option<Instant>, now: Instant) -> bool {
    slot.and_then(|slot| slot.due_at).is_some_and(|due| {
        moment(completed_at, now) > due || now > due.plus_seconds(DEVICE_CLOCK_COUNTS_SECONDS)
    })
}
