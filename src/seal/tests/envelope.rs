use std::collections::BTreeMap;

use jiff::civil::{Date, date};
use proptest::prelude::*;
use uuid::Uuid;

use super::{NAME, TestResult, practice};
use crate::seal::{Column, Compartment, PracticeKeys, SealError, Sealed, SealedJson};

const ROW: Uuid = Uuid::from_u128(7);

fn open(keys: &PracticeKeys, bytes: &[u8]) -> Result<String, SealError> {
    keys.open(&NAME, ROW, &Sealed::from_bytes(bytes.to_vec()))
}

proptest! {
    #[test]
    fn any_text_comes_back(text in any::<String>(), row in any::<u128>()) {
        let (keys, row) = (practice(1)?, Uuid::from_u128(row));
        prop_assert_eq!(keys.open(&NAME, row, &keys.seal(&NAME, row, &text)?)?, text);
    }

    #[test]
    fn any_bytes_are_refused(bytes in any::<Vec<u8>>()) {
        prop_assert!(open(&practice(1)?, &bytes).is_err());
    }
}

#[test]
fn dates_and_documents_come_back() -> TestResult {
    let keys = practice(1)?;
    let born = date(1984, 2, 29);
    assert_eq!(keys.open(&NAME, ROW, &keys.seal(&NAME, ROW, &born)?)?, born);

    let answers = SealedJson(BTreeMap::from([("q1".to_owned(), vec![3, 1, 4])]));
    assert_eq!(keys.open(&NAME, ROW, &keys.seal(&NAME, ROW, &answers)?)?, answers);
    Ok(())
}

#[test]
fn an_empty_column_stays_empty() -> TestResult {
    let keys = practice(1)?;
    assert_eq!(keys.seal_opt::<String>(&NAME, ROW, None)?, None);
    assert_eq!(keys.open_opt::<String>(&NAME, ROW, None)?, None);
    let sealed = keys.seal_opt(&NAME, ROW, Some(&"Łukasz".to_owned()))?;
    assert_eq!(keys.open_opt(&NAME, ROW, sealed.as_ref())?.as_deref(), Some("Łukasz"));
    Ok(())
}

/// 2,000 envelopes, each tried in five places it does not belong to.
#[test]
fn a_moved_value_does_not_open() -> TestResult {
    let (keys, stranger) = (practice(1)?, practice(2)?);
    let elsewhere = [
        Column { name: "given_name", ..NAME },
        Column { table: "clinicians", ..NAME },
        Column { compartment: Compartment::Psychotherapy, ..NAME },
    ];
    let mut opened = 0;
    for number in 0..2_000 {
        let (row, other) = (Uuid::from_u128(number), Uuid::from_u128(number + 1));
        let sealed = keys.seal(&NAME, row, &format!("name {number}"))?;
        opened += usize::from(keys.open(&NAME, other, &sealed).is_ok());
        opened += usize::from(stranger.open(&NAME, row, &sealed).is_ok());
        let moved = elsewhere.iter().filter(|column| keys.open(column, row, &sealed).is_ok());
        opened += moved.count();
        assert!(keys.open(&NAME, row, &sealed).is_ok());
    }
    assert_eq!(opened, 0, "of 10,000 moved values");
    Ok(())
}

/// The table's end and the column's beginning cannot be traded for each other.
#[test]
fn names_do_not_run_into_each_other() -> TestResult {
    let keys = practice(1)?;
    let column = |table, name| Column { table, name, compartment: Compartment::Couple };
    let sealed = keys.seal(&column("note", "s_text"), ROW, &"…".to_owned())?;
    let opened = keys.open(&column("notes", "_text"), ROW, &sealed);
    assert_eq!(opened, Err(SealError::DoesNotOpen));
    Ok(())
}

#[test]
fn every_flipped_bit_is_refused() -> TestResult {
    let keys = practice(1)?;
    let sealed = keys.seal(&NAME, ROW, &"Ångström".to_owned())?;
    for position in 0..sealed.as_bytes().len() {
        for bit in 0..8 {
            let mut bytes = sealed.as_bytes().to_vec();
            if let Some(byte) = bytes.get_mut(position) {
                *byte ^= 1 << bit;
            }
            assert!(open(&keys, &bytes).is_err(), "bit {bit} of byte {position}");
        }
    }
    Ok(())
}

#[test]
fn every_other_length_is_refused() -> TestResult {
    let keys = practice(1)?;
    let sealed = keys.seal(&NAME, ROW, &"Featherstonehaugh of Cholmondeley".to_owned())?;
    let mut bytes = sealed.into_bytes();
    for length in 0..bytes.len() {
        let cut: Vec<u8> = bytes.iter().copied().take(length).collect();
        assert!(open(&keys, &cut).is_err(), "cut to {length} bytes");
    }
    assert!(open(&keys, &bytes).is_ok());
    for _ in 0..64 {
        bytes.push(0);
        assert!(open(&keys, &bytes).is_err(), "grown to {} bytes", bytes.len());
    }
    Ok(())
}

#[test]
fn the_same_value_never_looks_the_same() -> TestResult {
    let keys = practice(1)?;
    let name = "Müller".to_owned();
    assert_ne!(keys.seal(&NAME, ROW, &name)?, keys.seal(&NAME, ROW, &name)?);
    Ok(())
}

#[test]
fn lengths_show_in_steps_of_32_bytes() -> TestResult {
    let keys = practice(1)?;
    for (length, size) in [(0, 90), (1, 90), (31, 90), (32, 122), (63, 122), (64, 154)] {
        let sealed = keys.seal(&NAME, ROW, &"x".repeat(length))?;
        assert_eq!(sealed.as_bytes().len(), size, "{length} letters");
        assert_eq!(open(&keys, sealed.as_bytes())?.len(), length);
    }
    Ok(())
}

#[test]
fn errors_tell_the_kind_and_never_the_value() -> TestResult {
    let keys = practice(1)?;
    let secret = keys.seal(&NAME, ROW, &"born in Ulm".to_owned())?;
    assert_eq!(format!("{secret:?}"), "Sealed(90 bytes)");

    let as_date = Sealed::<Date>::from_bytes(secret.as_bytes().to_vec());
    assert_eq!(keys.open(&NAME, ROW, &as_date), Err(SealError::BadPlaintext));

    let notes = Column { compartment: Compartment::Psychotherapy, ..NAME };
    let wrong = SealError::WrongCompartment { key: NAME.compartment, column: notes.compartment };
    assert_eq!(keys.open(&notes, ROW, &secret), Err(wrong));

    let mut future = secret.into_bytes();
    if let Some(version) = future.first_mut() {
        *version = 2;
    }
    assert_eq!(open(&keys, &future), Err(SealError::Malformed));
    Ok(())
}

/// `cargo test --release opening_is_quick -- --ignored --nocapture`
#[test]
#[ignore = "a measurement, not a check"]
fn opening_is_quick() -> TestResult {
    let keys = practice(1)?;
    let sealed = keys.seal(&NAME, ROW, &"Featherstonehaugh II".to_owned())?;
    let start = std::time::Instant::now();
    for _ in 0..100_000 {
        std::hint::black_box(keys.open(&NAME, ROW, &sealed)?);
    }
    println!("opening a name of 20 bytes takes {:?}", start.elapsed() / 100_000);
    Ok(())
}
