//! Figures of targets by the day or week (`domain` 2.10).

use std::collections::{BTreeMap, BTreeSet};

use super::adherence::Rule;
use super::figure::{Figure, Figures, PersonFigure, Tally};
use super::occurrence::State;
use super::weeks::{Term, Weeks};
use crate::activities::definition::parts::{Count, CountScope};
use crate::activities::definition::{AdherenceUnit, CompletedWhen};
use crate::db::Date;
use crate::db::id::ClientId;

/// The events of one day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The day, by the assignment's zone and the hour at which its days begin.
    pub local_date: Date,
    /// `Open` today, `Closed` before, `Scheduled` after, `Excused` when it does not count.
    pub state: State,
    /// How many each person noted.
    pub entries: BTreeMap<ClientId, u32>,
}

/// What a target is asked of: a day, or the days of a week.
struct Span {
    due: bool,
    excused: bool,
    need: u32,
    entries: BTreeMap<ClientId, u32>,
}

impl Rule<'_> {
    /// The figures of an exercise that counts events, by the day or by the week of its assignment, as its
    /// unit says. A week that is shortened, or of which days are excused, asks for its share.
    #[must_use]
    pub fn target_figures(&self, term: Term, days: &[Day]) -> Figures {
        let need = self.need();
        let spans: Vec<Span> = if self.adherence.completed_when != CompletedWhen::CountAtLeast {
            Vec::new()
        } else if self.adherence.unit == AdherenceUnit::Week {
            weekly(term, need, days)
        } else {
            days.iter().map(|day| daily(need, day)).collect()
        };
        let each = self.count().is_some_and(|count| count.scope == Some(CountScope::Each));
        let met = |span: &Span| {
            if each {
                self.participants.iter().all(|who| entries_of(span, *who) >= span.need)
            } else {
                sum(span) >= span.need
            }
        };
        let person = |client_id: ClientId| {
            let own = |span: &Span| entries_of(span, client_id) >= span.need;
            PersonFigure {
                client_id,
                figure: each.then(|| self.of_spans(&spans, own, None)),
                entries: Some(spans.iter().map(|span| entries_of(span, client_id)).sum()),
            }
        };
        let most = self.count().and_then(|count| count.max).map_or(u32::MAX, u32::from);
        let entries = spans.iter().map(|span| sum(span).min(most)).sum();
        let mut people = self.participants.to_vec();
        people.sort_unstable();
        Figures {
            total: self.of_spans(&spans, met, Some(entries)),
            people: people.into_iter().map(person).collect(),
        }
    }

    fn count(&self) -> Option<&Count> {
        self.adherence.count.as_ref()
    }

    /// At least one, where the exercise names no number.
    fn need(&self) -> u32 {
        self.count().and_then(|count| count.min).map_or(1, u32::from)
    }

    fn of_spans(
        &self,
        spans: &[Span],
        met: impl Fn(&Span) -> bool,
        entries: Option<u32>,
    ) -> Figure {
        let mut tally = Tally { entries, ..Tally::default() };
        for span in spans {
            tally.expected += u32::from(span.due);
            tally.excused += u32::from(span.excused);
            tally.completed += u32::from(span.due && met(span));
        }
        tally.figure(self.adherence.label.as_deref())
    }
}

fn daily(need: u32, day: &Day) -> Span {
    let due = is_due(day.state);
    let entries = if due { day.entries.clone() } else { BTreeMap::new() };
    Span { due, excused: day.state == State::Excused, need, entries }
}

fn weekly(term: Term, need: u32, days: &[Day]) -> Vec<Span> {
    let mut weeks: BTreeMap<Date, Vec<&Day>> = BTreeMap::new();
    for day in days {
        weeks.entry(Weeks::From(term.starts_on).start_of(day.local_date)).or_default().push(day);
    }
    let span = |(start, days): (Date, Vec<&Day>)| {
        let excused: BTreeSet<Date> = days
            .iter()
            .filter(|day| day.state == State::Excused)
            .map(|day| day.local_date)
            .collect();
        let share = term.share(need, start, &excused);
        let mut entries = BTreeMap::new();
        for (who, count) in days.iter().filter(|day| is_due(day.state)).flat_map(|day| &day.entries)
        {
            *entries.entry(*who).or_insert(0) += count;
        }
        let begun = days.iter().any(|day| is_due(day.state));
        Span {
            due: begun && share > 0,
            excused: share == 0 && !excused.is_empty(),
            need: share,
            entries,
        }
    };
    weeks.into_iter().map(span).collect()
}

fn is_due(state: State) -> bool {
    matches!(state, State::Open | State::Closed)
}

fn entries_of(span: &Span, who: ClientId) -> u32 {
    span.entries.get(&who).copied().unwrap_or(0)
}

fn sum(span: &Span) -> u32 {
    span.entries.values().sum()
}
