//! What 45 CFR 164.501 excludes from psychotherapy notes. Such things belong into session notes: here nobody
//! but the author would ever read them. Found by the headings under which clinicians write them; a hint and no
//! verdict.

use serde::Serialize;
use utoipa::ToSchema;

use crate::db::types::words;

words! {
    /// Something that the law counts among session notes.
    HintCode {
        /// Medication that was prescribed or is watched.
        Medication = "medication",
        /// When the session began and ended.
        SessionTimes = "session_times",
        /// The modalities and frequencies of treatment.
        ModalityAndFrequency = "modality_and_frequency",
        /// Results of clinical tests.
        TestResults = "test_results",
        /// The diagnosis.
        Diagnosis = "diagnosis",
        /// How somebody manages their days.
        FunctionalStatus = "functional_status",
        /// The plan of treatment.
        TreatmentPlan = "treatment_plan",
        /// Symptoms.
        Symptoms = "symptoms",
        /// What is to be expected.
        Prognosis = "prognosis",
        /// How far it has come.
        Progress = "progress",
    }
}

/// A hint that something belongs into a session note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteHint {
    /// What seems to stand there.
    pub code: HintCode,
    /// In which line, the first being 1.
    #[schema(minimum = 1)]
    pub line: usize,
}

/// The headings under which each is written, in lower case.
const HEADINGS: &[(HintCode, &[&str])] = &[
    (HintCode::Medication, &["medication", "medications", "meds"]),
    (
        HintCode::SessionTimes,
        &["start time", "stop time", "end time", "session time", "start and stop"],
    ),
    (HintCode::ModalityAndFrequency, &["modality", "modalities", "frequency", "frequencies"]),
    (HintCode::TestResults, &["test results", "results", "scores", "phq-9", "gad-7"]),
    (HintCode::Diagnosis, &["diagnosis", "diagnoses", "dx"]),
    (HintCode::FunctionalStatus, &["functional status", "functioning"]),
    (HintCode::TreatmentPlan, &["treatment plan", "plan of treatment"]),
    (HintCode::Symptoms, &["symptoms", "symptom"]),
    (HintCode::Prognosis, &["prognosis"]),
    (HintCode::Progress, &["progress", "progress to date"]),
];

/// The hints that a text gives, each code once.
#[must_use]
pub fn of(text: &str) -> Vec<NoteHint> {
    let mut hints: Vec<NoteHint> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let Some(code) = heading(line) else { continue };
        if !hints.iter().any(|hint| hint.code == code) {
            hints.push(NoteHint { code, line: number + 1 });
        }
    }
    hints
}

/// What a line is the heading of: a known word, alone or before a colon.
fn heading(line: &str) -> Option<HintCode> {
    let head = line.split_once(':').map_or(line, |(head, _)| head);
    let head = head.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    HEADINGS.iter().find(|(_, words)| words.contains(&head.as_str())).map(|(code, _)| *code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_found_and_prose_is_not() {
        let text = "He spoke of his father.\n## Diagnosis: Z63.0\nProgress to date: slow\nprogress: x\n\
                    The symptoms that she named were many.";
        let found: Vec<_> = of(text).iter().map(|hint| (hint.code, hint.line)).collect();
        assert_eq!(found, [(HintCode::Diagnosis, 2), (HintCode::Progress, 3)]);
        assert!(of("What he said of his diagnosis: that it frightens him.").is_empty());
    }
}
