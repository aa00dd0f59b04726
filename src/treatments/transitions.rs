//! The status of a treatment (`domain` 2.4.5).

use actix_web::post;

use super::model::{
    ActivateTreatment, CloseReason, CloseTreatment, CompleteConsult, ConsultOutcome, Treatment,
    TreatmentStatus,
};
use super::store::{Row, find_row, save, seal_waiver};
use crate::audit::{Change, Subject};
use crate::auth::scopes::TreatmentsWrite;
use crate::auth::{Access, Tx};
use crate::consents::store::missing_consents;
use crate::couples::secrets_policy;
use crate::db::id::TreatmentId;
use crate::error::{Error, Fault, Result};
use crate::http::action::action;
use crate::http::{Answer, At, Body, Routes};
use crate::state::{Machine, Status, Transition};
use crate::{couples, practices};

use TreatmentStatus::{
    Active, Closed, ConsultCompleted, ConsultScheduled, Inquiry, Maintenance, OnHold, Tapering,
    Transferred,
};

impl Status for TreatmentStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a treatment's status. `resume` leads back to where it was held; the table
/// says `active` and the row knows better. A treatment may be closed from wherever it stands
/// (`docs/adr/0010`).
pub const MACHINE: Machine<TreatmentStatus> = Machine(&[
    Transition { name: "schedule-consult", from: &[Inquiry], to: ConsultScheduled },
    Transition { name: "complete-consult", from: &[ConsultScheduled], to: ConsultCompleted },
    Transition {
        name: "activate",
        from: &[Inquiry, ConsultScheduled, ConsultCompleted],
        to: Active,
    },
    Transition { name: "taper", from: &[Active], to: Tapering },
    Transition { name: "maintain", from: &[Tapering], to: Maintenance },
    Transition { name: "hold", from: &[Active, Tapering, Maintenance], to: OnHold },
    Transition { name: "resume", from: &[OnHold], to: Active },
    Transition { name: "transfer", from: &[Active, Tapering, Maintenance], to: Transferred },
    Transition {
        name: "close",
        from: &[Inquiry, ConsultScheduled, ConsultCompleted, Active, Tapering, Maintenance, OnHold],
        to: Closed,
    },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config
        .service(schedule_treatment_consult)
        .service(complete_treatment_consult)
        .service(activate_treatment)
        .service(taper_treatment)
        .service(maintain_treatment)
        .service(hold_treatment)
        .service(resume_treatment)
        .service(transfer_treatment)
        .service(close_treatment);
}

action! {
    /// Schedule the consultation
    ///
    /// From inquiry. For staff and services who see the treatment.
    schedule_treatment_consult "/v1/treatments/{treatment_id}/schedule-consult", tag "treatments",
    scope "treatments:write" TreatmentsWrite, TreatmentId => Treatment,
    |tx, id| plain_step(tx, id, "schedule-consult")
}

/// Complete the consultation
///
/// From scheduled, with what it found. `not_fit` and `referred` close the treatment as
/// referred. For staff and services who see the treatment.
#[utoipa::path(
    tag = "treatments",
    request_body = CompleteConsult,
    responses((status = 200, description = "As it is now", body = Treatment)),
    security(("token" = ["treatments:write"])),
)]
#[post("/v1/treatments/{treatment_id}/complete-consult")]
async fn complete_treatment_consult(
    access: Access<TreatmentsWrite>,
    At(id): At<TreatmentId>,
    body: Body<CompleteConsult>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| complete_consult(tx, id, body.outcome)).await
}

/// Activate a treatment
///
/// Once the consultation was held or waived, every client in it has signed the informed
/// consent and the disclosure statement, and a couple is active and its members have all
/// accepted its secrets policy. What is missing is listed. For staff and services who see the
/// treatment.
#[utoipa::path(
    tag = "treatments",
    request_body = ActivateTreatment,
    responses((status = 200, description = "As it is now", body = Treatment)),
    security(("token" = ["treatments:write"])),
)]
#[post("/v1/treatments/{treatment_id}/activate")]
async fn activate_treatment(
    access: Access<TreatmentsWrite>,
    At(id): At<TreatmentId>,
    body: Body<ActivateTreatment>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| activate(tx, id, body)).await
}

action! {
    /// Taper a treatment
    ///
    /// From active: sessions get fewer. For staff and services who see the treatment.
    taper_treatment "/v1/treatments/{treatment_id}/taper", tag "treatments",
    scope "treatments:write" TreatmentsWrite, TreatmentId => Treatment,
    |tx, id| plain_step(tx, id, "taper")
}

action! {
    /// Move a treatment to maintenance
    ///
    /// From tapering: occasional sessions. For staff and services who see the treatment.
    maintain_treatment "/v1/treatments/{treatment_id}/maintain", tag "treatments",
    scope "treatments:write" TreatmentsWrite, TreatmentId => Treatment,
    |tx, id| plain_step(tx, id, "maintain")
}

action! {
    /// Put a treatment on hold
    ///
    /// From active, tapering or maintenance. For staff and services who see the treatment.
    hold_treatment "/v1/treatments/{treatment_id}/hold", tag "treatments",
    scope "treatments:write" TreatmentsWrite, TreatmentId => Treatment,
    |tx, id| plain_step(tx, id, "hold")
}

action! {
    /// Resume a treatment
    ///
    /// From hold, to where it was before. For staff and services who see the treatment.
    resume_treatment "/v1/treatments/{treatment_id}/resume", tag "treatments",
    scope "treatments:write" TreatmentsWrite, TreatmentId => Treatment,
    |tx, id| plain_step(tx, id, "resume")
}

action! {
    /// Record that a treatment was transferred
    ///
    /// It goes on at another practice, and is over here. For staff and services who see the
    /// treatment.
    transfer_treatment "/v1/treatments/{treatment_id}/transfer", tag "treatments",
    scope "treatments:write" TreatmentsWrite, TreatmentId => Treatment,
    |tx, id| step(tx, id, "transfer", |tx, row| end(tx, row, CloseReason::Transferred))
}

/// Close a treatment
///
/// From wherever it stands, with the reason. For staff and services who see the treatment.
#[utoipa::path(
    tag = "treatments",
    request_body = CloseTreatment,
    responses((status = 200, description = "As it is now", body = Treatment)),
    security(("token" = ["treatments:write"])),
)]
#[post("/v1/treatments/{treatment_id}/close")]
async fn close_treatment(
    access: Access<TreatmentsWrite>,
    At(id): At<TreatmentId>,
    body: Body<CloseTreatment>,
) -> Result<Answer> {
    let unit = move |tx: &mut Tx<'_>, body: CloseTreatment| {
        step(tx, id, "close", |tx, row| end(tx, row, body.reason))
    };
    access.act_with(body, unit).await
}

/// Takes a transition that needs no body, by its name.
///
/// # Errors
/// 404, 409 with what is possible.
pub fn plain_step(tx: &mut Tx<'_>, id: TreatmentId, name: &'static str) -> Result<Treatment> {
    step(tx, id, name, |_, _| Ok(()))
}

fn step(
    tx: &mut Tx<'_>,
    id: TreatmentId,
    name: &'static str,
    effect: impl FnOnce(&mut Tx<'_>, &mut Row) -> Result<()>,
) -> Result<Treatment> {
    let mut row = find_row(tx, id)?;
    let from = row.status;
    row.status = MACHINE.step(from, name)?;
    if let Some(held_from) = row.held_from.take()
        && name == "resume"
    {
        row.status = held_from;
    }
    if row.status == OnHold {
        row.held_from = Some(from);
    }
    effect(tx, &mut row)?;
    let subject = Subject::Treatment(id);
    save(tx, row, &Change { subject, verb: "status_changed", fields: &["status"] })
}

fn end(tx: &mut Tx<'_>, row: &mut Row, reason: CloseReason) -> Result<()> {
    row.close_reason = Some(reason);
    row.closed_on = Some(practices::store::today(tx)?);
    Ok(())
}

/// Completes the consultation.
///
/// # Errors
/// 404, 409.
pub fn complete_consult(
    tx: &mut Tx<'_>,
    id: TreatmentId,
    outcome: ConsultOutcome,
) -> Result<Treatment> {
    step(tx, id, "complete-consult", |tx, row| {
        row.consult_outcome = Some(outcome);
        if matches!(outcome, ConsultOutcome::NotFit | ConsultOutcome::Referred) {
            row.status = Closed;
            end(tx, row, CloseReason::Referred)?;
        }
        Ok(())
    })
}

/// Activates a treatment.
///
/// # Errors
/// 404, 409 with what is missing.
pub fn activate(tx: &mut Tx<'_>, id: TreatmentId, body: ActivateTreatment) -> Result<Treatment> {
    step(tx, id, "activate", |tx, row| {
        let mut missing = Vec::new();
        let consulted = row.consult_outcome.is_some();
        match body.consult_waived_reason {
            Some(reason) => row.consult_waiver = Some(seal_waiver(tx, id, &reason)?),
            None if !consulted && practices::store::settings(tx)?.consult_required => {
                let detail = "Complete the consultation, or say why none is needed.";
                missing.push(Fault::body("/consult_waived_reason", "consult_required", detail));
            }
            None => {}
        }
        missing.extend(unready(tx, row)?);
        if !missing.is_empty() {
            return Err(Error::requirements_missing(missing));
        }
        row.started_on = Some(practices::store::today(tx)?);
        Ok(())
    })
}

/// What the people in a treatment still have to sign or accept.
fn unready(tx: &mut Tx<'_>, row: &Row) -> Result<Vec<Fault>> {
    let mut missing = Vec::new();
    let mut clients = Vec::from_iter(row.client_id);
    if let Some(couple) = row.couple_id {
        let members = couples::members::store::present_members(tx, couple)?;
        clients.extend(members.into_iter().map(|(client, _)| client));
        if couples::store::find(tx, couple)?.status != couples::model::CoupleStatus::Active {
            missing.push(Fault::body(
                "/couple_id",
                "couple_not_active",
                "Activate the couple first.",
            ));
        }
        if !secrets_policy::is_accepted_by_all(tx, couple)? {
            let detail = "Every member has to accept the couple's secrets policy.";
            missing.push(Fault::body("/couple_id", "secrets_policy_open", detail));
        }
    }
    for client in clients {
        missing.extend(missing_consents(tx, client)?);
    }
    Ok(missing)
}
