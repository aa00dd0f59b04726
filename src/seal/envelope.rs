//! The envelope: how one value lies in one column of one row.
//!
//! ```text
//! version (1) = 1 | algorithm (1) = 1 | key id (16) | nonce (24) | ciphertext (32 × n) | tag (16)
//! ```
//!
//! Algorithm 1 is XChaCha20-Poly1305 (RFC 8439 with the extended nonce of
//! draft-irtf-cfrg-xchacha). Its 192-bit nonce may be drawn at random for every
//! value under one key for as long as the practice lives; the 96 bits of
//! AES-GCM would ask for a counter shared by all servers.

use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{Tag, XNonce};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::binding::bind;
use super::{Column, Plain, PracticeKeys, SealError, Sealed};

const VERSION: u8 = 1;
const XCHACHA20_POLY1305: u8 = 1;

/// Version, algorithm, key id and nonce.
const HEADER: usize = 1 + 1 + 16 + 24;
const TAG: usize = 16;
/// Plaintext grows to a multiple of this, so that "Li" and "Featherstonehaugh"
/// are equally long on disk.
const BLOCK: usize = 32;
/// The first byte of the padding, ISO/IEC 7816-4; zeros follow.
const PADDING: u8 = 0x80;

impl Column {
    /// What a value is bound to besides its key: a value moved to any other
    /// place meets other bytes here and does not open.
    fn aad(&self, practice: Uuid, row: Uuid) -> Vec<u8> {
        bind(&[
            &[VERSION],
            &[XCHACHA20_POLY1305],
            practice.as_bytes(),
            self.table.as_bytes(),
            self.name.as_bytes(),
            row.as_bytes(),
            self.compartment.as_str().as_bytes(),
        ])
    }
}

impl PracticeKeys {
    /// Seals `value` for one column of one row. The result has 58 bytes more
    /// than the value's own, rounded up to the next multiple of 32; a value of
    /// exactly a multiple takes one more step.
    ///
    /// # Errors
    ///
    /// [`SealError::NoActiveKey`], [`SealError::BadPlaintext`] for a value
    /// without a stored form, [`SealError::NoRandomness`].
    pub fn seal<T: Plain>(
        &self,
        column: &Column,
        row: Uuid,
        value: &T,
    ) -> Result<Sealed<T>, SealError> {
        let key = self.active(column.compartment)?;
        let plain = value.to_plain()?;
        let mut nonce = [0; 24];
        getrandom::fill(&mut nonce)?;

        let padded = (plain.len() + 1).next_multiple_of(BLOCK);
        // Of the final size at once, and encrypted in place: no copy of the
        // value is left in freed memory.
        let mut bytes = Vec::with_capacity(HEADER + padded + TAG);
        bytes.extend_from_slice(&[VERSION, XCHACHA20_POLY1305]);
        bytes.extend_from_slice(key.id.as_bytes());
        bytes.extend_from_slice(&nonce);
        bytes.extend_from_slice(&plain);
        bytes.push(PADDING);
        bytes.resize(HEADER + padded, 0);

        let aad = column.aad(self.practice, row);
        let body = bytes.get_mut(HEADER..).unwrap_or_default();
        let tag = key.secret.cipher().encrypt_inout_detached(&nonce.into(), &aad, body.into());
        // Refused beyond 256 GiB only, the limit of the cipher.
        bytes.extend_from_slice(&tag.map_err(|_| SealError::BadPlaintext)?);
        Ok(Sealed::from_bytes(bytes))
    }

    /// Opens a value from one column of one row; two to three microseconds for
    /// a name, nearly all of them the cipher's.
    ///
    /// # Errors
    ///
    /// [`SealError::Malformed`] for bytes that are no envelope,
    /// [`SealError::UnknownKey`], [`SealError::WrongCompartment`],
    /// [`SealError::DoesNotOpen`] for bytes that were changed or belong
    /// elsewhere, [`SealError::BadPlaintext`] if the value is no `T`.
    pub fn open<T: Plain>(
        &self,
        column: &Column,
        row: Uuid,
        sealed: &Sealed<T>,
    ) -> Result<T, SealError> {
        let envelope = Envelope::read(sealed.as_bytes()).ok_or(SealError::Malformed)?;
        let key = self.find(envelope.key_id, column.compartment)?;
        let aad = column.aad(self.practice, row);
        let mut plain = Zeroizing::new(envelope.ciphertext.to_vec());
        key.secret
            .cipher()
            .decrypt_inout_detached(envelope.nonce, &aad, plain.as_mut_slice().into(), envelope.tag)
            .map_err(|_| SealError::DoesNotOpen)?;
        T::from_plain(unpad(&plain).ok_or(SealError::BadPlaintext)?)
    }

    /// [`seal`](Self::seal) for a column that may be empty. That it is empty
    /// shows; where that alone would tell something, seal an empty value.
    ///
    /// # Errors
    ///
    /// As for [`seal`](Self::seal).
    pub fn seal_opt<T: Plain>(
        &self,
        column: &Column,
        row: Uuid,
        value: Option<&T>,
    ) -> Result<Option<Sealed<T>>, SealError> {
        value.map(|value| self.seal(column, row, value)).transpose()
    }

    /// [`open`](Self::open) for a column that may be empty.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    pub fn open_opt<T: Plain>(
        &self,
        column: &Column,
        row: Uuid,
        sealed: Option<&Sealed<T>>,
    ) -> Result<Option<T>, SealError> {
        sealed.map(|sealed| self.open(column, row, sealed)).transpose()
    }
}

/// The parts of an envelope, in place.
struct Envelope<'a> {
    key_id: Uuid,
    nonce: &'a XNonce,
    ciphertext: &'a [u8],
    tag: &'a Tag,
}

impl<'a> Envelope<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let (&[version, algorithm], rest) = bytes.split_first_chunk()?;
        let (key_id, rest) = rest.split_first_chunk()?;
        let (nonce, rest) = rest.split_first_chunk::<24>()?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG>()?;
        let known = version == VERSION && algorithm == XCHACHA20_POLY1305;
        let whole = !ciphertext.is_empty() && ciphertext.len().is_multiple_of(BLOCK);
        (known && whole).then_some(Self {
            key_id: Uuid::from_bytes(*key_id),
            nonce: nonce.into(),
            ciphertext,
            tag: tag.into(),
        })
    }
}

/// The value without its padding: everything before the last byte that is not
/// zero, which must be the mark.
fn unpad(padded: &[u8]) -> Option<&[u8]> {
    let mark = padded.iter().rposition(|byte| *byte != 0)?;
    let (value, padding) = padded.split_at_checked(mark)?;
    (padding.first() == Some(&PADDING)).then_some(value)
}
