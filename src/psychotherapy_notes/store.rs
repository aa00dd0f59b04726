//! Queries on psychotherapy notes. Every one starts from `own`: there is no other way to them.

use diesel::prelude::*;

use super::hints;
use super::model::{
    NewPsychotherapyNote, PsychotherapyNote, PsychotherapyNoteFilter, PsychotherapyNotePatch,
    PsychotherapyNoteSummary,
};
use crate::audit::{Change, Subject, record_in_private};
use crate::auth::Tx;
use crate::db::id::{ClientId, ClinicianId, CoupleId, PracticeId, PsychotherapyNoteId};
use crate::db::schema::psychotherapy_notes as notes;
use crate::db::{Instant, MultiBackend};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::http::page::{Position, Window, windowed};
use crate::http::patch::set;
use crate::seal::{Column, Compartment, Sealed};
use crate::{clients, couples};

/// Under a key of its own: whoever has that of the session notes does not open it.
const TEXT: Column =
    Column { table: "psychotherapy_notes", name: "text", compartment: Compartment::Psychotherapy };

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = notes, primary_key(practice_id, id), treat_none_as_null = true)]
pub(super) struct Row {
    practice_id: PracticeId,
    id: PsychotherapyNoteId,
    author_id: ClinicianId,
    client_id: Option<ClientId>,
    couple_id: Option<CoupleId>,
    text: Sealed<String>,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// The caller's own notes: no supervisor, no colleague, no administrator and no application has any.
///
/// # Errors
/// 404 for who is no clinician.
fn own(tx: &Tx<'_>) -> Result<notes::BoxedQuery<'static, MultiBackend>> {
    let author = tx.caller.clinician().ok_or_else(Error::not_found)?;
    Ok(notes::table
        .filter(notes::practice_id.eq(tx.practice()))
        .filter(notes::author_id.eq(author))
        .into_boxed())
}

fn find_row(tx: &mut Tx<'_>, id: PsychotherapyNoteId) -> Result<Row> {
    own(tx)?.filter(notes::id.eq(id)).select(Row::as_select()).first(tx.conn).or_not_found()
}

/// One note with its text, after its reading was written down.
///
/// # Errors
/// 404 when the caller has written no such one.
pub fn read(tx: &mut Tx<'_>, id: PsychotherapyNoteId) -> Result<PsychotherapyNote> {
    let row = read_row(tx, id)?;
    show(tx, row)
}

/// One note, after it was written down that its author reads it.
pub(super) fn read_row(tx: &mut Tx<'_>, id: PsychotherapyNoteId) -> Result<Row> {
    let row = find_row(tx, id)?;
    record_in_private(tx, &Change::of(Subject::PsychotherapyNote(id), "read"))?;
    Ok(row)
}

fn find(tx: &mut Tx<'_>, id: PsychotherapyNoteId) -> Result<PsychotherapyNote> {
    let row = find_row(tx, id)?;
    show(tx, row)
}

/// One page of the caller's own notes, without their text.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: PsychotherapyNoteFilter,
    window: Window,
) -> Result<Vec<(Position, PsychotherapyNoteSummary)>> {
    let mut query = own(tx)?;
    if let Some(client) = filter.client_id {
        if clients::store::visible_among(tx, vec![client])?.is_empty() {
            return Ok(Vec::new());
        }
        query = query.filter(notes::client_id.eq(client));
    }
    if let Some(couple) = filter.couple_id {
        if couples::store::visible_among(tx, vec![couple])?.is_empty() {
            return Ok(Vec::new());
        }
        query = query.filter(notes::couple_id.eq(couple));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(notes::updated_at.ge(since));
    }
    let shown: Vec<PsychotherapyNoteSummary> = windowed!(query, notes, window)
        .select(PsychotherapyNoteSummary::as_select())
        .load(tx.conn)?;
    Ok(shown.into_iter().map(|note| (note.position(), note)).collect())
}

/// Writes a note down. Nothing else tells of it: no event, no list, no count.
///
/// # Errors
/// 422 for whom the caller does not see.
pub fn create(tx: &mut Tx<'_>, new: NewPsychotherapyNote) -> Result<PsychotherapyNote> {
    let author = tx.caller.clinician().ok_or_else(Error::not_found)?;
    Error::unless_valid(faults(tx, &new)?)?;
    let id: PsychotherapyNoteId = tx.new_id();
    let row = Row {
        practice_id: tx.practice(),
        id,
        author_id: author,
        client_id: new.client_id,
        couple_id: new.couple_id,
        text: tx.keys.seal(&TEXT, id.uuid(), &new.text)?,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(notes::table).values(row).execute(tx.conn)?;
    record_in_private(tx, &Change::of(Subject::PsychotherapyNote(id), "created"))?;
    find(tx, id)
}

fn faults(tx: &mut Tx<'_>, new: &NewPsychotherapyNote) -> Result<Vec<Fault>> {
    Ok(match (new.client_id, new.couple_id) {
        (Some(client), None) if !clients::store::is_visible(tx, client)? => {
            vec![Fault::unknown_id("/client_id")]
        }
        (None, Some(couple)) if !couples::store::is_visible(tx, couple)? => {
            vec![Fault::unknown_id("/couple_id")]
        }
        (Some(_), Some(_)) => {
            let detail = "Name a client or a couple, not both.";
            vec![Fault::body("/couple_id", "not_permitted", detail)]
        }
        (None, None) => vec![Fault::body("/client_id", "required", "Name a client or a couple.")],
        _ => Vec::new(),
    })
}

/// Changes what a note says.
///
/// # Errors
/// 404, 412.
pub fn update(
    tx: &mut Tx<'_>,
    id: PsychotherapyNoteId,
    patch: PsychotherapyNotePatch,
    if_match: &IfMatch,
) -> Result<PsychotherapyNote> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut text = current.text.clone();
    if !set(&mut text, patch.text) {
        return Ok(current);
    }
    let mut row = find_row(tx, id)?;
    row.text = tx.keys.seal(&TEXT, id.uuid(), &text)?;
    row.version += 1;
    row.updated_at = tx.now;
    diesel::update(notes::table.find((tx.practice(), id))).set(&row).execute(tx.conn)?;
    let subject = Subject::PsychotherapyNote(id);
    record_in_private(tx, &Change { subject, verb: "updated", fields: &["text"] })?;
    find(tx, id)
}

fn show(tx: &Tx<'_>, row: Row) -> Result<PsychotherapyNote> {
    let text = tx.keys.open(&TEXT, row.id.uuid(), &row.text)?;
    Ok(PsychotherapyNote {
        id: row.id,
        author_id: row.author_id,
        client_id: row.client_id,
        couple_id: row.couple_id,
        hints: hints::of(&text),
        text,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
