//! Making and changing sessions.

use super::check::Plan;
use super::model::{
    Attendance, NewSession, Session, SessionPatch, SessionStatus, SetSessionParticipant,
};
use super::store::{
    EXCEPTION, Part, Row, find, find_row, holders, insert, parts, save, save_part, set_clinicians,
};
use super::transitions::{MACHINE, too_few};
use crate::auth::Tx;
use crate::db::id::{ClientId, ClinicianId, SessionId};
use crate::error::{Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::http::patch::set;
use crate::seal::Sealed;

/// Makes a session: one to come, or one that was held and is recorded afterwards.
///
/// # Errors
/// 409 `overlaps`, `outside_licensed_states` and `requirements_missing`, 422 with every faulty field.
pub fn create(tx: &mut Tx<'_>, new: NewSession) -> Result<Session> {
    let clinicians = new.clinician_ids.unwrap_or_else(|| Vec::from_iter(tx.caller.clinician()));
    let plan = Plan {
        id: None,
        treatment: new.treatment_id,
        kind: new.kind,
        modality: new.modality,
        office: new.office_id,
        starts_at: new.starts_at,
        ends_at: new.ends_at,
        clinicians,
        participants: new
            .participants
            .into_iter()
            .map(|one| (one.client_id, one.location_state))
            .collect(),
        excused: new.exception_reason.is_some(),
    };
    let (couple_id, client_id) = plan.record(tx)?;
    plan.check_states(tx)?;
    if !new.requested {
        plan.check_overlap(tx)?;
    }
    let id: SessionId = tx.new_id();
    let row = Row {
        practice_id: tx.practice(),
        id,
        treatment_id: plan.treatment,
        couple_id,
        client_id,
        kind: plan.kind,
        modality: plan.modality,
        office_id: plan.office,
        starts_at: plan.starts_at,
        ends_at: plan.ends_at,
        started_at: None,
        ended_at: None,
        status: if new.requested { SessionStatus::Requested } else { SessionStatus::Booked },
        exception: seal_exception(tx, id, new.exception_reason.as_ref())?,
        cancellation: None,
        rescheduled_to_id: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    insert(tx, row, &plan.clinicians, &plan.participants)
}

/// Changes the members that a patch names, until the session is held or will not be.
///
/// # Errors
/// 404, 409, 412, 422.
pub fn update(
    tx: &mut Tx<'_>,
    id: SessionId,
    patch: SessionPatch,
    if_match: &IfMatch,
) -> Result<Session> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut row = find_row(tx, id)?;
    demand_open(&row)?;
    let (mut clinicians, mut reason) =
        (current.clinician_ids.clone(), current.exception_reason.clone());
    let mut changed = Vec::new();
    let mut note = |name, is_another| {
        if is_another {
            changed.push(name);
        }
    };
    note("modality", set(&mut row.modality, patch.modality));
    note("office_id", patch.office_id.apply(&mut row.office_id));
    note("clinician_ids", set(&mut clinicians, patch.clinician_ids));
    note("exception_reason", patch.exception_reason.apply(&mut reason));
    if changed.is_empty() {
        return Ok(current);
    }
    let plan = Plan { clinicians, excused: reason.is_some(), ..plan_of(tx, &row)? };
    plan.record(tx)?;
    plan.check_states(tx)?;
    if row.status != SessionStatus::Requested {
        plan.check_overlap(tx)?;
    }
    row.exception = seal_exception(tx, id, reason.as_ref())?;
    set_clinicians(tx, id, &plan.clinicians)?;
    save(tx, row, "updated", &changed)
}

/// Writes what becomes of somebody's part: whether they come, and where they are.
///
/// # Errors
/// 404 for whoever does not take part, 409, 422.
pub fn set_participant(
    tx: &mut Tx<'_>,
    id: SessionId,
    client: ClientId,
    new: SetSessionParticipant,
) -> Result<Session> {
    let mut row = find_row(tx, id)?;
    let mut parts = parts(tx, &[id])?.remove(&id).unwrap_or_default();
    let part = parts.iter_mut().find(|part| part.client == client).ok_or_else(Error::not_found)?;
    let after = Part { attendance: new.attendance, state: new.location_state, ..part.clone() };
    if after == *part && new.exception_reason.is_none() {
        return find(tx, id);
    }
    if row.status == SessionStatus::Rescheduled {
        return Err(Error::invalid_transition(row.status.as_str(), Vec::new()));
    }
    *part = after.clone();
    if row.status == SessionStatus::Completed {
        check_still_held(&row, &parts, new.attendance)?;
    }
    if let Some(reason) = &new.exception_reason {
        row.exception = seal_exception(tx, id, Some(reason))?;
    }
    let mut plan = plan_of(tx, &row)?;
    plan.participants = parts.iter().map(|part| (part.client, part.state.clone())).collect();
    plan.record(tx)?;
    if after.attendance == Attendance::Expected || after.attendance.was_there() {
        plan.check_states(tx)?;
    }
    save_part(tx, &after)?;
    save(tx, row, "updated", &["participants"])
}

/// What was held stays so: nobody is yet to come, and as many were there as its kind takes.
fn check_still_held(row: &Row, parts: &[Part], attendance: Attendance) -> Result<()> {
    if attendance == Attendance::Expected {
        let detail = "The session was held; say whether they were there.";
        return Err(Error::invalid(vec![Fault::body("/attendance", "not_allowed", detail)]));
    }
    let missing = too_few(row, parts, "/attendance");
    missing.map_or(Ok(()), |fault| Err(Error::requirements_missing(vec![fault])))
}

/// The plan that a session is.
pub(super) fn plan_of(tx: &mut Tx<'_>, row: &Row) -> Result<Plan> {
    let clinicians: Vec<ClinicianId> = holders(tx, &[row.id])?.remove(&row.id).unwrap_or_default();
    let parts: Vec<Part> = parts(tx, &[row.id])?.remove(&row.id).unwrap_or_default();
    Ok(Plan {
        id: Some(row.id),
        treatment: row.treatment_id,
        kind: row.kind,
        modality: row.modality,
        office: row.office_id,
        starts_at: row.starts_at,
        ends_at: row.ends_at,
        clinicians,
        participants: parts.into_iter().map(|part| (part.client, part.state)).collect(),
        excused: row.exception.is_some(),
    })
}

pub(super) fn seal_exception(
    tx: &Tx<'_>,
    id: SessionId,
    reason: Option<&String>,
) -> Result<Option<Sealed<String>>> {
    Ok(tx.keys.seal_opt(&EXCEPTION, id.uuid(), reason)?)
}

fn demand_open(row: &Row) -> Result<()> {
    let allowed = MACHINE.allowed(row.status);
    if allowed.is_empty() {
        return Err(Error::invalid_transition(row.status.as_str(), allowed));
    }
    Ok(())
}
