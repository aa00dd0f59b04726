//! One scenario on one database with one number of connections: its rounds.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use crate::generator::Heard;
use crate::place::{Kind, Place};
use crate::scenario::{Leaves, Scenario, Sort};
use crate::server::Which;

/// A line of the table.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The scenario.
    pub name: &'static str,
    /// The database.
    pub database: Kind,
    /// Submissions in it at the beginning.
    pub scale: u64,
    /// The number of connections.
    pub connections: usize,
    /// Who answered.
    pub server: Which,
    /// How much of its limit it is held to.
    pub sort: Sort,
    /// Whether it has to be as fast among many submissions as among few.
    pub held_to_growth: bool,
    /// What it is compared with.
    pub limit: Option<&'static str>,
    rounds: Vec<Round>,
    /// The most memory that the servers occupied in a round, in KiB; PostgreSQL's own is not in it.
    pub peak: u64,
    /// Answers of another status.
    pub errors: u64,
    /// The first of them.
    pub first_error: Option<String>,
    /// Answers of the expected status in all rounds, also in the one thrown away, by what each left.
    #[serde(skip)]
    pub acknowledged: BTreeMap<Leaves, u64>,
}

/// The figures of one round. Times are in milliseconds, processor time in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Round {
    /// Requests a second.
    pub per_second: f64,
    /// Half of the answers came within this time.
    pub p50: f64,
    /// 99 of a hundred.
    pub p99: f64,
    /// 999 of a thousand.
    pub p999: f64,
    /// Processor time of the servers for each; PostgreSQL's own is not in it.
    pub cpu_per_request: f64,
}

impl Row {
    /// A line without rounds yet.
    pub fn new(scenario: &Scenario, place: &Place, connections: usize) -> Self {
        Self {
            name: scenario.name,
            database: place.kind,
            scale: place.scale,
            connections,
            server: scenario.server,
            sort: scenario.sort,
            held_to_growth: scenario.held_to_growth,
            limit: scenario.limit,
            rounds: Vec::new(),
            peak: 0,
            errors: 0,
            first_error: None,
            acknowledged: BTreeMap::new(),
        }
    }

    /// Adds what a round heard, and what the servers used for it.
    pub fn add(&mut self, heard: Heard, cpu: Duration, peak: u64, counts: bool) {
        let Heard { mut micros, errors, first_error, kept, elapsed } = heard;
        let answers = micros.len();
        for (leaves, count) in kept {
            *self.acknowledged.entry(leaves).or_default() += count;
        }
        self.errors += errors;
        self.first_error = self.first_error.take().or(first_error);
        self.peak = self.peak.max(peak);
        if !counts || answers == 0 {
            return;
        }
        micros.sort_unstable();
        let quantile = |per_mille: usize| {
            let index = (answers * per_mille / 1000).min(answers - 1);
            micros.get(index).map_or(0.0, |micros| f64::from(*micros) / 1000.0)
        };
        self.rounds.push(Round {
            per_second: real(answers) / elapsed.as_secs_f64(),
            p50: quantile(500),
            p99: quantile(990),
            p999: quantile(999),
            cpu_per_request: cpu.as_secs_f64() * 1e6 / real(answers),
        });
    }

    /// True for a row of the same database, scale and number of connections.
    pub fn is_beside(&self, other: &Self) -> bool {
        (self.database, self.scale, self.connections)
            == (other.database, other.scale, other.connections)
    }

    /// The median of the rounds' ratios of the slowest hundredth to the middle.
    pub fn tail(&self) -> f64 {
        self.median(|round| round.p99 / round.p50)
    }

    /// The median of a figure over the rounds.
    pub fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(of).collect())
    }

    /// Requests a second of the slowest round, or of the fastest.
    pub fn extreme(&self, better: fn(f64, f64) -> f64) -> f64 {
        self.rounds.iter().map(|round| round.per_second).reduce(better).unwrap_or(0.0)
    }

    /// The median of the rounds' own ratios: rounds that ran beside one another are compared,
    /// so that a machine that drifts takes both along.
    pub fn ratio_to(&self, other: &Self) -> f64 {
        median(self.ratios_to(other))
    }

    /// The ratios of rounds that ran beside one another.
    pub fn ratios_to(&self, other: &Self) -> Vec<f64> {
        let pairs = self.rounds.iter().zip(&other.rounds);
        pairs.map(|(mine, theirs)| mine.per_second / theirs.per_second).collect()
    }
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let (middle, odd) = (figures.len() / 2, figures.len() % 2 == 1);
    let upper = figures.get(middle).copied().unwrap_or(0.0);
    let lower =
        if odd { upper } else { figures.get(middle.saturating_sub(1)).copied().unwrap_or(upper) };
    f64::midpoint(lower, upper)
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
