//! The edge: what is the same for every route.
//!
//! The document is not a description of the edge but its source: [`contract`] compiles the
//! OpenAPI document into validators, so that what it says about a body or a parameter is
//! what is enforced.

pub mod action;
pub mod answer;
pub mod at;
pub mod body;
pub mod connection;
pub mod contract;
pub mod document;
pub mod etag;
pub mod faults;
pub mod frame;
mod head;
pub mod idempotency;
mod json;
pub mod listener;
pub mod no_body;
pub mod page;
pub mod params;
pub mod patch;
mod routes;

pub use answer::{Answer, Json, Media, Put, Resource};
pub use at::At;
pub use body::Body;
pub use contract::Contract;
pub use no_body::NoBody;
pub use page::{Cursors, Page};
pub use params::Params;
pub use patch::Patch;
pub use routes::Routes;
