//! Whether the times of a rhythm keep their distance, and close before the next opens.
//!
//! Slots are numbered by their order in the rhythm and never by what is open, so that two can share no date
//! and number. What overlapping windows would cost is the meaning of a moment: to which of two does it belong?

use super::Schedule;
use super::dates::weekday;
use super::faults::Faults;
use super::model::{Opening, Rhythm};
use crate::activities::definition::parts::Weekday;
use crate::db::{Date, WallTime};

const DAY: i32 = 24 * 60;

impl Schedule {
    /// On the wall, without a zone: where a clock is put forward two neighbours come closer by as much.
    pub(super) fn distance_faults(&self, faults: &mut Faults<'_>, starts_on: Date) {
        let Some(Turn { times, length, opening, spacing }) = self.turn(starts_on) else { return };
        let nexts =
            times.iter().skip(1).copied().chain(times.first().map(|(day, at)| (day + length, *at)));
        let (mut near, mut open) = (false, false);
        for (&(day, at), (next_day, next_at)) in times.iter().zip(nexts) {
            let distance = next_day + next_at - day - at;
            let after = opening.closes_after_minutes.map_or(DAY - at, i32::from);
            let before = opening.opens_before_minutes.map_or(next_at, i32::from);
            near |= distance < spacing;
            open |= after + before > distance;
        }
        if near {
            let detail = "Two of these days and times are nearer to one another than this.";
            faults.add("/rhythm/min_spacing_hours", "overlap", detail);
        }
        if open {
            let detail = "One must have closed before the next opens.";
            faults.add("/rhythm/opening", "overlap", detail);
        }
    }

    /// One turn of a rhythm that has times.
    fn turn(&self, starts_on: Date) -> Option<Turn> {
        let minute = |time: Option<WallTime>| time.map_or(DAY, |time| i32::from(time.minutes()));
        let (mut times, days, opening, spacing) = match &self.rhythm {
            Rhythm::Daily { every, times, opening } => {
                let mut minutes: Vec<_> =
                    times.iter().map(|time| (0, minute(Some(*time)))).collect();
                if minutes.is_empty() {
                    minutes.push((0, DAY));
                }
                (minutes, i32::from(*every), *opening, 0)
            }
            Rhythm::Weekly { every, on, min_spacing_hours, opening } => {
                let minutes =
                    on.iter().map(|on| (days_into_week(starts_on, on.day) * DAY, minute(on.time)));
                let spacing = i32::from(min_spacing_hours.unwrap_or(0)) * 60;
                (minutes.collect(), i32::from(*every) * 7, *opening, spacing)
            }
            // The shortest month.
            Rhythm::Monthly { every, time, opening } => {
                (vec![(0, minute(*time))], i32::from(*every) * 28, *opening, 0)
            }
            _ => return None,
        };
        times.sort_unstable();
        Some(Turn { times, length: days * DAY, opening, spacing })
    }
}

/// The times of one turn, in minutes on the wall: where their day begins, and when on it.
struct Turn {
    times: Vec<(i32, i32)>,
    length: i32,
    opening: Opening,
    spacing: i32,
}

/// Where in a week that begins on this date a weekday lies, from 0 to 6.
fn days_into_week(starts_on: Date, day: Weekday) -> i32 {
    (0..7).find(|days| weekday(starts_on.plus_days(*days)) == day).unwrap_or(0)
}
