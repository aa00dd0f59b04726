//! Canaries: texts that begin alike, so that all are looked for at once, and end as no other, so that one that is found
//! says where it was put.

use std::collections::BTreeSet;
use std::fmt;

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};

/// How every canary begins.
const MARK: &str = "Kanari7Q";
/// How it begins where only digits may stand. More of them than a fraction of a second has.
const DIGITS: &str = "731846529";

/// Makes canaries, and counts them with the places and operations that they were put into.
#[derive(Default)]
pub struct Canaries {
    made: usize,
    places: BTreeSet<String>,
    operations: BTreeSet<String>,
}

impl Canaries {
    /// One for this place of an operation.
    pub fn word(&mut self, operation: &str, place: &str) -> String {
        format!("{MARK}{:05}", self.next(operation, place))
    }

    /// The same in digits.
    pub fn digits(&mut self, operation: &str, place: &str) -> String {
        format!("{DIGITS}{:05}", self.next(operation, place))
    }

    fn next(&mut self, operation: &str, place: &str) -> usize {
        self.made += 1;
        self.places.insert(place.to_owned());
        self.operations.insert(operation.to_owned());
        self.made
    }

    pub fn count(&self) -> usize {
        self.made
    }
}

impl fmt::Display for Canaries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (places, operations) = (self.places.len(), self.operations.len());
        write!(f, "{} canaries in {places} places of {operations} operations", self.made)
    }
}

/// The forms in which a canary might be written.
pub fn forms() -> Vec<String> {
    let mut forms =
        vec![DIGITS.to_owned(), MARK.to_owned(), MARK.to_lowercase(), MARK.to_uppercase()];
    for text in [MARK, DIGITS] {
        let bytes = text.as_bytes();
        forms.push(HEXLOWER.encode(bytes));
        forms.push(HEXUPPER.encode(bytes));
        // As a list of bytes is shown by whoever debugs.
        forms.push(bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", "));
        let escaped =
            |each: fn(u8) -> String| bytes.iter().copied().map(each).collect::<Vec<_>>().concat();
        forms.push(escaped(|byte| format!("\\u{byte:04x}")));
        forms.push(escaped(|byte| format!("%{byte:02X}")));
        // By where a group of three bytes begins, base64 has three spellings; of these no letter needs the other
        // alphabet.
        forms.extend((0..3).map(|skipped| BASE64.encode(&bytes[skipped..skipped + 6])));
    }
    forms
}
