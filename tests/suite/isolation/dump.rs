//! All rows of all tables, to see that nothing was changed.

use std::collections::BTreeSet;

use attune::db::Conn;
use diesel::prelude::*;
use diesel::sql_types::Text;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Reads the database from the side.
pub struct Watch {
    conn: Conn,
    /// What SQLite says of changes by other connections; always a new one on PostgreSQL.
    version: String,
    rows: BTreeSet<String>,
}

impl Watch {
    pub fn new(mut conn: Conn) -> Self {
        let rows = dump(&mut conn);
        let version = version(&mut conn);
        Self { conn, version, rows }
    }

    /// The rows that have come or gone since the last look.
    pub fn changes(&mut self) -> Vec<String> {
        let version = version(&mut self.conn);
        if version == self.version && matches!(self.conn, Conn::Sqlite(_)) {
            return Vec::new();
        }
        self.version = version;
        let rows = dump(&mut self.conn);
        let changed = rows.symmetric_difference(&self.rows).cloned().collect();
        self.rows = rows;
        changed
    }
}

fn lines(conn: &mut Conn, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = match conn {
        Conn::Sqlite(conn) => diesel::sql_query(sql).load(conn).unwrap(),
        #[cfg(feature = "postgres")]
        Conn::Pg(conn) => diesel::sql_query(sql).load(conn).unwrap(),
    };
    lines.into_iter().map(|line| line.line).collect()
}

fn version(conn: &mut Conn) -> String {
    match conn {
        Conn::Sqlite(_) => {
            lines(conn, "SELECT CAST(data_version AS TEXT) AS line FROM pragma_data_version")
                .concat()
        }
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => String::new(),
    }
}

/// Each row as text, with its table before it.
fn dump(conn: &mut Conn) -> BTreeSet<String> {
    let queries = match conn {
        Conn::Sqlite(_) => lines(
            conn,
            "SELECT 'SELECT ''' || m.name || ' '' || ' || group_concat('quote(\"' || c.name || '\")', '||'' ''||') || \
             ' AS line FROM ' || m.name AS line FROM sqlite_master m JOIN pragma_table_info(m.name) c \
             WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' GROUP BY m.name",
        ),
        #[cfg(feature = "postgres")]
        Conn::Pg(_) => lines(
            conn,
            "SELECT 'SELECT ''' || table_name || ' '' || t::text AS line FROM ' || table_name || ' t' AS line \
             FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
        ),
    };
    queries.iter().flat_map(|query| lines(conn, query)).collect()
}

/// True for a row of this practice, whose id is given as its sixteen bytes in hexadecimal.
pub fn is_of(row: &str, practice: &str) -> bool {
    row.to_ascii_lowercase().replace('-', "").contains(practice)
}
