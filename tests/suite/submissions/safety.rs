//! What somebody says of their safety: it reaches their clinicians at once, and nobody else ever.

use serde_json::{Value, json};

use super::{assign, device_id, for_client, for_couple, place, submitted};
use crate::occurrences::occurrences;
use crate::programs::all_is_well;
use crate::support::TestApp;

fn check(alone: bool) -> Value {
    json!({ "private_device": true, "alone_now": alone, "safe_at_home": "no", "free_to_say_no": "mostly",
            "monitored": "yes", "note": "Please do not ring.", "hide_in_my_app": true })
}

/// Whoever is not alone is asked for nothing more, and nothing is kept.
#[actix_web::test]
async fn a_form_about_safety_waits_until_somebody_is_alone() {
    let app = TestApp::start().await;
    let (a, morgan) = (app.caller("partner_a"), app.caller("clinician"));
    let homework = for_client(&app, "private_safety_check", "partner_a").await;
    for answers in [json!({ "alone_now": false }), check(false), json!({})] {
        let refused = a.put(&place(&homework, 1), submitted(answers)).await.expect(409);
        assert_eq!(refused.text("/code"), "not_now");
        assert!(refused.text("/public_text").starts_with("This page can wait."));
    }
    let draft = json!({ "status": "draft", "answers": check(true) });
    let refused = a.put(&place(&homework, 1), draft).await.expect(422);
    assert_eq!(refused.faults(), ["/status not_kept"]);
    assert!(morgan.get("/v1/submissions").await.ids().is_empty());
    assert!(morgan.get("/v1/alerts").await.ids().is_empty());
}

/// A prompt for what both say waits until both have said it.
#[actix_web::test]
async fn what_each_must_say_is_not_said_by_the_first() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let definition = json!({
        "key": "lonely_evenings", "version": "1.0.0", "title": "How evenings are",
        "source": [{ "seed": "practice", "ref": "our own" }], "category": "ground_rules",
        "threads": ["emotional_safety"], "sensitivity": "relational", "subject": "couple",
        "capture": "form", "participation": { "mode": "each" },
        "items": [{ "link_id": "lonely", "text": "I am lonely in the evening.", "type": "boolean",
                    "required": true, "visibility": "mutual_reveal", "clinician_visibility": "full" }],
        "gates": [{ "at": "open", "when": { "flag": "conjoint_hold", "active": false },
                    "else": { "action": "block_neutral", "code": "paused", "public_text": "Resting." } }],
        "signals": [{ "id": "both_lonely",
                      "when": { "answer": "lonely", "op": "=", "value": true, "by": "each" },
                      "effect": { "type": "clinician_prompt", "code": "both_lonely", "severity": "info",
                                  "to": ["clinician"] } }],
        "adherence": { "unit": "occurrence", "completed_when": "all_submitted" },
    });
    let made = morgan.post("/v1/activity-definitions", definition).await.expect(201);
    morgan.act(&format!("{}/activate", made.header("location"))).await.expect(200);
    let homework = for_couple(&app, "lonely_evenings").await;
    let lonely = || submitted(json!({ "lonely": true }));
    a.put(&place(&homework, 1), lonely()).await.expect(201);
    assert!(morgan.get("/v1/alerts").await.ids().is_empty());
    b.put(&place(&homework, 2), lonely()).await.expect(201);
    let alerts = morgan.get("/v1/alerts").await.expect(200).json();
    assert_eq!(
        (&alerts["data"][0]["code"], &alerts["data"][1]),
        (&json!("both_lonely"), &Value::Null)
    );
}

#[actix_web::test]
async fn what_is_said_of_safety_alerts_the_clinicians_once_and_cannot_be_read_back() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let homework = for_client(&app, "private_safety_check", "partner_a").await;
    let before = (b.get("/v1/me/inbox").await, b.get("/v1/assignments").await);
    let receipt = a.put(&place(&homework, 1), submitted(check(true))).await.expect(201);
    assert!(receipt.text("/help/text").contains("Your therapist"));
    assert_eq!(receipt.json()["help"]["crisis_resources"][0]["phone"], "911");
    assert_eq!(
        a.put(&place(&homework, 1), submitted(check(true))).await.expect(200).body,
        receipt.body
    );

    let alerts = morgan.get("/v1/alerts").await.expect(200).json();
    let mut told: Vec<&str> = alerts["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["code"].as_str().unwrap())
        .collect();
    told.sort_unstable();
    assert_eq!(told, ["coercive_control_concern", "ipv_disclosed"], "each once");
    let sent = alerts["data"][0]["submission_id"].as_str().unwrap().to_owned();
    let read = morgan.get(&format!("/v1/submissions/{sent}")).await.expect(200);
    assert_eq!(read.json()["answers"]["note"], "Please do not ring.");

    for own in [format!("/v1/submissions/{}", device_id(1)), format!("/v1/assignments/{homework}")]
    {
        a.get(&own).await.expect(404);
    }
    assert!(a.get("/v1/submissions").await.ids().is_empty(), "it goes one way only");
    assert!(
        !a.get("/v1/me/inbox").await.text("/items").contains(&homework),
        "it is kept out of sight"
    );
    let after = (b.get("/v1/me/inbox").await, b.get("/v1/assignments").await);
    assert_eq!((before.0.body, before.1.body), (after.0.body, after.1.body));
    let service = app.caller("service_app");
    service.get(&format!("/v1/submissions/{sent}")).await.expect(404);
    assert!(!service.get("/v1/submissions").await.ids().contains(&sent));
    let other = app.caller_with("partner_a", "homework:own homework:submit");
    other.put(&place(&homework, 1), submitted(check(true))).await.expect(404);
}

/// Who says it again after an alert was closed is heard again.
#[actix_web::test]
async fn a_renewed_disclosure_is_a_new_alert() {
    let app = TestApp::start().await;
    let (a, morgan) = (app.caller("partner_a"), app.caller("clinician"));
    let homework = for_client(&app, "private_safety_check", "partner_a").await;
    let mut said = check(true);
    said["hide_in_my_app"] = json!(false);
    let tag = a.put(&place(&homework, 1), submitted(said.clone())).await.expect(201).header("etag");
    let first = morgan.get("/v1/alerts?status=raised").await.ids();
    for alert in &first {
        let reason = json!({ "reason": "A slip, she said." });
        morgan.post(&format!("/v1/alerts/{alert}/dismiss"), reason).await.expect(200);
    }
    said["note"] = json!("It was no slip.");
    a.header("if-match", &tag).put(&place(&homework, 1), submitted(said)).await.expect(200);
    assert_eq!(morgan.get("/v1/alerts?status=raised").await.ids().len(), first.len());
    for nobody in ["practice_admin", "service_app"] {
        assert!(app.caller(nobody).get("/v1/submissions").await.ids().is_empty(), "{nobody}");
    }
}

/// The first who is called is the primary clinician, at once and without a word of what it is about.
#[actix_web::test]
async fn a_private_answer_calls_the_clinician() {
    let app = TestApp::start().await;
    let homework = for_client(&app, "risk_screen", "partner_b").await;
    let answers = json!({ "private_device": true, "alone_now": true, "infidelity": "no",
        "untreated_addiction": "no", "afraid": "yes", "major_symptoms": "no" });
    app.caller("partner_b").put(&place(&homework, 1), submitted(answers)).await.expect(201);
    app.tick().await;
    let alert = app.caller("clinician").get("/v1/alerts?kind=safety_flag").await.expect(200);
    assert_eq!(alert.json()["data"][0]["code"], "fear_of_partner");
    let path = format!("/v1/alerts/{}", alert.ids()[0]);
    let alert = app.caller("clinician").get(&path).await.expect(200);
    assert_eq!(alert.json()["pages"], 1);
    assert_eq!(alert.json()["severity"], "critical");
}

/// While a hold is in effect what is assigned rests too, and nobody reads of a hold.
#[actix_web::test]
async fn what_is_assigned_under_a_hold_rests_with_everything_else() {
    let app = TestApp::start().await;
    let (a, morgan) = (app.caller("partner_a"), app.caller("clinician"));
    let hold = json!({ "couple_id": app.id("couple"), "kind": "conjoint",
                       "cover_reason": "therapist_review", "effective_at": "2026-12-02T18:00:00Z" });
    morgan.post("/v1/holds", hold).await.expect(201);
    app.clock.advance_seconds(6 * 3600);
    app.tick().await;
    let homework = for_couple(&app, "daily_check_in").await;
    let seen = a.get(&format!("/v1/assignments/{homework}")).await.expect(200);
    assert_eq!(seen.text("/status"), "paused");
    assert!(seen.json()["resume_on"].is_string());
    let sent = submitted(super::check_in(3));
    assert_eq!(a.put(&place(&homework, 1), sent).await.expect(409).text("/code"), "not_now");
}

/// Whoever does not treat a client is not told whether they have answered what concerns their safety, also once its time
/// is over.
#[actix_web::test]
async fn an_administrator_reads_the_same_of_a_screen_that_was_answered_and_of_one_that_was_not() {
    let mut seen = Vec::new();
    for answers in [false, true] {
        let app = TestApp::start().await;
        let daily = json!({ "client_id": app.id("partner_a"),
                            "schedule": { "rhythm": { "kind": "daily" } } });
        let screen = assign(&app, "risk_screen", daily).await;
        if answers {
            let a = app.caller("partner_a");
            a.put(&place(&screen, 1), all_is_well()).await.expect(201);
        }
        app.days_pass(6);
        let admin = app.caller("practice_admin");
        let of_day = "&from=2026-12-02&until=2026-12-02";
        let all = occurrences(&admin, &screen, of_day).await;
        seen.push(all.iter().map(|one| one["status"].clone()).collect::<Vec<_>>());
    }
    assert_eq!(seen[0], ["missed"]);
    assert_eq!(seen[0], seen[1]);
}
