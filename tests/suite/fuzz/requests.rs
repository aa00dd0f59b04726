//! Whole requests, spoiled in body, query, path and headers, through the service: each has an answer that is no fault of
//! the service, and every refusal is a problem.

use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use serde_json::Value;

use super::{Progress, chance, runs_through_the_service, spoil};
use crate::bad_input::caller;
use crate::isolation::chance::Chance;
use crate::support::document::{Document, Operation};
use crate::support::misfits::with_ids;
use crate::support::{Answer, TestApp};

const SHORT: u64 = 350;

/// Spoils a text for a path or a query: what cannot stand there is written with `%`.
fn in_address(chance: &mut Chance, whole: &str) -> String {
    let spoiled = spoil::bytes(
        chance,
        &[whole.as_bytes().to_vec()],
        &["%", "%2F", "%FF", "&", "=", "..", ","],
    );
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%&=,:_".contains(&byte);
    let letter = |byte: &u8| {
        if plain(*byte) { char::from(*byte).to_string() } else { format!("%{byte:02X}") }
    };
    spoiled.iter().map(letter).collect()
}

/// The address of an operation, with ids of the story or of nothing, and what is spoiled of it.
fn address(app: &TestApp, chance: &mut Chance, operation: &Operation) -> String {
    let known: Vec<&String> = app.cast.ids.values().collect();
    let picked = chance.next();
    let path = with_ids(Document::read(), operation, |prefix| {
        let mut fitting = known.iter().filter(|id| id.starts_with(prefix));
        let one = usize::try_from(picked % 3).unwrap();
        fitting.nth(one).map_or_else(|| Chance::new(picked).id(prefix), |id| (*id).clone())
    });
    let path = if chance.below(8) == 0 {
        let (folder, last) = path.rsplit_once('/').unwrap();
        format!("{folder}/{}", in_address(chance, last))
    } else {
        path
    };
    let pairs = operation.placed("query").map(|one| {
        let value = Document::read().sample(&one.schema);
        let value = value.as_array().map_or(&value, |entries| &entries[0]);
        let value = value.as_str().map_or(value.to_string(), str::to_owned);
        (one.name.clone(), value.replace('+', "%2B"))
    });
    let pairs = chance.some(&pairs.collect::<Vec<_>>(), 2);
    let query: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let query = query.join("&");
    let query = if chance.below(3) == 0 { in_address(chance, &query) } else { query };
    format!("{path}?{query}")
}

async fn send(app: &TestApp, chance: &mut Chance, operation: &Operation) -> Answer {
    let caller = caller(app, operation);
    let mut request = caller.request(operation.method.clone(), &address(app, chance, operation));
    if let Some(schema) = &operation.body {
        let merge = operation.method == Method::PATCH;
        let media = if merge { "application/merge-patch+json" } else { "application/json" };
        let sample = Document::read().sample(schema);
        request = request.insert_header(("content-type", media));
        request = request.set_payload(spoil::json(chance, &[sample]));
    }
    let headers = [
        ("if-match", "\"abc\", *"),
        ("if-none-match", "W/\"abc\""),
        ("idempotency-key", "018f6d0e"),
        ("content-type", "application/json; charset=utf-8"),
        ("authorization", "Bearer a.b.c"),
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("origin", "https://app.example"),
    ];
    let mut sent = vec![("if-match", b"*".to_vec())];
    for (name, whole) in chance.some(&headers, 2) {
        // Most are let in: what lies behind the first check is what is to be tried.
        if name != "authorization" || chance.below(10) == 0 {
            sent.push((
                name,
                spoil::bytes(chance, &[whole.as_bytes().to_vec()], &["\"", ",", ";"]),
            ));
        }
    }
    for (name, value) in sent {
        if let Ok(value) = HeaderValue::from_bytes(&value) {
            request = request.insert_header((HeaderName::from_static(name), value));
        }
    }
    app.send(request).await
}

#[actix_web::test]
async fn no_spoiled_request_is_a_fault_of_the_service() {
    let (app, mut chance) = (TestApp::start().await, chance("requests"));
    let operations = Document::read().operations_of_v1();
    let count = runs_through_the_service(SHORT);
    let mut progress = Progress::of("requests", count);
    let (mut done, mut refused) = (0_u64, 0_u64);
    for number in 0..count {
        let operation = chance.pick(&operations).unwrap().clone();
        let answer = send(&app, &mut chance, &operation).await;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let what =
            format!("{number}: {} {}: {} {text}", operation.method, operation.path, answer.status);
        assert!(!answer.status.is_server_error(), "{what}");
        if answer.status.is_client_error() {
            let problem: Value = serde_json::from_slice(&answer.body).expect(&what);
            assert_eq!(problem["status"], answer.status.as_u16(), "{what}");
            refused += 1;
        }
        done += u64::from(answer.status.is_success());
        progress.at(number);
    }
    println!("{count} spoiled requests: {done} done, {refused} refused, 0 faults of the service");
    assert!(done > 0 && refused > 0);
}
