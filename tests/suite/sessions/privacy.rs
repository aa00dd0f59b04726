//! What clients read of sessions, and what a partner does not.

use serde_json::json;

use super::{SESSIONS, alone, book, by_video, joint};
use crate::support::TestApp;

const OWN: &str = "/v1/me/sessions";

#[actix_web::test]
async fn a_session_with_one_partner_is_nowhere_for_the_other() {
    let app = TestApp::start().await;
    let together = book(&app, joint(&app, 18).await).await.expect(201).header("location");
    let before = app.caller("partner_b").get(OWN).await.expect(200);
    let path = book(&app, alone(&app, 16).await).await.expect(201).header("location");
    let b = app.caller("partner_b");
    let look = async || {
        let now = b.get(OWN).await.expect(200);
        assert_eq!((&now.body, now.header("etag")), (&before.body, before.header("etag")));
        assert_eq!(b.get(&format!("{OWN}?limit=1")).await.json()["next_cursor"], json!(null));
    };
    look().await;
    let morgan = app.caller("clinician");
    morgan.act(&format!("{path}/confirm")).await.expect(200);
    look().await;
    // Where A is that day, and whether A comes, is A's.
    let part = format!("{together}/participants/{}", app.id("partner_a"));
    let away = json!({ "attendance": "excused", "location_state": "ID" });
    morgan.put(&part, away).await.expect(200);
    look().await;
    morgan.post(&format!("{path}/cancel"), json!({ "by": "client" })).await.expect(200);
    look().await;
    let a = app.caller("partner_a").get(OWN).await.expect(200).json();
    let kinds: Vec<_> =
        a["data"].as_array().unwrap().iter().map(|one| one["kind"].clone()).collect();
    assert_eq!(
        kinds,
        [json!("individual_within_couple"), json!("conjoint")],
        "by their beginnings"
    );
    assert_eq!(a["data"][1]["location_state"], "ID");
    assert_eq!(a["data"][1]["office"]["name"], "Harbor Street (fictitious)");
}

#[actix_web::test]
async fn clients_read_the_words_that_are_for_all_of_them() {
    let app = TestApp::start().await;
    let path =
        book(&app, by_video(joint(&app, 18).await, "WA")).await.expect(201).header("location");
    let morgan = app.caller("clinician");
    let seen = async || app.caller("partner_b").get(OWN).await.expect(200).text("/data/0/status");
    assert_eq!(seen().await, "booked");
    morgan.act(&format!("{path}/confirm")).await.expect(200);
    let before = app.caller("partner_b").get(OWN).await.body;
    morgan.act(&format!("{path}/check-in")).await.expect(200);
    assert_eq!(app.caller("partner_b").get(OWN).await.body, before, "that A is there already");
    let missed = book(&app, joint(&app, 20).await).await.expect(201).header("location");
    app.days_pass(9);
    app.caller("clinician").act(&format!("{missed}/record-no-show")).await.expect(200);
    let b = app.caller("partner_b").get(&format!("{OWN}?from=2026-12-10T19:00:00Z")).await;
    assert_eq!(b.text("/data/0/status"), "missed");
    for who in ["partner_a", "partner_b"] {
        app.caller(who).get(SESSIONS).await.expect(403);
    }
    app.caller("clinician").get(OWN).await.expect(403);
}

#[actix_web::test]
async fn who_has_left_the_couple_sees_its_sessions_no_more() {
    let app = TestApp::start().await;
    book(&app, joint(&app, 18).await).await.expect(201);
    let path = format!("/v1/couples/{}/members/{}", app.id("couple"), app.id("partner_b"));
    app.caller("practice_admin").delete(&path).await.expect(204);
    assert!(app.caller("partner_b").get(OWN).await.expect(200).ids().is_empty());
    assert_eq!(app.caller("partner_a").get(OWN).await.expect(200).ids().len(), 1);
}
