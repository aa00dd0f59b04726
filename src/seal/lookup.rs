//! Finding sealed values again: keyed hashes of what is searched for.
//!
//! A sealed value differs each time, so no index finds it. Beside it a table
//! keeps the [`LookupKey`] of the folded value, and a query compares keys. Exact
//! values have one, names have one for each of their
//! [prefixes](super::name_prefixes).
//!
//! What this gives away to a thief of the database: which rows of one practice
//! and one column share a value, and how many prefixes a name has. Not the
//! values: the hash is keyed, so names cannot be tried one by one as they could
//! against a plain SHA-256. Practices and columns cannot be compared at all.

use std::fmt;

use hmac::Mac;

use super::binding::bind;
use super::secret::cut;
use super::{Column, PracticeKeys};

/// A keyed hash to compare by, 16 bytes: HMAC-SHA256 (RFC 2104), cut to its
/// first half, which is the shortest cut that section 5 there allows.
///
/// 128 bits suffice: no one without the key can look for a collision, and by
/// chance a practice with a million values in a column has one with a
/// probability below 2⁻⁸⁸. Each byte more would be paid for in every index
/// entry of every prefix of every name.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LookupKey([u8; 16]);

impl LookupKey {
    /// Takes bytes as they were stored.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes to store or compare with.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for LookupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LookupKey(…)")
    }
}

impl PracticeKeys {
    /// The key by which `value` is found in `column`: the same for the same
    /// bytes, practice, table and column, and unrelated otherwise.
    ///
    /// Values are compared byte for byte, so fold them first and always alike:
    /// [`fold_email`](super::fold_email), [`name_prefixes`](super::name_prefixes)
    /// and [`search_words`](super::search_words).
    #[must_use]
    pub fn lookup(&self, column: &Column, value: &str) -> LookupKey {
        let place = bind(&[column.table.as_bytes(), column.name.as_bytes(), value.as_bytes()]);
        let hash: [u8; 32] = self.lookup.hmac().chain_update(place).finalize().into_bytes().into();
        LookupKey(cut(&hash))
    }
}
