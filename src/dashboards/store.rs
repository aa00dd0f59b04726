//! What a dashboard is made of: loaded by a fixed number of statements, whatever the age of the couple's homework, and
//! shown to everybody alike.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::model::{
    CoupleTotal, Dashboard, DashboardViewer, NextStep, Resting, Suggestion, WeekTotal, Win,
};
use super::suggestions;
use crate::activities::definition::{FigureAudience, Sensitivity};
use crate::alerts::caseload;
use crate::assignments::model::AssignmentStatus;
use crate::auth::Tx;
use crate::couples;
use crate::couples::members::store as members;
use crate::couples::model::InvitationState;
use crate::db::id::{AssignmentId, ClientId, CoupleId};
use crate::db::schema::couples as couple_rows;
use crate::db::{Date, Instant};
use crate::error::{DbResultExt, Error, Result};
use crate::figures::occurrence::State;
use crate::figures::report::{by_name, of_days};
use crate::figures::store::{Found, Homework, Known, Period, Whose, found, homework};
use crate::figures::weeks::Weeks;
use crate::figures::{Figure, Reader};
use crate::occurrences::store::on_the_wall;
use crate::practices::store::zone;
use crate::schedules::Slot;
use crate::submissions::shared::{self, SharedRow};

/// This week and the two before.
const WEEKS: i32 = 3;
/// So many days back the page knows of, today among them.
pub(super) const LOOKS_BACK_DAYS: i32 = 7 * WEEKS;
const AHEAD_SECONDS: i64 = 7 * 86_400;
const MOST_NEXT: usize = 20;
const SHARED_SECONDS: i64 = 14 * 86_400;
const MOST_SHARED: i64 = 50;

/// The dashboard of a couple.
///
/// # Errors
/// 404 when the caller is no member and does not treat them.
pub(super) fn find(tx: &mut Tx<'_>, couple: CoupleId) -> Result<Dashboard> {
    let loaded = load(tx, couple)?;
    show(tx, loaded)
}

/// What the database holds of a couple's dashboard.
pub struct Loaded {
    couple: CoupleId,
    today: Date,
    homework: Found,
    members: Vec<(CoupleId, ClientId, String)>,
    shared: Vec<SharedRow>,
}

/// Asks the database for everything that the dashboard is made of. What is sealed stays so, but for names.
///
/// # Errors
/// 404 when the caller is no member and does not treat them.
pub fn load(tx: &mut Tx<'_>, couple: CoupleId) -> Result<Loaded> {
    let timezone: String = couples::store::visible(tx)?
        .filter(couple_rows::id.eq(couple))
        .select(couple_rows::timezone)
        .first(tx.conn)
        .or_not_found()?;
    if tx.caller.client().is_none() && !caseload::has_couple(tx, couple)? {
        return Err(Error::not_found());
    }
    let today = tx.now.date_in(&zone(&timezone)?);
    let members = members::display_names(tx, &[couple])?;
    let present = members::present_members(tx, couple)?.into_iter();
    let present: BTreeSet<ClientId> = present
        .filter(|(_, answer)| *answer == InvitationState::Accepted)
        .map(|(client, _)| client)
        .collect();
    // A day more on either side: an assignment may be in another zone than the couple by now.
    let period = Period { from: today.plus_days(-LOOKS_BACK_DAYS), until: today.plus_days(8) };
    let mut all = homework(tx, Whose::Couple(couple), period)?;
    all.retain(|one| is_everybodys(one, &present));
    let ids: Vec<AssignmentId> = all.iter().map(|one| one.row.id).collect();
    let homework = found(tx, all, period, Reader::Participants)?;
    let since = tx.now.plus_seconds(-SHARED_SECONDS);
    let shared = shared::of_couple(tx, couple, &ids, since, MOST_SHARED)?;
    Ok(Loaded { couple, today, homework, members, shared })
}

/// True for what every member reads of: not what some of them were given alone, and nothing that a token may be
/// without.
fn is_everybodys(one: &Homework, members: &BTreeSet<ClientId>) -> bool {
    let plain = [Sensitivity::Routine, Sensitivity::Relational].contains(&one.row.sensitivity);
    plain && members.iter().all(|member| one.participants.contains(member))
}

/// Makes the dashboard of it.
fn show(tx: &Tx<'_>, loaded: Loaded) -> Result<Dashboard> {
    let Loaded { couple, today, homework, members, shared } = loaded;
    let homework = homework.known(tx.now);
    let viewer = tx.caller.client().map(|own| DashboardViewer {
        display_name: members
            .iter()
            .find(|(_, client, _)| *client == own)
            .map(|(_, _, name)| name.clone()),
    });
    let totals: Vec<CoupleTotal> =
        homework.iter().filter(|one| is_told(one)).map(|one| total(one, today)).collect();
    let mut next = Vec::new();
    for one in homework.iter().filter(|one| is_under_way(one)) {
        next.extend(next_step(one, tx.now)?);
    }
    next.sort_by_key(|step| {
        (step.due_at.is_none(), step.due_at, step.opens_at, step.assignment_id)
    });
    next.truncate(MOST_NEXT);
    Ok(Dashboard {
        viewer,
        couple_id: couple,
        today,
        wins: totals.iter().filter_map(win).collect(),
        suggestions: suggested(&homework, today),
        next,
        resting: homework.iter().filter_map(resting).collect(),
        totals,
        shared: shared.into_iter().map(|one| one.show(tx, &members)).collect::<Result<_>>()?,
    })
}

/// True for what partners are told the couple's figure of.
fn is_told(one: &Known) -> bool {
    one.homework.definition.adherence.show_to_partners == FigureAudience::CoupleTotal
}

fn is_under_way(one: &Known) -> bool {
    AssignmentStatus::AT_WORK.contains(&one.homework.row.status)
}

fn total(one: &Known, today: Date) -> CoupleTotal {
    let weeks = Weeks::From(one.homework.row.starts_on);
    let this = weeks.start_of(today.max(one.homework.row.starts_on));
    let starts = (0..WEEKS).map(|back| this.plus_days(-7 * back));
    let begun = starts.filter(|start| *start >= one.homework.row.starts_on);
    let week = |from: Date| {
        let until = from.plus_days(6);
        let figure = of_days(one, Period { from, until }, Reader::Participants).total;
        // How many were left out in a row is for clinicians: on the page it would be a red mark (`domain` 2.10).
        WeekTotal { from, until, figure: Figure { consecutive_missed: None, ..figure } }
    };
    CoupleTotal {
        assignment_id: one.homework.row.id,
        key: one.homework.row.key.clone(),
        title: one.homework.definition.title.clone(),
        weeks: begun.map(week).collect(),
    }
}

/// What was done this week, or else in the last.
fn win(total: &CoupleTotal) -> Option<Win> {
    let week = total.weeks.iter().take(2).find(|week| week.figure.completed > 0)?;
    Some(Win {
        assignment_id: total.assignment_id,
        title: total.title.clone(),
        from: week.from,
        label: week.figure.label.clone(),
    })
}

/// What figures suggest over as many days as each exercise asks for, if the page looks back as far.
fn suggested(homework: &[Known], today: Date) -> Vec<Suggestion> {
    let told = || homework.iter().filter(|one| is_told(one) && is_under_way(one));
    let asked: BTreeSet<i32> = told().flat_map(|one| suggestions::asked(&one.homework)).collect();
    let over = |days: i32| {
        let period = Period { from: today.plus_days(1 - days), until: today };
        by_name(told().map(|one| {
            let total = of_days(one, period, Reader::Participants).total;
            (one.homework.row.key.as_str(), total)
        }))
    };
    let looked_at = asked.into_iter().filter(|days| *days <= LOOKS_BACK_DAYS);
    let figures = looked_at.map(|days| (days, over(days))).collect();
    told().flat_map(|one| suggestions::of(&one.homework, &figures)).collect()
}

/// The first time that still counts. What all have done is left out where the couple is told so anyway; else it stays
/// until its time is over, whoever has done it.
fn next_step(one: &Known, now: Instant) -> Result<Option<NextStep>> {
    let Homework { row, definition, plan, .. } = &one.homework;
    if plan.takes_events() {
        return Ok(None);
    }
    let soon = now.plus_seconds(AHEAD_SECONDS);
    let next = plan.next_after(now).filter(|next| next.opens_at <= soon);
    let open = |slot: &Slot| {
        let found = one
            .occurrences
            .iter()
            .find(|known| (known.local_date, known.slot_no) == (slot.local_date, slot.slot_no));
        !found.is_some_and(|known| {
            let done = is_told(one) && one.is_done(known, Reader::Participants);
            done || matches!(known.state, State::Excused | State::Cancelled)
        })
    };
    let Some(slot) = plan.open_at(now).into_iter().chain(next).find(open) else { return Ok(None) };
    let due_there = slot.due_at.map(|due| on_the_wall(due, &row.timezone)).transpose()?;
    Ok(Some(NextStep {
        assignment_id: row.id,
        title: definition.title.clone(),
        local_date: slot.local_date,
        slot_no: slot.slot_no,
        opens_at: slot.opens_at,
        due_at: slot.due_at,
        due_there,
        closes_at: slot.closes_at,
    }))
}

/// What rests, by whomever's word: a hold reads as any pause.
fn resting(one: &Known) -> Option<Resting> {
    let row = &one.homework.row;
    (row.status.public() == AssignmentStatus::Paused).then(|| Resting {
        assignment_id: row.id,
        title: one.homework.definition.title.clone(),
        resume_on: row.resume_on,
    })
}
