//! What one has written for all: the others confirm or contest it within two days, and silence lets it stand.

pub mod model;
pub mod store;

use actix_web::post;

use self::model::{Answer as Word, OccurrenceName};
use crate::auth::Access;
use crate::auth::scopes::HomeworkSubmit;
use crate::db::id::AssignmentId;
use crate::error::Result;
use crate::http::{Answer, At, Body, Routes};
use crate::occurrences::model::Occurrence;

pub use self::model::MACHINE;

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(confirm_occurrence).service(contest_occurrence);
}

/// Confirm what was written for all
///
/// Within two days of when it was written. For the participants who did not write it.
#[utoipa::path(
    tag = "assignments",
    request_body = OccurrenceName,
    responses((status = 200, description = "The occurrence", body = Occurrence)),
    security(("token" = ["homework:submit"])),
)]
#[post("/v1/assignments/{assignment_id}/confirm")]
async fn confirm_occurrence(
    access: Access<HomeworkSubmit>,
    At(id): At<AssignmentId>,
    body: Body<OccurrenceName>,
) -> Result<Answer> {
    access.act_with(body, move |tx, name| store::answer(tx, id, &name, Word::Confirmed)).await
}

/// Contest what was written for all
///
/// It is in progress again, until whoever wrote it has sent it once more. Nobody is asked why. Within two days of
/// when it was written; for the participants who did not write it.
#[utoipa::path(
    tag = "assignments",
    request_body = OccurrenceName,
    responses((status = 200, description = "The occurrence", body = Occurrence)),
    security(("token" = ["homework:submit"])),
)]
#[post("/v1/assignments/{assignment_id}/contest")]
async fn contest_occurrence(
    access: Access<HomeworkSubmit>,
    At(id): At<AssignmentId>,
    body: Body<OccurrenceName>,
) -> Result<Answer> {
    access.act_with(body, move |tx, name| store::answer(tx, id, &name, Word::Contested)).await
}
