//! Sessions with A alone, and what is noted of A in a joint one.

use serde_json::json;

use super::Side;
use crate::interference::world::CLINICIAN;

const HOUR: i64 = 3_600;

/// Within the couple's treatment, at a time at which nothing is ever booked for both.
pub async fn books(side: &mut Side<'_>) -> bool {
    book(side, -40 * 24 * HOUR).await
}

async fn book(side: &mut Side<'_>, away: i64) -> bool {
    let tried = side.chance.below(1_000);
    let shift = away - HOUR * i64::try_from(tried).unwrap();
    let begins = side.world.app.clock.now().plus_seconds(shift);
    let body = json!({
        "treatment_id": side.world.app.id("treatment"), "kind": "individual_within_couple",
        "modality": "telehealth_audio", "starts_at": begins.to_string(),
        "ends_at": begins.plus_seconds(1_800).to_string(),
        "participants": [{ "client_id": side.tale.a, "location_state": "WA" }],
    });
    let answer = side.world.caller(CLINICIAN).post("/v1/sessions", body).await;
    side.world.hide("ses", &answer)
}

/// The latest session with A alone that is to come or to be recorded.
async fn path(side: &mut Side<'_>) -> Option<String> {
    books(side).await.then(|| side.world.latest("ses"))?.map(|id| format!("/v1/sessions/{id}"))
}

pub async fn holds(side: &mut Side<'_>) -> bool {
    let Some(path) = path(side).await else { return false };
    let clinician = side.world.caller(CLINICIAN);
    clinician.post(&format!("{path}/complete"), json!({})).await.status.is_success()
}

pub async fn cancels(side: &mut Side<'_>) -> bool {
    let Some(path) = path(side).await else { return false };
    let body = json!({ "by": "client", "reason": "Could not get away unseen." });
    side.world.caller(CLINICIAN).post(&format!("{path}/cancel"), body).await.status.is_success()
}

pub async fn moves(side: &mut Side<'_>) -> bool {
    let Some(path) = path(side).await else { return false };
    let tried = i64::try_from(side.chance.below(1_000)).unwrap();
    let begins = side.world.app.clock.now().plus_seconds(-(90 * 24 + tried) * HOUR - 1_800);
    let body = json!({ "starts_at": begins.to_string(), "ends_at": begins.plus_seconds(1_200).to_string() });
    let answer = side.world.caller(CLINICIAN).post(&format!("{path}/rebook"), body).await;
    side.world.hide("ses", &answer)
}

/// Of a session that both know of.
pub async fn places(side: &mut Side<'_>) -> bool {
    let Some(session) = side.chance.pick(&side.tale.sessions).cloned() else { return false };
    let state = ["WA", "ID"][side.chance.below(2)];
    let attendance = ["expected", "excused"][side.chance.below(2)];
    let path = format!("/v1/sessions/{session}/participants/{}", side.tale.a);
    let body = json!({ "attendance": attendance, "location_state": state });
    side.world.caller(CLINICIAN).put(&path, body).await.status.is_success()
}
