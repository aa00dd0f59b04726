//! The built-in definitions, as data in the binary.

use std::sync::LazyLock;

use super::Definition;

/// A built-in definition, and whether a practice has it from the start.
#[derive(Debug)]
pub struct BuiltIn {
    /// The definition.
    pub definition: Definition,
    /// False for what a clinician of the practice turns on after reading it.
    pub on_from_the_start: bool,
}

macro_rules! catalog {
    ($($key:literal $(, $off:ident)?;)*) => {
        /// File and text of each, in the order of the folder.
        pub const FILES: &[(&str, &str)] = &[$((
            concat!($key, ".json"),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/activities/", $key, ".json")),
        )),*];

        /// Keys of what is off until a clinician turns it on.
        const OFF: &[&str] = &[$($(catalog!(@ $off $key),)?)*];
    };
    (@ off $key:literal) => { $key };
}

catalog! {
    "agenda_parking";
    "bids";
    "big_rocks";
    "celebrate_change";
    "clarify_expectations";
    "closing_with_appreciation";
    "commitments";
    "consistency_reflection";
    "daily_check_in";
    "decision_date";
    "friendly_gestures";
    "goal_statements";
    "grace_and_setbacks";
    "label_to_observation";
    "presentation_intake";
    "private_safety_check";
    "progress_check";
    "quarterly_review";
    "red_line_self_report";
    "repair_log";
    "risk_screen";
    "ritual";
    "sensual_inventory", off;
    "session_fit";
    "shared_experience";
    "six_threads_check";
    "stress_mark";
    "trauma_echo_note";
    "weekly_pulse";
}

/// Every built-in definition. A file that does not read is left out here and fails a test.
#[must_use]
pub fn built_in() -> &'static [BuiltIn] {
    static ALL: LazyLock<Vec<BuiltIn>> = LazyLock::new(|| {
        let read =
            FILES.iter().filter_map(|(_, text)| serde_json::from_str::<Definition>(text).ok());
        read.map(|definition| BuiltIn {
            on_from_the_start: !OFF.contains(&definition.key.as_str()),
            definition,
        })
        .collect()
    });
    &ALL
}
