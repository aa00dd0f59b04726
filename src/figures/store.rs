//! What figures are made of: occurrences, who sent what to them, what does not count, and events. By a fixed number
//! of statements, whatever the number of assignments and however long they run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diesel::prelude::*;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::adherence::Rule;
use super::made::Made;
use super::occurrence::{Occurrence, Outcome, Reader};
use super::targets::Day;
use super::weeks::Term;
use crate::activities::definition::{CompletedWhen, Definition, Item, Sensitivity};
use crate::assignments::model::AssignmentStatus;
use crate::assignments::store::{Row as AssignmentRow, visible};
use crate::auth::Tx;
use crate::db::id::{AssignmentId, ClientId, CoupleId, SubmissionId};
use crate::db::schema::{
    activity_definitions, answer_sets, assignment_participants as participants, assignments,
    caseload_clients, caseload_couples, excusals, occurrences, submissions,
};
use crate::db::{Date, DocText, Instant};
use crate::error::Result;
use crate::occurrences::model::Row as OccurrenceRow;
use crate::occurrences::plan::Plan;
use crate::occurrences::rests::{self, Rests};
use crate::occurrences::store::as_planned;
use crate::submissions::model::SubmissionStatus;

/// Assignments that are looked at; `FiguresReport.assignments` is bounded by it.
const MOST: i64 = 100;
/// The same of a whole caseload: six of each of two hundred couples. What is open comes before what is over.
const MOST_OF_CASELOAD: i64 = 1200;

/// However it ended; what was entered in error was never there.
const OVER: [AssignmentStatus; 3] =
    [AssignmentStatus::Completed, AssignmentStatus::Expired, AssignmentStatus::Withdrawn];

/// Days, both included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Period {
    pub(crate) from: Date,
    pub(crate) until: Date,
}

impl Period {
    /// All days.
    pub(crate) const EVER: Self =
        Self { from: Date(jiff::civil::Date::MIN), until: Date(jiff::civil::Date::MAX) };

    pub(crate) fn contains(self, day: Date) -> bool {
        self.from <= day && day <= self.until
    }

    /// The first moment at which its first day begins anywhere; no zone is more than fourteen hours ahead.
    fn begins_somewhere(self) -> Instant {
        let begins = self.from.0.to_zoned(TimeZone::UTC).map(|day| day.timestamp());
        Instant::from(begins.unwrap_or(Timestamp::MIN)).plus_seconds(-14 * 3600)
    }
}

/// Whose homework.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Whose {
    Assignment(AssignmentId),
    Couple(CoupleId),
    Client(ClientId),
    /// Of everybody whom the caller treats or supervises, however it ended.
    Caseload,
}

impl Whose {
    /// Assignments that are looked at.
    fn most(self) -> i64 {
        if matches!(self, Self::Caseload) { MOST_OF_CASELOAD } else { MOST }
    }
}

/// An assignment with its exercise.
pub(crate) struct Homework {
    pub(crate) row: AssignmentRow,
    pub(crate) definition: Arc<Definition>,
    pub(crate) participants: Vec<ClientId>,
    pub(crate) plan: Plan,
}

impl Homework {
    /// True for what participants read nothing of before all have answered.
    fn waits_for_all(&self) -> bool {
        let waits = |(_, item): &(String, &Item)| item.audience().waits();
        self.definition.questions().iter().any(waits)
            && !self.definition.each_must_answer(Item::is_shared_when_sent)
    }
}

/// What is known of one assignment in a period.
pub(crate) struct Known {
    pub(crate) homework: Homework,
    /// Of what has occurrences.
    pub(crate) occurrences: Vec<Occurrence>,
    /// What was done beyond a quota.
    pub(crate) beyond: Vec<Occurrence>,
    /// Of events.
    pub(crate) days: Vec<Day>,
}

impl Known {
    /// The days on which it runs.
    pub(crate) fn term(&self) -> Term {
        let row = &self.homework.row;
        Term { starts_on: row.starts_on, ends_on: row.schedule.0.ends_on }
    }

    /// True when an occurrence of it is done, as this reader may know it.
    pub(crate) fn is_done(&self, occurrence: &Occurrence, reader: Reader) -> bool {
        let Homework { definition, participants, .. } = &self.homework;
        let rule = Rule { adherence: &definition.adherence, participants };
        rule.outcome(occurrence, reader) == Outcome::Done
    }

    /// True for what goes on.
    pub(crate) fn is_open(&self) -> bool {
        AssignmentStatus::OPEN.contains(&self.homework.row.status)
    }

    /// True for what is counted by events and not by occurrences.
    pub(crate) fn is_by_events(&self) -> bool {
        self.homework.definition.adherence.completed_when == CompletedWhen::CountAtLeast
    }
}

/// The homework that is counted, of those whom the caller sees, in the order in which it was assigned. What concerns
/// safety is never among it, and what had ended before the period neither: there may be years of it.
pub(crate) fn homework(tx: &mut Tx<'_>, whose: Whose, period: Period) -> Result<Vec<Homework>> {
    let (open, most) = (AssignmentStatus::OPEN, whose.most());
    let mut rows = if matches!(whose, Whose::Caseload) {
        // What is over takes the room that is left. By one statement each: both go by the order of their ids.
        let mut rows = found_of(tx, whose, period, (&open, most))?;
        let left = most - i64::try_from(rows.len()).unwrap_or(most);
        rows.extend(found_of(tx, whose, period, (&OVER, left))?);
        rows
    } else {
        found_of(tx, whose, period, (&[open.as_slice(), &OVER].concat(), most))?
    };
    rows.sort_unstable_by_key(|(row, _)| row.id);
    let ids: Vec<AssignmentId> = rows.iter().map(|(row, _)| row.id).collect();
    let taking_part: Vec<(AssignmentId, ClientId)> = participants::table
        .filter(participants::practice_id.eq(tx.practice()))
        .filter(participants::assignment_id.eq_any(ids))
        .order((participants::assignment_id, participants::position))
        .select((participants::assignment_id, participants::client_id))
        .load(tx.conn)?;
    rows.into_iter()
        .map(|(row, DocText(body))| {
            let of_it = taking_part.iter().filter(|(id, _)| *id == row.id);
            Ok(Homework {
                definition: tx.forms().exercise(&row, &body)?,
                participants: of_it.map(|(_, client)| *client).collect(),
                plan: Plan::of(&row)?,
                row,
            })
        })
        .collect()
}

/// The latest assignments in these states, at most so many, each with its exercise.
fn found_of(
    tx: &mut Tx<'_>,
    whose: Whose,
    period: Period,
    (statuses, most): (&[AssignmentStatus], i64),
) -> Result<Vec<(AssignmentRow, DocText)>> {
    let query = visible(tx)?
        .inner_join(
            activity_definitions::table.on(activity_definitions::practice_id
                .eq(assignments::practice_id)
                .and(activity_definitions::id.eq(assignments::activity_definition_id))),
        )
        .filter(assignments::status.eq_any(statuses.iter().copied()))
        .filter(assignments::sensitivity.ne(Sensitivity::Safety))
        .filter(assignments::starts_on.le(period.until))
        .filter(
            assignments::status
                .eq_any(AssignmentStatus::OPEN)
                .or(assignments::updated_at.ge(period.begins_somewhere())),
        );
    let query = match whose {
        Whose::Assignment(id) => query.filter(assignments::id.eq(id)),
        Whose::Couple(couple) => query.filter(assignments::couple_id.eq(couple).assume_not_null()),
        Whose::Client(client) => query.filter(assignments::client_id.eq(client).assume_not_null()),
        Whose::Caseload => {
            let couples = caseload_couples::table
                .filter(caseload_couples::practice_id.eq(tx.practice()))
                .filter(caseload_couples::clinician_id.eq_any(tx.caller.caseloads()))
                .select(caseload_couples::couple_id.nullable());
            let clients = caseload_clients::table
                .filter(caseload_clients::practice_id.eq(tx.practice()))
                .filter(caseload_clients::clinician_id.eq_any(tx.caller.caseloads()))
                .select(caseload_clients::client_id.nullable());
            let theirs =
                assignments::couple_id.eq_any(couples).or(assignments::client_id.eq_any(clients));
            query.filter(theirs.assume_not_null())
        }
    };
    Ok(query
        .order(assignments::id.desc())
        .limit(most)
        .select((AssignmentRow::as_select(), activity_definitions::body))
        .load(tx.conn)?)
}

/// Submissions by what they answer, so that nobody looks through all of them for each occurrence.
pub(super) type BySlot = BTreeMap<(AssignmentId, Date, i32), Vec<Submitted>>;

/// One submission, as far as it is counted.
pub(super) struct Submitted {
    pub(super) author: ClientId,
    pub(super) status: SubmissionStatus,
    pub(super) completed_at: Option<Instant>,
    pub(super) first_sent: Instant,
}

/// What the database holds of some homework in a period, before anything is made of it.
pub(crate) struct Found {
    homework: Vec<Homework>,
    rows: Vec<OccurrenceRow>,
    sent: BySlot,
    excused: BTreeSet<(AssignmentId, Date, i32)>,
    rests: Vec<(AssignmentId, Instant, Option<Instant>)>,
    entries: BTreeMap<(AssignmentId, Date, ClientId), u32>,
    period: Period,
    reader: Reader,
}

/// What is known of this homework in a period, as this reader may know it.
pub(crate) fn known(
    tx: &mut Tx<'_>,
    homework: Vec<Homework>,
    period: Period,
    reader: Reader,
) -> Result<Vec<Known>> {
    Ok(found(tx, homework, period, reader)?.known(tx.now))
}

/// Asks the database for all of it, by a fixed number of statements.
pub(crate) fn found(
    tx: &mut Tx<'_>,
    homework: Vec<Homework>,
    period: Period,
    reader: Reader,
) -> Result<Found> {
    let ids: Vec<AssignmentId> = homework.iter().map(|one| one.row.id).collect();
    let rows: Vec<OccurrenceRow> = occurrences::table
        .filter(occurrences::practice_id.eq(tx.practice()))
        .filter(occurrences::assignment_id.eq_any(&ids))
        .filter(occurrences::local_date.between(period.from, period.until))
        .order((occurrences::assignment_id, occurrences::local_date, occurrences::slot_no))
        .select(OccurrenceRow::as_select())
        .load(tx.conn)?;
    let sent = submitted(tx, &homework, period)?;
    let excused: BTreeSet<(AssignmentId, Date, i32)> = excusals::table
        .filter(excusals::practice_id.eq(tx.practice()))
        .filter(excusals::assignment_id.eq_any(&ids))
        .filter(excusals::local_date.between(period.from, period.until))
        .select((excusals::assignment_id, excusals::local_date, excusals::slot_no))
        .load::<(AssignmentId, Date, i32)>(tx.conn)?
        .into_iter()
        .collect();
    let rests = rests::of_all(tx, &ids)?;
    let entries = entries(tx, &homework, period, reader)?;
    Ok(Found { homework, rows, sent, excused, rests, entries, period, reader })
}

impl Found {
    /// What became of it by now.
    pub(crate) fn known(self, now: Instant) -> Vec<Known> {
        let Self { homework, rows, sent, excused, rests, entries, period, reader } = self;
        let plans: BTreeMap<AssignmentId, &Plan> =
            homework.iter().map(|one| (one.row.id, &one.plan)).collect();
        // The same times that the list of occurrences shows.
        let rows: Vec<OccurrenceRow> = rows
            .into_iter()
            .filter_map(|row| Some(as_planned(plans.get(&row.assignment_id)?, row)))
            .collect();
        let mut of_each: BTreeMap<AssignmentId, Vec<&OccurrenceRow>> = BTreeMap::new();
        for row in &rows {
            of_each.entry(row.assignment_id).or_default().push(row);
        }
        let of_one = |homework: Homework| {
            let id = homework.row.id;
            let rests = Rests::among(&rests, id);
            let made = Made {
                homework: &homework,
                sent: &sent,
                excused: &excused,
                rests: &rests,
                now,
                reader,
                waits_for_all: reader == Reader::Participants && homework.waits_for_all(),
            };
            let own = of_each.get(&id).map(Vec::as_slice).unwrap_or_default();
            let occurrences = made.occurrences(own);
            let (beyond, days) = (made.beyond(own), made.days(period, &entries));
            Known { homework, occurrences, beyond, days }
        };
        homework.into_iter().map(of_one).collect()
    }
}

fn submitted(tx: &mut Tx<'_>, homework: &[Homework], period: Period) -> Result<BySlot> {
    type Found = (
        AssignmentId,
        Option<Date>,
        Option<i32>,
        ClientId,
        SubmissionStatus,
        Option<Instant>,
        Option<Instant>,
        Instant,
    );
    let ids: Vec<AssignmentId> = homework.iter().map(|one| one.row.id).collect();
    let mut authors: Vec<ClientId> =
        homework.iter().flat_map(|one| one.participants.iter().copied()).collect();
    authors.sort_unstable();
    authors.dedup();
    let found: Vec<Found> = submissions::table
        .filter(submissions::practice_id.eq(tx.practice()))
        .filter(submissions::assignment_id.eq_any(ids))
        .filter(submissions::author_id.eq_any(authors))
        .filter(submissions::local_date.between(period.from, period.until))
        .select((
            submissions::assignment_id,
            submissions::local_date,
            submissions::slot_no,
            submissions::author_id,
            submissions::status,
            submissions::completed_at,
            submissions::submitted_at,
            submissions::received_at,
        ))
        .load(tx.conn)?;
    let mut by_slot = BySlot::new();
    for (assignment, day, no, author, status, completed_at, first, received) in found {
        let Some((day, no)) = day.zip(no) else { continue };
        let first_sent = first.unwrap_or(received);
        let one = Submitted { author, status, completed_at, first_sent };
        by_slot.entry((assignment, day, no)).or_default().push(one);
    }
    Ok(by_slot)
}

/// How many events each has noted on each day. Participants are told of what they can read.
fn entries(
    tx: &mut Tx<'_>,
    homework: &[Homework],
    period: Period,
    reader: Reader,
) -> Result<BTreeMap<(AssignmentId, Date, ClientId), u32>> {
    type Found =
        (AssignmentId, ClientId, SubmissionId, Option<i32>, Option<Instant>, Option<Instant>);
    let by_events: Vec<&Homework> = homework.iter().filter(|one| one.plan.takes_events()).collect();
    let ids: Vec<AssignmentId> = by_events.iter().map(|one| one.row.id).collect();
    let begins = by_events.iter().map(|one| one.plan.timeline().beginning_of(period.from)).min();
    // The small hours of the day after may belong to the last one.
    let last = period.until.plus_days(2);
    let ends = by_events.iter().map(|one| one.plan.timeline().beginning_of(last)).max();
    let Some((begins, ends)) = begins.zip(ends) else { return Ok(BTreeMap::new()) };
    let found: Vec<Found> = answer_sets::table
        .filter(answer_sets::practice_id.eq(tx.practice()))
        .filter(answer_sets::assignment_id.eq_any(ids))
        .filter(answer_sets::entry_at.between(begins, ends))
        .filter(answer_sets::superseded_at.is_null())
        .select((
            answer_sets::assignment_id,
            answer_sets::author_id,
            answer_sets::submission_id,
            answer_sets::entry_no,
            answer_sets::entry_at,
            answer_sets::shared_at,
        ))
        .load(tx.conn)?;
    let mut seen = BTreeSet::new();
    let mut counts = BTreeMap::new();
    for (assignment, author, submission, no, at, shared_at) in found {
        let hidden = reader == Reader::Participants && shared_at.is_none();
        let of = by_events.iter().find(|one| one.row.id == assignment);
        let Some((of, at)) = of.zip(at).filter(|_| !hidden) else { continue };
        if seen.insert((submission, no)) {
            let day = of.plan.timeline().local_date_of(at);
            *counts.entry((assignment, day, author)).or_insert(0) += 1;
        }
    }
    Ok(counts)
}
