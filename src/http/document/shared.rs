//! The parts that operations share: problems, headers and header parameters.

use serde_json::{Map, Value, json};

use super::problem_example;
use super::texts::pascal_case;
use crate::error::Code;

/// The problems that the frame itself can answer, by what an operation takes.
pub(super) const ALWAYS: &[(&str, Code)] = &[
    ("400", Code::InvalidParameter),
    ("401", Code::Unauthorized),
    ("403", Code::ScopeMissing),
    ("429", Code::RateLimited),
    ("500", Code::Internal),
    ("503", Code::Overloaded),
];
pub(super) const WITH_PATH: &[(&str, Code)] = &[("404", Code::NotFound)];
pub(super) const WITH_BODY: &[(&str, Code)] = &[
    ("408", Code::RequestTimeout),
    ("413", Code::PayloadTooLarge),
    ("415", Code::UnsupportedMediaType),
    ("422", Code::InvalidFields),
];
pub(super) const WRITES: &[(&str, Code)] = &[("409", Code::InvalidTransition)];
/// A repeated key whose thing the caller does not see any more is a 404: an answer is never older than a right.
pub(super) const WITH_KEY: &[(&str, Code)] =
    &[("404", Code::NotFound), ("422", Code::InvalidFields)];
pub(super) const IF_MATCH: &[(&str, Code)] = &[("412", Code::PreconditionFailed)];
pub(super) const WITHOUT_IF_MATCH: &[(&str, Code)] = &[("428", Code::PreconditionRequired)];

/// What an answer to a token says of its budget.
pub(super) const BUDGET: [&str; 2] = ["RateLimit", "RateLimit-Policy"];

/// The headers of a response, by the names of the components.
pub(super) fn headers(names: Vec<&str>) -> Value {
    let reference = |name: &str| json!({ "$ref": format!("#/components/headers/{name}") });
    names.into_iter().map(|name| (name.to_owned(), reference(name))).collect::<Map<_, _>>().into()
}

/// Adds them to the components.
pub(super) fn add_shared_parts(document: &mut Value) {
    let mut responses: Map<String, Value> = Map::new();
    let groups = [ALWAYS, WITH_PATH, WITH_BODY, WRITES, WITH_KEY, IF_MATCH, WITHOUT_IF_MATCH];
    for (_, code) in groups.into_iter().flatten() {
        let mut names = vec!["X-Request-Id"];
        match code {
            Code::RateLimited => names.extend(["Retry-After"].into_iter().chain(BUDGET)),
            Code::Overloaded => names.push("Retry-After"),
            _ => {}
        }
        responses.insert(
            pascal_case(code.as_str()),
            json!({
                "description": code.title(),
                "headers": headers(names),
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
        "RateLimit": header(
            "What is left of your budget: `r` requests at once, whole again in `t` seconds",
            "\"credential\";r=1199;t=1",
        ),
        "RateLimit-Policy": header(
            "Your budget: `q` requests in a window of `w` seconds",
            "\"credential\";q=1200;w=60",
        ),
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
        "IfMatchToPut": {
            "name": "If-Match", "in": "header", "required": false,
            "description": "The `ETag` of the state that is replaced, or `*` for whatever it is: 412 when it is \
                            another, or when nothing is there",
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
