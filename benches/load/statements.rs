//! Statements that a unit of work makes, captured with their values and written out for `pgbench`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use attune::db::Conn;
use attune::db::id::{AnyId, PracticeId};
use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};

use crate::Outcome;

/// Numbers in captured statements that are to be others each time.
pub const SLOT: i32 = 777_777;
/// What becomes of them: a variable.
const SLOT_NAME: &str = "slot";
/// Slots of each connection of each run of `pgbench`: more than it carries out scripts, and few enough for twenty
/// thousand connections of all runs together.
pub const SLOTS: u32 = 100_000;
/// The variable that holds the first slot of a run, which `pgbench` is told.
pub const FIRST_SLOT: &str = "first";
/// The variable in which a connection counts its scripts, from the number that `pgbench` is told.
pub const COUNT: &str = "count";
/// The first number of audit rows and events in captured statements.
pub const SEQ: i64 = 7_700_000_000_000;
const MOST_SEQ: i64 = SEQ + 1_000;

/// What `pgbench` carries out for one request, or for two that follow one another.
pub struct Script {
    transactions: Vec<Vec<String>>,
    variables: Vec<String>,
}

impl Script {
    /// A request that reads.
    pub fn reading(practice: PracticeId, statements: Vec<String>) -> Self {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY".to_owned();
        Self {
            transactions: vec![within(begin, practice, None, statements)],
            variables: Vec::new(),
        }
    }

    /// Requests that write, with ids of their own each time: every id that is not known is new.
    pub fn writing(practice: PracticeId, all: Vec<Vec<String>>, known: &[uuid::Uuid]) -> Self {
        let mut names = Names::default();
        let (high, low) = practice.uuid().as_u64_pair();
        let key = i64::from_be_bytes((high ^ low).to_be_bytes());
        let lock = format!("SELECT pg_advisory_xact_lock({key})");
        let transactions = all
            .into_iter()
            .map(|statements| {
                let renamed =
                    statements.iter().map(|statement| names.rename(statement, known)).collect();
                within("BEGIN".to_owned(), practice, Some(lock.clone()), renamed)
            })
            .collect();
        Self { transactions, variables: names.variables() }
    }

    /// How many requests it is.
    pub fn requests(&self) -> usize {
        self.transactions.len()
    }

    /// As a file.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for variable in &self.variables {
            let _ = if variable == SLOT_NAME {
                // There is one of each on a day of an assignment, and drawn ones would meet in the end.
                writeln!(
                    text,
                    "\\set {COUNT} :{COUNT} + 1\n\
                     \\set {SLOT_NAME} :{FIRST_SLOT} + :client_id * {SLOTS} + :{COUNT}"
                )
            } else {
                writeln!(text, "\\set {variable} random(1, 2000000000)")
            };
        }
        for statement in self.transactions.iter().flatten() {
            let _ = writeln!(text, "{statement};");
        }
        text
    }

    /// Carries out the first transaction and takes it back.
    pub fn try_out(&self, conn: &mut Conn) -> Outcome<()> {
        let Some(first) = self.transactions.first() else { return Ok(()) };
        let mut sql =
            first.iter().filter(|one| *one != "COMMIT").cloned().collect::<Vec<_>>().join("; ");
        let mut variables: Vec<&String> = self.variables.iter().collect();
        // The beginning of a name may be another.
        variables.sort_by_key(|name| std::cmp::Reverse(name.len()));
        for (number, variable) in variables.into_iter().enumerate() {
            sql = sql.replace(&format!(":{variable}"), &format!("{}", 1_000 + number));
        }
        let done = conn.batch_execute(&sql);
        conn.batch_execute("ROLLBACK")?;
        done.map_err(|error| format!("captured statements do not run: {error}: {sql}").into())
    }
}

fn within(
    begin: String,
    practice: PracticeId,
    lock: Option<String>,
    statements: Vec<String>,
) -> Vec<String> {
    let of = format!("SET LOCAL attune.practice_id = '{}'", practice.uuid());
    let first = [begin, of].into_iter().chain(lock);
    first.chain(statements).chain(["COMMIT".to_owned()]).collect()
}

/// What stands for what was captured.
#[derive(Default)]
struct Names {
    ids: BTreeMap<String, String>,
    seqs: BTreeMap<i64, String>,
    slot: bool,
}

impl Names {
    fn rename(&mut self, statement: &str, known: &[uuid::Uuid]) -> String {
        let parts: Vec<&str> = statement.split('\'').collect();
        let mut text = String::new();
        for (index, part) in parts.iter().enumerate() {
            if index % 2 == 0 {
                text += part;
            } else {
                text += &self.of(part, known).unwrap_or_else(|| format!("'{part}'"));
            }
        }
        text
    }

    fn of(&mut self, literal: &str, known: &[uuid::Uuid]) -> Option<String> {
        if let Ok(id) = literal.parse::<uuid::Uuid>() {
            let next = format!("u{}", self.ids.len());
            let name = (!known.contains(&id))
                .then(|| self.ids.entry(literal.to_owned()).or_insert(next))?;
            let half = |name: &str| format!("lpad(to_hex(:{name}::bigint), 16, '0')");
            return Some(format!("({} || {})::uuid", half("own"), half(name)));
        }
        let number: i64 = literal.parse().ok()?;
        if number == i64::from(SLOT) {
            self.slot = true;
            return Some(format!(":{SLOT_NAME}"));
        }
        let next = format!("s{}", self.seqs.len());
        (SEQ..MOST_SEQ).contains(&number).then(|| {
            let name = self.seqs.entry(number).or_insert(next);
            format!("(:{name}::bigint * 1000000000 + :own::bigint)")
        })
    }

    fn variables(self) -> Vec<String> {
        let slot = self.slot.then(|| SLOT_NAME.to_owned());
        let own = [String::from("own")];
        self.ids.into_values().chain(self.seqs.into_values()).chain(slot).chain(own).collect()
    }
}

/// The statements that a unit makes on PostgreSQL.
pub fn captured<T>(
    conn: &mut Conn,
    unit: impl FnOnce(&mut Conn) -> Outcome<T>,
) -> Outcome<Vec<String>> {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&asked);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            listener.lock().unwrap_or_else(PoisonError::into_inner).push(query.to_string());
        }
    });
    let done = unit(conn);
    conn.set_instrumentation(None::<Box<dyn diesel::connection::Instrumentation>>);
    done?;
    let asked = std::mem::take(&mut *asked.lock().unwrap_or_else(PoisonError::into_inner));
    asked.iter().filter_map(|text| text.split_once(" -- binds: ")).map(with_values).collect()
}

/// A statement with its values in it.
fn with_values((sql, values): (&str, &str)) -> Outcome<String> {
    let values = values.strip_prefix('[').and_then(|values| values.strip_suffix(']'));
    let mut text = sql.to_owned();
    let values = split(values.ok_or("values of another form")?);
    for (number, value) in values.iter().enumerate().rev() {
        text = text.replace(&format!("${}", number + 1), &literal(value));
    }
    Ok(text)
}

/// Parts a list at its own commas.
fn split(list: &str) -> Vec<String> {
    let (mut parts, mut depth, mut quoted, mut escaped) = (vec![String::new()], 0, false, false);
    for letter in list.chars() {
        match letter {
            _ if escaped => {}
            '"' => quoted = !quoted,
            '(' | '[' | '{' if !quoted => depth += 1,
            ')' | ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
        if let Some(part) = parts.last_mut() {
            part.push(letter);
        }
    }
    parts.iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

/// What says of a literal that it is a day.
const OF_DAYS: &str = "::date";

/// A value as Rust prints it, as SQL.
fn literal(value: &str) -> String {
    let inside = |name: &str| value.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if value == "None" {
        return "NULL".to_owned();
    }
    if let Some(some) = inside("Some") {
        return literal(some);
    }
    if let Some(micros) = inside("Instant").and_then(|micros| micros.parse::<i64>().ok()) {
        let (seconds, rest) = (micros.div_euclid(1_000_000), micros.rem_euclid(1_000_000));
        return format!("to_timestamp({seconds}.{rest:06})");
    }
    // By itself in a choice between two, a day would be taken for text.
    if let Some(day) = inside("Date") {
        return format!("'{day}'{OF_DAYS}");
    }
    if let Some(document) = inside("Doc") {
        return format!("'{document}'");
    }
    if let Some(list) = value.strip_prefix('[').and_then(|value| value.strip_suffix(']')) {
        return literal_list(&split(list));
    }
    if let Some(text) = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    if let Some((_, digits)) = value.split_once('_')
        && let Ok(id) = format!("any_{digits}").parse::<AnyId>()
    {
        return format!("'{}'", id.uuid());
    }
    format!("'{}'", in_words(value))
}

/// Bytes, or else an array of whatever the statement compares it with.
fn literal_list(entries: &[String]) -> String {
    let bytes: Result<Vec<u8>, _> = entries.iter().map(|entry| entry.parse()).collect();
    match bytes {
        Ok(bytes) if !bytes.is_empty() => {
            format!("'\\x{}'", data_encoding::HEXLOWER.encode(&bytes))
        }
        _ => {
            let inside = |entry: &String| {
                literal(entry).trim_end_matches(OF_DAYS).trim_matches('\'').to_owned()
            };
            let entries: Vec<String> = entries.iter().map(inside).collect();
            format!("'{{{}}}'", entries.join(","))
        }
    }
}

/// The name of a variant as it is stored: `PartiallySubmitted` is `partially_submitted`.
fn in_words(value: &str) -> String {
    let mut text = String::new();
    for letter in value.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}
