use super::*;
use crate::figures::Figures;
use crate::figures::targets::Day;
use crate::figures::weeks::{Term, Weeks};

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
    // Of a term that ends on its fourth day, the same share.
    let short = Term { ends_on: Some(MONDAY.plus_days(3)), ..TERM };
    let figure = rule(&bids, &couple()).target_figures(short, &days[..4]).total;
    assert_eq!(figure.label, "1 of 1");
    days.iter_mut().for_each(|day| day.state = State::Excused);
    let excused = figures(&bids, &days).total;
    assert_eq!((excused.label.as_str(), excused.excused), ("nothing due", 1));
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
