//! Whether what was sent fits its form: the gates first, then every fault at once.

use serde_json::{Map, Value};

use super::form::Form;
use super::model::{EntryProblem, Intent, NewSubmission};
use super::pieces;
use super::submit::Checked;
use crate::activities::definition::condition::{By, Known, MetricIs};
use crate::activities::definition::{Capture, Gate, GateAction, GateAt, Sensitivity};
use crate::assignments::store::Row as AssignmentRow;
use crate::auth::Tx;
use crate::consents::model::ConsentKind;
use crate::db::id::ClientId;
use crate::error::{Error, Fault, Result};
use crate::{consents, couples};

/// Under this name forms about safety ask whether the device is private, and close their gate if not.
const PRIVATE_DEVICE: &str = "private_device";
/// The code of gates that are a pause.
const PAUSED: &str = "paused";

/// Checks what was sent, and parts it by who may read it.
///
/// A batch of events keeps what is right in it: it is refused when nothing is.
///
/// # Errors
/// 409 `not_now` while a gate is closed, with nothing stored; 422 with every fault.
pub(super) fn of(
    tx: &mut Tx<'_>,
    homework: &AssignmentRow,
    form: &Form,
    sent: &NewSubmission,
) -> Result<Checked> {
    if sent.status != Intent::Skipped {
        check_gates(tx, homework, form, &as_told(homework, sent))?;
    }
    Error::unless_valid(faults_of_kind(form, sent))?;
    if form.definition.capture == Capture::Event && sent.status != Intent::Skipped {
        return of_events(homework, form, sent);
    }
    if sent.status == Intent::Submitted || sent.status == Intent::Draft {
        let draft = sent.status == Intent::Draft;
        Error::unless_valid(faults(homework, form, sent, &sent.answers, draft, "/answers"))?;
    }
    Ok(Checked {
        pieces: pieces::part(&form.definition, &sent.answers, None),
        problems: Vec::new(),
    })
}

/// Whether there may be new answers of this author, whatever is in them: nothing is added to what a couple had
/// together once they have parted, nothing is kept of whoever has asked for no records, and sexual-health
/// homework needs its author's own consent at this moment. What another has signed changes nothing here.
///
/// # Errors
/// 409 `not_now`, 409 for a couple that has parted, 422 `records_declined`.
pub(super) fn people(tx: &mut Tx<'_>, homework: &AssignmentRow, author: ClientId) -> Result<()> {
    if let Some(couple) = homework.couple_id {
        let status = couples::store::status(tx, couple)?;
        if status.is_over() {
            return Err(Error::invalid_transition(status.as_str(), Vec::new()));
        }
    }
    let signed = |tx: &mut Tx<'_>, kind| consents::store::in_force(tx, &[author], kind);
    if signed(tx, ConsentKind::NoRecordsRequest)? > 0 {
        let detail = "You have asked that no records be kept of you.";
        return Err(Error::invalid(vec![Fault::body("", "records_declined", detail)]));
    }
    if homework.sensitivity == Sensitivity::SexualHealth
        && signed(tx, ConsentKind::SexualHealthHomework)? == 0
    {
        return Err(Error::not_now(None));
    }
    Ok(())
}

/// What is wrong with the whole of it, whatever the answers are.
fn faults_of_kind(form: &Form, sent: &NewSubmission) -> Vec<Fault> {
    let mut faults = form.role_faults(sent.role.as_deref());
    let mut wrong = |at: &str, code: &'static str, detail: &'static str| {
        faults.push(Fault::body(at, code, detail));
    };
    let events = form.definition.capture == Capture::Event;
    if sent.status == Intent::Skipped {
        if !sent.answers.is_empty() {
            wrong("/answers", "unknown_field", "What is skipped has no answers.");
        }
        if !sent.entries.is_empty() {
            wrong("/entries", "unknown_field", "What is skipped has no events.");
        }
    } else if events && !sent.answers.is_empty() {
        wrong("/answers", "unknown_field", "This exercise takes events: send `entries`.");
    } else if events && sent.entries.is_empty() {
        wrong("/entries", "too_few", "At least one event.");
    } else if !events && !sent.entries.is_empty() {
        wrong("/entries", "unknown_field", "This exercise is a form: send `answers`.");
    }
    if sent.status != Intent::Submitted && events {
        wrong("/status", "not_kept", "Events stay on the device until they are sent.");
    }
    if sent.status == Intent::Draft && form.definition.sensitivity == Sensitivity::Safety {
        wrong("/status", "not_kept", "What concerns somebody's safety is not kept half done.");
    }
    faults
}

/// The answers that gates look at. Whoever says that a device is one that both use has not answered that it is private.
fn as_told(homework: &AssignmentRow, sent: &NewSubmission) -> Map<String, Value> {
    let mut answers = sent.answers.clone();
    if homework.sensitivity == Sensitivity::Safety && sent.device_shared {
        answers.insert(PRIVATE_DEVICE.to_owned(), Value::Bool(false));
    }
    answers
}

/// What is wrong with these answers, on the device that they come from. What one client does alone is as private on
/// any device as its owner keeps it.
fn faults(
    homework: &AssignmentRow,
    form: &Form,
    sent: &NewSubmission,
    answers: &Map<String, Value>,
    draft: bool,
    at: &str,
) -> Vec<Fault> {
    let role = sent.role.as_deref();
    if sent.device_shared && homework.couple_id.is_some() {
        form.faults_when_shared(answers, role, draft, at)
    } else {
        form.faults(answers, role, draft, at)
    }
}

fn of_events(homework: &AssignmentRow, form: &Form, sent: &NewSubmission) -> Result<Checked> {
    let draft = sent.status == Intent::Draft;
    let (mut pieces, mut problems) = (Vec::new(), Vec::new());
    for (index, entry) in (0u32..).zip(&sent.entries) {
        let at = format!("/entries/{index}/answers");
        let errors = faults(homework, form, sent, &entry.answers, draft, &at);
        if errors.is_empty() {
            let entry_no = i32::try_from(index).unwrap_or(i32::MAX);
            let place = Some((entry_no, entry.at));
            pieces.extend(pieces::part(&form.definition, &entry.answers, place));
        } else {
            problems.push(EntryProblem { index, errors });
        }
    }
    if problems.len() == sent.entries.len() {
        return Err(Error::invalid(problems.into_iter().flat_map(|one| one.errors).collect()));
    }
    Ok(Checked { pieces, problems })
}

/// The gates that stand between a participant and their form. They are looked at before anything is demanded
/// of the answers, so that nobody who is not alone is asked for more.
fn check_gates(
    tx: &mut Tx<'_>,
    homework: &AssignmentRow,
    form: &Form,
    answers: &Map<String, Value>,
) -> Result<()> {
    let stages = [GateAt::Open, GateAt::Start, GateAt::Submit];
    let gates: Vec<&Gate> = stages
        .into_iter()
        .flat_map(|at| form.definition.gates_at(at))
        .filter(|gate| gate.r#else.action != GateAction::Warn)
        .collect();
    let held = super::signals::held(tx, homework, &gates)?;
    let given = |link_id: &str, _: By| answers.get(link_id).cloned().into_iter().collect();
    let known = Known {
        answers: &given,
        metric: &|_: &MetricIs| None,
        fact: &|_: &str| None,
        flag: &|flag: &str| held.contains(&flag),
    };
    match gates.into_iter().find(|gate| !gate.when.holds(&known)) {
        None => Ok(()),
        // Every pause reads alike, whichever way it is met.
        Some(gate) if gate.r#else.code == PAUSED => Err(Error::not_now(None)),
        Some(gate) if gate.r#else.action == GateAction::BlockNeutral => {
            Err(Error::not_now(gate.r#else.public_text.as_deref()))
        }
        Some(gate) => {
            let detail = format!("The gate `{}` of this exercise is closed.", gate.r#else.code);
            Err(Error::requirements_missing(vec![Fault::body("", "gate_closed", detail)]))
        }
    }
}
