//! What a hold pauses, when, and how it ends.

use attune::db::schema::assignments;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::{ASSIGNMENTS, HOLDS, assign, hold, raise};
use crate::support::TestApp;

async fn status(app: &TestApp, who: &str, assignment: &str) -> String {
    app.caller(who).get(&format!("{ASSIGNMENTS}/{assignment}")).await.expect(200).text("/status")
}

/// Until after the hold's hour and minute.
async fn later(app: &TestApp) {
    app.clock.advance_seconds(3661);
    app.tick().await;
}

#[actix_web::test]
async fn a_hold_takes_effect_at_its_time_and_is_lifted_by_a_clinician_alone() {
    let app = TestApp::start().await;
    let (morgan, a) = (app.caller("clinician"), app.caller("partner_a"));
    let (one, two) = (
        assign(&morgan, "daily_check_in", &app.id("couple")).await,
        assign(&morgan, "bids", &app.id("couple")).await,
    );
    let rest = json!({ "resume_on": "2026-12-10" });
    a.post(&format!("{ASSIGNMENTS}/{two}/pause"), rest).await.expect(200);
    let placed = hold(&app, "clinician", "conjoint").await;
    assert_eq!(placed.text("/status"), "placed");
    app.tick().await;
    assert_eq!(status(&app, "clinician", &one).await, "assigned");
    later(&app).await;
    let path = format!("{HOLDS}/{}", placed.text("/id"));
    let effective = morgan.get(&path).await.expect(200);
    assert_eq!(effective.text("/status"), "effective");
    assert_eq!(effective.text("/reason"), "Afraid at home.");
    for id in [&one, &two] {
        assert_eq!(status(&app, "clinician", id).await, "held");
        assert_eq!(status(&app, "partner_b", id).await, "paused");
        let at = format!("{ASSIGNMENTS}/{id}");
        let seen = a.get(&at).await.expect(200);
        assert_eq!(seen.text("/resume_on"), "2026-12-20");
        assert_eq!(seen.text("/updated_at"), placed.text("/effective_at"), "not the worker's time");
        a.act(&format!("{at}/resume")).await.expect(409);
        for staff in ["clinician", "practice_admin"] {
            let refused = app.caller(staff).act(&format!("{at}/resume")).await.expect(409);
            assert_eq!(refused.text("/code"), "requirements_missing");
            assert_eq!(refused.faults(), ["/ hold_effective"]);
        }
    }
    app.clock.advance_seconds(60 * 86_400);
    app.tick().await;
    // The tokens of two months ago have run out.
    let morgan = app.bearer(&app.mint("clinician", None));
    let lifted = morgan.act(&format!("{path}/lift")).await.expect(200);
    assert_eq!(lifted.text("/status"), "lifted");
    for id in [&one, &two] {
        let seen = morgan.get(&format!("{ASSIGNMENTS}/{id}")).await.expect(200);
        assert_eq!(seen.text("/status"), "in_progress", "never by a date");
        assert_eq!(seen.json()["resume_on"], Value::Null);
        assert_eq!(seen.text("/updated_at"), lifted.text("/lifted_at"));
    }
    let again = morgan.act(&format!("{path}/lift")).await.expect(409);
    assert_eq!(again.json()["allowed_transitions"], json!([]));
}

#[actix_web::test]
async fn a_hold_that_was_lifted_before_its_time_has_changed_nothing() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let id = assign(&morgan, "daily_check_in", &app.id("couple")).await;
    let before = app.caller("partner_b").get(ASSIGNMENTS).await.expect(200).body;
    let placed = hold(&app, "clinician", "conjoint").await.text("/id");
    morgan.act(&format!("{HOLDS}/{placed}/lift")).await.expect(200);
    later(&app).await;
    assert_eq!(status(&app, "clinician", &id).await, "assigned");
    assert_eq!(app.caller("partner_b").get(ASSIGNMENTS).await.expect(200).body, before);
}

/// What two holds cover rests until both are lifted; what a clinician paused by itself stays paused.
#[actix_web::test]
async fn what_another_hold_covers_does_not_go_on() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let covered = assign(&morgan, "daily_check_in", &app.id("couple")).await;
    let by_itself = assign(&morgan, "bids", &app.id("couple")).await;
    let rest = json!({ "resume_on": "2026-12-10" });
    let path = format!("{ASSIGNMENTS}/{by_itself}");
    morgan.post(&format!("{path}/pause"), rest).await.expect(200);
    let first = hold(&app, "clinician", "conjoint").await.text("/id");
    let touch = hold(&app, "clinician", "touch").await.text("/id");
    later(&app).await;
    let second = hold(&app, "clinician", "conjoint").await.text("/id");
    later(&app).await;
    let before = app.caller("partner_a").get(&format!("{ASSIGNMENTS}/{covered}")).await;
    morgan.act(&format!("{HOLDS}/{first}/lift")).await.expect(200);
    let after = app.caller("partner_a").get(&format!("{ASSIGNMENTS}/{covered}")).await;
    assert_eq!(before.body, after.body, "nothing moves when another hold takes over");
    assert_eq!(status(&app, "clinician", &covered).await, "held");
    morgan.act(&format!("{HOLDS}/{second}/lift")).await.expect(200);
    assert_eq!(status(&app, "clinician", &covered).await, "in_progress", "touch is no part of it");
    assert_eq!(status(&app, "clinician", &by_itself).await, "held");
    morgan.act(&format!("{path}/resume")).await.expect(200);
    morgan.act(&format!("{HOLDS}/{touch}/lift")).await.expect(200);
}

#[actix_web::test]
async fn a_hold_on_touch_rests_what_is_sexual_alone() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let talk = assign(&morgan, "daily_check_in", &app.id("couple")).await;
    let touch = assign(&morgan, "bids", &app.id("couple")).await;
    // The gates of what is sexual want what this story does not hold.
    let id: attune::db::id::AssignmentId = touch.parse().unwrap();
    diesel::update(assignments::table.filter(assignments::id.eq(id)))
        .set(assignments::sensitivity.eq("sexual_health"))
        .execute(&mut app.database.open())
        .unwrap();
    hold(&app, "clinician", "touch").await;
    later(&app).await;
    assert_eq!(status(&app, "clinician", &talk).await, "assigned");
    assert_eq!(status(&app, "clinician", &touch).await, "held");
}

/// Left out, the time is between the next six in the morning of the couple's clock and two days after.
#[actix_web::test]
async fn when_a_hold_takes_effect_is_left_to_chance() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let new =
        json!({ "couple_id": app.id("couple"), "kind": "conjoint", "cover_reason": "focus_shift" });
    let mut times = std::collections::BTreeSet::new();
    let now: jiff::Timestamp = app.clock.now().to_string().parse().unwrap();
    for _ in 0..40 {
        let made = morgan.post(HOLDS, new.clone()).await.expect(201);
        let at: jiff::Timestamp = made.text("/effective_at").parse().unwrap();
        let hours = (at - now).get_seconds() / 3600;
        assert!((0..72).contains(&hours), "{hours}");
        let local = at.to_zoned(jiff::tz::TimeZone::get("America/Los_Angeles").unwrap());
        let resume: jiff::civil::Date = made.text("/resume_on").parse().unwrap();
        assert_eq!((resume - local.date()).get_days(), 14);
        times.insert(made.text("/effective_at"));
    }
    assert_eq!(times.len(), 40);
    let mut soon = new.clone();
    soon["effective_at"] = json!("2020-01-01T00:00:00Z");
    let made = morgan.post(HOLDS, soon).await.expect(201);
    let at: jiff::Timestamp = made.text("/effective_at").parse().unwrap();
    assert!((0..=60).contains(&(at - now).get_seconds()), "a past instant is now");
}

#[actix_web::test]
async fn nonsense_is_refused_with_every_fault() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let refused = async |members: Value| {
        let mut body = json!({ "couple_id": app.id("couple"), "kind": "conjoint",
                               "cover_reason": "focus_shift" });
        body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
        morgan.post(HOLDS, body).await.expect(422).faults()
    };
    let far = json!({ "effective_at": "2030-01-01T00:00:00Z", "resume_on": "2030-01-20" });
    assert_eq!(refused(far).await[0], "/effective_at out_of_range");
    let long = json!({ "effective_at": app.clock.now(), "resume_on": "2027-06-01" });
    assert_eq!(refused(long).await, ["/resume_on out_of_range"]);
    let elsewhere = json!({ "couple_id": app.id("couple_on_break") });
    assert_eq!(refused(elsewhere).await, ["/couple_id not_found"]);
    let unrelated = raise(&morgan, &app.id("individual_client"), "suicide_risk").await;
    assert_eq!(refused(json!({ "alert_id": unrelated })).await, ["/alert_id mismatch"]);
    let theirs = raise(&app.caller("associate"), &app.id("partner_c"), "suicide_risk").await;
    assert_eq!(refused(json!({ "alert_id": theirs })).await, ["/alert_id not_found"]);
}
