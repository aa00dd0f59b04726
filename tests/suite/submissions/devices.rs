//! One tablet in the kitchen, on which both of them answer: nobody is asked there what the other is not to read.

use serde_json::{Value, json};

use super::{check_in, device_id, for_client, for_couple, place, submitted};
use crate::support::{Caller, TestApp};

fn pulse() -> Value {
    json!({ "blowups": 1, "soft_moments": 3, "clear_asks": 2, "temperature": 6,
            "ease_of_reaching": 5, "gestures_noticed": 4 })
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
    let refused = a.put(&place(&homework, 1), from_the_tablet(told.clone())).await.expect(422);
    assert_eq!(refused.faults(), ["/answers/resentment device_shared"]);
    let short = json!({ "blowups": 1 });
    let refused = a.put(&place(&homework, 1), from_the_tablet(short)).await.expect(422);
    assert!(refused.faults().contains(&"/answers/clear_asks required".to_owned()));
    assert!(!refused.faults().iter().any(|fault| fault.contains("resentment")));

    // Both send what both may read, and it opens to both.
    let first = a.put(&place(&homework, 1), from_the_tablet(pulse())).await.expect(201);
    b.put(&place(&homework, 1), from_the_tablet(pulse())).await.expect(201);
    assert_eq!(super::shared(&b, &homework).await.len(), 1);
    let waits = to_complete(&a).await;
    assert_eq!(waits.len(), 1);
    assert_eq!(waits[0]["submission_id"], device_id(1).as_str());
    assert_eq!(waits[0]["link_ids"], json!(["resentment", "feel_like_house_manager"]));
    assert_eq!(waits[0]["until"], "2026-12-04T17:00:00.000000Z");

    // Åsa answers the rest on her own telephone. Of that, nothing is to be seen by Tomás.
    let inbox = b.get("/v1/me/inbox").await.expect(200);
    app.clock.advance_seconds(3_600);
    told["feel_like_house_manager"] = json!(4);
    let own = a.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200);
    assert_ne!(own.header("etag"), first.header("etag"), "it was opened since");
    let rest = a.header("if-match", &own.header("etag"));
    rest.put(&place(&homework, 1), submitted(told)).await.expect(200);
    assert_eq!(to_complete(&a).await, [] as [Value; 0]);
    let after = b.get("/v1/me/inbox").await.expect(200);
    assert_eq!(
        (&after.body, after.header("etag")),
        (&inbox.body, inbox.header("etag")),
        "the other's inbox is as it was"
    );
    let to_clinician = app.caller("clinician").get("/v1/submissions?limit=200").await.json();
    let all = to_clinician["data"].as_array().unwrap();
    assert!(all.iter().any(|one| one["answers"]["resentment"] == 3));

    // Tomás leaves it. After two days nobody asks him any more.
    assert_eq!(to_complete(&b).await.len(), 1);
    app.clock.advance_seconds(47 * 3_600);
    app.days_pass(0);
    assert_eq!(to_complete(&b).await, [] as [Value; 0]);
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
    assert_eq!(to_complete(&a).await, [] as [Value; 0], "nothing was sent yet");

    let alone = for_client(&app, "session_fit", "partner_a").await;
    let fit = json!({ "understood": 4, "challenged": 2, "blamed": 0, "placated": 0 });
    a.put(&place(&alone, 2), from_the_tablet(fit)).await.expect(201);
}
