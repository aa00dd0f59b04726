//! Shared summaries: a word about a session for one client or for all members of the couple. It is all that
//! clients read of what clinicians write, and it is never made from notes or answers by itself.

pub mod model;
pub mod store;
pub mod transitions;

use actix_web::{get, patch, post};

use self::model::{
    NewSessionSummary, OwnSummary, SessionSummary, SessionSummaryEntry, SessionSummaryFilter,
    SessionSummaryPatch,
};
use crate::auth::Access;
use crate::auth::scopes::{CoupleRead, NotesRead, NotesWrite};
use crate::db::id::SessionSummaryId;
use crate::error::Result;
use crate::http::page::{Listing, NoFilter, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};
use crate::sessions::own::OneOrder;

pub use self::transitions::MACHINE;

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_session_summaries)
        .service(create_session_summary)
        .service(get_session_summary)
        .service(update_session_summary)
        .service(list_own_summaries)
        .configure(transitions::routes);
}

/// List session summaries
///
/// Without their text. For clinicians who treat and their supervisors.
#[utoipa::path(
    tag = "session summaries",
    params(SessionSummaryFilter, Paging),
    responses((status = 200, description = "One page of summaries", body = Page<SessionSummaryEntry>)),
    security(("token" = ["notes:read"])),
)]
#[get("/v1/session-summaries")]
async fn list_session_summaries(
    access: Access<NotesRead>,
    listing: Listing<SessionSummaryFilter>,
) -> Result<Json<Page<SessionSummaryEntry>>> {
    access.list(listing, store::list).await
}

/// Create a session summary
///
/// As a draft, for all members of the couple or for one participant. For clinicians who treat.
#[utoipa::path(
    tag = "session summaries",
    request_body = NewSessionSummary,
    responses((status = 201, description = "The new summary", body = SessionSummary)),
    security(("token" = ["notes:write"])),
)]
#[post("/v1/session-summaries")]
async fn create_session_summary(
    access: Access<NotesWrite>,
    body: Body<NewSessionSummary>,
) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get a session summary
///
/// With its text; that it was read is written down first. For clinicians who treat and their supervisors.
#[utoipa::path(
    tag = "session summaries",
    responses((status = 200, description = "The summary", body = SessionSummary)),
    security(("token" = ["notes:read"])),
)]
#[get("/v1/session-summaries/{session_summary_id}")]
async fn get_session_summary(
    access: Access<NotesRead>,
    At(id): At<SessionSummaryId>,
) -> Result<Json<SessionSummary>> {
    access.read_recorded(move |tx| store::read(tx, id)).await
}

/// Update a session summary
///
/// While it is a draft. For clinicians who treat and their supervisors.
#[utoipa::path(
    tag = "session summaries",
    request_body(content = SessionSummaryPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The summary as it is now", body = SessionSummary)),
    security(("token" = ["notes:write"])),
)]
#[patch("/v1/session-summaries/{session_summary_id}")]
async fn update_session_summary(
    access: Access<NotesWrite>,
    At(id): At<SessionSummaryId>,
    body: Body<SessionSummaryPatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| store::update(tx, id, patch, if_match)).await
}

/// List own summaries
///
/// What was released to the caller alone and to all members of their couple, the earliest first. For clients.
#[utoipa::path(
    tag = "session summaries",
    params(OneOrder),
    responses((status = 200, description = "One page of summaries", body = Page<OwnSummary>)),
    security(("token" = ["couple:read"])),
)]
#[get("/v1/me/summaries")]
async fn list_own_summaries(
    access: Access<CoupleRead>,
    listing: Listing<NoFilter>,
) -> Result<Json<Page<OwnSummary>>> {
    access.list(listing, store::own).await
}
