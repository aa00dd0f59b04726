//! What a programme is, as shown.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::definition::{ActionKind, Feature, ProgramDefinition, Requirement};
use super::plan::Parameters;
use super::words::{ActionState, DeviationKind, PhaseState, ProgramStatus};
use crate::activities::definition::parts::ParameterValue;
use crate::activities::definition::{SubjectKind, Thread};
use crate::auth::Tx;
use crate::db::id::{AssignmentId, ClientId, ClinicianId, CoupleId, ProgramDeviationId, ProgramId};
use crate::db::{Date, Instant};
use crate::error::Result;
use crate::http::Resource;

/// What a programme can be begun as, in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProgramDefinitionSummary {
    /// Its name, the same in every version.
    #[schema(max_length = 64, example = "roadmap_60_day")]
    pub key: String,
    /// Its version.
    #[schema(max_length = 17, example = "1.0.0")]
    pub version: String,
    /// Title.
    #[schema(max_length = 120)]
    pub title: String,
    /// What it is, in a sentence or two.
    #[schema(max_length = 600)]
    pub summary: String,
    /// Whom it is for.
    pub subject: SubjectKind,
    /// How long it takes if nothing is extended.
    #[schema(minimum = 1, maximum = 730)]
    pub duration_days: u16,
    /// The threads of intimacy that its exercises work on, of those that can be assigned today.
    #[schema(max_items = 6)]
    pub threads: Vec<Thread>,
}

impl From<&ProgramDefinition> for ProgramDefinitionSummary {
    fn from(definition: &ProgramDefinition) -> Self {
        Self {
            key: definition.key.clone(),
            version: definition.version.clone(),
            title: definition.title.clone(),
            summary: definition.summary.clone(),
            subject: definition.subject,
            duration_days: definition.duration_days,
            threads: definition.threads().into_iter().collect(),
        }
    }
}

/// A programme that has begun. What is the clinicians' is empty or null for participants.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Program {
    /// Id.
    pub id: ProgramId,
    /// The definition with which it began. Later versions change nothing of it.
    #[schema(max_length = 64, example = "roadmap_60_day")]
    pub program_definition_key: String,
    /// The version of the definition.
    #[schema(max_length = 17, example = "1.0.0")]
    pub program_definition_version: String,
    /// Title.
    #[schema(max_length = 120)]
    pub title: String,
    /// The couple that does it; null when it is for one client.
    pub couple_id: Option<CoupleId>,
    /// The client who does it; null when it is for a couple.
    pub client_id: Option<ClientId>,
    /// How it was bent. Empty for participants.
    #[schema(max_items = 20)]
    pub variants: Vec<String>,
    /// What was changed of its exercises when it began, by the names of its actions. Empty for participants.
    #[schema(value_type = std::collections::BTreeMap<String, std::collections::BTreeMap<String, ParameterValue>>)]
    pub parameters: Parameters,
    /// Its first day.
    pub starts_on: Date,
    /// Its last day, as things stand.
    pub ends_on: Date,
    /// Where it stands.
    pub status: ProgramStatus,
    /// The phase that is under way, or was the last.
    #[schema(max_length = 64, example = "weeks_1_2")]
    pub current_phase: String,
    /// The day on which it is to go on, while it rests.
    pub resume_on: Option<Date>,
    /// Its phases, in order.
    #[schema(max_items = 20)]
    pub phases: Vec<ProgramPhase>,
    /// Where it departs from its plan, oldest first. Empty for participants.
    #[schema(max_items = 500)]
    pub deviations: Vec<ProgramDeviation>,
    /// The plan for the time after that was proposed at its end. Null for participants.
    #[schema(max_length = 64, example = "maintenance_plan")]
    pub proposed_plan: Option<String>,
    /// The day from which the couple looks back, with homework that was assigned for it; null before its end.
    pub next_review_on: Option<Date>,
    /// The clinician who began it; null for participants.
    pub begun_by: Option<ClinicianId>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it last changed. Null for participants: not every change is theirs to see.
    pub updated_at: Option<Instant>,
}

/// A phase of a programme that has begun.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProgramPhase {
    /// Its name.
    #[schema(max_length = 64, example = "weeks_1_2")]
    pub key: String,
    /// Title.
    #[schema(max_length = 120)]
    pub title: String,
    /// Where it stands.
    pub state: PhaseState,
    /// Its first day as planned. Phases that have not begun move with those before them.
    pub planned_from: Date,
    /// Its last day as planned.
    pub planned_to: Date,
    /// The day on which it began.
    pub actual_from: Option<Date>,
    /// The day on which it ended.
    pub actual_to: Option<Date>,
    /// True while a clinician may make it longer. False for participants.
    pub extendable: bool,
    /// What happens in it. For participants: the homework that they see.
    #[schema(max_items = 100)]
    pub actions: Vec<ProgramAction>,
}

/// An action of a programme that has begun.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProgramAction {
    /// Its name, once in a programme.
    #[schema(max_length = 64, example = "check_in")]
    pub key: String,
    /// What it does.
    pub kind: ActionKind,
    /// Where it stands.
    pub state: ActionState,
    /// The exercise that it assigns.
    #[schema(max_length = 64, example = "daily_check_in")]
    pub activity_key: Option<String>,
    /// The exercise's title; null while there is no such exercise.
    #[schema(max_length = 120)]
    pub title: Option<String>,
    /// The assignment that came of it, for whoever sees it.
    pub assignment_id: Option<AssignmentId>,
    /// The day on which it is due; null until its phase has begun.
    pub due_on: Option<Date>,
    /// True when it goes on in the phases that follow.
    pub carry_forward: bool,
    /// What is changed of the exercise. Empty for participants, who read it with the assignment.
    #[schema(value_type = std::collections::BTreeMap<String, ParameterValue>)]
    pub parameters: Map<String, Value>,
    /// Whether it may be left out. Null for participants.
    pub requirement: Option<Requirement>,
    /// Words for the clinician. Null for participants.
    #[schema(max_length = 400)]
    pub text: Option<String>,
    /// The feature that it waits for. Null for participants.
    pub awaits: Option<Feature>,
}

/// Where a programme departs from what it would have been.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProgramDeviation {
    /// Id.
    pub id: ProgramDeviationId,
    /// What departs.
    pub kind: DeviationKind,
    /// The name of the precondition, phase or action that it is about; null for the whole programme.
    #[schema(max_length = 64, example = "two_sentences")]
    pub about: Option<String>,
    /// Why. For the clinicians who treat.
    #[schema(max_length = 600)]
    pub reason: Option<String>,
    /// The clinician who decided it.
    pub made_by: ClinicianId,
    /// When.
    pub made_at: Instant,
}

/// A programme in a list, without its phases.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ProgramSummary {
    /// Id.
    pub id: ProgramId,
    /// The definition with which it began.
    #[schema(max_length = 64, example = "roadmap_60_day")]
    pub program_definition_key: String,
    /// The version of the definition.
    #[schema(max_length = 17, example = "1.0.0")]
    pub program_definition_version: String,
    /// Title.
    #[schema(max_length = 120)]
    pub title: String,
    /// The couple that does it; null when it is for one client.
    pub couple_id: Option<CoupleId>,
    /// The client who does it; null when it is for a couple.
    pub client_id: Option<ClientId>,
    /// Its first day.
    pub starts_on: Date,
    /// Where it stands.
    pub status: ProgramStatus,
    /// The phase that is under way, or was the last.
    #[schema(max_length = 64, example = "weeks_1_2")]
    pub current_phase: String,
    /// The day on which it is to go on, while it rests.
    pub resume_on: Option<Date>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it last changed. Null for participants.
    pub updated_at: Option<Instant>,
}

impl Resource for Program {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/programs/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find_row(tx, ProgramId::from_uuid(id)).map(drop)
    }
}
