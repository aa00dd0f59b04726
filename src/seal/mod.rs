//! Sealed columns: a stolen database file names nobody.
//!
//! Names, dates of birth, contact data, notes and answers are stored as
//! [`Sealed`] values: encrypted per field, each bound to the one place it
//! belongs to. What must still be found by its text is found by a
//! [`LookupKey`], a keyed hash. There is no database code here; a store hands
//! bytes in and takes bytes out.
//!
//! # The keys
//!
//! ```text
//! RootKey                      outside the database: file, variable or command
//!   ├─ derive(label)           cursors, entity tags, audit chain (HKDF-SHA256)
//!   └─ wraps ─ practice key    one for each practice, stored wrapped
//!        ├─ derives ─ lookup key       keyed hashes of what is searched for
//!        └─ wraps ─── data keys        stored wrapped, each with a UUID
//!             ├─ Directory             who people are
//!             ├─ Client                what belongs to one client alone
//!             ├─ Couple                joint material
//!             ├─ Clinical              clinicians only
//!             └─ Psychotherapy         the author only
//! ```
//!
//! Every step down is bound to its place: a wrapped key opens only for its own
//! practice, key id and compartment, and a sealed value only in its own
//! practice, table, column, row and compartment. Bytes copied elsewhere, by a
//! mistaken `UPDATE` or by hand, do not open.
//!
//! An envelope names the data key it was sealed with. A compartment may
//! therefore have several keys at once, sealing with the active one and
//! opening with any; and a key that is destroyed takes everything sealed with
//! it along, in every backup.
//!
//! # A value's way in and out
//!
//! ```text
//! let keys = PracticeKeys::unlock(&root, practice, &wrapped, data_keys)?;   // once, then cached
//! const NAME: Column = Column { table: "clients", name: "family_name", compartment: Compartment::Directory };
//! let sealed = keys.seal(&NAME, client_id, &name)?;                       // store these bytes
//! let name: String = keys.open(&NAME, client_id, &sealed)?;
//! ```
//!
//! # What it does not hide
//!
//! Which rows exist, when they changed, the size of a value in steps of 32
//! bytes, and, in lookup columns, which rows of a practice share a value. It
//! protects what lies on disk and in backups, not a running process: whoever
//! can read its memory can read the root key.

mod binding;
mod column;
mod compartment;
mod envelope;
mod error;
mod keys;
mod lookup;
mod names;
mod plain;
mod root;
mod secret;
mod source;
#[cfg(test)]
mod tests;

pub use column::{Column, Sealed};
pub use compartment::Compartment;
pub use error::SealError;
pub use keys::{NewDataKey, NewPracticeKeys, PracticeKeys, StoredDataKey};
pub use lookup::LookupKey;
pub use names::{fold_email, name_prefixes, name_words, search_words};
pub use plain::{Plain, SealedJson};
pub use root::RootKey;
pub use secret::{KeyFingerprint, SecretKey};
pub use source::{RootKeyError, RootKeySource};
