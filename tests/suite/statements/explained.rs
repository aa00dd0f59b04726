//! How a database says that it will find the rows of a query.

use attune::db::Conn;
use diesel::prelude::*;

use crate::support::database::on_postgres;

/// The steps of a plan, as the database words them.
#[derive(Debug)]
pub struct Plan {
    steps: Vec<String>,
    /// So many rows and no more, in the order in which an index has them.
    is_a_page: bool,
}

/// What is walked through is no table: constants, and lists that a query has just made.
const OF_NO_TABLE: [&str; 3] = ["SCAN CONSTANT ROW", "SCAN (", "SCAN json_each"];

/// What a practice has as much of after years as at its beginning: its house, its staff, its exercises and the one
/// head of its audit.
const DOES_NOT_GROW: [&str; 9] = [
    "activity_definitions",
    "apps",
    "audit_heads",
    "clinician_licenses",
    "clinicians",
    "note_templates",
    "offices",
    "posted_hours",
    "practices",
];

/// What a clinician or an application has written, and what was assigned of one exercise, is a share of the practice: it
/// is read in the order of its list, as all of it is.
const SHARES: [(&str, &str); 4] = [
    ("assignments", "activity_definition_id"),
    ("psychotherapy_notes", "author_id"),
    ("session_notes", "app_id"),
    ("session_notes", "author_id"),
];

impl Plan {
    pub fn of(conn: &mut Conn, sql: &str) -> Self {
        let steps = if on_postgres() { of_postgres(conn, sql) } else { of_sqlite(conn, sql) };
        let is_a_page = sql.contains(" ORDER BY ")
            && sql.contains(" LIMIT ")
            && !steps.iter().any(|step| step.starts_with("USE TEMP B-TREE FOR"));
        Self { steps, is_a_page }
    }

    /// The steps that read a table from end to end.
    pub fn walks(&self) -> impl Iterator<Item = &str> {
        let of_no_table = |step: &str| OF_NO_TABLE.iter().any(|other| step.starts_with(other));
        let walks = move |step: &&str| {
            if on_postgres() {
                step.contains("Seq Scan")
            } else {
                // `ANY`: each practice that is in the index, one after the other.
                (step.starts_with("SCAN") && !of_no_table(step)) || step.contains("(ANY(")
            }
        };
        self.steps.iter().map(String::as_str).filter(walks)
    }

    /// True for a plan that goes by this index.
    pub fn uses(&self, index: &str) -> bool {
        self.steps.iter().any(|step| step.contains(index))
    }

    /// The steps that join two tables by reading one of them as far as its practice goes. Of PostgreSQL: SQLite looks
    /// each row up.
    pub fn joins_as_a_whole(&self) -> impl Iterator<Item = &str> {
        let as_a_whole = |step: &str| step.contains("Hash ") || step.contains("Merge ");
        let joins = move |step: &&str| as_a_whole(step) && step.contains(" Join");
        self.steps.iter().map(String::as_str).filter(joins)
    }

    /// True when the index by which a table is read is told this column.
    pub fn is_found_by(&self, table: &str, column: &str) -> bool {
        let of_table = |step: &str| {
            step.starts_with(&format!("SEARCH {table} ")) || step.ends_with(&format!(" on {table}"))
        };
        let mut reads = self.steps.iter().skip_while(|step| !of_table(step));
        // SQLite says in one line what PostgreSQL says in two.
        let (read, condition) = (reads.next(), reads.next());
        let words = if on_postgres() {
            condition.filter(|step| step.contains("Index Cond:"))
        } else {
            read
        };
        words.is_some_and(|words| words.contains(column))
    }

    /// The steps that find by an index no more than the practice, of what grows with its age.
    ///
    /// Of SQLite, whose plans do not depend on what is there. PostgreSQL goes by what it has counted, and reads a
    /// handful of rows as it pleases; the indexes are the same.
    pub fn reads_all_of_a_practice(&self) -> impl Iterator<Item = &str> {
        let page = self.page_of_a_practice();
        self.searches().filter(move |step| knows_the_practice_alone(step) && page != Some(*step))
    }

    /// The step that goes through what a practice has in the order of its list, as far as the page goes: for whoever
    /// sees all of it no further than that, for whoever sees little of it past what they do not see.
    pub fn page_of_a_practice(&self) -> Option<&str> {
        let first = self.searches().next().filter(|_| self.is_a_page);
        first.filter(|step| knows_the_practice_alone(step))
    }

    /// The step that walks through a practice in the order of a list that is of one couple, one exercise, one author and
    /// the like: a search that does not begin with any of what the list is of. Of SQLite, as above.
    pub fn leaves_out(&self, sql: &str) -> Option<&str> {
        let (of, table) = (what_a_list_is_of(sql), listed(sql));
        // By columns of the table itself: what is visible names couples and clients in other tables too. Few are also
        // what somebody takes part in, by its id or that of its session.
        let is_few = |column: &str| of.contains(&column) || ["id", "session_id"].contains(&column);
        let is_found_by = |step: &str| {
            let mut known = step.split(['(', ' ', ')']).filter_map(|word| word.strip_suffix("=?"));
            step.starts_with(&format!("SEARCH {table} ")) && known.any(is_few)
        };
        let first = self.searches().next().filter(|_| !of.is_empty())?;
        (!self.searches().any(is_found_by)).then_some(first)
    }

    fn searches(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().map(String::as_str).filter(|step| step.starts_with("SEARCH "))
    }
}

/// The table whose columns a query asks for first: that of a list.
fn listed(sql: &str) -> &str {
    sql.strip_prefix("SELECT `").and_then(|rest| rest.split('`').next()).unwrap_or_default()
}

/// The columns with the ids of other rows, but the practice's, whose values a list is asked for.
pub fn what_a_list_is_of(sql: &str) -> Vec<&str> {
    let table = listed(sql);
    let is_a_list = sql.contains(&format!(" ORDER BY `{table}`.")) && sql.contains(" LIMIT ");
    if !is_a_list || DOES_NOT_GROW.contains(&table) {
        return Vec::new();
    }
    let own = format!("`{table}`.`");
    let said = sql.split(&own).skip(1).filter_map(|rest| {
        let (column, rest) = rest.split_once('`')?;
        let known = rest.starts_with(" = ?") || rest.starts_with(" IN (?");
        let is_share = column == "practice_id" || SHARES.contains(&(table, column));
        (known && column.ends_with("_id") && !is_share).then_some(column)
    });
    said.collect()
}

/// True for a search whose only known column is the practice, in a table that grows.
fn knows_the_practice_alone(step: &str) -> bool {
    let table = step.split_whitespace().nth(1).unwrap_or_default();
    step.ends_with("(practice_id=?)") && !DOES_NOT_GROW.contains(&table)
}

fn of_sqlite(conn: &mut Conn, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = diesel::sql_types::Text)]
        detail: String,
    }
    let steps = diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load::<Step>(conn).unwrap();
    steps.into_iter().map(|step| step.detail).collect()
}

/// The service says of each value what it is. Here PostgreSQL goes by what a value is compared with, which in a choice
/// between two days it does not see.
fn with_days(sql: &str) -> String {
    const OF_DAYS: &str = "\"local_date\" >= CASE WHEN ";
    let Some((before, choice)) = sql.split_once(OF_DAYS) else { return sql.to_owned() };
    let choice = choice.replacen(" ELSE ", "::date ELSE ", 1).replacen(" END", "::date END", 1);
    format!("{before}{OF_DAYS}{choice}")
}

/// The plan of a prepared statement, whatever its values: as the service's connections carry it out.
fn of_postgres(conn: &mut Conn, sql: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
        line: String,
    }
    let most = (1..200).rev().find(|number| sql.contains(&format!("${number}"))).unwrap_or(0);
    let values =
        if most == 0 { String::new() } else { format!("({})", vec!["NULL"; most].join(", ")) };
    diesel::sql_query(format!("PREPARE looked_at AS {}", with_days(sql))).execute(conn).unwrap();
    let plan = format!("EXPLAIN (COSTS OFF) EXECUTE looked_at{values}");
    let lines = diesel::sql_query(plan).load::<Line>(conn).unwrap();
    diesel::sql_query("DEALLOCATE looked_at").execute(conn).unwrap();
    lines.into_iter().map(|line| line.line).collect()
}
