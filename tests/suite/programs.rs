//! Programmes: begun in one step by the clinician, led from phase to phase, and read by both partners alike.

use serde_json::{Value, json};

use crate::submissions::{for_client, place, submitted};
use crate::support::{Answer, Caller, TestApp};

pub const PATH: &str = "/v1/programs";
const REASON: &str = "They have agreed on both in session; the documents come later.";

/// Both partners of the story answer the routine questions, each alone.
pub async fn screen_both(app: &TestApp) {
    for (number, partner) in [(901, "partner_a"), (902, "partner_b")] {
        let screen = for_client(app, "risk_screen", partner).await;
        app.caller(partner).put(&place(&screen, number), all_is_well()).await.expect(201);
    }
}

/// Answers to the routine questions that raise nothing.
pub fn all_is_well() -> Value {
    submitted(json!({ "private_device": true, "alone_now": true, "infidelity": "no",
        "untreated_addiction": "no", "afraid": "no", "major_symptoms": "no" }))
}

/// What Morgan begins, with more members of the body.
pub fn roadmap(app: &TestApp, more: Value) -> Value {
    let mut body = json!({ "program_definition_key": "roadmap_60_day", "couple_id": app.id("couple"),
                           "starts_on": "2026-11-23", "reason": REASON });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// The roadmap, begun for the couple of the story, whose partners have been screened.
pub async fn begun(app: &TestApp, more: Value) -> Answer {
    screen_both(app).await;
    app.caller("clinician").post(PATH, roadmap(app, more)).await.expect(201)
}

fn at(program: &Answer) -> String {
    format!("{PATH}/{}", program.text("/id"))
}

async fn step(caller: &Caller<'_>, path: &str, name: &str, body: Value) -> Answer {
    caller.post(&format!("{path}/{name}"), body).await
}

/// First and last day of each phase, as planned.
fn planned(program: &Answer) -> Vec<[String; 2]> {
    let phases = program.json()["phases"].as_array().unwrap().clone();
    let day = |phase: &Value, name: &str| phase[name].as_str().unwrap().to_owned();
    phases.iter().map(|one| [day(one, "planned_from"), day(one, "planned_to")]).collect()
}

pub fn action(program: &Answer, key: &str) -> Value {
    let phases = program.json()["phases"].as_array().unwrap().clone();
    let actions = phases.iter().flat_map(|phase| phase["actions"].as_array().unwrap().clone());
    actions.into_iter().find(|one| one["key"] == key).unwrap_or(Value::Null)
}

fn state(program: &Answer, key: &str) -> String {
    action(program, key)["state"].as_str().unwrap_or("absent").to_owned()
}

/// `kind about` of every deviation.
fn deviations(program: &Answer) -> Vec<String> {
    let all = program.json()["deviations"].as_array().unwrap().clone();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    all.iter().map(|one| format!("{} {}", text(&one["kind"]), text(&one["about"]))).collect()
}

async fn homework(app: &TestApp, program: &Answer, key: &str) -> Answer {
    let id = action(program, key)["assignment_id"].as_str().unwrap_or_default().to_owned();
    app.caller("clinician").get(&format!("/v1/assignments/{id}")).await.expect(200)
}

#[actix_web::test]
async fn the_definitions_are_there_to_be_read_by_staff() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let all = morgan.get("/v1/program-definitions").await.expect(200).json();
    assert_eq!(all["data"][0]["key"], "roadmap_60_day");
    assert_eq!(all["next_cursor"], Value::Null);
    let one = morgan.get("/v1/program-definitions/roadmap_60_day").await.expect(200).json();
    assert_eq!(one["phases"].as_array().unwrap().len(), 5);
    assert_eq!(one["preconditions"][0]["awaits"], "agreements");
    morgan.get("/v1/program-definitions/nothing").await.expect(404);
    app.caller("partner_a").get("/v1/program-definitions").await.expect(403);
}

/// Morgan begins it on paper a week before and enters it now: the days are those of the Monday.
#[actix_web::test]
async fn a_programme_is_begun_in_one_step() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({ "parameters": { "gestures": { "daily_max": 4 } } })).await;
    assert_eq!(made.header("location"), at(&made));
    assert_eq!(made.text("/status"), "active");
    assert_eq!(made.text("/ends_on"), "2027-01-21");
    let days = planned(&made);
    assert_eq!(days[0], ["2026-11-23", "2026-12-06"]);
    assert_eq!(days[4], ["2027-01-18", "2027-01-21"]);
    for (key, expected) in [
        ("check_in", "assigned"),
        ("gestures", "assigned"),
        ("ground_rules", "waits"),
        ("baseline", "waits"),
        ("two_week_look", "planned"),
        ("repairs", "planned"),
    ] {
        assert_eq!(state(&made, key), expected, "{key}");
    }
    assert_eq!(action(&made, "two_week_look")["due_on"], "2026-12-06");
    let gestures = homework(&app, &made, "gestures").await;
    assert_eq!(gestures.json()["parameters"]["daily_max"], 4);
    assert_eq!(gestures.text("/starts_on"), "2026-11-23");
    let deviations = deviations(&made);
    for expected in
        ["precondition two_sentences", "precondition working_agreement", "awaits ground_rules"]
    {
        assert!(deviations.contains(&expected.to_owned()), "{expected} in {deviations:?}");
    }
    let again = app.caller("clinician").post(PATH, roadmap(&app, json!({}))).await.expect(409);
    assert_eq!(again.faults(), ["/program_definition_key under_way"]);
}

/// What the service does not know of is gone past with a reason; what it does know of is not.
#[actix_web::test]
async fn what_is_missing_is_told_at_once_and_a_reason_goes_past_what_is_not_known() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let missing = "/program_definition_key precondition_missing";
    let without = roadmap(&app, json!({ "reason": null }));
    let refused = morgan.post(PATH, without.clone()).await.expect(409);
    assert_eq!(refused.text("/code"), "requirements_missing");
    assert_eq!(refused.faults(), [missing; 3], "two that are not known, and the screen");
    let with = morgan.post(PATH, roadmap(&app, json!({}))).await.expect(409);
    assert_eq!(with.faults(), [missing], "no reason stands in for a screen");
    assert_eq!(morgan.get("/v1/assignments").await.ids().len(), 0, "nothing was assigned");
    screen_both(&app).await;
    assert_eq!(morgan.post(PATH, without).await.expect(409).faults(), [missing; 2]);

    let couple = format!("/v1/couples/{}", app.id("couple"));
    morgan.act(&format!("{couple}/take-break")).await.expect(200);
    let resting = morgan.post(PATH, roadmap(&app, json!({}))).await.expect(409);
    assert_eq!(resting.faults(), ["/couple_id couple_not_active", "/ gate_closed"]);
    morgan.act(&format!("{couple}/resume")).await.expect(200);

    let born = format!("/v1/clients/{}", app.id("partner_b"));
    morgan.patch(&born, json!({ "date_of_birth": null })).await.expect(200);
    let young = morgan.post(PATH, roadmap(&app, json!({}))).await.expect(409);
    assert_eq!(young.faults(), ["/couple_id adults_only"]);
    morgan.patch(&born, json!({ "date_of_birth": "1990-05-05" })).await.expect(200);
    morgan.post(PATH, roadmap(&app, json!({}))).await.expect(201);
}

#[actix_web::test]
async fn everything_that_is_faulty_in_a_body_is_told_at_once() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let wrong = roadmap(
        &app,
        json!({
            "client_id": app.id("partner_a"), "starts_on": "2027-08-01",
            "variants": ["betrayal", "cumulative", "cumulative", "unheard_of"],
            "parameters": { "check_in": { "window_minutes": 900 }, "nothing": {} },
        }),
    );
    let faults = morgan.post(PATH, wrong).await.expect(422).faults();
    for expected in [
        "/couple_id mismatch",
        "/client_id mismatch",
        "/starts_on out_of_range",
        "/variants/0 not_known_to_all",
        "/variants/2 repeated",
        "/variants/3 unknown_value",
        "/parameters/check_in/window_minutes too_large",
        "/parameters unknown_field",
    ] {
        assert!(faults.contains(&expected.to_owned()), "{expected} in {faults:?}");
    }
    let unseen = roadmap(
        &app,
        json!({ "couple_id": app.id("couple_on_break"), "program_definition_key": "nothing" }),
    );
    let faults = morgan.post(PATH, unseen).await.expect(422).faults();
    assert_eq!(faults, ["/couple_id not_found", "/program_definition_key not_found"]);
    let body = roadmap(&app, json!({ "status": "active" }));
    assert_eq!(morgan.post(PATH, body).await.expect(422).faults(), ["/status unknown_field"]);
}

/// A plan that is drawn up after a betrayal tells of it: only when both know is it chosen.
#[actix_web::test]
async fn a_plan_that_tells_of_a_disclosure_is_for_those_who_all_know() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({ "variants": ["betrayal"], "known_to_all": true })).await;
    assert_eq!(planned(&made)[0], ["2026-11-23", "2026-12-20"]);
    assert_eq!(state(&made, "containment"), "waits");
    assert_eq!(state(&made, "transparency"), "offered");
    let seen = app.caller("partner_b").get(&at(&made)).await.expect(200);
    let text = String::from_utf8(seen.body.clone()).unwrap();
    for word in ["betrayal", "containment", "transparency", REASON, "precondition"] {
        assert!(!text.contains(word), "{word}");
    }
}

#[actix_web::test]
async fn both_partners_read_the_same_and_nobody_else_reads_anything() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({ "variants": ["cumulative"] })).await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let seen = a.get(&at(&made)).await.expect(200);
    assert_eq!(seen.body, b.get(&at(&made)).await.expect(200).body);
    let json = seen.json();
    assert_eq!(json["title"], made.json()["title"]);
    assert_eq!(planned(&seen), planned(&made));
    assert_eq!(json["phases"][0]["actions"].as_array().unwrap().len(), 2, "what they have to do");
    assert_eq!(
        action(&seen, "check_in")["assignment_id"],
        action(&made, "check_in")["assignment_id"]
    );
    for clinicians in ["begun_by", "proposed_plan", "updated_at"] {
        assert_eq!(json[clinicians], Value::Null, "{clinicians}");
    }
    assert_eq!((&json["deviations"], &json["variants"]), (&json!([]), &json!([])));
    assert_eq!(a.get(PATH).await.expect(200).body, b.get(PATH).await.expect(200).body);
    assert_eq!(a.get(PATH).await.ids(), [made.text("/id")]);
    for stranger in ["partner_c", "individual_client", "associate", "other_practice_client"] {
        app.caller(stranger).get(&at(&made)).await.expect(404);
        assert!(app.caller(stranger).get(PATH).await.ids().is_empty(), "{stranger}");
    }
    // What was granted for homework alone is enough, and without it nothing is read.
    app.caller_with("partner_a", "homework:own").get(&at(&made)).await.expect(200);
    app.caller_with("partner_a", "profile:read").get(&at(&made)).await.expect(403);
}

/// Reasons are for who treats; leading is too.
#[actix_web::test]
async fn administrators_and_services_read_that_a_plan_was_left_and_not_why() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({})).await;
    assert_eq!(made.text("/deviations/0/reason"), REASON);
    for reader in ["practice_admin", "service_app"] {
        let caller = app.caller(reader);
        let seen = caller.get(&at(&made)).await.expect(200);
        assert_eq!(seen.text("/deviations/0/kind"), "precondition");
        assert!(!String::from_utf8(seen.body).unwrap().contains(REASON), "{reader}");
        for (name, body) in [("advance", json!({})), ("extend", json!({ "days": 7 }))] {
            let refused = step(&caller, &at(&made), name, body).await.expect(403);
            assert_eq!(refused.text("/code"), "owner_only");
        }
        let refused = caller.post(PATH, roadmap(&app, json!({}))).await.expect(403);
        assert_eq!(refused.text("/code"), "owner_only");
    }
    step(&app.caller("partner_a"), &at(&made), "advance", json!({})).await.expect(403);
    step(&app.caller("associate"), &at(&made), "advance", json!({})).await.expect(404);
}

/// The roadmap to its end: criteria, the next phases, a fortnight more, what stays, and the look back.
#[actix_web::test]
async fn a_programme_is_led_from_phase_to_phase_and_to_its_end() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let made = begun(&app, json!({})).await;
    let path = at(&made);
    let waits = step(&morgan, &path, "advance", json!({})).await.expect(409);
    assert_eq!(waits.faults(), ["/reason criteria_not_met"]);
    let reason = json!({ "reason": "Five evenings of seven, by their own account." });
    // Today is 2 December: the second phase begins five days early.
    let second = step(&morgan, &path, "advance", reason).await.expect(200);
    assert_eq!(second.text("/current_phase"), "weeks_3_4");
    assert_eq!(second.text("/phases/0/state"), "done");
    assert_eq!(second.text("/phases/0/actual_to"), "2026-12-01");
    assert_eq!(planned(&second)[1], ["2026-12-02", "2026-12-15"]);
    assert_eq!(planned(&second)[2], ["2026-12-16", "2026-12-29"]);
    assert_eq!(state(&second, "repairs"), "assigned");
    assert_eq!(state(&second, "check_in"), "assigned", "carried forward");
    assert_eq!(state(&second, "two_week_look"), "done");
    assert!(deviations(&second).contains(&"criteria weeks_1_2".to_owned()));

    let longer = step(&morgan, &path, "extend", json!({ "days": 7 })).await.expect(200);
    assert_eq!(longer.text("/phases/1/state"), "extended");
    assert_eq!(planned(&longer)[1], ["2026-12-02", "2026-12-22"]);
    assert_eq!(planned(&longer)[2], ["2026-12-23", "2027-01-05"]);
    let much = step(&morgan, &path, "extend", json!({ "days": 90 })).await.expect(422);
    assert_eq!(much.faults(), ["/days too_large"]);

    let third = step(&morgan, &path, "advance", json!({})).await.expect(200);
    let early = step(&morgan, &path, "complete", json!({})).await.expect(409);
    assert_eq!(early.faults(), ["/reason phases_left"]);
    assert_eq!(state(&third, "progress"), "assigned");
    let fourth = step(&morgan, &path, "advance", json!({})).await.expect(200);
    assert_eq!(homework(&app, &fourth, "progress").await.text("/status"), "completed");
    let last = step(&morgan, &path, "advance", json!({})).await.expect(200);
    assert_eq!(state(&last, "first_quarterly"), "planned");
    let none = step(&morgan, &path, "advance", json!({})).await.expect(409);
    assert_eq!(none.faults(), ["/ last_phase"]);

    let done = step(&morgan, &path, "complete", json!({})).await.expect(200);
    assert_eq!(done.text("/status"), "completed");
    assert_eq!(done.text("/proposed_plan"), "maintenance_plan");
    assert_eq!(done.text("/next_review_on"), "2027-03-02");
    let review = homework(&app, &done, "first_quarterly").await;
    assert_eq!(
        (review.text("/key"), review.text("/starts_on")),
        ("quarterly_review".to_owned(), "2027-03-02".to_owned())
    );
    for (key, expected) in [
        ("check_in", "assigned"),
        ("gestures", "assigned"),
        ("repairs", "assigned"),
        ("ritual", "completed"),
    ] {
        assert_eq!(homework(&app, &done, key).await.text("/status"), expected, "{key}");
    }
    let over = step(&morgan, &path, "advance", json!({})).await.expect(409);
    assert_eq!(over.json()["allowed_transitions"], json!([]));
    let seen = app.caller("partner_a").get(&path).await.expect(200);
    assert_eq!(seen.text("/next_review_on"), "2027-03-02");
}

/// A template that bends: each way, with its reason, and nothing of it for the couple to read.
#[actix_web::test]
async fn every_way_in_which_a_plan_is_left_has_its_reason_on_record() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let made = begun(&app, json!({ "variants": ["betrayal"], "known_to_all": true })).await;
    let path = at(&made);
    let change = |kind: &str, action: &str, more: Value| {
        let mut body = json!({ "kind": kind, "action": action, "reason": "It suits them better." });
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        body
    };
    let before = app.caller("partner_b").get(&path).await.expect(200);
    let skipped =
        step(&morgan, &path, "deviate", change("skip", "quiet_hours", json!({}))).await.expect(200);
    assert_eq!(state(&skipped, "quiet_hours"), "skipped");
    let params = json!({ "parameters": { "daily_min": 2 } });
    let set = step(&morgan, &path, "deviate", change("set_parameters", "repairs", params))
        .await
        .expect(200);
    assert_eq!(action(&set, "repairs")["parameters"]["daily_min"], 2);
    let taken = step(&morgan, &path, "deviate", change("take_up", "transparency", json!({})))
        .await
        .expect(200);
    assert_eq!(state(&taken, "transparency"), "waits");
    let after = app.caller("partner_b").get(&path).await.expect(200);
    assert_eq!((&after.body, after.header("etag")), (&before.body, before.header("etag")));

    let to = json!({ "to_phase": "weeks_1_2" });
    let moved = step(&morgan, &path, "deviate", change("move", "repairs", to)).await.expect(200);
    assert_eq!(state(&moved, "repairs"), "assigned", "its phase is under way");
    assert_eq!(homework(&app, &moved, "repairs").await.json()["parameters"]["daily_min"], 2);
    let carried = json!({ "action": "gestures", "reason": "They like it." });
    step(&morgan, &path, "carry-forward", carried).await.expect(200);
    let gone =
        step(&morgan, &path, "deviate", change("skip", "gestures", json!({}))).await.expect(200);
    assert_eq!(homework(&app, &gone, "gestures").await.text("/status"), "withdrawn");
    let all = deviations(&gone);
    for expected in [
        "skip quiet_hours",
        "set_parameters repairs",
        "take_up transparency",
        "move repairs",
        "carry_forward gestures",
        "skip gestures",
    ] {
        assert!(all.contains(&expected.to_owned()), "{expected} in {all:?}");
    }
    for (body, fault) in [
        (change("skip", "gestures", json!({})), "/action not_allowed"),
        (change("skip", "nothing", json!({})), "/action not_found"),
        (change("move", "celebrate", json!({ "to_phase": "nowhere" })), "/to_phase not_found"),
        (change("move", "celebrate", json!({})), "/to_phase mismatch"),
        (change("skip", "celebrate", json!({ "parameters": { "x": 1 } })), "/parameters mismatch"),
        (
            change("set_parameters", "celebrate", json!({ "parameters": { "x": 1 } })),
            "/parameters unknown_field",
        ),
        (
            change("set_parameters", "check_in", json!({ "parameters": { "window_minutes": 12 } })),
            "/action not_allowed",
        ),
    ] {
        assert_eq!(step(&morgan, &path, "deviate", body).await.expect(422).faults(), [fault]);
    }
}

/// It rests with all of its homework, and what is to come is put off by as many days.
#[actix_web::test]
async fn a_programme_rests_and_goes_on() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({})).await;
    let path = at(&made);
    let morgan = app.caller("clinician");
    let wrong =
        step(&morgan, &path, "pause", json!({ "resume_on": "2027-06-01" })).await.expect(422);
    assert_eq!(wrong.faults(), ["/resume_on out_of_range"]);
    let rests =
        step(&morgan, &path, "pause", json!({ "resume_on": "2026-12-12" })).await.expect(200);
    assert_eq!(rests.text("/status"), "paused");
    assert_eq!(homework(&app, &rests, "check_in").await.text("/status"), "held");
    let seen = app.caller("partner_a").get(&path).await.expect(200);
    assert_eq!(
        (seen.text("/status"), seen.text("/resume_on")),
        ("paused".to_owned(), "2026-12-12".to_owned())
    );
    let refused = step(&morgan, &path, "advance", json!({})).await.expect(409);
    assert_eq!(refused.json()["allowed_transitions"], json!(["resume", "withdraw"]));
    app.days_pass(10);
    let morgan = app.caller("clinician");
    let on = morgan.act(&format!("{path}/resume")).await.expect(200);
    assert_eq!(planned(&on)[0], ["2026-11-23", "2026-12-16"]);
    assert_eq!(planned(&on)[1], ["2026-12-17", "2026-12-30"]);
    assert_eq!(homework(&app, &on, "check_in").await.text("/status"), "in_progress");
    let gone = morgan.act(&format!("{path}/withdraw")).await.expect(200);
    assert_eq!(gone.text("/status"), "withdrawn");
    assert_eq!(homework(&app, &gone, "check_in").await.text("/status"), "withdrawn");
    morgan.post(PATH, roadmap(&app, json!({ "starts_on": "2026-12-14" }))).await.expect(201);
}

/// No reason goes past a pause, and the words are those of any.
#[actix_web::test]
async fn nothing_begins_or_goes_on_while_a_hold_is_in_effect() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({})).await;
    let path = at(&made);
    let hold = json!({ "couple_id": app.id("couple"), "kind": "conjoint", "cover_reason": "therapist_review",
                       "effective_at": app.clock.now().plus_seconds(3600).to_string(), "resume_on": "2026-12-20" });
    let hold = app.caller("clinician").post("/v1/holds", hold).await.expect(201).text("/id");
    let before = app.caller("partner_b").get(&path).await.expect(200);
    app.clock.advance_seconds(3661);
    app.tick().await;
    let morgan = app.caller("clinician");
    let refused = step(&morgan, &path, "advance", json!({ "reason": "Go on." })).await.expect(409);
    assert_eq!(refused.faults(), ["/program_definition_key not_now"]);
    let text = String::from_utf8(refused.body).unwrap();
    assert!(!text.contains("hold") && text.contains("cannot go on at this time"), "{text}");
    let other = roadmap(&app, json!({ "program_definition_key": "trust_and_momentum" }));
    let refused = morgan.post(PATH, other).await.expect(409);
    assert!(refused.faults().contains(&"/program_definition_key not_now".to_owned()));
    assert_eq!(
        app.caller("partner_b").get(&path).await.expect(200).body,
        before.body,
        "a hold is no news of it"
    );
    morgan.act(&format!("/v1/holds/{hold}/lift")).await.expect(200);
    step(&morgan, &path, "advance", json!({ "reason": "Go on." })).await.expect(200);
}

/// What partner A does alone, and what a clinician decides of it, is nowhere in what partner B reads.
#[actix_web::test]
async fn nothing_that_one_does_in_private_changes_what_the_other_reads() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({})).await;
    // To eight in the evening, when the check-in is open.
    app.clock.advance_seconds(11 * 3600);
    app.days_pass(0);
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let seen = async || {
        let (one, all) = (b.get(&at(&made)).await.expect(200), b.get(PATH).await.expect(200));
        (one.body.clone(), one.header("etag"), all.body.clone(), all.header("etag"))
    };
    let before = seen().await;
    let help = json!({ "kind": "private_safety", "message": "I am afraid." });
    a.post("/v1/me/help-requests", help).await.expect(201);
    let check_in = action(&made, "check_in")["assignment_id"].as_str().unwrap().to_owned();
    let draft = json!({ "status": "draft", "answers": { "mood": 2 } });
    a.put(&place(&check_in, 77), draft).await.expect(201);
    let fit = for_client(&app, "session_fit", "partner_a").await;
    let answers = json!({ "understood": 3, "challenged": 2, "blamed": 0, "placated": 1 });
    a.put(&place(&fit, 78), submitted(answers)).await.expect(201);
    let note = json!({ "kind": "skip", "action": "quiet_hours", "reason": "She is afraid." });
    step(&app.caller("clinician"), &at(&made), "deviate", note).await.expect(200);
    assert_eq!(seen().await, before);
}
