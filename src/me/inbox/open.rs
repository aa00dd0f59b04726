//! The open assignments of a person, and which times of them are now.

use std::sync::Arc;

use diesel::prelude::*;

use crate::assignments::model::AssignmentStatus;
use crate::assignments::store::{Row as AssignmentRow, visible};
use crate::auth::Tx;
use crate::couples::secrets_policy::Policy;
use crate::db::id::{ClientId, CoupleId};
use crate::db::schema::{
    activity_definitions, assignments, time_proposal_confirmations as confirmations, time_proposals,
};
use crate::db::{DocText, Instant};
use crate::error::Result;
use crate::me::forms::ShownForm;
use crate::occurrences::plan::Plan;
use crate::schedules::Slot;
use crate::time_proposals::model::{Row as ProposalRow, TimeProposalStatus};

/// Open things that are shown, the latest; `Inbox.items` is bounded by it.
const MOST_ITEMS: usize = 100;
/// Rows that are looked at: an assignment comes once for each who has accepted another time of it, of the six of a
/// couple.
const MOST_ROWS: i64 = 600;
/// How long before it opens the next time of something is shown.
const SHOWN_AHEAD_SECONDS: i64 = 86_400;

/// An open assignment, and the times of it that are now. Events have none.
pub(super) struct Open {
    pub(super) row: AssignmentRow,
    /// Another time of it that is proposed, and who has accepted.
    pub(super) proposed: Option<(ProposalRow, Vec<ClientId>)>,
    pub(super) form: Arc<ShownForm>,
    pub(super) takes_events: bool,
    /// True for what is done once: the day of its time may be long ago.
    pub(super) once: bool,
    pub(super) slots: Vec<Slot>,
}

/// The open assignments of the caller with their exercises, and what is proposed of their times.
pub(super) fn open(tx: &mut Tx<'_>, policies: &[(CoupleId, Policy)]) -> Result<Vec<Open>> {
    type Found = (AssignmentRow, DocText, Option<ProposalRow>, Option<ClientId>);
    let mut rows: Vec<Found> = visible(tx)?
        .inner_join(
            activity_definitions::table.on(activity_definitions::practice_id
                .eq(assignments::practice_id)
                .and(activity_definitions::id.eq(assignments::activity_definition_id))),
        )
        .left_join(
            time_proposals::table.on(time_proposals::practice_id
                .eq(assignments::practice_id)
                .and(time_proposals::assignment_id.eq(assignments::id))
                .and(time_proposals::status.eq(TimeProposalStatus::Pending))),
        )
        .left_join(
            confirmations::table.on(confirmations::practice_id
                .eq(time_proposals::practice_id)
                .and(confirmations::proposal_id.eq(time_proposals::id))),
        )
        .filter(assignments::status.eq_any(AssignmentStatus::AT_WORK))
        .order(assignments::id.desc())
        .limit(MOST_ROWS)
        .select((
            AssignmentRow::as_select(),
            activity_definitions::body,
            Option::<ProposalRow>::as_select(),
            confirmations::client_id.nullable(),
        ))
        .load(tx.conn)?;
    let of_one = |left: &Found, right: &Found| left.0.id == right.0.id;
    let shown = rows.chunk_by(of_one).take(MOST_ITEMS).map(<[Found]>::len).sum();
    rows.truncate(shown);
    let mut all: Vec<Open> = Vec::new();
    for (row, body, proposed, accepted) in rows.into_iter().rev() {
        // Each who has accepted brings the assignment once more.
        let last = all.last_mut().filter(|last| last.row.id == row.id);
        if let Some(Open { proposed: Some((_, who)), .. }) = last {
            who.extend(accepted);
        } else {
            let proposed = proposed.map(|one| (one, accepted.into_iter().collect()));
            all.push(Open { proposed, ..now(tx, row, &body.0, policies)? });
        }
    }
    Ok(all)
}

fn now(
    tx: &Tx<'_>,
    row: AssignmentRow,
    body: &str,
    policies: &[(CoupleId, Policy)],
) -> Result<Open> {
    let of_row = policies.iter().filter(|(couple, _)| row.couple_id.is_none_or(|of| of == *couple));
    let form = ShownForm::of(tx, &row, body, of_row.map(|(_, policy)| *policy).collect())?;
    let plan = Plan::of(&row)?;
    let (takes_events, once) = (plan.takes_events(), plan.is_once());
    let slots = times(&plan, tx.now);
    Ok(Open { row, proposed: None, form, takes_events, once, slots })
}

/// The times that somebody may do now. What is done once stays until it is done; of what comes again the next one is
/// shown a day ahead, so that an app can remind of it without a network.
fn times(plan: &Plan, now: Instant) -> Vec<Slot> {
    let open = plan.open_at(now);
    if let Some(once) = plan.once() {
        let before = open.into_iter().filter(|slot| *slot != once);
        return before.chain([once]).collect();
    }
    if !open.is_empty() || plan.takes_events() {
        return open;
    }
    let soon = now.plus_seconds(SHOWN_AHEAD_SECONDS);
    let next = plan.next_after(now);
    next.filter(|next| !plan.recurs() || next.opens_at <= soon).into_iter().collect()
}
