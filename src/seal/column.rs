//! A sealed column: its place, and the bytes in it.

use std::fmt;
use std::marker::PhantomData;

use super::Compartment;

/// A sealed column and whose eyes it is for, written as a constant beside the
/// queries that use it.
///
/// Every field is part of what a value is bound to: renaming a table or column
/// in the database must leave the names here as they were, or all its values
/// be sealed again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The table's name, as it was when the first value was sealed.
    pub table: &'static str,
    /// The column's name, likewise.
    pub name: &'static str,
    /// The audience whose key seals the column.
    pub compartment: Compartment,
}

/// The stored bytes of one sealed `T`.
///
/// It says nothing about its value: two seals of the same value differ, so
/// equality means the same bytes and not the same value. Nothing is checked
/// before [`PracticeKeys::open`](super::PracticeKeys::open).
pub struct Sealed<T> {
    bytes: Vec<u8>,
    value: PhantomData<fn() -> T>,
}

impl<T> Sealed<T> {
    /// Takes bytes as they were stored.
    #[must_use]
    pub const fn from_bytes(bytes: Vec<u8>) -> Self {
        Self { bytes, value: PhantomData }
    }

    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes to store, without a copy.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

// Written out, because a derive would ask `T` for the same trait.
impl<T> Clone for Sealed<T> {
    fn clone(&self) -> Self {
        Self::from_bytes(self.bytes.clone())
    }
}

impl<T> PartialEq for Sealed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl<T> Eq for Sealed<T> {}

impl<T> fmt::Debug for Sealed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealed({} bytes)", self.bytes.len())
    }
}
