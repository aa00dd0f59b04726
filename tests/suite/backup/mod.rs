//! Backups are made of a service that is being written to, and become that service again: on SQLite by `attune backup`
//! and `attune restore`, on PostgreSQL by the commands of the page that says how.
//!
//! `ATTUNE_BACKUP_DRILLS` makes it a long run.

mod drills;
mod live;
mod postgres;
mod refusals;
mod secrecy;

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::time::Duration;

use attune::auth::Keyring;
use attune::backup::{self, Manifest};
use attune::clock::Clock;
use attune::db::DatabaseUrl;

use crate::support::TestApp;
use crate::support::database::{ROOT_KEY, TestDatabase, on_postgres, parts, root_key};

/// A folder in which backups and databases lie.
pub(super) struct Shelf(tempfile::TempDir);

impl Shelf {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn url(&self, name: &str) -> DatabaseUrl {
        format!("sqlite:{}", self.at(name).display()).parse().unwrap()
    }

    /// The names of all that lies in it.
    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.unwrap().file_name();
        let mut names: Vec<_> =
            entries.map(|entry| name(entry).to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Makes a backup here, under the key of every test database.
    fn back_up(&self, database: &DatabaseUrl, name: &str) -> Result<Manifest, String> {
        backup::make(database, &keyring(), &self.at(name), Clock::System.now())
    }

    fn restore(&self, from: &str, to: &str) -> Result<TestDatabase, String> {
        backup::restore(&self.at(from), &self.url(to), &keyring())?;
        Ok(TestDatabase::at(self.url(to)))
    }
}

/// One that has opened nothing yet.
fn keyring() -> Keyring {
    Keyring::new(root_key())
}

/// Another database that holds what this one did, made by the way of the run's database.
fn copy_of(url: &DatabaseUrl, shelf: &Shelf) -> TestDatabase {
    if on_postgres() {
        return postgres::copy_of(url, shelf);
    }
    shelf.back_up(url, "backup").unwrap();
    shelf.restore("backup", "restored.db").unwrap()
}

/// What people of the story read of what nobody writes meanwhile: path, tag and body.
async fn reads(app: &TestApp) -> Vec<(String, String, Vec<u8>)> {
    let couple = format!("/v1/couples/{}", app.id("couple"));
    let dashboard = format!("{couple}/dashboard");
    let clinician = [
        "/v1/me",
        "/v1/couples",
        "/v1/treatments",
        "/v1/sessions",
        "/v1/caseload",
        "/v1/assignments",
        "/v1/activity-definitions?limit=100",
        couple.as_str(),
        dashboard.as_str(),
    ];
    let partner = ["/v1/me", "/v1/me/inbox", "/v1/me/sessions", "/v1/couples", dashboard.as_str()];
    let admin = ["/v1/practice", "/v1/users", "/v1/clinicians", "/v1/offices", "/v1/consents"];
    let all = [
        ("clinician", &clinician[..]),
        ("partner_a", &partner[..]),
        ("partner_b", &partner[..]),
        ("practice_admin", &admin[..]),
    ];
    let mut read = Vec::new();
    for (name, paths) in all {
        for path in paths {
            let answer = app.caller(name).get(path).await.expect(200);
            read.push((format!("{name} {path}"), answer.header("etag"), answer.body));
        }
    }
    read
}

const WRITERS: usize = 4;

/// Posts clients until it is told to stop, and keeps the paths of what was acknowledged.
async fn write(app: &TestApp, stop: &Cell<bool>, acknowledged: &RefCell<Vec<String>>) {
    while !stop.get() {
        let made = app.caller("practice_admin").make_client("Durable").await;
        acknowledged.borrow_mut().push(format!("/v1/clients/{made}"));
    }
}

/// Waits for twenty acknowledged writes, and makes a copy while others follow.
async fn copy_meanwhile(
    app: &TestApp,
    stop: &Cell<bool>,
    acknowledged: &RefCell<Vec<String>>,
    shelf: Shelf,
) -> (Vec<String>, TestDatabase, Shelf) {
    while acknowledged.borrow().len() < 20 {
        actix_web::rt::time::sleep(Duration::from_millis(2)).await;
    }
    let (before, url) = (acknowledged.borrow().clone(), app.database.url.clone());
    let copying = actix_web::web::block(move || (copy_of(&url, &shelf), shelf));
    let (copy, shelf) = copying.await.unwrap();
    stop.set(true);
    (before, copy, shelf)
}

#[actix_web::test]
async fn what_was_acknowledged_before_a_backup_began_is_in_the_restored_service() {
    let app = TestApp::start().await;
    let (stop, acknowledged) = (Cell::new(false), RefCell::new(Vec::new()));
    let write = || write(&app, &stop, &acknowledged);
    let copying = copy_meanwhile(&app, &stop, &acknowledged, Shelf::new());
    let ((before, copy, _shelf), ..) = tokio::join!(copying, write(), write(), write(), write());
    let meanwhile = acknowledged.borrow().len() - before.len();
    assert!(meanwhile > WRITERS, "only {meanwhile} writes while the copy was made");
    let parts = parts(&copy.url, app.clock.clone());
    let restored = TestApp::assemble(copy, app.clock.clone(), parts).await;
    let (read, again) = (reads(&app).await, reads(&restored).await);
    for (one, other) in read.iter().zip(&again) {
        let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
        assert_eq!((&one.0, &one.1, text(&one.2)), (&other.0, &other.1, text(&other.2)));
    }
    for path in &before {
        let one = app.caller("practice_admin").get(path).await.expect(200);
        let other = restored.caller("practice_admin").get(path).await.expect(200);
        assert_eq!(one.body, other.body, "{path}");
    }
    let looked_at = crate::audit_command::verify(&restored, ROOT_KEY);
    assert!(looked_at.status.success(), "{}", String::from_utf8_lossy(&looked_at.stderr));
    // And it goes on: what is written now is bound to the chain that was restored.
    restored.caller("practice_admin").make_client("Later").await;
    assert!(crate::audit_command::verify(&restored, ROOT_KEY).status.success());
    println!(
        "{} writes acknowledged before, {meanwhile} while it was copied; {} reads of the restored service are the same",
        before.len(),
        before.len() + read.len()
    );
}
