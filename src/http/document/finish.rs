//! What is added to every operation and schema, on the document as JSON.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{examples, problem_example};
use crate::error::Code;

/// The problems that the frame itself can answer, by what an operation takes.
const ALWAYS: &[(&str, Code)] = &[
    ("400", Code::InvalidParameter),
    ("401", Code::Unauthorized),
    ("403", Code::ScopeMissing),
    ("500", Code::Internal),
    ("503", Code::Overloaded),
];
const WITH_PATH: &[(&str, Code)] = &[("404", Code::NotFound)];
const WITH_BODY: &[(&str, Code)] = &[
    ("408", Code::RequestTimeout),
    ("413", Code::PayloadTooLarge),
    ("415", Code::UnsupportedMediaType),
    ("422", Code::InvalidFields),
];
const WRITES: &[(&str, Code)] = &[("409", Code::InvalidTransition)];
const WITH_KEY: &[(&str, Code)] = &[("422", Code::InvalidFields)];
const WITH_IF_MATCH: &[(&str, Code)] =
    &[("412", Code::PreconditionFailed), ("428", Code::PreconditionRequired)];

/// Completes the document that the registration of routes has yielded.
#[must_use]
pub fn finish(mut document: Value) -> Value {
    rename_pages(&mut document);
    let examples = examples();
    if let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) {
        for (path, item) in paths {
            for (method, operation) in item.as_object_mut().into_iter().flatten() {
                if let Some(operation) = operation.as_object_mut() {
                    finish_operation(path, method, operation, &examples);
                }
            }
        }
    }
    finish_schemas(&mut document);
    add_shared_parts(&mut document);
    document
}

fn finish_operation(
    path: &str,
    method: &str,
    operation: &mut Map<String, Value>,
    examples: &Map<String, Value>,
) {
    let id = camel_case(operation.get("operationId").and_then(Value::as_str).unwrap_or_default());
    operation.insert("operationId".to_owned(), json!(id));
    clean_texts(operation);
    let open = operation
        .get("security")
        .and_then(Value::as_array)
        .is_some_and(|list| list.iter().any(|entry| entry.as_object().is_some_and(Map::is_empty)));
    add_parameters(path, method, operation);
    if open {
        // An empty list, not a list with an empty entry: nothing is asked of the caller.
        operation.insert("security".to_owned(), json!([]));
    }
    add_responses(path, method, operation, open);
    add_examples(operation, examples.get(&id));
}

/// Doc comments wrap lines and end summaries as sentences do; the document should not.
fn clean_texts(operation: &mut Map<String, Value>) {
    if let Some(description) = operation.get("description").and_then(Value::as_str) {
        let text = public_text(description);
        operation.insert("description".to_owned(), text.into());
    }
}

fn add_parameters(path: &str, method: &str, operation: &mut Map<String, Value>) {
    let parameters = operation.entry("parameters").or_insert_with(|| json!([]));
    let Some(parameters) = parameters.as_array_mut() else { return };
    for parameter in parameters.iter_mut() {
        tidy_descriptions(parameter);
        if parameter.get("in") == Some(&json!("query")) {
            // A parameter is given or left out; it cannot be null.
            parameter.get_mut("schema").map(forbid_null);
        }
    }
    for name in path.split(['{', '}']).skip(1).step_by(2) {
        if !parameters.iter().any(|parameter| parameter.get("name") == Some(&json!(name))) {
            parameters.push(json!({
                "name": name, "in": "path", "required": true,
                "description": format!("Id of the {}", name.trim_end_matches("_id").replace('_', " ")),
                "schema": { "$ref": format!("#/components/schemas/{}", pascal_case(name)) },
            }));
        }
    }
    let header = match method {
        "post" => Some("IdempotencyKey"),
        "patch" => Some("IfMatch"),
        "get" if path.starts_with("/v1/") => Some("IfNoneMatch"),
        _ => None,
    };
    if let Some(header) = header {
        parameters.push(json!({ "$ref": format!("#/components/parameters/{header}") }));
    }
}

fn add_responses(path: &str, method: &str, operation: &mut Map<String, Value>, open: bool) {
    let has_body = operation.contains_key("requestBody");
    let has_query = operation
        .get("parameters")
        .and_then(Value::as_array)
        .is_some_and(|list| list.iter().any(|one| one.get("in") == Some(&json!("query"))));
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        add_headers(status, method, response);
    }
    if method == "get" && path.starts_with("/v1/") {
        responses.insert("304".to_owned(), json!({ "$ref": "#/components/responses/NotModified" }));
    }
    let mut groups: Vec<&(&str, Code)> = Vec::new();
    if open {
        groups.extend(ALWAYS.iter().filter(|(status, _)| matches!(*status, "500" | "503")));
    } else {
        groups
            .extend(ALWAYS.iter().filter(|(status, _)| *status != "400" || has_body || has_query));
    }
    let groups = groups
        .into_iter()
        .chain(WITH_PATH.iter().filter(|_| path.contains('{')))
        .chain(WITH_BODY.iter().filter(|_| has_body))
        .chain(WRITES.iter().filter(|_| method != "get"))
        .chain(WITH_KEY.iter().filter(|_| method == "post"))
        .chain(WITH_IF_MATCH.iter().filter(|_| method == "patch"));
    for (status, code) in groups {
        let name = pascal_case(code.as_str());
        responses
            .entry((*status).to_owned())
            .or_insert_with(|| json!({ "$ref": format!("#/components/responses/{name}") }));
    }
}

fn add_headers(status: &str, method: &str, response: &mut Value) {
    let Some(response) = response.as_object_mut() else { return };
    let mut names = vec!["X-Request-Id"];
    if status != "204" {
        names.push("ETag");
    }
    if status == "201" {
        names.push("Location");
    }
    if method == "post" {
        names.push("Idempotency-Replayed");
    }
    let headers: Map<String, Value> = names
        .into_iter()
        .map(|name| (name.to_owned(), json!({ "$ref": format!("#/components/headers/{name}") })))
        .collect();
    response.insert("headers".to_owned(), headers.into());
}

fn add_examples(operation: &mut Map<String, Value>, recorded: Option<&Value>) {
    let Some(recorded) = recorded else { return };
    if let Some(request) = recorded.get("request")
        && let Some(content) = operation.get_mut("requestBody").and_then(first_content)
    {
        content.insert("example".to_owned(), request.clone());
    }
    for (status, body) in recorded.get("responses").and_then(Value::as_object).into_iter().flatten()
    {
        let response = operation.get_mut("responses").and_then(|all| all.get_mut(status));
        if let Some(content) = response.and_then(first_content) {
            content.insert("example".to_owned(), body.clone());
        }
    }
    let paths = recorded.get("path").and_then(Value::as_object).into_iter().flatten();
    for (name, example) in paths {
        for parameter in
            operation.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten()
        {
            if parameter.get("name") == Some(&json!(name))
                && let Some(parameter) = parameter.as_object_mut()
            {
                parameter.insert("example".to_owned(), example.clone());
            }
        }
    }
}

fn first_content(part: &mut Value) -> Option<&mut Map<String, Value>> {
    part.get_mut("content")?.as_object_mut()?.values_mut().next()?.as_object_mut()
}

/// Schemas that responses reach have every member required (a response leaves nothing out),
/// and their enums are open: a known set that may grow without breaking anybody.
fn finish_schemas(document: &mut Value) {
    let answered = reachable(document, "responses");
    let asked = reachable(document, "requestBody");
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
        if !answered.contains(name) {
            continue;
        }
        require_every_member(schema);
        if !asked.contains(name) {
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

fn forbid_null(schema: &mut Value) {
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

fn tidy_descriptions(value: &mut Value) {
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

/// A doc comment as readers of the document want it: without line breaks inside a paragraph,
/// and without the sources in brackets that are for readers of the code.
fn public_text(comment: &str) -> String {
    let paragraphs = comment.split("\n\n").map(|paragraph| paragraph.replace('\n', " "));
    let mut text = paragraphs.collect::<Vec<_>>().join("\n\n");
    for source in [" (`seed:", " (`domain` "] {
        while let Some(start) = text.find(source) {
            let length =
                text.get(start..).and_then(|rest| rest.find(')')).map_or(text.len(), |end| end + 1);
            text.replace_range(start..(start + length).min(text.len()), "");
        }
    }
    text
}

/// `Page_Client` becomes `ClientPage`, wherever it is named.
fn rename_pages(document: &mut Value) {
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

fn add_shared_parts(document: &mut Value) {
    let mut responses: Map<String, Value> = Map::new();
    let groups = [ALWAYS, WITH_PATH, WITH_BODY, WRITES, WITH_KEY, WITH_IF_MATCH];
    for (_, code) in groups.into_iter().flatten() {
        let mut headers =
            json!({ "X-Request-Id": { "$ref": "#/components/headers/X-Request-Id" } });
        if *code == Code::Overloaded
            && let Some(headers) = headers.as_object_mut()
        {
            let retry = json!({ "$ref": "#/components/headers/Retry-After" });
            headers.insert("Retry-After".to_owned(), retry);
        }
        responses.insert(
            pascal_case(code.as_str()),
            json!({
                "description": code.title(),
                "headers": headers,
                "content": { "application/problem+json": {
                    "schema": { "$ref": "#/components/schemas/Problem" },
                    "example": problem_example(*code),
                } },
            }),
        );
    }
    responses.insert(
        "NotModified".to_owned(),
        json!({ "description": "You hold it already: `If-None-Match` named its tag" }),
    );
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        components.insert("responses".to_owned(), responses.into());
        components.insert("headers".to_owned(), shared_headers());
        components.insert("parameters".to_owned(), shared_parameters());
    }
}

fn shared_headers() -> Value {
    let header = |description: &str, example: &str| json!({ "description": description, "schema": { "type": "string" }, "example": example });
    json!({
        "X-Request-Id": header("Names this request in the log", "req_01h455vb4pex5vsknk084sn02q"),
        "ETag": header("Strong tag of this representation", "\"W0f3kR1tq2pZ8mXc5bYdLw\""),
        "Location": header("Path of what was made", "/v1/clients/cli_01h455vb4pex5vsknk084sn02q"),
        "Idempotency-Replayed": header("`true` when an earlier answer is repeated", "true"),
        "Retry-After": header("Seconds to wait before trying again", "1"),
    })
}

fn shared_parameters() -> Value {
    json!({
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "description": "Makes this request safe to repeat for 72 hours: repeated unchanged it has one \
                            effect and one answer. 1 to 255 visible ASCII characters, new for each operation meant.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
            "example": "5f2b0a0e-9d3c-4a58-8a7e-6a1f6d0f9c11",
        },
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": true,
            "description": "The `ETag` of the state that is changed, or `*` for whatever it is",
            "schema": { "type": "string", "minLength": 1 },
            "example": "\"W0f3kR1tq2pZ8mXc5bYdLw\"",
        },
        "IfNoneMatch": {
            "name": "If-None-Match", "in": "header", "required": false,
            "description": "The `ETag` of a representation that the caller holds: 304 when it still is the one",
            "schema": { "type": "string" },
            "example": "\"W0f3kR1tq2pZ8mXc5bYdLw\"",
        },
    })
}

fn camel_case(snake: &str) -> String {
    let pascal = pascal_case(snake);
    let mut letters = pascal.chars();
    letters
        .next()
        .map(|first| first.to_ascii_lowercase().to_string() + letters.as_str())
        .unwrap_or_default()
}

fn pascal_case(snake: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
            .unwrap_or_default()
    };
    snake.split('_').map(capitalised).collect()
}
