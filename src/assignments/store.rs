//! Queries on assignments. Every one starts from [`visible`].

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::model::{Assignment, AssignmentFilter, AssignmentStatus};
use crate::activities::definition::Sensitivity;
use crate::auth::scopes::Scope;
use crate::auth::{Actor, Caller, Sight, Tx};
use crate::db::id::{
    ActivityDefinitionId, AssignmentId, ClientId, ClinicianId, CoupleId, HoldId, PracticeId,
};
use crate::db::schema::{
    activity_definitions, assignment_participants as participants, assignments, caseload_clients,
    caseload_couples,
};
use crate::db::{Date, Doc, Instant, Keep, MultiBackend};
use crate::error::{DbResultExt, Error, Result};
use crate::http::page::{Position, Window, windowed};
use crate::occurrences::plan::Plan;
use crate::practices::store::zone;
use crate::schedules::{HORIZON_DAYS, Schedule};
use crate::seal::{Column, Compartment, Sealed};
use crate::{clients, couples};

/// A note to a couple is theirs together, one to a client theirs alone.
const COUPLE_NOTE: Column =
    Column { table: "assignments", name: "note", compartment: Compartment::Couple };
const CLIENT_NOTE: Column =
    Column { table: "assignments", name: "note", compartment: Compartment::Client };

/// A clinician's reasons are the clinicians'.
pub(super) const DEVIATION: Column =
    Column { table: "assignments", name: "deviation", compartment: Compartment::Clinical };
pub(super) const ERROR_REASON: Column =
    Column { table: "assignments", name: "error_reason", compartment: Compartment::Clinical };

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = assignments, primary_key(practice_id, id), treat_none_as_null = true)]
pub(crate) struct Row {
    pub(crate) practice_id: PracticeId,
    pub(crate) id: AssignmentId,
    pub(crate) activity_definition_id: ActivityDefinitionId,
    pub(crate) couple_id: Option<CoupleId>,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) key: String,
    pub(crate) sensitivity: Sensitivity,
    pub(crate) parameters: Doc<Map<String, Value>>,
    pub(crate) note: Option<Sealed<String>>,
    pub(crate) status: AssignmentStatus,
    pub(crate) starts_on: Date,
    pub(crate) due_at: Option<Instant>,
    pub(crate) remind_at: Option<Instant>,
    pub(crate) resume_on: Option<Date>,
    pub(crate) assigned_by: Option<ClinicianId>,
    pub(crate) version: i32,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
    pub(crate) timezone: String,
    pub(crate) hold_id: Option<HoldId>,
    pub(crate) deviation: Option<Sealed<String>>,
    pub(crate) schedule: Doc<Schedule>,
    pub(crate) holds_from: Option<Date>,
    pub(crate) schedule_before: Option<Doc<ScheduleBefore>>,
    pub(crate) made_until: Option<Date>,
    pub(crate) work_at: Option<Instant>,
    pub(crate) error_reason: Option<Sealed<String>>,
}

impl Row {
    /// Whether it takes answers. What is over takes what comes late.
    ///
    /// # Errors
    /// 409 `not_now` while it rests, 409 for what was taken back.
    pub(crate) fn check_takes_answers(&self) -> Result<()> {
        use AssignmentStatus::{
            Assigned, Completed, EnteredInError, Expired, Held, InProgress, Paused, Withdrawn,
        };
        match self.status {
            Assigned | InProgress | Completed | Expired => Ok(()),
            Paused | Held => Err(Error::not_now(None)),
            Withdrawn | EnteredInError => {
                Err(Error::invalid_transition(self.status.as_str(), Vec::new()))
            }
        }
    }
}

/// What held before another schedule or zone did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScheduleBefore {
    pub(crate) schedule: Schedule,
    pub(crate) timezone: String,
    pub(crate) holds_from: Option<Date>,
}

/// The assignments that a caller may see: the one place that says so.
///
/// A participant sees what is theirs alone, and what is their couple's for as long as they see the
/// couple; what is sexual or about safety only through a token that carries the scope for it, which is
/// granted apart. Nothing about safety ever reaches a service.
///
/// # Errors
/// Those of the database.
pub fn visible<'a>(tx: &mut Tx<'a>) -> Result<assignments::BoxedQuery<'a, MultiBackend>> {
    let caller: &'a Caller = tx.caller;
    let practice = caller.practice();
    let query = assignments::table.filter(assignments::practice_id.eq(practice)).into_boxed();
    Ok(match caller.sight() {
        Sight::Practice if matches!(caller.actor(), Actor::Service { .. }) => {
            query.filter(assignments::sensitivity.ne(Sensitivity::Safety))
        }
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
                assignments::couple_id
                    .eq_any(couples)
                    .or(assignments::client_id.eq_any(clients))
                    .assume_not_null(),
            )
        }
        Sight::Client(client) => {
            let seen: Vec<CoupleId> = couples::store::visible(tx)?
                .select(crate::db::schema::couples::id)
                .load(tx.conn)?;
            let taking_part = participants::table
                .filter(participants::practice_id.eq(practice))
                .filter(participants::client_id.eq(client))
                .filter(participants::hidden.eq(false))
                .select(participants::assignment_id);
            query
                .filter(assignments::id.eq_any(taking_part))
                .filter(
                    assignments::client_id
                        .eq(client)
                        .or(assignments::couple_id.eq_any(seen.into_iter().map(Some)))
                        .assume_not_null(),
                )
                .filter(assignments::status.ne(AssignmentStatus::EnteredInError))
                .filter(assignments::sensitivity.eq_any(granted(caller)))
        }
    })
}

/// The sensitivities that a participant's token opens.
pub(crate) fn granted(caller: &Caller) -> Vec<Sensitivity> {
    let mut opened = vec![Sensitivity::Routine, Sensitivity::Relational];
    opened.extend(caller.holds(Scope::HomeworkSensitive).then_some(Sensitivity::SexualHealth));
    opened.extend(caller.holds(Scope::HomeworkSafety).then_some(Sensitivity::Safety));
    opened
}

/// One assignment.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: AssignmentId) -> Result<Assignment> {
    let row = find_row(tx, id)?;
    show(tx, vec![row])?.pop().ok_or_else(Error::not_found)
}

/// One page of assignments.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: AssignmentFilter,
    window: Window,
) -> Result<Vec<(Position, Assignment)>> {
    let mut query = visible(tx)?;
    if let Some(couple) = filter.couple_id {
        query = query.filter(assignments::couple_id.eq(couple));
    }
    if let Some(client) = filter.client_id {
        query = query.filter(assignments::client_id.eq(client));
    }
    if let Some(statuses) = filter.status {
        query = query.filter(assignments::status.eq_any(stored(tx, statuses)));
    }
    if let Some(definition) = filter.activity_definition_id {
        query = query.filter(assignments::activity_definition_id.eq(definition));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(assignments::updated_at.ge(since));
    }
    let rows: Vec<Row> =
        windowed!(query, assignments, window).select(Row::as_select()).load(tx.conn)?;
    Ok(show(tx, rows)?.into_iter().map(|one| (one.position(), one)).collect())
}

/// The statuses to look for when these are asked for: a participant who asks for what is paused means
/// what is held too, and finds nothing by a word that they never read.
fn stored(tx: &Tx<'_>, asked: Vec<AssignmentStatus>) -> Vec<AssignmentStatus> {
    if tx.caller.is_practice_side() {
        return asked;
    }
    let all = AssignmentStatus::ALL.iter().copied();
    all.filter(|status| asked.contains(&status.public())).collect()
}

pub(super) fn column(row: &Row) -> &'static Column {
    if row.couple_id.is_some() { &COUPLE_NOTE } else { &CLIENT_NOTE }
}

/// Who takes part, in the order of the couple's members, as it was when it was assigned.
pub(crate) fn participants_of(tx: &mut Tx<'_>, id: AssignmentId) -> Result<Vec<ClientId>> {
    Ok(participants::table
        .filter(participants::practice_id.eq(tx.practice()))
        .filter(participants::assignment_id.eq(id))
        .order(participants::position)
        .select(participants::client_id)
        .load(tx.conn)?)
}

/// The row of an assignment; none when the caller sees no such one.
pub(crate) fn find_visible(tx: &mut Tx<'_>, id: AssignmentId) -> Result<Option<Row>> {
    Ok(visible(tx)?
        .filter(assignments::id.eq(id))
        .select(Row::as_select())
        .kept()
        .first(tx.conn)
        .optional()?)
}

pub(crate) fn find_row(tx: &mut Tx<'_>, id: AssignmentId) -> Result<Row> {
    visible(tx)?
        .filter(assignments::id.eq(id))
        .select(Row::as_select())
        .kept()
        .first(tx.conn)
        .or_not_found()
}

/// Assignments as the caller may see them, with their participants and titles.
fn show(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<Assignment>> {
    let ids: Vec<AssignmentId> = rows.iter().map(|row| row.id).collect();
    let taking_part: Vec<(AssignmentId, ClientId)> = participants::table
        .filter(participants::practice_id.eq(tx.practice()))
        .filter(participants::assignment_id.eq_any(&ids))
        .order((participants::assignment_id, participants::position))
        .select((participants::assignment_id, participants::client_id))
        .load(tx.conn)?;
    let definitions: Vec<ActivityDefinitionId> =
        rows.iter().map(|row| row.activity_definition_id).collect();
    let titles: Vec<(ActivityDefinitionId, String)> = activity_definitions::table
        .filter(activity_definitions::practice_id.eq(tx.practice()))
        .filter(activity_definitions::id.eq_any(definitions))
        .select((activity_definitions::id, activity_definitions::title))
        .load(tx.conn)?;
    let everybody = taking_part.iter().map(|(_, client)| *client).collect();
    let known = clients::store::zones_among(tx, everybody)?;
    rows.into_iter()
        .map(|row| {
            let of_this = taking_part.iter().filter(|(assignment, _)| *assignment == row.id);
            let seen: Vec<&(ClientId, String)> = of_this
                .filter_map(|(_, client)| known.iter().find(|(known, _)| known == client))
                .collect();
            let at_night_for = at_night_for(tx, &row, &seen)?;
            let seen = seen.into_iter().map(|(client, _)| *client).collect();
            let title = titles.iter().find(|(id, _)| *id == row.activity_definition_id);
            let title = title.map(|(_, title)| title.clone()).unwrap_or_default();
            Ok(Assignment { at_night_for, ..show_one(tx, row, title, seen)? })
        })
        .collect()
}

/// Those for whom the first time of an assignment falls into the night, for those who assign.
fn at_night_for(
    tx: &Tx<'_>,
    row: &Row,
    participants: &[&(ClientId, String)],
) -> Result<Vec<ClientId>> {
    let plan = Plan::of(row)?;
    if !tx.caller.is_practice_side() || !(plan.recurs() || plan.is_once()) {
        return Ok(Vec::new());
    }
    let timeline = plan.timeline();
    let first = timeline.first_day();
    let Some(slot) = plan.slots(first, first.plus_days(HORIZON_DAYS)).into_iter().next() else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for (client, timezone) in participants {
        if timeline.falls_at_night(&slot, &zone(timezone)?) {
            found.push(*client);
        }
    }
    Ok(found)
}

/// One assignment as the caller may see it, with the participants that they see.
pub(crate) fn show_one(
    tx: &Tx<'_>,
    row: Row,
    title: String,
    participants: Vec<ClientId>,
) -> Result<Assignment> {
    let of_practice = tx.caller.is_practice_side();
    let treats = match tx.caller.sight() {
        Sight::Caseloads(_) => true,
        Sight::Practice => row.assigned_by.is_some_and(|by| tx.caller.caseloads().contains(&by)),
        Sight::Client(_) => false,
    };
    let deviation = row.deviation.as_ref().filter(|_| treats);
    let error_reason = row.error_reason.as_ref().filter(|_| treats);
    Ok(Assignment {
        note: tx.keys.open_opt(column(&row), row.id.uuid(), row.note.as_ref())?,
        id: row.id,
        activity_definition_id: row.activity_definition_id,
        key: row.key,
        title,
        sensitivity: row.sensitivity,
        couple_id: row.couple_id,
        client_id: row.client_id,
        participants,
        deviation: tx.keys.open_opt(&DEVIATION, row.id.uuid(), deviation)?,
        error_reason: tx.keys.open_opt(&ERROR_REASON, row.id.uuid(), error_reason)?,
        parameters: row.parameters.0,
        status: if of_practice { row.status } else { row.status.public() },
        starts_on: row.starts_on,
        schedule: row.schedule.0,
        timezone: row.timezone,
        at_night_for: Vec::new(),
        due_at: row.due_at,
        remind_at: row.remind_at,
        resume_on: row.resume_on,
        assigned_by: row.assigned_by.filter(|_| of_practice),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
