//! The bars that a run has to clear.

use serde::Serialize;

use crate::homework_scenarios::{
    CHECK_IN, CHECK_IN_BARE, DASHBOARD, DASHBOARD_BARE, INBOX, INBOX_BARE,
};
use crate::record_scenarios::{MONTH, NOTE, SIGN, YEARS};
use crate::report::{Processes, Row};
use crate::scenario::{READ, READ_BARE, WRITE, WRITE_POOL};

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
/// The service, what it is compared with, and how much of that it has to reach.
const AGAINST: [(&str, &str, f64); 8] = [
    (READ, READ_BARE, 0.7),
    (WRITE, WRITE_POOL, 2.0),
    (INBOX, INBOX_BARE, 0.5),
    (DASHBOARD, DASHBOARD_BARE, 0.5),
    (CHECK_IN, CHECK_IN_BARE, 0.35),
    (NOTE, WRITE, 0.5),
    (SIGN, WRITE, 0.4),
    // A list over five years takes 1.3 times as long as one over a month at the most.
    (YEARS, MONTH, 1.0 / 1.3),
];

/// Holds the figures against the bars.
pub fn bars(rows: &[Row], processes: &Processes) -> Vec<Bar> {
    let errors: u64 = rows.iter().map(|row| row.errors).sum();
    let idle = processes.serve.memory.resident_mib();
    let mut bars = vec![
        bar("errors".to_owned(), "0".to_owned(), errors.to_string(), errors == 0),
        bar(
            "idle memory of `attune serve`".to_owned(),
            format!("< {MOST_IDLE_MIB:.0} MiB"),
            format!("{idle:.1} MiB"),
            idle < MOST_IDLE_MIB,
        ),
    ];
    for (mine, other, least) in AGAINST {
        for mine in rows.iter().filter(|row| row.name == mine) {
            let same = |row: &&Row| row.name == other && row.connections == mine.connections;
            bars.extend(rows.iter().find(same).map(|other| against(mine, other, least)));
        }
    }
    for row in rows.iter().filter(|row| [WRITE, CHECK_IN].contains(&row.name)) {
        let ratio = row.tail();
        let what = format!("p99 to p50 of {}, {} connections", row.name, row.connections);
        let wanted = format!("≤ {LONGEST_TAIL}");
        bars.push(bar(what, wanted, format!("{ratio:.2}"), ratio <= LONGEST_TAIL));
    }
    bars
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
    let what = format!("{} to {}, {} connections", mine.name, other.name, mine.connections);
    bar(what, format!("≥ {}", (least * 100.0).round() / 100.0), found, ratio >= least)
}

fn bar(what: String, wanted: String, found: String, cleared: bool) -> Bar {
    Bar { what, wanted, found, cleared }
}
