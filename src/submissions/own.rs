//! What a person's inbox has to know of what they have begun, of days that do not count, and of what another has
//! written for all.

use std::collections::{BTreeMap, BTreeSet};

use diesel::dsl::case_when;
use diesel::prelude::*;
use diesel::sql_types::Nullable;
use serde_json::{Map, Value};

use super::left_out::LeftOut;
use super::model::SubmissionStatus;
use super::sets::SetRow;
use super::store::Row;
use crate::auth::Tx;
use crate::db::id::{AssignmentId, ClientId};
use crate::db::schema::{
    answer_sets, assignment_participants as participants, excusals, joint_confirmations as joint,
    submissions,
};
use crate::db::types::DateSql;
use crate::db::{Date, Doc};
use crate::error::Result;
use crate::joint_confirmations::model::{ANSWERABLE_SECONDS, Row as JointRow};

/// A person's own submission, with one set of its answers as it lies there, if it is a draft.
pub(crate) type OwnRow = (Row, Option<SetRow>);

/// Times of assignments that do not count.
pub(crate) type Excused = BTreeSet<(AssignmentId, Date, i32)>;

/// What an inbox has to know of the caller's homework beside the assignments themselves.
pub(crate) struct OwnWork {
    /// The caller's own submissions about these days, with what drafts hold.
    pub(crate) begun: Vec<OwnRow>,
    /// Which of these days do not count.
    pub(crate) excused: Excused,
    /// Private questions that were not asked on a device that both use.
    pub(crate) left_out: Vec<(AssignmentId, LeftOut)>,
    /// Who was asked about what was written for all on these days, and what waits for the caller's answer.
    pub(crate) written: Vec<JointRow>,
}

/// Which assignments and which of their days an inbox asks about.
pub(crate) struct Asked {
    pub(crate) assignments: Vec<AssignmentId>,
    /// Those that are done once, and on a day before `since`.
    pub(crate) once: Vec<AssignmentId>,
    /// In their order.
    pub(crate) days: Vec<Date>,
    /// The first of these days of what is done more than once.
    pub(crate) since: Date,
}

/// The caller's own work on these assignments about these days: by one statement, which is what keeps an inbox to
/// eight.
pub(crate) fn own_in(tx: &mut Tx<'_>, author: ClientId, asked: &Asked) -> Result<OwnWork> {
    type Found = (
        (AssignmentId, Option<Doc<Vec<LeftOut>>>),
        Option<Row>,
        Option<SetRow>,
        Option<Date>,
        Option<i32>,
        Option<JointRow>,
    );
    let Asked { assignments, once, days, since } = asked;
    let earliest = days.first().unwrap_or(since);
    // PostgreSQL reckons with one submission of one author and assignment, and may compare each that it finds with the
    // list of days: all that was ever sent of what comes every day. It is told from which day on.
    let day = |day: &Date| (*day).into_sql::<Nullable<DateSql>>();
    let first_day = case_when(participants::assignment_id.eq_any(once.clone()), day(earliest))
        .otherwise(day(since));
    let answerable = tx.now.plus_seconds(-ANSWERABLE_SECONDS);
    let all: Vec<Found> = participants::table
        .left_join(
            submissions::table.on(submissions::practice_id
                .eq(participants::practice_id)
                .and(submissions::assignment_id.eq(participants::assignment_id))
                .and(submissions::author_id.eq(participants::client_id))
                .and(submissions::local_date.eq_any(days.clone()))
                .and(submissions::local_date.ge(first_day))),
        )
        .left_join(
            answer_sets::table.on(answer_sets::practice_id
                .eq(submissions::practice_id)
                .and(answer_sets::submission_id.eq(submissions::id))
                .and(submissions::status.eq(SubmissionStatus::Draft))),
        )
        .left_join(
            excusals::table.on(excusals::practice_id
                .eq(participants::practice_id)
                .and(excusals::assignment_id.eq(participants::assignment_id))
                .and(excusals::local_date.eq_any(days.clone()))),
        )
        .left_join(
            joint::table.on(joint::practice_id
                .eq(participants::practice_id)
                .and(joint::assignment_id.eq(participants::assignment_id))
                .and(joint::local_date.eq_any(days.clone()).or(joint::asked_at.gt(answerable)))),
        )
        .filter(participants::practice_id.eq(tx.practice()))
        .filter(participants::client_id.eq(author))
        .filter(participants::assignment_id.eq_any(assignments))
        .select((
            (participants::assignment_id, participants::left_out),
            Option::<Row>::as_select(),
            Option::<SetRow>::as_select(),
            excusals::local_date.nullable(),
            excusals::slot_no.nullable(),
            Option::<JointRow>::as_select(),
        ))
        .load(tx.conn)?;
    let (mut own, mut excused, mut written) = (Vec::new(), BTreeSet::new(), Vec::new());
    let mut left_out = BTreeMap::new();
    for ((assignment, lacking), row, set, day, slot_no, joint) in all {
        left_out.extend(lacking.map(|Doc(lacking)| (assignment, lacking)));
        excused.extend(day.zip(slot_no).map(|(day, no)| (assignment, day, no)));
        own.extend(row.map(|row| (row, set)));
        written.extend(joint);
    }
    // Put in order here: asked for it, SQLite walks through all submissions of the practice by their ids. Two excusals
    // of one assignment bring its submissions twice.
    let place = |(row, set): &OwnRow| (row.device_id, set.as_ref().map(|set| set.id));
    own.sort_by_key(place);
    own.dedup_by_key(|one| place(one));
    let asked = |one: &JointRow| (one.local_date, one.slot_no, one.occurrence_id, one.client_id);
    written.sort_by_key(asked);
    written.dedup_by_key(|one| asked(one));
    let of = |(assignment, lacking): (AssignmentId, Vec<LeftOut>)| {
        lacking.into_iter().map(move |one| (assignment, one))
    };
    let left_out =
        left_out.into_iter().flat_map(of).filter(|(_, one)| one.until > tx.now).collect();
    Ok(OwnWork { begun: own, excused, left_out, written })
}

/// The same with the answers of drafts.
pub(crate) fn with_drafts(
    tx: &Tx<'_>,
    found: Vec<OwnRow>,
) -> Result<Vec<(Row, Map<String, Value>)>> {
    let mut own: Vec<(Row, Map<String, Value>)> = Vec::new();
    for (row, set) in found {
        let answers = set.map(|set| set.open(tx)).transpose()?.unwrap_or_default();
        match own.last_mut() {
            Some((last, before)) if last.id == row.id => before.extend(answers),
            _ => own.push((row, answers)),
        }
    }
    Ok(own)
}
