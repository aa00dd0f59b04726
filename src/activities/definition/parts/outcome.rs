//! What answers set off, and what counts as done.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::activities::definition::Condition;
use crate::activities::definition::vocabulary::{
    AdherenceUnit, CompletedWhen, EffectType, FigureAudience, Recipient, Severity,
};
use crate::db::types::words;

/// What an answer sets off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivitySignal)]
pub struct Signal {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "low_mood_run")]
    pub id: String,
    /// When.
    pub when: Condition,
    /// What.
    pub effect: Effect,
}

/// The effect of a signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityEffect)]
pub struct Effect {
    /// Of which kind.
    pub r#type: EffectType,
    /// Its code.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "fear_of_partner")]
    pub code: String,
    /// How urgent it is.
    #[serde(default = "for_information")]
    pub severity: Severity,
    /// Whom it reaches.
    #[serde(default = "the_clinicians")]
    #[schema(min_items = 1, max_items = 3)]
    pub to: Vec<Recipient>,
    /// The words of a suggestion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 400)]
    pub text: Option<String>,
}

fn for_information() -> Severity {
    Severity::Info
}

fn the_clinicians() -> Vec<Recipient> {
    vec![Recipient::Clinician]
}

/// What counts as done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityAdherence)]
pub struct Adherence {
    /// In what it is counted.
    pub unit: AdherenceUnit,
    /// When one is done.
    pub completed_when: CompletedWhen,
    /// What is counted, with `count_at_least`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
    /// Over which time, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16, example = "P7D")]
    pub period: Option<String>,
    /// The figure in words, with `{completed}` and `{expected}` in their places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 80, example = "{completed} of {expected}")]
    pub label: Option<String>,
    /// Who of the participants sees it.
    #[serde(default = "nobody")]
    pub show_to_partners: FigureAudience,
    /// Of seven that are due so many are aimed at, as in four evenings of a week: their share is what a figure expects,
    /// rounded up, and each week is filled by its own. All of them without it. Events have `count`; so many times a week
    /// on any day are said by the schedule, beside which no target counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub target: Option<u16>,
}

fn nobody() -> FigureAudience {
    FigureAudience::None
}

words! {
    /// Whose entries are counted together.
    CountScope {
        /// The couple's.
        Couple = "couple",
        /// Each person's.
        Each = "each",
    }
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityCount)]
pub struct Count {
    /// The item whose answers are counted; entries themselves without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub link_id: Option<String>,
    /// At least so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1000)]
    pub min: Option<u16>,
    /// More than so many count as so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1000)]
    pub max: Option<u16>,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<CountScope>,
}
