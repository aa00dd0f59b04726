//! What bends of a programme and what does not: exercises that go on, the days that really were, and the threads of
//! intimacy that are left.

use super::*;

/// First and last day of each phase, as they really were; `-` while one is not known.
fn really(program: &Answer) -> Vec<[String; 2]> {
    let phases = program.json()["phases"].as_array().unwrap().clone();
    let day = |phase: &Value, name: &str| phase[name].as_str().unwrap_or("-").to_owned();
    phases.iter().map(|one| [day(one, "actual_from"), day(one, "actual_to")]).collect()
}

async fn carry(app: &TestApp, path: &str, key: &str) -> Answer {
    let body = json!({ "action": key, "reason": "It does them good." });
    step(&app.caller("clinician"), path, "carry-forward", body).await
}

async fn leave_out(app: &TestApp, path: &str, key: &str) -> Answer {
    let body = json!({ "kind": "skip", "action": key, "reason": "Not for these two." });
    step(&app.caller("clinician"), path, "deviate", body).await
}

/// Nothing is carried that there is not, that is no exercise, that was left out, or that is over: it would read as if it
/// went on.
#[actix_web::test]
async fn what_cannot_go_on_is_not_carried_forward() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let made = begun(&app, json!({})).await;
    let path = at(&made);
    let before = morgan.get(&path).await.expect(200);
    for (key, fault) in [
        ("nothing", "/action not_found"),
        ("two_week_look", "/action not_allowed"),
        ("baseline", "/action not_allowed"),
    ] {
        let refused = carry(&app, &path, key).await.expect(422);
        assert_eq!(
            (refused.text("/code"), refused.faults()),
            ("invalid_fields".into(), vec![fault.into()])
        );
    }
    assert_eq!(morgan.get(&path).await.expect(200).body, before.body, "nothing was written down");

    leave_out(&app, &path, "quiet_hours").await.expect(200);
    assert_eq!(
        carry(&app, &path, "quiet_hours").await.expect(422).faults(),
        ["/action not_allowed"]
    );
    // The clinician has withdrawn the check-in by itself: a programme cannot go on with it.
    let check_in = homework(&app, &made, "check_in").await.text("/id");
    morgan.act(&format!("/v1/assignments/{check_in}/withdraw")).await.expect(200);
    let refused = carry(&app, &path, "check_in").await.expect(422);
    assert_eq!(refused.faults(), ["/action not_allowed"]);
    assert!(refused.json()["errors"][0]["detail"].as_str().unwrap().contains("assign it anew"));
    let all = deviations(&morgan.get(&path).await.expect(200));
    assert!(!all.iter().any(|one| one.starts_with("carry_forward")), "{all:?}");

    // What waits for its feature will go on; what ended with its phase has.
    carry(&app, &path, "stop_phrases").await.expect(200);
    for _ in 0..3 {
        step(&morgan, &path, "advance", json!({ "reason": "They are ready." })).await.expect(200);
    }
    assert_eq!(carry(&app, &path, "progress").await.expect(422).faults(), ["/action not_allowed"]);
    assert_eq!(
        carry(&app, &path, "two_week_look").await.expect(422).faults(),
        ["/action not_allowed"]
    );
    morgan.act(&format!("{path}/withdraw")).await.expect(200);
    let over = carry(&app, &path, "gestures").await.expect(409);
    assert_eq!(
        (over.text("/code"), over.json()["allowed_transitions"].clone()),
        ("invalid_transition".into(), json!([]))
    );
    for nobody in ["partner_a", "service_app"] {
        let body = json!({ "action": "gestures" });
        step(&app.caller(nobody), &path, "carry-forward", body).await.expect(403);
    }
}

/// Carried on, homework has another schedule: another time of the one before is no longer to be had, and brings no term
/// back.
#[actix_web::test]
async fn what_is_carried_on_ends_by_no_proposal_of_before() {
    let app = TestApp::start().await;
    let made = begun(&app, json!({})).await;
    let check_in = homework(&app, &made, "check_in").await;
    let mut schedule = check_in.json()["schedule"].clone();
    schedule["ends_on"] = json!("2026-12-20");
    let path = format!("/v1/assignments/{}", check_in.text("/id"));
    let morgan = app.caller("clinician");
    morgan.patch(&path, json!({ "schedule": schedule })).await.expect(200);
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let proposals = format!("{path}/time-proposals");
    let proposed = b.post(&proposals, json!({ "time_of_day": "07:15" })).await.expect(201);
    carry(&app, &at(&made), "check_in").await.expect(200);
    let ends_on = |answer: &Answer| answer.json()["schedule"]["ends_on"].clone();
    assert_eq!(ends_on(&homework(&app, &made, "check_in").await), Value::Null);
    let path = format!("/v1/time-proposals/{}", proposed.text("/id"));
    assert_eq!(b.get(&path).await.expect(200).text("/status"), "lapsed");
    a.act(&format!("{path}/accept")).await.expect(409);
    assert_eq!(ends_on(&homework(&app, &made, "check_in").await), Value::Null);
}

/// A phase that is made longer has begun when it began and ends when the next one begins; moving an action moves no day.
#[actix_web::test]
async fn the_days_that_really_were_stand_beside_those_that_were_planned() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let made = begun(&app, json!({})).await;
    let path = at(&made);
    let open = |first: &str| [first.to_owned(), "-".to_owned()];
    let unknown = open("-");
    assert_eq!(really(&made)[..2], [open("2026-11-23"), unknown.clone()]);
    let longer = step(&morgan, &path, "extend", json!({ "days": 9 })).await.expect(200);
    assert_eq!(planned(&longer)[..2], [["2026-11-23", "2026-12-15"], ["2026-12-16", "2026-12-29"]]);
    assert_eq!(really(&longer), really(&made), "what is planned anew has not happened");
    let moved =
        json!({ "kind": "move", "action": "repairs", "to_phase": "weeks_1_2", "reason": "Now." });
    let moved = step(&morgan, &path, "deviate", moved).await.expect(200);
    assert_eq!((planned(&moved), really(&moved)), (planned(&longer), really(&made)));

    // Today is 2 December. Two days of rest, and the second phase begins a week after that, a week before its time.
    step(&morgan, &path, "pause", json!({ "resume_on": "2026-12-04" })).await.expect(200);
    app.days_pass(2);
    let morgan = app.caller("clinician");
    let on = morgan.act(&format!("{path}/resume")).await.expect(200);
    assert_eq!((planned(&on)[0][1].as_str(), really(&on)), ("2026-12-17", really(&made)));
    app.days_pass(7);
    let morgan = app.caller("clinician");
    let reason = json!({ "reason": "They are ready." });
    let second = step(&morgan, &path, "advance", reason.clone()).await.expect(200);
    assert_eq!(
        really(&second)[..2],
        [["2026-11-23".to_owned(), "2026-12-10".to_owned()], open("2026-12-11")]
    );
    assert_eq!(planned(&second)[0], ["2026-11-23", "2026-12-17"], "as it was planned");
    assert_eq!(planned(&second)[1], ["2026-12-11", "2026-12-24"]);
    // A third phase on the same day: the second had that one day.
    let third = step(&morgan, &path, "advance", json!({})).await.expect(200);
    assert_eq!(
        really(&third)[1..3],
        [["2026-12-11".to_owned(), "2026-12-11".to_owned()], open("2026-12-11")]
    );
    app.days_pass(3);
    let morgan = app.caller("clinician");
    let done = step(&morgan, &path, "complete", reason).await.expect(200);
    assert_eq!(
        really(&done)[2..],
        [["2026-12-11".to_owned(), "2026-12-14".to_owned()], unknown.clone(), unknown]
    );
    assert_eq!(done.text("/phases/3/state"), "skipped");
    let seen = app.caller("partner_b").get(&path).await.expect(200);
    assert_eq!(really(&seen), really(&done), "the couple reads the same days");
}

/// A phase takes a year at most, however often it is made longer.
#[actix_web::test]
async fn a_phase_is_made_longer_up_to_a_year() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let path = at(&begun(&app, json!({})).await);
    for _ in 0..5 {
        step(&morgan, &path, "extend", json!({ "days": 60 })).await.expect(200);
    }
    let refused = step(&morgan, &path, "extend", json!({ "days": 52 })).await.expect(422);
    assert_eq!(refused.faults(), ["/days out_of_range"]);
    let year = step(&morgan, &path, "extend", json!({ "days": 51 })).await.expect(200);
    assert_eq!(planned(&year)[0], ["2026-11-23", "2027-11-22"]);
}

/// `seed:1.21`. What is built in works on its threads; once what the clinician leaves out takes the last of one away,
/// the reason for that is on record, once.
#[actix_web::test]
async fn leaving_out_the_last_of_a_thread_is_on_record_with_its_reason() {
    let app = TestApp::start().await;
    let path = at(&begun(&app, json!({})).await);
    let threads = |program: &Answer| {
        let all = program.json()["deviations"].as_array().unwrap().clone();
        all.into_iter().filter(|one| one["kind"] == "threads").collect::<Vec<_>>()
    };
    // Gestures, the ritual and what is celebrated are what the roadmap has of affection.
    for key in ["gestures", "celebrate"] {
        let left = leave_out(&app, &path, key).await.expect(200);
        assert_eq!(threads(&left), Vec::<Value>::new(), "{key}");
    }
    let before = app.caller("partner_a").get(&path).await.expect(200);
    let last = leave_out(&app, &path, "ritual").await.expect(200);
    let found = threads(&last);
    assert_eq!((found.len(), &found[0]["reason"]), (1, &json!("Not for these two.")));
    assert_eq!(found[0]["about"], Value::Null);
    let after = leave_out(&app, &path, "repairs").await.expect(200);
    assert_eq!(threads(&after).len(), 1, "it had too few before");
    let seen = app.caller("partner_a").get(&path).await.expect(200);
    assert_eq!(seen.json()["deviations"], before.json()["deviations"]);
    let mut without = json!({ "kind": "skip", "action": "progress", "reason": "x" });
    without.as_object_mut().unwrap().remove("reason");
    let refused = step(&app.caller("clinician"), &path, "deviate", without).await.expect(422);
    assert_eq!(refused.faults(), ["/reason required"], "there is no way without one");
}
