//! What waits for somebody: for their consent, for who has left, for what they have taken back.

use attune::db::schema::audit_events;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::{
    assign, couple_of_three, device_id, for_client, for_couple, goals, place, shared, submitted,
};
use crate::programs::screen_both;
use crate::support::{Caller, TestApp};

async fn consents(app: &TestApp, partner: &str) -> String {
    let consent = json!({ "client_id": app.id(partner), "kind": "sexual_health_homework",
                          "document_version": "1", "signer_name": "Somebody" });
    app.caller("clinician").post("/v1/consents", consent).await.expect(201).text("/id")
}

/// The built-in inventory in use, and its codes.
async fn inventory(app: &TestApp) -> Vec<String> {
    let morgan = app.caller("clinician");
    let found =
        morgan.get("/v1/activity-definitions?key=sensual_inventory").await.text("/data/0/id");
    let path = format!("/v1/activity-definitions/{found}");
    morgan.act(&format!("{path}/activate")).await.expect(200);
    let shown = morgan.get(&path).await.json();
    let items = shown["definition"]["items"].as_array().unwrap();
    let entries = items.iter().find_map(|item| item["inventory"]["entries"].as_array()).unwrap();
    entries.iter().map(|entry| entry["code"].as_str().unwrap().to_owned()).collect()
}

fn all_yes(codes: &[String]) -> Value {
    let entries: serde_json::Map<String, Value> =
        codes.iter().map(|code| (code.clone(), json!("yes"))).collect();
    submitted(json!({ "inventory": { "entries": entries } }))
}

async fn outcomes(caller: &Caller<'_>) -> Value {
    caller.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200).json()["outcomes"]
        .clone()
}

/// A takes the consent back after answering. To B it is as though A had not answered; it opens when A consents again.
#[actix_web::test]
async fn what_is_sexual_opens_with_the_present_consent_of_both_and_else_tells_nothing() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    screen_both(&app).await;
    let codes = inventory(&app).await;
    let of_a = consents(&app, "partner_a").await;
    consents(&app, "partner_b").await;
    let due = json!({ "couple_id": app.id("couple"), "due_at": "2026-12-05T20:00:00Z",
                      "deviation": "Agreed in session." });
    let homework = assign(&app, "sensual_inventory", due).await;
    let answers = all_yes(&codes);
    a.put(&place(&homework, 1), answers.clone()).await.expect(201);
    morgan.act(&format!("/v1/consents/{of_a}/revoke")).await.expect(200);
    b.put(&place(&homework, 1), answers).await.expect(201);
    assert_eq!(outcomes(&b).await, json!({}));
    let occurrences = format!("/v1/assignments/{homework}/occurrences");
    let seen = morgan.get(&occurrences).await.expect(200).json();
    assert_eq!(seen["data"][0]["status"], "partially_submitted");

    app.clock.advance_seconds(60);
    let assignment = format!("/v1/assignments/{homework}");
    let pause = json!({ "resume_on": "2026-12-09" });
    morgan.post(&format!("{assignment}/pause"), pause).await.expect(200);
    let again = consents(&app, "partner_a").await;
    assert_eq!(outcomes(&b).await, json!({}), "what rests opens nothing");
    morgan.act(&format!("{assignment}/resume")).await.expect(200);
    let opened = outcomes(&b).await["inventory"].as_array().map_or(0, Vec::len);
    assert_eq!(opened, codes.len());
    assert_eq!(outcomes(&a).await, outcomes(&b).await);

    // What has opened stays done, whoever takes a consent back and whoever amends.
    morgan.act(&format!("/v1/consents/{again}/revoke")).await.expect(200);
    app.clock.advance_seconds(60);
    let own = b.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200);
    let fewer = all_yes(&codes[1..]);
    b.header("if-match", &own.header("etag")).put(&place(&homework, 1), fewer).await.expect(200);
    let seen = morgan.get(&occurrences).await.expect(200).json();
    assert_eq!(seen["data"][0]["status"], "submitted");
}

/// Whoever takes part ends what is sexual, at once and unasked, also while it rests; to the other it has simply ended.
#[actix_web::test]
async fn each_partner_ends_what_is_sexual_and_nothing_else() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    screen_both(&app).await;
    let codes = inventory(&app).await;
    for partner in ["partner_a", "partner_b"] {
        consents(&app, partner).await;
    }
    let couple = json!({ "couple_id": app.id("couple"), "deviation": "Agreed in session." });
    let rest = json!({ "resume_on": "2026-12-09" });
    for pauses in [None, Some("partner_b"), Some("clinician")] {
        let homework = assign(&app, "sensual_inventory", couple.clone()).await;
        let path = format!("/v1/assignments/{homework}");
        if let Some(who) = pauses {
            app.caller(who).post(&format!("{path}/pause"), rest.clone()).await.expect(200);
        }
        let ended = a.act(&format!("{path}/withdraw")).await.expect(200);
        assert_eq!(ended.text("/status"), "withdrawn");
        let to_b = b.get(&path).await.expect(200);
        assert_eq!(to_b.text("/status"), "withdrawn");
        assert!(!String::from_utf8_lossy(&to_b.body).contains(&app.id("partner_a")));
        let late = b.put(&place(&homework, 1), all_yes(&codes)).await.expect(409);
        assert_eq!(late.text("/code"), "invalid_transition");
        a.act(&format!("{path}/withdraw")).await.expect(409);
        assert_eq!(morgan.get(&path).await.expect(200).text("/status"), "withdrawn");
    }
    let other = for_couple(&app, "daily_check_in").await;
    let refused = a.act(&format!("/v1/assignments/{other}/withdraw")).await.expect(409);
    assert_eq!(refused.json()["allowed_transitions"], json!([]));
    assert_eq!(b.get(&format!("/v1/assignments/{other}")).await.text("/status"), "assigned");
}

/// Changed and changed back: the last word stands, and its repetition does nothing.
#[actix_web::test]
async fn what_is_changed_back_is_kept() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = for_couple(&app, "daily_check_in").await;
    let path = place(&homework, 1);
    let mood = |mood: u8| submitted(super::check_in(mood));
    let first = a.put(&path, mood(3)).await.expect(201);
    app.clock.advance_seconds(60);
    let changed = a.header("if-match", &first.header("etag")).put(&path, mood(5)).await.expect(200);
    app.clock.advance_seconds(60);
    let tag = changed.header("etag");
    let back = a.header("if-match", &tag).put(&path, mood(3)).await.expect(200);
    assert_eq!(back.text("/revision"), "3");
    let to_b = shared(&b, &homework).await;
    assert_eq!(to_b.last().unwrap()["answers"]["mood"], 3);
    app.clock.advance_seconds(60);
    for _ in 0..2 {
        let again = a.header("if-match", &tag).put(&path, mood(3)).await.expect(200);
        assert_eq!(again.body, back.body, "the answer was lost, and is repeated");
        assert_eq!(again.header("etag"), back.header("etag"));
    }
    let known = a.header("if-match", &back.header("etag")).put(&path, mood(3)).await.expect(200);
    assert_eq!(known.body, back.body, "what stands already is not changed");
    assert_eq!(a.put(&path, mood(3)).await.expect(200).body, first.body);
    assert_eq!(a.put(&path, mood(5)).await.expect(200).body, changed.body);
    assert_eq!(shared(&b, &homework).await, to_b);
}

/// A draft that an app saves as its author writes, strikes out and writes again.
#[actix_web::test]
async fn a_draft_is_what_was_saved_last() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let homework = for_couple(&app, "goal_statements").await;
    let path = place(&homework, 1);
    let draft = |word: &str| json!({ "status": "draft", "answers": goals(word) });
    let mut tag = a.put(&path, draft("money")).await.expect(201).header("etag");
    for word in ["time", "money", "time", "money"] {
        app.clock.advance_seconds(5);
        tag = a.header("if-match", &tag).put(&path, draft(word)).await.expect(200).header("etag");
        let own = a.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200);
        assert_eq!(own.json()["answers"], goals(word));
    }
}

/// What one had to do once is open again when they have taken it back.
#[actix_web::test]
async fn what_was_taken_back_is_to_be_done_again() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let homework = for_client(&app, "session_fit", "partner_a").await;
    let fit = json!({ "understood": 4, "challenged": 2, "blamed": 0, "placated": 0 });
    a.put(&place(&homework, 1), submitted(fit.clone())).await.expect(201);
    let assignment = format!("/v1/assignments/{homework}");
    let status = || async { a.get(&assignment).await.expect(200).text("/status") };
    assert_eq!(status().await, "completed");
    a.act(&format!("/v1/submissions/{}/retract", device_id(1))).await.expect(200);
    assert_eq!(status().await, "in_progress");
    assert!(a.get("/v1/me/inbox").await.text("/items").contains(&homework));
    a.put(&place(&homework, 2), submitted(fit)).await.expect(201);
    assert_eq!(status().await, "completed");
}

/// Three members, of whom one leaves before answering.
#[actix_web::test]
async fn nobody_waits_for_who_has_left() {
    let app = TestApp::start().await;
    let three = couple_of_three(&app).await;
    let admin = app.caller("practice_admin");
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = assign(&app, "goal_statements", json!({ "couple_id": three })).await;
    a.put(&place(&homework, 1), submitted(goals("money"))).await.expect(201);
    b.put(&place(&homework, 1), submitted(goals("time"))).await.expect(201);
    assert!(shared(&b, &homework).await.is_empty(), "Io has not answered");
    app.clock.advance_seconds(60);
    let io = format!("/v1/couples/{three}/members/{}", app.id("individual_client"));
    admin.delete(&io).await.expect(204);
    assert_eq!(shared(&b, &homework).await[0]["answers"]["problem"], goals("money")["problem"]);
    assert_eq!(shared(&a, &homework).await.len(), 1);
}

/// That a clinician has read an answer is on record before they read it.
#[actix_web::test]
async fn a_clinicians_reading_of_an_answer_is_written_down() {
    let app = TestApp::start().await;
    let (a, morgan) = (app.caller("partner_a"), app.caller("clinician"));
    let homework = for_couple(&app, "daily_check_in").await;
    a.put(&place(&homework, 1), submitted(super::check_in(3))).await.expect(201);
    let id =
        morgan.get(&format!("/v1/submissions?assignment_id={homework}")).await.ids()[0].clone();
    let count = || {
        let found = audit_events::table.filter(audit_events::action.eq("submission.read")).count();
        found.get_result::<i64>(&mut app.database.open()).unwrap()
    };
    let before = count();
    a.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200);
    app.caller("practice_admin").get(&format!("/v1/submissions/{id}")).await.expect(200);
    assert_eq!(count(), before, "its author, and who reads no answer");
    morgan.get(&format!("/v1/submissions/{id}")).await.expect(200);
    assert_eq!(count(), before + 1);
}
