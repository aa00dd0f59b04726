//! What a hold does to a couple's homework, when it takes effect and when it is lifted.

use diesel::prelude::*;

use super::model::{HoldKind, HoldStatus};
use super::store::Row;
use crate::activities::definition::Sensitivity;
use crate::assignments::changes::work_again;
use crate::assignments::model::AssignmentStatus;
use crate::audit::{Change, Subject, record, record_in_private};
use crate::auth::Tx;
use crate::db::id::{AssignmentId, HoldId};
use crate::db::schema::{assignments, holds};
use crate::db::{Date, Instant};
use crate::error::Result;
use crate::occurrences::rests;
use crate::submissions;

/// What a hold pauses: homework that is open and that no clinician has paused before.
const HOLDABLE: [AssignmentStatus; 3] =
    [AssignmentStatus::Assigned, AssignmentStatus::InProgress, AssignmentStatus::Paused];

/// The holds of the practice whose time has come, and when it came, in that order.
///
/// # Errors
/// Those of the database.
pub(crate) fn due(tx: &mut Tx<'_>) -> Result<Vec<(HoldId, Instant)>> {
    Ok(holds::table
        .filter(holds::practice_id.eq(tx.practice()))
        .filter(holds::status.eq(HoldStatus::Placed))
        .filter(holds::effective_at.le(tx.now))
        .order((holds::effective_at, holds::id))
        .select((holds::id, holds::effective_at))
        .load(tx.conn)?)
}

/// Lets a hold take effect, unless it has or was lifted. The unit's time is that of the hold: whatever is
/// written bears it, however late the worker comes.
///
/// # Errors
/// Those of the database.
pub(crate) fn enact(tx: &mut Tx<'_>, id: HoldId) -> Result<()> {
    let claimed = diesel::update(holds::table.find((tx.practice(), id)))
        .filter(holds::status.eq(HoldStatus::Placed))
        .set((
            holds::status.eq(HoldStatus::Effective),
            holds::updated_at.eq(tx.now),
            holds::version.eq(holds::version + 1),
        ))
        .execute(tx.conn)?;
    if claimed == 0 {
        return Ok(());
    }
    record_in_private(tx, &Change::of(Subject::Hold(id), "took_effect"))?;
    let hold: Row =
        holds::table.find((tx.practice(), id)).select(Row::as_select()).first(tx.conn)?;
    let mut query = assignments::table
        .filter(assignments::practice_id.eq(tx.practice()))
        .filter(assignments::couple_id.eq(hold.couple_id))
        .filter(assignments::status.eq_any(HOLDABLE))
        .into_boxed();
    if hold.kind == HoldKind::Touch {
        query = query.filter(assignments::sensitivity.eq(Sensitivity::SexualHealth));
    }
    let open: Vec<(AssignmentId, Instant)> = query
        .order(assignments::id)
        .select((assignments::id, assignments::updated_at))
        .load(tx.conn)?;
    for (assignment, updated_at) in open {
        pause(tx, assignment, &hold, updated_at)?;
    }
    Ok(())
}

/// As a clinician's pause does it.
fn pause(tx: &mut Tx<'_>, id: AssignmentId, hold: &Row, updated_at: Instant) -> Result<()> {
    diesel::update(assignments::table.find((tx.practice(), id)))
        .set((
            assignments::status.eq(AssignmentStatus::Held),
            assignments::hold_id.eq(Some(hold.id)),
            assignments::resume_on.eq(Some(hold.resume_on)),
            // Something may have changed between the hold's time and the worker's.
            assignments::updated_at.eq(tx.now.max(updated_at)),
            assignments::version.eq(assignments::version + 1),
        ))
        .execute(tx.conn)?;
    rests::begin(tx, id)?;
    let subject = Subject::Assignment(id);
    record(tx, &Change { subject, verb: "paused", fields: &["status", "resume_on"] })
}

/// Lets go on what this hold has paused; what another hold covers rests by that.
///
/// # Errors
/// Those of the database.
pub(super) fn release(tx: &mut Tx<'_>, lifted: &Row) -> Result<()> {
    let others: Vec<(HoldId, HoldKind, Date)> = holds::table
        .filter(holds::practice_id.eq(tx.practice()))
        .filter(holds::couple_id.eq(lifted.couple_id))
        .filter(holds::status.eq(HoldStatus::Effective))
        // As what is assigned while they last comes under them.
        .order((holds::resume_on.desc(), holds::id))
        .select((holds::id, holds::kind, holds::resume_on))
        .load(tx.conn)?;
    let resting: Vec<(AssignmentId, Sensitivity, Option<Date>)> = assignments::table
        .filter(assignments::practice_id.eq(tx.practice()))
        .filter(assignments::couple_id.eq(lifted.couple_id))
        .filter(assignments::hold_id.eq(lifted.id))
        .filter(assignments::status.eq(AssignmentStatus::Held))
        .order(assignments::id)
        .select((assignments::id, assignments::sensitivity, assignments::resume_on))
        .load(tx.conn)?;
    for (id, sensitivity, resume_on) in resting {
        let covered = others.iter().find(|(_, kind, _)| {
            *kind == HoldKind::Conjoint || sensitivity == Sensitivity::SexualHealth
        });
        match covered {
            Some((other, _, day)) => move_to(tx, id, *other, *day, resume_on)?,
            None => resume(tx, id)?,
        }
    }
    submissions::look_again(tx, lifted.couple_id)
}

fn resume(tx: &mut Tx<'_>, id: AssignmentId) -> Result<()> {
    diesel::update(assignments::table.find((tx.practice(), id)))
        .set((
            assignments::status.eq(AssignmentStatus::InProgress),
            assignments::hold_id.eq(None::<HoldId>),
            assignments::resume_on.eq(None::<Date>),
            assignments::updated_at.eq(tx.now),
            assignments::version.eq(assignments::version + 1),
        ))
        .execute(tx.conn)?;
    rests::end(tx, id)?;
    work_again(tx, id)?;
    record(tx, &Change { subject: Subject::Assignment(id), verb: "resumed", fields: &["status"] })
}

/// Nothing that a participant sees moves, but for the day when that is another.
fn move_to(
    tx: &mut Tx<'_>,
    id: AssignmentId,
    hold: HoldId,
    day: Date,
    before: Option<Date>,
) -> Result<()> {
    let assignment = assignments::table.find((tx.practice(), id));
    if before == Some(day) {
        diesel::update(assignment).set(assignments::hold_id.eq(Some(hold))).execute(tx.conn)?;
        return Ok(());
    }
    diesel::update(assignment)
        .set((
            assignments::hold_id.eq(Some(hold)),
            assignments::resume_on.eq(Some(day)),
            assignments::updated_at.eq(tx.now),
            assignments::version.eq(assignments::version + 1),
        ))
        .execute(tx.conn)?;
    record(
        tx,
        &Change { subject: Subject::Assignment(id), verb: "updated", fields: &["resume_on"] },
    )
}
