//! The keys of one practice: making them, unlocking them, finding the right one.

use std::fmt;

use uuid::Uuid;

use super::binding::bind;
use super::{Compartment, RootKey, SealError, SecretKey};

const LOOKUP_LABEL: &str = "attune.seal.lookup.v1";

/// Everything a new practice stores to have keys; all of it is wrapped, and
/// worthless without the root key.
#[derive(Clone, Debug)]
pub struct NewPracticeKeys {
    /// The practice key under the root key, 82 bytes.
    pub wrapped_practice_key: Vec<u8>,
    /// One active data key for each compartment.
    pub data_keys: Vec<NewDataKey>,
}

/// A data key under its practice key, to be stored.
#[derive(Clone, Debug)]
pub struct NewDataKey {
    /// The id that envelopes will name.
    pub id: Uuid,
    /// The audience the key serves.
    pub compartment: Compartment,
    /// The key under the practice key, 82 bytes.
    pub wrapped: Vec<u8>,
}

impl NewPracticeKeys {
    /// Makes the keys of a new practice.
    ///
    /// `next_id` gives each data key its id, version 7 by the custom of this
    /// service; it is called once for each of [`Compartment::ALL`], in that
    /// order.
    ///
    /// # Errors
    ///
    /// [`SealError::NoRandomness`].
    pub fn generate(
        practice: Uuid,
        mut next_id: impl FnMut() -> Uuid,
        root: &RootKey,
    ) -> Result<Self, SealError> {
        let practice_key = SecretKey::generate()?;
        let data_key = |compartment| {
            let id = next_id();
            let context = data_key_context(practice, id, compartment);
            let wrapped = practice_key.wrap(&context, &SecretKey::generate()?)?;
            Ok(NewDataKey { id, compartment, wrapped })
        };
        Ok(Self {
            data_keys: Compartment::ALL
                .into_iter()
                .map(data_key)
                .collect::<Result<_, SealError>>()?,
            wrapped_practice_key: root.wrap(&practice_key_context(practice), &practice_key)?,
        })
    }
}

/// A data key as its row tells it.
#[derive(Clone, Copy, Debug)]
pub struct StoredDataKey<'a> {
    /// The id that envelopes name.
    pub id: Uuid,
    /// The audience the key serves.
    pub compartment: Compartment,
    /// Whether new values may be sealed with it.
    pub active: bool,
    /// The key under its practice key.
    pub wrapped: &'a [u8],
}

/// The unlocked keys of one practice: seals, opens and looks up its columns.
///
/// Unlocking costs some microseconds for each key, so an instance is made once
/// and shared. All keys are wiped when it is dropped.
pub struct PracticeKeys {
    pub(super) practice: Uuid,
    pub(super) lookup: SecretKey,
    data: Vec<DataKey>,
}

/// An unwrapped data key.
pub(super) struct DataKey {
    pub(super) id: Uuid,
    pub(super) compartment: Compartment,
    active: bool,
    pub(super) secret: SecretKey,
}

impl PracticeKeys {
    /// Unwraps the keys of `practice`.
    ///
    /// Not every compartment needs a key: what has none can neither be sealed
    /// nor opened, and the rest works.
    ///
    /// # Errors
    ///
    /// [`SealError::OtherWrappingKey`] under another root key, or for a data
    /// key of another practice; [`SealError::DoesNotOpen`] when the id,
    /// compartment or practice of a key is not the one it was wrapped for;
    /// [`SealError::Malformed`] for bytes that are no wrapped key.
    pub fn unlock<'a>(
        root: &RootKey,
        practice: Uuid,
        wrapped_practice_key: &[u8],
        data_keys: impl IntoIterator<Item = StoredDataKey<'a>>,
    ) -> Result<Self, SealError> {
        let practice_key =
            root.unwrap_key(&practice_key_context(practice), wrapped_practice_key)?;
        let unwrap = |StoredDataKey { id, compartment, active, wrapped }| {
            let context = data_key_context(practice, id, compartment);
            let secret = practice_key.unwrap_key(&context, wrapped)?;
            Ok(DataKey { id, compartment, active, secret })
        };
        Ok(Self {
            practice,
            lookup: practice_key.derive(LOOKUP_LABEL),
            data: data_keys.into_iter().map(unwrap).collect::<Result<_, SealError>>()?,
        })
    }

    /// The practice these keys belong to.
    #[must_use]
    pub const fn practice(&self) -> Uuid {
        self.practice
    }

    /// The key to seal with. Of several active ones it is that with the
    /// greatest id, for version 7 the newest, so that two servers that rotate
    /// at the same moment still agree.
    pub(super) fn active(&self, compartment: Compartment) -> Result<&DataKey, SealError> {
        self.data
            .iter()
            .filter(|key| key.active && key.compartment == compartment)
            .max_by_key(|key| key.id)
            .ok_or(SealError::NoActiveKey(compartment))
    }

    /// The key an envelope names. A practice has a handful, which is searched
    /// faster than any map.
    pub(super) fn find(&self, id: Uuid, compartment: Compartment) -> Result<&DataKey, SealError> {
        let key = self.data.iter().find(|key| key.id == id).ok_or(SealError::UnknownKey(id))?;
        if key.compartment == compartment {
            Ok(key)
        } else {
            Err(SealError::WrongCompartment { key: key.compartment, column: compartment })
        }
    }
}

impl fmt::Debug for PracticeKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PracticeKeys({}, {} data keys)", self.practice, self.data.len())
    }
}

fn practice_key_context(practice: Uuid) -> Vec<u8> {
    bind(&[b"practice key", practice.as_bytes()])
}

fn data_key_context(practice: Uuid, id: Uuid, compartment: Compartment) -> Vec<u8> {
    let compartment = compartment.as_str().as_bytes();
    bind(&[b"data key", practice.as_bytes(), id.as_bytes(), compartment])
}
