//! What befalls a running service: killed, told to stop, cut off, kept waiting. Each is tried on a process of its own
//! and at a size that fits the suite; `docs/reference/proofs.md` has the commands of the long runs.

mod cuts;
mod kills;
mod memory;
mod roles;
mod shutdown;
mod slow;

use std::str::FromStr;

use attune::clock::Clock;
use attune::db::{Conn, migrate};
use serde_json::json;

use crate::support::TestApp;
use crate::support::catalog::{Catalog, lines};
use crate::support::database::{TestDatabase, on_postgres, parts};
use crate::support::process::Installation;

/// What a long run asks for, else what fits the suite.
fn asked<T: FromStr>(name: &str, in_suite: T) -> T {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(in_suite)
}

fn database_name() -> &'static str {
    if on_postgres() { "PostgreSQL" } else { "SQLite" }
}

/// An installation in which the story was told, and the same database for a test that looks into it: by the machine's
/// clock, since the processes have no other.
async fn story() -> (TestApp, Installation) {
    let database = TestDatabase::with_story();
    let clock = Clock::manual(Clock::System.now());
    let parts = parts(&database.url, clock.clone());
    let app = TestApp::assemble(database.again(), clock, parts).await;
    let most = json!({ "settings": { "max_active_couple_assignments": 50 } });
    app.caller("practice_admin").patch("/v1/practice", most).await.expect(200);
    (app, Installation::of_story(database))
}

/// What must hold of the database whatever befell the service.
fn check(conn: &mut Conn) {
    assert_eq!(migrate::integrity(conn).unwrap(), Vec::<String>::new());
    for table in ["audit_events", "events"] {
        let gaps = format!(
            "SELECT 'gap' AS line FROM {table} GROUP BY practice_id \
             HAVING count(*) <> max(seq) OR min(seq) <> 1"
        );
        assert!(lines(conn, &gaps).is_empty(), "{table} has gaps");
    }
    let broken = "SELECT 'broken' AS line FROM audit_events a JOIN audit_events b \
                  ON b.practice_id = a.practice_id AND b.seq = a.seq + 1 WHERE b.previous_hash <> a.hash";
    assert!(lines(conn, broken).is_empty(), "the audit chain is broken");
    // What was made has its audit row and, where others may learn of it, its event: a change and its record are one.
    for (made, records) in [
        ("clients", ["audit_events", "events"].as_slice()),
        ("session_notes", &["audit_events"]),
        ("assignments", &["audit_events", "events"]),
        ("submissions", &["audit_events"]),
    ] {
        for table in records {
            // One set for all rows: events have no index by their resource, and a look for each row would walk them all.
            let unrecorded = format!(
                "SELECT 'unrecorded' AS line FROM {made} WHERE (practice_id, id) NOT IN \
                 (SELECT practice_id, resource_id FROM {table})"
            );
            assert!(lines(conn, &unrecorded).is_empty(), "{made} without {table}");
        }
    }
}

/// Rows that refer to something that is not there, by every foreign key. SQLite's own check, which [`check`] runs,
/// finds them there; PostgreSQL has none.
fn orphans(conn: &mut Conn) -> Vec<String> {
    let keys = Catalog::of(conn).foreign;
    let orphaned = |key: &String| {
        let (from, to) = key.split_once(" -> ")?;
        let (table, columns) = from.trim_end_matches(')').split_once(" (")?;
        let (target, theirs) = to.trim_end_matches(')').split_once(" (")?;
        let columns: Vec<_> = columns.split(',').collect();
        let whole = columns.iter().map(|column| format!("f.{column} IS NOT NULL"));
        let same = columns
            .iter()
            .zip(theirs.split(','))
            .map(|(own, their)| format!("t.{their} = f.{own}"));
        let (whole, same) =
            (whole.collect::<Vec<_>>().join(" AND "), same.collect::<Vec<_>>().join(" AND "));
        Some(format!(
            "SELECT '{key}' AS line FROM {table} f WHERE {whole} AND NOT EXISTS (SELECT 1 FROM {target} t WHERE {same})"
        ))
    };
    let all: Vec<String> = keys.iter().filter_map(orphaned).collect();
    assert!(all.len() > 20, "{} foreign keys", all.len());
    lines(conn, &all.join(" UNION ALL "))
}
