//! Who may learn a value, as a property of the key that seals it.

use std::fmt;

/// The audience a sealed column belongs to; each has data keys of its own in
/// every practice.
///
/// Queries decide who sees which row. Separate keys make that decision hold
/// where no query runs: a value cannot be opened as if it belonged to another
/// audience, and one audience's keys can be destroyed without the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Compartment {
    /// Who people are: names and contact data of staff and clients.
    Directory,
    /// What belongs to one client alone, hidden from the partner.
    Client,
    /// The joint material of a couple.
    Couple,
    /// What clinicians alone may read, such as safety findings.
    Clinical,
    /// Psychotherapy notes (45 CFR 164.501), read by their author only.
    Psychotherapy,
}

impl Compartment {
    /// Every compartment, in the order in which new keys are made.
    pub const ALL: [Self; 5] =
        [Self::Directory, Self::Client, Self::Couple, Self::Clinical, Self::Psychotherapy];

    /// The stored text. It is part of what a seal is bound to, so it never
    /// changes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::Client => "client",
            Self::Couple => "couple",
            Self::Clinical => "clinical",
            Self::Psychotherapy => "psychotherapy",
        }
    }

    /// The compartment whose [`as_str`](Self::as_str) is exactly `text`, or
    /// `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|compartment| compartment.as_str() == text)
    }
}

impl fmt::Display for Compartment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
