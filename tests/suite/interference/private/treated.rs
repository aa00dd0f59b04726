//! What the practice does with A alone: another couple, individual treatment, a word about a submission.

use serde_json::json;

use super::Side;
use crate::interference::world::{A, ADMIN, CLINICIAN};

/// A couple of A and somebody else, in which A has not answered.
pub async fn invited(side: &mut Side<'_>) -> bool {
    let admin = side.world.caller(ADMIN);
    let other = admin.make_client("Somebody").await;
    let body = json!({ "label": "Others", "members": [
        { "client_id": side.tale.a, "display_name": "A" },
        { "client_id": other, "display_name": "Somebody" }] });
    let answer = admin.post("/v1/couples", body).await;
    side.world.hidden.ids.insert(other);
    side.world.hide("cpl", &answer)
}

pub async fn answers_invitation(side: &mut Side<'_>) -> bool {
    if side.world.latest("cpl").is_none() && !invited(side).await {
        return false;
    }
    let Some(couple) = side.world.latest("cpl") else { return false };
    let answer = ["accept-invitation", "decline-invitation"][side.chance.below(2)];
    let path = format!("/v1/couples/{couple}/{answer}");
    let done = side.world.caller(A).act(&path).await.status.is_success();
    if done {
        side.world.hidden.records.remove("cpl");
    }
    done
}

/// From inquiry to active.
pub async fn begins(side: &mut Side<'_>) -> bool {
    let clinician = side.world.caller(CLINICIAN);
    let answer = clinician.post("/v1/treatments", json!({ "client_id": side.tale.a })).await;
    if !side.world.hide("trt", &answer) {
        return false;
    }
    let path = format!("/v1/treatments/{}/activate", answer.text("/id"));
    let body = json!({ "consult_waived_reason": "Known from the couple's work." });
    side.world.caller(CLINICIAN).post(&path, body).await.status.is_success()
}

async fn path(side: &mut Side<'_>) -> Option<String> {
    if side.world.latest("trt").is_none() {
        begins(side).await;
    }
    side.world.latest("trt").map(|id| format!("/v1/treatments/{id}"))
}

pub async fn rests(side: &mut Side<'_>) -> bool {
    let Some(path) = path(side).await else { return false };
    let clinician = side.world.caller(CLINICIAN);
    let held = clinician.act(&format!("{path}/hold")).await.status.is_success();
    held && clinician.act(&format!("{path}/resume")).await.status.is_success()
}

pub async fn ends(side: &mut Side<'_>) -> bool {
    let Some(path) = path(side).await else { return false };
    let body = json!({ "reason": "client_ended" });
    let clinician = side.world.caller(CLINICIAN);
    let done = clinician.post(&format!("{path}/close"), body).await.status.is_success();
    side.world.hidden.records.remove("trt");
    done
}

/// The clinician reviews what A has sent, with a word for A.
pub async fn reviewed(side: &mut Side<'_>) -> bool {
    let clinician = side.world.caller(CLINICIAN);
    let page = clinician.get(&format!("/v1/submissions?author_id={}", side.tale.a)).await;
    let Some(id) = side.chance.pick(&page.ids()).cloned() else { return false };
    let body = json!({ "submission_id": id, "comment": "Thank you for telling me." });
    let answer = clinician.post("/v1/reviews", body).await;
    side.world.hide("rev", &answer)
}
