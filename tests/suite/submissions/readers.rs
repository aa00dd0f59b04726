//! The table of who reads an answer, cell by cell, as each person finds it by asking.

use serde_json::{Value, json};

use super::{device_id, place, shared, submitted};
use crate::support::TestApp;

/// A question, its audience and the clinicians' part, then what the partner and what their clinician find once one has
/// sent, and once both have: the answer, an outcome, both, or nothing.
type Question = (&'static str, &'static str, &'static str, [&'static str; 2], [&'static str; 2]);

const TABLE: [Question; 9] = [
    ("evening", "shared", "full", ["answer", "answer"], ["answer", "answer"]),
    ("ours", "shared", "none", ["answer", "answer"], ["-", "-"]),
    ("worry", "mutual_reveal", "full", ["-", "answer"], ["answer", "answer"]),
    ("between_us", "mutual_reveal", "none", ["-", "answer"], ["-", "-"]),
    ("ease", "aggregate_only", "aggregate", ["-", "outcome"], ["-", "outcome"]),
    ("level", "aggregate_only", "full", ["-", "outcome"], ["answer", "both"]),
    ("topics", "overlap_only", "overlap", ["-", "outcome"], ["-", "outcome"]),
    ("to_therapist", "clinician", "full", ["-", "-"], ["answer", "answer"]),
    ("to_myself", "author_only", "none", ["-", "-"], ["-", "-"]),
];

/// An exercise of the practice's own that asks all of them.
fn exercise() -> Value {
    let questions = TABLE.map(|(link_id, audience, clinicians, ..)| {
        let mut question = json!({ "link_id": link_id, "text": "Say it.", "visibility": audience,
                                   "clinician_visibility": clinicians });
        let more = match link_id {
            "ease" | "level" => json!({ "type": "scale", "scale": { "min": 0, "max": 10 } }),
            "topics" => json!({ "type": "inventory",
                "options": [{ "code": "now", "label": "Now" }, { "code": "later", "label": "Later" }],
                "inventory": { "responses": ["now", "later"], "match_set": ["now"],
                               "entries": [{ "code": "rent", "label": "The rent" },
                                           { "code": "loans", "label": "The loans" }] } }),
            _ => json!({ "type": "string", "max_length": 200, "required": link_id == "evening" }),
        };
        question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        question
    });
    json!({
        "key": "money_talk", "version": "1.0.0", "title": "Before we speak of money",
        "source": [{ "seed": "practice", "ref": "our own" }], "category": "shared_labor",
        "threads": ["practical_partnership"], "sensitivity": "relational", "subject": "couple",
        "capture": "form", "participation": { "mode": "each" }, "items": questions,
        "gates": [{ "at": "open", "when": { "flag": "conjoint_hold", "active": false },
                    "else": { "action": "block_neutral", "code": "paused", "public_text": "Resting." } }],
        "adherence": { "unit": "occurrence", "completed_when": "all_submitted" },
    })
}

fn answers(word: &str, number: u8) -> Value {
    json!({ "evening": format!("{word}, at the table."), "ours": format!("{word}, together."),
            "worry": format!("{word}, and the bank."), "between_us": format!("{word}, and my sister."),
            "ease": number, "level": number, "topics": { "entries": { "rent": "now", "loans": "now" } },
            "to_therapist": format!("{word}, slowly."), "to_myself": format!("{word}, at last.") })
}

/// What somebody finds of the answers that A has given in this homework, and of what came of them.
async fn found_by(app: &TestApp, who: &str, homework: &str) -> Value {
    let caller = app.caller(who);
    let own = format!("/v1/submissions/{}", device_id(1));
    match who {
        "partner_a" => caller.get(&own).await.expect(200).json(),
        "partner_b" => {
            caller.get(&own).await.expect(404);
            let mut answers = serde_json::Map::new();
            for one in shared(&caller, homework).await {
                answers.extend(one["answers"].as_object().unwrap().clone());
            }
            let his = caller.get(&format!("/v1/submissions/{}", device_id(2))).await.json();
            json!({ "answers": answers, "outcomes": his["outcomes"] })
        }
        _ => {
            let author = app.id("partner_a");
            let list = format!("/v1/submissions?assignment_id={homework}&author_id={author}");
            let ids = caller.get(&list).await.expect(200).ids();
            let Some(id) = ids.first() else { return json!({}) };
            caller.get(&format!("/v1/submissions/{id}")).await.expect(200).json()
        }
    }
}

/// How one question stands in what was found. An answer that is there is the answer that was given.
fn cell(found: &Value, given: &Value, link_id: &str) -> &'static str {
    let (answer, outcome) = (&found["answers"][link_id], &found["outcomes"][link_id]);
    assert!(answer.is_null() || *answer == given[link_id], "{link_id}: {answer}");
    match (answer.is_null(), outcome.is_null()) {
        (false, true) => "answer",
        (true, false) => "outcome",
        (false, false) => "both",
        (true, true) => "-",
    }
}

/// Compares a whole stage; how many cells it had. At the stage 0 A has sent, at the stage 1 both have.
async fn compare(app: &TestApp, homework: &str, given: &Value, stage: Option<usize>) -> usize {
    let mut cells = 0;
    for who in ["partner_a", "partner_b", "clinician", "associate"] {
        let found = found_by(app, who, homework).await;
        for (link_id, _, _, partner, clinician) in TABLE {
            let at = |row: [&'static str; 2]| stage.map_or("-", |stage| row[stage]);
            let expected = match who {
                "partner_a" if at(partner) == "outcome" => "both",
                "partner_a" => "answer",
                "partner_b" => at(partner),
                "clinician" => at(clinician),
                _ => "-",
            };
            assert_eq!(cell(&found, given, link_id), expected, "{link_id} to {who} at {stage:?}");
            cells += 1;
        }
    }
    cells
}

#[actix_web::test]
async fn each_reads_of_each_question_what_the_table_says_at_every_stage() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let made = morgan.post("/v1/activity-definitions", exercise()).await.expect(201).json();
    let id = made["id"].as_str().unwrap();
    assert_eq!(made["findings"], json!([]));
    morgan.act(&format!("/v1/activity-definitions/{id}/activate")).await.expect(200);
    let new = json!({ "activity_definition_id": id, "couple_id": app.id("couple") });
    let homework = morgan.post("/v1/assignments", new).await.expect(201).text("/id");

    let (hers, path) = (answers("The rent", 7), place(&homework, 1));
    let draft = json!({ "status": "draft", "answers": hers });
    let tag = a.put(&path, draft).await.expect(201).header("etag");
    let mut cells = compare(&app, &homework, &hers, None).await;
    a.header("if-match", &tag).put(&path, submitted(hers.clone())).await.expect(200);
    cells += compare(&app, &homework, &hers, Some(0)).await;
    let sent = morgan.get(&format!("/v1/submissions?assignment_id={homework}")).await.ids();
    app.caller("associate").get(&format!("/v1/submissions/{}", sent[0])).await.expect(404);
    b.put(&place(&homework, 2), submitted(answers("The loans", 5))).await.expect(201);
    cells += compare(&app, &homework, &hers, Some(1)).await;
    app.caller("associate").get(&format!("/v1/submissions/{}", sent[0])).await.expect(404);
    println!("{cells} cells, 0 differences");
}
