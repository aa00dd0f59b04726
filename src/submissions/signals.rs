//! What answers set off for the clinicians (`domain` 2.8.1). Nobody else notices: no event, no instant and no
//! answer of the service tells of it.

use diesel::prelude::*;
use serde_json::Value;

use super::form::Form;
use super::pieces::Piece;
use super::sets;
use super::store::Row;
use crate::activities::definition::audience::is_read_by_clinicians;
use crate::activities::definition::condition::{AnswerIs, By, Condition, Known, MetricIs};
use crate::activities::definition::{
    ClinicianAudience, EffectType, Gate, Item, Recipient, Severity, Signal,
};
use crate::alerts::model::{AlertKind, AlertStatus};
use crate::alerts::raise::{NewAlert, raise};
use crate::assignments::store::{Row as AssignmentRow, participants_of};
use crate::auth::Tx;
use crate::db::id::{AlertId, SubmissionId};
use crate::db::schema::{alerts, submissions};
use crate::error::Result;
use crate::holds;
use crate::holds::model::HoldKind;

use super::model::SubmissionStatus;

/// Somebody who marks as good as everything alike may not feel free to say no (`domain` 2.6).
const NEARLY_ALL: &str = "nearly_all_alike";

/// Raises what the answers of a submission set off, once while what it raised is open: who says it again after
/// an alert was closed is heard again.
///
/// # Errors
/// Those of the database.
pub(super) fn follow(
    tx: &mut Tx<'_>,
    homework: &AssignmentRow,
    form: &Form,
    row: &Row,
    answers: &[Piece],
) -> Result<()> {
    let told = Told::of(tx, form, row, answers)?;
    for signal in form.definition.signals.iter().filter(|signal| told.sets_off(&signal.when)) {
        if let Some((kind, code)) = for_clinicians(signal) {
            tell(tx, homework, row, kind, code, signal.effect.severity)?;
        }
    }
    let questions = form.definition.questions();
    if questions.into_iter().any(|(_, item)| marks_nearly_all_alike(item, answers)) {
        tell(tx, homework, row, AlertKind::ClinicianPrompt, NEARLY_ALL, Severity::Info)?;
    }
    Ok(())
}

/// What a signal tells clinicians; nothing when it is for others, or waits for a later feature.
fn for_clinicians(signal: &Signal) -> Option<(AlertKind, &str)> {
    let kind = match signal.effect.r#type {
        EffectType::SafetyFlag => AlertKind::SafetyFlag,
        EffectType::ClinicianPrompt | EffectType::Hold => AlertKind::ClinicianPrompt,
        EffectType::Suggestion | EffectType::CreateCommitment | EffectType::ResolveIssue => {
            return None;
        }
    };
    let to_clinicians = signal.effect.to.contains(&Recipient::Clinician);
    to_clinicians.then_some((kind, signal.effect.code.as_str()))
}

fn tell(
    tx: &mut Tx<'_>,
    homework: &AssignmentRow,
    row: &Row,
    kind: AlertKind,
    code: &str,
    severity: Severity,
) -> Result<()> {
    let before: Option<AlertId> = alerts::table
        .filter(alerts::practice_id.eq(tx.practice()))
        .filter(alerts::client_id.eq(row.author_id))
        .filter(alerts::submission_id.eq(row.id))
        .filter(alerts::code.eq(code))
        .filter(alerts::status.eq_any([AlertStatus::Raised, AlertStatus::Acknowledged]))
        .select(alerts::id)
        .first(tx.conn)
        .optional()?;
    if before.is_some() {
        return Ok(());
    }
    let alert = NewAlert {
        client_id: row.author_id,
        couple_id: homework.couple_id,
        kind,
        code: code.to_owned(),
        severity,
        submission_id: Some(row.id),
        detail: None,
    };
    raise(tx, alert).map(drop)
}

fn of(pieces: &[Piece], link_id: &str) -> Vec<Value> {
    pieces.iter().filter_map(|piece| piece.answers.get(link_id).cloned()).collect()
}

/// What clinicians read of the answers to an occurrence. What they do not read sets no signal off.
struct Told {
    /// What this author has sent.
    own: Vec<Piece>,
    /// What the others have, if a signal asks for it.
    others: Vec<Piece>,
    /// How many take part.
    participants: usize,
}

impl Told {
    fn of(tx: &mut Tx<'_>, form: &Form, row: &Row, own: &[Piece]) -> Result<Self> {
        let own = read_by_clinicians(own.to_vec());
        let asked = |signal: &Signal| signal.when.nodes("").iter().any(|(_, node)| asks_all(node));
        if !form.definition.signals.iter().any(asked) {
            return Ok(Self { own, others: Vec::new(), participants: 1 });
        }
        let mut others = Vec::new();
        if let Some(occurrence) = row.occurrence_id {
            let sent: Vec<SubmissionId> = submissions::table
                .filter(submissions::practice_id.eq(tx.practice()))
                .filter(submissions::occurrence_id.eq(occurrence))
                .filter(submissions::author_id.ne(row.author_id))
                .filter(submissions::status.eq_any(SubmissionStatus::SENT))
                .select(submissions::id)
                .load(tx.conn)?;
            for set in sets::standing_of(tx, &sent)? {
                others.push(set.piece(tx)?);
            }
        }
        let participants = participants_of(tx, row.assignment_id)?.len();
        Ok(Self { own, others: read_by_clinicians(others), participants })
    }

    /// True when it holds, and not by what others have said alone: that was told of them when they said it, and is not
    /// told of this one too.
    fn sets_off(&self, when: &Condition) -> bool {
        let (own, others) = (&self.own, &self.others);
        self.holds(when, own, others)
            && (self.holds(when, own, &[]) || !self.holds(when, &[], others))
    }

    /// Whether it holds when this author has sent `own`, and the others that.
    fn holds(&self, when: &Condition, own: &[Piece], others: &[Piece]) -> bool {
        let everybodys = |link_id: &str| [of(own, link_id), of(others, link_id)].concat();
        let given = |link_id: &str, by: By| match by {
            By::Author => of(own, link_id),
            By::Any => everybodys(link_id),
            // Nothing is said of each before all have answered.
            By::Each => {
                let given = everybodys(link_id);
                if given.len() < self.participants { Vec::new() } else { given }
            }
        };
        when.holds(&Known {
            answers: &given,
            metric: &|_: &MetricIs| None,
            fact: &|_: &str| None,
            flag: &|_: &str| false,
        })
    }
}

fn read_by_clinicians(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.retain(|piece| is_read_by_clinicians(piece.audience, piece.clinician_audience));
    pieces
}

fn asks_all(node: &Condition) -> bool {
    matches!(node, Condition::Answer(AnswerIs { by: By::Each | By::Any, .. }))
}

/// The one thing that clinicians are told of answers of which they read the outcome alone (`domain` 2.6): how many were
/// marked alike, and not which. Nothing where they read nothing.
fn marks_nearly_all_alike(item: &Item, answers: &[Piece]) -> bool {
    let inventory = item.inventory.as_ref();
    let read = item.clinician_audience() != ClinicianAudience::None;
    let Some(inventory) = inventory.filter(|_| read) else { return false };
    let alike = |word: &Value| {
        word.as_str().is_some_and(|word| inventory.match_set.iter().any(|one| one == word))
    };
    of(answers, &item.link_id).iter().any(|answer| {
        let entries = answer.get("entries").and_then(Value::as_object);
        entries.is_some_and(|entries| {
            let marked = entries.values().filter(|word| alike(word)).count();
            !entries.is_empty() && marked * 100 > entries.len() * 95
        })
    })
}

/// Those of the flags that these gates ask about that hold for participants: a hold once it is in effect, and
/// nothing that was said in private.
///
/// # Errors
/// Those of the database.
pub(super) fn held(
    tx: &mut Tx<'_>,
    homework: &AssignmentRow,
    gates: &[&Gate],
) -> Result<Vec<&'static str>> {
    let asks = |flags: &[&str]| {
        let nodes = gates.iter().flat_map(|gate| gate.when.nodes(""));
        nodes.into_iter().any(|(_, node)| {
            matches!(node, Condition::Flag(asked) if flags.contains(&asked.flag.as_str()))
        })
    };
    let Some(couple) = homework.couple_id else { return Ok(Vec::new()) };
    let mut held = Vec::new();
    let conjoint = ["conjoint_hold", "safety_suppression"];
    if asks(&conjoint) && holds::store::is_held(tx, couple, HoldKind::Conjoint)? {
        held.extend(conjoint);
    }
    if asks(&["touch_hold"]) && holds::store::is_held(tx, couple, HoldKind::Touch)? {
        held.push("touch_hold");
    }
    Ok(held)
}
