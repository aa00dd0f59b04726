//! Told to stop, the service finishes what it has begun, takes nothing new, and goes.

use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use serde_json::json;

use super::{asked, check, database_name, story};
use crate::support::TestApp;
use crate::support::database::on_postgres;
use crate::support::process::{Installation, Running};
use crate::support::wire::{Line, Request};

const WRITERS: usize = 6;

/// Takes clients in on one connection for as long as it lasts. Each answer is whole or not there at all; whether the
/// last one said that it was.
fn write_until_stopped(address: SocketAddr, token: &str, places: &Mutex<Vec<String>>) -> bool {
    let mut line = Line::open(address).unwrap();
    loop {
        let request = Request::new("POST", "/v1/clients", token, &json!({ "given_name": "Late" }));
        if line.send(&request).is_err() {
            return false;
        }
        let Some(answer) = line.answer().expect("no answer breaks off") else { return false };
        let answer = answer.expect(201);
        places.lock().unwrap().push(answer.header("location"));
        if answer.header("connection") == "close" {
            return true;
        }
    }
}

/// Holds up every write of the service until it is told to let them go.
fn hold(conn: &mut attune::db::Conn) {
    let lock = if on_postgres() {
        "BEGIN; LOCK TABLE clients IN EXCLUSIVE MODE"
    } else {
        "BEGIN IMMEDIATE"
    };
    conn.batch_execute(lock).unwrap();
}

/// One service, told to stop while writes wait for the database; how many it acknowledged, and how long it took.
fn stop(installation: &Installation, token: &str) -> (Vec<String>, Duration) {
    let mut running = Running::start(installation);
    let (address, places) = (running.address, Mutex::<Vec<String>>::default());
    let mut conn = installation.open();
    // Connections that are kept and idle hold nothing up, whether anything ever came on them or not.
    let mut used = Line::open(address).unwrap();
    used.ask(&Request::get("/v1/me", token)).unwrap().expect(200);
    let _unused = [(); 20].map(|()| TcpStream::connect(address).unwrap());
    let took = std::thread::scope(|scope| {
        let writers = [(); WRITERS].map(|()| {
            let places = &places;
            scope.spawn(move || write_until_stopped(address, token, places))
        });
        std::thread::sleep(Duration::from_millis(300));
        hold(&mut conn);
        std::thread::sleep(Duration::from_millis(200));
        let before = places.lock().unwrap().len();
        let told = Instant::now();
        running.terminate();
        std::thread::sleep(Duration::from_millis(400));
        assert!(TcpStream::connect(address).is_err(), "it still listens");
        assert!(running.ended_within(Duration::from_millis(1)).is_none(), "it did not wait");
        conn.batch_execute("ROLLBACK").unwrap();
        let ended = running.ended_within(Duration::from_secs(20)).expect("it goes");
        let took = told.elapsed();
        assert_eq!(ended.code(), Some(0), "{ended}");
        let finished = writers.map(|writer| writer.join().unwrap());
        assert_eq!(finished, [true; WRITERS], "each write that waited is answered, as the last");
        assert_eq!(places.lock().unwrap().len(), before + WRITERS);
        took
    });
    assert!(used.answer().unwrap().is_none(), "the idle connection is closed");
    check(&mut conn);
    (places.into_inner().unwrap(), took)
}

async fn lost(app: &TestApp, places: &[String]) -> usize {
    let admin = app.caller("practice_admin");
    let mut lost = 0;
    for place in places {
        lost += usize::from(admin.get(place).await.status != 200);
    }
    lost
}

#[actix_web::test]
async fn a_service_that_is_told_to_stop_finishes_what_it_has_begun() {
    let rounds = asked("ATTUNE_STOPS", 1);
    let (app, installation) = story().await;
    let token = app.mint("practice_admin", None);
    let (mut acknowledged, mut longest) = (0, Duration::ZERO);
    for _ in 0..rounds {
        let (places, took) = stop(&installation, &token);
        assert_eq!(lost(&app, &places).await, 0);
        acknowledged += places.len();
        longest = longest.max(took);
    }
    println!(
        "told to stop {rounds} times on {} with {WRITERS} writes waiting and 21 connections idle: {acknowledged} \
         acknowledged, 0 lost, 0 broken off, each ended with code 0, the slowest after {longest:?}",
        database_name()
    );
}
