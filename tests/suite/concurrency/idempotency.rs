//! A POST that is sent many times has one effect and one answer.

use std::rc::Rc;

use serde_json::json;

use crate::support::{Answer, TestApp};

const PARALLEL: usize = 20;

async fn post_many(app: &Rc<TestApp>, key: &str, name: &str) -> Vec<Answer> {
    let mut sent = Vec::new();
    for _ in 0..PARALLEL {
        let (app, key, name) = (Rc::clone(app), key.to_owned(), name.to_owned());
        sent.push(actix_web::rt::spawn(async move {
            let morgan = app.caller("clinician").header("idempotency-key", &key);
            morgan.post("/v1/clients", json!({ "given_name": name })).await
        }));
    }
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.unwrap().expect(201));
    }
    answers
}

#[actix_web::test]
async fn twenty_at_once_with_one_key_have_one_effect_and_one_answer() {
    let app = Rc::new(TestApp::start().await);
    for round in 0..10 {
        let name = format!("Zweitausend{}", char::from(b'a' + round));
        let answers = post_many(&app, &format!("key-{round}"), &name).await;
        let replayed =
            answers.iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
        assert_eq!(replayed, PARALLEL - 1);
        for answer in &answers {
            assert_eq!(answer.body, answers[0].body);
            assert_eq!(answer.header("location"), answers[0].header("location"));
            assert_eq!(answer.header("etag"), answers[0].header("etag"));
        }
        let found =
            app.caller("clinician").get(&format!("/v1/clients?name={name}")).await.expect(200);
        assert_eq!(found.ids(), [answers[0].text("/id")]);
    }
    println!("10 rounds of {PARALLEL} posts with one key: 10 effects, 190 replays");
}

#[actix_web::test]
async fn a_key_belongs_to_its_body_its_route_and_its_sender() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician").header("idempotency-key", "one");
    let made = morgan.post("/v1/clients", json!({ "given_name": "Ida" })).await.expect(201);
    let other = morgan.post("/v1/clients", json!({ "given_name": "Ada" })).await.expect(422);
    assert_eq!(other.text("/code"), "idempotency_key_reused");
    // The same key elsewhere, or of somebody else, is another key.
    let admin = app.caller("practice_admin").header("idempotency-key", "one");
    let theirs = admin.post("/v1/clients", json!({ "given_name": "Ada" })).await.expect(201);
    assert_ne!(theirs.text("/id"), made.text("/id"));
    let path = format!("/v1/clients/{}/activate", made.text("/id"));
    assert_eq!(morgan.act(&path).await.expect(200).header("idempotency-replayed"), "");
    assert_eq!(morgan.act(&path).await.expect(200).header("idempotency-replayed"), "true");
    let again = app.caller("clinician").act(&path).await.expect(409);
    assert_eq!(again.text("/code"), "invalid_transition");
}

#[actix_web::test]
async fn what_failed_is_not_kept_and_can_be_sent_again() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin").header("idempotency-key", "retry");
    let body = json!({ "given_name": "Ida", "external_id": "taken" });
    let first = app.caller("practice_admin").post("/v1/clients", body.clone()).await.expect(201);
    admin.post("/v1/clients", body.clone()).await.expect(409);
    let path = format!("/v1/clients/{}", first.text("/id"));
    app.caller("practice_admin").patch(&path, json!({ "external_id": null })).await.expect(200);
    admin.post("/v1/clients", body).await.expect(201);
}

#[actix_web::test]
async fn a_replay_shows_nothing_that_has_become_invisible() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician").header("idempotency-key", "then");
    let body = json!({ "given_name": "Ida" });
    let made = morgan.post("/v1/clients", body.clone()).await.expect(201);
    let path = format!("/v1/clients/{}", made.text("/id"));
    let handed_over = json!({ "intake_clinician_id": app.id("associate") });
    app.caller("practice_admin").patch(&path, handed_over).await.expect(200);
    morgan.post("/v1/clients", body.clone()).await.expect(404);
    let back = json!({ "intake_clinician_id": app.id("clinician") });
    app.caller("practice_admin").patch(&path, back).await.expect(200);
    assert_eq!(morgan.post("/v1/clients", body).await.expect(201).body, made.body);
}

#[actix_web::test]
async fn a_key_is_forgotten_after_three_days() {
    let app = TestApp::start().await;
    let body = json!({ "given_name": "Ida" });
    let post = async || {
        let morgan = app.bearer(&app.mint("clinician", None)).header("idempotency-key", "old");
        morgan.post("/v1/clients", body.clone()).await.expect(201)
    };
    let first = post().await;
    app.clock.advance_seconds(72 * 60 * 60 - 1);
    assert_eq!(post().await.text("/id"), first.text("/id"));
    app.clock.advance_seconds(1);
    assert_ne!(post().await.text("/id"), first.text("/id"));
}
