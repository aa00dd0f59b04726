//! Receipts: every content that was ever accepted under a device's id is answered alike, for ever. One that was
//! accepted again, after another had taken its place, has a receipt of that time too.

use diesel::prelude::*;
use serde_json::Value;

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
        let text = canonical(sent)?;
        let hash =
            tx.keys.lookup(&CONTENT, &format!("{author}\n{device_id}\n{assignment}\n{text}"));
        Ok(Self { author, device_id, hash })
    }

    /// The receipt of it.
    pub(super) fn receipt(
        &self,
        tx: &Tx<'_>,
        row: &Row,
        problems: Vec<EntryProblem>,
    ) -> ReceiptRow {
        ReceiptRow {
            practice_id: tx.practice(),
            author_id: self.author,
            device_id: self.device_id,
            content: self.hash,
            submission_id: row.id,
            assignment_id: row.assignment_id,
            status: row.status,
            revision: row.revision,
            late: row.late,
            problems: Doc(problems),
            accepted_at: tx.now,
        }
    }
}

/// The text by which a content is known for ever: its members in order, without those that say nothing, so that a
/// member which a later version of the service knows changes no receipt of before.
fn canonical(sent: &NewSubmission) -> Result<String> {
    let mut value = serde_json::to_value(sent)
        .map_err(|_| Error::internal("a submission did not serialise"))?;
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| match member {
            Value::Null | Value::Bool(false) => false,
            Value::Array(entries) => !entries.is_empty(),
            Value::Object(members) => !members.is_empty(),
            Value::Bool(true) | Value::Number(_) | Value::String(_) => true,
        });
    }
    Ok(format!("1\n{value}"))
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = receipts, treat_none_as_default_value = false)]
pub(super) struct ReceiptRow {
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

/// The receipt of this content, if it was accepted before: the first, and of a change (which names a state) the
/// latest. Whoever may no longer see homework of its kind with this token gets none.
///
/// # Errors
/// Those of the database.
pub(super) fn find(
    tx: &mut Tx<'_>,
    content: &Content,
    of_a_change: bool,
) -> Result<Option<SubmissionReceipt>> {
    let all = receipts::table
        .inner_join(
            assignments::table.on(assignments::practice_id
                .eq(receipts::practice_id)
                .and(assignments::id.eq(receipts::assignment_id))),
        )
        .filter(receipts::practice_id.eq(tx.practice()))
        .filter(receipts::author_id.eq(content.author))
        .filter(receipts::device_id.eq(content.device_id))
        .filter(receipts::content.eq(content.hash))
        .select((ReceiptRow::as_select(), assignments::sensitivity));
    let found = if of_a_change {
        all.order(receipts::revision.desc()).first(tx.conn)
    } else {
        all.order(receipts::revision.asc()).first(tx.conn)
    };
    let found: Option<(ReceiptRow, Sensitivity)> = found.optional()?;
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
    let new = content.receipt(tx, row, problems);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Written down: what devices hold receipts for must not change with the service.
    #[test]
    fn a_content_is_known_by_this_text_for_ever() {
        let read = |json| canonical(&serde_json::from_str::<NewSubmission>(json).unwrap()).unwrap();
        assert_eq!(
            read(r#"{"answers":{"b":[],"a":1.5},"status":"submitted","role":null,"entries":[]}"#),
            "1\n{\"answers\":{\"a\":1.5,\"b\":[]},\"status\":\"submitted\"}"
        );
        assert_eq!(
            read(
                r#"{"status":"submitted","device_shared":true,"completed_at":"2026-12-02T10:00:00+02:00",
                    "entries":[{"answers":{"kind":"hug"},"at":"2026-12-01T10:00:00Z"}]}"#
            ),
            "1\n{\"completed_at\":\"2026-12-02T08:00:00.000000Z\",\"device_shared\":true,\"entries\":\
             [{\"answers\":{\"kind\":\"hug\"},\"at\":\"2026-12-01T10:00:00.000000Z\"}],\"status\":\"submitted\"}"
        );
    }
}
