//! What stands in a note: sections by the format, what the clinician quotes, and what was pre-filled.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::id::{AssignmentId, SubmissionId};
use crate::db::types::words;
use crate::error::Fault;

words! {
    /// The form of a note (`domain` 5.2).
    NoteFormat {
        /// Subjective, objective, assessment, plan.
        Soap = "soap",
        /// Data, assessment, plan.
        Dap = "dap",
        /// Behavior, intervention, response, plan.
        Birp = "birp",
        /// Goals, intervention, response, plan.
        Girp = "girp",
        /// In one piece.
        Free = "free",
    }
}

words! {
    /// A part of a note. The last four are of a couple's record alone.
    SectionName {
        /// What was said.
        Subjective = "subjective",
        /// What was seen.
        Objective = "objective",
        /// What the clinician makes of it.
        Assessment = "assessment",
        /// What comes next.
        Plan = "plan",
        /// What was said and seen.
        Data = "data",
        /// What they did.
        Behavior = "behavior",
        /// What they work towards.
        Goals = "goals",
        /// What the clinician did.
        Intervention = "intervention",
        /// How they took it.
        Response = "response",
        /// Everything.
        Text = "text",
        /// What each partner does in it.
        EachPartnersPart = "each_partners_part",
        /// The cycle or pattern.
        CycleOrPattern = "cycle_or_pattern",
        /// Attempts at repair that were seen.
        RepairsSeen = "repairs_seen",
        /// How fast it went.
        Pacing = "pacing",
    }
}

impl NoteFormat {
    /// The sections of the format, in their order.
    #[must_use]
    pub fn sections(self) -> &'static [SectionName] {
        use SectionName::{
            Assessment, Behavior, Data, Goals, Intervention, Objective, Plan, Response, Subjective,
            Text,
        };
        match self {
            Self::Soap => &[Subjective, Objective, Assessment, Plan],
            Self::Dap => &[Data, Assessment, Plan],
            Self::Birp => &[Behavior, Intervention, Response, Plan],
            Self::Girp => &[Goals, Intervention, Response, Plan],
            Self::Free => &[Text],
        }
    }
}

/// The sections that a note of a couple's record may have besides.
pub const OF_COUPLES: [SectionName; 4] = [
    SectionName::EachPartnersPart,
    SectionName::CycleOrPattern,
    SectionName::RepairsSeen,
    SectionName::Pacing,
];

/// A section with its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoteSection {
    /// Which one.
    pub name: SectionName,
    /// What stands in it.
    #[schema(max_length = 20000)]
    pub text: String,
}

/// A section with its text.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNoteSection {
    /// Which one: of the note's format, or of those for couples.
    pub name: SectionName,
    /// What stands in it.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
}

/// An answer that the note quotes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quote {
    /// The submission.
    pub submission_id: SubmissionId,
    /// The question.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "mood")]
    pub link_id: String,
}

/// Homework of the couple since the last session: its title and how often it was done, and no word of what
/// was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoteHomework {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The title of the exercise.
    #[schema(max_length = 120, example = "Daily check-in")]
    pub title: String,
    /// How often everybody who has to had done it.
    #[schema(minimum = 0, example = 5)]
    pub times_done: i64,
    /// The same of how often it was due, in the words of the exercise; null where nothing was due, as with what
    /// is done on any day.
    #[schema(max_length = 120, example = "5 of 7")]
    pub figure: Option<String>,
}

/// Everything that a signature covers. Its JSON, in the order of the fields, is what is hashed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub(super) sections: Vec<NoteSection>,
    pub(super) quotes: Vec<Quote>,
    pub(super) homework: Vec<NoteHomework>,
    pub(super) risk_reviewed: bool,
}

impl From<NewNoteSection> for NoteSection {
    fn from(new: NewNoteSection) -> Self {
        Self { name: new.name, text: new.text }
    }
}

/// The faults of sections in a note of this format and record.
#[must_use]
pub fn section_faults(sections: &[NoteSection], format: NoteFormat, of_couple: bool) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (index, section) in sections.iter().enumerate() {
        let at = format!("/sections/{index}/name");
        let of_couples = OF_COUPLES.contains(&section.name);
        if sections.iter().take(index).any(|other| other.name == section.name) {
            faults.push(Fault::body(at, "repeated", "Stands in the note already."));
        } else if of_couples && !of_couple {
            let detail = "Is for a note of a couple's record.";
            faults.push(Fault::body(at, "not_of_record", detail));
        } else if !of_couples && !format.sections().contains(&section.name) {
            faults.push(Fault::body(at, "not_of_format", "Is no section of the note's format."));
        }
    }
    faults
}
