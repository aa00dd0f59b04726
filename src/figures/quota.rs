//! Figures of what is due so many times a week, on any day (`domain` 2.9, rule 8).

use std::collections::BTreeSet;

use super::adherence::Rule;
use super::figure::{Figure, Figures, PersonFigure, Tally};
use super::occurrence::{Occurrence, Reader};
use super::weeks::{Term, Weeks};
use crate::db::Date;

/// So many times a week, on whichever days.
#[derive(Debug, Clone, Copy)]
pub struct Quota<'a> {
    /// So many.
    pub per_week: u32,
    /// The days on which the assignment runs.
    pub term: Term,
    /// The first days of the assignment's weeks in the period. Those that lie ahead do not count.
    pub weeks: &'a [Date],
    /// The days that do not count.
    pub excused: &'a BTreeSet<Date>,
}

impl Rule<'_> {
    /// The figures of an exercise that is due so many times a week on any day. What was done beyond that is
    /// kept in `completed` and capped in the words and in the percentage.
    #[must_use]
    pub fn quota_figures(
        &self,
        quota: Quota<'_>,
        today: Date,
        occurrences: &[Occurrence],
    ) -> Figures {
        let weeks: BTreeSet<Date> =
            quota.weeks.iter().copied().filter(|start| *start <= today).collect();
        let shares = || weeks.iter().map(|w| quota.term.share(quota.per_week, *w, quota.excused));
        let due = Tally {
            expected: shares().map(|(expected, _)| expected).sum(),
            excused: shares().map(|(_, excused)| excused).sum(),
            ..Tally::default()
        };
        let by_week = Weeks::From(quota.term.starts_on);
        // Those of the weeks that count; when they were due is the week's affair.
        let within: Vec<Occurrence> = occurrences
            .iter()
            .filter(|one| weeks.contains(&by_week.start_of(one.local_date)))
            .cloned()
            .collect();
        let done = self.figures(&within, Reader::Participants);
        let figure = |of: Figure| {
            Tally { completed: of.completed, ..due }.figure(self.adherence.label.as_deref())
        };
        Figures {
            total: figure(done.total),
            people: done
                .people
                .into_iter()
                .map(|person| PersonFigure { figure: person.figure.map(figure), ..person })
                .collect(),
        }
    }
}
