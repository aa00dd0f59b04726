//! Figures as they are answered: what the couple's weeks come to, and who may read how somebody felt.

use serde_json::{Value, json};

use crate::occurrences::{evening, evenings, occurrences};
use crate::submissions::{assign, check_in, for_couple, goals, place, submitted};
use crate::support::TestApp;

const PERIOD: &str = "from=2026-11-30&until=2026-12-20";

fn pulse(blowups: u8) -> Value {
    submitted(json!({ "blowups": blowups, "soft_moments": 3, "clear_asks": 2, "temperature": 6,
        "ease_of_reaching": 5, "gestures_noticed": 4, "resentment": 1, "feel_like_house_manager": 0 }))
}

fn noted(answers: &[Value]) -> Value {
    let entry = |(number, answers): (usize, &Value)| json!({ "at": format!("2026-12-02T1{number}:00:00Z"), "answers": answers });
    let entries: Vec<Value> = answers.iter().enumerate().map(entry).collect();
    json!({ "status": "submitted", "entries": entries })
}

/// Three weeks: check-ins of one evening by both and of another by Åsa alone, kindnesses, bids, a repair, and pulses.
async fn three_weeks(app: &TestApp) -> String {
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = evenings(app).await;
    let weekly = for_couple(app, "weekly_pulse").await;
    let mut number = 100;
    let mut next = || {
        number += 1;
        number
    };
    let hug = json!({ "kind": "hug" });
    let gestures = for_couple(app, "friendly_gestures").await;
    a.put(&place(&gestures, next()), noted(&[hug.clone(), hug.clone(), hug])).await.expect(201);
    let bid = json!({ "what": "Asked for a walk.", "made_by": "me", "my_response": "away" });
    let bids = for_couple(app, "bids").await;
    b.put(&place(&bids, next()), noted(&[bid.clone(), bid])).await.expect(201);
    let repair = json!({ "kind": "humor", "words": "A joke.", "received": "not_yet" });
    let repairs = for_couple(app, "repair_log").await;
    b.put(&place(&repairs, next()), noted(&[repair])).await.expect(201);
    for (day, blowups) in [(0, 4), (7, 4), (14, 2)] {
        evening(app, day);
        let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
        for partner in [&a, &b] {
            partner.put(&place(&weekly, next()), pulse(blowups)).await.expect(201);
        }
        if day == 0 {
            for (partner, mood) in [(&a, 2), (&b, 5)] {
                let sent = submitted(check_in(mood));
                partner.put(&place(&homework, next()), sent).await.expect(201);
            }
            evening(app, 1);
            let a = app.caller("partner_a");
            a.put(&place(&homework, next()), submitted(check_in(4))).await.expect(201);
        }
    }
    homework
}

fn values(weeks: &Value) -> Vec<Option<f64>> {
    weeks.as_array().unwrap().iter().map(|week| week["value"].as_f64()).collect()
}

#[actix_web::test]
async fn a_clinician_reads_how_each_felt_and_what_the_couple_did_by_the_week() {
    let app = TestApp::start().await;
    let homework = three_weeks(&app).await;
    let path = format!("/v1/figures?couple_id={}&{PERIOD}", app.id("couple"));
    let read = app.caller("clinician").get(&path).await.expect(200).json();
    let trends = &read["trends"];
    let person = |who: &str| {
        let people = trends["people"].as_array().unwrap().iter();
        people.clone().find(|one| one["client_id"] == app.id(who).as_str()).unwrap().clone()
    };
    let (a, b) = (person("partner_a"), person("partner_b"));
    assert_eq!(values(&a["mood"]), [Some(3.0), None, None]);
    assert_eq!(a["mood"][0]["values"], 2);
    assert_eq!(values(&b["mood"]), [Some(5.0), None, None]);
    assert_eq!(values(&a["stress"]), [Some(4.0), None, None]);
    assert_eq!(values(&trends["gestures"])[0], Some(3.0));
    assert_eq!(values(&trends["bids"])[0], Some(2.0));
    assert_eq!(values(&trends["repairs"])[0], Some(1.0));
    assert_eq!(values(&trends["reactivity"]), [Some(4.0), Some(4.0), Some(2.0)]);
    assert_eq!(trends["reactivity_change_pct"], -25.0);

    // Two evenings of Åsa's, one of both: the couple's figure is that of both.
    let week = format!("/v1/figures?assignment_id={homework}&from=2026-12-02&until=2026-12-03");
    let read = app.caller("clinician").get(&week).await.expect(200).json();
    assert_eq!(read["total"]["label"], "1 of 2");
    let people = read["people"].as_array().unwrap();
    let completed = |who: &str| {
        let own = people.iter().find(|one| one["client_id"] == app.id(who).as_str()).unwrap();
        own["figure"]["completed"].clone()
    };
    assert_eq!((completed("partner_a"), completed("partner_b")), (json!(2), json!(1)));
}

#[actix_web::test]
async fn how_somebody_felt_is_for_those_who_treat_them() {
    let app = TestApp::start().await;
    three_weeks(&app).await;
    let couple = app.id("couple");
    let figures = format!("/v1/figures?couple_id={couple}&{PERIOD}");
    let person = format!(
        "/v1/figures/plot?kind=person&client_id={}&couple_id={couple}&{PERIOD}",
        app.id("partner_a")
    );
    let pair = format!("/v1/figures/plot?kind=couple&couple_id={couple}&{PERIOD}");
    for path in [&person, &pair] {
        let drawn = app.caller("clinician").get(path).await.expect(200);
        assert!(drawn.text("/svg").starts_with("<svg"));
        assert!(drawn.text("/text").contains("Week of 30 November"), "{}", drawn.text("/text"));
    }
    let admin = app.caller("practice_admin");
    assert_eq!(admin.get(&figures).await.expect(200).json()["trends"], Value::Null);
    for path in [&person, &pair] {
        admin.get(path).await.expect(404);
        app.caller("associate").get(path).await.expect(404);
        app.caller("partner_b").get(path).await.expect(403);
    }
    app.caller("associate").get(&figures).await.expect(404);
    app.caller("partner_b").get(&figures).await.expect(403);
}

/// Statements that are due on Friday evening and can be sent for an hour more. The couple is given until Sunday, and what
/// both send on Saturday is in time by the list and by the figures.
#[actix_web::test]
async fn what_is_due_at_another_time_by_now_is_counted_by_it() {
    let app = TestApp::start().await;
    let due = json!({ "on": "2026-12-04", "time": "20:00", "closes_after_minutes": 60 });
    let more = json!({ "couple_id": app.id("couple"),
                       "schedule": { "rhythm": { "kind": "once", "due": due } } });
    let homework = assign(&app, "goal_statements", more).await;
    evening(&app, 1);
    let sunday = json!({ "due_at": "2026-12-07T04:00:00Z" });
    let path = format!("/v1/assignments/{homework}");
    let morgan = app.caller("clinician");
    let moved = morgan.patch(&path, sunday).await.expect(200).json();
    let due = json!({ "on": "2026-12-06", "time": "20:00", "closes_after_minutes": 60 });
    assert_eq!(moved["schedule"]["rhythm"]["due"], due, "one date, told twice");
    let second = json!({ "due_at": "2026-12-07T04:00:01Z" });
    assert_eq!(morgan.patch(&path, second).await.expect(422).faults(), ["/due_at out_of_range"]);
    // An hour to the east and back, they still have until Sunday.
    for (zone, due_at) in [
        ("America/Boise", "2026-12-07T03:00:00.000000Z"),
        ("America/Los_Angeles", "2026-12-07T04:00:00.000000Z"),
    ] {
        let couple = format!("/v1/couples/{}", app.id("couple"));
        morgan.patch(&couple, json!({ "timezone": zone })).await.expect(200);
        assert_eq!(morgan.get(&path).await.text("/due_at"), due_at);
    }
    evening(&app, 3);
    for who in ["partner_a", "partner_b"] {
        let sent = submitted(goals("time"));
        app.caller(who).put(&place(&homework, 1), sent).await.expect(201);
    }
    let morgan = app.caller("clinician");
    let listed = occurrences(&morgan, &homework, "").await;
    assert_eq!(listed[0]["closes_at"], "2026-12-07T05:00:00.000000Z");
    assert_eq!(listed[0]["status"], "submitted");
    let figures = format!("/v1/figures?assignment_id={homework}&from=2026-12-02&until=2026-12-08");
    let read = morgan.get(&figures).await.expect(200).json();
    assert_eq!(read["total"]["label"], "1 of 1");

    // Moved to before it was sent, it came too late.
    let friday = json!({ "due_at": "2026-12-05T04:00:00Z" });
    morgan.patch(&path, friday).await.expect(200);
    assert_eq!(occurrences(&morgan, &homework, "").await[0]["status"], "missed");
    let read = morgan.get(&figures).await.expect(200).json();
    assert_eq!(read["total"]["label"], "0 of 1");
}
