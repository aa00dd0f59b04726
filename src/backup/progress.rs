//! How far it is, on standard error, where that is a terminal.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

const STYLE: &str =
    "{msg:10} {bar:40} {binary_bytes}/{binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";

/// Something that goes through so many bytes.
pub(super) fn of_bytes(doing: &'static str, bytes: u64) -> ProgressBar {
    let style =
        ProgressStyle::with_template(STYLE).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(bytes).with_style(style).with_message(doing)
}

/// Something of which nobody can say how far it is.
pub(super) fn of_nothing(doing: &'static str) -> ProgressBar {
    let spinner = ProgressBar::new_spinner().with_message(doing);
    spinner.enable_steady_tick(Duration::from_millis(100));
    spinner
}
