//! Marks: texts by which a record is recognised wherever it turns up.
//!
//! Every free text of the world is a random canary; ids and telephone numbers serve as well.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use serde_json::Value;

use super::chance::Chance;
use crate::support::Answer;
use crate::support::bodies::is_telephone;

const CANARY: &str = "kn";
const CANARY_LETTERS: usize = 10;
const TELEPHONE: &str = "+1999";
const TELEPHONE_DIGITS: usize = 10;
const ID_LETTERS: usize = 26;

/// A canary that fits the schema of a free text.
pub fn canary(chance: &mut Chance, schema: &Value) -> String {
    if schema["pattern"].as_str().is_some_and(is_telephone) {
        return format!("{TELEPHONE}{}", chance.text(b"0123456789", TELEPHONE_DIGITS));
    }
    let word =
        format!("{CANARY}{}", chance.text(b"abcdefghjkmnpqrstvwxyz23456789", CANARY_LETTERS));
    match schema["format"].as_str() {
        Some("email") => format!("{word}@canary.example"),
        Some("uri") => format!("https://{word}.example"),
        _ => word,
    }
}

/// Every mark in a text.
pub fn marks(text: &str) -> BTreeSet<String> {
    let bytes = text.as_bytes();
    let mut found = BTreeSet::new();
    for start in 0..bytes.len() {
        // Within another word nothing begins.
        if start > 0 && bytes[start - 1].is_ascii_alphanumeric() {
            continue;
        }
        found.extend(canary_at(text, start));
        found.extend(telephone_at(text, start));
        found.extend(id_at(text, start));
    }
    found
}

/// Every mark of an answer: body, headers, and what cursors hold behind their base64.
pub fn marks_of_answer(answer: &Answer) -> BTreeSet<String> {
    let mut text = String::from_utf8_lossy(&answer.body).into_owned();
    for (name, value) in &answer.headers {
        if name != "x-request-id" {
            text.push('\n');
            text.push_str(&String::from_utf8_lossy(value.as_bytes()));
        }
    }
    let mut found = marks(&text);
    for word in text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')) {
        if let Ok(bytes) = BASE64URL_NOPAD.decode(word.as_bytes())
            && word.len() > 20
        {
            found.extend(marks(&String::from_utf8_lossy(&bytes)));
            // An id lies in a cursor as its sixteen bytes.
            found.extend(bytes.windows(16).map(|bytes| data_encoding::HEXLOWER.encode(bytes)));
        }
    }
    found
}

/// The sixteen bytes of an id as the hexadecimal that [`marks_of_answer`] finds in cursors.
pub fn bytes_of_id(id: &str) -> String {
    const ALPHABET: &str = "0123456789abcdefghjkmnpqrstvwxyz";
    let letters = id.rsplit('_').next().unwrap_or_default();
    let value = letters.chars().fold(0u128, |value, letter| {
        let digit = ALPHABET.find(letter).unwrap_or_default();
        (value << 5) | u128::try_from(digit).unwrap_or_default()
    });
    format!("{value:032x}")
}

/// `cli_…` is an id; a canary is not.
pub fn is_id(mark: &str) -> bool {
    mark.len() == 4 + ID_LETTERS && mark.as_bytes()[3] == b'_'
}

fn canary_at(text: &str, start: usize) -> Option<String> {
    run(text, start, CANARY, CANARY_LETTERS, |b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

fn telephone_at(text: &str, start: usize) -> Option<String> {
    run(text, start, TELEPHONE, TELEPHONE_DIGITS, |b| b.is_ascii_digit())
}

fn id_at(text: &str, start: usize) -> Option<String> {
    let bytes = text.as_bytes().get(start..start + 4 + ID_LETTERS)?;
    let (kind, rest) = bytes.split_at(3);
    let fits = rest[0] == b'_'
        && kind.iter().all(u8::is_ascii_lowercase)
        && kind != b"req"
        && rest[1..].iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    fits.then(|| String::from_utf8_lossy(bytes).into_owned())
}

fn run(text: &str, start: usize, head: &str, count: usize, fits: fn(u8) -> bool) -> Option<String> {
    let bytes = text.as_bytes().get(start..start + head.len() + count)?;
    let (first, rest) = bytes.split_at(head.len());
    (first == head.as_bytes() && rest.iter().all(|b| fits(*b)))
        .then(|| String::from_utf8_lossy(bytes).into_owned())
}
