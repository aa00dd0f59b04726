//! What came of it: a table, the bars, and both as Markdown and JSON.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use crate::bars::{Bar, bars};
use crate::generator::Heard;
use crate::place::Place;
use crate::scenario::{Leaves, Scenario};
use crate::server::{Idle, Memory};
use crate::{Options, Outcome};

/// A line of the table: one scenario at one number of connections.
#[derive(Debug, Serialize)]
pub struct Row {
    /// The group that it takes turns in.
    pub group: &'static str,
    /// The scenario.
    pub name: &'static str,
    what: &'static str,
    /// The number of connections.
    pub connections: usize,
    rounds: Vec<Round>,
    /// Answers of another status.
    pub errors: u64,
    first_error: Option<String>,
    /// Answers of the expected status in all rounds, also in the one thrown away.
    #[serde(skip)]
    pub acknowledged: u64,
    /// What each of them left.
    #[serde(skip)]
    pub leaves: Option<Leaves>,
}

/// The figures of one round. Times are in milliseconds, processor time in microseconds.
#[derive(Debug, Clone, Copy, Serialize)]
struct Round {
    per_second: f64,
    p50: f64,
    p99: f64,
    p999: f64,
    cpu_per_request: f64,
}

impl Row {
    /// A line without rounds yet.
    pub fn new(scenario: &Scenario, group: &'static str, connections: usize) -> Self {
        Self {
            group,
            name: scenario.name,
            what: scenario.what,
            connections,
            rounds: Vec::new(),
            errors: 0,
            first_error: None,
            acknowledged: 0,
            leaves: scenario.leaves,
        }
    }

    /// Adds what a round heard, and the processor time that the server used for it.
    pub fn add(&mut self, heard: Heard, cpu: Duration, counts: bool) {
        let Heard { mut micros, errors, first_error, elapsed } = heard;
        let answers = micros.len();
        self.acknowledged += u64::try_from(answers).unwrap_or_default() - errors;
        self.errors += errors;
        self.first_error = self.first_error.take().or(first_error);
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

    /// The median of the rounds' ratios of the slowest hundredth to the middle.
    pub fn tail(&self) -> f64 {
        self.median(|round| round.p99 / round.p50)
    }

    fn median(&self, of: impl Fn(&Round) -> f64) -> f64 {
        median(self.rounds.iter().map(of).collect())
    }

    fn extreme(&self, better: fn(f64, f64) -> f64) -> f64 {
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

/// Everything that a run found.
#[derive(Debug, Serialize)]
pub struct Report {
    setting: String,
    rows: Vec<Row>,
    processes: Vec<(&'static str, String)>,
    bars: Vec<Bar>,
}

/// The processes, apart from what they were asked.
pub struct Processes {
    /// `attune serve` before any request.
    pub serve: Idle,
    /// `attune demo` before any request.
    pub demo: Idle,
    /// `attune serve` at the end of the run.
    pub loaded: Memory,
}

impl Report {
    /// Puts the figures together and holds them against the bars.
    pub fn new(options: &Options, place: &Place, rows: Vec<Row>, processes: &Processes) -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let setting = format!(
            "{cores} cores, shared by service, bare handlers and load generator; SQLite on {}, \
             `synchronous=FULL`; {} clients, {} check-ins and {} drafts; {} rounds of {} s after one that is thrown away; pool of {}; \
             service logs at `{}` to a file",
            place.file_system(),
            place.clients(),
            place.submissions(),
            place.drafts(),
            options.rounds,
            options.seconds,
            options.pool,
            options.log,
        );
        let bars = bars(&rows, processes);
        let start = |idle: Idle| format!("{} ms", idle.start.as_millis());
        let processes = vec![
            ("`attune serve`, start to first 200", start(processes.serve)),
            ("`attune serve`, idle memory", processes.serve.memory.to_string()),
            ("`attune serve`, memory after the run", processes.loaded.to_string()),
            ("`attune demo`, start to first 200", start(processes.demo)),
            ("`attune demo`, idle memory", processes.demo.memory.to_string()),
        ];
        Self { setting, rows, processes, bars }
    }

    /// True when every bar was cleared.
    pub fn passed(&self) -> bool {
        self.bars.iter().all(|bar| bar.cleared)
    }

    /// Writes `report.md` and `report.json`.
    pub fn write(&self, folder: &Path) -> Outcome<()> {
        fs::write(folder.join("report.md"), self.markdown())?;
        fs::write(folder.join("report.json"), serde_json::to_string_pretty(self)?)?;
        Ok(())
    }

    /// The whole report.
    pub fn markdown(&self) -> String {
        let mut text = format!("{}.\n\n{}\n", self.setting, table(&self.table()));
        for row in self.rows.iter().filter(|row| row.errors > 0) {
            let first = row.first_error.as_deref().unwrap_or_default();
            let _ = writeln!(
                text,
                "{} failed {} times, first with:\n\n{first}\n",
                row.name, row.errors
            );
        }
        let bars = self.bars.iter().map(|bar| {
            let word = if bar.cleared { "pass" } else { "FAIL" };
            vec![bar.what.clone(), bar.wanted.clone(), bar.found.clone(), word.to_owned()]
        });
        text += &table(&with_head(&["Bar", "Wanted", "Found", ""], bars));
        text.push('\n');
        let processes =
            self.processes.iter().map(|(what, found)| vec![(*what).to_owned(), found.clone()]);
        text += &table(&with_head(&["Process", "Found"], processes));
        text
    }

    fn table(&self) -> Vec<Vec<String>> {
        let head = [
            "Scenario",
            "Conn.",
            "req/s",
            "min",
            "max",
            "p50 ms",
            "p99 ms",
            "p99.9 ms",
            "CPU µs/req",
            "Errors",
            "Ratio",
        ];
        let rows = self.rows.iter().map(|row| {
            let first = self
                .rows
                .iter()
                .find(|first| first.group == row.group && first.connections == row.connections);
            vec![
                row.name.to_owned(),
                row.connections.to_string(),
                format!("{:.0}", row.median(|round| round.per_second)),
                format!("{:.0}", row.extreme(f64::min)),
                format!("{:.0}", row.extreme(f64::max)),
                format!("{:.2}", row.median(|round| round.p50)),
                format!("{:.2}", row.median(|round| round.p99)),
                format!("{:.2}", row.median(|round| round.p999)),
                format!("{:.0}", row.median(|round| round.cpu_per_request)),
                row.errors.to_string(),
                first.map_or_else(String::new, |first| format!("{:.2}", first.ratio_to(row))),
            ]
        });
        with_head(&head, rows)
    }
}

fn with_head(head: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Vec<Vec<String>> {
    std::iter::once(head.iter().map(|word| (*word).to_owned()).collect()).chain(rows).collect()
}

/// A Markdown table whose columns stand under one another, all but the first to the right.
fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        rows.iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
            .max(3)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for (number, row) in rows.iter().enumerate() {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let padding = " ".repeat(width - cell.chars().count());
            let _ = if column == 0 {
                write!(text, "| {cell}{padding} ")
            } else {
                write!(text, "| {padding}{cell} ")
            };
        }
        text += "|\n";
        if number == 0 {
            for (column, width) in widths.iter().enumerate() {
                let dashes = "-".repeat(width - 1);
                let _ = if column == 0 {
                    write!(text, "| {dashes}- ")
                } else {
                    write!(text, "| {dashes}: ")
                };
            }
            text += "|\n";
        }
    }
    text
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
