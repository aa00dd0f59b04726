//! What the service logs, for tests that look for what must, or must not, be in it.
//!
//! There is one log for all tests, so a test finds its own lines by the ids in them.

use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, Once, PoisonError};

use tracing_subscriber::filter::dynamic_filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, fmt};

static LISTENING: AtomicUsize = AtomicUsize::new(0);
static HEARD: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// Everything that may be logged, at any level, while this value lives.
pub struct Logs(());

impl Logs {
    /// Begins to listen.
    pub fn listen() -> Self {
        static START: Once = Once::new();
        START.call_once(|| {
            let heard = dynamic_filter_fn(|line, _| {
                LISTENING.load(Ordering::Relaxed) > 0 && attune::telemetry::may_be_logged(line)
            });
            let layer = fmt::layer().with_ansi(false).with_writer(|| Heard).with_filter(heard);
            tracing_subscriber::registry().with(layer).init();
        });
        LISTENING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }

    /// What was logged so far.
    pub fn text(&self) -> Vec<u8> {
        let Self(()) = self;
        HEARD.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        LISTENING.fetch_sub(1, Ordering::Relaxed);
    }
}

struct Heard;

impl Write for Heard {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        HEARD.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
