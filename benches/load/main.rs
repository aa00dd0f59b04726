//! The load program: `cargo bench --bench load`.
//!
//! It starts the release binary as it is run in production, and beside it a process of bare
//! handlers that do the same work with nothing around it; sends both the same requests in
//! rounds that take turns, on each database, at each scale and with each number of connections;
//! and prints what came of it, with the bars that it has to clear.
//! `docs/reference/performance.md` says what each scenario is and holds the last report.
//!
//! Everything happens on loopback and under `target/bench`, with databases on disk.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a measurement that cannot go on says so by failing"
)]

mod bare_homework;
mod bare_record;
mod bars;
mod client_scenarios;
mod generator;
mod homework_scenarios;
mod kept;
mod matrix;
mod mixed;
mod options;
mod overload;
mod page_scenarios;
mod people;
mod pgbench;
mod pgbench_scenarios;
mod place;
mod plots;
mod postgres;
mod record;
mod record_scenarios;
mod records;
mod reference;
mod report;
mod row;
mod scenario;
mod server;
mod statements;
mod table;

use std::process::ExitCode;

use clap::Parser;

use self::options::Options;

/// As in the service, so that the bare handlers have what it has.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What everything here can fail with: a sentence for whoever ran it.
type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let options = Options::parse().settled();
    let done = match (&options.reference, options.listen) {
        (Some(database), Some(listen)) => {
            reference::serve(database, listen, options.pool).map(|()| true)
        }
        _ => matrix::measure(&options),
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
