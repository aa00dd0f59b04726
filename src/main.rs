//! The `attune` binary: see [`attune::cli`].

use std::process::ExitCode;

/// What many connections took is given back to the system when they are gone, as the C library's allocator does not:
/// `docs/reference/proofs.md`, "Faults of the machine", has the figures of both. `.cargo/config.toml` says how soon.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    attune::cli::run()
}
