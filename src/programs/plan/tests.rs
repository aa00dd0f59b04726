use proptest::prelude::*;
use serde_json::json;

use super::super::definition::built_in;
use super::*;

fn roadmap() -> &'static ProgramDefinition {
    built_in().iter().find(|one| one.key == "roadmap_60_day").unwrap()
}

fn bent(variants: &[&str]) -> Plan {
    let variants: Vec<String> = variants.iter().map(|key| (*key).to_owned()).collect();
    Plan::of(roadmap(), &variants, &Parameters::new())
}

fn days(plan: &Plan, start: &str) -> Vec<(String, String)> {
    let days = plan.days_from(start.parse().unwrap());
    days.into_iter().map(|(first, last)| (first.to_string(), last.to_string())).collect()
}

fn expected(days: [(&str, &str); 5]) -> Vec<(String, String)> {
    days.map(|(first, last)| (first.to_owned(), last.to_owned())).to_vec()
}

/// `domain` 8.1.
#[test]
fn the_roadmap_from_a_monday_in_november_has_the_days_of_the_vector() {
    let vector = [
        ("2026-11-23", "2026-12-06"),
        ("2026-12-07", "2026-12-20"),
        ("2026-12-21", "2027-01-03"),
        ("2027-01-04", "2027-01-17"),
        ("2027-01-18", "2027-01-21"),
    ];
    assert_eq!(days(&bent(&[]), "2026-11-23"), expected(vector));
    // What is calmed for two weeks more begins its second phase two weeks later.
    let vector = [
        ("2026-11-23", "2026-12-20"),
        ("2026-12-21", "2027-01-03"),
        ("2027-01-04", "2027-01-17"),
        ("2027-01-18", "2027-01-31"),
        ("2027-02-01", "2027-02-04"),
    ];
    assert_eq!(days(&bent(&["betrayal"]), "2026-11-23"), expected(vector));
}

#[test]
fn each_variant_bends_what_it_says() {
    let betrayal = bent(&["betrayal"]);
    let first = betrayal.definition.phase("weeks_1_2").unwrap();
    assert!(first.actions.iter().any(|action| action.key == "containment"));
    assert_eq!(betrayal.offered, BTreeSet::from(["transparency".to_owned()]));
    assert_eq!(betrayal.definition.duration_days, 74);

    let conflict = bent(&["conflict_dominates"]);
    let first = conflict.definition.phase("weeks_1_2").unwrap();
    assert!(first.actions.iter().any(|action| action.key == "repairs"));
    let second = conflict.definition.phase("weeks_3_4").unwrap();
    assert!(second.actions.iter().all(|action| action.key != "repairs"));
    assert_eq!(
        conflict.definition.action("one_issue").unwrap().params["issues_per_week"],
        json!(2)
    );
    assert_eq!(bent(&[]).definition, *roadmap(), "without a variant it is the template");
}

#[test]
fn parameters_are_put_over_those_of_the_template_and_checked_by_the_exercise() {
    let given = |value: serde_json::Value| -> Parameters { serde_json::from_value(value).unwrap() };
    let parameters = given(json!({ "gestures": { "daily_max": 4 } }));
    let plan = Plan::of(roadmap(), &[], &parameters);
    let params = &plan.definition.action("gestures").unwrap().params;
    assert_eq!((&params["daily_min"], &params["daily_max"]), (&json!(2), &json!(4)));
    assert!(plan.parameter_faults(&parameters, "/parameters").is_empty());
    let wrong = given(json!({
        "gestures": { "colour": 1 }, "nothing": {}, "ledger": { "task_count": 3 },
        "check_in": { "window_minutes": 900 },
    }));
    let faults: Vec<String> = plan
        .parameter_faults(&wrong, "/parameters")
        .iter()
        .map(|fault| format!("{} {}", fault.pointer, fault.code))
        .collect();
    assert_eq!(
        faults,
        [
            "/parameters/check_in/window_minutes too_large",
            "/parameters/gestures unknown_field",
            "/parameters/ledger not_allowed",
            "/parameters unknown_field",
        ]
    );
}

#[test]
fn three_months_after_the_end_of_november_is_the_end_of_february() {
    let day = |text: &str| text.parse::<Date>().unwrap();
    assert_eq!(after(day("2026-11-30"), "P3M").unwrap(), day("2027-02-28"));
    assert_eq!(after(day("2026-11-30"), "P90D").unwrap(), day("2027-02-28"));
    assert!(after(day("2026-11-30"), "three months").is_err());
}

/// Any of the definitions, any of its variants, and any first day.
fn bending() -> impl Strategy<Value = (&'static ProgramDefinition, Vec<String>, Date)> {
    let start = (2024i16..2030, 1i8..13, 1i8..29)
        .prop_map(|(year, month, day)| Date(jiff::civil::date(year, month, day)));
    (0..built_in().len(), start).prop_flat_map(|(which, start)| {
        let definition = &built_in()[which];
        let keys: Vec<String> = definition.variants.iter().map(|one| one.key.clone()).collect();
        let most = keys.len();
        (
            Just(definition),
            proptest::sample::subsequence(keys, 0..=most).prop_shuffle(),
            Just(start),
        )
    })
}

proptest! {
    #[test]
    fn phases_follow_one_another_however_a_plan_is_bent((definition, variants, start) in bending()) {
        let plan = Plan::of(definition, &variants, &Parameters::new());
        let days = plan.days_from(start);
        prop_assert_eq!(days.len(), definition.phases.len());
        prop_assert_eq!(days[0].0, start);
        for pair in days.windows(2) {
            prop_assert_eq!(pair[0].1.plus_days(1), pair[1].0);
        }
        let last = start.plus_days(i32::from(plan.definition.duration_days) - 1);
        prop_assert_eq!(days[days.len() - 1].1, last);
        prop_assert!(plan.definition.duration_days >= definition.duration_days);
    }

    #[test]
    fn no_action_is_lost_or_doubled_however_a_plan_is_bent((definition, variants, _) in bending()) {
        let plan = Plan::of(definition, &variants, &Parameters::new());
        let keys: Vec<&str> = plan.actions().map(|(_, action)| action.key.as_str()).collect();
        let unique: BTreeSet<&str> = keys.iter().copied().collect();
        prop_assert_eq!(unique.len(), keys.len());
        for action in definition.actions() {
            prop_assert!(unique.contains(action.key.as_str()));
        }
        for offered in &plan.offered {
            prop_assert!(unique.contains(offered.as_str()));
        }
    }

    #[test]
    fn the_order_in_which_variants_are_named_does_not_matter((definition, variants, _) in bending()) {
        let mut turned = variants.clone();
        turned.reverse();
        let none = Parameters::new();
        prop_assert_eq!(Plan::of(definition, &variants, &none), Plan::of(definition, &turned, &none));
    }

    #[test]
    fn a_plan_reads_back_as_it_was_kept((definition, variants, _) in bending()) {
        let plan = Plan::of(definition, &variants, &Parameters::new());
        let kept = serde_json::to_string(&plan).unwrap();
        prop_assert_eq!(serde_json::from_str::<Plan>(&kept).unwrap(), plan);
    }
}
