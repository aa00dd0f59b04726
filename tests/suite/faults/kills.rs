//! Acknowledged means durable: the service is killed in the midst of writes, again and again, and whatever it had
//! acknowledged is there afterwards, once.
//!
//! On PostgreSQL too it is the service that is killed; that a server of PostgreSQL keeps what it has committed is its
//! own promise.

use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;

use super::roles::Worker;
use super::{asked, check, database_name, orphans, story};
use crate::support::process::{Installation, Running};
use crate::support::wire::{Line, Request};

/// Takes clients in without a key, on a connection for each, until the service is gone; keeps the places of what was
/// acknowledged.
fn write_until_killed(
    address: SocketAddr,
    token: &str,
    count: &AtomicUsize,
    places: &Mutex<Vec<String>>,
) {
    for number in 0.. {
        let body = json!({ "given_name": format!("Durable{number}") });
        let request =
            Request::new("POST", "/v1/clients", token, &body).header("Connection", "close");
        let answered = Line::open(address).and_then(|mut line| line.ask(&request));
        let Ok(answer) = answered else { return };
        if answer.status == 201 {
            places.lock().unwrap().push(answer.header("location"));
            count.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Lets everybody work, and kills the service when so many writes more were acknowledged.
fn cycle(
    installation: &Installation,
    workers: &mut [Worker],
    token: &str,
    places: &Mutex<Vec<String>>,
    enough: usize,
) {
    let running = Running::start(installation);
    let (address, count) = (running.address, AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let count = &count;
        scope.spawn(move || write_until_killed(address, token, count, places));
        for worker in workers {
            scope.spawn(move || {
                while worker.work(address).is_ok() {
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let late = Instant::now() + Duration::from_secs(3);
        while count.load(Ordering::Relaxed) < enough && Instant::now() < late {
            std::thread::sleep(Duration::from_millis(2));
        }
        drop(running);
    });
}

#[actix_web::test]
async fn what_was_acknowledged_before_a_kill_is_there_once_after_it() {
    let cycles = asked("ATTUNE_KILL_CYCLES", 20);
    let (app, installation) = story().await;
    let mut workers = Worker::of_each(&app).await;
    let token = app.mint("practice_admin", None);
    // Nobody else may have the file open: whoever starts after a kill has to recover it.
    drop(app);
    let (places, started) = (Mutex::<Vec<String>>::default(), Instant::now());
    for number in 1..=cycles {
        // Not always after as many writes.
        cycle(&installation, &mut workers, &token, &places, 8 + number * 7 % 40);
        check(&mut installation.open());
        if number % 10 == 0 || number == cycles {
            assert_eq!(orphans(&mut installation.open()), Vec::<String>::new());
            installation.run(&["audit", "verify"]);
            let so_far: usize = workers.iter().map(Worker::acknowledged).sum();
            let so_far = so_far + places.lock().unwrap().len();
            println!("{number} kills, {so_far} acknowledged writes, {:?}", started.elapsed());
        }
    }
    let running = Running::start(&installation);
    let places = places.into_inner().unwrap();
    let mut lost = Vec::new();
    let mut line = Line::open(running.address).unwrap();
    for place in &places {
        if line.ask(&Request::get(place, &token)).unwrap().status != 200 {
            lost.push(place.clone());
        }
    }
    for worker in &mut workers {
        // What the last kill left without an answer is done now, or was done then.
        worker.work(running.address).unwrap();
        lost.extend(worker.lost(running.address));
    }
    assert_eq!(lost, Vec::<String>::new());
    let each: Vec<usize> = workers.iter().map(Worker::acknowledged).collect();
    let replayed: usize = workers.iter().map(Worker::replayed).sum();
    assert!(each.iter().all(|count| *count >= cycles / 2), "{each:?}");
    println!(
        "{cycles} kills of the service on {}: {} clients, {} clients with a key, {} steps of homework that opens with \
         the second answer, {} steps of signed notes acknowledged; 0 lost, {replayed} sent again and found done, 0 \
         twice, 0 orphans, audit whole, in {:?}",
        database_name(),
        places.len(),
        each[0],
        each[1],
        each[2],
        started.elapsed()
    );
}
