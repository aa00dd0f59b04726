//! So many times within a span of weeks, on whichever days (`domain` 2.9, rule 8; `seed:1.68`).

use super::model::{Rhythm, Schedule};
use crate::db::Instant;

/// How many times are expected of a span of which only so many days are left: the share, rounded up.
///
/// Rounded up and not down, so that whoever begins late in a programme still has something to do. Never
/// more than `times`, and none for no day.
#[must_use]
pub fn expected(times: u8, days: i32, of_days: i32) -> i32 {
    let days = days.clamp(0, of_days.max(0));
    let share = i32::from(times).saturating_mul(days);
    if of_days <= 0 { 0 } else { share.saturating_add(of_days - 1) / of_days }
}

impl Schedule {
    /// The least distance between two times that are done, in hours, if there is one.
    #[must_use]
    pub fn min_spacing_hours(&self) -> Option<u16> {
        match &self.rhythm {
            Rhythm::Weekly { min_spacing_hours, .. } | Rhythm::Quota { min_spacing_hours, .. } => {
                *min_spacing_hours
            }
            _ => None,
        }
    }

    /// True when something done at this moment keeps the least distance to everything else that was done.
    ///
    /// The distance is a duration and not one on the wall: twelve hours are twelve hours in every night
    /// (`domain` 2.9, rule 3). It looks both ways, since what was done offline may arrive after what came
    /// later. Whoever takes submissions asks this; slots do not know what is done in them.
    #[must_use]
    pub fn keeps_spacing(
        &self,
        others: impl IntoIterator<Item = Instant>,
        moment: Instant,
    ) -> bool {
        let least = u64::from(self.min_spacing_hours().unwrap_or(0)) * 3_600_000_000;
        others.into_iter().all(|other| other.micros().abs_diff(moment.micros()) >= least)
    }
}
