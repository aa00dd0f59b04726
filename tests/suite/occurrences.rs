//! Homework over time: when it is due, what was missed, and what does not count.

use serde_json::{Value, json};

use crate::submissions::{assign, check_in, place, submitted};
use crate::support::{Caller, TestApp};

/// A check-in of every evening at eight, from the second of December on, a Wednesday.
pub async fn evenings(app: &TestApp) -> String {
    let more = json!({ "couple_id": app.id("couple"), "schedule": { "rhythm":
        { "kind": "daily", "times": ["20:00"],
          "opening": { "opens_before_minutes": 15, "closes_after_minutes": 240 } } } });
    assign(app, "daily_check_in", more).await
}

pub async fn occurrences(caller: &Caller<'_>, homework: &str, query: &str) -> Vec<Value> {
    let path = format!("/v1/assignments/{homework}/occurrences?limit=200{query}");
    caller.get(&path).await.expect(200).json()["data"].as_array().unwrap().clone()
}

async fn statuses(caller: &Caller<'_>, homework: &str, query: &str) -> Vec<String> {
    let all = occurrences(caller, homework, query).await;
    all.iter().map(|one| one["status"].as_str().unwrap().to_owned()).collect()
}

/// To eight in the evening in Seattle on the day that begins so many days from the second.
pub fn evening(app: &TestApp, days: i64) {
    let eight = "2026-12-03T04:00:00Z".parse::<jiff::Timestamp>().unwrap();
    let wanted = eight.as_microsecond() + days * 86_400_000_000;
    let seconds = (wanted - app.clock.now().micros()) / 1_000_000;
    app.clock.advance_seconds(seconds);
    app.days_pass(0);
}

#[actix_web::test]
async fn every_evening_is_there_before_it_comes_in_both_zones() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    let all = occurrences(&app.caller("clinician"), &homework, "").await;
    assert!(all.len() >= 28, "{} made ahead", all.len());
    assert_eq!(all[0]["local_date"], "2026-12-02");
    assert_eq!(all[0]["due_at"], "2026-12-03T04:00:00.000000Z");
    assert_eq!(all[0]["due_there"]["at"], "20:00");
    assert!(all.iter().all(|one| one["status"] == "scheduled" && one["id"].is_string()));
    let own =
        occurrences(&app.caller("partner_b"), &homework, "&from=2026-12-05&until=2026-12-06").await;
    assert_eq!(own.len(), 2);
    assert_eq!(
        (&own[0]["id"], own[0]["due_here"]["on"].as_str()),
        (&Value::Null, Some("2026-12-05"))
    );
}

#[actix_web::test]
async fn a_week_has_what_was_done_missed_and_excused_and_its_figure_says_so() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    for (day, done) in [true, false, true, true, false].into_iter().enumerate() {
        evening(&app, i64::try_from(day).unwrap());
        for (offset, who) in [(0, "partner_a"), (1, "partner_b")] {
            let number = u128::try_from(day).unwrap() * 2 + offset;
            if done {
                let sent = submitted(check_in(3));
                app.caller(who).put(&place(&homework, number), sent).await.expect(201);
            }
        }
    }
    evening(&app, 5);
    let (b, morgan) = (app.caller("partner_b"), app.caller("clinician"));
    let grace = json!({ "local_date": "2026-12-06" });
    let given =
        b.post(&format!("/v1/assignments/{homework}/excuse"), grace.clone()).await.expect(200);
    assert_eq!(
        (given.text("/status"), &given.json()["excused_for"]),
        ("excused".into(), &Value::Null)
    );
    let week = statuses(&morgan, &homework, "&until=2026-12-07").await;
    assert_eq!(week, ["submitted", "missed", "submitted", "submitted", "excused", "open"]);
    let path = format!("/v1/figures?assignment_id={homework}&from=2026-12-02&until=2026-12-06");
    let figures = morgan.get(&path).await.expect(200).json();
    assert_eq!(figures["total"]["label"], "3 of 4");
    assert_eq!(figures["assignments"][0]["figures"]["total"]["excused"], 1);
    morgan.post(&format!("/v1/assignments/{homework}/reinstate"), grace).await.expect(200);
    assert_eq!(morgan.get(&path).await.expect(200).json()["total"]["label"], "3 of 5");
}

/// What a device has done in time counts for three days; what comes later is kept, and the evening stays missed.
#[actix_web::test]
async fn what_comes_too_late_is_kept_and_the_evening_stays_missed() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    evening(&app, 0);
    let b = app.caller("partner_b");
    b.put(&place(&homework, 11), submitted(check_in(4))).await.expect(201);
    evening(&app, 4);
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let about = |day: &str, at: &str| {
        let mut body = submitted(check_in(4));
        body["local_date"] = json!(day);
        body["completed_at"] = json!(at);
        body
    };
    // Done on their evening, and two days under way.
    for (number, who) in [(2, &a), (12, &b)] {
        let travelled = about("2026-12-04", "2026-12-05T05:00:00Z");
        who.put(&place(&homework, number), travelled).await.expect(201);
    }
    let to_b = occurrences(&b, &homework, "&until=2026-12-04").await;
    // Åsa's first was done in time too, and was four days under way.
    let late = about("2026-12-02", "2026-12-03T05:00:00Z");
    let late = a.put(&place(&homework, 1), late).await.expect(201);
    assert_eq!(late.json()["late"], true);
    assert_eq!(occurrences(&b, &homework, "&until=2026-12-04").await, to_b, "hers alone");
    let week = ["missed", "missed", "submitted"];
    assert_eq!(statuses(&a, &homework, "&until=2026-12-04").await, week);
    assert_eq!(statuses(&morgan, &homework, "&until=2026-12-04").await, week);
    let own = statuses(&b, &homework, "&until=2026-12-04").await;
    assert_eq!(own, ["submitted", "missed", "submitted"]);
    let path = format!("/v1/figures?assignment_id={homework}&from=2026-12-02&until=2026-12-04");
    assert_eq!(morgan.get(&path).await.expect(200).json()["total"]["label"], "1 of 3");
    let kept = a.get(&format!("/v1/submissions/{}", late.text("/id"))).await.expect(200);
    assert_eq!(kept.json()["answers"]["mood"], 4);
    let grace = json!({ "local_date": "2026-12-02" });
    morgan.post(&format!("/v1/assignments/{homework}/excuse"), grace).await.expect(200);
    let week = statuses(&morgan, &homework, "&until=2026-12-04").await;
    assert_eq!(week, ["excused", "missed", "submitted"]);

    // What can be done on any day is never too late.
    let any_day = json!({ "couple_id": app.id("couple"), "starts_on": "2026-12-02",
                          "schedule": crate::submissions::on_demand() });
    let any_day = assign(&app, "daily_check_in", any_day).await;
    for (number, who) in [(3, &a), (13, &b)] {
        let sent = about("2026-12-02", "2026-12-03T05:00:00Z");
        who.put(&place(&any_day, number), sent).await.expect(201);
    }
    assert_eq!(statuses(&morgan, &any_day, "").await, ["submitted"]);
}

#[actix_web::test]
async fn what_the_other_did_or_skipped_is_in_nobody_elses_list() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    evening(&app, 0);
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let before = statuses(&b, &homework, "&until=2026-12-02").await;
    a.put(&place(&homework, 1), json!({ "status": "skipped" })).await.expect(201);
    assert_eq!(statuses(&b, &homework, "&until=2026-12-02").await, before);
    assert_eq!(statuses(&a, &homework, "&until=2026-12-02").await, ["skipped"]);
    assert_eq!(statuses(&morgan, &homework, "&until=2026-12-02").await, ["skipped"]);
    let walk = assign(
        &app,
        "goal_statements",
        json!({ "couple_id": app.id("couple"),
        "schedule": { "rhythm": { "kind": "on_demand" } } }),
    )
    .await;
    let goals = submitted(crate::submissions::goals("time"));
    a.put(&place(&walk, 2), goals).await.expect(201);
    assert_eq!(occurrences(&a, &walk, "").await.len(), 1);
    assert!(occurrences(&b, &walk, "").await.is_empty(), "it exists by A's act alone");
}

#[actix_web::test]
async fn another_hour_holds_from_tomorrow_and_no_day_comes_twice() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    evening(&app, 2);
    let morgan = app.caller("clinician");
    let path = format!("/v1/assignments/{homework}");
    let mornings = json!({ "schedule": { "rhythm": { "kind": "daily", "times": ["07:15"] } } });
    let changed = morgan.patch(&path, mornings).await.expect(200).json();
    assert_eq!(changed["schedule"]["rhythm"]["times"][0], "07:15");
    let all = occurrences(&morgan, &homework, "").await;
    let days: Vec<&str> = all.iter().map(|one| one["local_date"].as_str().unwrap()).collect();
    assert!(days.windows(2).all(|two| two[0] < two[1]), "{days:?}");
    let at = |day: &str| {
        let one = all.iter().find(|one| one["local_date"] == day).unwrap();
        one["due_there"]["at"].as_str().unwrap().to_owned()
    };
    assert_eq!([at("2026-12-03"), at("2026-12-04"), at("2026-12-05")], ["20:00", "20:00", "07:15"]);
    let boise = json!({ "timezone": "America/Boise" });
    morgan.patch(&format!("/v1/couples/{}", app.id("couple")), boise).await.expect(200);
    let moved = occurrences(&morgan, &homework, "&from=2026-12-05").await;
    assert_eq!(moved[0]["due_at"], "2026-12-05T14:15:00.000000Z");
    assert_eq!(moved[0]["due_there"]["timezone"], "America/Boise");
}

#[actix_web::test]
async fn what_closes_while_it_rests_does_not_count() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    evening(&app, 1);
    let a = app.caller("partner_a");
    let rest = json!({ "resume_on": "2026-12-06" });
    a.post(&format!("/v1/assignments/{homework}/pause"), rest).await.expect(200);
    evening(&app, 4);
    let a = app.caller("partner_a");
    a.act(&format!("/v1/assignments/{homework}/resume")).await.expect(200);
    evening(&app, 5);
    let week = statuses(&app.caller("clinician"), &homework, "&until=2026-12-07").await;
    // The evening of the resuming is still open when it goes on.
    assert_eq!(week, ["missed", "excused", "excused", "excused", "missed", "open"]);
}

#[actix_web::test]
async fn the_worker_makes_more_each_day_whoever_works_and_ends_what_is_over() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    let short = assign(
        &app,
        "daily_check_in",
        json!({ "couple_id": app.id("couple"),
        "schedule": { "rhythm": { "kind": "daily" }, "ends_on": "2026-12-08" } }),
    )
    .await;
    let morgan = app.caller("clinician");
    let first = occurrences(&morgan, &homework, "").await.len();
    assert_eq!(occurrences(&morgan, &short, "").await.len(), 7);
    for _ in 0..12 {
        app.days_pass(1);
        app.tick().await;
        app.tick().await;
    }
    let morgan = app.caller("clinician");
    let all = occurrences(&morgan, &homework, "").await;
    assert!((first + 11..=first + 13).contains(&all.len()), "{first} and then {}", all.len());
    assert_eq!(occurrences(&morgan, &short, "").await.len(), 7);
    assert_eq!(morgan.get(&format!("/v1/assignments/{short}")).await.text("/status"), "expired");
    assert_eq!(
        morgan.get(&format!("/v1/assignments/{homework}")).await.text("/status"),
        "assigned"
    );
}

#[actix_web::test]
async fn nonsense_is_refused_with_every_fault() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let found = morgan.get("/v1/activity-definitions?key=daily_check_in").await.text("/data/0/id");
    let refused = |schedule: Value| {
        let (morgan, found, couple) = (morgan.clone(), found.clone(), app.id("couple"));
        async move {
            let body = json!({ "activity_definition_id": found, "couple_id": couple,
                               "schedule": schedule });
            let problem = morgan.post("/v1/assignments", body).await.expect(422).json();
            let all = problem["errors"].as_array().unwrap().clone();
            all.iter().map(|one| one["pointer"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        }
    };
    let unknown = refused(json!({ "rhythm": { "kind": "now_and_then" } })).await;
    assert_eq!(unknown, ["/schedule/rhythm/kind"]);
    let twice = json!({ "rhythm": { "kind": "daily", "times": ["20:00", "20:00"] },
                        "ends_on": "2026-11-01" });
    assert_eq!(refused(twice).await, ["/schedule/ends_on", "/schedule/rhythm/times/1"]);
    let events = json!({ "rhythm": { "kind": "events", "per_day": 3 } });
    assert_eq!(refused(events).await, ["/schedule/rhythm/kind"]);
    let more = json!({ "rhythm": { "kind": "on_demand", "every": 2 } });
    assert_eq!(refused(more).await.len(), 1, "a kind takes no member of another");
    let homework = evenings(&app).await;
    let path = format!("/v1/assignments/{homework}/excuse");
    let a = app.caller("partner_a");
    let reason = json!({ "local_date": "2026-12-03", "kind": "clinician" });
    assert_eq!(a.post(&path, reason).await.expect(422).text("/errors/0/pointer"), "/kind");
    let far = json!({ "local_date": "2027-12-03" });
    a.post(&path, far).await.expect(422);
}

/// Åsa lives in Seattle and Tomás in Boise, an hour further: half past ten there is half past eleven here.
#[actix_web::test]
async fn a_time_in_somebodys_night_is_a_warning_to_whoever_assigns_it() {
    let app = TestApp::start().await;
    let at = |time: &str| {
        json!({ "couple_id": app.id("couple"),
                "schedule": { "rhythm": { "kind": "daily", "times": [time] } } })
    };
    let late = assign(&app, "daily_check_in", at("22:30")).await;
    let path = format!("/v1/assignments/{late}");
    let warned = app.caller("clinician").get(&path).await.expect(200).json();
    assert_eq!(warned["at_night_for"], json!([app.id("partner_b")]));
    for partner in ["partner_a", "partner_b"] {
        let own = app.caller(partner).get(&path).await.expect(200).json();
        assert_eq!(own["at_night_for"], json!([]), "where the other is, is theirs alone");
    }
    let earlier = json!({ "schedule": { "rhythm": { "kind": "daily", "times": ["20:00"] } } });
    let moved = app.caller("clinician").patch(&path, earlier).await.expect(200).json();
    assert_eq!(moved["at_night_for"], json!([]));
}

/// Half past one in the night is still the evening before, where the practice says so.
#[actix_web::test]
async fn what_is_noted_in_the_small_hours_belongs_to_the_day_before() {
    let app = TestApp::start().await;
    let begins = json!({ "settings": { "day_starts_at": "03:00" } });
    app.caller("practice_admin").patch("/v1/practice", begins).await.expect(200);
    let homework = assign(&app, "repair_log", json!({ "couple_id": app.id("couple") })).await;
    let morgan = app.caller("clinician");
    let path = format!("/v1/assignments/{homework}");
    let rhythm = morgan.get(&path).await.expect(200).json()["schedule"]["rhythm"].clone();
    assert_eq!(rhythm["day_starts_at"], "03:00");
    app.clock.advance_seconds(2 * 86_400);
    app.days_pass(0);
    let answers = json!({ "kind": "humor", "words": "Sorry about the dishes." });
    let entries = json!([{ "at": "2026-12-03T09:30:00Z", "answers": answers }]);
    let body = json!({ "status": "submitted", "entries": entries });
    app.caller("partner_a").put(&place(&homework, 1), body).await.expect(201);
    let of = |day: &str| format!("/v1/figures?assignment_id={homework}&from={day}&until={day}");
    let morgan = app.caller("clinician");
    let noted = |report: Value| {
        let people = report["assignments"][0]["figures"]["people"].as_array().unwrap().clone();
        people.iter().map(|one| one["entries"].as_u64().unwrap()).sum::<u64>()
    };
    let evening = noted(morgan.get(&of("2026-12-02")).await.expect(200).json());
    let morning = noted(morgan.get(&of("2026-12-03")).await.expect(200).json());
    assert_eq!((evening, morning), (1, 0));
}
