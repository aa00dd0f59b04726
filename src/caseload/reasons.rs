//! Why somebody asks for attention.

use std::collections::BTreeSet;

use super::model::{Attention, AttentionCode};
use super::numbers::Numbers;
use crate::activities::definition::condition::{By, Known as Conditions, MetricIs};
use crate::activities::definition::{Definition, EffectType, Recipient, Severity, Signal};
use crate::assignments::model::AssignmentStatus;
use crate::assignments::store::Row as AssignmentRow;
use crate::db::Date;
use crate::figures::span;
use crate::figures::store::{Homework, Known};

/// So many left out in a row ask for attention.
const MISSED: u32 = 2;

impl Attention {
    fn of(code: AttentionCode, severity: Severity, one: &Homework) -> Self {
        Self {
            code,
            severity,
            assignment_id: Some(one.row.id),
            about: Some(one.definition.title.clone()),
            text: None,
            count: 1,
        }
    }

    /// Alerts of one kind that are open.
    pub(super) fn alerts(code: &str, severity: Severity, count: u32) -> Self {
        let about = Some(code.to_owned());
        let code = AttentionCode::Alert;
        Self { code, severity, assignment_id: None, about, text: None, count }
    }

    /// A programme that waits for its next phase.
    pub(super) fn phase_over(title: String) -> Self {
        let (code, severity) = (AttentionCode::PhaseOver, Severity::Moderate);
        Self { code, severity, assignment_id: None, about: Some(title), text: None, count: 1 }
    }

    /// A programme whose rest was to end by now.
    pub(super) fn program_rests(title: String) -> Self {
        let (code, severity) = (AttentionCode::ResumeDue, Severity::Info);
        Self { code, severity, assignment_id: None, about: Some(title), text: None, count: 1 }
    }

    /// So many submissions to an assignment since somebody last looked.
    pub(super) fn unread(one: &Homework, count: u32) -> Self {
        Self { count, ..Self::of(AttentionCode::Unread, Severity::Info, one) }
    }
}

/// What an assignment tells by itself: how many were left out in a row, its pause, and the prompts of its exercise.
pub(super) fn of_homework(
    one: &Known,
    missed: Option<u32>,
    numbers: &Numbers<'_>,
    today: Date,
) -> Vec<Attention> {
    let homework = &one.homework;
    let mut found = Vec::new();
    if let Some(missed) = missed.filter(|missed| *missed >= MISSED) {
        let attention = Attention::of(AttentionCode::MissedInARow, Severity::Moderate, homework);
        found.push(Attention { count: missed, ..attention });
    }
    if was_to_go_on(&homework.row, today) {
        found.push(Attention::of(AttentionCode::ResumeDue, Severity::Info, homework));
    }
    found.extend(prompts(homework, numbers));
    found
}

/// True for a pause, by whomever, whose day has come. The day of a hold is what the couple is told and asks nobody to
/// lift it, so that nothing is told of what rests by one.
fn was_to_go_on(row: &AssignmentRow, today: Date) -> bool {
    let rests = match row.status {
        AssignmentStatus::Paused => true,
        AssignmentStatus::Held => row.hold_id.is_none(),
        _ => false,
    };
    rests && row.resume_on.is_some_and(|resume| resume <= today)
}

/// What the exercise's own rules ask the clinician to look at. What an answer sets off is an alert of its own.
fn prompts(one: &Homework, numbers: &Numbers<'_>) -> Vec<Attention> {
    let known = Conditions {
        answers: &|_: &str, _: By| Vec::new(),
        metric: &|asked: &MetricIs| numbers.of(asked),
        fact: &|_: &str| None,
        flag: &|_: &str| false,
    };
    for_clinicians(&one.definition)
        .filter(|signal| signal.when.holds(&known))
        .map(|signal| Attention {
            about: Some(signal.effect.code.clone()),
            text: signal.effect.text.clone(),
            ..Attention::of(AttentionCode::Prompt, signal.effect.severity, one)
        })
        .collect()
}

/// Over how many days the prompts of an exercise ask for figures.
pub(super) fn asked(one: &Homework) -> BTreeSet<i32> {
    span::asked(for_clinicians(&one.definition).map(|signal| &signal.when))
}

pub(super) fn for_clinicians(definition: &Definition) -> impl Iterator<Item = &Signal> {
    definition.signals.iter().filter(|signal| {
        signal.effect.r#type == EffectType::ClinicianPrompt
            && signal.effect.to.contains(&Recipient::Clinician)
    })
}
