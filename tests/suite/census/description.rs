//! What the document has to say of every operation, and the documents that are refused.

use std::collections::BTreeSet;

use attune::http::Contract;
use serde_json::{Value, json};

use super::Everything;
use crate::support::bodies;
use crate::support::document::Document;

#[test]
fn a_document_with_an_operation_without_a_sound_policy_does_not_start_the_service() {
    let document = attune::app::document();
    assert!(Contract::compile(&document).is_ok());
    let bad = [
        Value::Null,
        json!("open"),
        json!([{ "token": [] }]),
        json!([{}]),
        json!([{ "token": ["clients:everything"] }]),
        json!([{ "token": ["clients:read", "x"] }]),
    ];
    let mut count = 0;
    for operation in Document::read().operations() {
        for security in &bad {
            let method = operation.method.as_str().to_ascii_lowercase();
            // The operation alone: compiling the whole document for each takes a minute.
            let mut broken = document.clone();
            broken["paths"] = json!({ &operation.path: { &method: operation.raw } });
            broken["paths"][&operation.path][&method]["security"] = security.clone();
            if security.is_null() {
                broken["paths"][&operation.path][&method]
                    .as_object_mut()
                    .unwrap()
                    .remove("security");
            }
            count += 1;
            assert!(Contract::compile(&broken).is_err(), "{} with {security}", operation.id);
        }
    }
    println!("census: {count} documents with a broken policy were refused");
}

#[test]
fn every_operation_is_described() {
    let document = Document::read();
    let contract = Contract::compile(&document.0).unwrap();
    let mut ids = BTreeSet::new();
    for operation in document.operations() {
        let text = |key: &str| operation.raw[key].as_str().unwrap_or_default().to_owned();
        let name = format!("{} {}", operation.method, operation.path);
        assert!(ids.insert(text("operationId")), "{name}: its operationId is another's");
        assert!(text("operationId").starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
        for key in ["operationId", "summary", "description"] {
            assert!(!text(key).is_empty(), "{name} has no {key}");
        }
        assert_eq!(operation.raw["tags"].as_array().map(Vec::len), Some(1), "{name}: one tag");
        for parameter in &operation.parameters {
            assert!(!document.schema(&parameter.schema).is_null(), "{name}: {}", parameter.name);
        }
        if let Some(schema) = &operation.body {
            let body = bodies::body(document, schema, &mut Everything);
            let compiled =
                contract.operations().find(|(_, _, known)| known.id == operation.id).unwrap().2;
            let faults = compiled.body_faults(&body);
            assert!(faults.is_empty(), "{name}: {body} {faults:?}");
        }
    }
    println!("census: {} operations are described, and bodies can be made for them", ids.len());
}
