//! Figures as SVG.
//!
//! A picture names nobody, repeats no text that somebody wrote, and needs nothing from elsewhere: no script,
//! no style sheet, no font but the reader's own. The same figures give the same bytes, so that an entity tag
//! can be made of them. It has no size of its own and fits the place where it is shown.
//!
//! What is done, partly done and not done differs in shape and lightness, so that it can be told apart in
//! grey and by everybody; there is no red. Every picture says in words what it shows, in its `<title>` and
//! `<desc>` and through [`Described`].

mod calendar;
mod canvas;
mod marks;
mod panel;
mod trends;
mod words;

use thiserror::Error;

pub use self::calendar::{Calendar, CalendarWeek};
pub use self::marks::Mark;
pub use self::trends::{CoupleTrend, PersonTrend};

/// What a picture shows, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// What it is about.
    pub title: String,
    /// Every figure in it.
    pub text: String,
}

/// A picture that could not be drawn: a fault of the service, as it is written to memory.
#[derive(Debug, Error)]
#[error("a figure could not be drawn")]
pub struct NotDrawn;

/// The most weeks in one picture: a year. Of more, the latest are shown.
pub const MOST_WEEKS: usize = 53;

/// The latest of these, as many as fit in a picture.
fn latest<T>(weeks: &[T]) -> &[T] {
    weeks.get(weeks.len().saturating_sub(MOST_WEEKS)..).unwrap_or_default()
}
