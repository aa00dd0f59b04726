//! Sessions: booked, held, missed and moved; who is licensed where, and what a partner does not learn.

mod booking;
mod licenses;
mod machine;
mod privacy;

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const SESSIONS: &str = "/v1/sessions";

/// The first office of the practice.
pub async fn office(app: &TestApp) -> String {
    app.caller("clinician").get("/v1/offices?limit=1").await.text("/data/0/id")
}

/// A conjoint session of the story's couple in the office, from this hour of 10 December on.
pub async fn joint(app: &TestApp, hour: u8) -> Value {
    json!({
        "treatment_id": app.id("treatment"), "kind": "conjoint", "modality": "in_person",
        "office_id": office(app).await,
        "starts_at": format!("2026-12-10T{hour:02}:00:00Z"),
        "ends_at": format!("2026-12-10T{hour:02}:50:00Z"),
        "participants": [{ "client_id": app.id("partner_a") }, { "client_id": app.id("partner_b") }],
    })
}

/// A session with partner A alone, within the couple's treatment.
pub async fn alone(app: &TestApp, hour: u8) -> Value {
    let mut new = joint(app, hour).await;
    new["kind"] = json!("individual_within_couple");
    new["participants"] = json!([{ "client_id": app.id("partner_a") }]);
    new
}

/// The same by video, with everybody in this state.
fn by_video(mut new: Value, state: &str) -> Value {
    new["modality"] = json!("telehealth_video");
    new.as_object_mut().unwrap().remove("office_id");
    for one in new["participants"].as_array_mut().unwrap() {
        one["location_state"] = json!(state);
    }
    new
}

pub async fn book(app: &TestApp, new: Value) -> Answer {
    app.caller("clinician").post(SESSIONS, new).await
}
