//! The status of an assignment (`domain` 2.4.1).

use actix_web::post;

use super::changes::save;
use super::model::{Assignment, AssignmentStatus, EnterAssignmentInError, PauseAssignment};
use super::store::{ERROR_REASON, Row, find, find_row};
use crate::activities::definition::Sensitivity;
use crate::audit::{Change, Subject};
use crate::auth::scopes::{HomeworkAssign, HomeworkSubmit};
use crate::auth::{Access, Tx};
use crate::db::id::AssignmentId;
use crate::error::{Error, Fault, Result};
use crate::http::action::action;
use crate::http::{Answer, At, Body, NoBody, Routes};
use crate::occurrences::plan::Plan;
use crate::occurrences::{making, rests};
use crate::state::{Machine, Status, Transition};
use crate::{holds, practices, submissions, time_proposals};

use AssignmentStatus::{
    Assigned, Completed, EnteredInError, Expired, Held, InProgress, Paused, Withdrawn,
};

/// Longest rest, in days.
pub(crate) const LONGEST_PAUSE_DAYS: i32 = 60;

impl Status for AssignmentStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of an assignment's status. `pause` leads to `held` when it is the practice that pauses, what a
/// participant has paused too, so that a pause for safety's sake is one among many; that is for the practice to lift.
pub const MACHINE: Machine<AssignmentStatus> = Machine(&[
    Transition { name: "pause", from: &[Assigned, InProgress, Paused], to: Paused },
    Transition { name: "resume", from: &[Paused, Held], to: InProgress },
    Transition { name: "complete", from: &[Assigned, InProgress], to: Completed },
    Transition {
        name: "withdraw",
        from: &[Assigned, InProgress, Paused, Held, Completed, Expired],
        to: Withdrawn,
    },
    Transition {
        name: "enter-in-error",
        from: &[Assigned, InProgress, Paused, Held, Completed, Expired, Withdrawn],
        to: EnteredInError,
    },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config
        .service(pause_assignment)
        .service(resume_assignment)
        .service(complete_assignment)
        .service(withdraw_assignment)
        .service(enter_assignment_in_error);
}

/// Pause an assignment
///
/// Until a day within sixty; what a participant has paused rests until another day by the same call. Nobody is asked
/// for a reason. For staff and services who see its couple or client, and for its participants.
#[utoipa::path(
    tag = "assignments",
    request_body = PauseAssignment,
    responses((status = 200, description = "As it is now", body = Assignment)),
    security(("token" = ["homework:assign"]), ("token" = ["homework:submit"])),
)]
#[post("/v1/assignments/{assignment_id}/pause")]
async fn pause_assignment(
    access: Access<(HomeworkAssign, HomeworkSubmit)>,
    At(id): At<AssignmentId>,
    body: Body<PauseAssignment>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| pause(tx, id, &body)).await
}

/// Resume an assignment
///
/// What rests goes on, unless a hold covers it. Participants resume what one of them has paused. For staff
/// and services who see its couple or client, and for its participants.
#[utoipa::path(
    tag = "assignments",
    responses((status = 200, description = "As it is now", body = Assignment)),
    security(("token" = ["homework:assign"]), ("token" = ["homework:submit"])),
)]
#[post("/v1/assignments/{assignment_id}/resume")]
async fn resume_assignment(
    access: Access<(HomeworkAssign, HomeworkSubmit)>,
    At(id): At<AssignmentId>,
    _: NoBody,
) -> Result<Answer> {
    access.act(move |tx| resume(tx, id)).await
}

action! {
    /// Complete an assignment
    ///
    /// It is done. For staff and services who see its couple or client.
    complete_assignment "/v1/assignments/{assignment_id}/complete", tag "assignments",
    scope "homework:assign" HomeworkAssign,
    AssignmentId => Assignment, |tx, id| step(tx, id, "complete", "completed")
}

/// Withdraw an assignment
///
/// It is taken back; what was done stays. For staff and services who see its couple or client. A participant takes back
/// what is sexual, at once, for all who take part, and is not asked why.
#[utoipa::path(
    tag = "assignments",
    responses((status = 200, description = "As it is now", body = Assignment)),
    security(("token" = ["homework:assign"]), ("token" = ["homework:submit"])),
)]
#[post("/v1/assignments/{assignment_id}/withdraw")]
async fn withdraw_assignment(
    access: Access<(HomeworkAssign, HomeworkSubmit)>,
    At(id): At<AssignmentId>,
    _: NoBody,
) -> Result<Answer> {
    access.act(move |tx| withdraw(tx, id)).await
}

/// Enter an assignment in error
///
/// It should not have been made: participants no longer see it, and it stays on record with the reason, which those
/// who treat read. For staff and services who see its couple or client.
#[utoipa::path(
    tag = "assignments",
    request_body = EnterAssignmentInError,
    responses((status = 200, description = "As it is now", body = Assignment)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/assignments/{assignment_id}/enter-in-error")]
async fn enter_assignment_in_error(
    access: Access<HomeworkAssign>,
    At(id): At<AssignmentId>,
    body: Body<EnterAssignmentInError>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| enter_in_error(tx, id, body)).await
}

/// A hold in effect is lifted first. Participants are not told of it: to them nothing that the practice
/// pauses is theirs to resume.
///
/// # Errors
/// 404, 409 when it does not rest, or a hold covers it.
pub(crate) fn resume(tx: &mut Tx<'_>, id: AssignmentId) -> Result<Assignment> {
    let row = find_row(tx, id)?;
    next(tx, row.status, "resume")?;
    if tx.caller.is_practice_side()
        && let Some(couple) = row.couple_id
        && holds::store::covers(tx, couple, row.sensitivity)?
    {
        let detail = "A hold covers it; a clinician of the couple lifts that first.";
        return Err(Error::requirements_missing(vec![Fault::body("/", "hold_effective", detail)]));
    }
    step(tx, id, "resume", "resumed")?;
    if let Some(couple) = row.couple_id {
        submissions::look_again(tx, couple)?;
    }
    find(tx, id)
}

/// Takes it back. What is sexual goes on by the consent of all, so that each of them ends it, also while it rests:
/// `held` and `paused` are the same to them here too (`domain` 2.4.1).
fn withdraw(tx: &mut Tx<'_>, id: AssignmentId) -> Result<Assignment> {
    let row = find_row(tx, id)?;
    if !tx.caller.is_practice_side() && row.sensitivity != Sensitivity::SexualHealth {
        return Err(not_theirs(row.status));
    }
    take(tx, row, "withdraw", "withdrawn", &["status"])
}

fn enter_in_error(
    tx: &mut Tx<'_>,
    id: AssignmentId,
    wish: EnterAssignmentInError,
) -> Result<Assignment> {
    let mut row = find_row(tx, id)?;
    row.error_reason = Some(tx.keys.seal(&ERROR_REASON, id.uuid(), &wish.reason)?);
    take(tx, row, "enter-in-error", "entered_in_error", &["status", "error_reason"])
}

/// Takes a transition that needs nothing but its name.
///
/// # Errors
/// 404, 409 with what is possible.
pub(crate) fn step(
    tx: &mut Tx<'_>,
    id: AssignmentId,
    name: &'static str,
    verb: &'static str,
) -> Result<Assignment> {
    let row = find_row(tx, id)?;
    take(tx, row, name, verb, &["status"])
}

fn take(
    tx: &mut Tx<'_>,
    mut row: Row,
    name: &'static str,
    verb: &'static str,
    fields: &'static [&'static str],
) -> Result<Assignment> {
    let id = row.id;
    row.status = next(tx, row.status, name)?;
    row.resume_on = None;
    if AssignmentStatus::OPEN.contains(&row.status) {
        rests::end(tx, id)?;
        // What is over by now ends with the worker's next round.
        row.work_at = row.work_at.or(Plan::of(&row)?.over_at());
    } else {
        making::cancel(tx, &row)?;
        time_proposals::store::lapse(tx, id)?;
        row.work_at = None;
    }
    save(tx, row, &Change { subject: Subject::Assignment(id), verb, fields })
}

/// Lets an assignment rest until a day.
///
/// # Errors
/// 404, 409, 422 for a day that is not within sixty.
pub(crate) fn pause(
    tx: &mut Tx<'_>,
    id: AssignmentId,
    wish: &PauseAssignment,
) -> Result<Assignment> {
    let mut row = find_row(tx, id)?;
    row.status = next(tx, row.status, "pause")?;
    let today = practices::store::today(tx)?;
    if wish.resume_on <= today || wish.resume_on > today.plus_days(LONGEST_PAUSE_DAYS) {
        let detail = "Must be a day after today, within sixty days.";
        return Err(Error::invalid(vec![Fault::body("/resume_on", "out_of_range", detail)]));
    }
    if tx.caller.is_practice_side() {
        row.status = Held;
    }
    row.resume_on = Some(wish.resume_on);
    rests::begin(tx, id)?;
    let subject = Subject::Assignment(id);
    save(tx, row, &Change { subject, verb: "paused", fields: &["status", "resume_on"] })
}

/// The next status. To participants what is held is paused, and not theirs to end.
fn next(tx: &Tx<'_>, from: AssignmentStatus, name: &'static str) -> Result<AssignmentStatus> {
    if tx.caller.is_practice_side() {
        return MACHINE.step(from, name);
    }
    let to = MACHINE.step(from, name).ok().filter(|_| from != Held || name == "withdraw");
    to.ok_or_else(|| not_theirs(from))
}

/// What participants are told: the status that they read, and nothing of what others could do.
fn not_theirs(from: AssignmentStatus) -> Error {
    Error::invalid_transition(from.public().as_str(), Vec::new())
}
