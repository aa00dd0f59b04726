use super::*;
use crate::db::Instant;
use crate::figures::{Figure, Figures, Outcome, Reader};

const BOTH: [Reader; 2] = [Reader::Clinicians, Reader::Participants];

fn check_in(letters: &str, reader: Reader) -> Figure {
    let adherence = exercise(CompletedWhen::AllSubmitted);
    rule(&adherence, &couple()).figures(WEEKS, &days(MONDAY, letters), reader).total
}

#[test]
fn the_story_of_the_couple_comes_out() {
    for reader in BOTH {
        let first = check_in("DMMDDDM", reader);
        assert_eq!((first.label.as_str(), first.pct), ("4 of 7", Some(57)));
        assert_eq!(first.consecutive_missed, Some(1));
        // Two in a row on Wednesday night.
        assert_eq!(check_in("DMM....", reader).consecutive_missed, Some(2));
        let second = check_in("DDMDDMD", reader);
        assert_eq!((second.label.as_str(), second.pct), ("5 of 7", Some(71)));
    }
}

#[test]
fn a_pause_leaves_the_denominator_and_nothing_due_has_no_percentage() {
    let paused = check_in("DXMDDDD", Reader::Participants);
    assert_eq!((paused.label.as_str(), paused.excused, paused.pct), ("5 of 6", 1, Some(83)));
    let nothing = check_in("XXC..", Reader::Clinicians);
    assert_eq!((nothing.label.as_str(), nothing.expected, nothing.pct), ("nothing due", 0, None));
}

#[test]
fn a_skip_is_expected_and_ends_a_row_for_clinicians_alone() {
    let (clinicians, participants) =
        (check_in("DMSM", Reader::Clinicians), check_in("DMSM", Reader::Participants));
    assert_eq!((clinicians.label.as_str(), participants.label.as_str()), ("1 of 4", "1 of 4"));
    assert_eq!(clinicians.consecutive_missed, Some(1));
    assert_eq!(participants.consecutive_missed, Some(3));
}

#[test]
fn participants_see_the_same_whether_the_other_skipped_or_missed() {
    assert_eq!(check_in("DSSM", Reader::Participants), check_in("DAAM", Reader::Participants));
    assert_eq!(check_in("DSSM", Reader::Participants), check_in("DMMM", Reader::Participants));
}

/// Slots of a week, all on its last day, which is how they are stored.
fn quota(letters: &str, beyond: &str) -> Figures {
    let adherence = exercise(CompletedWhen::AllSubmitted);
    let slots = |letters| -> Vec<Occurrence> {
        let on_its_last_day = |one: Occurrence| Occurrence { local_date: MONDAY, ..one };
        days(MONDAY, letters).into_iter().map(on_its_last_day).collect()
    };
    let couple = couple();
    rule(&adherence, &couple).quota_figures(
        WEEKS,
        &slots(letters),
        &slots(beyond),
        Reader::Clinicians,
    )
}

#[test]
fn more_than_a_quota_is_kept_and_capped_in_words() {
    let figure = quota("DDD", "DD").total;
    assert_eq!((figure.completed, figure.expected), (5, 3));
    assert_eq!((figure.label.as_str(), figure.pct), ("3 of 3", Some(100)));
    // Whoever takes the fourth time for the third has done three.
    let figure = quota("DDM", "D").total;
    assert_eq!((figure.label.as_str(), figure.completed), ("3 of 3", 3));
    // What one has done beyond it is theirs and not the couple's.
    let figures = quota("DAM", "A");
    let own: Vec<u32> =
        figures.people.iter().map(|one| one.figure.as_ref().unwrap().completed).collect();
    assert_eq!((figures.total.label.as_str(), own), ("1 of 3", vec![3, 1]));
}

#[test]
fn days_of_a_week_that_were_not_chosen_are_no_row() {
    let figures = quota("MMM", "");
    assert_eq!((figures.total.pct, figures.total.consecutive_missed), (Some(0), None));
    let of_people = figures.people.iter().map(|one| one.figure.as_ref().unwrap());
    assert!(of_people.into_iter().all(|figure| figure.consecutive_missed.is_none()));
}

/// `seed:1.126`: four of seven are a plan too.
#[test]
fn fewer_than_all_can_be_aimed_at() {
    let four = Adherence { target: Some(4), ..exercise(CompletedWhen::AllSubmitted) };
    let of = |letters: &str| {
        rule(&four, &couple()).figures(WEEKS, &days(MONDAY, letters), Reader::Participants)
    };
    let figure = of("DMDMDMD").total;
    assert_eq!((figure.label.as_str(), figure.pct), ("4 of 4", Some(100)));
    let more = of("DDDDDMD").total;
    assert_eq!((more.label.as_str(), more.completed), ("4 of 4", 6));
    // Of a week that has three days so far, or three that are excused, its share.
    assert_eq!(of("DMO....").total.label, "1 of 2");
    let rested = of("DMXXXDM").total;
    assert_eq!((rested.label.as_str(), rested.excused), ("2 of 3", 3));
    // Three may be left out, one after the other too; what goes beyond is a row.
    let rows = ["DDDDMMM", "DDDMMMM", "DDMMMMM"].map(|week| of(week).total.consecutive_missed);
    assert_eq!(rows, [Some(0), Some(1), Some(2)]);
    let own = of("DADADAD").people[1].figure.clone().unwrap();
    assert_eq!(own.label, "4 of 4");
    for all in [Some(7), Some(9), None] {
        let all = Adherence { target: all, ..four.clone() };
        let week =
            rule(&all, &couple()).figures(WEEKS, &days(MONDAY, "DMMDDDM"), Reader::Participants);
        assert_eq!((week.total.label.as_str(), week.total.consecutive_missed), ("4 of 7", Some(1)));
    }
}

/// The plan is of each week, whatever the weeks beside it bring.
#[test]
fn a_full_week_makes_up_for_no_empty_one() {
    let four = Adherence { target: Some(4), ..exercise(CompletedWhen::AllSubmitted) };
    let of = |letters: &str| {
        let days = days(MONDAY, letters);
        rule(&four, &couple()).figures(WEEKS, &days, Reader::Participants).total
    };
    let uneven = of("DDDDDDDDMMMMMM");
    assert_eq!((uneven.label.as_str(), uneven.completed, uneven.pct), ("5 of 8", 5, Some(63)));
    let full = of("DDDDDDDDDDDMMM");
    assert_eq!((full.label.as_str(), full.completed), ("8 of 8", 11));
    // Seven days across two weeks ask for no more than a week does.
    let days = days(MONDAY.plus_days(3), "DMDMDMD");
    let across = rule(&four, &couple()).figures(WEEKS, &days, Reader::Participants).total;
    assert_eq!(across.label, "4 of 4");

    let (first, second) = (MONDAY.plus_days(6), MONDAY.plus_days(13));
    let three = |last: Date, letters: &str| -> Vec<Occurrence> {
        let on = |one: Occurrence| Occurrence { local_date: last, ..one };
        super::days(MONDAY, letters).into_iter().map(on).collect()
    };
    let due = [three(first, "DDD"), three(second, "DMM")].concat();
    let adherence = exercise(CompletedWhen::AllSubmitted);
    let of = |beyond: Date| {
        let beyond = three(beyond, "D");
        rule(&adherence, &couple())
            .quota_figures(WEEKS, &due, &beyond, Reader::Participants)
            .total
            .label
    };
    assert_eq!((of(first), of(second)), ("4 of 6".to_owned(), "5 of 6".to_owned()));
}

#[test]
fn what_is_open_is_due_and_not_missed() {
    let today = check_in("DMO", Reader::Participants);
    assert_eq!((today.label.as_str(), today.consecutive_missed), ("1 of 3", Some(1)));
}

#[test]
fn an_excused_day_neither_ends_a_row_nor_adds_to_it() {
    assert_eq!(check_in("DMXCM", Reader::Participants).consecutive_missed, Some(2));
}

#[test]
fn the_order_of_what_is_given_does_not_matter() {
    let adherence = exercise(CompletedWhen::AllSubmitted);
    let mut turned = days(MONDAY, "DDMM");
    turned.reverse();
    let figure = rule(&adherence, &couple()).figures(WEEKS, &turned, Reader::Participants).total;
    assert_eq!(figure, check_in("DDMM", Reader::Participants));
}

#[test]
fn each_person_has_a_figure_of_their_own() {
    let adherence = exercise(CompletedWhen::AllSubmitted);
    let figures =
        rule(&adherence, &couple()).figures(WEEKS, &days(MONDAY, "DASM"), Reader::Clinicians);
    let labels: Vec<_> = figures
        .people
        .iter()
        .map(|one| (one.client_id, one.figure.clone().unwrap().label))
        .collect();
    assert_eq!(labels, [(person(1), "3 of 4".to_owned()), (person(2), "1 of 4".to_owned())]);
    assert_eq!(figures.total.label, "1 of 4");
}

#[test]
fn what_counts_as_done_is_the_exercises_own() {
    let done = |when, mut one: Occurrence, ended| {
        one.ended = ended;
        let adherence = exercise(when);
        rule(&adherence, &couple()).outcome(&one, Reader::Clinicians)
    };
    let by_one = || occurrence(MONDAY, State::Closed, &[(person(1), Sent::InTime)]);
    assert_eq!(done(CompletedWhen::AllSubmitted, by_one(), true), Outcome::Missed);
    assert_eq!(done(CompletedWhen::AnySubmitted, by_one(), false), Outcome::Done);
    assert_eq!(done(CompletedWhen::JointSubmitted, by_one(), false), Outcome::Done);
    for when in [
        CompletedWhen::ExchangeClosed,
        CompletedWhen::SessionClosedOrStopped,
        CompletedWhen::Offered,
        CompletedWhen::Agreed,
        CompletedWhen::Reviewed,
    ] {
        assert_eq!(done(when, by_one(), false), Outcome::Missed);
        assert_eq!(done(when, by_one(), true), Outcome::Done);
    }
    assert_eq!(done(CompletedWhen::Never, by_one(), true), Outcome::NotDue);
}

#[test]
fn an_answer_may_travel_for_three_days() {
    let at = |hours: i64| Instant::from_micros(0).plus_seconds(hours * 3600);
    let sent = |completed, received| Sent::answer(Some(at(20)), completed, received);
    assert_eq!(sent(None, at(20)), Sent::InTime);
    assert_eq!(sent(Some(at(19)), at(21)), Sent::ReceivedLate);
    assert_eq!(sent(Some(at(20)), at(92)), Sent::ReceivedLate);
    assert_eq!(sent(Some(at(19)), at(92).plus_seconds(1)), Sent::Late);
    assert_eq!(sent(Some(at(21)), at(21)), Sent::Late);
    assert_eq!(sent(None, at(21)), Sent::Late);
    assert_eq!(Sent::answer(None, None, at(900)), Sent::InTime);
    assert!(Sent::ReceivedLate.counts() && !Sent::Late.counts());
}

#[test]
fn a_late_answer_leaves_its_day_missed() {
    let [a, b] = couple();
    let late = [occurrence(MONDAY, State::Closed, &[(a, Sent::InTime), (b, Sent::Late)])];
    let adherence = exercise(CompletedWhen::AllSubmitted);
    let figure = rule(&adherence, &couple()).figures(WEEKS, &late, Reader::Clinicians).total;
    assert_eq!((figure.completed, figure.consecutive_missed), (0, Some(1)));
}

#[test]
fn the_words_count_and_do_not_judge() {
    let words = serde_json::to_string(&check_in("DMMDDDM", Reader::Clinicians)).unwrap();
    for word in ["streak", "rank", "fail", "only", "just", "score", "bad", "red"] {
        assert!(!words.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|one| one == word));
    }
}
