//! Exercises that a practice writes: what the document accepts is read, and what the lint lets pass can be assigned,
//! asked and decided, whatever its parameters are set to.

use attune::activities::definition::condition::{By, Condition, Known, MetricIs};
use attune::activities::definition::parts::ParameterType;
use attune::activities::definition::{Definition, answers, catalog, lint};
use attune::error::Code;
use attune::http::body::checked;
use attune::http::contract::validator;
use serde_json::{Map, Value, json};

use super::bodies::check_refusal;
use super::{hunt, operation, spoil};
use crate::isolation::chance::Chance;

fn seeds() -> Vec<Value> {
    let all = catalog::built_in().iter();
    all.map(|one| serde_json::to_value(&one.definition).unwrap()).collect()
}

/// Every form that can be made of it has a schema that compiles, whole and as a draft.
fn check_forms(definition: &Definition) {
    let roles = definition.participation.roles.iter().map(|role| Some(role.as_str()));
    for role in roles.chain([None]) {
        for draft in [false, true] {
            let schema = answers::schema(definition, role, draft);
            assert!(schema.to_string().len() < 1 << 20, "a form without end");
            assert!(validator(&schema).is_ok(), "{schema}");
        }
    }
}

/// Every condition is decided, and not both ways.
fn check_conditions(definition: &Definition) {
    let answers = |_: &str, _: By| vec![json!(3), json!("three"), json!([1, null])];
    let metric = |_: &MetricIs| Some(f64::NAN);
    let fact = |_: &str| None;
    let flag = |name: &str| name == "conjoint_hold";
    let known = Known { answers: &answers, metric: &metric, fact: &fact, flag: &flag };
    let gates = definition.gates.iter().map(|gate| &gate.when);
    let all: Vec<&Condition> =
        gates.chain(definition.signals.iter().map(|one| &one.when)).collect();
    for condition in all {
        assert!(!(condition.holds(&known) && condition.fails(&known)));
    }
}

/// A value for a parameter, which may be at the end of its type and within the parameter's own bounds.
fn value(chance: &mut Chance, kind: ParameterType) -> Value {
    match (kind, chance.below(6)) {
        (_, 0) => json!(null),
        (ParameterType::Integer, 1) => json!(0),
        (ParameterType::Integer, 2) => json!(-1),
        (ParameterType::Integer, 3) => json!(i64::from(i32::MAX)),
        (ParameterType::Integer, 4) => json!(1_000_000_000_000_i64),
        (ParameterType::Integer, _) => json!(chance.below(100)),
        (ParameterType::Boolean, _) => json!(chance.below(2) == 0),
        (ParameterType::LocalTime, _) => json!("23:59"),
        (ParameterType::PhraseList, _) => json!(vec!["One.", "Two."]),
        (_, number) => json!("x".repeat(number * 40)),
    }
}

/// Whatever its parameters are set to, it is refused, or it is an exercise that can be asked.
fn check_parameters(definition: &Definition, chance: &mut Chance) {
    if definition.parameters.is_empty() {
        return;
    }
    let given: Map<String, Value> = definition
        .parameters
        .iter()
        .map(|one| (one.key.clone(), value(chance, one.r#type)))
        .collect();
    match definition.with_new_parameters(&given, "/parameters") {
        Ok(adjusted) => check_forms(&adjusted),
        Err(error) => assert_eq!(error.code(), Code::InvalidFields, "{given:?}: {error}"),
    }
}

#[test]
fn a_spoiled_definition_is_refused_found_fault_with_or_fit_to_assign() {
    let (seeds, operation) = (seeds(), operation("POST", "/v1/activity-definitions"));
    hunt(
        "definition",
        250,
        |chance| spoil::json(chance, &seeds),
        |input| {
            let value = match checked(operation, input) {
                Ok(value) => value,
                Err(error) => {
                    check_refusal(&error);
                    return false;
                }
            };
            let read = serde_json::from_value::<Definition>(value);
            let definition = read.expect("the type reads what the document accepts");
            let again = serde_json::to_value(&definition).unwrap();
            assert_eq!(serde_json::from_value::<Definition>(again).unwrap(), definition);
            if lint::lint(&definition).iter().any(|finding| finding.blocks) {
                return false;
            }
            check_forms(&definition);
            check_conditions(&definition);
            let mut chance = Chance::new(u64::try_from(input.len()).unwrap());
            check_parameters(&definition, &mut chance);
            true
        },
    );
}

/// A parameter keeps its own bounds, and would make of a scale one that has no end.
#[test]
fn a_parameter_makes_no_form_without_end() {
    let mut written = seeds().into_iter().find(|one| one["key"] == "daily_check_in").unwrap();
    let index =
        written["items"].as_array().unwrap().iter().position(|one| one["link_id"] == "mood");
    let scale = written["items"][index.unwrap()]["scale"].clone();
    written["parameters"].as_array_mut().unwrap().extend(["max", "step"].map(|name| {
        let value = scale.get(name).cloned().unwrap_or(json!(1));
        json!({ "key": name, "type": "integer", "default": value,
                "binds": [{ "path": format!("items[mood].scale.{name}") }] })
    }));
    let definition: Definition = serde_json::from_value(written).unwrap();
    let findings = lint::lint(&definition);
    assert!(findings.iter().all(|finding| !finding.blocks), "{findings:?}");
    for (name, given) in [
        ("max", json!(i32::MAX)),
        ("max", json!(i64::MAX)),
        ("max", json!(-4)),
        ("step", json!(0)),
        ("step", json!(-1)),
    ] {
        let parameters = Map::from_iter([(name.to_owned(), given.clone())]);
        let refused = definition.with_new_parameters(&parameters, "/parameters").unwrap_err();
        assert_eq!(refused.code(), Code::InvalidFields, "{name} {given}");
        assert_eq!(refused.faults()[0].pointer, "/parameters");
    }
    let parameters = Map::from_iter([("max".to_owned(), json!(9))]);
    check_forms(&definition.with_new_parameters(&parameters, "/parameters").unwrap());
}
