//! Calling clinicians for an alert until somebody acknowledges it (`domain` 2.8.1).

use diesel::prelude::*;

use super::model::AlertStatus;
use crate::audit::{Change, Subject, record_in_private};
use crate::auth::Tx;
use crate::couples::model::InvitationState;
use crate::db::id::{AlertId, ClientId, ClinicianId};
use crate::db::schema::{alerts, care_team_members, clinicians, couple_members, treatments};
use crate::error::{Error, Result};
use crate::notifier::{Call, Notifier, Step};
use crate::practices;
use crate::treatments::model::{CareTeamRole, TreatmentStatus};

/// The alerts of the practice for which a call is due, longest due first.
///
/// # Errors
/// Those of the database.
pub(crate) fn due(tx: &mut Tx<'_>) -> Result<Vec<AlertId>> {
    Ok(alerts::table
        .filter(alerts::practice_id.eq(tx.practice()))
        .filter(alerts::next_page_at.le(tx.now))
        .order((alerts::next_page_at, alerts::id))
        .select(alerts::id)
        .load(tx.conn)?)
}

/// Sends the call that is due for an alert, if it still is, and says when the next is. A step that
/// would call nobody is passed over.
///
/// The call is claimed first, by the number of those before it, so that of several workers one sends it. It
/// is sent before the claim is committed: a call may come twice, and none is lost.
///
/// # Errors
/// Those of the database and of the notifier, after which the call is still due.
pub(crate) fn call(tx: &mut Tx<'_>, id: AlertId, notifier: &Notifier) -> Result<()> {
    let found: Option<(i32, ClientId)> = alerts::table
        .find((tx.practice(), id))
        .filter(alerts::status.eq(AlertStatus::Raised))
        .filter(alerts::next_page_at.le(tx.now))
        .select((alerts::pages, alerts::client_id))
        .first(tx.conn)
        .optional()?;
    let Some((pages, client)) = found else { return Ok(()) };
    let minutes = i64::from(practices::store::settings(tx)?.flag_ack_minutes);
    let before = usize::try_from(pages).unwrap_or_default();
    for (step, number) in Step::ALL.iter().copied().zip(1..).skip(before) {
        let clinician_ids = on_call(tx, client, step)?;
        if clinician_ids.is_empty() && step != Step::Practice {
            continue;
        }
        let next = (step != Step::Practice).then(|| tx.now.plus_seconds(minutes * 60));
        let claimed = diesel::update(alerts::table.find((tx.practice(), id)))
            .filter(alerts::pages.eq(pages))
            .filter(alerts::status.eq(AlertStatus::Raised))
            .set((
                alerts::pages.eq(number),
                alerts::next_page_at.eq(next),
                alerts::version.eq(alerts::version + 1),
                alerts::updated_at.eq(tx.now),
            ))
            .execute(tx.conn)?;
        if claimed == 0 {
            return Ok(());
        }
        record_in_private(tx, &Change::of(Subject::Alert(id), "paged"))?;
        let (at, practice_id) = (tx.now, tx.practice());
        let call = Call { at, practice_id, alert_id: id, step, clinician_ids };
        return notifier.send(&call).map_err(|error| {
            tracing::error!(%error, "the channel to clinicians failed");
            Error::internal("a call could not be sent")
        });
    }
    Ok(())
}

/// Whom a step calls: those on the care teams of treatments that have not ended, the client's own and those
/// of couples of which they are a member.
fn on_call(tx: &mut Tx<'_>, client: ClientId, step: Step) -> Result<Vec<ClinicianId>> {
    let role = match step {
        Step::Primary => CareTeamRole::Primary,
        Step::Covering => CareTeamRole::Covering,
        Step::Practice => return Ok(Vec::new()),
    };
    let couples = couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::client_id.eq(client))
        .filter(couple_members::left_on.is_null())
        .filter(couple_members::invitation_state.eq(InvitationState::Accepted))
        .select(couple_members::couple_id.nullable());
    let ended = [TreatmentStatus::Transferred, TreatmentStatus::Closed];
    let of_client = treatments::table
        .filter(treatments::practice_id.eq(tx.practice()))
        .filter(treatments::status.ne_all(ended))
        .filter(
            treatments::client_id
                .eq(client)
                .or(treatments::couple_id.eq_any(couples))
                .assume_not_null(),
        )
        .select(treatments::id);
    let at_work = clinicians::table
        .filter(clinicians::practice_id.eq(tx.practice()))
        .filter(clinicians::archived_at.is_null())
        .select(clinicians::id);
    Ok(care_team_members::table
        .filter(care_team_members::practice_id.eq(tx.practice()))
        .filter(care_team_members::treatment_id.eq_any(of_client))
        .filter(care_team_members::role.eq(role))
        .filter(care_team_members::to_on.is_null())
        .filter(care_team_members::clinician_id.eq_any(at_work))
        .select(care_team_members::clinician_id)
        .distinct()
        .order(care_team_members::clinician_id)
        .load(tx.conn)?)
}
