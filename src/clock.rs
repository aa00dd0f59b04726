//! The time, injected: schedules, expiry and daylight saving can be tested, and a demo can
//! be moved forward.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::db::Instant;

/// Where "now" comes from. Cloning shares the clock.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's clock.
    System,
    /// A clock that stands still until it is moved. Holds microseconds since 1970.
    Manual(Arc<AtomicI64>),
    /// The machine's clock, so many microseconds ahead of it or behind: a demo's.
    Shifted(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that stands at this instant until it is moved.
    #[must_use]
    pub fn manual(at: Instant) -> Self {
        Self::Manual(Arc::new(AtomicI64::new(at.micros())))
    }

    /// A clock that shows this instant now, and goes on from there.
    #[must_use]
    pub fn from_now_on(at: Instant) -> Self {
        Self::Shifted(Arc::new(AtomicI64::new(at.micros() - Self::System.now().micros())))
    }

    /// The present, truncated to the microsecond that both databases keep.
    #[must_use]
    pub fn now(&self) -> Instant {
        match self {
            Self::System => jiff::Timestamp::now().into(),
            Self::Manual(micros) => Instant::from_micros(micros.load(Ordering::Relaxed)),
            Self::Shifted(micros) => {
                let machine = Self::System.now().micros();
                Instant::from_micros(machine + micros.load(Ordering::Relaxed))
            }
        }
    }

    /// Moves a clock forward that can be moved; the machine's does not listen.
    pub fn advance_seconds(&self, seconds: i64) {
        if let Self::Manual(micros) | Self::Shifted(micros) = self {
            micros.fetch_add(seconds.saturating_mul(1_000_000), Ordering::Relaxed);
        }
    }
}
