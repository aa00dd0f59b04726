//! Figures put together: of assignments, of people, and over weeks.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::adherence::Rule;
use super::figure::{Figure, Figures, PersonFigure, Tally};
use super::model::{AssignmentFigures, FiguresFilter, FiguresReport, PersonTrends, Trends};
use super::occurrence::{Occurrence, Reader};
use super::pictures::plots;
use super::store::{Homework, Known, Period, Whose, homework, known};
use super::trend::{Dated, Metric, WeekValue, change_pct, weekly};
use super::weeks::{Weeks, days_between};
use crate::activities::definition::CompletedWhen;
use crate::alerts::caseload;
use crate::auth::Tx;
use crate::db::Date;
use crate::db::id::{AssignmentId, ClientId};
use crate::db::schema::{answer_sets, submissions};
use crate::error::{Error, Fault, Result};
use crate::practices;
use crate::schedules::Rhythm;
use crate::submissions::sets::SetRow;

/// The longest period, in days: sixty weeks.
pub(super) const LONGEST_DAYS: i32 = 420;
const WEEK_DAYS: i32 = 7;

/// The figures of an assignment, a couple or a client.
///
/// # Errors
/// 400 for a period that cannot be, or without exactly one id; 404 for whom the caller does not see.
pub(super) fn find(tx: &mut Tx<'_>, filter: &FiguresFilter) -> Result<FiguresReport> {
    let whose = whose(filter)?;
    check_visible(tx, whose)?;
    let period = period(tx, filter.from, filter.until, WEEK_DAYS)?;
    let homework = homework(tx, whose, period)?;
    let all = known(tx, homework, period, Reader::Clinicians)?;
    let counted: Vec<(&Known, Figures)> = all
        .iter()
        .filter(|one| one.homework.definition.adherence.completed_when != CompletedWhen::Never)
        .map(|one| (one, of_one(one, Reader::Clinicians)))
        .collect();
    let trends = match whose {
        Whose::Assignment(_) => None,
        _ => trends(tx, whose, &all, period)?,
    };
    Ok(FiguresReport {
        from: period.from,
        until: period.until,
        total: sum(counted.iter().map(|(_, figures)| &figures.total)),
        people: people(&counted),
        plots: plots(whose, &counted, trends.as_ref(), period),
        assignments: counted
            .into_iter()
            .map(|(one, figures)| AssignmentFigures {
                assignment_id: one.homework.row.id,
                key: one.homework.row.key.clone(),
                title: one.homework.definition.title.clone(),
                figures,
            })
            .collect(),
        trends,
    })
}

/// The figures of one assignment over everything that is known of it.
pub(crate) fn of_one(one: &Known, reader: Reader) -> Figures {
    of_days(one, Period::EVER, reader)
}

/// The figures of one assignment over these days.
pub(crate) fn of_days(one: &Known, period: Period, reader: Reader) -> Figures {
    let Homework { definition, participants, .. } = &one.homework;
    let rule = Rule { adherence: &definition.adherence, participants };
    if one.is_by_events() {
        let days = one.days.iter().filter(|day| period.contains(day.local_date));
        return rule.target_figures(one.term(), &days.cloned().collect::<Vec<_>>());
    }
    let within = |all: &[Occurrence]| -> Vec<Occurrence> {
        all.iter().filter(|one| period.contains(one.local_date)).cloned().collect()
    };
    let (weeks, due) = (Weeks::From(one.term().starts_on), within(&one.occurrences));
    match one.homework.row.schedule.0.rhythm {
        Rhythm::Quota { .. } => rule.quota_figures(weeks, &due, &within(&one.beyond), reader),
        _ => rule.figures(weeks, &due, reader),
    }
}

/// Figures by the names that conditions have for them, over so many days to this one: `adherence_pct.<key>` and
/// `consecutive_missed.<key>` of what this couple or client does. One that is not there is not known.
pub(crate) fn metrics(
    tx: &mut Tx<'_>,
    whose: Whose,
    days: i32,
    reader: Reader,
) -> Result<BTreeMap<String, f64>> {
    let until = practices::store::today(tx)?;
    let period = Period { from: until.plus_days(1 - days), until };
    let homework = homework(tx, whose, period)?;
    let all = known(tx, homework, period, reader)?;
    Ok(by_name(all.iter().map(|one| (one.homework.row.key.as_str(), of_one(one, reader).total))))
}

/// The figures of exercises, each with its key, by the names that conditions have for them.
pub(crate) fn by_name<'a>(all: impl Iterator<Item = (&'a str, Figure)>) -> BTreeMap<String, f64> {
    let mut figures: BTreeMap<&str, Vec<Figure>> = BTreeMap::new();
    for (key, figure) in all {
        figures.entry(key).or_default().push(figure);
    }
    let mut metrics = BTreeMap::new();
    for (key, figures) in figures {
        let all = sum(figures.iter());
        let pct = all.pct.map(|pct| (format!("adherence_pct.{key}"), f64::from(pct)));
        let missed = all
            .consecutive_missed
            .map(|missed| (format!("consecutive_missed.{key}"), f64::from(missed)));
        metrics.extend(pct.into_iter().chain(missed));
    }
    metrics
}

/// Several figures as one, in plain words.
pub(crate) fn sum<'a>(figures: impl Iterator<Item = &'a Figure>) -> Figure {
    let tally = figures.fold(Tally::default(), |tally, one| Tally {
        completed: tally.completed + one.completed.min(one.expected),
        expected: tally.expected + one.expected,
        excused: tally.excused + one.excused,
        entries: None,
        consecutive_missed: tally.consecutive_missed.max(one.consecutive_missed),
    });
    tally.figure(None)
}

fn people(counted: &[(&Known, Figures)]) -> Vec<PersonFigure> {
    let all = || counted.iter().flat_map(|(_, figures)| &figures.people);
    let mut ids: Vec<ClientId> = all().map(|person| person.client_id).collect();
    ids.sort_unstable();
    ids.dedup();
    ids.into_iter()
        .map(|client_id| {
            let own = || all().filter(move |person| person.client_id == client_id);
            let entries = own().filter_map(|person| person.entries).reduce(|sum, more| sum + more);
            let figure = Some(sum(own().filter_map(|person| person.figure.as_ref())));
            PersonFigure { client_id, figure, entries }
        })
        .collect()
}

fn whose(filter: &FiguresFilter) -> Result<Whose> {
    match (filter.assignment_id, filter.couple_id, filter.client_id) {
        (Some(assignment), None, None) => Ok(Whose::Assignment(assignment)),
        (None, Some(couple), None) => Ok(Whose::Couple(couple)),
        (None, None, Some(client)) => Ok(Whose::Client(client)),
        _ => {
            let detail = "Give exactly one of `assignment_id`, `couple_id` and `client_id`.";
            Err(Error::invalid_query(vec![Fault::query("couple_id", "mismatch", detail)]))
        }
    }
}

/// Not visible is not there.
pub(super) fn check_visible(tx: &mut Tx<'_>, whose: Whose) -> Result<()> {
    let seen = match whose {
        Whose::Assignment(id) => crate::assignments::store::find_visible(tx, id)?.is_some(),
        Whose::Couple(couple) => crate::couples::store::is_visible(tx, couple)?,
        Whose::Client(client) => crate::clients::store::is_visible(tx, client)?,
        Whose::Caseload => true,
    };
    if seen { Ok(()) } else { Err(Error::not_found()) }
}

pub(super) fn period(
    tx: &mut Tx<'_>,
    from: Option<Date>,
    until: Option<Date>,
    usual: i32,
) -> Result<Period> {
    let until = match until {
        Some(until) => until,
        None => practices::store::today(tx)?,
    };
    let from = from.unwrap_or_else(|| until.plus_days(1 - usual));
    if from > until || days_between(from, until) >= LONGEST_DAYS {
        let detail = "Not after `until`, and not more than sixty weeks before it.";
        return Err(Error::invalid_query(vec![Fault::query("from", "out_of_range", detail)]));
    }
    Ok(Period { from, until })
}

/// What clinicians can read of what somebody answered on a day.
pub(crate) struct Answered {
    pub(crate) assignment: AssignmentId,
    pub(crate) author: ClientId,
    pub(crate) day: Date,
    pub(crate) answers: Map<String, Value>,
}

/// How moods and kindnesses went, for whoever treats those who told of them.
pub(super) fn trends(
    tx: &mut Tx<'_>,
    whose: Whose,
    all: &[Known],
    period: Period,
) -> Result<Option<Trends>> {
    let treats = match whose {
        Whose::Couple(couple) => caseload::has_couple(tx, couple)?,
        Whose::Client(client) => caseload::has_client(tx, client)?,
        Whose::Assignment(_) | Whose::Caseload => false,
    };
    if !treats {
        return Ok(None);
    }
    let checks = answered(tx, all, &["daily_check_in"], period)?;
    let pulses = answered(tx, all, &["weekly_pulse"], period)?;
    let mut clients: Vec<ClientId> =
        all.iter().flat_map(|one| one.homework.participants.iter().copied()).collect();
    clients.sort_unstable();
    clients.dedup();
    let reactivity = of_answers(&pulses, None, "blowups", Metric::Reactivity, period);
    Ok(Some(Trends {
        people: clients
            .into_iter()
            .map(|client_id| PersonTrends {
                client_id,
                mood: of_answers(&checks, Some(client_id), "mood", Metric::Mood, period),
                stress: of_answers(&checks, Some(client_id), "stress", Metric::Stress, period),
            })
            .collect(),
        gestures: of_events(all, "friendly_gestures", Metric::Gestures, period),
        bids: of_events(all, "bids", Metric::Bids, period),
        repairs: of_events(all, "repair_log", Metric::Repairs, period),
        reactivity_change_pct: change_pct(&reactivity),
        reactivity,
    }))
}

/// What clinicians can read of the answers to exercises of these names.
pub(crate) fn answered(
    tx: &mut Tx<'_>,
    all: &[Known],
    keys: &[&str],
    period: Period,
) -> Result<Vec<Answered>> {
    let of_key = all.iter().filter(|one| keys.contains(&one.homework.row.key.as_str()));
    let ids: Vec<_> = of_key.clone().map(|one| one.homework.row.id).collect();
    let authors: Vec<ClientId> =
        of_key.flat_map(|one| one.homework.participants.iter().copied()).collect();
    // A left join keeps the order: from what was sent to its answers. The other way round SQLite would read all answers
    // of the practice.
    let found: Vec<(Option<SetRow>, Option<Date>)> = submissions::table
        .left_join(
            answer_sets::table.on(answer_sets::practice_id
                .eq(submissions::practice_id)
                .and(answer_sets::submission_id.eq(submissions::id))
                .and(answer_sets::clinicians_at.is_not_null())
                .and(answer_sets::superseded_at.is_null())),
        )
        .filter(submissions::practice_id.eq(tx.practice()))
        .filter(submissions::assignment_id.eq_any(ids))
        .filter(submissions::author_id.eq_any(authors))
        .filter(submissions::local_date.between(period.from, period.until))
        .select((Option::<SetRow>::as_select(), submissions::local_date))
        .load(tx.conn)?;
    found
        .into_iter()
        .filter_map(|(set, day)| set.zip(day))
        .map(|(set, day)| {
            let (assignment, author) = (set.assignment(), set.author());
            Ok(Answered { assignment, author, day, answers: set.open(tx)? })
        })
        .collect()
}

fn of_answers(
    all: &[Answered],
    of: Option<ClientId>,
    question: &str,
    metric: Metric,
    period: Period,
) -> Vec<WeekValue> {
    let own = all.iter().filter(|one| of.is_none_or(|of| one.author == of));
    let values: Vec<Dated> = own
        .filter_map(|one| {
            Some(Dated { local_date: one.day, value: one.answers.get(question)?.as_f64()? })
        })
        .collect();
    weekly(&values, metric.fold(), Weeks::Calendar, period.from, period.until)
}

fn of_events(all: &[Known], key: &str, metric: Metric, period: Period) -> Vec<WeekValue> {
    let days = all.iter().filter(|one| one.homework.row.key == key).flat_map(|one| &one.days);
    let values: Vec<Dated> = days
        .flat_map(|day| day.entries.values().map(|count| (day.local_date, *count)))
        .map(|(local_date, count)| Dated { local_date, value: f64::from(count) })
        .collect();
    weekly(&values, metric.fold(), Weeks::Calendar, period.from, period.until)
}
