//! Leading a programme: from phase to phase, longer where it has to be, resting, and to its end.

use super::course::Course;
use super::definition::{ActionKind, Advance};
use super::deviations::Deviation;
use super::homework::{self, Assigned};
use super::model::Program;
use super::requests::{ExtendProgram, PauseProgram, StepProgram};
use super::words::{ActionState, DeviationKind, PhaseState};
use super::{plan, readiness};
use crate::assignments::transitions::LONGEST_PAUSE_DAYS;
use crate::auth::Tx;
use crate::db::Date;
use crate::db::id::{AssignmentId, ProgramId};
use crate::error::{Error, Fault, Result};

/// Longest phase, in days.
const LONGEST_PHASE: i32 = 365;

/// Begins the next phase.
///
/// # Errors
/// 404, 403, 409 with everything that has to be in place first.
pub(super) fn advance(tx: &mut Tx<'_>, id: ProgramId, step: StepProgram) -> Result<Program> {
    let mut course = Course::open(tx, id, "advance")?;
    if course.is_last() {
        let detail = "This is the last phase; complete the programme.";
        return Err(Error::requirements_missing(vec![Fault::body("/", "last_phase", detail)]));
    }
    let whom = course.whom();
    let mut missing = readiness::before_going_on(tx, whom, &course.row.plan.0.definition)?;
    missing.extend(criteria_fault(tx, &mut course, step.reason.is_some())?);
    let today = course.today;
    if course.current()?.actual_from.is_some_and(|first| first > today) {
        missing.push(Fault::body("/", "not_begun", "The present phase has not begun."));
    }
    if !missing.is_empty() {
        return Err(Error::requirements_missing(missing));
    }
    course.end_phase(tx, today.plus_days(-1))?;
    let next = course.row.phase + 1;
    let planned = course.phases.iter().find(|one| one.position == next);
    let late = planned.map_or(0, |one| days_between(one.planned_from, today));
    course.shift_upcoming(late);
    let assigned = course.begin_phase(tx, next, today, step.reason.as_ref())?;
    take(&mut course, assigned)?;
    course.save(tx, "advanced", &["current_phase"], step.reason.as_ref())
}

/// The criteria of the present phase, where it has any, are met, or a clinician says why they go past them.
fn criteria_fault(tx: &mut Tx<'_>, course: &mut Course, reason: bool) -> Result<Option<Fault>> {
    let phase = course.planned()?.clone();
    let (Advance::CriteriaThenClinician, Some(criteria)) = (phase.advance, &phase.criteria) else {
        return Ok(None);
    };
    if readiness::criteria_met(tx, course.whom(), &phase.key, criteria)? == Some(true) {
        return Ok(None);
    }
    if reason {
        course.deviations.push(Deviation::of(DeviationKind::Criteria, phase.key));
        return Ok(None);
    }
    let detail =
        "The criteria of this phase are not met, or not known; give the `reason` to go on.";
    Ok(Some(Fault::body("/reason", "criteria_not_met", detail)))
}

/// All faults of what was to be assigned, or the reasons by which gates were passed.
pub(super) fn take(course: &mut Course, assigned: Assigned) -> Result<()> {
    course.deviations.extend(assigned.passed);
    if assigned.faults.is_empty() {
        return Ok(());
    }
    Err(Error::requirements_missing(assigned.faults))
}

fn days_between(from: Date, to: Date) -> i32 {
    (to.0 - from.0).get_days()
}

/// Makes the present phase longer; those after it begin as much later.
///
/// # Errors
/// 404, 403, 409, 422 when the phase keeps its length or would take too long.
pub(super) fn extend(tx: &mut Tx<'_>, id: ProgramId, wish: ExtendProgram) -> Result<Program> {
    let mut course = Course::open(tx, id, "extend")?;
    let (extendable, key) = (course.planned()?.extendable, course.planned()?.key.clone());
    let phase = course.current()?;
    let first = phase.actual_from.unwrap_or(phase.planned_from);
    let fault = if !extendable {
        Some(Fault::body("/days", "not_allowed", "This phase keeps its length."))
    } else if days_between(first, phase.planned_to) + 1 + wish.days > LONGEST_PHASE {
        Some(Fault::body("/days", "out_of_range", "A phase takes a year at most."))
    } else {
        None
    };
    Error::unless_valid(fault.into_iter().collect())?;
    phase.planned_to = phase.planned_to.plus_days(wish.days);
    phase.state = PhaseState::Extended;
    course.shift_upcoming(wish.days);
    course.deviations.push(Deviation::of(DeviationKind::Extend, key));
    course.save(tx, "extended", &["phases"], wish.reason.as_ref())
}

/// Lets a programme rest, with all of its homework that is at work.
///
/// # Errors
/// 404, 403, 409, 422 for a day that is not within sixty.
pub(super) fn pause(tx: &mut Tx<'_>, id: ProgramId, wish: PauseProgram) -> Result<Program> {
    let mut course = Course::open(tx, id, "pause")?;
    let today = course.today;
    if wish.resume_on <= today || wish.resume_on > today.plus_days(LONGEST_PAUSE_DAYS) {
        let detail = "Must be a day after today, within sixty days.";
        return Err(Error::invalid(vec![Fault::body("/resume_on", "out_of_range", detail)]));
    }
    for action in &mut course.actions {
        if let Some(homework) = action.assignment_id {
            action.rests = homework::pause(tx, homework, wish.resume_on)?;
        }
    }
    course.row.paused_on = Some(today);
    course.row.resume_on = Some(wish.resume_on);
    course.save(tx, "paused", &["status", "resume_on"], None)
}

/// Lets a programme go on; what has not happened yet happens as many days later as it has rested.
///
/// # Errors
/// 404, 403, 409, also while a hold covers its homework.
pub(super) fn resume(tx: &mut Tx<'_>, id: ProgramId) -> Result<Program> {
    let mut course = Course::open(tx, id, "resume")?;
    for action in course.actions.iter_mut().filter(|action| action.rests) {
        action.rests = false;
        if let Some(homework) = action.assignment_id {
            homework::resume(tx, homework)?;
        }
    }
    let rested = course.row.paused_on.take().map_or(0, |day| days_between(day, course.today));
    course.row.resume_on = None;
    let phase = course.current()?;
    phase.planned_to = phase.planned_to.plus_days(rested);
    course.shift_upcoming(rested);
    course.save(tx, "resumed", &["status"], None)
}

/// Brings a programme to its end: what stays goes on, the look back is booked, and the rest is done.
///
/// # Errors
/// 404, 403, 409 before the last phase unless a reason is given.
pub(super) fn complete(tx: &mut Tx<'_>, id: ProgramId, step: StepProgram) -> Result<Program> {
    let mut course = Course::open(tx, id, "complete")?;
    let early = !course.is_last();
    if early {
        if step.reason.is_none() {
            let detail = "Phases have not begun; give the `reason` to end before them.";
            let fault = Fault::body("/reason", "phases_left", detail);
            return Err(Error::requirements_missing(vec![fault]));
        }
        let key = course.planned()?.key.clone();
        course.deviations.push(Deviation::of(DeviationKind::EarlyEnd, key));
    }
    let today = course.today;
    course.end_phase(tx, today)?;
    skip_the_rest(&mut course)?;
    end_homework(tx, &mut course)?;
    course.row.next_review_on = book_ahead(tx, &mut course, step.reason.as_ref(), early)?;
    course.row.proposed_plan.clone_from(&course.row.plan.0.definition.completion.propose);
    course.save(tx, "completed", &["status"], step.reason.as_ref())
}

/// Leaves out what has not begun, but for what was to come after the programme: the couple looks back on what they have
/// done of it all the same, the definition's time from today.
fn skip_the_rest(course: &mut Course) -> Result<()> {
    let look_back =
        plan::after(course.today, &course.row.plan.0.definition.completion.next_review)?;
    let mut left: Vec<i32> = Vec::new();
    for phase in course.phases.iter_mut().filter(|phase| phase.state == PhaseState::Upcoming) {
        phase.state = PhaseState::Skipped;
        left.push(phase.position);
    }
    let plan = course.row.plan.0.clone();
    for row in course.actions.iter_mut().filter(|row| left.contains(&row.phase)) {
        let comes_after = plan.comes_after(row.phase, &row.key);
        if row.state == ActionState::Planned && comes_after {
            row.due_on = Some(look_back);
        } else {
            row.state = ActionState::Skipped;
        }
    }
    Ok(())
}

/// Homework of the programme ends, but for what stays and what is due later.
fn end_homework(tx: &mut Tx<'_>, course: &mut Course) -> Result<()> {
    let definition = &course.row.plan.0.definition;
    let stays = |key: &str| {
        let activity = definition.action(key).and_then(|action| action.activity.as_ref());
        activity.is_some_and(|activity| definition.completion.keep_running.contains(activity))
    };
    let over: Vec<AssignmentId> = course
        .actions
        .iter()
        .filter(|row| row.due_on.is_none_or(|due| due <= course.today) && !stays(&row.key))
        .filter_map(|row| row.assignment_id)
        .collect();
    for id in over {
        homework::end(tx, id)?;
    }
    Ok(())
}

/// Assigns what is due after the programme; the day of the last of it. Who ends a programme early may do so because a
/// partner has left: then what cannot be assigned is left out.
fn book_ahead(
    tx: &mut Tx<'_>,
    course: &mut Course,
    reason: Option<&String>,
    early: bool,
) -> Result<Option<Date>> {
    let (whom, mut faults, mut last) = (course.whom(), Vec::new(), None);
    let ahead: Vec<(String, Date)> = course
        .actions
        .iter()
        .filter(|row| row.state == ActionState::Planned)
        .filter_map(|row| row.due_on.map(|due| (row.key.clone(), due)))
        .collect();
    for (key, due) in ahead {
        let action = course.action(&key).filter(|action| action.kind == ActionKind::Assign);
        let Some(action) = action.cloned() else { continue };
        let (lasts, mut assigned) = (course.lasts(&action), Assigned::default());
        let from = homework::assigned_from(tx, &action, due)?;
        assigned.assign(tx, whom, &action, (from, lasts), reason)?;
        if early && !assigned.faults.is_empty() {
            course.skip(&key);
            continue;
        }
        let first = match assigned.of(&key) {
            Some(id) => homework::first_time(tx, id)?,
            None => None,
        };
        course.mark_assigned(&key, &assigned);
        course.deviations.extend(assigned.passed);
        faults.extend(assigned.faults);
        last = last.max(first.or(Some(due)));
    }
    if faults.is_empty() { Ok(last) } else { Err(Error::requirements_missing(faults)) }
}

/// Takes a programme back, with its homework that is open.
///
/// # Errors
/// 404, 403, 409.
pub(super) fn withdraw(tx: &mut Tx<'_>, id: ProgramId) -> Result<Program> {
    let mut course = Course::open(tx, id, "withdraw")?;
    let made: Vec<AssignmentId> =
        course.actions.iter().filter_map(|row| row.assignment_id).collect();
    for homework in made {
        homework::withdraw(tx, homework)?;
    }
    course.row.paused_on = None;
    course.row.resume_on = None;
    course.save(tx, "withdrawn", &["status"], None)
}
