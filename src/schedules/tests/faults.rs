//! What cannot be set, told all at once.

use super::*;

fn faults(schedule: &Schedule) -> Vec<String> {
    let faults = schedule.faults("/schedule", day("2026-11-18"));
    faults.into_iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect()
}

fn of(rhythm: Rhythm) -> Vec<String> {
    faults(&schedule(rhythm))
}

#[test]
fn what_can_be_set_has_no_faults() {
    for rhythm in [
        Rhythm::Once { due: None },
        daily(&[]),
        daily(&["20:00"]),
        weekly(&[(Weekday::Tue, "21:00"), (Weekday::Fri, "22:00")]),
        quota(3),
        monthly(3),
        Rhythm::OnDemand {},
        Rhythm::Events { per_day: Some(5), day_starts_at: None },
    ] {
        assert_eq!(of(rhythm.clone()), [""; 0], "{rhythm:?}");
    }
}

#[test]
fn all_faults_are_told_at_once() {
    let on = |day| OnDay { day, time: None };
    let rhythm = Rhythm::Weekly {
        every: 0,
        on: vec![on(Weekday::Mon), on(Weekday::Tue), on(Weekday::Mon)],
        min_spacing_hours: Some(200),
        opening: Opening { opens_before_minutes: Some(50_000), closes_after_minutes: Some(50_000) },
    };
    let schedule = Schedule { rhythm, window_minutes: Some(601), ends_on: Some(day("2026-11-17")) };
    assert_eq!(
        faults(&schedule),
        [
            "/schedule/window_minutes out_of_range",
            "/schedule/ends_on out_of_range",
            "/schedule/rhythm/every out_of_range",
            "/schedule/rhythm/opening/opens_before_minutes out_of_range",
            "/schedule/rhythm/opening/closes_after_minutes out_of_range",
            "/schedule/rhythm/min_spacing_hours out_of_range",
            "/schedule/rhythm/on/2/day repeated",
        ]
    );
}

#[test]
fn numbers_have_bounds_of_their_own() {
    let every = |every| Rhythm::Daily { every, times: Vec::new(), opening: Opening::default() };
    assert_eq!(of(every(53)), ["/schedule/rhythm/every out_of_range"]);
    assert_eq!(of(monthly(0)), ["/schedule/rhythm/every out_of_range"]);
    assert_eq!(of(quota(0)), ["/schedule/rhythm/times out_of_range"]);
    assert_eq!(of(quota(25)), ["/schedule/rhythm/times out_of_range"]);
    let few =
        Rhythm::Quota { times: 3, times_max: Some(2), every_weeks: 53, min_spacing_hours: None };
    assert_eq!(
        of(few),
        ["/schedule/rhythm/every_weeks out_of_range", "/schedule/rhythm/times_max out_of_range"]
    );
    let events = |per_day| Rhythm::Events { per_day: Some(per_day), day_starts_at: None };
    assert_eq!(of(events(0)), ["/schedule/rhythm/per_day out_of_range"]);
    assert_eq!(of(events(25)), ["/schedule/rhythm/per_day out_of_range"]);
    assert_eq!(of(weekly(&[])), ["/schedule/rhythm/on too_few"]);
}

#[test]
fn times_of_a_day_are_different_and_few() {
    assert_eq!(of(daily(&["08:00", "20:00", "08:00"])), ["/schedule/rhythm/times/2 repeated"]);
    let times = (0..25).map(WallTime::from_minutes).collect();
    let many = Rhythm::Daily { every: 1, times, opening: Opening::default() };
    assert_eq!(of(many), ["/schedule/rhythm/times too_many"]);
}

#[test]
fn one_closes_before_the_next_opens() {
    let twice = |before, after| {
        let times = vec![time("20:00"), time("08:00")];
        let opening = Opening { opens_before_minutes: before, closes_after_minutes: after };
        of(Rhythm::Daily { every: 1, times, opening })
    };
    let overlap = ["/schedule/rhythm/opening overlap"];
    assert_eq!(twice(Some(360), Some(360)), [""; 0]);
    assert_eq!(twice(Some(361), Some(360)), overlap);
    // Both would be open the whole day.
    assert_eq!(twice(None, None), overlap);
    assert_eq!(twice(Some(15), None), overlap);
    assert_eq!(twice(Some(15), Some(240)), [""; 0]);
    let opening = Opening { opens_before_minutes: Some(0), closes_after_minutes: Some(28 * 1440) };
    assert_eq!(of(Rhythm::Monthly { every: 1, time: None, opening }), [""; 0]);
    let opening = Opening { opens_before_minutes: Some(1), ..opening };
    assert_eq!(of(Rhythm::Monthly { every: 1, time: None, opening }), overlap);
}

#[test]
fn fixed_days_keep_their_distance_around_the_week() {
    let spaced = |every, hours, on: &[(Weekday, &str)]| match weekly(on) {
        Rhythm::Weekly { on, opening, .. } => {
            of(Rhythm::Weekly { every, on, min_spacing_hours: Some(hours), opening })
        }
        _ => unreachable!(),
    };
    let near = ["/schedule/rhythm/min_spacing_hours overlap"];
    let two = [(Weekday::Tue, "21:00"), (Weekday::Wed, "09:00")];
    assert_eq!(spaced(1, 12, &two), [""; 0]);
    assert_eq!(spaced(1, 13, &two), near);
    // From Sunday to Monday, over the end of the week.
    let round = [(Weekday::Mon, "08:00"), (Weekday::Sun, "20:00")];
    assert_eq!(spaced(1, 13, &round), near);
    // Weeks begin on the first day, a Wednesday: Tuesday ends one and Wednesday begins the next but one.
    assert_eq!(spaced(2, 36, &[(Weekday::Tue, "20:00"), (Weekday::Wed, "08:00")]), [""; 0]);
    let full =
        Rhythm::Quota { times: 7, times_max: None, every_weeks: 1, min_spacing_hours: Some(28) };
    assert_eq!(of(full), near);
    let fits =
        Rhythm::Quota { times: 7, times_max: None, every_weeks: 1, min_spacing_hours: Some(27) };
    assert_eq!(of(fits), [""; 0]);
}

#[test]
fn the_last_day_lies_within_ten_years_and_around_what_is_due() {
    let due = Due { on: day("2026-12-01"), time: None, closes_after_minutes: Some(43_201) };
    let mut once = schedule(Rhythm::Once { due: Some(due) });
    once.ends_on = Some(day("2026-11-30"));
    assert_eq!(
        faults(&once),
        [
            "/schedule/rhythm/due/on out_of_range",
            "/schedule/rhythm/due/closes_after_minutes out_of_range",
        ]
    );
    once.ends_on = Some(day("2046-12-01"));
    assert_eq!(faults(&once)[0], "/schedule/ends_on out_of_range");
}
