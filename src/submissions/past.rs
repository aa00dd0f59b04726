//! Submissions of the past in great number, for a database that is being filled and for nothing else.
//!
//! Answers are checked, parted and sealed, and the rows are those that [`put`](super::put) writes one by one; a test
//! compares them. What `put` asks the database first is not asked: whoever fills an empty one knows that nothing is
//! held, paused or there already. So it takes homework that has begun, of a form in which each sends their own and
//! nothing waits for the last.

use std::sync::Arc;

use super::form::Form;
use super::model::{NewSubmission, SubmissionStatus};
use super::pieces;
use super::receipt::{Content, ReceiptRow};
use super::schedule;
use super::sets::{self, SetRow};
use super::store::Row;
use crate::activities::definition::audience::Stage;
use crate::assignments;
use crate::assignments::store::Row as AssignmentRow;
use crate::audit::{Change, Past, Subject, record_past};
use crate::auth::Tx;
use crate::couples::secrets_policy;
use crate::db::conn::insert_many;
use crate::db::id::{AssignmentId, ClientId, OccurrenceId, UserId};
use crate::db::schema::{answer_sets, occurrences, submission_receipts as receipts, submissions};
use crate::db::{Date, Instant};
use crate::error::{Error, Result};
use crate::occurrences::model::{Progress, Row as OccurrenceRow};
use crate::occurrences::plan::Plan;
use crate::schedules::Slot;
use diesel::prelude::*;

/// A couple's homework.
pub(crate) struct Homework {
    row: AssignmentRow,
    plan: Plan,
    policy_version_no: Option<i32>,
}

/// What somebody sent.
pub(crate) struct Sent {
    /// Who.
    pub(crate) author: ClientId,
    /// By which login.
    pub(crate) user: UserId,
    /// When.
    pub(crate) at: Instant,
    /// What.
    pub(crate) content: NewSubmission,
}

impl Homework {
    /// The homework of this id.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn of(tx: &mut Tx<'_>, id: AssignmentId) -> Result<Self> {
        let row = assignments::store::find_row(tx, id)?;
        let policy_version_no = match row.couple_id {
            Some(couple) => secrets_policy::version_in_force(tx, couple)?,
            None => None,
        };
        Ok(Self { plan: Plan::of(&row)?, row, policy_version_no })
    }

    /// Its form, which is that of all homework of the same exercise and parameters.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn form(&self, tx: &mut Tx<'_>) -> Result<Arc<Form>> {
        Form::of(tx, &self.row)
    }
}

/// Rows that are not written yet.
#[derive(Default)]
pub(crate) struct Pile {
    occurrences: Vec<OccurrenceRow>,
    submissions: Vec<Row>,
    sets: Vec<SetRow>,
    receipts: Vec<ReceiptRow>,
    changes: Vec<Past>,
}

impl Pile {
    /// Adds what was sent for one day, in order.
    ///
    /// # Errors
    /// 422 for answers that the form does not take.
    pub(crate) fn add(
        &mut self,
        tx: &mut Tx<'_>,
        homework: &Homework,
        form: &Form,
        day: Date,
        all: &[Sent],
    ) -> Result<()> {
        let slot =
            homework.plan.slot(day, 1).ok_or_else(|| Error::internal("a day without a slot"))?;
        let (Some(first), Some(last)) = (all.first(), all.last()) else { return Ok(()) };
        let now = std::mem::replace(&mut tx.now, first.at);
        let mut occurrence = OccurrenceRow {
            status: Progress::PartiallySubmitted,
            ..OccurrenceRow::of(tx, homework.row.id, slot, false)
        };
        if all.len() == form.participants.len() {
            occurrence.status = Progress::Submitted;
            occurrence.completed_at = Some(last.at);
            (occurrence.version, occurrence.updated_at) = (2, last.at);
        }
        for one in all {
            tx.now = one.at;
            self.send(tx, homework, form, (occurrence.id, slot), one)?;
        }
        tx.now = now;
        self.occurrences.push(occurrence);
        Ok(())
    }

    fn send(
        &mut self,
        tx: &Tx<'_>,
        homework: &Homework,
        form: &Form,
        time: (OccurrenceId, Slot),
        one: &Sent,
    ) -> Result<()> {
        let answers = &one.content.answers;
        Error::unless_valid(form.faults(answers, None, false, "/answers"))?;
        let row = row(tx, homework, time, one);
        for piece in pieces::part(&form.definition, answers, None) {
            self.sets.push(sets::row(tx, &row, &piece, Stage::Submitted)?);
        }
        let content = Content::of(tx, one.author, row.device_id, row.assignment_id, &one.content)?;
        self.receipts.push(content.receipt(tx, &row, Vec::new()));
        let change = Change::of(Subject::Submission(row.id), "submitted");
        self.changes.push(Past { at: one.at, client: one.user, change });
        self.submissions.push(row);
        Ok(())
    }

    /// Writes all of it. How many rows that were.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn write(mut self, tx: &mut Tx<'_>) -> Result<usize> {
        // In the order in which it happened.
        self.changes.sort_by_key(|past| past.at);
        insert_many!(tx.conn, occurrences::table, &self.occurrences)?;
        insert_many!(tx.conn, submissions::table, &self.submissions)?;
        insert_many!(tx.conn, answer_sets::table, &self.sets)?;
        insert_many!(tx.conn, receipts::table, &self.receipts)?;
        record_past(tx, &self.changes)?;
        let sent = self.submissions.len() + self.sets.len() + self.receipts.len();
        Ok(self.occurrences.len() + sent + 2 * self.changes.len())
    }
}

fn row(tx: &Tx<'_>, homework: &Homework, time: (OccurrenceId, Slot), one: &Sent) -> Row {
    let (occurrence, slot) = time;
    let id = tx.new_id();
    Row {
        practice_id: tx.practice(),
        id,
        device_id: id,
        author_id: one.author,
        assignment_id: homework.row.id,
        couple_id: homework.row.couple_id,
        sensitivity: homework.row.sensitivity,
        occurrence_id: Some(occurrence),
        local_date: Some(slot.local_date),
        slot_no: Some(slot.slot_no),
        role: None,
        policy_version_no: homework.policy_version_no,
        status: SubmissionStatus::Submitted,
        revision: 1,
        late: schedule::is_late(&homework.plan, Some(&slot), None, one.at),
        device_shared: false,
        app: None,
        completed_at: None,
        received_at: one.at,
        submitted_at: Some(one.at),
        created_at: one.at,
        updated_at: one.at,
    }
}
