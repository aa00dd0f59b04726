//! A schedule from an exercise's own timing.

use jiff::Span;

use super::model::{OnDay, Opening, Rhythm, Schedule};
use crate::activities::definition::Capture;
use crate::activities::definition::parts::{PeriodUnit, Placement, Repeat, Timing};
use crate::db::{Date, WallTime};
use crate::error::Fault;

/// So long something of every month stays open when its exercise does not say: a week, since the day is
/// reckoned and was chosen by nobody.
const MONTHLY_STAYS_OPEN_MINUTES: u16 = 7 * 24 * 60;

impl Schedule {
    /// The schedule of an exercise that is assigned from this day on and says nothing else.
    ///
    /// Without a timing it is done once, or, if it takes events, whenever they happen. What fits no kind of
    /// rhythm has to be set by hand: several times a day without times, or on fixed days that nobody has
    /// named yet.
    ///
    /// # Errors
    /// What the timing lacks or has too much of, with pointers into the timing.
    pub fn of_timing(
        timing: Option<&Timing>,
        starts_on: Date,
        capture: Capture,
    ) -> Result<Self, Vec<Fault>> {
        let Some(timing) = timing else {
            let rhythm = match capture {
                Capture::Event => Rhythm::Events { per_day: None, day_starts_at: None },
                Capture::Form | Capture::Document => Rhythm::Once { due: None },
            };
            return Ok(Self { rhythm, window_minutes: None, ends_on: None });
        };
        let mut read = Read { faults: Vec::new() };
        let rhythm = read.rhythm(timing, capture);
        let ends_on = read.last_day(&timing.repeat, starts_on);
        match rhythm {
            Some(rhythm) if read.faults.is_empty() => {
                Ok(Self { rhythm, window_minutes: timing.window_minutes, ends_on })
            }
            _ => Err(read.faults),
        }
    }
}

/// Collects what is wrong while it reads.
struct Read {
    faults: Vec<Fault>,
}

impl Read {
    fn wrong<T>(&mut self, at: &str, code: &'static str, detail: &'static str) -> Option<T> {
        self.faults.push(Fault::body(at, code, detail));
        None
    }

    fn rhythm(&mut self, timing: &Timing, capture: Capture) -> Option<Rhythm> {
        let repeat = &timing.repeat;
        if capture == Capture::Event {
            let daily = repeat.period_unit == PeriodUnit::Day && repeat.period == 1;
            return Some(Rhythm::Events {
                per_day: daily.then_some(repeat.frequency),
                day_starts_at: None,
            });
        }
        let times = self.times(repeat);
        let opening = Opening {
            opens_before_minutes: self.minutes(timing.opens_before.as_deref(), "/opens_before"),
            closes_after_minutes: self.minutes(timing.closes_after.as_deref(), "/closes_after"),
        };
        let spacing = self.minutes(timing.min_spacing.as_deref(), "/min_spacing");
        let min_spacing_hours = spacing.map(|minutes| minutes / 60).filter(|hours| *hours > 0);
        let flexible = timing.placement == Some(Placement::Flexible);
        match repeat.period_unit {
            PeriodUnit::Day => self.daily(repeat, times, opening),
            PeriodUnit::Week if repeat.day_of_week.is_empty() || flexible => {
                self.quota(timing, min_spacing_hours)
            }
            PeriodUnit::Week => self.weekly(repeat, &times, min_spacing_hours, opening),
            PeriodUnit::Month => self.monthly(repeat, &times, opening),
        }
    }

    fn daily(&mut self, repeat: &Repeat, times: Vec<WallTime>, opening: Opening) -> Option<Rhythm> {
        // A whole day needs no time; two of them would be the same.
        if times.len().max(1) != usize::from(repeat.frequency) {
            return self.wrong("/repeat/time_of_day", "mismatch", "As many as `frequency`.");
        }
        Some(Rhythm::Daily { every: repeat.period, times, opening })
    }

    fn weekly(
        &mut self,
        repeat: &Repeat,
        times: &[WallTime],
        min_spacing_hours: Option<u16>,
        opening: Opening,
    ) -> Option<Rhythm> {
        if repeat.day_of_week.len() != usize::from(repeat.frequency) {
            return self.wrong("/repeat/day_of_week", "mismatch", "As many as `frequency`.");
        }
        let time = self.one_time(times);
        let on = repeat.day_of_week.iter().map(|day| OnDay { day: *day, time }).collect();
        Some(Rhythm::Weekly { every: repeat.period, on, min_spacing_hours, opening })
    }

    /// Its window is its span of weeks, so that what the timing says of opening says nothing here.
    fn quota(&mut self, timing: &Timing, min_spacing_hours: Option<u16>) -> Option<Rhythm> {
        if timing.placement == Some(Placement::Fixed) {
            return self.wrong("/repeat/day_of_week", "required", "Fixed days have to be named.");
        }
        Some(Rhythm::Quota {
            times: timing.repeat.frequency,
            times_max: timing.repeat.frequency_max,
            every_weeks: timing.repeat.period,
            min_spacing_hours,
        })
    }

    fn monthly(&mut self, repeat: &Repeat, times: &[WallTime], opening: Opening) -> Option<Rhythm> {
        if repeat.frequency != 1 {
            return self.wrong("/repeat/frequency", "out_of_range", "Once in so many months.");
        }
        let closes = opening.closes_after_minutes.or(Some(MONTHLY_STAYS_OPEN_MINUTES));
        let opening = Opening { closes_after_minutes: closes, ..opening };
        Some(Rhythm::Monthly { every: repeat.period, time: self.one_time(times), opening })
    }

    fn one_time(&mut self, times: &[WallTime]) -> Option<WallTime> {
        if times.len() > 1 {
            return self.wrong(
                "/repeat/time_of_day",
                "too_many",
                "One time, the same on each day.",
            );
        }
        times.first().copied()
    }

    fn times(&mut self, repeat: &Repeat) -> Vec<WallTime> {
        let read = |text: &String| text.parse().ok();
        let times: Option<Vec<WallTime>> = repeat.time_of_day.iter().map(read).collect();
        times
            .or_else(|| self.wrong("/repeat/time_of_day", "wrong_form", "`HH:MM`."))
            .unwrap_or_default()
    }

    /// Days of 24 hours: the distance between two times is a duration.
    fn minutes(&mut self, text: Option<&str>, at: &str) -> Option<u16> {
        let span: Result<Span, _> = text?.parse();
        let minutes = span.ok().and_then(|span| {
            let hours = i64::from(span.get_days()) * 24 + i64::from(span.get_hours());
            u16::try_from(hours * 60 + span.get_minutes()).ok()
        });
        minutes.or_else(|| self.wrong(at, "wrong_form", "A duration of at most 45 days."))
    }

    /// A term of 30 days has its last day 29 days after its first.
    fn last_day(&mut self, repeat: &Repeat, starts_on: Date) -> Option<Date> {
        let span: Result<Span, _> = repeat.bounds.as_ref()?.parse();
        let end = span.ok().and_then(|span| starts_on.0.checked_add(span).ok());
        let last = end.map(|end| Date(end).plus_days(-1)).filter(|last| *last >= starts_on);
        last.or_else(|| self.wrong("/repeat/bounds", "wrong_form", "A term of at least a day."))
    }
}
