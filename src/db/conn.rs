//! The connection enum and the one macro that a few query shapes need.
#![expect(missing_docs, reason = "Diesel's derive makes public items without documentation")]

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sqlite::SqliteConnection;

use super::url::DatabaseUrl;
use crate::error::Result;

/// A connection to either database. Diesel derives a backend, [`MultiBackend`], under
/// which every query of this crate is written once.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// Embedded SQLite, bundled with the binary.
    Sqlite(SqliteConnection),
    /// PostgreSQL through libpq, with TLS as the connection string asks.
    #[cfg(feature = "postgres")]
    Pg(PgConnection),
}

/// Expands one expression once per backend.
///
/// Diesel's enum cannot express upserts, batch inserts and `returning(as_returning())`.
/// The expression must be the same text for both backends: a second body would be a second
/// behaviour, which is why this macro takes one expression and not two arms.
macro_rules! each {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite($c) => $body,
            #[cfg(feature = "postgres")]
            $crate::db::Conn::Pg($c) => $body,
        }
    };
}
pub(crate) use each;

/// Rows of one statement on PostgreSQL, which takes 65,535 values.
#[cfg(feature = "postgres")]
pub(crate) const ROWS_AT_ONCE: usize = 500;

/// Inserts a slice of rows as fast as the database takes them: one by one by a statement that is kept on SQLite,
/// where one of many rows is compiled each time, and in long statements on PostgreSQL, where each is a way to the
/// server and back.
macro_rules! insert_many {
    ($conn:expr, $table:expr, $rows:expr) => {
        match $conn {
            $crate::db::Conn::Sqlite(conn) => $rows.iter().try_for_each(|row| {
                diesel::insert_into($table).values(row).execute(conn).map(drop)
            }),
            #[cfg(feature = "postgres")]
            $crate::db::Conn::Pg(conn) => {
                $rows.chunks($crate::db::conn::ROWS_AT_ONCE).try_for_each(|some| {
                    diesel::insert_into($table).values(some).execute(conn).map(drop)
                })
            }
        }
    };
}
pub(crate) use insert_many;

/// libpq quotes what it cannot read of an address, and that may be the password.
#[cfg(feature = "postgres")]
fn without_address(error: ConnectionError, address: &str) -> ConnectionError {
    let password = address
        .split_once("://")
        .and_then(|(_, rest)| rest.split(['@', '/']).next())
        .and_then(|user| user.split_once(':'))
        .map_or("", |(_, password)| password);
    if !password.is_empty() && error.to_string().contains(password) {
        let sentence =
            "the address of the server cannot be read; its parts must be percent-encoded";
        return ConnectionError::BadConnection(sentence.to_owned());
    }
    error
}

/// Runs a command's unit of work in a transaction of its own. Requests do not come here:
/// their transactions are the executor's.
///
/// # Errors
/// The unit's own, after which nothing of it is kept.
pub fn transaction<T>(conn: &mut Conn, unit: impl FnOnce(&mut Conn) -> Result<T>) -> Result<T> {
    conn.batch_execute(match conn {
        Conn::Sqlite(_) => "BEGIN IMMEDIATE",
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => "BEGIN",
    })?;
    let result = unit(conn);
    conn.batch_execute(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    result
}

/// What a connection is opened for. SQLite is told; PostgreSQL decides per transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Queries only: a statement that writes fails.
    Read,
    /// Queries only, for what all of a practice has of some time: PostgreSQL plans them for their values,
    /// by which it is a long way or a short one (docs/adr/0042).
    Search,
    /// The one connection that writes.
    Write,
}

impl Conn {
    /// Opens a connection and sets what every connection of this service must have.
    ///
    /// SQLite: foreign keys on, write-ahead log, `synchronous=FULL` (a commit that was
    /// answered survives a power cut; `NORMAL` would lose the last ones), five seconds of
    /// patience with another process. The writer's cache holds a whole group's pages (8 MiB were
    /// not enough, and dirty pages then go to the log twice); the log is copied into the database
    /// every 4000 pages, so that a page that many units change is copied once. As much of the file
    /// is mapped as SQLite maps at the most, 2 GiB: each page beyond is copied by a call of the
    /// system. PostgreSQL: `statement_timeout` of fifteen seconds, the deadline of a request, so
    /// that no unit outlives its caller by much; rows are looked up by an index also where a table
    /// is small, and one after the other where tables are joined, since a plan that is kept is
    /// followed when the table has grown; and a kept statement is planned once for a connection, but
    /// for searches by time (docs/adr/0040, 0042).
    ///
    /// # Errors
    /// When the file or server cannot be reached, or refuses a setting.
    pub fn open(url: &DatabaseUrl, purpose: Purpose) -> std::result::Result<Self, ConnectionError> {
        match url {
            DatabaseUrl::Sqlite(path) => {
                let mut conn = SqliteConnection::establish(path)?;
                let (query_only, cache_kib) = match purpose {
                    Purpose::Read | Purpose::Search => ("ON", 2_000),
                    Purpose::Write => ("OFF", 16_000),
                };
                conn.batch_execute(&format!(
                    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
                     PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                     PRAGMA trusted_schema = OFF; PRAGMA mmap_size = 2147418112; \
                     PRAGMA secure_delete = ON; PRAGMA wal_autocheckpoint = 4000; \
                     PRAGMA cache_size = -{cache_kib}; PRAGMA query_only = {query_only};"
                ))
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Sqlite(conn))
            }
            #[cfg(feature = "postgres")]
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url.expose())
                    .map_err(|error| without_address(error, url.expose()))?;
                conn.batch_execute(
                    "SET statement_timeout = '15s'; SET lock_timeout = '10s'; \
                     SET idle_in_transaction_session_timeout = '30s'; SET TIME ZONE 'UTC'; \
                     SET enable_seqscan = off; SET enable_hashjoin = off; \
                     SET enable_mergejoin = off; SET jit = off; \
                     SET plan_cache_mode = force_generic_plan;",
                )
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
                Ok(Self::Pg(conn))
            }
            #[cfg(not(feature = "postgres"))]
            DatabaseUrl::Postgres(_) => {
                Err(ConnectionError::BadConnection(super::url::WITHOUT_POSTGRES.to_owned()))
            }
        }
    }
}
