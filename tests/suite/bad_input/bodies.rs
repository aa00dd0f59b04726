//! Bodies that break one rule of their schema, or several at once.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use super::{CANARY, caller, check};
use crate::support::TestApp;
use crate::support::document::{Document, Operation};
use crate::support::misfits::{Mutation, absent};

/// Bodies with several faults, for each operation.
const COMBINATIONS: usize = 40;

async fn send(
    app: &TestApp,
    operation: &Operation,
    body: &serde_json::Value,
) -> crate::support::Answer {
    let caller = caller(app, operation).header("if-match", "*");
    caller
        .send(operation.method.clone(), &absent(Document::read(), operation), Some(body.clone()))
        .await
}

fn with_bodies(document: &Document) -> Vec<Operation> {
    let all = document.operations_of_v1().into_iter();
    all.filter(|operation| operation.body.is_some()).collect()
}

#[actix_web::test]
async fn a_body_that_fits_the_document_has_no_fault() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut tried = 0;
    for operation in with_bodies(document) {
        let body = document.sample(operation.body.as_ref().unwrap());
        let answer = send(&app, &operation, &body).await;
        let schema_faults = ["required", "wrong_type", "too_long", "unknown_field"];
        let faults = answer.faults();
        assert_ne!(answer.status, 500, "{operation:?}");
        let of_schema = |fault: &String| schema_faults.iter().any(|code| fault.ends_with(code));
        assert!(!faults.iter().any(of_schema), "{operation:?}: {faults:?}");
        tried += 1;
    }
    println!("{tried} fitting bodies tried");
}

#[actix_web::test]
async fn every_rule_that_a_body_breaks_is_reported_where_it_is_broken() {
    let (app, document) = (TestApp::start().await, Document::read());
    let (mut tried, mut operations) = (0, 0);
    for operation in with_bodies(document) {
        operations += 1;
        let schema = operation.body.as_ref().unwrap();
        for mutation in document.mutations(schema, CANARY) {
            let mut body = document.sample(schema);
            mutation.apply(&mut body);
            let what = format!("{} {} {mutation:?}", operation.method, operation.path);
            let answer = check(send(&app, &operation, &body).await, 422, "invalid_fields", &what);
            assert!(answer.faults().contains(&mutation.fault()), "{what}: {:?}", answer.faults());
            tried += 1;
        }
    }
    println!("{tried} bodies with one fault, {operations} operations, 0 unreported, 0 echoed");
    assert!(tried > 500, "only {tried}");
}

#[actix_web::test]
async fn all_faults_of_a_body_are_reported_at_once() {
    let (app, document) = (TestApp::start().await, Document::read());
    let mut runner = TestRunner::deterministic();
    let (mut tried, mut faults, mut most) = (0, 0, 0);
    for operation in with_bodies(document) {
        let schema = operation.body.as_ref().unwrap();
        let all = document.mutations(schema, CANARY);
        let some = prop::sample::subsequence(all.clone(), 1..=all.len().min(12));
        for _ in 0..COMBINATIONS {
            let chosen = disjoint(some.new_tree(&mut runner).unwrap().current());
            let mut body = document.sample(schema);
            chosen.iter().for_each(|mutation| mutation.apply(&mut body));
            let what = format!("{} {} {chosen:?}", operation.method, operation.path);
            let answer = check(send(&app, &operation, &body).await, 422, "invalid_fields", &what);
            let reported = answer.faults();
            for mutation in &chosen {
                assert!(reported.contains(&mutation.fault()), "{what}: {reported:?}");
            }
            (tried, faults, most) = (tried + 1, faults + chosen.len(), most.max(chosen.len()));
        }
    }
    println!("{tried} bodies with {faults} faults, up to {most} in one, all reported");
}

/// What else may stand in an object of several forms depends on its `kind`: where that is wrong, nothing more is said
/// of the object.
fn are_apart(one: &Mutation, other: &Mutation) -> bool {
    let closes = |one: &Mutation, other: &Mutation| {
        let parent = one.pointer.strip_suffix("kind");
        parent.is_some_and(|parent| parent.len() > 1 && other.pointer.starts_with(parent))
    };
    !closes(one, other) && !closes(other, one)
}

fn disjoint(chosen: Vec<Mutation>) -> Vec<Mutation> {
    let mut kept: Vec<Mutation> = Vec::new();
    for mutation in chosen {
        if kept.iter().all(|other| other.goes_with(&mutation) && are_apart(other, &mutation)) {
            kept.push(mutation);
        }
    }
    kept
}

#[actix_web::test]
async fn text_is_trimmed_and_composed_before_it_is_kept() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let body = json!({ "given_name": " \u{2003}A\u{30a}sa\t", "family_name": "Zoe\u{308}" });
    let made = morgan.post("/v1/clients", body).await.expect(201);
    assert_eq!((made.text("/given_name"), made.text("/family_name")), ("Åsa".into(), "Zoë".into()));
    let tight = json!({ "given_name": "e\u{301}".repeat(80) });
    morgan.post("/v1/clients", tight).await.expect(201);
    let lines = json!({ "display_name": "Somebody", "bio": "one\n\ttwo" });
    let made = app.caller("practice_admin").post("/v1/clinicians", lines).await.expect(201);
    assert_eq!(made.text("/bio"), "one\n\ttwo");
}
