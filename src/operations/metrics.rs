//! What is counted, and how it is shown to Prometheus. `docs/reference/metrics.md` is the table of it.
//!
//! A label is one of a closed set: an operation of the document, a status, a lane. None holds an id, and none can.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric};
use prometheus_client::metrics::counter::{ConstCounter, Counter};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

use super::process;
use crate::app::Service;
use crate::db::Instant;

/// The media type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    operation: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfOperation {
    operation: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct By {
    by: &'static str,
}

/// Everything that is counted beside the database threads' own measures. Cloning shares the counters.
#[derive(Clone, Debug)]
pub struct Metrics {
    requests: Family<Answered, Counter>,
    seconds: Family<OfOperation, Histogram, fn() -> Histogram>,
    in_flight: Gauge,
    limited: Family<By, Counter>,
    /// Those of what happens without a request.
    pub worker: WorkerMetrics,
}

/// What the worker has done. Cloning shares the counters.
#[derive(Clone, Debug, Default)]
pub struct WorkerMetrics {
    rounds: Counter,
    made: Counter,
    failures: Counter,
    /// Microseconds since 1970 of the end of the last round, or of the first look at it.
    last_round: Arc<AtomicI64>,
}

/// A request that is being answered, counted until it is dropped: a caller who goes away ends it too.
#[derive(Debug)]
pub struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            requests: Family::default(),
            // From half a millisecond to sixteen seconds, each twice the one before.
            seconds: Family::new_with_constructor(|| {
                Histogram::new(exponential_buckets(0.000_5, 2.0, 16))
            }),
            in_flight: Gauge::default(),
            limited: Family::default(),
            worker: WorkerMetrics::default(),
        }
    }
}

impl Metrics {
    /// Counts a request for as long as it is kept.
    #[must_use]
    pub fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts an answer. `operation` is an `operationId` of the document, or none for a path outside it.
    pub fn answered(&self, operation: Option<&str>, status: u16, took: Duration) {
        let operation = operation.unwrap_or("none").to_owned();
        self.requests.get_or_create(&Answered { operation: operation.clone(), status }).inc();
        self.seconds.get_or_create(&OfOperation { operation }).observe(took.as_secs_f64());
    }

    /// Counts a request that was refused for being one too many, of a `credential` or of a `practice`.
    pub fn limited(&self, by: &'static str) {
        self.limited.get_or_create(&By { by }).inc();
    }

    /// All of it, as text.
    ///
    /// # Errors
    /// Never in practice: text is written to memory.
    pub fn text(&self, service: &Service) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry(service))?;
        Ok(text)
    }

    /// Made for each look at it: what it holds is shared, so that nothing has to be kept beside the service.
    fn registry(&self, service: &Service) -> Registry {
        let mut registry = Registry::default();
        registry.register_collector(Box::new(Process));
        let own = registry.sub_registry_with_prefix("attune");
        let database = if service.executor().serves_postgres() { "postgres" } else { "sqlite" };
        let build = Info::new([("version", env!("CARGO_PKG_VERSION")), ("database", database)]);
        own.register("build", "What is running", build);
        own.register("http_requests", "Answers, by operation and status", self.requests.clone());
        own.register(
            "http_request_seconds",
            "Time from a request's head to its answer, by operation",
            self.seconds.clone(),
        );
        own.register("http_requests_in_flight", "Requests being answered", self.in_flight.clone());
        own.register(
            "rate_limited",
            "Requests answered 429, by whose budget was used up",
            self.limited.clone(),
        );
        service.executor().register(own);
        self.worker.register(own, service.clock().now());
        registry
    }
}

impl WorkerMetrics {
    /// A round of the worker has ended, and every hold and call that was due is done.
    pub fn round(&self, now: Instant) {
        self.rounds.inc();
        self.last_round.store(now.micros(), Ordering::Relaxed);
    }

    /// So many occurrences were made ahead.
    pub fn made(&self, occurrences: usize) {
        self.made.inc_by(u64::try_from(occurrences).unwrap_or(u64::MAX));
    }

    /// Something that was due could not be done.
    pub fn failed(&self) {
        self.failures.inc();
    }

    /// Seconds since the last such round; since this was first asked, when there was none.
    #[must_use]
    pub fn seconds_since_round(&self, now: Instant) -> i64 {
        let first =
            self.last_round.compare_exchange(0, now.micros(), Ordering::Relaxed, Ordering::Relaxed);
        let last = first.map_or_else(|last| last, |_| now.micros());
        (now.micros() - last).max(0) / 1_000_000
    }

    fn register(&self, registry: &mut Registry, now: Instant) {
        registry.register(
            "worker_rounds",
            "Rounds of the worker that did every hold and call that was due",
            self.rounds.clone(),
        );
        registry.register(
            "worker_occurrences_made",
            "Occurrences of homework that were made ahead",
            self.made.clone(),
        );
        registry.register(
            "worker_failures",
            "What was due and could not be done; it is tried again",
            self.failures.clone(),
        );
        let lag: Gauge = Gauge::default();
        lag.set(self.seconds_since_round(now));
        registry.register(
            "worker_lag_seconds",
            "Time since the worker last did every hold and call that was due",
            lag,
        );
    }
}

/// What the operating system says, asked at each look.
#[derive(Debug)]
struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let mut gauge = |name: &str, help: &str, value: Option<i64>| {
            let Some(value) = value else { return Ok(()) };
            let gauge = ConstGauge::new(value);
            gauge.encode(encoder.encode_descriptor(name, help, None, gauge.metric_type())?)
        };
        gauge("process_resident_memory_bytes", "Memory held", process::resident_bytes())?;
        let own = process::anonymous_bytes();
        gauge("attune_anonymous_memory_bytes", "Memory held, without files that are mapped", own)?;
        gauge("process_open_fds", "Files and sockets open", process::open_files())?;
        let Some(seconds) = process::cpu_seconds() else { return Ok(()) };
        let counter = ConstCounter::new(seconds);
        let kind = counter.metric_type();
        counter.encode(encoder.encode_descriptor(
            "process_cpu_seconds",
            "Processor time used",
            None,
            kind,
        )?)
    }
}
