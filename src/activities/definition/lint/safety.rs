//! L3 to L5, L8, L13, L16 to L18 and L20: what protects people.

use super::{Definition, Findings, LintRule};
use crate::activities::definition::condition::Condition;
use crate::activities::definition::item::{About, Audience, ItemType};
use crate::activities::definition::vocabulary::{
    Category, CompletedWhen, EffectType, FigureAudience, GateAt, Recipient, Sensitivity,
    SubjectKind,
};

/// The gates of couples' sexual-health exercises: point and code.
const SEXUAL_HEALTH_GATES: [(GateAt, &str); 3] = [
    (GateAt::Assign, "touch_prerequisites_missing"),
    (GateAt::Open, "paused"),
    (GateAt::Start, "therapist_first"),
];

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    items(definition, findings);
    flags(definition, findings);
    gates(definition, findings);
    let sexual = definition.sensitivity == Sensitivity::SexualHealth;
    if sexual && !definition.adults_only {
        findings.add(LintRule::L8, "/adults_only", "Sexual health is for adults.");
    }
    if definition.adherence.show_to_partners == FigureAudience::PerPerson {
        let detail = "Nobody's own figure is shown to partners.";
        findings.add(LintRule::L4, "/adherence/show_to_partners", detail);
    }
    if definition.adherence.show_to_partners == FigureAudience::CoupleTotal
        && !figure_is_no_secret(definition)
    {
        let detail = "Needs a required question that partners learn of once it counts.";
        findings.add(LintRule::L20, "/adherence/show_to_partners", detail);
    }
}

/// True when whoever reads the couple's figure knows already that the others have answered: else "1 of 1" would be how
/// one partner learns what the other did in private.
fn figure_is_no_secret(definition: &Definition) -> bool {
    let asked = definition.questions();
    let mut required = asked.iter().map(|(_, item)| item).filter(|item| item.required);
    match definition.adherence.completed_when {
        CompletedWhen::Never | CompletedWhen::JointSubmitted => true,
        // Only events that were shared are counted for partners.
        CompletedWhen::CountAtLeast => asked.iter().any(|(_, item)| item.reaches_partners()),
        CompletedWhen::AnySubmitted => required.any(|item| item.audience() == Audience::Shared),
        _ => required.any(|item| item.reaches_partners()),
    }
}

fn items(definition: &Definition, findings: &mut Findings) {
    for (at, item) in definition.questions() {
        if definition.category == Category::Touch && item.about == Some(About::Partner) {
            let detail = "In touch nobody is asked to grade the other.";
            findings.add(LintRule::L3, format!("{at}/about"), detail);
        }
        if definition.sensitivity == Sensitivity::SexualHealth && item.r#type == ItemType::Count {
            findings.add(LintRule::L4, format!("{at}/type"), "Sexual health is not counted.");
        }
        if definition.subject == SubjectKind::Client && item.reaches_partners() {
            let detail = "One client's exercise shows partners nothing.";
            findings.add(LintRule::L17, format!("{at}/visibility"), detail);
        }
    }
}

fn flags(definition: &Definition, findings: &mut Findings) {
    for (index, signal) in definition.signals.iter().enumerate() {
        if signal.effect.r#type != EffectType::SafetyFlag {
            continue;
        }
        if signal.effect.to != [Recipient::Clinician] {
            let at = format!("/signals/{index}/effect/to");
            findings.add(LintRule::L13, at, "Safety flags reach clinicians alone.");
        }
        if definition.subject == SubjectKind::Client {
            continue;
        }
        let asked: Vec<&str> = signal
            .when
            .nodes("")
            .into_iter()
            .filter_map(|(_, condition)| match condition {
                Condition::Answer(asked) => Some(asked.answer.as_str()),
                _ => None,
            })
            .collect();
        for (at, item) in definition.questions() {
            if asked.contains(&item.link_id.as_str())
                && !(item.required && item.audience() == Audience::Clinician && item.role.is_none())
            {
                let detail =
                    "Feeds a safety flag: must be required of everybody, for clinicians alone.";
                findings.add(LintRule::L5, at, detail);
            }
        }
    }
}

fn gates(definition: &Definition, findings: &mut Findings) {
    let couple = definition.subject != SubjectKind::Client;
    let has = |at: GateAt, code: &str| definition.gates_at(at).any(|gate| gate.r#else.code == code);
    if couple && definition.sensitivity == Sensitivity::SexualHealth {
        for (at, code) in SEXUAL_HEALTH_GATES {
            if !has(at, code) {
                let detail = format!("Needs the gate `{code}` at `{}`.", at.as_str());
                findings.add(LintRule::L16, "/gates", detail);
            }
        }
    }
    let can_be_paused = definition.gates_at(GateAt::Open).any(|gate| {
        gate.r#else.code == "paused"
            && gate.when.nodes("").iter().any(|(_, node)| {
                matches!(node, Condition::Flag(asked) if asked.flag == "conjoint_hold" && !asked.active)
            })
    });
    if couple && !can_be_paused {
        let detail = "Needs the gate `paused` at `open`, on the flag `conjoint_hold`.";
        findings.add(LintRule::L18, "/gates", detail);
    }
}
