//! Occurrences are made by several workers at once, which are killed in the midst of it: the same rows come of it as
//! of one worker whom nobody disturbs.

use std::collections::BTreeSet;
use std::time::Duration;

use attune::clock::Clock;
use attune::db::id::PracticeId;
use attune::db::schema::{assignments, occurrences};
use attune::db::{Conn, Date, Executor, Instant};
use diesel::prelude::*;
use jiff::tz::TimeZone;
use serde_json::json;

use crate::isolation::chance::Chance;
use crate::submissions::for_client;
use crate::support::TestApp;
use crate::support::catalog::lines;
use crate::support::database::{TestDatabase, parts};
use crate::support::process::{Installation, Running};

const ASSIGNMENTS: usize = 240;

/// Homework of every rhythm that comes again, for one client, with nothing made of it, all of it due.
async fn due(app: &TestApp) {
    let morgan = app.caller("clinician");
    let id = for_client(app, "session_fit", "individual_client").await;
    let first = morgan.get(&format!("/v1/assignments/{id}")).await.expect(200);
    let mut chance = Chance::new(9);
    for number in 0..ASSIGNMENTS {
        let hour = format!("{:02}:{:02}", chance.below(24), chance.below(60));
        let rhythm = match number % 5 {
            0 => json!({ "kind": "daily", "times": [hour] }),
            1 => {
                let opening = json!({ "opens_before_minutes": 60, "closes_after_minutes": 240 });
                json!({ "kind": "daily", "every": 1 + chance.below(4), "times": ["06:00", "21:30"],
                        "opening": opening })
            }
            2 => {
                json!({ "kind": "weekly", "on": [{ "day": "tue", "time": hour }, { "day": "sat" }] })
            }
            3 => json!({ "kind": "quota", "times": 1 + chance.below(5) }),
            _ => json!({ "kind": "monthly", "time": hour }),
        };
        let body = json!({ "activity_definition_id": first.text("/activity_definition_id"),
            "client_id": app.id("individual_client"), "schedule": { "rhythm": rhythm } });
        morgan.post("/v1/assignments", body).await.expect(201);
    }
}

/// The zone in which the days of that homework are counted.
async fn zone(app: &TestApp) -> TimeZone {
    let client = format!("/v1/assignments?client_id={}", app.id("individual_client"));
    let found = app.caller("clinician").get(&client).await.expect(200);
    TimeZone::get(&found.text("/data/0/timezone")).unwrap()
}

/// Everything that was made is gone and has to be made again.
fn begin_again(conn: &mut Conn) {
    let recurring =
        assignments::table.filter(assignments::work_at.is_not_null()).select(assignments::id);
    diesel::delete(occurrences::table.filter(occurrences::assignment_id.eq_any(recurring)))
        .execute(conn)
        .unwrap();
    diesel::update(assignments::table.filter(assignments::work_at.is_not_null()))
        .set((
            assignments::made_until.eq(None::<Date>),
            assignments::work_at.eq(Some(Instant::from_micros(1))),
        ))
        .execute(conn)
        .unwrap();
}

/// The same while workers are at work: a unit of the practice, which follows theirs as they follow each other.
async fn begin_again_among_workers(executor: &Executor, practice: PracticeId) {
    let unit = |conn: &mut Conn| {
        begin_again(conn);
        Ok(())
    };
    executor.write(Some(practice), unit).await.unwrap();
}

fn left(conn: &mut Conn, now: Instant) -> i64 {
    let due = assignments::table.filter(assignments::work_at.le(now));
    due.count().get_result(conn).unwrap()
}

/// What was made, without the ids, which are made up anew each time.
fn made(conn: &mut Conn) -> Vec<String> {
    let columns = [
        "assignment_id",
        "local_date",
        "slot_no",
        "opens_at",
        "due_at",
        "closes_at",
        "status",
        "planned",
    ];
    let text = columns.map(|column| match column {
        "assignment_id" if crate::support::database::on_postgres() => format!("{column}::text"),
        "assignment_id" => format!("hex({column})"),
        _ => format!("coalesce(CAST({column} AS TEXT), '-')"),
    });
    let all = format!("SELECT {} AS line FROM occurrences", text.join(" || ' ' || "));
    let mut found = lines(conn, &all);
    found.sort();
    found
}

#[actix_web::test]
async fn three_workers_at_once_make_what_one_makes() {
    let app = TestApp::start().await;
    due(&app).await;
    let mut conn = app.database.open();
    let assigned = made(&mut conn);
    assert!(assigned.len() > ASSIGNMENTS * 5, "{}", assigned.len());
    begin_again(&mut conn);
    app.tick().await;
    assert!(made(&mut conn) == assigned, "one worker makes what was made when it was assigned");
    for round in 0..3 {
        begin_again(&mut conn);
        let again = || {
            let parts = parts(&app.database.url, app.clock.clone());
            attune::app::Service::assemble(parts, Duration::from_secs(15)).unwrap()
        };
        let workers = [again(), again(), again()];
        let [one, two, three] = &workers;
        tokio::join!(one.tick(), two.tick(), three.tick());
        assert_eq!(left(&mut conn, app.clock.now()), 0, "round {round}");
        assert!(made(&mut conn) == assigned, "round {round}");
    }
    println!(
        "{} occurrences of {ASSIGNMENTS} assignments, three workers, three rounds: the same",
        assigned.len()
    );
}

/// The processes have the machine's clock: what is compared are the days that had been made when they began.
#[actix_web::test]
async fn workers_that_are_killed_leave_nothing_out_and_nothing_twice() {
    let database = TestDatabase::with_story();
    let clock = Clock::manual(Clock::System.now());
    let parts = parts(&database.url, clock.clone());
    let executor = parts.executor.clone();
    let app = TestApp::assemble(database.again(), clock, parts).await;
    let practice: PracticeId = app.id("practice").parse().unwrap();
    due(&app).await;
    let mut conn = app.database.open();
    let assigned = made(&mut conn);
    let (began, zone) = (app.clock.now(), zone(&app).await);
    let installation = Installation::of_story(database);
    let (mut killed, mut cut_short) = (0, 0);
    // On a busy machine the workers may be done before anybody looks: then again.
    while cut_short < 4 && killed < 60 {
        let workers = [(); 3].map(|()| Running::start(&installation));
        // Killed as soon as something has been done, and a while before everything has.
        begin_again_among_workers(&executor, practice).await;
        let all = left(&mut conn, Clock::System.now());
        for _ in 0..10_000 {
            if left(&mut conn, Clock::System.now()) < all {
                break;
            }
            actix_web::rt::time::sleep(Duration::from_millis(1)).await;
        }
        killed += workers.len();
        drop(workers);
        let waiting = left(&mut conn, Clock::System.now());
        cut_short += usize::from(0 < waiting && waiting < all);
    }
    let workers = [(); 3].map(|()| Running::start(&installation));
    for _ in 0..300 {
        if left(&mut conn, Clock::System.now()) == 0 {
            break;
        }
        actix_web::rt::time::sleep(Duration::from_millis(200)).await;
    }
    drop(workers);
    let all = made(&mut conn);
    let expected: BTreeSet<&String> = assigned.iter().collect();
    let found: BTreeSet<&String> = all.iter().collect();
    let missing: Vec<_> = expected.difference(&found).collect();
    assert!(missing.is_empty(), "{} missing, as {:?}", missing.len(), missing.first());
    let twice = "SELECT 'twice' AS line FROM occurrences GROUP BY assignment_id, local_date, slot_no HAVING count(*) > 1";
    assert!(lines(&mut conn, twice).is_empty());
    // A midnight of the client's in between may have added a day, and nothing else may.
    let nights = Clock::System.now().date_in(&zone).0.since(began.date_in(&zone).0).unwrap();
    let more = usize::try_from(nights.get_days()).unwrap() * 3 * ASSIGNMENTS;
    let added = all.len() - assigned.len();
    assert!(added <= more, "{added} more than {}, and {more} may be", assigned.len());
    assert!(cut_short > 0, "nobody was killed in the midst of it");
    println!(
        "{} occurrences, {killed} workers killed, {cut_short} times with work left: none missing, none twice",
        all.len()
    );
}
