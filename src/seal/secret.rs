//! Secret keys: making, deriving from, wrapping and unwrapping them.

use std::fmt;

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, Tag, XChaCha20Poly1305, XNonce};
use data_encoding::HEXLOWER;
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::SealError;

const WRAP_VERSION: u8 = 1;
const XCHACHA20_POLY1305: u8 = 1;

const FINGERPRINT_LABEL: &str = "attune.seal.fingerprint.v1";
const WRAPPING_LABEL: &str = "attune.seal.wrapping.v1";

/// A 256-bit key, wiped from memory when dropped.
///
/// It cannot be cloned, compared or printed; what needs the bytes asks for
/// them by [`expose`](Self::expose), a word to search for in a review.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SecretKey([u8; 32]);

impl SecretKey {
    /// A fresh key from the operating system's random numbers.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`].
    pub fn generate() -> Result<Self, SealError> {
        let mut key = Self([0; 32]);
        getrandom::fill(&mut key.0)?;
        Ok(key)
    }

    /// Takes over 32 bytes that are already a key. For a password, which is
    /// not, this is the wrong place.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes themselves. Never log, format or store them.
    #[must_use]
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// An independent key for one purpose: HKDF-SHA256 (RFC 5869) without salt,
    /// with `label` as the info and 32 bytes of output.
    ///
    /// Give every purpose a label of its own and never change it; labels that
    /// begin with `attune.seal.` belong to this module.
    #[must_use]
    pub fn derive(&self, label: &'static str) -> Self {
        let (mut extracted, _) = Hkdf::<Sha256>::extract(None, &self.0);
        let mut derived = Self(extracted.into());
        extracted.as_mut_slice().zeroize();
        // RFC 5869, section 2.3: the first 32 bytes of output are one HMAC of
        // the info and the octet 1. Hkdf::expand computes the same, but as a
        // Result, for lengths that cannot occur here and that every caller
        // would have to handle; a test compares the two.
        let block = derived.hmac().chain_update(label).chain_update([1]).finalize();
        derived.0 = block.into_bytes().into();
        derived
    }

    /// HMAC-SHA256 (RFC 2104) under this key.
    pub(super) fn hmac(&self) -> Hmac<Sha256> {
        // A key of the block size cannot have a wrong length; RFC 2104 fills
        // shorter ones with zeros in the same way.
        let mut block = cut::<64>(&self.0);
        let hmac = Hmac::new((&block).into());
        block.zeroize();
        hmac
    }

    /// The cipher under this key.
    pub(super) fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new((&self.0).into())
    }

    /// A public name for this key, from which nothing about it follows.
    #[must_use]
    pub fn fingerprint(&self) -> KeyFingerprint {
        KeyFingerprint(cut(&self.derive(FINGERPRINT_LABEL).0))
    }

    /// Encrypts `key` under this one, bound to `context`: 82 bytes, different
    /// each time.
    ///
    /// ```text
    /// version (1) = 1 | algorithm (1) = 1 | fingerprint of this key (8) | nonce (24) | key (32) | tag (16)
    /// ```
    ///
    /// The wrapping key proper is derived, so that the bytes of this key serve
    /// HKDF only and never two algorithms at once.
    pub(super) fn wrap(&self, context: &[u8], key: &Self) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce)?;
        // Encrypted in place, so that no copy of the key is left behind.
        let mut body = Self(key.0);
        let tag = self
            .derive(WRAPPING_LABEL)
            .cipher()
            .encrypt_inout_detached(&XNonce::from(nonce), context, body.0.as_mut_slice().into())
            .map_err(|_| SealError::Malformed)?;
        let head = [WRAP_VERSION, XCHACHA20_POLY1305];
        Ok([&head[..], &self.fingerprint().0, &nonce, &body.0, &tag].concat())
    }

    /// Opens what [`wrap`](Self::wrap) made, under the same key and context.
    pub(super) fn unwrap_key(&self, context: &[u8], wrapped: &[u8]) -> Result<Self, SealError> {
        let Wrapped { by, nonce, body, tag } =
            Wrapped::read(wrapped).ok_or(SealError::Malformed)?;
        let given = self.fingerprint();
        if by != given {
            return Err(SealError::OtherWrappingKey { wrapped_by: by, given });
        }
        let mut key = Self(body);
        self.derive(WRAPPING_LABEL)
            .cipher()
            .decrypt_inout_detached(&nonce, context, key.0.as_mut_slice().into(), &tag)
            .map_err(|_| SealError::DoesNotOpen)?;
        Ok(key)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// `bytes` as an array of `N`: cut at the end, or filled up with zeros. Between
/// arrays of known lengths no conversion of the standard library is free of a
/// failure that cannot happen.
pub(super) fn cut<const N: usize>(bytes: &[u8; 32]) -> [u8; N] {
    let mut array = [0; N];
    array.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    array
}

/// The parts of a wrapped key.
struct Wrapped {
    by: KeyFingerprint,
    nonce: XNonce,
    body: [u8; 32],
    tag: Tag,
}

impl Wrapped {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (&[version, algorithm], rest) = bytes.split_first_chunk()?;
        let (by, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk::<24>()?;
        let (body, rest) = rest.split_first_chunk()?;
        let tag: &[u8; 16] = rest.try_into().ok()?;
        (version == WRAP_VERSION && algorithm == XCHACHA20_POLY1305).then_some(Self {
            by: KeyFingerprint(*by),
            nonce: (*nonce).into(),
            body: *body,
            tag: (*tag).into(),
        })
    }
}

/// Eight bytes that name a key without revealing it, so that the wrong one is
/// recognised as such and not taken for damaged data.
///
/// Printed as 16 lower-case hexadecimal digits. Derived by HKDF from the key;
/// two keys share one by chance with a probability of 2⁻⁶⁴. It identifies, it
/// does not authenticate.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyFingerprint([u8; 8]);

impl KeyFingerprint {
    /// The eight bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 8] {
        &self.0
    }
}

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyFingerprint({self})")
    }
}
