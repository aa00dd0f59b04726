//! The page of declared outcomes is the table in the code, and speaks of paths that there are.

use std::collections::BTreeSet;

use actix_web::http::Method;
use attune::declared_outcomes::{DeclaredOutcome, FROM_THE_OTHER_PARTNER, FROM_THE_PRACTICE};

use crate::interference::surface::is_for_clients;
use crate::support::document::Document;

const PAGE: &str = include_str!("../../../docs/reference/declared-outcomes.md");

fn rows(heading: &str) -> Vec<Vec<&'static str>> {
    let section = PAGE.split(&format!("## {heading}\n")).nth(1).expect("the section");
    let section = section.split("\n## ").next().unwrap_or_default();
    let rows = section.lines().filter(|line| {
        line.starts_with("| ") && !line.starts_with("| Path") && !line.starts_with("| ---")
    });
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect()).collect()
}

fn as_rows(table: &[DeclaredOutcome]) -> Vec<Vec<&'static str>> {
    table.iter().map(|one| vec![one.path, one.cause, one.differs]).collect()
}

#[test]
fn the_page_of_declared_outcomes_is_the_table_in_the_code() {
    assert_eq!(rows("From the other partner's act"), as_rows(FROM_THE_OTHER_PARTNER));
    assert_eq!(rows("From an act of the practice"), as_rows(FROM_THE_PRACTICE));
}

/// What is a client's own alone: nothing there tells of another.
const OWN: [&str; 8] = [
    "/v1/clients/{client_id}",
    "/v1/consents",
    "/v1/consents/{consent_id}",
    "/v1/crisis-resources",
    "/v1/me",
    "/v1/me/accesses",
    "/v1/me/calendar-feeds",
    "/v1/me/calendar-feeds/{calendar_feed_id}",
];

/// Whatever a client may read is declared, or is their own alone; and nothing else is declared.
#[test]
fn the_table_speaks_of_all_that_a_client_may_read_and_of_nothing_else() {
    let for_clients: BTreeSet<String> = Document::read()
        .operations_of_v1()
        .into_iter()
        .filter(|one| one.method == Method::GET)
        .filter(|one| one.scopes.is_empty() || is_for_clients(one))
        .map(|one| one.path)
        .collect();
    let declared: BTreeSet<String> = FROM_THE_OTHER_PARTNER
        .iter()
        .chain(FROM_THE_PRACTICE)
        .flat_map(|one| one.path.split('`').filter_map(|part| part.strip_prefix("GET ")))
        .map(str::to_owned)
        .collect();
    let own: BTreeSet<String> = OWN.map(str::to_owned).into();
    assert!(declared.is_disjoint(&own));
    assert_eq!(&declared | &own, for_clients);
}

/// The paths of what is not read are those of the document too.
#[test]
fn the_table_speaks_of_paths_that_there_are() {
    let known: BTreeSet<String> =
        Document::read().operations().into_iter().map(|one| one.path).collect();
    let mut named = 0;
    for one in FROM_THE_OTHER_PARTNER.iter().chain(FROM_THE_PRACTICE) {
        for path in one.path.split('`').filter_map(|part| part.split_once(" /v1/")) {
            assert!(known.contains(&format!("/v1/{}", path.1)), "{}", path.1);
            named += 1;
        }
    }
    assert!(named > 15, "only {named}");
}
