//! The load program: `cargo bench --bench load`.
//!
//! It starts the release binary as it is run in production, and beside it a process of bare
//! handlers that do the same work with nothing around it; sends both the same requests in
//! rounds that take turns; and prints what came of it, with the bars that it has to clear.
//! `docs/reference/performance.md` says what each scenario is and holds the last report.
//!
//! Everything happens on loopback and under `target/bench`, with a database on disk.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on says so by failing"
)]

mod bare_homework;
mod bars;
mod generator;
mod homework;
mod homework_scenarios;
mod place;
mod record;
mod record_scenarios;
mod records;
mod reference;
mod report;
mod scenario;
mod server;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use indicatif::{ProgressBar, ProgressStyle};

use self::place::Place;
use self::report::{Processes, Report, Row};
use self::scenario::{Group, Scenario};
use self::server::Servers;

/// What everything here can fail with: a sentence for whoever ran it.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Measures the service against the limit of the same machine in the same run.
#[derive(Debug, Parser)]
struct Options {
    /// Keep-alive connections; several numbers measure everything once with each.
    #[arg(long, value_delimiter = ',', default_value = "32")]
    connections: Vec<usize>,
    /// Rounds of each scenario.
    #[arg(long, default_value_t = 7)]
    rounds: usize,
    /// Seconds of one round.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// Clients in the table.
    #[arg(long, default_value_t = 100_000)]
    clients: u32,
    /// Check-ins in the table.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=homework::MOST_SUBMISSIONS))]
    submissions: u64,
    /// Drafts of notes in the table, of which each can be signed once.
    #[arg(long, default_value_t = 40_000)]
    drafts: u64,
    /// Only scenarios whose name contains this, or one of these.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
    /// Connections of the r2d2 pool.
    #[arg(long, default_value_t = 10)]
    pool: u32,
    /// What the service logs.
    #[arg(long, default_value = "info")]
    log: String,
    /// Another build of the service, to be measured in the same rounds.
    #[arg(long)]
    beside: Option<PathBuf>,
    /// Serve the bare handlers on this database: how the program starts its own child.
    #[arg(long, hide = true, requires = "listen")]
    reference: Option<PathBuf>,
    #[arg(long, hide = true)]
    listen: Option<SocketAddr>,
    /// `cargo bench` says this to every program that it runs.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let done = match (&options.reference, options.listen) {
        (Some(database), Some(listen)) => {
            reference::serve(database, listen, options.pool).map(|()| true)
        }
        _ => measure(&options),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("load: {error}");
            ExitCode::from(2)
        }
    }
}

/// Runs everything; true when every bar was cleared.
fn measure(options: &Options) -> Outcome<bool> {
    let place = Place::prepare(options.clients, options.submissions, options.drafts)?;
    let people = place::people(&place.database())?;
    let (serve, demo) = (server::idle_serve(&place)?, server::idle_demo()?);
    let servers = Servers::start(&place, options)?;
    let groups = scenario::groups(&servers, &people, &place, options.beside.is_some())?;
    scenario::check_same_answer(&groups)?;

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let mut rows = Vec::new();
    for &connections in &options.connections {
        for group in &groups {
            rows.extend(runtime.block_on(rounds(group, connections, options, &servers))?);
        }
    }
    place.check_kept(&rows)?;
    let processes = Processes { serve, demo, loaded: servers.memory()? };
    let report = Report::new(options, &place, rows, &processes);
    report.write(place.folder())?;
    println!("{}", report.markdown());
    Ok(report.passed())
}

/// The rounds of one group: every scenario once, in turn, as often as asked for. Every second
/// round runs backwards, so that no scenario always follows the same other one.
async fn rounds(
    group: &Group,
    connections: usize,
    options: &Options,
    servers: &Servers,
) -> Outcome<Vec<Row>> {
    let wanted = |scenario: &&Scenario| {
        let only = &options.only;
        only.is_empty() || only.iter().any(|part| scenario.name.contains(part))
    };
    let scenarios: Vec<&Scenario> = group.scenarios.iter().filter(wanted).collect();
    let mut rows: Vec<Row> =
        scenarios.iter().map(|scenario| Row::new(scenario, group.name, connections)).collect();
    let length = Duration::from_secs_f64(options.seconds);
    let bar = ProgressBar::new(u64::try_from((options.rounds + 1) * scenarios.len())?);
    bar.set_style(ProgressStyle::with_template(
        "{msg:40} {bar:30} {pos}/{len} rounds, {eta} left",
    )?);
    for round in 0..=options.rounds {
        let mut turn: Vec<_> = scenarios.iter().zip(&mut rows).collect();
        if round % 2 == 1 {
            turn.reverse();
        }
        for (scenario, row) in turn {
            bar.set_message(format!("{} × {connections}", scenario.name));
            let before = servers.cpu(scenario.server)?;
            let heard = generator::run(scenario, connections, length).await?;
            let cpu = servers.cpu(scenario.server)?.saturating_sub(before);
            // The first round fills caches and is thrown away, but not its errors and effects.
            row.add(heard, cpu, round > 0);
            bar.inc(1);
        }
    }
    bar.finish_and_clear();
    Ok(rows)
}
