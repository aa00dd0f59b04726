//! One person and their device.

use serde_json::json;

use super::{check_in, device_id, for_client, for_couple, goals, place, shared, submitted};
use crate::support::TestApp;

#[actix_web::test]
async fn a_check_in_is_shared_at_once_but_for_what_is_private() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let homework = for_couple(&app, "daily_check_in").await;
    let receipt = a.put(&place(&homework, 1), submitted(check_in(3))).await.expect(201);
    assert_eq!(
        (receipt.text("/id"), receipt.text("/status")),
        (device_id(1), "submitted".to_owned())
    );

    let own = a.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200);
    assert_eq!(own.json()["answers"], check_in(3));
    let theirs = shared(&b, &homework).await;
    assert_eq!(theirs.len(), 1);
    assert_eq!(theirs[0]["answers"]["mood"], 3);
    assert!(theirs[0]["answers"].get("private_note").is_none(), "{theirs:?}");
    let text = theirs[0].to_string();
    for private in [&device_id(1), &app.id("partner_a"), "completed_at", "revision", "status"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
    b.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(404);
    assert!(b.get("/v1/submissions").await.expect(200).ids().is_empty());

    let list = morgan.get(&format!("/v1/submissions?assignment_id={homework}")).await.expect(200);
    assert_eq!(list.json()["data"][0]["author_id"], app.id("partner_a"));
    let read = morgan.get(&format!("/v1/submissions/{}", list.ids()[0])).await.expect(200);
    assert_eq!(read.json()["answers"], check_in(3));
    for nobody in ["practice_admin", "service_app"] {
        let seen = app.caller(nobody).get(&format!("/v1/submissions/{}", list.ids()[0])).await;
        assert_eq!(seen.expect(200).json()["answers"], json!({}), "{nobody} reads no answer");
    }
    app.caller("partner_c").put(&place(&homework, 2), submitted(check_in(3))).await.expect(404);
}

/// A phone with bad reception sends until it is answered.
#[actix_web::test]
async fn the_same_content_has_the_same_receipt_for_ever() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let homework = for_couple(&app, "daily_check_in").await;
    let path = place(&homework, 1);
    let first = a.put(&path, submitted(check_in(3))).await.expect(201);
    let tag = first.header("etag");
    assert_eq!(tag, a.get(&format!("/v1/submissions/{}", device_id(1))).await.header("etag"));
    app.days_pass(400);
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    assert_eq!(a.put(&path, submitted(check_in(3))).await.expect(200).body, first.body);

    let other = submitted(check_in(5));
    assert_eq!(a.put(&path, other.clone()).await.expect(409).text("/code"), "content_conflict");
    a.header("if-match", "\"old\"").put(&path, other.clone()).await.expect(412);
    let changed = a.header("if-match", &tag).put(&path, other).await.expect(200);
    assert_eq!(
        (changed.text("/status"), changed.text("/revision")),
        ("amended".into(), "2".into())
    );
    assert_eq!(a.put(&path, submitted(check_in(3))).await.expect(200).body, first.body);
    let theirs = shared(&b, &homework).await;
    assert_eq!(theirs.len(), 2, "what was read stays readable, marked as amended");
    assert!(theirs[0]["superseded_at"].is_string() && theirs[1]["superseded_at"].is_null());
    assert_eq!(theirs[1]["answers"]["mood"], 5);

    // Another person's device may make the same id, and neither learns of it.
    let same = b.put(&path, submitted(check_in(1))).await.expect(201);
    assert_eq!(same.text("/id"), device_id(1));
    let own = b.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200);
    assert_eq!(own.json()["answers"]["mood"], 1);
}

/// What changes in private leaves what the other reads as it was.
#[actix_web::test]
async fn an_amended_private_note_is_no_amendment_to_the_partner() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = for_couple(&app, "daily_check_in").await;
    let path = place(&homework, 1);
    let tag = a.put(&path, submitted(check_in(3))).await.expect(201).header("etag");
    let before = b.get(&format!("/v1/shared-answers?assignment_id={homework}")).await;
    app.clock.advance_seconds(60);
    let mut answers = check_in(3);
    answers["private_note"] = json!("It was the neighbour's dog.");
    a.header("if-match", &tag).put(&path, submitted(answers)).await.expect(200);
    let after = b.get(&format!("/v1/shared-answers?assignment_id={homework}")).await;
    assert_eq!((before.body, before.headers.get("etag")), (after.body, after.headers.get("etag")));
}

#[actix_web::test]
async fn a_draft_is_its_authors_alone_and_may_be_unfinished() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let homework = for_couple(&app, "goal_statements").await;
    let assignment = format!("/v1/assignments/{homework}");
    let before = (b.get(&assignment).await, morgan.get("/v1/submissions").await);
    let path = place(&homework, 7);
    let draft = json!({ "status": "draft", "answers": { "problem": "Half a sent" } });
    let tag = a.put(&path, draft).await.expect(201).header("etag");
    let after = (b.get(&assignment).await, morgan.get("/v1/submissions").await);
    assert_eq!((before.0.body, before.1.body), (after.0.body, after.1.body));
    let unfinished =
        a.header("if-match", &tag).put(&path, submitted(json!({ "problem": "Half." }))).await;
    assert_eq!(
        unfinished.expect(422).faults(),
        ["/answers/outcome required", "/answers/horizon_months required"]
    );
    let done = a.header("if-match", &tag).put(&path, submitted(goals("money"))).await.expect(200);
    assert_eq!(done.text("/status"), "submitted", "nobody had read the draft");
    let again = json!({ "status": "draft", "answers": {} });
    let refused = a.header("if-match", &done.header("etag")).put(&path, again).await.expect(409);
    assert_eq!(refused.text("/code"), "invalid_transition");
}

/// A draft that is sent as it stands is as readable as anything that is sent.
#[actix_web::test]
async fn a_draft_that_is_sent_unchanged_is_shared() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = for_couple(&app, "daily_check_in").await;
    let path = place(&homework, 1);
    let draft = json!({ "status": "draft", "answers": check_in(3) });
    let tag = a.put(&path, draft).await.expect(201).header("etag");
    assert!(shared(&b, &homework).await.is_empty());
    a.header("if-match", &tag).put(&path, submitted(check_in(3))).await.expect(200);
    assert_eq!(shared(&b, &homework).await[0]["answers"]["mood"], 3);
    let id = app.caller("clinician").get("/v1/submissions").await.ids()[0].clone();
    let read = app.caller("clinician").get(&format!("/v1/submissions/{id}")).await;
    assert_eq!(read.json()["answers"], check_in(3));
}

/// Of whoever wants no records none is kept, and their partner goes on as before.
#[actix_web::test]
async fn whoever_wants_no_records_is_asked_for_none() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = for_couple(&app, "daily_check_in").await;
    let wish = json!({ "client_id": app.id("partner_a"), "kind": "no_records_request",
                       "document_version": "1", "signer_name": "Somebody" });
    app.caller("clinician").post("/v1/consents", wish).await.expect(201);
    let refused = a.put(&place(&homework, 1), submitted(check_in(3))).await.expect(422);
    assert_eq!(refused.faults(), [" records_declined"]);
    b.put(&place(&homework, 1), submitted(check_in(3))).await.expect(201);
}

#[actix_web::test]
async fn every_fault_has_its_pointer_and_nothing_is_kept() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let homework = for_couple(&app, "goal_statements").await;
    let wrong = json!({ "problem": "One. Two.", "outcome": "", "horizon_months": 9, "colour": "blue",
                        "themes": ["rockets"] });
    let mut faults = a.put(&place(&homework, 1), submitted(wrong)).await.expect(422).faults();
    faults.sort();
    assert_eq!(
        faults,
        [
            "/answers/colour unknown_field",
            "/answers/horizon_months too_large",
            "/answers/outcome too_short",
            "/answers/problem too_many_sentences",
            "/answers/themes/0 unknown_value",
        ]
    );
    let events = json!({ "status": "submitted", "entries": [{ "at": "2026-12-02T10:00:00Z", "answers": {} }] });
    let refused = a.put(&place(&homework, 1), events).await.expect(422);
    assert_eq!(refused.faults(), ["/entries unknown_field"]);
    let day = json!({ "status": "skipped", "local_date": "2026-11-01" });
    let refused = a.put(&place(&homework, 1), day).await.expect(422);
    assert_eq!(refused.faults(), ["/local_date out_of_range"]);
    assert!(a.get("/v1/submissions").await.ids().is_empty());
}

/// Not this time: no reason, and nobody else sees it.
#[actix_web::test]
async fn a_skip_is_private_and_can_be_thought_over() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = for_couple(&app, "goal_statements").await;
    let before = b.get(&format!("/v1/assignments/{homework}")).await;
    let path = place(&homework, 1);
    let tag = a.put(&path, json!({ "status": "skipped" })).await.expect(201).header("etag");
    assert_eq!(b.get(&format!("/v1/assignments/{homework}")).await.body, before.body);
    assert!(shared(&b, &homework).await.is_empty());
    let done = a.header("if-match", &tag).put(&path, submitted(goals("time"))).await.expect(200);
    assert_eq!(done.text("/status"), "submitted");
}

#[actix_web::test]
async fn a_submission_can_be_taken_back_until_somebody_reads_it() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let homework = for_couple(&app, "goal_statements").await;
    a.put(&place(&homework, 1), submitted(goals("money"))).await.expect(201);
    let retract = format!("/v1/submissions/{}/retract", device_id(1));
    assert_eq!(a.act(&retract).await.expect(200).text("/status"), "retracted");
    let list = morgan.get("/v1/submissions?status=retracted").await.expect(200);
    let stub = morgan.get(&format!("/v1/submissions/{}", list.ids()[0])).await.expect(200);
    assert_eq!(stub.json()["answers"], json!({}), "a stub for the clinician");
    b.put(&place(&homework, 1), submitted(goals("time"))).await.expect(201);
    assert!(shared(&b, &homework).await.is_empty(), "one side was taken back");
    // Sent again under a new id, it meets the other's.
    a.put(&place(&homework, 2), submitted(goals("money"))).await.expect(201);
    assert_eq!(shared(&b, &homework).await.len(), 1);
    let late = format!("/v1/submissions/{}/retract", device_id(2));
    assert_eq!(a.act(&late).await.expect(409).text("/code"), "already_revealed");

    let alone = for_client(&app, "session_fit", "partner_a").await;
    let fit = json!({ "understood": 4, "challenged": 2, "blamed": 0, "placated": 0 });
    a.put(&place(&alone, 9), submitted(fit)).await.expect(201);
    app.clock.advance_seconds(601);
    let late = format!("/v1/submissions/{}/retract", device_id(9));
    assert_eq!(a.act(&late).await.expect(409).faults(), [" too_late"]);
}

/// What was done once with a client's answer is to be done again when it is taken back; what a clinician has called done
/// stays so.
#[actix_web::test]
async fn taking_back_reopens_what_was_done_with_the_answer_and_nothing_else() {
    let app = TestApp::start().await;
    let fit = json!({ "understood": 4, "challenged": 2, "blamed": 0, "placated": 0 });
    for (number, by_clinician, after) in [(1, false, "in_progress"), (2, true, "completed")] {
        let (a, morgan) = (app.caller("partner_a"), app.caller("clinician"));
        let alone = for_client(&app, "session_fit", "partner_a").await;
        let path = format!("/v1/assignments/{alone}");
        if by_clinician {
            morgan.act(&format!("{path}/complete")).await.expect(200);
        }
        app.clock.advance_seconds(60);
        a.put(&place(&alone, number), submitted(fit.clone())).await.expect(201);
        assert_eq!(morgan.get(&path).await.text("/status"), "completed");
        let retract = format!("/v1/submissions/{}/retract", device_id(number));
        a.act(&retract).await.expect(200);
        assert_eq!(morgan.get(&path).await.text("/status"), after);
    }
}

#[actix_web::test]
async fn nobody_answers_one_time_twice() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let homework = for_couple(&app, "daily_check_in").await;
    a.put(&place(&homework, 1), submitted(check_in(3))).await.expect(201);
    let again = a.put(&place(&homework, 2), submitted(check_in(3))).await.expect(409);
    assert_eq!(again.text("/code"), "already_exists");
    // Another day is another time; one that has not begun is none.
    let on =
        |day: &str| json!({ "status": "submitted", "local_date": day, "answers": check_in(2) });
    app.days_pass(2);
    let a = app.caller("partner_a");
    a.put(&place(&homework, 2), on("2026-12-03")).await.expect(201);
    for wrong in ["2026-11-01", "2026-12-24"] {
        let refused = a.put(&place(&homework, 3), on(wrong)).await.expect(422);
        assert_eq!(refused.faults(), ["/local_date out_of_range"]);
    }
}

/// The pause of a partner and that of a clinician read alike, and keep what was written on the device.
#[actix_web::test]
async fn what_rests_takes_nothing_and_says_so_in_the_same_words() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let homework = for_couple(&app, "daily_check_in").await;
    let pause = format!("/v1/assignments/{homework}/pause");
    let mut answers = Vec::new();
    for who in [&b, &morgan] {
        who.post(&pause, json!({ "resume_on": "2026-12-20" })).await.expect(200);
        let refused = a.put(&place(&homework, 1), submitted(check_in(3))).await.expect(409);
        assert_eq!(refused.text("/code"), "not_now");
        let mut told = refused.json();
        told["request_id"] = json!("");
        answers.push(told);
        morgan.act(&format!("/v1/assignments/{homework}/resume")).await.expect(200);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0]["public_text"].as_str().unwrap().contains("rest"));
    a.put(&place(&homework, 1), submitted(check_in(3))).await.expect(201);
}

/// What was shared stays so when more is shared, and asking again changes nothing.
#[actix_web::test]
async fn sharing_more_takes_nothing_back() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = for_couple(&app, "bids").await;
    let entry = |response: &str| {
        json!({ "at": "2026-12-01T10:00:00Z", "answers": {
        "made_by": "partner", "my_response": response } })
    };
    let batch = json!({ "status": "submitted", "entries": [entry("away"), entry("toward")] });
    let tag = a.put(&place(&homework, 1), batch).await.expect(201).header("etag");
    let widen = format!("/v1/submissions/{}/widen", device_id(1));
    a.post(&widen, json!({ "link_ids": ["my_response"], "entry_no": 0 })).await.expect(200);
    let first = shared(&b, &homework).await;
    app.clock.advance_seconds(60);
    a.post(&widen, json!({ "link_ids": ["my_response"], "entry_no": 0 })).await.expect(200);
    assert_eq!(shared(&b, &homework).await, first, "nothing new to read");
    a.post(&widen, json!({ "link_ids": ["my_response"] })).await.expect(200);
    let both = shared(&b, &homework).await;
    assert_eq!(both.len(), first.len() + 1);
    assert!(both.iter().all(|one| one["superseded_at"].is_null()), "{both:?}");

    // The moment of an event is put right, and to the partner nothing has changed.
    let mut later = entry("toward");
    later["at"] = json!("2026-12-01T11:00:00Z");
    let batch = json!({ "status": "submitted", "entries": [entry("away"), later] });
    a.header("if-match", &tag).put(&place(&homework, 1), batch.clone()).await.expect(412);
    let tag = a.get(&format!("/v1/submissions/{}", device_id(1))).await.header("etag");
    a.header("if-match", &tag).put(&place(&homework, 1), batch).await.expect(200);
    assert_eq!(shared(&b, &homework).await, both);
    let own = a.get(&format!("/v1/submissions/{}", device_id(1))).await.json();
    assert_eq!(own["entries"][1]["at"], "2026-12-01T11:00:00.000000Z");
}

/// What was sent for one day is not sent for another afterwards.
#[actix_web::test]
async fn an_amendment_stays_on_its_day() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let homework = for_couple(&app, "daily_check_in").await;
    let path = place(&homework, 1);
    let tag = a.put(&path, submitted(check_in(3))).await.expect(201).header("etag");
    let moved =
        json!({ "status": "submitted", "local_date": "2026-12-03", "answers": check_in(4) });
    let refused = a.header("if-match", &tag).put(&path, moved).await.expect(422);
    assert_eq!(refused.faults(), ["/local_date mismatch"]);
}

/// A private answer that may be shared later is so by its author alone, and for good.
#[actix_web::test]
async fn an_author_may_share_more_later() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = for_couple(&app, "bids").await;
    let entry = |what: &str, response: &str| {
        json!({ "at": "2026-12-01T10:00:00Z", "answers": {
        "what": what, "made_by": "partner", "my_response": response } })
    };
    let batch = json!({ "status": "submitted", "entries": [entry("A joke", "away"), entry("A sigh", "toward")] });
    a.put(&place(&homework, 1), batch).await.expect(201);
    let told =
        async || shared(&b, &homework).await.iter().map(ToString::to_string).collect::<String>();
    assert!(!told().await.contains("my_response"));
    let widen = format!("/v1/submissions/{}/widen", device_id(1));
    let refused = a.post(&widen, json!({ "link_ids": ["what"] })).await.expect(422);
    assert_eq!(refused.faults(), ["/link_ids/0 not_allowed"]);
    let wish = json!({ "link_ids": ["my_response"], "entry_no": 1 });
    let shown = a.post(&widen, wish).await.expect(200);
    assert_eq!(shown.json()["widened"], json!(["my_response"]));
    let told = told().await;
    assert!(told.contains(r#""my_response":"toward""#) && !told.contains("away"), "{told}");
    b.post(&widen, json!({ "link_ids": ["my_response"] })).await.expect(404);
}
