//! Stories and properties; each case count is the number of things tried.

mod envelope;
mod keys;
mod lookup;
mod root;

use std::error::Error;

use uuid::Uuid;

use super::{
    Column, Compartment, NewPracticeKeys, PracticeKeys, RootKey, SealError, StoredDataKey,
};

type TestResult = Result<(), Box<dyn Error>>;

const NAME: Column =
    Column { table: "clients", name: "family_name", compartment: Compartment::Directory };

/// The stored keys of a new practice, with ids 1, 2, 3 …
fn new_keys(root: &RootKey, practice: Uuid) -> Result<NewPracticeKeys, SealError> {
    let mut last = 0;
    let next_id = || {
        last += 1;
        Uuid::from_u128(last)
    };
    NewPracticeKeys::generate(practice, next_id, root)
}

fn rows(stored: &NewPracticeKeys) -> Vec<StoredDataKey<'_>> {
    let rows = stored.data_keys.iter().map(|key| StoredDataKey {
        id: key.id,
        compartment: key.compartment,
        active: true,
        wrapped: &key.wrapped,
    });
    rows.collect()
}

fn unlock(
    root: &RootKey,
    practice: Uuid,
    stored: &NewPracticeKeys,
) -> Result<PracticeKeys, SealError> {
    PracticeKeys::unlock(root, practice, &stored.wrapped_practice_key, rows(stored))
}

/// A practice with keys, under a root key of its own.
fn practice(number: u128) -> Result<PracticeKeys, SealError> {
    let root = RootKey::generate()?;
    let id = Uuid::from_u128(number);
    unlock(&root, id, &new_keys(&root, id)?)
}
