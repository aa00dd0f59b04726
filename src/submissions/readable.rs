//! What the author of a submission, or a clinician who treats, reads of it.

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::model::{EarlierAnswers, Entry};
use super::pieces::Piece;
use super::sets::SetRow;
use crate::activities::definition::audience::Viewer;
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::SubmissionId;
use crate::db::schema::answer_sets;
use crate::error::Result;

/// Earlier answers that are shown; `Submission.earlier` is bounded by it.
const MOST_EARLIER: usize = 200;

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
    let all = answer_sets::table
        .filter(answer_sets::practice_id.eq(tx.practice()))
        .filter(answer_sets::submission_id.eq(submission))
        .select(SetRow::as_select())
        .into_boxed();
    let sets: Vec<SetRow> = match viewer {
        Viewer::Author => all.load(tx.conn)?,
        Viewer::Clinician => all.filter(answer_sets::clinicians_at.is_not_null()).load(tx.conn)?,
        Viewer::Partner | Viewer::Other => Vec::new(),
    };
    let mut found = Readable::default();
    for set in sets {
        let answers = set.open(tx)?;
        match (set.superseded_at, set.entry_no) {
            (Some(superseded_at), entry_no) => {
                found.earlier.push(EarlierAnswers { entry_no, superseded_at, answers });
            }
            (None, entry_no) => {
                if set.widened {
                    found.widened.extend(answers.keys().cloned());
                }
                found.add(entry_no, set.entry_at, answers);
            }
        }
    }
    found.entries.sort_by_key(|entry| entry.entry_no);
    found.earlier.sort_by_key(|one| (std::cmp::Reverse(one.superseded_at), one.entry_no));
    found.earlier.truncate(MOST_EARLIER);
    found.widened.sort();
    found.widened.dedup();
    Ok(found)
}
