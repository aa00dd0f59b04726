//! Items: what is asked, in which form and bounds, and who reads the answer (`domain` 3.3, 2.6).

mod shape;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::shape::{
    AnswerOption, Attestation, ConsentLight, Entry, Inventory, LightScale, List, OwnerChange,
    Reference, ReferenceTo, RowWriter, Scale, Slot, Template, Timer,
};
use super::audience;
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
    /// The least number, from -9007199254740991 on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<f64>,
    /// The greatest number, up to 9007199254740991.
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

    /// True when participants read the answer as soon as it is sent.
    #[must_use]
    pub fn is_shared_when_sent(&self) -> bool {
        self.audience() == Audience::Shared
    }

    /// True when clinicians read the answer as it was given.
    #[must_use]
    pub fn is_read_by_clinicians(&self) -> bool {
        audience::is_read_by_clinicians(self.audience(), self.clinician_audience())
    }

    /// True when a participant other than the author learns anything of the answer.
    #[must_use]
    pub fn reaches_partners(&self) -> bool {
        !matches!(self.audience(), Audience::AuthorOnly | Audience::Clinician)
    }
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
