//! Sessions: the appointment and, once it is held, the encounter.

mod book;
mod check;
pub mod model;
pub mod own;
pub mod store;
pub mod transitions;

use actix_web::{get, patch, post, put};

use self::model::{NewSession, Session, SessionFilter, SessionPatch, SetSessionParticipant};
use crate::auth::scopes::{SessionsRead, SessionsWrite};
use crate::auth::{Access, Tx};
use crate::db::id::{ClientId, SessionId};
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

pub use self::book::create;
pub use self::transitions::MACHINE;

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_sessions)
        .service(create_session)
        .service(get_session)
        .service(update_session)
        .service(set_session_participant)
        .configure(transitions::routes)
        .configure(own::routes);
}

/// List sessions
///
/// Clinicians see those of the treatments that they see; practice administrators and services see all.
#[utoipa::path(
    tag = "sessions",
    params(SessionFilter, Paging),
    responses((status = 200, description = "One page of sessions", body = Page<Session>)),
    security(("token" = ["sessions:read"])),
)]
#[get("/v1/sessions")]
async fn list_sessions(
    access: Access<SessionsRead>,
    listing: Listing<SessionFilter>,
) -> Result<Json<Page<Session>>> {
    access.list(listing, store::list).await
}

/// Create a session
///
/// Of a treatment that the caller sees. It is booked, unless it is only asked for; one that was held already
/// is recorded by completing it. A clinician holds one session at a time, and telehealth only where the
/// client is in a state in which they are licensed. For staff and services.
#[utoipa::path(
    tag = "sessions",
    request_body = NewSession,
    responses((status = 201, description = "The new session", body = Session)),
    security(("token" = ["sessions:write"])),
)]
#[post("/v1/sessions")]
async fn create_session(access: Access<SessionsWrite>, body: Body<NewSession>) -> Result<Answer> {
    access.create(body, book::create).await
}

/// Get a session
///
/// For staff and services who see it.
#[utoipa::path(
    tag = "sessions",
    responses((status = 200, description = "The session", body = Session)),
    security(("token" = ["sessions:read"])),
)]
#[get("/v1/sessions/{session_id}")]
async fn get_session(access: Access<SessionsRead>, At(id): At<SessionId>) -> Result<Json<Session>> {
    access.read(move |tx| store::find(tx, id)).await
}

/// Update a session
///
/// Changes the members that the patch names, until it is held or will not be. For staff and services who see
/// it.
#[utoipa::path(
    tag = "sessions",
    request_body(content = SessionPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The session as it is now", body = Session)),
    security(("token" = ["sessions:write"])),
)]
#[patch("/v1/sessions/{session_id}")]
async fn update_session(
    access: Access<SessionsWrite>,
    At(id): At<SessionId>,
    body: Body<SessionPatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| book::update(tx, id, patch, if_match)).await
}

/// Set somebody's part in a session
///
/// Whether they come or came, and in which state they are. No other participant learns of it. For staff and
/// services who see the session.
#[utoipa::path(
    tag = "sessions",
    request_body = SetSessionParticipant,
    responses((status = 200, description = "The session as it is now", body = Session)),
    security(("token" = ["sessions:write"])),
)]
#[put("/v1/sessions/{session_id}/participants/{client_id}")]
async fn set_session_participant(
    access: Access<SessionsWrite>,
    At((id, client)): At<(SessionId, ClientId)>,
    body: Body<SetSessionParticipant>,
) -> Result<Answer> {
    let current = move |tx: &mut Tx<'_>| store::find(tx, id).map(Some);
    let put = move |tx: &mut Tx<'_>, new| book::set_participant(tx, id, client, new);
    access.put(body, current, move |tx, new| Ok((false, put(tx, new)?))).await
}
