//! What conditions may ask about. A name that is not here fails lint rule L2.

/// Facts of the record (`domain` 3.2). One whose feature is not built yet is not known, and a gate on it
/// stays closed.
pub const FACTS: &[&str] = &[
    "couple.status",
    "members.min_age_years",
    "safety_screen.completed_individually",
    "time_out.open",
    "time_out.state",
    "quiet_hours.active",
    "issue.status",
    "issue.reopen_concurrence",
    "document.days_since_active",
    "presentation.origin",
    "presentation.acute_kinds",
    "presentation.pattern",
    "presentation.pattern_of_deception",
    "program.phase",
];

/// Facts of which there is one for each name in the middle: prefix, suffixes.
const FAMILIES_OF_FACTS: &[(&str, &[&str])] = &[
    ("consent.", &[""]),
    ("agreement.", &[".status"]),
    ("staged_plan.", &[".stage", ".state"]),
    ("params.", &[""]),
];

/// Flags and holds (`domain` 2.8.1), and what is derived from them.
pub const FLAGS: &[&str] = &[
    "fear_of_partner",
    "ipv_disclosed",
    "coercive_control_concern",
    "sexual_coercion_concern",
    "suicide_risk",
    "harm_to_others",
    "child_or_vulnerable_adult_abuse",
    "trauma_response",
    "substance_risk",
    "major_symptoms",
    "conjoint_hold",
    "touch_hold",
    "safety_suppression",
];

/// Flags that a signal may raise: those of 2.8.1 and not what is derived from them.
#[must_use]
pub fn can_be_raised(flag: &str) -> bool {
    FLAGS.contains(&flag) && !["conjoint_hold", "touch_hold", "safety_suppression"].contains(&flag)
}

/// Figures.
const METRICS: &[&str] = &[
    "mean_tension_drop.author",
    "micro_wins.any_improved",
    "reactivity.change_pct",
    "resentment_weeks_at_3",
    "max_owner_share.tasks",
    "session_fit.total",
    "decision_date.not_ready_count",
    "system_held.busy_workweek",
    "system_held.household_hiccup",
    "median_hours_to_repair",
];

/// Figures of which there is one for each name.
const FAMILIES_OF_METRICS: &[(&str, &[&str])] = &[
    ("adherence_pct.", &[""]),
    ("consecutive_missed.", &[""]),
    ("overlap_ratio.", &[""]),
    ("mean_", &[".author"]),
];

/// Whether a fact is known to the engine.
#[must_use]
pub fn is_fact(name: &str) -> bool {
    FACTS.contains(&name) || is_of_family(name, FAMILIES_OF_FACTS)
}

/// Whether a figure is known to the engine.
#[must_use]
pub fn is_metric(name: &str) -> bool {
    METRICS.contains(&name) || is_of_family(name, FAMILIES_OF_METRICS)
}

fn is_of_family(name: &str, families: &[(&str, &[&str])]) -> bool {
    families.iter().any(|(prefix, suffixes)| {
        name.strip_prefix(prefix).is_some_and(|rest| {
            suffixes.iter().any(|suffix| {
                rest.strip_suffix(suffix).is_some_and(|middle| {
                    !middle.is_empty()
                        && middle.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
                })
            })
        })
    })
}
