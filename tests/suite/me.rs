//! What callers are told of themselves, and what they may change of it.

use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn everybody_is_told_who_they_are() {
    let app = TestApp::start().await;
    for (name, kind, client) in [
        ("practice_admin", "staff", false),
        ("clinician", "staff", false),
        ("partner_a", "client", true),
        ("service_app", "service", false),
    ] {
        let me = app.caller(name).get("/v1/me").await.expect(200).json();
        assert_eq!((&me["kind"], me["client"].is_object()), (&json!(kind), client), "{name}");
        assert_eq!(me["app_id"].is_string(), kind == "service");
    }
    let limited =
        app.caller_with("clinician", "practice:read").get("/v1/me").await.expect(200).json();
    assert_eq!(limited["scopes"], json!(["practice:read"]));
}

#[actix_web::test]
async fn clients_keep_their_own_profile_and_staff_have_none() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let quiet = json!({ "channels": ["app", "sms"], "from": "10:00", "until": "12:00",
        "voicemail_ok": false, "private_device": true, "mail_ok": false,
        "sender_name_neutral": true, "shared_with_partner": ["email"] });
    let patch = json!({ "preferred_name": "Å", "safe_contact": quiet });
    let changed = a.patch("/v1/me", patch).await.expect(200).json();
    assert_eq!(changed["client"]["preferred_name"], "Å");
    assert_eq!(changed["client"]["safe_contact"], quiet);
    let path = format!("/v1/clients/{}", app.id("partner_a"));
    assert_eq!(app.caller("clinician").get(&path).await.json()["preferred_name"], "Å");
    let refused = a.patch("/v1/me", json!({ "given_name": "Other" })).await.expect(422);
    assert_eq!(refused.faults(), ["/given_name unknown_field"]);
    a.header("if-match", "*").patch_if(&path, "*", json!({ "given_name": "X" })).await.expect(403);
    app.caller("clinician").patch("/v1/me", json!({})).await.expect(403);
    let me = a.get("/v1/me").await.json();
    for hidden in ["external_id", "intake_clinician_id"] {
        assert_eq!(me["client"][hidden], json!(null), "{hidden} is the practice's own");
    }
}
