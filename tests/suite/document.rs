//! The committed document.

use serde_json::Value;

#[test]
fn the_committed_document_is_the_one_that_is_served() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    let committed: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(
        committed == attune::app::document(),
        "openapi/openapi.json is not the document of this binary. After review: \
         cargo run -- openapi > openapi/openapi.json"
    );
}

/// Whatever a body may hold fits the type that reads it: a whole number without bounds does not.
#[test]
fn every_whole_number_of_a_body_has_its_bounds() {
    use crate::support::document::{Document, kind};
    let document = Document::read();
    let schemas = document.0["components"]["schemas"].as_object().unwrap();
    let asked: std::collections::BTreeSet<String> = document
        .operations()
        .iter()
        .filter_map(|one| one.body.clone())
        .flat_map(|body| reached(document, &body))
        .collect();
    let mut unbounded = Vec::new();
    for (name, schema) in schemas.iter().filter(|(name, _)| asked.contains(*name)) {
        for (member, schema) in schema["properties"].as_object().into_iter().flatten() {
            let schema = document.schema(schema);
            let bounded = schema["minimum"].is_number() && schema["maximum"].is_number();
            if kind(schema) == "integer" && !bounded {
                unbounded.push(format!("{name}/{member}"));
            }
        }
    }
    assert!(asked.len() > 30 && unbounded.is_empty(), "{unbounded:?}");
}

/// Names of the schemas that a schema leads to.
fn reached(document: &crate::support::document::Document, from: &serde_json::Value) -> Vec<String> {
    let (mut found, mut open) = (Vec::<String>::new(), vec![from.clone()]);
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::Object(members) => {
                let name = members.get("$ref").and_then(serde_json::Value::as_str);
                let name = name.and_then(|name| name.rsplit('/').next()).map(str::to_owned);
                if let Some(name) = name.filter(|name| !found.contains(name)) {
                    open.push(document.0["components"]["schemas"][&name].clone());
                    found.push(name);
                }
                open.extend(members.into_iter().map(|(_, member)| member));
            }
            serde_json::Value::Array(entries) => open.extend(entries),
            _ => {}
        }
    }
    found
}
