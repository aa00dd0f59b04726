//! Tests of figures, and what they are made of.

mod adherence;
mod grey;
mod plots;
mod properties;
mod targets;
mod trends;

use std::collections::BTreeMap;

use super::adherence::Rule;
use super::occurrence::{Occurrence, Sent, State};
use super::weeks::Weeks;
use crate::activities::definition::parts::{Count, CountScope};
use crate::activities::definition::{Adherence, AdherenceUnit, CompletedWhen, FigureAudience};
use crate::db::Date;
use crate::db::id::ClientId;

/// The couple's first day, a Monday (`domain` 8.2).
const MONDAY: Date = Date(jiff::civil::Date::constant(2026, 11, 23));

/// Weeks of an assignment that begins on it.
const WEEKS: Weeks = Weeks::From(MONDAY);

fn person(number: u128) -> ClientId {
    ClientId::from_uuid(uuid::Uuid::from_u128(number))
}

fn couple() -> [ClientId; 2] {
    [person(1), person(2)]
}

fn exercise(completed_when: CompletedWhen) -> Adherence {
    Adherence {
        unit: AdherenceUnit::Day,
        completed_when,
        count: None,
        period: None,
        label: Some("{completed} of {expected}".to_owned()),
        show_to_partners: FigureAudience::CoupleTotal,
        target: None,
    }
}

fn events(unit: AdherenceUnit, min: u16, scope: CountScope, label: &str) -> Adherence {
    Adherence {
        unit,
        count: Some(Count { link_id: None, min: Some(min), max: None, scope: Some(scope) }),
        label: Some(label.to_owned()),
        ..exercise(CompletedWhen::CountAtLeast)
    }
}

fn rule<'a>(adherence: &'a Adherence, participants: &'a [ClientId]) -> Rule<'a> {
    Rule { adherence, participants }
}

fn occurrence(day: Date, state: State, sent: &[(ClientId, Sent)]) -> Occurrence {
    Occurrence {
        local_date: day,
        slot_no: 1,
        state,
        sent: sent.iter().copied().collect::<BTreeMap<_, _>>(),
        ended: false,
    }
}

/// Days from this one on, a letter each: `D` done by both, `A` by the first alone, `S` skipped by the
/// second after the first had sent theirs, `M` missed, `X` excused, `C` cancelled, `O` open, `.` ahead.
fn days(first: Date, letters: &str) -> Vec<Occurrence> {
    let [a, b] = couple();
    let one = |(number, letter): (i32, char)| {
        let (state, sent): (State, &[(ClientId, Sent)]) = match letter {
            'D' => (State::Closed, &[(a, Sent::InTime), (b, Sent::ReceivedLate)]),
            'A' => (State::Closed, &[(a, Sent::InTime)]),
            'S' => (State::Closed, &[(a, Sent::InTime), (b, Sent::Skipped)]),
            'M' => (State::Closed, &[]),
            'X' => (State::Excused, &[]),
            'C' => (State::Cancelled, &[]),
            'O' => (State::Open, &[]),
            _ => (State::Scheduled, &[]),
        };
        occurrence(first.plus_days(number), state, sent)
    };
    (0..).zip(letters.chars()).map(one).collect()
}
