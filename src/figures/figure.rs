//! A figure: so many of so many.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::id::ClientId;

/// The words of a figure whose exercise brings none of its own.
const PLAIN: &str = "{completed} of {expected}";

/// The words of a figure over a time in which nothing was due.
const NOTHING_DUE: &str = "nothing due";

/// How many of those that were due were done (`domain` 2.10).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AdherenceFigure)]
pub struct Figure {
    /// How many were done. More than `expected` where more was done than was asked for.
    #[schema(minimum = 0, example = 5)]
    pub completed: u32,
    /// How many were due: neither excused nor cancelled nor still to come.
    #[schema(minimum = 0, example = 7)]
    pub expected: u32,
    /// How many were excused. They are not among those that were due.
    #[schema(minimum = 0, example = 0)]
    pub excused: u32,
    /// `completed` of `expected` in percent, rounded half up; null when nothing was due.
    #[schema(minimum = 0, maximum = 100, example = 71)]
    pub pct: Option<u32>,
    /// The same in words. Never counts more than were due.
    #[schema(max_length = 120, example = "5 of 7")]
    pub label: String,
    /// How many in a row were not done, back from the latest that is over, beyond those that may be left out where
    /// fewer than all are aimed at; null where no time follows another, as with targets by the day or week and with
    /// so many times a week on any day, and on the couple's page.
    #[schema(minimum = 0, example = 0)]
    pub consecutive_missed: Option<u32>,
}

/// The figures of an assignment over a period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AdherenceFigures)]
pub struct Figures {
    /// Of all who take part together.
    pub total: Figure,
    /// Of each of them, in the order of their ids. For clinicians.
    #[schema(max_items = 6)]
    pub people: Vec<PersonFigure>,
}

/// The figure of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = AdherencePersonFigure)]
pub struct PersonFigure {
    /// Whose.
    pub client_id: ClientId,
    /// How many of theirs were done; null where only what all did together counts.
    pub figure: Option<Figure>,
    /// How many events they noted; null where none are noted.
    #[schema(minimum = 0, example = 11)]
    pub entries: Option<u32>,
}

/// What is counted on the way to a figure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    pub(super) completed: u32,
    pub(super) expected: u32,
    pub(super) excused: u32,
    /// Events, for words that name no number that was due.
    pub(super) entries: Option<u32>,
    pub(super) consecutive_missed: Option<u32>,
}

impl Tally {
    /// The same where only so many count, since what one week has beyond its own makes up for no other. It is told
    /// where no week lacks any.
    pub(super) fn counting(self, counted: u32) -> Self {
        let completed = if counted < self.expected { counted } else { self.completed };
        Self { completed, ..self }
    }

    /// The figure, in the words of the exercise.
    pub(super) fn figure(self, words: Option<&str>) -> Figure {
        let counted = self.completed.min(self.expected);
        Figure {
            completed: self.completed,
            expected: self.expected,
            excused: self.excused,
            pct: percent(counted, self.expected),
            label: self.label(counted, words.unwrap_or(PLAIN)),
            consecutive_missed: self.consecutive_missed,
        }
    }

    /// Words without `{expected}`, as in "4 noticed", tell of events and not of days or weeks.
    fn label(self, counted: u32, words: &str) -> String {
        if self.expected == 0 {
            return NOTHING_DUE.to_owned();
        }
        let counted = match self.entries {
            Some(entries) if !words.contains("{expected}") => entries,
            _ => counted,
        };
        words
            .replace("{completed}", &counted.to_string())
            .replace("{expected}", &self.expected.to_string())
    }
}

/// A part of a whole in percent, rounded half up; nothing of nothing is no percentage.
#[must_use]
pub fn percent(part: u32, whole: u32) -> Option<u32> {
    let (part, whole) = (u64::from(part), u64::from(whole));
    let doubled = (part * 200 + whole).checked_div(whole * 2)?;
    Some(u32::try_from(doubled).unwrap_or(u32::MAX))
}
