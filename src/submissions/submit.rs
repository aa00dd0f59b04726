//! Submitting: under an id that the device made, once, however often it is sent.

use diesel::prelude::*;

use super::form::{self, Form};
use super::model::{
    EntryProblem, Intent, NewSubmission, Submission, SubmissionReceipt, SubmissionStatus,
};
use super::pieces::Piece;
use super::receipt::{self, Content};
use super::reveal::Occurrence;
use super::schedule::{self, Meant};
use super::sets::{self, Written};
use super::store::{self, Row};
use super::{check, left_out, probing, reveal, signals};
use crate::activities::definition::audience::Stage;
use crate::activities::definition::{ParticipationMode, Sensitivity};
use crate::assignments::changes::{begin, finish, hide};
use crate::assignments::store::Row as AssignmentRow;
use crate::audit::{Change, Subject, record, record_in_private};
use crate::auth::Tx;
use crate::couples::secrets_policy;
use crate::db::id::{AssignmentId, ClientId, SubmissionId};
use crate::db::schema::submissions;
use crate::db::{Instant, Keep};
use crate::error::{Code, DbResultExt, Error, Fault, Result};
use crate::http::Put;
use crate::http::etag::IfMatch;
use crate::joint_confirmations;
use crate::occurrences::model::Progress;
use crate::occurrences::plan::Plan;

/// Under this name a form asks whether it is to be kept out of sight once it was sent.
const HIDE: &str = "hide_in_my_app";

/// Takes what a device sends: the whole unit of work of a submission.
///
/// # Errors
/// 404, 409 with `content_conflict`, `not_now` or the state, 412, 422 with every fault.
pub fn put(
    tx: &mut Tx<'_>,
    assignment: AssignmentId,
    device_id: SubmissionId,
    sent: &NewSubmission,
    if_match: Option<&IfMatch>,
) -> Result<Put<SubmissionReceipt>> {
    let author = tx.caller.client().ok_or_else(Error::not_found)?;
    let content = Content::of(tx, author, device_id, assignment, sent)?;
    if let Some(receipt) = receipt::find(tx, &content, if_match.is_some())? {
        let current = own(tx, author, device_id)?.ok_or_else(Error::not_found)?;
        let current_revision = current.revision;
        let tag = tag(tx, current)?;
        // What was changed since is changed back by whoever names what it is now; anything else is a repetition.
        let changes_back = receipt.revision != current_revision
            && if_match.is_some_and(|if_match| if_match.names(&tag));
        if !changes_back {
            return Ok(Put { new: false, resource: receipt, tag });
        }
    }
    let (homework, form) = form::find(tx, assignment)?;
    let before = own(tx, author, device_id)?;
    check_precondition(tx, before.as_ref(), assignment, if_match)?;
    check_state(&homework, before.as_ref(), sent.status)?;
    check::people(tx, &homework, author)?;
    let checked = check::of(tx, &homework, &form, sent)?;
    let plan = Plan::of(&homework)?;
    let place = before.as_ref().and_then(|row| row.local_date.zip(row.slot_no));
    let meant = schedule::meant(tx, &homework, &plan, sent, place)?;
    check_same_time(before.as_ref(), meant.as_ref(), sent)?;
    schedule::check_open(meant.as_ref(), tx.now)?;
    if sent.status == Intent::Submitted {
        // What was begun or skipped has its time already, and was not done at it.
        let was_sent = before.as_ref().is_some_and(Row::was_sent);
        if let Some(meant) = meant.as_ref().filter(|_| !was_sent) {
            schedule::check_spacing(tx, &homework, author, meant, sent.completed_at)?;
        }
        probing::check(tx, &homework, &form, &checked.pieces, meant.is_some())?;
    }
    let arrival = Arrival { homework: &homework, form: &form, sent, plan, meant, before };
    let new = arrival.before.is_none();
    let row = arrival.take(tx, author, device_id, &checked.pieces)?;
    let receipt = receipt::keep(tx, &content, &row, checked.problems)?;
    if !new {
        return Ok(Put { new, resource: receipt, tag: tag(tx, row)? });
    }
    let shown = store::show_new(tx, row, checked.pieces, form.reveals)?;
    Ok(Put { new, resource: receipt, tag: tx.tag(&shown)? })
}

/// The tag of a submission as its author reads it. What goes one way only has one too, and no reader.
fn tag(tx: &mut Tx<'_>, row: Row) -> Result<String> {
    let shown: Submission = store::show(tx, row)?;
    tx.tag(&shown)
}

/// The author's own submission under this id, whatever it is about.
fn own(tx: &mut Tx<'_>, author: ClientId, device_id: SubmissionId) -> Result<Option<Row>> {
    Ok(submissions::table
        .filter(submissions::practice_id.eq(tx.practice()))
        .filter(submissions::author_id.eq(author))
        .filter(submissions::device_id.eq(device_id))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?)
}

/// New content needs the state that it changes.
fn check_precondition(
    tx: &mut Tx<'_>,
    before: Option<&Row>,
    assignment: AssignmentId,
    if_match: Option<&IfMatch>,
) -> Result<()> {
    match (before, if_match) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(IfMatch::stale()),
        (Some(row), Some(if_match)) if row.assignment_id == assignment => {
            if_match.check(&tag(tx, row.clone())?)
        }
        (Some(_), _) => Err(Error::new(
            Code::ContentConflict,
            "This id stands for other content. Make a new id, or send the `ETag` of what is to be changed.",
        )),
    }
}

/// Whether the assignment and what was sent before let this be sent.
fn check_state(homework: &AssignmentRow, before: Option<&Row>, intent: Intent) -> Result<()> {
    homework.check_takes_answers()?;
    let possible = match before.map(|row| row.status) {
        None | Some(SubmissionStatus::Draft | SubmissionStatus::Skipped) => true,
        Some(SubmissionStatus::Submitted | SubmissionStatus::Amended) => {
            intent == Intent::Submitted
        }
        Some(SubmissionStatus::Retracted) => false,
    };
    let from = before.map_or("", |row| row.status.as_str());
    if possible { Ok(()) } else { Err(Error::invalid_transition(from, Vec::new())) }
}

/// What was sent stays with the time and the role that it was sent for.
fn check_same_time(
    before: Option<&Row>,
    meant: Option<&Meant>,
    sent: &NewSubmission,
) -> Result<()> {
    let Some(row) = before.filter(|row| row.was_sent()) else {
        return Ok(());
    };
    let mut faults = Vec::new();
    let mut moved = |at: &'static str, moved: bool| {
        let detail = "Stays what it was when it was sent.";
        faults.extend(moved.then(|| Fault::body(at, "mismatch", detail)));
    };
    moved("/local_date", row.local_date != meant.map(|meant| meant.slot.local_date));
    moved("/slot_no", row.slot_no != meant.map(|meant| meant.slot.slot_no));
    moved("/role", row.role != sent.role);
    Error::unless_valid(faults)
}

/// What has come in, and where it belongs.
struct Arrival<'a> {
    homework: &'a AssignmentRow,
    form: &'a Form,
    sent: &'a NewSubmission,
    plan: Plan,
    meant: Option<Meant>,
    before: Option<Row>,
}

impl Arrival<'_> {
    /// Stores it, and does what follows from it.
    fn take(
        &self,
        tx: &mut Tx<'_>,
        author: ClientId,
        device_id: SubmissionId,
        pieces: &[Piece],
    ) -> Result<Row> {
        let occurrence = match (&self.meant, self.sent.status) {
            (Some(meant), Intent::Submitted | Intent::Skipped) => {
                let first = match self.sent.status {
                    Intent::Submitted => Progress::PartiallySubmitted,
                    Intent::Skipped | Intent::Draft => Progress::Open,
                };
                Some(reveal::occurrence(tx, self.homework, meant, first)?)
            }
            _ => None,
        };
        let mut row = self.row(tx, author, device_id, occurrence.as_ref())?;
        self.save(tx, &row)?;
        let revealed = match &occurrence {
            Some(occurrence) => occurrence.is_revealed(tx)?,
            None => false,
        };
        let stage = match self.sent.status {
            Intent::Draft => Stage::Draft,
            _ if revealed => Stage::Revealed,
            _ => Stage::Submitted,
        };
        let pieces = &left_out::with_what_was_not_asked(tx, &row, pieces, stage)?;
        let was_sent = self.sent_before().is_some();
        let written = sets::replace(tx, &row, pieces.clone(), stage, was_sent)?;
        let amended_before =
            self.before.as_ref().is_some_and(|row| row.status == SubmissionStatus::Amended);
        if (written.amended || amended_before) && row.status == SubmissionStatus::Submitted {
            row.status = SubmissionStatus::Amended;
            mark_amended(tx, &row)?;
        }
        if self.sent.device_shared || self.before.as_ref().is_some_and(|row| row.device_shared) {
            left_out::keep(tx, &row, &self.form.definition)?;
        }
        if row.status != SubmissionStatus::Draft {
            self.follow_up(tx, &row, occurrence.as_ref(), pieces, written)?;
        }
        write_down(tx, &row)?;
        Ok(row)
    }

    fn row(
        &self,
        tx: &mut Tx<'_>,
        author: ClientId,
        device_id: SubmissionId,
        occurrence: Option<&Occurrence>,
    ) -> Result<Row> {
        let status = self.sent.status.status();
        let first_sent = self.before.as_ref().and_then(|row| row.submitted_at);
        let policy_version_no = match self.homework.couple_id {
            Some(couple) => secrets_policy::version_in_force(tx, couple)?,
            None => None,
        };
        let id = match &self.before {
            Some(before) => before.id,
            None => free_id(tx, device_id)?,
        };
        Ok(Row {
            practice_id: tx.practice(),
            id,
            device_id,
            author_id: author,
            assignment_id: self.homework.id,
            couple_id: self.homework.couple_id,
            sensitivity: self.homework.sensitivity,
            occurrence_id: occurrence.map(|occurrence| occurrence.id),
            local_date: self.meant.as_ref().map(|meant| meant.slot.local_date),
            slot_no: self.meant.as_ref().map(|meant| meant.slot.slot_no),
            role: self.sent.role.clone(),
            policy_version_no,
            status,
            revision: self.before.as_ref().map_or(0, |row| row.revision) + 1,
            late: self.is_late(tx.now),
            device_shared: self.sent.device_shared,
            app: tx.caller.app().map(str::to_owned),
            completed_at: self.completed_at(),
            received_at: tx.now,
            submitted_at: first_sent.or((self.sent.status == Intent::Submitted).then_some(tx.now)),
            created_at: self.before.as_ref().map_or(tx.now, |row| row.created_at),
            updated_at: tx.now,
        })
    }

    /// What was sent before, if it counts.
    fn sent_before(&self) -> Option<&Row> {
        self.before.as_ref().filter(|row| row.was_sent())
    }

    /// When it was done first: put right later, it counts as it came.
    fn completed_at(&self) -> Option<Instant> {
        self.sent_before().map_or(self.sent.completed_at, |row| row.completed_at)
    }

    /// Whether its latest content came too late. What was not asked on a device that both use is not late because it is
    /// asked afterwards.
    fn is_late(&self, now: Instant) -> bool {
        let asked_afterwards =
            self.sent_before().filter(|row| row.device_shared && !self.sent.device_shared);
        let slot = self.meant.as_ref().map(|meant| &meant.slot);
        asked_afterwards.map_or_else(
            || schedule::is_late(&self.plan, slot, self.sent.completed_at, now),
            |row| row.late,
        )
    }

    fn save(&self, tx: &mut Tx<'_>, row: &Row) -> Result<()> {
        let done = if self.before.is_some() {
            diesel::update(submissions::table.find((tx.practice(), row.id)))
                .set(row)
                .execute_kept(tx.conn)
        } else {
            diesel::insert_into(submissions::table).values(row.clone()).execute(tx.conn).map(drop)
        };
        done.on_duplicate("You have answered this time already; change that submission instead.")?;
        Ok(())
    }

    /// The reveal, the signals, and what participants see of the assignment itself.
    fn follow_up(
        &self,
        tx: &mut Tx<'_>,
        row: &Row,
        occurrence: Option<&Occurrence>,
        answers: &[Piece],
        written: Written,
    ) -> Result<()> {
        // The others are asked again when they read something else than before, and not when nothing for them changed.
        let others_read = self.sent_before().is_none() || written.shared || written.reshared;
        if let (Some(occurrence), Some(meant), Intent::Submitted, ParticipationMode::Joint) =
            (occurrence, &self.meant, self.sent.status, self.form.definition.participation.mode)
            && others_read
        {
            let author = row.author_id;
            joint_confirmations::store::ask(tx, self.homework, occurrence.id, meant.slot, author)?;
        }
        let revealed = match occurrence {
            Some(occurrence) => reveal::advance(tx, self.homework, self.form, occurrence)?,
            None => false,
        };
        // A couple's work has begun once there is something that all of them can see; one client's with
        // whatever that client does, and what they had to do once is done with it.
        if self.homework.couple_id.is_none()
            && self.plan.once().is_some_and(|once| {
                self.meant.as_ref().is_some_and(|meant| meant.slot.local_date == once.local_date)
            })
            && self.sent.status == Intent::Submitted
        {
            finish(tx, self.homework)?;
        } else if written.shared || revealed || self.homework.couple_id.is_none() {
            begin(tx, self.homework)?;
        }
        if self.sent.status == Intent::Submitted {
            signals::follow(tx, self.homework, self.form, row, answers)?;
            if answers.iter().any(|piece| piece.answers.get(HIDE) == Some(&true.into())) {
                hide(tx, self.homework.id, row.author_id)?;
            }
        }
        Ok(())
    }
}

fn mark_amended(tx: &mut Tx<'_>, row: &Row) -> Result<()> {
    diesel::update(submissions::table.find((tx.practice(), row.id)))
        .set(submissions::status.eq(row.status))
        .execute(tx.conn)?;
    Ok(())
}

fn write_down(tx: &mut Tx<'_>, row: &Row) -> Result<()> {
    let verb = match row.status {
        SubmissionStatus::Draft => "drafted",
        SubmissionStatus::Skipped => "skipped",
        SubmissionStatus::Amended => "amended",
        SubmissionStatus::Submitted | SubmissionStatus::Retracted => "submitted",
    };
    let change = Change::of(Subject::Submission(row.id), verb);
    if row.status == SubmissionStatus::Draft || row.sensitivity == Sensitivity::Safety {
        record_in_private(tx, &change)
    } else {
        record(tx, &change)
    }
}

/// The practice's name for a submission: the device's own id, unless somebody else's device has made the
/// same. Its author reads the device's in either case, and learns nothing.
fn free_id(tx: &mut Tx<'_>, device_id: SubmissionId) -> Result<SubmissionId> {
    let taken: Option<SubmissionId> = submissions::table
        .find((tx.practice(), device_id))
        .select(submissions::id)
        .first(tx.conn)
        .optional()?;
    Ok(if taken.is_some() { tx.new_id() } else { device_id })
}

/// What a submission's content came to when it was checked.
pub(super) struct Checked {
    pub(super) pieces: Vec<Piece>,
    pub(super) problems: Vec<EntryProblem>,
}
