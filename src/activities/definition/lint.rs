//! The rules that a definition keeps before it can be used (`domain` 3.5). Every fault is reported at
//! once, with the rule that it breaks and the place.

mod safety;
mod sense;
mod structure;
mod texts;

use serde::{Deserialize, Serialize};
use serde_json::Map;
use utoipa::ToSchema;

pub use self::texts::restriction;
use super::Definition;
use super::condition::Condition;
use crate::db::types::words;

words! {
    /// A rule of definitions.
    LintRule {
        /// Every item has what its type needs and nothing of another; bounds make sense; limits are kept.
        L0 = "L0",
        /// Names of items are unique, nested ones included.
        L1 = "L1",
        /// Every answer, fact, flag and figure of a condition exists.
        L2 = "L2",
        /// Touch: nobody grades the other.
        L3 = "L3",
        /// Sexual health: nothing is counted; nobody's figures are shown to partners.
        L4 = "L4",
        /// An item of a couple's form that feeds a safety flag is asked of everybody, for clinicians alone.
        L5 = "L5",
        /// No line restricts leaving, contact, money, sleep, telephone or transport, or demands passwords.
        L6 = "L6",
        /// No words that accuse or label. A hint, which blocks nothing.
        L7 = "L7",
        /// Sexual health is for adults.
        L8 = "L8",
        /// Inventories are read where all agree, and nothing else is.
        L9 = "L9",
        /// Lights are read as an outcome.
        L10 = "L10",
        /// Every exercise works on a thread, screens and measures aside.
        L11 = "L11",
        /// A couple's exercise is counted, or says that it is not.
        L12 = "L12",
        /// Safety flags reach clinicians alone, and nothing sets off a signal to clinicians that they do not read.
        L13 = "L13",
        /// Documents are agreed on.
        L14 = "L14",
        /// Parameters that are used exist.
        L15 = "L15",
        /// Sexual health for couples carries its three gates, each with what it demands.
        L16 = "L16",
        /// One client's exercise shows partners nothing.
        L17 = "L17",
        /// A couple's exercise can be paused.
        L18 = "L18",
        /// Parameters lead somewhere, their defaults are what stands there, and no choice breaks another rule.
        L19 = "L19",
        /// A figure that partners see tells of nothing that their answers do not tell them anyway.
        L20 = "L20",
    }
}

impl LintRule {
    /// Whether a definition that breaks it cannot be used.
    #[must_use]
    pub fn blocks(self) -> bool {
        self != Self::L7
    }
}

/// A fault of a definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LintFinding {
    /// The rule.
    pub rule: LintRule,
    /// False for a hint.
    pub blocks: bool,
    /// JSON Pointer into the definition.
    #[schema(example = "/items/2/visibility")]
    pub pointer: String,
    /// What to mend.
    #[schema(example = "Must be `clinician`: it feeds a safety flag.")]
    pub detail: String,
}

impl LintFinding {
    /// As the end of a sentence about the exercise.
    #[must_use]
    pub fn in_words(&self) -> String {
        let Self { rule, pointer, detail, .. } = self;
        format!("breaks {} at `{pointer}`: {detail}", rule.as_str())
    }
}

/// What the rules write their findings into.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<LintFinding>);

impl Findings {
    pub(super) fn add(
        &mut self,
        rule: LintRule,
        pointer: impl Into<String>,
        detail: impl Into<String>,
    ) {
        let (pointer, detail) = (pointer.into(), detail.into());
        self.0.push(LintFinding { rule, blocks: rule.blocks(), pointer, detail });
    }
}

/// Findings at the most; `ActivityDefinition.findings` is bounded by it.
const MOST_FINDINGS: usize = 500;

/// Every fault of a definition, in the order of the rules, also of what its parameters can make of it.
#[must_use]
pub fn lint(definition: &Definition) -> Vec<LintFinding> {
    let mut findings = as_it_stands(definition);
    parameters(definition, &mut findings);
    findings.0.sort_by(|one, other| (one.rule, &one.pointer).cmp(&(other.rule, &other.pointer)));
    findings.0.truncate(MOST_FINDINGS);
    findings.0
}

/// The first rule that an exercise breaks once parameters are in place, and did not break before. What stands there then
/// is no longer the default, which is a fault of definitions alone (L19).
#[must_use]
pub fn broken_by_parameters(before: &Definition, bound: &Definition) -> Option<LintFinding> {
    let known = as_it_stands(before).0;
    let is_known = |finding: &LintFinding| {
        known.iter().any(|one| (one.rule, &one.pointer) == (finding.rule, &finding.pointer))
    };
    let mut found = as_it_stands(bound).0;
    found.retain(|one| one.blocks && one.rule != LintRule::L19 && !is_known(one));
    found.into_iter().min_by_key(|finding| finding.rule)
}

fn as_it_stands(definition: &Definition) -> Findings {
    let mut findings = Findings::default();
    structure::check(definition, &mut findings);
    sense::check(definition, &mut findings);
    safety::check(definition, &mut findings);
    texts::check(definition, &mut findings);
    findings
}

/// Choices of a definition that are tried at the most; each is looked at again by whoever makes it.
const MOST_TRIED: usize = 60;

/// What is chosen from a list is tried, each by itself: a choice that opens a private answer to partners is a fault of
/// the definition, and not of whoever chooses it. Numbers and texts are looked at when somebody gives them.
fn parameters(definition: &Definition, findings: &mut Findings) {
    if findings.0.iter().any(|finding| finding.blocks) {
        return;
    }
    let bound = definition.parameters.iter().enumerate().filter(|(_, one)| !one.binds.is_empty());
    let choices = bound.flat_map(|(index, one)| {
        one.choices().into_iter().map(move |value| (index, one.key.as_str(), value))
    });
    for (index, key, value) in choices.take(MOST_TRIED) {
        let given = Map::from_iter([(key.to_owned(), value.clone())]);
        let broken = match definition.with_parameters(&given, "") {
            Ok(bound) => broken_by_parameters(definition, &bound).map(|one| one.in_words()),
            Err(_) => Some("cannot be asked".to_owned()),
        };
        if let Some(broken) = broken {
            let detail = format!("With {value} the exercise {broken}");
            findings.add(LintRule::L19, format!("/parameters/{index}"), detail);
        }
    }
}

/// Every condition of a definition with its place, parts of conditions included.
pub(super) fn conditions(definition: &Definition) -> Vec<(String, &Condition)> {
    let gates = definition.gates.iter().enumerate();
    let gates = gates.map(|(index, gate)| (format!("/gates/{index}/when"), &gate.when));
    let signals = definition.signals.iter().enumerate();
    let signals = signals.map(|(index, signal)| (format!("/signals/{index}/when"), &signal.when));
    gates.chain(signals).flat_map(|(at, condition)| condition.nodes(&at)).collect()
}
