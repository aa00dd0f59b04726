//! What A tries and is refused, and what A only reads.

use serde_json::json;

use super::Side;
use crate::interference::forms;
use crate::interference::reader::paths_of;
use crate::interference::surface::{Ids, everything};
use crate::interference::world::{A, B, device_id};

pub async fn widening(side: &mut Side<'_>) -> bool {
    let Some((_, slot)) = side.open() else { return false };
    let path = format!("/v1/submissions/{}/widen", side.world.device(A, &slot));
    let body = json!({ "link_ids": ["mood", "what", "problem"] });
    side.world.caller(A).post(&path, body).await.status.as_u16() == 422
}

pub async fn faulty(side: &mut Side<'_>) -> bool {
    let Some((_, slot)) = side.fresh(|key| !forms::is_event(key)) else { return false };
    let body = json!({ "status": "submitted", "answers": { "no_question": 1 } });
    side.world.send(A, &slot, body).await.status.as_u16() == 422
}

/// Other content under an id that stands for some already.
pub async fn conflicting(side: &mut Side<'_>) -> bool {
    let Some((key, slot)) = side.open() else { return false };
    let path =
        format!("/v1/assignments/{}/submissions/{}", slot.assignment, side.world.device(A, &slot));
    let body = forms::submitted(key, &mut side.chance);
    side.world.caller(A).put(&path, body).await.status.as_u16() == 409
}

pub async fn stale(side: &mut Side<'_>) -> bool {
    let Some((key, slot)) = side.open() else { return false };
    let path =
        format!("/v1/assignments/{}/submissions/{}", slot.assignment, side.world.device(A, &slot));
    let body = forms::submitted(key, &mut side.chance);
    let a = side.world.caller(A).header("if-match", "\"of-before\"");
    a.put(&path, body).await.status.as_u16() == 412
}

pub async fn replayed(side: &mut Side<'_>) -> bool {
    let Some((_, slot)) = side.open() else { return false };
    let Some(sent) = side.world.devices.get(&(A, slot.clone())).cloned() else { return false };
    let path = format!("/v1/assignments/{}/submissions/{}", slot.assignment, sent.device);
    let mut body = sent.body;
    if let Some(day) = &slot.day {
        body["local_date"] = day.clone().into();
    }
    side.world.caller(A).put(&path, body).await.status.is_success()
}

pub async fn tries_ids_of_b(side: &mut Side<'_>) -> bool {
    let a = side.world.caller(A);
    let mut refused = 0;
    for id in side.tale.devices_of_b() {
        for path in ["", "/retract", "/widen"].map(|end| format!("/v1/submissions/{id}{end}")) {
            let read = path.ends_with(&id);
            let body = json!({ "link_ids": ["mood"] });
            let answer = if read {
                a.get(&path).await
            } else if path.ends_with("widen") {
                a.post(&path, body).await
            } else {
                a.act(&path).await
            };
            refused += usize::from(answer.status.is_client_error());
        }
    }
    for work in side.tale.work.iter().filter(|work| !work.of_couple) {
        let id = device_id(&(A, &work.id));
        let body = json!({ "status": "draft" });
        let path = format!("/v1/assignments/{}/submissions/{id}", work.id);
        refused += usize::from(a.put(&path, body).await.status.is_client_error());
    }
    let path = format!("/v1/clients/{}", side.world.app.id(B));
    a.get(&path).await.status.is_client_error() && refused > 0
}

pub async fn bad_input(side: &mut Side<'_>) -> bool {
    let a = side.world.caller(A);
    let mut refused = true;
    for path in [
        "/v1/assignments?limit=0",
        "/v1/submissions?status=loud",
        "/v1/couples/none",
        "/v1/nothing",
    ] {
        refused &= a.get(path).await.status.is_client_error();
    }
    let path = format!("/v1/couples/{}/secrets-policy/accept", side.tale.couple);
    refused && a.post(&path, json!({ "version_no": "one" })).await.status.is_client_error()
}

/// Everything that A can reach, as B reads it, some of it with a tag.
pub async fn reads(side: &mut Side<'_>) -> bool {
    let ids = Ids::of(side.tale, &side.world.hidden);
    let all = everything(&ids, &side.world.app.clock.now().to_string());
    let a = side.world.caller(A);
    let mut found = 0;
    for path in side.chance.some(&paths_of(&all), 12) {
        let answer = a.get(&path).await;
        found += usize::from(answer.status.is_success());
        a.header("if-none-match", &answer.header("etag")).get(&path).await;
    }
    found > 0
}

/// An app that A has lent little.
pub async fn few_scopes(side: &mut Side<'_>) -> bool {
    let app = &side.world.app;
    let few = app.caller_with(A, "homework:own");
    let path = format!("/v1/couples/{}", side.tale.couple);
    let refused = few.get(&path).await.status.as_u16() == 403;
    refused && few.get("/v1/me/inbox").await.status.is_success()
}
