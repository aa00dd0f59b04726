//! What a clinician assigns: an exercise as data (`domain` 3.2).
//!
//! The engine knows item types, audiences and conditions, and no exercise. Everything that tells one
//! exercise from another stands in a [`Definition`]: what is asked, in which words and bounds, who
//! reads each answer and when, what must be true before, and what an answer sets off.

pub mod answers;
pub mod audience;
pub mod catalog;
pub mod condition;
pub mod item;
pub mod lint;
pub mod parameters;
pub mod parts;
pub mod registry;
pub mod vocabulary;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::condition::Condition;
pub use self::item::{Audience, ClinicianAudience, Item, ItemType};
pub use self::parts::{
    Adherence, Gate, Instruction, Parameter, Participation, Signal, Source, Timing, Workflow,
};
pub use self::vocabulary::*;

/// An exercise, whole. What it is made of is checked in two steps: its form by the document's
/// schema, its sense by [`lint`](lint::lint).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Its name, the same in every version.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "daily_check_in")]
    pub key: String,
    /// Semantic version. An active version never changes; an assignment keeps the one it was made with.
    #[schema(pattern = "^[0-9]{1,5}\\.[0-9]{1,5}\\.[0-9]{1,5}$", example = "1.0.0")]
    pub version: String,
    /// Title.
    #[schema(min_length = 1, max_length = 120, example = "Daily check-in")]
    pub title: String,
    /// What it is, in a sentence or two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 600)]
    pub summary: Option<String>,
    /// Where the practice comes from.
    #[schema(min_items = 1, max_items = 10)]
    pub source: Vec<Source>,
    /// The part of the method that it belongs to.
    pub category: Category,
    /// The threads of intimacy that it works on.
    #[schema(max_items = 6)]
    pub threads: Vec<Thread>,
    /// How carefully it has to be handled.
    pub sensitivity: Sensitivity,
    /// True when every participant must be an adult.
    #[serde(default)]
    pub adults_only: bool,
    /// Whom it is for.
    pub subject: SubjectKind,
    /// How answers come in.
    pub capture: Capture,
    /// Who answers.
    pub participation: Participation,
    /// When it is due, unless the clinician says otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
    /// What the clinician may change when assigning it.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub parameters: Vec<Parameter>,
    /// What must be true before something may happen.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub gates: Vec<Gate>,
    /// Words for the participants.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub instructions: Vec<Instruction>,
    /// What is asked, in order.
    #[schema(max_items = 80)]
    pub items: Vec<Item>,
    /// How answers travel.
    #[serde(default)]
    pub workflow: Workflow,
    /// What answers set off.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub signals: Vec<Signal>,
    /// What counts as done, and who sees the figure.
    pub adherence: Adherence,
    /// Worked examples for the participants.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub examples: Vec<std::collections::BTreeMap<String, String>>,
}

impl Definition {
    /// Every item with its JSON pointer, nested ones after the one they stand in.
    #[must_use]
    pub fn all_items(&self) -> Vec<(String, &Item)> {
        item::walk(&self.items, "/items")
    }

    /// The items that take an answer of their own: groups are looked into, rows of lists are not.
    #[must_use]
    pub fn questions(&self) -> Vec<(String, &Item)> {
        item::questions(&self.items, "/items")
    }

    /// The question of this name.
    #[must_use]
    pub fn question(&self, link_id: &str) -> Option<&Item> {
        self.questions().into_iter().map(|(_, item)| item).find(|item| item.link_id == link_id)
    }

    /// True when everybody, in whatever role, has to answer a question like this.
    #[must_use]
    pub fn each_must_answer(&self, like: impl Fn(&Item) -> bool) -> bool {
        let asked = self.questions();
        let asks = |role: Option<&String>| {
            asked.iter().any(|(_, item)| {
                item.required && (item.role.is_none() || item.role.as_ref() == role) && like(item)
            })
        };
        let roles = &self.participation.roles;
        if roles.is_empty() { asks(None) } else { roles.iter().all(|role| asks(Some(role))) }
    }

    /// The gates at this point.
    pub fn gates_at(&self, at: GateAt) -> impl Iterator<Item = &Gate> {
        self.gates.iter().filter(move |gate| gate.at == at)
    }
}
