//! Whatever is sent, the answer is the right problem, with every fault at once, and never a
//! word of what was sent. Generated from the document, so that new operations are covered
//! without anybody adding them.

mod bodies;
mod pages;
mod queries;
mod requests;

use crate::support::document::Operation;
use crate::support::{Answer, Caller, TestApp};

/// In every wrong value, and never in an answer.
const CANARY: &str = "Kanarienvogel7Q";

/// Somebody whose token carries a scope that the operation asks for.
pub fn caller<'a>(app: &'a TestApp, operation: &Operation) -> Caller<'a> {
    let of_clients = |scope: &String| {
        scope.starts_with("profile:")
            || ["couple:read", "homework:own", "homework:submit"].contains(&scope.as_str())
    };
    let of_safety = |scope: &String| scope.starts_with("alerts:") || scope == "psychotherapy:own";
    app.caller(if operation.scopes.iter().all(of_clients) {
        "partner_a"
    } else if operation.scopes.iter().all(of_safety) {
        "clinician"
    } else {
        "practice_admin"
    })
}

/// The problem has this code, every member that a problem has, and nothing of what was sent.
#[track_caller]
fn check(answer: Answer, status: u16, code: &str, what: &str) -> Answer {
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    assert_eq!(answer.status.as_u16(), status, "{what}: {text}");
    let problem = answer.json();
    let object = problem.as_object().unwrap_or_else(|| panic!("{what}: {text}"));
    let mut members: Vec<&str> = object.keys().map(String::as_str).collect();
    members.sort_unstable();
    let all = [
        "allowed_transitions",
        "code",
        "detail",
        "errors",
        "public_text",
        "request_id",
        "status",
        "title",
        "type",
    ];
    assert_eq!(members, all, "{what}");
    assert_eq!(problem["code"], code, "{what}: {text}");
    assert_eq!(problem["status"], status, "{what}");
    assert_eq!(problem["type"], format!("http://attune.test/docs/errors/{code}"), "{what}");
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    assert_eq!(answer.text("/request_id"), answer.header("x-request-id"), "{what}");
    assert!(problem["errors"].is_array(), "{what}");
    let headers: Vec<_> = answer.headers.iter().map(|(_, value)| value).collect();
    assert!(!format!("{text}{headers:?}").contains(CANARY), "{what} is echoed: {text}");
    answer
}

/// The body of a problem without the one thing that may differ.
fn masked(answer: &Answer) -> serde_json::Value {
    let mut problem = answer.json();
    problem["request_id"] = "masked".into();
    problem
}
