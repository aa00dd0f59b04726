//! The status of a time proposal: the others accept or decline, and whoever proposed it takes it back.

use actix_web::post;
use diesel::prelude::*;

use super::model::{Row, TimeProposal, TimeProposalStatus};
use super::store::{accepted_by, find, find_row, save};
use crate::assignments;
use crate::assignments::changes::reschedule;
use crate::auth::Tx;
use crate::auth::scopes::HomeworkSubmit;
use crate::couples::members::store::present_members;
use crate::couples::model::InvitationState;
use crate::db::id::{ClientId, TimeProposalId};
use crate::db::schema::time_proposal_confirmations as confirmations;
use crate::error::{Code, Error, Result};
use crate::http::Routes;
use crate::http::action::action;
use crate::state::{Machine, Status, Transition};

use TimeProposalStatus::{Accepted, Declined, Pending, Withdrawn};

impl Status for TimeProposalStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a proposal's status. Where more than one other has to accept, it stays pending until the last of
/// them has. What ends by itself is in no table: nobody does it.
pub const MACHINE: Machine<TimeProposalStatus> = Machine(&[
    Transition { name: "accept", from: &[Pending], to: Accepted },
    Transition { name: "decline", from: &[Pending], to: Declined },
    Transition { name: "withdraw", from: &[Pending], to: Withdrawn },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config
        .service(accept_time_proposal)
        .service(decline_time_proposal)
        .service(withdraw_time_proposal);
}

action! {
    /// Accept a time proposal
    ///
    /// Once all others have, the assignment is done at the proposed time from the next day on; what is past or
    /// open stays as it is. For the participants who did not propose it.
    accept_time_proposal "/v1/time-proposals/{time_proposal_id}/accept", tag "assignments",
    scope "homework:submit" HomeworkSubmit,
    TimeProposalId => TimeProposal, accept
}

action! {
    /// Decline a time proposal
    ///
    /// Everything stays as it is, and nobody is asked why. For the participants who did not propose it.
    decline_time_proposal "/v1/time-proposals/{time_proposal_id}/decline", tag "assignments",
    scope "homework:submit" HomeworkSubmit,
    TimeProposalId => TimeProposal, decline
}

action! {
    /// Withdraw a time proposal
    ///
    /// It is taken back. For whoever proposed it.
    withdraw_time_proposal "/v1/time-proposals/{time_proposal_id}/withdraw", tag "assignments",
    scope "homework:submit" HomeworkSubmit,
    TimeProposalId => TimeProposal, withdraw
}

/// Says yes for the caller.
///
/// # Errors
/// 403 for whoever proposed it, 404, 409 when it is decided.
pub(crate) fn accept(tx: &mut Tx<'_>, id: TimeProposalId) -> Result<TimeProposal> {
    let (mut row, own) = of_others(tx, id, "accept")?;
    let mut accepted = accepted_by(tx, &[id])?.into_iter().map(|(_, who)| who).collect::<Vec<_>>();
    if accepted.contains(&own) {
        return find(tx, id);
    }
    diesel::insert_into(confirmations::table)
        .values((
            confirmations::practice_id.eq(tx.practice()),
            confirmations::proposal_id.eq(id),
            confirmations::client_id.eq(own),
            confirmations::confirmed_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    accepted.push(own);
    if others(tx, &row)?.iter().all(|other| accepted.contains(other)) {
        decide(tx, &mut row, Accepted);
        reschedule(tx, row.assignment_id, row.schedule.0.clone())?;
    }
    save(tx, row, "time_accepted")
}

fn decline(tx: &mut Tx<'_>, id: TimeProposalId) -> Result<TimeProposal> {
    let (mut row, _) = of_others(tx, id, "decline")?;
    decide(tx, &mut row, Declined);
    save(tx, row, "time_declined")
}

fn withdraw(tx: &mut Tx<'_>, id: TimeProposalId) -> Result<TimeProposal> {
    let mut row = find_row(tx, id)?;
    if tx.caller.client() != Some(row.proposed_by) {
        return Err(Error::new(Code::OwnerOnly, "Whoever proposed it takes it back."));
    }
    decided(tx, &row, "withdraw")?;
    decide(tx, &mut row, Withdrawn);
    save(tx, row, "time_withdrawn")
}

/// A proposal of another's, which the caller may answer.
fn of_others(tx: &mut Tx<'_>, id: TimeProposalId, name: &'static str) -> Result<(Row, ClientId)> {
    let row = find_row(tx, id)?;
    let own = tx.caller.client().ok_or_else(Error::not_found)?;
    if own == row.proposed_by {
        return Err(Error::new(Code::OwnerOnly, "The others answer it; take it back instead."));
    }
    decided(tx, &row, name)?;
    let homework = assignments::store::find_row(tx, row.assignment_id)?;
    super::store::check_open(tx, &homework)?;
    Ok((row, own))
}

fn decided(tx: &Tx<'_>, row: &Row, name: &'static str) -> Result<()> {
    MACHINE.step(row.status_at(tx.now), name).map(drop)
}

fn decide(tx: &Tx<'_>, row: &mut Row, status: TimeProposalStatus) {
    row.status = status;
    row.decided_at = Some(tx.now);
}

/// Whose yes is needed: everybody who was assigned it and is of the couple now, but whoever proposed it.
pub(super) fn others(tx: &mut Tx<'_>, row: &Row) -> Result<Vec<ClientId>> {
    let present = present_members(tx, row.couple_id)?;
    let mut needed = assignments::store::participants_of(tx, row.assignment_id)?;
    needed.retain(|client| {
        *client != row.proposed_by && present.contains(&(*client, InvitationState::Accepted))
    });
    Ok(needed)
}
