//! What a definition is made of, its items and conditions aside.

mod outcome;
mod parameter;
mod timing;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::outcome::{Adherence, Count, CountScope, Effect, Signal};
pub use self::parameter::{Bind, Editor, Parameter, ParameterType, ParameterValue, UsedBy};
pub use self::timing::{PeriodUnit, Placement, Repeat, Timing, Weekday};
use super::Condition;
use super::vocabulary::{GateAction, GateAt, ParticipationMode, Rotation};
use crate::db::types::words;

/// Where a practice comes from: a reference, never a quotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivitySource)]
pub struct Source {
    /// The document, or the practice itself.
    pub seed: Seed,
    /// Where in it.
    #[schema(min_length = 1, max_length = 120, example = "1.33 daily check-in")]
    pub r#ref: String,
}

words! {
    /// A document that the method comes from.
    Seed {
        /// The practice's own page.
        S0 = "S0",
        /// The method.
        S1 = "S1",
        /// Written by the practice that uses it.
        Practice = "practice",
    }
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityParticipation)]
pub struct Participation {
    /// In which way.
    pub mode: ParticipationMode,
    /// The names of the roles, with `roles`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 6)]
    pub roles: Vec<String>,
    /// What changes from one time to the next.
    #[serde(default = "no_rotation")]
    pub rotation: Rotation,
}

fn no_rotation() -> Rotation {
    Rotation::None
}

/// What must be true before something may happen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityGate)]
pub struct Gate {
    /// When it is looked at.
    pub at: GateAt,
    /// What must be true.
    pub when: Condition,
    /// What happens when it is not.
    pub r#else: GateElse,
}

/// What a closed gate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityGateElse)]
pub struct GateElse {
    /// What it does.
    pub action: GateAction,
    /// The code of the problem.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "couple_not_active")]
    pub code: String,
    /// Words for the participants, the same whatever the cause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 240)]
    pub public_text: Option<String>,
}

/// A sentence for the participants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityInstruction)]
pub struct Instruction {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,63}$", example = "phones_away")]
    pub id: String,
    /// The sentence.
    #[schema(min_length = 1, max_length = 400)]
    pub text: String,
}

words! {
    /// The way of answers.
    WorkflowKind {
        /// They are submitted.
        Submit = "submit",
        /// They go to and fro in steps.
        Exchange = "exchange",
        /// They make a document that is agreed on.
        Agreement = "agreement",
        /// They are the stages of a session.
        StagedSession = "staged_session",
        /// They offer a time.
        Availability = "availability",
        /// They interrupt a quarrel.
        TimeOut = "time_out",
    }
}

words! {
    /// Who has to agree.
    AcceptBy {
        /// Every member.
        AllMembers = "all_members",
        /// The clinician.
        Clinician = "clinician",
        /// All of them.
        AllMembersAndClinician = "all_members_and_clinician",
    }
}

/// How answers travel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityWorkflow)]
pub struct Workflow {
    /// In which way.
    pub kind: WorkflowKind,
    /// The steps of an exchange.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 12)]
    pub steps: Vec<Step>,
    /// Who has to agree to a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_by: Option<AcceptBy>,
    /// For how long a document holds, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16)]
    pub term: Option<String>,
    /// How often it is looked at again, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16)]
    pub review_every: Option<String>,
    /// The stage of a staged plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 20)]
    pub stage: Option<u8>,
    /// The staged plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub staged_plan: Option<String>,
}

impl Default for Workflow {
    fn default() -> Self {
        Self {
            kind: WorkflowKind::Submit,
            steps: Vec::new(),
            accept_by: None,
            term: None,
            review_every: None,
            stage: None,
            staged_plan: None,
        }
    }
}

/// One step of an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityStep)]
pub struct Step {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "respond")]
    pub key: String,
    /// The role that takes it.
    #[schema(min_length = 1, max_length = 64)]
    pub by: String,
    /// What is answered in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 40)]
    pub items: Vec<String>,
    /// Within which time, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16)]
    pub due_within: Option<String>,
    /// True when it may be left out.
    #[serde(default)]
    pub optional: bool,
    /// The parameter that turns it on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub when_param: Option<String>,
}
