//! What changes an assignment beside its transitions: a patch, and what comes of submissions to it.

use diesel::prelude::*;

use super::model::{Assignment, AssignmentPatch, AssignmentStatus};
use super::scheduling;
use super::store::{Row, column, find, find_row};
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::db::id::{AssignmentId, ClientId};
use crate::db::schema::{assignment_participants as participants, assignments};
use crate::db::{Date, Instant};
use crate::error::{Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::occurrences::plan::Plan;
use crate::schedules::Schedule;
use crate::seal::Sealed;
use crate::time_proposals;

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
    let had = row.due_at;
    if patch.due_at.apply(&mut row.due_at) {
        changed.push("due_at");
    }
    let wanted = patch.schedule.filter(|schedule| *schedule != row.schedule.0);
    let dated = row.due_at != had;
    let mut faults = schedule_faults(&row, wanted.as_ref(), dated)?;
    if dated && faults.is_empty() {
        faults.extend(scheduling::follow_date(&mut row)?);
    }
    if patch.remind_at.apply(&mut row.remind_at) {
        changed.push("remind_at");
    }
    if let Some(schedule) = wanted.filter(|_| faults.is_empty()) {
        let timezone = row.timezone.clone();
        scheduling::change(tx, &mut row, schedule, timezone)?;
        time_proposals::store::lapse(tx, id)?;
        changed.push("schedule");
        if row.due_at != had {
            changed.push("due_at");
        }
    }
    faults.extend(times_faults(row.due_at, row.remind_at));
    Error::unless_valid(faults)?;
    if dated {
        scheduling::move_once(tx, &row)?;
    }
    if changed.is_empty() {
        return Ok(current);
    }
    save(tx, row, &Change { subject: Subject::Assignment(id), verb: "updated", fields: &changed })
}

/// Gives it another schedule, as all who take part have agreed: the same as when a clinician does.
///
/// # Errors
/// Those of the database.
pub(crate) fn reschedule(tx: &mut Tx<'_>, id: AssignmentId, schedule: Schedule) -> Result<()> {
    let mut row = find_row(tx, id)?;
    let timezone = row.timezone.clone();
    scheduling::change(tx, &mut row, schedule, timezone)?;
    let subject = Subject::Assignment(id);
    save(tx, row, &Change { subject, verb: "updated", fields: &["schedule"] }).map(drop)
}

/// What is wrong with another schedule, or with a date for what has none.
fn schedule_faults(row: &Row, wanted: Option<&Schedule>, dated: bool) -> Result<Vec<Fault>> {
    let plan = Plan::of(row)?;
    let mut faults = Vec::new();
    if dated && !plan.is_once() {
        let detail = "This comes again; change its `schedule`.";
        faults.push(Fault::body("/due_at", "not_allowed", detail));
    }
    if let Some(schedule) = wanted {
        faults.extend(schedule.faults("/schedule", row.starts_on));
        faults.extend(scheduling::unlike(schedule, plan.takes_events()));
        if dated {
            let detail = "Give either `schedule` or `due_at`.";
            faults.push(Fault::body("/due_at", "mismatch", detail));
        }
    }
    Ok(faults)
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
    if !AssignmentStatus::AT_WORK.contains(&row.status) {
        return Ok(());
    }
    put(tx, row, AssignmentStatus::Completed, None, "completed")
}

/// What one client had to do once and was done with their submission is to be done again: they have taken it back.
pub(crate) fn reopen(tx: &mut Tx<'_>, row: &Row) -> Result<()> {
    if row.status != AssignmentStatus::Completed {
        return Ok(());
    }
    let work_at = Plan::of(row)?.over_at();
    put(tx, row, AssignmentStatus::InProgress, work_at, "reopened")
}

/// Another status, which follows from a submission, and when the worker looks at it next.
fn put(
    tx: &mut Tx<'_>,
    row: &Row,
    status: AssignmentStatus,
    work_at: Option<Instant>,
    verb: &'static str,
) -> Result<()> {
    diesel::update(assignments::table.find((tx.practice(), row.id)))
        .set((
            assignments::status.eq(status),
            assignments::version.eq(row.version + 1),
            assignments::updated_at.eq(tx.now),
            assignments::work_at.eq(work_at),
        ))
        .execute(tx.conn)?;
    record(tx, &Change { subject: Subject::Assignment(row.id), verb, fields: &["status"] })
}

/// The worker looks at what goes on: its term may be over by now.
pub(crate) fn work_again(tx: &mut Tx<'_>, id: AssignmentId) -> Result<()> {
    let place = (tx.practice(), id);
    let row: Row = assignments::table.find(place).select(Row::as_select()).first(tx.conn)?;
    let work_at = row.work_at.or(Plan::of(&row)?.over_at());
    diesel::update(assignments::table.find(place))
        .set(assignments::work_at.eq(work_at))
        .execute(tx.conn)?;
    Ok(())
}

/// What rests by a hold rests by the practice's own pause from now on, until this day.
pub(crate) fn rest_on(tx: &mut Tx<'_>, id: AssignmentId, resume_on: Date) -> Result<()> {
    let row = Row { hold_id: None, resume_on: Some(resume_on), ..find_row(tx, id)? };
    let subject = Subject::Assignment(id);
    save(tx, row, &Change { subject, verb: "updated", fields: &["resume_on"] }).map(drop)
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
