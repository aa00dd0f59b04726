//! The schema of answers: what an app renders by and the service checks with.

use attune::activities::definition::answers;
use serde_json::{Map, Value, json};

use super::{built_in, own_exercise, read};

fn fits(definition: &Value, draft: bool, given: &Value) -> bool {
    let schema = answers::schema(&read(definition), None, draft);
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap().is_valid(given)
}

/// An exercise with one item, which this is.
fn with_item(item: &Value) -> Value {
    let mut definition = own_exercise();
    let mut item = item.clone();
    item["link_id"] = json!("it");
    item["text"] = json!("?");
    definition["items"] = json!([item]);
    definition
}

/// Every type of item, with answers that fit it and answers that do not.
#[expect(clippy::too_many_lines, reason = "a table")]
fn cases() -> Vec<(Value, Vec<Value>, Vec<Value>)> {
    let options = json!([{ "code": "a", "label": "A" }, { "code": "b", "label": "B" }]);
    let list = json!({ "min_rows": 1, "max_rows": 2 });
    let row = json!([{ "link_id": "task", "type": "string", "text": "Task", "required": true, "max_length": 5 }]);
    let slots = json!([{ "key": "what", "label": "what", "required": true, "max_length": 4 },
                       { "key": "when", "label": "when" }]);
    let inventory = json!({ "entries": [{ "code": "tea", "label": "Tea" }, { "code": "sea", "label": "Sea" }],
                            "responses": ["no", "yes"], "match_set": ["yes"], "custom_entries_max": 1,
                            "min_entries_before_reveal": 2 });
    let id = "cli_01h455vb4pex5vsknk084sn02q";
    vec![
        (json!({ "type": "boolean" }), vec![json!(true)], vec![json!("yes"), json!(1)]),
        (
            json!({ "type": "integer", "min": 1, "max": 3 }),
            vec![json!(1), json!(3)],
            vec![json!(0), json!(4), json!(1.5)],
        ),
        (
            json!({ "type": "decimal", "min": 0.5, "max": 2 }),
            vec![json!(0.5), json!(1.25)],
            vec![json!(0.25), json!("1")],
        ),
        (
            json!({ "type": "scale", "scale": { "min": 0, "max": 10 } }),
            vec![json!(0), json!(10)],
            vec![json!(11), json!(0.5)],
        ),
        (
            json!({ "type": "scale", "scale": { "min": 1, "max": 7, "step": 3 } }),
            vec![json!(4)],
            vec![json!(2), json!(10)],
        ),
        (
            json!({ "type": "choice", "options": options }),
            vec![json!("a")],
            vec![json!("c"), json!(["a"])],
        ),
        (
            json!({ "type": "open_choice", "options": options }),
            vec![json!("a"), json!("own words")],
            vec![json!(""), json!("x".repeat(201))],
        ),
        (
            json!({ "type": "multi_choice", "options": options, "max_choices": 1, "min_choices": 1 }),
            vec![json!(["b"])],
            vec![json!([]), json!(["a", "b"]), json!(["c"]), json!("a")],
        ),
        (
            json!({ "type": "checklist", "options": options }),
            vec![json!([]), json!(["a", "b"])],
            vec![json!(["a", "a"])],
        ),
        (
            json!({ "type": "string", "max_length": 3 }),
            vec![json!("abc")],
            vec![json!("abcd"), json!("")],
        ),
        (
            json!({ "type": "text", "max_length": 3 }),
            vec![json!("äöü")],
            vec![json!("abcd"), json!(3)],
        ),
        (
            json!({ "type": "date" }),
            vec![json!("2026-11-01")],
            vec![json!("2026-02-30"), json!("today")],
        ),
        (json!({ "type": "time" }), vec![json!("23:59")], vec![json!("24:00"), json!("9:00")]),
        (
            json!({ "type": "datetime" }),
            vec![json!("2026-11-01T10:00:00Z")],
            vec![json!("2026-11-01T10:00:00")],
        ),
        (
            json!({ "type": "duration", "unit": "min", "max": 60 }),
            vec![json!(60)],
            vec![json!(61), json!("PT1H")],
        ),
        (json!({ "type": "count", "max": 5 }), vec![json!(0)], vec![json!(-1), json!(6)]),
        (
            json!({ "type": "timer", "timer": { "planned_s": 60, "turns": 2, "max_s": 120 } }),
            vec![json!({ "turns": [{ "actual_s": 61 }] })],
            vec![json!({ "turns": [] }), json!({ "turns": [{ "actual_s": 121 }] }), json!(61)],
        ),
        (
            json!({ "type": "list", "list": list, "items": row }),
            vec![json!([{ "row_id": "r1", "task": "Bins" }])],
            vec![
                json!([]),
                json!([{ "row_id": "r1" }]),
                json!([{ "task": "Bins" }]),
                json!([{ "row_id": "r1", "task": "Bins", "x": 1 }]),
            ],
        ),
        (
            json!({ "type": "template", "template": { "pattern": "{what} {when}", "slots": slots } }),
            vec![json!({ "what": "walk" })],
            vec![json!({ "when": "now" }), json!({ "what": "walks" }), json!("walk")],
        ),
        (
            json!({ "type": "consent", "consent": { "scale": "traffic_light", "valid_for": "PT30M" } }),
            vec![json!("green"), json!("red")],
            vec![json!("blue"), json!({ "light": "red", "reason": "tired" })],
        ),
        (
            json!({ "type": "inventory", "inventory": inventory }),
            vec![
                json!({ "entries": { "tea": "yes", "sea": "no" } }),
                json!({ "entries": { "tea": "yes", "sea": "no" }, "custom": [{ "text": "Rain", "response": "yes" }] }),
            ],
            vec![
                json!({ "entries": { "tea": "yes" } }),
                json!({ "entries": { "tea": "perhaps", "sea": "no" } }),
                json!({}),
            ],
        ),
        (
            json!({ "type": "attestation", "attestation": { "statement": "I agree", "typed_name": true } }),
            vec![json!({ "accepted": true, "typed_name": "Ida" })],
            vec![json!({ "accepted": false, "typed_name": "Ida" }), json!({ "accepted": true })],
        ),
        (
            json!({ "type": "reference", "reference": { "to": "client" } }),
            vec![json!(id)],
            vec![json!("Ida"), json!("cli_1")],
        ),
        (
            json!({ "type": "string", "repeats": true }),
            vec![json!(["a", "b"])],
            vec![json!("a"), json!(vec!["a"; 21])],
        ),
    ]
}

#[test]
fn every_type_of_item_takes_what_fits_and_nothing_else() {
    let (mut fitting, mut refused) = (0, 0);
    for (item, good, bad) in cases() {
        let definition = with_item(&item);
        for answer in good {
            assert!(fits(&definition, false, &json!({ "it": answer })), "{item} takes {answer}");
            fitting += 1;
        }
        for answer in bad {
            assert!(!fits(&definition, false, &json!({ "it": answer })), "{item} refuses {answer}");
            refused += 1;
        }
    }
    let types: std::collections::BTreeSet<_> =
        cases().iter().map(|(item, ..)| item["type"].as_str().unwrap().to_owned()).collect();
    let all =
        attune::activities::definition::ItemType::ALL.iter().filter(|one| one.takes_an_answer());
    assert_eq!(types.len(), all.count(), "every type is tried");
    println!("{fitting} answers fit, {refused} do not, {} types", types.len());
}

#[test]
fn a_submission_answers_what_is_required_and_a_draft_may_leave_it_out() {
    let check_in = built_in("daily_check_in");
    let whole = json!({ "mood": 3, "stress": 4, "gratitude": "The tea." });
    assert!(fits(&check_in, false, &whole));
    for missing in ["mood", "stress", "gratitude"] {
        let mut part: Map<String, Value> = whole.as_object().unwrap().clone();
        part.remove(missing);
        assert!(!fits(&check_in, false, &json!(part)), "without {missing}");
        assert!(fits(&check_in, true, &json!(part)), "a draft without {missing}");
    }
    assert!(!fits(&check_in, true, &json!({ "mood": 9 })), "a draft is checked all the same");
    assert!(!fits(&check_in, true, &json!({ "colour": "blue" })), "nothing that is not asked");
}

#[test]
fn sentences_are_counted_as_people_count_them() {
    let goals = read(&built_in("goal_statements"));
    let question =
        goals.questions().into_iter().find(|(_, item)| item.max_sentences == Some(1)).unwrap();
    let name = question.1.link_id.clone();
    for (text, faults) in [
        ("We talk past each other", 0),
        ("We talk past each other.", 0),
        ("At 7.30 p.m we eat!", 0),
        ("We talk. We do not listen.", 1),
        ("Really? Yes", 1),
        ("…", 0),
    ] {
        let given = json!({ (name.clone()): text });
        let found = answers::sentence_faults(&goals, given.as_object().unwrap(), "/answers");
        assert_eq!(found.len(), faults, "{text}");
        assert!(found.iter().all(|fault| fault.pointer == format!("/answers/{name}")));
    }
}
