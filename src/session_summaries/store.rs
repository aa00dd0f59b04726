//! Queries on summaries. Every one of the clinicians' side starts from [`visible`].

use diesel::prelude::*;

use super::model::{
    NewSessionSummary, OwnSummary, PublishSummary, SessionSummary, SessionSummaryEntry,
    SessionSummaryFilter, SessionSummaryPatch, SummaryStatus,
};
use super::transitions::MACHINE;
use crate::audit::{Change, Subject, record, record_in_private};
use crate::auth::{Caller, Tx};
use crate::couples;
use crate::db::id::{
    AnyId, ClientId, ClinicianId, CoupleId, HoldId, PracticeId, SessionId, SessionSummaryId,
};
use crate::db::schema::{
    self, care_team_members, holds, session_participants, session_summaries as summaries, sessions,
};
use crate::db::{Instant, MultiBackend};
use crate::error::{Code, DbResultExt, Error, Fault, Result};
use crate::holds::model::{HoldKind, HoldStatus};
use crate::http::etag::IfMatch;
use crate::http::page::{NoFilter, Position, Window, windowed};
use crate::http::patch::set;
use crate::seal::{Column, Compartment, Sealed};
use crate::sessions::store as session_store;

/// What all members read is theirs together, what one reads theirs alone.
const TO_ALL: Column =
    Column { table: "session_summaries", name: "text", compartment: Compartment::Couple };
const TO_ONE: Column =
    Column { table: "session_summaries", name: "text", compartment: Compartment::Client };

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = summaries, primary_key(practice_id, id), treat_none_as_null = true)]
pub(super) struct Row {
    practice_id: PracticeId,
    id: SessionSummaryId,
    session_id: SessionId,
    couple_id: Option<CoupleId>,
    client_id: Option<ClientId>,
    author_id: ClinicianId,
    text: Sealed<String>,
    pub(super) status: SummaryStatus,
    published_at: Option<Instant>,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// The summaries that a caller may see here: those of sessions of the treatments on whose care team they are, or
/// somebody whom they supervise. What clients read is [`own`].
#[must_use]
pub fn visible(caller: &Caller) -> summaries::BoxedQuery<'_, MultiBackend> {
    let practice = caller.practice();
    let treated = care_team_members::table
        .filter(care_team_members::practice_id.eq(practice))
        .filter(care_team_members::clinician_id.eq_any(caller.caseloads()))
        .filter(care_team_members::to_on.is_null())
        .select(care_team_members::treatment_id);
    let held = sessions::table
        .filter(sessions::practice_id.eq(practice))
        .filter(sessions::treatment_id.eq_any(treated))
        .select(sessions::id);
    summaries::table
        .filter(summaries::practice_id.eq(practice))
        .filter(summaries::session_id.eq_any(held))
        .into_boxed()
}

pub(super) fn find_row(tx: &mut Tx<'_>, id: SessionSummaryId) -> Result<Row> {
    visible(tx.caller)
        .filter(summaries::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()
}

/// One summary, after it was written down that the caller reads it.
pub(super) fn read_row(tx: &mut Tx<'_>, id: SessionSummaryId) -> Result<Row> {
    let row = find_row(tx, id)?;
    record_in_private(tx, &Change::of(Subject::SessionSummary(id), "read"))?;
    Ok(row)
}

/// One summary with its text, after its reading was written down.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn read(tx: &mut Tx<'_>, id: SessionSummaryId) -> Result<SessionSummary> {
    let row = read_row(tx, id)?;
    show(tx, row)
}

fn find(tx: &mut Tx<'_>, id: SessionSummaryId) -> Result<SessionSummary> {
    let row = find_row(tx, id)?;
    show(tx, row)
}

/// One page of summaries, without their text.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: SessionSummaryFilter,
    window: Window,
) -> Result<Vec<(Position, SessionSummaryEntry)>> {
    let mut query = visible(tx.caller);
    if let Some(session) = filter.session_id {
        query = query.filter(summaries::session_id.eq(session));
    }
    if let Some(statuses) = filter.status {
        query = query.filter(summaries::status.eq_any(statuses));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(summaries::updated_at.ge(since));
    }
    let entries: Vec<SessionSummaryEntry> = windowed!(query, summaries, window)
        .select(SessionSummaryEntry::as_select())
        .load(tx.conn)?;
    Ok(entries.into_iter().map(|entry| (entry.position(), entry)).collect())
}

/// Begins a summary.
///
/// # Errors
/// 403 for who is no clinician, 422 for a session or client that does not fit.
pub fn create(tx: &mut Tx<'_>, new: NewSessionSummary) -> Result<SessionSummary> {
    let author = tx.caller.clinician().ok_or_else(|| {
        Error::new(Code::OwnerOnly, "Clinicians write summaries, and nobody else.")
    })?;
    let unknown = |at: &'static str| Error::invalid(vec![Fault::unknown_id(at)]);
    let session =
        session_store::find_visible(tx, new.session_id)?.ok_or_else(|| unknown("/session_id"))?;
    if !treats(tx, &session)? {
        let detail = "Whoever writes must be on the treatment's care team.";
        let fault = Fault::body("/session_id", "not_on_care_team", detail);
        return Err(Error::invalid(vec![fault]));
    }
    let parts = session_store::parts(tx, &[session.id])?.remove(&session.id).unwrap_or_default();
    let (couple_id, client_id) = match new.client_id {
        Some(one) if parts.iter().any(|part| part.client == one) => (None, Some(one)),
        Some(_) => return Err(unknown("/client_id")),
        None => (session.couple_id, session.client_id),
    };
    let id: SessionSummaryId = tx.new_id();
    let row = Row {
        practice_id: tx.practice(),
        id,
        session_id: session.id,
        couple_id,
        client_id,
        author_id: author,
        text: tx.keys.seal(column(couple_id), id.uuid(), &new.text)?,
        status: SummaryStatus::Draft,
        published_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(summaries::table).values(row).execute(tx.conn)?;
    record_in_private(tx, &Change::of(Subject::SessionSummary(id), "created"))?;
    find(tx, id)
}

/// True when the caller treats, or supervises who does, in the treatment of a session.
fn treats(tx: &mut Tx<'_>, session: &session_store::Row) -> Result<bool> {
    let found: Option<ClinicianId> = care_team_members::table
        .filter(care_team_members::practice_id.eq(tx.practice()))
        .filter(care_team_members::treatment_id.eq(session.treatment_id))
        .filter(care_team_members::clinician_id.eq_any(tx.caller.caseloads()))
        .filter(care_team_members::to_on.is_null())
        .select(care_team_members::clinician_id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// Changes what a draft says.
///
/// # Errors
/// 404, 409 for what is released, 412.
pub fn update(
    tx: &mut Tx<'_>,
    id: SessionSummaryId,
    patch: SessionSummaryPatch,
    if_match: &IfMatch,
) -> Result<SessionSummary> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut row = find_row(tx, id)?;
    if row.status != SummaryStatus::Draft {
        return Err(Error::invalid_transition(row.status.as_str(), MACHINE.allowed(row.status)));
    }
    let mut text = current.text.clone();
    if !set(&mut text, patch.text) {
        return Ok(current);
    }
    row.text = tx.keys.seal(column(row.couple_id), id.uuid(), &text)?;
    save(tx, row, "updated", &["text"])
}

/// Releases a summary to those for whom it is.
///
/// # Errors
/// 404, 409 while a hold asks for a second look.
pub fn publish(
    tx: &mut Tx<'_>,
    id: SessionSummaryId,
    wish: PublishSummary,
) -> Result<SessionSummary> {
    let mut row = find_row(tx, id)?;
    row.status = MACHINE.step(row.status, "publish")?;
    if let Some(couple) = row.couple_id
        && !wish.neutral
        && is_held(tx, couple)?
    {
        let detail = "A hold lies on what they do together: look whether every word is neutral.";
        let missing = Fault::body("/neutral", "neutral_required", detail);
        return Err(Error::requirements_missing(vec![missing]));
    }
    row.published_at = Some(tx.now);
    save(tx, row, "published", &["status"])
}

fn is_held(tx: &mut Tx<'_>, couple: CoupleId) -> Result<bool> {
    let found: Option<HoldId> = holds::table
        .filter(holds::practice_id.eq(tx.practice()))
        .filter(holds::couple_id.eq(couple))
        .filter(holds::kind.eq(HoldKind::Conjoint))
        .filter(holds::status.ne(HoldStatus::Lifted))
        .select(holds::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// Writes a changed row with its record: of what is released also an event.
pub(super) fn save(
    tx: &mut Tx<'_>,
    mut row: Row,
    verb: &'static str,
    fields: &[&'static str],
) -> Result<SessionSummary> {
    row.version += 1;
    row.updated_at = tx.now;
    let id = row.id;
    diesel::update(summaries::table.find((tx.practice(), id))).set(&row).execute(tx.conn)?;
    let change = Change { subject: Subject::SessionSummary(id), verb, fields };
    match row.status {
        SummaryStatus::Draft => record_in_private(tx, &change)?,
        _ => record(tx, &change)?,
    }
    find(tx, id)
}

fn column(couple: Option<CoupleId>) -> &'static Column {
    if couple.is_some() { &TO_ALL } else { &TO_ONE }
}

fn show(tx: &Tx<'_>, row: Row) -> Result<SessionSummary> {
    Ok(SessionSummary {
        text: tx.keys.open(column(row.couple_id), row.id.uuid(), &row.text)?,
        id: row.id,
        session_id: row.session_id,
        couple_id: row.couple_id,
        client_id: row.client_id,
        author_id: row.author_id,
        status: row.status,
        published_at: row.published_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// One page of what was released to the calling client, the earliest first: to them alone, or to all members of
/// a couple that they see, of a session in which they take part.
///
/// # Errors
/// Those of the database.
pub fn own(tx: &mut Tx<'_>, _: NoFilter, window: Window) -> Result<Vec<(Position, OwnSummary)>> {
    let own = tx.caller.client().ok_or_else(Error::not_found)?;
    let couples: Vec<CoupleId> =
        couples::store::visible(tx)?.select(schema::couples::id).load(tx.conn)?;
    let taking_part = session_participants::table
        .filter(session_participants::practice_id.eq(tx.practice()))
        .filter(session_participants::client_id.eq(own))
        .select(session_participants::session_id);
    let mut query = summaries::table
        .filter(summaries::practice_id.eq(tx.practice()))
        .filter(summaries::status.eq(SummaryStatus::Published))
        .filter(summaries::session_id.eq_any(taking_part))
        .filter(
            summaries::client_id
                .eq(own)
                .or(summaries::couple_id.eq_any(couples.into_iter().map(Some)))
                .assume_not_null(),
        )
        .into_boxed();
    if let Some(Position { at, id }) = window.after {
        let after = summaries::published_at.gt(at).assume_not_null();
        query = query
            .filter(summaries::published_at.ge(at))
            .filter(after.or(summaries::id.gt(AnyId::from_uuid(id))));
    }
    let rows: Vec<Row> = query
        .order((summaries::published_at, summaries::id))
        .limit(window.load)
        .select(Row::as_select())
        .load(tx.conn)?;
    let shown = rows.into_iter().map(|row| {
        let published_at = row.published_at.unwrap_or(Instant::from_micros(0));
        let summary = OwnSummary {
            session_id: row.session_id,
            for_all: row.couple_id.is_some(),
            text: tx.keys.open(column(row.couple_id), row.id.uuid(), &row.text)?,
            published_at,
        };
        Ok((Position { at: published_at, id: row.id.uuid() }, summary))
    });
    shown.collect()
}
