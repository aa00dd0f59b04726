//! How a programme bends to what a couple brings (`seed:1.119`). The definition stays as it is; what is changed
//! belongs to the programme that has begun.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::Action;
use crate::activities::definition::Condition;
use crate::activities::definition::parts::ParameterValue;

/// One way in which a programme differs from its template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProgramDefinitionVariant)]
pub struct Variant {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "cumulative")]
    pub key: String,
    /// When it is proposed to the clinician.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// True when the plan itself tells of what was said in private: a clinician may choose it only after marking
    /// that all members know.
    #[serde(default)]
    pub known_to_all: bool,
    /// What differs, in order.
    #[schema(min_items = 1, max_items = 20)]
    pub patch: Vec<Patch>,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "op", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = ProgramDefinitionPatch)]
pub enum Patch {
    /// A phase takes longer, and those after it begin later.
    ExtendPhase {
        /// The phase.
        phase: String,
        /// By so many days.
        days: u16,
    },
    /// Something happens beside what the phase has.
    AddAction {
        /// The phase.
        phase: String,
        /// What happens.
        action: Box<Action>,
    },
    /// Something is held out to the clinician and happens only if they choose it.
    OfferAction {
        /// The phase.
        phase: String,
        /// What would happen.
        action: Box<Action>,
    },
    /// Something happens in another phase than in the template.
    MoveAction {
        /// The name of the action.
        action: String,
        /// The phase in which it happens.
        to_phase: String,
    },
    /// An exercise is assigned with other parameters.
    SetParams {
        /// The name of the action.
        action: String,
        /// The parameters that differ.
        #[schema(value_type = std::collections::BTreeMap<String, ParameterValue>)]
        params: Map<String, Value>,
    },
}
