//! Conditions: a closed grammar without expressions and without code (`domain` 3.2).
//!
//! ```text
//! C := {all: [C…]} | {any: [C…]} | {not: C}
//!    | {answer, op, value, by} | {metric, op, value, over} | {fact, op, value} | {flag, active}
//! ```

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::db::types::words;

/// Deepest nesting of a condition.
pub const MOST_DEPTH: usize = 6;
/// Nodes of a condition at the most.
pub const MOST_NODES: usize = 50;

words! {
    /// How two values are compared, as in FHIR.
    Operator {
        /// There is one.
        Exists = "exists",
        /// Equal.
        Equal = "=",
        /// Not equal.
        NotEqual = "!=",
        /// Less.
        Less = "<",
        /// Less or equal.
        AtMost = "<=",
        /// More.
        More = ">",
        /// More or equal.
        AtLeast = ">=",
        /// One of a list.
        In = "in",
        /// None of a list.
        NotIn = "not_in",
    }
}

words! {
    /// Whose answer is meant.
    By {
        /// Who submits.
        Author = "author",
        /// Everybody's.
        Each = "each",
        /// Anybody's.
        Any = "any",
    }
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Condition {
    /// A safety flag or hold is there, or is not.
    Flag(FlagIs),
    /// A fact of the record compares so.
    Fact(FactIs),
    /// An answer compares so.
    Answer(AnswerIs),
    /// A figure compares so.
    Metric(MetricIs),
    /// All of these.
    All(AllOf),
    /// Any of these.
    Any(AnyOf),
    /// Not this.
    Not(Negation),
}

/// All of these hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AllOf {
    /// The conditions.
    #[schema(no_recursion, min_items = 1, max_items = 50)]
    pub all: Vec<Condition>,
}

/// Any of these holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnyOf {
    /// The conditions.
    #[schema(no_recursion, min_items = 1, max_items = 50)]
    pub any: Vec<Condition>,
}

/// This does not hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Negation {
    /// The condition.
    #[schema(no_recursion)]
    pub not: Box<Condition>,
}

/// An answer compares so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerIs {
    /// The item.
    #[schema(min_length = 1, max_length = 64)]
    pub answer: String,
    /// How.
    pub op: Operator,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Operand>)]
    pub value: Option<Value>,
    /// Whose; the author's unless said otherwise.
    #[serde(default = "the_author")]
    pub by: By,
}

fn the_author() -> By {
    By::Author
}

/// A figure compares so. Without data it does not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricIs {
    /// The figure.
    #[schema(min_length = 1, max_length = 100, pattern = "^[a-z][a-z0-9_.]*$")]
    pub metric: String,
    /// How.
    pub op: Operator,
    /// With what.
    pub value: f64,
    /// Over which time, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^PT?[0-9]{1,4}[DHWM]$", example = "P7D")]
    pub over: Option<String>,
}

/// A fact of the record compares so.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactIs {
    /// The fact.
    #[schema(min_length = 1, max_length = 100, pattern = "^[a-z][a-z0-9_.]*$")]
    pub fact: String,
    /// How.
    pub op: Operator,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Operand>)]
    pub value: Option<Value>,
}

/// A safety flag or hold is there, or is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FlagIs {
    /// The flag.
    #[schema(min_length = 1, max_length = 64, pattern = "^[a-z][a-z0-9_]*$")]
    pub flag: String,
    /// Whether it is there.
    pub active: bool,
}

/// What something is compared with: a number, a text, yes or no, or a list of texts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Operand {
    /// Yes or no.
    Boolean(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// One of these.
    Texts(Vec<String>),
}

/// What a condition may ask about, at one moment.
pub struct Known<'a> {
    /// The answers to a question: the author's with [`By::Author`], else everybody's.
    pub answers: &'a dyn Fn(&str, By) -> Vec<Value>,
    /// A figure; none without data.
    pub metric: &'a dyn Fn(&MetricIs) -> Option<f64>,
    /// A fact; none while it is not known, or while its feature is not there yet.
    pub fact: &'a dyn Fn(&str) -> Option<Value>,
    /// Whether a flag or hold is there.
    pub flag: &'a dyn Fn(&str) -> bool,
}

impl std::fmt::Debug for Known<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Known")
    }
}

impl Condition {
    /// Whether it holds. What is not known neither holds nor fails (Kleene's third value), so that a gate
    /// on a feature that is not there stays closed even where the condition says `not`.
    #[must_use]
    pub fn holds(&self, known: &Known<'_>) -> bool {
        self.truth(known) == Some(true)
    }

    /// Whether it is known not to hold.
    #[must_use]
    pub fn fails(&self, known: &Known<'_>) -> bool {
        self.truth(known) == Some(false)
    }

    fn truth(&self, known: &Known<'_>) -> Option<bool> {
        match self {
            Self::All(AllOf { all }) => decided(all.iter().map(|one| one.truth(known)), false),
            Self::Any(AnyOf { any }) => decided(any.iter().map(|one| one.truth(known)), true),
            Self::Not(Negation { not }) => not.truth(known).map(|truth| !truth),
            Self::Answer(asked) => Some(asked.holds(&(known.answers)(&asked.answer, asked.by))),
            Self::Metric(asked) => (known.metric)(asked)
                .map(|value| compare(&Value::from(value), asked.op, &asked.value.into())),
            Self::Fact(asked) => (known.fact)(&asked.fact).map(|value| match &asked.value {
                Some(operand) => compare(&value, asked.op, operand),
                None => asked.op == Operator::Exists,
            }),
            Self::Flag(asked) => Some((known.flag)(&asked.flag) == asked.active),
        }
    }

    /// The conditions that it is made of, with the pointers at which they stand below `at`.
    fn parts(&self, at: &str) -> Vec<(String, &Self)> {
        let listed = |name: &str, list: &'_ [Self]| -> Vec<String> {
            (0..list.len()).map(|index| format!("{at}/{name}/{index}")).collect()
        };
        match self {
            Self::All(AllOf { all }) => listed("all", all).into_iter().zip(all).collect(),
            Self::Any(AnyOf { any }) => listed("any", any).into_iter().zip(any).collect(),
            Self::Not(Negation { not }) => vec![(format!("{at}/not"), not)],
            _ => Vec::new(),
        }
    }

    /// This condition and everything in it, with pointers below `at`.
    #[must_use]
    pub fn nodes(&self, at: &str) -> Vec<(String, &Self)> {
        let mut found = vec![(at.to_owned(), self)];
        for (at, part) in self.parts(at) {
            found.extend(part.nodes(&at));
        }
        found
    }

    /// True when it cannot hold unless a comparison like this does, or the negation of one.
    #[must_use]
    pub fn demands(&self, like: &impl Fn(&Self) -> bool) -> bool {
        match self {
            Self::All(parts) => parts.all.iter().any(|part| part.demands(like)),
            Self::Any(parts) => {
                !parts.any.is_empty() && parts.any.iter().all(|part| part.demands(like))
            }
            Self::Not(_) | Self::Flag(_) | Self::Fact(_) | Self::Answer(_) | Self::Metric(_) => {
                like(self)
            }
        }
    }

    /// How deep it is nested; 1 for a comparison.
    #[must_use]
    pub fn depth(&self) -> usize {
        1 + self.parts("").iter().map(|(_, part)| part.depth()).max().unwrap_or_default()
    }
}

/// `all` is decided by one that fails, `any` by one that holds; else one that is not known leaves it open.
fn decided(parts: impl Iterator<Item = Option<bool>>, by: bool) -> Option<bool> {
    let mut open = false;
    for part in parts {
        if part == Some(by) {
            return Some(by);
        }
        open |= part.is_none();
    }
    if open { None } else { Some(!by) }
}

impl AnswerIs {
    fn holds(&self, answers: &[Value]) -> bool {
        let one = |answer: &Value| match &self.value {
            None => self.op == Operator::Exists,
            Some(operand) => compare(answer, self.op, operand),
        };
        match self.by {
            By::Each => !answers.is_empty() && answers.iter().all(one),
            By::Author | By::Any => answers.iter().any(one),
        }
    }
}

/// A list of answers compares as its members do: one that fits is enough.
fn compare(value: &Value, op: Operator, operand: &Value) -> bool {
    if let Value::Array(entries) = value {
        return match op {
            Operator::NotEqual | Operator::NotIn => {
                entries.iter().all(|entry| compare(entry, op, operand))
            }
            _ => entries.iter().any(|entry| compare(entry, op, operand)),
        };
    }
    let order = match (value.as_f64(), operand.as_f64()) {
        (Some(left), Some(right)) => left.partial_cmp(&right),
        _ => None,
    };
    let listed = || operand.as_array().is_some_and(|list| list.contains(value));
    let equal = || order.map_or_else(|| value == operand, std::cmp::Ordering::is_eq);
    match op {
        // `exists` with `false` asks that there be none; there is one.
        Operator::Exists => operand != &Value::Bool(false),
        Operator::Equal => equal(),
        Operator::NotEqual => !equal(),
        Operator::Less => order.is_some_and(std::cmp::Ordering::is_lt),
        Operator::AtMost => order.is_some_and(std::cmp::Ordering::is_le),
        Operator::More => order.is_some_and(std::cmp::Ordering::is_gt),
        Operator::AtLeast => order.is_some_and(std::cmp::Ordering::is_ge),
        Operator::In => listed(),
        Operator::NotIn => !listed(),
    }
}
