//! Occurrences: each time that an exercise is to be done, made ahead from its schedule.

pub mod excusals;
pub(crate) mod making;
pub mod model;
pub mod plan;
pub(crate) mod rests;
pub mod store;

use actix_web::{get, post};

use self::model::{ExcuseOccurrence, Occurrence, OccurrenceFilter, ReinstateOccurrence};
use crate::auth::Access;
use crate::auth::scopes::{HomeworkAssign, HomeworkOwn, HomeworkRead, HomeworkSubmit};
use crate::db::id::AssignmentId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(list_occurrences).service(excuse_occurrence).service(reinstate_occurrence);
}

/// List the occurrences of an assignment
///
/// In the order of their days, whatever the sort is called, up to four weeks ahead. For staff and services who
/// see its couple or client, who read how far all have come; and for its participants, who read where they
/// stand themselves.
#[utoipa::path(
    tag = "assignments",
    params(OccurrenceFilter, Paging),
    responses((status = 200, description = "One page of occurrences", body = Page<Occurrence>)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/assignments/{assignment_id}/occurrences")]
async fn list_occurrences(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    At(id): At<AssignmentId>,
    listing: Listing<OccurrenceFilter>,
) -> Result<Json<Page<Occurrence>>> {
    access.list(listing, move |tx, filter, window| store::list(tx, id, &filter, window)).await
}

/// Excuse an occurrence
///
/// It no longer counts, for anybody, and nobody is asked why. For staff and services who see its couple or
/// client, and for its participants, who give grace.
#[utoipa::path(
    tag = "assignments",
    request_body = ExcuseOccurrence,
    responses((status = 200, description = "The occurrence", body = Occurrence)),
    security(("token" = ["homework:assign"]), ("token" = ["homework:submit"])),
)]
#[post("/v1/assignments/{assignment_id}/excuse")]
async fn excuse_occurrence(
    access: Access<(HomeworkAssign, HomeworkSubmit)>,
    At(id): At<AssignmentId>,
    body: Body<ExcuseOccurrence>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| excusals::excuse(tx, id, &body)).await
}

/// Reinstate an occurrence
///
/// What was excused counts again. For staff and services who see its couple or client.
#[utoipa::path(
    tag = "assignments",
    request_body = ReinstateOccurrence,
    responses((status = 200, description = "The occurrence", body = Occurrence)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/assignments/{assignment_id}/reinstate")]
async fn reinstate_occurrence(
    access: Access<HomeworkAssign>,
    At(id): At<AssignmentId>,
    body: Body<ReinstateOccurrence>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| excusals::reinstate(tx, id, &body)).await
}
