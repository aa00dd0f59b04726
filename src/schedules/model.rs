//! What a clinician sets: when an exercise is to be done.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::activities::definition::parts::Weekday;
use crate::db::{Date, WallTime};

/// When an exercise is to be done. Made of an exercise's own timing, or set by hand on an assignment.
///
/// It says nothing of a zone or a first day: those are the assignment's, and the same schedule serves
/// partners who move.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// How its times come about.
    pub rhythm: Rhythm,
    /// How long it takes, in minutes: it moves nothing, and decides whether it reaches into the night.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 600)]
    pub window_minutes: Option<u16>,
    /// The last day; null for no end. Ten years after the first day at the latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ends_on: Option<Date>,
}

/// How the times of an exercise come about. Each kind has the members that mean something to it, and no
/// other can be sent: one flat object of optional members would need a rule for every pair of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ScheduleRhythm)]
pub enum Rhythm {
    /// Once.
    Once {
        /// By when; left out, it is open from the first day on and never late.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Due>,
    },
    /// Every so many days, counted from the first day (`seed:1.33`).
    Daily {
        /// Every so many days.
        #[serde(default = "one")]
        #[schema(minimum = 1, maximum = 52)]
        every: u8,
        /// At which times on the wall. Their order gives slots their numbers, the earliest 1. Without
        /// any, the whole day is one slot.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        #[schema(max_items = 24)]
        times: Vec<WallTime>,
        /// How long before and after it can be done.
        #[serde(default, skip_serializing_if = "Opening::is_none")]
        opening: Opening,
    },
    /// On fixed days of the week.
    Weekly {
        /// Every so many weeks, counted from the first day, which begins the first.
        #[serde(default = "one")]
        #[schema(minimum = 1, maximum = 52)]
        every: u8,
        /// The days.
        #[schema(min_items = 1, max_items = 7)]
        on: Vec<OnDay>,
        /// The least time between two, in hours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 1, maximum = 168)]
        min_spacing_hours: Option<u16>,
        /// How long before and after it can be done.
        #[serde(default, skip_serializing_if = "Opening::is_none")]
        opening: Opening,
    },
    /// So many times within a span of weeks, on whichever days (`seed:1.68`). Weeks count from the first day.
    Quota {
        /// How many times.
        #[schema(minimum = 1, maximum = 24)]
        times: u8,
        /// How many at the most; left out, `times`. What goes beyond `times` can be done and is not expected.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 1, maximum = 24)]
        times_max: Option<u8>,
        /// Within how many weeks.
        #[serde(default = "one")]
        #[schema(minimum = 1, maximum = 52)]
        every_weeks: u8,
        /// The least time between two, in hours.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 1, maximum = 168)]
        min_spacing_hours: Option<u16>,
    },
    /// Every so many months; the first time so many months after the first day, whose day of the month it
    /// keeps, or the last day of a month that is too short (`seed:1.127`, with 3).
    Monthly {
        /// Every so many months.
        #[serde(default = "one")]
        #[schema(minimum = 1, maximum = 52)]
        every: u8,
        /// At which time on the wall; left out, at the end of the day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time: Option<WallTime>,
        /// How long before and after it can be done.
        #[serde(default, skip_serializing_if = "Opening::is_none")]
        opening: Opening,
    },
    /// On any day, once a day. No time of it is due, and none exists before somebody does it.
    // Braces, since serde lets a unit variant have any member.
    OnDemand {},
    /// Events, each with its moment and no slot.
    Events {
        /// How many a day are aimed at.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schema(minimum = 1, maximum = 24)]
        per_day: Option<u8>,
        /// When a day begins for them, from 00:00 to 04:00: what is noted before belongs to the day before
        /// (`domain` 2.9, rule 4). Left out when it is assigned, it is what the practice has set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        day_starts_at: Option<WallTime>,
    },
}

/// By when something is due that is done once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScheduleDue)]
pub struct Due {
    /// The day.
    pub on: Date,
    /// The time on the wall; left out, the end of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<WallTime>,
    /// How long after it can still be done, in minutes; left out, until the schedule ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 43_200)]
    pub closes_after_minutes: Option<u16>,
}

/// A day of the week, and when on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScheduleWeekday)]
pub struct OnDay {
    /// The day.
    pub day: Weekday,
    /// The time on the wall; left out, the end of the day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<WallTime>,
}

/// How long before and after it is due something can be done, in minutes that pass and not minutes on the
/// wall (`domain` 2.9, rule 3). What is left out reaches to the beginning or to the end of the day.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScheduleOpening)]
pub struct Opening {
    /// How long before it is due it opens.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 43_200)]
    pub opens_before_minutes: Option<u16>,
    /// How long after it was due it closes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 43_200)]
    pub closes_after_minutes: Option<u16>,
}

impl Opening {
    /// True when it says nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

fn one() -> u8 {
    1
}
