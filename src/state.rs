//! State machines as tables: what is not in the table is a 409 that lists what is.

use crate::error::{Error, Result};

/// One transition: its name as in the path, where it may start and where it leads.
#[derive(Debug)]
pub struct Transition<S: 'static> {
    /// The last segment of the path, as `activate`.
    pub name: &'static str,
    /// The statuses from which it may start.
    pub from: &'static [S],
    /// The status it leads to.
    pub to: S,
}

/// Every transition of a kind of record.
#[derive(Debug)]
pub struct Machine<S: 'static>(pub &'static [Transition<S>]);

/// A status: a word of a closed set.
pub trait Status: Copy + PartialEq {
    /// The word as it stands in JSON.
    fn word(self) -> &'static str;
}

impl<S: Status> Machine<S> {
    /// The status that a transition leads to.
    ///
    /// # Errors
    /// 409 `invalid_transition`, with the transitions that are possible.
    pub fn step(&self, from: S, name: &'static str) -> Result<S> {
        self.0
            .iter()
            .find(|transition| transition.name == name && transition.from.contains(&from))
            .map(|transition| transition.to)
            .ok_or_else(|| Error::invalid_transition(from.word(), self.allowed(from)))
    }

    /// The names of the transitions that may start here.
    #[must_use]
    pub fn allowed(&self, from: S) -> Vec<&'static str> {
        let possible = self.0.iter().filter(|transition| transition.from.contains(&from));
        possible.map(|transition| transition.name).collect()
    }
}
