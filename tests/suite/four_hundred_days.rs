//! Four hundred days of daily homework as the worker makes them, from one winter into the next: every local date once,
//! wherever somebody lives and wherever they move to.

use std::collections::BTreeMap;

use attune::db::{Date, Instant};
use serde_json::{Value, json};

use crate::occurrences::occurrences;
use crate::submissions::for_client;
use crate::support::TestApp;

/// The day on which the story's service starts, in Seattle as in Boise.
const FIRST: &str = "2026-12-02";
const DAYS: i32 = 400;
const ROUND_SECONDS: i64 = 14 * 86_400;

/// Homework of a client's own that comes every day at this time.
async fn every_day(app: &TestApp, who: &str, time: &str) -> String {
    let morgan = app.caller("clinician");
    let once = for_client(app, "session_fit", who).await;
    let once = morgan.get(&format!("/v1/assignments/{once}")).await.expect(200);
    let rhythm = json!({ "kind": "daily", "times": [time] });
    let body = json!({ "activity_definition_id": once.text("/activity_definition_id"),
        "client_id": app.id(who), "starts_on": FIRST, "schedule": { "rhythm": rhythm } });
    morgan.post("/v1/assignments", body).await.expect(201).text("/id")
}

/// Two weeks and a little more go by, so that the hour is another each time, and the worker comes.
async fn round(app: &TestApp) {
    app.clock.advance_seconds(ROUND_SECONDS + 3 * 3600);
    app.days_pass(0);
    app.tick().await;
}

fn first() -> Date {
    FIRST.parse().unwrap()
}

/// The occurrences of the four hundred days, as the clinician lists them.
async fn listed(app: &TestApp, homework: &str) -> Vec<Value> {
    let mut all = Vec::new();
    for from in [0, 200] {
        let days = (first().plus_days(from), first().plus_days(from + 199));
        let query = format!("&from={}&until={}", days.0, days.1);
        all.extend(occurrences(&app.caller("clinician"), homework, &query).await);
    }
    all
}

/// Each date once, in order, and none left out.
fn assert_each_date_once(all: &[Value], of: &str) {
    let found: Vec<&str> = all.iter().map(|one| one["local_date"].as_str().unwrap()).collect();
    let expected: Vec<String> = (0..DAYS).map(|day| first().plus_days(day).to_string()).collect();
    assert_eq!(found, expected, "{of}");
    assert!(all.iter().all(|one| one["slot_no"] == 1), "{of}");
}

fn due(one: &Value) -> Instant {
    one["due_at"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().into()
}

/// How many hours lie between one and the next: so many times so many.
fn hours_between(all: &[Value]) -> BTreeMap<i64, usize> {
    let mut hours = BTreeMap::new();
    for two in all.windows(2) {
        *hours.entry((due(&two[1]).seconds() - due(&two[0]).seconds()) / 3600).or_default() += 1;
    }
    hours
}

/// Åsa lives in Seattle and Tomás in Boise. In March 2027 half past two is not there, in November half past one is
/// there twice.
#[actix_web::test]
async fn every_date_comes_once_through_both_changes_of_the_clocks() {
    let app = TestApp::start().await;
    let zones = [("partner_a", "America/Los_Angeles"), ("partner_b", "America/Boise")];
    let mut homework = Vec::new();
    for (who, zone) in zones {
        for time in ["20:00", "02:30", "01:30"] {
            homework.push((zone, time, every_day(&app, who, time).await));
        }
    }
    while app.clock.now().date_in(&jiff::tz::TimeZone::UTC) < first().plus_days(DAYS) {
        round(&app).await;
    }
    for (zone, time, id) in &homework {
        let all = listed(&app, id).await;
        assert_each_date_once(&all, &format!("{time} in {zone}"));
        let moved = all.iter().filter(|one| one["due_there"]["at"] != *time);
        let moved: Vec<_> = moved.map(|one| one["due_there"].clone()).collect();
        let gap = json!({ "timezone": zone, "on": "2027-03-14", "at": "03:30" });
        let expected = if *time == "02:30" { vec![gap] } else { Vec::new() };
        assert_eq!(moved, expected, "{time} in {zone}");
        assert!(all.iter().all(|one| one["due_there"]["timezone"] == *zone));
        assert!(all.iter().all(|one| one["due_there"]["on"] == one["local_date"]));
        let hours = hours_between(&all);
        // In the gap an hour later for one day: as long as any day before it, and the next one all the shorter.
        let expected = BTreeMap::from([(23, 1), (24, 397), (25, 1)]);
        assert_eq!(hours, expected, "{time} in {zone}");
    }
    println!("{} daily assignments over {DAYS} days in two zones: each date once", homework.len());
}

/// Tomás moves every two weeks, at any hour of the day, eastwards and westwards and across the date line.
#[actix_web::test]
async fn every_date_comes_once_for_somebody_who_moves_all_the_time() {
    let app = TestApp::start().await;
    let (moving, staying) =
        (every_day(&app, "partner_b", "20:00").await, every_day(&app, "partner_a", "20:00").await);
    let path = format!("/v1/clients/{}", app.id("partner_b"));
    let zones = ["America/Los_Angeles", "Europe/London", "Pacific/Auckland", "America/Boise"];
    let mut moves = 0;
    for zone in zones.iter().cycle() {
        if app.clock.now().date_in(&jiff::tz::TimeZone::UTC) >= first().plus_days(DAYS) {
            break;
        }
        round(&app).await;
        let morgan = app.caller("clinician");
        morgan.patch(&path, json!({ "timezone": zone })).await.expect(200);
        moves += 1;
        let today = app.clock.now().date_in(&jiff::tz::TimeZone::UTC);
        let from = format!("&from={}", today.plus_days(3));
        let ahead = occurrences(&morgan, &moving, &from).await;
        assert!(ahead.len() >= 20, "{zone}: {} made ahead", ahead.len());
        for one in &ahead {
            let there = &one["due_there"];
            assert_eq!((&there["timezone"], &there["at"]), (&json!(zone), &json!("20:00")));
            assert_eq!(there["on"], one["local_date"]);
        }
    }
    let all = listed(&app, &moving).await;
    assert_each_date_once(&all, "who moves");
    assert!(all.windows(2).all(|two| due(&two[0]) < due(&two[1])), "in the order of their dates");
    assert_each_date_once(&listed(&app, &staying).await, "who stays");
    println!("{moves} moves in {DAYS} days: each date once");
}
