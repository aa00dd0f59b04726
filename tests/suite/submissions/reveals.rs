//! Reveals: nothing before all have answered, everything with the last of them.

use serde_json::{Value, json};

use super::{assign, device_id, for_couple, goals, place, shared, submitted};
use crate::support::TestApp;

#[actix_web::test]
async fn statements_open_together_and_not_before() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let homework = for_couple(&app, "goal_statements").await;
    let assignment = format!("/v1/assignments/{homework}");
    let before = b.get(&assignment).await;
    app.clock.advance_seconds(60);
    a.put(&place(&homework, 1), submitted(goals("money"))).await.expect(201);
    assert!(shared(&b, &homework).await.is_empty());
    assert_eq!(b.get(&assignment).await.body, before.body, "nothing tells that A has answered");
    let list = morgan.get("/v1/submissions").await.ids();
    let read = morgan.get(&format!("/v1/submissions/{}", list[0])).await;
    assert_eq!(read.json()["answers"], goals("money"), "the clinician reads it on submission");

    app.clock.advance_seconds(60);
    b.put(&place(&homework, 2), submitted(goals("time"))).await.expect(201);
    let (to_a, to_b) = (shared(&a, &homework).await, shared(&b, &homework).await);
    assert_eq!((to_a.len(), to_b.len()), (1, 1));
    assert_eq!(to_a[0]["shared_at"], to_b[0]["shared_at"]);
    assert_eq!(to_b[0]["answers"]["problem"], goals("money")["problem"]);
    assert!(to_b[0]["answers"].get("themes").is_none(), "private stays private");
    assert_eq!(b.get(&assignment).await.text("/status"), "in_progress");
    let tag = a.get(&format!("/v1/submissions/{}", device_id(1))).await.header("etag");
    app.clock.advance_seconds(60);
    let path = place(&homework, 1);
    let amended = a.header("if-match", &tag).put(&path, submitted(goals("work"))).await;
    assert_eq!(amended.expect(200).text("/status"), "amended");
    let to_b = shared(&b, &homework).await;
    assert_eq!(to_b.len(), 2);
    assert!(to_b[0]["superseded_at"].is_string(), "what was read stays, marked");
}

/// Lights: a word for both, and no colour of anybody's.
#[actix_web::test]
async fn a_number_for_both_says_only_high_or_low() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let homework = for_couple(&app, "weekly_pulse").await;
    let pulse = |noticed: u8| {
        json!({ "blowups": 1, "soft_moments": 3, "clear_asks": 2, "temperature": 6,
        "ease_of_reaching": 5, "gestures_noticed": noticed, "resentment": 1, "feel_like_house_manager": 0 })
    };
    a.put(&place(&homework, 1), submitted(pulse(120))).await.expect(201);
    let own = a.get(&format!("/v1/submissions/{}", device_id(1))).await.json();
    assert_eq!(own["outcomes"], json!({}), "no outcome before all have answered");
    b.put(&place(&homework, 1), submitted(pulse(90))).await.expect(201);
    for (caller, id) in [(&a, device_id(1)), (&b, device_id(1))] {
        let read = caller.get(&format!("/v1/submissions/{id}")).await.json();
        assert_eq!(read["outcomes"], json!({ "gestures_noticed": "higher" }));
    }
    assert!(
        shared(&b, &homework)
            .await
            .iter()
            .all(|one| one["answers"].get("gestures_noticed").is_none())
    );
    for id in morgan.get("/v1/submissions").await.ids() {
        let read = morgan.get(&format!("/v1/submissions/{id}")).await.json();
        assert_eq!(read["outcomes"], json!({ "gestures_noticed": "higher" }));
        assert!(read["answers"]["gestures_noticed"].is_u64(), "this one clinicians read in full");
    }
}

/// An inventory as the practice wrote it, without the gates that wait for later features.
async fn inventory(app: &TestApp, name: &str) -> String {
    let morgan = app.caller("clinician");
    let found =
        morgan.get("/v1/activity-definitions?key=sensual_inventory").await.text("/data/0/id");
    let mut definition =
        morgan.get(&format!("/v1/activity-definitions/{found}")).await.json()["definition"].clone();
    definition["key"] = json!(name);
    definition["sensitivity"] = json!("relational");
    definition["category"] = json!("shared_meaning");
    definition["adults_only"] = json!(false);
    definition["gates"].as_array_mut().unwrap().retain(|gate| gate["at"] == "open");
    let made = morgan.post("/v1/activity-definitions", definition).await.expect(201).text("/id");
    morgan.act(&format!("/v1/activity-definitions/{made}/activate")).await.expect(200);
    made
}

async fn assign_inventory(app: &TestApp, definition: &str) -> String {
    let body = json!({ "activity_definition_id": definition, "couple_id": app.id("couple") });
    app.caller("clinician").post("/v1/assignments", body).await.expect(201).text("/id")
}

async fn codes(app: &TestApp, definition: &str) -> Vec<String> {
    let path = format!("/v1/activity-definitions/{definition}");
    let shown = app.caller("clinician").get(&path).await.json();
    let entries =
        shown["definition"]["items"][0]["inventory"]["entries"].as_array().unwrap().clone();
    entries.iter().map(|entry| entry["code"].as_str().unwrap().to_owned()).collect()
}

fn words(codes: &[String], word: impl Fn(usize) -> &'static str) -> Value {
    let entries: serde_json::Map<String, Value> =
        codes.iter().enumerate().map(|(index, code)| (code.clone(), json!(word(index)))).collect();
    json!({ "inventory": { "entries": entries } })
}

/// Both see what both marked, and nobody finds out more by trying.
#[actix_web::test]
async fn an_inventory_opens_where_both_said_yes_and_is_locked_for_some_days() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let definition = inventory(&app, "what_we_like").await;
    let codes = codes(&app, &definition).await;
    let homework = assign_inventory(&app, &definition).await;
    let few = words(&codes[..19], |_| "yes");
    let refused = a.put(&place(&homework, 1), submitted(few)).await.expect(422);
    assert_eq!(refused.faults(), ["/answers/inventory/entries too_few"]);
    a.put(&place(&homework, 1), submitted(words(&codes, |_| "yes"))).await.expect(201);
    let of_b = |index: usize| ["yes", "curious", "not_now", "no"][index % 4];
    b.put(&place(&homework, 1), submitted(words(&codes, of_b))).await.expect(201);
    let both: Vec<&String> =
        codes.iter().enumerate().filter(|(index, _)| index % 4 < 2).map(|(_, code)| code).collect();
    for caller in [&a, &b] {
        let read = caller.get(&format!("/v1/submissions/{}", device_id(1))).await.json();
        assert_eq!(read["outcomes"], json!({ "inventory": both }));
    }
    assert!(
        shared(&b, &homework).await.is_empty(),
        "no answer of A's is shown, only what both marked"
    );

    // A second try, as an amendment and as new homework, changes what was revealed: not yet.
    let tag = b.get(&format!("/v1/submissions/{}", device_id(1))).await.header("etag");
    let again = words(&codes, |_| "yes");
    let path = place(&homework, 1);
    let refused = b.header("if-match", &tag).put(&path, submitted(again.clone())).await.expect(409);
    assert_eq!(refused.text("/code"), "locked_for_days");
    assert_eq!(
        refused.json()["errors"].as_array().unwrap().len(),
        codes.iter().enumerate().filter(|(index, _)| index % 4 > 0).count()
    );
    // One entry fewer is no try, and what was revealed is still known when the next one comes.
    app.clock.advance_seconds(60);
    let fewer = words(&codes[1..], |index| of_b(index + 1));
    let changed = b.header("if-match", &tag).put(&path, submitted(fewer)).await.expect(200);
    assert_eq!(changed.text("/status"), "amended");
    let tag = changed.header("etag");
    let refused = b.header("if-match", &tag).put(&path, submitted(again.clone())).await.expect(409);
    assert!(refused.faults().iter().all(|fault| fault.ends_with(" locked")));
    let second = assign_inventory(&app, &definition).await;
    b.put(&place(&second, 2), submitted(again.clone())).await.expect(409);
    b.put(&place(&second, 2), submitted(words(&codes, of_b))).await.expect(201);
    app.days_pass(15);
    let third = assign_inventory(&app, &definition).await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    b.put(&place(&third, 3), submitted(again.clone())).await.expect(201);
    let frozen = a.get(&format!("/v1/submissions/{}", device_id(1))).await.json();
    assert_eq!(frozen["outcomes"], json!({ "inventory": both }), "a snapshot does not move");
    a.put(&place(&third, 3), submitted(again)).await.expect(201);
    let read = a.get(&format!("/v1/submissions/{}", device_id(3))).await.json();
    assert_eq!(read["outcomes"]["inventory"].as_array().unwrap().len(), codes.len());
}

/// Who may feel that they cannot say no: more than 95 of 100 as good as alike, and not one of them at 95.
#[actix_web::test]
async fn whoever_marks_nearly_all_alike_is_told_of_to_the_clinician_alone() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let told = async || {
        let alerts = morgan.get("/v1/alerts?limit=200").await.expect(200).json();
        let all = alerts["data"].as_array().unwrap().iter();
        all.filter(|one| one["code"] == "nearly_all_alike").cloned().collect::<Vec<Value>>()
    };
    let definition = inventory(&app, "what_we_like").await;
    let codes = codes(&app, &definition).await;
    let first = assign_inventory(&app, &definition).await;
    a.put(&place(&first, 1), submitted(words(&codes, |_| "yes"))).await.expect(201);
    let of_a = told().await;
    assert_eq!(of_a.len(), 1, "{of_a:?}");
    assert_eq!(of_a[0]["kind"], "clinician_prompt");
    assert_eq!(of_a[0]["severity"], "info", "nobody is called for it");
    assert_eq!(of_a[0]["client_id"], app.id("partner_a"));
    let of_b = words(&codes, |index| ["yes", "curious", "not_now", "no"][index % 4]);
    b.put(&place(&first, 1), submitted(of_b)).await.expect(201);
    assert_eq!(told().await, of_a, "nothing is told of who marks this and that");

    // Nineteen of twenty are the ninety-five, and twenty of twenty are more.
    let other = inventory(&app, "what_we_like_too").await;
    let second = assign_inventory(&app, &other).await;
    let but_one = words(&codes[..20], |index| if index == 7 { "no" } else { "curious" });
    b.put(&place(&second, 2), submitted(but_one)).await.expect(201);
    assert_eq!(told().await, of_a);
    a.put(&place(&second, 2), submitted(words(&codes[..20], |_| "curious"))).await.expect(201);
    assert_eq!(told().await.len(), 2, "another word that counts as alike is no other");
}

/// The fourteen days end to the second.
#[actix_web::test]
async fn what_an_inventory_revealed_can_change_when_fourteen_days_have_passed() {
    let app = TestApp::start().await;
    let definition = inventory(&app, "what_we_like").await;
    let codes = codes(&app, &definition).await;
    let first = assign_inventory(&app, &definition).await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    a.put(&place(&first, 1), submitted(words(&codes, |_| "yes"))).await.expect(201);
    b.put(&place(&first, 1), submitted(words(&codes, |_| "not_now"))).await.expect(201);
    app.clock.advance_seconds(86_400 - 1);
    app.days_pass(13);
    let second = assign_inventory(&app, &definition).await;
    let b = app.caller("partner_b");
    let again = submitted(words(&codes, |_| "curious"));
    let refused = b.put(&place(&second, 2), again.clone()).await.expect(409);
    assert_eq!(refused.text("/code"), "locked_for_days", "a second too early");
    app.clock.advance_seconds(1);
    b.put(&place(&second, 2), again).await.expect(201);
}

/// An exercise with roles: each takes another one, and answers what theirs is asked.
#[actix_web::test]
async fn each_answers_in_the_role_that_they_take() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let question = |link_id: &str, role: &str| {
        json!({ "link_id": link_id, "type": "text", "text": "Say it.", "required": true, "about": "self",
                "visibility": "mutual_reveal", "max_length": 200, "role": role })
    };
    let definition = json!({
        "key": "tell_and_hear", "version": "1.0.0", "title": "Tell and hear",
        "source": [{ "seed": "practice", "ref": "our own" }], "category": "unspoken",
        "threads": ["emotional_safety"], "sensitivity": "relational", "subject": "couple",
        "capture": "form", "participation": { "mode": "roles", "roles": ["speaker", "listener"] },
        "items": [question("told", "speaker"), question("heard", "listener")],
        "gates": [{ "at": "open", "when": { "flag": "conjoint_hold", "active": false },
                    "else": { "action": "block_neutral", "code": "paused", "public_text": "Resting." } }],
        "adherence": { "unit": "week", "completed_when": "all_submitted" },
    });
    let made = morgan.post("/v1/activity-definitions", definition).await.expect(201).text("/id");
    morgan.act(&format!("/v1/activity-definitions/{made}/activate")).await.expect(200);
    let homework = assign_inventory(&app, &made).await;
    let form = a.get(&format!("/v1/assignments/{homework}/form")).await.expect(200).json();
    assert_eq!(form["role_schemas"]["speaker"]["required"], json!(["told"]));
    assert_eq!(form["role_schemas"]["listener"]["required"], json!(["heard"]));
    let say = |role: Option<&str>, answers: Value| json!({ "status": "submitted", "role": role, "answers": answers });
    let none = a.put(&place(&homework, 1), say(None, json!({ "told": "So." }))).await.expect(422);
    assert_eq!(none.faults(), ["/role mismatch"]);
    let wrong = a.put(&place(&homework, 1), say(Some("listener"), json!({ "told": "So." }))).await;
    let mut faults = wrong.expect(422).faults();
    faults.sort();
    assert_eq!(faults, ["/answers/heard required", "/answers/told unknown_field"]);
    a.put(&place(&homework, 1), say(Some("speaker"), json!({ "told": "So." }))).await.expect(201);
    b.put(&place(&homework, 1), say(Some("listener"), json!({ "heard": "Yes." })))
        .await
        .expect(201);
    assert_eq!(shared(&b, &homework).await[0]["answers"], json!({ "told": "So." }));
}

/// What is due once has one time, and what comes late is kept and marked.
#[actix_web::test]
async fn late_is_a_mark_and_no_error() {
    let app = TestApp::start().await;
    let due = json!({ "couple_id": app.id("couple"), "due_at": "2026-12-03T20:00:00Z" });
    let homework = assign(&app, "quarterly_review", due).await;
    app.days_pass(3);
    let a = app.caller("partner_a");
    let review = json!({ "felt_good": "The walks.", "felt_heavy": "The evenings.", "experiment": "Phones away." });
    let in_time =
        json!({ "status": "submitted", "completed_at": "2026-12-03T19:00:00Z", "answers": review });
    let receipt = a.put(&place(&homework, 1), in_time).await.expect(201);
    assert_eq!(receipt.json()["late"], false, "it was done in time and came in within three days");
    let tag = receipt.header("etag");
    let now = json!({ "status": "submitted", "answers": { "felt_good": "The long walks.",
        "felt_heavy": "The evenings.", "experiment": "Phones away." } });
    let late = a.header("if-match", &tag).put(&place(&homework, 1), now).await.expect(200);
    assert_eq!(late.json()["late"], true);
}
