//! Query parameters: unknown, repeated and malformed ones are one 400 that lists them all.

use actix_web::http::Method;

use super::{CANARY, caller, check};
use crate::support::document::{Document, Operation, kind};
use crate::support::misfits::absent;
use crate::support::{Answer, TestApp};

/// `name=value` pairs that are wrong, with the parameter that must be listed.
fn wrong_pairs(document: &Document, operation: &Operation) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for parameter in operation.placed("query") {
        let schema = document.schema(&parameter.schema);
        let at_odds = match kind(schema) {
            "integer" => vec!["0".into(), "201".into(), "-1".into(), "1.5".into(), CANARY.into()],
            "boolean" => vec![CANARY.into(), "TRUE".into(), "1".into()],
            "array" => vec![CANARY.into(), format!("{CANARY},{CANARY}")],
            _ if schema["enum"].is_array() || schema["pattern"].is_string() => vec![CANARY.into()],
            _ if schema["format"] == "date-time" => {
                let naive = ["2026-11-01T10:00:00", "2026-11-01"].map(str::to_owned);
                // RFC 3339 allows these; no instant of the service is so late or so fine.
                let odd = ["9999-12-31T23:59:59Z", "2026-11-01T10:00:00.1234567891Z"];
                naive.into_iter().chain(odd.map(str::to_owned)).chain([CANARY.into()]).collect()
            }
            _ if schema["format"].is_string() => vec![CANARY.into()],
            _ => vec![CANARY.repeat(40)],
        };
        pairs.extend(at_odds.into_iter().map(|value| (parameter.name.clone(), value)));
    }
    pairs
}

async fn get(app: &TestApp, operation: &Operation, query: &str) -> Answer {
    let path = format!("{}?{query}", absent(Document::read(), operation));
    caller(app, operation).send(Method::GET, &path, None).await
}

fn listed(answer: &Answer, name: &str) -> bool {
    let at = format!("/{name}");
    let within = |fault: &String| {
        fault.starts_with(&format!("{at} ")) || fault.starts_with(&format!("{at}/"))
    };
    answer.faults().iter().any(within)
}

#[actix_web::test]
async fn every_wrong_parameter_is_listed() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut tried = 0;
    for operation in document.operations_of_v1().iter().filter(|one| one.takes_a_query()) {
        for (name, value) in wrong_pairs(document, operation) {
            let what = format!("{} {name}={value}", operation.path);
            let answer = get(&app, operation, &format!("{name}={value}")).await;
            let answer = check(answer, 400, "invalid_parameter", &what);
            assert!(listed(&answer, &name), "{what}: {:?}", answer.faults());
            tried += 1;
        }
        for parameter in operation.placed("query") {
            let name = &parameter.name;
            let fitting = document.sample(&parameter.schema);
            let fitting = fitting.as_array().map_or(&fitting, |entries| &entries[0]);
            let fitting = fitting.as_str().map_or(fitting.to_string(), str::to_owned);
            let fitting = fitting.replace('+', "%2B");
            let answer = get(&app, operation, &format!("{name}={fitting}&{name}={fitting}")).await;
            let answer = check(answer, 400, "invalid_parameter", &format!("{name} twice"));
            assert!(
                answer.faults().contains(&format!("/{name} repeated")),
                "{:?}",
                answer.faults()
            );
            tried += 1;
        }
    }
    println!("{tried} wrong or repeated parameters, 0 unlisted, 0 echoed");
}

#[actix_web::test]
async fn all_wrong_parameters_are_listed_at_once() {
    let (app, document) = (TestApp::start().await, Document::read());
    for operation in document.operations_of_v1().iter().filter(|one| one.takes_a_query()) {
        let mut wrong = wrong_pairs(document, operation);
        wrong.dedup_by(|one, other| one.0 == other.0);
        let pairs: Vec<String> =
            wrong.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let query = format!("{CANARY}={CANARY}&{}&x{CANARY}", pairs.join("&"));
        let answer = get(&app, operation, &query).await;
        let answer = check(answer, 400, "invalid_parameter", &operation.path);
        for (name, _) in wrong {
            assert!(listed(&answer, &name), "{name}: {:?}", answer.faults());
        }
        let unknown =
            answer.faults().iter().filter(|fault| fault.ends_with("unknown_parameter")).count();
        assert_eq!(unknown, 2);
    }
}

/// A parameter that means nothing to an operation is refused even where nothing reads a query.
#[actix_web::test]
async fn no_operation_takes_a_parameter_that_it_does_not_know() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut tried = 0;
    for operation in document.operations_of_v1() {
        let path = format!("{}?{CANARY}=1", absent(document, &operation));
        let body = operation.body.as_ref().map(|schema| document.sample(schema));
        let caller = caller(&app, &operation).header("if-match", "*");
        let answer = caller.send(operation.method.clone(), &path, body).await;
        check(answer, 400, "invalid_parameter", &format!("{} {path}", operation.method));
        tried += 1;
    }
    println!("{tried} operations refuse an unknown parameter");
}

#[actix_web::test]
async fn a_cursor_that_is_none_is_refused_on_every_list() {
    let (app, document) = (TestApp::start().await, Document::read());
    for operation in document.operations_of_v1().iter().filter(|one| one.is_paged()) {
        let answer = get(&app, operation, &format!("cursor={CANARY}")).await;
        check(answer, 400, "invalid_cursor", &operation.path);
    }
}
