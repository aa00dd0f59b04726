//! How many of the occurrences that were due were done (`domain` 2.4.2, 2.10).

use std::collections::BTreeSet;

use super::figure::{Figure, Figures, PersonFigure, Tally};
use super::occurrence::{Occurrence, Outcome, Reader, Sent, State};
use super::weeks::Weeks;
use crate::activities::definition::{Adherence, CompletedWhen};
use crate::db::Date;
use crate::db::id::ClientId;

/// Of so many that are due a target says how many are aimed at.
const WEEK: u32 = 7;

/// What counts as done, and by whom.
#[derive(Debug, Clone, Copy)]
pub struct Rule<'a> {
    /// What the exercise says.
    pub adherence: &'a Adherence,
    /// Those who must take part.
    pub participants: &'a [ClientId],
}

/// Of whom something is asked.
#[derive(Debug, Clone, Copy)]
enum Whose {
    All,
    One(ClientId),
}

impl Rule<'_> {
    /// What became of an occurrence for all who take part.
    #[must_use]
    pub fn outcome(&self, of: &Occurrence, reader: Reader) -> Outcome {
        self.outcome_of(Whose::All, of, reader)
    }

    /// The figures over these occurrences, which are those of the period in any order.
    #[must_use]
    pub fn figures(&self, weeks: Weeks, occurrences: &[Occurrence], reader: Reader) -> Figures {
        let mut inorder: Vec<&Occurrence> = occurrences.iter().collect();
        inorder.sort_by_key(|one| (one.local_date, one.slot_no));
        let of_one_week = |left: &&Occurrence, right: &&Occurrence| {
            weeks.start_of(left.local_date) == weeks.start_of(right.local_date)
        };
        self.of_each(|whose| {
            let tally = |some: &[&Occurrence]| {
                tally(some.iter().map(|one| self.outcome_of(whose, one, reader)))
            };
            self.asked_for(tally(&inorder), inorder.chunk_by(of_one_week).map(tally))
        })
    }

    /// The figures of what is due so many times a week on whichever days, with what was done beyond that: it is kept
    /// in `completed` and capped in the words and in the percentage, and makes up for no other week. Whichever days of
    /// a week were not chosen are no row of evenings that went by.
    #[must_use]
    pub fn quota_figures(
        &self,
        weeks: Weeks,
        occurrences: &[Occurrence],
        beyond: &[Occurrence],
        reader: Reader,
    ) -> Figures {
        let week_of = |one: &&Occurrence| weeks.start_of(one.local_date);
        let starts: BTreeSet<Date> = occurrences.iter().map(|one| week_of(&one)).collect();
        self.of_each(|whose| {
            let of = |one: &Occurrence| self.outcome_of(whose, one, reader);
            let done = |one: &&Occurrence| self.is_done(whose, one);
            let counted = starts.iter().map(|start| {
                let due = tally(occurrences.iter().filter(|one| week_of(one) == *start).map(of));
                let more = beyond.iter().filter(|one| week_of(one) == *start).filter(done);
                due.completed.saturating_add(count(more)).min(due.expected)
            });
            let due = tally(occurrences.iter().map(of));
            let completed = due.completed.saturating_add(count(beyond.iter().filter(done)));
            Tally { completed, consecutive_missed: None, ..due }.counting(counted.sum())
        })
    }

    fn of_each(&self, tally: impl Fn(Whose) -> Tally) -> Figures {
        let figure = |whose| -> Figure { tally(whose).figure(self.adherence.label.as_deref()) };
        let mut people = self.participants.to_vec();
        people.sort_unstable();
        let person = |client_id: ClientId| PersonFigure {
            client_id,
            figure: Some(figure(Whose::One(client_id))),
            entries: None,
        };
        Figures { total: figure(Whose::All), people: people.into_iter().map(person).collect() }
    }

    /// Where fewer than all are aimed at, their share is what is expected, rounded up, and as many as may be left out
    /// in a week are no row of missed ones. A full week makes up for no empty one.
    fn asked_for(&self, all: Tally, of_weeks: impl Iterator<Item = Tally>) -> Tally {
        let target = self.adherence.target.map_or(WEEK, u32::from).min(WEEK);
        let share = |due: u32| due.saturating_mul(target).div_ceil(WEEK);
        let row = all.consecutive_missed.map(|row| row.saturating_sub(WEEK - target));
        let counted = of_weeks.map(|week| week.completed.min(share(week.expected))).sum();
        let expected = share(all.expected);
        Tally { expected, consecutive_missed: row, ..all }.counting(counted)
    }

    fn outcome_of(&self, whose: Whose, of: &Occurrence, reader: Reader) -> Outcome {
        let skipped = || match whose {
            Whose::All => self.participants.iter().any(|who| skipped(of, *who)),
            Whose::One(who) => skipped(of, who),
        };
        match of.state {
            _ if !self.is_counted() => Outcome::NotDue,
            State::Scheduled | State::Cancelled => Outcome::NotDue,
            State::Excused => Outcome::Excused,
            State::Open | State::Closed if self.is_done(whose, of) => Outcome::Done,
            State::Open | State::Closed if reader == Reader::Clinicians && skipped() => {
                Outcome::Skipped
            }
            State::Open => Outcome::Open,
            State::Closed => Outcome::Missed,
        }
    }

    /// Events are counted by [`targets`](super::targets), and some exercises not at all.
    fn is_counted(&self) -> bool {
        !matches!(self.adherence.completed_when, CompletedWhen::CountAtLeast | CompletedWhen::Never)
    }

    fn is_done(&self, whose: Whose, of: &Occurrence) -> bool {
        let has_sent = |who: &ClientId| of.sent.get(who).is_some_and(|sent| sent.counts());
        match (self.adherence.completed_when, whose) {
            (CompletedWhen::AllSubmitted, Whose::All) => {
                !self.participants.is_empty() && self.participants.iter().all(has_sent)
            }
            (CompletedWhen::AllSubmitted | CompletedWhen::AnySubmitted, Whose::One(who)) => {
                has_sent(&who)
            }
            // One has sent it for all.
            (CompletedWhen::JointSubmitted, _) | (CompletedWhen::AnySubmitted, Whose::All) => {
                self.participants.iter().any(has_sent)
            }
            (
                CompletedWhen::ExchangeClosed
                | CompletedWhen::SessionClosedOrStopped
                | CompletedWhen::Offered
                | CompletedWhen::Agreed
                | CompletedWhen::Reviewed,
                _,
            ) => of.ended,
            (CompletedWhen::CountAtLeast | CompletedWhen::Never, _) => false,
        }
    }
}

fn count<T>(all: impl Iterator<Item = T>) -> u32 {
    u32::try_from(all.count()).unwrap_or(u32::MAX)
}

fn skipped(of: &Occurrence, who: ClientId) -> bool {
    of.sent.get(&who) == Some(&Sent::Skipped)
}

/// Counts outcomes, which come in order. What was skipped ends a row of missed ones: somebody answered. What
/// was excused or was not due neither ends it nor adds to it.
fn tally(outcomes: impl Iterator<Item = Outcome>) -> Tally {
    let mut tally = Tally::default();
    let mut row = 0;
    for outcome in outcomes {
        match outcome {
            Outcome::NotDue => continue,
            Outcome::Excused => tally.excused += 1,
            Outcome::Done | Outcome::Open | Outcome::Skipped | Outcome::Missed => {
                tally.expected += 1;
            }
        }
        tally.completed += u32::from(outcome == Outcome::Done);
        row = match outcome {
            Outcome::Missed => row + 1,
            Outcome::Done | Outcome::Skipped => 0,
            Outcome::Open | Outcome::Excused | Outcome::NotDue => row,
        };
    }
    tally.consecutive_missed = Some(row);
    tally
}
