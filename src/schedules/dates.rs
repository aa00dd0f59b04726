//! The days on which something is due.
//!
//! One question, answered without walking: which is the next such day? Everything else is asking it again.

use jiff::Span;

use super::Timeline;
use super::model::Rhythm;
use super::wall::days_between;
use crate::activities::definition::parts::Weekday;
use crate::db::{Date, Instant};

impl Timeline {
    /// The first day on or after this one to which slots belong.
    pub(super) fn next_day(&self, from: Date) -> Option<Date> {
        let from = from.max(self.holds_from);
        let day = match &self.schedule.rhythm {
            Rhythm::Once { due } => Some(due.map_or(self.holds_from, |due| due.on)),
            Rhythm::Daily { every, .. } => Some(self.next_multiple(*every, from)),
            Rhythm::Weekly { every, on, .. } => {
                let due = |day: &Date| on.iter().any(|on| on.day == weekday(*day));
                self.next_in_weeks(*every, from, due)
            }
            Rhythm::Quota { every_weeks, .. } => {
                let last = self.span_of(*every_weeks, from).1;
                Some(self.schedule.ends_on.map_or(last, |end| end.min(last)))
            }
            Rhythm::Monthly { every, .. } => self.next_month(*every, from),
            Rhythm::OnDemand {} | Rhythm::Events { .. } => None,
        };
        day.filter(|day| *day >= from && self.schedule.ends_on.is_none_or(|end| *day <= end))
    }

    /// The first and last day of the span of whole weeks in which a day lies, uncut.
    pub(super) fn span_of(&self, weeks: u8, day: Date) -> (Date, Date) {
        let length = i32::from(weeks.max(1)) * 7;
        let first = days_between(self.starts_on, day).div_euclid(length) * length;
        (self.starts_on.plus_days(first), self.starts_on.plus_days(first + length - 1))
    }

    fn next_multiple(&self, every: u8, from: Date) -> Date {
        let every = i32::from(every.max(1));
        let gone = days_between(self.starts_on, from);
        self.starts_on.plus_days((gone + every - 1).div_euclid(every) * every)
    }

    /// The first week of every span counts, the others rest.
    fn next_in_weeks(&self, every: u8, from: Date, due: impl Fn(&Date) -> bool) -> Option<Date> {
        let (first, last) = self.span_of(every, from);
        [first, last.plus_days(1)]
            .into_iter()
            .flat_map(|week| (0..7).map(move |day| week.plus_days(day)))
            .find(|day| *day >= from && due(day))
    }

    /// Every month is reached from the first day and not from the one before: 31 January, 28 February,
    /// 31 March (`domain` 2.9, rule 6).
    fn next_month(&self, every: u8, from: Date) -> Option<Date> {
        let every = i32::from(every.max(1));
        let months = |day: Date| i32::from(day.0.year()) * 12 + i32::from(day.0.month());
        let turns = ((months(from) - months(self.starts_on)) / every).max(1);
        (turns..=turns + 1)
            .map(|turn| Date(self.starts_on.0.saturating_add(Span::new().months(turn * every))))
            .find(|day| *day >= from)
    }

    /// How many days before the end of its day a slot opens at the most, rounded up.
    pub(super) fn lead_days(&self) -> i32 {
        match &self.schedule.rhythm {
            Rhythm::Once { .. } => self
                .next_day(self.holds_from)
                .map_or(0, |day| days_between(self.starts_on, day).saturating_add(1)),
            Rhythm::Quota { every_weeks, .. } => i32::from(*every_weeks) * 7,
            Rhythm::Daily { opening, .. }
            | Rhythm::Weekly { opening, .. }
            | Rhythm::Monthly { opening, .. } => whole_days(opening.opens_before_minutes) + 1,
            Rhythm::OnDemand {} | Rhythm::Events { .. } => 0,
        }
    }

    /// The days of which a slot may be open now: the first, and the one after the last.
    pub(super) fn days_open(&self, now: Instant) -> (Date, Date) {
        let today = now.date_in(&self.zone);
        let lag = match &self.schedule.rhythm {
            Rhythm::Daily { opening, .. }
            | Rhythm::Weekly { opening, .. }
            | Rhythm::Monthly { opening, .. } => whole_days(opening.closes_after_minutes) + 1,
            _ => 1,
        };
        let open_ended = matches!(self.schedule.rhythm, Rhythm::Once { .. });
        let first = if open_ended { self.holds_from } else { today.plus_days(-lag) };
        (first, today.max(first).plus_days(self.lead_days() + 2))
    }
}

/// Minutes as days, rounded up.
fn whole_days(minutes: Option<u16>) -> i32 {
    i32::from(minutes.unwrap_or(0).div_ceil(1440))
}

/// The weekday of a date.
pub(super) fn weekday(day: Date) -> Weekday {
    match day.0.weekday() {
        jiff::civil::Weekday::Monday => Weekday::Mon,
        jiff::civil::Weekday::Tuesday => Weekday::Tue,
        jiff::civil::Weekday::Wednesday => Weekday::Wed,
        jiff::civil::Weekday::Thursday => Weekday::Thu,
        jiff::civil::Weekday::Friday => Weekday::Fri,
        jiff::civil::Weekday::Saturday => Weekday::Sat,
        jiff::civil::Weekday::Sunday => Weekday::Sun,
    }
}
