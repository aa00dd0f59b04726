//! The marks of a calendar of days.

use plotters::prelude::*;

use super::canvas::{Area, DEEP, Drawn, MUTED, PALE};
use crate::figures::adherence::Rule;
use crate::figures::occurrence::{Occurrence, Outcome, Reader};

/// What a day looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mark {
    /// A full square.
    Done,
    /// Half of a square: some of the day's occurrences, or some of those who take part. Clinicians see the
    /// latter, participants do not: it would tell one that the other has sent something.
    Part,
    /// An empty square.
    NotDone,
    /// A pale square with a bar.
    Excused,
    /// A ring: it can still be done, and its figure counts it.
    Open,
    /// A dot: nothing was due, or not yet.
    NothingDue,
}

impl Mark {
    /// All, in the order of the key.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::Part, Self::NotDone, Self::Excused, Self::Open, Self::NothingDue];

    /// The mark of what became of one thing on a day.
    #[must_use]
    pub fn of(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::Done,
            Outcome::Skipped | Outcome::Missed => Self::NotDone,
            Outcome::Excused => Self::Excused,
            Outcome::Open => Self::Open,
            Outcome::NotDue => Self::NothingDue,
        }
    }

    /// The mark of a day with these occurrences.
    #[must_use]
    pub fn of_day(rule: &Rule<'_>, occurrences: &[&Occurrence], reader: Reader) -> Self {
        let marks: Vec<Self> =
            occurrences.iter().map(|one| Self::of(rule.outcome(one, reader))).collect();
        let is = |mark: &Self| marks.contains(mark);
        let begun = reader == Reader::Clinicians
            && occurrences.iter().any(|one| {
                Self::of(rule.outcome(one, reader)) == Self::NotDone
                    && one.sent.values().any(|sent| sent.counts())
            });
        if is(&Self::Done) && is(&Self::NotDone) || begun {
            return Self::Part;
        }
        Self::ALL.into_iter().find(is).unwrap_or(Self::NothingDue)
    }

    /// The word in the key.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Part => "partly done",
            Self::NotDone => "not done",
            Self::Excused => "excused",
            Self::Open => "still open",
            Self::NothingDue => "nothing due",
        }
    }

    /// Draws it around a point, within so many units to each side.
    pub(super) fn draw(self, on: &Area<'_>, (x, y): (i32, i32), half: i32) -> Drawn {
        let (west, north, east, south) = (x - half, y - half, x + half, y + half);
        let corners = [(west, north), (east, north), (east, south), (west, south)];
        let line = (half / 7).max(2);
        // The first side is drawn again at the end, so that its corner is closed.
        let outline = |ink: RGBColor| {
            let path: Vec<_> = corners.iter().chain(corners.iter().take(2)).copied().collect();
            PathElement::new(path, ink.stroke_width(line.unsigned_abs()))
        };
        match self {
            Self::Done => {
                on.draw(&Rectangle::new([(west, north), (east, south)], DEEP.filled()))?;
            }
            Self::Part => {
                let half = vec![(west, north), (east, south), (west, south)];
                on.draw(&Polygon::new(half, DEEP.filled()))?;
                on.draw(&outline(DEEP))?;
            }
            Self::NotDone => on.draw(&outline(DEEP))?,
            Self::Excused => {
                on.draw(&Rectangle::new([(west, north), (east, south)], PALE.filled()))?;
                let bar = [(x - half / 2, y - line / 2), (x + half / 2, y - line / 2 + line)];
                on.draw(&Rectangle::new(bar, MUTED.filled()))?;
            }
            Self::Open => {
                let ring = DEEP.stroke_width(line.unsigned_abs());
                on.draw(&Circle::new((x, y), half * 3 / 5, ring))?;
            }
            Self::NothingDue => {
                on.draw(&Circle::new((x, y), (half / 5).max(3), MUTED.filled()))?;
            }
        }
        Ok(())
    }
}
