//! A's record, consents, login and acceptance.

use actix_web::http::Method;
use serde_json::json;

use super::Side;
use crate::interference::world::{A, ADMIN};

pub async fn safe_contact(side: &mut Side<'_>) -> bool {
    let body = json!({ "safe_contact": { "channels": ["app", "email"], "from": null, "until": null,
        "voicemail_ok": side.chance.below(2) == 0, "private_device": true, "mail_ok": false,
        "sender_name_neutral": true, "shared_with_partner": ["sms"] } });
    side.world.caller(A).patch("/v1/me", body).await.status.is_success()
}

pub async fn contact(side: &mut Side<'_>) -> bool {
    let word = side.chance.text(b"abcdef", 6);
    let body = json!({ "phone": "+12065550188", "email": format!("{word}@away.example"),
        "pronouns": word, "preferred_name": word, "timezone": "America/New_York" });
    side.world.caller(A).patch("/v1/me", body).await.status.is_success()
}

pub async fn changed_by_staff(side: &mut Side<'_>) -> bool {
    let path = format!("/v1/clients/{}", side.tale.a);
    let body = json!({ "family_name": side.chance.text(b"abcdef", 6), "home_state": "OR" });
    side.world.caller(ADMIN).patch(&path, body).await.status.is_success()
}

pub async fn external_id(side: &mut Side<'_>) -> bool {
    let path = format!("/v1/clients/{}", side.tale.a);
    let body = json!({ "external_id": format!("crm-{}", side.chance.text(b"0123456789", 8)) });
    side.world.caller(ADMIN).patch(&path, body).await.status.is_success()
}

/// Out of care and in again.
pub async fn status(side: &mut Side<'_>) -> bool {
    let path = format!("/v1/clients/{}", side.tale.a);
    let admin = side.world.caller(ADMIN);
    let out = admin.act(&format!("{path}/deactivate")).await.status.is_success();
    let back = admin.act(&format!("{path}/activate")).await.status.is_success();
    out && back
}

pub async fn signs(side: &mut Side<'_>) -> bool {
    let kinds = [
        "telehealth_consent",
        "release_of_information",
        "app_data_sharing",
        "sexual_health_homework",
    ];
    let kind = kinds[side.chance.below(kinds.len())];
    let body = json!({ "client_id": side.tale.a, "kind": kind, "document_version": "2026-03",
        "signer_name": "A" });
    let answer = side.world.caller(A).post("/v1/consents", body).await;
    side.world.hide("con", &answer)
}

pub async fn revoked(side: &mut Side<'_>) -> bool {
    if side.world.latest("con").is_none() {
        signs(side).await;
    }
    let Some(consent) = side.world.latest("con") else { return false };
    let path = format!("/v1/consents/{consent}/revoke");
    side.world.caller(ADMIN).act(&path).await.status.is_success()
}

/// Without it nothing sexual opens that waits, which B cannot tell from A not having answered.
pub async fn takes_consent_back(side: &mut Side<'_>) -> bool {
    let Some(consent) = side.world.hidden.consent.take() else { return false };
    let path = format!("/v1/consents/{consent}/revoke");
    side.world.hidden.revoked = true;
    side.world.caller(A).act(&path).await.status.is_success()
}

/// A is shut out, noticed or not, and let in again.
pub async fn login(side: &mut Side<'_>) -> bool {
    let admin = side.world.caller(ADMIN);
    let found = admin.get(&format!("/v1/users?client_id={}", side.tale.a)).await;
    let Some(user) = found.ids().first().cloned() else { return false };
    let path = format!("/v1/users/{user}");
    // A token of before: for whoever is shut out none is made.
    let a = side.world.caller(A);
    let out = admin.act(&format!("{path}/disable")).await.status.is_success();
    let shut_out = a.get("/v1/me").await.status.is_client_error();
    let back = admin.act(&format!("{path}/enable")).await.status.is_success();
    let other = admin.patch(&path, json!({ "locale": "pt-BR" })).await.status.is_success();
    side.world.renew_tokens();
    out && shut_out && back && other
}

/// A accepts a new policy before B does: nothing changes before B has.
pub async fn accepts_policy(side: &mut Side<'_>) -> bool {
    if side.tale.accepted.contains(A) {
        return false;
    }
    let path = format!("/v1/couples/{}/secrets-policy/accept", side.tale.couple);
    let body = json!({ "version_no": side.tale.policy_version });
    side.world.caller(A).send(Method::POST, &path, Some(body)).await.status.is_success()
}

pub async fn makes_feed(side: &mut Side<'_>) -> bool {
    let answer = side.world.caller(A).act("/v1/me/calendar-feeds").await;
    side.world.hide("cfd", &answer)
}

pub async fn revokes_feed(side: &mut Side<'_>) -> bool {
    if side.world.latest("cfd").is_none() {
        makes_feed(side).await;
    }
    let Some(feed) = side.world.latest("cfd") else { return false };
    let path = format!("/v1/me/calendar-feeds/{feed}");
    side.world.caller(A).delete(&path).await.status.is_success()
}
