//! The status of a note, against a model that is written from `domain` 2.4.10 and 5.2, with two callers at a
//! time: what both are told must come of one order of the two.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::{Asked, at_once, of_associate, write};
use crate::support::{Answer, TestApp};

const SEQUENCES: usize = 1_000;

const ACTORS: [&str; 3] = ["associate", "supervisor", "clinician"];
const ACTIONS: [&str; 7] =
    ["update", "sign", "discard", "cosign", "return", "addenda", "enter-in-error"];

type Deed = (&'static str, &'static str);

/// What somebody is told, and where the note stands then. The associate writes it, the supervisor reads what
/// they write, and the clinician has nothing to do with that treatment.
fn model(status: &'static str, (who, action): Deed) -> (u16, &'static str) {
    let (author, supervisor) = (who == "associate", who == "supervisor");
    if !author && !supervisor {
        return (404, status);
    }
    let may = match action {
        "update" | "sign" | "discard" => author,
        "cosign" | "return" => supervisor,
        _ => true,
    };
    if !may {
        return (403, status);
    }
    let locked = ["signed", "amended"].contains(&status);
    let next = match (action, status) {
        ("update", "draft") | ("return", "pending_cosign") => "draft",
        ("sign", "draft") => "pending_cosign",
        ("discard", "draft") => "discarded",
        ("cosign", "pending_cosign") => "signed",
        ("addenda", _) if locked => "amended",
        ("enter-in-error", _) if locked => "entered_in_error",
        _ => return (409, status),
    };
    (if action == "addenda" { 201 } else { 200 }, next)
}

async fn act(app: &TestApp, path: &str, (who, action): Deed, number: usize) -> Answer {
    let caller = app.caller(who);
    let hand = json!({ "typed_name": "Somebody" });
    let body: Value = match action {
        "update" => {
            let text = format!("Attempt {number}.");
            let sections = json!({ "sections": [{ "name": "plan", "text": text }] });
            return caller.patch_if(path, "*", sections).await;
        }
        "discard" => return caller.act(&format!("{path}/discard")).await,
        "return" => json!({ "remark": "Again." }),
        "addenda" => json!({ "reason": "correction", "text": "More.", "typed_name": "Somebody" }),
        "enter-in-error" => json!({ "reason": "Not theirs." }),
        _ => hand,
    };
    caller.post(&format!("{path}/{action}"), body).await
}

#[actix_web::test]
async fn whatever_two_callers_try_at_once_is_told_as_one_after_the_other() {
    let app = TestApp::start().await;
    let mut runner = TestRunner::deterministic();
    // What ends a note is tried less often, or it would seldom come far.
    let weighted = prop::sample::select(
        [&ACTIONS[..], &["update", "sign", "sign", "cosign", "cosign", "addenda", "return"]]
            .concat(),
    );
    let who = prop::sample::select(
        [&ACTORS[..], &["associate", "supervisor", "associate", "supervisor"]].concat(),
    );
    let steps = prop::collection::vec((who.clone(), weighted.clone(), who, weighted), 2..5);
    let (mut deeds, mut reached) = (0, std::collections::BTreeSet::new());
    for number in 0..SEQUENCES {
        let path = write(&app, "associate", of_associate(&app, "A beginning.")).await;
        let mut status = "draft";
        for (one, first, other, second) in steps.new_tree(&mut runner).unwrap().current() {
            let pair = [(one, first), (other, second)];
            let asked: Vec<Asked<'_, Answer>> = pair
                .iter()
                .map(|deed| -> Asked<'_, Answer> { Box::pin(act(&app, &path, *deed, number)) })
                .collect();
            let told: Vec<u16> =
                at_once(asked).await.iter().map(|answer| answer.status.as_u16()).collect();
            let orders = [[0, 1], [1, 0]].map(|[before, after]| {
                let (was, between) = model(status, pair[before]);
                let (is, then) = model(between, pair[after]);
                let mut expected = vec![0, 0];
                (expected[before], expected[after]) = (was, is);
                (expected, then)
            });
            let now = app.caller("associate").get(&path).await.expect(200).text("/status");
            let fits = orders.iter().find(|(expected, then)| *expected == told && *then == now);
            let (_, then) = fits.unwrap_or_else(|| {
                panic!("sequence {number}: {pair:?} from {status} told {told:?}, now {now}; possible {orders:?}")
            });
            status = then;
            reached.insert(status);
            deeds += 2;
        }
    }
    assert_eq!(reached.len(), 6, "{reached:?}");
    println!("{SEQUENCES} sequences, {deeds} deeds by two at a time, 0 divergences");
}
