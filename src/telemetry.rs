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
    let filter = filter(&logging.log)
        .ok_or("ATTUNE_LOG is not a filter; write it as `info` or `attune=debug,warn`")?;
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
