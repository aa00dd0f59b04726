//! Clinicians are called until one of them has the alert, and a call says nothing.

use serde_json::{Value, json};

use super::{ALERTS, calls, put_on_team, raise, start_clock, with_calls};
use crate::support::TestApp;
use crate::support::database::TestDatabase;
use crate::support::logs::Logs;

const HALF_AN_HOUR: i64 = 1800;

fn step(call: &Value) -> (&str, Vec<&str>) {
    let ids = call["clinician_ids"].as_array().unwrap();
    (call["step"].as_str().unwrap(), ids.iter().map(|id| id.as_str().unwrap()).collect())
}

#[actix_web::test]
async fn first_the_primary_clinician_then_who_covers_then_the_practice_and_then_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls");
    let app = with_calls(TestDatabase::with_story(), start_clock(), &file).await;
    put_on_team(&app, "associate", "covering").await;
    let (morgan, rilan) = (app.id("clinician"), app.id("associate"));
    let id = raise(&app.caller("clinician"), &app.id("partner_a"), "fear_of_partner").await;
    raise(&app.caller("clinician"), &app.id("partner_a"), "substance_risk").await;
    app.tick().await;
    app.tick().await;
    assert_eq!(calls(&file).len(), 1, "once, and for what is urgent alone");
    app.clock.advance_seconds(HALF_AN_HOUR - 1);
    app.tick().await;
    assert_eq!(calls(&file).len(), 1);
    app.clock.advance_seconds(1);
    app.tick().await;
    app.clock.advance_seconds(HALF_AN_HOUR);
    app.tick().await;
    for _ in 0..3 {
        app.clock.advance_seconds(HALF_AN_HOUR);
        app.tick().await;
    }
    let sent = calls(&file);
    let steps: Vec<_> = sent.iter().map(step).collect();
    let wanted = [
        ("primary", vec![morgan.as_str()]),
        ("covering", vec![rilan.as_str()]),
        ("practice", vec![]),
    ];
    assert_eq!(steps, wanted);
    for call in &sent {
        let members: Vec<&String> = call.as_object().unwrap().keys().collect();
        assert_eq!(
            members,
            ["alert_id", "at", "clinician_ids", "practice_id", "step", "text"],
            "and nothing of whom it is about or why"
        );
        assert_eq!(call["text"], "Please sign in.");
        assert_eq!(call["alert_id"], json!(id));
    }
    let alert = app.caller("clinician").get(&format!("{ALERTS}/{id}")).await.expect(200);
    assert_eq!(alert.json()["pages"], 3);
    assert_eq!(alert.json()["next_page_at"], Value::Null);
}

#[actix_web::test]
async fn whoever_acknowledges_ends_the_calls_and_the_practice_sets_how_long_they_wait() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls");
    let app = with_calls(TestDatabase::with_story(), start_clock(), &file).await;
    put_on_team(&app, "associate", "covering").await;
    let settings = json!({ "settings": { "flag_ack_minutes": 5 } });
    app.caller("practice_admin").patch("/v1/practice", settings).await.expect(200);
    let id = raise(&app.caller("clinician"), &app.id("partner_a"), "suicide_risk").await;
    app.tick().await;
    app.clock.advance_seconds(300);
    app.tick().await;
    assert_eq!(calls(&file).len(), 2);
    app.caller("associate").act(&format!("{ALERTS}/{id}/acknowledge")).await.expect(200);
    for _ in 0..3 {
        app.clock.advance_seconds(300);
        app.tick().await;
    }
    assert_eq!(calls(&file).len(), 2);
}

/// A step that would call nobody is no reason to wait.
#[actix_web::test]
async fn where_nobody_covers_the_practice_is_next_and_without_a_treatment_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls");
    let app = with_calls(TestDatabase::with_story(), start_clock(), &file).await;
    let morgan = app.caller("clinician");
    raise(&morgan, &app.id("partner_a"), "fear_of_partner").await;
    app.tick().await;
    app.clock.advance_seconds(HALF_AN_HOUR);
    app.tick().await;
    let sent = calls(&file);
    assert_eq!(sent.iter().map(|call| step(call).0).collect::<Vec<_>>(), ["primary", "practice"]);
    let nobodys = morgan.make_client("Nobody's").await;
    raise(&morgan, &nobodys, "harm_to_others").await;
    app.tick().await;
    assert_eq!(step(&calls(&file)[2]), ("practice", vec![]));
}

/// Where nobody has said where calls go they are warnings in the log, and say as little.
#[actix_web::test]
async fn by_default_a_call_is_a_line_of_the_log() {
    let (logs, app) = (Logs::listen(), TestApp::start().await);
    let id = raise(&app.caller("clinician"), &app.id("partner_a"), "fear_of_partner").await;
    app.tick().await;
    let text = String::from_utf8(logs.text()).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains(&id)).collect();
    let [line] = lines[..] else { panic!("one line names the alert: {lines:?}") };
    let clinician = app.id("clinician");
    for told in ["WARN", "Please sign in.", "primary", &clinician] {
        assert!(line.contains(told), "{told} in {line}");
    }
    let (about, couple) = (app.id("partner_a"), app.id("couple"));
    for kept in ["fear", "safety", "critical", "Said so alone", "client", &about, &couple] {
        assert!(!line.contains(kept), "{kept} in {line}");
    }
}

#[actix_web::test]
async fn of_two_workers_one_calls() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls");
    let (database, clock) = (TestDatabase::with_story(), start_clock());
    let other = with_calls(database.again(), clock.clone(), &file).await;
    let app = with_calls(database, clock, &file).await;
    for _ in 0..10 {
        raise(&app.caller("clinician"), &app.id("partner_a"), "fear_of_partner").await;
    }
    tokio::join!(app.tick(), other.tick(), app.tick(), other.tick());
    let sent = calls(&file);
    let alerts: std::collections::BTreeSet<_> =
        sent.iter().map(|call| call["alert_id"].as_str().unwrap()).collect();
    assert_eq!((sent.len(), alerts.len()), (10, 10));
}

/// A channel that fails loses nothing, and keeps nobody from their work.
#[actix_web::test]
async fn a_call_that_cannot_be_sent_is_sent_later() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("not yet").join("calls");
    let app: TestApp = with_calls(TestDatabase::with_story(), start_clock(), &file).await;
    let id = raise(&app.caller("clinician"), &app.id("partner_a"), "fear_of_partner").await;
    app.tick().await;
    let alert = app.caller("clinician").get(&format!("{ALERTS}/{id}")).await.expect(200);
    assert_eq!(alert.json()["pages"], 0);
    // Whoever runs the service is told that nobody is called, as of a worker that stands still.
    let late = || app.service.metrics().worker.seconds_since_round(app.clock.now());
    assert_eq!(late(), 0, "from here on");
    app.clock.advance_seconds(121);
    app.tick().await;
    assert_eq!(late(), 121);
    std::fs::create_dir(file.parent().unwrap()).unwrap();
    app.tick().await;
    assert_eq!((calls(&file).len(), late()), (1, 0));
}
