//! What the author of a submission, or a clinician who treats, reads of it.

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::model::{EarlierAnswers, Entry};
use super::pieces::Piece;
use super::sets::SetRow;
use crate::activities::definition::audience::Viewer;
use crate::auth::Tx;
use crate::db::id::SubmissionId;
use crate::db::schema::answer_sets;
use crate::db::{Instant, MultiBackend};
use crate::error::Result;

/// Earlier answers that are shown; `Submission.earlier` is bounded by it.
const MOST_EARLIER: i64 = 200;

/// The answers of a submission that a viewer may read.
#[derive(Debug, Default)]
pub(super) struct Readable {
    pub(super) answers: Map<String, Value>,
    pub(super) entries: Vec<Entry>,
    pub(super) earlier: Vec<EarlierAnswers>,
    pub(super) widened: Vec<String>,
}

impl Readable {
    /// What its author has just sent for the first time.
    pub(super) fn of_new(pieces: Vec<Piece>) -> Self {
        let mut found = Self::default();
        for piece in pieces {
            let (entry_no, at) = piece.entry.unzip();
            found.add(entry_no, at, piece.answers);
        }
        found
    }

    fn add(&mut self, entry_no: Option<i32>, at: Option<Instant>, answers: Map<String, Value>) {
        let Some(entry_no) = entry_no else {
            self.answers.extend(answers);
            return;
        };
        match self.entries.iter_mut().find(|entry| entry.entry_no == entry_no) {
            Some(entry) => entry.answers.extend(answers),
            None => self.entries.push(Entry { entry_no, at, answers }),
        }
    }
}

/// Reads what the author, or a treating clinician, may read of a submission. Participants read through
/// [`shared`](super::shared), anybody else reads nothing.
pub(super) fn readable(
    tx: &mut Tx<'_>,
    submission: SubmissionId,
    viewer: Viewer,
) -> Result<Readable> {
    let mut found = Readable::default();
    if matches!(viewer, Viewer::Partner | Viewer::Other) {
        return Ok(found);
    }
    let standing = of(tx, submission, viewer).filter(answer_sets::superseded_at.is_null());
    for set in standing.select(SetRow::as_select()).load(tx.conn)? {
        let answers = set.open(tx)?;
        if set.widened {
            found.widened.extend(answers.keys().cloned());
        }
        found.add(set.entry_no, set.entry_at, answers);
    }
    // Apart from what stands, lest all that was ever changed is opened for the last two hundred of it.
    let earlier = of(tx, submission, viewer).filter(answer_sets::superseded_at.is_not_null());
    // By what they are, and not by their ids: those differ by what else was given one.
    let latest_first = (
        answer_sets::superseded_at.desc(),
        answer_sets::entry_no,
        answer_sets::revision.desc(),
        answer_sets::audience,
        answer_sets::clinician_audience,
        answer_sets::widened,
    );
    let earlier = earlier.order(latest_first).limit(MOST_EARLIER).select(SetRow::as_select());
    for set in earlier.load(tx.conn)? {
        if let Some(superseded_at) = set.superseded_at {
            let (entry_no, answers) = (set.entry_no, set.open(tx)?);
            found.earlier.push(EarlierAnswers { entry_no, superseded_at, answers });
        }
    }
    found.entries.sort_by_key(|entry| entry.entry_no);
    found.widened.sort();
    found.widened.dedup();
    Ok(found)
}

/// What a submission holds, as far as its author, or else a clinician, reads it.
fn of(
    tx: &Tx<'_>,
    submission: SubmissionId,
    viewer: Viewer,
) -> answer_sets::BoxedQuery<'static, MultiBackend> {
    let all = answer_sets::table
        .filter(answer_sets::practice_id.eq(tx.practice()))
        .filter(answer_sets::submission_id.eq(submission))
        .into_boxed();
    match viewer {
        Viewer::Author => all,
        _ => all.filter(answer_sets::clinicians_at.is_not_null()),
    }
}
