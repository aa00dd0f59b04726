//! Offline: what a device sends again and again, in any order, has one effect and one receipt.

use std::collections::BTreeMap;

use attune::db::Instant;
use attune::db::schema::{audit_events, events};
use diesel::prelude::*;
use serde_json::{Value, json};

use super::{check_in, for_couple, place};
use crate::support::database::on_postgres;
use crate::support::{Caller, TestApp};

/// Small, and the same every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(count.max(1)).unwrap()).unwrap()
    }
}

/// One content that a device holds in its queue.
struct Queued {
    author: &'static str,
    path: String,
    body: Value,
}

fn day(offset: usize) -> String {
    let first = jiff::civil::date(2026, 12, 2);
    first.checked_add(jiff::Span::new().days(i64::try_from(offset).unwrap())).unwrap().to_string()
}

/// Two thousand submissions of both partners over many days, some of them sent ten times, in random order,
/// while the practice writes a new version of the exercise and some are amended.
#[actix_web::test]
async fn two_thousand_submissions_in_any_order_have_one_effect_each() {
    let app = TestApp::start().await;
    let count = if on_postgres() { 400 } else { 2_000 };
    let check_in_of_ours = version(&app, "1.0.0").await;
    let new = json!({ "activity_definition_id": check_in_of_ours, "couple_id": app.id("couple"),
                      "schedule": super::on_demand() });
    let made = app.caller("clinician").post("/v1/assignments", new).await.expect(201);
    let homework = made.text("/id");
    let events = for_couple(&app, "friendly_gestures").await;
    let ours = [json!(homework), json!(events)];
    app.days_pass(600);
    let callers = BTreeMap::from([
        ("partner_a", app.caller("partner_a")),
        ("partner_b", app.caller("partner_b")),
    ]);
    let mut queue: Vec<Queued> = (0..count)
        .map(|number| {
            let author = if number % 2 == 0 { "partner_a" } else { "partner_b" };
            let id = u128::try_from(number).unwrap();
            let (path, body) = if number % 4 < 2 {
                let day = day(number / 4);
                let body =
                    json!({ "status": "submitted", "local_date": day, "answers": check_in(3) });
                (place(&homework, id), body)
            } else {
                let entry = json!({ "at": "2026-12-05T10:00:00Z", "answers": { "kind": "hug" } });
                (place(&events, id), json!({ "status": "submitted", "entries": [entry] }))
            };
            Queued { author, path, body }
        })
        .collect();
    let begun = app.clock.now();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    for index in (1..queue.len()).rev() {
        queue.swap(index, dice.below(index + 1));
    }
    let mut receipts: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    // What each device was the last to say, by its submission.
    let mut said: BTreeMap<String, Value> = BTreeMap::new();
    let (mut sent, mut amended) = (0, 0);
    for (number, one) in queue.iter().enumerate() {
        let caller = &callers[one.author];
        let times = if number % 20 == 0 { 10 } else { 1 };
        for time in 0..times {
            let answer = caller.put(&one.path, one.body.clone()).await;
            let answer = answer.expect(if time == 0 { 201 } else { 200 });
            let receipt = receipts.entry(one.path.clone()).or_insert_with(|| answer.body.clone());
            assert_eq!(*receipt, answer.body);
            sent += 1;
            said.entry(answer.text("/id")).or_insert_with(|| one.body.clone());
            if time == 0 && number % 40 == 0 && one.path.contains(&homework) {
                let mut other = one.body.clone();
                other["answers"]["mood"] = json!(5);
                let tag = answer.header("etag");
                // Nobody amends in the microsecond in which they have sent.
                app.clock.advance_seconds(1);
                caller.header("if-match", &tag).put(&one.path, other.clone()).await.expect(200);
                said.insert(answer.text("/id"), other);
                amended += 1;
            }
        }
        if number == count / 2 {
            version(&app, "2.0.0").await;
        }
    }
    for index in (0..queue.len()).step_by(7) {
        let one = &queue[index];
        let again = callers[one.author].put(&one.path, one.body.clone()).await.expect(200);
        assert_eq!(again.body, receipts[&one.path]);
        sent += 1;
    }
    let mut kept = 0;
    for caller in callers.values() {
        kept += what_was_said_last(caller, &said).await;
    }
    assert_eq!(kept, count, "one effect each");
    assert!(amended > 5, "only {amended} amended");
    // What the other partner reads: each of the others' once as it stands, and what was amended beside it.
    let mut marked = 0;
    for (who, caller) in &callers {
        let read = everything(caller, "/v1/shared-answers").await;
        let read: Vec<_> = read.iter().filter(|one| ours.contains(&one["assignment_id"])).collect();
        let standing = read.iter().filter(|one| one["superseded_at"].is_null()).count();
        assert_eq!(standing, count / 2, "to {who}, one entry for each of the other's");
        marked += read.len() - standing;
    }
    assert_eq!(marked, amended, "and nothing is marked but what was amended");
    let told = [("submission.submitted", count), ("submission.amended", amended)];
    assert_eq!(
        recorded(&app, begun),
        BTreeMap::from(told.map(|(kind, times)| (kind.to_owned(), times)))
    );
    println!(
        "{count} submissions sent {sent} times, {amended} amended between: {kept} kept, one receipt each"
    );
}

/// Every entry of a list.
async fn everything(caller: &Caller<'_>, list: &str) -> Vec<Value> {
    let (mut all, mut next) = (Vec::new(), format!("{list}?limit=200"));
    loop {
        let page = caller.get(&next).await.expect(200).json();
        all.extend(page["data"].as_array().unwrap().clone());
        let Some(cursor) = page["next_cursor"].as_str() else { return all };
        next = format!("{list}?limit=200&cursor={cursor}");
    }
}

/// How many submissions an author finds, each with what their device was the last to say.
async fn what_was_said_last(caller: &Caller<'_>, said: &BTreeMap<String, Value>) -> usize {
    let all = everything(caller, "/v1/submissions").await;
    for one in &all {
        let id = one["id"].as_str().unwrap();
        let one = caller.get(&format!("/v1/submissions/{id}")).await.expect(200).json();
        let last = &said[id];
        for name in ["mood", "stress", "gratitude", "private_note"] {
            assert_eq!(one["answers"][name], last["answers"][name], "{one}");
        }
        assert_eq!(one["entries"][0]["answers"], last["entries"][0]["answers"], "{one}");
    }
    all.len()
}

/// What became of submissions since then, by kind and how often: the feed and the audit say the same.
fn recorded(app: &TestApp, since: Instant) -> BTreeMap<String, usize> {
    let mut conn = app.database.open();
    let count = |kinds: Vec<String>| {
        let mut times = BTreeMap::new();
        kinds.into_iter().for_each(|kind| *times.entry(kind).or_default() += 1);
        times
    };
    let told = events::table
        .filter(events::resource.eq("submission"))
        .filter(events::at.ge(since))
        .select(events::kind);
    let told: BTreeMap<String, usize> = count(told.load(&mut conn).unwrap());
    let kept = audit_events::table
        .filter(audit_events::resource.eq("submission"))
        .filter(audit_events::at.ge(since))
        .select(audit_events::action);
    assert_eq!(count(kept.load(&mut conn).unwrap()), told);
    told
}

/// The practice's own check-in in this version, active. What was assigned before keeps its version.
async fn version(app: &TestApp, version: &str) -> String {
    let morgan = app.caller("clinician");
    let found = morgan.get("/v1/activity-definitions?key=daily_check_in").await;
    let path = format!("/v1/activity-definitions/{}", found.text("/data/0/id"));
    let mut definition = morgan.get(&path).await.json()["definition"].clone();
    definition["key"] = json!("our_check_in");
    definition["version"] = json!(version);
    if version != "1.0.0" {
        definition["items"].as_array_mut().unwrap().retain(|item| item["link_id"] != "gratitude");
    }
    let made = morgan.post("/v1/activity-definitions", definition).await.expect(201).text("/id");
    morgan.act(&format!("/v1/activity-definitions/{made}/activate")).await.expect(200);
    made
}
