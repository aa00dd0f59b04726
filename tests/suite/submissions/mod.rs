//! Submissions: what each partner sends, what the other reads of it, and what comes of both.

mod devices;
mod events;
mod offline;
mod parting;
mod readers;
mod reveals;
mod safety;
mod stories;
mod together;
mod waiting;

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

/// Homework of this kind, assigned by the couple's clinician; its id.
pub async fn assign(app: &TestApp, key: &str, more: Value) -> String {
    let morgan = app.caller("clinician");
    let found = morgan.get(&format!("/v1/activity-definitions?key={key}")).await;
    let mut body = json!({ "activity_definition_id": found.text("/data/0/id") });
    // Most stories are not about the time of day.
    if WITH_RHYTHM.contains(&key) && more.get("due_at").is_none() {
        body["schedule"] = on_demand();
    }
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    morgan.post("/v1/assignments", body).await.expect(201).text("/id")
}

/// Exercises that come again at times of their own.
const WITH_RHYTHM: [&str; 4] =
    ["daily_check_in", "weekly_pulse", "six_threads_check", "quarterly_review"];

/// On any day.
pub fn on_demand() -> Value {
    json!({ "rhythm": { "kind": "on_demand" } })
}

/// For the couple of the story.
pub async fn for_couple(app: &TestApp, key: &str) -> String {
    assign(app, key, json!({ "couple_id": app.id("couple") })).await
}

/// For one client.
pub async fn for_client(app: &TestApp, key: &str, who: &str) -> String {
    assign(app, key, json!({ "client_id": app.id(who) })).await
}

/// A and B with Io as a third member, in care and without secrets; its id.
pub async fn couple_of_three(app: &TestApp) -> String {
    let admin = app.caller("practice_admin");
    admin.patch("/v1/practice", json!({ "settings": { "max_members": 3 } })).await.expect(200);
    let named = [("partner_a", "Åsa"), ("partner_b", "Tomás"), ("individual_client", "Io")];
    let members = named.map(
        |(who, name)| json!({ "client_id": app.id(who), "display_name": name, "accepted": true }),
    );
    let new = json!({ "label": "Three", "members": members,
                      "intake_clinician_id": app.id("clinician") });
    let three = admin.post("/v1/couples", new).await.expect(201).text("/id");
    let policy = json!({ "policy": "no_secrets" });
    admin.put(&format!("/v1/couples/{three}/secrets-policy"), policy).await.expect(201);
    admin.act(&format!("/v1/couples/{three}/activate")).await.expect(200);
    three
}

/// An id as a device makes it.
pub fn device_id(number: u128) -> String {
    let uuid = uuid::Uuid::from_u128(0x0192_0000_0000_7000_8000_0000_0000_0000 + number);
    attune::db::id::SubmissionId::from_uuid(uuid).to_string()
}

pub fn place(assignment: &str, number: u128) -> String {
    format!("/v1/assignments/{assignment}/submissions/{}", device_id(number))
}

pub fn submitted(answers: Value) -> Value {
    json!({ "status": "submitted", "answers": answers })
}

pub fn check_in(mood: u8) -> Value {
    json!({ "mood": mood, "stress": 4, "gratitude": "The tea in the morning.",
            "private_note": "I slept badly." })
}

pub fn goals(word: &str) -> Value {
    json!({ "problem": format!("We talk past each other about {word}."),
            "outcome": format!("We laugh about {word} again."), "horizon_months": 4,
            "themes": ["friendship"] })
}

/// What is shared with this caller in an assignment.
pub async fn shared(caller: &Caller<'_>, assignment: &str) -> Vec<Value> {
    let page = caller.get(&format!("/v1/shared-answers?assignment_id={assignment}")).await;
    page.expect(200).json()["data"].as_array().unwrap().clone()
}
