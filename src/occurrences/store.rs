//! Queries on occurrences. Every one starts from the assignments that the caller may see.

use diesel::dsl::exists;
use diesel::prelude::*;

use super::excusals::{self, kind_of};
use super::model::{Occurrence, OccurrenceFilter, OccurrenceStatus, OnTheWall, Progress, Row};
use super::plan::Plan;
use super::rests::Rests;
use crate::activities::definition::{CompletedWhen, Sensitivity};
use crate::alerts::caseload;
use crate::assignments;
use crate::assignments::store::Row as AssignmentRow;
use crate::auth::Tx;
use crate::couples::members::store::display_names;
use crate::db::id::{AssignmentId, ClientId, CoupleId, OccurrenceId};
use crate::db::schema::{clients, joint_confirmations as joint, occurrences, submissions};
use crate::db::{Date, Instant, MultiBackend};
use crate::error::{DbResultExt, Error, Result};
use crate::figures::Reader;
use crate::figures::occurrence::Sent as Counted;
use crate::http::page::{Position, Sort, Window};
use crate::joint_confirmations;
use crate::joint_confirmations::model::{ConfirmationStatus, Row as JointRow};
use crate::practices;
use crate::submissions::form::Form;
use crate::submissions::model::SubmissionStatus;
use crate::submissions::store::visible as visible_submissions;

/// The occurrences of an assignment that the caller sees: to participants those that a schedule foresees and those
/// that they have done themselves, or one has for all. Another that exists by another's act alone is not among them.
fn visible<'a>(tx: &Tx<'_>, assignment: AssignmentId) -> occurrences::BoxedQuery<'a, MultiBackend> {
    let query = occurrences::table
        .filter(occurrences::practice_id.eq(tx.practice()))
        .filter(occurrences::assignment_id.eq(assignment))
        .into_boxed();
    let Some(own) = tx.caller.client() else { return query };
    let done = submissions::table
        .filter(submissions::practice_id.eq(tx.practice()))
        .filter(submissions::occurrence_id.eq(occurrences::id.nullable()))
        .filter(submissions::author_id.eq(own))
        .filter(submissions::sensitivity.ne(Sensitivity::Safety))
        .filter(submissions::status.ne(SubmissionStatus::Draft));
    // What one has written for all is no act of that one alone.
    let for_all = joint::table
        .filter(joint::practice_id.eq(tx.practice()))
        .filter(joint::occurrence_id.eq(occurrences::id));
    query.filter(occurrences::planned.eq(true).or(exists(done)).or(exists(for_all)))
}

/// The stored occurrence of a day and number.
pub(crate) fn at(
    tx: &mut Tx<'_>,
    assignment: AssignmentId,
    day: Date,
    slot_no: i32,
) -> Result<Option<Row>> {
    Ok(occurrences::table
        .filter(occurrences::practice_id.eq(tx.practice()))
        .filter(occurrences::assignment_id.eq(assignment))
        .filter(occurrences::local_date.eq(day))
        .filter(occurrences::slot_no.eq(slot_no))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?)
}

/// One occurrence by its id.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub(super) fn find(tx: &mut Tx<'_>, id: OccurrenceId) -> Result<Occurrence> {
    let row: Row = occurrences::table
        .find((tx.practice(), id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()?;
    let assignment = assignments::store::find_row(tx, row.assignment_id)?;
    show(tx, &assignment, vec![row])?.pop().ok_or_else(Error::not_found)
}

/// One page of an assignment's occurrences, by day and number.
///
/// # Errors
/// 404 when the caller sees no such assignment.
pub(super) fn list(
    tx: &mut Tx<'_>,
    assignment: AssignmentId,
    filter: &OccurrenceFilter,
    window: Window,
) -> Result<Vec<(Position, Occurrence)>> {
    let homework = assignments::store::find_row(tx, assignment)?;
    let mut query = visible(tx, assignment);
    if let Some(from) = filter.from {
        query = query.filter(occurrences::local_date.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(occurrences::local_date.le(until));
    }
    let latest_first = matches!(window.sort, Sort::CreatedDescending | Sort::UpdatedDescending);
    if let Some((day, slot_no)) = window.after.map(Occurrence::place_of) {
        query = if latest_first {
            query
                .filter(occurrences::local_date.le(day))
                .filter(occurrences::local_date.lt(day).or(occurrences::slot_no.lt(slot_no)))
        } else {
            query
                .filter(occurrences::local_date.ge(day))
                .filter(occurrences::local_date.gt(day).or(occurrences::slot_no.gt(slot_no)))
        };
    }
    let query = if latest_first {
        query.order((occurrences::local_date.desc(), occurrences::slot_no.desc()))
    } else {
        query.order((occurrences::local_date.asc(), occurrences::slot_no.asc()))
    };
    let rows: Vec<Row> = query.limit(window.load).select(Row::as_select()).load(tx.conn)?;
    let shown = show(tx, &homework, rows)?;
    Ok(shown.into_iter().map(|one| (one.position(), one)).collect())
}

/// Occurrences of an assignment as the caller may see them.
pub(crate) fn show(
    tx: &mut Tx<'_>,
    homework: &AssignmentRow,
    rows: Vec<Row>,
) -> Result<Vec<Occurrence>> {
    let days = rows.iter().map(|row| row.local_date);
    let Some((first, last)) = days.clone().min().zip(days.max()) else { return Ok(Vec::new()) };
    let sent = Sent::of(tx, homework, &rows)?;
    let excused = excusals::between(tx, homework.id, first, last)?;
    let rests = Rests::of(tx, homework.id)?;
    let here = reader_zone(tx)?;
    let plan = Plan::of(homework)?;
    let (written, names) = written_for_all(tx, homework, &rows)?;
    rows.into_iter()
        .map(|row| as_planned(&plan, row))
        .map(|row| {
            let kind = kind_of(&excused, row.local_date, row.slot_no);
            let rested = rests.cover(row.closes_at);
            let of_row = written.iter().filter(|one| one.occurrence_id == row.id);
            let confirmation =
                joint_confirmations::store::show(tx, homework.couple_id, of_row, &names);
            let agreed = confirmation.as_ref().map(|one| one.status);
            let status = sent.status(&row, kind.is_some() || rested, agreed, tx.now);
            Ok(Occurrence {
                id: Some(row.id).filter(|_| sent.own.is_none()),
                assignment_id: row.assignment_id,
                local_date: row.local_date,
                slot_no: row.slot_no,
                opens_at: row.opens_at,
                due_at: row.due_at,
                closes_at: row.closes_at,
                due_there: row
                    .due_at
                    .map(|due| on_the_wall(due, &homework.timezone))
                    .transpose()?,
                due_here: row.due_at.map(|due| on_the_wall(due, &here)).transpose()?,
                status,
                excused_for: kind.filter(|_| sent.own.is_none()),
                confirmation,
                row_id: row.id,
            })
        })
        .collect()
}

/// What was written for all, and the names of those who may have.
type ForAll = (Vec<JointRow>, Vec<(CoupleId, ClientId, String)>);

/// What was written for all at these times, with the names of the couple's members where there is any.
fn written_for_all(tx: &mut Tx<'_>, homework: &AssignmentRow, rows: &[Row]) -> Result<ForAll> {
    let Some(couple) = homework.couple_id else { return Ok(Default::default()) };
    let ids: Vec<OccurrenceId> = rows.iter().map(|row| row.id).collect();
    let written = joint_confirmations::store::of(tx, &ids)?;
    let names = if written.is_empty() { Vec::new() } else { display_names(tx, &[couple])? };
    Ok((written, names))
}

/// An occurrence with the times that it has by the assignment as it is now: of what is done once, since its date may
/// have been moved, and where no schedule had foreseen it, since those in its row tell when somebody did something first.
/// What an earlier schedule foresaw keeps its times.
pub(crate) fn as_planned(plan: &Plan, row: Row) -> Row {
    let (day, slot_no) = (row.local_date, row.slot_no);
    let once = plan.once().filter(|once| (once.local_date, once.slot_no) == (day, slot_no));
    let slot = match once {
        Some(once) => once,
        None if row.planned => return row,
        None => plan.slot(day, slot_no).unwrap_or_else(|| plan.whole_day(day, slot_no)),
    };
    Row { opens_at: slot.opens_at, due_at: slot.due_at, closes_at: slot.closes_at, ..row }
}

/// What was sent to some occurrences, as far as the caller may know.
struct Sent {
    /// The caller, if they take part.
    own: Option<ClientId>,
    /// False for whoever may not know who has answered what concerns safety.
    told: bool,
    /// One of those who take part does it for all.
    one_is_enough: bool,
    /// How many take part.
    participants: usize,
    submissions: Vec<Submitted>,
}

/// A submission to an occurrence: its status, when its device says that it was done, when it was sent and when its
/// latest content came in.
type Submitted =
    (Option<OccurrenceId>, SubmissionStatus, Option<Instant>, Option<Instant>, Instant);

impl Sent {
    fn of(tx: &mut Tx<'_>, homework: &AssignmentRow, rows: &[Row]) -> Result<Self> {
        let own = tx.caller.client();
        let told = own.is_some()
            || homework.sensitivity != Sensitivity::Safety
            || caseload::has(tx, homework.couple_id, homework.client_id)?;
        let ids: Vec<Option<OccurrenceId>> = rows.iter().map(|row| Some(row.id)).collect();
        let submissions = visible_submissions(tx.caller)
            .filter(submissions::occurrence_id.eq_any(ids))
            .select((
                submissions::occurrence_id,
                submissions::status,
                submissions::completed_at,
                submissions::submitted_at,
                submissions::received_at,
            ))
            .load(tx.conn)?;
        let form = Form::of(tx, homework)?;
        let adherence = form.definition.adherence.completed_when;
        let one_is_enough =
            matches!(adherence, CompletedWhen::AnySubmitted | CompletedWhen::JointSubmitted);
        let participants = form.participants().len();
        Ok(Self { own, told, one_is_enough, participants, submissions })
    }

    /// True when what was sent came too late to count. Figures say the same: where one is enough, all of it; what nobody
    /// had foreseen is never late.
    fn too_late(&self, row: &Row) -> bool {
        let reader = if self.own.is_some() { Reader::Participants } else { Reader::Clinicians };
        let counted = self.submissions.iter().filter(|(of, status, ..)| {
            *of == Some(row.id) && SubmissionStatus::SENT.contains(status)
        });
        let counts = |(_, _, completed, sent, received): &Submitted| {
            let sent = sent.unwrap_or(*received);
            Counted::answer_for(reader, row.closes_at, *completed, sent).counts()
        };
        let counted: Vec<bool> = counted.map(counts).collect();
        let late =
            if self.one_is_enough { !counted.contains(&true) } else { counted.contains(&false) };
        row.planned && !counted.is_empty() && late
    }

    /// True for what all have sent in time and what does not open, since they part or somebody has taken back a consent:
    /// nobody has missed it.
    fn waits_to_open(&self, row: &Row) -> bool {
        let of_row = |(of, status, ..): &&Submitted| {
            *of == Some(row.id) && SubmissionStatus::SENT.contains(status)
        };
        let sent = self.submissions.iter().filter(of_row).count();
        sent >= self.participants && !self.too_late(row)
    }

    fn status(
        &self,
        row: &Row,
        excused: bool,
        agreed: Option<ConfirmationStatus>,
        now: Instant,
    ) -> OccurrenceStatus {
        let of_row = || self.submissions.iter().filter(|(of, ..)| *of == Some(row.id));
        let has = |wanted: &[SubmissionStatus]| of_row().any(|(_, one, ..)| wanted.contains(one));
        let skipped = has(&[SubmissionStatus::Skipped]);
        let contested = agreed == Some(ConfirmationStatus::Contested);
        let progress = match self.own {
            Some(_) if agreed.is_some() && !contested => Progress::Submitted,
            Some(_) if has(&SubmissionStatus::SENT) && !contested => Progress::Submitted,
            None if self.told => row.status,
            _ if row.status == Progress::Cancelled => Progress::Cancelled,
            _ => Progress::Open,
        };
        let closed = row.closes_at.is_some_and(|closes| closes <= now);
        match progress {
            Progress::Cancelled => OccurrenceStatus::Cancelled,
            _ if excused || progress == Progress::Excused => OccurrenceStatus::Excused,
            // What comes too late is kept, and the time stays missed unless somebody excuses it (`domain` 2.4.2).
            Progress::Submitted if agreed.is_none() && self.too_late(row) => {
                OccurrenceStatus::Missed
            }
            Progress::Submitted => OccurrenceStatus::Submitted,
            _ if contested => OccurrenceStatus::InProgress,
            _ if row.opens_at > now => OccurrenceStatus::Scheduled,
            _ if skipped => OccurrenceStatus::Skipped,
            Progress::PartiallySubmitted if !closed || self.waits_to_open(row) => {
                OccurrenceStatus::PartiallySubmitted
            }
            _ if closed => OccurrenceStatus::Missed,
            _ => OccurrenceStatus::Open,
        }
    }
}

/// The zone on whose wall the caller reads.
fn reader_zone(tx: &mut Tx<'_>) -> Result<String> {
    match tx.caller.client() {
        Some(own) => Ok(clients::table
            .find((tx.practice(), own))
            .select(clients::timezone)
            .first(tx.conn)?),
        None => practices::store::timezone(tx),
    }
}

/// A moment on the wall of a zone.
pub(crate) fn on_the_wall(moment: Instant, timezone: &str) -> Result<OnTheWall> {
    let zone = practices::store::zone(timezone)?;
    let at = moment.wall_time_in(&zone);
    Ok(OnTheWall { timezone: timezone.to_owned(), on: moment.date_in(&zone), at })
}
