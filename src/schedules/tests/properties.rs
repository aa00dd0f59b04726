//! A thousand generated schedules, against the walk of [`oracle`](super::oracle) and against themselves.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::oracle::{self, Wall};
use super::*;

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(cases) }
}

/// 2020 to 2035, most of them near where clocks change.
pub(super) fn any_day() -> impl Strategy<Value = Date> {
    let anywhere = (0..5_840i32).prop_map(|days| day("2020-01-01").plus_days(days));
    let near = (2020..2036i32, prop_oneof![60..105i32, 260..320i32])
        .prop_map(|(year, days)| day(&format!("{year}-01-01")).plus_days(days));
    prop_oneof![1 => anywhere, 3 => near]
}

/// Multiples of five minutes, most of them when clocks change.
fn any_time() -> impl Strategy<Value = WallTime> {
    let five = |minutes: std::ops::Range<i16>| minutes.start / 5..minutes.end / 5;
    let minutes = prop_oneof![1 => five(0..1440), 3 => five(0..240), 1 => five(1380..1440)];
    minutes.prop_map(|fives| WallTime::from_minutes(fives * 5))
}

fn any_opening() -> impl Strategy<Value = Opening> {
    let minutes = || proptest::option::of(0..3000u16);
    (minutes(), minutes()).prop_map(|(opens_before_minutes, closes_after_minutes)| Opening {
        opens_before_minutes,
        closes_after_minutes,
    })
}

fn any_rhythm() -> impl Strategy<Value = Rhythm> {
    let daily = (1..5u8, proptest::collection::btree_set(any_time(), 0..4), any_opening())
        .prop_map(|(every, times, opening)| {
            // Latest first: their order in the schedule must not matter.
            Rhythm::Daily { every, times: times.into_iter().rev().collect(), opening }
        });
    let time = || proptest::option::of(any_time());
    let days = subsequence(Weekday::ALL.to_vec(), 1..=7);
    let weekly = (1..4u8, days, proptest::collection::vec(time(), 7), any_opening()).prop_map(
        |(every, days, times, opening)| {
            let on = days.into_iter().zip(times).map(|(day, time)| OnDay { day, time }).collect();
            Rhythm::Weekly { every, on, min_spacing_hours: None, opening }
        },
    );
    let quota = (1..8u8, 0..3u8, 1..5u8).prop_map(|(times, more, every_weeks)| Rhythm::Quota {
        times,
        times_max: Some(times + more),
        every_weeks,
        min_spacing_hours: None,
    });
    let monthly = (1..5u8, time(), any_opening())
        .prop_map(|(every, time, opening)| Rhythm::Monthly { every, time, opening });
    prop_oneof![3 => daily, 3 => weekly, 2 => quota, 2 => monthly]
}

/// What a case is made of: schedule, zone, first day, and the days that are asked for.
#[derive(Debug, Clone)]
struct Case {
    schedule: Schedule,
    zone: &'static str,
    starts_on: Date,
    from: Date,
    to: Date,
}

impl Case {
    fn timeline(&self) -> Timeline {
        Timeline::new(self.schedule.clone(), zone(self.zone), self.starts_on)
    }
}

fn any_case() -> impl Strategy<Value = Case> {
    let ends = proptest::option::of(0..600i32);
    let once =
        (proptest::option::of((0..30i32, any_time(), proptest::option::of(0..3000u16))), 0..40i32);
    let place = (select(ZONES.to_vec()), any_day(), 0..400i32, 0..29i32);
    (any_rhythm(), ends, once, place, 0..10u8).prop_map(|(rhythm, ends, once, place, kind)| {
        let (zone, from, before, length) = place;
        let mut starts_on = from.plus_days(-before);
        if let (Rhythm::Monthly { .. }, true) = (&rhythm, kind < 7) {
            starts_on = Date(starts_on.0.last_of_month());
        }
        let mut schedule = Schedule {
            rhythm,
            window_minutes: None,
            ends_on: ends.map(|days| starts_on.plus_days(days)),
        };
        let mut from = from;
        if kind == 0 {
            from = starts_on;
            let due = once.0.map(|(days, time, closes_after_minutes)| Due {
                on: starts_on.plus_days(days),
                time: Some(time),
                closes_after_minutes,
            });
            schedule.rhythm = Rhythm::Once { due };
            schedule.ends_on = ends.map(|_| starts_on.plus_days(once.1));
        }
        Case { schedule, zone, starts_on, from, to: from.plus_days(length) }
    })
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn slots_are_those_of_the_slow_model(case in any_case()) {
        // No further than the case needs.
        let (before, after) = match case.schedule.rhythm {
            Rhythm::Quota { .. } => (28, 1),
            Rhythm::Once { .. } => (1, 41),
            _ => (1, 1),
        };
        let (first, last) = (case.from.plus_days(-before), case.to.plus_days(after));
        let wall = Wall::walk(case.zone, first, last);
        let range = (case.from, case.to);
        let slow = oracle::slots(&wall, &case.schedule, case.starts_on, range);
        let fast: Vec<_> = case.timeline().slots(case.from, case.to).map(oracle::plain).collect();
        prop_assert_eq!(fast, slow);
    }

    #[test]
    fn in_pieces_they_are_the_same(case in any_case(), cuts in proptest::collection::vec(0..41i32, 0..6)) {
        let timeline = case.timeline();
        let whole: Vec<_> = timeline.slots(case.from, case.to).collect();
        let mut cuts: Vec<_> = cuts.iter().map(|days| case.from.plus_days(*days).min(case.to)).collect();
        cuts.extend([case.from, case.to]);
        cuts.sort_unstable();
        let pieces: Vec<_> = cuts.windows(2).flat_map(|cut| timeline.slots(cut[0], cut[1])).collect();
        prop_assert_eq!(&pieces, &whole);
        let mut keys = keys(whole.clone());
        prop_assert!(keys.is_sorted());
        keys.dedup();
        prop_assert_eq!(keys.len(), whole.len());
        for slot in whole {
            prop_assert_eq!(timeline.slot(slot.local_date, slot.slot_no), Some(slot));
            let due = slot.due_at.unwrap_or(slot.opens_at);
            prop_assert!(slot.opens_at <= due && slot.closes_at.is_none_or(|closes| due <= closes));
        }
    }

    #[test]
    fn what_is_open_is_open_and_the_horizon_has_what_opens(case in any_case(), minutes in 0..57_600i64) {
        let timeline = case.timeline();
        let now = wall::start_of(case.from, &timeline.zone).plus_seconds(minutes * 60);
        let (first, last) = (case.starts_on, case.to.plus_days(800));
        let every: Vec<_> = timeline.slots(first, last).collect();
        let open: Vec<_> = every.iter().copied().filter(|slot| slot.is_open(now)).collect();
        let mut said = timeline.open_at(now);
        if let Rhythm::Quota { .. } = case.schedule.rhythm {
            // Beyond the quota something may be open that nobody expects.
            said.retain(|slot| open.contains(slot));
        }
        prop_assert_eq!(said, open);
        let horizon = timeline.horizon(now);
        let edge = wall::start_of(now.date_in(&timeline.zone).plus_days(28), &timeline.zone);
        for slot in every.iter().filter(|slot| slot.opens_at < edge) {
            prop_assert!(slot.local_date < horizon, "{:?} is not before {}", slot, horizon);
        }
    }
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn every_moment_belongs_to_the_day_that_began_last(
        name in select(ZONES.to_vec()), near in any_day(), begins in 0..49i16,
    ) {
        let wall = Wall::walk(name, near, near.plus_days(7));
        let timeline = timeline(daily(&[]), name, "2020-01-01")
            .starting_days_at(WallTime::from_minutes(begins * 5));
        for (moment, day) in wall.days(i64::from(begins) * 5) {
            let said = timeline.local_date_of(Instant::from_micros(moment * 1_000_000));
            prop_assert_eq!(said, day, "{}", moment);
        }
    }
}

#[test]
fn four_hundred_days_have_each_day_once() {
    for name in ["America/Los_Angeles", "America/Boise"] {
        for times in [&["20:00"][..], &["02:30"], &["00:00", "01:30", "23:59"], &[]] {
            let timeline = timeline(daily(times), name, "2026-03-01");
            let all = keys(timeline.slots(day("2026-03-01"), day("2026-03-01").plus_days(400)));
            let count = i32::try_from(times.len().max(1)).unwrap();
            let expected: Vec<_> = (0..400)
                .flat_map(|days| (1..=count).map(move |no| (day("2026-03-01").plus_days(days), no)))
                .collect();
            assert_eq!(all, expected, "{name} {times:?}");
        }
    }
}
