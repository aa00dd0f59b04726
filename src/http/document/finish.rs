//! What is added to every operation, on the document as JSON.

use serde_json::{Map, Value, json};

use super::examples;
use super::schemas::{finish_schemas, forbid_null, rename_pages, tidy_descriptions};
use super::shared::{
    ALWAYS, BUDGET, IF_MATCH, WITH_BODY, WITH_KEY, WITH_PATH, WITHOUT_IF_MATCH, WRITES,
    add_shared_parts, headers,
};
use super::texts::{camel_case, pascal_case, public_text};
use crate::error::Code;

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
        "put" => Some("IfMatchToPut"),
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
    let names_a_thing = path.contains('{') || picks_by_id(method, operation);
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        add_headers(status, method, open, response);
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
        .chain(WITH_PATH.iter().filter(|_| names_a_thing))
        .chain(WITH_BODY.iter().filter(|_| has_body))
        .chain(WRITES.iter().filter(|_| method != "get"))
        .chain(WITH_KEY.iter().filter(|_| method == "post"))
        .chain(IF_MATCH.iter().filter(|_| ["patch", "put"].contains(&method)))
        .chain(WITHOUT_IF_MATCH.iter().filter(|_| method == "patch"));
    for (status, code) in groups {
        let name = pascal_case(code.as_str());
        responses
            .entry((*status).to_owned())
            .or_insert_with(|| json!({ "$ref": format!("#/components/responses/{name}") }));
    }
}

/// Whether a query says which one thing is read: one that a caller does not see is a 404, as in a path. In a list
/// the same id is a filter, and nothing is found.
fn picks_by_id(method: &str, operation: &Map<String, Value>) -> bool {
    let parameters = operation.get("parameters").and_then(Value::as_array);
    let query =
        || parameters.into_iter().flatten().filter(|one| one.get("in") == Some(&json!("query")));
    let is_id = |one: &Value| {
        let schema = one.pointer("/schema/$ref").and_then(Value::as_str);
        schema.is_some_and(|name| name.ends_with("Id"))
    };
    let is_list = query().any(|one| one.get("name") == Some(&json!("cursor")));
    method == "get" && !is_list && query().any(is_id)
}

fn add_headers(status: &str, method: &str, open: bool, response: &mut Value) {
    let Some(response) = response.as_object_mut() else { return };
    let mut names = vec!["X-Request-Id"];
    if !open {
        names.extend(BUDGET);
    }
    if status != "204" {
        names.push("ETag");
    }
    if status == "201" {
        names.push("Location");
    }
    if method == "post" {
        names.push("Idempotency-Replayed");
    }
    response.insert("headers".to_owned(), headers(names));
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
