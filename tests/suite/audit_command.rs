//! `attune audit verify` as whoever runs the service types it: what it prints, and with which code it ends.

use std::process::{Command, Output};

use attune::db::DatabaseUrl;
use diesel::connection::SimpleConnection;

use crate::session_notes::{soap, write};
use crate::support::TestApp;
use crate::support::database::ROOT_KEY;

/// The practice of the story, which has the longest chain.
const OF: &str = "practice_id = (SELECT practice_id FROM audit_events ORDER BY seq DESC LIMIT 1)";

pub fn verify(app: &TestApp, root_key: &str) -> Output {
    let url = match &app.database.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{path}"),
        DatabaseUrl::Postgres(url) => url.expose().to_owned(),
    };
    Command::new(env!("CARGO_BIN_EXE_attune"))
        .args(["audit", "verify"])
        .env("DATABASE_URL", url)
        .env("ATTUNE_ROOT_KEY", root_key)
        .env("ATTUNE_LOG", "off")
        .output()
        .unwrap()
}

/// The exit code, what was printed, and what was said of what is wrong.
fn outcome(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// The story's practice with a reading in its chain, and how many rows that has.
async fn told() -> (TestApp, usize) {
    let app = TestApp::start().await;
    let path = write(&app, "clinician", soap(&app, "Recorded.")).await;
    app.caller("clinician").get(&path).await.expect(200);
    let (code, out, err) = outcome(&verify(&app, ROOT_KEY));
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    let line = out.lines().find(|line| line.starts_with(&app.id("practice"))).unwrap();
    let rows = line.split(' ').nth(1).unwrap().parse().unwrap();
    (app, rows)
}

#[actix_web::test]
async fn a_whole_chain_is_said_to_be_whole_with_its_last_hash() {
    let (app, rows) = told().await;
    let (_, out, _) = outcome(&verify(&app, ROOT_KEY));
    assert_eq!(out.lines().count(), 2, "a line for each practice: {out}");
    assert!(rows > 60, "{rows}");
    for line in out.lines() {
        let (before, hash) = line.split_once(" rows, whole, last ").unwrap();
        assert!(before.starts_with("prc_") && hash.len() == 64, "{line}");
    }
    assert!(!out.contains("Recorded"), "a chain is numbers and hashes");
}

#[actix_web::test]
async fn a_row_that_was_laid_hands_on_is_named() {
    let (app, rows) = told().await;
    let (at, practice) = (rows - 7, app.id("practice"));
    let sql = format!(
        "UPDATE audit_events SET action = 'session_note.created' WHERE {OF} AND seq = {at}"
    );
    app.database.open().batch_execute(&sql).unwrap();
    let (code, out, err) = outcome(&verify(&app, ROOT_KEY));
    assert_eq!(code, Some(2), "{out}{err}");
    assert_eq!(err.trim(), format!("attune: {practice}: row {at} is not as it was written"));
    // What is whole is said all the same: somebody has to know what still stands.
    assert!(out.contains(&app.id("other_practice")) && !out.contains(&practice), "{out}");
}

#[actix_web::test]
async fn a_tail_that_was_cut_off_is_named_by_its_first_row() {
    let (app, rows) = told().await;
    let sql = format!("DELETE FROM audit_events WHERE {OF} AND seq > {}", rows - 3);
    app.database.open().batch_execute(&sql).unwrap();
    let (code, _, err) = outcome(&verify(&app, ROOT_KEY));
    let missing = format!("attune: {}: row {} is missing", app.id("practice"), rows - 2);
    assert_eq!((code, err.trim()), (Some(2), missing.as_str()));
}

#[actix_web::test]
async fn under_another_root_key_nothing_is_said_of_the_chain() {
    let (app, _) = told().await;
    let other = "f".repeat(64);
    let (code, out, err) = outcome(&verify(&app, &other));
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(!err.contains(&other) && !err.contains("row ") && !err.contains("panicked"), "{err}");
}
