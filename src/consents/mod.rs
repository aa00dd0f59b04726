//! Consents: the documents that clients signed, their versions, and what was taken back.

pub mod model;
pub mod store;

use actix_web::{get, post};

use self::model::{Consent, ConsentFilter, NewConsent};
use crate::auth::Access;
use crate::auth::scopes::{ClientsRead, ClientsWrite, ProfileRead, ProfileWrite};
use crate::db::id::ConsentId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, NoBody, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_consents)
        .service(create_consent)
        .service(get_consent)
        .service(revoke_consent);
}

/// List consents
///
/// Staff and services see those of the clients they see; a client sees their own.
#[utoipa::path(
    tag = "consents",
    params(ConsentFilter, Paging),
    responses((status = 200, description = "One page of consents", body = Page<Consent>)),
    security(("token" = ["clients:read"]), ("token" = ["profile:read"])),
)]
#[get("/v1/consents")]
async fn list_consents(
    access: Access<(ClientsRead, ProfileRead)>,
    listing: Listing<ConsentFilter>,
) -> Result<Json<Page<Consent>>> {
    access.list(listing, store::list).await
}

/// Record a consent
///
/// Staff and services record a document that a client whom they see has signed; a client signs
/// for themself.
#[utoipa::path(
    tag = "consents",
    request_body = NewConsent,
    responses((status = 201, description = "The consent", body = Consent)),
    security(("token" = ["clients:write"]), ("token" = ["profile:write"])),
)]
#[post("/v1/consents")]
async fn create_consent(
    access: Access<(ClientsWrite, ProfileWrite)>,
    body: Body<NewConsent>,
) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get a consent
///
/// For staff and services who see its client, and for the client.
#[utoipa::path(
    tag = "consents",
    responses((status = 200, description = "The consent", body = Consent)),
    security(("token" = ["clients:read"]), ("token" = ["profile:read"])),
)]
#[get("/v1/consents/{consent_id}")]
async fn get_consent(
    access: Access<(ClientsRead, ProfileRead)>,
    At(id): At<ConsentId>,
) -> Result<Json<Consent>> {
    access.read(move |tx| store::find(tx, id)).await
}

/// Revoke a consent
///
/// It counts no longer, from the next request on, and stays on record. Revoking twice changes
/// nothing. For staff and services who see its client, and for the client, at any time and
/// without a reason.
#[utoipa::path(
    tag = "consents",
    responses((status = 200, description = "As it is now", body = Consent)),
    security(("token" = ["clients:write"]), ("token" = ["profile:write"])),
)]
#[post("/v1/consents/{consent_id}/revoke")]
async fn revoke_consent(
    access: Access<(ClientsWrite, ProfileWrite)>,
    At(id): At<ConsentId>,
    _: NoBody,
) -> Result<Answer> {
    access.act(move |tx| store::revoke(tx, id)).await
}
