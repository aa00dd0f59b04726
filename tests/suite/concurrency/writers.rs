//! No lost updates: what was acknowledged is in the record.

use std::rc::Rc;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use attune::app::Service;
use attune::clock::Clock;
use serde_json::json;

use crate::support::TestApp;
use crate::support::app::NOW;
use crate::support::database::{TestDatabase, parts};

const THREADS: usize = 4;
const WRITERS_A_THREAD: usize = 16;

/// Rounds in which each writer reads the record and writes what it read, counted up.
fn rounds() -> usize {
    std::env::var("ATTUNE_WRITER_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

#[derive(Default)]
struct Tally {
    acknowledged: AtomicUsize,
    stale: AtomicUsize,
    busy: AtomicUsize,
}

/// Two services on one database, as two processes would be, each with two threads.
///
/// The record counts: each writer adds one to the number that it read. Were an update lost,
/// the number at the end would be smaller than the number of writes that were acknowledged.
#[test]
fn of_64_writers_on_one_record_no_acknowledged_write_is_lost() {
    let database = TestDatabase::with_story();
    let clock = Clock::manual(NOW);
    let services: Vec<Service> = (0..2)
        .map(|_| {
            Service::assemble(parts(&database.url, clock.clone()), Duration::from_secs(15)).unwrap()
        })
        .collect();
    let id = one_client(&services[0], &database, &clock);
    let (tally, start) = (Tally::default(), Barrier::new(THREADS));
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let (service, database, clock) =
                (services[number % 2].clone(), database.again(), clock.clone());
            let (tally, start, id) = (&tally, &start, &id);
            scope.spawn(move || {
                actix_web::rt::System::new().block_on(async move {
                    let app = TestApp::serve(service, database, clock).await;
                    start.wait();
                    write(app, id, tally).await;
                });
            });
        }
    });
    let count = read_count(&services[1], &database, &clock, &id);
    let [acknowledged, stale, busy] = [&tally.acknowledged, &tally.stale, &tally.busy]
        .map(|number| number.load(Ordering::Relaxed));
    println!(
        "64 writers, {} rounds: {acknowledged} acknowledged, {stale} stale, {busy} told to try again, {count} in the record",
        rounds()
    );
    assert_eq!(count, acknowledged);
    assert_eq!(acknowledged + stale, rounds() * THREADS * WRITERS_A_THREAD);
    assert!(stale > 0, "nobody met anybody");
}

fn one_client(service: &Service, database: &TestDatabase, clock: &Clock) -> String {
    let (service, database, clock) = (service.clone(), database.again(), clock.clone());
    actix_web::rt::System::new().block_on(async move {
        let app = TestApp::serve(service, database, clock).await;
        let body = json!({ "given_name": "Counter", "family_name": "0" });
        app.caller("clinician").post("/v1/clients", body).await.expect(201).text("/id")
    })
}

fn read_count(service: &Service, database: &TestDatabase, clock: &Clock, id: &str) -> usize {
    let (service, database, clock) = (service.clone(), database.again(), clock.clone());
    let path = format!("/v1/clients/{id}");
    actix_web::rt::System::new().block_on(async move {
        let app = TestApp::serve(service, database, clock).await;
        app.caller("clinician").get(&path).await.expect(200).text("/family_name").parse().unwrap()
    })
}

async fn write(app: TestApp, id: &str, tally: &Tally) {
    let app = Rc::new(app);
    let path = format!("/v1/clients/{id}");
    for _ in 0..rounds() {
        let mut attempts = Vec::new();
        for _ in 0..WRITERS_A_THREAD {
            let (app, path) = (Rc::clone(&app), path.clone());
            attempts.push(actix_web::rt::spawn(async move { attempt(&app, &path).await }));
        }
        for attempt in attempts {
            let (acknowledged, busy) = attempt.await.unwrap();
            tally.busy.fetch_add(busy, Ordering::Relaxed);
            let which = if acknowledged { &tally.acknowledged } else { &tally.stale };
            which.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Reads, and writes once under what was read. A 503 says that nothing was done: again then.
async fn attempt(app: &TestApp, path: &str) -> (bool, usize) {
    let morgan = app.caller("clinician");
    let mut busy = 0;
    loop {
        let read = morgan.get(path).await;
        if read.status == 503 {
            busy += 1;
            continue;
        }
        let read = read.expect(200);
        let count: usize = read.text("/family_name").parse().unwrap();
        let body = json!({ "family_name": (count + 1).to_string() });
        let answer = morgan.patch_if(path, &read.header("etag"), body).await;
        match answer.status.as_u16() {
            200 => return (true, busy),
            412 => return (false, busy),
            503 => busy += 1,
            other => panic!("{other}: {}", String::from_utf8_lossy(&answer.body)),
        }
    }
}
