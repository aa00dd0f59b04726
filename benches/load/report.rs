//! What came of it: a table, the bars and the pictures, as Markdown, JSON and SVG.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Serialize;

use crate::Outcome;
use crate::bars::{Bar, bars, of_failure, of_flood};
use crate::options::Options;
use crate::overload::Flood;
use crate::place::{Kind, Place};
use crate::plots;
use crate::postgres::Cluster;
use crate::row::Row;
use crate::server::{Idle, Memory};
use crate::table::{table, with_head};

const HEAD: [&str; 14] = [
    "Scenario",
    "Database",
    "Submissions",
    "Conn.",
    "req/s",
    "min",
    "max",
    "p50 ms",
    "p99 ms",
    "p99.9 ms",
    "CPU µs/req",
    "Peak MiB",
    "Errors",
    "To its limit",
];

const FLOOD: [&str; 12] = [
    "Overload",
    "Database",
    "Submissions",
    "Callers",
    "Peak req/s",
    "Offered req/s",
    "Good req/s",
    "Refused",
    "Errors",
    "Other practice alone",
    "and in the flood",
    "Recovered in s",
];

/// Everything that a run found.
#[derive(Debug, Serialize)]
pub struct Report {
    setting: String,
    rows: Vec<Row>,
    floods: Vec<Flood>,
    failures: Vec<Failure>,
    processes: Vec<(String, String)>,
    /// Idle memory of each database's service, in MiB.
    idle: Vec<f64>,
    bars: Vec<Bar>,
}

/// Something that could not be measured to its end, or did not keep its word.
#[derive(Debug, Serialize)]
pub struct Failure {
    /// What it was.
    pub what: String,
    /// The sentence that it ended with.
    pub why: String,
}

/// What was found on one database of one scale.
pub struct Cell {
    /// The scenarios.
    pub rows: Vec<Row>,
    /// Those that could not be measured.
    pub failures: Vec<Failure>,
    /// The processes.
    pub processes: Processes,
}

/// The processes of one database, apart from what they were asked.
pub struct Processes {
    /// The database.
    pub kind: Kind,
    /// How many submissions it holds.
    pub scale: u64,
    /// `attune serve` before any request.
    pub serve: Idle,
    /// `attune demo` before any request.
    pub demo: Idle,
}

impl Report {
    /// A report of nothing yet.
    pub fn new(options: &Options, file_system: &str, cluster: Option<&Cluster>) -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let build = if cfg!(debug_assertions) { "debug build, no figure to be told; " } else { "" };
        let server = match cluster {
            None => "",
            Some(cluster) if cluster.is_private() => {
                "PostgreSQL on the same cores and disk, `fsync` on, its processes in no column of CPU or memory; "
            }
            Some(_) => {
                "PostgreSQL on a server that was given, its processes in no column of CPU or memory; "
            }
        };
        let Options { rounds, seconds, pool, log, .. } = options;
        let setting = format!(
            "{build}{cores} cores, shared by service, bare handlers and load generator; SQLite on {file_system}, \
             `synchronous=FULL`; {server}{rounds} rounds of {seconds} s after one that is thrown away; pool of \
             {pool}; service logs at `{log}` to a file"
        );
        Self {
            setting,
            rows: Vec::new(),
            floods: Vec::new(),
            failures: Vec::new(),
            processes: Vec::new(),
            idle: Vec::new(),
            bars: Vec::new(),
        }
    }

    /// Adds what the scenarios of one database came to, and holds everything against the bars.
    pub fn add(&mut self, cell: Cell) {
        let Processes { kind, scale, serve, demo } = cell.processes;
        let start = |idle: Idle| format!("{} ms", idle.start.as_millis());
        let mut tell = |what: &str, found| {
            self.processes.push((format!("{what}, {kind} with {scale}"), found));
        };
        tell("`attune serve`, start to first 200", start(serve));
        tell("`attune serve`, idle memory", serve.memory.to_string());
        if self.idle.is_empty() {
            self.processes.push(("`attune demo`, start to first 200".to_owned(), start(demo)));
            self.processes.push(("`attune demo`, idle memory".to_owned(), demo.memory.to_string()));
        }
        self.idle.push(serve.memory.resident_mib());
        self.rows.extend(cell.rows);
        self.failures.extend(cell.failures);
        self.judge();
    }

    /// Adds what overload came to on one database.
    pub fn add_floods(&mut self, floods: Vec<Flood>) {
        self.floods.extend(floods);
        self.judge();
    }

    /// Adds the service's memory at the end of one database.
    pub fn add_memory(&mut self, place: &Place, loaded: Memory) {
        let Place { kind, scale, .. } = place;
        let what = format!("`attune serve`, memory after the run, {kind} with {scale}");
        self.processes.push((what, loaded.to_string()));
    }

    /// Adds a failure: a bar that is missed, whatever else was found.
    pub fn fail(&mut self, what: String, why: &dyn std::error::Error) {
        eprintln!("{what} failed: {why}");
        self.failures.push(Failure { what, why: why.to_string() });
        self.judge();
    }

    fn judge(&mut self) {
        self.bars = bars(&self.rows, &self.idle);
        self.bars.extend(self.floods.iter().flat_map(of_flood));
        self.bars.extend(self.failures.iter().map(of_failure));
    }

    /// True when every bar was cleared.
    pub fn passed(&self) -> bool {
        self.bars.iter().all(|bar| bar.cleared)
    }

    /// Writes `report.md`, `report.json` and the pictures.
    pub fn write(&self, folder: &Path) -> Outcome<()> {
        fs::write(folder.join("report.md"), self.markdown())?;
        fs::write(folder.join("report.json"), serde_json::to_string_pretty(self)?)?;
        for (name, picture) in plots::all(&self.rows)? {
            fs::write(folder.join(name), picture)?;
        }
        Ok(())
    }

    /// The whole report.
    pub fn markdown(&self) -> String {
        let rows = self.rows.iter().map(|row| self.line(row));
        let mut text = format!("{}.\n\n{}\n", self.setting, table(&with_head(&HEAD, rows)));
        for row in self.rows.iter().filter(|row| row.errors > 0) {
            let first = row.first_error.as_deref().unwrap_or_default();
            let (name, errors) = (row.name, row.errors);
            let _ = writeln!(text, "{name} failed {errors} times, first with:\n\n{first}\n");
        }
        if !self.floods.is_empty() {
            text += &table(&with_head(&FLOOD, self.floods.iter().map(flood)));
            text.push('\n');
        }
        for flood in self.floods.iter().filter(|flood| flood.errors > 0) {
            let first = flood.first_error.as_deref().unwrap_or_default();
            let _ = writeln!(text, "Overload: {} errors, first:\n\n{first}\n", flood.errors);
        }
        for Failure { what, why } in &self.failures {
            let _ = writeln!(text, "{what} failed:\n\n{why}\n");
        }
        let bars = self.bars.iter().map(|bar| {
            let word = if bar.cleared { "pass" } else { "FAIL" };
            vec![bar.what.clone(), bar.wanted.clone(), bar.found.clone(), word.to_owned()]
        });
        text += &table(&with_head(&["Bar", "Wanted", "Found", ""], bars));
        text.push('\n');
        let processes =
            self.processes.iter().map(|(what, found)| vec![what.clone(), found.clone()]);
        text += &table(&with_head(&["Process", "Found"], processes));
        text
    }

    fn line(&self, row: &Row) -> Vec<String> {
        let limit =
            self.rows.iter().find(|other| Some(other.name) == row.limit && other.is_beside(row));
        let peak = f64::from(u32::try_from(row.peak).unwrap_or(u32::MAX)) / 1024.0;
        vec![
            row.name.to_owned(),
            row.database.to_string(),
            row.scale.to_string(),
            row.connections.to_string(),
            format!("{:.0}", row.median(|round| round.per_second)),
            format!("{:.0}", row.extreme(f64::min)),
            format!("{:.0}", row.extreme(f64::max)),
            format!("{:.2}", row.median(|round| round.p50)),
            format!("{:.2}", row.median(|round| round.p99)),
            format!("{:.2}", row.median(|round| round.p999)),
            format!("{:.0}", row.median(|round| round.cpu_per_request)),
            format!("{peak:.0}"),
            row.errors.to_string(),
            limit.map_or_else(String::new, |limit| format!("{:.2}", row.ratio_to(limit))),
        ]
    }
}

fn flood(found: &Flood) -> Vec<String> {
    let [alone, _, beside] = found.neighbour;
    vec![
        format!("told to wait, {}", found.manner),
        found.database.to_string(),
        found.scale.to_string(),
        format!("{} to {}", found.callers.0, found.callers.1),
        format!("{:.0}", found.peak),
        format!("{:.0}", found.offered),
        format!("{:.0}", found.good),
        found.refused.to_string(),
        found.errors.to_string(),
        format!("{alone:.0}"),
        format!("{beside:.0}"),
        found.recovered_in.map_or_else(|| "not".to_owned(), |seconds| format!("{seconds:.1}")),
    ]
}
