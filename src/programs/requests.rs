//! What is sent to begin a programme and to lead it.

use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::plan::Parameters;
use super::words::{ProgramChange, ProgramStatus};
use crate::activities::definition::parts::ParameterValue;
use crate::db::id::{ClientId, CoupleId};
use crate::db::{Date, Instant};

/// What a clinician begins, and for whom.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProgram {
    /// The definition.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "roadmap_60_day")]
    pub program_definition_key: String,
    /// The couple that does it.
    pub couple_id: Option<CoupleId>,
    /// The client who does it. Exactly one of the two is given.
    pub client_id: Option<ClientId>,
    /// The first day, within ninety days of today.
    pub starts_on: Date,
    /// How it bends, by the names of the definition's variants.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub variants: Vec<String>,
    /// True when all members know what the chosen variants tell of. Some variants ask for it.
    #[serde(default)]
    pub known_to_all: bool,
    /// What is changed of its exercises, by the names of its actions.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, std::collections::BTreeMap<String, ParameterValue>>)]
    pub parameters: Parameters,
    /// Why it begins although it asks for what the service does not know of yet, or works on too few threads. No
    /// reason stands in for ages, consents, safety screens or a pause.
    #[schema(min_length = 1, max_length = 600)]
    pub reason: Option<String>,
}

/// A step of a programme, with the reason if it goes past something.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepProgram {
    /// Why it is taken although what the plan asks for is not met, or not known to be.
    #[schema(min_length = 1, max_length = 600)]
    pub reason: Option<String>,
}

/// How much longer the present phase takes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendProgram {
    /// By so many days.
    #[schema(minimum = 1, maximum = 60)]
    pub days: i32,
    /// Why.
    #[schema(min_length = 1, max_length = 600)]
    pub reason: Option<String>,
}

/// How one action departs from the plan.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviateFromProgram {
    /// What is changed.
    pub kind: ProgramChange,
    /// The name of the action.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "gestures")]
    pub action: String,
    /// With `set_parameters`: what differs.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, ParameterValue>)]
    pub parameters: Map<String, Value>,
    /// With `move`: the phase in which it happens.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "weeks_3_4")]
    pub to_phase: Option<String>,
    /// Why.
    #[schema(min_length = 1, max_length = 600)]
    pub reason: String,
}

/// The exercise that goes on in the next phase.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CarryForward {
    /// The name of the action.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "ritual")]
    pub action: String,
    /// Why.
    #[schema(min_length = 1, max_length = 600)]
    pub reason: Option<String>,
}

/// How long a programme rests.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseProgram {
    /// The day on which it is to go on, within sixty days.
    pub resume_on: Date,
}

/// Which programmes to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ProgramFilter {
    /// Those of this couple.
    pub couple_id: Option<CoupleId>,
    /// Those of this client alone.
    pub client_id: Option<ClientId>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 4)]
    pub status: Option<Vec<ProgramStatus>>,
    /// Changed at this instant or later. To participants the record's changes are not theirs to watch: it is left
    /// out of account.
    pub updated_since: Option<Instant>,
}
