//! Attune: a REST/JSON API service for couples-therapy practices.
//!
//! Two people share one treatment and not one secret. Every answer, note and flag has an
//! audience, and the audience is enforced by the query, never by the screen.
//!
//! A folder per feature, in the practice's own nouns; inside each the same three files:
//! `mod.rs` (routes and their documentation), `model.rs` (types), `store.rs` (queries).
//! `ARCHITECTURE.md` shows how they fit together.

/// Assembles routes, frame, document and docs page.
pub mod app;
/// Writes every change down: the audit row and the event.
pub mod audit;
/// Who calls, what they may do, and the only way to the database.
pub mod auth;
/// The command line.
pub mod cli;
/// The people in care.
pub mod clients;
/// The people who treat.
pub mod clinicians;
/// The time, injected.
pub mod clock;
/// Everything that can be set.
pub mod config;
/// Documents that clients signed.
pub mod consents;
/// The unit of treatment.
pub mod couples;
/// Connections, their threads, column types and the schema.
pub mod db;
/// Two visibly fictitious practices to try everything on.
pub mod demo;
/// The served document, reference and error pages.
pub mod docs;
/// One error type, and how it becomes an answer.
pub mod error;
/// What is the same for every route.
pub mod http;
/// The caller's own view of themself.
pub mod me;
/// The practice itself.
pub mod practices;
/// Sealed columns: a stolen database file names nobody.
pub mod seal;
/// State machines as tables.
pub mod state;
/// Logs.
pub mod telemetry;
/// The care of a couple or of one client, and its team.
pub mod treatments;
/// Logins.
pub mod users;
