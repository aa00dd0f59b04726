//! Schedules from exercises' own timings, those of the catalogue first (`domain` 3.6).

use super::*;
use crate::activities::definition::Capture;
use crate::activities::definition::parts::{PeriodUnit, Placement, Repeat, Timing};

fn timing(frequency: u8, period: u8, period_unit: PeriodUnit) -> Timing {
    Timing {
        repeat: Repeat {
            frequency,
            frequency_max: None,
            period,
            period_unit,
            day_of_week: Vec::new(),
            time_of_day: Vec::new(),
            bounds: None,
        },
        placement: None,
        same_time_every_occurrence: false,
        opens_before: None,
        closes_after: None,
        min_spacing: None,
        window_minutes: None,
    }
}

fn of(timing: &Timing) -> Result<Schedule, Vec<String>> {
    let starts_on = day("2027-01-31");
    let made = Schedule::of_timing(Some(timing), starts_on, Capture::Form);
    if let Ok(schedule) = &made {
        assert_eq!(schedule.faults("", starts_on), []);
    }
    let text = |fault: crate::error::Fault| format!("{} {}", fault.pointer, fault.code);
    made.map_err(|faults| faults.into_iter().map(text).collect())
}

#[test]
fn daily_check_in() {
    let mut daily = timing(1, 1, PeriodUnit::Day);
    daily.repeat.time_of_day = vec!["20:00".to_owned()];
    daily.repeat.bounds = Some("P30D".to_owned());
    daily.placement = Some(Placement::Fixed);
    daily.opens_before = Some("PT15M".to_owned());
    daily.closes_after = Some("PT4H".to_owned());
    daily.window_minutes = Some(15);
    let opening = Opening { opens_before_minutes: Some(15), closes_after_minutes: Some(240) };
    let rhythm = Rhythm::Daily { every: 1, times: vec![time("20:00")], opening };
    let ends_on = Some(day("2027-03-01"));
    assert_eq!(of(&daily), Ok(Schedule { rhythm, window_minutes: Some(15), ends_on }));
}

#[test]
fn thirty_days_have_thirty_slots_and_two_weeks_two() {
    let count = |timing: &Timing| {
        let line = Timeline::new(of(timing).unwrap(), zone("America/Boise"), day("2027-01-31"));
        line.slots(day("2027-01-01"), day("2029-01-01")).count()
    };
    let mut month = timing(1, 1, PeriodUnit::Day);
    month.repeat.bounds = Some("P30D".to_owned());
    assert_eq!(count(&month), 30);
    let mut touch = timing(3, 1, PeriodUnit::Week);
    touch.repeat.bounds = Some("P2W".to_owned());
    touch.placement = Some(Placement::Flexible);
    assert_eq!(count(&touch), 6);
}

#[test]
fn touch_three_a_week_and_windows_of_two_fixed_days() {
    let mut touch = timing(3, 1, PeriodUnit::Week);
    touch.placement = Some(Placement::Flexible);
    touch.min_spacing = Some("PT12H".to_owned());
    let rhythm =
        Rhythm::Quota { times: 3, times_max: None, every_weeks: 1, min_spacing_hours: Some(12) };
    assert_eq!(of(&touch), Ok(schedule(rhythm)));
    let mut windows = timing(2, 1, PeriodUnit::Week);
    windows.placement = Some(Placement::Fixed);
    // Which days, the couple has not chosen yet.
    assert_eq!(of(&windows), Err(vec!["/repeat/day_of_week required".to_owned()]));
    windows.repeat.day_of_week = vec![Weekday::Tue, Weekday::Fri];
    windows.repeat.time_of_day = vec!["21:00".to_owned()];
    assert_eq!(
        of(&windows),
        Ok(schedule(weekly(&[(Weekday::Tue, "21:00"), (Weekday::Fri, "21:00")])))
    );
}

#[test]
fn weekly_pulse_on_sundays_and_quarterly_review() {
    let mut pulse = timing(1, 1, PeriodUnit::Week);
    pulse.repeat.day_of_week = vec![Weekday::Sun];
    let on = vec![OnDay { day: Weekday::Sun, time: None }];
    let rhythm =
        Rhythm::Weekly { every: 1, on, min_spacing_hours: None, opening: Opening::default() };
    assert_eq!(of(&pulse), Ok(schedule(rhythm)));
    let review = of(&timing(1, 3, PeriodUnit::Month)).unwrap();
    let line = Timeline::new(review, zone("America/Boise"), day("2027-01-31"));
    let slot = line.slots(day("2027-01-01"), day("2027-12-31")).next().unwrap();
    assert_eq!(slot.local_date, day("2027-04-30"));
    // From the first moment of its day until a week after its end.
    assert_eq!(slot.opens_at, at("2027-04-30T06:00:00Z"));
    assert_eq!(slot.closes_at, Some(at("2027-05-08T06:00:00Z")));
}

#[test]
fn without_a_timing_it_is_done_once_or_when_it_happens() {
    let of = |capture| Schedule::of_timing(None, day("2027-01-31"), capture).unwrap().rhythm;
    assert_eq!(of(Capture::Form), Rhythm::Once { due: None });
    assert_eq!(of(Capture::Document), Rhythm::Once { due: None });
    assert_eq!(of(Capture::Event), Rhythm::Events { per_day: None, day_starts_at: None });
    let gestures = timing(5, 1, PeriodUnit::Day);
    let made = Schedule::of_timing(Some(&gestures), day("2027-01-31"), Capture::Event);
    assert_eq!(made.unwrap().rhythm, Rhythm::Events { per_day: Some(5), day_starts_at: None });
}

#[test]
fn what_fits_no_rhythm_is_told_whole() {
    let mut wrong = timing(3, 1, PeriodUnit::Day);
    wrong.repeat.bounds = Some("P0D".to_owned());
    wrong.opens_before = Some("PT9999H".to_owned());
    assert_eq!(
        of(&wrong),
        Err(vec![
            "/opens_before wrong_form".to_owned(),
            "/repeat/time_of_day mismatch".to_owned(),
            "/repeat/bounds wrong_form".to_owned(),
        ])
    );
    let mut hours = timing(1, 1, PeriodUnit::Day);
    hours.repeat.time_of_day = vec!["8 pm".to_owned()];
    assert_eq!(of(&hours), Err(vec!["/repeat/time_of_day wrong_form".to_owned()]));
    assert_eq!(
        of(&timing(2, 1, PeriodUnit::Month)),
        Err(vec!["/repeat/frequency out_of_range".to_owned()])
    );
}
