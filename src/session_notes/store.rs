//! Queries on session notes. Every one starts from [`visible`].

use diesel::prelude::*;

use super::acts::{self, Done};
use super::capabilities;
use super::content::{Content, NoteFormat};
use super::model::{NoteStatus, SessionNote, SessionNoteFilter, SessionNoteSummary};
use crate::audit::{Change, Subject, record, record_in_private};
use crate::auth::{Actor, Caller, Tx};
use crate::db::id::{
    AppId, ClientId, ClinicianId, CoupleId, PracticeId, SessionId, SessionNoteId, TreatmentId,
};
use crate::db::schema::{care_team_members, session_notes};
use crate::db::{Instant, Keep, MultiBackend};
use crate::error::{DbResultExt, Error, Result};
use crate::http::page::{Position, Window, windowed};
use crate::seal::{Column, Compartment, Sealed, SealedJson};
use crate::{clients, couples};

const CONTENT: Column =
    Column { table: "session_notes", name: "content", compartment: Compartment::Clinical };

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = session_notes, primary_key(practice_id, id), treat_none_as_null = true)]
pub(crate) struct Row {
    pub(super) practice_id: PracticeId,
    pub(crate) id: SessionNoteId,
    pub(super) treatment_id: TreatmentId,
    pub(super) session_id: Option<SessionId>,
    pub(super) couple_id: Option<CoupleId>,
    pub(super) client_id: Option<ClientId>,
    pub(super) author_id: ClinicianId,
    pub(super) app_id: Option<AppId>,
    pub(super) format: NoteFormat,
    pub(super) status: NoteStatus,
    pub(super) draft_no: i32,
    pub(super) content: Sealed<SealedJson<Content>>,
    pub(super) content_hash: Option<Vec<u8>>,
    pub(super) signed_at: Option<Instant>,
    pub(super) version: i32,
    pub(super) created_at: Instant,
    pub(super) updated_at: Instant,
}

/// The notes that a caller may see: the one place that says so.
///
/// Those of the treatments on whose care team the caller is, or somebody whom they supervise; of drafts those
/// alone that one of these writes. That somebody administers the practice opens none. An application sees
/// that there are the notes that it has pushed in, and no text.
#[must_use]
pub fn visible(caller: &Caller) -> session_notes::BoxedQuery<'_, MultiBackend> {
    let practice = caller.practice();
    let query = session_notes::table.filter(session_notes::practice_id.eq(practice)).into_boxed();
    if let Actor::Service { app } = caller.actor() {
        return query.filter(session_notes::app_id.eq(*app));
    }
    let own = caller.caseloads();
    let treated = care_team_members::table
        .filter(care_team_members::practice_id.eq(practice))
        .filter(care_team_members::clinician_id.eq_any(own))
        .filter(care_team_members::to_on.is_null())
        .select(care_team_members::treatment_id);
    let begun = [NoteStatus::Draft, NoteStatus::Discarded];
    query
        .filter(session_notes::treatment_id.eq_any(treated))
        .filter(session_notes::status.ne_all(begun).or(session_notes::author_id.eq_any(own)))
}

/// One note with its text, after its reading was written down: a read that cannot be recorded is not
/// answered.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn read(tx: &mut Tx<'_>, id: SessionNoteId) -> Result<SessionNote> {
    let row = read_row(tx, id)?;
    show(tx, row)
}

/// One note, after it was written down that the caller reads its text.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub(super) fn read_row(tx: &mut Tx<'_>, id: SessionNoteId) -> Result<Row> {
    let row = find_row(tx, id)?;
    if tx.caller.clinician().is_some() {
        record_in_private(tx, &Change::of(Subject::SessionNote(id), "read"))?;
    }
    Ok(row)
}

/// One note as it lies there, its text sealed.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub(super) fn find_row(tx: &mut Tx<'_>, id: SessionNoteId) -> Result<Row> {
    visible(tx.caller)
        .filter(session_notes::id.eq(id))
        .select(Row::as_select())
        .kept()
        .first(tx.conn)
        .or_not_found()
}

/// One page of notes, without their text.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: SessionNoteFilter,
    window: Window,
) -> Result<Vec<(Position, SessionNoteSummary)>> {
    let mut query = visible(tx.caller);
    if let Some(treatment) = filter.treatment_id {
        query = query.filter(session_notes::treatment_id.eq(treatment));
    }
    if let Some(session) = filter.session_id {
        query = query.filter(session_notes::session_id.eq(session));
    }
    if let Some(couple) = filter.couple_id {
        if couples::store::visible_among(tx, vec![couple])?.is_empty() {
            return Ok(Vec::new());
        }
        query = query.filter(session_notes::couple_id.eq(couple));
    }
    if let Some(client) = filter.client_id {
        if clients::store::visible_among(tx, vec![client])?.is_empty() {
            return Ok(Vec::new());
        }
        query = query.filter(session_notes::client_id.eq(client));
    }
    if let Some(author) = filter.author_id {
        query = query.filter(session_notes::author_id.eq(author));
    }
    if let Some(statuses) = filter.status {
        query = query.filter(session_notes::status.eq_any(statuses));
    }
    if let Some(since) = filter.created_since {
        query = query.filter(session_notes::created_at.ge(since));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(session_notes::updated_at.ge(since));
    }
    let notes: Vec<SessionNoteSummary> = windowed!(query, session_notes, window)
        .select(SessionNoteSummary::as_select())
        .load(tx.conn)?;
    Ok(notes.into_iter().map(|note| (note.position(), note)).collect())
}

/// Writes a new draft. That somebody has begun one is no event.
pub(super) fn insert(tx: &mut Tx<'_>, row: Row) -> Result<SessionNote> {
    let id = row.id;
    diesel::insert_into(session_notes::table)
        .values(&row)
        .execute(tx.conn)
        .on_duplicate("There is a note of this session for this record already.")?;
    record_in_private(tx, &Change::of(Subject::SessionNote(id), "created"))?;
    show(tx, row)
}

/// Writes a changed row with its record: of what is signed also an event, of a draft none.
pub(super) fn save(
    tx: &mut Tx<'_>,
    mut row: Row,
    verb: &'static str,
    fields: &[&'static str],
) -> Result<SessionNote> {
    row.version += 1;
    row.updated_at = tx.now;
    let id = row.id;
    let note = session_notes::table.find((tx.practice(), id));
    diesel::update(note).set(&row).execute_kept(tx.conn)?;
    let change = Change { subject: Subject::SessionNote(id), verb, fields };
    match row.status {
        NoteStatus::Draft | NoteStatus::Discarded => record_in_private(tx, &change)?,
        _ => record(tx, &change)?,
    }
    show(tx, row)
}

pub(super) fn seal(
    tx: &Tx<'_>,
    id: SessionNoteId,
    content: &Content,
) -> Result<Sealed<SealedJson<Content>>> {
    Ok(tx.keys.seal(&CONTENT, id.uuid(), &SealedJson(content.clone()))?)
}

pub(super) fn open(tx: &Tx<'_>, row: &Row) -> Result<Content> {
    Ok(tx.keys.open(&CONTENT, row.id.uuid(), &row.content)?.0)
}

/// Whoever is no clinician reads no text, not even what they have sent themselves.
pub(super) fn show(tx: &mut Tx<'_>, row: Row) -> Result<SessionNote> {
    let reads = tx.caller.clinician().is_some();
    let done = if reads { acts::of(tx, row.id)? } else { Vec::new() };
    let in_error = row.status == NoteStatus::EnteredInError;
    let content = if reads && !in_error { open(tx, &row)? } else { Content::default() };
    let capabilities = capabilities::of(tx, &row)?;
    let Done { signatures, addenda, return_remark, error_reason } = acts::standing(&row, done);
    Ok(SessionNote {
        id: row.id,
        treatment_id: row.treatment_id,
        session_id: row.session_id,
        couple_id: row.couple_id,
        client_id: row.client_id,
        author_id: row.author_id,
        format: row.format,
        status: row.status,
        draft_no: row.draft_no,
        sections: content.sections,
        quotes: content.quotes,
        homework: content.homework,
        risk_reviewed: content.risk_reviewed,
        content_hash: row.content_hash.as_deref().map(acts::hex),
        signatures,
        addenda,
        return_remark,
        error_reason,
        capabilities,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

/// 403 for who is no clinician.
pub(super) fn demand_clinician(tx: &Tx<'_>) -> Result<ClinicianId> {
    tx.caller.clinician().ok_or_else(|| {
        Error::new(crate::error::Code::OwnerOnly, "Clinicians write notes, and nobody else.")
    })
}
