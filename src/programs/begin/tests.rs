use super::*;

/// Every programme of the catalogue works on the threads that it asks for, however it is bent.
#[test]
fn what_is_built_in_needs_no_reason_for_its_threads() {
    for definition in built_in() {
        let keys: Vec<String> = definition.variants.iter().map(|one| one.key.clone()).collect();
        for variants in [&[][..], &keys] {
            let plan = Plan::of(definition, variants, &Parameters::new());
            assert_eq!(uncovered(&plan, false), None, "{}", definition.key);
        }
    }
}

/// The exercises are taken out one phase after the other, until too little is left.
#[test]
fn a_plan_of_too_few_threads_asks_for_a_reason() {
    for definition in built_in() {
        let mut plan = Plan::of(definition, &[], &Parameters::new());
        while plan.covers_threads() {
            let phase = plan.definition.phases.iter_mut().find(|phase| !phase.actions.is_empty());
            phase.unwrap().actions.clear();
        }
        let fault = uncovered(&plan, false).unwrap();
        assert_eq!(
            (fault.pointer.as_str(), fault.code.as_ref()),
            ("/program_definition_key", "threads_not_covered")
        );
        assert_eq!(uncovered(&plan, true), None, "a reason goes past it");
    }
}
