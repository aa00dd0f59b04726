//! Another time: one proposes, the others say yes, and what they do together moves with them.

use serde_json::{Value, json};

use crate::occurrences::{evening, evenings, occurrences};
use crate::submissions::{assign, couple_of_three, for_client, for_couple};
use crate::support::{Answer, Caller, TestApp};

fn of(homework: &str) -> String {
    format!("/v1/assignments/{homework}/time-proposals")
}

async fn propose(caller: &Caller<'_>, homework: &str, time: &str) -> Answer {
    caller.post(&of(homework), json!({ "time_of_day": time })).await
}

async fn answer(caller: &Caller<'_>, proposal: &str, word: &str) -> Answer {
    caller.act(&format!("/v1/time-proposals/{proposal}/{word}")).await
}

async fn waiting(caller: &Caller<'_>) -> Vec<Value> {
    let inbox = caller.get("/v1/me/inbox").await.expect(200).json();
    inbox["time_proposals"].as_array().unwrap().clone()
}

async fn time(caller: &Caller<'_>, homework: &str) -> String {
    let shown = caller.get(&format!("/v1/assignments/{homework}")).await.expect(200);
    shown.text("/schedule/rhythm/times/0")
}

async fn status(caller: &Caller<'_>, proposal: &str) -> String {
    caller.get(&format!("/v1/time-proposals/{proposal}")).await.expect(200).text("/status")
}

#[actix_web::test]
async fn after_a_week_of_evenings_b_proposes_mornings_and_a_says_yes() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    evening(&app, 6);
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let before = occurrences(&morgan, &homework, "&until=2026-12-08").await;
    let made = propose(&b, &homework, "07:15").await.expect(201);
    assert_eq!(made.header("location"), format!("/v1/time-proposals/{}", made.text("/id")));
    assert_eq!((made.text("/status"), made.text("/from")), ("pending".into(), "Tomás".into()));
    assert_eq!(made.text("/proposed_by"), app.id("partner_b"));
    assert!(waiting(&b).await.is_empty(), "it waits for the others");
    let seen = waiting(&a).await;
    assert_eq!((seen.len(), &seen[0]["proposed_by"]), (1, &Value::Null));
    assert_eq!((&seen[0]["time_of_day"], &seen[0]["awaits_you"]), (&json!("07:15"), &json!(true)));
    assert_eq!(seen[0]["schedule"]["rhythm"]["times"], json!(["07:15"]));
    let listed = morgan.get(&of(&homework)).await.expect(200).json();
    assert_eq!(listed["data"][0]["proposed_by"], app.id("partner_b"));
    assert_eq!(time(&a, &homework).await, "20:00", "nothing has changed");
    let id = made.text("/id");
    let done = answer(&a, &id, "accept").await.expect(200);
    assert_eq!(
        (done.text("/status"), done.json()["accepted_by"].clone()),
        ("accepted".into(), json!(["Åsa"]))
    );
    for who in [&a, &b, &morgan] {
        assert_eq!(time(who, &homework).await, "07:15");
        assert!(!done.text("/decided_at").is_empty() && status(who, &id).await == "accepted");
    }
    assert!(waiting(&a).await.is_empty());
    let all = occurrences(&morgan, &homework, "&until=2026-12-10").await;
    let at = |one: &Value| one["due_there"]["at"].as_str().unwrap().to_owned();
    assert_eq!(all[..7], before[..], "the week that was and this evening stay");
    assert_eq!(all[7..].iter().map(at).collect::<Vec<_>>(), ["07:15", "07:15"]);
    answer(&a, &id, "accept").await.expect(409);
}

#[actix_web::test]
async fn one_at_a_time_is_pending_and_each_word_is_for_those_whose_it_is() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    let (a, b, c) = (app.caller("partner_a"), app.caller("partner_b"), app.caller("partner_c"));
    let first = propose(&a, &homework, "21:00").await.expect(201).text("/id");
    let again = propose(&b, &homework, "07:15").await.expect(409);
    assert_eq!(again.text("/code"), "already_exists");
    assert_eq!(answer(&a, &first, "accept").await.expect(403).text("/code"), "owner_only");
    answer(&a, &first, "decline").await.expect(403);
    answer(&b, &first, "withdraw").await.expect(403);
    answer(&c, &first, "accept").await.expect(404);
    c.get(&of(&homework)).await.expect(404);
    propose(&c, &homework, "07:15").await.expect(404);
    propose(&app.caller("clinician"), &homework, "07:15").await.expect(403);
    answer(&a, &first, "withdraw").await.expect(200);
    app.clock.advance_seconds(1);
    let second = propose(&b, &homework, "07:15").await.expect(201).text("/id");
    let no = answer(&a, &second, "decline").await.expect(200);
    assert_eq!(no.text("/status"), "declined");
    let late = answer(&a, &second, "accept").await.expect(409);
    assert_eq!(late.json()["allowed_transitions"], json!([]));
    assert_eq!(time(&b, &homework).await, "20:00");
    let all = a.get(&format!("{}?limit=1&sort=-created_at", of(&homework))).await.expect(200);
    assert_eq!(all.ids(), [second]);
    let next = all.json()["next_cursor"].as_str().unwrap().to_owned();
    let more = a.get(&format!("{}?limit=1&sort=-created_at&cursor={next}", of(&homework))).await;
    assert_eq!(more.ids(), [first]);
}

#[actix_web::test]
async fn it_ends_by_itself_with_another_schedule_the_assignment_or_its_fourteen_days() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    let (a, morgan) = (app.caller("partner_a"), app.caller("clinician"));
    let first = propose(&a, &homework, "21:00").await.expect(201).text("/id");
    let schedule = json!({ "schedule": { "rhythm": { "kind": "daily", "times": ["19:00"] } } });
    morgan.patch(&format!("/v1/assignments/{homework}"), schedule).await.expect(200);
    assert_eq!(status(&a, &first).await, "lapsed");
    answer(&app.caller("partner_b"), &first, "accept").await.expect(409);
    let second = propose(&a, &homework, "21:00").await.expect(201);
    app.days_pass(13);
    assert_eq!(waiting(&app.caller("partner_b")).await.len(), 1);
    app.days_pass(1);
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let over = b.get(&second.header("location")).await.expect(200);
    assert_eq!(
        (over.text("/status"), over.text("/decided_at")),
        ("lapsed".into(), second.text("/expires_at"))
    );
    assert!(waiting(&b).await.is_empty());
    answer(&b, &second.text("/id"), "accept").await.expect(409);
    let third = propose(&b, &homework, "21:00").await.expect(201).text("/id");
    app.caller("clinician").act(&format!("/v1/assignments/{homework}/complete")).await.expect(200);
    assert_eq!(status(&a, &third).await, "lapsed");
    propose(&a, &homework, "22:00").await.expect(409);
}

#[actix_web::test]
async fn what_is_no_other_time_is_refused_with_a_pointer() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    let a = app.caller("partner_a");
    assert_eq!(
        propose(&a, &homework, "20:00").await.expect(422).faults(),
        ["/time_of_day mismatch"]
    );
    let days = json!({ "weekdays": ["mon"] });
    assert_eq!(a.post(&of(&homework), days).await.expect(422).faults(), ["/weekdays not_allowed"]);
    assert_eq!(
        a.post(&of(&homework), json!({})).await.expect(422).faults(),
        ["/time_of_day required"]
    );
    let once = for_couple(&app, "goal_statements").await;
    assert_eq!(
        propose(&a, &once, "07:15").await.expect(422).faults(),
        ["/time_of_day not_allowed"]
    );
    let alone = for_client(&app, "session_fit", "partner_a").await;
    assert_eq!(propose(&a, &alone, "07:15").await.expect(422).faults(), [" not_allowed"]);
    let windows = json!({ "couple_id": app.id("couple"), "schedule": { "rhythm": { "kind": "weekly",
        "on": [{ "day": "tue", "time": "20:00" }, { "day": "sat", "time": "10:00" }] } } });
    let windows = assign(&app, "weekly_pulse", windows).await;
    let one = json!({ "weekdays": ["mon"] });
    assert_eq!(a.post(&of(&windows), one).await.expect(422).faults(), ["/weekdays mismatch"]);
    let moved = a.post(&of(&windows), json!({ "weekdays": ["sun", "wed"] })).await.expect(201);
    assert_eq!(
        moved.json()["schedule"]["rhythm"]["on"],
        json!([{ "day": "wed", "time": "20:00" }, { "day": "sun", "time": "10:00" }])
    );
}

#[actix_web::test]
async fn of_three_both_others_have_to_say_yes() {
    let app = TestApp::start().await;
    let three = couple_of_three(&app).await;
    let daily = json!({ "couple_id": three,
        "schedule": { "rhythm": { "kind": "daily", "times": ["20:00"] } } });
    let homework = assign(&app, "daily_check_in", daily).await;
    let (a, b, io) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("individual_client"));
    let id = propose(&b, &homework, "07:15").await.expect(201).text("/id");
    let yes = answer(&a, &id, "accept").await.expect(200);
    assert_eq!(
        (yes.text("/status"), time(&a, &homework).await),
        ("pending".into(), "20:00".into())
    );
    assert_eq!(yes.json()["awaits_you"], false);
    answer(&a, &id, "accept").await.expect(200);
    assert!(waiting(&a).await.is_empty());
    let seen = waiting(&io).await;
    assert_eq!(seen[0], io.get(&format!("/v1/time-proposals/{id}")).await.expect(200).json());
    assert_eq!(answer(&io, &id, "accept").await.expect(200).text("/status"), "accepted");
    assert_eq!(time(&b, &homework).await, "07:15");
}
