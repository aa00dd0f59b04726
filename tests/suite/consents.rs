//! Documents that clients signed: by whom, until when, and taken back.

use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn a_client_signs_for_themself_and_takes_it_back() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let body = |client: &str| {
        json!({ "client_id": client, "kind": "telehealth_consent", "document_version": "2026-11",
                "signer_name": "Åsa Lindqvist-Example" })
    };
    let signed = a.post("/v1/consents", body(&app.id("partner_a"))).await.expect(201);
    assert_eq!(signed.json()["in_force"], true);
    let path = format!("/v1/consents/{}", signed.text("/id"));
    b.get(&path).await.expect(404);
    b.act(&format!("{path}/revoke")).await.expect(404);
    app.caller("clinician").get(&path).await.expect(200);
    let other = a.post("/v1/consents", body(&app.id("partner_b"))).await.expect(422);
    assert_eq!(other.faults(), ["/client_id not_found"]);
    let revoked = a.act(&format!("{path}/revoke")).await.expect(200);
    assert_eq!(revoked.json()["in_force"], false);
    app.clock.advance_seconds(60);
    assert_eq!(a.act(&format!("{path}/revoke")).await.expect(200).body, revoked.body);
    let listed = a.get("/v1/consents?in_force=false").await.expect(200).ids();
    assert_eq!(listed, [signed.text("/id")]);
}

#[actix_web::test]
async fn a_consent_counts_to_its_last_day() {
    let app = TestApp::start().await;
    let body = json!({ "client_id": app.id("partner_a"), "kind": "payment_terms", "document_version": "1",
        "signer_name": "Å", "expires_on": "2026-12-03" });
    let id = app.caller("clinician").post("/v1/consents", body).await.expect(201).text("/id");
    // The story stands at Wednesday, 2 December 2026, 09:00 in Seattle.
    let day = 24 * 60 * 60;
    for (seconds, counts) in [(0, true), (day, true), (15 * 60 * 60 - 1, true), (1, false)] {
        app.clock.advance_seconds(seconds);
        let morgan = app.bearer(&app.mint("clinician", None));
        let consent = morgan.get(&format!("/v1/consents/{id}")).await.expect(200).json();
        assert_eq!(consent["in_force"], counts);
        let listed = morgan.get(&format!("/v1/consents?in_force={counts}")).await.expect(200).ids();
        assert!(listed.contains(&id));
    }
    let morgan = app.bearer(&app.mint("clinician", None));
    let early = json!({ "client_id": app.id("partner_a"), "kind": "payment_terms", "document_version": "1",
        "signer_name": "Å", "signed_at": "2030-01-01T00:00:00Z", "expires_on": "2020-01-01" });
    let faults = morgan.post("/v1/consents", early).await.expect(422).faults();
    assert_eq!(faults, ["/signed_at out_of_range", "/expires_on out_of_range"]);
}
