//! What an assignment is, as sent and as shown.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::activities::definition::Sensitivity;
use crate::activities::definition::parts::ParameterValue;
use crate::auth::Tx;
use crate::db::id::{ActivityDefinitionId, AssignmentId, ClientId, ClinicianId, CoupleId};
use crate::db::types::words;
use crate::db::{Date, Instant};
use crate::error::Result;
use crate::http::page::Position;
use crate::http::{Patch, Resource};
use crate::schedules::Schedule;

words! {
    /// Where an assignment stands (`domain` 2.4.1).
    AssignmentStatus {
        /// Assigned; nobody has begun.
        Assigned = "assigned",
        /// Somebody has begun.
        InProgress = "in_progress",
        /// It rests, at the wish of a participant or the clinician.
        Paused = "paused",
        /// It rests by a clinician's hold. Participants read `paused`.
        Held = "held",
        /// It is done.
        Completed = "completed",
        /// Its time has passed.
        Expired = "expired",
        /// It was taken back.
        Withdrawn = "withdrawn",
        /// It should not have been made. Participants no longer see it.
        EnteredInError = "entered_in_error",
    }
}

impl AssignmentStatus {
    /// Those in which something may still be done.
    pub const OPEN: [Self; 4] = [Self::Assigned, Self::InProgress, Self::Paused, Self::Held];

    /// Those in which it goes on.
    pub const AT_WORK: [Self; 2] = [Self::Assigned, Self::InProgress];

    /// The status as participants read it: a hold is a pause like any other.
    #[must_use]
    pub fn public(self) -> Self {
        if self == Self::Held { Self::Paused } else { self }
    }
}

/// An exercise that a couple or a client is to do.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Assignment {
    /// Id.
    pub id: AssignmentId,
    /// The exercise, in the version that was assigned.
    pub activity_definition_id: ActivityDefinitionId,
    /// Its name, the same in every version.
    #[schema(max_length = 64, example = "daily_check_in")]
    pub key: String,
    /// Its title.
    #[schema(max_length = 120, example = "Daily check-in")]
    pub title: String,
    /// How carefully it has to be handled.
    pub sensitivity: Sensitivity,
    /// The couple that does it; null when it is for one client.
    pub couple_id: Option<CoupleId>,
    /// The client who does it; null when it is for a couple.
    pub client_id: Option<ClientId>,
    /// Who takes part, as it was when it was assigned, of those whom the caller sees: a participant reads
    /// their own id alone.
    #[schema(max_items = 6)]
    pub participants: Vec<ClientId>,
    /// What was changed of the exercise.
    #[schema(value_type = std::collections::BTreeMap<String, ParameterValue>)]
    pub parameters: Map<String, Value>,
    /// A word to the participants.
    #[schema(max_length = 600)]
    pub note: Option<String>,
    /// Why it was assigned although a gate of the exercise asks for what is not there yet. For the clinicians who
    /// treat.
    #[schema(max_length = 600)]
    pub deviation: Option<String>,
    /// Why it should not have been made, of what was entered in error. For the clinicians who treat.
    #[schema(max_length = 600)]
    pub error_reason: Option<String>,
    /// Where it stands.
    pub status: AssignmentStatus,
    /// The first day.
    pub starts_on: Date,
    /// When it is to be done, on the wall of `timezone`.
    pub schedule: Schedule,
    /// The zone of its days: the couple's, or the client's.
    #[schema(format = "iana-timezone", example = "America/Los_Angeles")]
    pub timezone: String,
    /// Those who take part for whom it lies in the night, between 23:00 and 06:00 on the wall of their own zone: a
    /// warning to whoever assigns it. Empty for participants, whose zone is theirs alone.
    #[schema(max_items = 6)]
    pub at_night_for: Vec<ClientId>,
    /// When it is due; null for what comes again, of which each occurrence is due at its own time.
    pub due_at: Option<Instant>,
    /// When the participants want to be reminded.
    pub remind_at: Option<Instant>,
    /// The day on which it is to go on, while it rests.
    pub resume_on: Option<Date>,
    /// The clinician who assigned it; null for participants, and for what somebody else assigned.
    pub assigned_by: Option<ClinicianId>,
    /// When it was assigned.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for Assignment {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/assignments/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find_row(tx, AssignmentId::from_uuid(id)).map(drop)
    }
}

impl Assignment {
    /// Where this assignment stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// What a clinician assigns, and to whom.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAssignment {
    /// The exercise. It must be active.
    pub activity_definition_id: ActivityDefinitionId,
    /// The couple that does it.
    pub couple_id: Option<CoupleId>,
    /// The client who does it. Exactly one of the two is given.
    pub client_id: Option<ClientId>,
    /// What is changed of the exercise, by the names of its parameters.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, ParameterValue>)]
    pub parameters: Map<String, Value>,
    /// A word to the participants.
    #[schema(min_length = 1, max_length = 600)]
    pub note: Option<String>,
    /// Why a clinician assigns it although a gate asks for what the service does not know of yet, such as an
    /// agreement. No reason stands in for ages, consents or safety screens.
    #[schema(min_length = 1, max_length = 600)]
    pub deviation: Option<String>,
    /// The first day; today when left out.
    pub starts_on: Option<Date>,
    /// When it is to be done; as the exercise says, when left out.
    pub schedule: Option<Schedule>,
    /// When it is due that is done once, in place of `schedule`.
    pub due_at: Option<Instant>,
    /// When the participants want to be reminded, before it is due.
    pub remind_at: Option<Instant>,
}

/// What may be changed of an assignment. Absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssignmentPatch {
    /// A word to the participants.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 600)]
    pub note: Patch<String>,
    /// When it is to be done. It holds from the next day on which nothing has begun; what is past or open stays as it
    /// is.
    #[schema(nullable = false)]
    pub schedule: Option<Schedule>,
    /// When it is due, of what is done once.
    #[serde(default)]
    #[schema(value_type = Option<Instant>)]
    pub due_at: Patch<Instant>,
    /// When the participants want to be reminded.
    #[serde(default)]
    #[schema(value_type = Option<Instant>)]
    pub remind_at: Patch<Instant>,
}

/// How long an assignment rests.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseAssignment {
    /// The day on which it is to go on, within sixty days.
    pub resume_on: Date,
}

/// Why an assignment should not have been made.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterAssignmentInError {
    /// Why.
    #[schema(min_length = 1, max_length = 600)]
    pub reason: String,
}

/// Which assignments to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AssignmentFilter {
    /// Those of this couple.
    pub couple_id: Option<CoupleId>,
    /// Those of this client alone, not those of their couples.
    pub client_id: Option<ClientId>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 8)]
    pub status: Option<Vec<AssignmentStatus>>,
    /// Those of this exercise.
    pub activity_definition_id: Option<ActivityDefinitionId>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}
