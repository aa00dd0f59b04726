//! The engine: one valid input, spoiled in one to four places.

use serde_json::{Map, Value, json};

use crate::isolation::chance::Chance;

/// Texts that have broken parsers before.
const EDGES: [&str; 24] = [
    "",
    " ",
    "\n",
    "\u{0}",
    "\u{7f}",
    "\u{85}",
    "\u{a0}",
    "e\u{301}",
    "\u{200d}",
    "\u{202e}",
    "\u{feff}",
    "\u{fffd}",
    "İ",
    "ß",
    "👩‍❤️‍👩",
    "\u{10ffff}",
    "null",
    "0",
    "-0",
    "%00",
    "..",
    "__proto__",
    "é́́́́́́́́",
    "\\ud800",
];

/// Numbers at which types end.
const NUMBERS: [&str; 20] = [
    "0",
    "-0",
    "-1",
    "1.5",
    "1e2",
    "1E400",
    "-1e-400",
    "255",
    "256",
    "65535",
    "65536",
    "2147483647",
    "2147483648",
    "-2147483649",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "1e308",
    "0.1e-7",
];

/// A text of bytes, spoiled byte by byte; pieces come from the other seeds and from `words`.
pub fn bytes(chance: &mut Chance, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut input = chance.pick(seeds).cloned().unwrap_or_default();
    for _ in 0..=chance.below(4) {
        one_change(chance, &mut input, seeds, words);
    }
    input
}

fn one_change(chance: &mut Chance, input: &mut Vec<u8>, seeds: &[Vec<u8>], words: &[&str]) {
    let at = chance.below(input.len() + 1);
    let end = (at + 1 + chance.below(8)).min(input.len());
    let piece: Vec<u8> = match chance.below(3) {
        0 => chance.pick(&EDGES).copied().unwrap_or_default().into(),
        1 => chance.pick(words).copied().unwrap_or_default().into(),
        _ => {
            let other = chance.pick(seeds).cloned().unwrap_or_default();
            let from = chance.below(other.len() + 1);
            let to = from + chance.below(other.len() - from + 1);
            other[from..to].to_vec()
        }
    };
    match chance.below(10) {
        0 => input.truncate(at),
        1 => drop(input.drain(at..end)),
        2 => {
            let again = input[at..end].to_vec();
            drop(input.splice(at..at, again));
        }
        3 => drop(input.splice(at..end, piece)),
        4 | 5 => drop(input.splice(at..at, piece)),
        6 => input.extend(piece),
        7 => input[at..].reverse(),
        _ => {
            if let Some(byte) = input.get_mut(at) {
                *byte = if chance.below(2) == 0 {
                    *byte ^ (1 << chance.below(8))
                } else {
                    u8::try_from(chance.below(256)).unwrap()
                };
            }
        }
    }
}

/// JSON, spoiled in its tree, and now and then in its text as well.
pub fn json(chance: &mut Chance, seeds: &[Value]) -> Vec<u8> {
    let mut value = chance.pick(seeds).cloned().unwrap_or_default();
    for _ in 0..=chance.below(3) {
        let mut pointers = Vec::new();
        walk(&value, &mut String::new(), &mut pointers);
        let at = chance.pick(&pointers).cloned().unwrap_or_default();
        let donor = chance.pick(seeds).cloned().unwrap_or_default();
        if let Some(place) = value.pointer_mut(&at) {
            spoil_value(chance, place, &donor);
        }
    }
    let mut text = value.to_string();
    while let Some(at) = text.find("\"#") {
        // A number that no `Value` holds was put in as a text.
        let end = at + 2 + text[at + 2..].find('"').unwrap_or_default();
        let number = text[at + 2..end].to_owned();
        text.replace_range(at..=end, &number);
    }
    match chance.below(16) {
        0 => name_twice(chance, &mut text),
        1 => {
            let deep = 1 + chance.below(40);
            text = format!("{}{text}{}", "[".repeat(deep), "]".repeat(deep));
        }
        2 => {
            return bytes(
                chance,
                &[text.into_bytes()],
                &["\"", "{", "}", "[", "]", ",", ":", "\\u", "\\"],
            );
        }
        _ => {}
    }
    text.into_bytes()
}

/// The pointer of every value in a value.
fn walk(value: &Value, at: &mut String, found: &mut Vec<String>) {
    found.push(at.clone());
    let length = at.len();
    let mut descend = |name: &str, inner: &Value| {
        at.push('/');
        at.push_str(&name.replace('~', "~0").replace('/', "~1"));
        walk(inner, at, found);
        at.truncate(length);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, inner)| descend(name, inner)),
        Value::Array(entries) => {
            entries
                .iter()
                .enumerate()
                .for_each(|(index, inner)| descend(&index.to_string(), inner));
        }
        _ => {}
    }
}

fn spoil_value(chance: &mut Chance, place: &mut Value, donor: &Value) {
    match (chance.below(8), &mut *place) {
        (0..=3, Value::Object(members)) => spoil_members(chance, members, donor),
        (0..=2, Value::Array(entries)) => {
            let index = chance.below(entries.len().max(1));
            match (entries.get(index).cloned(), chance.below(4)) {
                (Some(entry), 0) => entries.push(entry),
                (Some(_), 1) => drop(entries.remove(index)),
                (Some(_), 2) => entries.reverse(),
                (Some(entry), _) => {
                    entries.extend(std::iter::repeat_n(entry, 1 + chance.below(90)));
                }
                (None, _) => entries.push(Value::Null),
            }
        }
        (0..=3, Value::Number(_)) => *place = any_number(chance),
        (0..=3, Value::String(text)) => {
            let spoiled =
                bytes(chance, &[text.clone().into_bytes()], &["T", "Z", "_", "-", ":", "."]);
            *text = String::from_utf8_lossy(&spoiled).into_owned();
        }
        (4, _) => {
            let mut pointers = Vec::new();
            walk(donor, &mut String::new(), &mut pointers);
            let from = chance.pick(&pointers).cloned().unwrap_or_default();
            *place = donor.pointer(&from).cloned().unwrap_or_default();
        }
        _ => *place = any_value(chance),
    }
}

fn spoil_members(chance: &mut Chance, members: &mut Map<String, Value>, donor: &Value) {
    let names: Vec<String> = members.keys().cloned().collect();
    let name = chance.pick(&names).cloned().unwrap_or_default();
    match chance.below(4) {
        0 => drop(members.remove(&name)),
        1 => {
            let value = members.remove(&name).unwrap_or_default();
            let edge = chance.pick(&EDGES).copied().unwrap_or_default();
            members.insert(format!("{name}{edge}"), value);
        }
        2 => {
            let others = donor.as_object().into_iter().flatten();
            let others: Vec<_> =
                others.map(|(name, value)| (name.clone(), value.clone())).collect();
            if let Some((name, value)) = chance.pick(&others) {
                members.insert(name.clone(), value.clone());
            }
        }
        _ => drop(members.insert(name, any_value(chance))),
    }
}

fn any_number(chance: &mut Chance) -> Value {
    json!(format!("#{}", chance.pick(&NUMBERS).copied().unwrap_or("0")))
}

/// A value of any type, at the edge of it.
pub fn any_value(chance: &mut Chance) -> Value {
    match chance.below(9) {
        0 => Value::Null,
        1 => json!(chance.below(2) == 0),
        2 | 3 => any_number(chance),
        4 => json!([]),
        5 => json!({}),
        6 => json!("x".repeat(chance.below(5000))),
        7 => (0..chance.below(40)).fold(json!(1), |inner, _| json!([inner])),
        _ => json!(chance.pick(&EDGES)),
    }
}

/// The first member of an object a second time, which no `Value` can hold.
fn name_twice(chance: &mut Chance, text: &mut String) {
    let opens: Vec<usize> = text.match_indices("{\"").map(|(at, _)| at + 1).collect();
    let Some(at) = chance.pick(&opens).copied() else { return };
    let length = text[at + 1..].find('"').unwrap_or_default();
    let name = text[at..at + length + 2].to_owned();
    text.insert_str(at, &format!("{name}:null,"));
}
