//! The plan of a programme: its definition, bent to what a couple brings. Nothing here knows a database.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::definition::{Action, ActionKind, Patch, Phase, ProgramDefinition, Variant};
use crate::activities::definition::catalog;
use crate::db::Date;
use crate::error::{Error, Fault};

/// Parameters of exercises, by the names of the actions that assign them.
pub type Parameters = BTreeMap<String, Map<String, Value>>;

/// A definition as it was bent, whole: it is kept with the programme, so that a later catalogue changes nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The definition with its variants and parameters in place.
    pub definition: ProgramDefinition,
    /// The actions that happen only if a clinician takes them up.
    pub offered: BTreeSet<String>,
}

impl Plan {
    /// Bends a definition by these variants, in the order in which it lists them, and then by these parameters.
    #[must_use]
    pub fn of(
        definition: &ProgramDefinition,
        variants: &[String],
        parameters: &Parameters,
    ) -> Self {
        let mut plan = Self { definition: definition.clone(), offered: BTreeSet::new() };
        let chosen = |variant: &&Variant| variants.contains(&variant.key);
        for variant in definition.variants.iter().filter(chosen) {
            variant.patch.iter().for_each(|patch| plan.bend(patch));
        }
        for (action, params) in parameters {
            plan.set_params(action, params);
        }
        plan
    }

    /// Whether what is assigned works on the threads that its definition asks for.
    #[must_use]
    pub fn covers_threads(&self) -> bool {
        self.covers_threads_without(|_| false)
    }

    /// The same without the actions that are left out.
    pub(super) fn covers_threads_without(&self, left_out: impl Fn(&str) -> bool) -> bool {
        self.definition.required_threads.are_met_by(&self.definition.threads_without(left_out))
    }

    fn bend(&mut self, patch: &Patch) {
        match patch {
            Patch::ExtendPhase { phase, days } => self.extend(phase, *days),
            Patch::AddAction { phase, action } => self.add(phase, action),
            Patch::OfferAction { phase, action } => {
                self.offered.insert(action.key.clone());
                self.add(phase, action);
            }
            Patch::MoveAction { action, to_phase } => self.move_to(action, to_phase),
            Patch::SetParams { action, params } => self.set_params(action, params),
        }
    }

    /// Makes a phase longer; those after it begin as much later.
    fn extend(&mut self, phase: &str, days: u16) {
        let mut later = 0;
        for one in &mut self.definition.phases {
            one.offset_days = one.offset_days.saturating_add(later);
            if one.key == phase {
                one.length_days = one.length_days.saturating_add(days);
                later = days;
            }
        }
        self.definition.duration_days = self.definition.duration_days.saturating_add(later);
    }

    fn add(&mut self, phase: &str, action: &Action) {
        if let Some(phase) = self.phase_mut(phase) {
            phase.actions.push(action.clone());
        }
    }

    fn move_to(&mut self, action: &str, phase: &str) {
        if self.definition.phase(phase).is_none() {
            return;
        }
        let mut moved = None;
        for one in &mut self.definition.phases {
            if let Some(at) = one.actions.iter().position(|other| other.key == action) {
                moved = Some(one.actions.remove(at));
            }
        }
        if let (Some(phase), Some(action)) = (self.phase_mut(phase), moved) {
            phase.actions.push(action);
        }
    }

    /// Puts these parameters over those of an action.
    pub fn set_params(&mut self, action: &str, params: &Map<String, Value>) {
        let actions = self.definition.phases.iter_mut().flat_map(|phase| &mut phase.actions);
        for one in actions.filter(|one| one.key == action) {
            one.params.extend(params.clone());
        }
    }

    fn phase_mut(&mut self, key: &str) -> Option<&mut Phase> {
        self.definition.phases.iter_mut().find(|phase| phase.key == key)
    }

    /// The actions with the place of their phase, in order.
    pub fn actions(&self) -> impl Iterator<Item = (usize, &Action)> {
        let phases = self.definition.phases.iter().enumerate();
        phases.flat_map(|(at, phase)| phase.actions.iter().map(move |action| (at, action)))
    }

    /// True for an exercise that comes only after its phase, in this place, and so when the programme has ended.
    #[must_use]
    pub fn comes_after(&self, place: i32, key: &str) -> bool {
        let phase = usize::try_from(place).ok().and_then(|at| self.definition.phases.get(at));
        let (Some(phase), Some(action)) = (phase, self.definition.action(key)) else {
            return false;
        };
        action.kind == ActionKind::Assign
            && action.awaits.is_none()
            && action.when.is_none()
            && action.timing.is_some_and(|timing| timing.offset_days >= phase.length_days)
    }

    /// First and last day of each phase of a programme that begins on this day.
    #[must_use]
    pub fn days_from(&self, start: Date) -> Vec<(Date, Date)> {
        self.definition.phases.iter().map(|phase| phase.days_from(start)).collect()
    }

    /// What is wrong with parameters for actions: an action that is not there or takes none, a value out of its
    /// bounds. `at` is where they stand in the request.
    #[must_use]
    pub fn parameter_faults(&self, parameters: &Parameters, at: &str) -> Vec<Fault> {
        let mut faults = Vec::new();
        for (key, params) in parameters {
            match self.definition.action(key) {
                None => faults.push(Fault::body(at, "unknown_field", "There is no such action.")),
                Some(action) => {
                    faults.extend(param_faults(action, params, &format!("{at}/{key}")));
                }
            }
        }
        faults
    }
}

/// What is wrong with these parameters for an action.
#[must_use]
pub fn param_faults(action: &Action, params: &Map<String, Value>, at: &str) -> Vec<Fault> {
    let exercise = action.activity.as_deref().filter(|_| action.awaits.is_none());
    let found =
        catalog::built_in().iter().find(|one| Some(one.definition.key.as_str()) == exercise);
    match found {
        Some(exercise) => match exercise.definition.with_new_parameters(params, at) {
            Ok(_) => Vec::new(),
            Err(error) => error.faults().to_vec(),
        },
        None if params.is_empty() => Vec::new(),
        None => vec![Fault::body(at, "not_allowed", "This action assigns no exercise yet.")],
    }
}

/// The day so long after another; `period` is ISO 8601, as `P3M`.
///
/// # Errors
/// A fault of the service when the period does not read.
pub fn after(day: Date, period: &str) -> Result<Date, Error> {
    let span: jiff::Span =
        period.parse().map_err(|_| Error::internal("a period of a programme does not read"))?;
    Ok(Date(day.0.saturating_add(span)))
}
