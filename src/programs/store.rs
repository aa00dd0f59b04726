//! Queries on programmes. Every one starts from [`visible`].

use diesel::prelude::*;

use super::model::ProgramSummary;
use super::plan::{Parameters, Plan};
use super::requests::ProgramFilter;
use super::words::{ActionState, PhaseState, ProgramStatus};
use crate::alerts::caseload;
use crate::auth::{Caller, Sight, Tx};
use crate::couples;
use crate::db::id::{AssignmentId, ClientId, ClinicianId, CoupleId, PracticeId, ProgramId};
use crate::db::schema::{
    caseload_clients, caseload_couples, program_actions, program_phases, programs,
};
use crate::db::{Date, Doc, Instant, MultiBackend};
use crate::error::{Code, DbResultExt, Error, Result};
use crate::http::page::{Position, Sort, Window, windowed};

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = programs, primary_key(practice_id, id), treat_none_as_null = true)]
pub(super) struct Row {
    pub(super) practice_id: PracticeId,
    pub(super) id: ProgramId,
    pub(super) couple_id: Option<CoupleId>,
    pub(super) client_id: Option<ClientId>,
    pub(super) definition_key: String,
    pub(super) definition_version: String,
    pub(super) title: String,
    pub(super) plan: Doc<Plan>,
    pub(super) variants: Doc<Vec<String>>,
    pub(super) parameters: Doc<Parameters>,
    pub(super) starts_on: Date,
    pub(super) status: ProgramStatus,
    pub(super) phase: i32,
    pub(super) paused_on: Option<Date>,
    pub(super) resume_on: Option<Date>,
    pub(super) proposed_plan: Option<String>,
    pub(super) next_review_on: Option<Date>,
    pub(super) begun_by: ClinicianId,
    pub(super) version: i32,
    pub(super) created_at: Instant,
    pub(super) updated_at: Instant,
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = program_phases, primary_key(practice_id, program_id, position))]
#[diesel(treat_none_as_null = true)]
pub(super) struct PhaseRow {
    pub(super) practice_id: PracticeId,
    pub(super) program_id: ProgramId,
    pub(super) position: i32,
    pub(super) key: String,
    pub(super) planned_from: Date,
    pub(super) planned_to: Date,
    pub(super) actual_from: Option<Date>,
    pub(super) actual_to: Option<Date>,
    pub(super) state: PhaseState,
}

#[derive(Debug, Clone, PartialEq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = program_actions, primary_key(practice_id, program_id, key))]
#[diesel(treat_none_as_null = true)]
pub(super) struct ActionRow {
    pub(super) practice_id: PracticeId,
    pub(super) program_id: ProgramId,
    pub(super) key: String,
    pub(super) position: i32,
    pub(super) phase: i32,
    pub(super) state: ActionState,
    pub(super) assignment_id: Option<AssignmentId>,
    pub(super) due_on: Option<Date>,
    pub(super) carry_forward: bool,
    pub(super) rests: bool,
}

/// The programmes that a caller may see: the one place that says so. Staff see those of the couples and clients on
/// their caseloads, administrators and services those of the practice; a participant their own and, for as long
/// as they see the couple, their couple's.
///
/// # Errors
/// Those of the database.
pub fn visible<'a>(tx: &mut Tx<'a>) -> Result<programs::BoxedQuery<'a, MultiBackend>> {
    let caller: &'a Caller = tx.caller;
    let practice = caller.practice();
    let query = programs::table.filter(programs::practice_id.eq(practice)).into_boxed();
    Ok(match caller.sight() {
        Sight::Practice => query,
        Sight::Caseloads(clinicians) => {
            let couples = caseload_couples::table
                .filter(caseload_couples::practice_id.eq(practice))
                .filter(caseload_couples::clinician_id.eq_any(clinicians))
                .select(caseload_couples::couple_id.nullable());
            let clients = caseload_clients::table
                .filter(caseload_clients::practice_id.eq(practice))
                .filter(caseload_clients::clinician_id.eq_any(clinicians))
                .select(caseload_clients::client_id.nullable());
            query.filter(
                programs::couple_id
                    .eq_any(couples)
                    .or(programs::client_id.eq_any(clients))
                    .assume_not_null(),
            )
        }
        Sight::Client(client) => {
            let seen: Vec<CoupleId> = couples::store::visible(tx)?
                .select(crate::db::schema::couples::id)
                .load(tx.conn)?;
            query.filter(
                programs::client_id
                    .eq(client)
                    .or(programs::couple_id.eq_any(seen.into_iter().map(Some)))
                    .assume_not_null(),
            )
        }
    })
}

/// One page of programmes. To a participant the order and the filter by change are those of creation: not every
/// change of the record is theirs to see.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: ProgramFilter,
    mut window: Window,
) -> Result<Vec<(Position, ProgramSummary)>> {
    let mut query = visible(tx)?;
    if let Some(couple) = filter.couple_id {
        query = query.filter(programs::couple_id.eq(couple));
    }
    if let Some(client) = filter.client_id {
        query = query.filter(programs::client_id.eq(client));
    }
    if let Some(statuses) = filter.status {
        query = query.filter(programs::status.eq_any(statuses));
    }
    let of_practice = tx.caller.is_practice_side();
    if of_practice {
        if let Some(since) = filter.updated_since {
            query = query.filter(programs::updated_at.ge(since));
        }
    } else {
        window.sort = match window.sort {
            Sort::Created | Sort::Updated => Sort::Created,
            Sort::CreatedDescending | Sort::UpdatedDescending => Sort::CreatedDescending,
        };
    }
    let rows: Vec<Row> =
        windowed!(query, programs, window).select(Row::as_select()).load(tx.conn)?;
    Ok(rows.into_iter().map(|row| summary(row, of_practice)).collect())
}

fn summary(row: Row, of_practice: bool) -> (Position, ProgramSummary) {
    let position = Position { at: row.updated_at, id: row.id.uuid() };
    let shown = ProgramSummary {
        id: row.id,
        current_phase: phase_key(&row.plan.0, row.phase),
        program_definition_key: row.definition_key,
        program_definition_version: row.definition_version,
        title: row.title,
        couple_id: row.couple_id,
        client_id: row.client_id,
        starts_on: row.starts_on,
        status: row.status,
        resume_on: row.resume_on,
        created_at: row.created_at,
        updated_at: Some(row.updated_at).filter(|_| of_practice),
    };
    (position, shown)
}

/// The name of the phase in this place.
pub(super) fn phase_key(plan: &Plan, place: i32) -> String {
    let place = usize::try_from(place).unwrap_or_default();
    plan.definition.phases.get(place).map(|phase| phase.key.clone()).unwrap_or_default()
}

pub(super) fn find_row(tx: &mut Tx<'_>, id: ProgramId) -> Result<Row> {
    visible(tx)?.filter(programs::id.eq(id)).select(Row::as_select()).first(tx.conn).or_not_found()
}

/// The phases of a programme that the caller sees, in order.
pub(super) fn phases_of(tx: &mut Tx<'_>, id: ProgramId) -> Result<Vec<PhaseRow>> {
    Ok(program_phases::table
        .filter(program_phases::practice_id.eq(tx.practice()))
        .filter(program_phases::program_id.eq(id))
        .order(program_phases::position)
        .select(PhaseRow::as_select())
        .load(tx.conn)?)
}

/// The actions of a programme that the caller sees, in order.
pub(super) fn actions_of(tx: &mut Tx<'_>, id: ProgramId) -> Result<Vec<ActionRow>> {
    Ok(program_actions::table
        .filter(program_actions::practice_id.eq(tx.practice()))
        .filter(program_actions::program_id.eq(id))
        .order((program_actions::phase, program_actions::position))
        .select(ActionRow::as_select())
        .load(tx.conn)?)
}

/// True while the couple or client has begun this programme and not ended it.
pub(super) fn is_under_way(
    tx: &mut Tx<'_>,
    key: &str,
    couple: Option<CoupleId>,
    client: Option<ClientId>,
) -> Result<bool> {
    let mut query = programs::table
        .filter(programs::practice_id.eq(tx.practice()))
        .filter(programs::definition_key.eq(key.to_owned()))
        .filter(programs::status.eq_any([ProgramStatus::Active, ProgramStatus::Paused]))
        .into_boxed();
    query = match (couple, client) {
        (Some(couple), _) => query.filter(programs::couple_id.eq(couple)),
        (None, client) => query.filter(programs::client_id.eq(client)),
    };
    let found: Option<ProgramId> = query.select(programs::id).first(tx.conn).optional()?;
    Ok(found.is_some())
}

/// Only who treats begins a programme and leads it.
///
/// # Errors
/// 403 for everybody else who sees it.
pub(super) fn must_treat(
    tx: &mut Tx<'_>,
    couple: Option<CoupleId>,
    client: Option<ClientId>,
) -> Result<ClinicianId> {
    let who = tx.caller.clinician().filter(|_| couple.is_some() || client.is_some());
    match who {
        Some(clinician) if caseload::has(tx, couple, client)? => Ok(clinician),
        _ => Err(not_theirs()),
    }
}

/// 403 for whoever sees a programme and does not treat.
pub(super) fn not_theirs() -> Error {
    Error::new(Code::OwnerOnly, "The clinicians who treat begin a programme and lead it.")
}
