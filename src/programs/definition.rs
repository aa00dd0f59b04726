//! What a programme is, as data (`domain` 3.4.5): who may begin it, what happens in which phase, how it bends to
//! what a couple brings, and what stays of it.
//!
//! A programme names exercises by their keys and changes nothing in them but their parameters. What it names and
//! the service cannot do yet says which feature it [awaits](Feature).

mod action;
#[cfg(test)]
mod tests;
mod variant;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::action::{Action, ActionKind, ActionTiming, Feature, Requirement};
pub use self::variant::{Patch, Variant};
use crate::activities::definition::{Condition, Source, SubjectKind, Thread, catalog};
use crate::db::Date;
use crate::db::types::words;

/// A programme, whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgramDefinition {
    /// Its name, the same in every version.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "roadmap_60_day")]
    pub key: String,
    /// Semantic version. What has begun keeps the version that it began with.
    #[schema(pattern = "^[0-9]{1,5}\\.[0-9]{1,5}\\.[0-9]{1,5}$", example = "1.0.0")]
    pub version: String,
    /// Title.
    #[schema(min_length = 1, max_length = 120)]
    pub title: String,
    /// What it is, in a sentence or two.
    #[schema(min_length = 1, max_length = 600)]
    pub summary: String,
    /// Where the practice comes from.
    #[schema(min_items = 1, max_items = 10)]
    pub source: Vec<Source>,
    /// Whom it is for.
    pub subject: SubjectKind,
    /// How long it takes if nothing is extended.
    #[schema(minimum = 1, maximum = 730)]
    pub duration_days: u16,
    /// The threads of intimacy that it has to work on.
    pub required_threads: RequiredThreads,
    /// What must be true before it begins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub preconditions: Vec<Precondition>,
    /// Its phases, in order and without a gap.
    #[schema(min_items = 1, max_items = 20)]
    pub phases: Vec<Phase>,
    /// How it bends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub variants: Vec<Variant>,
    /// What stays of it.
    pub completion: Completion,
}

/// The threads that a programme has to work on (`seed:1.21`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequiredThreads {
    /// So many at the least.
    #[schema(minimum = 1, maximum = 6)]
    pub min_count: u8,
    /// One at the least of each of these groups.
    #[schema(max_items = 6)]
    pub must_include_one_of_each: Vec<Vec<Thread>>,
}

impl RequiredThreads {
    /// Whether these threads are enough.
    #[must_use]
    pub fn are_met_by(&self, threads: &BTreeSet<Thread>) -> bool {
        threads.len() >= usize::from(self.min_count)
            && self
                .must_include_one_of_each
                .iter()
                .all(|group| group.iter().any(|thread| threads.contains(thread)))
    }
}

words! {
    /// What happens when a precondition does not hold.
    Otherwise {
        /// The programme cannot begin, and the clinician is told which condition it was.
        Block = "block",
        /// The programme cannot begin, in the same words whatever the cause.
        BlockNeutral = "block_neutral",
        /// Each writes down a difficulty and a hope first.
        StartWithGoalStatements = "start_with_goal_statements",
        /// The working agreement comes first.
        StartWithWorkingAgreement = "start_with_working_agreement",
    }
}

impl Otherwise {
    /// The exercise that comes first, if one does.
    #[must_use]
    pub fn exercise(self) -> Option<&'static str> {
        match self {
            Self::Block | Self::BlockNeutral => None,
            Self::StartWithGoalStatements => Some("goal_statements"),
            Self::StartWithWorkingAgreement => Some("working_agreement"),
        }
    }
}

/// What must be true before a programme begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProgramDefinitionPrecondition)]
pub struct Precondition {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "screened_individually")]
    pub key: String,
    /// What must be true.
    pub when: Condition,
    /// What happens when it is not.
    pub r#else: Otherwise,
    /// The feature without which it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub awaits: Option<Feature>,
}

words! {
    /// How the next phase begins. Never by the calendar alone.
    Advance {
        /// The criteria are met, and a clinician agrees.
        CriteriaThenClinician = "criteria_then_clinician",
        /// A clinician decides.
        Clinician = "clinician",
    }
}

/// A part of a programme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProgramDefinitionPhase)]
pub struct Phase {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "weeks_1_2")]
    pub key: String,
    /// Title.
    #[schema(min_length = 1, max_length = 120)]
    pub title: String,
    /// Days from the programme's first day to its own.
    #[schema(maximum = 730)]
    pub offset_days: u16,
    /// How many days it takes.
    #[schema(minimum = 1, maximum = 365)]
    pub length_days: u16,
    /// True when a clinician may make it longer.
    #[serde(default)]
    pub extendable: bool,
    /// How the phase after it begins.
    pub advance: Advance,
    /// What is to be met before, with `criteria_then_clinician`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub criteria: Option<Condition>,
    /// What happens in it.
    #[schema(min_items = 1, max_items = 40)]
    pub actions: Vec<Action>,
}

impl Phase {
    /// Its first and its last day in a programme that begins on this day.
    #[must_use]
    pub fn days_from(&self, start: Date) -> (Date, Date) {
        let first = start.plus_days(i32::from(self.offset_days));
        (first, first.plus_days(i32::from(self.length_days) - 1))
    }
}

/// What stays of a programme. It is proposed, and nothing ends unsaid (`seed:1.125`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProgramDefinitionCompletion)]
pub struct Completion {
    /// The plan that is proposed at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64, example = "maintenance_plan")]
    pub propose: Option<String>,
    /// The exercises that go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 20)]
    pub keep_running: Vec<String>,
    /// After which time the couple looks back, ISO 8601.
    #[schema(pattern = "^P[0-9]{1,3}[MWD]$", example = "P3M")]
    pub next_review: String,
}

impl ProgramDefinition {
    /// The actions of its phases, in order; those that variants add are not among them.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.phases.iter().flat_map(|phase| &phase.actions)
    }

    /// The phase of this name.
    #[must_use]
    pub fn phase(&self, key: &str) -> Option<&Phase> {
        self.phases.iter().find(|phase| phase.key == key)
    }

    /// The action of this name.
    #[must_use]
    pub fn action(&self, key: &str) -> Option<&Action> {
        self.actions().find(|action| action.key == key)
    }

    /// The threads that its exercises work on, of those in the catalogue: what awaits a feature works on nothing.
    #[must_use]
    pub fn threads(&self) -> BTreeSet<Thread> {
        self.threads_without(|_| false)
    }

    /// The same without the actions that are left out.
    pub(super) fn threads_without(&self, left_out: impl Fn(&str) -> bool) -> BTreeSet<Thread> {
        let assigned: BTreeSet<&str> = self
            .actions()
            .filter(|action| action.awaits.is_none() && !left_out(&action.key))
            .filter_map(|action| action.activity.as_deref())
            .collect();
        catalog::built_in()
            .iter()
            .filter(|one| assigned.contains(one.definition.key.as_str()))
            .flat_map(|one| one.definition.threads.iter().copied())
            .collect()
    }
}

macro_rules! programs {
    ($($key:literal;)*) => {
        /// File and text of each, in the order of the folder.
        pub const FILES: &[(&str, &str)] = &[$((
            concat!($key, ".json"),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/programs/", $key, ".json")),
        )),*];
    };
}

programs! {
    "roadmap_60_day";
    "trust_and_momentum";
}

/// Every built-in programme. A file that does not read is left out here and fails a test.
#[must_use]
pub fn built_in() -> &'static [ProgramDefinition] {
    static ALL: LazyLock<Vec<ProgramDefinition>> = LazyLock::new(|| {
        FILES.iter().filter_map(|(_, text)| serde_json::from_str(text).ok()).collect()
    });
    &ALL
}
