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

mod at_rest;
mod bad_input;
mod bounds;
mod census;
mod changes_of_access;
mod clients;
mod concurrency;
mod conditional;
mod configuration;
mod consents;
mod couples;
mod docs;
mod document;
mod durability;
mod examples;
mod isolation;
mod lists;
mod me;
mod migrations;
mod practice;
mod schema;
mod statements;
mod stories;
mod support;
mod token_attacks;
mod token_http;
mod treatments;
mod users;
