//! The answers of a submission, parted by who may read them, before they are sealed.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::activities::definition::{Audience, ClinicianAudience, Definition};
use crate::db::Instant;

/// Answers that the same people may read.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Piece {
    pub(super) entry: Option<(i32, Instant)>,
    pub(super) audience: Audience,
    pub(super) clinician_audience: ClinicianAudience,
    pub(super) widened: bool,
    pub(super) answers: Map<String, Value>,
}

/// Where answers stand in a submission: there are no two pieces of one place.
pub(super) type Place = (Option<i32>, Audience, ClinicianAudience, bool);

impl Piece {
    /// Where they stand.
    pub(super) fn place(&self) -> Place {
        (
            self.entry.map(|(entry_no, _)| entry_no),
            self.audience,
            self.clinician_audience,
            self.widened,
        )
    }
}

/// Parts answers by who may read them.
pub(super) fn part(
    definition: &Definition,
    answers: &Map<String, Value>,
    entry: Option<(i32, Instant)>,
) -> Vec<Piece> {
    let mut parts: BTreeMap<(Audience, ClinicianAudience), Map<String, Value>> = BTreeMap::new();
    for (_, item) in definition.questions() {
        if let Some(answer) = answers.get(&item.link_id) {
            parts
                .entry((item.audience(), item.clinician_audience()))
                .or_default()
                .insert(item.link_id.clone(), answer.clone());
        }
    }
    parts
        .into_iter()
        .map(|((audience, clinician_audience), answers)| Piece {
            entry,
            audience,
            clinician_audience,
            widened: false,
            answers,
        })
        .collect()
}

/// Answers that their author has shared although their question keeps them private.
pub(super) fn shared_by_author(
    entry: Option<(i32, Instant)>,
    answers: Map<String, Value>,
) -> Piece {
    Piece {
        entry,
        audience: Audience::Shared,
        clinician_audience: ClinicianAudience::Full,
        widened: true,
        answers,
    }
}
