//! What happens in a phase.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::activities::definition::Condition;
use crate::activities::definition::parts::ParameterValue;
use crate::db::types::words;

words! {
    /// What an action does.
    ActionKind {
        /// An exercise is assigned.
        Assign = "assign",
        /// A questionnaire with a score is asked for.
        Measure = "measure",
        /// Something is set for the couple.
        Setting = "setting",
        /// The clinician is reminded to look at something with the couple.
        Review = "review",
        /// The next stage of a staged plan is asked for; its own gate decides.
        RequestStage = "request_stage",
        /// A hint for the clinician.
        Prompt = "prompt",
        /// A plan for the time after is proposed.
        ProposePlan = "propose_plan",
    }
}

words! {
    /// Whether an action may be left out.
    Requirement {
        /// It may not, but for a recorded deviation.
        Must = "must",
        /// It may, with a reason in the record.
        MustUnlessDocumented = "must_unless_documented",
        /// It may.
        Could = "could",
    }
}

words! {
    /// A feature that is not built yet. Until it is, what awaits it does nothing.
    Feature {
        /// Questionnaires with scores.
        Measures = "measures",
        /// Documents that are agreed on.
        Agreements = "agreements",
        /// Agreed pauses of a quarrel.
        TimeOuts = "time_outs",
        /// Plans in stages, each with its gate.
        StagedPlans = "staged_plans",
        /// Exercises that go to and fro in steps.
        Exchanges = "exchanges",
        /// Times that are offered.
        Windows = "windows",
        /// The shared list of tasks with one owner each.
        Ledger = "ledger",
        /// Hours in which no big talk is begun.
        QuietHours = "quiet_hours",
    }
}

/// Something that happens in a phase.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProgramDefinitionAction)]
pub struct Action {
    /// Its name, once in a programme.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "check_in")]
    pub key: String,
    /// What it does.
    pub kind: ActionKind,
    /// The exercise that it assigns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, example = "daily_check_in")]
    pub activity: Option<String>,
    /// The questionnaire that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, example = "csi_16")]
    pub measure: Option<String>,
    /// What it sets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, example = "quiet_hours")]
    pub setting: Option<String>,
    /// The staged plan of which it asks for a stage.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, example = "touch")]
    pub staged_plan: Option<String>,
    /// The stage that it asks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 20)]
    pub stage: Option<u8>,
    /// What is changed of the exercise, by the names of its parameters.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, ParameterValue>)]
    pub params: Map<String, Value>,
    /// Whether it may be left out.
    pub required: Requirement,
    /// True when it goes on in the phases that follow.
    #[serde(default)]
    pub carry_forward: bool,
    /// Words for the clinician.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 400)]
    pub text: Option<String>,
    /// When in the phase; on its first day unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<ActionTiming>,
    /// Under which condition; always unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Condition>,
    /// The feature without which it does nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaits: Option<Feature>,
}

/// When in its phase an action happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProgramDefinitionActionTiming)]
pub struct ActionTiming {
    /// Days after the first of the phase. They may lead beyond its end.
    #[schema(maximum = 365)]
    pub offset_days: u16,
}
