//! The status of a note (`domain` 2.4.10), and the hands that move it.

use actix_web::post;

use super::acts::{self, Signed};
use super::capabilities::demand;
use super::model::{
    EnterNoteInError, NewAddendum, NoteAct, NoteAction, NoteStatus, ReturnNote, SessionNote,
    SignNote,
};
use super::store::{Row, find_row, open, save};
use crate::auth::scopes::{NotesCosign, NotesSign, NotesWrite};
use crate::auth::{Access, Tx};
use crate::clinicians;
use crate::db::id::SessionNoteId;
use crate::error::{Error, Fault, Result};
use crate::http::action::action;
use crate::http::{Answer, At, Body, Routes};
use crate::state::{Machine, Status, Transition};

use NoteStatus::{Amended, Discarded, Draft, EnteredInError, PendingCosign, Signed as Locked};

/// What is done with one note at the most, so that its history stays one answer.
const MOST_ACTS: i32 = 100;

impl Status for NoteStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a note's status. `sign` leads to `pending_cosign` where the author's notes need their
/// supervisor's signature; the table says `signed`.
pub const MACHINE: Machine<NoteStatus> = Machine(&[
    Transition { name: "sign", from: &[Draft], to: Locked },
    Transition { name: "discard", from: &[Draft], to: Discarded },
    Transition { name: "cosign", from: &[PendingCosign], to: Locked },
    Transition { name: "return", from: &[PendingCosign], to: Draft },
    Transition { name: "addenda", from: &[Locked, Amended], to: Amended },
    Transition { name: "enter-in-error", from: &[Locked, Amended], to: EnteredInError },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config
        .service(sign_session_note)
        .service(discard_session_note)
        .service(cosign_session_note)
        .service(return_session_note)
        .service(add_session_note_addendum)
        .service(enter_session_note_in_error);
}

/// Sign a session note
///
/// Locks it, or sends it to the author's supervisor, where their notes need a second signature. For its
/// author.
#[utoipa::path(
    tag = "session notes",
    request_body = SignNote,
    responses((status = 200, description = "As it is now", body = SessionNote)),
    security(("token" = ["notes:sign"])),
)]
#[post("/v1/session-notes/{session_note_id}/sign")]
async fn sign_session_note(
    access: Access<NotesSign>,
    At(id): At<SessionNoteId>,
    body: Body<SignNote>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| sign(tx, id, body)).await
}

action! {
    /// Discard a session note
    ///
    /// A draft that is not to be signed. For its author.
    discard_session_note "/v1/session-notes/{session_note_id}/discard", tag "session notes",
    scope "notes:write" NotesWrite, SessionNoteId => SessionNote, discard
}

/// Co-sign a session note
///
/// Locks it. For the supervisor of its author.
#[utoipa::path(
    tag = "session notes",
    request_body = SignNote,
    responses((status = 200, description = "As it is now", body = SessionNote)),
    security(("token" = ["notes:cosign"])),
)]
#[post("/v1/session-notes/{session_note_id}/cosign")]
async fn cosign_session_note(
    access: Access<NotesCosign>,
    At(id): At<SessionNoteId>,
    body: Body<SignNote>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| cosign(tx, id, body)).await
}

/// Return a session note
///
/// To its author, with a remark: it is a draft again, the next one. What was signed stays in its history. For
/// the supervisor of its author.
#[utoipa::path(
    tag = "session notes",
    request_body = ReturnNote,
    responses((status = 200, description = "As it is now", body = SessionNote)),
    security(("token" = ["notes:cosign"])),
)]
#[post("/v1/session-notes/{session_note_id}/return")]
async fn return_session_note(
    access: Access<NotesCosign>,
    At(id): At<SessionNoteId>,
    body: Body<ReturnNote>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| give_back(tx, id, body)).await
}

/// Add an addendum to a session note
///
/// Below what was signed, which stays as it is. It is signed as it is sent. For the note's author and their
/// supervisor.
#[utoipa::path(
    tag = "session notes",
    request_body = NewAddendum,
    responses((status = 201, description = "The note, with the addendum", body = SessionNote)),
    security(("token" = ["notes:sign"])),
)]
#[post("/v1/session-notes/{session_note_id}/addenda")]
async fn add_session_note_addendum(
    access: Access<NotesSign>,
    At(id): At<SessionNoteId>,
    body: Body<NewAddendum>,
) -> Result<Answer> {
    access.create(body, move |tx, body| amend(tx, id, body)).await
}

/// Enter a session note in error
///
/// It should not have been written. Readers are shown the reason in the place of its content, which stays in
/// its history. For its author and their supervisor.
#[utoipa::path(
    tag = "session notes",
    request_body = EnterNoteInError,
    responses((status = 200, description = "As it is now", body = SessionNote)),
    security(("token" = ["notes:sign"])),
)]
#[post("/v1/session-notes/{session_note_id}/enter-in-error")]
async fn enter_session_note_in_error(
    access: Access<NotesSign>,
    At(id): At<SessionNoteId>,
    body: Body<EnterNoteInError>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| enter_in_error(tx, id, body)).await
}

/// Signs a note.
///
/// # Errors
/// 403, 404, 409 for a status that does not allow it, or a note that says nothing.
pub fn sign(tx: &mut Tx<'_>, id: SessionNoteId, wish: SignNote) -> Result<SessionNote> {
    let mut row = find_row(tx, id)?;
    demand(tx, &row, NoteAction::Sign)?;
    let note = open(tx, &row)?;
    let author = clinicians::store::find(tx, row.author_id)?;
    let mut missing = Vec::new();
    if note.sections.is_empty() {
        missing.push(Fault::body("/sections", "required", "A note that is signed says something."));
    }
    if author.requires_cosign && author.supervisor_id.is_none() {
        let detail = "The author's notes need a second signature, and nobody supervises them.";
        missing.push(Fault::body("/author_id", "supervisor_required", detail));
    }
    demand_room(tx, &row, &mut missing)?;
    if !missing.is_empty() {
        return Err(Error::requirements_missing(missing));
    }
    row.status = MACHINE.step(row.status, "sign")?;
    if author.requires_cosign {
        row.status = PendingCosign;
    }
    row.content_hash = Some(acts::hash(tx, id, &note)?);
    row.signed_at = Some(tx.now);
    acts::add(tx, &row, NoteAct::Signed, None, Signed { note, text: None }, wish.typed_name)?;
    save(tx, row, "signed", &["status"])
}

fn discard(tx: &mut Tx<'_>, id: SessionNoteId) -> Result<SessionNote> {
    let mut row = find_row(tx, id)?;
    demand(tx, &row, NoteAction::Discard)?;
    row.status = MACHINE.step(row.status, "discard")?;
    save(tx, row, "discarded", &["status"])
}

/// Signs a note for the second time.
///
/// # Errors
/// 403, 404, 409.
pub fn cosign(tx: &mut Tx<'_>, id: SessionNoteId, wish: SignNote) -> Result<SessionNote> {
    let mut row = find_row(tx, id)?;
    demand(tx, &row, NoteAction::Cosign)?;
    row.status = MACHINE.step(row.status, "cosign")?;
    let note = open(tx, &row)?;
    acts::add(tx, &row, NoteAct::Cosigned, None, Signed { note, text: None }, wish.typed_name)?;
    save(tx, row, "cosigned", &["status"])
}

fn give_back(tx: &mut Tx<'_>, id: SessionNoteId, wish: ReturnNote) -> Result<SessionNote> {
    let mut row = find_row(tx, id)?;
    demand(tx, &row, NoteAction::Return)?;
    row.status = MACHINE.step(row.status, "return")?;
    let signed = Signed { note: open(tx, &row)?, text: Some(wish.remark) };
    acts::add(tx, &row, NoteAct::Returned, None, signed, String::new())?;
    row.draft_no += 1;
    row.content_hash = None;
    row.signed_at = None;
    save(tx, row, "returned", &["status"])
}

/// Adds an addendum.
///
/// # Errors
/// 403, 404, 409.
pub fn amend(tx: &mut Tx<'_>, id: SessionNoteId, new: NewAddendum) -> Result<SessionNote> {
    let mut row = find_row(tx, id)?;
    demand(tx, &row, NoteAction::AddAddendum)?;
    let mut missing = Vec::new();
    demand_room(tx, &row, &mut missing)?;
    if !missing.is_empty() {
        return Err(Error::requirements_missing(missing));
    }
    row.status = MACHINE.step(row.status, "addenda")?;
    let signed = Signed { note: open(tx, &row)?, text: Some(new.text) };
    acts::add(tx, &row, NoteAct::Amended, Some(new.reason), signed, new.typed_name)?;
    save(tx, row, "amended", &["addenda"])
}

/// Marks a note as one that should not have been written.
///
/// # Errors
/// 403, 404, 409.
pub fn enter_in_error(
    tx: &mut Tx<'_>,
    id: SessionNoteId,
    wish: EnterNoteInError,
) -> Result<SessionNote> {
    let mut row = find_row(tx, id)?;
    demand(tx, &row, NoteAction::EnterInError)?;
    row.status = MACHINE.step(row.status, "enter-in-error")?;
    let signed = Signed { note: open(tx, &row)?, text: Some(wish.reason) };
    acts::add(tx, &row, NoteAct::EnteredInError, None, signed, String::new())?;
    save(tx, row, "entered_in_error", &["status"])
}

fn demand_room(tx: &mut Tx<'_>, row: &Row, missing: &mut Vec<Fault>) -> Result<()> {
    if acts::count(tx, row.id)? >= MOST_ACTS {
        let detail = "So much was done with this note that another one is to be written.";
        missing.push(Fault::body("", "too_many", detail));
    }
    Ok(())
}
