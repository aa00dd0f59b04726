//! What answers a definition takes: as a JSON Schema, which apps render and the service checks with.
//!
//! Answers are one flat object, by the names of the questions: names are unique, and an app that
//! regroups a form need not move its answers. One schema serves both sides, so that what an app may
//! trust is what the service enforces.

use serde_json::{Map, Value, json};

use super::Definition;
use super::item::{Inventory, Item, ItemType, Template, Timer};
use crate::error::Fault;

/// Characters of a line, unless the item says otherwise.
const LINE: u16 = 200;

/// The JSON Schema of the answers of whoever has this role. A draft may leave anything out.
#[must_use]
pub fn schema(definition: &Definition, role: Option<&str>, draft: bool) -> Value {
    let asked: Vec<&Item> = asked(definition, role).collect();
    let properties: Map<String, Value> =
        asked.iter().map(|item| (item.link_id.clone(), of_item(item, draft))).collect();
    let required: Vec<&str> = asked
        .iter()
        .filter(|item| item.required && !draft)
        .map(|item| item.link_id.as_str())
        .collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// The questions of whoever has this role.
pub fn asked<'a>(
    definition: &'a Definition,
    role: Option<&'a str>,
) -> impl Iterator<Item = &'a Item> {
    let questions = definition.questions().into_iter().map(|(_, item)| item);
    questions.filter(move |item| {
        !item.read_only && item.role.as_deref().is_none_or(|wanted| role == Some(wanted))
    })
}

/// The questions that are not asked on a device that both use (`domain` 2.5): whoever takes it next would read along.
#[must_use]
pub fn asked_alone(definition: &Definition) -> Vec<&Item> {
    let questions = definition.questions().into_iter().map(|(_, item)| item);
    questions.filter(|item| !item.read_only && item.audience().is_asked_alone()).collect()
}

/// The faults that a schema cannot express: sentences are counted. Pointers stand below `at`.
#[must_use]
pub fn sentence_faults(
    definition: &Definition,
    answers: &Map<String, Value>,
    at: &str,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (_, item) in definition.questions() {
        let Some(most) = item.max_sentences else { continue };
        let Some(text) = answers.get(&item.link_id).and_then(Value::as_str) else { continue };
        if sentences(text) > usize::from(most) {
            let detail = format!("At most {most} sentences.");
            faults.push(Fault::body(
                format!("{at}/{}", item.link_id),
                "too_many_sentences",
                detail,
            ));
        }
    }
    faults
}

/// Sentences of a text: what ends in a full stop, a question mark or an exclamation mark before a space
/// or the end, and what follows the last of them. `3.5` and `e.g.x` end nothing.
fn sentences(text: &str) -> usize {
    let mut count = 0;
    let mut open = false;
    let mut ending = false;
    for letter in text.chars() {
        match letter {
            '.' | '!' | '?' | '…' if open => ending = true,
            _ if letter.is_whitespace() && ending => {
                count += 1;
                (open, ending) = (false, false);
            }
            _ if letter.is_alphanumeric() => (open, ending) = (true, false),
            _ => {}
        }
    }
    count + usize::from(open)
}

fn of_item(item: &Item, draft: bool) -> Value {
    let mut one = of_type(item, draft);
    if let (Some(text), Some(object)) = (&item.text, one.as_object_mut()) {
        object.insert("title".to_owned(), json!(text));
    }
    if item.repeats {
        return json!({ "type": "array", "maxItems": 20, "items": one });
    }
    one
}

fn of_type(item: &Item, draft: bool) -> Value {
    let text = |most: u16| json!({ "type": "string", "minLength": 1, "maxLength": most });
    let codes: Vec<&str> = item.options.iter().map(|option| option.code.as_str()).collect();
    match item.r#type {
        ItemType::Display | ItemType::Group => json!(false),
        ItemType::Boolean => json!({ "type": "boolean" }),
        ItemType::Integer | ItemType::Duration => number("integer", item, None),
        ItemType::Count => number("integer", item, Some(0.0)),
        ItemType::Decimal => number("number", item, None),
        ItemType::Scale => of_scale(item),
        ItemType::Choice => json!({ "type": "string", "enum": codes }),
        ItemType::OpenChoice | ItemType::String => text(item.max_length.unwrap_or(LINE)),
        ItemType::Text => text(item.max_length.unwrap_or(4000)),
        ItemType::MultiChoice | ItemType::Checklist => json!({
            "type": "array", "uniqueItems": true, "items": { "type": "string", "enum": codes },
            "minItems": if draft { 0 } else { item.min_choices.unwrap_or(0) },
            "maxItems": usize::from(item.max_choices.unwrap_or(u8::MAX)).min(codes.len()),
        }),
        ItemType::Date => json!({ "type": "string", "format": "date" }),
        ItemType::Time => json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$" }),
        ItemType::Datetime => json!({ "type": "string", "format": "date-time" }),
        ItemType::Timer => item.timer.as_ref().map_or(json!(false), of_timer),
        ItemType::List => of_list(item, draft),
        ItemType::Template => {
            item.template.as_ref().map_or(json!(false), |template| of_template(template, draft))
        }
        ItemType::Consent => json!({ "type": "string", "enum": ["green", "yellow", "red"] }),
        ItemType::Inventory => {
            item.inventory.as_ref().map_or(json!(false), |one| of_inventory(one, draft))
        }
        ItemType::Attestation => of_attestation(item),
        ItemType::Reference => {
            json!({ "type": "string", "pattern": "^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$" })
        }
    }
}

fn number(kind: &str, item: &Item, least: Option<f64>) -> Value {
    let bound = |value: f64| if kind == "integer" { whole(value) } else { json!(value) };
    let mut schema = json!({ "type": kind });
    if let Some(object) = schema.as_object_mut() {
        if let Some(min) = item.min.or(least) {
            object.insert("minimum".to_owned(), bound(min));
        }
        object.insert("maximum".to_owned(), item.max.map_or(json!(1_000_000), bound));
    }
    schema
}

/// A bound of a whole number, without a fraction. The lint keeps it where each is told from the next.
fn whole(value: f64) -> Value {
    format!("{value:.0}").parse::<i64>().map_or(Value::Null, Value::from)
}

fn of_scale(item: &Item) -> Value {
    let Some(scale) = &item.scale else { return json!(false) };
    if scale.step == 1 {
        return json!({ "type": "integer", "minimum": scale.min, "maximum": scale.max });
    }
    let steps: Vec<i32> = (scale.min..=scale.max)
        .filter(|step| (step - scale.min) % scale.step.max(1) == 0)
        .collect();
    json!({ "type": "integer", "enum": steps })
}

fn of_timer(timer: &Timer) -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["turns"],
        "properties": {
            "turns": {
                "type": "array", "minItems": 1, "maxItems": timer.turns.unwrap_or(1),
                "items": {
                    "type": "object", "additionalProperties": false, "required": ["actual_s"],
                    "properties": {
                        "role": { "type": "string", "maxLength": 64 },
                        "actual_s": {
                            "type": "integer",
                            "minimum": timer.min_s.unwrap_or(0),
                            "maximum": timer.max_s.unwrap_or(86_400),
                        },
                    },
                },
            },
            "stopped_by": { "type": "string", "enum": ["timer", "participant"] },
        },
    })
}

fn of_list(item: &Item, draft: bool) -> Value {
    let Some(list) = &item.list else { return json!(false) };
    let mut properties: Map<String, Value> =
        item.items.iter().map(|one| (one.link_id.clone(), of_item(one, draft))).collect();
    properties.insert(
        "row_id".to_owned(),
        json!({ "type": "string", "pattern": "^[A-Za-z0-9_-]{1,40}$" }),
    );
    let required = item.items.iter().filter(|one| one.required && !draft);
    let required: Vec<&str> = required.map(|one| one.link_id.as_str()).chain(["row_id"]).collect();
    json!({
        "type": "array", "minItems": if draft { 0 } else { list.min_rows }, "maxItems": list.max_rows,
        "items": {
            "type": "object", "additionalProperties": false,
            "properties": properties, "required": required,
        },
    })
}

fn of_template(template: &Template, draft: bool) -> Value {
    let properties: Map<String, Value> = template
        .slots
        .iter()
        .map(|slot| {
            let most = slot.max_length.unwrap_or(LINE);
            let schema =
                json!({ "type": "string", "minLength": 1, "maxLength": most, "title": slot.label });
            (slot.key.clone(), schema)
        })
        .collect();
    let required = template.slots.iter().filter(|slot| slot.required && !draft);
    let required: Vec<&str> = required.map(|slot| slot.key.as_str()).collect();
    json!({
        "type": "object", "additionalProperties": false,
        "properties": properties, "required": required,
    })
}

fn of_inventory(inventory: &Inventory, draft: bool) -> Value {
    let word = json!({ "type": "string", "enum": inventory.responses });
    let entries: Map<String, Value> =
        inventory.entries.iter().map(|entry| (entry.code.clone(), word.clone())).collect();
    let least = if draft { 0 } else { inventory.min_entries_before_reveal };
    json!({
        "type": "object", "additionalProperties": false, "required": ["entries"],
        "properties": {
            "entries": {
                "type": "object", "additionalProperties": false,
                "properties": entries, "minProperties": least,
            },
            "custom": {
                "type": "array", "maxItems": inventory.custom_entries_max,
                "items": {
                    "type": "object", "additionalProperties": false, "required": ["text", "response"],
                    "properties": {
                        "text": { "type": "string", "minLength": 1, "maxLength": LINE },
                        "response": word,
                    },
                },
            },
        },
    })
}

fn of_attestation(item: &Item) -> Value {
    let typed = item.attestation.as_ref().is_some_and(|attestation| attestation.typed_name);
    let required: &[&str] = if typed { &["accepted", "typed_name"] } else { &["accepted"] };
    json!({
        "type": "object", "additionalProperties": false, "required": required,
        "properties": {
            "accepted": { "const": true },
            "typed_name": { "type": "string", "minLength": 1, "maxLength": 160 },
        },
    })
}
