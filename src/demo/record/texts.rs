//! What stands in the demo's record. The people are made up, and so is every word; no note is written like this of
//! anybody who lives.

use crate::session_notes::content::SectionName;
use crate::session_notes::content::SectionName::{
    Assessment, Behavior, CycleOrPattern, Data, EachPartnersPart, Intervention, Objective, Plan,
    RepairsSeen, Response, Subjective, Text,
};

/// Sections of a note, by their names.
pub(super) type Sections = &'static [(SectionName, &'static str)];

/// Of the hour with both.
pub(super) const OF_BOTH: Sections = &[
    (
        Data,
        "Both came, a little early. They told of one talk this week that ended in silence, and of two \
            evenings on which they kept their check-in.",
    ),
    (
        Assessment,
        "Pursuit and withdrawal, softer than at the first meeting. Each names their own part in it \
                  without being asked. No sign of risk.",
    ),
    (
        Plan,
        "The check-in at eight goes on. The weekly pulse before the next hour, which is by video.",
    ),
    (EachPartnersPart, "One asks again when unsure. The other goes quiet when asked twice."),
    (CycleOrPattern, "A question, no answer, a sharper question, the door."),
    (RepairsSeen, "Two: a hand on the arm, and \"may I begin again\"."),
];
/// Of the hour with one of them.
pub(super) const OF_ONE: Sections = &[
    (
        Behavior,
        "Came alone, as agreed with both. Calm, spoke openly of being tired since the autumn.",
    ),
    (Intervention, "Sorted together what belongs to work and what to the couple."),
    (Response, "Relief. Chose without help what to bring into the next joint hour."),
    (Plan, "Two quiet evenings a week. To be looked at again together."),
];
/// Of a couple that pauses.
pub(super) const OF_A_BREAK: Sections = &[
    (
        Data,
        "Telephone call with both about their break. They live in one household and keep meals apart.",
    ),
    (Assessment, "The break was agreed and is kept. Neither reports fear; both were asked alone."),
    (Plan, "Call again in three weeks, at the same hour."),
];
/// Of what belongs elsewhere.
pub(super) const IN_ERROR: Sections =
    &[(Text, "Call from the front desk about another time for the next hour.")];
/// Of the hour by video, not yet to its end.
pub(super) const BEGUN: Sections = &[
    (Subjective, "By video, one in Seattle and one in Boise. Both say that the week was quieter."),
    (Objective, "Even voices. One interruption, taken back at once."),
];

/// What both read.
pub(super) const TO_BOTH: &str = "We looked at what happens when a question stays without an answer, and you both tried to \
     begin such a talk anew. Until we meet again: the check-in in the evening, ten minutes, and nothing to solve.";
/// What was left out of a note.
pub(super) const LATE: &str =
    "Left out above: sleep was asked about. Six hours on most nights, no sign of risk.";
/// What was unclear in it.
pub(super) const CLEARER: &str =
    "\"Tired\" was said of evenings after a late shift, and of no other time.";
/// What its author alone reads.
pub(super) const MINE: &str = "I notice how readily I side with whoever speaks less. Whose silence is that? To be taken to my \
     own supervision.";
