//! Queries on sessions. Every one of the practice's side starts from [`visible`].

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::check::minutes;
use super::model::{
    Attendance, Session, SessionFilter, SessionKind, SessionModality, SessionParticipant,
    SessionStatus,
};
use crate::audit::{Change, Subject, record};
use crate::auth::{Caller, Sight, Tx};
use crate::db::conn::each;
use crate::db::id::{
    ClientId, ClinicianId, CoupleId, OfficeId, PracticeId, SessionId, SessionParticipantId,
    TreatmentId,
};
use crate::db::schema::{care_team_members, session_clinicians, session_participants, sessions};
use crate::db::{Date, Instant, MultiBackend};
use crate::error::{Error, Result};
use crate::http::page::{Position, Window, windowed};
use crate::practices::model::StateCode;
use crate::seal::{Column, Compartment, Sealed};
use crate::{clients, practices};

pub(super) const EXCEPTION: Column =
    Column { table: "sessions", name: "exception", compartment: Compartment::Clinical };
pub(super) const CANCELLATION: Column =
    Column { table: "sessions", name: "cancellation", compartment: Compartment::Clinical };
/// Where somebody is that day is theirs alone.
const LOCATION: Column = Column {
    table: "session_participants",
    name: "location_state",
    compartment: Compartment::Client,
};

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = sessions, primary_key(practice_id, id), treat_none_as_null = true)]
pub(crate) struct Row {
    pub(super) practice_id: PracticeId,
    pub(crate) id: SessionId,
    pub(crate) treatment_id: TreatmentId,
    pub(crate) couple_id: Option<CoupleId>,
    pub(crate) client_id: Option<ClientId>,
    pub(crate) kind: SessionKind,
    pub(super) modality: SessionModality,
    pub(super) office_id: Option<OfficeId>,
    pub(crate) starts_at: Instant,
    pub(super) ends_at: Instant,
    pub(super) started_at: Option<Instant>,
    pub(super) ended_at: Option<Instant>,
    pub(super) status: SessionStatus,
    pub(super) exception: Option<Sealed<String>>,
    pub(super) cancellation: Option<Sealed<String>>,
    pub(super) rescheduled_to_id: Option<SessionId>,
    pub(super) version: i32,
    pub(super) created_at: Instant,
    pub(super) updated_at: Instant,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = session_participants, treat_none_as_default_value = false)]
struct PartRow {
    practice_id: PracticeId,
    id: SessionParticipantId,
    session_id: SessionId,
    client_id: ClientId,
    position: i32,
    attendance: Attendance,
    location_state: Option<Sealed<String>>,
}

#[derive(Debug, Queryable, Selectable, Insertable)]
#[expect(clippy::struct_field_names, reason = "the columns are called so")]
#[diesel(table_name = session_clinicians, treat_none_as_default_value = false)]
struct HolderRow {
    practice_id: PracticeId,
    session_id: SessionId,
    clinician_id: ClinicianId,
}

/// Somebody's part, opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(super) id: SessionParticipantId,
    pub(crate) client: ClientId,
    pub(super) attendance: Attendance,
    pub(super) state: Option<StateCode>,
}

/// The sessions that a caller may see: the one place that says so. Those of the treatments that they see;
/// clients see none here, what they see of their own is [`super::own`].
#[must_use]
pub fn visible(caller: &Caller) -> sessions::BoxedQuery<'_, MultiBackend> {
    let query = sessions::table.filter(sessions::practice_id.eq(caller.practice())).into_boxed();
    match caller.sight() {
        Sight::Practice => query,
        Sight::Caseloads(clinicians) => query.filter(
            sessions::treatment_id.eq_any(
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

/// One session.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: SessionId) -> Result<Session> {
    let row = find_row(tx, id)?;
    show(tx, vec![row])?.pop().ok_or_else(Error::not_found)
}

/// The row of a session.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub(crate) fn find_row(tx: &mut Tx<'_>, id: SessionId) -> Result<Row> {
    find_visible(tx, id)?.ok_or_else(Error::not_found)
}

/// The row of a session; none when the caller sees no such one.
///
/// # Errors
/// Those of the database.
pub(crate) fn find_visible(tx: &mut Tx<'_>, id: SessionId) -> Result<Option<Row>> {
    let query = visible(tx.caller).filter(sessions::id.eq(id));
    Ok(query.select(Row::as_select()).first(tx.conn).optional()?)
}

/// One page of sessions.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: SessionFilter,
    window: Window,
) -> Result<Vec<(Position, Session)>> {
    let practice = tx.practice();
    let mut query = visible(tx.caller);
    let week = filter.week_of.map(|day| week_of(tx, day)).transpose()?;
    for from in [filter.from, week.map(|week| week.0)].into_iter().flatten() {
        query = query.filter(sessions::starts_at.ge(from));
    }
    for until in [filter.until, week.map(|week| week.1)].into_iter().flatten() {
        query = query.filter(sessions::starts_at.lt(until));
    }
    if let Some(treatment) = filter.treatment_id {
        query = query.filter(sessions::treatment_id.eq(treatment));
    }
    if let Some(clinician) = filter.clinician_id {
        let held = session_clinicians::table
            .filter(session_clinicians::practice_id.eq(practice))
            .filter(session_clinicians::clinician_id.eq(clinician))
            .select(session_clinicians::session_id);
        query = query.filter(sessions::id.eq_any(held));
    }
    if let Some(couple) = filter.couple_id {
        query = query.filter(sessions::couple_id.eq(couple));
    }
    if let Some(client) = filter.client_id {
        let known = clients::store::visible_among(tx, vec![client])?;
        let theirs = session_participants::table
            .filter(session_participants::practice_id.eq(practice))
            .filter(session_participants::client_id.eq_any(known))
            .select(session_participants::session_id);
        query = query.filter(sessions::id.eq_any(theirs));
    }
    if let Some(kinds) = filter.kind {
        query = query.filter(sessions::kind.eq_any(kinds));
    }
    if let Some(statuses) = filter.status {
        query = query.filter(sessions::status.eq_any(statuses));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(sessions::updated_at.ge(since));
    }
    let rows: Vec<Row> =
        windowed!(query, sessions, window).select(Row::as_select()).load(tx.conn)?;
    let shown = show(tx, rows)?;
    Ok(shown.into_iter().map(|session| (session.position(), session)).collect())
}

/// From the Monday before this day to the next, on the practice's wall.
fn week_of(tx: &mut Tx<'_>, day: Date) -> Result<(Instant, Instant)> {
    let zone = practices::store::zone(&practices::store::timezone(tx)?)?;
    let monday = day.plus_days(-i32::from(day.0.weekday().to_monday_zero_offset()));
    let begins = |day: Date| -> Result<Instant> {
        let begins =
            day.0.to_zoned(zone.clone()).map_err(|_| Error::internal("a day has no beginning"));
        Ok(begins?.timestamp().into())
    };
    Ok((begins(monday)?, begins(monday.plus_days(7))?))
}

/// Writes a new session with its people.
pub(super) fn insert(
    tx: &mut Tx<'_>,
    row: Row,
    clinicians: &[ClinicianId],
    people: &[(ClientId, Option<StateCode>)],
) -> Result<Session> {
    let id = row.id;
    diesel::insert_into(sessions::table).values(row).execute(tx.conn)?;
    set_clinicians(tx, id, clinicians)?;
    for ((client, state), position) in people.iter().zip(1..) {
        let part: SessionParticipantId = tx.new_id();
        let row = PartRow {
            practice_id: tx.practice(),
            id: part,
            session_id: id,
            client_id: *client,
            position,
            attendance: Attendance::Expected,
            location_state: seal_state(tx, part, state.as_ref())?,
        };
        diesel::insert_into(session_participants::table).values(row).execute(tx.conn)?;
    }
    record(tx, &Change::of(Subject::Session(id), "created"))?;
    find(tx, id)
}

/// Writes a changed row with its record.
pub(super) fn save(
    tx: &mut Tx<'_>,
    mut row: Row,
    verb: &'static str,
    fields: &[&'static str],
) -> Result<Session> {
    row.version += 1;
    row.updated_at = tx.now;
    let id = row.id;
    diesel::update(sessions::table.find((tx.practice(), id))).set(&row).execute(tx.conn)?;
    record(tx, &Change { subject: Subject::Session(id), verb, fields })?;
    find(tx, id)
}

/// Puts these clinicians in the place of those of before.
pub(super) fn set_clinicians(
    tx: &mut Tx<'_>,
    session: SessionId,
    clinicians: &[ClinicianId],
) -> Result<()> {
    diesel::delete(
        session_clinicians::table
            .filter(session_clinicians::practice_id.eq(tx.practice()))
            .filter(session_clinicians::session_id.eq(session)),
    )
    .execute(tx.conn)?;
    let practice_id = tx.practice();
    let rows: Vec<HolderRow> = clinicians
        .iter()
        .map(|clinician| HolderRow { practice_id, session_id: session, clinician_id: *clinician })
        .collect();
    each!(tx.conn, conn => diesel::insert_into(session_clinicians::table).values(&rows).execute(conn))?;
    Ok(())
}

/// Writes what became of somebody's part.
pub(super) fn save_part(tx: &mut Tx<'_>, part: &Part) -> Result<()> {
    let state = seal_state(tx, part.id, part.state.as_ref())?;
    diesel::update(session_participants::table.find((tx.practice(), part.id)))
        .set((
            session_participants::attendance.eq(part.attendance),
            session_participants::location_state.eq(state),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn seal_state(
    tx: &Tx<'_>,
    part: SessionParticipantId,
    state: Option<&StateCode>,
) -> Result<Option<Sealed<String>>> {
    Ok(tx.keys.seal_opt(&LOCATION, part.uuid(), state.map(|state| &state.0))?)
}

/// Who takes part in these sessions, in the order in which they were named.
pub(crate) fn parts(
    tx: &mut Tx<'_>,
    sessions: &[SessionId],
) -> Result<BTreeMap<SessionId, Vec<Part>>> {
    let rows: Vec<PartRow> = session_participants::table
        .filter(session_participants::practice_id.eq(tx.practice()))
        .filter(session_participants::session_id.eq_any(sessions))
        .order((session_participants::session_id, session_participants::position))
        .select(PartRow::as_select())
        .load(tx.conn)?;
    let mut parts: BTreeMap<SessionId, Vec<Part>> = BTreeMap::new();
    for row in rows {
        let state = tx.keys.open_opt(&LOCATION, row.id.uuid(), row.location_state.as_ref())?;
        parts.entry(row.session_id).or_default().push(Part {
            id: row.id,
            client: row.client_id,
            attendance: row.attendance,
            state: state.map(StateCode),
        });
    }
    Ok(parts)
}

/// Who holds these sessions.
pub(super) fn holders(
    tx: &mut Tx<'_>,
    sessions: &[SessionId],
) -> Result<BTreeMap<SessionId, Vec<ClinicianId>>> {
    let rows: Vec<HolderRow> = session_clinicians::table
        .filter(session_clinicians::practice_id.eq(tx.practice()))
        .filter(session_clinicians::session_id.eq_any(sessions))
        .order((session_clinicians::session_id, session_clinicians::clinician_id))
        .select(HolderRow::as_select())
        .load(tx.conn)?;
    let mut holders: BTreeMap<SessionId, Vec<ClinicianId>> = BTreeMap::new();
    for row in rows {
        holders.entry(row.session_id).or_default().push(row.clinician_id);
    }
    Ok(holders)
}

fn show(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<Session>> {
    let ids: Vec<SessionId> = rows.iter().map(|row| row.id).collect();
    let (mut parts, mut holders) = (parts(tx, &ids)?, holders(tx, &ids)?);
    let shown = rows.into_iter().map(|row| {
        let parts = parts.remove(&row.id).unwrap_or_default();
        let holders = holders.remove(&row.id).unwrap_or_default();
        show_one(tx, row, parts, holders)
    });
    shown.collect()
}

fn show_one(
    tx: &Tx<'_>,
    row: Row,
    parts: Vec<Part>,
    clinician_ids: Vec<ClinicianId>,
) -> Result<Session> {
    let id = row.id.uuid();
    let participants = parts.into_iter().map(|part| SessionParticipant {
        client_id: part.client,
        attendance: part.attendance,
        location_state: part.state,
    });
    let from = row.started_at.unwrap_or(row.starts_at);
    Ok(Session {
        id: row.id,
        treatment_id: row.treatment_id,
        couple_id: row.couple_id,
        client_id: row.client_id,
        kind: row.kind,
        modality: row.modality,
        office_id: row.office_id,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
        minutes: minutes(from, row.ended_at.unwrap_or(row.ends_at)).max(1),
        status: row.status,
        clinician_ids,
        participants: participants.collect(),
        exception_reason: tx.keys.open_opt(&EXCEPTION, id, row.exception.as_ref())?,
        cancellation_reason: tx.keys.open_opt(&CANCELLATION, id, row.cancellation.as_ref())?,
        rescheduled_to_id: row.rescheduled_to_id,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
