//! L2, L9 to L12, L14, L15 and L19: the parts fit one another.

use serde_json::Value;

use super::{Definition, Findings, LintRule, conditions};
use crate::activities::definition::ParticipationMode;
use crate::activities::definition::condition::Condition;
use crate::activities::definition::item::{Audience, ItemType};
use crate::activities::definition::parameters::find;
use crate::activities::definition::parts::WorkflowKind;
use crate::activities::definition::registry;
use crate::activities::definition::vocabulary::{
    AdherenceUnit, Capture, Category, CompletedWhen, EffectType,
};

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    names_in_conditions(definition, findings);
    audiences(definition, findings);
    whole(definition, findings);
    used_parameters(definition, findings);
    bound_parameters(definition, findings);
}

fn names_in_conditions(definition: &Definition, findings: &mut Findings) {
    for (at, condition) in conditions(definition) {
        let (member, exists) = match condition {
            Condition::Answer(asked) => ("answer", definition.question(&asked.answer).is_some()),
            Condition::Metric(asked) => ("metric", registry::is_metric(&asked.metric)),
            Condition::Fact(asked) => ("fact", registry::is_fact(&asked.fact)),
            Condition::Flag(asked) => ("flag", registry::FLAGS.contains(&asked.flag.as_str())),
            _ => continue,
        };
        if !exists {
            let detail = format!("There is no such {member}.");
            findings.add(LintRule::L2, format!("{at}/{member}"), detail);
        }
    }
    for (index, signal) in definition.signals.iter().enumerate() {
        let flag = signal.effect.r#type == EffectType::SafetyFlag;
        if flag && !registry::can_be_raised(&signal.effect.code) {
            let at = format!("/signals/{index}/effect/code");
            findings.add(LintRule::L2, at, "There is no such safety flag.");
        }
    }
}

fn audiences(definition: &Definition, findings: &mut Findings) {
    for (at, item) in definition.questions() {
        let overlap = item.audience() == Audience::OverlapOnly;
        if (item.r#type == ItemType::Inventory) != overlap {
            let detail = "Inventories are `overlap_only`, and nothing else is.";
            findings.add(LintRule::L9, format!("{at}/visibility"), detail);
        }
        let all = matches!(
            definition.participation.mode,
            ParticipationMode::Each | ParticipationMode::Roles
        );
        if item.audience().waits() && !all {
            let detail =
                "Waits for everybody's answers: only where everybody answers (`each` or `roles`).";
            findings.add(LintRule::L9, format!("{at}/visibility"), detail);
        }
        if item.r#type == ItemType::Consent && item.audience() != Audience::AggregateOnly {
            let detail = "Lights are `aggregate_only`.";
            findings.add(LintRule::L10, format!("{at}/visibility"), detail);
        }
    }
}

fn whole(definition: &Definition, findings: &mut Findings) {
    let needs_thread = !matches!(definition.category, Category::Safety | Category::Measure);
    if definition.threads.is_empty() && needs_thread {
        findings.add(LintRule::L11, "/threads", "Name the thread that it works on.");
    }
    let adherence = &definition.adherence;
    let never = adherence.completed_when == CompletedWhen::Never;
    if (adherence.unit == AdherenceUnit::None) != never {
        let detail = "`none` goes with `never`, and `never` with `none`.";
        findings.add(LintRule::L12, "/adherence/completed_when", detail);
    }
    if adherence.completed_when == CompletedWhen::CountAtLeast && adherence.count.is_none() {
        findings.add(LintRule::L12, "/adherence/count", "Say what is counted.");
    }
    if let Some(counted) = adherence.count.as_ref().and_then(|count| count.link_id.as_ref())
        && definition.question(counted).is_none()
    {
        findings.add(LintRule::L12, "/adherence/count/link_id", "There is no such item.");
    }
    let document = definition.capture == Capture::Document;
    if document != (definition.workflow.kind == WorkflowKind::Agreement) {
        let detail = "Documents are agreed on: `agreement`, and nothing else is.";
        findings.add(LintRule::L14, "/workflow/kind", detail);
    }
}

fn used_parameters(definition: &Definition, findings: &mut Findings) {
    let exists = |key: &str| definition.parameters.iter().any(|parameter| parameter.key == key);
    for (at, condition) in conditions(definition) {
        if let Condition::Fact(asked) = condition
            && let Some(key) = asked.fact.strip_prefix("params.")
            && !exists(key)
        {
            findings.add(LintRule::L15, format!("{at}/fact"), "There is no such parameter.");
        }
    }
    for (index, step) in definition.workflow.steps.iter().enumerate() {
        let at = format!("/workflow/steps/{index}");
        if step.when_param.as_ref().is_some_and(|key| !exists(key)) {
            findings.add(LintRule::L15, format!("{at}/when_param"), "There is no such parameter.");
        }
        let is_item =
            |name: &String| definition.all_items().iter().any(|(_, one)| one.link_id == *name);
        if !step.items.iter().all(is_item) {
            findings.add(LintRule::L15, format!("{at}/items"), "There is no such item.");
        }
    }
}

fn bound_parameters(definition: &Definition, findings: &mut Findings) {
    let Ok(mut whole) = serde_json::to_value(definition) else { return };
    for (index, parameter) in definition.parameters.iter().enumerate() {
        let at = format!("/parameters/{index}");
        if parameter.binds.is_empty() && parameter.used_by.is_none() {
            findings.add(
                LintRule::L19,
                at.as_str(),
                "Say what it binds, or which feature reads it.",
            );
        }
        if parameter.fault(&parameter.default).is_some() {
            findings.add(LintRule::L19, format!("{at}/default"), "Is out of its own bounds.");
        }
        for (number, bind) in parameter.binds.iter().enumerate() {
            let at = format!("{at}/binds/{number}/path");
            match find(&mut whole, &bind.path) {
                None => findings.add(LintRule::L19, at, "Leads nowhere."),
                Some(place) if !same(place, &bind.value(&parameter.default)) => {
                    findings.add(LintRule::L19, at, "What stands there is not the default.");
                }
                Some(_) => {}
            }
        }
    }
}

/// Equal, numbers by value: `15` and `15.0` are one number.
fn same(left: &Value, right: &Value) -> bool {
    match (left.as_f64(), right.as_f64()) {
        (Some(left), Some(right)) => (left - right).abs() < f64::EPSILON,
        _ => left == right,
    }
}
