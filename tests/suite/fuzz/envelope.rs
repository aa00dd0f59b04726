//! Sealed values and wrapped keys: what was changed by one bit, cut or put together of two does not open.

use attune::seal::{
    Column, Compartment, NewPracticeKeys, PracticeKeys, RootKey, Sealed, StoredDataKey,
};
use uuid::Uuid;

use super::{hunt, spoil};

const NAME: Column =
    Column { table: "clients", name: "family_name", compartment: Compartment::Directory };
const PRACTICE: Uuid = Uuid::from_u128(1);
const ROW: Uuid = Uuid::from_u128(7);

fn generate(root: &RootKey) -> NewPracticeKeys {
    let mut last = 0;
    let next_id = || {
        last += 1;
        Uuid::from_u128(last)
    };
    NewPracticeKeys::generate(PRACTICE, next_id, root).unwrap()
}

/// The keys of the practice, with the first data key wrapped so.
fn unlock(
    root: &RootKey,
    stored: &NewPracticeKeys,
    practice: &[u8],
    first: &[u8],
) -> Option<PracticeKeys> {
    let rows = stored.data_keys.iter().enumerate().map(|(index, key)| StoredDataKey {
        id: key.id,
        compartment: key.compartment,
        active: true,
        wrapped: if index == 0 { first } else { &key.wrapped },
    });
    PracticeKeys::unlock(root, PRACTICE, practice, rows.collect::<Vec<_>>()).ok()
}

#[test]
fn no_spoiled_envelope_opens() {
    let root = RootKey::generate().unwrap();
    let stored = generate(&root);
    let keys =
        unlock(&root, &stored, &stored.wrapped_practice_key, &stored.data_keys[0].wrapped).unwrap();
    let texts = ["", "Li", "Featherstonehaugh-Example", "\u{80}\u{0}\u{0}", &"x".repeat(400)];
    let sealed: Vec<(Vec<u8>, String)> = texts
        .iter()
        .map(|text| {
            (keys.seal(&NAME, ROW, &(*text).to_owned()).unwrap().into_bytes(), (*text).to_owned())
        })
        .collect();
    let mut seeds: Vec<Vec<u8>> = sealed.iter().map(|(bytes, _)| bytes.clone()).collect();
    // Of another row, column and compartment.
    let other = Column { name: "given_name", ..NAME };
    let apart = Column { compartment: Compartment::Clinical, ..NAME };
    let li = "Li".to_owned();
    seeds.push(keys.seal(&NAME, Uuid::from_u128(8), &li).unwrap().into_bytes());
    seeds.push(keys.seal(&other, ROW, &li).unwrap().into_bytes());
    seeds.push(keys.seal(&apart, ROW, &li).unwrap().into_bytes());
    hunt(
        "envelope",
        6_000,
        |chance| {
            if chance.below(50) == 0 {
                return sealed[chance.below(sealed.len())].0.clone();
            }
            spoil::bytes(chance, &seeds, &["\u{1}\u{1}", "\u{0}", "\u{80}"])
        },
        |input| {
            let opened = keys.open::<String>(&NAME, ROW, &Sealed::from_bytes(input.to_vec())).ok();
            let known =
                sealed.iter().find(|(bytes, _)| bytes == input).map(|(_, text)| text.clone());
            assert_eq!(opened, known);
            opened.is_some()
        },
    );
}

#[test]
fn no_spoiled_key_unwraps() {
    let root = RootKey::generate().unwrap();
    let stored = generate(&root);
    let (practice, first) = (&stored.wrapped_practice_key, &stored.data_keys[0].wrapped);
    let mut seeds = vec![practice.clone(), first.clone(), stored.data_keys[1].wrapped.clone()];
    seeds.push(generate(&root).wrapped_practice_key);
    hunt(
        "wrapped key",
        600,
        |chance| {
            let whole = chance.below(20) == 0;
            if whole { practice.clone() } else { spoil::bytes(chance, &seeds, &["\u{0}", "\u{1}"]) }
        },
        |input| {
            let of_practice = unlock(&root, &stored, input, first).is_some();
            assert_eq!(of_practice, input == practice);
            assert_eq!(unlock(&root, &stored, practice, input).is_some(), input == first);
            of_practice
        },
    );
}
