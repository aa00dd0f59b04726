//! What is wrong with the request itself: size, depth, syntax, media type, method, path, time.

use std::time::Duration;

use actix_web::http::Method;
use attune::app::Service;
use attune::clock::Clock;
use futures_util::stream::{self, StreamExt as _};
use serde_json::json;

use super::{CANARY, caller, check, masked};
use crate::support::app::NOW;
use crate::support::database::{TestDatabase, parts};
use crate::support::document::{Document, Operation};
use crate::support::misfits::{NOBODY, absent, with_ids};
use crate::support::{Answer, TestApp};

fn media_type(operation: &Operation) -> &'static str {
    if operation.method == Method::PATCH {
        "application/merge-patch+json"
    } else {
        "application/json"
    }
}

async fn send(app: &TestApp, operation: &Operation, media: Option<&str>, body: Vec<u8>) -> Answer {
    let caller = caller(app, operation).header("if-match", "*");
    let mut request = caller
        .request(operation.method.clone(), &absent(Document::read(), operation))
        .set_payload(body);
    if let Some(media) = media {
        request = request.insert_header(("content-type", media));
    }
    app.send(request).await
}

#[actix_web::test]
async fn bodies_that_are_too_large_too_deep_or_broken_are_refused() {
    let (app, document) = (TestApp::start().await, Document::read());
    let large = format!(r#"{{"x":"{}"}}"#, CANARY.repeat(100_000 / CANARY.len()));
    let open = |times: usize| format!("{}{}", "[".repeat(times), "]".repeat(times));
    let mut cases: Vec<(String, u16, &str)> = vec![(large, 413, "payload_too_large")];
    for deep in [open(1_000), open(33), format!("{{\"a\":{}}}", open(32)), "[".repeat(1_000)] {
        cases.push((deep, 400, "malformed"));
    }
    for broken in [
        "",
        " ",
        "{",
        "}",
        "{\"a\":1,}",
        "{'a':1}",
        "{\"a\":01}",
        "{\"a\":NaN}",
        "nul",
        "\u{feff}{}",
        "{} {}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\u{1}\"}",
        "{\"a\":1,\"a\":2}",
        "{\"b\":{\"a\":1,\"a\":1}}",
        "{\"b\":[{\"x\":1,\"\\u0078\":1}]}",
        "// x\n{}",
        "{\"a\":1e999}",
    ] {
        cases.push((broken.replace('a', CANARY), 400, "malformed"));
    }
    let mut tried = 0;
    for operation in document.operations_of_v1().iter().filter(|one| one.body.is_some()) {
        // A batch of events may be larger than anything else.
        if let Some(most) = operation.raw["x-max-body-bytes"].as_u64() {
            let times = usize::try_from(most).unwrap() / CANARY.len() + 1;
            cases[0].0 = format!(r#"{{"x":"{}"}}"#, CANARY.repeat(times));
        }
        for (body, status, code) in &cases {
            let what = format!("{} {} {:.40}", operation.method, operation.path, body);
            let body = body.clone().into_bytes();
            check(
                send(&app, operation, Some(media_type(operation)), body).await,
                *status,
                code,
                &what,
            );
            tried += 1;
        }
        let latin = b"{\"a\":\"\xe9\"}".to_vec();
        check(
            send(&app, operation, Some(media_type(operation)), latin).await,
            400,
            "malformed",
            "Latin-1",
        );
        for body in ["[]", "null", "true", "1", "\"x\""] {
            let answer = send(&app, operation, Some(media_type(operation)), body.into()).await;
            check(answer, 422, "invalid_fields", body);
        }
    }
    println!("{tried} large, deep or broken bodies, each the right problem");
}

/// Whoever sends a body to what takes none believes that it says something.
#[actix_web::test]
async fn a_body_where_none_is_taken_is_looked_at_and_refused() {
    let (app, document) = (TestApp::start().await, Document::read());
    let takes_none = |operation: &&Operation| {
        operation.body.is_none() && [Method::POST, Method::DELETE].contains(&operation.method)
    };
    let large = format!(r#"{{"x":"{}"}}"#, CANARY.repeat(100_000 / CANARY.len()));
    let deep = "[".repeat(1_000);
    let unknown = format!(r#"{{"{CANARY}":"{CANARY}"}}"#);
    let json = Some("application/json");
    let mut tried = 0;
    for operation in document.operations_of_v1().iter().filter(takes_none) {
        for (media, body, status, code) in [
            (json, large.as_str(), 413, "payload_too_large"),
            (json, deep.as_str(), 400, "malformed"),
            (json, unknown.as_str(), 422, "invalid_fields"),
            (json, "[]", 422, "invalid_fields"),
            (Some("text/plain"), "{}", 415, "unsupported_media_type"),
            (None, "{}", 415, "unsupported_media_type"),
        ] {
            let what = format!("{} {} {:.20}", operation.method, operation.path, body);
            let answer = send(&app, operation, media, body.as_bytes().to_vec()).await;
            check(answer, status, code, &what);
            tried += 1;
        }
        for (media, body) in [(json, "{}"), (json, ""), (None, "")] {
            let answer = send(&app, operation, media, body.as_bytes().to_vec()).await;
            if operation.placed("path").next().is_some() {
                check(answer, 404, "not_found", &format!("{} {body:?}", operation.path));
            } else {
                assert!(answer.status.is_success(), "{} {body:?}", operation.path);
            }
        }
    }
    assert!(tried > 100, "only {tried}");
    println!("{tried} bodies refused where none is taken");
}

#[actix_web::test]
async fn a_head_that_is_too_large_is_a_problem_like_any_other() {
    let app = TestApp::start().await;
    let caller = app.caller("clinician").header("x-much", &CANARY.repeat(16_384 / CANARY.len()));
    check(caller.get("/v1/me").await, 431, "headers_too_large", "16 KiB of headers");
    let fitting = app.caller("clinician").header("x-much", &CANARY.repeat(1_000));
    fitting.get("/v1/me").await.expect(200);
}

#[actix_web::test]
async fn the_media_type_has_to_be_the_one_that_is_documented() {
    let (app, document) = (TestApp::start().await, Document::read());
    for operation in document.operations_of_v1().iter().filter(|one| one.body.is_some()) {
        let body = document.sample(operation.body.as_ref().unwrap()).to_string().into_bytes();
        let swapped = if operation.method == Method::PATCH {
            "application/json"
        } else {
            "application/merge-patch+json"
        };
        let form = "application/x-www-form-urlencoded";
        for media in [None, Some(""), Some("text/plain"), Some(form), Some(swapped), Some(CANARY)] {
            let answer = send(&app, operation, media, body.clone()).await;
            check(answer, 415, "unsupported_media_type", &format!("{media:?} {}", operation.path));
        }
        let with_charset = format!("{}; charset=utf-8", media_type(operation)).to_uppercase();
        assert_ne!(send(&app, operation, Some(&with_charset), body).await.status, 415);
    }
}

#[actix_web::test]
async fn a_method_that_a_path_does_not_take_is_a_405_that_lists_those_it_does() {
    let (app, document) = (TestApp::start().await, Document::read());
    let operations = document.operations_of_v1();
    let mut tried = 0;
    for operation in &operations {
        let same_path = operations.iter().filter(|other| other.path == operation.path);
        let taken: Vec<&str> = same_path.map(|other| other.method.as_str()).collect();
        for wrong in ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"] {
            if taken.contains(&wrong) {
                continue;
            }
            let caller = caller(&app, operation);
            let answer =
                caller.send(wrong.parse().unwrap(), &absent(document, operation), None).await;
            let answer =
                check(answer, 405, "method_not_allowed", &format!("{wrong} {}", operation.path));
            let allow = answer.header("allow");
            assert!(taken.iter().all(|method| allow.contains(method)), "{allow}");
            assert!(!allow.split(", ").any(|method| method == wrong), "{allow}");
            tried += 1;
        }
    }
    println!("{tried} wrong methods");
}

/// Ids that are none, for a slot where one of this prefix belongs.
fn malformed(prefix: &str) -> Vec<String> {
    let other = if prefix == "cli" { "cpl" } else { "cli" };
    vec![
        format!("{other}_{NOBODY}"),
        NOBODY.to_owned(),
        format!("{prefix}_{}", NOBODY.to_uppercase()),
        format!("{prefix}_{}", &NOBODY[1..]),
        format!("{prefix}_{NOBODY}0"),
        format!("{prefix}_8{}", &NOBODY[1..]),
        format!("{prefix}_{}u", &NOBODY[1..]),
        format!("{prefix}-{NOBODY}"),
        format!("{prefix}_018b2d11-1ad6-7bdf-9f8e-2f3f1f9d8d33"),
        "0".to_owned(),
        "-1".to_owned(),
        "null".to_owned(),
        "%00".to_owned(),
        "'%20OR%201=1--".to_owned(),
        "%F0%9F%90%A4".to_owned(),
        "%FF".to_owned(),
        "x".repeat(3000),
        CANARY.to_owned(),
    ]
}

#[actix_web::test]
async fn an_id_that_cannot_be_answers_like_one_that_is_not() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut tried = 0;
    for operation in document.operations_of_v1() {
        if !operation.path.contains("_id}") || operation.path.contains("{external_id}") {
            continue;
        }
        let body = operation.body.as_ref().map(|schema| document.sample(schema));
        let caller = caller(&app, &operation).header("if-match", "*");
        let what = format!("{} {}", operation.method, operation.path);
        let gone = caller
            .send(operation.method.clone(), &absent(document, &operation), body.clone())
            .await;
        let gone = check(gone, 404, "not_found", &what);
        for index in 0..malformed("cli").len() {
            let path = with_ids(document, &operation, |prefix| malformed(prefix)[index].clone());
            let answer = caller.send(operation.method.clone(), &path, body.clone()).await;
            let answer = check(answer, 404, "not_found", &format!("{what} {path}"));
            assert_eq!(masked(&answer), masked(&gone), "{what} {path}");
            tried += 1;
        }
    }
    println!("{tried} malformed ids, each answered like an absent one");
}

#[actix_web::test]
async fn paths_that_do_not_exist_are_problems_too() {
    let app = TestApp::start().await;
    for path in [
        "/",
        "/v1",
        "/v1/",
        "/v2/clients",
        "/v1/clients/",
        "/v1//clients",
        "/v1/client",
        "/favicon.ico",
    ] {
        check(app.caller("clinician").get(path).await, 404, "not_found", path);
    }
}

#[actix_web::test]
async fn an_external_id_in_a_path_obeys_the_rules_of_one_in_a_body() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let body = json!({ "given_name": "Ida" });
    for odd in [
        "é".repeat(129).replace('é', "%C3%A9"),
        "%07".to_owned(),
        "%20x".to_owned(),
        "e%CC%81".to_owned(),
        "%20".to_owned(),
    ] {
        let answer = admin.put(&format!("/v1/clients/by-external-id/{odd}"), body.clone()).await;
        assert_eq!(answer.status, 422, "{odd}");
        assert!(answer.faults()[0].starts_with("/external_id "), "{:?}", answer.faults());
    }
    let longest = "%C3%A9".repeat(128);
    admin.put(&format!("/v1/clients/by-external-id/{longest}"), body).await.expect(201);
}

#[actix_web::test]
async fn an_idempotency_key_of_bad_form_is_refused_on_every_post() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut tried = 0;
    for operation in document.operations_of_v1().iter().filter(|one| one.method == Method::POST) {
        let body = operation.body.as_ref().map(|schema| document.sample(schema));
        for key in ["", "a b", "é", "a\tb", &CANARY.repeat(20)] {
            let caller = caller(&app, operation).header("idempotency-key", key);
            let answer =
                caller.send(Method::POST, &absent(document, operation), body.clone()).await;
            let answer =
                check(answer, 422, "invalid_fields", &format!("{} {key:?}", operation.path));
            assert_eq!(answer.faults(), ["/idempotency-key wrong_form"]);
            assert_eq!(answer.text("/errors/0/in"), "header");
            tried += 1;
        }
        let twice =
            caller(&app, operation).header("idempotency-key", "a").header("idempotency-key", "b");
        let answer = twice.send(Method::POST, &absent(document, operation), body).await;
        check(answer, 422, "invalid_fields", "two keys");
    }
    println!("{tried} bad idempotency keys");
}

#[actix_web::test]
async fn a_body_that_does_not_arrive_is_waited_for_no_longer_than_the_deadline() {
    let (database, clock) = (TestDatabase::with_story(), Clock::manual(NOW));
    let parts = parts(&database.url, clock.clone());
    let service = Service::assemble(parts, Duration::from_millis(200)).unwrap();
    let app = TestApp::serve(service, database, clock).await;
    for first in ["", "{\"given_name\":\"Kanar"] {
        // It sends its first bytes, and then nothing.
        let first = Some(actix_web::web::Bytes::from_static(first.as_bytes()));
        let stream = stream::iter(first.map(Ok)).chain(stream::pending());
        let request = app
            .caller("clinician")
            .request(Method::POST, "/v1/clients")
            .insert_header(("content-type", "application/json"))
            .to_request();
        let payload: actix_http::BoxedPayloadStream = Box::pin(stream);
        let (request, _) = request.replace_payload(actix_http::Payload::from(payload));
        let started = std::time::Instant::now();
        check(app.send_raw(request).await, 408, "request_timeout", "a slow body");
        let waited = started.elapsed();
        assert!(
            waited >= Duration::from_millis(200) && waited < Duration::from_secs(5),
            "{waited:?}"
        );
    }
}
