//! `attune seed`: an empty database is filled, with a bar that says how far it has come.

use std::io::IsTerminal;
use std::time::Instant as Moment;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Outcome, Seed, boot, chores, say};
use crate::auth::token::Issuer;
use crate::clock::Clock;
use crate::config::DEFAULT_LISTEN;
use crate::db::migrate;
use crate::demo::Credentials;
use crate::seeding::{self, Filled, Wish};

const FEWEST: u64 = 100;
const MOST: u64 = 10_000_000;

/// Without a terminal a line is written whenever another tenth is done.
const TENTHS: u64 = 10;

/// Reads a number of submissions: `100000` or `1e5`.
pub(super) fn scale(text: &str) -> Result<u64, String> {
    let number = match text.split_once('e') {
        None => text.parse().ok(),
        Some((digits, power)) => {
            digits.parse::<u64>().ok().zip(power.parse().ok()).and_then(|(digits, power)| {
                10u64.checked_pow(power).and_then(|power| digits.checked_mul(power))
            })
        }
    };
    number
        .filter(|number| (FEWEST..=MOST).contains(number))
        .ok_or_else(|| format!("takes {FEWEST} to {MOST}, as 100000 or 1e5"))
}

pub(super) fn seed(command: &Seed) -> Outcome {
    migrate::run(command.storage.database()).map_err(|error| error.to_string())?;
    let (mut conn, keyring) = boot::open(&command.storage)?;
    let failed = |error: crate::error::Error| error.for_operator();
    if !seeding::is_empty(&mut conn).map_err(failed)? {
        return Err("the database is not empty, and only an empty one is filled: name another, or, where a run \
                    was stopped, remove this one and begin again"
            .to_owned());
    }
    let now = Clock::System.now();
    chores::ensure_signing_key(&mut conn, &keyring, now)?;
    let gate = boot::gate(&command.storage, keyring)?;
    let wish = Wish { submissions: command.scale, seed: command.drawn_from, now };
    let (begun, mut bar) = (Moment::now(), Bar::default());
    let mut progress = |what: &'static str, done, all| bar.show(what, done, all);
    let (filled, cast) = seeding::fill(&mut conn, &gate, wish, &mut progress).map_err(failed)?;
    bar.finish();
    let issuer = Issuer {
        url: command.identity.public_url(DEFAULT_LISTEN)?,
        audience: command.identity.audience.clone(),
    };
    let made =
        Credentials::mint(&mut conn, &gate, &issuer, &cast.logins, cast.ids, Clock::System.now())?;
    match &command.credentials {
        Some(path) => made.write(path)?,
        None => say(&serde_json::to_string_pretty(&made).map_err(|error| error.to_string())?)?,
    }
    say(&summary(&filled, &bar, begun.elapsed().as_secs_f64()))
}

fn summary(filled: &Filled, bar: &Bar, seconds: f64) -> String {
    let Filled { couples, submissions, notes, rows } = filled;
    let of_history = bar.seconds.max(0.001);
    let rate = |count: usize| real(count) / of_history;
    format!(
        "{couples} couples, {notes} sessions with signed notes and {submissions} submissions in {seconds:.1} s; \
         the history took {of_history:.1} s: {:.0} submissions/s, {:.0} rows/s of check-ins",
        rate(*submissions),
        rate(*rows),
    )
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// How far it has come: a bar on a terminal, and lines elsewhere.
#[derive(Default)]
struct Bar {
    what: &'static str,
    drawn: Option<ProgressBar>,
    begun: Option<Moment>,
    told: u64,
    /// How long the last stage has taken.
    seconds: f64,
}

impl Bar {
    fn show(&mut self, what: &'static str, done: u64, all: u64) {
        if self.what != what {
            self.finish();
            (self.what, self.told, self.begun) = (what, 0, Some(Moment::now()));
            self.drawn = std::io::stderr().is_terminal().then(|| drawn(what, all));
        }
        self.seconds = self.begun.map_or(0.0, |begun| begun.elapsed().as_secs_f64());
        if let Some(bar) = &self.drawn {
            bar.set_position(done);
        } else if done * TENTHS / all.max(1) > self.told {
            self.told = done * TENTHS / all.max(1);
            tracing::info!(done, all, "{what}");
        }
    }

    fn finish(&mut self) {
        if let Some(bar) = self.drawn.take() {
            bar.finish_and_clear();
        }
    }
}

fn drawn(what: &'static str, all: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(all), ProgressDrawTarget::stderr());
    let style = "{msg:12} {bar:40} {pos}/{len}, {per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.with_message(what)
}
