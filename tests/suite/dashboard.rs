//! The couple's dashboard and the clinician's caseload: what is the same for both partners, and who needs attention.

use serde_json::{Value, json};

use crate::occurrences::{evening, evenings};
use crate::programs::begun;
use crate::submissions::{assign, check_in, for_couple, goals, place, submitted};
use crate::support::{Caller, TestApp};

/// Sends this evening's check-in.
async fn checks_in(app: &TestApp, who: &str, homework: &str, number: u128) {
    app.caller(who).put(&place(homework, number), submitted(check_in(3))).await.expect(201);
}

/// What this caller reads on the couple's page.
async fn page(caller: &Caller<'_>, app: &TestApp) -> Value {
    let path = format!("/v1/couples/{}/dashboard", app.id("couple"));
    caller.get(&path).await.expect(200).json()
}

/// The same without who reads it.
async fn shared_page(app: &TestApp, who: &str) -> Value {
    let mut page = page(&app.caller(who), app).await;
    page.as_object_mut().unwrap().remove("viewer");
    page
}

fn codes(page: &Value) -> Vec<String> {
    let all = page["suggestions"].as_array().unwrap();
    all.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
}

/// The words of the weeks of one exercise, the latest first.
fn labels(page: &Value, key: &str) -> Vec<String> {
    let totals = page["totals"].as_array().unwrap();
    let total = totals.iter().find(|total| total["key"] == key).unwrap();
    let weeks = total["weeks"].as_array().unwrap();
    weeks.iter().map(|week| week["figure"]["label"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn both_read_the_same_page_and_who_left_it_out_is_not_on_it() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    evening(&app, 0);
    checks_in(&app, "partner_a", &homework, 1).await;
    checks_in(&app, "partner_b", &homework, 2).await;
    evening(&app, 1);
    checks_in(&app, "partner_a", &homework, 3).await;
    app.caller("partner_b").put(&place(&homework, 4), json!({ "status": "skipped" })).await;
    evening(&app, 2);
    let (of_a, of_b) = (shared_page(&app, "partner_a").await, shared_page(&app, "partner_b").await);
    assert_eq!(of_a, of_b);
    assert_eq!(of_a, shared_page(&app, "clinician").await, "Morgan sees the page that they see");
    let own = |page: Value| page["viewer"]["display_name"].as_str().unwrap().to_owned();
    let name_of_a = own(page(&app.caller("partner_a"), &app).await);
    assert_ne!(name_of_a, own(page(&app.caller("partner_b"), &app).await));
    assert_eq!(page(&app.caller("clinician"), &app).await["viewer"], Value::Null);
    assert_eq!(labels(&of_a, "daily_check_in"), ["1 of 3"], "what B skipped reads as left out");
    assert_eq!(of_a["wins"][0]["label"], "1 of 3");
    assert_eq!(of_a["next"][0]["local_date"], "2026-12-04");
    assert_eq!(of_a["next"][0]["due_there"]["at"], "20:00");
    let from: Vec<&str> = of_a["shared"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["from"].as_str().unwrap())
        .collect();
    assert!(from.contains(&name_of_a.as_str()) && from.len() >= 2, "{from:?}");
    let text = of_a.to_string();
    assert!(!text.contains("I slept badly"), "what is private is on nobody's page");
}

#[actix_web::test]
async fn two_evenings_left_out_bring_a_suggestion_for_both_and_one_that_takes_place_ends_it() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    evening(&app, 1);
    assert_eq!(codes(&shared_page(&app, "partner_a").await), [""; 0], "one is not two");
    evening(&app, 2);
    let page = shared_page(&app, "partner_b").await;
    assert_eq!(codes(&page), ["try_another_time"]);
    assert!(!page.to_string().contains(r#""consecutive_missed":2"#), "no row of misses: {page}");
    assert_eq!(page, shared_page(&app, "partner_a").await);
    checks_in(&app, "partner_b", &homework, 1).await;
    assert_eq!(codes(&shared_page(&app, "partner_a").await), ["try_another_time"]);
    checks_in(&app, "partner_a", &homework, 2).await;
    assert_eq!(codes(&shared_page(&app, "partner_a").await), [""; 0]);
    for day in 3..7 {
        evening(&app, day);
        for (offset, who) in [(1, "partner_a"), (2, "partner_b")] {
            checks_in(&app, who, &homework, u128::try_from(day).unwrap() * 2 + offset).await;
        }
    }
    let page = shared_page(&app, "partner_a").await;
    assert_eq!(labels(&page, "daily_check_in"), ["5 of 7"]);
    assert_eq!(codes(&page), ["name_the_consistency"]);
}

#[actix_web::test]
async fn whose_answer_is_missing_shows_nowhere_and_what_rests_says_until_when() {
    let app = TestApp::start().await;
    let statements = for_couple(&app, "goal_statements").await;
    let homework = evenings(&app).await;
    let before = shared_page(&app, "partner_b").await;
    let first = submitted(goals("money"));
    app.caller("partner_a").put(&place(&statements, 1), first).await.expect(201);
    assert_eq!(shared_page(&app, "partner_b").await, before, "A's answer waits for B's");
    let rest = json!({ "resume_on": "2026-12-06" });
    let path = format!("/v1/assignments/{homework}/pause");
    app.caller("partner_b").post(&path, rest).await.expect(200);
    let page = shared_page(&app, "partner_a").await;
    assert_eq!(page["resting"][0]["resume_on"], "2026-12-06");
    let titles: Vec<&Value> =
        page["next"].as_array().unwrap().iter().map(|step| &step["assignment_id"]).collect();
    assert_eq!(titles, [&json!(statements)], "what rests is not next");
}

#[actix_web::test]
async fn what_opens_with_the_second_answer_is_on_the_page_for_both() {
    let app = TestApp::start().await;
    let statements = for_couple(&app, "goal_statements").await;
    app.caller("partner_a")
        .put(&place(&statements, 1), submitted(goals("money")))
        .await
        .expect(201);
    assert_eq!(shared_page(&app, "partner_a").await["shared"], json!([]), "it waits for B's");
    app.caller("partner_b").put(&place(&statements, 2), submitted(goals("time"))).await.expect(201);
    let pages = [shared_page(&app, "partner_a").await, shared_page(&app, "partner_b").await];
    assert_eq!(pages[0], pages[1]);
    let shared = pages[0]["shared"].as_array().unwrap();
    let mut told: Vec<&str> =
        shared.iter().map(|one| one["answers"]["problem"].as_str().unwrap()).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        ["We talk past each other about money.", "We talk past each other about time."]
    );
}

/// Members of an object have an order for whoever shows them one below the other (1.130).
#[actix_web::test]
async fn wins_stand_before_everything_and_what_is_next_says_from_when_until_when() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    evening(&app, 0);
    checks_in(&app, "partner_a", &homework, 1).await;
    checks_in(&app, "partner_b", &homework, 2).await;
    evening(&app, 1);
    let path = format!("/v1/couples/{}/dashboard", app.id("couple"));
    let answer = app.caller("partner_a").get(&path).await.expect(200);
    let text = String::from_utf8(answer.body.clone()).unwrap();
    let place_of = |name: &str| text.find(&format!("\"{name}\":[")).unwrap();
    let order = ["wins", "suggestions", "next", "resting", "totals", "shared"].map(place_of);
    assert!(order.is_sorted(), "{order:?} in {text}");
    let page = answer.json();
    assert_eq!(page["wins"][0]["label"], "1 of 2");
    let next = &page["next"][0];
    assert_eq!(next["local_date"], "2026-12-03");
    // From a quarter of an hour before eight in the evening until midnight.
    assert_eq!(next["opens_at"], "2026-12-04T03:45:00.000000Z");
    assert_eq!(next["due_at"], "2026-12-04T04:00:00.000000Z");
    assert_eq!(next["closes_at"], "2026-12-04T08:00:00.000000Z");
}

#[actix_web::test]
async fn the_page_is_for_the_couple_and_those_who_treat_it() {
    let app = TestApp::start().await;
    evenings(&app).await;
    let path = format!("/v1/couples/{}/dashboard", app.id("couple"));
    for stranger in ["partner_c", "associate", "practice_admin", "service_app"] {
        app.caller(stranger).get(&path).await.expect(404);
    }
    app.anybody().get(&path).await.expect(401);
    let own = for_own(&app).await;
    let page = shared_page(&app, "partner_a").await.to_string();
    assert!(!page.contains(&own), "what is A's alone is not the couple's");
}

async fn for_own(app: &TestApp) -> String {
    crate::submissions::for_client(app, "session_fit", "partner_a").await
}

/// The entry of the couple of the story on Morgan's page, with its reasons as `code count`.
async fn attention(app: &TestApp) -> (Value, Vec<String>) {
    let page = app.caller("clinician").get("/v1/caseload").await.expect(200).json();
    let couple = app.id("couple");
    let entries = page["entries"].as_array().unwrap().clone();
    let entry = entries.into_iter().find(|entry| entry["couple_id"] == couple.as_str()).unwrap();
    let reasons = entry["reasons"].as_array().unwrap().iter();
    let reasons =
        reasons.map(|one| format!("{} {}", one["code"].as_str().unwrap(), one["count"])).collect();
    (entry, reasons)
}

#[actix_web::test]
async fn a_clinician_sees_who_needs_attention_the_most_urgent_first() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    let pulse = assign(&app, "weekly_pulse", json!({ "couple_id": app.id("couple") })).await;
    let (entry, reasons) = attention(&app).await;
    assert_eq!((&entry["urgency"], reasons.len()), (&Value::Null, 0));
    for (number, days) in [(1, 0), (2, 7)] {
        evening(&app, days);
        let answers = json!({ "blowups": 1, "soft_moments": 5, "clear_asks": 2, "temperature": 6,
            "ease_of_reaching": 6, "resentment": 4, "feel_like_house_manager": 1 });
        let sent = submitted(answers);
        app.caller("partner_a").put(&place(&pulse, number), sent).await.expect(201);
    }
    let (entry, reasons) = attention(&app).await;
    assert_eq!(entry["urgency"], "moderate");
    assert_eq!(reasons, ["missed_in_a_row 7", "prompt 1", "unread 2"]);
    let prompt = &entry["reasons"][1];
    assert_eq!(prompt["about"], "simplify_gestures");
    assert!(prompt["text"].as_str().unwrap().contains("without naming the cause"));
    assert_eq!(entry["figure"]["expected"], 7);
    for plot in entry["plots"].as_array().unwrap() {
        let path = plot["path"].as_str().unwrap();
        let shown = app.caller("clinician").get(path).await.expect(200);
        assert!(shown.text("/svg").starts_with("<svg"), "{path}");
    }
    let partner = app.caller("partner_a");
    let page = partner.get(&format!("/v1/couples/{}/dashboard", app.id("couple"))).await.json();
    assert!(
        !page.to_string().contains("simplify"),
        "bitterness is nothing that the couple reads of"
    );
    let review = json!({ "assignment_id": pulse });
    app.clock.advance_seconds(60);
    app.caller("clinician").post("/v1/reviews", review).await.expect(201);
    let (_, reasons) = attention(&app).await;
    assert_eq!(reasons, ["missed_in_a_row 7", "prompt 1"]);
    let alert = json!({ "client_id": app.id("partner_b"), "couple_id": app.id("couple"),
                        "code": "fear_of_partner" });
    app.caller("clinician").post("/v1/alerts", alert).await.expect(201);
    let page = app.caller("clinician").get("/v1/caseload").await.json();
    assert_eq!(page["entries"][0]["couple_id"], app.id("couple").as_str());
    assert_eq!(page["entries"][0]["urgency"], "critical");
    assert_eq!(page["entries"][0]["reasons"][0]["about"], "fear_of_partner");
    let others = app.caller("practice_admin").get("/v1/caseload").await.expect(200).json();
    assert_eq!(others["entries"], json!([]), "who treats nobody has no caseload");
    app.caller("partner_a").get("/v1/caseload").await.expect(403);
    drop(homework);
}

/// Whoever paused it: a day on which something was to go on, and did not, is for the clinician to look at.
#[actix_web::test]
async fn a_pause_whose_day_has_come_asks_for_attention() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    let path = format!("/v1/assignments/{homework}");
    let until = |day: &str| json!({ "resume_on": day });
    let pause = format!("{path}/pause");
    app.caller("clinician").post(&pause, until("2026-12-05")).await.expect(200);
    evening(&app, 2);
    assert_eq!(attention(&app).await.1, [""; 0], "it rests until tomorrow");
    evening(&app, 3);
    let (entry, reasons) = attention(&app).await;
    assert_eq!(reasons, ["resume_due 1"]);
    assert_eq!(entry["reasons"][0]["assignment_id"], homework.as_str());
    app.caller("clinician").act(&format!("{path}/resume")).await.expect(200);
    assert_eq!(attention(&app).await.1, [""; 0]);
    app.caller("partner_b").post(&pause, until("2026-12-06")).await.expect(200);
    evening(&app, 4);
    assert_eq!(attention(&app).await.1, ["resume_due 1"], "what B has paused too");
}

/// The day of a hold is what the couple reads. It asks nobody to lift the hold.
#[actix_web::test]
async fn the_day_of_a_hold_asks_for_nothing() {
    let app = TestApp::start().await;
    evenings(&app).await;
    let hold = json!({ "couple_id": app.id("couple"), "kind": "conjoint",
        "cover_reason": "therapist_review", "resume_on": "2026-12-05",
        "effective_at": app.clock.now().plus_seconds(3600).to_string() });
    app.caller("clinician").post("/v1/holds", hold).await.expect(201);
    app.clock.advance_seconds(3661);
    app.tick().await;
    assert_eq!(page(&app.caller("partner_a"), &app).await["resting"][0]["resume_on"], "2026-12-05");
    evening(&app, 3);
    assert_eq!(attention(&app).await.1, [""; 0]);
}

#[actix_web::test]
async fn a_programme_that_rests_longer_than_it_was_to_asks_for_attention() {
    let app = TestApp::start().await;
    let program = begun(&app, json!({ "starts_on": "2026-12-02" })).await;
    let pause = format!("/v1/programs/{}/pause", program.text("/id"));
    app.caller("clinician").post(&pause, json!({ "resume_on": "2026-12-05" })).await.expect(200);
    let about = async || {
        let (entry, _) = attention(&app).await;
        let all = entry["reasons"].as_array().unwrap().clone();
        let due = all.into_iter().filter(|one| one["code"] == "resume_due");
        due.map(|one| one["about"].clone()).collect::<Vec<_>>()
    };
    evening(&app, 2);
    assert_eq!(about().await, [Value::Null; 0]);
    evening(&app, 3);
    let all = about().await;
    assert!(all.contains(&program.json()["title"]), "{all:?}");
    assert!(all.len() > 1, "and its homework with it: {all:?}");
}
