//! A caseload as it is shown.

use serde::Serialize;
use utoipa::ToSchema;

use crate::activities::definition::Severity;
use crate::db::Date;
use crate::db::id::{AssignmentId, ClientId, CoupleId};
use crate::db::types::words;
use crate::figures::Figure;
use crate::figures::model::PlotLink;

/// Whom a clinician treats or supervises, the most urgent first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Caseload {
    /// The first day of the week that it looks at.
    pub from: Date,
    /// The last day of it: today, in the practice's zone.
    pub until: Date,
    /// By urgency, then by how much there is, then by id.
    #[schema(max_items = 400)]
    pub entries: Vec<CaseloadEntry>,
}

/// A couple or a client. Exactly one of the ids is there.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CaseloadEntry {
    /// The couple.
    pub couple_id: Option<CoupleId>,
    /// The client, with what is theirs alone.
    pub client_id: Option<ClientId>,
    /// The most urgent of the reasons; null when nothing asks for attention.
    pub urgency: Option<Severity>,
    /// What asks for attention, the most urgent first.
    #[schema(max_items = 100)]
    pub reasons: Vec<Attention>,
    /// How the homework of the week went, all of it together.
    pub figure: Figure,
    /// Pictures of it, with what they show in words.
    #[schema(max_items = 20)]
    pub plots: Vec<PlotLink>,
}

/// One thing that asks for attention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Attention {
    /// What it is.
    pub code: AttentionCode,
    /// How urgent it is.
    pub severity: Severity,
    /// The homework that it is about.
    pub assignment_id: Option<AssignmentId>,
    /// The exercise's title; of a prompt or an alert its code.
    #[schema(max_length = 120, example = "Daily check-in")]
    pub about: Option<String>,
    /// The words of a prompt.
    #[schema(max_length = 400)]
    pub text: Option<String>,
    /// How many of it there are.
    #[schema(minimum = 1)]
    pub count: u32,
}

words! {
    /// Why somebody asks for attention.
    AttentionCode {
        /// Alerts that nobody has closed.
        Alert = "alert",
        /// Left out twice in a row, or more often.
        MissedInARow = "missed_in_a_row",
        /// An exercise's own rule asks the clinician to look: among them that fewer and simpler gestures may help.
        Prompt = "prompt",
        /// A programme's phase is over, and the next has not begun.
        PhaseOver = "phase_over",
        /// A pause of homework or of a programme was to end by now.
        ResumeDue = "resume_due",
        /// Submissions that nobody has looked at since they came.
        Unread = "unread",
    }
}
