//! L3 to L5, L8, L13, L16 to L18 and L20: what protects people.

use super::{Definition, Findings, LintRule};
use crate::activities::definition::Gate;
use crate::activities::definition::condition::{Condition, Operator};
use crate::activities::definition::item::{About, Audience, Item, ItemType};
use crate::activities::definition::vocabulary::{
    Category, CompletedWhen, EffectType, FigureAudience, GateAction, GateAt, Recipient,
    Sensitivity, SubjectKind,
};

/// What the gates of couples' sexual-health exercises must not let pass: point, code, and what each of them demands.
const SEXUAL_HEALTH_GATES: [(GateAt, &str, &[Demand]); 3] = [
    (
        GateAt::Assign,
        "touch_prerequisites_missing",
        &[
            Demand::Fact("consent.sexual_health_homework", "all_active"),
            Demand::Fact("safety_screen.completed_individually", "all"),
        ],
    ),
    (GateAt::Open, PAUSED, &[Demand::NoFlag("conjoint_hold"), Demand::NoFlag("touch_hold")]),
    (GateAt::Start, "therapist_first", &[Demand::NoFlag("safety_suppression")]),
];

const PAUSED: &str = "paused";

/// What a gate lets nobody pass without.
#[derive(Debug, Clone, Copy)]
enum Demand {
    /// A fact has this value.
    Fact(&'static str, &'static str),
    /// A flag is not there.
    NoFlag(&'static str),
}

impl Demand {
    fn is_made_by(self, gate: &Gate) -> bool {
        gate.when.demands(&|asked: &Condition| match (self, asked) {
            (Self::Fact(fact, value), Condition::Fact(asked)) => {
                asked.fact == fact
                    && asked.op == Operator::Equal
                    && asked.value.as_ref().is_some_and(|one| one == value)
            }
            (Self::NoFlag(flag), Condition::Flag(asked)) => asked.flag == flag && !asked.active,
            (Self::NoFlag(flag), Condition::Not(negation)) => {
                matches!(&*negation.not, Condition::Flag(asked) if asked.flag == flag && asked.active)
            }
            _ => false,
        })
    }

    fn words(self) -> String {
        match self {
            Self::Fact(fact, value) => format!("the fact `{fact}` to be `{value}`"),
            Self::NoFlag(flag) => format!("the flag `{flag}` not to be there"),
        }
    }
}

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
/// one partner learns what the other did in private. Of each role, since one alone may be asked what others learn of.
fn figure_is_no_secret(definition: &Definition) -> bool {
    match definition.adherence.completed_when {
        CompletedWhen::Never | CompletedWhen::JointSubmitted => true,
        // Only events that were shared are counted for partners.
        CompletedWhen::CountAtLeast => {
            definition.questions().iter().any(|(_, item)| item.reaches_partners())
        }
        CompletedWhen::AnySubmitted => definition.each_must_answer(Item::is_shared_when_sent),
        _ => definition.each_must_answer(Item::reaches_partners),
    }
}

fn items(definition: &Definition, findings: &mut Findings) {
    let sexual = definition.sensitivity == Sensitivity::SexualHealth;
    // In the rows of lists too.
    for (at, item) in definition.all_items() {
        let asks = item.r#type.takes_an_answer();
        if asks && definition.category == Category::Touch && item.about == Some(About::Partner) {
            let detail = "In touch nobody is asked to grade the other.";
            findings.add(LintRule::L3, format!("{at}/about"), detail);
        }
        if sexual && item.r#type == ItemType::Count {
            findings.add(LintRule::L4, format!("{at}/type"), "Sexual health is not counted.");
        }
    }
    if sexual && definition.adherence.completed_when == CompletedWhen::CountAtLeast {
        let detail = "Sexual health is not counted.";
        findings.add(LintRule::L4, "/adherence/completed_when", detail);
    }
    for (at, item) in definition.questions() {
        if definition.subject == SubjectKind::Client && item.reaches_partners() {
            let detail = "One client's exercise shows partners nothing.";
            findings.add(LintRule::L17, format!("{at}/visibility"), detail);
        }
    }
}

fn flags(definition: &Definition, findings: &mut Findings) {
    for (index, signal) in definition.signals.iter().enumerate() {
        let asked: Vec<&str> = signal
            .when
            .nodes("")
            .into_iter()
            .filter_map(|(_, condition)| match condition {
                Condition::Answer(asked) => Some(asked.answer.as_str()),
                _ => None,
            })
            .collect();
        let questions = definition.questions().into_iter();
        let asked: Vec<(String, &Item)> =
            questions.filter(|(_, item)| asked.contains(&item.link_id.as_str())).collect();
        if signal.effect.to.contains(&Recipient::Clinician) {
            for (at, _) in asked.iter().filter(|(_, item)| !item.is_read_by_clinicians()) {
                let detail = "Feeds a signal to clinicians, who do not read it.";
                findings.add(LintRule::L13, at.as_str(), detail);
            }
        }
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
        for (at, item) in asked {
            if !(item.required && item.audience() == Audience::Clinician && item.role.is_none()) {
                let detail =
                    "Feeds a safety flag: must be required of everybody, for clinicians alone.";
                findings.add(LintRule::L5, at, detail);
            }
        }
    }
}

fn gates(definition: &Definition, findings: &mut Findings) {
    if definition.subject == SubjectKind::Client {
        return;
    }
    // A gate that only warns keeps nobody out.
    let kept = |at: GateAt, code: &str, demand: Demand| {
        definition.gates_at(at).any(|gate| {
            let stops = gate.r#else.action != GateAction::Warn;
            gate.r#else.code == code && stops && demand.is_made_by(gate)
        })
    };
    if definition.sensitivity == Sensitivity::SexualHealth {
        for (at, code, demands) in SEXUAL_HEALTH_GATES {
            for demand in demands.iter().filter(|demand| !kept(at, code, **demand)) {
                let (at, words) = (at.as_str(), demand.words());
                let detail =
                    format!("Needs the gate `{code}` at `{at}`, which stops and demands {words}.");
                findings.add(LintRule::L16, "/gates", detail);
            }
        }
    }
    let hold = Demand::NoFlag("conjoint_hold");
    if !kept(GateAt::Open, PAUSED, hold) {
        let detail = format!(
            "Needs the gate `{PAUSED}` at `open`, which stops and demands {}.",
            hold.words()
        );
        findings.add(LintRule::L18, "/gates", detail);
    }
}
