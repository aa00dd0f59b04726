//! Items: what is asked, in which form and bounds, and who reads the answer (`domain` 3.3, 2.6).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::words;

words! {
    /// What an item is, and what its answer holds.
    ItemType {
        /// A text without an answer.
        Display = "display",
        /// Items that belong together.
        Group = "group",
        /// Yes or no.
        Boolean = "boolean",
        /// A whole number.
        Integer = "integer",
        /// A number.
        Decimal = "decimal",
        /// A step on a scale.
        Scale = "scale",
        /// One of the options.
        Choice = "choice",
        /// One of the options, or own words.
        OpenChoice = "open_choice",
        /// Some of the options.
        MultiChoice = "multi_choice",
        /// A line.
        String = "string",
        /// A text.
        Text = "text",
        /// A day.
        Date = "date",
        /// An hour on the wall.
        Time = "time",
        /// An instant.
        Datetime = "datetime",
        /// How long, in the item's unit.
        Duration = "duration",
        /// How many.
        Count = "count",
        /// What a timer measured, in turns.
        Timer = "timer",
        /// Rows of items.
        List = "list",
        /// What was ticked.
        Checklist = "checklist",
        /// A sentence with blanks.
        Template = "template",
        /// A light: green, yellow or red, without a reason.
        Consent = "consent",
        /// One word for each entry of a list.
        Inventory = "inventory",
        /// A statement that is agreed to.
        Attestation = "attestation",
        /// Another record.
        Reference = "reference",
    }
}

impl ItemType {
    /// True when it takes an answer.
    #[must_use]
    pub fn takes_an_answer(self) -> bool {
        !matches!(self, Self::Display | Self::Group)
    }
}

words! {
    /// Who, beside the author, reads an answer, and when (`domain` 2.6).
    Audience {
        /// Nobody, not even the clinician.
        AuthorOnly = "author_only",
        /// The treating clinicians.
        Clinician = "clinician",
        /// The participants and the clinicians, when it is submitted.
        Shared = "shared",
        /// The participants once all have submitted; the clinicians when it is submitted.
        MutualReveal = "mutual_reveal",
        /// Nobody: participants and clinicians learn an outcome once all have answered.
        AggregateOnly = "aggregate_only",
        /// Participants learn the entries that everybody marked alike, and no others.
        OverlapOnly = "overlap_only",
    }
}

words! {
    /// How much of an answer clinicians read, where its audience lets them.
    ClinicianAudience {
        /// The answer.
        Full = "full",
        /// What everybody marked alike.
        Overlap = "overlap",
        /// The outcome.
        Aggregate = "aggregate",
        /// Nothing.
        None = "none",
    }
}

words! {
    /// Whom an item is about.
    About {
        /// Who answers.
        Me = "self",
        /// The other.
        Partner = "partner",
        /// Both.
        Couple = "couple",
        /// A task.
        Task = "task",
        /// Nobody.
        None = "none",
    }
}

/// What is asked.
///
/// Members that belong to one type are refused on the others (`misplaced`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityItem)]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of its own in the JSON")]
pub struct Item {
    /// Its name, which answers and conditions use.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "mood")]
    pub link_id: String,
    /// What it is.
    pub r#type: ItemType,
    /// The question.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 400)]
    pub text: Option<String>,
    /// A word of help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 400)]
    pub help: Option<String>,
    /// True when a submission needs an answer.
    #[serde(default)]
    pub required: bool,
    /// True when several answers may be given.
    #[serde(default)]
    pub repeats: bool,
    /// True when it is shown and not asked.
    #[serde(default)]
    pub read_only: bool,
    /// Whom it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<About>,
    /// Who reads the answer. Rows of a list are read by whoever reads the list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Audience>,
    /// How much of it clinicians read; everything unless said otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clinician_visibility: Option<ClinicianAudience>,
    /// True when the author may later share the answer.
    #[serde(default)]
    pub author_may_widen: bool,
    /// The role that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$")]
    pub role: Option<String>,
    /// Characters at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 4000)]
    pub max_length: Option<u16>,
    /// Sentences at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 20)]
    pub max_sentences: Option<u8>,
    /// The scale.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// The least number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<f64>,
    /// The unit of the number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 16)]
    pub unit: Option<String>,
    /// The options.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 60)]
    pub options: Vec<AnswerOption>,
    /// Options to be chosen at the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 60)]
    pub min_choices: Option<u8>,
    /// Options to be chosen at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 60)]
    pub max_choices: Option<u8>,
    /// The timer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timer: Option<Timer>,
    /// The rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub list: Option<List>,
    /// The sentence with blanks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<Template>,
    /// The light.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ConsentLight>,
    /// The inventory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inventory: Option<Inventory>,
    /// The statement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attestation: Option<Attestation>,
    /// The other record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<Reference>,
    /// What is in the group, or in each row of the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(no_recursion, max_items = 40)]
    pub items: Vec<Item>,
}

impl Item {
    /// Who reads the answer; the clinicians when the definition does not say.
    #[must_use]
    pub fn audience(&self) -> Audience {
        self.visibility.unwrap_or(Audience::Clinician)
    }

    /// How much of it clinicians read; as much as its audience says, unless the definition says more.
    #[must_use]
    pub fn clinician_audience(&self) -> ClinicianAudience {
        self.clinician_visibility.unwrap_or(match self.audience() {
            Audience::AuthorOnly => ClinicianAudience::None,
            Audience::AggregateOnly => ClinicianAudience::Aggregate,
            Audience::OverlapOnly => ClinicianAudience::Overlap,
            Audience::Clinician | Audience::Shared | Audience::MutualReveal => {
                ClinicianAudience::Full
            }
        })
    }

    /// True when a participant other than the author learns anything of the answer.
    #[must_use]
    pub fn reaches_partners(&self) -> bool {
        !matches!(self.audience(), Audience::AuthorOnly | Audience::Clinician)
    }
}

/// A scale of whole steps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityScale)]
pub struct Scale {
    /// The lowest step.
    #[schema(minimum = -1000, maximum = 1000)]
    pub min: i32,
    /// The highest step.
    #[schema(minimum = -1000, maximum = 1000)]
    pub max: i32,
    /// From one step to the next.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 100)]
    pub step: i32,
    /// Words at some of the steps.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub anchors: BTreeMap<String, String>,
}

fn one() -> i32 {
    1
}

/// An option.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerOption {
    /// The word of the answer.
    #[schema(pattern = "^[a-z][a-z0-9_]{0,63}$", example = "work")]
    pub code: String,
    /// The word for people.
    #[schema(min_length = 1, max_length = 200)]
    pub label: String,
    /// What it counts in a score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// True when only oneself can be meant.
    #[serde(default)]
    pub own_only: bool,
}

/// A timer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityTimer)]
pub struct Timer {
    /// Seconds that are planned.
    #[schema(minimum = 1, maximum = 86400)]
    pub planned_s: u32,
    /// Seconds at the least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 86400)]
    pub min_s: Option<u32>,
    /// Seconds at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 86400)]
    pub max_s: Option<u32>,
    /// Turns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 12)]
    pub turns: Option<u8>,
    /// True when roles are swapped between turns.
    #[serde(default)]
    pub swap_roles: bool,
    /// Seconds from which on a turn counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(maximum = 86400)]
    pub counts_from_s: Option<u32>,
}

words! {
    /// Who writes a row.
    RowWriter {
        /// Any member.
        AnyMember = "any_member",
        /// Whose row it is.
        RowOwner = "row_owner",
        /// The clinician.
        Clinician = "clinician",
    }
}

words! {
    /// Who gives a row to another.
    OwnerChange {
        /// All members together.
        AllMembers = "all_members",
        /// The clinician.
        Clinician = "clinician",
        /// Any member.
        AnyMember = "any_member",
    }
}

/// The rows of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityList)]
pub struct List {
    /// Rows at the least.
    #[schema(maximum = 100)]
    pub min_rows: u8,
    /// Rows at the most.
    #[schema(minimum = 1, maximum = 100)]
    pub max_rows: u8,
    /// The item of a row that names its owner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub row_owner_field: Option<String>,
    /// Who writes a row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row_write_by: Option<RowWriter>,
    /// Who gives a row to another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_change_by: Option<OwnerChange>,
}

/// A sentence with blanks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityTemplate)]
pub struct Template {
    /// The sentence, with `{key}` for each blank.
    #[schema(min_length = 1, max_length = 600)]
    pub pattern: String,
    /// The blanks.
    #[schema(min_items = 1, max_items = 12)]
    pub slots: Vec<Slot>,
}

/// A blank of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivitySlot)]
pub struct Slot {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$")]
    pub key: String,
    /// What belongs in it.
    #[schema(min_length = 1, max_length = 120)]
    pub label: String,
    /// Characters at the most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1000)]
    pub max_length: Option<u16>,
    /// True when it must be filled.
    #[serde(default)]
    pub required: bool,
}

words! {
    /// The words of a light.
    LightScale {
        /// Green, yellow, red.
        TrafficLight = "traffic_light",
    }
}

/// A light. No reason is ever asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityConsentLight)]
pub struct ConsentLight {
    /// Its words.
    pub scale: LightScale,
    /// For how long it holds, ISO 8601.
    #[schema(pattern = "^PT[0-9]{1,4}[HM]$", example = "PT30M")]
    pub valid_for: String,
    /// True when it may change while the practice goes on.
    #[serde(default)]
    pub live: bool,
}

/// A list of entries that each get one word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityInventory)]
pub struct Inventory {
    /// The entries.
    #[schema(min_items = 1, max_items = 200)]
    pub entries: Vec<Entry>,
    /// The words.
    #[schema(min_items = 2, max_items = 8)]
    pub responses: Vec<String>,
    /// The words that count as alike.
    #[schema(min_items = 1, max_items = 8)]
    pub match_set: Vec<String>,
    /// Entries of one's own at the most.
    #[serde(default)]
    #[schema(maximum = 50)]
    pub custom_entries_max: u8,
    /// Entries to be answered before anything is revealed.
    #[serde(default)]
    #[schema(maximum = 200)]
    pub min_entries_before_reveal: u8,
    /// Days for which an entry is locked after it was revealed.
    #[serde(default)]
    #[schema(maximum = 365)]
    pub relock_days: u16,
}

/// An entry of an inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityEntry)]
pub struct Entry {
    /// Its name.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$")]
    pub code: String,
    /// The heading it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$")]
    pub group: Option<String>,
    /// The words for people.
    #[schema(min_length = 1, max_length = 200)]
    pub label: String,
}

/// A statement that is agreed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityAttestation)]
pub struct Attestation {
    /// The statement.
    #[schema(min_length = 1, max_length = 1000)]
    pub statement: String,
    /// True when the name is typed under it.
    #[serde(default)]
    pub typed_name: bool,
}

words! {
    /// What an answer may refer to.
    ReferenceTo {
        /// An occurrence.
        Occurrence = "occurrence",
        /// A document.
        Document = "document",
        /// An issue.
        Issue = "issue",
        /// A promise.
        Commitment = "commitment",
        /// A time-out.
        TimeOut = "time_out",
        /// A participant.
        Client = "client",
        /// A window.
        Window = "window",
    }
}

/// The record that an answer refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ActivityReference)]
pub struct Reference {
    /// Of which kind.
    pub to: ReferenceTo,
}

/// Every item below `at` with its pointer.
pub(super) fn walk<'a>(items: &'a [Item], at: &str) -> Vec<(String, &'a Item)> {
    let mut found = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let at = format!("{at}/{index}");
        found.push((at.clone(), item));
        found.extend(walk(&item.items, &format!("{at}/items")));
    }
    found
}

/// Every item that takes an answer of its own: groups are opened, rows are not.
pub(super) fn questions<'a>(items: &'a [Item], at: &str) -> Vec<(String, &'a Item)> {
    let mut found = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let at = format!("{at}/{index}");
        if item.r#type == ItemType::Group {
            found.extend(questions(&item.items, &format!("{at}/items")));
        } else if item.r#type.takes_an_answer() {
            found.push((at, item));
        }
    }
    found
}
