//! What may make homework easier: the suggestions of its exercises that follow from the couple's own figures.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::model::Suggestion;
use crate::activities::definition::condition::{By, Condition, Known, MetricIs};
use crate::activities::definition::{Definition, EffectType, Recipient, Signal};
use crate::figures::span;
use crate::figures::store::Homework;

/// The figures of the couple, by the number of days that they look back.
pub(super) type Figures = BTreeMap<i32, BTreeMap<String, f64>>;

/// Over how many days the suggestions of an exercise ask for figures.
pub(super) fn asked(one: &Homework) -> BTreeSet<i32> {
    span::asked(for_couple(&one.definition).map(|signal| &signal.when))
}

/// The suggestions of an exercise to the couple.
pub(super) fn of(one: &Homework, figures: &Figures) -> Vec<Suggestion> {
    let known = Known {
        answers: &|_: &str, _: By| Vec::<Value>::new(),
        metric: &|of: &MetricIs| figures.get(&span::days(of)?)?.get(&of.metric).copied(),
        fact: &|_: &str| None,
        flag: &|_: &str| false,
    };
    for_couple(&one.definition)
        .filter(|signal| signal.when.holds(&known))
        .filter_map(|signal| {
            Some(Suggestion {
                assignment_id: one.row.id,
                title: one.definition.title.clone(),
                code: signal.effect.code.clone(),
                text: signal.effect.text.clone()?,
            })
        })
        .collect()
}

fn for_couple(definition: &Definition) -> impl Iterator<Item = &Signal> {
    definition.signals.iter().filter(|signal| {
        signal.effect.r#type == EffectType::Suggestion
            && signal.effect.to.contains(&Recipient::Couple)
            && asks_figures_alone(&signal.when)
    })
}

/// A suggestion that hung on one person's answer, or on a fact or a flag of the record, would tell of it.
fn asks_figures_alone(when: &Condition) -> bool {
    when.nodes("").into_iter().all(|(_, node)| {
        !matches!(node, Condition::Answer(_) | Condition::Fact(_) | Condition::Flag(_))
    })
}

#[cfg(test)]
mod tests {
    use super::super::store::LOOKS_BACK_DAYS;
    use super::*;
    use crate::activities::definition::catalog::{BuiltIn, built_in};

    /// A figure that the page does not make would never be known, and its suggestion never come up.
    #[test]
    fn every_suggestion_of_the_catalogue_asks_for_figures_of_the_page_or_is_known_to_wait() {
        let of_catalogue = |key: &str| built_in().iter().any(|one| one.definition.key == key);
        let is_made = |asked: &MetricIs| {
            span::is_made(asked, of_catalogue)
                && span::days(asked).is_some_and(|days| days <= LOOKS_BACK_DAYS)
        };
        let (mut known, mut waiting) = (Vec::new(), Vec::new());
        for BuiltIn { definition, .. } in built_in() {
            for signal in for_couple(definition) {
                let made = signal.when.nodes("").into_iter().all(|(_, node)| match node {
                    Condition::Metric(asked) => is_made(asked),
                    _ => true,
                });
                let codes = if made { &mut known } else { &mut waiting };
                codes.push(signal.effect.code.as_str());
            }
        }
        assert_eq!(known, ["try_another_time", "name_the_consistency"]);
        // It hangs on counts that clinicians read before the partners have shown them to each other.
        assert_eq!(waiting, ["raise_openly"]);
    }
}
