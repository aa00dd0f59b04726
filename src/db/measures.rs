//! What the executor measures of itself.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// Which threads: `read` and `write` on SQLite, `all` on PostgreSQL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLane {
    lane: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Why {
    reason: &'static str,
}

/// Why a unit was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    QueueFull,
    Waited,
    Unreachable,
    Stopped,
}

impl Refused {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::Waited => "waited",
            Self::Unreachable => "unreachable",
            Self::Stopped => "stopped",
        }
    }
}

/// How a lane stands at one moment.
pub(super) struct LaneView {
    pub(super) lane: &'static str,
    pub(super) threads: usize,
    /// Units that wait for one of them.
    pub(super) waiting: usize,
}

/// Counters and histograms of the executor. Cloning shares them.
#[derive(Clone, Debug)]
pub(super) struct Measures {
    wait: Family<OfLane, Histogram, fn() -> Histogram>,
    unit: Family<OfLane, Histogram, fn() -> Histogram>,
    busy: Family<OfLane, Gauge>,
    group: Histogram,
    refused: Family<Why, Counter>,
}

/// Those of one lane.
#[derive(Clone, Debug)]
pub(super) struct LaneMeasures {
    pub(super) wait: Histogram,
    pub(super) unit: Histogram,
    pub(super) busy: Gauge,
    all: Measures,
}

/// From a quarter of a millisecond to eight seconds, each twice the one before.
fn seconds() -> Histogram {
    Histogram::new(exponential_buckets(0.000_25, 2.0, 16))
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            wait: Family::new_with_constructor(seconds),
            unit: Family::new_with_constructor(seconds),
            busy: Family::default(),
            group: Histogram::new(exponential_buckets(1.0, 2.0, 11)),
            refused: Family::default(),
        }
    }
}

impl Measures {
    pub(super) fn of_lane(&self, lane: &'static str) -> LaneMeasures {
        let label = OfLane { lane };
        LaneMeasures {
            wait: self.wait.get_or_create_owned(&label),
            unit: self.unit.get_or_create_owned(&label),
            busy: self.busy.get_or_create_owned(&label),
            all: self.clone(),
        }
    }

    pub(super) fn refuse(&self, why: Refused) {
        self.refused.get_or_create(&Why { reason: why.reason() }).inc();
    }

    /// Shows them, and how the lanes stand, under the names of `docs/reference/metrics.md`.
    pub(super) fn register(&self, lanes: &[LaneView], registry: &mut Registry) {
        let (waiting, threads) = (Family::default(), Family::default());
        for view in lanes {
            set(&waiting, view.lane, view.waiting);
            set(&threads, view.lane, view.threads);
        }
        registry.register(
            "database_queue_length",
            "Units of work that wait for a database thread",
            waiting,
        );
        registry.register("database_threads", "Database threads", threads);
        registry.register(
            "database_wait_seconds",
            "Time that units of work waited for a database thread",
            self.wait.clone(),
        );
        registry.register(
            "database_unit_seconds",
            "Time that units of work took; on SQLite's writer without the commit that several share",
            self.unit.clone(),
        );
        registry.register("database_threads_busy", "Database threads at work", self.busy.clone());
        registry.register(
            "commit_group_size",
            "SQLite: writes that shared one commit",
            self.group.clone(),
        );
        registry.register(
            "database_refused",
            "Units of work that were not begun and answered 503",
            self.refused.clone(),
        );
    }
}

fn set(family: &Family<OfLane, Gauge>, lane: &'static str, number: usize) {
    let number = i64::try_from(number).unwrap_or(i64::MAX);
    family.get_or_create(&OfLane { lane }).set(number);
}

impl LaneMeasures {
    pub(super) fn refuse(&self, why: Refused) {
        self.all.refuse(why);
    }

    pub(super) fn observe_group(&self, size: usize) {
        self.all.group.observe(u32::try_from(size).map_or(f64::INFINITY, f64::from));
    }
}
