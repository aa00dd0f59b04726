//! What `attune demo` tells beside the story, homework and record: something of every kind to look at.

use std::time::Duration;

use attune::app::Service;
use attune::clock::Clock;
use serde_json::{Value, json};

use crate::support::app::NOW;
use crate::support::database::{TestDatabase, issuer, parts};
use crate::support::{Caller, TestApp};

async fn inbox(caller: &Caller<'_>, homework: &str) -> Option<Value> {
    let inbox = caller.get("/v1/me/inbox").await.expect(200).json();
    let items = inbox["items"].as_array().unwrap();
    items.iter().find(|item| item["assignment"]["id"] == homework).cloned()
}

async fn shared(caller: &Caller<'_>, homework: &str) -> Vec<Value> {
    crate::submissions::shared(caller, homework).await
}

#[actix_web::test]
async fn the_demo_holds_homework_in_every_state() {
    let app = TestApp::start().await;
    let told = attune::demo::homework(&mut app.database.open(), app.gate(), &app.cast).unwrap();
    let again = attune::demo::homework(&mut app.database.open(), app.gate(), &app.cast).unwrap();
    assert_eq!(told, again, "told once");
    let (a, b, c) = (app.caller("partner_a"), app.caller("partner_b"), app.caller("partner_c"));
    let morgan = app.caller("clinician");

    // Open for both, and begun by nobody.
    for partner in [&a, &b] {
        let item = inbox(partner, &told["statements"]).await.unwrap();
        assert_eq!((&item["status"], &item["own"]), (&json!("open"), &Value::Null));
    }

    // Sent by one, begun by the other: neither knows of it.
    let threads = &told["threads"];
    assert!(inbox(&a, threads).await.is_none(), "A has sent it");
    let item = inbox(&b, threads).await.unwrap();
    assert_eq!(
        (&item["status"], &item["own"]["answers"]["shared_meaning"]),
        (&json!("in_progress"), &json!(5))
    );
    assert!(shared(&a, threads).await.is_empty() && shared(&b, threads).await.is_empty());

    // Revealed, with what came of it, and looked at.
    let pulse = &told["pulse"];
    for partner in [&a, &b] {
        assert_eq!(shared(partner, pulse).await[0]["answers"]["soft_moments"], 5);
        let own = partner.get(&format!("/v1/submissions?assignment_id={pulse}")).await.ids();
        let own = partner.get(&format!("/v1/submissions/{}", own[0])).await.json();
        assert_eq!(own["outcomes"], json!({ "gestures_noticed": "higher" }));
        let review = partner.get(&format!("/v1/reviews?assignment_id={pulse}")).await;
        assert!(review.text("/data/0/comment").contains("soft moments"));
    }

    // Shared at once; one evening was skipped, and the other does not see that.
    let check_in = &told["check_in"];
    assert_eq!((shared(&a, check_in).await.len(), shared(&b, check_in).await.len()), (9, 10));
    let skipped = morgan.get("/v1/submissions?status=skipped").await.expect(200);
    assert_eq!(skipped.text("/data/0/author_id"), app.id("partner_b"));
    assert_eq!(inbox(&c, &told["statements_on_break"]).await.unwrap()["status"], "skipped");

    // Said alone: its author reads it no more, the other nothing, the clinicians an alert.
    let routine = &told["routine_questions"];
    for partner in [&a, &b] {
        let list = format!("/v1/submissions?assignment_id={routine}");
        assert!(partner.get(&list).await.expect(200).ids().is_empty());
    }
    b.get(&format!("/v1/assignments/{routine}")).await.expect(404);
    assert!(inbox(&b, &told["routine_questions_b"]).await.is_some(), "each is asked");
    let alerts = morgan.get("/v1/alerts?status=raised").await.expect(200);
    assert_eq!(alerts.ids().len(), 1);
    assert_eq!(
        (alerts.text("/data/0/code"), alerts.text("/data/0/client_id")),
        ("fear_of_partner".to_owned(), app.id("partner_a"))
    );
}

#[actix_web::test]
async fn the_demo_holds_a_record_in_every_state() {
    let app = TestApp::start().await;
    attune::demo::homework(&mut app.database.open(), app.gate(), &app.cast).unwrap();
    let told = attune::demo::record(&mut app.database.open(), app.gate(), &app.cast).unwrap();
    let again = attune::demo::record(&mut app.database.open(), app.gate(), &app.cast).unwrap();
    assert_eq!(told, again, "told once");
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let note = async |who: &Caller<'_>, name: &str| {
        who.get(&format!("/v1/session-notes/{}", told[name])).await.expect(200).json()
    };

    // Three hours: both in the office, one alone, both by video from two states.
    let session =
        async |name: &str| morgan.get(&format!("/v1/sessions/{}", told[name])).await.json();
    let kinds = [session("session").await, session("session_alone").await]
        .map(|one| (one["kind"].clone(), one["status"].clone()));
    let done = json!("completed");
    assert_eq!(kinds[0], (json!("conjoint"), done.clone()));
    assert_eq!(kinds[1], (json!("individual_within_couple"), done));
    let by_video = session("session_by_video").await;
    assert_eq!(by_video["modality"], "telehealth_video");
    let states = [0, 1].map(|n| by_video["participants"][n]["location_state"].clone());
    assert_eq!(states, [json!("WA"), json!("ID")]);
    let own = async |who: &Caller<'_>| {
        let page = who.get("/v1/me/sessions").await.expect(200).json();
        page["data"].as_array().unwrap().len()
    };
    assert_eq!((own(&a).await, own(&b).await), (3, 2), "what one did alone the other does not see");

    // Begun, with the week's homework by its titles.
    let draft = note(&morgan, "note_draft").await;
    assert_eq!((&draft["status"], &draft["session_id"]), (&json!("draft"), &by_video["id"]));
    let lines = draft["homework"].as_array().unwrap();
    let pulse = lines.iter().find(|line| line["assignment_id"] != Value::Null).unwrap();
    assert!(lines.len() >= 3 && pulse["title"].is_string(), "{lines:?}");
    assert!(!draft.to_string().contains("quiet minutes"), "no answer stands in it");

    // Signed; signed and waiting for the supervisor; with two addenda; in error.
    let signed = note(&morgan, "note_signed").await;
    assert_eq!(
        (&signed["status"], &signed["couple_id"]),
        (&json!("signed"), &json!(app.id("couple")))
    );
    assert_eq!(signed["signatures"][0]["typed_name"], "Morgan Sample");
    let pending = note(&app.caller("supervisor"), "note_awaiting_cosign").await;
    let may = |action: &str| {
        let all = pending["capabilities"].as_array().unwrap();
        all.iter().find(|one| one["action"] == action).unwrap()["allowed"].clone()
    };
    assert_eq!((&pending["status"], may("cosign")), (&json!("pending_cosign"), json!(true)));
    let amended = note(&morgan, "note_amended").await;
    assert_eq!(
        (&amended["status"], &amended["client_id"]),
        (&json!("amended"), &json!(app.id("partner_a")))
    );
    let reasons = [0, 1].map(|n| amended["addenda"][n]["reason"].clone());
    assert_eq!(reasons, [json!("late_entry"), json!("clarification")]);
    let wrong = note(&morgan, "note_in_error").await;
    assert_eq!((&wrong["status"], &wrong["sections"]), (&json!("entered_in_error"), &json!([])));
    assert!(wrong["error_reason"].as_str().unwrap().starts_with("Belongs to another record"));

    // A word to both, and nothing else of all this for either.
    for partner in [&a, &b] {
        let page = partner.get("/v1/me/summaries").await.expect(200);
        assert_eq!(
            (page.text("/data/0/session_id"), page.text("/data/0/for_all")),
            (told["session"].clone(), "true".to_owned())
        );
        partner.get("/v1/session-notes").await.expect(403);
    }
    let released = morgan.get(&format!("/v1/session-summaries/{}", told["summary"])).await;
    assert_eq!(released.expect(200).text("/status"), "published");

    // Its author's, and nobody else's.
    let apart = format!("/v1/psychotherapy-notes/{}", told["psychotherapy_note"]);
    assert_eq!(morgan.get(&apart).await.expect(200).text("/couple_id"), app.id("couple"));
    app.caller("supervisor").get(&apart).await.expect(404);
    app.caller("practice_admin").get(&apart).await.expect(403);
}

/// A week goes by in a moment, in a demo and nowhere else; the tokens of before have run out with it.
#[actix_web::test]
async fn the_clock_of_a_demo_moves_and_that_of_an_installation_does_not() {
    let week = json!({ "advance": "P7D" });
    let app = TestApp::start().await;
    app.caller("clinician").post("/demo/clock", week.clone()).await.expect(404);

    let (database, clock) = (TestDatabase::with_story(), Clock::manual(NOW));
    let service = Service::assemble(parts(&database.url, clock.clone()), Duration::from_secs(15));
    let service = service.unwrap();
    let cast = attune::demo::cast(&mut database.open(), service.gate()).unwrap();
    let service = service.with_moving_clock(issuer(), cast.logins);
    let demo = TestApp::serve(service, database, clock.clone()).await;
    let homework = crate::occurrences::evenings(&demo).await;
    demo.anybody().post("/demo/clock", week.clone()).await.expect(401);
    for wrong in ["P-1D", "P0D", "P13W", "soon"] {
        let refused =
            demo.caller("clinician").post("/demo/clock", json!({ "advance": wrong })).await;
        assert_eq!(refused.expect(422).text("/errors/0/pointer"), "/advance", "{wrong}");
    }
    let old = demo.caller("clinician");
    let path = format!("/v1/assignments/{homework}/occurrences?limit=200");
    let before = old.get(&path).await.json()["data"].as_array().unwrap().len();
    let moved = old.post("/demo/clock", week).await.expect(200);
    assert_eq!(clock.now().micros() - NOW.micros(), 7 * 86_400_000_000);
    old.get("/v1/me").await.expect(401);
    let again = demo.bearer(&moved.text("/tokens/clinician"));
    let after = again.get(&path).await.json()["data"].as_array().unwrap().len();
    assert_eq!(after, before + 7, "the worker has come by");
}
