//! Who reads an answer: the one place that decides it (`domain` 2.6).
//!
//! [`decide`] is the table of the design, as a function. Whatever tells a participant who will read an
//! answer asks it, so that what is promised and what is done are one thing.

use super::item::{Audience, ClinicianAudience};

/// Who looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// Who gave the answer.
    Author,
    /// A clinician who treats the subject of the assignment, or who supervises one.
    Clinician,
    /// Another participant, who was an active member at the time.
    Partner,
    /// Anybody else: administrators, other clinicians, service applications.
    Other,
}

impl Viewer {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Author, Self::Clinician, Self::Partner, Self::Other];
}

/// How far an occurrence has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The author has not submitted.
    Draft,
    /// The author has, somebody else who must has not.
    Submitted,
    /// All have, and what was to be revealed is.
    Revealed,
}

impl Stage {
    /// Every stage, in order.
    pub const ALL: [Self; 3] = [Self::Draft, Self::Submitted, Self::Revealed];
}

impl Audience {
    /// True when other participants never read anything of an answer, unless its author widens it.
    #[must_use]
    pub fn is_private(self) -> bool {
        to_partner(self, Stage::Revealed) == Shown::Nothing
    }

    /// True when other participants never read the answer as it was given, if anything of it at all. On a device that
    /// both use it is not asked.
    #[must_use]
    pub fn is_asked_alone(self) -> bool {
        to_partner(self, Stage::Revealed) != Shown::Full
    }

    /// True when participants read nothing of an answer, nor of what comes of it, until all have submitted.
    #[must_use]
    pub fn waits(self) -> bool {
        matches!(self, Self::MutualReveal | Self::AggregateOnly | Self::OverlapOnly)
    }
}

/// How much of an answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The answer.
    Full,
    /// The entries that everybody marked alike.
    Overlap,
    /// What came of all answers together.
    Outcome,
    /// Nothing, not even that there is one.
    Nothing,
}

/// How much of an answer a viewer is shown.
///
/// `widened` says that the author has moved the answer to `shared` since: it is then one.
#[must_use]
pub fn decide(
    audience: Audience,
    clinicians: ClinicianAudience,
    widened: bool,
    viewer: Viewer,
    stage: Stage,
) -> Shown {
    let (audience, clinicians) =
        if widened { (Audience::Shared, ClinicianAudience::Full) } else { (audience, clinicians) };
    match (viewer, stage) {
        (Viewer::Author, _) => Shown::Full,
        (Viewer::Other, _) | (_, Stage::Draft) => Shown::Nothing,
        (Viewer::Clinician, _) => to_clinician(audience, clinicians, stage),
        (Viewer::Partner, _) => to_partner(audience, stage),
    }
}

/// True when clinicians read an answer as it was given, as soon as it is sent. No other sets off a signal to them, which
/// would tell them of it.
#[must_use]
pub fn is_read_by_clinicians(audience: Audience, clinicians: ClinicianAudience) -> bool {
    decide(audience, clinicians, false, Viewer::Clinician, Stage::Submitted) == Shown::Full
}

/// What is for the author alone is so for clinicians too, whatever else the definition says. An outcome is
/// of all answers, and there is none before all are there.
fn to_clinician(audience: Audience, clinicians: ClinicianAudience, stage: Stage) -> Shown {
    match (audience, clinicians, stage) {
        (Audience::AuthorOnly, ..) | (_, ClinicianAudience::None, _) => Shown::Nothing,
        (_, ClinicianAudience::Full, _) => Shown::Full,
        (_, ClinicianAudience::Overlap, Stage::Revealed) => Shown::Overlap,
        (_, ClinicianAudience::Aggregate, Stage::Revealed) => Shown::Outcome,
        _ => Shown::Nothing,
    }
}

fn to_partner(audience: Audience, stage: Stage) -> Shown {
    match (audience, stage) {
        (Audience::Shared, _) | (Audience::MutualReveal, Stage::Revealed) => Shown::Full,
        (Audience::AggregateOnly, Stage::Revealed) => Shown::Outcome,
        (Audience::OverlapOnly, Stage::Revealed) => Shown::Overlap,
        _ => Shown::Nothing,
    }
}
