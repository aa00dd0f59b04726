//! Who calls, what they may do, and the only way to the database.
//!
//! [`Access`] is a type that carries the database. A handler names the scope it needs in its
//! signature and has no other way to reach a connection, so that forgetting authorization
//! does not compile. The executor lies behind [`Gate`], whose fields are private to this
//! folder.

pub mod access;
pub mod apps;
pub mod caller;
pub mod gate;
pub mod keyring;
pub mod keys;
pub mod limits;
pub mod scopes;
pub mod signing_keys;
pub mod token;
pub mod unsigned;

pub use access::Access;
pub use caller::{Actor, Caller, Sight};
pub use gate::{Acting, Gate, Tx};
pub use keyring::Keyring;
pub use unsigned::Unsigned;
