//! Outcomes: what comes of everybody's answers together, coarse enough that it is nobody's.
//!
//! A light becomes `go`, `go_slow` or `not_today`; yes and no become `yes` or `not_yet`; numbers become
//! `higher` or `lower`, by whether their mean lies in the upper half of the scale; a choice becomes `alike`
//! or `unlike`; of an inventory come the entries that everybody marked with a word that counts as alike.
//! In a couple of two each can reckon a little of the other from an outcome and their own answer; the
//! notices say so, and no outcome is finer than it must be.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::sets::SetRow;
use crate::activities::definition::audience::{Shown, Stage, Viewer, decide};
use crate::activities::definition::{Definition, Item, ItemType};
use crate::auth::Tx;
use crate::db::id::ClientId;
use crate::error::Result;

/// The outcomes for a viewer of every question that has one. A question that one of those who `sent` left out
/// has none, and neither has what one person alone answered.
pub(super) fn of_all(
    tx: &Tx<'_>,
    definition: &Definition,
    standing: &[SetRow],
    sent: usize,
    viewer: Viewer,
) -> Result<Map<String, Value>> {
    let mut answers: BTreeMap<String, BTreeMap<ClientId, Value>> = BTreeMap::new();
    for set in standing {
        for (link_id, answer) in set.open(tx)? {
            answers.entry(link_id).or_default().insert(set.author_id, answer);
        }
    }
    Ok(definition
        .questions()
        .into_iter()
        .filter_map(|(_, item)| {
            let given =
                answers.get(&item.link_id).filter(|given| given.len() == sent && sent > 1)?;
            let given: Vec<&Value> = given.values().collect();
            let (audience, clinicians) = (item.audience(), item.clinician_audience());
            let outcome = match decide(audience, clinicians, false, viewer, Stage::Revealed) {
                Shown::Outcome => of_item(item, &given),
                Shown::Overlap => overlap(item, &given),
                Shown::Full | Shown::Nothing => return None,
            };
            Some((item.link_id.clone(), outcome))
        })
        .collect())
}

/// The one word that comes of these answers.
#[must_use]
pub fn of_item(item: &Item, given: &[&Value]) -> Value {
    let one = |word: &str| given.iter().any(|answer| answer.as_str() == Some(word));
    json!(match item.r#type {
        ItemType::Consent if one("red") => "not_today",
        ItemType::Consent if one("yellow") => "go_slow",
        ItemType::Consent => "go",
        ItemType::Boolean if given.iter().all(|answer| **answer == json!(true)) => "yes",
        ItemType::Boolean => "not_yet",
        ItemType::Integer
        | ItemType::Decimal
        | ItemType::Scale
        | ItemType::Duration
        | ItemType::Count => level(item, given),
        _ if given.windows(2).all(|pair| pair.first() == pair.last()) => "alike",
        _ => "unlike",
    })
}

/// Whether the mean lies in the upper half. A count without an end has its middle at one of each.
fn level(item: &Item, given: &[&Value]) -> &'static str {
    let (least, most) = match &item.scale {
        Some(scale) => (f64::from(scale.min), f64::from(scale.max)),
        None => (item.min.unwrap_or(0.0), item.max.unwrap_or(2.0)),
    };
    let (mut sum, mut count) = (0.0, 0.0);
    for number in given.iter().filter_map(|answer| answer.as_f64()) {
        sum += number;
        count += 1.0;
    }
    if sum >= count * f64::midpoint(least, most) { "higher" } else { "lower" }
}

/// The entries that everybody marked with a word of the match set, in the order of the inventory. Entries
/// of somebody's own are in nobody else's list, and never match.
#[must_use]
pub fn overlap(item: &Item, given: &[&Value]) -> Value {
    let Some(inventory) = &item.inventory else { return json!([]) };
    let matches = |answer: &Value, code: &str| {
        let word = answer.pointer("/entries").and_then(|entries| entries.get(code));
        word.and_then(Value::as_str)
            .is_some_and(|word| inventory.match_set.iter().any(|alike| alike == word))
    };
    inventory
        .entries
        .iter()
        .filter(|entry| given.iter().all(|answer| matches(answer, &entry.code)))
        .map(|entry| entry.code.clone())
        .collect()
}
