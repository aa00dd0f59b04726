//! The page of the method: its entries are all there, and so is everything that it names.

use std::collections::BTreeSet;
use std::path::Path;

use attune::activities::content::ContentList;
use attune::activities::definition::catalog;
use attune::programs::definition as programs;

use super::{ROOT, text_of};
use crate::support::document::Document;

const PAGE: &str = include_str!("../../../docs/reference/method.md");

/// What is awaited, and the folder of `src` in which it will live. Once the folder is there, the page has to tell of
/// what it brought.
const AWAITED: [(&str, &str); 24] = [
    ("agenda", "agenda"),
    ("agreements", "agreements"),
    ("beginning anew", "programs/anew"),
    ("billing", "billing"),
    ("booking", "booking"),
    ("comparison views", "comparison_views"),
    ("content", "content"),
    ("exchanges", "exchanges"),
    ("further figures", "figures/further"),
    ("issues", "issues"),
    ("ledger", "ledger"),
    ("measures", "measures"),
    ("phrase check", "phrase_check"),
    ("presentation", "presentation"),
    ("promises", "promises"),
    ("public site", "public_site"),
    ("quiet hours", "quiet_hours"),
    ("referrals", "referrals"),
    ("rotation", "rotation"),
    ("staged plans", "staged_plans"),
    ("time-outs", "time_outs"),
    ("treatment plans", "treatment_plans"),
    ("windows", "windows"),
    ("wins", "wins"),
];

/// Entry, what it is, where it lives, and what shows it.
fn rows() -> Vec<[&'static str; 4]> {
    let rows = PAGE.lines().filter(|line| line.starts_with("| 1."));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        cells.try_into().unwrap_or_else(|_| panic!("four cells: {row}"))
    })
    .collect()
}

/// The features that are awaited, as the second table names them.
fn features() -> BTreeSet<&'static str> {
    let table = PAGE.split("## What is awaited\n").nth(1).expect("the table");
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(2);
    rows.filter_map(|row| row.trim_matches('|').split(" | ").next().map(str::trim)).collect()
}

/// What stands in backticks.
fn in_code(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

/// What stands in backticks behind this word.
fn named<'a>(cell: &'a str, word: &str) -> Vec<&'a str> {
    let mark = format!("{word} `");
    cell.split(mark.as_str()).skip(1).filter_map(|rest| rest.split('`').next()).collect()
}

/// The tests that an entry names, and the features that it awaits.
fn shown(cell: &str) -> (Vec<&str>, Vec<&str>) {
    let (tests, later) = cell.split_once("later: ").unwrap_or((cell, ""));
    let later = later.split(", ").filter(|feature| !feature.is_empty()).collect();
    (in_code(tests).collect(), later)
}

#[test]
fn the_hundred_and_fifty_entries_are_there_in_their_order() {
    let found: Vec<&str> = rows().iter().map(|row| row[0]).collect();
    let expected: Vec<String> = (1..=150).map(|number| format!("1.{number}")).collect();
    assert_eq!(found, expected);
}

#[test]
fn what_the_page_of_the_method_names_is_there() {
    let exercises: BTreeSet<&str> =
        catalog::built_in().iter().map(|one| one.definition.key.as_str()).collect();
    let lists: BTreeSet<&str> =
        ContentList::built_in().iter().map(|one| one.key.as_str()).collect();
    let operations: BTreeSet<String> = Document::read()
        .operations()
        .into_iter()
        .map(|one| format!("{} {}", one.method, one.path))
        .collect();
    let (mut of_exercises, mut of_lists) = (BTreeSet::new(), BTreeSet::new());
    for [entry, _, place, _] in rows() {
        of_exercises.extend(named(place, "exercise"));
        of_lists.extend(named(place, "list"));
        for behind in place.split("programme `").skip(1) {
            let names: Vec<&str> = behind.split('`').collect();
            let program = programs::built_in().iter().find(|one| one.key == names[0]);
            let program = program.unwrap_or_else(|| panic!("{entry}: no {}", names[0]));
            if names.get(1) == Some(&" ") {
                assert!(program.action(names[2]).is_some(), "{entry}: no action {}", names[2]);
            }
        }
        for code in in_code(place) {
            let is_path = code.starts_with("src/") || code.starts_with("tests/");
            assert!(!is_path || Path::new(ROOT).join(code).exists(), "{entry}: {code}");
            let is_operation = code.contains(" /v1/");
            assert!(!is_operation || operations.contains(code), "{entry}: {code}");
        }
    }
    assert_eq!(of_exercises, exercises, "named on the page, and in the catalogue");
    assert_eq!(of_lists, lists);
}

/// A page that awaits what there is would be read as a gap.
#[test]
fn nothing_that_is_awaited_is_there_already() {
    assert_eq!(features(), AWAITED.iter().map(|(feature, _)| *feature).collect());
    for (feature, folder) in AWAITED {
        let there = Path::new(ROOT).join("src").join(folder);
        assert!(!there.exists(), "{feature} is awaited, and there is src/{folder}");
        // Whatever the table says of it, no folder bears its name.
        let own = there.with_file_name(feature.replace([' ', '-'], "_"));
        assert!(!own.exists(), "{feature} is awaited, and there is {}", own.display());
    }
}

#[test]
fn every_entry_of_the_method_is_shown_by_a_test_or_awaits_a_feature() {
    let (known, mut awaited, mut tests) = (features(), BTreeSet::new(), BTreeSet::new());
    for [entry, _, place, cell] in rows() {
        let (shown, later) = shown(cell);
        assert!(!shown.is_empty() || !later.is_empty(), "{entry} says neither");
        assert!(!later.is_empty() || place != "–", "{entry} lives nowhere");
        for test in shown {
            let (path, name) = test.split_once("::").unwrap_or_else(|| panic!("{entry}: {test}"));
            let text = text_of(path);
            assert!(text.contains(&format!("fn {name}(")), "{entry}: no {test}");
            let of_catalogue = path == "tests/suite/activities/method.rs";
            let says = !of_catalogue || text.contains(&format!("\"{entry}\""));
            assert!(says, "{entry}: {path} does not speak of it");
            tests.insert(test);
        }
        awaited.extend(later);
    }
    assert_eq!(awaited, known, "awaited by entries, and in the table");
    println!("150 entries, {} tests, {} features awaited", tests.len(), awaited.len());
    assert!(tests.len() > 20, "only {}", tests.len());
}
