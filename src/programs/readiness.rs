//! What must be true before a programme begins or goes on.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::definition::{Otherwise, Precondition, ProgramDefinition};
use super::deviations::Deviation;
use super::words::DeviationKind;
use crate::activities::definition::Condition;
use crate::activities::definition::condition::{By, Known, MetricIs};
use crate::assignments::assign;
use crate::auth::Tx;
use crate::couples::model::CoupleStatus;
use crate::db::id::{ClientId, CoupleId};
use crate::error::{Fault, Result};
use crate::figures::Reader;
use crate::figures::report::metrics;
use crate::figures::span;
use crate::figures::store::Whose;
use crate::holds::model::HoldKind;
use crate::{couples, holds};

/// For whom a programme is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whom {
    pub(super) couple: Option<CoupleId>,
    pub(super) client: Option<ClientId>,
}

/// What is known, at one moment, of whoever is to do a programme.
pub(super) struct Facts {
    record: Map<String, Value>,
    /// Figures by the number of days that they look back, where they were looked at.
    metrics: BTreeMap<i32, BTreeMap<String, f64>>,
    conjoint_hold: bool,
    touch_hold: bool,
}

impl Facts {
    /// Looks at consents, screens, ages and holds, whatever the caller sees.
    pub(super) fn of(tx: &mut Tx<'_>, whom: Whom) -> Result<Self> {
        let record = assign::known_facts(tx, whom.couple, whom.client)?;
        let (mut conjoint_hold, mut touch_hold) = (false, false);
        if let Some(couple) = whom.couple {
            conjoint_hold = holds::store::is_held(tx, couple, HoldKind::Conjoint)?;
            touch_hold = holds::store::is_held(tx, couple, HoldKind::Touch)?;
        }
        Ok(Self { record, metrics: BTreeMap::new(), conjoint_hold, touch_hold })
    }

    /// Whether a condition holds or fails; none when it is not known.
    pub(super) fn says(&self, condition: &Condition) -> Option<bool> {
        let flag = |name: &str| match name {
            "conjoint_hold" | "safety_suppression" => self.conjoint_hold,
            "touch_hold" => self.touch_hold,
            _ => false,
        };
        let known = Known {
            answers: &|_: &str, _: By| Vec::new(),
            metric: &|of: &MetricIs| self.metric(of),
            fact: &|name: &str| self.record.get(name).cloned(),
            flag: &flag,
        };
        if condition.holds(&known) {
            return Some(true);
        }
        condition.fails(&known).then_some(false)
    }

    /// A figure over the days that are asked for; none when it was not looked at.
    fn metric(&self, of: &MetricIs) -> Option<f64> {
        self.metrics.get(&span::days(of)?)?.get(&of.metric).copied()
    }

    fn are_adults(&self) -> bool {
        let years = self.record.get("members.min_age_years").and_then(Value::as_i64);
        years.is_some_and(|years| years >= i64::from(assign::ADULT_YEARS))
    }
}

/// Whether the criteria of a phase are met; none when they are not known.
pub(super) fn criteria_met(
    tx: &mut Tx<'_>,
    whom: Whom,
    phase: &str,
    condition: &Condition,
) -> Result<Option<bool>> {
    let mut facts = Facts::of(tx, whom)?;
    facts.record.insert("program.phase".to_owned(), phase.into());
    let whose = whom.couple.map(Whose::Couple).or(whom.client.map(Whose::Client));
    if let Some(whose) = whose {
        for days in span::asked([condition]) {
            facts.metrics.insert(days, metrics(tx, whose, days, Reader::Clinicians)?);
        }
    }
    Ok(facts.says(condition))
}

/// What keeps a programme from beginning, and what a clinician goes past by giving a reason. What awaits a feature
/// counts as absent, and only that can be gone past: ages, consents, screens and holds are always known.
pub(super) fn before_beginning(
    tx: &mut Tx<'_>,
    whom: Whom,
    definition: &ProgramDefinition,
    reason: bool,
) -> Result<(Vec<Fault>, Vec<Deviation>)> {
    let mut missing = before_going_on(tx, whom, definition)?;
    let mut passed = Vec::new();
    for one in definition.preconditions.iter().filter(|one| one.awaits.is_some()) {
        if reason {
            passed.push(Deviation::of(DeviationKind::Precondition, one.key.clone()));
        } else {
            missing.push(fault(one));
        }
    }
    Ok((missing, passed))
}

/// What keeps a programme from going on to its next phase: what is always known, and no reason goes past.
pub(super) fn before_going_on(
    tx: &mut Tx<'_>,
    whom: Whom,
    definition: &ProgramDefinition,
) -> Result<Vec<Fault>> {
    let facts = Facts::of(tx, whom)?;
    let mut missing = Vec::new();
    if let Some(couple) = whom.couple {
        if couples::store::status(tx, couple)? != CoupleStatus::Active {
            let detail = "Activate the couple first.";
            missing.push(Fault::body("/couple_id", "couple_not_active", detail));
        }
        if !facts.are_adults() {
            let detail = "Every member must be an adult whose date of birth is on record.";
            missing.push(Fault::body("/couple_id", "adults_only", detail));
        }
    }
    let known = definition.preconditions.iter().filter(|one| one.awaits.is_none());
    missing.extend(known.filter(|one| facts.says(&one.when) != Some(true)).map(fault));
    Ok(missing)
}

/// A pause is told in the words of any other, whatever its cause.
fn fault(one: &Precondition) -> Fault {
    let at = "/program_definition_key";
    match one.r#else {
        Otherwise::BlockNeutral => {
            Fault::body(at, "not_now", "The programme cannot go on at this time.")
        }
        Otherwise::Block => {
            let detail = format!("The precondition `{}` is not met.", one.key);
            Fault::body(at, "precondition_missing", detail)
        }
        first => {
            let exercise = first.exercise().unwrap_or_default();
            let detail = format!(
                "The precondition `{}` is not known to be met: begin with `{exercise}`, or give the `reason`.",
                one.key
            );
            Fault::body(at, "precondition_missing", detail)
        }
    }
}
