//! The `attune` binary: see [`attune::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    attune::cli::run()
}
