//! The same schedule at another time: what participants may change of it among themselves.

use super::Schedule;
use super::model::{OnDay, Rhythm};
use crate::activities::definition::parts::Weekday;
use crate::db::{Date, WallTime};
use crate::error::Fault;

impl Schedule {
    /// This schedule at another time of day, on other days of the week, or both. How often something is done stays
    /// the clinician's: there are as many days as before, and what is done at several times of a day keeps them.
    ///
    /// # Errors
    /// Every fault, with pointers to `/time_of_day` and `/weekdays`.
    pub fn at_another_time(
        &self,
        time: Option<WallTime>,
        weekdays: Option<&[Weekday]>,
        starts_on: Date,
    ) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let mut refuse = |at: &'static str, code: &'static str, detail: &'static str| {
            faults.push(Fault::body(at, code, detail));
        };
        if time.is_none() && weekdays.is_none() {
            refuse("/time_of_day", "required", "Name a time of day, days of the week, or both.");
        }
        let mut rhythm = self.rhythm.clone();
        let fixed_days = matches!(rhythm, Rhythm::Weekly { .. });
        if weekdays.is_some() && !fixed_days {
            refuse("/weekdays", "not_allowed", "This is not done on fixed days of the week.");
        }
        match (&mut rhythm, time) {
            (Rhythm::Daily { times, .. }, Some(time)) if times.len() < 2 => *times = vec![time],
            (Rhythm::Monthly { time: at, .. }, Some(time)) => *at = Some(time),
            (Rhythm::Weekly { on, .. }, _) => match moved(on, time, weekdays) {
                Some(moved) => *on = moved,
                None => refuse("/weekdays", "mismatch", "As many days as before, each once."),
            },
            (_, None) => {}
            (Rhythm::Daily { .. }, _) => {
                refuse("/time_of_day", "not_allowed", "This is done at several times of a day.");
            }
            _ => refuse("/time_of_day", "not_allowed", "This comes at no time of day."),
        }
        let moved = Self { rhythm, ..self.clone() };
        if !faults.is_empty() {
            return Err(faults);
        }
        if moved == *self {
            let detail = "That is when it is done already.";
            return Err(vec![Fault::body("/time_of_day", "mismatch", detail)]);
        }
        let found = moved.faults("", starts_on).into_iter().map(|fault| {
            let at = if fixed_days { "/weekdays" } else { "/time_of_day" };
            Fault { pointer: at.to_owned(), ..fault }
        });
        let found: Vec<Fault> = found.collect();
        if found.is_empty() { Ok(moved) } else { Err(found) }
    }
}

/// Fixed days moved in their order, each with its own time unless another is named for all; none when they are not
/// as many as before.
fn moved(on: &[OnDay], time: Option<WallTime>, weekdays: Option<&[Weekday]>) -> Option<Vec<OnDay>> {
    let in_order = |days: &[Weekday]| {
        let found = Weekday::ALL.iter().filter(|day| days.contains(day));
        found.copied().collect::<Vec<_>>()
    };
    let mut before = on.to_vec();
    let place = |day: Weekday| Weekday::ALL.iter().position(|one| *one == day);
    before.sort_by_key(|on| place(on.day));
    let named = weekdays.map_or(on.len(), <[Weekday]>::len);
    let days = weekdays.map_or_else(|| before.iter().map(|on| on.day).collect(), in_order);
    let fits = days.len() == before.len() && named == days.len();
    let moved = days.into_iter().zip(&before);
    fits.then(|| moved.map(|(day, had)| OnDay { day, time: time.or(had.time) }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::sample::subsequence;

    fn daily(times: &[i16]) -> Schedule {
        let times = times.iter().map(|minutes| WallTime::from_minutes(*minutes)).collect();
        let rhythm = Rhythm::Daily { every: 1, times, opening: super::super::Opening::default() };
        Schedule { rhythm, window_minutes: Some(15), ends_on: None }
    }

    fn first() -> Date {
        Date(jiff::civil::date(2026, 12, 2))
    }

    fn pointers(result: Result<Schedule, Vec<Fault>>) -> Vec<String> {
        result.unwrap_err().into_iter().map(|fault| fault.pointer).collect()
    }

    #[test]
    fn an_evening_becomes_a_morning_and_nothing_else_of_it_changes() {
        let morning = Some(WallTime::from_minutes(435));
        assert_eq!(daily(&[1200]).at_another_time(morning, None, first()), Ok(daily(&[435])));
        assert_eq!(daily(&[]).at_another_time(morning, None, first()), Ok(daily(&[435])));
    }

    #[test]
    fn what_has_no_one_time_of_day_is_not_moved() {
        let seven = Some(WallTime::from_minutes(420));
        let once =
            Schedule { rhythm: Rhythm::Once { due: None }, window_minutes: None, ends_on: None };
        for schedule in [daily(&[420, 1200]), once] {
            assert_eq!(pointers(schedule.at_another_time(seven, None, first())), ["/time_of_day"]);
        }
        let days = [Weekday::ALL[0]];
        let both = daily(&[1200]).at_another_time(seven, Some(&days), first());
        assert_eq!(pointers(both), ["/weekdays"]);
        assert_eq!(pointers(daily(&[420]).at_another_time(seven, None, first())), ["/time_of_day"]);
        assert_eq!(pointers(daily(&[420]).at_another_time(None, None, first())), ["/time_of_day"]);
    }

    proptest! {
        #[test]
        fn as_many_days_as_before_are_moved_in_their_order(
            from in subsequence(Weekday::ALL.to_vec(), 1..=7),
            to in subsequence(Weekday::ALL.to_vec(), 1..=7),
            minutes in proptest::option::of(0i16..1440),
        ) {
            let time = minutes.map(WallTime::from_minutes);
            let on = from.iter().zip(0i16..).map(|(day, no)| OnDay {
                day: *day, time: Some(WallTime::from_minutes(600 + no)),
            });
            let schedule = Schedule {
                rhythm: Rhythm::Weekly { every: 1, on: on.collect(), min_spacing_hours: None,
                                         opening: super::super::Opening::default() },
                window_minutes: None, ends_on: None,
            };
            match schedule.at_another_time(time, Some(&to), first()) {
                Ok(moved) => {
                    prop_assert_eq!(from.len(), to.len());
                    let Rhythm::Weekly { on, .. } = &moved.rhythm else { panic!("another rhythm") };
                    prop_assert_eq!(on.iter().map(|on| on.day).collect::<Vec<_>>(), to);
                    if let Some(time) = time {
                        prop_assert!(on.iter().all(|on| on.time == Some(time)));
                    }
                }
                Err(_) => prop_assert!(from.len() != to.len() || (from == to && time.is_none())
                    || (from == to && from.len() == 1)),
            }
        }
    }
}
