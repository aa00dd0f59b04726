//! Programmes: begun in one step by the clinician, led from phase to phase, and read by both partners alike.

mod beginning;
mod bending;
mod leading;
mod sight;

use serde_json::{Value, json};

use crate::submissions::{for_client, place, submitted};
use crate::support::{Answer, Caller, TestApp};

pub const PATH: &str = "/v1/programs";
const REASON: &str = "They have agreed on both in session; the documents come later.";

/// Both partners of the story answer the routine questions, each alone.
pub async fn screen_both(app: &TestApp) {
    for (number, partner) in [(901, "partner_a"), (902, "partner_b")] {
        let screen = for_client(app, "risk_screen", partner).await;
        app.caller(partner).put(&place(&screen, number), all_is_well()).await.expect(201);
    }
}

/// Answers to the routine questions that raise nothing.
pub fn all_is_well() -> Value {
    submitted(json!({ "private_device": true, "alone_now": true, "infidelity": "no",
        "untreated_addiction": "no", "afraid": "no", "major_symptoms": "no" }))
}

/// What Morgan begins, with more members of the body.
pub fn roadmap(app: &TestApp, more: Value) -> Value {
    let mut body = json!({ "program_definition_key": "roadmap_60_day", "couple_id": app.id("couple"),
                           "starts_on": "2026-11-23", "reason": REASON });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The roadmap, begun for the couple of the story, whose partners have been screened.
pub async fn begun(app: &TestApp, more: Value) -> Answer {
    screen_both(app).await;
    app.caller("clinician").post(PATH, roadmap(app, more)).await.expect(201)
}

fn at(program: &Answer) -> String {
    format!("{PATH}/{}", program.text("/id"))
}

async fn step(caller: &Caller<'_>, path: &str, name: &str, body: Value) -> Answer {
    caller.post(&format!("{path}/{name}"), body).await
}

/// First and last day of each phase, as planned.
fn planned(program: &Answer) -> Vec<[String; 2]> {
    let phases = program.json()["phases"].as_array().unwrap().clone();
    let day = |phase: &Value, name: &str| phase[name].as_str().unwrap().to_owned();
    phases.iter().map(|one| [day(one, "planned_from"), day(one, "planned_to")]).collect()
}

pub fn action(program: &Answer, key: &str) -> Value {
    let phases = program.json()["phases"].as_array().unwrap().clone();
    let actions = phases.iter().flat_map(|phase| phase["actions"].as_array().unwrap().clone());
    actions.into_iter().find(|one| one["key"] == key).unwrap_or(Value::Null)
}

fn state(program: &Answer, key: &str) -> String {
    action(program, key)["state"].as_str().unwrap_or("absent").to_owned()
}

/// `kind about` of every deviation.
fn deviations(program: &Answer) -> Vec<String> {
    let all = program.json()["deviations"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.iter().map(|one| format!("{} {}", text(&one["kind"]), text(&one["about"]))).collect()
}

async fn homework(app: &TestApp, program: &Answer, key: &str) -> Answer {
    let id = action(program, key)["assignment_id"].as_str().unwrap_or_default().to_owned();
    app.caller("clinician").get(&format!("/v1/assignments/{id}")).await.expect(200)
}
