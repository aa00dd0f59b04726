use std::collections::BTreeSet;

use super::*;
use crate::figures::quota::Quota;
use crate::figures::targets::Day;
use crate::figures::weeks::{Term, Weeks};
use crate::figures::{Figure, Figures, Outcome};

const TERM: Term = Term { starts_on: MONDAY, ends_on: None };

/// Days over, with so many entries of either.
fn noted(entries: &[(u32, u32)]) -> Vec<Day> {
    let [a, b] = couple();
    (0..)
        .zip(entries)
        .map(|(number, (of_a, of_b))| Day {
            local_date: MONDAY.plus_days(number),
            state: State::Closed,
            entries: BTreeMap::from([(a, *of_a), (b, *of_b)]),
        })
        .collect()
}

fn figures(adherence: &Adherence, days: &[Day]) -> Figures {
    rule(adherence, &couple()).target_figures(TERM, days)
}

#[test]
fn a_day_is_met_by_what_both_noted() {
    let gestures =
        events(AdherenceUnit::Day, 2, CountScope::Couple, "{completed} days of {expected}");
    let mut days = noted(&[(1, 1), (0, 9), (1, 0), (0, 0), (2, 0)]);
    let total = figures(&gestures, &days).total;
    assert_eq!((total.label.as_str(), total.pct), ("3 days of 5", Some(60)));
    assert_eq!(total.consecutive_missed, None);
    days[3].state = State::Excused;
    days[4].state = State::Scheduled;
    let two = figures(&gestures, &days);
    assert_eq!((two.total.label.as_str(), two.total.excused), ("2 days of 3", 1));
    let entries: Vec<_> =
        two.people.iter().map(|one| (one.figure.is_some(), one.entries)).collect();
    assert_eq!(entries, [(false, Some(2)), (false, Some(10))]);
}

#[test]
fn each_can_be_asked_for_their_own() {
    let each = events(AdherenceUnit::Day, 2, CountScope::Each, "{completed} of {expected}");
    let figures = figures(&each, &noted(&[(2, 2), (0, 9), (3, 1)]));
    assert_eq!(figures.total.label, "1 of 3");
    let own: Vec<_> = figures.people.iter().map(|one| one.figure.clone().unwrap().label).collect();
    assert_eq!(own, ["2 of 3", "2 of 3"]);
}

#[test]
fn words_without_a_number_that_was_due_tell_of_events() {
    let bids = events(AdherenceUnit::Week, 3, CountScope::Couple, "{completed} noticed");
    let total = figures(&bids, &noted(&[(1, 1), (0, 0), (2, 0)])).total;
    assert_eq!((total.label.as_str(), total.completed, total.expected), ("4 noticed", 1, 1));
    assert_eq!(figures(&bids, &[]).total.label, "nothing due");
}

#[test]
fn a_week_of_which_days_are_excused_asks_for_its_share() {
    let bids = events(AdherenceUnit::Week, 3, CountScope::Couple, "{completed} of {expected}");
    let mut days = noted(&[(1, 1), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0)]);
    assert_eq!(figures(&bids, &days).total.label, "0 of 1");
    for day in &mut days[4..] {
        day.state = State::Excused;
    }
    // ceil(3 x 4 / 7) = 2.
    assert_eq!(figures(&bids, &days).total.label, "1 of 1");
    days.iter_mut().for_each(|day| day.state = State::Excused);
    let excused = figures(&bids, &days).total;
    assert_eq!((excused.label.as_str(), excused.excused), ("nothing due", 1));
}

#[test]
fn a_day_of_a_target_has_an_outcome() {
    let gestures = events(AdherenceUnit::Day, 2, CountScope::Couple, "{completed}");
    let outcome = |state, count| {
        let day = Day { state, ..noted(&[(count, 0)])[0].clone() };
        rule(&gestures, &couple()).day_outcome(&day)
    };
    assert_eq!(outcome(State::Closed, 2), Outcome::Done);
    assert_eq!(outcome(State::Closed, 1), Outcome::Missed);
    assert_eq!(outcome(State::Open, 1), Outcome::Open);
    assert_eq!(outcome(State::Excused, 2), Outcome::Excused);
}

fn quota(letters: &str, ends_on: Option<Date>, today: Date) -> Figure {
    let adherence = exercise(CompletedWhen::AllSubmitted);
    let excused = BTreeSet::new();
    let weeks = Weeks::From(MONDAY).between(MONDAY, MONDAY.plus_days(13));
    let quota = Quota {
        per_week: 3,
        term: Term { starts_on: MONDAY, ends_on },
        weeks: &weeks,
        excused: &excused,
    };
    rule(&adherence, &couple()).quota_figures(quota, today, &days(MONDAY, letters)).total
}

#[test]
fn more_than_a_quota_is_kept_and_capped_in_words() {
    let figure = quota("DDDDD", None, MONDAY.plus_days(6));
    assert_eq!((figure.completed, figure.expected), (5, 3));
    assert_eq!((figure.label.as_str(), figure.pct), ("3 of 3", Some(100)));
    assert_eq!(figure.consecutive_missed, None);
}

#[test]
fn a_shortened_last_week_asks_for_its_share() {
    let figure = quota("D", Some(MONDAY.plus_days(3)), MONDAY.plus_days(3));
    assert_eq!(figure.label, "1 of 2");
    // The second week has begun, of four days.
    let figure = quota("DDD....D", Some(MONDAY.plus_days(10)), MONDAY.plus_days(8));
    assert_eq!(figure.label, "4 of 5");
}

#[test]
fn excused_days_shorten_their_week() {
    let adherence = exercise(CompletedWhen::AllSubmitted);
    let excused: BTreeSet<Date> = (0..3).map(|day| MONDAY.plus_days(day)).collect();
    let quota = Quota { per_week: 3, term: TERM, weeks: &[MONDAY], excused: &excused };
    let figure = rule(&adherence, &couple()).quota_figures(
        quota,
        MONDAY.plus_days(6),
        &days(MONDAY, "...D"),
    );
    assert_eq!((figure.total.label.as_str(), figure.total.excused), ("1 of 2", 1));
    assert_eq!(figure.people[1].figure.as_ref().unwrap().label, "1 of 2");
}

#[test]
fn weeks_begin_on_monday_or_with_the_assignment() {
    let thursday = MONDAY.plus_days(3);
    assert_eq!(Weeks::Calendar.start_of(thursday), MONDAY);
    assert_eq!(Weeks::Calendar.start_of(MONDAY.plus_days(-1)), MONDAY.plus_days(-7));
    assert_eq!(Weeks::From(thursday).start_of(MONDAY.plus_days(9)), thursday);
    assert_eq!(Weeks::From(thursday).start_of(MONDAY), MONDAY.plus_days(-4));
    assert_eq!(
        Weeks::Calendar.between(thursday, MONDAY.plus_days(7)),
        [MONDAY, MONDAY.plus_days(7)]
    );
    let last = Date(jiff::civil::Date::MAX);
    assert_eq!(Weeks::Calendar.between(last, last).len(), 1);
}
