//! How homework goes, in numbers and pictures (`domain` 2.10).
//!
//! Pure functions: what is known goes in, figures come out. Nothing here asks the database, the clock or who
//! is reading. Whoever calls decides what a reader may see, passes that and no more, and says for whom a
//! figure is made ([`Reader`]).
//!
//! - [`occurrence`]: what is known of an occurrence, and what became of it.
//! - [`adherence`]: how many of those that were due were done, of exercises with occurrences.
//! - [`targets`]: the same of targets by the day or week.
//! - [`quota`]: the same of so many times a week, on any day.
//! - [`figure`]: the figure itself, its percentage and its words.
//! - [`trend`]: weekly means and sums, and how the last two weeks compare with the first two.
//! - [`weeks`]: which week a day belongs to.
//! - [`plot`]: the same as SVG.
//!
//! A figure counts and does not judge: no streak, no ranking, no comparison with other couples.

pub mod adherence;
pub mod figure;
pub mod occurrence;
pub mod plot;
pub mod quota;
pub mod targets;
pub mod trend;
pub mod weeks;

#[cfg(test)]
mod tests;

pub use self::adherence::Rule;
pub use self::figure::{Figure, Figures, PersonFigure};
pub use self::occurrence::{Occurrence, Outcome, Reader, Sent, State};
