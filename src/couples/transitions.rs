//! The status of a couple (`domain` 2.4.4). A clinician moves it, never the software.

use super::members::store as members;
use super::model::{Couple, CoupleStatus, InvitationState};
use super::store::{find_row, save};
use crate::audit::{Change, Subject};
use crate::auth::Tx;
use crate::auth::scopes::CouplesWrite;
use crate::db::id::CoupleId;
use crate::error::{Error, Fault, Result};
use crate::http::Routes;
use crate::http::action::{action, post};
use crate::practices;
use crate::state::{Machine, Status, Transition};

impl Status for CoupleStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a couple's status.
pub const MACHINE: Machine<CoupleStatus> = Machine(&[
    Transition { name: "activate", from: &[CoupleStatus::Forming], to: CoupleStatus::Active },
    Transition { name: "take-break", from: &[CoupleStatus::Active], to: CoupleStatus::OnBreak },
    Transition { name: "resume", from: &[CoupleStatus::OnBreak], to: CoupleStatus::Active },
    Transition { name: "separate", from: &[CoupleStatus::Active], to: CoupleStatus::Separating },
    Transition { name: "dissolve", from: &[CoupleStatus::Separating], to: CoupleStatus::Dissolved },
    Transition { name: "archive", from: &[CoupleStatus::Dissolved], to: CoupleStatus::Archived },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config
        .service(activate_couple)
        .service(take_couple_break)
        .service(resume_couple)
        .service(separate_couple)
        .service(dissolve_couple)
        .service(archive_couple);
}

action! {
    /// Activate a couple
    ///
    /// From forming, once every present member, and at least two, said yes. For staff and
    /// services who see the couple.
    activate_couple "/v1/couples/{couple_id}/activate", tag "couples",
    scope "couples:write" CouplesWrite, CoupleId => Couple,
    |tx, id| step(tx, id, "activate")
}

action! {
    /// Put a couple on a break
    ///
    /// From active. For staff and services who see the couple.
    take_couple_break "/v1/couples/{couple_id}/take-break", tag "couples",
    scope "couples:write" CouplesWrite, CoupleId => Couple,
    |tx, id| step(tx, id, "take-break")
}

action! {
    /// Resume a couple
    ///
    /// From a break. For staff and services who see the couple.
    resume_couple "/v1/couples/{couple_id}/resume", tag "couples",
    scope "couples:write" CouplesWrite, CoupleId => Couple,
    |tx, id| step(tx, id, "resume")
}

action! {
    /// Record that a couple is separating
    ///
    /// From active. For staff and services who see the couple; members cannot, so that neither
    /// learns of it from the software first.
    separate_couple "/v1/couples/{couple_id}/separate", tag "couples",
    scope "couples:write" CouplesWrite, CoupleId => Couple,
    |tx, id| step(tx, id, "separate")
}

action! {
    /// Record that a couple is dissolved
    ///
    /// From separating, and for good. Members keep reading what was shared with them for as
    /// many days as the practice's settings say. For staff and services who see the couple.
    dissolve_couple "/v1/couples/{couple_id}/dissolve", tag "couples",
    scope "couples:write" CouplesWrite, CoupleId => Couple,
    |tx, id| step(tx, id, "dissolve")
}

action! {
    /// Archive a couple
    ///
    /// From dissolved. Nothing is deleted. For staff and services who see the couple.
    archive_couple "/v1/couples/{couple_id}/archive", tag "couples",
    scope "couples:write" CouplesWrite, CoupleId => Couple,
    |tx, id| step(tx, id, "archive")
}

/// Takes a transition by its name.
///
/// # Errors
/// 404, 409 with what is possible or missing.
pub fn step(tx: &mut Tx<'_>, id: CoupleId, name: &'static str) -> Result<Couple> {
    let mut row = find_row(tx, id)?;
    row.status = MACHINE.step(row.status, name)?;
    match name {
        "activate" => {
            check_members(tx, id)?;
            row.started_on = Some(practices::store::today(tx)?);
        }
        "dissolve" => {
            row.dissolved_on = Some(practices::store::today(tx)?);
            members::expire_invitations(tx, id)?;
        }
        _ => {}
    }
    let subject = Subject::Couple(id);
    save(tx, row, &Change { subject, verb: "status_changed", fields: &["status"] })
}

fn check_members(tx: &mut Tx<'_>, id: CoupleId) -> Result<()> {
    let members = members::present_members(tx, id)?;
    let mut missing: Vec<Fault> = members
        .iter()
        .filter(|(_, state)| *state != InvitationState::Accepted)
        .map(|(client, _)| {
            let detail = format!("{client} has not accepted the invitation.");
            Fault::body("/members", "invitation_open", detail)
        })
        .collect();
    if members.len() < 2 {
        missing.push(Fault::body("/members", "too_few", "At least two members."));
    }
    if missing.is_empty() { Ok(()) } else { Err(Error::requirements_missing(missing)) }
}
