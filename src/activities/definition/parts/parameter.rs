//! What may be changed when an exercise is assigned.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::db::types::words;

words! {
    /// What a parameter holds.
    ParameterType {
        /// A whole number.
        Integer = "integer",
        /// Yes or no.
        Boolean = "boolean",
        /// A text.
        String = "string",
        /// An hour on the wall.
        LocalTime = "local_time",
        /// One of its options.
        Choice = "choice",
        /// A list of phrases.
        PhraseList = "phrase_list",
    }
}

words! {
    /// Who may change a parameter.
    Editor {
        /// The clinician.
        Clinician = "clinician",
        /// The couple.
        Couple = "couple",
        /// Either.
        Both = "both",
    }
}

words! {
    /// The feature of the service that reads a parameter.
    UsedBy {
        /// Time-outs.
        TimeOut = "time_out",
        /// Agreements.
        Agreement = "agreement",
        /// Comparison views.
        ComparisonView = "comparison_view",
        /// Staged plans.
        StagedPlan = "staged_plan",
        /// Figures.
        Figures = "figures",
        /// Filling a form in advance.
        Prefill = "prefill",
        /// What an app shows.
        Display = "display",
    }
}

/// What may be changed when an exercise is assigned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityParameter)]
pub struct Parameter {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "window_minutes")]
    pub key: String,
    /// What it holds.
    pub r#type: ParameterType,
    /// The value unless another is given.
    #[schema(value_type = ParameterValue)]
    pub default: Value,
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    pub min: Option<i64>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    pub max: Option<i64>,
    /// The unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 16)]
    pub unit: Option<String>,
    /// The options of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 40)]
    pub options: Vec<String>,
    /// Phrases at the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 40)]
    pub min_items: Option<u8>,
    /// Phrases at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 40)]
    pub max_items: Option<u8>,
    /// Who may change it.
    #[serde(default = "by_clinician")]
    pub editable_by: Editor,
    /// The places in the definition that it overrides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub binds: Vec<Bind>,
    /// The feature that reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<UsedBy>,
}

fn by_clinician() -> Editor {
    Editor::Clinician
}

/// A number, a text, yes or no, or a list of phrases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ParameterValue {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// Phrases.
    Phrases(Vec<String>),
}

/// A place in the definition that a parameter overrides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityBind)]
pub struct Bind {
    /// The path: members with `.`, entries by index or by `link_id`, `key`, `id` or gate code in brackets.
    #[schema(
        max_length = 160,
        pattern = "^[a-z_]+(\\[[a-z0-9_]+\\]|\\.[a-z0-9_]+)*$",
        example = "timing.repeat.time_of_day[0]"
    )]
    pub path: String,
    /// A text around the value, with `{value}` in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40, example = "PT{value}H")]
    pub format: Option<String>,
}
