//! Logs: one line a request with its id, route, practice and actor, and never with content.

use std::io::{BufWriter, IsTerminal};

use tracing_appender::non_blocking::{NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogFormat, Logging};

const MOST_WAITING_LINES: usize = 16_384;

/// Starts logging to standard error, until the guard is dropped.
///
/// Lines go through a thread that writes as many at a time as are waiting, and at once when it has
/// nothing else to do. A reader of the log that stalls costs lines, beyond 16,384 of them, and never a
/// request its answer.
///
/// # Errors
/// A sentence, when the filter cannot be read.
pub fn start(logging: &Logging) -> Result<WorkerGuard, String> {
    let filter = EnvFilter::try_new(&logging.log)
        .map_err(|_| "ATTUNE_LOG is not a filter; write it as `info` or `attune=debug,warn`")?;
    let (writer, guard) = NonBlockingBuilder::default()
        .buffered_lines_limit(MOST_WAITING_LINES)
        .finish(BufWriter::new(std::io::stderr()));
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    match logging.log_format {
        LogFormat::Text => registry.with(layer).try_init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    }
    .map_err(|_| "logging was started twice".to_owned())?;
    Ok(guard)
}
