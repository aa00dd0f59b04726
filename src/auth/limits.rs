//! How many requests a credential may send, and a practice together.
//!
//! A credential is a person with an app, whatever token they show. Each has a budget that is used up by requests and
//! fills again with time (GCRA, by `governor`); what is left of it stands in every answer. That of the practice is never
//! shown: it is made of what everybody else does.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant as Moment};

use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use super::token::Claims;
use crate::clock::Clock;
use crate::db::id::PracticeId;
use crate::error::{Error, Result};

/// The window in which a budget fills.
const WINDOW_SECONDS: u32 = 60;
/// How much longer than it was told somebody waits at the most who asks again too soon.
const SPREAD: Duration = Duration::from_millis(500);

/// Requests a minute; none, where there is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Of one person with one app.
    pub credential: Option<NonZeroU32>,
    /// Of everybody of a practice together.
    pub practice: Option<NonZeroU32>,
}

/// What is left of a credential's budget, for the headers of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Requests a minute.
    pub quota: u32,
    /// Requests that may follow at once.
    pub left: u32,
    /// Seconds until the budget is whole again.
    pub whole_in: u32,
}

impl Budget {
    fn of(quota: NonZeroU32, left: u32) -> Self {
        let used = u64::from(quota.get().saturating_sub(left));
        let seconds = (used * u64::from(WINDOW_SECONDS)).div_ceil(u64::from(quota.get()));
        Self {
            quota: quota.get(),
            left,
            whole_in: u32::try_from(seconds).unwrap_or(WINDOW_SECONDS),
        }
    }

    /// The value of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).
    #[must_use]
    pub fn policy(&self) -> String {
        format!("\"credential\";q={};w={WINDOW_SECONDS}", self.quota)
    }

    /// The value of `RateLimit`.
    #[must_use]
    pub fn state(&self) -> String {
        format!("\"credential\";r={};t={}", self.left, self.whole_in)
    }
}

/// Whose budget was used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exceeded {
    /// The caller's own.
    Credential,
    /// That of the whole practice.
    Practice,
}

impl Exceeded {
    /// The word of the metrics' label.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Practice => "practice",
        }
    }
}

/// What became of a request at the limits.
#[derive(Debug)]
pub(super) struct Admission {
    /// The credential's budget after it.
    pub(super) budget: Option<Budget>,
    /// Whose was used up, and in how many seconds another request can pass.
    pub(super) refused: Option<(Exceeded, u16)>,
}

/// The machine's steady clock in production; the service's own in tests and demos, which may be set back: here time
/// stands still then, since budgets that were used up later would stay so.
#[derive(Clone, Debug)]
struct Ticks {
    clock: Clock,
    started: Moment,
    latest: Arc<AtomicU64>,
}

impl governor::clock::Clock for Ticks {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let clock = match &self.clock {
            Clock::System => return Nanos::from(self.started.elapsed()),
            clock => u64::try_from(clock.now().micros()).unwrap_or(0),
        };
        let before = self.latest.fetch_max(clock, Ordering::Relaxed);
        Nanos::from(Duration::from_micros(clock.max(before)))
    }
}

type Limiter<K> = RateLimiter<K, DashMapStateStore<K>, Ticks, StateInformationMiddleware>;

/// The budgets of all credentials and practices, and who was refused just now, in this process.
///
/// Several replicas have a budget each: to keep one in the database would cost every read a write.
#[derive(Clone, Debug)]
pub struct Limits {
    ticks: Ticks,
    credential: Option<(NonZeroU32, Arc<Limiter<String>>)>,
    practice: Option<Arc<Limiter<PracticeId>>>,
    /// Of a credential whose reads, or whose writes, were refused: when it may ask again.
    ask_again_at: Arc<Mutex<HashMap<(String, bool), Moment>>>,
}

impl Limits {
    /// Budgets that are whole.
    #[must_use]
    pub fn new(rates: Rates, clock: &Clock) -> Self {
        let ticks = Ticks { clock: clock.clone(), started: Moment::now(), latest: Arc::default() };
        let credential = rates.credential.map(|rate| (rate, Arc::new(limiter(rate, &ticks))));
        let practice = rates.practice.map(|rate| Arc::new(limiter(rate, &ticks)));
        Self { ticks, credential, practice, ask_again_at: Arc::default() }
    }

    /// Takes a request from both budgets, from the practice's only if the credential's had one left.
    pub(super) fn admit(&self, claims: &Claims, practice: PracticeId) -> Admission {
        let mut budget = None;
        if let Some((rate, limiter)) = &self.credential {
            match limiter.check_key(&credential_of(claims)) {
                Ok(state) => budget = Some(Budget::of(*rate, state.remaining_burst_capacity())),
                Err(until) => {
                    let seconds = whole_seconds(until.wait_time_from(self.ticks.now()));
                    return Admission {
                        budget: Some(Budget::of(*rate, 0)),
                        refused: Some((Exceeded::Credential, seconds)),
                    };
                }
            }
        }
        let refused = self.practice.as_ref().and_then(|limiter| {
            let until = limiter.check_key(&practice).err()?;
            Some((Exceeded::Practice, whole_seconds(until.wait_time_from(self.ticks.now()))))
        });
        Admission { budget, refused }
    }

    /// Keeps in mind that a credential's read or write found no place before the database, until when it was told to
    /// wait. A time that still runs is not moved: whoever waits for it is not to wait again.
    pub(super) fn remember_refusal(&self, claims: &Claims, writes: bool, seconds: u16) {
        let now = Moment::now();
        let until = now + Duration::from_secs(seconds.into());
        let mut all = self.ask_again_at();
        let kept = all.entry((credential_of(claims), writes)).or_insert(until);
        if *kept <= now {
            *kept = until;
        }
    }

    /// Lets a credential that asks before the time it was told wait for it, and up to [`SPREAD`] more, so that all who
    /// were refused together do not ask again together. To refuse it again at once was rejected: a caller that asks
    /// without end costs as much as one that is answered, and others pay for it.
    pub(super) async fn wait_out_refusal(&self, claims: &Claims, writes: bool) {
        let until = {
            let mut all = self.ask_again_at();
            if all.is_empty() {
                return;
            }
            let key = (credential_of(claims), writes);
            let Some(until) = all.get(&key).copied() else { return };
            if until <= Moment::now() {
                all.remove(&key);
                return;
            }
            until
        };
        // Without chance all wait as long, and come back together.
        let share = getrandom::u32().unwrap_or_default();
        let more = SPREAD.mul_f64(f64::from(share) / f64::from(u32::MAX));
        tokio::time::sleep_until((until + more).into()).await;
    }

    fn ask_again_at(&self) -> MutexGuard<'_, HashMap<(String, bool), Moment>> {
        self.ask_again_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets budgets that are whole, and times that are over.
    pub(crate) fn sweep(&self) {
        let now = Moment::now();
        self.ask_again_at().retain(|_, until| *until > now);
        if let Some((_, limiter)) = &self.credential {
            limiter.retain_recent();
        }
        if let Some(limiter) = &self.practice {
            limiter.retain_recent();
        }
    }
}

impl Admission {
    /// Whose budget was used up, for the metrics.
    pub(super) fn exceeded(&self) -> Option<Exceeded> {
        self.refused.map(|(whose, _)| whose)
    }

    /// The problem of a request that was one too many.
    pub(super) fn into_result(self) -> Result<()> {
        match self.refused {
            None => Ok(()),
            Some((_, seconds)) => Err(Error::rate_limited(seconds)),
        }
    }
}

/// A person with an app, whatever token they show.
pub(super) fn credential_of(claims: &Claims) -> String {
    format!("{}\n{}", claims.sub, claims.client_id)
}

fn limiter<K: std::hash::Hash + Eq + Clone>(rate: NonZeroU32, ticks: &Ticks) -> Limiter<K> {
    RateLimiter::new(Quota::per_minute(rate), DashMapStateStore::default(), ticks.clone())
}

fn whole_seconds(wait: Duration) -> u16 {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    u16::try_from(seconds.max(1)).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests;
