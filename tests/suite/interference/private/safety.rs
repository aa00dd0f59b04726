//! What A says of their safety, and what the clinicians do about it before it takes effect.

use serde_json::json;

use super::Side;
use crate::interference::world::{A, CLINICIAN};

async fn help(side: &mut Side<'_>, kind: &str) -> bool {
    let body = json!({ "kind": kind, "message": "Please call me at work." });
    let answer = side.world.caller(A).post("/v1/me/help-requests", body).await;
    side.world.hide("hlp", &answer)
}

pub async fn asks_for_help(side: &mut Side<'_>) -> bool {
    help(side, "private_safety").await
}

pub async fn asks_to_talk(side: &mut Side<'_>) -> bool {
    help(side, "talk_to_therapist").await
}

pub async fn raises(side: &mut Side<'_>) -> bool {
    let codes = ["fear_of_partner", "ipv_disclosed", "trauma_response"];
    let code = codes[side.chance.below(codes.len())];
    let mut body = json!({ "client_id": side.tale.a, "code": code, "detail": "Said so alone." });
    if side.chance.below(2) == 0 {
        body["couple_id"] = side.tale.couple.clone().into();
    }
    let answer = side.world.caller(CLINICIAN).post("/v1/alerts", body).await;
    side.world.hide("alr", &answer)
}

/// The alert of latest, raised now when there is none.
async fn alert(side: &mut Side<'_>) -> Option<String> {
    if side.world.latest("alr").is_none() {
        raises(side).await;
    }
    side.world.latest("alr").map(|id| format!("/v1/alerts/{id}"))
}

pub async fn acknowledges(side: &mut Side<'_>) -> bool {
    let Some(path) = alert(side).await else { return false };
    let clinician = side.world.caller(CLINICIAN);
    let done = clinician.act(&format!("{path}/acknowledge")).await.status.is_success();
    done && clinician.patch(&path, json!({ "plan": "See her alone." })).await.status.is_success()
}

async fn closes(side: &mut Side<'_>, how: &str) -> bool {
    let Some(path) = alert(side).await else { return false };
    let clinician = side.world.caller(CLINICIAN);
    let body = json!({ "reason": "Spoken about." });
    if clinician.post(&format!("{path}/{how}"), body.clone()).await.status.is_success() {
        return true;
    }
    // Some wait to be acknowledged first.
    clinician.act(&format!("{path}/acknowledge")).await;
    clinician.post(&format!("{path}/{how}"), body).await.status.is_success()
}

pub async fn resolves(side: &mut Side<'_>) -> bool {
    closes(side, "resolve").await
}

pub async fn dismisses(side: &mut Side<'_>) -> bool {
    closes(side, "dismiss").await
}

/// No story lasts until then.
const LONG_AFTER: i64 = 55 * 86_400;

pub async fn places_hold(side: &mut Side<'_>) -> bool {
    let at = side.world.app.clock.now().plus_seconds(LONG_AFTER).to_string();
    let kind = ["conjoint", "touch"][side.chance.below(2)];
    let mut body = json!({ "couple_id": side.tale.couple, "kind": kind, "cover_reason": "therapist_review",
        "reason": "Afraid at home.", "effective_at": at });
    if let Some(alert) = side.world.latest("alr") {
        body["alert_id"] = alert.into();
    }
    let answer = side.world.caller(CLINICIAN).post("/v1/holds", body).await;
    side.world.hide("hld", &answer)
}

pub async fn lifts_hold(side: &mut Side<'_>) -> bool {
    if side.world.latest("hld").is_none() {
        places_hold(side).await;
    }
    let Some(hold) = side.world.latest("hld") else { return false };
    let path = format!("/v1/holds/{hold}/lift");
    side.world.caller(CLINICIAN).act(&path).await.status.is_success()
}
