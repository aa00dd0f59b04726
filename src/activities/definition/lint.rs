//! The rules that a definition keeps before it can be used (`domain` 3.5). Every fault is reported at
//! once, with the rule that it breaks and the place.

mod safety;
mod sense;
mod structure;
mod texts;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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
        /// Safety flags reach clinicians alone.
        L13 = "L13",
        /// Documents are agreed on.
        L14 = "L14",
        /// Parameters that are used exist.
        L15 = "L15",
        /// Sexual health for couples carries its three gates.
        L16 = "L16",
        /// One client's exercise shows partners nothing.
        L17 = "L17",
        /// A couple's exercise can be paused.
        L18 = "L18",
        /// Parameters lead somewhere, and their defaults are what stands there.
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

/// Every fault of a definition, in the order of the rules.
#[must_use]
pub fn lint(definition: &Definition) -> Vec<LintFinding> {
    let mut findings = Findings::default();
    structure::check(definition, &mut findings);
    sense::check(definition, &mut findings);
    safety::check(definition, &mut findings);
    texts::check(definition, &mut findings);
    findings.0.sort_by(|one, other| (one.rule, &one.pointer).cmp(&(other.rule, &other.pointer)));
    findings.0.truncate(MOST_FINDINGS);
    findings.0
}

/// Whether an exercise keeps the rules without which no form can be made of it.
#[must_use]
pub fn is_askable(definition: &Definition) -> bool {
    let mut findings = Findings::default();
    structure::check(definition, &mut findings);
    findings.0.is_empty()
}

/// Every condition of a definition with its place, parts of conditions included.
pub(super) fn conditions(definition: &Definition) -> Vec<(String, &Condition)> {
    let gates = definition.gates.iter().enumerate();
    let gates = gates.map(|(index, gate)| (format!("/gates/{index}/when"), &gate.when));
    let signals = definition.signals.iter().enumerate();
    let signals = signals.map(|(index, signal)| (format!("/signals/{index}/when"), &signal.when));
    gates.chain(signals).flat_map(|(at, condition)| condition.nodes(&at)).collect()
}
