//! What can be sealed: values with one fixed form as bytes.

use jiff::civil::Date;
use serde::Serialize;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use super::SealError;

/// A value that can be sealed and is the same after opening.
///
/// The bytes are stored for years: an implementation may learn to read more,
/// and never forgets what it once wrote.
pub trait Plain: Sized {
    /// The value as bytes, wiped once they are sealed.
    ///
    /// # Errors
    ///
    /// [`SealError::BadPlaintext`] if the value has no such form.
    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, SealError>;

    /// The value those bytes stand for.
    ///
    /// # Errors
    ///
    /// [`SealError::BadPlaintext`] if they stand for none.
    fn from_plain(bytes: &[u8]) -> Result<Self, SealError>;
}

/// As UTF-8.
impl Plain for String {
    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, SealError> {
        Ok(Zeroizing::new(self.as_bytes().to_vec()))
    }

    fn from_plain(bytes: &[u8]) -> Result<Self, SealError> {
        str::from_utf8(bytes).map(Self::from).map_err(|_| SealError::BadPlaintext)
    }
}

/// As ISO 8601 text, `1984-02-29`.
impl Plain for Date {
    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, SealError> {
        Ok(Zeroizing::new(self.to_string().into_bytes()))
    }

    fn from_plain(bytes: &[u8]) -> Result<Self, SealError> {
        let text = str::from_utf8(bytes).map_err(|_| SealError::BadPlaintext)?;
        text.parse().map_err(|_| SealError::BadPlaintext)
    }
}

/// A document, sealed as JSON text.
///
/// A wrapper, because a blanket implementation for everything serializable
/// would also cover `String` and `Date`, in a second form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealedJson<T>(pub T);

impl<T: Serialize + DeserializeOwned> Plain for SealedJson<T> {
    fn to_plain(&self) -> Result<Zeroizing<Vec<u8>>, SealError> {
        serde_json::to_vec(&self.0).map(Zeroizing::new).map_err(|_| SealError::BadPlaintext)
    }

    fn from_plain(bytes: &[u8]) -> Result<Self, SealError> {
        serde_json::from_slice(bytes).map(Self).map_err(|_| SealError::BadPlaintext)
    }
}
