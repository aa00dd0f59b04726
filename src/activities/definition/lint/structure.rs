//! L0 and L1: every item has what its type needs and nothing of another.

use std::collections::BTreeSet;

use super::{Definition, Findings, LintRule, conditions};
use crate::activities::definition::condition::{MOST_DEPTH, MOST_NODES};
use crate::activities::definition::item::{Item, ItemType};
use crate::activities::definition::vocabulary::ParticipationMode;

/// Items of a definition at the most, nested ones included.
const MOST_ITEMS: usize = 80;
/// Deepest nesting of items.
const MOST_LEVELS: usize = 3;
/// Bytes of a definition at the most.
const MOST_BYTES: usize = 64 * 1024;

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    limits(definition, findings);
    let mut names = BTreeSet::new();
    for (at, item) in definition.all_items() {
        if !names.insert(item.link_id.as_str()) {
            findings.add(LintRule::L1, format!("{at}/link_id"), "Is the name of another item too.");
        }
        members(&at, item, findings);
        bounds(&at, item, findings);
        if let Some(role) = &item.role
            && !definition.participation.roles.contains(role)
        {
            findings.add(LintRule::L0, format!("{at}/role"), "Is no role of this exercise.");
        }
    }
    let roles = !definition.participation.roles.is_empty();
    if (definition.participation.mode == ParticipationMode::Roles) != roles {
        let detail = "Names roles exactly when the mode is `roles`.";
        findings.add(LintRule::L0, "/participation/roles", detail);
    }
}

fn limits(definition: &Definition, findings: &mut Findings) {
    if definition.all_items().len() > MOST_ITEMS {
        findings.add(LintRule::L0, "/items", format!("At most {MOST_ITEMS} items."));
    }
    let levels = |at: &str| at.matches("/items").count();
    if definition.all_items().iter().any(|(at, _)| levels(at) > MOST_LEVELS) {
        findings.add(LintRule::L0, "/items", format!("At most {MOST_LEVELS} levels."));
    }
    if serde_json::to_vec(definition).map_or(usize::MAX, |text| text.len()) > MOST_BYTES {
        findings.add(LintRule::L0, "", format!("At most {MOST_BYTES} bytes."));
    }
    for (at, condition) in conditions(definition) {
        if !at.ends_with("/when") {
            continue;
        }
        if condition.depth() > MOST_DEPTH {
            findings.add(LintRule::L0, at.as_str(), format!("At most {MOST_DEPTH} levels."));
        }
        if condition.nodes(&at).len() > MOST_NODES {
            findings.add(LintRule::L0, at.as_str(), format!("At most {MOST_NODES} conditions."));
        }
    }
}

/// The members that belong to some types alone: name, whether it is there, types that need it, types that
/// may have it.
fn members(at: &str, item: &Item, findings: &mut Findings) {
    use ItemType as T;
    let options = [T::Choice, T::OpenChoice, T::MultiChoice, T::Checklist];
    let numbers = [T::Integer, T::Decimal, T::Duration, T::Count];
    let texts = [T::String, T::Text, T::OpenChoice];
    let table: [(&str, bool, &[T], &[T]); 15] = [
        ("scale", item.scale.is_some(), &[T::Scale], &[]),
        ("options", !item.options.is_empty(), &options, &[T::Inventory]),
        ("min_choices", item.min_choices.is_some(), &[], &[T::MultiChoice, T::Checklist]),
        ("max_choices", item.max_choices.is_some(), &[], &[T::MultiChoice, T::Checklist]),
        ("timer", item.timer.is_some(), &[T::Timer], &[]),
        ("list", item.list.is_some(), &[T::List], &[]),
        ("template", item.template.is_some(), &[T::Template], &[]),
        ("consent", item.consent.is_some(), &[T::Consent], &[]),
        ("inventory", item.inventory.is_some(), &[T::Inventory], &[]),
        ("attestation", item.attestation.is_some(), &[T::Attestation], &[]),
        ("reference", item.reference.is_some(), &[T::Reference], &[]),
        ("items", !item.items.is_empty(), &[T::Group, T::List], &[]),
        ("min", item.min.is_some(), &[], &numbers),
        ("max", item.max.is_some(), &[], &numbers),
        ("max_length", item.max_length.is_some(), &[T::Text], &texts),
    ];
    for (name, is_there, needed_by, allowed_on) in table {
        let kind = item.r#type;
        if !is_there && needed_by.contains(&kind) {
            let detail = format!("`{}` needs it.", kind.as_str());
            findings.add(LintRule::L0, format!("{at}/{name}"), detail);
        }
        if is_there && !needed_by.contains(&kind) && !allowed_on.contains(&kind) {
            let detail = format!("Does not belong to `{}`.", kind.as_str());
            findings.add(LintRule::L0, format!("{at}/{name}"), detail);
        }
    }
    if item.text.is_none() && item.r#type != T::Group {
        findings.add(LintRule::L0, format!("{at}/text"), "Every item has its words.");
    }
}

/// The largest whole number that every reader of JSON tells from the next (RFC 8259, section 6).
const LARGEST: f64 = 9_007_199_254_740_991.0;

fn bounds(at: &str, item: &Item, findings: &mut Findings) {
    let mut wrong = |name: &str, detail: &str| {
        findings.add(LintRule::L0, format!("{at}/{name}"), detail);
    };
    if item.min.zip(item.max).is_some_and(|(min, max)| min > max) {
        wrong("max", "Must not be less than `min`.");
    }
    for (name, bound) in [("min", item.min), ("max", item.max)] {
        if bound.is_some_and(|bound| bound.abs() > LARGEST) {
            wrong(name, "Must lie between -9007199254740991 and 9007199254740991.");
        }
    }
    if let Some(scale) = &item.scale {
        // A parameter may have set what the document would have refused.
        let known = [scale.min, scale.max].iter().all(|end| (-1000..=1000).contains(end));
        let rises = scale.min < scale.max && scale.step > 0;
        if !known || !rises || (scale.max - scale.min) % scale.step != 0 {
            wrong("scale", "Must rise from `min` to `max` in whole steps, from -1000 to 1000.");
        }
        let on_scale = |anchor: &String| {
            anchor.parse::<i32>().is_ok_and(|step| (scale.min..=scale.max).contains(&step))
        };
        if !scale.anchors.keys().all(on_scale) {
            wrong("scale/anchors", "Every anchor stands at a step of the scale.");
        }
    }
    let codes: BTreeSet<&str> = item.options.iter().map(|option| option.code.as_str()).collect();
    if codes.len() != item.options.len() {
        wrong("options", "Codes must differ from one another.");
    }
    let chosen = (item.min_choices.unwrap_or(0), item.max_choices.unwrap_or(u8::MAX));
    if chosen.0 > chosen.1 || usize::from(chosen.0) > item.options.len().max(1) {
        wrong("min_choices", "Asks for more than there are.");
    }
    if item.list.as_ref().is_some_and(|list| list.min_rows > list.max_rows) {
        wrong("list", "`max_rows` must not be less than `min_rows`.");
    }
    if let Some(template) = &item.template {
        let named = |key: &str| template.pattern.contains(&format!("{{{key}}}"));
        let blanks = template.pattern.matches('{').count();
        if blanks != template.slots.len() || !template.slots.iter().all(|slot| named(&slot.key)) {
            wrong("template", "The pattern has each slot once, and no other blank.");
        }
    }
    if let Some(inventory) = &item.inventory {
        let entries: BTreeSet<&str> =
            inventory.entries.iter().map(|one| one.code.as_str()).collect();
        let least = usize::from(inventory.min_entries_before_reveal);
        if entries.len() != inventory.entries.len() || least > entries.len() {
            wrong("inventory/entries", "Codes must differ, and be as many as are to be answered.");
        }
        let alike = &inventory.match_set;
        if !alike.iter().all(|word| inventory.responses.contains(word)) {
            wrong("inventory/match_set", "Must be words of `responses`.");
        } else if alike.len() == inventory.responses.len() {
            wrong("inventory/match_set", "With every word in it, each answer would be revealed.");
        }
    }
}
