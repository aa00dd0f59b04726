//! What the planner of SQLite is told of the tables: that a practice has many rows, and one couple, assignment or
//! session few of them.
//!
//! Of a table about which it was told nothing SQLite takes ten rows for a practice's and nine for a couple's, and so walks
//! through all of a practice in the order of a list rather than put nine in order. The numbers are the same everywhere and
//! are written with the migrations: `ANALYZE` would count what is there at one time, so that plans would differ from
//! place to place and from day to day, and no test could hold them (ADR 0039). PostgreSQL counts by itself, and plans
//! with what a page asks for.

use diesel::connection::SimpleConnection;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};

/// Rows of a table.
const OF_A_TABLE: u32 = 200_000;
/// Rows of a practice.
const OF_A_PRACTICE: u32 = 1_000;
/// Rows of one couple, person, assignment or session. A list of one of them is put in order; one of a whole caseload, for
/// which SQLite reckons with twenty-five of them, is read in its order, because that does not become more with the years.
const OF_ONE: u32 = 20;
/// Rows of one clinician: a share of the practice that grows with it, so that a list of them is read in its order too.
const OF_A_CLINICIAN: u32 = 500;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    of_table: String,
    #[diesel(sql_type = Text)]
    of_index: String,
    #[diesel(sql_type = Bool)]
    is_unique: bool,
    /// Nothing for an expression.
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
}

/// What is told of one index.
#[derive(QueryableByName, PartialEq, Eq)]
struct Line {
    #[diesel(sql_type = Text)]
    of_table: String,
    /// Nothing in the line of a table that has none.
    #[diesel(sql_type = Nullable<Text>)]
    of_index: Option<String>,
    #[diesel(sql_type = Text)]
    counted: String,
}

impl Line {
    fn of(index: &Column, columns: &[Column]) -> Self {
        let names: Vec<&str> =
            columns.iter().map(|column| column.name.as_deref().unwrap_or_default()).collect();
        Self {
            of_table: index.of_table.clone(),
            of_index: Some(index.of_index.clone()),
            counted: counted(&index.of_table, &names, index.is_unique),
        }
    }
}

/// Writes them for every index there is, unless they are there. Connections that are opened later plan by them.
pub(super) fn write(conn: &mut SqliteConnection) -> QueryResult<()> {
    let columns: Vec<Column> = diesel::sql_query(
        "SELECT t.name AS of_table, i.name AS of_index, i.\"unique\" AS is_unique, c.name AS name \
         FROM sqlite_schema t JOIN pragma_index_list(t.name) i JOIN pragma_index_info(i.name) c \
         WHERE t.type = 'table' AND t.name NOT GLOB 'sqlite_*' AND t.name NOT GLOB '__diesel_*' \
         ORDER BY i.name, c.seqno",
    )
    .load(conn)?;
    let wanted: Vec<Line> = columns
        .chunk_by(|one, next| one.of_index == next.of_index)
        .filter_map(|of_index| Some(Line::of(of_index.first()?, of_index)))
        .collect();
    // The tables of statistics are ones that `ANALYZE` alone can make. In `sqlite_stat4` it keeps samples of what it has
    // read, which would be weighed against what is written here.
    let has_table: i64 = diesel::select(sql::<BigInt>(
        "(SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1')",
    ))
    .get_result(conn)?;
    if has_table == 0 {
        conn.batch_execute("ANALYZE __diesel_schema_migrations")?;
    }
    conn.batch_execute("DROP TABLE IF EXISTS sqlite_stat4")?;
    let query =
        "SELECT tbl AS of_table, idx AS of_index, stat AS counted FROM sqlite_stat1 ORDER BY idx";
    let there: Vec<Line> = diesel::sql_query(query).load(conn)?;
    if there == wanted {
        return Ok(());
    }
    conn.batch_execute("DELETE FROM sqlite_stat1")?;
    for line in wanted {
        diesel::sql_query("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)")
            .bind::<Text, _>(line.of_table)
            .bind::<Nullable<Text>, _>(line.of_index)
            .bind::<Text, _>(line.counted)
            .execute(conn)?;
    }
    Ok(())
}

/// The rows of the table, and those that are alike in the first column, in the first two, and so on: the text that
/// `sqlite_stat1` has of an index. No index is to be gone through for each practice that is in it: whatever leaves out the
/// practice is a fault, and is found by its walk.
fn counted(table: &str, columns: &[&str], is_unique: bool) -> String {
    let mut rows = OF_A_TABLE;
    let mut numbers = vec![rows.to_string()];
    for (place, column) in columns.iter().enumerate() {
        rows = match *column {
            _ if is_unique && place + 1 == columns.len() => 1,
            "practice_id" => rows.min(OF_A_PRACTICE),
            "id" | "seq" => 1,
            column if column.ends_with("_at") => 1,
            column if is_a_clinician(table, column) => rows.min(OF_A_CLINICIAN),
            column if column.ends_with("_id") => rows.min(OF_ONE),
            _ => (rows / 2).max(1),
        };
        numbers.push(rows.to_string());
    }
    numbers.push("noskipscan".to_owned());
    numbers.join(" ")
}

/// Of notes the author is a clinician; of submissions it is a client.
fn is_a_clinician(table: &str, column: &str) -> bool {
    let writes = table.ends_with("_notes") && column == "author_id";
    writes || ["clinician_id", "intake_clinician_id", "supervisor_id"].contains(&column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_rows_are_alike_the_more_columns_are_known() {
        for (table, columns, is_unique, text) in [
            ("clients", &["practice_id", "id"][..], true, "200000 1000 1"),
            ("sessions", &["practice_id", "couple_id"], false, "200000 1000 20"),
            ("sessions", &["practice_id", "couple_id", "updated_at"], false, "200000 1000 20 1"),
            ("couples", &["practice_id", "status", "id"], false, "200000 1000 500 1"),
            ("submissions", &["practice_id", "author_id", "slot_no"], true, "200000 1000 20 1"),
            ("session_notes", &["practice_id", "author_id"], false, "200000 1000 500"),
            ("clients", &["practice_id", "intake_clinician_id"], false, "200000 1000 500"),
        ] {
            let wanted = format!("{text} noskipscan");
            assert_eq!(counted(table, columns, is_unique), wanted, "{columns:?}");
        }
    }
}
