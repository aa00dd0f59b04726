//! What a backup asks of SQLite: a copy while others write, and a look at a file that stays as it is.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::conn::{Conn, each};

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Copies the database into an empty file, at an absolute path: one snapshot, for which no writer waits. What was
/// deleted is not in it, since free pages are left out (`docs/adr/0035`).
///
/// # Errors
/// Those of SQLite, as when the disk is full.
pub fn into_file(conn: &mut Conn, file: &str) -> QueryResult<()> {
    conn.batch_execute(&format!("VACUUM INTO '{}'", file.replace('\'', "''")))
}

/// About how many bytes the copy will have.
///
/// # Errors
/// Those of SQLite.
pub fn expected_bytes(conn: &mut Conn) -> QueryResult<u64> {
    let sql = "SELECT (page_count - freelist_count) * page_size AS number \
               FROM pragma_page_count, pragma_freelist_count, pragma_page_size";
    let found: Number = each!(conn, conn => diesel::sql_query(sql).get_result(conn))?;
    Ok(u64::try_from(found.number).unwrap_or_default())
}

/// Opens a file that nobody writes, at an absolute path, and leaves it byte for byte as it is. [`Conn::open`] would set
/// it up for a write-ahead log, and its checksum would be another.
///
/// # Errors
/// When it cannot be opened.
pub fn open_still(file: &str) -> Result<Conn, ConnectionError> {
    let path = file.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let mut conn = SqliteConnection::establish(&format!("file:{path}?mode=ro&immutable=1"))?;
    conn.batch_execute(
        "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA query_only = ON;",
    )
    .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(Conn::Sqlite(conn))
}

/// How many rows each table has.
///
/// # Errors
/// Those of SQLite.
pub fn rows_by_table(conn: &mut Conn) -> QueryResult<BTreeMap<String, i64>> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let tables: Vec<Name> = each!(conn, conn => diesel::sql_query(sql).load(conn))?;
    let mut counted = BTreeMap::new();
    for Name { name } in tables {
        let sql = format!("SELECT count(*) AS number FROM \"{name}\"");
        let found: Number = each!(conn, conn => diesel::sql_query(&sql).get_result(conn))?;
        counted.insert(name, found.number);
    }
    Ok(counted)
}
