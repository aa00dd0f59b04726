//! What every test stands on: a service with a database of its own, and people who call it.

pub mod answer;
pub mod app;
pub mod bodies;
pub mod catalog;
#[cfg(feature = "opentelemetry")]
pub mod collector;
pub mod database;
pub mod document;
pub mod logs;
pub mod misfits;
pub mod process;
pub mod wire;

pub use answer::Answer;
pub use app::{Caller, TestApp};
