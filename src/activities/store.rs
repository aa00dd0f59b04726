//! Queries on activity definitions. Every one starts from [`visible`].

use diesel::prelude::*;

use super::definition::lint::{LintFinding, lint};
use super::definition::{Category, Definition, Sensitivity, SubjectKind, Thread, catalog};
use super::model::{
    ActivityDefinition, ActivityDefinitionFilter, ActivityDefinitionSummary, DefinitionOrigin,
    DefinitionStatus,
};
use super::transitions::MACHINE;
use crate::audit::{Change, Subject, record};
use crate::auth::{Actor, Caller, Sight, Tx};
use crate::db::id::{ActivityDefinitionId, PracticeId, UserId};
use crate::db::schema::activity_definitions as definitions;
use crate::db::{Doc, Instant, MultiBackend};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::page::{Position, Window, windowed};

const TAKEN: &str = "This version of the definition exists already.";

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = definitions, primary_key(practice_id, id), treat_none_as_null = true)]
pub(crate) struct Row {
    practice_id: PracticeId,
    pub(crate) id: ActivityDefinitionId,
    pub(crate) key: String,
    version: String,
    title: String,
    pub(super) origin: DefinitionOrigin,
    pub(crate) status: DefinitionStatus,
    category: Category,
    pub(crate) sensitivity: Sensitivity,
    subject: SubjectKind,
    threads: String,
    body: Doc<Definition>,
    pub(super) written_by: Option<UserId>,
    revision: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// The definitions that a caller may see: staff and services those of the practice. Clients are served
/// what they are assigned, and no catalogue.
#[must_use]
pub fn visible(caller: &Caller) -> definitions::BoxedQuery<'_, MultiBackend> {
    let query =
        definitions::table.filter(definitions::practice_id.eq(caller.practice())).into_boxed();
    match caller.sight() {
        Sight::Practice | Sight::Caseloads(_) => query,
        Sight::Client(_) => query.filter(diesel::dsl::sql::<diesel::sql_types::Bool>("1 = 0")),
    }
}

/// One definition.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: ActivityDefinitionId) -> Result<ActivityDefinition> {
    find_row(tx, id).map(show)
}

/// A definition that can be assigned; none when it is not active, or the caller sees no such one.
///
/// # Errors
/// Those of the database.
pub(crate) fn active(tx: &mut Tx<'_>, id: ActivityDefinitionId) -> Result<Option<Definition>> {
    let found: Option<Doc<Definition>> = visible(tx.caller)
        .filter(definitions::id.eq(id))
        .filter(definitions::status.eq(DefinitionStatus::Active))
        .select(definitions::body)
        .first(tx.conn)
        .optional()?;
    Ok(found.map(|body| body.0))
}

/// The version of this exercise that can be assigned, if there is one.
///
/// # Errors
/// Those of the database.
pub(crate) fn active_of_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<ActivityDefinitionId>> {
    Ok(visible(tx.caller)
        .filter(definitions::key.eq(key))
        .filter(definitions::status.eq(DefinitionStatus::Active))
        .select(definitions::id)
        .first(tx.conn)
        .optional()?)
}

/// The definition of an assignment that the caller sees, whoever they are: participants read no catalogue,
/// and what they are to do.
///
/// # Errors
/// Those of the database.
pub(crate) fn assigned(tx: &mut Tx<'_>, id: ActivityDefinitionId) -> Result<Definition> {
    let body: Doc<Definition> =
        definitions::table.find((tx.practice(), id)).select(definitions::body).first(tx.conn)?;
    Ok(body.0)
}

/// One page of definitions.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: ActivityDefinitionFilter,
    window: Window,
) -> Result<Vec<(Position, ActivityDefinitionSummary)>> {
    let mut query = visible(tx.caller);
    if let Some(statuses) = filter.status {
        query = query.filter(definitions::status.eq_any(statuses));
    }
    if let Some(categories) = filter.category {
        query = query.filter(definitions::category.eq_any(categories));
    }
    if let Some(thread) = filter.thread {
        query = query.filter(definitions::threads.like(format!("% {} %", thread.as_str())));
    }
    if let Some(sensitivities) = filter.sensitivity {
        query = query.filter(definitions::sensitivity.eq_any(sensitivities));
    }
    if let Some(subject) = filter.subject {
        query = query.filter(definitions::subject.eq(subject));
    }
    if let Some(key) = filter.key {
        query = query.filter(definitions::key.eq(key));
    }
    if let Some(origin) = filter.origin {
        query = query.filter(definitions::origin.eq(origin));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(definitions::updated_at.ge(since));
    }
    let rows: Vec<Row> =
        windowed!(query, definitions, window).select(Row::as_select()).load(tx.conn)?;
    Ok(rows.into_iter().map(summary).map(|one| (one.position(), one)).collect())
}

/// Writes a draft of the practice's own.
///
/// # Errors
/// 409 when the practice has this version already, 422 for a key of the built-in catalogue.
pub fn create(tx: &mut Tx<'_>, definition: Definition) -> Result<ActivityDefinition> {
    Error::unless_valid(own_key_fault(&definition))?;
    let id = insert(tx, definition, DefinitionOrigin::Practice, DefinitionStatus::Draft)?;
    find(tx, id)
}

/// Replaces a draft of the practice's own.
///
/// # Errors
/// 404, 409 when it is no draft or is built in, or when the practice has this version already, 422.
pub fn replace(
    tx: &mut Tx<'_>,
    id: ActivityDefinitionId,
    definition: Definition,
) -> Result<(bool, ActivityDefinition)> {
    let before = find_row(tx, id)?;
    if before.status != DefinitionStatus::Draft || before.origin == DefinitionOrigin::BuiltIn {
        return Err(Error::invalid_transition(
            before.status.as_str(),
            MACHINE.allowed(before.status),
        ));
    }
    Error::unless_valid(own_key_fault(&definition))?;
    if before.body.0 == definition {
        return Ok((false, show(before)));
    }
    let row = Row {
        revision: before.revision + 1,
        created_at: before.created_at,
        id,
        ..row_of(tx, definition, DefinitionOrigin::Practice, DefinitionStatus::Draft)
    };
    diesel::update(definitions::table.find((tx.practice(), id)))
        .set(&row)
        .execute(tx.conn)
        .on_duplicate(TAKEN)?;
    let subject = Subject::ActivityDefinition(id);
    record(tx, &Change { subject, verb: "updated", fields: &["definition"] })?;
    Ok((false, find(tx, id)?))
}

/// Gives a practice the built-in definitions that it does not have yet.
///
/// # Errors
/// Those of the database.
pub fn install_built_in(tx: &mut Tx<'_>) -> Result<()> {
    let present: Vec<(String, String)> = definitions::table
        .filter(definitions::practice_id.eq(tx.practice()))
        .filter(definitions::origin.eq(DefinitionOrigin::BuiltIn))
        .select((definitions::key, definitions::version))
        .load(tx.conn)?;
    for built_in in catalog::built_in() {
        let definition = &built_in.definition;
        if present
            .iter()
            .any(|(key, version)| (key, version) == (&definition.key, &definition.version))
        {
            continue;
        }
        let status = if built_in.on_from_the_start {
            DefinitionStatus::Active
        } else {
            DefinitionStatus::Draft
        };
        insert(tx, definition.clone(), DefinitionOrigin::BuiltIn, status)?;
    }
    Ok(())
}

pub(crate) fn find_row(tx: &mut Tx<'_>, id: ActivityDefinitionId) -> Result<Row> {
    visible(tx.caller)
        .filter(definitions::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()
}

/// Writes a changed status with its record. One version of a key is active at a time.
pub(super) fn save_status(
    tx: &mut Tx<'_>,
    row: &Row,
    status: DefinitionStatus,
    verb: &'static str,
) -> Result<ActivityDefinition> {
    if status == DefinitionStatus::Active {
        let others: Vec<ActivityDefinitionId> = definitions::table
            .filter(definitions::practice_id.eq(tx.practice()))
            .filter(definitions::key.eq(&row.key))
            .filter(definitions::status.eq(DefinitionStatus::Active))
            .select(definitions::id)
            .load(tx.conn)?;
        for other in others {
            set_status(tx, other, DefinitionStatus::Retired, "retired")?;
        }
    }
    set_status(tx, row.id, status, verb)?;
    find(tx, row.id)
}

fn set_status(
    tx: &mut Tx<'_>,
    id: ActivityDefinitionId,
    status: DefinitionStatus,
    verb: &'static str,
) -> Result<()> {
    diesel::update(definitions::table.find((tx.practice(), id)))
        .set((
            definitions::status.eq(status),
            definitions::revision.eq(definitions::revision + 1),
            definitions::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    let subject = Subject::ActivityDefinition(id);
    record(tx, &Change { subject, verb, fields: &["status"] })
}

/// What is to be mended in a definition.
pub(super) fn findings(row: &Row) -> Vec<LintFinding> {
    lint(&row.body.0)
}

/// The key of a built-in definition would make two catalogues of one.
fn own_key_fault(definition: &Definition) -> Vec<Fault> {
    let built_in = catalog::built_in().iter().any(|one| one.definition.key == definition.key);
    let detail = "Is the key of a built-in definition; choose another.";
    built_in.then(|| Fault::body("/key", "not_permitted", detail)).into_iter().collect()
}

fn insert(
    tx: &mut Tx<'_>,
    definition: Definition,
    origin: DefinitionOrigin,
    status: DefinitionStatus,
) -> Result<ActivityDefinitionId> {
    let row = row_of(tx, definition, origin, status);
    let id = row.id;
    diesel::insert_into(definitions::table).values(row).execute(tx.conn).on_duplicate(TAKEN)?;
    record(tx, &Change::of(Subject::ActivityDefinition(id), "created"))?;
    Ok(id)
}

fn row_of(
    tx: &Tx<'_>,
    definition: Definition,
    origin: DefinitionOrigin,
    status: DefinitionStatus,
) -> Row {
    let written_by = match tx.caller.actor() {
        Actor::Staff { user, .. } => Some(*user),
        _ => None,
    };
    Row {
        practice_id: tx.practice(),
        id: tx.new_id(),
        key: definition.key.clone(),
        version: definition.version.clone(),
        title: definition.title.clone(),
        origin,
        status,
        category: definition.category,
        sensitivity: definition.sensitivity,
        subject: definition.subject,
        threads: spaced(&definition.threads),
        body: Doc(definition),
        written_by,
        revision: 1,
        created_at: tx.now,
        updated_at: tx.now,
    }
}

/// Words between spaces, so that one of them is found as a whole on both databases.
fn spaced(threads: &[Thread]) -> String {
    threads.iter().fold(" ".to_owned(), |text, thread| text + thread.as_str() + " ")
}

fn show(row: Row) -> ActivityDefinition {
    ActivityDefinition {
        id: row.id,
        origin: row.origin,
        status: row.status,
        findings: lint(&row.body.0),
        definition: row.body.0,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

fn summary(row: Row) -> ActivityDefinitionSummary {
    let definition = row.body.0;
    ActivityDefinitionSummary {
        id: row.id,
        origin: row.origin,
        status: row.status,
        key: row.key,
        version: row.version,
        title: definition.title,
        summary: definition.summary,
        category: row.category,
        threads: definition.threads,
        sensitivity: row.sensitivity,
        adults_only: definition.adults_only,
        subject: row.subject,
        capture: definition.capture,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
