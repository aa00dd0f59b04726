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
            let shown = |viewer| decide(audience, clinicians, false, viewer, Stage::Revealed);
            // Whoever reads the answers themselves reads what the participants read of them too.
            let shown = match (shown(viewer), shown(Viewer::Partner)) {
                (Shown::Full, of_partner) => of_partner,
                (own, _) => own,
            };
            let outcome = match shown {
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
        _ if all_alike(given) => "alike",
        _ => "unlike",
    })
}

fn all_alike(given: &[&Value]) -> bool {
    given.iter().zip(given.iter().skip(1)).all(|(one, other)| is_alike(one, other))
}

/// Options are the same in whichever order somebody chose them.
fn is_alike(one: &Value, other: &Value) -> bool {
    match (one.as_array(), other.as_array()) {
        (Some(one), Some(other)) => {
            one.len() == other.len() && one.iter().all(|option| other.contains(option))
        }
        _ => one == other,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A question of this type, with what its type needs.
    fn asked(r#type: &str, more: Value) -> Item {
        let mut item = json!({ "link_id": "asked", "type": r#type, "text": "Well?" });
        let members = item.as_object_mut().unwrap();
        members.extend(more.as_object().unwrap().clone());
        serde_json::from_value(item).unwrap()
    }

    /// What comes of two answers, whichever of the two comes first.
    fn of_both(item: &Item, one: &Value, other: &Value) -> Value {
        let outcome = of_item(item, &[one, other]);
        assert_eq!(outcome, of_item(item, &[other, one]), "{one} and {other}, in either order");
        outcome
    }

    #[test]
    fn of_two_lights_comes_the_more_careful() {
        let item = asked(
            "consent",
            json!({ "consent": { "scale": "traffic_light", "valid_for": "PT30M" } }),
        );
        for (one, other, outcome) in [
            ("green", "green", "go"),
            ("green", "yellow", "go_slow"),
            ("yellow", "yellow", "go_slow"),
            ("green", "red", "not_today"),
            ("yellow", "red", "not_today"),
            ("red", "red", "not_today"),
        ] {
            assert_eq!(of_both(&item, &json!(one), &json!(other)), outcome, "{one} and {other}");
        }
        let (green, yellow, red) = (json!("green"), json!("yellow"), json!("red"));
        assert_eq!(of_item(&item, &[&green, &green, &green]), "go");
        assert_eq!(of_item(&item, &[&green, &yellow, &green]), "go_slow");
        assert_eq!(of_item(&item, &[&green, &yellow, &red]), "not_today");
    }

    #[test]
    fn only_of_yes_and_yes_comes_yes() {
        let item = asked("boolean", json!({}));
        for (one, other, outcome) in [
            (true, true, "yes"),
            (true, false, "not_yet"),
            (false, true, "not_yet"),
            (false, false, "not_yet"),
        ] {
            assert_eq!(of_both(&item, &json!(one), &json!(other)), outcome, "{one} and {other}");
        }
    }

    #[test]
    fn choices_are_alike_or_unlike_and_never_which() {
        let options = json!([{ "code": "sea", "label": "The sea" },
                             { "code": "hills", "label": "The hills" },
                             { "code": "home", "label": "Home" }]);
        let one_of = asked("choice", json!({ "options": options }));
        let some_of = asked("multi_choice", json!({ "options": options }));
        let places = ["sea", "hills", "home"];
        for one in places {
            for other in places {
                let outcome = if one == other { "alike" } else { "unlike" };
                assert_eq!(of_both(&one_of, &json!(one), &json!(other)), outcome);
                assert_eq!(of_both(&some_of, &json!([one]), &json!([other])), outcome);
            }
        }
        let both = json!(["sea", "hills"]);
        assert_eq!(of_both(&some_of, &both, &json!(["hills", "sea"])), "alike");
        for other in [json!(["sea"]), json!(["sea", "home"]), json!(["hills", "sea", "home"])] {
            assert_eq!(of_both(&some_of, &both, &other), "unlike", "{other}");
        }
        let (sea, home) = (json!("sea"), json!("home"));
        assert_eq!(of_item(&one_of, &[&sea, &sea, &sea]), "alike");
        for given in [[&sea, &sea, &home], [&sea, &home, &sea], [&home, &sea, &sea]] {
            assert_eq!(of_item(&one_of, &given), "unlike");
        }
    }

    /// The middle itself is the upper half. Every pair of a scale, and its mean.
    #[test]
    fn numbers_are_higher_from_the_middle_of_the_scale_on() {
        let scale = asked("scale", json!({ "scale": { "min": 0, "max": 10 } }));
        for one in 0..=10 {
            for other in 0..=10 {
                let outcome = if one + other >= 10 { "higher" } else { "lower" };
                let read = of_both(&scale, &json!(one), &json!(other));
                assert_eq!(read, outcome, "{one} and {other}");
            }
        }
        for (kind, more, low, middle) in [
            ("scale", json!({ "scale": { "min": 1, "max": 5 } }), json!(2), json!(3)),
            ("scale", json!({ "scale": { "min": -3, "max": 3 } }), json!(-1), json!(0)),
            ("integer", json!({ "min": 10, "max": 20 }), json!(14), json!(15)),
            ("decimal", json!({ "min": 0.0, "max": 1.0 }), json!(0.499), json!(0.5)),
            ("duration", json!({ "min": 0, "max": 60, "unit": "min" }), json!(29), json!(30)),
            ("count", json!({ "max": 200 }), json!(99), json!(100)),
            ("count", json!({}), json!(0), json!(1)),
        ] {
            let item = asked(kind, more);
            assert_eq!(of_both(&item, &middle, &middle), "higher", "{kind} at {middle}");
            assert_eq!(of_both(&item, &low, &middle), "lower", "{kind} under {middle}");
            assert_eq!(of_both(&item, &low, &low), "lower", "{kind} at {low}");
        }
    }
}
