//! Figures as pictures: which there are, and each of them.

use super::adherence::Rule;
use super::figure::Figures;
use super::model::{PersonTrends, Plot, PlotFilter, PlotKind, PlotLink, Trends};
use super::occurrence::Reader;
use super::plot::{Calendar, CalendarWeek, CoupleTrend, Described, PersonTrend};
use super::report::{check_visible, of_days, period, trends};
use super::store::{Homework, Known, Period, Whose, homework, known};
use super::weeks::Weeks;
use crate::auth::Tx;
use crate::db::Date;
use crate::db::id::{ClientId, CoupleId};
use crate::error::{Error, Fault, Result};

/// How many days a picture shows unless it is asked for others: twelve weeks.
const PICTURE_DAYS: i32 = 84;

/// The pictures that there are of it.
pub(super) fn plots(
    whose: Whose,
    counted: &[(&Known, Figures)],
    trends: Option<&Trends>,
    period: Period,
) -> Vec<PlotLink> {
    let days = format!("from={}&until={}", period.from, period.until);
    let link = |kind: PlotKind, more: String| PlotLink {
        kind,
        path: format!("/v1/figures/plot?kind={}&{more}&{days}", kind.as_str()),
    };
    let has_days = counted.iter().filter(|(one, _)| !one.occurrences.is_empty());
    let mut all: Vec<PlotLink> = has_days
        .take(12)
        .map(|(one, _)| link(PlotKind::Calendar, format!("assignment_id={}", one.homework.row.id)))
        .collect();
    let couple = match whose {
        Whose::Couple(couple) => Some(couple),
        _ => None,
    };
    for person in trends.iter().flat_map(|trends| &trends.people) {
        let of = couple.map(|couple| format!("&couple_id={couple}")).unwrap_or_default();
        all.push(link(PlotKind::Person, format!("client_id={}{of}", person.client_id)));
    }
    all.extend(
        couple
            .filter(|_| trends.is_some())
            .map(|couple| link(PlotKind::Couple, format!("couple_id={couple}"))),
    );
    all
}

/// The pictures that there are of a couple or a client, over the last twelve weeks.
pub(crate) fn plots_of(
    all: &[&Known],
    couple: Option<CoupleId>,
    client: Option<ClientId>,
    until: Date,
) -> Vec<PlotLink> {
    let from = until.plus_days(1 - PICTURE_DAYS);
    let link = |kind: PlotKind, of: String| PlotLink {
        kind,
        path: format!("/v1/figures/plot?kind={}&{of}&from={from}&until={until}", kind.as_str()),
    };
    let has_days = all.iter().filter(|one| !one.occurrences.is_empty()).take(12);
    let mut plots: Vec<PlotLink> = has_days
        .map(|one| link(PlotKind::Calendar, format!("assignment_id={}", one.homework.row.id)))
        .collect();
    let checks = all.iter().find(|one| one.homework.row.key == "daily_check_in");
    for person in checks.iter().flat_map(|one| &one.homework.participants) {
        let of = couple.map(|couple| format!("&couple_id={couple}")).unwrap_or_default();
        if couple.is_some() || client == Some(*person) {
            plots.push(link(PlotKind::Person, format!("client_id={person}{of}")));
        }
    }
    plots.extend(couple.map(|couple| link(PlotKind::Couple, format!("couple_id={couple}"))));
    plots
}

/// One picture.
///
/// # Errors
/// 400 for a picture without its id, 404 for whom the caller does not see or does not treat.
pub(super) fn plot(tx: &mut Tx<'_>, filter: &PlotFilter) -> Result<Plot> {
    let period = period(tx, filter.from, filter.until, PICTURE_DAYS)?;
    let kind = filter.kind.unwrap_or(PlotKind::Calendar);
    match (kind, filter.assignment_id, filter.couple_id, filter.client_id) {
        (PlotKind::Calendar, Some(id), ..) => calendar(tx, Whose::Assignment(id), period),
        (PlotKind::Person, _, couple, Some(client)) => person(tx, couple, client, period),
        (PlotKind::Couple, _, Some(couple), _) => couple_trend(tx, couple, period),
        (kind, ..) => {
            let missing = match kind {
                PlotKind::Calendar => "assignment_id",
                PlotKind::Person => "client_id",
                PlotKind::Couple => "couple_id",
            };
            let detail = "This picture needs it.";
            Err(Error::invalid_query(vec![Fault::query(missing, "required", detail)]))
        }
    }
}

fn calendar(tx: &mut Tx<'_>, whose: Whose, period: Period) -> Result<Plot> {
    check_visible(tx, whose)?;
    let homework = homework(tx, whose, period)?;
    let found = known(tx, homework, period, Reader::Clinicians)?;
    let one = found.first().ok_or_else(Error::not_found)?;
    let Homework { definition, participants, .. } = &one.homework;
    let rule = Rule { adherence: &definition.adherence, participants };
    let week = |start: Date| {
        let days = Period { from: start, until: start.plus_days(6) };
        let figure = of_days(one, days, Reader::Clinicians).total;
        CalendarWeek::of(&rule, start, &one.occurrences, figure, Reader::Clinicians)
    };
    let weeks = Weeks::Calendar.between(period.from, period.until);
    let calendar = Calendar { weeks: weeks.into_iter().map(week).collect() };
    shown(calendar.described(), calendar.svg())
}

fn person(
    tx: &mut Tx<'_>,
    couple: Option<CoupleId>,
    client: ClientId,
    period: Period,
) -> Result<Plot> {
    let whose = couple.map_or(Whose::Client(client), Whose::Couple);
    let trends = trends_of(tx, whose, period)?;
    let own = trends.people.into_iter().find(|person| person.client_id == client);
    let PersonTrends { mood, stress, .. } = own.ok_or_else(Error::not_found)?;
    let trend = PersonTrend { mood, stress };
    shown(trend.described(), trend.svg())
}

fn couple_trend(tx: &mut Tx<'_>, couple: CoupleId, period: Period) -> Result<Plot> {
    let Trends { gestures, reactivity, .. } = trends_of(tx, Whose::Couple(couple), period)?;
    let trend = CoupleTrend { gestures, reactivity };
    shown(trend.described(), trend.svg())
}

fn trends_of(tx: &mut Tx<'_>, whose: Whose, period: Period) -> Result<Trends> {
    check_visible(tx, whose)?;
    let homework = homework(tx, whose, period)?;
    let all = known(tx, homework, period, Reader::Clinicians)?;
    trends(tx, whose, &all, period)?.ok_or_else(Error::not_found)
}

fn shown<E>(described: Described, svg: std::result::Result<String, E>) -> Result<Plot> {
    let svg = svg.map_err(|_| Error::internal("a picture could not be drawn"))?;
    Ok(Plot { title: described.title, text: described.text, svg })
}
