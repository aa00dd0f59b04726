//! What a definition is made of, its items and conditions aside.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::Condition;
use super::vocabulary::{
    AdherenceUnit, CompletedWhen, EffectType, FigureAudience, GateAction, GateAt,
    ParticipationMode, Recipient, Rotation, Severity,
};
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

words! {
    /// The unit of a period.
    PeriodUnit {
        /// Days.
        Day = "d",
        /// Weeks.
        Week = "wk",
        /// Months.
        Month = "mo",
    }
}

words! {
    /// Whether an occurrence has its day.
    Placement {
        /// It has.
        Fixed = "fixed",
        /// So many within the period, on whichever day.
        Flexible = "flexible",
    }
}

words! {
    /// A day of the week.
    Weekday {
        /// Monday.
        Mon = "mon",
        /// Tuesday.
        Tue = "tue",
        /// Wednesday.
        Wed = "wed",
        /// Thursday.
        Thu = "thu",
        /// Friday.
        Fri = "fri",
        /// Saturday.
        Sat = "sat",
        /// Sunday.
        Sun = "sun",
    }
}

/// When an exercise is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityTiming)]
pub struct Timing {
    /// How often.
    pub repeat: Repeat,
    /// Whether each time has its day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placement: Option<Placement>,
    /// True when the hour is the same every time.
    #[serde(default)]
    pub same_time_every_occurrence: bool,
    /// How long before it is due it opens, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^PT[0-9]{1,4}[HM]$", example = "PT15M")]
    pub opens_before: Option<String>,
    /// How long after it was due it closes, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^PT[0-9]{1,4}[HM]$", example = "PT4H")]
    pub closes_after: Option<String>,
    /// The least time between two, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^P(T[0-9]{1,4}H|[0-9]{1,3}D)$", example = "PT12H")]
    pub min_spacing: Option<String>,
    /// How long it takes, in minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 600)]
    pub window_minutes: Option<u16>,
}

/// How often, after FHIR `Timing.repeat`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityRepeat)]
pub struct Repeat {
    /// Times in a period.
    #[schema(minimum = 1, maximum = 24)]
    pub frequency: u8,
    /// Times in a period at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 24)]
    pub frequency_max: Option<u8>,
    /// Length of the period.
    #[schema(minimum = 1, maximum = 52)]
    pub period: u8,
    /// Its unit.
    pub period_unit: PeriodUnit,
    /// On which days.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 7)]
    pub day_of_week: Vec<Weekday>,
    /// At which hours on the wall, `HH:MM`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 24)]
    pub time_of_day: Vec<String>,
    /// For how long, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^P[0-9]{1,3}[MWD]$", example = "P30D")]
    pub bounds: Option<String>,
}

words! {
    /// What a parameter holds.
    ParameterType {
        /// A whole number.
        Integer = "integer",
        /// Yes or no.
        Boolean = "boolean",
        /// A text.
        String = "string",
        /// An hour on the wall.
        LocalTime = "local_time",
        /// One of its options.
        Choice = "choice",
        /// A list of phrases.
        PhraseList = "phrase_list",
    }
}

words! {
    /// Who may change a parameter.
    Editor {
        /// The clinician.
        Clinician = "clinician",
        /// The couple.
        Couple = "couple",
        /// Either.
        Both = "both",
    }
}

words! {
    /// The feature of the service that reads a parameter.
    UsedBy {
        /// Time-outs.
        TimeOut = "time_out",
        /// Agreements.
        Agreement = "agreement",
        /// Comparison views.
        ComparisonView = "comparison_view",
        /// Staged plans.
        StagedPlan = "staged_plan",
        /// Figures.
        Figures = "figures",
        /// Filling a form in advance.
        Prefill = "prefill",
        /// What an app shows.
        Display = "display",
    }
}

/// What may be changed when an exercise is assigned.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityParameter)]
pub struct Parameter {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "window_minutes")]
    pub key: String,
    /// What it holds.
    pub r#type: ParameterType,
    /// The value unless another is given.
    #[schema(value_type = ParameterValue)]
    pub default: Value,
    /// The least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    pub min: Option<i64>,
    /// The most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = -1_000_000, maximum = 1_000_000)]
    pub max: Option<i64>,
    /// The unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 16)]
    pub unit: Option<String>,
    /// The options of a choice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 40)]
    pub options: Vec<String>,
    /// Phrases at the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 40)]
    pub min_items: Option<u8>,
    /// Phrases at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 40)]
    pub max_items: Option<u8>,
    /// Who may change it.
    #[serde(default = "by_clinician")]
    pub editable_by: Editor,
    /// The places in the definition that it overrides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub binds: Vec<Bind>,
    /// The feature that reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub used_by: Option<UsedBy>,
}

fn by_clinician() -> Editor {
    Editor::Clinician
}

/// A number, a text, yes or no, or a list of phrases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum ParameterValue {
    /// Yes or no.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// Phrases.
    Phrases(Vec<String>),
}

/// A place in the definition that a parameter overrides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityBind)]
pub struct Bind {
    /// The path: members with `.`, entries by index or by `link_id`, `key`, `id` or gate code in brackets.
    #[schema(
        max_length = 160,
        pattern = "^[a-z_]+(\\[[a-z0-9_]+\\]|\\.[a-z0-9_]+)*$",
        example = "timing.repeat.time_of_day[0]"
    )]
    pub path: String,
    /// A text around the value, with `{value}` in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 40, example = "PT{value}H")]
    pub format: Option<String>,
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

/// What an answer sets off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivitySignal)]
pub struct Signal {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "low_mood_run")]
    pub id: String,
    /// When.
    pub when: Condition,
    /// What.
    pub effect: Effect,
}

/// The effect of a signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityEffect)]
pub struct Effect {
    /// Of which kind.
    pub r#type: EffectType,
    /// Its code.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "fear_of_partner")]
    pub code: String,
    /// How urgent it is.
    #[serde(default = "for_information")]
    pub severity: Severity,
    /// Whom it reaches.
    #[serde(default = "the_clinicians")]
    #[schema(min_items = 1, max_items = 3)]
    pub to: Vec<Recipient>,
    /// The words of a suggestion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 400)]
    pub text: Option<String>,
}

fn for_information() -> Severity {
    Severity::Info
}

fn the_clinicians() -> Vec<Recipient> {
    vec![Recipient::Clinician]
}

/// What counts as done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityAdherence)]
pub struct Adherence {
    /// In what it is counted.
    pub unit: AdherenceUnit,
    /// When one is done.
    pub completed_when: CompletedWhen,
    /// What is counted, with `count_at_least`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Count>,
    /// Over which time, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16, example = "P7D")]
    pub period: Option<String>,
    /// The figure in words, with `{completed}` and `{expected}` in their places.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 80, example = "{completed} of {expected}")]
    pub label: Option<String>,
    /// Who of the participants sees it.
    #[serde(default = "nobody")]
    pub show_to_partners: FigureAudience,
    /// So many are aimed at in a period.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub target: Option<u16>,
}

fn nobody() -> FigureAudience {
    FigureAudience::None
}

words! {
    /// Whose entries are counted together.
    CountScope {
        /// The couple's.
        Couple = "couple",
        /// Each person's.
        Each = "each",
    }
}

/// What is counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityCount)]
pub struct Count {
    /// The item whose answers are counted; entries themselves without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub link_id: Option<String>,
    /// At least so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1000)]
    pub min: Option<u16>,
    /// More than so many count as so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 1000)]
    pub max: Option<u16>,
    /// Whose.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<CountScope>,
}
