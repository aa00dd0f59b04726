//! One loader for every answer: a programme as the caller may see it.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::definition::Action;
use super::deviations;
use super::model::{Program, ProgramAction, ProgramPhase};
use super::store::{self, ActionRow, PhaseRow, Row};
use super::words::{ActionState, PhaseState};
use crate::activities::definition::catalog;
use crate::assignments;
use crate::assignments::model::AssignmentStatus;
use crate::auth::Tx;
use crate::db::id::{AssignmentId, ProgramId};
use crate::db::schema::assignments as homework;
use crate::error::Result;

/// The assignments of a programme that the caller sees, and where each stands.
type Seen = BTreeMap<AssignmentId, AssignmentStatus>;

/// One programme.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: ProgramId) -> Result<Program> {
    let row = store::find_row(tx, id)?;
    let phases = store::phases_of(tx, id)?;
    let actions = store::actions_of(tx, id)?;
    let seen = seen(tx, &actions)?;
    let of_practice = tx.caller.is_practice_side();
    let deviations = if of_practice { deviations::of(tx, &row)? } else { Vec::new() };
    let view = View { row: &row, seen: &seen, of_practice };
    let ends_on = phases.iter().map(|phase| phase.planned_to).max().unwrap_or(row.starts_on);
    Ok(Program {
        id,
        phases: phases.iter().map(|phase| view.phase(phase, &actions)).collect(),
        deviations,
        ends_on,
        current_phase: store::phase_key(&row.plan.0, row.phase),
        program_definition_key: row.definition_key,
        program_definition_version: row.definition_version,
        title: row.title,
        couple_id: row.couple_id,
        client_id: row.client_id,
        variants: if of_practice { row.variants.0 } else { Vec::new() },
        parameters: if of_practice { row.parameters.0 } else { BTreeMap::new() },
        starts_on: row.starts_on,
        status: row.status,
        resume_on: row.resume_on,
        proposed_plan: row.proposed_plan.filter(|_| of_practice),
        next_review_on: row.next_review_on,
        begun_by: Some(row.begun_by).filter(|_| of_practice),
        created_at: row.created_at,
        updated_at: Some(row.updated_at).filter(|_| of_practice),
    })
}

/// Whatever keeps an assignment from the caller keeps it from them here too.
fn seen(tx: &mut Tx<'_>, actions: &[ActionRow]) -> Result<Seen> {
    let made: Vec<AssignmentId> = actions.iter().filter_map(|one| one.assignment_id).collect();
    let found: Vec<(AssignmentId, AssignmentStatus)> = assignments::store::visible(tx)?
        .filter(homework::id.eq_any(made))
        .select((homework::id, homework::status))
        .load(tx.conn)?;
    Ok(found.into_iter().collect())
}

struct View<'a> {
    row: &'a Row,
    seen: &'a Seen,
    of_practice: bool,
}

impl View<'_> {
    fn phase(&self, phase: &PhaseRow, actions: &[ActionRow]) -> ProgramPhase {
        let place = usize::try_from(phase.position).unwrap_or_default();
        let planned = self.row.plan.0.definition.phases.get(place);
        let own = actions.iter().filter(|action| action.phase == phase.position);
        let is_over = matches!(phase.state, PhaseState::Done | PhaseState::Skipped);
        let extendable = planned.is_some_and(|one| one.extendable) && !is_over;
        ProgramPhase {
            key: phase.key.clone(),
            title: planned.map(|one| one.title.clone()).unwrap_or_default(),
            state: phase.state,
            planned_from: phase.planned_from,
            planned_to: phase.planned_to,
            actual_from: phase.actual_from,
            actual_to: phase.actual_to,
            extendable: extendable && self.of_practice,
            actions: own.filter_map(|action| self.action(action)).collect(),
        }
    }

    /// To a participant an action is the homework that came of it, or nothing.
    fn action(&self, row: &ActionRow) -> Option<ProgramAction> {
        let planned = self.row.plan.0.definition.action(&row.key)?;
        let status = row.assignment_id.and_then(|id| self.seen.get(&id));
        if !self.of_practice && status.is_none() {
            return None;
        }
        let state = match (row.state, status) {
            (ActionState::Assigned, Some(AssignmentStatus::Completed)) => ActionState::Done,
            (
                ActionState::Assigned,
                Some(
                    AssignmentStatus::Withdrawn
                    | AssignmentStatus::Expired
                    | AssignmentStatus::EnteredInError,
                ),
            ) => ActionState::Skipped,
            (state, _) => state,
        };
        let clinicians = |action: &Action| Some(action.clone()).filter(|_| self.of_practice);
        let more = clinicians(planned);
        Some(ProgramAction {
            key: row.key.clone(),
            kind: planned.kind,
            state,
            activity_key: planned.activity.clone(),
            title: planned.activity.as_deref().and_then(title_of),
            assignment_id: row.assignment_id.filter(|_| status.is_some()),
            due_on: row.due_on,
            carry_forward: row.carry_forward && self.of_practice,
            requirement: more.as_ref().map(|action| action.required),
            text: more.as_ref().and_then(|action| action.text.clone()),
            awaits: more.as_ref().and_then(|action| action.awaits),
            parameters: more.map(|action| action.params).unwrap_or_default(),
        })
    }
}

/// The title of an exercise of the catalogue.
fn title_of(key: &str) -> Option<String> {
    let found = catalog::built_in().iter().find(|one| one.definition.key == key);
    found.map(|one| one.definition.title.clone())
}
