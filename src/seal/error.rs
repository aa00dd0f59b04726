//! Why a value could not be sealed or opened.

use thiserror::Error;
use uuid::Uuid;

use super::{Compartment, KeyFingerprint};

/// The ways sealing and opening fail.
///
/// Safe to log: no variant holds plaintext or key bytes, nor the error of a
/// parser, which might quote the text it refused. Apart from
/// [`NoRandomness`](Self::NoRandomness) and
/// [`OtherWrappingKey`](Self::OtherWrappingKey) each one means that stored data
/// was damaged, moved or written for another column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SealError {
    /// Too short, of the wrong size, or of a version or algorithm unknown here.
    #[error("the stored bytes are not an envelope this version can read")]
    Malformed,
    /// The envelope names a data key this practice does not hold (any more).
    #[error("the value was sealed with data key {0}, which this practice does not hold")]
    UnknownKey(Uuid),
    /// The envelope's key serves another audience than the column does.
    #[error("the value was sealed for the {key} compartment, the column belongs to {column}")]
    WrongCompartment {
        /// The compartment of the key that the envelope names.
        key: Compartment,
        /// The compartment of the column that was read.
        column: Compartment,
    },
    /// Sealing needs an active data key, and the compartment has none.
    #[error("the practice has no active data key for the {0} compartment")]
    NoActiveKey(Compartment),
    /// A wrapped key was met with another key than the one that wrapped it.
    #[error(
        "the key was wrapped by the key with fingerprint {wrapped_by}, \
         but the one given has fingerprint {given}"
    )]
    OtherWrappingKey {
        /// The fingerprint written into the wrapped key.
        wrapped_by: KeyFingerprint,
        /// The fingerprint of the key that was tried.
        given: KeyFingerprint,
    },
    /// Authentication failed: the bytes were changed, or moved from another
    /// practice, table, column, row or compartment.
    #[error("the stored bytes do not open here: they were changed or moved")]
    DoesNotOpen,
    /// The value opened, but is not of the type the column holds; or it cannot
    /// be written as that type in the first place.
    #[error("the value is not of the type this column holds")]
    BadPlaintext,
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomness,
}

impl From<getrandom::Error> for SealError {
    fn from(_: getrandom::Error) -> Self {
        Self::NoRandomness
    }
}
