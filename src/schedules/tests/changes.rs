//! Changes of zone and time: flights east and west, by themselves and one after the other.

use proptest::prelude::*;
use proptest::sample::select;

use super::properties::any_day;
use super::*;

/// What a couple has in the end: each timeline until the next holds.
fn joined(lines: &[(Date, Timeline)], to: Date) -> Vec<Slot> {
    let ends = lines.iter().skip(1).map(|(from, _)| *from).chain([to]);
    let parts = lines.iter().zip(ends);
    parts.flat_map(|((from, line), end)| line.slots(*from, end).collect::<Vec<_>>()).collect()
}

fn fly(from: &str, to: &str, now: &str) -> Date {
    let line = |name| timeline(daily(&["20:00"]), name, "2026-11-01");
    change_from(&line(from), &line(to), at(now)).unwrap()
}

const LA: &str = "America/Los_Angeles";
const AUCKLAND: &str = "Pacific/Auckland";

#[test]
fn a_flight_east_holds_from_the_next_day_of_where_it_ends() {
    // The evening of the 21st in Los Angeles is the evening of the 22nd in Auckland.
    assert_eq!(fly(LA, AUCKLAND, "2026-11-21T19:00:00-08:00"), day("2026-11-23"));
    assert_eq!(fly(LA, "America/New_York", "2026-11-21T19:00:00-08:00"), day("2026-11-22"));
}

#[test]
fn a_flight_west_does_not_bring_the_day_back() {
    // The morning of the 22nd in Auckland is noon of the 21st in Los Angeles.
    assert_eq!(fly(AUCKLAND, LA, "2026-11-22T09:00:00+13:00"), day("2026-11-23"));
}

#[test]
fn a_week_that_has_begun_is_kept() {
    let old = timeline(quota(3), LA, "2026-11-18");
    let new = timeline(quota(2), LA, "2026-11-18");
    let from = change_from(&old, &new, at("2026-11-20T12:00:00-08:00")).unwrap();
    assert_eq!(from, day("2026-11-25"));
    let all =
        joined(&[(day("2026-11-18"), old), (from, new.holding_from(from))], day("2026-12-02"));
    let (one, two) = (day("2026-11-24"), day("2026-12-01"));
    assert_eq!(keys(all), [(one, 1), (one, 2), (one, 3), (two, 1), (two, 2)]);
}

#[test]
fn what_opened_early_is_kept() {
    let mut old = timeline(daily(&[]), LA, "2026-11-18");
    let opening = Opening { opens_before_minutes: Some(1440), closes_after_minutes: Some(60) };
    old.schedule.rhythm = Rhythm::Daily { every: 2, times: vec![time("08:00")], opening };
    let new = timeline(daily(&["20:00"]), LA, "2026-11-18");
    // The 20th's opened at 08:00 on the 19th.
    let from = change_from(&old, &new, at("2026-11-19T12:00:00-08:00")).unwrap();
    assert_eq!(from, day("2026-11-21"));
}

#[test]
fn what_is_done_once_and_has_begun_stays_one() {
    let due = |text| Due { on: day(text), time: None, closes_after_minutes: None };
    let once = |text| timeline(Rhythm::Once { due: Some(due(text)) }, LA, "2026-11-18");
    let (old, new) = (once("2026-11-25"), once("2026-12-02"));
    assert_eq!(change_from(&old, &new, at("2026-11-20T12:00:00-08:00")), None);
    let early = change_from(&old, &new, at("2026-11-10T12:00:00-08:00"));
    assert_eq!(early, Some(day("2026-11-18")));
    // One that follows something else is new, and is done from then on.
    let undated = timeline(Rhythm::Once { due: None }, LA, "2026-11-18");
    let daily = timeline(daily(&["20:00"]), LA, "2026-11-18");
    let from = change_from(&daily, &undated, at("2026-11-20T12:00:00-08:00")).unwrap();
    let slots: Vec<_> = undated.holding_from(from).slots(from, day("2027-11-20")).collect();
    assert_eq!(keys(slots), [(day("2026-11-21"), 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(500) })]

    #[test]
    fn whoever_flies_has_each_day_once(
        start in any_day(),
        stops in proptest::collection::vec((select(ZONES.to_vec()), 0..288i16, 0..4000i64), 2..6),
        before in proptest::option::of(0..2000u16),
    ) {
        let line = |name, fives: i16| {
            let opening = Opening { opens_before_minutes: before, closes_after_minutes: None };
            let times = vec![WallTime::from_minutes(fives * 5)];
            Timeline::new(schedule(Rhythm::Daily { every: 1, times, opening }), zone(name), start)
        };
        let mut lines = vec![(start, line(stops[0].0, stops[0].1))];
        let mut now = wall::start_of(start, &zone(stops[0].0));
        for (name, fives, minutes) in &stops[1..] {
            now = now.plus_seconds(minutes * 60);
            let held = joined(&lines, start.plus_days(60));
            let new = line(name, *fives);
            let old = &lines.last().unwrap().1;
            let from = change_from(old, &new, now).unwrap();
            prop_assert!(from > now.date_in(&old.zone) && from > now.date_in(&new.zone));
            prop_assert!(lines.last().unwrap().0 <= from);
            let new = new.holding_from(from);
            for slot in new.slots(from, from.plus_days(3)) {
                prop_assert!(slot.due_at.unwrap() > now);
            }
            lines.push((from, new));
            let holds = joined(&lines, start.plus_days(60));
            for slot in held.iter().filter(|slot| slot.opens_at <= now) {
                prop_assert!(holds.contains(slot), "{:?} was open and is gone", slot);
            }
        }
        let all = joined(&lines, start.plus_days(60));
        let expected: Vec<_> = (0..60).map(|days| (start.plus_days(days), 1)).collect();
        prop_assert_eq!(keys(all), expected);
    }
}
