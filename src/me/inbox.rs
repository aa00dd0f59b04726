//! The inbox: everything that is open for one person, by one question of their app.
//!
//! It asks the database eight things at the most, however long it is: who calls, what the practice has set,
//! the couples, the assignments with their exercises and what is proposed of their times, the policies, the own
//! submissions with their drafts, what others have shared, and their names.

use std::sync::Arc;

use actix_web::get;
use diesel::prelude::*;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::assignments::form::AssignmentForm;
use crate::assignments::model::{Assignment, AssignmentStatus};
use crate::assignments::store::{Row as AssignmentRow, show_one, visible};
use crate::auth::scopes::HomeworkOwn;
use crate::auth::{Access, Tx};
use crate::couples::members::store::display_names;
use crate::couples::secrets_policy::{self, Policy};
use crate::db::id::{AssignmentId, ClientId, CoupleId, SubmissionId};
use crate::db::schema::{
    activity_definitions, assignments, time_proposal_confirmations as confirmations, time_proposals,
};
use crate::db::types::words;
use crate::db::{Date, DocText, Instant};
use crate::error::{Error, Result};
use crate::http::{Json, Routes};
use crate::joint_confirmations::model::{
    ConfirmationStatus, Row as JointRow, ToConfirm, status_of,
};
use crate::joint_confirmations::store::name_of;
use crate::me::forms::{FormOf, ShownForm};
use crate::occurrences::plan::Plan;
use crate::schedules::Slot;
use crate::submissions::model::{SharedAnswer, SubmissionStatus};
use crate::submissions::own::{Excused, OwnWork, own_in, with_drafts};
use crate::submissions::shared::{self, SharedRow};
use crate::submissions::store;
use crate::time_proposals::model::{Row as ProposalRow, TimeProposal, TimeProposalStatus};
use crate::time_proposals::store::{self as proposals};

/// Open things that are shown; `Inbox.items` is bounded by it.
const MOST_ITEMS: i64 = 100;
/// What others have shared that is shown, and for how long; `Inbox.shared` is bounded by it.
const MOST_SHARED: i64 = 50;
const UNDER_WAY: [AssignmentStatus; 2] = [AssignmentStatus::Assigned, AssignmentStatus::InProgress];
const SHARED_SECONDS: i64 = 14 * 86_400;
/// How long private questions wait that were not asked on a device that both use (`domain` 2.5); as many days back the
/// homework lies that they belong to.
const COMPLETED_WITHIN_SECONDS: i64 = 48 * 3600;
const COMPLETED_WITHIN_DAYS: i32 = 2;
/// How long before it opens the next time of something is shown.
const SHOWN_AHEAD_SECONDS: i64 = 86_400;

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(get_inbox);
}

words! {
    /// Where one person stands with what is open for them. What others have done is not in it.
    InboxStatus {
        /// It opens later.
        Scheduled = "scheduled",
        /// It can be done.
        Open = "open",
        /// They have begun.
        InProgress = "in_progress",
        /// They said: not this time. It can still be done.
        Skipped = "skipped",
        /// The time that it was for has passed. It can still be done.
        Missed = "missed",
    }
}

/// Everything that is open for one person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Inbox {
    /// What can be done, in the order in which it was assigned. What was done is not among it, what rests
    /// neither.
    #[schema(max_items = 100)]
    pub items: Vec<InboxItem>,
    /// What others have shared in the last fourteen days in the couples that something is open for, newest first.
    #[schema(max_items = 50)]
    pub shared: Vec<SharedAnswer>,
    /// Other times that somebody proposes for what is done together, and that wait for the person's answer.
    #[schema(max_items = 100)]
    pub time_proposals: Vec<TimeProposal>,
    /// What was sent from a device that both use, without the questions that are not asked there.
    #[schema(max_items = 500)]
    pub to_complete: Vec<ToComplete>,
    /// What somebody has written for all, and what waits for the person's answer.
    #[schema(max_items = 500)]
    pub to_confirm: Vec<ToConfirm>,
}

/// Something that is open.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InboxItem {
    /// The assignment.
    pub assignment: Assignment,
    /// What to ask, how to check it, and who will read each answer.
    #[schema(value_type = AssignmentForm)]
    pub form: FormOf,
    /// The day that a submission is to name; null for events.
    pub local_date: Option<Date>,
    /// Which of several on that day; null for events.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: Option<i32>,
    /// Where this person stands.
    pub status: InboxStatus,
    /// From when it can be done; null for events.
    pub opens_at: Option<Instant>,
    /// By when it is due.
    pub due_at: Option<Instant>,
    /// When the person wants to be reminded.
    pub remind_at: Option<Instant>,
    /// What they have begun, or said no to.
    pub own: Option<OwnSubmission>,
}

/// Private questions that were not asked, since the device was one that both use. They are answered by sending the
/// submission again, whole, from another or when the person is alone, with `device_shared` false.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ToComplete {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The submission, by the id that the person's device made.
    pub submission_id: SubmissionId,
    /// The day that it is about.
    pub local_date: Option<Date>,
    /// Which of several on that day.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: Option<i32>,
    /// The questions.
    #[schema(max_items = 100)]
    pub link_ids: Vec<String>,
    /// Until when they are shown here. They can be answered later too.
    pub until: Instant,
}

/// What a person has begun.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OwnSubmission {
    /// The id that their device made.
    pub id: SubmissionId,
    /// Where it stands.
    pub status: SubmissionStatus,
    /// The answers of a draft.
    #[schema(value_type = Object)]
    pub answers: Map<String, Value>,
}

/// Get your inbox
///
/// Everything that is open for the caller: the form, its schema, who will read each answer, when it is due,
/// what they have begun, and what others have shared. For participants.
#[utoipa::path(
    tag = "me",
    responses((status = 200, description = "The inbox", body = Inbox)),
    security(("token" = ["homework:own"])),
)]
#[get("/v1/me/inbox")]
async fn get_inbox(access: Access<HomeworkOwn>) -> Result<Json<Inbox>> {
    access.read(find).await
}

fn find(tx: &mut Tx<'_>) -> Result<Inbox> {
    let loaded = load(tx)?;
    show(tx, loaded)
}

/// What the database holds of one person's inbox.
pub struct Loaded {
    own: ClientId,
    open: Vec<Open>,
    work: OwnWork,
    shared: Vec<SharedRow>,
    names: Vec<(CoupleId, ClientId, String)>,
}

/// Asks the database for everything that the inbox is made of. What is sealed stays so, but for names.
///
/// # Errors
/// 404 for whoever is no participant.
pub fn load(tx: &mut Tx<'_>) -> Result<Loaded> {
    let own = tx.caller.client().ok_or_else(Error::not_found)?;
    let policies = secrets_policy::in_force_of(tx, own)?;
    let open = open(tx, &policies)?;
    let ids: Vec<AssignmentId> = open.iter().map(|one| one.row.id).collect();
    let mut couples: Vec<CoupleId> = open.iter().filter_map(|one| one.row.couple_id).collect();
    couples.sort_unstable();
    couples.dedup();
    let mut days: Vec<Date> =
        open.iter().flat_map(|one| one.slots.iter().map(|slot| slot.local_date)).collect();
    days.extend(open.iter().flat_map(|one| one.days_before(tx.now)));
    days.sort_unstable();
    days.dedup();
    let work = own_in(tx, own, &ids, &days)?;
    let since = tx.now.plus_seconds(-SHARED_SECONDS);
    let shared = shared::lately(tx, &couples, since, MOST_SHARED)?;
    let names = display_names(tx, &couples)?;
    Ok(Loaded { own, open, work, shared, names })
}

/// Makes the inbox of it.
fn show(tx: &Tx<'_>, loaded: Loaded) -> Result<Inbox> {
    let Loaded { own, open, work, shared, names } = loaded;
    let OwnWork { begun, excused, written } = work;
    let begun = with_drafts(tx, begun)?;
    let (mut to_confirm, mut to_complete) = (Vec::new(), Vec::new());
    let (mut items, mut time_proposals) = (Vec::new(), Vec::new());
    for mut one in open {
        let id = one.row.id;
        if let Some((row, who)) = one.proposed.take() {
            let accepted: Vec<_> = who.into_iter().map(|client| (row.id, client)).collect();
            let shown = proposals::show_one(tx, row, &accepted, &names);
            time_proposals.extend(Some(shown).filter(|one| one.awaits_you));
        }
        let begun = begun.iter().filter(|(of, _)| of.assignment_id == id);
        let written: Vec<&JointRow> =
            written.iter().filter(|row| row.assignment_id == id).collect();
        to_confirm.extend(asked(tx, own, one.row.couple_id, &written, &names));
        let left_out = begun.clone().filter_map(|(of, _)| one.left_out(of, tx.now));
        to_complete.extend(left_out);
        items.extend(item(tx, own, one, begun, &excused, &written)?);
    }
    let shared = shared.into_iter().map(|one| one.show(tx, &names)).collect::<Result<_>>()?;
    Ok(Inbox { items, shared, time_proposals, to_complete, to_confirm })
}

/// An open assignment, and the times of it that are now. Events have none.
struct Open {
    row: AssignmentRow,
    /// Another time of it that is proposed, and who has accepted.
    proposed: Option<(ProposalRow, Vec<ClientId>)>,
    form: Arc<ShownForm>,
    takes_events: bool,
    slots: Vec<Slot>,
}

impl Open {
    /// The last days on the wall of the assignment, which something may lack an answer to: of couples alone, since on
    /// anybody's own homework all is asked on any device.
    fn days_before(&self, now: Instant) -> impl Iterator<Item = Date> {
        let zone = crate::practices::store::zone(&self.row.timezone).ok();
        let asks = self.row.couple_id.is_some() && !self.form.private.is_empty();
        let today = zone.filter(|_| asks).map(|zone| now.date_in(&zone));
        let days = 0..=COMPLETED_WITHIN_DAYS;
        today.into_iter().flat_map(move |today| days.clone().map(move |ago| today.plus_days(-ago)))
    }

    /// What was not asked when this was sent, for as long as it is shown.
    fn left_out(&self, sent: &store::Row, now: Instant) -> Option<ToComplete> {
        let until = sent.submitted_at?.plus_seconds(COMPLETED_WITHIN_SECONDS);
        let waits = sent.device_shared
            && self.row.couple_id.is_some()
            && !self.form.private.is_empty()
            && SubmissionStatus::SENT.contains(&sent.status)
            && now < until;
        waits.then(|| ToComplete {
            assignment_id: sent.assignment_id,
            submission_id: sent.device_id,
            local_date: sent.local_date,
            slot_no: sent.slot_no,
            link_ids: self.form.private.clone(),
            until,
        })
    }
}

/// The open assignments of the caller with their exercises, and what is proposed of their times.
fn open(tx: &mut Tx<'_>, policies: &[(CoupleId, Policy)]) -> Result<Vec<Open>> {
    type Found = (AssignmentRow, DocText, Option<ProposalRow>, Option<ClientId>);
    let rows: Vec<Found> = visible(tx)?
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
        .filter(assignments::status.eq_any(UNDER_WAY))
        .order(assignments::id.desc())
        .limit(MOST_ITEMS)
        .select((
            AssignmentRow::as_select(),
            activity_definitions::body,
            Option::<ProposalRow>::as_select(),
            confirmations::client_id.nullable(),
        ))
        .load(tx.conn)?;
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
    let (takes_events, slots) = (plan.takes_events(), times(&plan, &row, tx.now));
    Ok(Open { row, proposed: None, form, takes_events, slots })
}

/// The times that somebody may do now. What is done once stays until it is done; of what comes again the next one is
/// shown a day ahead, so that an app can remind of it without a network.
fn times(plan: &Plan, row: &AssignmentRow, now: Instant) -> Vec<Slot> {
    if plan.is_once() {
        return plan.slot(row.starts_on, 1).into_iter().collect();
    }
    let open = plan.open_at(now);
    if !open.is_empty() || plan.takes_events() {
        return open;
    }
    let soon = now.plus_seconds(SHOWN_AHEAD_SECONDS);
    let next = plan.next_after(now);
    next.filter(|next| !plan.recurs() || next.opens_at <= soon).into_iter().collect()
}

/// What is open of an assignment; nothing when the person has done it.
fn item<'a>(
    tx: &Tx<'_>,
    own: ClientId,
    Open { row, form, takes_events, slots, .. }: Open,
    begun: impl Iterator<Item = &'a (store::Row, Map<String, Value>)>,
    excused: &Excused,
    written: &[&JointRow],
) -> Result<Option<InboxItem>> {
    let begun: Vec<_> = begun.collect();
    let place = |one: &store::Row| one.local_date.zip(one.slot_no);
    // What one has written for all is done by all, until another contests it.
    let agreed = |slot: &Slot| {
        let at = (slot.local_date, slot.slot_no);
        status_of(written.iter().copied().filter(|one| (one.local_date, one.slot_no) == at), tx.now)
    };
    let sent = |slot: &Slot| {
        let at = Some((slot.local_date, slot.slot_no));
        match agreed(slot) {
            Some(agreed) => agreed != ConfirmationStatus::Contested,
            None => begun
                .iter()
                .any(|(one, _)| place(one) == at && SubmissionStatus::SENT.contains(&one.status)),
        }
    };
    let counts = |slot: &Slot| !excused.contains(&(row.id, slot.local_date, slot.slot_no));
    let slot = slots.into_iter().find(|slot| counts(slot) && !sent(slot));
    if slot.is_none() && !takes_events {
        return Ok(None);
    }
    let mut mine: Vec<_> = begun
        .iter()
        .filter(|(one, _)| {
            slot.is_none_or(|slot| place(one) == Some((slot.local_date, slot.slot_no)))
        })
        .collect();
    mine.sort_by_key(|(one, _)| one.updated_at);
    let latest = mine
        .iter()
        .rev()
        .find(|(one, _)| matches!(one.status, SubmissionStatus::Draft | SubmissionStatus::Skipped));
    let title = form.title.clone();
    Ok(Some(InboxItem {
        form: FormOf { assignment: row.id, shown: form },
        local_date: slot.map(|slot| slot.local_date),
        slot_no: slot.map(|slot| slot.slot_no),
        status: status(slot, latest.map(|(one, _)| one.status), tx.now),
        opens_at: slot.map(|slot| slot.opens_at),
        due_at: slot.and_then(|slot| slot.due_at),
        remind_at: row.remind_at,
        own: latest.filter(|(one, _)| !one.is_one_way()).map(|(one, answers)| OwnSubmission {
            id: one.device_id,
            status: one.status,
            answers: answers.clone(),
        }),
        assignment: show_one(tx, row, title, vec![own])?,
    }))
}

/// What of this waits for the caller's answer.
fn asked(
    tx: &Tx<'_>,
    own: ClientId,
    couple: Option<CoupleId>,
    written: &[&JointRow],
    names: &[(CoupleId, ClientId, String)],
) -> Vec<ToConfirm> {
    let place = |row: &JointRow| (row.local_date, row.slot_no);
    let pending = |row: &&JointRow| {
        let same = written.iter().copied().filter(|other| place(other) == place(row));
        row.client_id == own
            && row.is_awaited(tx.now)
            && status_of(same, tx.now) == Some(ConfirmationStatus::Pending)
    };
    let shown = written.iter().copied().filter(pending).map(|row| ToConfirm {
        assignment_id: row.assignment_id,
        local_date: row.local_date,
        slot_no: row.slot_no,
        from: name_of(names, couple, row.written_by),
        confirm_by: row.until(),
    });
    shown.collect()
}

fn status(slot: Option<Slot>, own: Option<SubmissionStatus>, now: Instant) -> InboxStatus {
    let opens_later = slot.is_some_and(|slot| slot.opens_at > now);
    let is_over = slot.and_then(|slot| slot.due_at).is_some_and(|due| due < now);
    match own {
        _ if opens_later => InboxStatus::Scheduled,
        Some(SubmissionStatus::Draft) => InboxStatus::InProgress,
        Some(SubmissionStatus::Skipped) => InboxStatus::Skipped,
        _ if is_over => InboxStatus::Missed,
        _ => InboxStatus::Open,
    }
}
