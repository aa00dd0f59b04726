//! What is shown of one open assignment.

use serde_json::{Map, Value};

use super::model::{InboxItem, InboxStatus, OwnSubmission};
use super::open::Open;
use crate::assignments::store::show_one;
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{ClientId, CoupleId};
use crate::error::Result;
use crate::joint_confirmations::model::{
    ConfirmationStatus, Row as JointRow, ToConfirm, status_of,
};
use crate::joint_confirmations::store::name_of;
use crate::me::forms::FormOf;
use crate::schedules::Slot;
use crate::submissions::model::SubmissionStatus;
use crate::submissions::own::Excused;
use crate::submissions::store;

/// What is open of an assignment; nothing when the person has done it.
pub(super) fn item<'a>(
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
pub(super) fn asked(
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
