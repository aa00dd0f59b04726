//! The root key, from which every other key of the service follows.

use std::fmt;

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, Encoding, HEXLOWER, HEXLOWER_PERMISSIVE};
use zeroize::Zeroizing;

use super::{KeyFingerprint, RootKeyError, SealError, SecretKey};

/// The one secret that is kept outside the database, 32 bytes.
///
/// Without it the database is unreadable, for thieves and owners alike, so it
/// is backed up apart from the database. It encrypts nothing by itself: it
/// wraps practice keys and derives keys for single purposes. Wiped on drop,
/// never printed.
pub struct RootKey(SecretKey);

impl RootKey {
    /// A fresh random root key.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`].
    pub fn generate() -> Result<Self, SealError> {
        SecretKey::generate().map(Self)
    }

    /// Reads a key as people keep it: 64 hexadecimal digits of either case, or
    /// base64 or base64url of 32 bytes, padded or not. White space around it is
    /// ignored, so the last line break of a file does no harm.
    ///
    /// # Errors
    ///
    /// [`RootKeyError::NotAKey`], which does not repeat the text.
    pub fn from_text(text: &str) -> Result<Self, RootKeyError> {
        let text = text.trim();
        // 32 bytes are 43 characters and one "=", which may be missing.
        let text = if text.len() == 44 { text.strip_suffix('=').unwrap_or(text) } else { text };
        let mut key = Zeroizing::new([0; 32]);
        let mut decode = |from: &Encoding| from.decode_mut(text.as_bytes(), &mut *key).is_ok();
        let read = match text.len() {
            64 => decode(&HEXLOWER_PERMISSIVE),
            43 => decode(&BASE64_NOPAD) || decode(&BASE64URL_NOPAD),
            _ => false,
        };
        if read { Ok(Self(SecretKey::from_bytes(*key))) } else { Err(RootKeyError::NotAKey) }
    }

    /// The key as 64 lower-case hexadecimal digits, for the key file.
    pub(super) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(HEXLOWER.encode(self.0.expose()))
    }

    /// A public name for this key, to be stored and shown, so that a wrong root
    /// key is recognised at start instead of at the first unreadable name.
    #[must_use]
    pub fn id(&self) -> KeyFingerprint {
        self.0.fingerprint()
    }

    /// A key for one purpose outside this module, such as signing cursors:
    /// [`SecretKey::derive`] with the same promises about `label`.
    #[must_use]
    pub fn derive(&self, label: &'static str) -> SecretKey {
        self.0.derive(label)
    }

    /// Encrypts `key`, so that it can be stored: 82 bytes, different each time,
    /// that open only under this root key and with the same `context`, which
    /// says whose key it is and what for.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`].
    pub fn wrap(&self, context: &[u8], key: &SecretKey) -> Result<Vec<u8>, SealError> {
        self.0.wrap(context, key)
    }

    /// Opens what [`wrap`](Self::wrap) made.
    ///
    /// # Errors
    ///
    /// [`SealError::OtherWrappingKey`] if another root key wrapped it,
    /// [`SealError::DoesNotOpen`] if the bytes were changed or the context
    /// differs, [`SealError::Malformed`] if they are no wrapped key at all.
    pub fn unwrap_key(&self, context: &[u8], wrapped: &[u8]) -> Result<SecretKey, SealError> {
        self.0.unwrap_key(context, wrapped)
    }
}

impl fmt::Debug for RootKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RootKey({})", self.id())
    }
}
