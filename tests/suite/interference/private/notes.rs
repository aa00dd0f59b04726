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
