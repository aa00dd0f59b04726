//! Faults: what is wrong with one part of a request.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where in a request a fault lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The JSON body; the pointer is into it.
    Body,
    /// The query; the pointer is `/` and the parameter's name.
    Query,
    /// A header; the pointer is `/` and the header's name.
    Header,
}

/// One fault of a request. All faults of a request are reported at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Fault {
    /// The part of the request that the pointer points into.
    #[serde(rename = "in")]
    #[schema(rename = "in")]
    pub place: Place,
    /// JSON Pointer (RFC 6901) to the faulty value.
    #[schema(example = "/given_name")]
    pub pointer: String,
    /// Stable code of the fault, such as `required` or `too_long`.
    #[schema(example = "too_long")]
    pub code: Cow<'static, str>,
    /// What would be accepted. Never the value that was sent.
    #[schema(example = "At most 80 characters.")]
    pub detail: Cow<'static, str>,
}

impl Fault {
    /// A fault in the JSON body.
    pub fn body(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            place: Place::Body,
            pointer: pointer.into(),
            code: code.into(),
            detail: detail.into(),
        }
    }

    /// A fault in the query; takes the parameter's bare name.
    pub fn query(name: &str, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            place: Place::Query,
            pointer: format!("/{name}"),
            code: code.into(),
            detail: detail.into(),
        }
    }

    /// A fault in a header; takes the header's bare name.
    pub fn header(name: &str, code: &'static str, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            place: Place::Header,
            pointer: format!("/{name}"),
            code: code.into(),
            detail: detail.into(),
        }
    }

    /// An id in the body that names nothing the caller can see. The same words for an id of
    /// another practice, of somebody else's client and of nothing at all.
    #[must_use]
    pub fn unknown_id(pointer: impl Into<String>) -> Self {
        Self::body(pointer, "not_found", "Names nothing that you can see.")
    }
}
