//! What neither partner can observe: that one of them has said something, that a clinician looks into it,
//! that a hold was placed; and, once it is in effect, that it is anything but a clinician's pause.

use attune::clock::Clock;
use attune::db::Instant;
use serde_json::{Value, json};

use super::{HELP, assign, hold, raise};
use crate::support::app::NOW;
use crate::support::document::Document;
use crate::support::{Answer, TestApp};

const PARTNERS: [&str; 2] = ["partner_a", "partner_b"];

/// Everything that a partner can read: every operation that reads, its lists by every order, and what is
/// below each assignment.
async fn trace(app: &TestApp, who: &str) -> Vec<(String, String)> {
    let caller = app.caller(who);
    let mut paths: Vec<String> = Vec::new();
    let assignments = caller.get("/v1/assignments?limit=200").await.expect(200).ids();
    for operation in Document::read().operations_of_v1() {
        if operation.method != "GET" {
            continue;
        }
        let path = operation.path_with(|slot| match Document::read().id_kind(&slot.schema) {
            Some(kind) if kind == "cpl" => app.id("couple"),
            Some(kind) if kind == "asg" => "ASG".to_owned(),
            Some(kind) if kind == "cli" => app.id(who),
            Some(kind) if kind == "trt" => app.id("treatment"),
            Some(kind) => format!("{kind}_01{}", "z".repeat(24)),
            None => "nothing".to_owned(),
        });
        if path.contains("ASG") {
            paths.extend(assignments.iter().map(|id| path.replace("ASG", id)));
        } else if operation.is_paged() {
            for sort in ["created_at", "-created_at", "updated_at", "-updated_at"] {
                paths.push(format!("{path}?sort={sort}&limit=200"));
            }
        } else {
            paths.push(path);
        }
    }
    for status in ["assigned", "paused", "held", "in_progress"] {
        paths.push(format!("/v1/assignments?status={status}"));
    }
    let mut seen = Vec::new();
    for path in paths {
        let answer = caller.get(&path).await;
        seen.push((path, masked(&answer)));
    }
    seen
}

fn masked(answer: &Answer) -> String {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        // The words of the header on CORS are the same and their order is each service's own.
        .filter(|(name, _)| {
            // What is left of one's own budget is a matter of how often one has asked.
            !["x-request-id", "date", "access-control-expose-headers", "ratelimit"]
                .contains(&name.as_str())
        })
        .map(|(name, value)| format!("{name}: {value:?}"))
        .collect();
    headers.sort();
    let body = String::from_utf8_lossy(&answer.body).replace(&answer.header("x-request-id"), "");
    format!("{} {headers:?} {body}", answer.status)
}

async fn traces(app: &TestApp) -> Vec<Vec<(String, String)>> {
    let mut all = Vec::new();
    for who in PARTNERS {
        all.push(trace(app, who).await);
    }
    all
}

#[track_caller]
fn same(one: &[Vec<(String, String)>], other: &[Vec<(String, String)>]) {
    let mut compared = 0;
    for ((path, before), (_, after)) in one.iter().flatten().zip(other.iter().flatten()) {
        assert_eq!(before, after, "{path}");
        compared += 1;
    }
    assert!(compared > 60, "only {compared} answers");
    assert_eq!(one.iter().map(Vec::len).sum::<usize>(), compared);
    println!("{compared} answers to two partners, each the same");
}

/// Everything happens on the clinicians' side, and neither of the two can tell.
#[actix_web::test]
async fn neither_partner_observes_anything_before_a_hold_takes_effect() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    for key in ["daily_check_in", "bids"] {
        assign(&morgan, key, &app.id("couple")).await;
    }
    let before = traces(&app).await;
    let body = json!({ "kind": "private_safety", "message": "I am afraid." });
    app.caller("partner_a").post(HELP, body).await.expect(201);
    app.tick().await;
    same(&before, &traces(&app).await);
    let alert = raise(&morgan, &app.id("partner_a"), "ipv_disclosed").await;
    let path = format!("/v1/alerts/{alert}");
    morgan.act(&format!("{path}/acknowledge")).await.expect(200);
    morgan.patch(&path, json!({ "plan": "See her alone." })).await.expect(200);
    for kind in ["conjoint", "touch"] {
        hold(&app, "clinician", kind).await;
    }
    app.clock.advance_seconds(3599);
    app.tick().await;
    same(&before, &traces(&app).await);
    morgan.post(&format!("{path}/resolve"), json!({ "reason": "She is safe." })).await.expect(200);
    same(&before, &traces(&app).await);
}

/// Two practices alike to the last id: in the one a hold takes effect, in the other a clinician pauses the
/// same homework at that time until the same day.
#[actix_web::test]
async fn a_hold_in_effect_is_to_both_partners_a_clinicians_pause() {
    let (held, paused) = (alike().await, alike().await);
    let mut homework = Vec::new();
    for app in [&held, &paused] {
        let morgan = app.caller("clinician");
        let mut ids = Vec::new();
        for key in ["daily_check_in", "bids"] {
            ids.push(assign(&morgan, key, &app.id("couple")).await);
        }
        homework.push(ids);
    }
    assert_eq!(homework[0], homework[1], "the same ids");
    // What a partner lets rest themself the practice can pause too, as a hold does.
    let own = json!({ "resume_on": "2026-12-10" });
    for app in [&held, &paused] {
        let path = format!("/v1/assignments/{}/pause", homework[0][1]);
        app.caller("partner_b").post(&path, own.clone()).await.expect(200);
    }
    same(&traces(&held).await, &traces(&paused).await);

    let body = json!({ "kind": "private_safety", "message": "I am afraid." });
    held.caller("partner_a").post(HELP, body).await.expect(201);
    let placed = hold(&held, "clinician", "conjoint").await;
    let at: Instant = placed.text("/effective_at").parse().unwrap();
    move_to(&held.clock, at);
    move_to(&paused.clock, at);
    same(&traces(&held).await, &traces(&paused).await);
    // The worker comes a while later, and leaves no trace of that.
    held.clock.advance_seconds(7);
    held.tick().await;
    let rest = json!({ "resume_on": "2026-12-20" });
    for id in &homework[1] {
        let path = format!("/v1/assignments/{id}/pause");
        paused.caller("clinician").post(&path, rest.clone()).await.expect(200);
    }
    same(&traces(&held).await, &traces(&paused).await);

    // What they may try has the same answers.
    for who in PARTNERS {
        for (path, body) in attempts(&homework[0], &held) {
            let mut answers = Vec::new();
            for app in [&held, &paused] {
                let caller = app.caller(who);
                let answer = match &body {
                    Some(body) => caller.post(&path, body.clone()).await,
                    None => caller.act(&path).await,
                };
                answers.push(masked(&answer));
            }
            assert_eq!(answers[0], answers[1], "{who} {path}");
        }
    }

    let lifted = move_on(&held, &paused);
    let path = format!("/v1/holds/{}/lift", placed.text("/id"));
    held.caller("clinician").act(&path).await.expect(200);
    for id in &homework[1] {
        let path = format!("/v1/assignments/{id}/resume");
        paused.caller("clinician").act(&path).await.expect(200);
    }
    same(&traces(&held).await, &traces(&paused).await);
    assert_eq!(held.clock.now(), lifted);
}

/// What a participant may do with homework that rests.
fn attempts(homework: &[String], app: &TestApp) -> Vec<(String, Option<Value>)> {
    let mut all = Vec::new();
    for id in homework {
        let path = format!("/v1/assignments/{id}");
        all.push((format!("{path}/resume"), None));
        all.push((format!("{path}/pause"), Some(json!({ "resume_on": "2026-12-15" }))));
        all.push((format!("{path}/withdraw"), None));
        all.push((format!("{path}/complete"), None));
    }
    all.push((format!("/v1/couples/{}/accept-invitation", app.id("couple")), None));
    all
}

/// A service whose ids are the same each time.
async fn alike() -> TestApp {
    let database = crate::support::database::TestDatabase::with_story();
    let clock = Clock::manual(NOW);
    let mut parts = crate::support::database::parts(&database.url, clock.clone());
    parts.ids = attune::db::id::IdSource::seeded(4711);
    TestApp::assemble(database, clock, parts).await
}

fn move_to(clock: &Clock, at: Instant) {
    // The clock moves by whole seconds and micros are what is left of the hold's own time.
    if let Clock::Manual(micros) = clock {
        micros.store(at.micros(), std::sync::atomic::Ordering::Relaxed);
    }
}

/// Both clocks to the same later moment.
fn move_on(one: &TestApp, other: &TestApp) -> Instant {
    let later = one.clock.now().plus_seconds(7_200);
    move_to(&one.clock, later);
    move_to(&other.clock, later);
    later
}
