//! Everything, on each database, at each scale and with each number of connections.
//!
//! It takes hours, so that what fails is told as a bar that is missed, and the rest goes on.

use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::kept::Acknowledged;
use crate::options::Options;
use crate::place::{self, Kind, Place};
use crate::postgres::Cluster;
use crate::report::{Cell, Failure, Processes, Report};
use crate::row::Row;
use crate::scenario::{self, Group, Scenario};
use crate::server::{self, Servers};
use crate::{Outcome, generator, kept, overload, people, pgbench_scenarios};

/// Runs everything; true when every bar was cleared.
pub fn measure(options: &Options) -> Outcome<bool> {
    let folder = place::folder()?;
    let on_postgres = options.databases.contains(&Kind::Postgres);
    let start = || Cluster::start(options.postgres.as_deref(), &folder);
    let cluster = on_postgres.then(start).transpose()?;
    let mut report = Report::new(options, &place::file_system(&folder)?, cluster.as_ref());
    for &kind in &options.databases {
        for &scale in &options.scales {
            let cluster = cluster.as_ref().filter(|_| kind == Kind::Postgres);
            let done = Place::prepare(cluster, scale, options.drafts())
                .and_then(|place| cell(&place, cluster, options, &mut report));
            if let Err(error) = done {
                report.fail(format!("{kind} with {scale}"), &*error);
            }
            // What was measured stays when the run is stopped.
            report.write(&folder)?;
        }
    }
    println!("{}", report.markdown());
    Ok(report.passed())
}

/// One database of one scale.
fn cell(
    place: &Place,
    cluster: Option<&Cluster>,
    options: &Options,
    report: &mut Report,
) -> Outcome<()> {
    let people = people::find(&mut place.open()?)?;
    let (serve, demo) = (server::idle_serve(place)?, server::idle_demo()?);
    let servers = Servers::start(place, options)?;
    let mut groups = scenario::groups(&servers, &people, place, options.beside.is_some())?;
    scenario::check_same_answer(&groups, &servers)?;
    if let Some(cluster) = cluster {
        pgbench_scenarios::add(&mut groups, cluster, place, &people)?;
    }

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (rows, failures) = runtime.block_on(scenarios(place, &servers, &groups, options))?;
    let (acknowledged, whole) = (Acknowledged::of(&rows)?, failures.is_empty());
    let processes = Processes { kind: place.kind, scale: place.scale, serve, demo };
    report.add(Cell { rows, failures, processes });
    // What was measured stays, whatever the checks and the flood come to.
    report.write(place.folder())?;

    let whose = |what: &str| format!("{what}, {} with {}", place.kind, place.scale);
    // What a scenario that failed has left in the database is not known.
    if whole && let Err(error) = kept::check(place, &acknowledged) {
        report.fail(whose("what was acknowledged"), &*error);
    }
    let mut floods = Vec::new();
    if options.wants(overload::NAME) {
        eprintln!("{} {}: {}", place.kind, place.scale, overload::NAME);
        let neighbour = people.neighbour;
        let flood = overload::measure(place, &servers, &groups, neighbour, options, &mut floods);
        if let Err(error) = runtime.block_on(flood) {
            report.fail(whose(overload::NAME), &*error);
        }
    }
    report.add_floods(floods);
    report.add_memory(place, servers.memory()?);
    Ok(())
}

/// Every group with every number of connections, and what failed.
async fn scenarios(
    place: &Place,
    servers: &Servers,
    groups: &[Group],
    options: &Options,
) -> Outcome<(Vec<Row>, Vec<Failure>)> {
    let bar = bar(groups, options)?;
    let (mut rows, mut failures) = (Vec::new(), Vec::new());
    for group in groups {
        for &connections in &options.connections {
            let at = At { place, connections, options, servers, bar: &bar };
            let (measured, failed) = at.rounds(group).await;
            rows.extend(measured);
            failures.extend(failed);
        }
    }
    bar.finish_and_clear();
    Ok((rows, failures))
}

fn bar(groups: &[Group], options: &Options) -> Outcome<ProgressBar> {
    let scenarios = groups.iter().flat_map(|group| &group.scenarios);
    let wanted = scenarios.filter(|scenario| options.wants(scenario.name)).count();
    let rounds = wanted * options.connections.len() * (options.rounds + 1);
    let bar = ProgressBar::new(u64::try_from(rounds)?);
    bar.set_style(ProgressStyle::with_template(
        "{msg:60} {bar:30} {pos}/{len} rounds, {eta} left",
    )?);
    Ok(bar)
}

/// Where a group runs, and with how many connections.
struct At<'a> {
    place: &'a Place,
    connections: usize,
    options: &'a Options,
    servers: &'a Servers,
    bar: &'a ProgressBar,
}

impl At<'_> {
    /// The rounds of one group: every scenario once, in turn, as often as asked for. Every second
    /// round runs backwards, so that no scenario always follows the same other one. One that fails is left out from
    /// then on, and is no row.
    async fn rounds(&self, group: &Group) -> (Vec<Row>, Vec<Failure>) {
        let wanted = |scenario: &&Scenario| self.options.wants(scenario.name);
        let scenarios: Vec<&Scenario> = group.scenarios.iter().filter(wanted).collect();
        let row = |scenario: &&Scenario| Row::new(scenario, self.place, self.connections);
        let mut rows: Vec<Row> = scenarios.iter().map(row).collect();
        let mut failed: BTreeMap<&str, String> = BTreeMap::new();
        for round in 0..=self.options.rounds {
            let mut turn: Vec<_> = scenarios.iter().zip(&mut rows).collect();
            if round % 2 == 1 {
                turn.reverse();
            }
            turn.retain(|(scenario, _)| !failed.contains_key(scenario.name));
            for (scenario, row) in turn {
                // The first round fills caches and is thrown away, but not its errors and effects.
                if let Err(error) = self.round(scenario, row, round > 0).await {
                    self.bar.suspend(|| eprintln!("{} failed: {error}", scenario.name));
                    failed.insert(scenario.name, error.to_string());
                }
            }
        }
        rows.retain(|row| !failed.contains_key(row.name));
        (rows, failed.into_iter().map(|(name, why)| self.failure(name, why)).collect())
    }

    fn failure(&self, name: &str, why: String) -> Failure {
        let (Place { kind, scale, .. }, connections) = (self.place, self.connections);
        Failure { what: format!("{name}, {kind} with {scale}, {connections} connections"), why }
    }

    async fn round(&self, scenario: &Scenario, row: &mut Row, counts: bool) -> Outcome<()> {
        let Place { kind, scale, .. } = self.place;
        let (name, connections) = (scenario.name, self.connections);
        self.bar.set_message(format!("{kind} {scale}: {name} × {connections}"));
        let addresses = self.servers.addresses(scenario.server);
        self.servers.forget_peak(scenario.server);
        let before = self.servers.cpu(scenario.server)?;
        let length = Duration::from_secs_f64(self.options.seconds);
        let heard = match &scenario.pgbench {
            Some(bench) => bench.run(connections, length)?,
            None => generator::run(scenario, &addresses, connections, length).await?,
        };
        let cpu = self.servers.cpu(scenario.server)?.saturating_sub(before);
        row.add(heard, cpu, self.servers.peak(scenario.server)?, counts);
        self.bar.inc(1);
        Ok(())
    }
}
