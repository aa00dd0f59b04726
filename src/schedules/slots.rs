//! What is due on the days on which something is due.

use std::iter::successors;

use super::dates::weekday;
use super::model::{Due, Opening, Rhythm};
use super::quota::expected;
use super::wall::{days_between, due, end_of, exists, start_of};
use super::{Slot, Timeline};
use crate::db::{Date, Instant, WallTime};

impl Timeline {
    /// What is expected with a local date in `from..to`, in the order of dates and numbers.
    ///
    /// Asked for in pieces, it is the same. What is done on demand, and events, have no slots that
    /// anybody expects.
    pub fn slots(&self, from: Date, to: Date) -> impl Iterator<Item = Slot> {
        successors(self.next_day(from), move |day| self.next_day(day.plus_days(1)))
            .take_while(move |day| *day < to)
            .flat_map(move |day| self.slots_on(day, false))
    }

    /// The slot of this day and number, also one that nobody expects: a day on demand, or what goes
    /// beyond a quota and not beyond its most. None when the schedule has no such slot.
    #[must_use]
    pub fn slot(&self, local_date: Date, slot_no: i32) -> Option<Slot> {
        self.all_on(local_date).into_iter().find(|slot| slot.slot_no == slot_no)
    }

    /// Every slot that can be done at this moment, also those that nobody expects, in the order of dates
    /// and numbers. Two of neighbouring days may be open for as long as a clock is put forward between
    /// them; the first is the one that will close.
    #[must_use]
    pub fn open_at(&self, moment: Instant) -> Vec<Slot> {
        if let Rhythm::OnDemand {} = self.schedule.rhythm {
            return self.slot(moment.date_in(&self.zone), 1).into_iter().collect();
        }
        let (from, to) = self.days_open(moment);
        successors(self.next_day(from), move |day| self.next_day(day.plus_days(1)))
            .take_while(|day| *day < to)
            .flat_map(|day| self.slots_on(day, true))
            .filter(|slot| slot.is_open(moment))
            .collect()
    }

    fn all_on(&self, day: Date) -> Vec<Slot> {
        if let Rhythm::OnDemand {} = self.schedule.rhythm {
            let within =
                day >= self.holds_from && self.schedule.ends_on.is_none_or(|end| day <= end);
            let whole = || self.timed(day, 1, None, Opening::default());
            return within.then(whole).into_iter().collect();
        }
        if self.next_day(day) == Some(day) { self.slots_on(day, true) } else { Vec::new() }
    }

    /// The slots of a day that [`next_day`](Self::next_day) gave, expected or, if so asked, possible.
    fn slots_on(&self, day: Date, possible: bool) -> Vec<Slot> {
        match &self.schedule.rhythm {
            Rhythm::Once { due } => vec![self.once(day, *due)],
            Rhythm::Daily { .. } if !exists(day, &self.zone) => Vec::new(),
            Rhythm::Daily { times, opening, .. } => {
                let mut times: Vec<_> = times.iter().copied().map(Some).collect();
                times.sort_unstable();
                if times.is_empty() {
                    times.push(None);
                }
                times
                    .into_iter()
                    .zip(1..)
                    .map(|(time, no)| self.timed(day, no, time, *opening))
                    .collect()
            }
            Rhythm::Weekly { on, opening, .. } => on
                .iter()
                .find(|on| on.day == weekday(day))
                .map(|on| self.timed(day, 1, on.time, *opening))
                .into_iter()
                .collect(),
            Rhythm::Monthly { time, opening, .. } => vec![self.timed(day, 1, *time, *opening)],
            Rhythm::Quota { times, times_max, every_weeks, .. } => {
                let count = if possible { times_max.unwrap_or(*times) } else { *times };
                self.quota(day, count, *every_weeks)
            }
            Rhythm::OnDemand {} | Rhythm::Events { .. } => Vec::new(),
        }
    }

    /// A slot that is due at a time of a day, or at its end.
    ///
    /// The local date is the day that the rule names. It is the one of `due_at` in every zone, but where a
    /// gap ends at midnight or later (Nuuk, each March): there 23:30 lands on the next day, which has its
    /// own 23:30, and by what the wall shows one of them would be lost.
    fn timed(&self, day: Date, slot_no: i32, time: Option<WallTime>, opening: Opening) -> Slot {
        let due_at =
            time.map_or_else(|| end_of(day, &self.zone), |time| due(day, time, &self.zone));
        let by_day = || start_of(day, &self.zone).min(due_at);
        let opens_at = opening
            .opens_before_minutes
            .map_or_else(by_day, |m| plus_minutes(due_at, -i64::from(m)));
        let closes_at = plus_minutes_or(due_at, opening.closes_after_minutes, || {
            end_of(day, &self.zone).max(due_at)
        });
        Slot {
            local_date: day,
            slot_no,
            // Nothing opens before the assignment begins.
            opens_at: opens_at.max(start_of(self.starts_on, &self.zone)).min(due_at),
            due_at: Some(due_at),
            closes_at: Some(closes_at),
        }
    }

    /// All are open for the whole span, and the n-th time of one partner meets the n-th of the other,
    /// however far apart in the week.
    fn quota(&self, last: Date, times: u8, weeks: u8) -> Vec<Slot> {
        let (first, uncut) = self.span_of(weeks, last);
        let (opens_at, closes_at) = (start_of(first, &self.zone), end_of(last, &self.zone));
        let count = expected(times, days_between(first, last) + 1, days_between(first, uncut) + 1);
        let slot = |slot_no| Slot {
            local_date: last,
            slot_no,
            opens_at,
            due_at: Some(closes_at),
            closes_at: Some(closes_at),
        };
        (1..=count).map(slot).collect()
    }

    /// Open from the first day on. What is late is still wanted, as long as the schedule lasts.
    fn once(&self, day: Date, by: Option<Due>) -> Slot {
        let due_at = by.map(|by| {
            by.time.map_or_else(|| end_of(by.on, &self.zone), |time| due(by.on, time, &self.zone))
        });
        let end = self.schedule.ends_on.map(|end| end_of(end, &self.zone));
        let after = due_at.zip(by.and_then(|by| by.closes_after_minutes));
        let closes_at = after.map(|(due, minutes)| plus_minutes(due, i64::from(minutes))).or(end);
        let opens_at = start_of(self.holds_from, &self.zone);
        Slot {
            local_date: day,
            slot_no: 1,
            opens_at: due_at.map_or(opens_at, |due| due.min(opens_at)),
            due_at,
            closes_at: closes_at.map(|closes| due_at.map_or(closes, |due| due.max(closes))),
        }
    }
}

fn plus_minutes(moment: Instant, minutes: i64) -> Instant {
    moment.plus_seconds(minutes * 60)
}

fn plus_minutes_or(
    moment: Instant,
    minutes: Option<u16>,
    otherwise: impl FnOnce() -> Instant,
) -> Instant {
    minutes.map_or_else(otherwise, |minutes| plus_minutes(moment, i64::from(minutes)))
}
