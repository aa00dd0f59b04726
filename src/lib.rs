//! Attune: a REST/JSON API service for couples-therapy practices.
//!
//! Two people share one treatment and not one secret. Every answer, note and flag has an
//! audience, and the audience is enforced by the query, never by the screen.
//!
//! A folder per feature, in the practice's own nouns; inside each the same three files:
//! `mod.rs` (routes and their documentation), `model.rs` (types), `store.rs` (queries).
//! `ARCHITECTURE.md` shows how they fit together.
//!
//! What a practice speaks of:
//!
//! - [`practices`][]: the practice itself.
//! - [`clinicians`][]: the people who treat.
//! - [`users`][]: logins.
//! - [`clients`][]: the people in care.
//! - [`couples`][]: the unit of treatment.
//! - [`treatments`][]: the care of a couple or of one client, and its team.
//! - [`consents`][]: documents that clients signed.
//! - [`sessions`][]: the appointment and, once it is held, the encounter.
//! - [`session_notes`][]: the legal record of care.
//! - [`psychotherapy_notes`][]: a clinician's own notes, apart from everything else.
//! - [`session_summaries`][]: what clients read about a session.
//! - [`activities`][]: the exercises that a practice can assign, as data.
//! - [`programs`][]: phases of exercises over weeks, as data, and those that have begun.
//! - [`assignments`][]: which exercise a couple or a client is to do, and where it stands.
//! - [`occurrences`][]: each time that it is to be done, made ahead, excused, listed.
//! - [`operations`][]: health, readiness and metrics, on a listener of their own.
//! - [`schedules`][]: when an exercise is to be done.
//! - [`submissions`][]: what each person sent, who reads it, and how it is revealed.
//! - [`reviews`][]: what clinicians have looked at, and said of it.
//! - [`figures`][]: how homework goes, in numbers and pictures.
//! - [`caseload`][]: who of a clinician's people needs attention, and why.
//! - [`dashboards`][]: what a couple sees of it, the same for all of them.
//! - [`alerts`][]: what a clinician has to know for somebody's safety, and who is called.
//! - [`holds`][]: a clinician's pause of what a couple does together.
//! - [`help_requests`][]: a client says that they need somebody.
//! - [`crisis`][]: whom to call in a crisis, as data.
//! - [`me`][]: the caller's own view of themself.
//!
//! What that stands on:
//!
//! - [`auth`][]: who calls, what they may do, and the only way to the database.
//! - [`audit`][]: writes every change down, shows who read and changed what, and looks at the chain.
//! - [`db`][]: connections, their threads, column types and the schema.
//! - [`http`][]: what is the same for every route.
//! - [`seal`][]: sealed columns: a stolen database file names nobody.
//! - [`state`][]: state machines as tables.
//! - [`clock`][]: the time, injected.
//! - [`error`][]: one error type, and how it becomes an answer.
//!
//! What makes a service of it:
//!
//! - [`app`][]: assembles routes, frame, document and docs page.
//! - [`docs`][]: the served document, reference and error pages.
//! - [`cli`][]: the command line.
//! - [`backup`][]: copies an SQLite database while it is served, and makes a database of a copy.
//! - [`config`][]: everything that can be set.
//! - [`telemetry`][]: logs.
//! - [`worker`][]: what happens without a request: holds that take effect, pages to clinicians.
//! - [`notifier`][]: the channel by which clinicians are called.
//! - [`declared_outcomes`][]: what one partner may learn from the other's act, as a table.
//! - [`demo`][]: two visibly fictitious practices to try everything on.
//! - [`seeding`][]: an empty database is filled with the past of practices of any size.

pub mod activities;
pub mod alerts;
pub mod app;
pub mod assignments;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod calendar_feeds;
pub mod caseload;
pub mod cli;
pub mod clients;
pub mod clinicians;
pub mod clock;
pub mod config;
pub mod consents;
pub mod couples;
pub mod crisis;
pub mod dashboards;
pub mod db;
pub mod declared_outcomes;
pub mod demo;
pub mod docs;
pub mod error;
pub mod figures;
pub mod help_requests;
pub mod holds;
pub mod http;
pub mod joint_confirmations;
pub mod me;
pub mod notifier;
pub mod occurrences;
pub mod operations;
pub mod practices;
pub mod programs;
pub mod psychotherapy_notes;
pub mod reviews;
pub mod schedules;
pub mod seal;
pub mod seeding;
pub mod session_notes;
pub mod session_summaries;
pub mod sessions;
pub mod state;
pub mod submissions;
pub mod telemetry;
pub mod time_proposals;
pub mod treatments;
pub mod users;
pub mod worker;
