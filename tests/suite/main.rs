//! The suite: one binary, in process and in parallel, each test with a database of its own.
//!
//! `cargo test` runs it on SQLite. With `ATTUNE_TEST_DATABASE=postgres` and
//! `ATTUNE_TEST_POSTGRES_URL` it runs on PostgreSQL; `scripts/test` does both.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test that cannot go on says so by failing"
)]

mod activities;
mod assignments;
mod at_rest;
mod audit;
mod audit_command;
mod backup;
mod bad_input;
mod bounds;
mod calendar_feeds;
mod caseload;
mod census;
mod changes_of_access;
mod changes_of_schedule;
mod clients;
mod concurrency;
mod conditional;
mod configuration;
mod consents;
mod couples;
mod dashboard;
mod demo;
mod deployment;
mod docs;
mod document;
mod examples;
mod faults;
mod figures;
mod four_hundred_days;
mod fuzz;
mod generation;
mod inbox;
mod interference;
mod isolation;
mod joint_confirmations;
mod limits;
mod lists;
mod logs;
mod me;
mod migrations;
mod occurrences;
mod operations;
mod pages;
mod practice;
mod programs;
mod psychotherapy;
mod quota;
mod reviews;
mod roadmap;
mod safety;
mod schema;
mod seeding;
mod session_notes;
mod sessions;
mod statements;
mod stories;
mod submissions;
mod summaries;
mod support;
mod time_proposals;
mod token_attacks;
mod token_http;
mod treatments;
mod users;

/// Written past the capture of the test runner: what one run leaves out is to be seen in it.
#[test]
fn what_this_run_leaves_out() {
    use std::io::Write as _;
    let other = if support::database::on_postgres() { "SQLite" } else { "PostgreSQL" };
    let said = format!(
        "not in this run: the suite on {other}, generated requests, the linter of the document, licences and \
         advisories (`scripts/test` runs them), planted faults (`scripts/plant-faults`), memory under minutes of load \
         (`docs/reference/proofs.md`), speed (`cargo bench --bench load`)\n"
    );
    std::io::stderr().write_all(said.as_bytes()).unwrap();
}
