//! Bending a programme that is under way: one action at a time, each with its reason on record.

use super::course::Course;
use super::definition::ActionKind;
use super::deviations::Deviation;
use super::homework::{self, Assigned};
use super::lead::take;
use super::model::Program;
use super::plan::param_faults;
use super::readiness::Facts;
use super::requests::{CarryForward, DeviateFromProgram};
use super::store::ActionRow;
use super::words::{ActionState, DeviationKind, PhaseState, ProgramChange};
use crate::auth::Tx;
use crate::db::id::ProgramId;
use crate::error::{Error, Fault, Result};

/// Departs from the plan in one action.
///
/// # Errors
/// 404, 403, 409, 422 with what does not fit.
pub(super) fn deviate(tx: &mut Tx<'_>, id: ProgramId, wish: DeviateFromProgram) -> Result<Program> {
    let mut course = Course::open(tx, id, "deviate")?;
    Error::unless_valid(superfluous(&wish))?;
    let covered = course.covers_threads();
    let kind = match wish.kind {
        ProgramChange::Skip => skip(tx, &mut course, &wish)?,
        ProgramChange::SetParameters => set_parameters(&mut course, &wish)?,
        ProgramChange::Move => move_to(tx, &mut course, &wish)?,
        ProgramChange::TakeUp => take_up(tx, &mut course, &wish)?,
    };
    course.deviations.push(Deviation::of(kind, wish.action));
    // The reason for what is left out is the one for working on too few threads from now on.
    if covered && !course.covers_threads() {
        course.deviations.push(Deviation { kind: DeviationKind::Threads, about: None });
    }
    course.save(tx, "deviated", &["phases"], Some(&wish.reason))
}

/// Members that belong to another kind of change.
fn superfluous(wish: &DeviateFromProgram) -> Vec<Fault> {
    let mut faults = Vec::new();
    let sets = wish.kind == ProgramChange::SetParameters;
    if sets == wish.parameters.is_empty() {
        let detail = "Goes with `set_parameters`, and with nothing else.";
        faults.push(Fault::body("/parameters", "mismatch", detail));
    }
    if (wish.kind == ProgramChange::Move) != wish.to_phase.is_some() {
        let detail = "Goes with `move`, and with nothing else.";
        faults.push(Fault::body("/to_phase", "mismatch", detail));
    }
    faults
}

fn refused(code: &'static str, detail: &'static str) -> Error {
    Error::invalid(vec![Fault::body("/action", code, detail)])
}

/// The row of an action in one of these states.
fn row<'a>(course: &'a mut Course, key: &str, states: &[ActionState]) -> Result<&'a mut ActionRow> {
    let found = course.actions.iter_mut().find(|row| row.key == key);
    let row = found.ok_or_else(|| refused("not_found", "Is no action of this programme."))?;
    if states.contains(&row.state) {
        return Ok(row);
    }
    Err(refused("not_allowed", "What has become of this action does not allow it any more."))
}

const NOT_HAPPENED: [ActionState; 3] =
    [ActionState::Planned, ActionState::Offered, ActionState::Waits];

fn skip(tx: &mut Tx<'_>, course: &mut Course, wish: &DeviateFromProgram) -> Result<DeviationKind> {
    let [planned, offered, waits] = NOT_HAPPENED;
    let row = row(course, &wish.action, &[planned, offered, waits, ActionState::Assigned])?;
    row.state = ActionState::Skipped;
    row.rests = false;
    if let Some(assignment) = row.assignment_id {
        homework::withdraw(tx, assignment)?;
    }
    Ok(DeviationKind::Skip)
}

fn set_parameters(course: &mut Course, wish: &DeviateFromProgram) -> Result<DeviationKind> {
    row(course, &wish.action, &NOT_HAPPENED)?;
    if let Some(action) = course.action(&wish.action) {
        Error::unless_valid(param_faults(action, &wish.parameters, "/parameters"))?;
    }
    course.row.plan.0.set_params(&wish.action, &wish.parameters);
    Ok(DeviationKind::SetParameters)
}

/// Into a phase that has not ended. In the one that is under way it happens now.
fn move_to(
    tx: &mut Tx<'_>,
    course: &mut Course,
    wish: &DeviateFromProgram,
) -> Result<DeviationKind> {
    let open = [PhaseState::Upcoming, PhaseState::Active, PhaseState::Extended];
    let mut phases = course.phases.iter().filter(|phase| open.contains(&phase.state));
    let to = phases.find(|phase| Some(&phase.key) == wish.to_phase.as_ref());
    let Some(place) = to.map(|phase| phase.position) else {
        let detail = "Is no phase of this programme that can still be reached.";
        return Err(Error::invalid(vec![Fault::body("/to_phase", "not_found", detail)]));
    };
    let row = row(course, &wish.action, &NOT_HAPPENED)?;
    row.phase = place;
    row.due_on = None;
    if row.state == ActionState::Waits {
        row.state = ActionState::Planned;
    }
    begin_now(tx, course, wish)?;
    Ok(DeviationKind::Move)
}

fn take_up(
    tx: &mut Tx<'_>,
    course: &mut Course,
    wish: &DeviateFromProgram,
) -> Result<DeviationKind> {
    row(course, &wish.action, &[ActionState::Offered])?.state = ActionState::Planned;
    begin_now(tx, course, wish)?;
    Ok(DeviationKind::TakeUp)
}

/// Begins an action whose phase is under way.
fn begin_now(tx: &mut Tx<'_>, course: &mut Course, wish: &DeviateFromProgram) -> Result<()> {
    let now = course.row.phase;
    if !course.actions.iter().any(|row| row.key == wish.action && row.phase == now) {
        return Ok(());
    }
    let facts = Facts::of(tx, course.whom())?;
    let mut assigned = Assigned::default();
    course.begin_action(tx, &wish.action, &facts, Some(&wish.reason), &mut assigned)?;
    take(course, assigned)
}

/// Lets an exercise go on in the phases that follow, whatever its own term.
///
/// # Errors
/// 404, 403, 409, 422 when the action is over or is no exercise.
pub(super) fn carry_forward(tx: &mut Tx<'_>, id: ProgramId, wish: CarryForward) -> Result<Program> {
    let mut course = Course::open(tx, id, "carry-forward")?;
    let is_exercise =
        course.action(&wish.action).is_none_or(|action| action.kind == ActionKind::Assign);
    let [planned, offered, waits] = NOT_HAPPENED;
    let row = row(&mut course, &wish.action, &[planned, offered, waits, ActionState::Assigned])?;
    if !is_exercise {
        return Err(refused("not_allowed", "Only an exercise goes on in another phase."));
    }
    row.carry_forward = true;
    if let Some(assignment) = row.assignment_id
        && !homework::outlast_its_term(tx, assignment)?
    {
        return Err(refused("not_allowed", "Its homework is over; assign it anew."));
    }
    course.deviations.push(Deviation::of(DeviationKind::CarryForward, wish.action));
    course.save(tx, "carried_forward", &["phases"], wish.reason.as_ref())
}
