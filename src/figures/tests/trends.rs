use super::*;
use crate::figures::trend::{Dated, Fold, Metric, WeekValue, change_pct, weekly};
use crate::figures::weeks::Weeks;

fn dated(values: &[(i32, f64)]) -> Vec<Dated> {
    values
        .iter()
        .map(|(day, value)| Dated { local_date: MONDAY.plus_days(*day), value: *value })
        .collect()
}

fn weeks(values: &[Option<f64>]) -> Vec<WeekValue> {
    (0..)
        .zip(values)
        .map(|(week, value)| WeekValue {
            starts_on: MONDAY.plus_days(7 * week),
            value: *value,
            values: u32::from(value.is_some()),
        })
        .collect()
}

#[test]
fn a_week_has_its_mean_or_its_sum() {
    let values = dated(&[(0, 3.0), (1, 4.0), (6, 3.0), (14, 5.0)]);
    let of = |fold| {
        weekly(&values, fold, Weeks::From(MONDAY), MONDAY, MONDAY.plus_days(20))
            .iter()
            .map(|week| week.value)
            .collect::<Vec<_>>()
    };
    assert_eq!(of(Fold::Mean), [Some(3.33), None, Some(5.0)]);
    assert_eq!(of(Fold::Sum), [Some(10.0), None, Some(5.0)]);
    assert_eq!(Metric::Mood.fold(), Fold::Mean);
    assert_eq!(Metric::Gestures.fold(), Fold::Sum);
}

#[test]
fn weeks_of_the_calendar_take_in_what_lies_before_the_assignments() {
    let thursday = MONDAY.plus_days(3);
    let values = dated(&[(3, 1.0), (6, 3.0), (7, 5.0)]);
    let starts = |weeks| {
        weekly(&values, Fold::Mean, weeks, thursday, MONDAY.plus_days(9))
            .iter()
            .map(|week| (week.starts_on, week.value))
            .collect::<Vec<_>>()
    };
    assert_eq!(starts(Weeks::From(thursday)), [(thursday, Some(3.0))]);
    assert_eq!(starts(Weeks::Calendar), [(MONDAY, Some(2.0)), (MONDAY.plus_days(7), Some(5.0))]);
}

#[test]
fn the_last_two_weeks_are_compared_with_the_first_two() {
    let change = |values: &[Option<f64>]| change_pct(&weeks(values));
    assert_eq!(change(&[Some(4.0), Some(6.0), Some(9.0), Some(3.0), Some(3.0)]), Some(-40.0));
    // By day 21 there are three weeks, and the second is in both.
    assert_eq!(change(&[Some(4.0), Some(4.0), Some(2.0)]), Some(-25.0));
    assert_eq!(change(&[Some(4.0), None, None, Some(5.0)]), Some(25.0));
    assert_eq!(change(&[Some(3.0), Some(3.0), Some(3.0)]), Some(0.0));
}

#[test]
fn without_data_there_is_no_change() {
    let change = |values: &[Option<f64>]| change_pct(&weeks(values));
    assert_eq!(change(&[]), None);
    assert_eq!(change(&[Some(4.0), Some(2.0)]), None);
    assert_eq!(change(&[None, None, Some(4.0), Some(4.0)]), None);
    assert_eq!(change(&[Some(4.0), Some(4.0), None, None]), None);
    assert_eq!(change(&[Some(0.0), Some(0.0), Some(4.0), Some(4.0)]), None);
}

#[test]
fn a_value_that_is_no_number_is_left_out() {
    let values = dated(&[(0, f64::NAN), (1, f64::INFINITY), (2, 4.0)]);
    let week = weekly(&values, Fold::Mean, Weeks::Calendar, MONDAY, MONDAY);
    assert_eq!((week[0].value, week[0].values), (None, 0));
    let week = weekly(&values, Fold::Mean, Weeks::Calendar, MONDAY, MONDAY.plus_days(6));
    assert_eq!((week[0].value, week[0].values), (Some(4.0), 1));
}
