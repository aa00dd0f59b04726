//! What is wrong with a schedule, all at once.

use super::model::{Due, Opening, Rhythm};
use super::wall::days_between;
use super::{LATEST_DAY_START, Schedule};
use crate::activities::definition::parts::Weekday;
use crate::db::Date;
use crate::error::Fault;

/// The last day of a schedule is so many days after its first at the most: ten years.
const LONGEST_DAYS: i32 = 3653;

/// Faults found so far, with pointers that begin with `at`.
pub(super) struct Faults<'a> {
    at: &'a str,
    list: Vec<Fault>,
}

impl Faults<'_> {
    pub(super) fn add(&mut self, pointer: &str, code: &'static str, detail: impl Into<String>) {
        self.list.push(Fault::body(format!("{}{pointer}", self.at), code, detail.into()));
    }

    fn range(&mut self, pointer: &str, value: impl Into<i32>, least: i32, most: i32) {
        if !(least..=most).contains(&value.into()) {
            self.add(pointer, "out_of_range", format!("From {least} to {most}."));
        }
    }

    fn opening(&mut self, opening: Opening) {
        let at = "/rhythm/opening";
        self.range(
            &format!("{at}/opens_before_minutes"),
            opening.opens_before_minutes.unwrap_or(0),
            0,
            43_200,
        );
        self.range(
            &format!("{at}/closes_after_minutes"),
            opening.closes_after_minutes.unwrap_or(0),
            0,
            43_200,
        );
    }

    fn spacing(&mut self, hours: Option<u16>) {
        self.range("/rhythm/min_spacing_hours", hours.unwrap_or(1), 1, 168);
    }

    fn repeated<T: PartialEq>(&mut self, at: &str, member: &str, items: &[T]) {
        for (index, item) in items.iter().enumerate() {
            if items.iter().take(index).any(|earlier| earlier == item) {
                self.add(&format!("{at}/{index}{member}"), "repeated", "Once each.");
            }
        }
    }

    fn day(&mut self, pointer: &str, day: Date, first: Date, last: Option<Date>) {
        if day < first {
            self.add(pointer, "out_of_range", "Must not be before the first day.");
        } else if days_between(first, day) > LONGEST_DAYS {
            self.add(pointer, "out_of_range", "Ten years after the first day at the latest.");
        } else if last.is_some_and(|last| day > last) {
            self.add(pointer, "out_of_range", "Must not be after `ends_on`.");
        }
    }
}

impl Schedule {
    /// Everything that is wrong with it when it begins on this day. Pointers begin with `at`.
    ///
    /// Bounds of numbers are looked at here as well as by the document: an exercise's own timing comes in
    /// another way, and arithmetic relies on them.
    #[must_use]
    pub fn faults(&self, at: &str, starts_on: Date) -> Vec<Fault> {
        let mut faults = Faults { at, list: Vec::new() };
        faults.range("/window_minutes", self.window_minutes.unwrap_or(1), 1, 600);
        if let Some(end) = self.ends_on {
            faults.day("/ends_on", end, starts_on, None);
        }
        match &self.rhythm {
            Rhythm::Once { due: Some(due) } => self.once_faults(&mut faults, due, starts_on),
            Rhythm::Once { due: None } | Rhythm::OnDemand {} => {}
            Rhythm::Daily { every, times, opening } => {
                faults.range("/rhythm/every", *every, 1, 52);
                faults.opening(*opening);
                if times.len() > 24 {
                    faults.add("/rhythm/times", "too_many", "At most 24.");
                }
                faults.repeated("/rhythm/times", "", times);
            }
            Rhythm::Weekly { every, on, min_spacing_hours, opening } => {
                faults.range("/rhythm/every", *every, 1, 52);
                faults.opening(*opening);
                faults.spacing(*min_spacing_hours);
                if on.is_empty() {
                    faults.add("/rhythm/on", "too_few", "At least one day.");
                }
                let days: Vec<Weekday> = on.iter().map(|on| on.day).collect();
                faults.repeated("/rhythm/on", "/day", &days);
            }
            Rhythm::Quota { .. } => self.quota_faults(&mut faults),
            Rhythm::Monthly { every, opening, .. } => {
                faults.range("/rhythm/every", *every, 1, 52);
                faults.opening(*opening);
            }
            Rhythm::Events { per_day, day_starts_at } => {
                faults.range("/rhythm/per_day", per_day.unwrap_or(1), 1, 24);
                if day_starts_at.is_some_and(|time| time > LATEST_DAY_START) {
                    faults.add("/rhythm/day_starts_at", "out_of_range", "04:00 at the latest.");
                }
            }
        }
        // Distances between times that are faulty in themselves would only say it again.
        if faults.list.is_empty() {
            self.distance_faults(&mut faults, starts_on);
        }
        faults.list
    }

    fn once_faults(&self, faults: &mut Faults<'_>, due: &Due, starts_on: Date) {
        faults.day("/rhythm/due/on", due.on, starts_on, self.ends_on);
        let at = "/rhythm/due/closes_after_minutes";
        faults.range(at, due.closes_after_minutes.unwrap_or(0), 0, 43_200);
    }

    fn quota_faults(&self, faults: &mut Faults<'_>) {
        let Rhythm::Quota { times, times_max, every_weeks, min_spacing_hours } = &self.rhythm
        else {
            return;
        };
        faults.range("/rhythm/times", *times, 1, 24);
        faults.range("/rhythm/every_weeks", *every_weeks, 1, 52);
        faults.spacing(*min_spacing_hours);
        let most = times_max.unwrap_or(*times);
        if most < *times {
            faults.add("/rhythm/times_max", "out_of_range", "Not less than `times`.");
        } else if times_max.is_some() {
            faults.range("/rhythm/times_max", most, 1, 24);
        }
        let hours = i32::from(min_spacing_hours.unwrap_or(0)) * (i32::from(most) - 1);
        if hours >= i32::from(*every_weeks) * 7 * 24 {
            let detail = "So many times do not fit into the span at this distance.";
            faults.add("/rhythm/min_spacing_hours", "overlap", detail);
        }
    }
}
