//! `src/db/schema.rs`, both databases and the published list of clear columns say the same.

use std::collections::{BTreeMap, BTreeSet};

use crate::support::catalog::{Catalog, Column};
use crate::support::database::{TestDatabase, on_postgres};

/// A table of `schema.rs`, read from its text: what is written there is what is compared.
#[derive(Debug)]
struct Written {
    key: Vec<String>,
    columns: BTreeMap<String, String>,
}

fn written() -> BTreeMap<String, Written> {
    let text = include_str!("../../src/db/schema.rs");
    let blocks = text.split("diesel::table! {").skip(1);
    blocks.map(|block| table(block.split("\n}").next().unwrap())).collect()
}

fn table(block: &str) -> (String, Written) {
    let lines = block.lines().map(str::trim).filter(|line| {
        !line.is_empty() && !line.starts_with("use ") && !line.starts_with("//") && *line != "}"
    });
    let (mut head, mut columns, mut name) = (None, BTreeMap::new(), None);
    for line in lines {
        if let Some((table, key)) = line.strip_suffix(") {").and_then(|line| line.split_once(" ("))
        {
            head = Some((table.to_owned(), key.split(", ").map(str::to_owned).collect()));
        } else if let Some(sql_name) = line.strip_prefix("#[sql_name = \"") {
            name = sql_name.split('"').next().map(str::to_owned);
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            columns.insert(name.take().unwrap_or_else(|| column.to_owned()), kind.to_owned());
        }
    }
    let (table, key) = head.unwrap_or_else(|| panic!("no table in {block}"));
    (table, Written { key, columns })
}

/// The type of a column in either database.
fn types(sql_type: &str) -> [&'static str; 2] {
    match sql_type {
        "IdSql" => ["blob", "uuid"],
        "InstantSql" => ["integer", "timestamp with time zone"],
        "DateSql" => ["text", "date"],
        "WallTimeSql" => ["text", "time without time zone"],
        "DocSql" => ["text", "jsonb"],
        "Binary" => ["blob", "bytea"],
        "Text" => ["text", "text"],
        "Bool" => ["integer", "boolean"],
        "Integer" => ["integer", "integer"],
        "BigInt" => ["integer", "bigint"],
        other => panic!("a type that this test does not know: {other}"),
    }
}

fn migrated() -> Catalog {
    let database = TestDatabase::empty();
    attune::db::migrate::run(&database.url).unwrap();
    Catalog::of(&mut database.open())
}

#[test]
fn the_schema_in_the_code_is_that_of_the_database() {
    let (catalog, backend) = (migrated(), usize::from(on_postgres()));
    let mut expected = BTreeSet::new();
    for (table, written) in written() {
        for (name, kind) in written.columns {
            let inner = kind.strip_prefix("Nullable<").and_then(|kind| kind.strip_suffix('>'));
            // A view's columns are nullable to a database, whatever they select.
            let nullable = inner.is_some() || catalog.views.contains(&table);
            let kind = types(inner.unwrap_or(&kind))[backend].to_owned();
            expected.insert(Column { table: table.clone(), name, kind, nullable });
        }
        if !catalog.views.contains(&table) {
            assert_eq!(catalog.primary.get(&table), Some(&written.key), "{table}");
        }
    }
    let missing: Vec<_> = expected.difference(&catalog.columns).collect();
    let unknown: Vec<_> = catalog.columns.difference(&expected).collect();
    assert!(missing.is_empty() && unknown.is_empty(), "{missing:#?}\n{unknown:#?}");
    println!("{} columns as written", expected.len());
}

/// On PostgreSQL the two databases are compared directly; on SQLite the same follows from
/// `schema.rs`.
#[test]
fn both_databases_have_the_same_tables_columns_and_keys() {
    let own = migrated();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("x.db").display()).parse().unwrap();
    attune::db::migrate::run(&url).unwrap();
    let purpose = attune::db::conn::Purpose::Write;
    let sqlite = Catalog::of(&mut attune::db::Conn::open(&url, purpose).unwrap());
    let names = |catalog: &Catalog| -> BTreeSet<(String, String, bool)> {
        let columns = catalog.columns.iter();
        columns.map(|one| (one.table.clone(), one.name.clone(), one.nullable)).collect()
    };
    assert_eq!(names(&own), names(&sqlite));
    assert_eq!(own.primary, sqlite.primary);
    assert_eq!(own.foreign, sqlite.foreign);
    assert_eq!(own.views, sqlite.views);
}

/// What every table must have, given what the database says of it.
fn faults(catalog: &Catalog) -> Vec<String> {
    let mut faults = Vec::new();
    for table in catalog.tables() {
        let first = catalog.primary.get(table).and_then(|key| key.first());
        if table != "signing_keys" && first.is_none_or(|first| first != "practice_id") {
            faults.push(format!("{table}: practice_id is not first in the primary key"));
        }
    }
    for key in &catalog.foreign {
        let (from, to) = key.split_once(" -> ").unwrap();
        if !from.contains("(practice_id") || !to.contains("(practice_id") {
            faults.push(format!("{key}: does not carry practice_id"));
        }
    }
    for column in &catalog.columns {
        let known = |key: &String| {
            key.starts_with(&format!("{} (", column.table)) && key.contains(&column.name)
        };
        let own_id = column.name == "practice_id" || column.name == "id" || column.name == "kid";
        let points =
            column.name.ends_with("_id") && !POINTERS_WITHOUT_KEY.contains(&column.name.as_str());
        if points
            && !own_id
            && !catalog.views.contains(&column.table)
            && !catalog.foreign.iter().any(known)
        {
            faults.push(format!("{}.{}: no foreign key", column.table, column.name));
        }
    }
    faults
}

/// What a record of the past points at may be gone, `external_id` is no id of ours, and SQLite adds no key of
/// two columns to a table that is there: `hold_id` is only ever compared with holds of the same practice. A `device_id` is
/// made by a device and names a row of no table.
const POINTERS_WITHOUT_KEY: [&str; 6] =
    ["resource_id", "actor_id", "external_id", "root_key_id", "hold_id", "device_id"];

#[test]
fn no_row_can_point_into_another_practice() {
    let catalog = migrated();
    assert_eq!(faults(&catalog), Vec::<String>::new());
    println!("{} tables, {} foreign keys", catalog.tables().len(), catalog.foreign.len());
}

/// Columns that hold cipher text, keyed hashes or key material: everything else is in clear.
const SEALED: &[&str] = &[
    "practice_keys.root_key_id",
    "practice_keys.wrapped",
    "data_keys.wrapped",
    "signing_keys.public_key",
    "signing_keys.sealed_private_key",
    "clinicians.profile",
    "clients.external_id",
    "clients.external_id_lookup",
    "clients.identity",
    "clients.contact",
    "clients.background",
    "client_name_prefixes.prefix",
    "users.email",
    "users.email_lookup",
    "couples.profile",
    "couple_members.display_name",
    "assignments.note",
    "assignments.deviation",
    "assignments.error_reason",
    "answer_sets.answers",
    "submission_receipts.content",
    "reveals.outcomes",
    "reveals.content",
    "reviews.comment",
    "alerts.detail",
    "alerts.plan",
    "alerts.closing",
    "holds.reason",
    "program_deviations.reason",
    "treatments.consult_waiver",
    "clinician_licenses.number",
    "sessions.exception",
    "sessions.cancellation",
    "session_participants.location_state",
    "session_notes.content",
    "session_notes.content_hash",
    "session_note_acts.signature",
    "session_note_acts.content",
    "session_note_acts.content_hash",
    "note_templates.body",
    "psychotherapy_notes.text",
    "session_summaries.text",
    "audit_heads.hash",
    "audit_heads.seal",
    "calendar_feeds.secret",
    "consents.signature",
    "audit_events.previous_hash",
    "audit_events.hash",
    "idempotency_keys.key",
    "idempotency_keys.request",
    "idempotency_keys.answer",
];

/// The published list says of every column that is not sealed that it is in clear, and why.
#[test]
fn the_columns_in_clear_are_those_that_are_published() {
    let binary: BTreeSet<String> = written()
        .iter()
        .flat_map(|(table, written)| {
            let binary = written.columns.iter().filter(|(_, kind)| kind.contains("Binary"));
            binary.map(move |(name, _)| format!("{table}.{name}")).collect::<Vec<_>>()
        })
        .collect();
    let sealed: BTreeSet<String> = SEALED.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(binary, sealed, "a binary column is either sealed, hashed or a key");
    let catalog = migrated();
    let clear = catalog.columns.iter().filter(|column| !catalog.views.contains(&column.table));
    let clear: BTreeSet<String> = clear
        .map(|column| format!("{}.{}", column.table, column.name))
        .filter(|name| !sealed.contains(name))
        .collect();
    let page = include_str!("../../docs/reference/clear-columns.md");
    let mut published = BTreeSet::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let [table, columns, why] = cells[..] else { panic!("{row}") };
        assert!(why.len() > 10, "no reason in {row}");
        for column in columns.split(", ") {
            let name = format!("{}.{}", table.trim_matches('`'), column.trim_matches('`'));
            assert!(published.insert(name.clone()), "{name} is listed twice");
        }
    }
    let unpublished: Vec<_> = clear.difference(&published).collect();
    let gone: Vec<_> = published.difference(&clear).collect();
    assert!(unpublished.is_empty() && gone.is_empty(), "{unpublished:#?}\n{gone:#?}");
    println!("{} columns in clear, {} sealed, hashed or keys", clear.len(), sealed.len());
}
