//! Rules of `domain` 2.9 that have no vector.

use super::*;

#[test]
fn what_a_gap_carries_over_midnight_keeps_its_day() {
    // 30 March 2030 in Nuuk ends at 23:00: 23:30 is 00:30 on the 31st, which has its own 23:30.
    let (first, second) = (day("2030-03-30"), day("2030-03-31"));
    let late = timeline(daily(&["23:30"]), "America/Nuuk", "2030-03-01");
    let slots: Vec<_> = late.slots(first, second.plus_days(1)).collect();
    assert_eq!(keys(slots.clone()), [(first, 1), (second, 1)]);
    assert_eq!(slots[0].due_at.unwrap().date_in(&zone("America/Nuuk")), second);
    assert_eq!(slots[0].closes_at, slots[0].due_at);
}

#[test]
fn a_day_that_a_zone_left_out_has_no_slot_and_no_other_has_two() {
    let evening = timeline(daily(&["20:00"]), "Pacific/Apia", "2011-12-28");
    let all = keys(evening.slots(day("2011-12-28"), day("2012-01-02")));
    let days = ["2011-12-28", "2011-12-29", "2011-12-31", "2012-01-01"];
    assert_eq!(all, days.map(|text| (day(text), 1)));
}

#[test]
fn a_day_begins_when_its_midnight_is_gone_at_the_first_moment_there_is() {
    let havana = timeline(daily(&[]), "America/Havana", "2026-01-01");
    let slot = havana.slot(day("2026-03-08"), 1).unwrap();
    assert_eq!(slot.opens_at, at("2026-03-08T01:00:00-04:00"));
    let before = havana.slot(day("2026-03-07"), 1).unwrap();
    assert_eq!(before.closes_at, Some(slot.opens_at));
}

#[test]
fn an_event_of_the_small_hours_belongs_to_the_evening_before() {
    let events = timeline(
        Rhythm::Events { per_day: Some(3), day_starts_at: None },
        "America/Los_Angeles",
        "2026-01-01",
    );
    let night = at("2026-11-22T02:30:00-08:00");
    assert_eq!(events.local_date_of(night), day("2026-11-22"));
    let late = events.clone().starting_days_at(time("04:00"));
    assert_eq!(late.local_date_of(night), day("2026-11-21"));
    assert_eq!(late.local_date_of(at("2026-11-22T04:00:00-08:00")), day("2026-11-22"));
    // Later than 04:00 is 04:00.
    let noon = events.clone().starting_days_at(time("12:00"));
    assert_eq!(noon.local_date_of(at("2026-11-22T04:00:00-08:00")), day("2026-11-22"));
    // 01:30 comes twice; the day that it began does not end again at 01:10.
    let twice = events.clone().starting_days_at(time("01:30"));
    assert_eq!(twice.local_date_of(at("2026-11-01T01:10:00-07:00")), day("2026-10-31"));
    assert_eq!(twice.local_date_of(at("2026-11-01T01:10:00-08:00")), day("2026-11-01"));
    // 02:30 does not come; the day begins where the wall passes it.
    let gone = events.starting_days_at(time("02:30"));
    assert_eq!(gone.local_date_of(at("2027-03-14T01:59:59-08:00")), day("2027-03-13"));
    assert_eq!(gone.local_date_of(at("2027-03-14T03:00:00-07:00")), day("2027-03-14"));
}

#[test]
fn both_partners_meet_in_the_same_slot_of_a_week() {
    let rhythm =
        Rhythm::Quota { times: 2, times_max: Some(3), every_weeks: 1, min_spacing_hours: Some(12) };
    let two = timeline(rhythm, "America/Los_Angeles", "2026-11-18");
    let last = day("2026-11-24");
    let first = two.open_at(at("2026-11-18T00:00:00-08:00"));
    assert_eq!(keys(first.clone()), [(last, 1), (last, 2), (last, 3)]);
    assert_eq!(two.open_at(at("2026-11-24T23:59:59-08:00")), first);
    assert_eq!(keys(two.slots(last, last.plus_days(1))), [(last, 1), (last, 2)]);
    assert!(two.slot(last, 3).is_some() && two.slot(last, 4).is_none());
    assert!(two.slot(day("2026-11-23"), 1).is_none());
}

#[test]
fn what_is_done_twice_keeps_its_distance_in_both_directions() {
    let rhythm =
        Rhythm::Quota { times: 3, times_max: None, every_weeks: 1, min_spacing_hours: Some(12) };
    let three = schedule(rhythm);
    let done = [at("2026-11-01T00:00:00-07:00")];
    assert!(!three.keeps_spacing(done, at("2026-11-01T10:59:59-08:00")));
    assert!(three.keeps_spacing(done, at("2026-11-01T11:00:00-08:00")));
    assert!(!three.keeps_spacing(done, at("2026-10-31T12:00:01-07:00")));
    assert!(three.keeps_spacing(done, at("2026-10-31T12:00:00-07:00")));
    assert!(three.keeps_spacing([], done[0]));
}

#[test]
fn expected_is_never_more_than_all_nor_less_than_nothing() {
    let three_a_week: Vec<_> = (-1..=8).map(|days| expected(3, days, 7)).collect();
    assert_eq!(three_a_week, [0, 0, 1, 1, 2, 2, 3, 3, 3, 3]);
    assert_eq!(expected(3, 5, 0), 0);
}

#[test]
fn on_demand_has_a_slot_for_each_day_that_nobody_expects() {
    let mut demand = timeline(Rhythm::OnDemand {}, "America/Los_Angeles", "2026-11-01");
    demand.schedule.ends_on = Some(day("2026-11-02"));
    assert_eq!(demand.slots(day("2026-01-01"), day("2027-01-01")).count(), 0);
    let slot = demand.slot(day("2026-11-01"), 1).unwrap();
    assert_eq!(slot.opens_at, at("2026-11-01T07:00:00Z"));
    assert_eq!(slot.closes_at, Some(at("2026-11-02T08:00:00Z")));
    assert_eq!(demand.open_at(at("2026-11-01T20:00:00Z")), [slot]);
    assert!(demand.slot(day("2026-10-31"), 1).is_none());
    assert!(demand.slot(day("2026-11-03"), 1).is_none());
    assert!(demand.slot(day("2026-11-01"), 2).is_none());
}

#[test]
fn events_have_no_slots() {
    let events = timeline(
        Rhythm::Events { per_day: Some(3), day_starts_at: None },
        "Europe/Berlin",
        "2026-11-01",
    );
    assert_eq!(events.slots(day("2026-01-01"), day("2027-01-01")).count(), 0);
    assert!(events.slot(day("2026-11-01"), 1).is_none());
    assert_eq!(events.open_at(at("2026-11-01T20:00:00Z")), []);
}

#[test]
fn once_is_open_from_the_first_day_and_late_is_still_wanted() {
    let due = Due { on: day("2026-11-20"), time: Some(time("18:00")), closes_after_minutes: None };
    let mut once = timeline(Rhythm::Once { due: Some(due) }, "America/Boise", "2026-11-01");
    let all: Vec<_> = once.slots(day("2026-01-01"), day("9999-12-31")).collect();
    assert_eq!(keys(all.clone()), [(day("2026-11-20"), 1)]);
    assert_eq!(all[0].opens_at, at("2026-11-01T06:00:00Z"));
    assert_eq!((all[0].due_at, all[0].closes_at), (Some(at("2026-11-21T01:00:00Z")), None));
    once.schedule.ends_on = Some(day("2026-11-30"));
    let closes = once.slot(day("2026-11-20"), 1).unwrap().closes_at;
    assert_eq!(closes, Some(at("2026-12-01T07:00:00Z")));
    let undated = timeline(Rhythm::Once { due: None }, "America/Boise", "2026-11-01");
    let slot = undated.open_at(at("2031-11-01T06:00:00Z"));
    assert_eq!(keys(slot.clone()), [(day("2026-11-01"), 1)]);
    assert_eq!((slot[0].due_at, slot[0].closes_at), (None, None));
}

#[test]
fn the_end_of_the_calendar_is_reached_and_not_passed() {
    let last = timeline(daily(&["20:00"]), "UTC", "9999-12-01");
    assert_eq!(last.slots(day("9999-12-01"), day("9999-12-31")).count(), 30);
    assert_eq!(
        timeline(monthly(52), "UTC", "9990-12-01")
            .slots(day("9990-01-01"), day("9999-12-31"))
            .count(),
        2
    );
}

#[test]
fn a_window_in_the_night_of_a_member_is_told() {
    let night = |text: &str, minutes: u16, other: &str| {
        let mut evening = timeline(daily(&[text]), "America/Los_Angeles", "2026-11-01");
        evening.schedule.window_minutes = Some(minutes);
        let slot = evening.slot(day("2026-11-20"), 1).unwrap();
        evening.falls_at_night(&slot, &zone(other))
    };
    assert!(!night("20:00", 15, "America/Los_Angeles"));
    assert!(!night("20:00", 15, "America/Boise"));
    assert!(night("20:00", 15, "America/New_York"));
    assert!(night("20:00", 15, "Europe/Berlin"));
    assert!(!night("22:00", 15, "Europe/Berlin"));
    assert!(!night("22:45", 15, "America/Los_Angeles"));
    assert!(night("22:45", 16, "America/Los_Angeles"));
    assert!(night("23:00", 1, "America/Los_Angeles"));
    assert!(night("05:59", 1, "America/Los_Angeles"));
    assert!(!night("06:00", 600, "America/Los_Angeles"));
    assert!(night("14:00", 600, "America/Los_Angeles"));
    let whole = timeline(daily(&[]), "America/Los_Angeles", "2026-11-01");
    let slot = whole.slot(day("2026-11-20"), 1).unwrap();
    assert!(!whole.falls_at_night(&slot, &zone("America/New_York")));
}
