//! Safety: who is told, who is called, what rests, and what nobody can observe.

mod alerts;
mod calls;
mod help;
mod holds;
mod signals;
mod silence;

use attune::app::Service;
use attune::clock::Clock;
use attune::notifier::Notifier;
use serde_json::{Value, json};

use crate::support::app::NOW;
use crate::support::database::{TestDatabase, parts};
use crate::support::{Answer, Caller, TestApp};

const ALERTS: &str = "/v1/alerts";
const HOLDS: &str = "/v1/holds";
const HELP: &str = "/v1/me/help-requests";
const ASSIGNMENTS: &str = "/v1/assignments";

/// Raises a flag about partner A; its id.
async fn raise(caller: &Caller<'_>, client: &str, code: &str) -> String {
    let body = json!({ "client_id": client, "code": code, "detail": "Said so alone." });
    caller.post(ALERTS, body).await.expect(201).text("/id")
}

async fn assign(caller: &Caller<'_>, key: &str, couple: &str) -> String {
    let found = caller.get(&format!("/v1/activity-definitions?key={key}")).await;
    let body = json!({ "activity_definition_id": found.text("/data/0/id"), "couple_id": couple });
    caller.post(ASSIGNMENTS, body).await.expect(201).text("/id")
}

/// Places a hold that takes effect in an hour, or a minute later.
async fn hold(app: &TestApp, who: &str, kind: &str) -> Answer {
    let in_an_hour = app.clock.now().plus_seconds(3600).to_string();
    let body = json!({
        "couple_id": app.id("couple"), "kind": kind, "cover_reason": "therapist_review",
        "reason": "Afraid at home.", "effective_at": in_an_hour, "resume_on": "2026-12-20",
    });
    app.caller(who).post(HOLDS, body).await.expect(201)
}

/// A service that writes its calls to a file.
async fn with_calls(database: TestDatabase, clock: Clock, file: &std::path::Path) -> TestApp {
    let mut parts = parts(&database.url, clock.clone());
    parts.ids = attune::db::id::IdSource::Random;
    let service = Service::assemble(parts, std::time::Duration::from_secs(15)).unwrap();
    let service = service.notifying(Notifier::File(file.to_owned()));
    TestApp::serve(service, database, clock).await
}

/// The calls that were written.
fn calls(file: &std::path::Path) -> Vec<Value> {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Puts a clinician on the care team of the story's couple.
async fn put_on_team(app: &TestApp, who: &str, role: &str) {
    let path = format!("/v1/treatments/{}/care-team/{}", app.id("treatment"), app.id(who));
    app.caller("practice_admin").put(&path, json!({ "role": role })).await.expect(201);
}

fn start_clock() -> Clock {
    Clock::manual(NOW)
}
