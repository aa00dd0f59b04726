//! Telehealth is treatment where the client is.

use serde_json::json;

use super::{alone, book, by_video, joint};
use crate::support::TestApp;

#[actix_web::test]
async fn telehealth_outside_the_licences_is_refused_and_recorded_with_a_reason() {
    let app = TestApp::start().await;
    book(&app, by_video(joint(&app, 18).await, "ID")).await.expect(201);
    let refused = book(&app, by_video(joint(&app, 19).await, "OR")).await.expect(409);
    assert_eq!(refused.text("/code"), "outside_licensed_states");
    assert_eq!(
        refused.faults(),
        [
            "/participants/0/location_state not_licensed",
            "/participants/1/location_state not_licensed"
        ]
    );
    let words = refused.text("/public_text");
    assert!(words.contains("Tidewater") && words.contains("+12065550100"), "{words}");
    let mut excused = by_video(joint(&app, 19).await, "OR");
    excused["exception_reason"] = json!("They are on a journey.");
    book(&app, excused).await.expect(409);

    // What has happened is recorded, if somebody says why.
    let mut past = by_video(alone(&app, 18).await, "OR");
    past["starts_at"] = json!("2026-12-01T18:00:00Z");
    past["ends_at"] = json!("2026-12-01T18:30:00Z");
    let refused = book(&app, past.clone()).await.expect(409);
    assert_eq!(refused.faults(), ["/exception_reason exception_reason_required"]);
    past["exception_reason"] = json!("She rang from a journey.");
    let made = book(&app, past).await.expect(201);
    assert_eq!(made.text("/exception_reason"), "She rang from a journey.");
}

#[actix_web::test]
async fn where_somebody_really_was_counts_on_the_day() {
    let app = TestApp::start().await;
    let made = book(&app, by_video(joint(&app, 18).await, "WA")).await.expect(201);
    let (path, b) = (made.header("location"), app.id("partner_b"));
    let morgan = app.caller("clinician");
    let part = format!("{path}/participants/{b}");
    let away = json!({ "attendance": "expected", "location_state": "NV" });
    let refused = morgan.put(&part, away).await.expect(409);
    assert_eq!(refused.faults(), ["/participants/1/location_state not_licensed"]);
    app.days_pass(9);
    let morgan = app.caller("clinician");
    let mut held = json!({ "participants": [{ "client_id": b, "attendance": "attended", "location_state": "NV" }] });
    morgan.post(&format!("{path}/complete"), held.clone()).await.expect(409);
    held["exception_reason"] = json!("He said so at the end.");
    let held = morgan.post(&format!("{path}/complete"), held).await.expect(200);
    assert_eq!(held.text("/participants/1/location_state"), "NV");
}

#[actix_web::test]
async fn licences_run_out_and_are_the_practices_to_keep() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let path = format!("/v1/clinicians/{}/licenses", app.id("clinician"));
    let new = json!({ "licenses": [{ "state": "WA", "number": "DEMO-0001", "expires_on": "2026-12-09" },
                                   { "state": "OR", "number": "DEMO-0003" }] });
    let put = admin.put(&path, new.clone()).await.expect(200);
    assert_eq!(put.text("/licenses/0/state"), "OR");
    assert_eq!(admin.put(&path, new).await.expect(200).body, put.body);
    assert_eq!(app.caller("associate").get(&path).await.expect(200).body, put.body);
    let refused = book(&app, by_video(joint(&app, 18).await, "WA")).await.expect(409);
    assert_eq!(refused.text("/code"), "outside_licensed_states");
    book(&app, by_video(joint(&app, 18).await, "OR")).await.expect(201);
    let twice =
        json!({ "licenses": [{ "state": "WA", "number": "1" }, { "state": "WA", "number": "2" }] });
    assert_eq!(admin.put(&path, twice).await.expect(422).faults(), ["/licenses/1/state repeated"]);
    app.caller("clinician").put(&path, json!({ "licenses": [] })).await.expect(403);
}
