//! Non-interference: what partner B can observe is byte for byte the same, whatever partner A does in private.
//!
//! Each pair is two services with databases and clocks alike. The same generated story is told in both; in
//! the second, private acts of A, or of the practice about A alone, stand between its steps. After each of
//! them B reads, and both answers are compared whole: status, every header, body. `docs/reference/proofs.md`
//! says what is read when, and what shows that the comparison sees anything.
//!
//! `ATTUNE_PAIRS=N` compares N pairs, `ATTUNE_PAIRS_AT_ONCE=N` so many at a time, `ATTUNE_PAIRS_SEED=S` one pair,
//! that of the seed S; `ATTUNE_WHOLE_PAIRS=N` so many of those in which everything is read after each step. A story
//! in which B notices something is shortened before it is printed, by `ATTUNE_PAIRS_CUTS=N` tries at the most.

mod forms;
mod pair;
mod private;
mod programs;
mod reader;
mod seen;
mod shared;
pub mod surface;
mod tale;
mod world;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use self::pair::{Depth, Outcome, Step, run};
use self::private::KINDS;
use self::tale::Act;
use crate::support::database::on_postgres;

/// The seed of the first pair.
const FIRST: u64 = 1;
/// How often a story is cut shorter before it is printed.
const MOST_CUTS: u64 = 40;
const DEPTH: Depth =
    Depth { steps: 6, after_private: 3, after_shared: 1, at_the_end: 25, attempts: 12 };
/// Everything that there is to ask, after each step.
const WHOLE: Depth = Depth {
    steps: 6,
    after_private: usize::MAX,
    after_shared: usize::MAX,
    at_the_end: usize::MAX,
    attempts: usize::MAX,
};

#[test]
fn a_partner_observes_the_same_whatever_the_other_does_in_private() {
    let usual = if on_postgres() { 50 } else { 500 };
    let seeds = match number("ATTUNE_PAIRS_SEED") {
        Some(seed) => seed..seed + 1,
        None => FIRST..FIRST + number("ATTUNE_PAIRS").unwrap_or(usual),
    };
    let total = compare(seeds.clone(), DEPTH);
    // Where the story has ended so that there is no page, nothing is compared. That must stay the lesser part of it: a
    // page that nobody reads any more would be the same for both too.
    if seeds.end - seeds.start >= 50 {
        let pages = 2 * total.pairs;
        assert!(total.alike * 2 >= pages, "{} of {pages} dashboards compared", total.alike);
        let [tried, done] = total.tried;
        assert!(done * 20 >= tried, "{done} of {tried} writes of B at the end succeeded");
        assert!(total.weekly > 0, "no weekly quota was answered");
        let parting = total.parting;
        assert!(parting * 8 >= total.pairs, "{parting} of {} parting", total.pairs);
        assert!(total.led * 6 >= total.pairs, "{} of {} with a programme", total.led, total.pairs);
    }
    if seeds.end - seeds.start >= 500 {
        let missing: Vec<&str> = KINDS
            .iter()
            .map(|kind| kind.name)
            .filter(|name| !total.kinds.contains_key(name))
            .collect();
        assert!(missing.is_empty(), "never done: {missing:?}");
    }
}

/// Few stories, and after each step of them all that B's token can reach.
#[test]
fn a_partner_observes_the_same_whatever_they_ask_after_each_step() {
    // The third of them has sexual homework, and the fourth a programme.
    let seeds = match number("ATTUNE_WHOLE_PAIRS") {
        Some(pairs) => FIRST..FIRST + pairs,
        // One with both.
        None if on_postgres() => 12..13,
        None => FIRST..FIRST + 4,
    };
    let total = compare(seeds, WHOLE);
    assert!(total.comparisons > 100 * total.steps, "{} of {}", total.comparisons, total.steps);
}

#[derive(Default)]
struct Total {
    pairs: usize,
    steps: usize,
    comparisons: usize,
    requests: usize,
    bytes: usize,
    kinds: BTreeMap<&'static str, usize>,
    alike: usize,
    led: usize,
    parting: usize,
    weekly: usize,
    tried: [usize; 2],
    /// The first pair in which B could tell the worlds apart.
    found: Option<(u64, Outcome)>,
}

/// All pairs of these seeds, some at a time; every so often it says how far it has come. Fails with the shortest story
/// found in which B notices something.
fn compare(seeds: std::ops::Range<u64>, depth: Depth) -> Total {
    let begun = Instant::now();
    let total = all_pairs(&seeds, depth);
    total.print(&seeds, begun);
    if let Some((seed, outcome)) = &total.found {
        let told = actix_web::rt::System::new().block_on(shortest(*seed, outcome, depth));
        panic!("{told}");
    }
    total
}

fn all_pairs(seeds: &std::ops::Range<u64>, depth: Depth) -> Total {
    let (next, total) = (AtomicU64::new(seeds.start), Mutex::new(Total::default()));
    std::thread::scope(|scope| {
        for _ in 0..number("ATTUNE_PAIRS_AT_ONCE").unwrap_or(2) {
            scope.spawn(|| {
                actix_web::rt::System::new().block_on(async {
                    let mut worlds = None;
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= seeds.end || total.lock().unwrap().found.is_some() {
                            return;
                        }
                        let outcome = run(&mut worlds, seed, None, depth).await;
                        let mut total = total.lock().unwrap();
                        total.add(seed, outcome);
                        if total.pairs.is_multiple_of(250) {
                            println!("{} pairs of {}", total.pairs, seeds.end - seeds.start);
                        }
                    }
                });
            });
        }
    });
    total.into_inner().unwrap()
}

impl Total {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.pairs += 1;
        self.steps += outcome.shared;
        self.comparisons += outcome.reader.comparisons;
        self.requests += outcome.reader.requests;
        self.bytes += outcome.reader.bytes;
        self.alike += outcome.alike;
        self.led += usize::from(outcome.led);
        self.parting += usize::from(outcome.parting);
        self.weekly += usize::from(outcome.weekly);
        for (all, of_one) in self.tried.iter_mut().zip(outcome.tried) {
            *all += of_one;
        }
        for (name, count) in &outcome.kinds {
            *self.kinds.entry(name).or_default() += count;
        }
        if outcome.finding().is_some() && self.found.is_none() {
            self.found = Some((seed, outcome));
        }
    }

    fn print(&self, seeds: &std::ops::Range<u64>, begun: Instant) {
        for kind in KINDS {
            println!("{:6} × {}", self.kinds.get(kind.name).unwrap_or(&0), kind.name);
        }
        let private: usize = self.kinds.values().sum();
        let differing = self.found.as_ref().map_or(0, |(_, outcome)| outcome.reader.findings.len());
        println!(
            "interference: seeds {} to {}: {} pairs, {} steps in both worlds, {private} private acts of {} kinds, \
             {} answers to B compared ({} requests), {} bytes, {differing} differing, \
             {} dashboards alike for A and B, {} couples led by a programme, {} parting, {} with a quota answered, \
             {} of {} writes tried at the end done, {:.0} s",
            seeds.start,
            seeds.end - 1,
            self.pairs,
            self.steps,
            self.kinds.len(),
            self.comparisons,
            self.requests,
            self.bytes,
            self.alike,
            self.led,
            self.parting,
            self.weekly,
            self.tried[1],
            self.tried[0],
            begun.elapsed().as_secs_f64()
        );
    }
}

/// The shortest story found that still tells the worlds apart, in words.
async fn shortest(seed: u64, outcome: &Outcome, depth: Depth) -> String {
    let (mut steps, mut found) = (outcome.steps.clone(), outcome.finding().cloned());
    let mut worlds = None;
    let cuts = number("ATTUNE_PAIRS_CUTS").unwrap_or(MOST_CUTS);
    for at in (0..steps.len()).rev().take(usize::try_from(cuts).unwrap()) {
        let mut fewer = steps.clone();
        match &mut fewer[at] {
            Step::Shared(act, _) => *act = Act::Nothing,
            Step::Private { .. } => drop(fewer.remove(at)),
        }
        let again = run(&mut worlds, seed, Some(&fewer), depth).await;
        if let Some(finding) = again.finding() {
            found = Some(finding.clone());
            steps = fewer;
        }
    }
    steps.retain(|step| !matches!(step, Step::Shared(Act::Nothing, _)));
    let story: Vec<String> = steps.iter().map(Step::to_string).collect();
    let finding =
        found.map(|one| format!("after: {}\nB asks: {}\n{}", one.after, one.asked, one.difference));
    format!(
        "B can tell the worlds of seed {seed} apart ({} answers differ; ATTUNE_PAIRS_SEED={seed} repeats it):\n\
         {}\n{}",
        outcome.reader.findings.len(),
        story.join("\n"),
        finding.unwrap_or_default()
    )
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().and_then(|text| text.parse().ok())
}
