use super::*;
use crate::activities::definition::condition::MetricIs;
use crate::activities::definition::{Definition, registry};
use crate::figures::span;

fn exercise(key: &str) -> Option<&'static Definition> {
    catalog::built_in().iter().map(|one| &one.definition).find(|one| one.key == key)
}

fn program(key: &str) -> &'static ProgramDefinition {
    built_in().iter().find(|one| one.key == key).unwrap()
}

/// Every action there is, those of variants included.
fn all_actions(program: &ProgramDefinition) -> Vec<&Action> {
    let patches = program.variants.iter().flat_map(|variant| &variant.patch);
    let added = patches.filter_map(|patch| match patch {
        Patch::AddAction { action, .. } | Patch::OfferAction { action, .. } => Some(&**action),
        _ => None,
    });
    program.actions().chain(added).collect()
}

/// An exercise is there and takes these parameters, or something awaits a feature.
#[track_caller]
fn can_be_assigned(action: &Action, params: &serde_json::Map<String, serde_json::Value>) {
    if action.awaits.is_some() {
        return;
    }
    let Some(key) = action.activity.as_deref() else { return };
    let definition = exercise(key).unwrap_or_else(|| panic!("{}: no exercise {key}", action.key));
    let faults = definition.with_parameters(params, "").err();
    assert!(faults.is_none(), "{}: {faults:?}", action.key);
}

#[test]
fn every_file_of_the_folder_reads() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/programs");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (name, text) in FILES {
        let read: ProgramDefinition = serde_json::from_str(text).unwrap();
        assert_eq!(format!("{}.json", read.key), *name);
        let unknown = text.replacen("\"version\"", "\"colour\": 1, \"version\"", 1);
        assert!(serde_json::from_str::<ProgramDefinition>(&unknown).is_err(), "{name}");
    }
    assert_eq!(built_in().len(), FILES.len());
}

#[test]
fn every_exercise_that_is_named_is_there_or_awaits_a_feature() {
    for program in built_in() {
        for action in all_actions(program) {
            can_be_assigned(action, &action.params);
        }
        for first in &program.preconditions {
            let known = first.r#else.exercise().is_none_or(|key| exercise(key).is_some());
            assert!(known || first.awaits.is_some(), "{}", first.key);
        }
        let named: BTreeSet<&str> =
            program.actions().filter_map(|action| action.activity.as_deref()).collect();
        let kept = program.completion.keep_running.iter().chain(&program.completion.propose);
        for key in kept {
            assert!(named.contains(key.as_str()), "{}: {key} is no part of it", program.key);
        }
    }
}

#[test]
fn every_action_names_what_its_kind_needs_and_nothing_else() {
    use ActionKind as Kind;
    for action in built_in().iter().flat_map(all_actions) {
        let has = (
            action.activity.is_some(),
            action.measure.is_some(),
            action.setting.is_some(),
            action.stage.is_some() && action.staged_plan.is_some(),
            action.text.is_some(),
        );
        let fits = match action.kind {
            Kind::Assign | Kind::ProposePlan => matches!(has, (true, false, false, false, _)),
            Kind::Measure => matches!(has, (false, true, false, false, _)),
            Kind::Setting => matches!(has, (false, false, true, false, _)),
            Kind::RequestStage => matches!(has, (true, false, false, true, _)),
            Kind::Review | Kind::Prompt => matches!(has, (false, false, false, false, true)),
        };
        assert!(fits, "{}: {has:?}", action.key);
    }
}

#[test]
fn phases_follow_one_another_day_by_day() {
    for program in built_in() {
        let mut day = 0;
        for phase in &program.phases {
            assert_eq!(phase.offset_days, day, "{}", phase.key);
            day += phase.length_days;
            let criteria = phase.advance == Advance::CriteriaThenClinician;
            assert_eq!(phase.criteria.is_some(), criteria, "{}", phase.key);
        }
        assert_eq!(day, program.duration_days, "{}", program.key);
        let names: Vec<&str> =
            all_actions(program).into_iter().map(|action| action.key.as_str()).collect();
        let phases = program.phases.iter().map(|phase| phase.key.as_str());
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{}", program.key);
        assert_eq!(phases.collect::<BTreeSet<_>>().len(), program.phases.len(), "{}", program.key);
    }
}

#[test]
fn the_roadmap_begun_on_a_monday_in_november_ends_on_a_thursday_in_january() {
    let start: Date = "2026-11-23".parse().unwrap();
    let days: Vec<(String, String)> = program("roadmap_60_day")
        .phases
        .iter()
        .map(|phase| phase.days_from(start))
        .map(|(first, last)| (first.to_string(), last.to_string()))
        .collect();
    let expected = [
        ("2026-11-23", "2026-12-06"),
        ("2026-12-07", "2026-12-20"),
        ("2026-12-21", "2027-01-03"),
        ("2027-01-04", "2027-01-17"),
        ("2027-01-18", "2027-01-21"),
    ];
    assert_eq!(days, expected.map(|(first, last)| (first.to_owned(), last.to_owned())));
}

#[test]
fn three_threads_are_covered_by_what_can_be_assigned_today() {
    for program in built_in() {
        let threads = program.threads();
        assert!(threads.len() >= 3, "{}: {threads:?}", program.key);
        assert!(program.required_threads.are_met_by(&threads), "{}: {threads:?}", program.key);
    }
    let required = &program("roadmap_60_day").required_threads;
    let one_sided = [Thread::EmotionalSafety, Thread::Autonomy, Thread::SharedMeaning];
    assert!(!required.are_met_by(&one_sided.into()), "three, and none of them is touch");
    let too_few = [Thread::EmotionalSafety, Thread::PhysicalAffection];
    assert!(!required.are_met_by(&too_few.into()));
}

#[test]
fn a_variant_changes_what_is_there() {
    for program in built_in() {
        for patch in program.variants.iter().flat_map(|variant| &variant.patch) {
            match patch {
                Patch::ExtendPhase { phase, days } => {
                    assert!(program.phase(phase).unwrap().extendable && *days > 0);
                }
                Patch::AddAction { phase, .. } | Patch::OfferAction { phase, .. } => {
                    assert!(program.phase(phase).is_some(), "{phase}");
                }
                Patch::MoveAction { action, to_phase } => {
                    assert!(program.action(action).is_some(), "{action}");
                    let to = program.phase(to_phase).unwrap();
                    assert!(to.actions.iter().all(|one| one.key != *action), "{action}");
                }
                Patch::SetParams { action, params } => {
                    can_be_assigned(program.action(action).unwrap(), params);
                }
            }
        }
    }
}

/// A plan that is drawn up after a betrayal would tell the other of it.
#[test]
fn what_would_betray_a_disclosure_is_chosen_only_when_all_know() {
    for program in built_in() {
        for variant in &program.variants {
            assert_eq!(variant.known_to_all, variant.key == "betrayal", "{}", variant.key);
        }
        assert!(program.variants.iter().any(|variant| variant.known_to_all), "{}", program.key);
    }
}

#[test]
fn every_condition_asks_about_something_that_there_is() {
    let mut asked = 0;
    for program in built_in() {
        let before = program.preconditions.iter().map(|one| &one.when);
        let phases = program.phases.iter().filter_map(|phase| phase.criteria.as_ref());
        let variants = program.variants.iter().filter_map(|variant| variant.when.as_ref());
        let actions = all_actions(program).into_iter().filter_map(|action| action.when.as_ref());
        for condition in before.chain(phases).chain(variants).chain(actions) {
            for (at, node) in condition.nodes("") {
                asked += 1;
                let exists = match node {
                    Condition::Fact(fact) => registry::is_fact(&fact.fact),
                    // What the clinician is asked to look at comes up on the caseload.
                    Condition::Metric(metric) => crate::caseload::is_made(metric),
                    Condition::Flag(flag) => registry::FLAGS.contains(&flag.flag.as_str()),
                    Condition::Answer(_) => false,
                    Condition::All(_) | Condition::Any(_) | Condition::Not(_) => true,
                };
                assert!(exists, "{}: {at} of {condition:?}", program.key);
            }
        }
    }
    assert!(asked > 10, "only {asked}");
}

/// Criteria over a time over which nothing is reckoned would never be met.
#[test]
fn criteria_ask_for_figures_that_are_made() {
    let of_catalogue = |key: &str| exercise(key).is_some();
    let mut asked = 0;
    for phase in built_in().iter().flat_map(|program| &program.phases) {
        for (_, node) in phase.criteria.iter().flat_map(|criteria| criteria.nodes("")) {
            if let Condition::Metric(metric) = node {
                asked += 1;
                assert!(span::is_made(metric, of_catalogue), "{}: {metric:?}", phase.key);
                let hours = MetricIs { over: Some("PT12H".to_owned()), ..metric.clone() };
                assert!(!span::is_made(&hours, of_catalogue), "by the hour nothing is");
            }
        }
    }
    assert!(asked > 1, "only {asked}");
}

/// A day on which the couple is to look back, and nothing to look back with, would be a promise that nobody keeps.
#[test]
fn every_programme_has_homework_for_when_the_couple_looks_back() {
    for program in built_in() {
        let last = program.phases.last().unwrap();
        let looks_back = |action: &&Action| {
            let offset = action.timing.map(|timing| timing.offset_days).unwrap_or_default();
            action.activity.as_deref() == Some("quarterly_review") && offset >= last.length_days
        };
        assert_eq!(last.actions.iter().filter(looks_back).count(), 1, "{}", program.key);
    }
}
