//! A week of sessions.

use std::collections::BTreeSet;

use serde_json::json;

use super::{SESSIONS, alone, book, joint};
use crate::support::TestApp;

#[actix_web::test]
async fn a_session_is_booked_confirmed_and_held() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let made = book(&app, joint(&app, 18).await).await.expect(201);
    let path = made.header("location");
    assert_eq!((made.text("/status").as_str(), made.text("/minutes").as_str()), ("booked", "50"));
    assert_eq!(made.text("/clinician_ids/0"), app.id("clinician"));
    assert_eq!(made.text("/couple_id"), app.id("couple"));
    morgan.act(&format!("{path}/confirm")).await.expect(200);

    let early = morgan.post(&format!("{path}/complete"), json!({})).await.expect(409);
    assert_eq!(early.faults(), ["/started_at not_begun"]);
    app.days_pass(9);
    let morgan = app.caller("clinician");
    morgan.act(&format!("{path}/check-in")).await.expect(200);
    let one_missing =
        json!({ "participants": [{ "client_id": app.id("partner_b"), "attendance": "absent" }] });
    let refused = morgan.post(&format!("{path}/complete"), one_missing).await.expect(409);
    assert_eq!(refused.faults(), ["/participants too_few"], "one alone is no conjoint session");
    let held = json!({ "ended_at": "2026-12-10T18:45:00Z",
        "participants": [{ "client_id": app.id("partner_b"), "attendance": "left_early" }] });
    let held = morgan.post(&format!("{path}/complete"), held).await.expect(200).json();
    assert_eq!((&held["status"], &held["minutes"]), (&json!("completed"), &json!(45)));
    let attendance: Vec<_> = held["participants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["attendance"].clone())
        .collect();
    assert_eq!(attendance, [json!("attended"), json!("left_early")]);

    // It was held with both: who came can be put right, and neither can be made to be missing or yet to come.
    let b = format!("{path}/participants/{}", app.id("partner_b"));
    let put = |attendance: &str| morgan.put(&b, json!({ "attendance": attendance }));
    put("attended").await.expect(200);
    let refused = put("absent").await.expect(409);
    assert_eq!(
        (refused.text("/code"), refused.faults()),
        ("requirements_missing".into(), vec!["/attendance too_few".into()])
    );
    assert_eq!(put("expected").await.expect(422).faults(), ["/attendance not_allowed"]);
    assert_eq!(morgan.get(&path).await.text("/participants/1/attendance"), "attended");
}

#[actix_web::test]
async fn a_clinician_holds_one_session_at_a_time() {
    let app = TestApp::start().await;
    book(&app, joint(&app, 18).await).await.expect(201);
    let refused = book(&app, alone(&app, 18).await).await.expect(409);
    assert_eq!(refused.text("/code"), "overlaps");
    let mut half = alone(&app, 18).await;
    half["starts_at"] = json!("2026-12-10T18:49:59Z");
    half["ends_at"] = json!("2026-12-10T19:20:00Z");
    book(&app, half.clone()).await.expect(409);
    half["starts_at"] = json!("2026-12-10T18:50:00Z");
    let next = book(&app, half).await.expect(201).header("location");
    // What is only asked for, or cancelled, takes no time.
    let mut asked = joint(&app, 18).await;
    asked["requested"] = json!(true);
    let asked = book(&app, asked).await.expect(201).header("location");
    let morgan = app.caller("clinician");
    assert_eq!(
        morgan.act(&format!("{asked}/schedule")).await.expect(409).text("/code"),
        "overlaps"
    );
    let to = json!({ "starts_at": "2026-12-10T18:55:00Z", "ends_at": "2026-12-10T19:10:00Z" });
    morgan.post(&format!("{asked}/rebook"), to.clone()).await.expect(409);
    morgan.post(&format!("{next}/cancel"), json!({ "by": "practice" })).await.expect(200);
    let moved = morgan.post(&format!("{asked}/rebook"), to).await.expect(200);
    assert_eq!(moved.text("/status"), "rescheduled");
    let moved = morgan.get(&format!("{SESSIONS}/{}", moved.text("/rescheduled_to_id"))).await;
    assert_eq!(
        (moved.text("/status").as_str(), moved.text("/starts_at").as_str()),
        ("booked", "2026-12-10T18:55:00.000000Z")
    );
}

#[actix_web::test]
async fn whoever_cancels_late_has_cancelled_late() {
    let app = TestApp::start().await;
    let early = book(&app, joint(&app, 18).await).await.expect(201).header("location");
    let late = book(&app, joint(&app, 20).await).await.expect(201).header("location");
    let ours = book(&app, joint(&app, 22).await).await.expect(201).header("location");
    let morgan = app.caller("clinician");
    let by = |who: &str| json!({ "by": who, "reason": "A sick child." });
    let cancelled = morgan.post(&format!("{early}/cancel"), by("client")).await.expect(200);
    assert_eq!(cancelled.text("/status"), "cancelled");
    app.days_pass(8);
    let morgan = app.caller("clinician");
    let cancelled = morgan.post(&format!("{late}/cancel"), by("client")).await.expect(200);
    assert_eq!(
        (cancelled.text("/status").as_str(), cancelled.text("/cancellation_reason").as_str()),
        ("late_cancelled", "A sick child.")
    );
    let cancelled = morgan.post(&format!("{ours}/cancel"), by("practice")).await.expect(200);
    assert_eq!(cancelled.text("/status"), "cancelled", "the practice is never late");
}

#[actix_web::test]
async fn nobody_came() {
    let app = TestApp::start().await;
    let path = book(&app, joint(&app, 18).await).await.expect(201).header("location");
    let early = app.caller("clinician").act(&format!("{path}/record-no-show")).await.expect(409);
    assert_eq!(early.faults(), ["/starts_at not_begun"]);
    app.days_pass(9);
    let morgan = app.caller("clinician");
    let missed = morgan.act(&format!("{path}/record-no-show")).await.expect(200);
    assert_eq!(missed.text("/participants/0/attendance"), "absent");
    let patch = json!({ "modality": "telehealth_audio", "office_id": null });
    let over = morgan.patch(&path, patch).await.expect(409);
    assert_eq!(over.json()["allowed_transitions"], json!([]));
}

#[actix_web::test]
async fn sessions_are_found_by_week_and_by_whom_they_are_of() {
    let app = TestApp::start().await;
    let one = book(&app, joint(&app, 18).await).await.expect(201).text("/id");
    let mut later = alone(&app, 18).await;
    later["starts_at"] = json!("2026-12-14T08:30:00Z");
    later["ends_at"] = json!("2026-12-14T09:00:00Z");
    // Monday 00:30 in Seattle.
    let two = book(&app, later).await.expect(201).text("/id");
    let morgan = app.caller("clinician");
    let a = app.id("partner_a");
    for (query, found) in [
        ("week_of=2026-12-10".to_owned(), vec![&one]),
        ("week_of=2026-12-13".to_owned(), vec![&one]),
        ("week_of=2026-12-14".to_owned(), vec![&two]),
        ("from=2026-12-10T18:00:00Z&until=2026-12-14T08:30:00Z".to_owned(), vec![&one]),
        (format!("couple_id={}", app.id("couple")), vec![&one]),
        (format!("client_id={a}"), vec![&one, &two]),
        (format!("client_id={}", app.id("partner_b")), vec![&one]),
        (format!("clinician_id={}", app.id("clinician")), vec![&one, &two]),
        (format!("clinician_id={}", app.id("associate")), vec![]),
        ("kind=individual_within_couple".to_owned(), vec![&two]),
        ("status=completed".to_owned(), vec![]),
    ] {
        let ids = morgan.get(&format!("{SESSIONS}?{query}")).await.expect(200).ids();
        let as_set = |ids: Vec<&String>| ids.into_iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(as_set(ids.iter().collect()), as_set(found), "{query}");
    }
    assert!(app.caller("supervisor").get(SESSIONS).await.expect(200).ids().is_empty());
    app.caller("associate").get(&format!("{SESSIONS}/{one}")).await.expect(404);
}

#[actix_web::test]
async fn a_session_fits_its_treatment() {
    let app = TestApp::start().await;
    let fitting = joint(&app, 18).await;
    let (a, stranger) = (app.id("partner_a"), app.id("individual_client"));
    for (member, value, fault) in [
        ("treatment_id", json!(app.id("treatment_on_hold")), "/treatment_id not_found"),
        ("office_id", json!(null), "/office_id required"),
        ("ends_at", json!("2026-12-10T22:00:01Z"), "/ends_at out_of_range"),
        ("ends_at", json!("2026-12-10T18:00:00Z"), "/ends_at out_of_range"),
        ("kind", json!("individual"), "/kind mismatch"),
        ("kind", json!("individual_within_couple"), "/participants too_many"),
        ("participants", json!([{ "client_id": a }]), "/participants too_few"),
        (
            "participants",
            json!([{ "client_id": a }, { "client_id": stranger }]),
            "/participants/1/client_id not_found",
        ),
        (
            "participants",
            json!([{ "client_id": a }, { "client_id": a }]),
            "/participants/1/client_id repeated",
        ),
        ("clinician_ids", json!([app.id("associate")]), "/clinician_ids/0 not_on_care_team"),
    ] {
        let mut new = fitting.clone();
        new[member] = value;
        let refused = book(&app, new).await.expect(422);
        assert_eq!(refused.faults(), [fault]);
    }
    let mut by_video = fitting;
    by_video["modality"] = json!("telehealth_video");
    let faults = book(&app, by_video).await.expect(422).faults();
    assert_eq!(faults.len(), 3, "{faults:?}");
}
