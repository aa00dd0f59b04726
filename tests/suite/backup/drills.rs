//! Twenty times the same drill, each time with something else: how many practices and people there are, whether anybody
//! writes, and whether the log was copied into the database before.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use attune::auth::{Acting, Gate, Keyring};
use attune::backup::restore;
use attune::clients;
use attune::clock::Clock;
use attune::db::conn::transaction;
use attune::db::id::IdSource;
use attune::db::{Conn, migrate};
use attune::practices::founding::{Founding, found, oldest};
use attune::seal::RootKey;
use attune::seeding::clients::new_client;
use diesel::connection::SimpleConnection;

use super::Shelf;
use crate::support::catalog::lines;
use crate::support::database::{TestDatabase, on_postgres, parts};

fn drills() -> u32 {
    let asked = std::env::var("ATTUNE_BACKUP_DRILLS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(20)
}

/// What differs from drill to drill.
#[derive(Debug)]
struct Drill {
    more_practices: u32,
    clients: u32,
    written_to: bool,
    log_copied: bool,
}

impl Drill {
    fn number(number: u32) -> Self {
        Self {
            more_practices: number % 3,
            clients: number * 7 % 31,
            written_to: !number.is_multiple_of(4),
            log_copied: number.is_multiple_of(5),
        }
    }
}

fn another_practice(conn: &mut Conn, gate: &Gate, number: u32) {
    let (ids, now) = (IdSource::Random, Clock::System.now());
    let founding = Founding {
        practice_id: ids.next(now),
        name: format!("Drill {number} (fictitious)"),
        timezone: "America/Boise".to_owned(),
        admin_email: format!("desk{number}@drill.example"),
    };
    transaction(conn, |conn| found(conn, gate, &ids, now, founding)).unwrap();
}

/// A client for the oldest practice, acknowledged when this returns.
fn client(conn: &mut Conn, gate: &Gate, number: u32) {
    let (ids, now) = (IdSource::Random, Clock::System.now());
    transaction(conn, |conn| {
        let practice = oldest(conn)?;
        gate.operate(conn, Acting::Operator(practice), &ids, now, |tx| {
            clients::store::create(tx, new_client(number)).map(drop)
        })
    })
    .unwrap();
}

fn clients_in(conn: &mut Conn) -> u32 {
    lines(conn, "SELECT CAST(count(*) AS text) AS line FROM clients")[0].parse().unwrap()
}

/// Every row of the copy is one of the database as it is now; the ends of chains have moved on since.
fn is_part_of(conn: &mut Conn, restored: &std::path::Path) -> usize {
    conn.batch_execute(&format!("ATTACH '{}' AS restored", restored.display())).unwrap();
    let tables = lines(
        conn,
        "SELECT name AS line FROM restored.sqlite_master WHERE type = 'table' AND name <> 'audit_heads' \
         AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
    );
    for table in &tables {
        let strange = format!(
            "SELECT 'strange' AS line FROM (SELECT * FROM restored.{table} EXCEPT SELECT * FROM main.{table})"
        );
        assert!(lines(conn, &strange).is_empty(), "{table}");
    }
    conn.batch_execute("DETACH restored").unwrap();
    tables.len()
}

/// Makes a backup while clients are written, and returns how many were acknowledged before.
fn back_up_meanwhile(drill: &Drill, database: &TestDatabase, gate: &Gate, shelf: &Shelf) -> u32 {
    let there = clients_in(&mut database.open());
    let (stop, written) = (AtomicBool::new(!drill.written_to), AtomicU32::new(there));
    std::thread::scope(|scope| {
        let (mut writer, stop, written) = (database.open(), &stop, &written);
        scope.spawn(move || {
            for number in 100.. {
                if stop.load(Ordering::Acquire) {
                    break;
                }
                client(&mut writer, gate, number);
                written.fetch_add(1, Ordering::Release);
            }
        });
        let late = Instant::now() + Duration::from_secs(5);
        let first = there + u32::from(drill.written_to);
        while written.load(Ordering::Acquire) < first && Instant::now() < late {
            std::thread::sleep(Duration::from_millis(1));
        }
        let before = written.load(Ordering::Acquire);
        let made = shelf.back_up(&database.url, "backup");
        stop.store(true, Ordering::Release);
        made.unwrap();
        before
    })
}

fn run(drill: &Drill) {
    let (database, shelf) = (TestDatabase::with_story(), Shelf::new());
    let mut conn = database.open();
    let gate = Gate::new(parts(&database.url, Clock::System));
    (0..drill.more_practices).for_each(|number| another_practice(&mut conn, &gate, number));
    (0..drill.clients).for_each(|number| client(&mut conn, &gate, number));
    if drill.log_copied {
        conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    }
    let before = back_up_meanwhile(drill, &database, &gate, &shelf);
    let restored = shelf.restore("backup", "restored.db").unwrap();
    let kept = clients_in(&mut restored.open());
    let in_the_end = clients_in(&mut conn);
    assert!((before..=in_the_end).contains(&kept), "{before}, {kept}, {in_the_end}: {drill:?}");
    assert!(drill.written_to || kept == in_the_end, "{drill:?}");
    assert!(is_part_of(&mut conn, &shelf.at("restored.db")) > 40);
    migrate::check(&restored.url).unwrap();
    let other = Keyring::new(RootKey::generate().unwrap());
    let refused = restore(&shelf.at("backup"), &shelf.url("other.db"), &other);
    assert!(refused.unwrap_err().contains("the one given has"), "{drill:?}");
    assert_eq!(shelf.names(), ["backup", "restored.db"], "{drill:?}");
}

#[test]
fn twenty_of_twenty_drills_restore_what_was_there() {
    if on_postgres() {
        return;
    }
    let started = Instant::now();
    for number in 0..drills() {
        run(&Drill::number(number));
    }
    println!(
        "{} of {} drills: backed up, restored, looked at, refused under another key, in {:?}",
        drills(),
        drills(),
        started.elapsed()
    );
}
