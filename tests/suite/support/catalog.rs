//! What a database says of its own tables, in words that are the same for both databases.

use std::collections::{BTreeMap, BTreeSet};

use attune::db::Conn;
use diesel::prelude::*;
use diesel::sql_types::Text;

/// One column.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Column {
    pub table: String,
    pub name: String,
    /// The type in the database's own words.
    pub kind: String,
    pub nullable: bool,
}

/// The tables and views of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Catalog {
    pub columns: BTreeSet<Column>,
    /// Columns of each table's primary key, in order.
    pub primary: BTreeMap<String, Vec<String>>,
    /// `table (columns) -> table (columns)`.
    pub foreign: BTreeSet<String>,
    /// Unique and other indexes, checks and views, in the database's own words.
    pub rest: BTreeSet<String>,
    pub views: BTreeSet<String>,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The result of a query whose one column is called `line`.
pub fn lines(conn: &mut Conn, sql: &str) -> Vec<String> {
    let query = diesel::sql_query(sql);
    let lines: Vec<Line> = match conn {
        Conn::Sqlite(conn) => query.load(conn),
        #[cfg(feature = "postgres")]
        Conn::Pg(conn) => query.load(conn),
    }
    .unwrap_or_else(|error| panic!("{error}: {sql}"));
    lines.into_iter().map(|line| line.line).collect()
}

impl Catalog {
    pub fn of(conn: &mut Conn) -> Self {
        let sql = if matches!(conn, Conn::Sqlite(_)) { &SQLITE } else { &POSTGRES };
        let mut primary: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for line in lines(conn, sql.primary) {
            let (table, column) = line.split_once('|').unwrap();
            primary.entry(table.to_owned()).or_default().push(column.to_owned());
        }
        Self {
            columns: lines(conn, sql.columns).iter().map(|line| column(line)).collect(),
            primary,
            foreign: lines(conn, sql.foreign).into_iter().collect(),
            rest: lines(conn, sql.rest).into_iter().collect(),
            views: lines(conn, sql.views).into_iter().collect(),
        }
    }

    /// Names of the tables, without views.
    pub fn tables(&self) -> BTreeSet<&str> {
        let all = self.columns.iter().map(|column| column.table.as_str());
        all.filter(|table| !self.views.contains(*table)).collect()
    }
}

fn column(line: &str) -> Column {
    let parts: Vec<&str> = line.split('|').collect();
    let [table, name, kind, nullable] = parts[..] else { panic!("{line}") };
    Column {
        table: table.to_owned(),
        name: name.to_owned(),
        kind: kind.to_lowercase(),
        nullable: nullable == "1",
    }
}

struct Questions {
    columns: &'static str,
    primary: &'static str,
    foreign: &'static str,
    rest: &'static str,
    views: &'static str,
}

const SQLITE: Questions = Questions {
    columns: "SELECT m.name || '|' || c.name || '|' || c.type || '|' || (c.\"notnull\" = 0) AS line \
        FROM sqlite_master m JOIN pragma_table_info(m.name) c \
        WHERE m.type IN ('table', 'view') AND m.name NOT GLOB '__*' AND m.name NOT GLOB 'sqlite_*'",
    primary: "SELECT m.name || '|' || c.name AS line \
        FROM sqlite_master m JOIN pragma_table_info(m.name) c \
        WHERE m.type = 'table' AND c.pk > 0 AND m.name NOT GLOB '__*' AND m.name NOT GLOB 'sqlite_*' \
        ORDER BY m.name, c.pk",
    foreign: "SELECT t || ' (' || group_concat(f, ',') || ') -> ' || r || ' (' || group_concat(c, ',') \
        || ')' AS line FROM (SELECT m.name AS t, k.id AS id, k.\"from\" AS f, k.\"table\" AS r, \
            k.\"to\" AS c FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) k \
            WHERE m.type = 'table' ORDER BY m.name, k.id, k.seq) GROUP BY t, id, r",
    rest: "SELECT name || ' ' || sql AS line FROM sqlite_master \
        WHERE sql IS NOT NULL AND name NOT GLOB '__*' AND tbl_name NOT GLOB 'sqlite_*'",
    views: "SELECT name AS line FROM sqlite_master WHERE type = 'view'",
};

const POSTGRES: Questions = Questions {
    columns: "SELECT table_name || '|' || column_name || '|' || data_type || '|' \
        || CASE is_nullable WHEN 'YES' THEN '1' ELSE '0' END AS line \
        FROM information_schema.columns \
        WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'",
    primary: "SELECT r.relname || '|' || a.attname AS line FROM pg_constraint c \
        JOIN pg_class r ON r.oid = c.conrelid \
        JOIN pg_namespace n ON n.oid = r.relnamespace AND n.nspname = 'public' \
        CROSS JOIN LATERAL unnest(c.conkey) WITH ORDINALITY k(num, ord) \
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num \
        WHERE c.contype = 'p' AND r.relname NOT LIKE '\\_\\_%' ORDER BY r.relname, k.ord",
    foreign: "SELECT r.relname || ' (' || (SELECT string_agg(a.attname, ',' ORDER BY k.ord) \
            FROM unnest(c.conkey) WITH ORDINALITY k(num, ord) \
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num) \
        || ') -> ' || f.relname || ' (' || (SELECT string_agg(a.attname, ',' ORDER BY k.ord) \
            FROM unnest(c.confkey) WITH ORDINALITY k(num, ord) \
            JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num) || ')' AS line \
        FROM pg_constraint c JOIN pg_class r ON r.oid = c.conrelid \
        JOIN pg_class f ON f.oid = c.confrelid WHERE c.contype = 'f'",
    rest: "SELECT indexdef AS line FROM pg_indexes \
        WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_%' \
        UNION ALL SELECT r.relname || ' ' || pg_get_constraintdef(c.oid) FROM pg_constraint c \
        JOIN pg_class r ON r.oid = c.conrelid WHERE c.contype = 'c' \
        UNION ALL SELECT viewname || ' ' || definition FROM pg_views WHERE schemaname = 'public'",
    views: "SELECT viewname::text AS line FROM pg_views WHERE schemaname = 'public'",
};
