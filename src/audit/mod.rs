//! Who read and changed what: one function writes the audit row and the event of every change, in the
//! transaction of the change; views show the rows to whom they concern, and a look at the chain tells whether
//! somebody has laid hands on them. The feed of events has no route yet.

mod about;
mod chain;
mod model;
mod past;
mod store;
pub mod views;

pub use chain::{Verdict, verify};
pub use model::{Change, Subject};
pub(crate) use past::{Past, record_past};
pub use store::{record, record_in_private};
pub use views::routes;
