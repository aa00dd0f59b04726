//! Homework: what a clinician assigns, what each participant sees of it, and how it rests.

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

const PATH: &str = "/v1/assignments";

async fn definition(caller: &Caller<'_>, key: &str) -> String {
    caller.get(&format!("/v1/activity-definitions?key={key}")).await.text("/data/0/id")
}

async fn assign(caller: &Caller<'_>, key: &str, whom: &str, id: &str) -> String {
    let body = json!({ "activity_definition_id": definition(caller, key).await, (whom): id });
    caller.post(PATH, body).await.expect(201).text("/id")
}

#[actix_web::test]
async fn a_couples_homework_is_seen_by_both_alike_and_by_nobody_else() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let body = json!({
        "activity_definition_id": definition(&morgan, "daily_check_in").await,
        "couple_id": app.id("couple"), "note": "Begin where it is easy.",
        "parameters": { "window_minutes": 12 },
    });
    let made = morgan.post(PATH, body).await.expect(201);
    assert_eq!(made.json()["participants"].as_array().unwrap().len(), 2);
    let path = format!("{PATH}/{}", made.text("/id"));
    let seen = async |who: &str| {
        let mut shown = app.caller(who).get(&path).await.expect(200).json();
        let own = shown["participants"].take();
        assert_eq!(own, json!([app.id(who)]), "a participant reads their own id alone");
        shown
    };
    assert_eq!(seen("partner_a").await, seen("partner_b").await);
    assert_eq!(seen("partner_a").await["assigned_by"], Value::Null);
    for stranger in ["partner_c", "individual_client", "other_practice_client", "supervisor"] {
        app.caller(stranger).get(&path).await.expect(404);
    }
}

#[actix_web::test]
async fn one_clients_homework_is_nobody_elses() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let before = b.get(PATH).await.expect(200);
    let id = assign(&morgan, "session_fit", "client_id", &app.id("partner_a")).await;
    assert!(a.get(PATH).await.ids().contains(&id));
    let after = b.get(PATH).await.expect(200);
    assert_eq!((&after.body, after.header("etag")), (&before.body, before.header("etag")));
    b.get(&format!("{PATH}/{id}")).await.expect(404);
    b.act(&format!("{PATH}/{id}/resume")).await.expect(404);
}

/// What is delicate is seen through a token that was granted for it, and safety never by a service.
#[actix_web::test]
async fn safety_homework_needs_its_own_scope_and_never_reaches_a_service() {
    let app = TestApp::start().await;
    let id =
        assign(&app.caller("clinician"), "risk_screen", "client_id", &app.id("partner_b")).await;
    let path = format!("{PATH}/{id}");
    app.caller_with("partner_b", "homework:own homework:safety").get(&path).await.expect(200);
    app.caller_with("partner_b", "homework:own").get(&path).await.expect(404);
    assert!(!app.caller_with("partner_b", "homework:own").get(PATH).await.ids().contains(&id));
    let service = app.caller("service_app");
    service.get(&path).await.expect(404);
    let body = json!({ "activity_definition_id": definition(&service, "risk_screen").await,
                       "client_id": app.id("partner_a") });
    let refused = service.post(PATH, body).await.expect(422);
    assert_eq!(refused.faults(), ["/activity_definition_id not_found"]);
    app.caller("practice_admin").get(&path).await.expect(200);
}

#[actix_web::test]
async fn what_has_to_be_in_place_before_is_told_at_once() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let check_in = definition(&morgan, "daily_check_in").await;
    let inventory = definition(&morgan, "sensual_inventory").await;
    let to_couple = |definition: &str| json!({ "activity_definition_id": definition, "couple_id": app.id("couple") });
    let off = morgan.post(PATH, to_couple(&inventory)).await.expect(422);
    assert_eq!(off.faults(), ["/activity_definition_id not_found"], "it is turned on first");
    morgan.act(&format!("/v1/activity-definitions/{inventory}/activate")).await.expect(200);
    let closed = morgan.post(PATH, to_couple(&inventory)).await.expect(409);
    assert_eq!(closed.text("/code"), "requirements_missing");
    assert!(closed.faults().contains(&"/activity_definition_id gate_closed".to_owned()));

    let couple = format!("/v1/couples/{}", app.id("couple"));
    morgan.act(&format!("{couple}/take-break")).await.expect(200);
    let resting = morgan.post(PATH, to_couple(&check_in)).await.expect(409);
    assert_eq!(resting.faults(), ["/activity_definition_id gate_closed"]);
    morgan.act(&format!("{couple}/resume")).await.expect(200);
    morgan.post(PATH, to_couple(&check_in)).await.expect(201);

    let mut wrong = to_couple(&check_in);
    wrong["parameters"] = json!({ "window_minutes": 90, "colour": "blue" });
    let faults = morgan.post(PATH, wrong).await.expect(422).faults();
    assert_eq!(faults, ["/parameters unknown_field", "/parameters/window_minutes too_large"]);
    let whom = json!({ "activity_definition_id": check_in, "client_id": app.id("partner_a") });
    assert_eq!(morgan.post(PATH, whom).await.expect(422).faults(), ["/client_id mismatch"]);
    let mut both = to_couple(&check_in);
    both["client_id"] = json!(app.id("partner_a"));
    assert_eq!(morgan.post(PATH, both).await.expect(422).faults(), ["/couple_id mismatch"]);
    let unseen =
        json!({ "activity_definition_id": check_in, "couple_id": app.id("couple_on_break") });
    assert_eq!(morgan.post(PATH, unseen).await.expect(422).faults(), ["/couple_id not_found"]);
}

/// A reason stands in for what the service does not know of yet, and never for age, consent or screen.
#[actix_web::test]
async fn a_clinician_may_say_why_they_go_on_without_what_is_not_there_yet() {
    use crate::submissions::{for_client, place, submitted};
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let inventory = definition(&morgan, "sensual_inventory").await;
    morgan.act(&format!("/v1/activity-definitions/{inventory}/activate")).await.expect(200);
    let new = |reason: Option<&str>| json!({ "activity_definition_id": inventory, "couple_id": app.id("couple"), "deviation": reason });
    let reason = "They have agreed on their goals in session; the document comes later.";
    let closed = ["/activity_definition_id gate_closed"];
    assert_eq!(morgan.post(PATH, new(Some(reason))).await.expect(409).faults(), closed);
    for partner in ["partner_a", "partner_b"] {
        let consent = json!({ "client_id": app.id(partner), "kind": "sexual_health_homework",
                              "document_version": "1", "signer_name": "Somebody" });
        morgan.post("/v1/consents", consent).await.expect(201);
    }
    assert_eq!(morgan.post(PATH, new(Some(reason))).await.expect(409).faults(), closed);
    for (number, partner) in [(11, "partner_a"), (12, "partner_b")] {
        let note = for_client(&app, "trauma_echo_note", partner).await;
        let noticed = json!({ "signs": ["numbness"], "want_step_back": false });
        let batch = json!({ "status": "submitted",
                            "entries": [{ "at": "2026-12-01T10:00:00Z", "answers": noticed }] });
        app.caller(partner).put(&place(&note, number), batch).await.expect(201);
    }
    let reply = morgan.post(PATH, new(Some(reason))).await.expect(409);
    assert_eq!(reply.faults(), closed, "a note is no screen");
    for (number, partner) in [(1, "partner_a"), (2, "partner_b")] {
        let screen = for_client(&app, "risk_screen", partner).await;
        let answers = json!({ "private_device": true, "alone_now": true, "infidelity": "no",
            "untreated_addiction": "no", "afraid": "no", "major_symptoms": "no" });
        app.caller(partner).put(&place(&screen, number), submitted(answers)).await.expect(201);
    }
    assert_eq!(morgan.post(PATH, new(None)).await.expect(409).faults(), closed);
    let service = app.caller("service_app").post(PATH, new(Some(reason))).await.expect(409);
    assert_eq!(service.faults(), closed, "a reason is a clinician's");
    let made = morgan.post(PATH, new(Some(reason))).await.expect(201);
    assert_eq!(made.text("/deviation"), reason);
    let path = format!("{PATH}/{}", made.text("/id"));
    for other in ["partner_a", "practice_admin", "service_app"] {
        let seen = app.caller(other).get(&path).await.expect(200);
        assert_eq!(seen.json()["deviation"], Value::Null, "{other}");
    }
}

#[actix_web::test]
async fn a_couple_has_no_more_open_homework_than_the_practice_allows() {
    let app = TestApp::start().await;
    let (admin, morgan) = (app.caller("practice_admin"), app.caller("clinician"));
    let settings = json!({ "settings": { "max_active_couple_assignments": 2 } });
    admin.patch("/v1/practice", settings).await.expect(200);
    let couple = app.id("couple");
    let first = assign(&morgan, "bids", "couple_id", &couple).await;
    assign(&morgan, "repair_log", "couple_id", &couple).await;
    let third = json!({
        "activity_definition_id": definition(&morgan, "goal_statements").await, "couple_id": couple });
    let refused = morgan.post(PATH, third.clone()).await.expect(409);
    assert_eq!(refused.faults(), ["/couple_id too_many"]);
    morgan.act(&format!("{PATH}/{first}/complete")).await.expect(200);
    morgan.post(PATH, third).await.expect(201);
}

/// Nobody is asked why, and a clinician's pause reads like any other.
#[actix_web::test]
async fn homework_rests_at_the_wish_of_a_participant_or_of_the_clinician() {
    let app = TestApp::start().await;
    let (morgan, a, b) =
        (app.caller("clinician"), app.caller("partner_a"), app.caller("partner_b"));
    let path = format!("{PATH}/{}", assign(&morgan, "bids", "couple_id", &app.id("couple")).await);
    let pause = format!("{path}/pause");
    let rest = json!({ "resume_on": "2026-12-20" });
    for wrong in ["2026-12-02", "2027-02-28"] {
        let refused = a.post(&pause, json!({ "resume_on": wrong })).await.expect(422);
        assert_eq!(refused.faults(), ["/resume_on out_of_range"]);
    }
    assert_eq!(a.post(&pause, rest.clone()).await.expect(200).text("/status"), "paused");
    assert_eq!(b.get(&path).await.text("/status"), "paused");
    assert_eq!(b.act(&format!("{path}/resume")).await.expect(200).text("/status"), "in_progress");

    let held = morgan.post(&pause, rest.clone()).await.expect(200);
    assert_eq!(held.text("/status"), "held");
    for partner in [&a, &b] {
        assert_eq!(partner.get(&path).await.text("/status"), "paused");
        assert_eq!(partner.get(&format!("{PATH}?status=held")).await.ids().len(), 0);
        assert_eq!(partner.get(&format!("{PATH}?status=paused")).await.ids().len(), 1);
        let refused = partner.act(&format!("{path}/resume")).await.expect(409);
        assert_eq!(refused.json()["allowed_transitions"], json!([]));
        assert!(!String::from_utf8(refused.body).unwrap().contains("held"));
    }
    assert_eq!(
        morgan.act(&format!("{path}/resume")).await.expect(200).text("/status"),
        "in_progress"
    );
    // What Åsa has paused the practice can pause too, as it can anything: a hold over it is one pause among many.
    a.post(&pause, rest.clone()).await.expect(200);
    let later = json!({ "resume_on": "2026-12-20" });
    assert_eq!(a.post(&pause, later.clone()).await.expect(200).text("/resume_on"), "2026-12-20");
    assert_eq!(morgan.post(&pause, later).await.expect(200).text("/status"), "held");
    a.act(&format!("{path}/resume")).await.expect(409);
    morgan.act(&format!("{path}/resume")).await.expect(200);
    morgan.act(&format!("{path}/withdraw")).await.expect(200);
    a.post(&pause, rest).await.expect(409);
}

#[actix_web::test]
async fn what_was_assigned_in_error_is_gone_for_participants_and_stays_on_record() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let path = format!("{PATH}/{}", assign(&morgan, "bids", "couple_id", &app.id("couple")).await);
    app.caller("partner_a").get(&path).await.expect(200);
    let error = format!("{path}/enter-in-error");
    let without = morgan.post(&error, json!({})).await.expect(422);
    assert_eq!(without.faults(), ["/reason required"]);
    morgan.post(&error, json!({ "reason": "Meant for another couple." })).await.expect(200);
    app.caller("partner_a").get(&path).await.expect(404);
    let kept = morgan.get(&path).await.expect(200);
    assert_eq!(kept.text("/status"), "entered_in_error");
    assert_eq!(kept.text("/error_reason"), "Meant for another couple.");
    let admin = app.caller("practice_admin").get(&path).await.expect(200).json();
    assert!(admin["error_reason"].is_null(), "{admin}");
}

#[actix_web::test]
async fn who_leaves_the_couple_no_longer_sees_its_homework() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let path = format!("{PATH}/{}", assign(&morgan, "bids", "couple_id", &app.id("couple")).await);
    app.caller("partner_b").get(&path).await.expect(200);
    let member = format!("/v1/couples/{}/members/{}", app.id("couple"), app.id("partner_b"));
    morgan.delete(&member).await.expect(204);
    app.caller("partner_b").get(&path).await.expect(404);
    app.caller("partner_a").get(&path).await.expect(200);
}

/// What an app shows, and who will read each answer, in words that follow from the rule itself.
#[actix_web::test]
async fn a_form_says_beside_every_question_who_will_read_the_answer() {
    let app = TestApp::start().await;
    let (morgan, a) = (app.caller("clinician"), app.caller("partner_a"));
    let body = json!({
        "activity_definition_id": definition(&morgan, "daily_check_in").await,
        "couple_id": app.id("couple"), "parameters": { "window_minutes": 12 },
    });
    let path = format!("{PATH}/{}/form", morgan.post(PATH, body).await.expect(201).text("/id"));
    let form = a.get(&path).await.expect(200);
    let json = form.json();
    assert_eq!(form.body, app.caller("partner_b").get(&path).await.expect(200).body);
    let notice = |form: &Value, link_id: &str| {
        let notices = form["notices"].as_array().unwrap();
        let found = notices.iter().find(|one| one["link_id"] == link_id);
        found.unwrap_or_else(|| panic!("no notice of {link_id}"))["text"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mood = notice(&json, "mood");
    assert_eq!(
        mood,
        "Your partner reads this once you submit it. Your therapist reads this once you submit it."
    );
    let private = notice(&json, "private_note");
    assert!(private.starts_with("Your partner does not see this."), "{private}");
    assert!(private.contains("may bring what matters"), "the couple keeps no secrets: {private}");
    let questions = json["answers_schema"]["properties"].as_object().unwrap();
    assert_eq!(json["notices"].as_array().unwrap().len(), questions.len(), "one for each question");
    let text = String::from_utf8(form.body).unwrap();
    for practices_side in ["signals", "gates", "safety_flag", "clinician_prompt", "parameters"] {
        assert!(!text.contains(practices_side), "{practices_side} is not for participants");
    }
    let schema = jsonschema::validator_for(&json["answers_schema"]).unwrap();
    assert!(schema.is_valid(&json!({ "mood": 3, "stress": 4, "gratitude": "The tea." })));
    app.caller("partner_c").get(&path).await.expect(404);

    let policy = json!({ "policy": "individual_confidential" });
    let couple = format!("/v1/couples/{}/secrets-policy", app.id("couple"));
    morgan.put(&couple, policy).await.expect(200);
    let private = notice(&a.get(&path).await.json(), "private_note");
    assert!(!private.contains("may bring"), "{private}");
}

/// What concerns somebody's safety is exempt from every policy.
#[actix_web::test]
async fn no_policy_touches_what_is_said_about_safety() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let couple = format!("/v1/couples/{}/secrets-policy", app.id("couple"));
    morgan.put(&couple, json!({ "policy": "no_secrets" })).await.expect(200);
    for (key, may_be_brought) in [("private_safety_check", false), ("session_fit", true)] {
        let id = assign(&morgan, key, "client_id", &app.id("partner_a")).await;
        let form = app.caller("partner_a").get(&format!("{PATH}/{id}/form")).await.expect(200);
        let notices = form.json()["notices"].as_array().unwrap().clone();
        assert!(!notices.is_empty());
        for notice in notices {
            let text = notice["text"].as_str().unwrap();
            assert_eq!(text.contains("may bring"), may_be_brought, "{key}: {text}");
            assert!(
                !text.contains("partner"),
                "one client's homework has no partner in it: {text}"
            );
        }
    }
}
