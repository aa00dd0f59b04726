//! What an inbox holds, as it is shown.

use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::assignments::form::AssignmentForm;
use crate::assignments::model::Assignment;
use crate::db::id::{AssignmentId, SubmissionId};
use crate::db::types::words;
use crate::db::{Date, Instant};
use crate::joint_confirmations::model::ToConfirm;
use crate::me::forms::FormOf;
use crate::submissions::left_out::LeftOut;
use crate::submissions::model::{SharedAnswer, SubmissionStatus};
use crate::time_proposals::model::TimeProposal;

words! {
    /// Where one person stands with what is open for them. What others have done is not in it.
    InboxStatus {
        /// It opens later.
        Scheduled = "scheduled",
        /// It can be done.
        Open = "open",
        /// They have begun.
        InProgress = "in_progress",
        /// They said: not this time. It can still be done.
        Skipped = "skipped",
        /// The time that it was for has passed. It can still be done.
        Missed = "missed",
    }
}

/// Everything that is open for one person.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Inbox {
    /// What can be done, in the order in which it was assigned. What was done is not among it, what rests
    /// neither.
    #[schema(max_items = 100)]
    pub items: Vec<InboxItem>,
    /// What others have shared in the last fourteen days in the couples that something is open for, newest first.
    #[schema(max_items = 50)]
    pub shared: Vec<SharedAnswer>,
    /// Other times that somebody proposes for what is done together, and that wait for the person's answer.
    #[schema(max_items = 100)]
    pub time_proposals: Vec<TimeProposal>,
    /// What was sent from a device that both use, without the questions that are not asked there.
    #[schema(max_items = 500)]
    pub to_complete: Vec<ToComplete>,
    /// What somebody has written for all, and what waits for the person's answer.
    #[schema(max_items = 500)]
    pub to_confirm: Vec<ToConfirm>,
}

/// Something that is open.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InboxItem {
    /// The assignment.
    pub assignment: Assignment,
    /// What to ask, how to check it, and who will read each answer.
    #[schema(value_type = AssignmentForm)]
    pub form: FormOf,
    /// The day that a submission is to name; null for events.
    pub local_date: Option<Date>,
    /// Which of several on that day; null for events.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: Option<i32>,
    /// Where this person stands.
    pub status: InboxStatus,
    /// From when it can be done; null for events.
    pub opens_at: Option<Instant>,
    /// By when it is due.
    pub due_at: Option<Instant>,
    /// When the person wants to be reminded.
    pub remind_at: Option<Instant>,
    /// What they have begun, or said no to.
    pub own: Option<OwnSubmission>,
}

/// Private questions that were not asked, since the device was one that both use. They are answered by sending the
/// submission again, whole, from another or when the person is alone, with `device_shared` false.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ToComplete {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The submission, by the id that the person's device made.
    pub submission_id: SubmissionId,
    /// The day that it is about.
    pub local_date: Option<Date>,
    /// Which of several on that day.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: Option<i32>,
    /// The questions.
    #[schema(max_items = 100)]
    pub link_ids: Vec<String>,
    /// Until when they are shown here. They can be answered later too.
    pub until: Instant,
}

impl ToComplete {
    pub(super) fn of((assignment_id, left_out): (AssignmentId, LeftOut)) -> Self {
        let LeftOut { submission_id, local_date, slot_no, link_ids, until } = left_out;
        Self { assignment_id, submission_id, local_date, slot_no, link_ids, until }
    }
}

/// What a person has begun.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OwnSubmission {
    /// The id that their device made.
    pub id: SubmissionId,
    /// Where it stands.
    pub status: SubmissionStatus,
    /// The answers of a draft.
    #[schema(value_type = Object)]
    pub answers: Map<String, Value>,
}
