//! Many at once: nothing is lost, nothing is done twice, and nobody pays for another's fault.

mod executor;
mod idempotency;
mod writers;
