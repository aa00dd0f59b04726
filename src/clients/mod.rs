//! Clients: the people in care.

mod fields;
pub mod model;
mod names;
pub mod store;
pub mod transitions;

use actix_web::{get, patch, post, put};

use self::model::{Client, ClientFilter, ClientPatch, NewClient};
use crate::auth::scopes::{ClientsRead, ClientsWrite, ProfileRead};
use crate::auth::{Access, Tx};
use crate::db::id::ClientId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_clients)
        .service(create_client)
        .service(get_client)
        .service(update_client)
        .service(put_client_by_external_id);
    transitions::routes(config);
}

/// List clients
///
/// Clinicians see the clients of their intake and of the care teams they are on, supervisors
/// also those of the clinicians they supervise; practice administrators and services see all.
/// `name` finds clients by the beginnings of their names, accents aside.
#[utoipa::path(
    tag = "clients",
    params(ClientFilter, Paging),
    responses((status = 200, description = "One page of clients", body = Page<Client>)),
    security(("token" = ["clients:read"])),
)]
#[get("/v1/clients")]
async fn list_clients(
    access: Access<ClientsRead>,
    listing: Listing<ClientFilter>,
) -> Result<Json<Page<Client>>> {
    access.list(listing, store::list).await
}

/// Create a client
///
/// A clinician who creates a client becomes their intake clinician, until a treatment with a
/// care team begins. Administrators and services name one, or leave it open.
#[utoipa::path(
    tag = "clients",
    request_body = NewClient,
    responses((status = 201, description = "The new client", body = Client)),
    security(("token" = ["clients:write"])),
)]
#[post("/v1/clients")]
async fn create_client(access: Access<ClientsWrite>, body: Body<NewClient>) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get a client
///
/// For staff and services who see the client, and for the client.
#[utoipa::path(
    tag = "clients",
    responses((status = 200, description = "The client", body = Client)),
    security(("token" = ["clients:read"]), ("token" = ["profile:read"])),
)]
#[get("/v1/clients/{client_id}")]
async fn get_client(
    access: Access<(ClientsRead, ProfileRead)>,
    At(id): At<ClientId>,
) -> Result<Json<Client>> {
    access.read(move |tx| store::find(tx, id)).await
}

/// Update a client
///
/// Changes the members that the patch names. For staff and services who see the client;
/// clients change their own profile at `/v1/me`.
#[utoipa::path(
    tag = "clients",
    request_body(content = ClientPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The client as it is now", body = Client)),
    security(("token" = ["clients:write"])),
)]
#[patch("/v1/clients/{client_id}")]
async fn update_client(
    access: Access<ClientsWrite>,
    At(id): At<ClientId>,
    body: Body<ClientPatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| store::update(tx, id, patch, if_match)).await
}

/// Create or replace a client by external id
///
/// For mirroring: makes the client, or replaces every field of the one that has this external
/// id. For practice administrators and services alone, who see every client, so that it tells
/// nobody of clients they cannot see.
#[utoipa::path(
    tag = "clients",
    request_body = NewClient,
    params(("external_id" = String, Path, min_length = 1, max_length = 128,
            description = "The client's id in the system that mirrors it")),
    responses(
        (status = 200, description = "The client, replaced", body = Client),
        (status = 201, description = "The client, created", body = Client),
    ),
    security(("token" = ["clients:write"])),
)]
#[put("/v1/clients/by-external-id/{external_id}")]
async fn put_client_by_external_id(
    access: Access<ClientsWrite>,
    At(external_id): At<String>,
    body: Body<NewClient>,
) -> Result<Answer> {
    let id = external_id.clone();
    let current = move |tx: &mut Tx<'_>| store::find_by_external_id(tx, &id);
    access.put(body, current, move |tx, new| store::put_by_external_id(tx, external_id, new)).await
}
