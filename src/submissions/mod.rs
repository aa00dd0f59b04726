//! Submissions: what each person sends from their device, who reads which answer, and when it is revealed.
//!
//! The way of one: `submit` takes it under the device's id, `form` and `check` hold it against the
//! assigned version of the exercise, `schedule` finds the time that it belongs to, `pieces` parts its
//! answers by who may read them, `sets` keeps them, `readable` reads them again, `reveal` opens what waited for the last participant, `signals` tells the
//! clinicians what they have to know, and `receipt` answers the same content alike for ever.

mod changes;
mod check;
pub(crate) mod form;
pub(crate) mod left_out;
pub mod model;
pub mod outcome;
pub(crate) mod own;
pub(crate) mod past;
mod pieces;
mod probing;
mod readable;
mod receipt;
mod reveal;
pub(crate) mod schedule;
pub(crate) mod sets;
pub mod shared;
mod signals;
pub mod store;
pub(crate) mod submit;

pub(crate) use self::reveal::look_again;
pub use self::submit::put;

use actix_web::{get, post, put};

use self::model::{
    NewSubmission, Submission, SubmissionFilter, SubmissionReceipt, SubmissionSummary,
    WidenSubmission,
};
use crate::auth::Access;
use crate::auth::scopes::{HomeworkOwn, HomeworkRead, HomeworkSubmit};
use crate::db::id::{AssignmentId, SubmissionId};
use crate::error::Result;
use crate::http::action::action;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(put_submission)
        .service(list_submissions)
        .service(get_submission)
        .service(retract_submission)
        .service(widen_submission)
        .configure(shared::routes);
}

/// Submit
///
/// Sends answers, events, a draft or a skip, under an id that the device makes. Whatever was accepted once
/// under this id is answered with its receipt for ever; other content needs the `ETag` of what it changes, and so does
/// earlier content that is to stand again. For participants.
#[utoipa::path(
    tag = "submissions",
    request_body = NewSubmission,
    responses(
        (status = 200, description = "The receipt of what was accepted, now or before", body = SubmissionReceipt),
        (status = 201, description = "The receipt of what is new under this id", body = SubmissionReceipt),
    ),
    security(("token" = ["homework:submit"])),
    extensions(("x-max-body-bytes" = json!(1_048_576))),
)]
#[put("/v1/assignments/{assignment_id}/submissions/{submission_id}")]
async fn put_submission(
    access: Access<HomeworkSubmit>,
    At((assignment, id)): At<(AssignmentId, SubmissionId)>,
    body: Body<NewSubmission>,
) -> Result<Answer> {
    access.put_if(body, move |tx, new, tag| submit::put(tx, assignment, id, &new, tag)).await
}

/// List submissions
///
/// Without their answers. Staff and services see that something was sent by the couples and clients they see;
/// authors their own, drafts included, and never what they said of their safety.
#[utoipa::path(
    tag = "submissions",
    params(SubmissionFilter, Paging),
    responses((status = 200, description = "One page of submissions", body = Page<SubmissionSummary>)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/submissions")]
async fn list_submissions(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    listing: Listing<SubmissionFilter>,
) -> Result<Json<Page<SubmissionSummary>>> {
    access.list(listing, store::list).await
}

/// Get a submission
///
/// With the answers that the caller may read: all of them for its author, those meant for clinicians for the
/// clinicians who treat, none for anybody else. That a clinician reads them is written down first.
#[utoipa::path(
    tag = "submissions",
    responses((status = 200, description = "The submission", body = Submission)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/submissions/{submission_id}")]
async fn get_submission(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    At(id): At<SubmissionId>,
) -> Result<Json<Submission>> {
    access.read_recorded(move |tx| store::read(tx, id)).await
}

action! {
    /// Retract a submission
    ///
    /// Takes it back within ten minutes, unless others could read of it. For its author.
    retract_submission "/v1/submissions/{submission_id}/retract", tag "submissions",
    scope "homework:submit" HomeworkSubmit,
    SubmissionId => Submission, changes::retract
}

/// Widen a submission
///
/// Shares answers that were private with the other participants. It cannot be undone. For its author.
#[utoipa::path(
    tag = "submissions",
    request_body = WidenSubmission,
    responses((status = 200, description = "As it is now", body = Submission)),
    security(("token" = ["homework:submit"])),
)]
#[post("/v1/submissions/{submission_id}/widen")]
async fn widen_submission(
    access: Access<HomeworkSubmit>,
    At(id): At<SubmissionId>,
    body: Body<WidenSubmission>,
) -> Result<Answer> {
    access.act_with(body, move |tx, wish| changes::widen(tx, id, &wish)).await
}
