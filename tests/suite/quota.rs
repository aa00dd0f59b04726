//! So many times a week, on whichever days (`seed:1.68`), and fewer evenings than all (`seed:1.126`).

use serde_json::{Value, json};

use crate::occurrences::{evening, occurrences};
use crate::submissions::{assign, check_in, place, submitted};
use crate::support::{Answer, TestApp};

const SOON: &str = "You did this a short while ago. Leave yourselves some time before the next.";

/// Three check-ins a week, and a fourth for whoever likes, half a day apart. Weeks begin on Wednesday, the second.
async fn three_a_week(app: &TestApp) -> String {
    let rhythm = json!({ "kind": "quota", "times": 3, "times_max": 4, "min_spacing_hours": 12 });
    let more = json!({ "couple_id": app.id("couple"), "schedule": { "rhythm": rhythm } });
    assign(app, "daily_check_in", more).await
}

/// The same as long as this day.
async fn three_a_week_until(app: &TestApp, last: &str) -> String {
    let rhythm = json!({ "kind": "quota", "times": 3, "times_max": 4, "min_spacing_hours": 12 });
    let schedule = json!({ "rhythm": rhythm, "ends_on": last });
    assign(app, "daily_check_in", json!({ "couple_id": app.id("couple"), "schedule": schedule }))
        .await
}

async fn send(app: &TestApp, who: &str, homework: &str, number: u128) -> Answer {
    app.caller(who).put(&place(homework, number), submitted(check_in(4))).await
}

/// What both send on the evening of this day.
async fn both(app: &TestApp, homework: &str, day: i64) {
    evening(app, day);
    let number = u128::try_from(day).unwrap() + 1;
    for who in ["partner_a", "partner_b"] {
        send(app, who, homework, number).await.expect(201);
    }
}

/// What the clinician reads of these days: of both, then of A and of B.
async fn read(app: &TestApp, homework: &str, days: &str) -> [Value; 3] {
    let path = format!("/v1/figures?assignment_id={homework}&{days}");
    let read = app.caller("clinician").get(&path).await.expect(200).json();
    let figures = read["assignments"][0]["figures"].clone();
    let of = |who: &str| {
        let people = figures["people"].as_array().unwrap().iter();
        let mut own = people.filter(|one| one["client_id"] == app.id(who).as_str());
        own.next().unwrap()["figure"].clone()
    };
    [figures["total"].clone(), of("partner_a"), of("partner_b")]
}

async fn labels(app: &TestApp, homework: &str, days: &str) -> [String; 3] {
    read(app, homework, days).await.map(|one| one["label"].as_str().unwrap().to_owned())
}

/// What the couple reads on its page of the week that is under way.
async fn on_the_page(app: &TestApp) -> String {
    let path = format!("/v1/couples/{}/dashboard", app.id("couple"));
    let page = app.caller("partner_b").get(&path).await.expect(200).json();
    page["totals"][0]["weeks"][0]["figure"]["label"].as_str().unwrap().to_owned()
}

const FIRST: &str = "from=2026-12-02&until=2026-12-08";
const SECOND: &str = "from=2026-12-09&until=2026-12-15";

#[actix_web::test]
async fn three_a_week_are_done_on_whichever_days_and_what_goes_beyond_is_kept() {
    let app = TestApp::start().await;
    let homework = three_a_week(&app).await;
    both(&app, &homework, 0).await;
    both(&app, &homework, 1).await;
    assert_eq!(labels(&app, &homework, FIRST).await, ["2 of 3"; 3]);
    assert_eq!(on_the_page(&app).await, "2 of 3");
    evening(&app, 3);
    send(&app, "partner_a", &homework, 3).await.expect(201);
    assert_eq!(labels(&app, &homework, FIRST).await, ["2 of 3", "3 of 3", "2 of 3"]);
    assert_eq!(on_the_page(&app).await, "2 of 3", "A's third is not the couple's");
    evening(&app, 4);
    send(&app, "partner_b", &homework, 3).await.expect(201);
    assert_eq!(on_the_page(&app).await, "3 of 3");
    both(&app, &homework, 5).await;
    for figure in read(&app, &homework, FIRST).await {
        assert_eq!((&figure["completed"], &figure["expected"]), (&json!(4), &json!(3)));
        assert_eq!((&figure["label"], &figure["pct"]), (&json!("3 of 3"), &json!(100)));
    }
    assert_eq!(on_the_page(&app).await, "3 of 3");
    let own = occurrences(&app.caller("partner_b"), &homework, "&until=2026-12-08").await;
    assert_eq!(own.len(), 4, "the one that nobody had asked for is B's own too");

    evening(&app, 6);
    let fifth = send(&app, "partner_a", &homework, 7).await.expect(409);
    assert_eq!(fifth.text("/code"), "not_now", "four are all there are");
    let named = json!({ "status": "submitted", "answers": check_in(4), "local_date": "2026-12-08",
                        "slot_no": 5 });
    let refused = app.caller("partner_a").put(&place(&homework, 7), named).await.expect(422);
    assert_eq!(refused.faults(), ["/local_date out_of_range"]);
    // A new week, of which the first was no row of evenings that went by.
    evening(&app, 13);
    for figure in read(&app, &homework, SECOND).await {
        assert_eq!((&figure["label"], &figure["pct"]), (&json!("0 of 3"), &json!(0)));
        assert_eq!(figure["consecutive_missed"], Value::Null);
    }
}

/// Whoever takes the fourth time for the third has done three, in the picture as in the figures.
#[actix_web::test]
async fn the_picture_of_a_quota_counts_as_its_figures_do() {
    let app = TestApp::start().await;
    let homework = three_a_week(&app).await;
    both(&app, &homework, 0).await;
    both(&app, &homework, 1).await;
    let pictured = async || {
        let path = format!("/v1/figures/plot?kind=calendar&assignment_id={homework}&{FIRST}");
        let plot = app.caller("clinician").get(&path).await.expect(200);
        assert!(plot.text("/svg").contains(&plot.text("/text")), "told in its own words");
        plot.text("/text")
    };
    assert!(pictured().await.ends_with("Week of 7 December: 2 of 3."));
    evening(&app, 3);
    let fourth = json!({ "status": "submitted", "answers": check_in(4), "local_date": "2026-12-08",
                         "slot_no": 4 });
    for who in ["partner_a", "partner_b"] {
        app.caller(who).put(&place(&homework, 4), fourth.clone()).await.expect(201);
    }
    assert_eq!(labels(&app, &homework, FIRST).await, ["3 of 3"; 3]);
    let text = pictured().await;
    assert!(text.ends_with("Week of 7 December: 3 of 3."), "{text}");
}

/// Of the second week three days are left of the term: they ask for two of three.
#[actix_web::test]
async fn a_term_that_ends_in_mid_week_asks_for_a_share_of_its_last() {
    let app = TestApp::start().await;
    let homework = three_a_week_until(&app, "2026-12-11").await;
    evening(&app, 7);
    assert_eq!(labels(&app, &homework, FIRST).await, ["0 of 3"; 3]);
    assert_eq!(labels(&app, &homework, SECOND).await, ["0 of 2"; 3]);
    both(&app, &homework, 7).await;
    assert_eq!(on_the_page(&app).await, "1 of 2");
    both(&app, &homework, 8).await;
    for figure in read(&app, &homework, SECOND).await {
        assert_eq!((&figure["label"], &figure["pct"]), (&json!("2 of 2"), &json!(100)));
    }
    let own = occurrences(&app.caller("partner_b"), &homework, "&from=2026-12-09").await;
    let days: Vec<&Value> = own.iter().map(|one| &one["local_date"]).collect();
    assert_eq!(days, [&json!("2026-12-11"); 2], "a shortened week is named by its own last day");
    // What the last week has is all that there is of it, and makes up for nothing of the first.
    evening(&app, 9);
    let third = send(&app, "partner_a", &homework, 10).await.expect(409);
    assert_eq!(third.text("/code"), "not_now", "of the fourth time two of three are left as well");
    let both_weeks = labels(&app, &homework, "from=2026-12-02&until=2026-12-15").await;
    assert_eq!(both_weeks, ["2 of 5"; 3]);
}

#[actix_web::test]
async fn a_second_answer_too_soon_is_refused_by_the_authors_own_clock_alone() {
    let app = TestApp::start().await;
    let homework = three_a_week(&app).await;
    evening(&app, 0);
    send(&app, "partner_a", &homework, 1).await.expect(201);
    send(&app, "partner_b", &homework, 1).await.expect(201);
    app.clock.advance_seconds(12 * 3600 - 1);
    app.days_pass(0);
    let soon = send(&app, "partner_a", &homework, 2).await.expect(409);
    assert_eq!((soon.text("/code"), soon.text("/public_text")), ("not_now".into(), SOON.into()));
    assert_eq!(labels(&app, &homework, FIRST).await, ["1 of 3"; 3], "nothing was stored");
    app.clock.advance_seconds(1);
    app.days_pass(0);
    send(&app, "partner_a", &homework, 2).await.expect(201);
    // B noted one down on the train, while A slept; its device sends it now.
    let on_the_train =
        |at: &str| json!({ "status": "submitted", "answers": check_in(2), "completed_at": at });
    let b = app.caller("partner_b");
    let soon = b.put(&place(&homework, 2), on_the_train("2026-12-03T15:59:59Z")).await;
    assert_eq!(soon.expect(409).text("/public_text"), SOON);
    b.put(&place(&homework, 2), on_the_train("2026-12-03T16:00:00Z")).await.expect(201);
    assert_eq!(labels(&app, &homework, FIRST).await, ["2 of 3"; 3]);
    // A skip is no answer, and keeps no distance.
    let skip = json!({ "status": "skipped" });
    let skipped = b.put(&place(&homework, 3), skip).await.expect(201);
    // Nor is it a way past the distance, and no more is a draft.
    let mut draft = submitted(check_in(4));
    draft["status"] = json!("draft");
    let a = app.caller("partner_a");
    let begun = a.put(&place(&homework, 3), draft).await.expect(201);
    for (who, before) in [(&a, begun), (&b, skipped)] {
        let who = who.header("if-match", &before.header("etag"));
        let soon = who.put(&place(&homework, 3), submitted(check_in(4))).await.expect(409);
        assert_eq!(soon.text("/public_text"), SOON);
    }

    let found = app.caller("clinician").get("/v1/activity-definitions?key=daily_check_in").await;
    let far_apart = json!({ "kind": "quota", "times": 4, "min_spacing_hours": 56 });
    let wrong = json!({ "activity_definition_id": found.text("/data/0/id"),
        "couple_id": app.id("couple"), "schedule": { "rhythm": far_apart } });
    let refused = app.caller("clinician").post("/v1/assignments", wrong).await.expect(422);
    assert_eq!(refused.faults(), ["/schedule/rhythm/min_spacing_hours overlap"]);
}

#[actix_web::test]
async fn a_week_of_grace_asks_for_less_and_a_week_of_rest_for_nothing() {
    let app = TestApp::start().await;
    let homework = three_a_week(&app).await;
    both(&app, &homework, 0).await;
    both(&app, &homework, 1).await;
    let third = json!({ "local_date": "2026-12-08", "slot_no": 3 });
    let path = format!("/v1/assignments/{homework}");
    let b = app.caller("partner_b");
    b.post(&format!("{path}/excuse"), third.clone()).await.expect(200);
    let [total, ..] = read(&app, &homework, FIRST).await;
    assert_eq!((&total["label"], &total["excused"]), (&json!("2 of 2"), &json!(1)));
    assert_eq!(on_the_page(&app).await, "2 of 2");
    // A Thursday is no day of theirs to excuse: what is due on any day of a week is named by its last.
    let thursday = json!({ "local_date": "2026-12-03" });
    let refused = b.post(&format!("{path}/excuse"), thursday).await.expect(422);
    assert_eq!(refused.faults(), ["/local_date out_of_range"]);
    app.caller("clinician").post(&format!("{path}/reinstate"), third).await.expect(200);
    assert_eq!(labels(&app, &homework, FIRST).await, ["2 of 3"; 3]);

    // Of the second week three days are a rest: four of seven ask for two of three.
    evening(&app, 7);
    let rest = json!({ "resume_on": "2026-12-12" });
    app.caller("partner_a").post(&format!("{path}/pause"), rest).await.expect(200);
    evening(&app, 10);
    app.caller("partner_a").act(&format!("{path}/resume")).await.expect(200);
    both(&app, &homework, 11).await;
    let [total, a, _] = read(&app, &homework, SECOND).await;
    assert_eq!((&total["label"], &total["excused"]), (&json!("1 of 2"), &json!(1)));
    assert_eq!(a["label"], "1 of 2");
    // All of the third is.
    evening(&app, 13);
    let rest = json!({ "resume_on": "2026-12-23" });
    app.caller("clinician").post(&format!("{path}/pause"), rest).await.expect(200);
    evening(&app, 21);
    app.caller("clinician").act(&format!("{path}/resume")).await.expect(200);
    let [total, ..] = read(&app, &homework, "from=2026-12-16&until=2026-12-22").await;
    assert_eq!((&total["label"], &total["excused"]), (&json!("nothing due"), &json!(3)));
    assert_eq!(total["pct"], Value::Null);
}

/// Evenings at eight, of which the couple means to keep four in a week.
async fn four_of_seven(app: &TestApp) -> String {
    let evenings = json!({ "kind": "daily", "times": ["20:00"],
        "opening": { "opens_before_minutes": 15, "closes_after_minutes": 240 } });
    let more = json!({ "couple_id": app.id("couple"), "parameters": { "weekly_target": 4 },
                       "schedule": { "rhythm": evenings } });
    assign(app, "daily_check_in", more).await
}

/// The clinician lowers what the week is to bring: fewer evenings are a plan too, and leaving out the others is none
/// of the things that anybody has to look at.
#[actix_web::test]
async fn four_evenings_of_seven_are_a_whole_week_where_four_are_aimed_at() {
    let app = TestApp::start().await;
    let homework = four_of_seven(&app).await;
    let attention = async || {
        let page = app.caller("clinician").get("/v1/caseload").await.expect(200).json();
        let entries = page["entries"].as_array().unwrap().clone();
        let mut own = entries.into_iter().filter(|one| one["couple_id"] == app.id("couple"));
        let reasons = own.next().unwrap()["reasons"].as_array().unwrap().clone();
        reasons.into_iter().filter(|one| one["code"] == "missed_in_a_row").collect::<Vec<_>>()
    };
    let suggestions = async || {
        let path = format!("/v1/couples/{}/dashboard", app.id("couple"));
        let page = app.caller("partner_a").get(&path).await.expect(200).json();
        let all = page["suggestions"].as_array().unwrap().clone();
        all.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // Two evenings go by, then four take place in a row.
    evening(&app, 2);
    assert_eq!((attention().await, suggestions().await), (Vec::new(), Vec::new()));
    for day in 2..6 {
        both(&app, &homework, day).await;
    }
    evening(&app, 6);
    let [total, a, _] = read(&app, &homework, FIRST).await;
    assert_eq!((&total["label"], &total["pct"]), (&json!("4 of 4"), &json!(100)));
    assert_eq!((&a["label"], on_the_page(&app).await), (&json!("4 of 4"), "4 of 4".to_owned()));
    assert_eq!(suggestions().await, ["name_the_consistency"]);
    both(&app, &homework, 6).await;
    let [total, ..] = read(&app, &homework, FIRST).await;
    assert_eq!((&total["completed"], &total["label"]), (&json!(5), &json!("4 of 4")));
    // Three may be left out; five in a row are two more than that.
    evening(&app, 11);
    assert_eq!(attention().await, Vec::<Value>::new());
    evening(&app, 12);
    assert_eq!(attention().await[0]["count"], 2);
    assert!(suggestions().await.contains(&"try_another_time".to_owned()));

    let found = app.caller("clinician").get("/v1/activity-definitions?key=daily_check_in").await;
    for (target, fault) in [(0, "too_small"), (8, "too_large")] {
        let wrong = json!({ "activity_definition_id": found.text("/data/0/id"),
            "couple_id": app.id("couple"), "parameters": { "weekly_target": target } });
        let refused = app.caller("clinician").post("/v1/assignments", wrong).await.expect(422);
        assert_eq!(refused.faults(), [format!("/parameters/weekly_target {fault}")]);
    }
    let quota = json!({ "rhythm": { "kind": "quota", "times": 3 } });
    let twice = json!({ "activity_definition_id": found.text("/data/0/id"), "schedule": quota,
        "couple_id": app.id("couple"), "parameters": { "weekly_target": 4 } });
    let refused = app.caller("clinician").post("/v1/assignments", twice).await.expect(422);
    assert_eq!(refused.faults(), ["/schedule/rhythm/kind mismatch"]);
}
