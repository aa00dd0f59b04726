//! A caseload, loaded by a fixed number of statements whatever its size, and put in order.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;

use super::model::{Attention, Caseload, CaseloadEntry};
use super::numbers::{Numbers, Told};
use super::reasons::{self, of_homework};
use crate::activities::definition::{CompletedWhen, Severity};
use crate::alerts::model::AlertStatus;
use crate::auth::Tx;
use crate::db::id::{AssignmentId, ClientId, CoupleId};
use crate::db::schema::{
    alerts, caseload_clients, caseload_couples, program_phases, programs, reviews, submissions,
};
use crate::db::{Date, Instant};
use crate::error::Result;
use crate::figures::Reader;
use crate::figures::pictures;
use crate::figures::report::{self, answered, by_name, of_days, of_one};
use crate::figures::store::{Known, Period, Whose, homework, known};
use crate::practices;
use crate::programs::words::{PhaseState, ProgramStatus};
use crate::submissions::model::SubmissionStatus;

/// People and couples that are looked at, each; `Caseload.entries` is bounded by both.
const MOST: usize = 200;
const WEEK_DAYS: i32 = 7;
/// So far back prompts look.
pub(super) const PROMPT_DAYS: i32 = 21;
/// So far back something may be unread.
const UNREAD_SECONDS: i64 = 14 * 86_400;

/// Whose homework it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Couple(CoupleId),
    Client(ClientId),
}

fn subject(couple: Option<CoupleId>, client: Option<ClientId>) -> Option<Subject> {
    couple.map(Subject::Couple).or(client.map(Subject::Client))
}

/// What asks for attention, by whom it is about.
type Reasons = BTreeMap<Subject, Vec<Attention>>;

/// The caseload of the caller.
pub(super) fn find(tx: &mut Tx<'_>) -> Result<Caseload> {
    let until = practices::store::today(tx)?;
    let week = Period { from: until.plus_days(1 - WEEK_DAYS), until };
    let mut reasons: Reasons = subjects(tx)?.into_iter().map(|one| (one, Vec::new())).collect();
    let long = Period { from: until.plus_days(1 - PROMPT_DAYS), until };
    let all = homework(tx, Whose::Caseload, long)?;
    let all = known(tx, all, long, Reader::Clinicians)?;
    alerted(tx, &mut reasons)?;
    programs_waiting(tx, until, &mut reasons)?;
    let told = told(tx, &all, long)?;
    let unread = unread(tx, &all)?;
    let mut entries: Vec<CaseloadEntry> = reasons
        .into_iter()
        .map(|(of, reasons)| {
            let own = all.iter().filter(|one| of_whom(one) == Some(of)).collect();
            Looked { of, own, told: &told, unread: &unread, week }.entry(reasons)
        })
        .collect();
    entries.sort_by_key(|entry| {
        let urgency = entry.urgency.map_or(0, |urgency| rank(urgency) + 1);
        (std::cmp::Reverse((urgency, entry.reasons.len())), entry.couple_id, entry.client_id)
    });
    Ok(Caseload { from: week.from, until, entries })
}

fn rank(severity: Severity) -> usize {
    Severity::ALL.iter().position(|one| *one == severity).unwrap_or_default()
}

fn of_whom(one: &Known) -> Option<Subject> {
    subject(one.homework.row.couple_id, one.homework.row.client_id)
}

/// Whom the caller treats or supervises.
fn subjects(tx: &mut Tx<'_>) -> Result<Vec<Subject>> {
    let couples: Vec<CoupleId> = caseload_couples::table
        .filter(caseload_couples::practice_id.eq(tx.practice()))
        .filter(caseload_couples::clinician_id.eq_any(tx.caller.caseloads()))
        .select(caseload_couples::couple_id)
        .load(tx.conn)?;
    let couples = latest(couples).into_iter().map(Subject::Couple);
    Ok(couples.chain(latest(clients_of(tx)?).into_iter().map(Subject::Client)).collect())
}

fn clients_of(tx: &mut Tx<'_>) -> Result<Vec<ClientId>> {
    Ok(caseload_clients::table
        .filter(caseload_clients::practice_id.eq(tx.practice()))
        .filter(caseload_clients::clinician_id.eq_any(tx.caller.caseloads()))
        .select(caseload_clients::client_id)
        .load(tx.conn)?)
}

/// Each once, the latest of too many. The database would walk through all caseloads for this.
fn latest<T: Ord>(mut all: Vec<T>) -> Vec<T> {
    all.sort_unstable_by(|left, right| right.cmp(left));
    all.dedup();
    all.truncate(MOST);
    all
}

/// Adds the alerts that nobody has closed: to the couple that they came up in, else to the client.
fn alerted(tx: &mut Tx<'_>, reasons: &mut Reasons) -> Result<()> {
    let clients = clients_of(tx)?;
    let found: Vec<(ClientId, Option<CoupleId>, String, Severity)> = alerts::table
        .filter(alerts::practice_id.eq(tx.practice()))
        .filter(alerts::client_id.eq_any(clients))
        .filter(alerts::status.eq_any([AlertStatus::Raised, AlertStatus::Acknowledged]))
        .select((alerts::client_id, alerts::couple_id, alerts::code, alerts::severity))
        .load(tx.conn)?;
    let mut counts: BTreeMap<(Subject, String), (Severity, u32)> = BTreeMap::new();
    for (client, couple, code, severity) in found {
        let in_couple = couple.map(Subject::Couple).filter(|of| reasons.contains_key(of));
        let count = counts.entry((in_couple.unwrap_or(Subject::Client(client)), code));
        let (worst, count) = count.or_insert((severity, 0));
        *count += 1;
        if rank(severity) > rank(*worst) {
            *worst = severity;
        }
    }
    for ((of, code), (severity, count)) in counts {
        reasons.entry(of).or_default().push(Attention::alerts(&code, severity, count));
    }
    Ok(())
}

/// Adds the programmes whose phase was to be over by now, and those that rest longer than they were to.
fn programs_waiting(tx: &mut Tx<'_>, today: Date, reasons: &mut Reasons) -> Result<()> {
    let (couples, clients): (Vec<_>, Vec<_>) = reasons
        .keys()
        .map(|of| match of {
            Subject::Couple(couple) => (Some(*couple), None),
            Subject::Client(client) => (None, Some(*client)),
        })
        .unzip();
    let phase_over = programs::status
        .eq(ProgramStatus::Active)
        .and(program_phases::state.eq_any([PhaseState::Active, PhaseState::Extended]))
        .and(program_phases::planned_to.lt(today));
    let rests = programs::status.eq(ProgramStatus::Paused).and(programs::resume_on.le(today));
    let found: Vec<(Option<CoupleId>, Option<ClientId>, String, ProgramStatus)> = programs::table
        .inner_join(
            program_phases::table.on(program_phases::practice_id
                .eq(programs::practice_id)
                .and(program_phases::program_id.eq(programs::id))
                .and(program_phases::position.eq(programs::phase))),
        )
        .filter(programs::practice_id.eq(tx.practice()))
        .filter(programs::status.eq_any([ProgramStatus::Active, ProgramStatus::Paused]))
        .filter(
            programs::couple_id
                .eq_any(couples.into_iter().flatten())
                .or(programs::client_id.eq_any(clients.into_iter().flatten()))
                .assume_not_null(),
        )
        .filter(phase_over.or(rests.assume_not_null()))
        .select((programs::couple_id, programs::client_id, programs::title, programs::status))
        .load(tx.conn)?;
    for (couple, client, title, status) in found {
        let reason = match status {
            ProgramStatus::Paused => Attention::program_rests(title),
            _ => Attention::phase_over(title),
        };
        let own = subject(couple, client).and_then(|of| reasons.get_mut(&of));
        if let Some(own) = own {
            own.push(reason);
        }
    }
    Ok(())
}

/// What prompts look at.
fn told(tx: &mut Tx<'_>, all: &[Known], period: Period) -> Result<Vec<Told>> {
    let found = answered(tx, all, &["daily_check_in", "weekly_pulse"], period)?;
    let told = found.into_iter().map(|one| Told {
        assignment: one.assignment,
        author: one.author,
        day: one.day,
        answers: one.answers,
    });
    Ok(told.collect())
}

/// How many submissions to each assignment have come since somebody last looked.
fn unread(tx: &mut Tx<'_>, all: &[Known]) -> Result<BTreeMap<AssignmentId, u32>> {
    let ids: Vec<AssignmentId> = all.iter().map(|one| one.homework.row.id).collect();
    let since = tx.now.plus_seconds(-UNREAD_SECONDS);
    let looked: BTreeMap<AssignmentId, Instant> = reviews::table
        .filter(reviews::practice_id.eq(tx.practice()))
        .filter(reviews::assignment_id.eq_any(&ids))
        .filter(reviews::created_at.ge(since))
        .order(reviews::created_at)
        .select((reviews::assignment_id, reviews::created_at))
        .load::<(AssignmentId, Instant)>(tx.conn)?
        .into_iter()
        .collect();
    let authors: BTreeSet<ClientId> =
        all.iter().flat_map(|one| one.homework.participants.iter().copied()).collect();
    // By whom and when, and not by assignment: that would look at everything that was ever sent to it.
    let sent: Vec<(AssignmentId, Instant)> = submissions::table
        .filter(submissions::practice_id.eq(tx.practice()))
        .filter(submissions::author_id.eq_any(authors))
        .filter(submissions::updated_at.ge(since))
        .filter(submissions::status.eq_any(SubmissionStatus::SENT))
        .select((submissions::assignment_id, submissions::received_at))
        .load(tx.conn)?;
    let mut counts = BTreeMap::new();
    let unread = |(of, at): &(AssignmentId, Instant)| {
        ids.contains(of) && *at >= since && looked.get(of).is_none_or(|looked| looked < at)
    };
    for (assignment, _) in sent.into_iter().filter(unread) {
        *counts.entry(assignment).or_insert(0) += 1;
    }
    Ok(counts)
}

/// Everything that is known of one couple or client.
struct Looked<'a> {
    of: Subject,
    own: Vec<&'a Known>,
    told: &'a [Told],
    unread: &'a BTreeMap<AssignmentId, u32>,
    week: Period,
}

impl Looked<'_> {
    fn entry(self, mut reasons: Vec<Attention>) -> CaseloadEntry {
        let today = self.week.until;
        let figure = |one: &Known| of_days(one, self.week, Reader::Clinicians).total;
        // What is over has no week any more, and prompts are about what goes on.
        let open: Vec<&Known> = self.own.iter().copied().filter(|one| one.is_open()).collect();
        let counted = || {
            let never = CompletedWhen::Never;
            open.iter().filter(move |one| one.homework.definition.adherence.completed_when != never)
        };
        let over = |days: i32| {
            let period = Period { from: today.plus_days(1 - days), until: today };
            let total = |one: &Known| of_days(one, period, Reader::Clinicians).total;
            by_name(counted().map(|one| (one.homework.row.key.as_str(), total(one))))
        };
        let asked = open.iter().flat_map(|one| reasons::asked(&one.homework));
        let asked: BTreeSet<i32> = asked.filter(|days| *days <= PROMPT_DAYS).collect();
        let figures = asked.into_iter().map(|days| (days, over(days))).collect();
        for one in &open {
            let id = one.homework.row.id;
            let told = self.told.iter().filter(|told| told.assignment == id).collect();
            let numbers = Numbers { figures: &figures, told, today };
            // What comes once a week is left out twice in a row only in more than one.
            let missed = of_one(one, Reader::Clinicians).total.consecutive_missed;
            reasons.extend(of_homework(one, missed, &numbers, today));
        }
        for one in &self.own {
            // What is over, however it ended, may be unread as long as anything else.
            let count = self.unread.get(&one.homework.row.id).copied();
            reasons.extend(count.map(|count| Attention::unread(&one.homework, count)));
        }
        reasons.sort_by_key(|reason| std::cmp::Reverse(rank(reason.severity)));
        let (couple_id, client_id) = match self.of {
            Subject::Couple(couple) => (Some(couple), None),
            Subject::Client(client) => (None, Some(client)),
        };
        let figures: Vec<_> = counted().map(|one| figure(one)).collect();
        CaseloadEntry {
            couple_id,
            client_id,
            urgency: reasons.first().map(|reason| reason.severity),
            reasons,
            figure: report::sum(figures.iter()),
            plots: pictures::plots_of(&open, couple_id, client_id, today),
        }
    }
}
