use uuid::Uuid;

use super::{NAME, TestResult, new_keys, rows, unlock};
use crate::seal::{Compartment, PracticeKeys, RootKey, SealError, SecretKey, StoredDataKey};

const PRACTICE: Uuid = Uuid::from_u128(1);
const ROW: Uuid = Uuid::from_u128(7);

#[test]
fn compartments_are_read_as_they_are_written() {
    for compartment in Compartment::ALL {
        assert_eq!(Compartment::parse(compartment.as_str()), Some(compartment));
    }
    assert_eq!(Compartment::parse("Clinical"), None);
}

#[test]
fn the_keys_survive_a_restart() -> TestResult {
    let root = RootKey::generate()?;
    let stored = new_keys(&root, PRACTICE)?;
    let sealed = unlock(&root, PRACTICE, &stored)?.seal(&NAME, ROW, &"Øyvind".to_owned())?;
    assert_eq!(unlock(&root, PRACTICE, &stored)?.open(&NAME, ROW, &sealed)?, "Øyvind");
    Ok(())
}

#[test]
fn another_root_key_is_recognised() -> TestResult {
    let (root, other) = (RootKey::generate()?, RootKey::generate()?);
    let stored = new_keys(&root, PRACTICE)?;
    let error = unlock(&other, PRACTICE, &stored).err();
    let expected = SealError::OtherWrappingKey { wrapped_by: root.id(), given: other.id() };
    assert_eq!(error, Some(expected));
    let sentence = expected.to_string();
    assert!(
        sentence.contains(&root.id().to_string()) && sentence.contains(&other.id().to_string())
    );
    Ok(())
}

#[test]
fn a_wrapped_key_opens_only_where_it_belongs() -> TestResult {
    let root = RootKey::generate()?;
    let stored = new_keys(&root, PRACTICE)?;
    let other = new_keys(&root, Uuid::from_u128(2))?;
    assert!(unlock(&root, Uuid::from_u128(2), &stored).is_err(), "another practice's");

    let try_with = |change: &dyn Fn(&mut StoredDataKey<'static>), wrapped: &[u8]| {
        let mut row = StoredDataKey {
            id: Uuid::from_u128(1),
            compartment: Compartment::Directory,
            active: true,
            wrapped: &[],
        };
        change(&mut row);
        let row = StoredDataKey { wrapped, ..row };
        PracticeKeys::unlock(&root, PRACTICE, &stored.wrapped_practice_key, [row]).err()
    };
    let own = stored.data_keys.first().ok_or("no key")?;
    let strange = other.data_keys.first().ok_or("no key")?;
    let refused = Some(SealError::DoesNotOpen);
    assert_eq!(try_with(&|_| (), &own.wrapped), None);
    assert_eq!(try_with(&|row| row.id = Uuid::from_u128(2), &own.wrapped), refused);
    assert_eq!(try_with(&|row| row.compartment = Compartment::Client, &own.wrapped), refused);
    assert!(try_with(&|_| (), &strange.wrapped).is_some());
    assert_eq!(try_with(&|_| (), b"short"), Some(SealError::Malformed));
    Ok(())
}

#[test]
fn a_changed_wrapped_key_is_refused() -> TestResult {
    let root = RootKey::generate()?;
    let wrapped = root.wrap(b"for a test", &SecretKey::generate()?)?;
    assert_eq!(wrapped.len(), 82);
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped.clone();
        if let Some(byte) = changed.get_mut(bit / 8) {
            *byte ^= 1 << (bit % 8);
        }
        assert!(root.unwrap_key(b"for a test", &changed).is_err(), "bit {bit}");
    }
    assert!(root.unwrap_key(b"for another", &wrapped).is_err());
    assert!(root.unwrap_key(b"for a test", &wrapped).is_ok());
    Ok(())
}

/// Rotation: the new key seals, both open; without the old one its values are
/// gone.
#[test]
fn a_compartment_may_have_several_keys() -> TestResult {
    let root = RootKey::generate()?;
    let stored = new_keys(&root, PRACTICE)?;
    let practice_key = &stored.wrapped_practice_key;
    let mut data = rows(&stored);
    let old = PracticeKeys::unlock(&root, PRACTICE, practice_key, data.clone())?;
    let before = old.seal(&NAME, ROW, &"before".to_owned())?;

    if let Some(first) = data.first_mut() {
        first.active = false;
    }
    let retired = PracticeKeys::unlock(&root, PRACTICE, practice_key, data.clone())?;
    assert_eq!(retired.open(&NAME, ROW, &before)?, "before");
    let sealed = retired.seal(&NAME, ROW, &"after".to_owned());
    assert_eq!(sealed, Err(SealError::NoActiveKey(Compartment::Directory)));

    let shredded = PracticeKeys::unlock(&root, PRACTICE, practice_key, data.split_off(1))?;
    let opened = shredded.open(&NAME, ROW, &before);
    assert_eq!(opened, Err(SealError::UnknownKey(Uuid::from_u128(1))));
    Ok(())
}

#[test]
fn derivation_is_hkdf_sha256() -> TestResult {
    let key = SecretKey::generate()?;
    let mut expected = [0; 32];
    hkdf::Hkdf::<sha2::Sha256>::new(None, key.expose())
        .expand(b"cursors", &mut expected)
        .map_err(|error| error.to_string())?;
    assert!(key.derive("cursors").expose() == &expected);
    assert!(key.derive("cursors").expose() != key.derive("etags").expose());
    Ok(())
}

#[test]
fn no_key_is_ever_printed() -> TestResult {
    let root = RootKey::generate()?;
    let keys = unlock(&root, PRACTICE, &new_keys(&root, PRACTICE)?)?;
    assert_eq!(format!("{:?}", root.derive("x")), "SecretKey(…)");
    assert_eq!(format!("{root:?}"), format!("RootKey({})", root.id()));
    assert_eq!(format!("{keys:?}"), format!("PracticeKeys({PRACTICE}, 5 data keys)"));
    Ok(())
}
