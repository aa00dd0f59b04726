//! The time vectors of `domain` 8.1 that concern schedules, by their names there.

use super::*;

const LA: &str = "America/Los_Angeles";

fn instants(texts: &[&str]) -> Vec<Instant> {
    texts.iter().map(|text| at(text)).collect()
}

#[test]
fn daily_20_00_in_los_angeles_over_the_end_of_summer_time() {
    let evening = timeline(daily(&["20:00"]), LA, "2026-10-01");
    assert_eq!(
        dues(&evening, "2026-10-31", "2026-11-03"),
        instants(&["2026-11-01T03:00:00Z", "2026-11-02T04:00:00Z", "2026-11-03T04:00:00Z"])
    );
}

#[test]
fn daily_20_00_over_the_beginning_of_summer_time() {
    let evening = timeline(daily(&["20:00"]), LA, "2027-03-01");
    assert_eq!(
        dues(&evening, "2027-03-13", "2027-03-16"),
        instants(&["2027-03-14T04:00:00Z", "2027-03-15T03:00:00Z", "2027-03-16T03:00:00Z"])
    );
}

#[test]
fn gap_02_30_on_14_march_2027_is_03_30_in_summer_time() {
    let night = timeline(daily(&["02:30"]), LA, "2027-03-01");
    let slots: Vec<_> = night.slots(day("2027-03-14"), day("2027-03-15")).collect();
    assert_eq!(keys(slots.clone()), [(day("2027-03-14"), 1)]);
    assert_eq!(slots[0].due_at, Some(at("2027-03-14T03:30:00-07:00")));
}

#[test]
fn overlap_01_30_on_1_november_2026_is_the_first() {
    let night = timeline(daily(&["01:30"]), LA, "2026-10-01");
    assert_eq!(dues(&night, "2026-11-01", "2026-11-02"), instants(&["2026-11-01T01:30:00-07:00"]));
}

#[test]
fn boise_20_00_on_1_november_2026() {
    let evening = timeline(daily(&["20:00"]), "America/Boise", "2026-10-01");
    assert_eq!(dues(&evening, "2026-11-01", "2026-11-02"), instants(&["2026-11-02T03:00:00Z"]));
}

#[test]
fn monday_10_00_to_17_00_in_seattle_is_11_00_to_18_00_in_boise() {
    let monday = OnDay { day: Weekday::Mon, time: Some("10:00".parse().unwrap()) };
    let opening = Opening { opens_before_minutes: Some(0), closes_after_minutes: Some(7 * 60) };
    let rhythm = Rhythm::Weekly { every: 1, on: vec![monday], min_spacing_hours: None, opening };
    let posted = timeline(rhythm, LA, "2026-10-01");
    let boise = zone("America/Boise");
    // Both go over to winter on the same night.
    for slot in posted.slots(day("2026-10-26"), day("2026-11-03")) {
        let there = |at: Instant| at.wall_time_in(&boise).to_string();
        assert_eq!(there(slot.opens_at), "11:00");
        assert_eq!(there(slot.closes_at.unwrap()), "18:00");
    }
    assert_eq!(posted.slots(day("2026-10-26"), day("2026-11-03")).count(), 2);
}

#[test]
fn local_days_of_25_and_23_hours() {
    let whole = timeline(daily(&[]), LA, "2026-10-01");
    for (date, hours) in [("2026-11-01", 25), ("2027-03-14", 23), ("2026-11-21", 24)] {
        let slot = whole.slot(day(date), 1).unwrap();
        let micros = slot.closes_at.unwrap().micros() - slot.opens_at.micros();
        assert_eq!(micros / 3_600_000_000, hours, "{date}");
        assert_eq!(slot.due_at, slot.closes_at);
    }
}

fn days(timeline: &Timeline) -> Vec<String> {
    let until = timeline.starts_on.0.saturating_add(jiff::Span::new().months(13));
    timeline
        .slots(timeline.starts_on, Date(until))
        .map(|slot| slot.local_date.to_string())
        .collect()
}

#[test]
fn monthly_from_31_january_2027() {
    let monthly = timeline(monthly(1), LA, "2027-01-31");
    assert_eq!(days(&monthly)[..4], ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]);
}

#[test]
fn quarterly_from_31_january_2027() {
    let quarterly = timeline(monthly(3), LA, "2027-01-31");
    assert_eq!(days(&quarterly), ["2027-04-30", "2027-07-31", "2027-10-31", "2028-01-31"]);
}

#[test]
fn flexible_three_a_week_expect_two_in_a_last_week_of_four_days() {
    assert_eq!(expected(3, 4, 7), 2);
    let mut three = timeline(quota(3), LA, "2026-11-23");
    three.schedule.ends_on = Some(day("2026-12-03"));
    let (week, short) = (day("2026-11-29"), day("2026-12-03"));
    let all = keys(three.slots(day("2026-01-01"), day("2027-12-31")));
    assert_eq!(all, [(week, 1), (week, 2), (week, 3), (short, 1), (short, 2)]);
}

/// Not a vector of slots, but of what rule 3 says of durations: they pass on no wall.
#[test]
fn twenty_four_hours_across_the_end_of_summer_time() {
    let mut evening = timeline(daily(&["21:15"]), LA, "2026-10-31");
    evening.schedule.rhythm = Rhythm::Daily {
        every: 2,
        times: vec![time("21:15")],
        opening: Opening { opens_before_minutes: None, closes_after_minutes: Some(24 * 60) },
    };
    let slot = evening.slot(day("2026-10-31"), 1).unwrap();
    assert_eq!(slot.closes_at, Some(at("2026-11-01T20:15:00-08:00")));
}
