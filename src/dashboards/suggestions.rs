//! What may make homework easier: the suggestions of its exercises that follow from the couple's own figures.

use std::collections::BTreeMap;

use serde_json::Value;

use super::model::Suggestion;
use crate::activities::definition::condition::{By, Condition, Known, MetricIs};
use crate::activities::definition::{EffectType, Recipient, Signal};
use crate::figures::store::Homework;

/// Over this time figures are known.
pub(super) const WEEK: &str = "P7D";

/// The suggestions of an exercise to the couple.
pub(super) fn of(one: &Homework, figures: &BTreeMap<String, f64>) -> Vec<Suggestion> {
    let for_couple = |signal: &&Signal| {
        signal.effect.r#type == EffectType::Suggestion
            && signal.effect.to.contains(&Recipient::Couple)
            && asks_figures_alone(&signal.when)
    };
    let known = Known {
        answers: &|_: &str, _: By| Vec::<Value>::new(),
        metric: &|of: &MetricIs| figures.get(&of.metric).copied().filter(|_| is_weekly(of)),
        fact: &|_: &str| None,
        flag: &|_: &str| false,
    };
    let holding = one.definition.signals.iter().filter(for_couple);
    holding
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

/// A suggestion that hung on one person's answer, or on a fact or a flag of the record, would tell of it.
fn asks_figures_alone(when: &Condition) -> bool {
    when.nodes("").into_iter().all(|(_, node)| {
        !matches!(node, Condition::Answer(_) | Condition::Fact(_) | Condition::Flag(_))
    })
}

fn is_weekly(of: &MetricIs) -> bool {
    of.over.as_deref().is_none_or(|over| over == WEEK)
}
