//! A database per test, copied from a template in which the demo's story has been told.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use attune::auth::gate::Parts;
use attune::auth::limits::Rates;
use attune::auth::token::{Issuer, Verifier};
use attune::auth::{Gate, Keyring, signing_keys};
use attune::clock::Clock;
use attune::db::conn::Purpose;
use attune::db::id::IdSource;
use attune::db::{Conn, DatabaseUrl, Executor, Settings, migrate};
use attune::demo;
use attune::seal::RootKey;

/// The root key of every test database. It protects nothing.
pub const ROOT_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// A database that exists as long as this value.
pub struct TestDatabase {
    pub url: DatabaseUrl,
    /// The SQLite file; none on PostgreSQL.
    pub file: Option<PathBuf>,
    _folder: Option<tempfile::TempDir>,
    #[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite has files alone"))]
    name: Option<String>,
}

/// True when this run is the one on PostgreSQL.
pub fn on_postgres() -> bool {
    std::env::var("ATTUNE_TEST_DATABASE").as_deref() == Ok("postgres")
}

pub fn root_key() -> RootKey {
    RootKey::from_text(ROOT_KEY).unwrap()
}

impl TestDatabase {
    /// A database with the demo's two practices.
    pub fn with_story() -> Self {
        if on_postgres() { postgres::copy() } else { sqlite_copy() }
    }

    /// A database with nothing in it, not even tables.
    pub fn empty() -> Self {
        if on_postgres() { postgres::create(None) } else { sqlite_empty() }
    }

    /// The same database as it was when the story had been told, without what was written since; nothing on
    /// PostgreSQL, where another is to be made.
    pub fn as_told(&self) -> bool {
        let (Some(template), Some(_)) = (TEMPLATE.get(), &self.file) else { return false };
        let file = template.file.as_ref().unwrap().display();
        let mut conn = self.open();
        let names = "SELECT name AS line FROM sqlite_master WHERE type = 'table' \
                     AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
        let tables = super::catalog::lines(&mut conn, names);
        let again = |table: &String| {
            format!(
                "DELETE FROM main.{table}; INSERT INTO main.{table} SELECT * FROM told.{table};"
            )
        };
        let again: String = tables.iter().map(again).collect();
        // What locks signed notes locks them for this too: it is taken down and put up again.
        let of_triggers = |column: &str| {
            format!(
                "SELECT {column} AS line FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
            )
        };
        let names = super::catalog::lines(&mut conn, &of_triggers("name"));
        let drop = |name: &String| format!("DROP TRIGGER main.{name}");
        let down = names.iter().map(drop).collect::<Vec<_>>().join("; ");
        let up = super::catalog::lines(&mut conn, &of_triggers("sql")).join("; ");
        let whole = format!(
            "PRAGMA foreign_keys = OFF; ATTACH '{file}' AS told; BEGIN IMMEDIATE; {down}; {again} {up}; COMMIT; \
             DETACH told;"
        );
        diesel::connection::SimpleConnection::batch_execute(&mut conn, &whole).unwrap();
        true
    }

    /// Another handle on the same database, which lives as long as this one.
    pub fn again(&self) -> Self {
        Self { url: self.url.clone(), file: self.file.clone(), _folder: None, name: None }
    }

    /// A handle on an SQLite file that lies where the test has put it.
    pub fn at(url: DatabaseUrl) -> Self {
        let DatabaseUrl::Sqlite(path) = &url else { panic!("not a file") };
        let file = Some(PathBuf::from(path));
        Self { url, file, _folder: None, name: None }
    }

    /// A connection of the test's own.
    pub fn open(&self) -> Conn {
        Conn::open(&self.url, Purpose::Write).unwrap()
    }
}

fn sqlite_empty() -> TestDatabase {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("attune.db");
    let url = format!("sqlite:{}", file.display()).parse().unwrap();
    TestDatabase { url, file: Some(file), _folder: Some(folder), name: None }
}

/// The story on SQLite.
static TEMPLATE: OnceLock<TestDatabase> = OnceLock::new();

fn sqlite_copy() -> TestDatabase {
    let template = TEMPLATE.get_or_init(|| {
        let made = sqlite_empty();
        tell_story(&made.url);
        // Everything into the main file, so that a copy of it is the whole database.
        let mut conn = made.open();
        diesel::connection::SimpleConnection::batch_execute(
            &mut conn,
            "PRAGMA wal_checkpoint(TRUNCATE);",
        )
        .unwrap();
        made
    });
    let copy = sqlite_empty();
    std::fs::copy(template.file.as_ref().unwrap(), copy.file.as_ref().unwrap()).unwrap();
    copy
}

fn tell_story(url: &DatabaseUrl) {
    migrate::run(url).unwrap();
    let mut conn = Conn::open(url, Purpose::Write).unwrap();
    let keyring = Keyring::new(root_key());
    signing_keys::rotate(&mut conn, &keyring, demo::BEGINNING).unwrap();
    let gate = Gate::new(parts(url, Clock::manual(demo::BEGINNING)));
    demo::cast(&mut conn, &gate).unwrap();
}

/// More than any test sends, so that the headers of the limits are there and nobody is refused.
const RATES: Rates = Rates { credential: NonZeroU32::new(100_000_000), practice: None };

/// The parts of a service on this database, sized for a test.
pub fn parts(url: &DatabaseUrl, clock: Clock) -> Parts {
    parts_with(url, clock, Settings { threads: 2, queue: 4096, group: 64 })
}

/// The same with sizes of the test's choice.
pub fn parts_with(url: &DatabaseUrl, clock: Clock, settings: Settings) -> Parts {
    let issuer = issuer();
    Parts {
        executor: Executor::start(url, settings).unwrap(),
        public_url: issuer.url.clone(),
        verifier: Verifier::new(issuer, std::sync::Arc::default(), 1000),
        keyring: Keyring::new(root_key()),
        clock,
        ids: IdSource::Random,
        rates: RATES,
    }
}

pub fn issuer() -> Issuer {
    Issuer { url: "http://attune.test".to_owned(), audience: "attune".to_owned() }
}

#[cfg_attr(not(feature = "postgres"), expect(dead_code, reason = "SQLite has files alone"))]
fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("attune_test_{}_{count}", std::process::id())
}

#[cfg(feature = "postgres")]
mod postgres {
    use super::{OnceLock, TestDatabase, tell_story, unique_name};
    use diesel::connection::SimpleConnection;
    use diesel::pg::PgConnection;
    use diesel::prelude::*;

    fn maintenance_url() -> String {
        std::env::var("ATTUNE_TEST_POSTGRES_URL").expect("ATTUNE_TEST_POSTGRES_URL names a server")
    }

    fn run(sql: &str) {
        let mut conn = PgConnection::establish(&maintenance_url()).expect("the server answers");
        conn.batch_execute(sql).expect("the statement runs");
    }

    pub fn create(template: Option<&str>) -> TestDatabase {
        let name = unique_name();
        let template = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
        run(&format!("CREATE DATABASE {name}{template}"));
        let url = maintenance_url();
        let (server, _) = url.rsplit_once('/').expect("a URL with a database");
        let url = format!("{server}/{name}").parse().unwrap();
        TestDatabase { url, file: None, _folder: None, name: Some(name) }
    }

    pub fn copy() -> TestDatabase {
        static TEMPLATE: OnceLock<TestDatabase> = OnceLock::new();
        let template = TEMPLATE.get_or_init(|| {
            let made = create(None);
            tell_story(&made.url);
            // A template must have no connections: wait for the story's threads to end.
            let name = made.name.clone().unwrap_or_default();
            run(&format!(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
            ));
            made
        });
        create(template.name.as_deref())
    }

    impl Drop for TestDatabase {
        fn drop(&mut self) {
            if let Some(name) = &self.name {
                run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

#[cfg(not(feature = "postgres"))]
mod postgres {
    use super::TestDatabase;

    pub fn create(_: Option<&str>) -> TestDatabase {
        panic!("run with --features postgres")
    }

    pub fn copy() -> TestDatabase {
        create(None)
    }
}
