//! Requests that are cut off wherever chance will have it, by clients that go away, while others are served on two
//! threads of the database: nothing stays open, nothing is half done, and nobody gets another's answer.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use attune::db::Conn;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Integer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{asked, check, database_name, story};
use crate::isolation::chance::Chance;
use crate::submissions::{goals, place, submitted};
use crate::support::TestApp;
use crate::support::catalog::lines;
use crate::support::database::on_postgres;
use crate::support::process::{Installation, Running};
use crate::support::wire::{Line, Request};

const AT_ONCE: usize = 8;

/// What is asked before somebody goes away.
struct Wishes {
    admin: String,
    clinician: String,
    partner: String,
    couple: String,
    treatment: String,
    homework: String,
}

impl Wishes {
    async fn of(app: &TestApp) -> Self {
        Self {
            admin: app.mint("practice_admin", None),
            clinician: app.mint("clinician", None),
            partner: app.mint("partner_a", None),
            couple: app.id("couple"),
            treatment: app.id("treatment"),
            homework: crate::submissions::for_couple(app, "goal_statements").await,
        }
    }

    /// One of them; of those that make something, always with the same key for the same number.
    fn pick(&self, chance: &mut Chance, number: usize) -> Request {
        let key = format!("cut-{number}");
        match chance.below(6) {
            0 | 1 => made_once(&self.admin, number),
            2 => {
                let text = "What was said. ".repeat(chance.below(200));
                let body = json!({ "treatment_id": self.treatment, "format": "soap",
                    "sections": [{ "name": "subjective", "text": format!("{number}: {text}") }] });
                Request::new("POST", "/v1/session-notes", &self.clinician, &body)
                    .header("Idempotency-Key", &key)
            }
            3 => {
                let path = place(&self.homework, 1);
                Request::new("PUT", &path, &self.partner, &submitted(goals("money")))
            }
            4 => Request::get("/v1/clients?limit=100", &self.admin),
            _ => Request::get(&format!("/v1/couples/{}/dashboard", self.couple), &self.clinician),
        }
    }
}

fn made_once(token: &str, number: usize) -> Request {
    let body = json!({ "given_name": "Cut", "external_id": format!("cut-{number}") });
    Request::new("POST", "/v1/clients", token, &body)
        .header("Idempotency-Key", &format!("cut-{number}"))
}

/// Where it was cut, for the tally.
const WHERE: [&str; 4] = ["in the head", "in the body", "before the answer", "in the answer"];

/// Sends as much of it as chance will have, and goes away: with a word or without.
async fn cut(address: SocketAddr, wishes: Rc<Wishes>, number: usize, mut chance: Chance) -> usize {
    let request = wishes.pick(&mut chance, number);
    let (text, head) = (request.text(), request.head_len());
    let mut stream = TcpStream::connect(address).await.unwrap();
    let place = if text.len() == head { [0, 2, 3][chance.below(3)] } else { chance.below(4) };
    let until = match place {
        0 => chance.below(head),
        1 => head + chance.below(text.len() - head),
        _ => text.len(),
    };
    stream.write_all(&text.as_bytes()[..until]).await.unwrap();
    if place == 3 {
        let few = 1 + chance.below(600);
        let taken = stream.read(&mut vec![0; few]).await.unwrap();
        assert!(taken > 0, "no answer");
    } else if chance.below(2) == 0 {
        let moment = u64::try_from(chance.below(25)).unwrap();
        tokio::time::sleep(Duration::from_millis(moment)).await;
    }
    if chance.below(2) == 0 {
        stream.set_zero_linger().unwrap();
    }
    place
}

/// Somebody who stays, on one connection, and looks at each answer for what only its own request can have in it.
fn stay(
    address: SocketAddr,
    token: &str,
    name: &str,
    over: &AtomicBool,
    seen: &Mutex<HashSet<String>>,
) -> usize {
    let mut line = Line::open(address).unwrap();
    let (mut answers, mut before) = (0, Vec::new());
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            return answers;
        }
        let own = format!("{name}-{number}");
        let body = json!({ "given_name": "Stays", "external_id": own });
        let made =
            line.ask(&Request::new("POST", "/v1/clients", token, &body)).unwrap().expect(201);
        before.push((made.header("location"), own));
        // Several at once, answered in their order.
        let some = &before[before.len().saturating_sub(3)..];
        for (place, _) in some {
            line.send(&Request::get(place, token)).unwrap();
        }
        let mut got = vec![made];
        got.extend(some.iter().map(|_| line.answer().unwrap().unwrap().expect(200)));
        let expected = before.iter().rev().take(1).chain(some);
        for (reply, (_, own)) in got.iter().zip(expected) {
            assert_eq!(reply.json()["external_id"], own.as_str(), "somebody else's answer");
            let id = reply.header("x-request-id");
            assert!(seen.lock().unwrap().insert(id), "an answer of another request");
            answers += 1;
        }
    }
    answers
}

/// Nothing is open in the database, and nobody holds anything of it.
async fn quiet(installation: &Installation) {
    let mut conn = installation.open();
    let started = Instant::now();
    let open = "SELECT state AS line FROM pg_stat_activity WHERE datname = current_database() \
                AND pid <> pg_backend_pid() AND state <> 'idle'";
    while on_postgres() && !lines(&mut conn, open).is_empty() {
        let still = lines(&mut conn, open);
        assert!(started.elapsed() < Duration::from_secs(5), "{still:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    conn.batch_execute(if on_postgres() { "BEGIN" } else { "BEGIN IMMEDIATE" }).unwrap();
    conn.batch_execute("ROLLBACK").unwrap();
    while !log_is_empty(&mut conn) {
        assert!(started.elapsed() < Duration::from_secs(10), "somebody reads in the log");
    }
}

#[derive(QueryableByName)]
struct Emptied {
    #[diesel(sql_type = Integer)]
    busy: i32,
    #[diesel(sql_type = Integer)]
    log: i32,
}

/// Whether SQLite's log could be emptied, which it can be only when nobody reads in it.
fn log_is_empty(conn: &mut Conn) -> bool {
    match conn {
        Conn::Sqlite(conn) => {
            let emptied: Emptied =
                diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result(conn).unwrap();
            emptied.busy == 0 && emptied.log == 0
        }
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => true,
    }
}

#[actix_web::test]
async fn requests_that_are_cut_off_leave_nothing_open_and_no_answer_to_another() {
    let (most, seed) = (asked("ATTUNE_CUT_REQUESTS", 10_000), asked("ATTUNE_CUT_SEED", 1));
    let in_suite = std::env::var_os("ATTUNE_CUT_REQUESTS").is_none();
    let (app, installation) = story().await;
    let wishes = Rc::new(Wishes::of(&app).await);
    let two = [("ATTUNE_DATABASE_THREADS", "2"), ("ATTUNE_WORKERS", "2")];
    let running = Running::start_with(&installation, &two);
    let address = running.address;
    let mut line = Line::open(address).unwrap();
    line.ask(&Request::get("/v1/me", &wishes.admin)).unwrap().expect(200);
    let (files, memory, started) = (running.open_files(), running.memory(), Instant::now());
    let over = Arc::new(AtomicBool::new(false));
    let seen: Arc<Mutex<HashSet<String>>> = Arc::default();
    let staying = ["one", "two"].map(|name| {
        let (token, over, seen) = (wishes.admin.clone(), Arc::clone(&over), Arc::clone(&seen));
        std::thread::spawn(move || stay(address, &token, name, &over, &seen))
    });
    let (mut tally, mut done) = ([0; 4], 0);
    let late = started + Duration::from_secs(if in_suite { 6 } else { 86_400 });
    while done < most && Instant::now() < late {
        let cuts = (done..done + AT_ONCE).map(|number| {
            let chance = Chance::new(seed + u64::try_from(number).unwrap());
            actix_web::rt::spawn(cut(address, Rc::clone(&wishes), number, chance))
        });
        for one in cuts.collect::<Vec<_>>() {
            tally[one.await.unwrap()] += 1;
        }
        done += AT_ONCE;
        if done.is_multiple_of(1_000) {
            println!("{done} cut, {:?}", started.elapsed());
        }
    }
    over.store(true, Ordering::Relaxed);
    let answers: usize = staying.map(|thread| thread.join().unwrap()).iter().sum();
    let took = started.elapsed();
    quiet(&installation).await;
    check(&mut installation.open());
    let closed = Instant::now();
    while running.open_files() > files + 2 {
        assert!(closed.elapsed() < Duration::from_secs(5), "{} files", running.open_files());
        std::thread::sleep(Duration::from_millis(20));
    }
    // Whoever sends again what was cut finds it made once, by the first or by this.
    let mut again = 0;
    for number in (0..done).step_by(1 + done / 100) {
        let reply = line.ask(&made_once(&wishes.admin, number)).unwrap().expect(201);
        assert_eq!(reply.json()["external_id"], format!("cut-{number}"));
        again += usize::from(reply.header("idempotency-replayed") == "true");
    }
    line.ask(&Request::get("/v1/me", &wishes.admin)).unwrap().expect(200);
    let tally: Vec<_> =
        WHERE.iter().zip(tally).map(|(place, count)| format!("{count} {place}")).collect();
    println!(
        "{done} requests cut on {}, seed {seed}, two threads of the database: {}; {answers} others answered beside \
         them, 0 with another's answer; nothing open, {again} of a hundred sent again had been done; memory {memory} \
         before and {} after, in {took:?}",
        database_name(),
        tally.join(", "),
        running.memory(),
    );
}
