//! When A's own homework is to be done: set, moved, excused, and looked at.

use serde_json::json;

use super::Side;
use crate::interference::tale::day_after;
use crate::interference::world::{A, CLINICIAN};

/// Homework of A's own with occurrences; a new one when there is none.
async fn daily(side: &mut Side<'_>) -> Option<String> {
    if let Some(id) = side.world.latest("daily") {
        return Some(id);
    }
    let body = json!({ "activity_definition_id": side.tale.exercises["session_fit"],
        "client_id": side.tale.a, "schedule": { "rhythm": { "kind": "daily", "times": ["20:00"] } } });
    let answer = side.world.caller(CLINICIAN).post("/v1/assignments", body).await;
    side.world.hide("daily", &answer).then(|| answer.text("/id"))
}

pub async fn assigned_daily(side: &mut Side<'_>) -> bool {
    side.world.latest("daily").is_none() && daily(side).await.is_some()
}

pub async fn rescheduled(side: &mut Side<'_>) -> bool {
    let Some(id) = daily(side).await else { return false };
    let hour = format!("{:02}:15", 7 + side.chance.below(12));
    let body = json!({ "schedule": { "rhythm": { "kind": "daily", "times": [hour] } } });
    let path = format!("/v1/assignments/{id}");
    side.world.caller(CLINICIAN).patch(&path, body).await.status.is_success()
}

pub async fn excused(side: &mut Side<'_>) -> bool {
    let Some(id) = daily(side).await else { return false };
    let days = i64::try_from(side.chance.below(5)).unwrap();
    let body = json!({ "local_date": day_after(&side.tale.today, days) });
    let who = [A, CLINICIAN][side.chance.below(2)];
    let path = format!("/v1/assignments/{id}/excuse");
    side.world.caller(who).post(&path, body).await.status.is_success()
}

pub async fn reinstated(side: &mut Side<'_>) -> bool {
    let Some(id) = daily(side).await else { return false };
    let body = json!({ "local_date": side.tale.today });
    let clinician = side.world.caller(CLINICIAN);
    let path = format!("/v1/assignments/{id}");
    clinician.post(&format!("{path}/excuse"), body.clone()).await;
    clinician.post(&format!("{path}/reinstate"), body).await.status.is_success()
}

pub async fn moves_away(side: &mut Side<'_>) -> bool {
    let zones = ["America/Boise", "America/New_York", "Europe/Lisbon", "Asia/Tokyo"];
    let zone = zones[side.chance.below(zones.len())];
    side.world.caller(A).patch("/v1/me", json!({ "timezone": zone })).await.status.is_success()
}

pub async fn looked_at(side: &mut Side<'_>) -> bool {
    let clinician = side.world.caller(CLINICIAN);
    let a = &side.tale.a;
    let mut done = clinician.get("/v1/caseload").await.status.is_success();
    for path in [
        format!("/v1/figures?client_id={a}"),
        format!("/v1/figures?couple_id={}", side.tale.couple),
        format!("/v1/figures/plot?kind=couple&couple_id={}", side.tale.couple),
    ] {
        done &= clinician.get(&path).await.status.is_success();
    }
    done
}
