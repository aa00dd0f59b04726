//! Census: router, document and policy table agree, for every operation of the document.

mod description;

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use attune::auth::scopes::{Scope, ScopeSet};
use serde_json::Value;

use crate::support::bodies;
use crate::support::document::{Document, Operation};
use crate::support::{Answer, TestApp};

/// Callers who together may hold every scope.
const HOLDERS: [&str; 3] = ["practice_admin", "clinician", "partner_a"];

const METHODS: [Method; 7] = [
    Method::GET,
    Method::POST,
    Method::PUT,
    Method::PATCH,
    Method::DELETE,
    Method::HEAD,
    Method::TRACE,
];

/// The path of an operation with an id in every place that names nothing.
fn path(document: &Document, operation: &Operation) -> String {
    operation.path_with(|parameter| match document.id_kind(&parameter.schema) {
        Some(kind) => format!("{kind}_01{}", "z".repeat(24)),
        None => "nothing".to_owned(),
    })
}

/// Status, headers and body without what is the request's own.
fn masked(answer: &Answer) -> String {
    let id = answer.header("x-request-id");
    let headers: BTreeMap<_, _> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date", "ratelimit"].contains(&name.as_str()))
        .map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    format!(
        "{} {headers:?} {}",
        answer.status,
        String::from_utf8_lossy(&answer.body).replace(&id, "(request)")
    )
}

/// Tokens that carry these scopes, by everybody who may hold one of them.
async fn ask(app: &TestApp, who: &str, scopes: &str, operation: &Operation, path: &str) -> Answer {
    app.caller_with(who, scopes).send(operation.method.clone(), path, None).await
}

#[actix_web::test]
async fn without_a_token_every_operation_gives_the_one_same_answer() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut answers = BTreeSet::new();
    let mut count = 0;
    for operation in document.operations() {
        let answer =
            app.anybody().send(operation.method.clone(), &path(document, &operation), None).await;
        if operation.is_public() {
            // What is found by its address alone is not found by another.
            let wanted = if operation.placed("path").next().is_some() { 404 } else { 200 };
            assert_eq!(answer.status, wanted, "{}", operation.id);
            continue;
        }
        assert_eq!(answer.status, 401, "{}", operation.id);
        answers.insert(masked(&answer));
        count += 1;
    }
    assert_eq!(answers.len(), 1, "{answers:#?}");
    println!("census: {count} operations refuse a caller without a token in the same words");
}

#[actix_web::test]
async fn every_scope_but_the_listed_ones_is_not_enough() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut count = 0;
    for operation in document.operations().iter().filter(|operation| !operation.is_public()) {
        let listed = |scope: &&Scope| operation.scopes.iter().any(|word| word == scope.as_str());
        let others: ScopeSet = Scope::ALL.iter().filter(|scope| !listed(scope)).copied().collect();
        for who in HOLDERS {
            let answer =
                ask(&app, who, &others.to_string(), operation, &path(document, operation)).await;
            assert_eq!(answer.status, 403, "{} by {who}", operation.id);
            assert_eq!(answer.text("/code"), "scope_missing", "{} by {who}", operation.id);
            count += 1;
        }
    }
    println!("census: {count} calls with all other scopes were refused");
}

#[actix_web::test]
async fn each_listed_scope_alone_is_enough_for_those_who_may_hold_it_and_for_nobody_else() {
    use attune::auth::scopes::ActorKind;
    let (app, document) = (TestApp::start().await, Document::read());
    let kinds = [ActorKind::Admin, ActorKind::Clinician, ActorKind::Client];
    let mut counts = (0, 0);
    for operation in document.operations().iter().filter(|operation| !operation.is_public()) {
        for word in &operation.scopes {
            let scope =
                Scope::parse(word).unwrap_or_else(|| panic!("{}: no scope {word}", operation.id));
            for (who, kind) in HOLDERS.into_iter().zip(kinds) {
                let path = path(document, operation);
                let body = operation
                    .body
                    .as_ref()
                    .map(|schema| bodies::body(document, schema, &mut Everything));
                let caller = app.caller_with(who, word).header("if-match", "*");
                let answer = caller.send(operation.method.clone(), &path, body).await;
                let refused = answer.status == 401 || answer.json()["code"] == "scope_missing";
                assert_eq!(
                    refused,
                    !scope.may_be_held_by(kind),
                    "{} by {who} with {word}",
                    operation.id
                );
                if refused { counts.1 += 1 } else { counts.0 += 1 }
            }
        }
    }
    println!(
        "census: one listed scope was enough {} times, and {} times its holder was not",
        counts.0, counts.1
    );
}

#[actix_web::test]
async fn a_method_that_a_path_does_not_take_is_405_with_those_that_it_takes() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut paths = BTreeMap::<String, (String, BTreeSet<String>)>::new();
    for operation in document.operations() {
        let entry = paths.entry(operation.path.clone()).or_default();
        entry.0 = path(document, &operation);
        entry.1.insert(operation.method.to_string());
        if operation.method == Method::GET {
            entry.1.insert("HEAD".to_owned());
        }
    }
    let mut count = 0;
    for (path, mut allowed) in paths.into_values() {
        let wrong: Vec<_> =
            METHODS.iter().filter(|method| !allowed.contains(method.as_str())).collect();
        allowed.insert("OPTIONS".to_owned());
        let allow = allowed.into_iter().collect::<Vec<_>>().join(", ");
        let options = app.anybody().send(Method::OPTIONS, &path, None).await.expect(204);
        assert_eq!(options.header("allow"), allow, "OPTIONS {path}");
        for method in wrong {
            let answer = app.caller("practice_admin").send(method.clone(), &path, None).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), allow, "{method} {path}");
            count += 1;
        }
    }
    println!("census: {count} wrong methods were refused with `Allow`");
}

#[actix_web::test]
async fn a_path_outside_the_document_is_404_for_everybody() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut outside: Vec<String> =
        ["/", "/v1", "/v1/", "/v2/clients", "/healthz", "/readyz", "/metrics", "/admin"]
            .map(str::to_owned)
            .to_vec();
    for operation in document.operations() {
        let path = path(document, &operation);
        outside.extend([format!("{path}/more"), format!("{path}/"), format!("/internal{path}")]);
        outside.push(path.replace("/v1/", "/v1//"));
    }
    let count = outside.len();
    for path in outside.into_iter().filter(|path| !is_documented(document, path)) {
        for caller in [app.anybody(), app.caller("practice_admin")] {
            let answer = caller.get(&path).await;
            assert_eq!(answer.status, 404, "{path}");
        }
    }
    println!("census: {count} paths outside the document lead nowhere");
}

fn is_documented(document: &Document, path: &str) -> bool {
    let fits = |pattern: &str| {
        let parts: Vec<_> = pattern.split('/').zip(path.split('/')).collect();
        pattern.split('/').count() == path.split('/').count()
            && parts
                .iter()
                .all(|(one, other)| (one.starts_with('{') && !other.is_empty()) || one == other)
    };
    document.operations().iter().any(|operation| fits(&operation.path))
}

#[actix_web::test]
async fn head_is_get_without_what_it_shows() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut count = 0;
    for operation in
        document.operations().iter().filter(|operation| operation.method == Method::GET)
    {
        for who in HOLDERS {
            let path = path(document, operation);
            let get = app.caller(who).get(&path).await;
            if !get.header("link").is_empty() {
                // A cursor is another one each time, and with it the whole page.
                continue;
            }
            let mut head = app.caller(who).send(Method::HEAD, &path, None).await;
            // In process the body is still there; the HTTP encoder leaves it out.
            head.body.clone_from(&get.body.clone());
            let id = get.header("x-request-id");
            let other = head.header("x-request-id");
            assert_eq!(
                masked(&get).replace(&id, ""),
                masked(&head).replace(&other, "").replace(&id, "(request)")
            );
            count += 1;
        }
    }
    println!("census: HEAD gave the headers of GET {count} times");
}

/// Fills in whatever a schema allows.
struct Everything;

impl bodies::Choice for Everything {
    fn includes(&mut self, _: &str, _: &Value) -> bool {
        true
    }

    fn id(&mut self, _: &str, kind: &str) -> String {
        format!("{kind}_01{}", "z".repeat(24))
    }

    fn text(&mut self, _: &str, schema: &Value) -> String {
        match schema["format"].as_str() {
            Some("email") => "sample@people.example".to_owned(),
            Some("uri") => "https://sample.example".to_owned(),
            _ if schema["pattern"].is_string() => "+12065550123".to_owned(),
            _ => "Sample".to_owned(),
        }
    }
}
