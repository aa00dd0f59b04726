//! Queries on holds. Every one of a request starts from [`visible`].

use diesel::prelude::*;

use super::effect;
use super::model::{CoverReason, Hold, HoldFilter, HoldKind, HoldStatus, HoldSummary, NewHold};
use super::timing;
use crate::activities::definition::Sensitivity;
use crate::alerts::{self, caseload};
use crate::audit::{Change, Subject, record_in_private};
use crate::auth::{Caller, Tx};
use crate::couples;
use crate::db::id::{AlertId, ClinicianId, CoupleId, HoldId, PracticeId};
use crate::db::schema::{caseload_couples, couples as couple_rows, holds};
use crate::db::{Date, Instant, Keep, MultiBackend};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::page::{Position, Window, windowed};
use crate::practices;
use crate::seal::{Column, Compartment, Sealed};

const REASON: Column =
    Column { table: "holds", name: "reason", compartment: Compartment::Clinical };

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = holds)]
pub(super) struct Row {
    practice_id: PracticeId,
    pub(super) id: HoldId,
    pub(super) couple_id: CoupleId,
    pub(super) kind: HoldKind,
    cover_reason: CoverReason,
    reason: Option<Sealed<String>>,
    alert_id: Option<AlertId>,
    pub(super) status: HoldStatus,
    effective_at: Instant,
    pub(super) resume_on: Date,
    placed_by: ClinicianId,
    lifted_at: Option<Instant>,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// The holds that a caller may see: those on the couples on the caller's caseloads. Whoever is no
/// clinician sees none.
#[must_use]
pub fn visible(caller: &Caller) -> holds::BoxedQuery<'_, MultiBackend> {
    let couples = caseload_couples::table
        .filter(caseload_couples::practice_id.eq(caller.practice()))
        .filter(caseload_couples::clinician_id.eq_any(caller.caseloads()))
        .select(caseload_couples::couple_id);
    holds::table
        .filter(holds::practice_id.eq(caller.practice()))
        .filter(holds::couple_id.eq_any(couples))
        .into_boxed()
}

/// One hold, after its reading was written down, as that of an [alert](crate::alerts) is.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub(super) fn read(tx: &mut Tx<'_>, id: HoldId) -> Result<Hold> {
    let hold = find(tx, id)?;
    record_in_private(tx, &Change::of(Subject::Hold(id), "read"))?;
    Ok(hold)
}

/// One hold.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: HoldId) -> Result<Hold> {
    let row = find_row(tx, id)?;
    let alert: Vec<AlertId> = row.alert_id.into_iter().collect();
    let known = alerts::store::visible_among(tx, &alert)?;
    Ok(Hold {
        id,
        couple_id: row.couple_id,
        kind: row.kind,
        cover_reason: row.cover_reason,
        reason: tx.keys.open_opt(&REASON, id.uuid(), row.reason.as_ref())?,
        alert_id: known.first().map(|(alert, _)| *alert),
        status: row.status,
        effective_at: row.effective_at,
        resume_on: row.resume_on,
        placed_by: row.placed_by,
        lifted_at: row.lifted_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// One page of holds.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: HoldFilter,
    window: Window,
) -> Result<Vec<(Position, HoldSummary)>> {
    let mut query = visible(tx.caller);
    if let Some(couple) = filter.couple_id {
        query = query.filter(holds::couple_id.eq(couple));
    }
    if let Some(statuses) = filter.status {
        query = query.filter(holds::status.eq_any(statuses));
    }
    if let Some(kinds) = filter.kind {
        query = query.filter(holds::kind.eq_any(kinds));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(holds::updated_at.ge(since));
    }
    let rows: Vec<Row> = windowed!(query, holds, window).select(Row::as_select()).load(tx.conn)?;
    Ok(rows.iter().map(summary).map(|one| (one.position(), one)).collect())
}

/// Places a hold. Nothing of the couple's is touched before it takes effect.
///
/// # Errors
/// 422 with every faulty field.
pub fn create(tx: &mut Tx<'_>, new: NewHold) -> Result<Hold> {
    let placed_by = tx.caller.clinician().ok_or_else(Error::not_found)?;
    check(tx, &new)?;
    let zone: String = couple_rows::table
        .find((tx.practice(), new.couple_id))
        .select(couple_rows::timezone)
        .first(tx.conn)?;
    let zone = practices::store::zone(&zone)?;
    let (effective_at, resume_on) = timing::decide(tx, &zone, new.effective_at, new.resume_on)?;
    let id: HoldId = tx.new_id();
    let reason =
        new.reason.as_ref().map(|text| tx.keys.seal(&REASON, id.uuid(), text)).transpose()?;
    let row = Row {
        practice_id: tx.practice(),
        id,
        couple_id: new.couple_id,
        kind: new.kind,
        cover_reason: new.cover_reason,
        reason,
        alert_id: new.alert_id,
        status: HoldStatus::Placed,
        effective_at,
        resume_on,
        placed_by,
        lifted_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(holds::table).values(row).execute(tx.conn)?;
    record_in_private(tx, &Change::of(Subject::Hold(id), "placed"))?;
    find(tx, id)
}

/// The couple is the caller's, and the alert is about one of its members.
fn check(tx: &mut Tx<'_>, new: &NewHold) -> Result<()> {
    let mut faults = Vec::new();
    if !caseload::has_couple(tx, new.couple_id)? {
        faults.push(Fault::unknown_id("/couple_id"));
    }
    if let Some(alert) = new.alert_id {
        match alerts::store::visible_among(tx, &[alert])?.first() {
            None => faults.push(Fault::unknown_id("/alert_id")),
            Some((_, client)) if faults.is_empty() => {
                let members = couples::members::store::present_members(tx, new.couple_id)?;
                if !members.iter().any(|(member, _)| member == client) {
                    let detail = "Must be about a member of the couple.";
                    faults.push(Fault::body("/alert_id", "mismatch", detail));
                }
            }
            Some(_) => {}
        }
    }
    Error::unless_valid(faults)
}

/// Lifts a hold. What it has paused goes on.
///
/// # Errors
/// 404, 409 when it was lifted before.
pub fn lift(tx: &mut Tx<'_>, id: HoldId) -> Result<Hold> {
    let row = find_row(tx, id)?;
    let status = super::MACHINE.step(row.status, "lift")?;
    diesel::update(holds::table.find((tx.practice(), id)))
        .set((
            holds::status.eq(status),
            holds::lifted_at.eq(Some(tx.now)),
            holds::updated_at.eq(tx.now),
            holds::version.eq(holds::version + 1),
        ))
        .execute(tx.conn)?;
    record_in_private(tx, &Change::of(Subject::Hold(id), "lifted"))?;
    effect::release(tx, &row)?;
    find(tx, id)
}

/// True while a hold is in effect on the couple that keeps from this: one on everything, or, for what is
/// sexual, one on that. Whatever the caller sees.
///
/// # Errors
/// Those of the database.
pub(crate) fn is_held(tx: &mut Tx<'_>, couple: CoupleId, kind: HoldKind) -> Result<bool> {
    let found: Option<HoldId> = holds::table
        .filter(holds::practice_id.eq(tx.practice()))
        .filter(holds::couple_id.eq(couple))
        .filter(holds::status.eq(HoldStatus::Effective))
        .filter(holds::kind.eq_any([HoldKind::Conjoint, kind]))
        .select(holds::id)
        .kept()
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// True while a hold is in effect that covers homework of the couple of this sensitivity. Whatever the
/// caller sees.
///
/// # Errors
/// Those of the database.
pub(crate) fn covers(tx: &mut Tx<'_>, couple: CoupleId, what: Sensitivity) -> Result<bool> {
    Ok(in_effect(tx, couple, what)?.is_some())
}

/// The hold in effect that new homework of this sensitivity comes under, and the day on which it is to go on.
///
/// # Errors
/// Those of the database.
pub(crate) fn in_effect(
    tx: &mut Tx<'_>,
    couple: CoupleId,
    what: Sensitivity,
) -> Result<Option<(HoldId, Date)>> {
    let kind = match what {
        Sensitivity::SexualHealth => HoldKind::Touch,
        _ => HoldKind::Conjoint,
    };
    Ok(holds::table
        .filter(holds::practice_id.eq(tx.practice()))
        .filter(holds::couple_id.eq(couple))
        .filter(holds::status.eq(HoldStatus::Effective))
        .filter(holds::kind.eq_any([HoldKind::Conjoint, kind]))
        .order((holds::resume_on.desc(), holds::id))
        .select((holds::id, holds::resume_on))
        .kept()
        .first(tx.conn)
        .optional()?)
}

pub(super) fn find_row(tx: &mut Tx<'_>, id: HoldId) -> Result<Row> {
    visible(tx.caller)
        .filter(holds::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()
}

fn summary(row: &Row) -> HoldSummary {
    HoldSummary {
        id: row.id,
        couple_id: row.couple_id,
        kind: row.kind,
        status: row.status,
        effective_at: row.effective_at,
        resume_on: row.resume_on,
        placed_by: row.placed_by,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
