//! Queries on treatments. Every one starts from [`visible`].

use diesel::prelude::*;

use super::care_team;
use super::model::{
    Arc, CareTeamRole, CloseReason, ConsultOutcome, NewTeamMember, NewTreatment, TeamMember,
    Treatment, TreatmentFilter, TreatmentPatch, TreatmentStatus,
};
use crate::audit::{Change, Subject, record};
use crate::auth::{Caller, Sight, Tx};
use crate::db::id::{ClientId, ClinicianId, CoupleId, PracticeId, TreatmentId};
use crate::db::schema::{
    care_team_members, clients as client_rows, couples as couple_rows, treatments,
};
use crate::db::{Date, Instant, MultiBackend};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::http::page::{Position, Window, windowed};
use crate::http::patch::set;
use crate::seal::{Column, Compartment, Sealed};
use crate::{clients, couples};

const CONSULT_WAIVER: Column =
    Column { table: "treatments", name: "consult_waiver", compartment: Compartment::Clinical };

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = treatments, primary_key(practice_id, id), treat_none_as_null = true)]
pub(super) struct Row {
    practice_id: PracticeId,
    pub(super) id: TreatmentId,
    pub(super) couple_id: Option<CoupleId>,
    pub(super) client_id: Option<ClientId>,
    arc: Arc,
    planned_min_sessions: i32,
    planned_max_sessions: i32,
    pub(super) status: TreatmentStatus,
    pub(super) held_from: Option<TreatmentStatus>,
    pub(super) consult_outcome: Option<ConsultOutcome>,
    pub(super) consult_waiver: Option<Sealed<String>>,
    pub(super) close_reason: Option<CloseReason>,
    pub(super) started_on: Option<Date>,
    pub(super) closed_on: Option<Date>,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// The treatments that a caller may see: the one place that says so. Clients see none here;
/// that somebody has an individual treatment is theirs alone to know.
#[must_use]
pub fn visible(caller: &Caller) -> treatments::BoxedQuery<'_, MultiBackend> {
    let query =
        treatments::table.filter(treatments::practice_id.eq(caller.practice())).into_boxed();
    match caller.sight() {
        Sight::Practice => query,
        Sight::Caseloads(clinicians) => query.filter(
            treatments::id.eq_any(
                care_team_members::table
                    .filter(care_team_members::practice_id.eq(caller.practice()))
                    .filter(care_team_members::clinician_id.eq_any(clinicians))
                    .filter(care_team_members::to_on.is_null())
                    .select(care_team_members::treatment_id),
            ),
        ),
        Sight::Client(_) => query.filter(diesel::dsl::sql::<diesel::sql_types::Bool>("1 = 0")),
    }
}

/// One treatment.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: TreatmentId) -> Result<Treatment> {
    let row = find_row(tx, id)?;
    let team = care_team::present(tx, &[id])?;
    show(tx, row, &team)
}

/// One page of treatments.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: TreatmentFilter,
    window: Window,
) -> Result<Vec<(Position, Treatment)>> {
    let practice = tx.practice();
    let mut query = visible(tx.caller);
    if let Some(statuses) = filter.status {
        query = query.filter(treatments::status.eq_any(statuses));
    }
    if let Some(couple) = filter.couple_id {
        query = query.filter(treatments::couple_id.eq(couple));
    }
    if let Some(client) = filter.client_id {
        query = query.filter(treatments::client_id.eq(client));
    }
    if let Some(clinician) = filter.clinician_id {
        query = query.filter(
            treatments::id.eq_any(
                care_team_members::table
                    .filter(care_team_members::practice_id.eq(practice))
                    .filter(care_team_members::clinician_id.eq(clinician))
                    .filter(care_team_members::to_on.is_null())
                    .select(care_team_members::treatment_id),
            ),
        );
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(treatments::updated_at.ge(since));
    }
    let rows: Vec<Row> =
        windowed!(query, treatments, window).select(Row::as_select()).load(tx.conn)?;
    let ids: Vec<TreatmentId> = rows.iter().map(|row| row.id).collect();
    let team = care_team::present(tx, &ids)?;
    rows.into_iter()
        .map(|row| show(tx, row, &team).map(|treatment| (treatment.position(), treatment)))
        .collect()
}

/// Makes a treatment with its care team.
///
/// # Errors
/// 422 with every faulty field.
pub fn create(tx: &mut Tx<'_>, new: NewTreatment) -> Result<Treatment> {
    let team = match (new.care_team.clone(), tx.caller.clinician()) {
        (Some(team), _) => team,
        (None, Some(clinician_id)) => {
            vec![NewTeamMember { clinician_id, role: CareTeamRole::Primary }]
        }
        (None, None) => Vec::new(),
    };
    let least = new.planned_min_sessions.unwrap_or(8);
    let most = new.planned_max_sessions.unwrap_or_else(|| least.max(12));
    check(tx, &new, &team, least, most)?;
    let id: TreatmentId = tx.new_id();
    let row = Row {
        practice_id: tx.practice(),
        id,
        couple_id: new.couple_id,
        client_id: new.client_id,
        arc: new.arc.unwrap_or(Arc::Focused),
        planned_min_sessions: least,
        planned_max_sessions: most,
        status: TreatmentStatus::Inquiry,
        held_from: None,
        consult_outcome: None,
        consult_waiver: None,
        close_reason: None,
        started_on: None,
        closed_on: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(treatments::table).values(row).execute(tx.conn)?;
    for member in &team {
        care_team::open_period(tx, id, member.clinician_id, member.role)?;
    }
    end_intake(tx, &new)?;
    record(tx, &Change::of(Subject::Treatment(id), "created"))?;
    find(tx, id)
}

/// Changes the members that a patch names.
///
/// # Errors
/// 404, 412, 422.
pub fn update(
    tx: &mut Tx<'_>,
    id: TreatmentId,
    patch: TreatmentPatch,
    if_match: &IfMatch,
) -> Result<Treatment> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut row = find_row(tx, id)?;
    let mut changed = Vec::new();
    let mut note = |name, is_another| {
        if is_another {
            changed.push(name);
        }
    };
    note("arc", set(&mut row.arc, patch.arc));
    note("planned_min_sessions", set(&mut row.planned_min_sessions, patch.planned_min_sessions));
    note("planned_max_sessions", set(&mut row.planned_max_sessions, patch.planned_max_sessions));
    if let Some(fault) = sessions_fault(row.planned_min_sessions, row.planned_max_sessions) {
        return Err(Error::invalid(vec![fault]));
    }
    if changed.is_empty() {
        return Ok(current);
    }
    save(tx, row, &Change { subject: Subject::Treatment(id), verb: "updated", fields: &changed })
}

/// Writes a changed row with its record.
pub(super) fn save(tx: &mut Tx<'_>, mut row: Row, change: &Change<'_>) -> Result<Treatment> {
    row.version += 1;
    row.updated_at = tx.now;
    let id = row.id;
    diesel::update(treatments::table.find((tx.practice(), id))).set(&row).execute(tx.conn)?;
    record(tx, change)?;
    find(tx, id)
}

pub(super) fn find_row(tx: &mut Tx<'_>, id: TreatmentId) -> Result<Row> {
    visible(tx.caller)
        .filter(treatments::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()
}

pub(super) fn seal_waiver(tx: &Tx<'_>, id: TreatmentId, reason: &String) -> Result<Sealed<String>> {
    Ok(tx.keys.seal(&CONSULT_WAIVER, id.uuid(), reason)?)
}

fn sessions_fault(least: i32, most: i32) -> Option<Fault> {
    let detail = "Must not be less than `planned_min_sessions`.";
    (least > most).then(|| Fault::body("/planned_max_sessions", "out_of_range", detail))
}

fn check(
    tx: &mut Tx<'_>,
    new: &NewTreatment,
    team: &[NewTeamMember],
    least: i32,
    most: i32,
) -> Result<()> {
    let mut faults: Vec<Fault> = sessions_fault(least, most).into_iter().collect();
    match (new.couple_id, new.client_id) {
        (Some(couple), None) if !couples::store::is_visible(tx, couple)? => {
            faults.push(Fault::unknown_id("/couple_id"));
        }
        (None, Some(client)) if !clients::store::is_visible(tx, client)? => {
            faults.push(Fault::unknown_id("/client_id"));
        }
        (Some(_), Some(_)) => {
            faults.push(Fault::body(
                "/client_id",
                "not_permitted",
                "Name a couple or a client, not both.",
            ));
        }
        (None, None) => {
            faults.push(Fault::body("/couple_id", "required", "Name a couple or a client."));
        }
        _ => {}
    }
    faults.extend(care_team::faults(tx, team)?);
    Error::unless_valid(faults)
}

/// The care team answers from now on. Only an intake clinician who is on the team steps back:
/// another one may have their own reason to see the client.
fn end_intake(tx: &mut Tx<'_>, new: &NewTreatment) -> Result<()> {
    let practice = tx.practice();
    let on_team: Vec<_> = new
        .care_team
        .iter()
        .flatten()
        .map(|member| member.clinician_id)
        .chain(new.care_team.is_none().then_some(tx.caller.clinician()).flatten())
        .collect();
    let mut clients = Vec::from_iter(new.client_id);
    if let Some(couple) = new.couple_id {
        let members = couples::members::store::present_members(tx, couple)?;
        clients.extend(members.into_iter().map(|(client, _)| client));
        let ended = diesel::update(
            couple_rows::table
                .find((practice, couple))
                .filter(couple_rows::intake_clinician_id.eq_any(&on_team)),
        )
        .set((
            couple_rows::intake_clinician_id.eq(None::<ClinicianId>),
            couple_rows::version.eq(couple_rows::version + 1),
            couple_rows::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
        record_end_of_intake(tx, Subject::Couple(couple), ended)?;
    }
    for client in clients {
        let ended = diesel::update(
            client_rows::table
                .find((practice, client))
                .filter(client_rows::intake_clinician_id.eq_any(&on_team)),
        )
        .set((
            client_rows::intake_clinician_id.eq(None::<ClinicianId>),
            client_rows::version.eq(client_rows::version + 1),
            client_rows::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
        record_end_of_intake(tx, Subject::Client(client), ended)?;
    }
    Ok(())
}

fn record_end_of_intake(tx: &mut Tx<'_>, subject: Subject, ended: usize) -> Result<()> {
    if ended == 0 {
        return Ok(());
    }
    record(tx, &Change { subject, verb: "updated", fields: &["intake_clinician_id"] })
}

fn show(tx: &Tx<'_>, row: Row, team: &[care_team::Row]) -> Result<Treatment> {
    let own = team.iter().filter(|member| member.treatment_id == row.id);
    Ok(Treatment {
        id: row.id,
        couple_id: row.couple_id,
        client_id: row.client_id,
        arc: row.arc,
        planned_min_sessions: row.planned_min_sessions,
        planned_max_sessions: row.planned_max_sessions,
        status: row.status,
        consult_outcome: row.consult_outcome,
        consult_waived_reason: tx.keys.open_opt(
            &CONSULT_WAIVER,
            row.id.uuid(),
            row.consult_waiver.as_ref(),
        )?,
        close_reason: row.close_reason,
        started_on: row.started_on,
        closed_on: row.closed_on,
        care_team: own
            .map(|member| TeamMember { clinician_id: member.clinician_id, role: member.role })
            .collect(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
