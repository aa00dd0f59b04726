//! Calendar feeds: when there is something to do, and nothing of what it is.

use serde_json::{Value, json};

use crate::at_rest::kept;
use crate::occurrences::{evening, evenings};
use crate::programs::screen_both;
use crate::submissions::{assign, check_in, for_client, for_couple, goals, place, submitted};
use crate::support::{Caller, TestApp};

const FEEDS: &str = "/v1/me/calendar-feeds";

/// The path of a new feed.
async fn feed(caller: &Caller<'_>) -> (String, String) {
    let made = caller.act(FEEDS).await.expect(201);
    let url = made.text("/url");
    let path = url.strip_prefix("http://attune.test").unwrap_or_else(|| panic!("{url}"));
    (made.text("/id"), path.to_owned())
}

async fn read(app: &TestApp, path: &str) -> String {
    let answer = app.anybody().get(path).await.expect(200);
    assert_eq!(answer.header("content-type"), "text/calendar; charset=utf-8");
    String::from_utf8(answer.body).unwrap()
}

/// The values of a property, in order.
fn values<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let lines = text.split("\r\n").filter_map(|line| line.split_once(':'));
    lines.filter(|(one, _)| *one == name).map(|(_, value)| value).collect()
}

#[actix_web::test]
async fn a_calendar_program_reads_the_evenings_and_the_session_and_no_more() {
    let app = TestApp::start().await;
    evenings(&app).await;
    for_client(&app, "session_fit", "partner_b").await;
    let new = crate::sessions::joint(&app, 18).await;
    let session = crate::sessions::book(&app, new).await.expect(201);
    evening(&app, 2);
    let b = app.caller("partner_b");
    let (_, path) = feed(&b).await;
    let text = read(&app, &path).await;
    let starts = values(&text, "DTSTART");
    // Three evenings until now, and those of the next twenty-eight days.
    assert!(
        starts.contains(&"20261203T040000Z") && starts.contains(&"20261231T040000Z"),
        "{starts:?}"
    );
    let at = session.text("/starts_at")[..13].replace(['-', ':'], "");
    assert!(starts.iter().any(|one| one.starts_with(&at)), "{at} of {starts:?}");
    assert!(starts.is_sorted() && starts.len() >= 30, "{}", starts.len());
    assert!(values(&text, "SUMMARY").iter().all(|title| *title == "You have an item waiting"));
    let mut uids = values(&text, "UID");
    uids.sort_unstable();
    uids.dedup();
    assert_eq!(uids.len(), starts.len(), "each has a name of its own");
    for word in ["check", "Check", "Åsa", "Tomás", "session", "Morgan", "asg_", "ses_", "occ_"] {
        assert!(!text.contains(word), "{word} is in it");
    }
    assert_eq!(read(&app, &path).await, text, "the same each time");
}

#[actix_web::test]
async fn it_follows_another_time_a_rest_and_what_is_excused() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let (_, path) = feed(&b).await;
    let proposals = format!("/v1/assignments/{homework}/time-proposals");
    let id = b.post(&proposals, json!({ "time_of_day": "07:15" })).await.expect(201).text("/id");
    a.act(&format!("/v1/time-proposals/{id}/accept")).await.expect(200);
    let moved = read(&app, &path).await;
    assert_eq!(values(&moved, "DTSTART")[..2], ["20261203T040000Z", "20261203T151500Z"]);
    let excuse = json!({ "local_date": "2026-12-04" });
    a.post(&format!("/v1/assignments/{homework}/excuse"), excuse).await.expect(200);
    assert!(!read(&app, &path).await.contains("20261204T151500Z"));
    let rest = json!({ "resume_on": "2026-12-06" });
    a.post(&format!("/v1/assignments/{homework}/pause"), rest).await.expect(200);
    assert!(values(&read(&app, &path).await, "UID").is_empty(), "what rests is not waiting");
}

/// It is looked for by its day; what is done once has its first day for that, weeks before it is due.
#[actix_web::test]
async fn what_is_due_weeks_after_its_first_day_is_in_it_when_its_time_comes() {
    let app = TestApp::start().await;
    let due = json!({ "couple_id": app.id("couple"), "due_at": "2027-01-20T20:00:00Z" });
    assign(&app, "goal_statements", due).await;
    let gone = evenings(&app).await;
    evening(&app, 2);
    app.caller("clinician").act(&format!("/v1/assignments/{gone}/complete")).await.expect(200);
    let (_, path) = feed(&app.caller("partner_b")).await;
    let starts_in = async || values(&read(&app, &path).await, "DTSTART").join(" ");
    let past = "20261203T040000Z 20261204T040000Z 20261205T040000Z";
    assert_eq!(starts_in().await, past, "three evenings before it was ended, and none to come");
    evening(&app, 40);
    assert_eq!(starts_in().await, "20270120T200000Z");
}

/// Whoever holds the address has no token, and so none that opens what is sexual.
#[actix_web::test]
async fn what_is_sexual_stays_out_of_a_calendar() {
    let app = TestApp::start().await;
    let (morgan, b) = (app.caller("clinician"), app.caller("partner_b"));
    evenings(&app).await;
    screen_both(&app).await;
    let found =
        morgan.get("/v1/activity-definitions?key=sensual_inventory").await.text("/data/0/id");
    morgan.act(&format!("/v1/activity-definitions/{found}/activate")).await.expect(200);
    for partner in ["partner_a", "partner_b"] {
        let consent = json!({ "client_id": app.id(partner), "kind": "sexual_health_homework",
                              "document_version": "1", "signer_name": "Somebody" });
        morgan.post("/v1/consents", consent).await.expect(201);
    }
    let (_, path) = feed(&b).await;
    let before = read(&app, &path).await;
    let due = json!({ "couple_id": app.id("couple"), "due_at": "2026-12-05T20:00:00Z",
                      "deviation": "Agreed in session." });
    let homework = assign(&app, "sensual_inventory", due).await;
    assert!(b.get("/v1/me/inbox").await.text("/items").contains(&homework), "B has it");
    assert_eq!(read(&app, &path).await, before);
}

/// What A does in private, and what is A's alone, moves no byte of B's feed.
#[actix_web::test]
async fn the_feed_of_one_is_the_same_whatever_the_other_does() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    let goal = json!({ "couple_id": app.id("couple"), "due_at": "2026-12-05T20:00:00Z" });
    let goal = assign(&app, "goal_statements", goal).await;
    let walk = for_couple(&app, "daily_check_in").await;
    evening(&app, 0);
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let (_, path) = feed(&b).await;
    let before = app.anybody().get(&path).await.expect(200);
    let acts: [(&str, Value); 4] = [
        (&homework, submitted(check_in(2))),
        (&goal, json!({ "status": "draft", "answers": { "problem": "We argue." } })),
        (&walk, json!({ "status": "skipped" })),
        (&goal, submitted(goals("time"))),
    ];
    for (number, (of, body)) in (1..).zip(acts) {
        a.put(&place(of, number), body).await.expect(201);
    }
    let alone = for_client(&app, "session_fit", "partner_a").await;
    a.put(&place(&alone, 9), json!({ "status": "skipped" })).await.expect(201);
    let mut new = crate::sessions::joint(&app, 20).await;
    new["kind"] = "individual_within_couple".into();
    new["participants"] = json!([{ "client_id": app.id("partner_a"), "location_state": "WA" }]);
    crate::sessions::book(&app, new).await.expect(201);
    feed(&a).await;
    let after = app.anybody().get(&path).await.expect(200);
    assert_eq!(String::from_utf8_lossy(&after.body), String::from_utf8_lossy(&before.body));
    assert_eq!(after.header("etag"), before.header("etag"));
}

#[actix_web::test]
async fn tags_work_and_what_is_unknown_revoked_or_shut_out_is_one_404() {
    let app = TestApp::start().await;
    let b = app.caller("partner_b");
    let (id, path) = feed(&b).await;
    let first = app.anybody().get(&path).await.expect(200);
    assert_eq!(first.header("cache-control"), "private, no-cache");
    let held = app.anybody().header("if-none-match", &first.header("etag")).get(&path).await;
    assert_eq!((held.status.as_u16(), held.body.len()), (304, 0));
    assert_eq!(held.header("cache-control"), "private, no-cache");
    app.anybody().get(&format!("{path}?x=1")).await.expect(400);
    let own = format!("{FEEDS}/{id}");
    assert_eq!(b.get(&own).await.expect(200).json()["url"], Value::Null);
    assert_eq!(b.get(FEEDS).await.expect(200).ids(), std::slice::from_ref(&id));
    let a = app.caller("partner_a");
    assert!(a.get(FEEDS).await.expect(200).ids().is_empty());
    a.get(&own).await.expect(404);
    a.delete(&own).await.expect(404);
    read(&app, &path).await;
    let other = path.replace('A', "B").replace('x', "y");
    let mut problems = Vec::new();
    b.delete(&own).await.expect(204);
    b.delete(&own).await.expect(404);
    let (_, shut) = feed(&b).await;
    let admin = app.caller("practice_admin");
    let users = admin.get(&format!("/v1/users?client_id={}", app.id("partner_b"))).await.ids();
    admin.act(&format!("/v1/users/{}/disable", users[0])).await.expect(200);
    let nobody = format!("/v1/calendar-feeds/{}.ics", "A".repeat(64));
    for gone in [path.as_str(), &other, &shut, &nobody, "/v1/calendar-feeds/x.ics"] {
        let answer = app.anybody().get(gone).await.expect(404);
        assert_eq!(answer.header("cache-control"), "no-store", "{gone}");
        let mut problem = answer.json();
        problem["request_id"] = "masked".into();
        problems.push(problem);
    }
    assert!(problems.windows(2).all(|two| two[0] == two[1]), "{problems:#?}");
}

#[actix_web::test]
async fn the_address_is_told_once_and_lies_nowhere() {
    let app = TestApp::start().await;
    let b = app.caller("partner_b").header("idempotency-key", "once");
    let made = b.act(FEEDS).await.expect(201);
    let again = b.act(FEEDS).await.expect(201);
    assert_eq!((again.text("/id"), &again.json()["url"]), (made.text("/id"), &Value::Null));
    let url = made.text("/url");
    let secret = url.rsplit('/').next().unwrap().strip_suffix(".ics").unwrap();
    assert_eq!(secret.len(), 64);
    let random = &secret[24..56];
    for (place, bytes) in kept(&app) {
        let found = bytes.windows(random.len()).any(|window| window == random.as_bytes());
        assert!(!found, "the secret lies in {place}");
    }
    for _ in 1..10 {
        app.caller("partner_b").act(FEEDS).await.expect(201);
    }
    app.caller("partner_b").act(FEEDS).await.expect(409);
}
