//! Connections, the threads that own them, column types and the schema.
//!
//! One body of code serves both databases. [`Conn`] is the enum that Diesel's
//! `MultiConnection` derives; queries are ordinary Diesel, written once. Nothing outside
//! this folder knows which database answers, and `cfg(feature = "postgres")` stands here
//! and nowhere else.

pub mod conn;
pub mod copy;
pub mod executor;
pub mod id;
pub mod kept;
mod lane;
mod measures;
pub mod migrate;
mod queue;
pub mod schema;
mod statistics;
pub mod types;
pub mod url;

pub use conn::{Conn, MultiBackend};
pub use executor::{Executor, Settings};
pub use id::Id;
pub use kept::Keep;
pub use types::{Date, Doc, DocText, Instant, WallTime};
pub use url::DatabaseUrl;
