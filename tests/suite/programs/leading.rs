//! How a programme is led: from phase to phase, aside, to rest and to its end.

use super::*;

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
        ("quarterly_review".to_owned(), "2026-12-02".to_owned()),
        "it comes every three months, counted from its first day"
    );
    let times = format!("/v1/assignments/{}/occurrences", review.text("/id"));
    assert_eq!(morgan.get(&times).await.expect(200).json()["data"], json!([]), "not made yet");
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

/// A hold on what the couple does together, which takes effect in an hour; its id.
async fn hold_in_an_hour(app: &TestApp) -> String {
    let hold = json!({ "couple_id": app.id("couple"), "kind": "conjoint", "cover_reason": "therapist_review",
                       "effective_at": app.clock.now().plus_seconds(3600).to_string(), "resume_on": "2026-12-20" });
    app.caller("clinician").post("/v1/holds", hold).await.expect(201).text("/id")
}

/// No reason goes past a pause, and the words are those of any.
#[actix_web::test]
async fn nothing_begins_or_goes_on_while_a_hold_is_in_effect() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({})).await;
    let path = at(&made);
    let hold = hold_in_an_hour(&app).await;
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

/// What a hold keeps when the programme is paused goes on with the programme, and not when the hold is lifted.
#[actix_web::test]
async fn lifting_a_hold_restarts_nothing_of_a_programme_that_rests() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({})).await;
    let path = at(&made);
    let hold = hold_in_an_hour(&app).await;
    app.clock.advance_seconds(3661);
    app.tick().await;
    let morgan = app.caller("clinician");
    step(&morgan, &path, "pause", json!({ "resume_on": "2026-12-12" })).await.expect(200);
    assert_eq!(homework(&app, &made, "check_in").await.text("/resume_on"), "2026-12-12");
    let early = morgan.act(&format!("{path}/resume")).await.expect(409);
    assert_eq!(early.faults(), ["/ hold_effective"]);
    morgan.act(&format!("/v1/holds/{hold}/lift")).await.expect(200);
    assert_eq!(homework(&app, &made, "check_in").await.text("/status"), "held");
    morgan.act(&format!("{path}/resume")).await.expect(200);
    assert_eq!(homework(&app, &made, "check_in").await.text("/status"), "in_progress");
}
