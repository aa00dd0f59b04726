//! Bodies of every operation: what is accepted is tidy and accepted again, what is refused says where and no more.

use attune::error::{Code, Error};
use attune::http::body::checked;
use attune::http::contract::Operation;
use serde_json::Value;

use super::{CONTRACT, hunt, spoil};
use crate::support::document::Document;

/// Every operation with a body, and a body that fits it.
fn with_bodies() -> Vec<(&'static Operation, Value)> {
    let document = Document::read();
    let all = document.operations_of_v1().into_iter().filter_map(|one| Some((one.body?, one.id)));
    let of_contract = |id: &str| {
        CONTRACT.operations().find(|(.., found)| found.id == id).map(|(.., found)| found)
    };
    all.map(|(schema, id)| (of_contract(&id).unwrap(), document.sample(&schema))).collect()
}

/// What is wrong with the refusal of a body, if anything.
pub fn check_refusal(error: &Error) {
    assert!(matches!(error.code(), Code::Malformed | Code::InvalidFields), "{error}");
    assert_eq!(error.faults().is_empty(), error.code() == Code::Malformed, "{error}");
    for fault in error.faults() {
        let pointer = &fault.pointer;
        let spelled_like_ours = |token: &str| {
            !token.starts_with(|first: char| first.is_ascii_uppercase())
                && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        };
        assert!(pointer.is_empty() || pointer.starts_with('/'), "{pointer:?}");
        assert!(pointer.split('/').all(spelled_like_ours), "a pointer repeats {pointer:?}");
        assert!(fault.detail.len() < 4000, "{fault:?}");
    }
}

fn is_tidy(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            text.trim() == text
                && !text.chars().any(|one| one.is_control() && !"\n\t".contains(one))
        }
        Value::Array(entries) => entries.iter().all(is_tidy),
        Value::Object(members) => members.values().all(is_tidy),
        _ => true,
    }
}

#[test]
fn a_spoiled_body_is_refused_with_its_place_or_is_whole() {
    let all = with_bodies();
    let seeds: Vec<Value> = all.iter().map(|(_, body)| body.clone()).collect();
    let (tag, samples) = (u8::try_from(all.len()).unwrap(), &seeds);
    // The first byte says which operation it is for.
    hunt(
        "bodies",
        1_500,
        |chance| {
            let index = chance.below(usize::from(tag));
            let mut input = vec![u8::try_from(index).unwrap()];
            let own = [samples[index].clone()];
            let any = chance.below(8) == 0;
            input.extend(spoil::json(chance, if any { samples } else { &own }));
            input
        },
        |input| {
            let Some((index, body)) = input.split_first() else { return false };
            let Some((operation, _)) = all.get(usize::from(*index)) else { return false };
            match checked(operation, body) {
                Err(error) => {
                    check_refusal(&error);
                    false
                }
                Ok(value) => {
                    assert!(is_tidy(&value), "{value}");
                    let again = checked(operation, value.to_string().as_bytes());
                    assert_eq!(again.ok(), Some(value), "accepted once and not again");
                    true
                }
            }
        },
    );
}
