//! What waits for the database: a line for each practice, and the lines are served in turn.
//!
//! One line for all was rejected: whoever sends most would have most of the database, and everybody else the wait
//! (`docs/adr/0034`).

#[cfg(test)]
mod tests;

use std::collections::{HashMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Moment};

use super::id::PracticeId;

/// Whose line it is; that of nobody holds what the service does by itself.
type Whose = Option<PracticeId>;

/// A bounded queue for threads that take from it, fair among practices.
///
/// Within a line it is first come, first served. What is to be done *alone* waits while another such of its line is at
/// work, and what is not may overtake it: on PostgreSQL the writes of a practice follow one another by a lock, and a
/// thread that took one more would do nothing but wait for it, with a connection that others need.
#[derive(Debug)]
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
    capacity: usize,
}

#[derive(Debug)]
struct State<T> {
    lines: HashMap<Whose, Line<T>>,
    /// Lines in which something waits, in the order of their turns.
    turns: VecDeque<Whose>,
    waiting: usize,
    arrived: u64,
    closed: bool,
}

#[derive(Debug)]
struct Line<T> {
    shared: VecDeque<(u64, T)>,
    alone: VecDeque<(u64, T)>,
    at_work: bool,
}

/// What became of something that was to wait.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pushed<T> {
    /// It waits.
    Waits,
    /// It waits, and this does not any more: the last of the longest line.
    InsteadOf(T),
    /// There is no room for it, and no line is longer than its own.
    Full(T),
    /// Nobody takes anything any more.
    Closed(T),
}

/// What a thread has taken.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Taken<T> {
    /// The next one.
    One(T),
    /// None came in time.
    Late,
    /// None will come.
    Closed,
}

impl<T> Default for Line<T> {
    fn default() -> Self {
        Self { shared: VecDeque::new(), alone: VecDeque::new(), at_work: false }
    }
}

impl<T> Line<T> {
    fn len(&self) -> usize {
        self.shared.len() + self.alone.len()
    }

    /// The oldest that may be taken now.
    fn take(&mut self) -> Option<T> {
        let shared = self.shared.front().map(|(arrived, _)| *arrived);
        let alone = self.alone.front().map(|(arrived, _)| *arrived).filter(|_| !self.at_work);
        let takes_alone = match (shared, alone) {
            (Some(shared), Some(alone)) => alone < shared,
            (shared, _) => shared.is_none(),
        };
        if takes_alone {
            alone?;
            self.at_work = true;
        }
        let from = if takes_alone { &mut self.alone } else { &mut self.shared };
        from.pop_front().map(|(_, item)| item)
    }

    /// The one that came last, to be sent away.
    fn give_up(&mut self) -> Option<T> {
        let shared = self.shared.back().map(|(arrived, _)| *arrived);
        let alone = self.alone.back().map(|(arrived, _)| *arrived);
        let from = if alone > shared { &mut self.alone } else { &mut self.shared };
        from.pop_back().map(|(_, item)| item)
    }
}

impl<T> State<T> {
    fn put(&mut self, whose: Whose, alone: bool, item: T) {
        let line = self.lines.entry(whose).or_default();
        if line.len() == 0 {
            self.turns.push_back(whose);
        }
        let to = if alone { &mut line.alone } else { &mut line.shared };
        to.push_back((self.arrived, item));
        self.arrived += 1;
        self.waiting += 1;
    }

    /// The next by turn. A line of which nothing may be taken now keeps its turn.
    fn take(&mut self) -> Option<T> {
        for turn in 0..self.turns.len() {
            let whose = *self.turns.get(turn)?;
            let Some(line) = self.lines.get_mut(&whose) else { continue };
            let Some(item) = line.take() else { continue };
            let waits = line.len() > 0;
            self.turns.remove(turn);
            self.waiting -= 1;
            if waits {
                self.turns.push_back(whose);
            }
            self.forget(whose);
            return Some(item);
        }
        None
    }

    /// Makes room for somebody whose line is this long, at the cost of the longest.
    fn make_room(&mut self, own: usize) -> Option<T> {
        let longest = self.lines.values_mut().max_by_key(|line| line.len())?;
        // Were it only one longer, the two would change places and nobody be better off.
        if longest.len() <= own + 1 {
            return None;
        }
        self.waiting -= 1;
        longest.give_up()
    }

    /// A line in which nothing waits and nobody works is none.
    fn forget(&mut self, whose: Whose) {
        if self.lines.get(&whose).is_some_and(|line| line.len() == 0 && !line.at_work) {
            self.lines.remove(&whose);
        }
    }
}

impl<T> Queue<T> {
    /// Room for so many.
    pub(super) fn new(capacity: usize) -> Self {
        let state = State {
            lines: HashMap::new(),
            turns: VecDeque::new(),
            waiting: 0,
            arrived: 0,
            closed: false,
        };
        Self { state: Mutex::new(state), changed: Condvar::new(), capacity }
    }

    /// Puts something into the line of a practice. Where there is no room, the longest line gives up its last one, if
    /// it is longer than this line would be.
    pub(super) fn push(&self, whose: Whose, alone: bool, item: T) -> Pushed<T> {
        let mut state = self.lock();
        if state.closed {
            return Pushed::Closed(item);
        }
        let mut gone = None;
        if state.waiting >= self.capacity {
            let own = state.lines.get(&whose).map_or(0, Line::len);
            gone = state.make_room(own);
            if gone.is_none() {
                return Pushed::Full(item);
            }
        }
        state.put(whose, alone, item);
        drop(state);
        self.changed.notify_one();
        gone.map_or(Pushed::Waits, Pushed::InsteadOf)
    }

    /// Waits for the next one; none when the queue is closed and empty.
    pub(super) fn take(&self) -> Option<T> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.take() {
                return Some(item);
            }
            if state.closed && state.waiting == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// The next one, if one waits.
    pub(super) fn take_now(&self) -> Option<T> {
        self.lock().take()
    }

    /// Waits for the next one until this moment.
    pub(super) fn take_until(&self, end: Moment) -> Taken<T> {
        let mut state = self.lock();
        loop {
            if let Some(item) = state.take() {
                return Taken::One(item);
            }
            if state.closed && state.waiting == 0 {
                return Taken::Closed;
            }
            let left = end.saturating_duration_since(Moment::now());
            if left == Duration::ZERO {
                return Taken::Late;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// What was taken of this practice to be done alone is done: the next such may be taken.
    pub(super) fn done_alone(&self, whose: Whose) {
        let mut state = self.lock();
        if let Some(line) = state.lines.get_mut(&whose) {
            line.at_work = false;
        }
        state.forget(whose);
        drop(state);
        // Of those who wait some may wait for the end of the queue.
        self.changed.notify_all();
    }

    /// Lets nothing more in. What waits is still taken.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// How many wait.
    pub(super) fn len(&self) -> usize {
        self.lock().waiting
    }

    /// Nothing here panics with the lock held.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
