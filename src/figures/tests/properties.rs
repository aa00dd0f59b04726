use proptest::prelude::*;

use super::*;
use crate::figures::figure::percent;
use crate::figures::trend::{Dated, Fold, change_pct, weekly};
use crate::figures::weeks::Weeks;
use crate::figures::{Figure, Reader};

#[test]
fn a_half_is_rounded_up_everywhere() {
    for whole in 1..=100_u32 {
        for part in 0..=100 {
            let (floor, rest) = (part * 100 / whole, part * 100 % whole);
            let rounded = floor + u32::from(rest * 2 >= whole);
            assert_eq!(percent(part, whole), Some(rounded), "{part} of {whole}");
        }
    }
    assert_eq!((percent(1, 8), percent(1, 200), percent(0, 0)), (Some(13), Some(1), None));
}

fn figure(letters: &str, reader: Reader) -> Figure {
    let adherence = exercise(CompletedWhen::AllSubmitted);
    rule(&adherence, &couple()).figures(WEEKS, &days(MONDAY, letters), reader).total
}

fn reader() -> impl Strategy<Value = Reader> {
    prop_oneof![Just(Reader::Clinicians), Just(Reader::Participants)]
}

proptest! {
    #[test]
    fn words_never_count_more_than_was_due(letters in "[DASMXCO.]{0,40}", reader in reader()) {
        let figure = figure(&letters, reader);
        prop_assert!(figure.completed <= figure.expected);
        prop_assert!(figure.pct.is_none_or(|pct| pct <= 100));
        prop_assert_eq!(figure.pct.is_none(), figure.expected == 0);
        prop_assert!(figure.consecutive_missed.unwrap() <= figure.expected - figure.completed);
        let plain = format!("{} of {}", figure.completed, figure.expected);
        let words = if figure.expected == 0 { "nothing due".to_owned() } else { plain };
        prop_assert_eq!(figure.label, words);
    }

    /// What was done cannot be excused afterwards (`domain` 2.4.2), so what is excused was not done.
    #[test]
    fn to_excuse_never_lowers_a_percentage(
        before in "[DASMXCO.]{0,20}", excused in "[ASMO]", after in "[DASMXCO.]{0,20}",
        reader in reader(),
    ) {
        let with = figure(&format!("{before}{excused}{after}"), reader);
        let without = figure(&format!("{before}X{after}"), reader);
        prop_assert_eq!(without.completed, with.completed);
        prop_assert_eq!(without.excused, with.excused + 1);
        prop_assert!(without.pct.is_none_or(|pct| pct >= with.pct.unwrap()));
        prop_assert!(without.consecutive_missed <= with.consecutive_missed || excused != "M");
    }

    #[test]
    fn what_lies_ahead_changes_nothing(letters in "[DASMXCO]{0,30}", reader in reader()) {
        prop_assert_eq!(figure(&format!("{letters}...."), reader), figure(&letters, reader));
    }

    #[test]
    fn a_skip_shows_to_clinicians_alone(letters in "[DASMXCO.]{0,30}") {
        let missed = letters.replace('S', "M");
        let of = |letters: &str| figure(letters, Reader::Participants);
        prop_assert_eq!(of(&letters), of(&missed));
    }

    #[test]
    fn the_order_of_values_changes_nothing(
        values in prop::collection::vec((0..60_i32, 0.0..10.0_f64), 0..60),
    ) {
        let dated: Vec<Dated> = values
            .iter()
            .map(|(day, value)| Dated { local_date: MONDAY.plus_days(*day), value: *value })
            .collect();
        let mut turned = dated.clone();
        turned.reverse();
        let last = MONDAY.plus_days(59);
        for fold in [Fold::Mean, Fold::Sum] {
            let of = |values| weekly(values, fold, Weeks::Calendar, MONDAY, last);
            prop_assert_eq!(of(&dated), of(&turned));
            prop_assert!(change_pct(&of(&dated)).is_none_or(f64::is_finite));
        }
    }
}
