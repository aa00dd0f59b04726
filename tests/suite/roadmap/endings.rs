//! How a programme goes on to its next phase, and how it ends.

use serde_json::{Value, json};

use super::{Couple, go_to};
use crate::programs::{action, begun};
use crate::submissions::{place, submitted};
use crate::support::TestApp;

/// The figure looks back as far as the criteria ask: the first of two Sundays counts in the second week too.
#[actix_web::test]
async fn one_reflection_of_two_opens_the_next_phase_without_a_reason() {
    let app = TestApp::start().await;
    go_to(&app, "2026-12-07T09:00");
    let more = json!({ "program_definition_key": "trust_and_momentum", "starts_on": "2026-12-07" });
    let program = begun(&app, more).await;
    let advance = format!("/v1/programs/{}/advance", program.text("/id"));
    let waits = app.caller("clinician").post(&advance, json!({})).await.expect(409);
    assert_eq!(waits.faults(), ["/reason criteria_not_met"], "nothing is known yet");

    let actions = program.json()["phases"][0]["actions"].as_array().unwrap().clone();
    let reflection = actions.iter().find(|action| action["key"] == "reflection").unwrap();
    let reflection = reflection["assignment_id"].as_str().unwrap().to_owned();
    go_to(&app, "2026-12-13T12:00");
    app.tick().await;
    for (number, who) in [(961, "partner_a"), (962, "partner_b")] {
        let answers = submitted(json!({ "kept_word": 3, "on_time": 3, "listened": 4 }));
        app.caller(who).put(&place(&reflection, number), answers).await.expect(201);
    }
    // The second Sunday is left out.
    go_to(&app, "2026-12-21T09:00");
    app.tick().await;
    let next = app.caller("clinician").post(&advance, json!({})).await.expect(200);
    assert_eq!(next.text("/current_phase"), "weeks_3_4");
    let passed = Couple::deviations(&next);
    assert!(!passed.contains(&"criteria weeks_1_2".to_owned()), "{passed:?}");

    // Six are open, as many as the practice allows. What could be left out waits for Morgan's word.
    assert_eq!(action(&next, "progress")["state"], "assigned");
    assert_eq!(action(&next, "celebrate")["state"], "offered");
    let deviate = format!("/v1/programs/{}/deviate", program.text("/id"));
    let change = |kind: &str, action: &str| json!({ "kind": kind, "action": action, "reason": "It suits them." });
    let morgan = app.caller("clinician");
    let full = morgan.post(&deviate, change("take_up", "celebrate")).await.expect(409);
    assert_eq!(full.faults(), ["/couple_id too_many"]);
    morgan.post(&deviate, change("skip", "grace")).await.expect(200);
    let taken = morgan.post(&deviate, change("take_up", "celebrate")).await.expect(200);
    assert_eq!(action(&taken, "celebrate")["state"], "assigned");
}

/// Who ends before the last phase has something to look back on too.
#[actix_web::test]
async fn a_programme_that_ends_early_books_its_look_back() {
    for definition in ["roadmap_60_day", "trust_and_momentum"] {
        let app = TestApp::start().await;
        go_to(&app, "2026-12-07T09:00");
        let more = json!({ "program_definition_key": definition, "starts_on": "2026-12-07" });
        let path = format!("/v1/programs/{}/complete", begun(&app, more).await.text("/id"));
        let reason = json!({ "reason": "They go on by themselves." });
        let morgan = app.caller("clinician");
        let done = morgan.post(&path, reason).await.expect(200);
        assert_eq!(done.text("/next_review_on"), "2027-03-07", "{definition}");
        let review = action(&done, "first_quarterly");
        assert_eq!(review["state"], "assigned");
        let review = format!("/v1/assignments/{}", review["assignment_id"].as_str().unwrap());
        // On that day it is there for both, and not three months later.
        go_to(&app, "2027-03-07T09:00");
        app.tick().await;
        let times = app.caller("clinician").get(&format!("{review}/occurrences")).await.expect(200);
        assert_eq!(times.text("/data/0/local_date"), "2027-03-07", "{definition}");
        let page = format!("/v1/couples/{}/dashboard", app.id("couple"));
        for partner in ["partner_a", "partner_b"] {
            let inbox = app.caller(partner).get("/v1/me/inbox").await.expect(200).json();
            let due = inbox["items"].as_array().unwrap().iter();
            let due: Vec<&str> =
                due.map(|one| one["assignment"]["key"].as_str().unwrap_or("")).collect();
            assert!(due.contains(&"quarterly_review"), "{due:?}");
            let next = app.caller(partner).get(&page).await.expect(200).json()["next"].clone();
            assert!(next.as_array().unwrap().iter().any(|one| one["local_date"] == "2027-03-07"));
        }
        let rest =
            action(&done, if definition == "roadmap_60_day" { "repairs" } else { "progress" });
        assert_eq!(rest["state"], "skipped");
    }
}

/// The practice does without the review: the programme ends all the same, and no day is named for what is not there.
#[actix_web::test]
async fn a_programme_ends_early_also_where_no_look_back_can_be_booked() {
    let couple = Couple::begin().await;
    let morgan = couple.app.caller("clinician");
    let found =
        morgan.get("/v1/activity-definitions?key=quarterly_review").await.text("/data/0/id");
    morgan.act(&format!("/v1/activity-definitions/{found}/retire")).await.expect(200);
    let path = format!("/v1/programs/{}/complete", couple.program.text("/id"));
    let reason = json!({ "reason": "They live apart for now." });
    let done = morgan.post(&path, reason).await.expect(200);
    assert_eq!(done.json()["next_review_on"], Value::Null);
    let review = action(&done, "first_quarterly");
    assert_eq!((&review["state"], &review["due_on"]), (&json!("skipped"), &Value::Null));
}
