//! What is the same for every schema: responses leave nothing out, and their words may grow.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::texts::public_text;

/// Schemas that responses reach have every member required (a response leaves nothing out),
/// and their enums are open: a known set that may grow without breaking anybody.
pub(super) fn finish_schemas(document: &mut Value) {
    let answered = reachable(document, "responses");
    let asked = reachable(document, "requestBody");
    let verbatim: BTreeSet<String> =
        VERBATIM.iter().flat_map(|name| below(document, name)).collect();
    let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
    else {
        return;
    };
    let words: Map<String, Value> = schemas
        .iter()
        .filter(|(_, schema)| schema.get("enum").is_some())
        .map(|(name, schema)| (name.clone(), schema.clone()))
        .collect();
    for (name, schema) in schemas.iter_mut() {
        tidy_descriptions(schema);
        close_kinds(schema);
        if !answered.contains(name) || verbatim.contains(name) {
            continue;
        }
        require_every_member(schema);
        if asked.contains(name) {
            drop_defaults(schema);
        } else {
            open_words(schema, &words);
        }
    }
    // Words that only responses knew are now written where they stand.
    let used = [
        reachable(document, "responses"),
        reachable(document, "requestBody"),
        reachable(document, "parameters"),
    ];
    if let Some(schemas) =
        document.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
    {
        schemas.retain(|name, _| used.iter().any(|names| names.contains(name)));
    }
    mark_recursion(document);
}

/// The kinds of something take their own members and no others, as their type does. `utoipa` writes that of structs and
/// leaves it out of the kinds of an enum.
fn close_kinds(schema: &mut Value) {
    let kinds = schema.get_mut("oneOf").and_then(Value::as_array_mut);
    for kind in kinds.into_iter().flatten().filter_map(Value::as_object_mut) {
        if kind.contains_key("properties") {
            kind.entry("additionalProperties").or_insert(json!(false));
        }
    }
}

/// What is answered as it was written: a member that is absent stays absent.
const VERBATIM: [&str; 3] = ["Definition", "ProgramDefinition", "Schedule"];

/// Marks the members that lead back to the schema they stand in: whoever walks the document, and makes
/// something for every member, has to stop there.
fn mark_recursion(document: &mut Value) {
    let whole = document.clone();
    let schemas = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut);
    for (name, schema) in schemas.into_iter().flatten() {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
        for (_, member) in properties.into_iter().flatten() {
            let mut reached = BTreeSet::new();
            collect(member, &whole, &mut reached);
            if let Some(member) = member.as_object_mut().filter(|_| reached.contains(name)) {
                member.insert("x-recursive".to_owned(), json!(true));
            }
        }
    }
}

/// Names of a schema and of those that it reaches.
fn below(document: &Value, name: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    collect(&json!({ "$ref": format!("#/components/schemas/{name}") }), document, &mut names);
    names
}

/// Names of the schemas that a part of any operation reaches, directly or through others.
fn reachable(document: &Value, part: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let items = document.get("paths").and_then(Value::as_object).into_iter().flatten();
    for (_, item) in items {
        for operation in item.as_object().into_iter().flatten().map(|(_, operation)| operation) {
            operation.get(part).into_iter().for_each(|value| collect(value, document, &mut names));
        }
    }
    if part == "responses" {
        collect(&json!({ "$ref": "#/components/schemas/Problem" }), document, &mut names);
    }
    names
}

fn collect(value: &Value, document: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Array(entries) => entries.iter().for_each(|entry| collect(entry, document, names)),
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            if let Some(name) =
                target.and_then(|target| target.strip_prefix("#/components/schemas/"))
                && names.insert(name.to_owned())
                && let Some(schema) = document.pointer(&format!("/components/schemas/{name}"))
            {
                collect(schema, document, names);
            }
            members.values().for_each(|member| collect(member, document, names));
        }
        _ => {}
    }
}

fn require_every_member(schema: &mut Value) {
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        let names: Vec<Value> = properties.keys().map(|name| json!(name)).collect();
        if let Some(schema) = schema.as_object_mut() {
            schema.insert("required".to_owned(), names.into());
        }
    }
}

/// What has to be sent has no default.
fn drop_defaults(schema: &mut Value) {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (_, member) in properties.into_iter().flatten() {
        if let Some(member) = member.as_object_mut() {
            member.remove("default");
        }
    }
}

fn open_words(value: &mut Value, words: &Map<String, Value>) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| open_words(entry, words)),
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str).map(str::to_owned);
            let name =
                target.as_deref().and_then(|target| target.strip_prefix("#/components/schemas/"));
            if let Some(schema) = name.and_then(|name| words.get(name)) {
                members.remove("$ref");
                members.insert("type".to_owned(), json!("string"));
                members.insert(
                    "x-known-values".to_owned(),
                    schema.get("enum").cloned().unwrap_or_default(),
                );
                let own = schema.get("description").cloned().unwrap_or_default();
                members.entry("description").or_insert(own);
            } else {
                members.values_mut().for_each(|member| open_words(member, words));
            }
        }
        _ => {}
    }
}

pub(super) fn forbid_null(schema: &mut Value) {
    let Some(object) = schema.as_object_mut() else { return };
    if let Some(types) = object.get("type").and_then(Value::as_array) {
        let kept: Vec<Value> = types.iter().filter(|one| **one != json!("null")).cloned().collect();
        if let [only] = kept.as_slice() {
            object.insert("type".to_owned(), only.clone());
        }
    }
    for key in ["oneOf", "anyOf"] {
        let Some(branches) = object.get(key).and_then(Value::as_array) else { continue };
        let kept: Vec<Value> = branches
            .iter()
            .filter(|one| one.get("type") != Some(&json!("null")))
            .cloned()
            .collect();
        if let [Value::Object(only)] = kept.as_slice() {
            let only = only.clone();
            object.remove(key);
            for (name, member) in only {
                object.entry(name).or_insert(member);
            }
        }
    }
}

pub(super) fn tidy_descriptions(value: &mut Value) {
    match value {
        Value::Array(entries) => entries.iter_mut().for_each(tidy_descriptions),
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    Value::String(text) if name == "description" => *text = public_text(text),
                    _ => tidy_descriptions(member),
                }
            }
        }
        _ => {}
    }
}

/// `Page_Client` becomes `ClientPage`, wherever it is named.
pub(super) fn rename_pages(document: &mut Value) {
    let rename = |name: &str| name.strip_prefix("Page_").map(|entry| format!("{entry}Page"));
    if let Some(schemas) =
        document.pointer_mut("/components/schemas").and_then(Value::as_object_mut)
    {
        let renamed = std::mem::take(schemas)
            .into_iter()
            .map(|(name, schema)| (rename(&name).unwrap_or(name), schema))
            .collect();
        *schemas = renamed;
    }
    rename_references(document, &rename);
}

fn rename_references(value: &mut Value, rename: &impl Fn(&str) -> Option<String>) {
    match value {
        Value::Array(entries) => {
            entries.iter_mut().for_each(|entry| rename_references(entry, rename));
        }
        Value::Object(members) => {
            for (key, member) in members {
                if key == "$ref"
                    && let Some(name) =
                        member.as_str().and_then(|text| text.strip_prefix("#/components/schemas/"))
                    && let Some(new) = rename(name)
                {
                    *member = json!(format!("#/components/schemas/{new}"));
                } else {
                    rename_references(member, rename);
                }
            }
        }
        _ => {}
    }
}
