//! The threads that own the connections: they outlive panics, full queues, callers who go away
//! and databases that do.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use attune::clock::Clock;
use attune::db::id::PracticeId;
use attune::db::{Conn, Executor, Settings};
use attune::error::{Code, Error};
use diesel::connection::SimpleConnection;
use serde_json::json;
use uuid::Uuid;

use crate::support::TestApp;
use crate::support::app::NOW;
use crate::support::catalog::lines;
use crate::support::database::{TestDatabase, on_postgres, parts_with};

fn start(database: &TestDatabase) -> Executor {
    Executor::start(&database.url, Settings { threads: 2, queue: 512, group: 64 }).unwrap()
}

fn notes(database: &TestDatabase) -> Vec<String> {
    lines(&mut database.open(), "SELECT text AS line FROM notes ORDER BY text")
}

fn with_notes() -> TestDatabase {
    let database = TestDatabase::empty();
    database
        .open()
        .batch_execute("CREATE TABLE notes (text varchar(40) NOT NULL PRIMARY KEY)")
        .unwrap();
    database
}

fn note(conn: &mut Conn, text: &str) -> attune::error::Result<()> {
    Ok(conn.batch_execute(&format!("INSERT INTO notes (text) VALUES ('{text}')"))?)
}

/// Units that fail, break a constraint or panic stand between units that do not.
#[actix_web::test]
async fn a_unit_that_fails_harms_nobody_else_in_its_group() {
    let database = with_notes();
    let executor = start(&database);
    let mut sent = Vec::new();
    for number in 0..120 {
        let executor = executor.clone();
        sent.push(actix_web::rt::spawn(async move {
            let unit = move |conn: &mut Conn| {
                note(conn, &format!("{number:03}"))?;
                match number % 4 {
                    1 => Err(Error::not_found()),
                    2 => note(conn, &format!("{number:03}")),
                    3 if number % 8 == 3 => panic!("a unit of work of the test"),
                    _ => Ok(()),
                }
            };
            (number, executor.write(None, unit).await.map_err(|error| error.code()))
        }));
    }
    let mut kept = Vec::new();
    for answer in sent {
        match answer.await.unwrap() {
            (number, Ok(())) => kept.push(format!("{number:03}")),
            (number, Err(code)) => {
                let expected = if number % 4 == 1 { Code::NotFound } else { Code::Internal };
                assert_eq!(code, expected, "{number}");
            }
        }
    }
    assert_eq!(kept.len(), 45);
    assert_eq!(notes(&database), kept);
    executor.write(None, |conn| note(conn, "after")).await.unwrap();
    let count =
        executor.read(None, |conn| Ok(lines(conn, "SELECT text AS line FROM notes").len())).await;
    assert_eq!(count.unwrap(), 46, "the thread lives");
}

#[actix_web::test]
async fn whoever_came_first_is_answered_before_all_who_came_later_have_run() {
    if on_postgres() {
        // Each has a transaction of its own there.
        return;
    }
    let database = with_notes();
    let executor = start(&database);
    let said = Arc::new(Mutex::new(Vec::new()));
    let say = |word: &'static str, number: usize| {
        let said = Arc::clone(&said);
        move || said.lock().unwrap().push((word, number))
    };
    let mut sent = Vec::new();
    for number in 0..8 {
        let (executor, ran, told) = (executor.clone(), say("ran", number), say("told", number));
        sent.push(actix_web::rt::spawn(async move {
            let unit = move |_: &mut Conn| {
                std::thread::sleep(Duration::from_millis(60));
                ran();
                Ok(())
            };
            executor.write(None, unit).await.unwrap();
            told();
        }));
    }
    for one in sent {
        one.await.unwrap();
    }
    let said = said.lock().unwrap();
    let when = |what| said.iter().position(|one| *one == what).unwrap();
    assert!(when(("told", 0)) < when(("ran", 7)), "{said:?}");
}

#[actix_web::test]
async fn a_full_queue_is_a_503_that_says_when_to_try_again_and_did_nothing() {
    let (database, clock) = (TestDatabase::with_story(), Clock::manual(NOW));
    let parts =
        parts_with(&database.url, clock.clone(), Settings { threads: 1, queue: 2, group: 1 });
    let executor = parts.executor.clone();
    let app = TestApp::assemble(database, clock, parts).await;
    let (go, wait) = mpsc::channel::<()>();
    let (begun, has_begun) = mpsc::channel();
    let blocked = executor.clone();
    let practice = app.cast.logins.first().map(|login| login.practice);
    let unit = actix_web::rt::spawn(async move {
        let unit = move |_: &mut Conn| {
            begun.send(()).unwrap();
            wait.recv().unwrap();
            Ok(())
        };
        blocked.write(practice, unit).await
    });
    while has_begun.try_recv().is_err() {
        actix_web::rt::time::sleep(Duration::from_millis(5)).await;
    }
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let executor = executor.clone();
        waiting
            .push(actix_web::rt::spawn(async move { executor.write(practice, |_| Ok(())).await }));
    }
    actix_web::rt::time::sleep(Duration::from_millis(20)).await;
    let asked_at = std::time::Instant::now();
    let answer =
        app.caller("clinician").post("/v1/clients", json!({ "given_name": "Overflow" })).await;
    let answer = answer.expect(503);
    assert_eq!(
        (answer.text("/code"), answer.header("retry-after")),
        ("overloaded".into(), "1".into())
    );
    go.send(()).unwrap();
    unit.await.unwrap().unwrap();
    for waiting in waiting {
        waiting.await.unwrap().unwrap();
    }
    // Whoever writes again at once waits for the time that they were told, and a colleague does not.
    let (again, colleague) = (app.caller("clinician"), app.caller("supervisor"));
    let (begun, answered) = (asked_at.elapsed(), RefCell::new(Vec::new()));
    let say = |who| answered.borrow_mut().push((who, asked_at.elapsed()));
    let again = async {
        again.make_client("Later").await;
        say("again");
    };
    let colleague = async {
        colleague.make_client("Beside").await;
        say("colleague");
    };
    tokio::join!(again, colleague);
    let answered = BTreeMap::from_iter(answered.into_inner());
    let (again, colleague) = (answered["again"], answered["colleague"]);
    assert!(again >= Duration::from_secs(1), "{answered:?}");
    // On a machine that was so slow nobody has anything left to wait for.
    let late = begun > Duration::from_millis(500);
    assert!(late || again > colleague + Duration::from_millis(300), "{begun:?} {answered:?}");
    let found = app.caller("clinician").get("/v1/clients?name=overflow").await.expect(200);
    assert!(found.ids().is_empty());
}

#[actix_web::test]
async fn a_caller_who_goes_away_leaves_no_open_transaction() {
    let app = TestApp::start().await;
    let mut done = 0;
    for number in 0..10 {
        let name = format!("Abgebrochen{}", char::from(b'a' + number));
        let morgan = app.caller("clinician");
        let post = morgan.post("/v1/clients", json!({ "given_name": name }));
        // Long enough to have sent the unit, too short to have its answer.
        let left =
            actix_web::rt::time::timeout(Duration::from_micros(u64::from(number) * 40), post).await;
        drop(left);
        app.caller("clinician").make_client("Next").await;
        no_open_transaction(&app.database);
        done += app.caller("clinician").get(&format!("/v1/clients?name={name}")).await.ids().len();
    }
    gapless(&app.database);
    println!("10 requests cancelled: {done} had been carried out whole, none in part");
}

/// Another connection can write at once, and none waits inside a transaction.
fn no_open_transaction(database: &TestDatabase) {
    let mut conn = database.open();
    match &conn {
        Conn::Sqlite(_) => {
            conn.batch_execute("PRAGMA busy_timeout = 0; BEGIN IMMEDIATE; ROLLBACK;").unwrap();
        }
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => {
            let open = "SELECT state AS line FROM pg_stat_activity WHERE datname = current_database() \
                        AND state LIKE 'idle in transaction%'";
            // The unit of a caller who went away may still be at work on another thread.
            let late = std::time::Instant::now() + Duration::from_secs(10);
            while !lines(&mut conn, open).is_empty() {
                assert!(std::time::Instant::now() < late, "a transaction stays open");
                std::thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// The numbers of audit rows and events run from one without gaps.
pub fn gapless(database: &TestDatabase) {
    for table in ["audit_events", "events"] {
        let sql = format!(
            "SELECT 'gap' AS line FROM {table} GROUP BY practice_id HAVING count(*) <> max(seq) OR min(seq) <> 1"
        );
        assert!(lines(&mut database.open(), &sql).is_empty(), "{table}");
    }
}

#[actix_web::test]
async fn while_the_database_is_away_callers_are_told_and_then_served_again() {
    let app = TestApp::start().await;
    app.caller("clinician").make_client("Before").await;
    let before = lines(&mut app.database.open(), "SELECT 'x' AS line FROM clients").len();
    let mut conn = app.database.open();
    let mut refused = 0;
    match &conn {
        Conn::Sqlite(_) => {
            // Another process that writes for longer than the service waits for it.
            conn.batch_execute("BEGIN IMMEDIATE").unwrap();
            let answer = app
                .caller("clinician")
                .post("/v1/clients", json!({ "given_name": "During" }))
                .await;
            assert_eq!((answer.status.as_u16(), answer.header("retry-after").as_str()), (503, "1"));
            app.caller("clinician").get("/v1/clients").await.expect(200);
            conn.batch_execute("ROLLBACK").unwrap();
            refused += 1;
        }
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => {
            let end = "SELECT pg_terminate_backend(pid)::text AS line FROM pg_stat_activity \
                       WHERE datname = current_database() AND pid <> pg_backend_pid()";
            assert!(!lines(&mut conn, end).is_empty());
        }
    }
    let mut served = 0;
    while served < 4 {
        let answer =
            app.caller("clinician").post("/v1/clients", json!({ "given_name": "After" })).await;
        match answer.status.as_u16() {
            201 => served += 1,
            503 => refused += 1,
            other => panic!("{other}: {}", String::from_utf8_lossy(&answer.body)),
        }
        assert!(refused < 100);
    }
    let after = lines(&mut app.database.open(), "SELECT 'x' AS line FROM clients").len();
    assert_eq!(after, before + served, "a 503 has done nothing");
    println!("{refused} answered 503 while the database was away, then {served} served");
}

/// An import that went wild waits for itself: what another practice asks for meanwhile is among the next to be done,
/// and what there is no room for is the flood's.
#[actix_web::test]
async fn a_practice_that_floods_the_service_keeps_no_other_waiting() {
    let database = TestDatabase::with_story();
    let [flood, other] = [1, 2].map(|number| PracticeId::from_uuid(Uuid::from_u128(number)));
    // One thread: with two, the commit of one lets the other go on, for as long as the machine likes.
    let settings = Settings { threads: 1, queue: 512, group: 64 };
    let executor = Executor::start(&database.url, settings).unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let (open, sent) = (Arc::new(AtomicBool::new(false)), RefCell::new(Vec::new()));
    let send = |practice, number: usize| {
        let (executor, order, open) = (executor.clone(), Arc::clone(&order), Arc::clone(&open));
        let unit = move |_: &mut Conn| {
            while !open.load(Ordering::Relaxed) {
                std::thread::sleep(Duration::from_millis(1));
            }
            order.lock().unwrap().push((practice, number));
            Ok(())
        };
        let work = async move { executor.write(Some(practice), unit).await };
        sent.borrow_mut().push(actix_web::rt::spawn(work));
    };
    (0..600).for_each(|number| send(flood, number));
    actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    (0..3).for_each(|number| send(other, number));
    actix_web::rt::time::sleep(Duration::from_millis(50)).await;
    open.store(true, Ordering::Relaxed);
    let mut refused = 0;
    for one in sent.into_inner() {
        refused += usize::from(one.await.unwrap().is_err());
    }
    let order = order.lock().unwrap();
    let of_other: Vec<usize> = (0..3)
        .map(|number| order.iter().position(|one| *one == (other, number)).expect("it was done"))
        .collect();
    assert!(of_other.iter().all(|place| *place < 12), "{of_other:?} of {}", order.len());
    assert!(refused > 50, "the queue holds 512, and gave up some of the flood for the others");
    assert_eq!(order.len() + refused, 603);
    println!(
        "600 of one practice, {refused} refused; those of the other were done as number {of_other:?}"
    );
}
