//! Beginning a programme: everything that is faulty or missing is told at once, and then everything or nothing is
//! assigned.

#[cfg(test)]
mod tests;

use super::course::Course;
use super::definition::{ProgramDefinition, built_in};
use super::deviations::Deviation;
use super::model::Program;
use super::plan::{Parameters, Plan};
use super::readiness::{self, Whom};
use super::requests::NewProgram;
use super::store::{self, Row};
use super::words::{DeviationKind, ProgramStatus};
use crate::activities::definition::SubjectKind;
use crate::auth::Tx;
use crate::db::id::ClinicianId;
use crate::db::{Date, Doc};
use crate::error::{Error, Fault, Result};
use crate::{clients, couples, practices};

/// How far from today a programme may begin, in days.
const FARTHEST_START: i32 = 90;

/// Begins a programme.
///
/// # Errors
/// 403 for whoever does not treat, 409 with everything that has to be in place first, 422 with every faulty field.
pub(super) fn create(tx: &mut Tx<'_>, new: NewProgram) -> Result<Program> {
    tx.caller.clinician().ok_or_else(store::not_theirs)?;
    let today = practices::store::today(tx)?;
    let (definition, plan) = read(tx, &new, today)?;
    let clinician = store::must_treat(tx, new.couple_id, new.client_id)?;
    let whom = Whom { couple: new.couple_id, client: new.client_id };
    let reason = new.reason.as_ref();
    let (mut missing, passed) =
        readiness::before_beginning(tx, whom, definition, reason.is_some())?;
    if store::is_under_way(tx, &definition.key, whom.couple, whom.client)? {
        let detail = "This programme is under way already.";
        missing.push(Fault::body("/program_definition_key", "under_way", detail));
    }
    let row = row_of(tx, &new, definition, plan, clinician);
    let starts_on = row.starts_on;
    let mut course = Course::new(row, clinician, today);
    course.deviations = passed;
    if !course.row.plan.0.covers_threads() {
        course.deviations.push(Deviation { kind: DeviationKind::Threads, about: None });
    }
    let assigned = course.begin_phase(tx, 0, starts_on, reason)?;
    course.deviations.extend(assigned.passed);
    missing.extend(assigned.faults);
    if !missing.is_empty() {
        return Err(Error::requirements_missing(missing));
    }
    course.insert(tx, reason)
}

fn row_of(
    tx: &Tx<'_>,
    new: &NewProgram,
    definition: &ProgramDefinition,
    plan: Plan,
    clinician: ClinicianId,
) -> Row {
    Row {
        practice_id: tx.practice(),
        id: tx.new_id(),
        couple_id: new.couple_id,
        client_id: new.client_id,
        definition_key: definition.key.clone(),
        definition_version: definition.version.clone(),
        title: definition.title.clone(),
        plan: Doc(plan),
        variants: Doc(new.variants.clone()),
        parameters: Doc(new.parameters.clone()),
        starts_on: new.starts_on,
        status: ProgramStatus::Active,
        phase: 0,
        paused_on: None,
        resume_on: None,
        proposed_plan: None,
        next_review_on: None,
        begun_by: clinician,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    }
}

/// The definition and the plan that is made of it, or every fault of the body.
fn read(
    tx: &mut Tx<'_>,
    new: &NewProgram,
    today: Date,
) -> Result<(&'static ProgramDefinition, Plan)> {
    let mut faults = subject_faults(tx, new)?;
    let (first, last) = (today.plus_days(-FARTHEST_START), today.plus_days(FARTHEST_START));
    if new.starts_on < first || new.starts_on > last {
        let detail = "Must be within ninety days of today.";
        faults.push(Fault::body("/starts_on", "out_of_range", detail));
    }
    let found = built_in().iter().find(|one| one.key == new.program_definition_key);
    let Some(definition) = found else {
        faults.push(Fault::unknown_id("/program_definition_key"));
        return Err(Error::invalid(faults));
    };
    faults.extend(unfit(new, definition));
    faults.extend(variant_faults(new, definition));
    let plan = Plan::of(definition, &new.variants, &new.parameters);
    let bent = Plan::of(definition, &new.variants, &Parameters::new());
    faults.extend(bent.parameter_faults(&new.parameters, "/parameters"));
    faults.extend(uncovered(&plan, new.reason.is_some()));
    Error::unless_valid(faults)?;
    Ok((definition, plan))
}

/// A programme that works on too few threads is begun only with a reason.
fn uncovered(plan: &Plan, with_reason: bool) -> Option<Fault> {
    let detail = "Works on too few threads of intimacy; give the `reason` if that is meant.";
    (!plan.covers_threads() && !with_reason)
        .then(|| Fault::body("/program_definition_key", "threads_not_covered", detail))
}

fn subject_faults(tx: &mut Tx<'_>, new: &NewProgram) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    if new.couple_id.is_some() == new.client_id.is_some() {
        let detail = "Give either `couple_id` or `client_id`.";
        faults.push(Fault::body("/couple_id", "mismatch", detail));
    }
    if let Some(couple) = new.couple_id
        && !couples::store::is_visible(tx, couple)?
    {
        faults.push(Fault::unknown_id("/couple_id"));
    }
    if let Some(client) = new.client_id
        && !clients::store::is_visible(tx, client)?
    {
        faults.push(Fault::unknown_id("/client_id"));
    }
    Ok(faults)
}

/// A programme for couples is begun for a couple.
fn unfit(new: &NewProgram, definition: &ProgramDefinition) -> Option<Fault> {
    let (at, fits) = match definition.subject {
        SubjectKind::Couple => ("/client_id", new.client_id.is_none()),
        SubjectKind::Client => ("/couple_id", new.couple_id.is_none()),
        SubjectKind::Either => ("/couple_id", true),
    };
    let detail = format!("This programme is for a {}.", definition.subject.as_str());
    (!fits).then(|| Fault::body(at, "mismatch", detail))
}

/// A variant is one of the definition's, chosen once; one that tells of what was said in private is chosen only
/// when everybody knows.
fn variant_faults(new: &NewProgram, definition: &ProgramDefinition) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, key) in new.variants.iter().enumerate() {
        let at = format!("/variants/{index}");
        let known = definition.variants.iter().find(|variant| variant.key == *key);
        let Some(variant) = known else {
            faults.push(Fault::body(at, "unknown_value", "Is no variant of this programme."));
            continue;
        };
        if new.variants.iter().take(index).any(|other| other == key) {
            faults.push(Fault::body(at, "repeated", "Was chosen already."));
        } else if variant.known_to_all && !new.known_to_all {
            let detail =
                "Tells of what was said in private: set `known_to_all` if all members know.";
            faults.push(Fault::body(at, "not_known_to_all", detail));
        }
    }
    faults
}
