//! What became of each occurrence of one assignment, and of each day of its events. Nothing here knows a database.

use std::collections::{BTreeMap, BTreeSet};

use super::occurrence::{Occurrence, Reader, Sent, State};
use super::store::{BySlot, Homework, Period, Submitted};
use super::targets::Day;
use super::weeks::days_between;
use crate::activities::definition::ParticipationMode;
use crate::assignments::model::AssignmentStatus;
use crate::db::id::{AssignmentId, ClientId};
use crate::db::{Date, Instant};
use crate::occurrences::model::{Progress, Row as OccurrenceRow};
use crate::occurrences::rests::Rests;
use crate::schedules::Rhythm;
use crate::submissions::model::SubmissionStatus;

/// What the occurrences of one assignment are made of.
pub(super) struct Made<'a> {
    pub(super) homework: &'a Homework,
    pub(super) sent: &'a BySlot,
    pub(super) excused: &'a BTreeSet<(AssignmentId, Date, i32)>,
    pub(super) rests: &'a Rests,
    pub(super) now: Instant,
    pub(super) reader: Reader,
    /// Participants read nothing of it until all of it opens, if it ever does: until then no figure tells them that it
    /// was sent.
    pub(super) waits_for_all: bool,
}

impl Made<'_> {
    /// Those that were foreseen. What is done on demand was expected by nobody.
    pub(super) fn occurrences(&self, rows: &[&OccurrenceRow]) -> Vec<Occurrence> {
        let mut all: Vec<Occurrence> =
            rows.iter().filter(|row| row.planned).map(|row| self.occurrence(row)).collect();
        self.shorten(&mut all);
        all
    }

    fn occurrence(&self, row: &OccurrenceRow) -> Occurrence {
        let id = self.homework.row.id;
        let place = (row.local_date, row.slot_no);
        let state = if row.status == Progress::Cancelled {
            State::Cancelled
        } else if self.excused.contains(&(id, place.0, place.1)) || self.rests.cover(row.closes_at)
        {
            State::Excused
        } else if row.opens_at > self.now {
            State::Scheduled
        } else if row.closes_at.is_some_and(|closes| closes <= self.now) {
            State::Closed
        } else {
            State::Open
        };
        let own = self.sent.get(&(id, place.0, place.1)).into_iter().flatten();
        let sent = own.filter_map(|one| Some((one.author, self.sent(one, row.closes_at)?)));
        let mut sent: BTreeMap<ClientId, Sent> = sent.collect();
        // Once everybody who must has submitted, a workflow without steps of its own has come to its end.
        let ended = row.status == Progress::Submitted;
        let mode = self.homework.definition.participation.mode;
        if mode == ParticipationMode::Joint && !ended {
            // What another has contested is not done until it is sent again.
            sent.retain(|_, one| *one == Sent::Skipped);
        }
        if !ended && self.waits_for_all {
            sent.clear();
        }
        Occurrence { local_date: place.0, slot_no: place.1, state, sent, ended }
    }

    /// What one person sent.
    fn sent(&self, one: &Submitted, closes_at: Option<Instant>) -> Option<Sent> {
        match one.status {
            SubmissionStatus::Skipped => Some(Sent::Skipped),
            SubmissionStatus::Draft | SubmissionStatus::Retracted => None,
            SubmissionStatus::Submitted | SubmissionStatus::Amended => {
                Some(Sent::answer_for(self.reader, closes_at, one.completed_at, one.first_sent))
            }
        }
    }

    /// A quota asks less of a span of which it rested for some days: what of it falls away is excused, from the end.
    fn shorten(&self, all: &mut [Occurrence]) {
        let Rhythm::Quota { times, every_weeks, .. } = self.homework.row.schedule.0.rhythm else {
            return;
        };
        let length = i32::from(every_weeks) * 7;
        let timeline = self.homework.plan.timeline();
        let mut spans: BTreeMap<Date, Vec<&mut Occurrence>> = BTreeMap::new();
        for one in all.iter_mut() {
            spans.entry(one.local_date).or_default().push(one);
        }
        for (last, slots) in spans {
            let into = days_between(self.homework.row.starts_on, last).rem_euclid(length);
            let ends = |day: i32| Some(timeline.beginning_of(last.plus_days(day - into + 1)));
            let rested = (0..=into).filter(|day| self.rests.cover(ends(*day))).count();
            let left = into + 1 - i32::try_from(rested).unwrap_or(into + 1);
            let wanted = crate::schedules::expected(times, left, length);
            let too_many = slots.len().saturating_sub(usize::try_from(wanted).unwrap_or(0));
            let open = |one: &&mut Occurrence| one.state != State::Excused && !one.ended;
            for one in
                slots.into_iter().rev().filter(open).take(if rested > 0 { too_many } else { 0 })
            {
                one.state = State::Excused;
            }
        }
    }

    /// What was done beyond a quota. Nobody had foreseen it, so that it is never late.
    pub(super) fn beyond(&self, rows: &[&OccurrenceRow]) -> Vec<Occurrence> {
        if !matches!(self.homework.row.schedule.0.rhythm, Rhythm::Quota { .. }) {
            return Vec::new();
        }
        let beyond = rows.iter().filter(|row| !row.planned && row.status != Progress::Cancelled);
        beyond
            .map(|row| self.occurrence(&OccurrenceRow { closes_at: None, ..(*row).clone() }))
            .collect()
    }

    /// The days of what is counted by events, within its term.
    pub(super) fn days(
        &self,
        period: Period,
        entries: &BTreeMap<(AssignmentId, Date, ClientId), u32>,
    ) -> Vec<Day> {
        let (row, timeline) = (&self.homework.row, self.homework.plan.timeline());
        if !self.homework.plan.takes_events() {
            return Vec::new();
        }
        let today = timeline.local_date_of(self.now);
        let over = self.over_on();
        let last = [row.schedule.0.ends_on, over].into_iter().flatten().min();
        let until = last.map_or(period.until, |last| last.min(period.until));
        let first = period.from.max(row.starts_on);
        let count = days_between(first, until).max(-1) + 1;
        let day = |offset: i32| {
            let local_date = first.plus_days(offset);
            let ends = timeline.beginning_of(local_date.plus_days(1));
            let excused = self.excused.contains(&(row.id, local_date, 1));
            let state = match local_date.cmp(&today) {
                _ if excused || self.rests.cover(Some(ends)) => State::Excused,
                std::cmp::Ordering::Less => State::Closed,
                std::cmp::Ordering::Equal => State::Open,
                std::cmp::Ordering::Greater => State::Scheduled,
            };
            let noted =
                |who: &ClientId| entries.get(&(row.id, local_date, *who)).map(|n| (*who, *n));
            let entries = self.homework.participants.iter().filter_map(noted).collect();
            Day { local_date, state, entries }
        };
        (0..count).map(day).collect()
    }

    /// The last day of what is over.
    fn over_on(&self) -> Option<Date> {
        let row = &self.homework.row;
        let open = AssignmentStatus::OPEN.contains(&row.status);
        (!open).then(|| self.homework.plan.timeline().local_date_of(row.updated_at))
    }
}
