//! The practice itself, its offices and its clinicians.

use serde_json::json;

use crate::support::TestApp;

#[actix_web::test]
async fn settings_are_merged_and_nobody_but_an_administrator_changes_them() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let before = admin.get("/v1/practice").await.expect(200).json();
    let patch = json!({ "settings": { "max_members": 3 }, "legal_name": "Tidewater, fictitious" });
    let after = admin.patch("/v1/practice", patch).await.expect(200).json();
    assert_eq!(after["settings"]["max_members"], 3);
    assert_eq!(after["settings"]["retention_years"], before["settings"]["retention_years"]);
    app.caller("clinician").get("/v1/practice").await.expect(200);
    let other = app.caller("clinician").patch_if("/v1/practice", "*", json!({})).await.expect(403);
    assert_eq!(other.text("/code"), "scope_missing");
    app.caller("partner_a").get("/v1/practice").await.expect(403);
    let telehealth = json!({ "settings": { "telehealth_states": ["Washington"] } });
    admin.patch("/v1/practice", telehealth).await.expect(422);
}

#[actix_web::test]
async fn posted_hours_neither_overlap_nor_end_before_they_begin() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let office = |hours: serde_json::Value| {
        json!({ "name": "Nowhere", "line1": "1 Nowhere", "city": "Seattle", "region": "WA",
                "postal_code": "98100", "posted_hours": hours })
    };
    let hours = |weekday: i32, opens: &str, closes: &str| json!({ "weekday": weekday, "opens": opens, "closes": closes, "note": null });
    let wrong =
        json!([hours(1, "10:00", "09:00"), hours(2, "09:00", "12:00"), hours(2, "11:00", "13:00")]);
    let faults = admin.post("/v1/offices", office(wrong)).await.expect(422).faults();
    assert!(faults.contains(&"/posted_hours/0/closes out_of_range".to_owned()), "{faults:?}");
    assert!(faults.iter().any(|fault| fault.ends_with("overlap")), "{faults:?}");
    let right =
        json!([hours(2, "09:00", "12:00"), hours(2, "12:00", "13:00"), hours(3, "09:00", "12:00")]);
    let made = admin.post("/v1/offices", office(right)).await.expect(201);
    let path = format!("/v1/offices/{}", made.text("/id"));
    admin.patch(&path, json!({ "active": false, "posted_hours": [] })).await.expect(200);
    let closed = admin.get("/v1/offices?active=false").await.expect(200).ids();
    assert_eq!(closed, [made.text("/id")]);
}

#[actix_web::test]
async fn supervision_has_no_circles() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let path = |name: &str| format!("/v1/clinicians/{}", app.id(name));
    let under = |name: &str| json!({ "supervisor_id": app.id(name) });
    let circle = admin.patch(&path("supervisor"), under("associate")).await.expect(422);
    assert_eq!(circle.faults(), ["/supervisor_id circular"]);
    admin.patch(&path("supervisor"), under("supervisor")).await.expect(422);
    admin.patch(&path("clinician"), under("supervisor")).await.expect(200);
    let seen = app.caller("supervisor").get(&format!("/v1/clients/{}", app.id("partner_a"))).await;
    seen.expect(200);
}
