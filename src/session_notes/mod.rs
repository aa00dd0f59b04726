//! Session notes: the legal record of care. What was signed is never altered, and a reading of its text is
//! written down before the text is answered.

mod acts;
mod capabilities;
pub mod content;
pub mod model;
mod prefill;
mod quotes;
pub mod store;
pub mod templates;
pub mod transitions;
mod write;

use actix_web::{get, patch, post};

use self::model::{
    NewSessionNote, NoteHistory, SessionNote, SessionNoteFilter, SessionNotePatch,
    SessionNoteSummary,
};
use crate::auth::Access;
use crate::auth::scopes::{NotesRead, NotesWrite};
use crate::db::id::SessionNoteId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

pub use self::transitions::MACHINE;
pub use self::write::create;

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_session_notes)
        .service(create_session_note)
        .service(get_session_note)
        .service(update_session_note)
        .service(get_session_note_history)
        .configure(transitions::routes)
        .configure(templates::routes);
}

/// List session notes
///
/// Without their text. Clinicians see those of the treatments on whose care team they or those are whom they
/// supervise, and drafts that one of these writes; applications those that they have pushed in.
#[utoipa::path(
    tag = "session notes",
    params(SessionNoteFilter, Paging),
    responses((status = 200, description = "One page of notes", body = Page<SessionNoteSummary>)),
    security(("token" = ["notes:read"])),
)]
#[get("/v1/session-notes")]
async fn list_session_notes(
    access: Access<NotesRead>,
    listing: Listing<SessionNoteFilter>,
) -> Result<Json<Page<SessionNoteSummary>>> {
    access.list(listing, store::list).await
}

/// Create a session note
///
/// As a draft, of the couple's record or of one client's own. For clinicians of the care team, and for
/// applications that push a note in for one of them and read no text.
#[utoipa::path(
    tag = "session notes",
    request_body = NewSessionNote,
    responses((status = 201, description = "The new note", body = SessionNote)),
    security(("token" = ["notes:write"])),
)]
#[post("/v1/session-notes")]
async fn create_session_note(
    access: Access<NotesWrite>,
    body: Body<NewSessionNote>,
) -> Result<Answer> {
    access.create(body, write::create).await
}

/// Get a session note
///
/// With its text; that it was read is written down first. For clinicians who treat and their supervisors. An
/// application reads of what it has pushed in where it stands.
#[utoipa::path(
    tag = "session notes",
    responses((status = 200, description = "The note", body = SessionNote)),
    security(("token" = ["notes:read"])),
)]
#[get("/v1/session-notes/{session_note_id}")]
async fn get_session_note(
    access: Access<NotesRead>,
    At(id): At<SessionNoteId>,
) -> Result<Json<SessionNote>> {
    access.read_recorded(move |tx| store::read(tx, id)).await
}

/// Update a session note
///
/// While it is a draft: what an editor calls to keep what was typed. Somebody who has written on another device
/// meanwhile is told so by 412, and nothing is lost. For its author.
#[utoipa::path(
    tag = "session notes",
    request_body(content = SessionNotePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The note as it is now", body = SessionNote)),
    security(("token" = ["notes:write"])),
)]
#[patch("/v1/session-notes/{session_note_id}")]
async fn update_session_note(
    access: Access<NotesWrite>,
    At(id): At<SessionNoteId>,
    body: Body<SessionNotePatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| write::update(tx, id, patch, if_match)).await
}

/// Get the history of a session note
///
/// Everything that was signed, returned, added or withdrawn, with the text as it was; that it was read is
/// written down first. For clinicians who treat and their supervisors.
#[utoipa::path(
    tag = "session notes",
    responses((status = 200, description = "The history", body = NoteHistory)),
    security(("token" = ["notes:read"])),
)]
#[get("/v1/session-notes/{session_note_id}/history")]
async fn get_session_note_history(
    access: Access<NotesRead>,
    At(id): At<SessionNoteId>,
) -> Result<Json<NoteHistory>> {
    access.read_recorded(move |tx| acts::history(tx, id)).await
}
