//! What answers set off: about whom, and by which answers alone.

use attune::db::Doc;
use attune::db::schema::{activity_definitions, audit_events};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::{ALERTS, hold};
use crate::submissions::{place, submitted};
use crate::support::{Caller, TestApp};

/// An exercise for the couple that asks each whether they are afraid, and whether they are free to leave.
fn asks(when: Value) -> Value {
    let yes_or_no = |link_id: &str, text: &str| {
        json!({ "link_id": link_id, "type": "boolean", "text": text, "required": true, "about": "self",
                "visibility": "clinician" })
    };
    json!({
        "key": "two_questions", "version": "1.0.0", "title": "Two questions",
        "source": [{ "seed": "practice", "ref": "our own" }],
        "category": "shared_meaning", "threads": ["shared_meaning"], "sensitivity": "relational",
        "subject": "couple", "capture": "form", "participation": { "mode": "each" },
        "gates": [{ "at": "open", "when": { "flag": "conjoint_hold", "active": false },
                    "else": { "action": "block_neutral", "code": "paused", "public_text": "Resting for now." } }],
        "items": [yes_or_no("afraid", "Are you afraid at home?"), yes_or_no("free", "Are you free to leave?")],
        "signals": [{ "id": "fear", "when": when,
                      "effect": { "type": "safety_flag", "code": "fear_of_partner", "severity": "critical",
                                  "to": ["clinician"] } }],
        "adherence": { "unit": "occurrence", "completed_when": "all_submitted", "show_to_partners": "none" },
    })
}

/// That anybody is afraid.
fn anybody_afraid() -> Value {
    json!({ "answer": "afraid", "op": "=", "value": true, "by": "any" })
}

fn sent(afraid: bool, free: bool) -> Value {
    submitted(json!({ "afraid": afraid, "free": free }))
}

/// The exercise in use, and assigned to the couple; the id of that homework.
async fn assigned(app: &TestApp, when: Value) -> String {
    let morgan = app.caller("clinician");
    let made = morgan.post("/v1/activity-definitions", asks(when)).await.expect(201).text("/id");
    let path = format!("/v1/activity-definitions/{made}/activate");
    morgan.act(&path).await.expect(200);
    let body = json!({ "activity_definition_id": made, "couple_id": app.id("couple"),
                       "due_at": "2026-12-05T20:00:00Z" });
    morgan.post("/v1/assignments", body).await.expect(201).text("/id")
}

/// Whom alerts are about, the first one first.
async fn about(morgan: &Caller<'_>) -> Vec<String> {
    let page = morgan.get(ALERTS).await.expect(200).json();
    let mut all: Vec<(String, String)> = page["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(&one["created_at"]), text(&one["client_id"])))
        .collect();
    all.sort();
    all.into_iter().map(|(_, client)| client).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Whoever says it is whom it is about. That the other is not afraid is no second alert, and none about them.
#[actix_web::test]
async fn what_anybody_says_is_told_of_whoever_says_it() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let homework = assigned(&app, anybody_afraid()).await;
    a.put(&place(&homework, 1), sent(true, true)).await.expect(201);
    assert_eq!(about(&morgan).await, [app.id("partner_a")]);
    app.clock.advance_seconds(60);
    let of_b = b.put(&place(&homework, 2), sent(false, true)).await.expect(201);
    assert_eq!(about(&morgan).await, [app.id("partner_a")]);
    app.clock.advance_seconds(60);
    let tag = of_b.header("etag");
    b.header("if-match", &tag).put(&place(&homework, 2), sent(true, true)).await.expect(200);
    assert_eq!(about(&morgan).await, [app.id("partner_a"), app.id("partner_b")]);
}

/// What takes the answers of both is told when the last of them has come, whoever of them sends it.
#[actix_web::test]
async fn what_both_say_together_is_told() {
    let each_not_free = json!({ "answer": "free", "op": "=", "value": false, "by": "each" });
    let author_not_free = json!({ "answer": "free", "op": "=", "value": false, "by": "author" });
    for (other, of_a) in [(each_not_free, sent(true, false)), (author_not_free, sent(true, true))] {
        let app = TestApp::start().await;
        let (a, b, morgan) =
            (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
        let homework = assigned(&app, json!({ "all": [anybody_afraid(), &other] })).await;
        a.put(&place(&homework, 1), of_a).await.expect(201);
        assert!(about(&morgan).await.is_empty(), "{other}");
        b.put(&place(&homework, 2), sent(false, false)).await.expect(201);
        assert_eq!(about(&morgan).await, [app.id("partner_b")], "{other}");
    }
}

/// A definition of before there was a rule against it: the form says that no therapist sees the answer, or none before
/// all have answered, and none is told of it.
#[actix_web::test]
async fn what_clinicians_do_not_read_sets_nothing_off() {
    for (member, kept) in [("visibility", "author_only"), ("clinician_visibility", "aggregate")] {
        let app = TestApp::start().await;
        let (a, morgan) = (app.caller("partner_a"), app.caller("clinician"));
        let homework = assigned(&app, anybody_afraid()).await;
        let mut old = asks(anybody_afraid());
        old["items"][0][member] = json!(kept);
        let active =
            activity_definitions::table.filter(activity_definitions::key.eq("two_questions"));
        let rewritten = diesel::update(active)
            .set(activity_definitions::body.eq(Doc(old)))
            .execute(&mut app.database.open());
        assert_eq!(rewritten, Ok(1));
        a.put(&place(&homework, 1), sent(true, true)).await.expect(201);
        assert!(about(&morgan).await.is_empty(), "{member}");
    }
}

/// That a hold was read is written down, as with an alert.
#[actix_web::test]
async fn who_reads_the_reason_of_a_hold_is_written_down() {
    let app = TestApp::start().await;
    let count = || {
        let found = audit_events::table.filter(audit_events::action.eq("hold.read")).count();
        found.get_result::<i64>(&mut app.database.open()).unwrap()
    };
    let placed = hold(&app, "clinician", "conjoint").await;
    assert_eq!(count(), 0);
    let path = placed.header("location");
    let read = app.caller("clinician").get(&path).await.expect(200);
    assert_eq!(read.text("/reason"), "Afraid at home.");
    assert_eq!(count(), 1);
    app.caller("partner_a").get(&path).await;
    assert_eq!(count(), 1);
}
