//! What requests ask of the database: statements that find their rows by an index, as many for a long
//! list as for a short one, on a SQLite that was built as the project wants it.

mod explained;
mod plans;
mod weeks;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{LazyLock, Mutex};
use std::thread::{self, ThreadId};

use attune::clock::Clock;
use attune::db::{Executor, Settings};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use diesel::prelude::*;
use serde_json::json;

use crate::support::app::NOW;
use crate::support::database::{TestDatabase, on_postgres, parts};
use crate::support::document::{Document, Operation};
use crate::support::{Caller, TestApp};

/// What the threads that are watched have asked, in order.
static ASKED: LazyLock<Mutex<BTreeMap<String, Vec<String>>>> = LazyLock::new(Mutex::default);

fn name(thread: ThreadId) -> String {
    format!("{thread:?}")
}

/// Writes down the statements of watched threads; the tests beside this one are not disturbed.
#[expect(clippy::unnecessary_wraps, reason = "Diesel calls it, and wants it so")]
fn watch() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event
            && let Some(asked) = ASKED.lock().unwrap().get_mut(&name(thread::current().id()))
        {
            let text = query.to_string();
            asked.push(text.split(" -- binds:").next().unwrap_or_default().to_owned());
        }
    }))
}

/// A service with one thread for each kind of work, which are watched.
struct Watched {
    app: TestApp,
    threads: BTreeSet<String>,
}

impl Watched {
    async fn start() -> Self {
        set_default_instrumentation(watch).unwrap();
        let (database, clock) = (TestDatabase::with_story(), Clock::manual(NOW));
        let mut parts = parts(&database.url, clock.clone());
        parts.ids = attune::db::id::IdSource::Random;
        let settings = Settings { threads: 1, ..Settings::default() };
        parts.executor = Executor::start(&database.url, settings).unwrap();
        let executor = parts.executor.clone();
        let reader = executor.read(None, |_| Ok(name(thread::current().id()))).await.unwrap();
        let writer = executor.write(None, |_| Ok(name(thread::current().id()))).await.unwrap();
        let threads = BTreeSet::from([reader, writer]);
        ASKED.lock().unwrap().extend(threads.iter().map(|thread| (thread.clone(), Vec::new())));
        let watched = Self { app: TestApp::assemble(database, clock, parts).await, threads };
        // What a start asks is no request's affair.
        watched.asked();
        watched
    }

    /// What was asked since the last time.
    fn asked(&self) -> Vec<String> {
        let mut all = ASKED.lock().unwrap();
        self.threads
            .iter()
            .flat_map(|thread| std::mem::take(all.get_mut(thread).unwrap()))
            .collect()
    }
}

/// Queries, without the statements that begin and end transactions.
fn queries(asked: &[String]) -> Vec<&String> {
    asked.iter().filter(|sql| sql.starts_with("SELECT")).collect()
}

/// Everything that was asked, but what begins, ends and parts transactions.
fn statements(asked: &[String]) -> usize {
    let frame = ["BEGIN", "COMMIT", "SAVEPOINT", "RELEASE"];
    asked.iter().filter(|sql| !frame.iter().any(|word| sql.starts_with(word))).count()
}

fn lists() -> impl Iterator<Item = &'static Operation> {
    static ALL: LazyLock<Vec<Operation>> = LazyLock::new(|| Document::read().operations_of_v1());
    ALL.iter().filter(|operation| operation.is_paged())
}

async fn make_many(caller: &Caller<'_>, clinician: &str) {
    for number in 0..12 {
        let mut members = Vec::new();
        for name in ["Eins", "Zwei"] {
            let client = caller.make_client(name).await;
            members.push(json!({ "client_id": client, "display_name": name, "accepted": true }));
            let consent = json!({ "kind": "informed_consent", "document_version": "1", "client_id": client,
                                  "signed_at": "2026-01-01T10:00:00Z" });
            caller.post("/v1/consents", consent).await;
        }
        let couple = caller.post("/v1/couples", json!({ "label": "N", "members": members })).await;
        let couple = couple.expect(201).text("/id");
        let team = json!([{ "clinician_id": clinician, "role": "primary" }]);
        let treatment = json!({ "couple_id": couple, "care_team": team });
        caller.post("/v1/treatments", treatment).await.expect(201);
        let colleague = json!({ "display_name": format!("Colleague {number}") });
        caller.post("/v1/clinicians", colleague).await.expect(201);
        let office = json!({ "name": "Nowhere", "line1": "1 Nowhere", "city": "Seattle",
                             "region": "WA", "postal_code": "98100" });
        caller.post("/v1/offices", office).await.expect(201);
        let user =
            json!({ "email": format!("somebody{number}@people.example"), "practice_admin": true });
        caller.post("/v1/users", user).await;
    }
}

async fn raise_many(app: &TestApp) {
    let morgan = app.caller("clinician");
    for _ in 0..12 {
        let couple = app.id("couple");
        let alert = json!({ "client_id": app.id("partner_a"), "couple_id": couple,
                            "code": "major_symptoms", "detail": "Sleeps badly." });
        morgan.post("/v1/alerts", alert).await.expect(201);
        let hold = json!({ "couple_id": couple, "kind": "touch", "cover_reason": "focus_shift" });
        morgan.post("/v1/holds", hold).await.expect(201);
        let note = json!({ "treatment_id": app.id("treatment"), "format": "free",
                           "sections": [{ "name": "text", "text": "Sleeps badly." }] });
        morgan.post("/v1/session-notes", note).await.expect(201);
    }
}

/// The practice grows, a page does not, and neither does what it costs.
#[actix_web::test]
async fn a_long_page_takes_as_many_statements_as_a_short_one() {
    let watched = Watched::start().await;
    let app = &watched.app;
    let clinician = app.id("clinician");
    make_many(&app.caller("practice_admin"), &clinician).await;
    raise_many(app).await;
    let mut compared = 0;
    for who in ["practice_admin", "clinician", "supervisor"] {
        let caller = app.caller(who);
        for list in lists() {
            let mut counts = Vec::new();
            for limit in [1, 200] {
                watched.asked();
                let page = caller.get(&format!("{}?limit={limit}", list.path)).await;
                let entries = page.json()["data"].as_array().map_or(0, Vec::len);
                counts.push((entries, queries(&watched.asked()).len()));
            }
            let [(short, few), (long, many)] = counts[..] else { unreachable!() };
            assert_eq!(few, many, "{who} {}: {short} entries, then {long}", list.path);
            compared += usize::from(long > 8);
        }
    }
    assert!(compared >= 8, "only {compared} lists were long");
    println!("{compared} long lists, each with the statements of a short one");
}

#[actix_web::test]
async fn a_point_read_is_two_statements_between_begin_and_commit() {
    let watched = Watched::start().await;
    let path = format!("/v1/clients/{}", watched.app.id("partner_a"));
    let caller = watched.app.caller("practice_admin");
    caller.get(&path).await.expect(200);
    watched.asked();
    caller.get(&path).await.expect(200);
    assert_eq!(queries(&watched.asked()).len(), 2);
}

/// Something that waits for A's yes in two ways.
async fn another_time_and_one_for_both(app: &TestApp) {
    let b = app.caller("partner_b");
    let evenings = crate::occurrences::evenings(app).await;
    let path = format!("/v1/assignments/{evenings}/time-proposals");
    b.post(&path, json!({ "time_of_day": "07:15" })).await.expect(201);
    let joint = crate::submissions::for_couple(app, "celebrate_change").await;
    let changes = json!({ "changes": [{ "row_id": "1", "change": "We laugh." }] });
    let sent = crate::submissions::submitted(changes);
    b.put(&crate::submissions::place(&joint, 99), sent).await.expect(201);
    let inbox = app.caller("partner_a").get("/v1/me/inbox").await.expect(200).json();
    assert_eq!(inbox["time_proposals"].as_array().unwrap().len(), 1);
    assert_eq!(inbox["to_confirm"].as_array().unwrap().len(), 1);
}

/// However much is open, begun and shared.
#[actix_web::test]
async fn the_inbox_is_eight_statements_whatever_its_length() {
    let watched = Watched::start().await;
    let app = &watched.app;
    let most = json!({ "settings": { "max_active_couple_assignments": 50 } });
    app.caller("practice_admin").patch("/v1/practice", most).await.expect(200);
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let mut counts = Vec::new();
    for number in 0..24u128 {
        let homework = crate::submissions::for_couple(app, "goal_statements").await;
        let place = crate::submissions::place(&homework, number);
        let goals = crate::submissions::goals("time");
        match number % 3 {
            0 => drop(
                a.put(&place, json!({ "status": "draft", "answers": goals })).await.expect(201),
            ),
            1 => drop(a.put(&place, json!({ "status": "skipped" })).await.expect(201)),
            _ => {
                let pulse = crate::submissions::for_couple(app, "daily_check_in").await;
                let place = crate::submissions::place(&pulse, number);
                let sent = crate::submissions::submitted(crate::submissions::check_in(3));
                b.put(&place, sent).await.expect(201);
            }
        }
        if number == 20 {
            another_time_and_one_for_both(app).await;
        }
        a.get("/v1/me/inbox").await.expect(200);
        watched.asked();
        let inbox = a.get("/v1/me/inbox").await.expect(200).json();
        let asked = watched.asked();
        counts.push((inbox["items"].as_array().unwrap().len(), statements(&asked)));
    }
    assert!(counts.iter().all(|(_, statements)| *statements <= 8), "{counts:?}");
    assert!(counts.last().unwrap().0 > 25, "{counts:?}");
    println!(
        "inbox of 1 to {} items: {} statements",
        counts.last().unwrap().0,
        counts.last().unwrap().1
    );
}

/// `.cargo/config.toml` is easily lost: by a build in another folder, by a variable of the environment.
#[test]
fn sqlite_is_built_as_the_project_wants_it() {
    #[derive(QueryableByName)]
    struct Built {
        #[diesel(sql_type = diesel::sql_types::Text)]
        compile_options: String,
    }
    if on_postgres() {
        return;
    }
    let options: Vec<Built> = diesel::sql_query("PRAGMA compile_options")
        .load(&mut TestDatabase::empty().open())
        .unwrap();
    for wanted in ["ENABLE_QPSG", "STMTJRNL_SPILL=8388608"] {
        let is_there = options.iter().any(|option| option.compile_options == wanted);
        assert!(is_there, "SQLite was built without {wanted}; see .cargo/config.toml");
    }
}
