//! The bars that a run has to clear.

use serde::Serialize;

use crate::client_scenarios::{READ, WRITE, WRITE_POOL};
use crate::homework_scenarios::{CHECK_IN, INBOX};
use crate::overload::Flood;
use crate::pgbench_scenarios;
use crate::record_scenarios::{MONTH, NOTE, SIGN, YEARS};
use crate::report::Failure;
use crate::row::Row;
use crate::scenario::Sort;

/// A bar, and whether it was cleared.
#[derive(Debug, Serialize)]
pub struct Bar {
    /// What is measured.
    pub what: String,
    /// What it has to be.
    pub wanted: String,
    /// What it is.
    pub found: String,
    /// Whether that is enough.
    pub cleared: bool,
}

const MOST_IDLE_MIB: f64 = 60.0;
/// How much longer the slowest hundredth of a write may take than the middle.
const LONGEST_TAIL: f64 = 5.0;
/// How much longer a read may take among the most submissions than among the fewest.
const MOST_GROWTH: f64 = 1.3;
/// How much of its limit something has to reach.
const LEAST_OF_READ: f64 = 0.7;
const LEAST_OF_WRITE: f64 = 0.35;
/// What is left of the peak under ten times its callers, and what another practice keeps of its own.
const LEAST_GOODPUT: f64 = 0.8;
const LEAST_KEPT: f64 = 0.9;
const LONGEST_RECOVERY: f64 = 5.0;
/// The service, what else it is compared with, and how much of that it has to reach.
static AGAINST: [(&str, &str, f64); 7] = [
    (READ, pgbench_scenarios::READ, 0.7),
    (INBOX, pgbench_scenarios::INBOX, 0.7),
    (CHECK_IN, pgbench_scenarios::CHECK_IN, 0.7),
    (WRITE, WRITE_POOL, 2.0),
    (NOTE, WRITE, 0.5),
    (SIGN, WRITE, 0.4),
    // A list over five years takes 1.3 times as long as one over a month at the most.
    (YEARS, MONTH, 1.0 / 1.3),
];

/// Holds the figures against the bars.
pub fn bars(rows: &[Row], idle: &[f64]) -> Vec<Bar> {
    let errors: u64 = rows.iter().map(|row| row.errors).sum();
    let idle = idle.iter().copied().fold(0.0, f64::max);
    let mut bars = vec![
        bar("errors".to_owned(), "0".to_owned(), errors.to_string(), errors == 0),
        bar(
            "idle memory of `attune serve`, the most".to_owned(),
            format!("< {MOST_IDLE_MIB:.0} MiB"),
            format!("{idle:.1} MiB"),
            idle < MOST_IDLE_MIB,
        ),
    ];
    for row in rows {
        let beside = |name| rows.iter().find(|other| other.name == name && other.is_beside(row));
        let least = match row.sort {
            Sort::Read => LEAST_OF_READ,
            Sort::Write => LEAST_OF_WRITE,
            Sort::Told => 0.0,
        };
        let limit = row.limit.filter(|_| row.sort != Sort::Told).and_then(beside);
        bars.extend(limit.map(|limit| against(row, limit, least)));
        let others = AGAINST.iter().filter(|(mine, ..)| *mine == row.name);
        let others = others.filter_map(|&(_, other, least)| Some((beside(other)?, least)));
        bars.extend(others.map(|(other, least)| against(row, other, least)));
        if [WRITE, CHECK_IN].contains(&row.name) {
            bars.push(tail(row));
        }
        bars.extend(growth(rows, row));
    }
    bars
}

/// Ten times as many callers as at the peak.
pub fn of_flood(flood: &Flood) -> Vec<Bar> {
    let Flood { manner, database, scale, .. } = flood;
    let told = format!("overload, told to wait, {manner}, {database} with {scale}");
    let at_least = |what: &str, ratio: f64, least: f64| {
        bar(format!("{told}: {what}"), format!("≥ {least}"), format!("{ratio:.2}"), ratio >= least)
    };
    let seconds = flood.recovered_in;
    let within =
        seconds.map_or_else(|| "not at all".to_owned(), |seconds| format!("{seconds:.1} s"));
    vec![
        at_least("goodput to the peak", flood.goodput(), LEAST_GOODPUT),
        at_least("what another practice keeps", flood.kept_by_neighbour(), LEAST_KEPT),
        bar(
            format!("{told}: recovered within"),
            format!("≤ {LONGEST_RECOVERY:.0} s"),
            within,
            seconds.is_some_and(|seconds| seconds <= LONGEST_RECOVERY),
        ),
        bar(
            format!("{told}: answers neither good nor refused with `Retry-After`"),
            "0".to_owned(),
            flood.errors.to_string(),
            flood.errors == 0,
        ),
        // A flood that is answered in full is none.
        bar(
            format!("{told}: refused with `Retry-After`"),
            "> 0".to_owned(),
            flood.refused.to_string(),
            flood.refused > 0,
        ),
    ]
}

/// What could not be measured to its end, or did not keep its word.
pub fn of_failure(failure: &Failure) -> Bar {
    bar(failure.what.clone(), "no failure".to_owned(), "told above".to_owned(), false)
}

/// A read among the most submissions, beside the same among the fewest.
fn growth(rows: &[Row], row: &Row) -> Option<Bar> {
    let same = |other: &&Row| {
        (other.name, other.database, other.connections) == (row.name, row.database, row.connections)
    };
    let fewest = rows.iter().filter(same).min_by_key(|other| other.scale)?;
    let most = rows.iter().filter(same).max_by_key(|other| other.scale)?;
    if !row.held_to_growth || fewest.scale == most.scale || row.scale != most.scale {
        return None;
    }
    let ratio = row.median(|round| round.p50) / fewest.median(|round| round.p50);
    let what = format!("p50 of {} to that with {} submissions", told(row), fewest.scale);
    let wanted = format!("≤ {MOST_GROWTH}");
    Some(bar(what, wanted, format!("{ratio:.2}"), ratio <= MOST_GROWTH))
}

fn tail(row: &Row) -> Bar {
    let ratio = row.tail();
    let what = format!("p99 to p50 of {}", told(row));
    bar(what, format!("≤ {LONGEST_TAIL}"), format!("{ratio:.2}"), ratio <= LONGEST_TAIL)
}

fn against(mine: &Row, other: &Row, least: f64) -> Bar {
    let ratios = mine.ratios_to(other);
    // A bar between the extremes is not settled by this run, whatever the word says.
    let smallest = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = ratios.iter().copied().fold(0.0, f64::max);
    let met = ratios.iter().filter(|ratio| **ratio >= least).count();
    let (ratio, rounds) = (mine.ratio_to(other), ratios.len());
    let found =
        format!("{ratio:.2} ({smallest:.2} to {largest:.2}; met in {met} of {rounds} rounds)");
    let what = format!("{} to {}", told(mine), other.name);
    bar(what, format!("≥ {}", (least * 100.0).round() / 100.0), found, ratio >= least)
}

fn told(row: &Row) -> String {
    let Row { name, database, scale, connections, .. } = row;
    format!("{name}, {database} with {scale}, {connections} connections")
}

fn bar(what: String, wanted: String, found: String, cleared: bool) -> Bar {
    Bar { what, wanted, found, cleared }
}
