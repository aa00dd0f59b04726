//! The canaries reach every text that a body can carry.

use std::collections::BTreeSet;

use serde_json::Value;

use super::canaries::{CLEAR, SEALED};
use crate::support::bodies::is_telephone;
use crate::support::document::{Document, kind, members};

/// Text of the document, telephone numbers and dates of people among it, is either written by the script
/// above or may be in clear.
#[test]
fn every_text_of_every_body_is_sealed_or_published() {
    let document = Document::read();
    let mut texts = BTreeSet::new();
    for operation in document.operations() {
        if let Some(body) = &operation.body {
            gather(document, body, "", &mut texts);
        }
    }
    assert!(texts.len() > 40, "{texts:?}");
    let known = |text: &String| {
        SEALED.contains(&text.as_str()) || CLEAR.iter().any(|clear| text.starts_with(clear))
    };
    let unknown: Vec<_> = texts.iter().filter(|text| !known(text)).collect();
    assert!(unknown.is_empty(), "write canaries into {unknown:?}, or publish why not");
}

/// `Schema/member` of each free text below a schema; members of a list stand below their list.
fn gather(document: &Document, schema: &Value, within: &str, texts: &mut BTreeSet<String>) {
    let named = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    let within = match named {
        // A list of a body's own is looked for under the body's name.
        Some("NewMember") if !within.is_empty() => within,
        Some(name) => name,
        None => within,
    };
    let resolved = document.schema(schema);
    if kind(resolved) == "array" {
        return gather(document, &resolved["items"], within, texts);
    }
    for (member, schema) in members(resolved) {
        let at = format!("{within}/{member}");
        let inner = document.schema(schema);
        let telephone = inner["pattern"].as_str().is_some_and(is_telephone);
        let form = inner["format"].as_str();
        let free = matches!(form, None | Some("email" | "date"));
        let closed = inner["enum"].is_array() || (inner["pattern"].is_string() && !telephone);
        match kind(inner) {
            "string" if free && !closed => drop(texts.insert(at)),
            "object" | "array" => gather(document, schema, &at, texts),
            _ => {}
        }
    }
}
