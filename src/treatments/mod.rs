//! Treatments: the care of a couple or of one client, and the team that gives it.

pub mod care_team;
pub mod model;
pub mod store;
pub mod transitions;

use actix_web::{get, patch, post};

use self::model::{NewTreatment, Treatment, TreatmentFilter, TreatmentPatch};
use crate::auth::Access;
use crate::auth::scopes::{TreatmentsRead, TreatmentsWrite};
use crate::db::id::TreatmentId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_treatments)
        .service(create_treatment)
        .service(get_treatment)
        .service(update_treatment);
    transitions::routes(config);
    care_team::routes(config);
}

/// List treatments
///
/// Clinicians see the treatments on whose care team they are, supervisors also those of the
/// clinicians they supervise; practice administrators and services see all.
#[utoipa::path(
    tag = "treatments",
    params(TreatmentFilter, Paging),
    responses((status = 200, description = "One page of treatments", body = Page<Treatment>)),
    security(("token" = ["treatments:read"])),
)]
#[get("/v1/treatments")]
async fn list_treatments(
    access: Access<TreatmentsRead>,
    listing: Listing<TreatmentFilter>,
) -> Result<Json<Page<Treatment>>> {
    access.list(listing, store::list).await
}

/// Create a treatment
///
/// Of a couple or of one client whom the caller sees, with its care team. A clinician who
/// names no team becomes its primary clinician. The team's access replaces that of the intake.
#[utoipa::path(
    tag = "treatments",
    request_body = NewTreatment,
    responses((status = 201, description = "The new treatment", body = Treatment)),
    security(("token" = ["treatments:write"])),
)]
#[post("/v1/treatments")]
async fn create_treatment(
    access: Access<TreatmentsWrite>,
    body: Body<NewTreatment>,
) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get a treatment
///
/// For staff and services who see it.
#[utoipa::path(
    tag = "treatments",
    responses((status = 200, description = "The treatment", body = Treatment)),
    security(("token" = ["treatments:read"])),
)]
#[get("/v1/treatments/{treatment_id}")]
async fn get_treatment(
    access: Access<TreatmentsRead>,
    At(id): At<TreatmentId>,
) -> Result<Json<Treatment>> {
    access.read(move |tx| store::find(tx, id)).await
}

/// Update a treatment
///
/// Changes the members that the patch names. For staff and services who see it.
#[utoipa::path(
    tag = "treatments",
    request_body(content = TreatmentPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The treatment as it is now", body = Treatment)),
    security(("token" = ["treatments:write"])),
)]
#[patch("/v1/treatments/{treatment_id}")]
async fn update_treatment(
    access: Access<TreatmentsWrite>,
    At(id): At<TreatmentId>,
    body: Body<TreatmentPatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| store::update(tx, id, patch, if_match)).await
}
