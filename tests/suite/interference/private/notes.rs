//! What the clinician writes of A, and of both.

use serde_json::{Value, json};

use super::Side;
use crate::interference::world::CLINICIAN;

async fn write(side: &mut Side<'_>, client: Option<String>) -> Option<String> {
    let text = side.chance.text(b"abcdefgh", 9);
    let client = client.map_or(Value::Null, Value::from);
    let body = json!({ "treatment_id": side.tale.treatment, "client_id": client, "format": "free",
        "sections": [{ "name": "text", "text": text }], "prefill_homework": client.is_null() });
    let answer = side.world.caller(CLINICIAN).post("/v1/session-notes", body).await;
    side.world.hide("not", &answer).then(|| answer.header("location"))
}

async fn sign(side: &mut Side<'_>, path: &str) -> bool {
    let hand = json!({ "typed_name": "M. Sample" });
    side.world.caller(CLINICIAN).post(&format!("{path}/sign"), hand).await.status.is_success()
}

pub async fn begins(side: &mut Side<'_>) -> bool {
    write(side, Some(side.tale.a.clone())).await.is_some()
}

pub async fn signs(side: &mut Side<'_>) -> bool {
    let Some(path) = write(side, Some(side.tale.a.clone())).await else { return false };
    sign(side, &path).await
}

pub async fn of_couple(side: &mut Side<'_>) -> bool {
    let Some(path) = write(side, None).await else { return false };
    sign(side, &path).await
}

pub async fn reads(side: &mut Side<'_>) -> bool {
    let Some(path) = write(side, None).await else { return false };
    let clinician = side.world.caller(CLINICIAN);
    clinician.get("/v1/session-notes").await.expect(200);
    clinician.get(&path).await.status.is_success()
}

/// Of a session with A alone, or to A alone of one with both.
pub async fn releases(side: &mut Side<'_>) -> bool {
    let joint = side.chance.pick(&side.tale.sessions).cloned();
    let of_both = side.chance.below(2) == 0;
    let session = if let Some(session) = joint.filter(|_| of_both) {
        session
    } else {
        if !super::sessions::books(side).await {
            return false;
        }
        side.world.latest("ses").unwrap_or_default()
    };
    let text = side.chance.text(b"abcdefgh", 9);
    let body = json!({ "session_id": session, "client_id": side.tale.a, "text": text });
    let answer = side.world.caller(CLINICIAN).post("/v1/session-summaries", body).await;
    if !side.world.hide("sum", &answer) {
        return false;
    }
    let path = format!("{}/publish", answer.header("location"));
    side.world.caller(CLINICIAN).post(&path, json!({})).await.status.is_success()
}

pub async fn apart(side: &mut Side<'_>) -> bool {
    let body = json!({ "couple_id": side.tale.couple, "text": "What I make of them." });
    let clinician = side.world.caller(CLINICIAN);
    let answer = clinician.post("/v1/psychotherapy-notes", body).await;
    if !side.world.hide("psy", &answer) {
        return false;
    }
    let clinician = side.world.caller(CLINICIAN);
    clinician.get(&answer.header("location")).await.status.is_success()
}
