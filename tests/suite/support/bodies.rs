//! Valid bodies made from the document's schemas.

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value, json};

use super::document::{Document, kind, members};

/// What decides the parts of a body that the schema leaves open.
pub trait Choice {
    /// Whether to include the optional member at this pointer.
    fn includes(&mut self, pointer: &str, schema: &Value) -> bool;
    /// The id of this kind at this pointer.
    fn id(&mut self, pointer: &str, kind: &str) -> String;
    /// Free text at this pointer.
    fn text(&mut self, pointer: &str, schema: &Value) -> String;
}

/// A body of this schema.
pub fn body(document: &Document, schema: &Value, choice: &mut impl Choice) -> Value {
    value(document, schema, "", choice)
}

fn value(document: &Document, schema: &Value, at: &str, choice: &mut impl Choice) -> Value {
    let schema = document.schema(schema);
    if let Some(kind) = document.id_kind(schema) {
        return choice.id(at, &kind).into();
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.first().cloned().unwrap_or_default();
    }
    match kind(schema) {
        "object" => object(document, schema, at, choice),
        "array" => array(document, schema, at, choice),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(false),
        "string" => text(schema, at, choice).into(),
        other => panic!("{at}: teach tests/suite/support/bodies.rs to make `{other}`: {schema}"),
    }
}

fn object(document: &Document, schema: &Value, at: &str, choice: &mut impl Choice) -> Value {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let mut made = Map::new();
    for (name, member) in members(schema) {
        let at = format!("{at}/{name}");
        if required.contains(&json!(name)) || choice.includes(&at, document.schema(member)) {
            made.insert(name.clone(), value(document, member, &at, choice));
        }
    }
    made.into()
}

fn array(document: &Document, schema: &Value, at: &str, choice: &mut impl Choice) -> Value {
    let least = schema["minItems"].as_u64().unwrap_or_default();
    let count = if choice.includes(&format!("{at}/0"), schema) { least.max(1) } else { least };
    (0..count)
        .map(|index| value(document, &schema["items"], &format!("{at}/{index}"), choice))
        .collect()
}

fn text(schema: &Value, at: &str, choice: &mut impl Choice) -> String {
    match (schema["format"].as_str(), schema["pattern"].as_str()) {
        (Some("date"), _) => "2026-12-24".to_owned(),
        (Some("date-time"), _) => "2026-11-03T10:00:00Z".to_owned(),
        (Some("iana-timezone"), _) => "America/Boise".to_owned(),
        (_, Some(pattern)) if !is_telephone(pattern) => {
            of_pattern(pattern, schema["maxLength"].as_u64())
        }
        _ => choice.text(at, schema),
    }
}

/// Telephone numbers are personal and take part in what may not leak.
pub fn is_telephone(pattern: &str) -> bool {
    pattern.starts_with(r"^\+")
}

/// Text of a regular expression, the same for the same expression.
pub fn of_pattern(pattern: &str, most: Option<u64>) -> String {
    let bare = pattern.trim_start_matches('^').trim_end_matches('$');
    let strategy = proptest::string::string_regex(bare).expect("a pattern that can be generated");
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let fits = |text: &String| {
        most.is_none_or(|most| u64::try_from(text.chars().count()).unwrap() <= most)
    };
    let mut texts = std::iter::repeat_with(|| {
        strategy.new_tree(&mut runner).expect("text of the pattern").current()
    });
    texts.find(fits).expect("a text that is short enough")
}
