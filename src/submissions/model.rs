//! What is sent, and how it is shown to its author and to clinicians.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::activities::definition::Sensitivity;
use crate::auth::Tx;
use crate::crisis::{self, CrisisResource};
use crate::db::id::{AssignmentId, ClientId, CoupleId, SubmissionId};
use crate::db::types::words;
use crate::db::{Date, Instant};
use crate::error::{Fault, Result};
use crate::http::Resource;
use crate::http::page::Position;

words! {
    /// Where a submission stands (`domain` 2.4.12).
    SubmissionStatus {
        /// Begun. Nobody but its author knows of it.
        Draft = "draft",
        /// Sent.
        Submitted = "submitted",
        /// Sent, and changed after somebody else could read it.
        Amended = "amended",
        /// Not this time. No reason is asked for.
        Skipped = "skipped",
        /// Taken back before anybody else could read it.
        Retracted = "retracted",
    }
}

impl SubmissionStatus {
    /// Those that count as an answer.
    pub const SENT: [Self; 2] = [Self::Submitted, Self::Amended];
    /// Those that the practice learns of.
    pub const KNOWN: [Self; 4] = [Self::Submitted, Self::Amended, Self::Skipped, Self::Retracted];
}

words! {
    /// What a person means by what they send.
    Intent {
        /// It is not finished. It is kept for its author alone.
        Draft = "draft",
        /// It is.
        Submitted = "submitted",
        /// Not this time.
        Skipped = "skipped",
    }
}

impl Intent {
    /// The status that it leads to at first.
    #[must_use]
    pub fn status(self) -> SubmissionStatus {
        match self {
            Self::Draft => SubmissionStatus::Draft,
            Self::Submitted => SubmissionStatus::Submitted,
            Self::Skipped => SubmissionStatus::Skipped,
        }
    }
}

/// What a device sends.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSubmission {
    /// What is meant by it.
    pub status: Intent,
    /// The day that it is about, of an exercise that is done on many days: the day in the assignment's zone
    /// on which it was completed, when left out.
    pub local_date: Option<Date>,
    /// Which of several on that day; the first when left out.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: Option<i32>,
    /// The role that the author takes, of an exercise with roles.
    #[schema(max_length = 64)]
    pub role: Option<String>,
    /// When it was completed, by the device's clock.
    pub completed_at: Option<Instant>,
    /// True when others of the couple use the device too. What others never read as it was given is then not asked
    /// of homework of the couple, and refused with `device_shared` when it is sent. What is for its author and
    /// clinicians alone may be left out, and waits in the author's inbox for two days (`to_complete`); what was told of
    /// it before stands. What is made of all answers together is made without what was told before.
    #[serde(default)]
    pub device_shared: bool,
    /// The answers of a form, by the names of its questions. The assignment's form has their schema.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub answers: Map<String, Value>,
    /// What was noted down as it happened, of an exercise that takes events.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub entries: Vec<NewEntry>,
}

/// One event.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEntry {
    /// When it happened, by the device's clock.
    pub at: Instant,
    /// The answers, by the names of the questions.
    #[schema(value_type = Object)]
    pub answers: Map<String, Value>,
}

/// What is wrong with one event of a batch. The others were kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct EntryProblem {
    /// Its place in `entries`, from 0.
    #[schema(maximum = 499)]
    pub index: u32,
    /// Its faults; pointers are into the whole body.
    #[schema(max_items = 200)]
    pub errors: Vec<Fault>,
}

/// What a device gets for a content that was accepted, the same however often it sends it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubmissionReceipt {
    /// The id that the device made.
    pub id: SubmissionId,
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// What it was accepted as.
    pub status: SubmissionStatus,
    /// Which content of this submission it was, from 1.
    #[schema(minimum = 1)]
    pub revision: i32,
    /// True when it came after the time that it was for. It is kept all the same.
    pub late: bool,
    /// When it was accepted.
    pub accepted_at: Instant,
    /// The events that were not kept, by their places. Everything else was.
    #[schema(max_items = 500)]
    pub problems: Vec<EntryProblem>,
    /// What to show after a form about somebody's safety, whatever was answered; null after any other.
    pub help: Option<Help>,
}

/// What is told to whoever has answered how safe they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SubmissionHelp)]
pub struct Help {
    /// The words to show.
    #[schema(max_length = 300)]
    pub text: String,
    /// That this is no emergency service.
    #[schema(max_length = 300)]
    pub not_an_emergency_service: String,
    /// Whom to call, the most urgent first.
    #[schema(max_items = 50)]
    pub crisis_resources: Vec<CrisisResource>,
}

impl Help {
    /// The same for every answer.
    #[must_use]
    pub fn after(sensitivity: Sensitivity) -> Option<Self> {
        (sensitivity == Sensitivity::Safety).then(|| Self {
            text: "Thank you for answering. Your therapist reads this, and nobody else.".to_owned(),
            not_an_emergency_service: crisis::NO_EMERGENCY_SERVICE.to_owned(),
            crisis_resources: crisis::resources().to_vec(),
        })
    }
}

impl Resource for SubmissionReceipt {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/submissions/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find_row(tx, SubmissionId::from_uuid(id)).map(drop)
    }
}

/// A submission without its answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubmissionSummary {
    /// Id: to its author the one that their device made.
    pub id: SubmissionId,
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The couple whose homework it is.
    pub couple_id: Option<CoupleId>,
    /// Who sent it.
    pub author_id: ClientId,
    /// Where it stands.
    pub status: SubmissionStatus,
    /// The day that it is about; null for events.
    pub local_date: Option<Date>,
    /// Which of several on that day; null for events.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: Option<i32>,
    /// The role that the author took.
    #[schema(max_length = 64)]
    pub role: Option<String>,
    /// True when it came after the time that it was for.
    pub late: bool,
    /// When it was completed, by the device's clock.
    pub completed_at: Option<Instant>,
    /// When its latest content came in.
    pub received_at: Instant,
    /// When it was sent first; null for a draft and for what was skipped.
    pub submitted_at: Option<Instant>,
    /// When it was begun; to the practice, when it was sent.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A submission with the answers that the caller may read.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Submission {
    /// Everything but the answers.
    #[serde(flatten)]
    pub summary: SubmissionSummary,
    /// The answers of a form that the caller may read, by the names of the questions.
    #[schema(value_type = Object)]
    pub answers: Map<String, Value>,
    /// The events, with the answers that the caller may read.
    #[schema(max_items = 500)]
    pub entries: Vec<Entry>,
    /// What stood there before it was changed, of that which the caller could read, latest first.
    #[schema(max_items = 200)]
    pub earlier: Vec<EarlierAnswers>,
    /// What came of everybody's answers together, by the names of the questions.
    #[schema(value_type = Object)]
    pub outcomes: Map<String, Value>,
    /// The names of the questions whose answers their author has shared since.
    #[schema(max_items = 80)]
    pub widened: Vec<String>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Entry {
    /// Its place in the batch, from 0.
    #[schema(maximum = 499)]
    pub entry_no: i32,
    /// When it happened, by the device's clock.
    pub at: Option<Instant>,
    /// The answers that the caller may read.
    #[schema(value_type = Object)]
    pub answers: Map<String, Value>,
}

/// Answers that were changed since.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EarlierAnswers {
    /// The event that they belong to; null for a form.
    #[schema(maximum = 499)]
    pub entry_no: Option<i32>,
    /// When they were replaced.
    pub superseded_at: Instant,
    /// The answers.
    #[schema(value_type = Object)]
    pub answers: Map<String, Value>,
}

impl Resource for Submission {
    fn id(&self) -> Uuid {
        self.summary.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/submissions/{}", self.summary.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find_row(tx, SubmissionId::from_uuid(id)).map(drop)
    }
}

impl SubmissionSummary {
    /// Where this submission stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// Which answers their author shares.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WidenSubmission {
    /// The names of the questions. Only those whose notice says so can be shared.
    #[schema(min_items = 1, max_items = 80)]
    pub link_ids: Vec<String>,
    /// The event, by its place in the batch; every event when left out.
    #[schema(minimum = 0, maximum = 499)]
    pub entry_no: Option<i32>,
}

/// Which submissions to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SubmissionFilter {
    /// Those to this assignment.
    pub assignment_id: Option<AssignmentId>,
    /// Those to this couple's homework.
    pub couple_id: Option<CoupleId>,
    /// Those of this client.
    pub author_id: Option<ClientId>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 5)]
    pub status: Option<Vec<SubmissionStatus>>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}

/// What another participant has shared, or what a reveal has opened. It says what can be read and since when,
/// and nothing of when or how it was written.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SharedAnswer {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// Who it is from, by the name that the couple knows them by.
    #[schema(max_length = 80)]
    pub from: Option<String>,
    /// The day that it is about; null for events.
    pub local_date: Option<Date>,
    /// Which of several on that day; null for events.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: Option<i32>,
    /// The answers, by the names of the questions.
    #[schema(value_type = Object)]
    pub answers: Map<String, Value>,
    /// Since when it can be read.
    pub shared_at: Instant,
    /// When it was replaced by an amendment; null for what stands.
    pub superseded_at: Option<Instant>,
}

/// Which shared answers to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SharedAnswerFilter {
    /// Those to this assignment.
    pub assignment_id: Option<AssignmentId>,
    /// Shared at this instant or later.
    pub shared_since: Option<Instant>,
}
