//! The homework of a programme: what is assigned when a phase begins, and how it ends.

use jiff::Span;

use super::definition::Action;
use super::readiness::Whom;
use super::words::DeviationKind;
use crate::activities;
use crate::assignments::assign::{self, Lasts};
use crate::assignments::model::{AssignmentStatus, NewAssignment, PauseAssignment};
use crate::assignments::{self, changes, transitions};
use crate::auth::Tx;
use crate::db::Date;
use crate::db::id::AssignmentId;
use crate::error::{Code, Error, Fault, Result};
use crate::occurrences::plan::Plan;
use crate::schedules::{Rhythm, Schedule};
use crate::time_proposals;

use super::deviations::Deviation;

/// So far ahead the first time of something may lie, in days.
const FARTHEST_DAYS: i32 = 400;

/// What came of assigning: all faults of all exercises, so that whoever asks is told at once.
#[derive(Default)]
pub(super) struct Assigned {
    /// By the name of the action.
    pub(super) made: Vec<(String, AssignmentId)>,
    /// The gates that were passed by a reason.
    pub(super) passed: Vec<Deviation>,
    pub(super) faults: Vec<Fault>,
}

impl Assigned {
    /// Assigns the exercise of an action from a day on, for so long.
    pub(super) fn assign(
        &mut self,
        tx: &mut Tx<'_>,
        whom: Whom,
        action: &Action,
        (day, lasts): (Date, Lasts),
        reason: Option<&String>,
    ) -> Result<()> {
        let key = action.activity.as_deref().unwrap_or_default();
        let Some(exercise) = activities::store::active_of_key(tx, key)? else {
            let detail = format!("`{}`: the exercise is not in use at this practice.", action.key);
            self.add(Fault::body("/", "exercise_missing", detail));
            return Ok(());
        };
        let new = NewAssignment {
            activity_definition_id: exercise,
            couple_id: whom.couple,
            client_id: whom.client,
            parameters: action.params.clone(),
            note: None,
            deviation: None,
            starts_on: Some(day),
            schedule: None,
            due_at: None,
            remind_at: None,
        };
        let mut made = assign::create_lasting(tx, new.clone(), lasts);
        if reason.is_some() && made.as_ref().is_err_and(only_gates_are_closed) {
            let new = NewAssignment { deviation: reason.cloned(), ..new };
            made = assign::create_lasting(tx, new, lasts);
            if made.is_ok() {
                self.passed.push(Deviation::of(DeviationKind::Gate, action.key.clone()));
            }
        }
        match made {
            Ok(assignment) => self.made.push((action.key.clone(), assignment.id)),
            Err(error) if is_for_the_caller(&error) => {
                error.faults().iter().for_each(|fault| self.add(named(fault, action)));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// The assignment that came of this action.
    pub(super) fn of(&self, key: &str) -> Option<AssignmentId> {
        self.made.iter().find(|(one, _)| one == key).map(|(_, id)| *id)
    }

    /// True when nothing keeps it from being assigned but how much is open already.
    pub(super) fn lacks_room(&self) -> bool {
        !self.faults.is_empty() && self.faults.iter().all(|fault| fault.code == "too_many")
    }

    /// What came of another action, with what came of those before.
    pub(super) fn join(&mut self, other: Self) {
        self.made.extend(other.made);
        self.passed.extend(other.passed);
        other.faults.into_iter().for_each(|fault| self.add(fault));
    }

    fn add(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

fn is_for_the_caller(error: &Error) -> bool {
    [Code::RequirementsMissing, Code::InvalidFields].contains(&error.code())
}

fn only_gates_are_closed(error: &Error) -> bool {
    error.code() == Code::RequirementsMissing
        && error.faults().iter().all(|fault| fault.code == "gate_closed")
}

/// What is about the couple is told once; what is about an exercise with the name of its action.
fn named(fault: &Fault, action: &Action) -> Fault {
    if ["/couple_id", "/client_id"].contains(&fault.pointer.as_str()) {
        return fault.clone();
    }
    let detail = format!("`{}`: {}", action.key, fault.detail);
    Fault { pointer: "/".to_owned(), detail: detail.into(), ..fault.clone() }
}

/// The day from which something is assigned that is to be done for the first time on this one: what comes every so many
/// months comes first so many months after it was assigned.
pub(super) fn assigned_from(tx: &mut Tx<'_>, action: &Action, first_time: Date) -> Result<Date> {
    let key = action.activity.as_deref().unwrap_or_default();
    let Some(exercise) = activities::store::active_of_key(tx, key)? else { return Ok(first_time) };
    let definition = activities::store::assigned(tx, exercise)?;
    let timing = definition.timing.as_ref();
    let schedule = Schedule::of_timing(timing, first_time, definition.capture);
    Ok(match schedule.map(|schedule| schedule.rhythm) {
        Ok(Rhythm::Monthly { every, .. }) => {
            Date(first_time.0.saturating_sub(Span::new().months(every)))
        }
        _ => first_time,
    })
}

/// The day on which this homework is to be done for the first time, of what has days.
pub(super) fn first_time(tx: &mut Tx<'_>, id: AssignmentId) -> Result<Option<Date>> {
    let row = assignments::store::find_row(tx, id)?;
    let slots = Plan::of(&row)?.slots(row.starts_on, row.starts_on.plus_days(FARTHEST_DAYS));
    Ok(slots.first().map(|slot| slot.local_date))
}

/// Ends homework whose time in the programme is over: what was at work is done, what rests is taken back.
pub(super) fn end(tx: &mut Tx<'_>, id: AssignmentId) -> Result<()> {
    match status(tx, id)? {
        Some(AssignmentStatus::Assigned | AssignmentStatus::InProgress) => {
            transitions::step(tx, id, "complete", "completed").map(drop)
        }
        Some(AssignmentStatus::Paused | AssignmentStatus::Held) => {
            transitions::step(tx, id, "withdraw", "withdrawn").map(drop)
        }
        _ => Ok(()),
    }
}

/// Takes homework back that is still open.
pub(super) fn withdraw(tx: &mut Tx<'_>, id: AssignmentId) -> Result<()> {
    let open = status(tx, id)?.is_some_and(|status| AssignmentStatus::OPEN.contains(&status));
    if open { transitions::step(tx, id, "withdraw", "withdrawn").map(drop) } else { Ok(()) }
}

/// Lets homework rest that is at work, or that a participant or a hold lets rest; true when it does now by the
/// practice's word.
pub(super) fn pause(tx: &mut Tx<'_>, id: AssignmentId, resume_on: Date) -> Result<bool> {
    use AssignmentStatus::{Assigned, Held, InProgress, Paused};
    let found = assignments::store::find_visible(tx, id)?;
    match found.map(|row| (row.status, row.hold_id)) {
        Some((Assigned | InProgress | Paused, _)) => {
            transitions::pause(tx, id, &PauseAssignment { resume_on }).map(|_| true)
        }
        // It goes on with the programme, and not when the hold is lifted.
        Some((Held, Some(_))) => changes::rest_on(tx, id, resume_on).map(|()| true),
        _ => Ok(false),
    }
}

/// Lets homework go on that rests by a clinician's pause.
pub(super) fn resume(tx: &mut Tx<'_>, id: AssignmentId) -> Result<()> {
    if status(tx, id)? == Some(AssignmentStatus::Held) {
        transitions::resume(tx, id)?;
    }
    Ok(())
}

/// Lets homework go on beyond the term with which it was assigned. False when it is over.
pub(super) fn outlast_its_term(tx: &mut Tx<'_>, id: AssignmentId) -> Result<bool> {
    let row = assignments::store::find_visible(tx, id)?;
    let Some(row) = row.filter(|row| AssignmentStatus::OPEN.contains(&row.status)) else {
        return Ok(false);
    };
    let mut schedule = row.schedule.0;
    if schedule.ends_on.take().is_some() {
        // Accepted later, a proposal of before would bring the term back.
        time_proposals::store::lapse(tx, id)?;
        changes::reschedule(tx, id, schedule)?;
    }
    Ok(true)
}

fn status(tx: &mut Tx<'_>, id: AssignmentId) -> Result<Option<AssignmentStatus>> {
    Ok(assignments::store::find_visible(tx, id)?.map(|row| row.status))
}
