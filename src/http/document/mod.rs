//! The OpenAPI document: its head, and what is the same for every operation.
//!
//! Handlers document what is theirs alone. What the frame answers, which headers it sets and
//! how the house writes things is added here, once, so that no handler can forget it.

use serde_json::{Map, Value, json};
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{self};

use crate::error::{Fault, Place, Problem};

mod finish;
mod schemas;
mod shared;
mod texts;

pub use finish::finish;

/// The head of the document.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Attune",
        description = "A service for couples-therapy practices: clients and couples, treatments and \
                       their care teams, homework between sessions, and the clinician's record. Two \
                       people share a treatment here and not a secret.\n\nEvery error is a problem \
                       (RFC 9457) that says what to mend. Every list is paged by cursor. Every PATCH \
                       is a JSON merge patch under `If-Match`. Every POST takes an `Idempotency-Key`.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    servers((url = "/", description = "This service")),
    tags(
        (name = "me", description = "The caller's own view of themself."),
        (name = "practice", description = "The practice and its offices."),
        (name = "clinicians", description = "The people who treat."),
        (name = "users", description = "Logins."),
        (name = "clients", description = "The people in care."),
        (name = "couples", description = "The unit of treatment, its members and its secrets policy."),
        (name = "treatments", description = "The care of a couple or of one client, and its team."),
        (name = "consents", description = "Documents that clients signed."),
        (name = "sessions", description = "The appointment and, once it is held, the encounter."),
        (name = "session notes", description = "The legal record of care, and templates for it."),
        (name = "session summaries", description = "What clients read about a session."),
        (name = "psychotherapy notes", description = "A clinician's own notes, apart from everything else."),
        (name = "audit", description = "Who read and changed what."),
        (name = "activity definitions", description = "The exercises that a practice can assign, as data."),
        (name = "assignments", description = "Which exercise a couple or a client is to do."),
        (name = "programs", description = "Phases of exercises over weeks, which a clinician begins for a couple."),
        (name = "submissions", description = "What each person sends, and what others share with them."),
        (name = "reviews", description = "What clinicians have looked at, and said of it."),
        (name = "figures", description = "How homework goes: adherence, trends, and their pictures."),
        (name = "alerts", description = "What a clinician has to know for somebody's safety."),
        (name = "holds", description = "A clinician's pause of what a couple does together."),
        (name = "help", description = "Asking for help, and whom to call in a crisis."),
        (name = "keys", description = "The public keys of access tokens."),
    ),
    components(schemas(Problem, Fault, Place)),
)]
struct Head;

/// The head with the security scheme, before routes are registered.
#[must_use]
pub fn head() -> openapi::OpenApi {
    let mut head = Head::openapi();
    env!("CARGO_PKG_VERSION").clone_into(&mut head.info.version);
    let scheme = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("at+jwt")
        .description(Some(
            "An access token (RFC 9068), EdDSA-signed. The scopes named with an operation are those \
             of which the token needs one.",
        ))
        .build();
    head.components
        .get_or_insert_default()
        .security_schemes
        .insert("token".to_owned(), SecurityScheme::Http(scheme).into());
    head
}

/// An example for each operation, recorded from requests that a test sends.
pub(super) fn examples() -> Map<String, Value> {
    let recorded = include_str!("../../../openapi/examples.json");
    match serde_json::from_str(recorded) {
        Ok(Value::Object(examples)) => examples,
        _ => Map::new(),
    }
}

/// A problem as an example, for a shared response.
pub(super) fn problem_example(code: crate::error::Code) -> Value {
    let error = crate::error::Error::new(code, "What to mend.");
    let problem =
        error.problem("http://127.0.0.1:8080/docs/errors", "req_01h455vb4pex5vsknk084sn02q");
    serde_json::to_value(problem).unwrap_or_else(|_| json!({}))
}
