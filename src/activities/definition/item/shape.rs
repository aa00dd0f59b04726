//! What belongs to one type of item alone: scales, options, timers, rows, sentences, inventories.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::types::words;

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
