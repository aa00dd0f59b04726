//! The status of a session, against a model that is written from `domain` 2.4.11.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use super::{alone, book};
use crate::support::TestApp;

const ACTIONS: [&str; 7] =
    ["schedule", "confirm", "check-in", "complete", "cancel", "record-no-show", "rebook"];

fn after(status: &str, action: &str) -> Option<&'static str> {
    let open = ["booked", "confirmed"].contains(&status);
    Some(match action {
        "schedule" if status == "requested" => "booked",
        "confirm" if status == "booked" => "confirmed",
        "check-in" if open => "arrived",
        "complete" if open || status == "arrived" => "completed",
        "cancel" if status == "requested" => "cancelled",
        // The sessions of this test have begun.
        "cancel" if open => "late_cancelled",
        "record-no-show" if open => "no_show",
        "rebook" if open || status == "requested" => "rescheduled",
        _ => return None,
    })
}

#[actix_web::test]
async fn whatever_is_tried_in_whatever_order_the_status_is_that_of_the_model() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let mut runner = TestRunner::deterministic();
    let sequences = prop::collection::vec(prop::sample::select(ACTIONS.to_vec()), 1..6);
    let (mut tried, mut refused) = (0, 0);
    for number in 0..120_i64 {
        let mut new = alone(&app, 18).await;
        let from = app.clock.now().plus_seconds(-7_200 * (number * 3 + 3));
        let until = |seconds| from.plus_seconds(seconds).to_string();
        new["starts_at"] = json!(from.to_string());
        new["ends_at"] = json!(until(1_800));
        new["requested"] = json!(number % 2 == 0);
        let path = book(&app, new).await.expect(201).header("location");
        let mut status = if number % 2 == 0 { "requested" } else { "booked" };
        for action in sequences.new_tree(&mut runner).unwrap().current() {
            let body = match action {
                "complete" => Some(json!({})),
                "cancel" => Some(json!({ "by": "client" })),
                "rebook" => Some(json!({ "starts_at": until(3_600), "ends_at": until(5_400) })),
                _ => None,
            };
            let at = format!("{path}/{action}");
            let answer = match body {
                Some(body) => morgan.post(&at, body).await,
                None => morgan.act(&at).await,
            };
            tried += 1;
            if let Some(next) = after(status, action) {
                assert_eq!(answer.expect(200).text("/status"), next, "{action} from {status}");
                status = next;
            } else {
                let possible: Vec<_> =
                    ACTIONS.iter().filter(|action| after(status, action).is_some()).collect();
                let answer = answer.expect(409);
                assert_eq!(answer.text("/code"), "invalid_transition");
                assert_eq!(answer.json()["allowed_transitions"], json!(possible), "{status}");
                refused += 1;
            }
        }
    }
    assert!(tried > 250 && refused > 50, "{tried} {refused}");
    println!("{tried} actions on 120 sessions, {refused} refused, 0 divergences");
}
