//! Proposing another time: a participant proposes, the others say yes, and what they do together moves with them.

pub mod model;
pub mod store;
pub(crate) mod transitions;

use actix_web::{get, post};

use self::model::{NewTimeProposal, TimeProposal, TimeProposalFilter};
use crate::auth::Access;
use crate::auth::scopes::{HomeworkOwn, HomeworkRead, HomeworkSubmit};
use crate::db::id::{AssignmentId, TimeProposalId};
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

pub use self::transitions::MACHINE;

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_time_proposals)
        .service(create_time_proposal)
        .service(get_time_proposal)
        .configure(transitions::routes);
}

/// List the time proposals of an assignment
///
/// Those that are pending and those of before. For staff and services who see its couple, and for its
/// participants.
#[utoipa::path(
    tag = "assignments",
    params(TimeProposalFilter, Paging),
    responses((status = 200, description = "One page of proposals", body = Page<TimeProposal>)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/assignments/{assignment_id}/time-proposals")]
async fn list_time_proposals(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    At(id): At<AssignmentId>,
    listing: Listing<TimeProposalFilter>,
) -> Result<Json<Page<TimeProposal>>> {
    access.list(listing, move |tx, filter, window| store::list(tx, id, &filter, window)).await
}

/// Propose another time
///
/// Of day, or on other days of the week where it has fixed ones. It holds once all others who take part have
/// accepted, from the next day on. One proposal at a time is pending. For participants of what a couple does
/// together.
#[utoipa::path(
    tag = "assignments",
    request_body = NewTimeProposal,
    responses((status = 201, description = "The proposal", body = TimeProposal)),
    security(("token" = ["homework:submit"])),
)]
#[post("/v1/assignments/{assignment_id}/time-proposals")]
async fn create_time_proposal(
    access: Access<HomeworkSubmit>,
    At(id): At<AssignmentId>,
    body: Body<NewTimeProposal>,
) -> Result<Answer> {
    access.create(body, move |tx, new| store::create(tx, id, &new)).await
}

/// Get a time proposal
///
/// For staff and services who see its couple, and for the participants of its assignment.
#[utoipa::path(
    tag = "assignments",
    responses((status = 200, description = "The proposal", body = TimeProposal)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/time-proposals/{time_proposal_id}")]
async fn get_time_proposal(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    At(id): At<TimeProposalId>,
) -> Result<Json<TimeProposal>> {
    access.read(move |tx| store::find(tx, id)).await
}
