//! Assignments: which exercise a couple or a client is to do, and where it stands.

pub(crate) mod assign;
pub(crate) mod changes;
pub mod form;
pub mod model;
pub mod notice;
pub(crate) mod scheduling;
pub mod store;
pub(crate) mod transitions;

use actix_web::{get, patch, post};

use self::model::{Assignment, AssignmentFilter, AssignmentPatch, NewAssignment};
use crate::auth::Access;
use crate::auth::scopes::{HomeworkAssign, HomeworkOwn, HomeworkRead};
use crate::db::id::AssignmentId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

pub use self::transitions::MACHINE;

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_assignments)
        .service(create_assignment)
        .service(get_assignment)
        .service(update_assignment)
        .configure(form::routes)
        .configure(transitions::routes);
}

/// List assignments
///
/// Staff and services see those of the couples and clients they see; participants their own and those
/// of their couples.
#[utoipa::path(
    tag = "assignments",
    params(AssignmentFilter, Paging),
    responses((status = 200, description = "One page of assignments", body = Page<Assignment>)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/assignments")]
async fn list_assignments(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    listing: Listing<AssignmentFilter>,
) -> Result<Json<Page<Assignment>>> {
    access.list(listing, store::list).await
}

/// Assign an exercise
///
/// To a couple or a client whom the caller sees. Refused with everything that is missing while a gate of
/// the exercise is closed. For staff and services.
#[utoipa::path(
    tag = "assignments",
    request_body = NewAssignment,
    responses((status = 201, description = "The assignment", body = Assignment)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/assignments")]
async fn create_assignment(
    access: Access<HomeworkAssign>,
    body: Body<NewAssignment>,
) -> Result<Answer> {
    access.create(body, assign::create).await
}

/// Get an assignment
///
/// For staff and services who see its couple or client, and for its participants.
#[utoipa::path(
    tag = "assignments",
    responses((status = 200, description = "The assignment", body = Assignment)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/assignments/{assignment_id}")]
async fn get_assignment(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    At(id): At<AssignmentId>,
) -> Result<Json<Assignment>> {
    access.read(move |tx| store::find(tx, id)).await
}

/// Update an assignment
///
/// Its note and its times, while it is open. For staff and services who see its couple or client.
#[utoipa::path(
    tag = "assignments",
    request_body(content = AssignmentPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The assignment as it is now", body = Assignment)),
    security(("token" = ["homework:assign"])),
)]
#[patch("/v1/assignments/{assignment_id}")]
async fn update_assignment(
    access: Access<HomeworkAssign>,
    At(id): At<AssignmentId>,
    body: Body<AssignmentPatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| changes::update(tx, id, patch, if_match)).await
}
