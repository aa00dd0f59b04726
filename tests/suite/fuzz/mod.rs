//! Whatever parses what comes from outside is given valid inputs that were spoiled, and what it makes of them is
//! judged: not only that nothing panics, but that nothing spoiled is taken for whole.
//!
//! The inputs are made by a small engine of our own (`spoil.rs`) out of valid ones: structure is what gets an input past
//! the first check. Coverage-guided fuzzing was rejected: libFuzzer asks for a nightly compiler and `bolero`, which brings
//! it, falls back on random bytes without one; proptest makes values and not spoiled texts of them. A target is a
//! function of bytes all the same, so that an engine with coverage can be put in this one's place.
//!
//!     ATTUNE_FUZZ_RUNS=1000000 cargo test --release --test suite fuzz -- --nocapture
//!
//! tries so many inputs of each target and says every few seconds how far it is; what goes through the service, with a
//! database, is tried a hundredth as often. `ATTUNE_SPOIL_SEED` makes other inputs. An input that fails is made as short
//! as it can be and printed.

mod answers;
mod bodies;
mod cursor;
mod definition;
mod envelope;
mod filters;
mod headers;
mod requests;
mod schedules;
mod spoil;
mod texts;
mod token;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use attune::http::Contract;
use attune::http::contract::Operation;

use crate::isolation::chance::Chance;
use crate::support::database::on_postgres;
use crate::support::document::Document;

/// The compiled document, once for all targets.
static CONTRACT: LazyLock<Contract> =
    LazyLock::new(|| Contract::compile(&Document::read().0).unwrap());

/// How a body of this operation is checked.
fn operation(method: &str, path: &str) -> &'static Operation {
    let mut all = CONTRACT.operations();
    let found = all.find(|(one, at, _)| one.as_str() == method && *at == path);
    found.unwrap_or_else(|| panic!("no {method} {path}")).2
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

/// Inputs of one target: as many as were asked for, else as many as the suite has time for.
fn runs(short: u64) -> u64 {
    number("ATTUNE_FUZZ_RUNS").unwrap_or(short)
}

/// The same of what goes through the service and its database.
fn runs_through_the_service(short: u64) -> u64 {
    number("ATTUNE_FUZZ_RUNS").map_or(short, |all| all.div_ceil(100))
}

/// Where the inputs of one target come from.
fn chance(target: &str) -> Chance {
    let name = target.bytes().fold(0_u64, |name, byte| name.wrapping_mul(31) + u64::from(byte));
    Chance::new(name ^ number("ATTUNE_SPOIL_SEED").unwrap_or(7))
}

/// Says how far a long run is.
struct Progress {
    target: &'static str,
    runs: u64,
    begun: Instant,
    said: Instant,
}

impl Progress {
    fn of(target: &'static str, runs: u64) -> Self {
        let now = Instant::now();
        Self { target, runs, begun: now, said: now }
    }

    fn at(&mut self, done: u64) {
        if self.said.elapsed() > Duration::from_secs(5) {
            self.said = Instant::now();
            let seconds = self.begun.elapsed().as_secs();
            println!("{}: {done} of {} inputs, {seconds} s", self.target, self.runs);
        }
    }
}

/// Tries a target that needs no database, in the run on SQLite alone. `make` spoils an input, `judge` tells whether it
/// was accepted, and fails when it should not have been.
///
/// Both must happen often: a target that refuses everything tries nothing but its first check.
fn hunt(
    target: &'static str,
    short: u64,
    mut make: impl FnMut(&mut Chance) -> Vec<u8>,
    judge: impl Fn(&[u8]) -> bool,
) {
    if on_postgres() {
        return;
    }
    let (runs, mut chance) = (runs(short), chance(target));
    let (mut progress, mut accepted) = (Progress::of(target, runs), 0_u64);
    let fails = |input: &[u8]| catch_unwind(AssertUnwindSafe(|| judge(input)));
    for done in 0..runs {
        let input = make(&mut chance);
        let Ok(taken) = fails(&input) else {
            let short = shortest(input, |input| fails(input).is_err());
            let text = String::from_utf8_lossy(&short).into_owned();
            panic!("{target}, input {done}: {text:?}, which is {short:?}");
        };
        accepted += u64::from(taken);
        progress.at(done);
    }
    println!(
        "{target}: {runs} inputs, {accepted} accepted, 0 panics, in {:?}",
        progress.begun.elapsed()
    );
    assert!(accepted > 0 && accepted < runs, "{target} accepts all or nothing");
}

/// A shorter input that fails as well: pieces of it are left out for as long as it does, the large ones first.
fn shortest(mut input: Vec<u8>, fails: impl Fn(&[u8]) -> bool) -> Vec<u8> {
    let (mut size, mut tries) = (input.len() / 2, 400);
    while size > 0 && tries > 0 {
        let mut at = 0;
        while at < input.len() && tries > 0 {
            let mut shorter = input.clone();
            shorter.drain(at..(at + size).min(input.len()));
            tries -= 1;
            if fails(&shorter) {
                input = shorter;
            } else {
                at += size;
            }
        }
        size /= 2;
    }
    input
}

/// The harness itself: what panics is caught and made short.
#[test]
fn an_input_that_fails_is_found_and_made_short() {
    let seeds = vec![b"a text in which no beast occurs".to_vec(), b"wolves, though".to_vec()];
    let mut chance = chance("itself");
    let bites = |input: &[u8]| input.windows(4).any(|window| window == b"wolf");
    let found =
        (0..10_000).map(|_| spoil::bytes(&mut chance, &seeds, &["wolf"])).find(|one| bites(one));
    assert_eq!(shortest(found.unwrap(), bites), b"wolf");
}
