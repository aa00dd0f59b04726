//! How a programme is begun, and what is said when it cannot be.

use super::*;

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
