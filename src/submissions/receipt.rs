//! Receipts: every content that was ever accepted under a device's id is answered alike, for ever.

use diesel::prelude::*;

use super::model::{EntryProblem, Help, NewSubmission, SubmissionReceipt, SubmissionStatus};
use super::store::Row;
use crate::activities::definition::Sensitivity;
use crate::assignments::store::granted;
use crate::auth::Tx;
use crate::db::id::{AssignmentId, ClientId, PracticeId, SubmissionId};
use crate::db::schema::{assignments, submission_receipts as receipts};
use crate::db::{Doc, Instant};
use crate::error::{Error, Result};
use crate::seal::{Column, Compartment, LookupKey};

const CONTENT: Column =
    Column { table: "submission_receipts", name: "content", compartment: Compartment::Client };

/// A content, by its keyed hash, under the id that its author's device made.
pub(super) struct Content {
    author: ClientId,
    device_id: SubmissionId,
    hash: LookupKey,
}

impl Content {
    /// What was sent, whatever the order of its members was.
    pub(super) fn of(
        tx: &Tx<'_>,
        author: ClientId,
        device_id: SubmissionId,
        assignment: AssignmentId,
        sent: &NewSubmission,
    ) -> Result<Self> {
        let text = serde_json::to_string(sent)
            .map_err(|_| Error::internal("a submission did not serialise"))?;
        let hash =
            tx.keys.lookup(&CONTENT, &format!("{author}\n{device_id}\n{assignment}\n{text}"));
        Ok(Self { author, device_id, hash })
    }
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = receipts, treat_none_as_default_value = false)]
struct ReceiptRow {
    practice_id: PracticeId,
    author_id: ClientId,
    device_id: SubmissionId,
    content: LookupKey,
    submission_id: SubmissionId,
    assignment_id: AssignmentId,
    status: SubmissionStatus,
    revision: i32,
    late: bool,
    problems: Doc<Vec<EntryProblem>>,
    accepted_at: Instant,
}

/// The receipt of this content, if it was accepted before. Whoever may no longer see homework of its kind
/// with this token gets none.
///
/// # Errors
/// Those of the database.
pub(super) fn find(tx: &mut Tx<'_>, content: &Content) -> Result<Option<SubmissionReceipt>> {
    let found: Option<(ReceiptRow, Sensitivity)> = receipts::table
        .inner_join(
            assignments::table.on(assignments::practice_id
                .eq(receipts::practice_id)
                .and(assignments::id.eq(receipts::assignment_id))),
        )
        .filter(receipts::practice_id.eq(tx.practice()))
        .filter(receipts::author_id.eq(content.author))
        .filter(receipts::device_id.eq(content.device_id))
        .filter(receipts::content.eq(content.hash))
        .select((ReceiptRow::as_select(), assignments::sensitivity))
        .first(tx.conn)
        .optional()?;
    // Asked of what was found: a list of values in a statement has it compiled anew each time.
    let opened = granted(tx.caller);
    let found = found.filter(|(_, sensitivity)| opened.contains(sensitivity));
    Ok(found.map(|(row, sensitivity)| show(row, sensitivity)))
}

/// Writes down that this content was accepted.
///
/// # Errors
/// Those of the database.
pub(super) fn keep(
    tx: &mut Tx<'_>,
    content: &Content,
    row: &Row,
    problems: Vec<EntryProblem>,
) -> Result<SubmissionReceipt> {
    let new = ReceiptRow {
        practice_id: tx.practice(),
        author_id: content.author,
        device_id: content.device_id,
        content: content.hash,
        submission_id: row.id,
        assignment_id: row.assignment_id,
        status: row.status,
        revision: row.revision,
        late: row.late,
        problems: Doc(problems),
        accepted_at: tx.now,
    };
    diesel::insert_into(receipts::table).values(&new).execute(tx.conn)?;
    Ok(show(new, row.sensitivity))
}

fn show(row: ReceiptRow, sensitivity: Sensitivity) -> SubmissionReceipt {
    SubmissionReceipt {
        id: row.device_id,
        assignment_id: row.assignment_id,
        status: row.status,
        revision: row.revision,
        late: row.late,
        accepted_at: row.accepted_at,
        problems: row.problems.0,
        help: Help::after(sensitivity),
    }
}
