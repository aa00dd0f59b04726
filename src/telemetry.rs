//! Logs: one line a request with its id, route, practice and actor, and never with content.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

use crate::config::{LogFormat, Logging};

/// Starts logging to standard error.
///
/// # Errors
/// A sentence, when the filter cannot be read.
pub fn start(logging: &Logging) -> Result<(), String> {
    let filter = EnvFilter::try_new(&logging.log)
        .map_err(|_| "ATTUNE_LOG is not a filter; write it as `info` or `attune=debug,warn`")?;
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    match logging.log_format {
        LogFormat::Text => registry.with(layer).try_init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    }
    .map_err(|_| "logging was started twice".to_owned())
}
