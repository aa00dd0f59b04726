//! Psychotherapy notes (45 CFR 164.501), apart from everything else: a table, a key and a scope of their own,
//! and their author alone. Nothing else in this service asks that table.

pub mod hints;
pub mod model;
pub mod store;

use actix_web::{get, patch, post};

use self::model::{
    NewPsychotherapyNote, PsychotherapyNote, PsychotherapyNoteFilter, PsychotherapyNotePatch,
    PsychotherapyNoteSummary,
};
use crate::auth::Access;
use crate::auth::scopes::PsychotherapyOwn;
use crate::db::id::PsychotherapyNoteId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_psychotherapy_notes)
        .service(create_psychotherapy_note)
        .service(get_psychotherapy_note)
        .service(update_psychotherapy_note);
}

/// List psychotherapy notes
///
/// The caller's own, without their text. For clinicians.
#[utoipa::path(
    tag = "psychotherapy notes",
    params(PsychotherapyNoteFilter, Paging),
    responses((status = 200, description = "One page of notes", body = Page<PsychotherapyNoteSummary>)),
    security(("token" = ["psychotherapy:own"])),
)]
#[get("/v1/psychotherapy-notes")]
async fn list_psychotherapy_notes(
    access: Access<PsychotherapyOwn>,
    listing: Listing<PsychotherapyNoteFilter>,
) -> Result<Json<Page<PsychotherapyNoteSummary>>> {
    access.list(listing, store::list).await
}

/// Create a psychotherapy note
///
/// About a client or a couple whom the caller sees. Its author alone will ever read it; what belongs into the
/// record goes into a session note. For clinicians.
#[utoipa::path(
    tag = "psychotherapy notes",
    request_body = NewPsychotherapyNote,
    responses((status = 201, description = "The new note", body = PsychotherapyNote)),
    security(("token" = ["psychotherapy:own"])),
)]
#[post("/v1/psychotherapy-notes")]
async fn create_psychotherapy_note(
    access: Access<PsychotherapyOwn>,
    body: Body<NewPsychotherapyNote>,
) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get a psychotherapy note
///
/// With its text; that it was read is written down first. For its author.
#[utoipa::path(
    tag = "psychotherapy notes",
    responses((status = 200, description = "The note", body = PsychotherapyNote)),
    security(("token" = ["psychotherapy:own"])),
)]
#[get("/v1/psychotherapy-notes/{psychotherapy_note_id}")]
async fn get_psychotherapy_note(
    access: Access<PsychotherapyOwn>,
    At(id): At<PsychotherapyNoteId>,
) -> Result<Json<PsychotherapyNote>> {
    access.read_recorded(move |tx| store::read(tx, id)).await
}

/// Update a psychotherapy note
///
/// For its author.
#[utoipa::path(
    tag = "psychotherapy notes",
    request_body(content = PsychotherapyNotePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The note as it is now", body = PsychotherapyNote)),
    security(("token" = ["psychotherapy:own"])),
)]
#[patch("/v1/psychotherapy-notes/{psychotherapy_note_id}")]
async fn update_psychotherapy_note(
    access: Access<PsychotherapyOwn>,
    At(id): At<PsychotherapyNoteId>,
    body: Body<PsychotherapyNotePatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| store::update(tx, id, patch, if_match)).await
}
