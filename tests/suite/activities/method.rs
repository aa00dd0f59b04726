//! What the method asks for, entry by entry, stands in the catalogue: bounds, numbers, and who reads what.

use attune::activities::definition::catalog::FILES;
use attune::activities::definition::parameters::find;
use serde_json::{Value, json};

/// Entry of the method (`docs/reference/method.md`), exercise, place, and what stands there.
fn table() -> Vec<(&'static str, &'static str, &'static str, Value)> {
    vec![
        ("1.2", "daily_check_in", "items[stress_source].max_choices", json!(3)),
        ("1.3", "presentation_intake", "items[inside].visibility", json!("clinician")),
        ("1.4", "big_rocks", "items[weight].options[rock].code", json!("rock")),
        ("1.15", "commitments", "items[promise].max_length", json!(200)),
        ("1.15", "consistency_reflection", "items[listened].scale.max", json!(4)),
        ("1.16", "commitments", "items[size].required", json!(true)),
        ("1.17", "shared_experience", "items[joy].visibility", json!("mutual_reveal")),
        ("1.17", "shared_experience", "timing.repeat.period", json!(2)),
        ("1.18", "grace_and_setbacks", "items[what_happened].max_length", json!(280)),
        ("1.20", "six_threads_check", "items[sexual_connection].visibility", json!("clinician")),
        ("1.20", "six_threads_check", "items[autonomy].visibility", json!("mutual_reveal")),
        ("1.22", "presentation_intake", "items[since].required", json!(true)),
        ("1.24", "goal_statements", "items[problem].max_sentences", json!(1)),
        ("1.24", "goal_statements", "items[horizon_months].max", json!(6)),
        ("1.26", "clarify_expectations", "items[limit].visibility", json!("mutual_reveal")),
        ("1.26", "goal_statements", "items[themes].visibility", json!("clinician")),
        (
            "1.30",
            "presentation_intake",
            "signals[look_before_joint_work].effect.to[0]",
            json!("clinician"),
        ),
        ("1.33", "daily_check_in", "parameters[window_minutes].min", json!(10)),
        ("1.33", "daily_check_in", "parameters[window_minutes].max", json!(20)),
        ("1.33", "daily_check_in", "timing.same_time_every_occurrence", json!(true)),
        ("1.34", "daily_check_in", "items[gratitude].required", json!(true)),
        ("1.35", "agenda_parking", "items[topic].max_length", json!(140)),
        ("1.40", "red_line_self_report", "items[line_code].visibility", json!("clinician")),
        ("1.40", "red_line_self_report", "items[line_code].author_may_widen", json!(true)),
        ("1.42", "weekly_pulse", "signals[react_two_weeks].effect.to[0]", json!("clinician")),
        ("1.43", "friendly_gestures", "adherence.count.min", json!(2)),
        ("1.43", "friendly_gestures", "adherence.count.max", json!(5)),
        ("1.43", "friendly_gestures", "adherence.show_to_partners", json!("couple_total")),
        ("1.47", "weekly_pulse", "items[gestures_noticed].visibility", json!("aggregate_only")),
        ("1.48", "weekly_pulse", "items[resentment].visibility", json!("clinician")),
        ("1.48", "weekly_pulse", "signals[simplify].effect.type", json!("clinician_prompt")),
        ("1.49", "bids", "items[my_response].visibility", json!("clinician")),
        ("1.51", "big_rocks", "items[title].max_length", json!(80)),
        ("1.65", "weekly_pulse", "items[temperature].visibility", json!("mutual_reveal")),
        ("1.66", "weekly_pulse", "items[feel_like_house_manager].visibility", json!("clinician")),
        ("1.84", "sensual_inventory", "items[inventory].inventory.relock_days", json!(14)),
        (
            "1.84",
            "sensual_inventory",
            "items[inventory].inventory.min_entries_before_reveal",
            json!(20),
        ),
        ("1.85", "sensual_inventory", "signals[thin].effect.code", json!("thin_overlap")),
        ("1.87", "repair_log", "items[words].max_length", json!(200)),
        ("1.88", "repair_log", "items[received].visibility", json!("clinician")),
        ("1.89", "repair_log", "parameters[daily_min].default", json!(1)),
        ("1.92", "ritual", "parameters[minutes].min", json!(5)),
        ("1.92", "ritual", "parameters[minutes].max", json!(180)),
        ("1.95", "risk_screen", "items[afraid].visibility", json!("clinician")),
        ("1.97", "session_fit", "items[blamed].scale.max", json!(4)),
        ("1.100", "weekly_pulse", "items[blowups].max", json!(50)),
        ("1.101", "agenda_parking", "items[kind].options[for_session].code", json!("for_session")),
        ("1.101", "weekly_pulse", "signals[say_it_in_session].effect.to[0]", json!("couple")),
        ("1.103", "daily_check_in", "signals[move_the_time].when.value", json!(2)),
        (
            "1.107",
            "shared_experience",
            "items[kind].options[weekend_away].code",
            json!("weekend_away"),
        ),
        ("1.108", "label_to_observation", "items[pairs].visibility", json!("clinician")),
        ("1.111", "trauma_echo_note", "signals[echo].effect.code", json!("trauma_response")),
        ("1.112", "decision_date", "items[stance].visibility", json!("mutual_reveal")),
        ("1.113", "decision_date", "signals[ambivalence].effect.to[0]", json!("clinician")),
        ("1.115", "quarterly_review", "gates[late_for_a_big_talk].else.action", json!("warn")),
        ("1.117", "progress_check", "items[sentence].max_sentences", json!(1)),
        ("1.118", "celebrate_change", "items[changes].list.min_rows", json!(1)),
        ("1.121", "stress_mark", "items[kind].required", json!(true)),
        ("1.126", "daily_check_in", "parameters[weekly_target].min", json!(1)),
        ("1.127", "quarterly_review", "timing.repeat.period", json!(3)),
        (
            "1.129",
            "closing_with_appreciation",
            "items[thank_you].visibility",
            json!("mutual_reveal"),
        ),
        ("1.130", "weekly_pulse", "items[ease_of_reaching].scale.max", json!(10)),
    ]
}

#[test]
fn the_catalogue_asks_what_the_method_says() {
    for (entry, key, place, expected) in table() {
        let file = FILES.iter().find(|(name, _)| name.strip_suffix(".json") == Some(key));
        let (_, text) = file.unwrap_or_else(|| panic!("no {key}"));
        let mut definition: Value = serde_json::from_str(text).unwrap();
        let stands = find(&mut definition, place).map(Value::take);
        assert_eq!(stands, Some(expected), "{entry} {key} {place}");
    }
    println!("{} places of the catalogue, 0 differences", table().len());
}
