//! One tablet in the kitchen, on which both of them answer: nobody is asked there what the other is not to read.

use serde_json::{Value, json};

use super::{check_in, device_id, for_client, for_couple, place, submitted};
use crate::support::{Caller, TestApp};

fn pulse() -> Value {
    json!({ "blowups": 1, "soft_moments": 3, "clear_asks": 2, "temperature": 6,
            "ease_of_reaching": 5 })
}

fn from_the_tablet(answers: Value) -> Value {
    let mut body = submitted(answers);
    body["device_shared"] = json!(true);
    body
}

async fn to_complete(caller: &Caller<'_>) -> Vec<Value> {
    let inbox = caller.get("/v1/me/inbox").await.expect(200).json();
    inbox["to_complete"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn private_questions_are_not_asked_on_the_tablet_and_wait_two_days_for_their_author() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = for_couple(&app, "weekly_pulse").await;
    let mut told = pulse();
    told["resentment"] = json!(3);
    told["gestures_noticed"] = json!(4);
    let refused = a.put(&place(&homework, 1), from_the_tablet(told.clone())).await.expect(422);
    let asked_alone = ["/answers/gestures_noticed", "/answers/resentment"];
    assert_eq!(refused.faults(), asked_alone.map(|at| format!("{at} device_shared")));
    let short = json!({ "blowups": 1 });
    let refused = a.put(&place(&homework, 1), from_the_tablet(short)).await.expect(422);
    assert!(refused.faults().contains(&"/answers/clear_asks required".to_owned()));
    assert!(!refused.faults().iter().any(|fault| fault.contains("resentment")));

    // Both send what both may read, and it opens to both.
    a.put(&place(&homework, 1), from_the_tablet(pulse())).await.expect(201);
    b.put(&place(&homework, 1), from_the_tablet(pulse())).await.expect(201);
    assert_eq!(super::shared(&b, &homework).await.len(), 1);
    let waits = to_complete(&a).await;
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0]["submission_id"], device_id(1).as_str());
    assert_eq!(waits[0]["link_ids"], json!(["resentment", "feel_like_house_manager"]));
    assert_eq!(waits[0]["until"], "2026-12-04T17:00:00.000000Z");

    // Åsa answers the rest on her own telephone. Of that, nothing is to be seen by Tomás.
    let before = seen_by(&b, &homework).await;
    app.clock.advance_seconds(3_600);
    told["feel_like_house_manager"] = json!(4);
    let own = a.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200);
    let rest = a.header("if-match", &own.header("etag"));
    rest.put(&place(&homework, 1), submitted(told)).await.expect(200);
    assert!(to_complete(&a).await.is_empty());
    assert_eq!(seen_by(&b, &homework).await, before, "nothing that he can ask has changed");
    assert_eq!(own.json()["late"], false);
    let again = a.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200);
    assert_eq!(again.json()["late"], false, "it is not late because it was asked afterwards");
    let (morgan, author) = (app.caller("clinician"), app.id("partner_a"));
    let sent = morgan.get(&format!("/v1/submissions?author_id={author}")).await.text("/data/0/id");
    let read = morgan.get(&format!("/v1/submissions/{sent}")).await.expect(200).json();
    assert_eq!(read["answers"]["resentment"], 3);

    // Tomás leaves it. After two days nobody asks him any more.
    app.clock.advance_seconds(47 * 3_600 - 60);
    app.days_pass(0);
    let b = app.caller("partner_b");
    assert_eq!(to_complete(&b).await.len(), 1, "for two days, also when its day is over");
    app.clock.advance_seconds(120);
    assert!(to_complete(&b).await.is_empty());
}

/// What somebody can ask of the homework that they do with another: bodies and tags.
async fn seen_by(who: &Caller<'_>, homework: &str) -> Vec<(Vec<u8>, String)> {
    let paths = [
        "/v1/me/inbox".to_owned(),
        format!("/v1/assignments/{homework}"),
        format!("/v1/assignments/{homework}/occurrences"),
        format!("/v1/shared-answers?assignment_id={homework}"),
        format!("/v1/submissions/{}", device_id(1)),
    ];
    let mut seen = Vec::new();
    for path in paths {
        let answer = who.get(&path).await.expect(200);
        seen.push((answer.body.clone(), answer.header("etag")));
    }
    seen
}

/// Phone first, then tablet: what was told alone stands, for whom it was meant.
#[actix_web::test]
async fn what_was_told_alone_stands_when_the_rest_is_put_right_on_the_tablet() {
    let app = TestApp::start().await;
    let (a, morgan) = (app.caller("partner_a"), app.caller("clinician"));
    let homework = for_couple(&app, "daily_check_in").await;
    let first = a.put(&place(&homework, 1), submitted(check_in(2))).await.expect(201);
    let without = |mood: u8| {
        let mut answers = check_in(mood);
        answers.as_object_mut().unwrap().remove("private_note");
        from_the_tablet(answers)
    };
    let put_right = a.header("if-match", &first.header("etag"));
    put_right.put(&place(&homework, 1), without(4)).await.expect(200);
    assert!(to_complete(&a).await.is_empty(), "nothing is missing");
    let sent = morgan.get("/v1/submissions?limit=1").await.text("/data/0/id");
    let read = morgan.get(&format!("/v1/submissions/{sent}")).await.expect(200).json();
    assert_eq!(read["answers"]["private_note"], "I slept badly.");
    assert_eq!(read["answers"]["mood"], 4);

    // A draft from the phone that is sent from the tablet goes with the note that was begun.
    let other = for_couple(&app, "daily_check_in").await;
    let mut draft = submitted(check_in(3));
    draft["status"] = json!("draft");
    let begun = a.put(&place(&other, 2), draft).await.expect(201);
    let sent = a.header("if-match", &begun.header("etag"));
    sent.put(&place(&other, 2), without(3)).await.expect(200);
    let own = a.get(&format!("/v1/submissions/{}", device_id(2))).await.expect(200).json();
    assert_eq!(own["answers"]["private_note"], "I slept badly.");
}

/// Begun alone on the phone and skipped on the tablet, it has no answers for anybody.
#[actix_web::test]
async fn of_what_is_skipped_on_the_tablet_nothing_that_was_begun_stands() {
    let app = TestApp::start().await;
    let (a, morgan) = (app.caller("partner_a"), app.caller("clinician"));
    let homework = for_couple(&app, "daily_check_in").await;
    let mut draft = submitted(check_in(3));
    draft["status"] = json!("draft");
    let begun = a.put(&place(&homework, 1), draft).await.expect(201);
    let skip = json!({ "status": "skipped", "device_shared": true });
    let not_now = a.header("if-match", &begun.header("etag"));
    not_now.put(&place(&homework, 1), skip).await.expect(200);
    for reader in [&a, &morgan] {
        let id = reader.get("/v1/submissions?status=skipped").await.expect(200).ids().remove(0);
        let read = reader.get(&format!("/v1/submissions/{id}")).await.expect(200).json();
        assert_eq!((&read["answers"], &read["earlier"]), (&json!({}), &json!([])), "{read}");
    }
}

/// What comes of all answers is made of what was sent with them: it would tell of a draft otherwise.
#[actix_web::test]
async fn what_was_told_alone_is_in_no_outcome_of_what_comes_from_the_tablet() {
    for begun in ["draft", "submitted"] {
        let app = TestApp::start().await;
        let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
        let homework = for_couple(&app, "weekly_pulse").await;
        let mut told = pulse();
        told["gestures_noticed"] = json!(4);
        told["resentment"] = json!(3);
        told["feel_like_house_manager"] = json!(4);
        let both = submitted(told.clone());
        let mut alone = submitted(told);
        alone["status"] = json!(begun);
        let first = a.put(&place(&homework, 1), alone).await.expect(201);
        let from_there = a.header("if-match", &first.header("etag"));
        from_there.put(&place(&homework, 1), from_the_tablet(pulse())).await.expect(200);
        let own = a.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200).json();
        assert_eq!(own["answers"]["resentment"], 3, "for nobody else, and stands ({begun})");
        b.put(&place(&homework, 2), both).await.expect(201);
        let seen = b.get(&format!("/v1/submissions/{}", device_id(2))).await.expect(200).json();
        assert_eq!(super::shared(&b, &homework).await.len(), 1, "it has opened ({begun})");
        assert_eq!(seen["outcomes"], json!({}), "as though it had not been told ({begun})");
    }
}

#[actix_web::test]
async fn events_from_the_tablet_are_asked_again_and_safety_is_not_asked_there() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let bids = for_couple(&app, "bids").await;
    let event = |answers: Value| {
        json!({ "status": "submitted", "device_shared": true,
                "entries": [{ "at": "2026-12-02T10:00:00Z", "answers": answers }] })
    };
    let told = json!({ "what": "Asked for a walk.", "made_by": "me", "my_response": "away" });
    let refused = a.put(&place(&bids, 1), event(told.clone())).await.expect(422);
    assert_eq!(refused.faults(), ["/entries/0/answers/my_response device_shared"]);
    let mut shared = told;
    shared.as_object_mut().unwrap().remove("my_response");
    a.put(&place(&bids, 1), event(shared)).await.expect(201);
    let waits = to_complete(&a).await;
    assert_eq!(waits[0]["link_ids"], json!(["my_response"]));
    assert_eq!(waits[0]["local_date"], Value::Null);
    a.act(&format!("/v1/submissions/{}/retract", device_id(1))).await;

    let screen = for_client(&app, "risk_screen", "partner_a").await;
    let mut answers = crate::programs::all_is_well();
    answers["device_shared"] = json!(true);
    let closed = a.put(&place(&screen, 2), answers).await.expect(409);
    assert_eq!(closed.text("/code"), "not_now");
    a.get(&format!("/v1/submissions/{}", device_id(2))).await.expect(404);
}

#[actix_web::test]
async fn a_draft_from_the_tablet_holds_nothing_private_and_own_homework_is_asked_anywhere() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let homework = for_couple(&app, "daily_check_in").await;
    let mut draft = from_the_tablet(check_in(3));
    draft["status"] = json!("draft");
    let refused = a.put(&place(&homework, 1), draft.clone()).await.expect(422);
    assert_eq!(refused.faults(), ["/answers/private_note device_shared"]);
    draft["answers"].as_object_mut().unwrap().remove("private_note");
    a.put(&place(&homework, 1), draft).await.expect(201);
    assert!(to_complete(&a).await.is_empty(), "nothing was sent yet");

    let alone = for_client(&app, "session_fit", "partner_a").await;
    let fit = json!({ "understood": 4, "challenged": 2, "blamed": 0, "placated": 0 });
    a.put(&place(&alone, 2), from_the_tablet(fit)).await.expect(201);
}
