//! Migrations, embedded in the binary, and what is checked before serving.

#[cfg(feature = "postgres")]
use diesel::connection::SimpleConnection;
use diesel::migration::MigrationVersion;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::conn::{Conn, Purpose, each};
use super::url::DatabaseUrl;

const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
#[cfg(feature = "postgres")]
const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The oldest SQLite that is fit to serve: earlier ones can corrupt a write-ahead log when it
/// is reset while another process reads it.
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// One of several processes migrates a PostgreSQL database; the others wait for this lock.
#[cfg(feature = "postgres")]
const LOCK: i64 = 0x0061_7474_756e_6501;

/// Why a database is not fit to serve, with what to do.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    /// It cannot be reached.
    #[error("the database cannot be opened: {0}")]
    Unreachable(#[from] ConnectionError),
    /// The linked SQLite is too old.
    #[error("SQLite {0} is too old; build with the bundled one, or with 3.51.3 or later")]
    OldSqlite(String),
    /// Migrations have to be run first.
    #[error("{0} migrations are pending; run `attune migrate`, or start with `--migrate`")]
    Pending(usize),
    /// The database was migrated by a newer binary.
    #[error("the database has migrations that this binary does not know; run a newer one")]
    Newer,
    /// A migration failed. Nothing of it was kept.
    #[error("a migration failed: {0}")]
    Failed(String),
}

/// Checks that a database is fit to serve: version and migrations.
///
/// # Errors
/// A sentence that says what to do.
pub fn check(url: &DatabaseUrl) -> Result<(), Unready> {
    let mut conn = Conn::open(url, Purpose::Write)?;
    check_version(&mut conn)?;
    match pending(&mut conn)? {
        0 => Ok(()),
        count => Err(Unready::Pending(count)),
    }
}

/// Checks that a database that is open has every migration of this binary. More of them do no harm: a release only adds
/// (`CONTRIBUTING.md`), and whoever serves goes on while the next one is prepared.
///
/// # Errors
/// A sentence that says what to do.
pub fn check_open(conn: &mut Conn) -> Result<(), Unready> {
    #[derive(QueryableByName)]
    struct Applied {
        #[diesel(sql_type = diesel::sql_types::Text)]
        version: String,
    }
    let known = known(conn)?;
    // Diesel's own list first makes the table that it reads, which a connection that only reads may not. Where it is
    // not there, nothing was migrated.
    let applied: Vec<Applied> = diesel::sql_query("SELECT version FROM __diesel_schema_migrations")
        .load(conn)
        .map_err(|_| Unready::Pending(known.len()))?;
    let is_applied = |version: &MigrationVersion<'_>| {
        applied.iter().any(|one| one.version == version.to_string())
    };
    match known.iter().filter(|version| !is_applied(version)).count() {
        0 => Ok(()),
        count => Err(Unready::Pending(count)),
    }
}

/// Runs pending migrations; returns how many. SQLite is then told of the indexes that there are.
///
/// On SQLite all of it in one transaction that holds the file's write lock from its start:
/// of processes that start together one migrates, and the others then find nothing to do.
///
/// # Errors
/// A sentence that says what failed.
pub fn run(url: &DatabaseUrl) -> Result<usize, Unready> {
    let mut conn = Conn::open(url, Purpose::Write)?;
    check_version(&mut conn)?;
    #[cfg(feature = "postgres")]
    if let Conn::Pg(conn) = &mut conn {
        lock(conn)?;
    }
    let run = match &mut conn {
        Conn::Sqlite(conn) => {
            conn.immediate_transaction(|conn| -> diesel::migration::Result<usize> {
                let versions = conn.run_pending_migrations(SQLITE)?.len();
                super::statistics::write(conn)?;
                Ok(versions)
            })
        }
        #[cfg(feature = "postgres")]
        Conn::Pg(conn) => conn.run_pending_migrations(POSTGRES).map(|versions| versions.len()),
    };
    run.map_err(|error| Unready::Failed(error.to_string()))
}

/// Takes back every migration, the last one first. For tests: it deletes everything.
///
/// # Errors
/// A sentence that says what failed.
pub fn revert_all(url: &DatabaseUrl) -> Result<usize, Unready> {
    let mut conn = Conn::open(url, Purpose::Write)?;
    let reverted = match &mut conn {
        Conn::Sqlite(conn) => conn.revert_all_migrations(SQLITE).map(|versions| versions.len()),
        #[cfg(feature = "postgres")]
        Conn::Pg(conn) => conn.revert_all_migrations(POSTGRES).map(|versions| versions.len()),
    };
    reverted.map_err(|error| Unready::Failed(error.to_string()))
}

fn check_version(conn: &mut Conn) -> Result<(), Unready> {
    match conn {
        Conn::Sqlite(conn) => check_sqlite_version(conn),
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => Ok(()),
    }
}

fn check_sqlite_version(conn: &mut SqliteConnection) -> Result<(), Unready> {
    let version: String =
        diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>("sqlite_version()"))
            .get_result(conn)
            .map_err(|error| Unready::Failed(error.to_string()))?;
    let mut numbers = version.split('.').map(|number| number.parse().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_SQLITE {
        return Err(Unready::OldSqlite(version));
    }
    Ok(())
}

/// How many migrations this binary has and the database has not.
///
/// # Errors
/// [`Unready::Newer`], and those of the database.
pub fn pending(conn: &mut Conn) -> Result<usize, Unready> {
    let known = known(conn)?;
    let applied = applied(conn)?;
    if applied.iter().any(|version| !known.contains(version)) {
        return Err(Unready::Newer);
    }
    Ok(known.iter().filter(|version| !applied.contains(version)).count())
}

/// The number of the last migration, or nothing before the first.
///
/// # Errors
/// Those of the database.
pub fn last(conn: &mut Conn) -> Result<String, Unready> {
    let applied = applied(conn)?;
    Ok(applied.iter().max().map(ToString::to_string).unwrap_or_default())
}

fn applied(conn: &mut Conn) -> Result<Vec<MigrationVersion<'static>>, Unready> {
    let applied = each!(conn, conn => conn.applied_migrations());
    applied.map_err(|error| Unready::Failed(error.to_string()))
}

/// The versions that this binary knows, for a database of this kind.
fn known(conn: &Conn) -> Result<Vec<MigrationVersion<'static>>, Unready> {
    match conn {
        Conn::Sqlite(_) => versions_sqlite(),
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => versions_postgres(),
    }
}

fn versions_sqlite() -> Result<Vec<MigrationVersion<'static>>, Unready> {
    use diesel::migration::MigrationSource;
    let migrations = MigrationSource::<diesel::sqlite::Sqlite>::migrations(&SQLITE)
        .map_err(|error| Unready::Failed(error.to_string()))?;
    Ok(migrations.iter().map(|migration| migration.name().version().as_owned()).collect())
}

#[cfg(feature = "postgres")]
fn versions_postgres() -> Result<Vec<MigrationVersion<'static>>, Unready> {
    use diesel::migration::MigrationSource;
    let migrations = MigrationSource::<diesel::pg::Pg>::migrations(&POSTGRES)
        .map_err(|error| Unready::Failed(error.to_string()))?;
    Ok(migrations.iter().map(|migration| migration.name().version().as_owned()).collect())
}

/// Held while migrating: a session-level advisory lock, which ends with the connection at the
/// latest. SQLite's write lock does the same. What is set for requests is set back: a migration may
/// take longer than one, and reads whole tables.
#[cfg(feature = "postgres")]
fn lock(conn: &mut diesel::pg::PgConnection) -> Result<(), Unready> {
    conn.batch_execute(&format!(
        "SET lock_timeout = '5min'; SET statement_timeout = 0; SET enable_seqscan = on; \
         SET enable_hashjoin = on; SET enable_mergejoin = on; \
         SELECT pg_advisory_lock({LOCK});"
    ))
    .map_err(|error| Unready::Failed(error.to_string()))
}

/// `PRAGMA integrity_check` and `foreign_key_check`, or nothing to report on PostgreSQL.
///
/// # Errors
/// Those of the database.
pub fn integrity(conn: &mut Conn) -> QueryResult<Vec<String>> {
    match conn {
        Conn::Sqlite(conn) => sqlite_integrity(conn),
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => Ok(Vec::new()),
    }
}

fn sqlite_integrity(conn: &mut SqliteConnection) -> QueryResult<Vec<String>> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text)]
        line: String,
    }
    let mut found: Vec<Line> = diesel::sql_query(
        "SELECT integrity_check AS line FROM pragma_integrity_check WHERE integrity_check <> 'ok'",
    )
    .load(conn)?;
    let keys: Vec<Line> =
        diesel::sql_query("SELECT \"table\" AS line FROM pragma_foreign_key_check").load(conn)?;
    found.extend(keys);
    Ok(found.into_iter().map(|line| line.line).collect())
}
