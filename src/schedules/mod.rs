//! When homework is due: the arithmetic of schedules (`domain` 2.9), without database or HTTP.
//!
//! A [`Schedule`] is what somebody sets. A [`Timeline`] is a schedule in a zone from a first day on, and
//! yields [`Slot`]s. A slot is named by its local date and its number on that day (decision record 0022);
//! both come from the schedule alone, so that the same slots come out whenever and in whatever pieces they
//! are asked for. That is what makes whoever stores them idempotent and free to stop anywhere.
//!
//! - `model.rs` what can be set, `faults.rs` and `distance.rs` what is wrong with it, `of_timing.rs` how it
//!   is made of an exercise's own timing;
//! - `wall.rs` from the wall to moments, `dates.rs` the days on which something is due, `slots.rs` what is
//!   due on them, `quota.rs` so many times a week;
//! - `change.rs` from which day on another schedule or zone holds, `another_time.rs` the same schedule at another
//!   time.

mod another_time;
mod change;
mod dates;
mod distance;
mod faults;
mod model;
mod of_timing;
mod quota;
mod slots;
#[cfg(test)]
mod tests;
mod wall;

use jiff::tz::TimeZone;

pub use self::change::change_from;
pub use self::model::{Due, OnDay, Opening, Rhythm, Schedule};
pub use self::quota::expected;
use crate::db::{Date, Instant, WallTime};

/// So many days ahead slots are made (`domain` 2.9, rule 7).
pub const HORIZON_DAYS: i32 = 28;

/// The latest time at which a practice's days may begin for events (`domain` 2.9, rule 4).
pub const LATEST_DAY_START: WallTime = WallTime::from_minutes(4 * 60);

/// One time of an exercise. `opens_at <= due_at <= closes_at`; it is open from the first until just before
/// the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// The day that its rule names, in the schedule's zone: that of `due_at`. What is due at the end of a
    /// day is due at the first moment of the next, and belongs to the day that ended.
    pub local_date: Date,
    /// Which of several on that day, from 1 to 24.
    pub slot_no: i32,
    /// From when it can be done.
    pub opens_at: Instant,
    /// By when it is due; none for what is done once and has no date.
    pub due_at: Option<Instant>,
    /// Until when it can be done; none for what stays open.
    pub closes_at: Option<Instant>,
}

impl Slot {
    /// True when it can be done at this moment.
    #[must_use]
    pub fn is_open(&self, moment: Instant) -> bool {
        self.opens_at <= moment && self.closes_at.is_none_or(|closes| moment < closes)
    }
}

/// A schedule in its zone, from its first day on.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    schedule: Schedule,
    zone: TimeZone,
    starts_on: Date,
    holds_from: Date,
    day_starts_at: WallTime,
}

impl Timeline {
    /// The timeline of a schedule without [`faults`](Schedule::faults). Weeks, months and every other
    /// number of days count from `starts_on`, which is day 1.
    ///
    /// Of a faulty schedule it makes something, and nothing of which the rest here is promised.
    #[must_use]
    pub fn new(schedule: Schedule, zone: TimeZone, starts_on: Date) -> Self {
        let day_starts_at = match schedule.rhythm {
            Rhythm::Events { day_starts_at: Some(time), .. } => time.min(LATEST_DAY_START),
            _ => wall::MIDNIGHT,
        };
        Self { schedule, zone, starts_on, holds_from: starts_on, day_starts_at }
    }

    /// The same, yielding nothing before this day: what [`change_from`] says of a changed timeline.
    /// Counting still begins at `starts_on`.
    #[must_use]
    pub fn holding_from(self, day: Date) -> Self {
        Self { holds_from: day.max(self.starts_on), ..self }
    }

    /// The same, with events of the small hours belonging to the day before.
    #[cfg(test)]
    fn starting_days_at(self, time: WallTime) -> Self {
        Self { day_starts_at: time.min(LATEST_DAY_START), ..self }
    }

    /// The day to which an event of this moment belongs. Days have 23 to 25 hours, and every moment has one.
    #[must_use]
    pub fn local_date_of(&self, moment: Instant) -> Date {
        wall::day_of(moment, self.day_starts_at, &self.zone)
    }

    /// The day on the wall at this moment.
    #[must_use]
    pub fn today(&self, moment: Instant) -> Date {
        moment.date_in(&self.zone)
    }

    /// The first day on which something of it may be.
    #[must_use]
    pub fn first_day(&self) -> Date {
        self.holds_from
    }

    /// The day before every slot that may be open at this moment or later.
    #[must_use]
    pub fn first_day_open(&self, moment: Instant) -> Date {
        self.days_open(moment).0
    }

    /// The first moment of a day.
    #[must_use]
    pub fn beginning_of(&self, day: Date) -> Instant {
        wall::start_of(day, &self.zone)
    }

    /// When its last day is over; none for what has no end.
    #[must_use]
    pub fn ends_at(&self) -> Option<Instant> {
        self.schedule.ends_on.map(|end| wall::end_of(end, &self.zone))
    }

    /// The day before which [`slots`](Self::slots) has all that open on one of the next
    /// [`HORIZON_DAYS`], of which today is the first. A slot may open long before its day, as one of eight
    /// weeks does; so this day lies further ahead than the horizon.
    #[must_use]
    pub fn horizon(&self, now: Instant) -> Date {
        now.date_in(&self.zone).plus_days(HORIZON_DAYS).plus_days(self.lead_days())
    }

    /// True when a slot, seen from a member's own zone, has any of its minutes at 23:00 or later or before
    /// 06:00, from when it is due for as long as it takes (`domain` 2.9, rule 9). What has a day and no
    /// time is never at night: nobody has to be awake for it.
    #[must_use]
    pub fn falls_at_night(&self, slot: &Slot, zone: &TimeZone) -> bool {
        const NIGHT_BEGINS: WallTime = WallTime::from_minutes(23 * 60);
        const NIGHT_ENDS: WallTime = WallTime::from_minutes(6 * 60);
        let Some(due) = slot.due_at else { return false };
        if due == wall::end_of(slot.local_date, &self.zone) {
            return false;
        }
        // Nights are looked at as spans of moments, so that one with a changing clock is no special case.
        let last = due.plus_seconds(i64::from(self.schedule.window_minutes.unwrap_or(0)) * 60);
        let today = due.date_in(zone);
        [today.plus_days(-1), today].into_iter().any(|evening| {
            let begins = wall::reached(evening, NIGHT_BEGINS, zone);
            let ends = wall::reached(evening.plus_days(1), NIGHT_ENDS, zone);
            due < ends && (begins < last || begins <= due)
        })
    }
}
