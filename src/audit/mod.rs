//! Who changed what: one function writes the audit row and the event of every change, in
//! the transaction of the change.
//!
//! The feed and the audit views have no routes yet; their rows are complete from the first
//! change on.

mod model;
mod store;

pub use model::{Change, Subject};
pub use store::{record, record_in_private};
