//! Which week a day belongs to (`domain` 2.9, rule 8).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::Date;

/// How weeks are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FigureWeeks)]
pub enum Weeks {
    /// From Monday.
    Calendar,
    /// From this day on: the first day of an assignment.
    From(Date),
}

impl Weeks {
    /// The first day of the week of this day.
    #[must_use]
    pub fn start_of(self, day: Date) -> Date {
        let behind = match self {
            Self::Calendar => i32::from(day.0.weekday().to_monday_zero_offset()),
            Self::From(first) => days_between(first, day).rem_euclid(7),
        };
        day.plus_days(-behind)
    }

    /// The first days of all weeks from that of one day to that of another, in order.
    #[must_use]
    pub fn between(self, first: Date, last: Date) -> Vec<Date> {
        let starts = std::iter::successors(Some(self.start_of(first)), |start| {
            Some(start.plus_days(7)).filter(|next| days_between(*start, *next) == 7)
        });
        starts.take_while(|start| *start <= last).collect()
    }
}

/// Whole days from one day to another; negative when the other lies before.
#[must_use]
pub fn days_between(from: Date, to: Date) -> i32 {
    (to.0 - from.0).get_days()
}

/// The days on which an assignment runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// Its first day.
    pub starts_on: Date,
    /// Its last day, if it has one.
    pub ends_on: Option<Date>,
}

impl Term {
    /// How many days the week that begins on this day has within the term: fewer than seven in the last.
    fn days_in_week(self, start: Date) -> u32 {
        let last = self.ends_on.map_or(start.plus_days(6), |end| end.min(start.plus_days(6)));
        let first = self.starts_on.max(start);
        u32::try_from(days_between(first, last) + 1).unwrap_or(0)
    }

    /// How many are asked for in that week of so many a week. A shortened week asks for `ceil(many x days / 7)`; a
    /// day that is excused shortens its week.
    pub(super) fn share(self, many: u32, start: Date, excused: &BTreeSet<Date>) -> u32 {
        let off = excused.range(start..=start.plus_days(6)).count();
        let left = self.days_in_week(start).saturating_sub(u32::try_from(off).unwrap_or(u32::MAX));
        many.saturating_mul(left).div_ceil(7)
    }
}
