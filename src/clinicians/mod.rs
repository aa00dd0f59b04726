//! Clinicians: the people who treat.

pub mod licenses;
pub mod model;
pub mod store;

use actix_web::{get, patch, post};

use self::model::{Clinician, ClinicianFilter, ClinicianPatch, NewClinician};
use crate::auth::Access;
use crate::auth::scopes::{PracticeAdmin, PracticeRead};
use crate::db::id::ClinicianId;
use crate::error::Result;
use crate::http::action::action;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_clinicians)
        .service(create_clinician)
        .service(get_clinician)
        .service(update_clinician)
        .service(archive_clinician)
        .service(restore_clinician)
        .configure(licenses::routes);
}

/// List clinicians
///
/// For staff and services.
#[utoipa::path(
    tag = "clinicians",
    params(ClinicianFilter, Paging),
    responses((status = 200, description = "One page of clinicians", body = Page<Clinician>)),
    security(("token" = ["practice:read"])),
)]
#[get("/v1/clinicians")]
async fn list_clinicians(
    access: Access<PracticeRead>,
    listing: Listing<ClinicianFilter>,
) -> Result<Json<Page<Clinician>>> {
    access.list(listing, store::list).await
}

/// Create a clinician
///
/// Their login is made with `POST /v1/users`. For practice administrators, and services that
/// they allow.
#[utoipa::path(
    tag = "clinicians",
    request_body = NewClinician,
    responses((status = 201, description = "The new clinician", body = Clinician)),
    security(("token" = ["practice:admin"])),
)]
#[post("/v1/clinicians")]
async fn create_clinician(
    access: Access<PracticeAdmin>,
    body: Body<NewClinician>,
) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get a clinician
///
/// For staff and services.
#[utoipa::path(
    tag = "clinicians",
    responses((status = 200, description = "The clinician", body = Clinician)),
    security(("token" = ["practice:read"])),
)]
#[get("/v1/clinicians/{clinician_id}")]
async fn get_clinician(
    access: Access<PracticeRead>,
    At(id): At<ClinicianId>,
) -> Result<Json<Clinician>> {
    access.read(move |tx| store::find(tx, id)).await
}

/// Update a clinician
///
/// Changes the members that the patch names. A change of `supervisor_id` changes what the
/// supervisor sees from the next request on. For practice administrators, and services that
/// they allow.
#[utoipa::path(
    tag = "clinicians",
    request_body(content = ClinicianPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The clinician as they are now", body = Clinician)),
    security(("token" = ["practice:admin"])),
)]
#[patch("/v1/clinicians/{clinician_id}")]
async fn update_clinician(
    access: Access<PracticeAdmin>,
    At(id): At<ClinicianId>,
    body: Body<ClinicianPatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| store::update(tx, id, patch, if_match)).await
}

action! {
    /// Archive a clinician
    ///
    /// For one who has left: they can no longer be put on care teams. Their present caseload
    /// and their login are ended apart from this. Archiving twice changes nothing. For
    /// practice administrators, and services that they allow.
    archive_clinician "/v1/clinicians/{clinician_id}/archive", tag "clinicians",
    scope "practice:admin" PracticeAdmin, ClinicianId => Clinician,
    |tx, id| store::set_archived(tx, id, true)
}

action! {
    /// Restore a clinician
    ///
    /// For one who has come back. For practice administrators, and services that they allow.
    restore_clinician "/v1/clinicians/{clinician_id}/restore", tag "clinicians",
    scope "practice:admin" PracticeAdmin, ClinicianId => Clinician,
    |tx, id| store::set_archived(tx, id, false)
}
