//! Session notes: written, signed, co-signed, amended; who reads them, and that nobody alters them.

mod lock;
mod machine;
mod prefill;
mod quotes;
mod sight;
mod stories;
mod writers;

use std::future::Future;
use std::pin::Pin;
use std::task::Poll;

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const NOTES: &str = "/v1/session-notes";

/// A draft in SOAP of the record of the story's couple, about no session.
pub fn soap(app: &TestApp, text: &str) -> Value {
    json!({
        "treatment_id": app.id("treatment"), "format": "soap",
        "sections": [{ "name": "subjective", "text": text }, { "name": "plan", "text": "Go on." }],
    })
}

/// A draft of the associate, whose notes need their supervisor's signature.
pub fn of_associate(app: &TestApp, text: &str) -> Value {
    let mut new = soap(app, text);
    new["treatment_id"] = app.id("treatment_on_hold").into();
    new
}

/// Writes a draft; its path.
pub async fn write(app: &TestApp, who: &str, new: Value) -> String {
    app.caller(who).post(NOTES, new).await.expect(201).header("location")
}

pub async fn sign(app: &TestApp, who: &str, path: &str) -> Answer {
    let hand = json!({ "typed_name": "M. Sample" });
    app.caller(who).post(&format!("{path}/sign"), hand).await
}

/// What the caller may do with a note, by the answer's own words.
fn allowed(answer: &Answer) -> Vec<String> {
    let capabilities = answer.json()["capabilities"].as_array().cloned().unwrap_or_default();
    let open = capabilities.iter().filter(|one| one["allowed"] == true);
    open.filter_map(|one| one["action"].as_str().map(str::to_owned)).collect()
}

type Asked<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// All of them at once; their outcomes in the order in which they were asked.
async fn at_once<T>(mut asked: Vec<Asked<'_, T>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = asked.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, outcome) in asked.iter_mut().zip(&mut done) {
            if outcome.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *outcome = Some(value);
            }
        }
        if done.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
