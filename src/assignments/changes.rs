//! What changes an assignment beside its transitions: a patch, and what comes of submissions to it.

use diesel::prelude::*;

use super::model::{Assignment, AssignmentPatch, AssignmentStatus};
use super::store::{Row, column, find, find_row};
use crate::activities;
use crate::activities::definition::Capture;
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{AssignmentId, ClientId};
use crate::db::schema::{assignment_participants as participants, assignments, occurrences};
use crate::error::{Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::seal::Sealed;

/// Changes the members that a patch names.
///
/// # Errors
/// 404, 409 when it is no longer open, 412, 422.
pub fn update(
    tx: &mut Tx<'_>,
    id: AssignmentId,
    patch: AssignmentPatch,
    if_match: &IfMatch,
) -> Result<Assignment> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut row = find_row(tx, id)?;
    if !AssignmentStatus::OPEN.contains(&row.status) {
        return Err(Error::invalid_transition(
            row.status.as_str(),
            super::MACHINE.allowed(row.status),
        ));
    }
    let mut changed = Vec::new();
    let mut note = current.note.clone();
    if patch.note.apply(&mut note) {
        row.note = seal_note(tx, &row, note.as_ref())?;
        changed.push("note");
    }
    if patch.due_at.apply(&mut row.due_at) {
        changed.push("due_at");
    }
    if patch.remind_at.apply(&mut row.remind_at) {
        changed.push("remind_at");
    }
    let mut faults = times_faults(row.due_at, row.remind_at);
    if row.due_at.is_some() != current.due_at.is_some() && has_rhythm(tx, &row)? {
        let detail = "Whether it is done once or on many days was decided when it was assigned.";
        faults.push(Fault::body("/due_at", "not_allowed", detail));
    }
    Error::unless_valid(faults)?;
    if changed.contains(&"due_at") {
        move_occurrence(tx, &row)?;
    }
    if changed.is_empty() {
        return Ok(current);
    }
    save(tx, row, &Change { subject: Subject::Assignment(id), verb: "updated", fields: &changed })
}

/// True for an exercise that is done on many days unless it is given a day on which it is due.
fn has_rhythm(tx: &mut Tx<'_>, row: &Row) -> Result<bool> {
    let definition = activities::store::assigned(tx, row.activity_definition_id)?;
    Ok(definition.timing.is_some() && definition.capture != Capture::Event)
}

/// What is due once is due then, whoever has begun it already.
fn move_occurrence(tx: &mut Tx<'_>, row: &Row) -> Result<()> {
    diesel::update(
        occurrences::table
            .filter(occurrences::practice_id.eq(tx.practice()))
            .filter(occurrences::assignment_id.eq(row.id)),
    )
    .set((occurrences::due_at.eq(row.due_at), occurrences::updated_at.eq(tx.now)))
    .execute(tx.conn)?;
    Ok(())
}

/// A reminder comes before what it reminds of.
pub(super) fn times_faults(due_at: Option<Instant>, remind_at: Option<Instant>) -> Vec<Fault> {
    let late = remind_at.is_some_and(|remind| due_at.is_none_or(|due| remind > due));
    let detail = "Must not be later than `due_at`, which it needs.";
    late.then(|| Fault::body("/remind_at", "out_of_range", detail)).into_iter().collect()
}

pub(super) fn seal_note(
    tx: &Tx<'_>,
    row: &Row,
    note: Option<&String>,
) -> Result<Option<Sealed<String>>> {
    Ok(note.map(|note| tx.keys.seal(column(row), row.id.uuid(), note)).transpose()?)
}

/// Something has happened that every participant can see: the work has begun.
pub(crate) fn begin(tx: &mut Tx<'_>, row: &Row) -> Result<()> {
    if row.status != AssignmentStatus::Assigned {
        return Ok(());
    }
    diesel::update(assignments::table.find((tx.practice(), row.id)))
        .set((
            assignments::status.eq(AssignmentStatus::InProgress),
            assignments::version.eq(row.version + 1),
            assignments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    let subject = Subject::Assignment(row.id);
    record(tx, &Change { subject, verb: "begun", fields: &["status"] })
}

/// What one client had to do once is done with their submission.
pub(crate) fn finish(tx: &mut Tx<'_>, row: &Row) -> Result<()> {
    if ![AssignmentStatus::Assigned, AssignmentStatus::InProgress].contains(&row.status) {
        return Ok(());
    }
    diesel::update(assignments::table.find((tx.practice(), row.id)))
        .set((
            assignments::status.eq(AssignmentStatus::Completed),
            assignments::version.eq(row.version + 1),
            assignments::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    let subject = Subject::Assignment(row.id);
    record(tx, &Change { subject, verb: "completed", fields: &["status"] })
}

/// Keeps an assignment out of a participant's own sight.
pub(crate) fn hide(tx: &mut Tx<'_>, id: AssignmentId, client: ClientId) -> Result<()> {
    diesel::update(participants::table.find((tx.practice(), id, client)))
        .set(participants::hidden.eq(true))
        .execute(tx.conn)?;
    Ok(())
}

/// Writes a changed row with its record.
pub(super) fn save(tx: &mut Tx<'_>, mut row: Row, change: &Change<'_>) -> Result<Assignment> {
    row.version += 1;
    row.updated_at = tx.now;
    let id = row.id;
    diesel::update(assignments::table.find((tx.practice(), id))).set(&row).execute(tx.conn)?;
    record(tx, change)?;
    find(tx, id)
}
