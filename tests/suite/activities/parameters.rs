//! Parameters: within their bounds they stand where they belong, and nothing else changes.

use serde_json::{Value, json};

use super::{built_in, own_exercise, read};

fn assign(key: &str, given: &Value) -> Result<Value, Vec<String>> {
    let definition = read(&built_in(key));
    let given = given.as_object().unwrap();
    match definition.with_parameters(given, "/parameters") {
        Ok(bound) => Ok(serde_json::to_value(bound).unwrap()),
        Err(error) => Err(error
            .faults()
            .iter()
            .map(|fault| format!("{} {}", fault.pointer, fault.code))
            .collect()),
    }
}

#[test]
fn a_parameter_stands_where_the_definition_says_and_nothing_else_changes() {
    let bound =
        assign("daily_check_in", &json!({ "window_minutes": 20, "local_time": "07:15" })).unwrap();
    assert_eq!(bound["timing"]["window_minutes"], 20);
    assert_eq!(bound["timing"]["repeat"]["time_of_day"], json!(["07:15"]));
    let mut expected = built_in("daily_check_in");
    expected["timing"]["window_minutes"] = json!(20);
    expected["timing"]["repeat"]["time_of_day"] = json!(["07:15"]);
    assert_eq!(bound, expected);
    for (_, definition) in attune::activities::definition::catalog::FILES {
        let definition: Value = serde_json::from_str(definition).unwrap();
        let key = definition["key"].as_str().unwrap();
        assert_eq!(assign(key, &json!({})).unwrap(), built_in(key), "{key} with nothing given");
        let defaults = definition["parameters"].as_array().into_iter().flatten();
        let defaults: Value = defaults
            .map(|one| (one["key"].as_str().unwrap().to_owned(), one["default"].clone()))
            .collect();
        let defaults = if defaults.is_object() { defaults } else { json!({}) };
        assert_eq!(assign(key, &defaults).unwrap(), built_in(key), "{key} with its defaults");
    }
}

/// Each is within its own bounds, and what they make of the exercise could never have been activated.
#[test]
fn parameters_make_no_exercise_that_breaks_a_rule() {
    let mut written = own_exercise();
    let asks = json!({ "link_id": "afraid", "type": "boolean", "text": "Are you afraid?", "required": true,
                       "about": "self", "visibility": "clinician" });
    written["items"].as_array_mut().unwrap().push(asks);
    written["instructions"] = json!([{ "id": "agreed", "text": "What you agreed on." }]);
    written["signals"] = json!([{ "id": "fear", "when": { "answer": "afraid", "op": "=", "value": true },
        "effect": { "type": "safety_flag", "code": "fear_of_partner", "severity": "critical", "to": ["clinician"] } }]);
    written["parameters"] = json!([
        { "key": "who", "type": "choice", "options": ["clinician", "shared"], "default": "clinician",
          "binds": [{ "path": "items[afraid].visibility" }] },
        { "key": "words", "type": "string", "default": "What you agreed on.",
          "binds": [{ "path": "instructions[agreed].text" }] },
        { "key": "name", "type": "string", "default": "Walk", "used_by": "display" },
    ]);
    let definition = read(&written);
    let made = |given: Value| {
        let given = given.as_object().unwrap().clone();
        definition.with_new_parameters(&given, "/parameters")
    };
    for (given, pointer, detail) in [
        (json!({ "who": "shared" }), "/parameters", "breaks L5 at `/items/2`"),
        (json!({ "words": "Hand over your phone at night." }), "/parameters/words", "(L6)"),
        (json!({ "name": "No sleep until we agree" }), "/parameters/name", "(L6)"),
    ] {
        let refused = made(given.clone()).unwrap_err();
        let [fault] = refused.faults() else { panic!("{given}: {refused}") };
        assert_eq!((fault.pointer.as_str(), &*fault.code), (pointer, "mismatch"));
        assert!(fault.detail.contains(detail), "{given}: {}", fault.detail);
    }
    let bound = made(json!({ "who": "clinician", "words": "The walk after dinner." })).unwrap();
    assert_eq!(bound.instructions[0].text, "The walk after dinner.");

    // What the exercise breaks by itself, as one of before there was the rule, is not the fault of whoever assigns it.
    written["gates"] = json!([]);
    let old = read(&written);
    let given = json!({ "words": "The walk after dinner." }).as_object().unwrap().clone();
    assert!(old.with_new_parameters(&given, "/parameters").is_ok());
}

#[test]
fn every_wrong_parameter_is_told_at_once() {
    let wrong = json!({ "window_minutes": 21, "local_time": "25:00", "weekly_target": "seven", "colour": 1 });
    let mut faults = assign("daily_check_in", &wrong).unwrap_err();
    faults.sort();
    assert_eq!(
        faults,
        [
            "/parameters unknown_field",
            "/parameters/local_time wrong_form",
            "/parameters/weekly_target wrong_type",
            "/parameters/window_minutes too_large",
        ]
    );
    let mode = assign("repair_log", &json!({ "tracking_mode": "loudly" })).unwrap_err();
    assert_eq!(mode, ["/parameters/tracking_mode unknown_value"]);
}
