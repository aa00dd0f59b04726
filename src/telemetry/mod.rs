//! Logs: one line a request with its id, route, practice and actor, and never with content. And the same as traces.
//!
//! What the service itself logs holds no content at any level. The libraries below it promise nothing of the kind:
//! actix-web writes a path that it cannot read at level `debug`, actix-http the value of a header that it refuses. So
//! their lines below `info` are left out whatever the filter says, and a panic's message is, since it may quote what
//! was met.

pub mod request;
#[cfg(feature = "opentelemetry")]
mod traces;
#[cfg(not(feature = "opentelemetry"))]
mod traces {
    //! None are made, and whoever names a collector is told so.

    #[derive(Debug)]
    pub(super) enum Traces {}

    pub(super) fn start(_: &str) -> Result<Traces, String> {
        Err("this binary makes no traces; build it with `--features opentelemetry`, or leave out ATTUNE_OTLP_ENDPOINT"
            .to_owned())
    }
}

use std::io::{BufWriter, IsTerminal};

use tracing::{Level, Metadata};
use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::config::{LogFormat, Logging};

const MOST_WAITING_LINES: usize = 16_384;

/// Writes and sends what is left when it is dropped.
#[derive(Debug)]
pub struct Guard {
    _lines: WorkerGuard,
    _traces: Option<traces::Traces>,
}

/// Starts logging to standard error, and traces where a collector is named, until the guard is dropped.
///
/// Lines go through a thread that writes as many at a time as are waiting, and at once when it has
/// nothing else to do. A reader of the log that stalls costs lines, beyond 16,384 of them, and never a
/// request its answer.
///
/// # Errors
/// A sentence, when the filter or the collector's address cannot be read.
pub fn start(logging: &Logging) -> Result<Guard, String> {
    let filter = filter(&logging.log)
        .ok_or("ATTUNE_LOG is not a filter; write it as `info` or `attune=debug,warn`")?;
    let (writer, lines) = NonBlockingBuilder::default()
        .buffered_lines_limit(MOST_WAITING_LINES)
        .finish(BufWriter::new(std::io::stderr()));
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    let layer = match logging.log_format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => {
            layer.json().flatten_event(true).with_current_span(false).with_span_list(false).boxed()
        }
    };
    let traces = logging.otlp_endpoint.as_deref().map(traces::start).transpose()?;
    tracing_subscriber::registry()
        .with(filter)
        .with(filter_fn(may_be_logged))
        .with(layer)
        .try_init()
        .map_err(|_| "logging was started twice")?;
    log_panics();
    Ok(Guard { _lines: lines, _traces: traces })
}

/// False for what no configuration brings into the log: lines of libraries below `info`.
#[must_use]
pub fn may_be_logged(line: &Metadata<'_>) -> bool {
    let own = line.target().split("::").next() == Some(env!("CARGO_CRATE_NAME"));
    own || *line.level() <= Level::INFO
}

/// Panics go to the log with their place. Their message goes along only where it stands in the source as it is:
/// one that was put together, as that of an `unwrap` or of a text cut in the midst of a letter, quotes what was met.
pub fn log_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let words = panic.payload().downcast_ref::<&'static str>();
        let at = panic.location().map(tracing::field::display);
        let thread = std::thread::current();
        tracing::error!(at, thread = thread.name(), words, "panicked");
    }));
}

/// A filter whose every part is a level or `target=level`. The library takes any other word for a
/// target, so that a misspelt level would silence the service.
fn filter(text: &str) -> Option<EnvFilter> {
    let is_level = |word: &str| {
        ["off", "error", "warn", "info", "debug", "trace"].contains(&word.to_lowercase().as_str())
    };
    let mut parts = text.split(',').map(str::trim);
    parts
        .all(|part| is_level(part.rsplit_once('=').map_or(part, |(_, level)| level)))
        .then(|| EnvFilter::try_new(text).ok())
        .flatten()
}
