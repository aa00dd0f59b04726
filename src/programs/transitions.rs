//! The status of a programme, and the ways in which a clinician leads it.

use actix_web::post;

use super::model::Program;
use super::requests::{CarryForward, DeviateFromProgram, ExtendProgram, PauseProgram, StepProgram};
use super::words::ProgramStatus;
use super::{bend, lead};
use crate::auth::Access;
use crate::auth::scopes::HomeworkAssign;
use crate::db::id::ProgramId;
use crate::error::Result;
use crate::http::action::action;
use crate::http::{Answer, At, Body, Routes};
use crate::state::{Machine, Status, Transition};

use ProgramStatus::{Active, Completed, Paused, Withdrawn};

impl Status for ProgramStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a programme's status. What moves it within a status is in the table too.
pub const MACHINE: Machine<ProgramStatus> = Machine(&[
    Transition { name: "advance", from: &[Active], to: Active },
    Transition { name: "extend", from: &[Active], to: Active },
    Transition { name: "deviate", from: &[Active], to: Active },
    Transition { name: "carry-forward", from: &[Active], to: Active },
    Transition { name: "pause", from: &[Active], to: Paused },
    Transition { name: "resume", from: &[Paused], to: Active },
    Transition { name: "complete", from: &[Active], to: Completed },
    Transition { name: "withdraw", from: &[Active, Paused], to: Withdrawn },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config
        .service(advance_program)
        .service(extend_program)
        .service(deviate_from_program)
        .service(carry_program_action_forward)
        .service(pause_program)
        .service(resume_program)
        .service(complete_program)
        .service(withdraw_program);
}

/// Begin the next phase
///
/// Its exercises are assigned, all of them or none, and those of the phase before end unless they are carried
/// forward. Criteria that are not known to be met are gone past with a reason; ages, screens and pauses are not.
/// For the clinicians who treat.
#[utoipa::path(
    tag = "programs",
    request_body = StepProgram,
    responses((status = 200, description = "As it is now", body = Program)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/programs/{program_id}/advance")]
async fn advance_program(
    access: Access<HomeworkAssign>,
    At(id): At<ProgramId>,
    body: Body<StepProgram>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| lead::advance(tx, id, body)).await
}

/// Extend the present phase
///
/// Those after it begin as many days later. For the clinicians who treat.
#[utoipa::path(
    tag = "programs",
    request_body = ExtendProgram,
    responses((status = 200, description = "As it is now", body = Program)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/programs/{program_id}/extend")]
async fn extend_program(
    access: Access<HomeworkAssign>,
    At(id): At<ProgramId>,
    body: Body<ExtendProgram>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| lead::extend(tx, id, body)).await
}

/// Deviate from a programme
///
/// Leaves an action out, changes its parameters, moves it to another phase or takes up what was offered. The
/// definition stays as it is, and the reason is on record. For the clinicians who treat.
#[utoipa::path(
    tag = "programs",
    request_body = DeviateFromProgram,
    responses((status = 200, description = "As it is now", body = Program)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/programs/{program_id}/deviate")]
async fn deviate_from_program(
    access: Access<HomeworkAssign>,
    At(id): At<ProgramId>,
    body: Body<DeviateFromProgram>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| bend::deviate(tx, id, body)).await
}

/// Carry an exercise forward
///
/// It goes on in the phases that follow. For the clinicians who treat.
#[utoipa::path(
    tag = "programs",
    request_body = CarryForward,
    responses((status = 200, description = "As it is now", body = Program)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/programs/{program_id}/carry-forward")]
async fn carry_program_action_forward(
    access: Access<HomeworkAssign>,
    At(id): At<ProgramId>,
    body: Body<CarryForward>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| bend::carry_forward(tx, id, body)).await
}

/// Pause a programme
///
/// Until a day within sixty, with all of its homework that is at work. For the clinicians who treat.
#[utoipa::path(
    tag = "programs",
    request_body = PauseProgram,
    responses((status = 200, description = "As it is now", body = Program)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/programs/{program_id}/pause")]
async fn pause_program(
    access: Access<HomeworkAssign>,
    At(id): At<ProgramId>,
    body: Body<PauseProgram>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| lead::pause(tx, id, body)).await
}

action! {
    /// Resume a programme
    ///
    /// Its homework goes on, and what has not happened yet happens as many days later as it has rested. For the
    /// clinicians who treat.
    resume_program "/v1/programs/{program_id}/resume", tag "programs",
    scope "homework:assign" HomeworkAssign, ProgramId => Program, |tx, id| lead::resume(tx, id)
}

/// Complete a programme
///
/// In its last phase, or before with a reason. A plan for the time after is proposed, the look back is booked, what
/// is to stay goes on, and its other homework is done. For the clinicians who treat.
#[utoipa::path(
    tag = "programs",
    request_body = StepProgram,
    responses((status = 200, description = "As it is now", body = Program)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/programs/{program_id}/complete")]
async fn complete_program(
    access: Access<HomeworkAssign>,
    At(id): At<ProgramId>,
    body: Body<StepProgram>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| lead::complete(tx, id, body)).await
}

action! {
    /// Withdraw a programme
    ///
    /// It is taken back with its homework that is open; what was done stays. For the clinicians who treat.
    withdraw_program "/v1/programs/{program_id}/withdraw", tag "programs",
    scope "homework:assign" HomeworkAssign, ProgramId => Program, |tx, id| lead::withdraw(tx, id)
}
