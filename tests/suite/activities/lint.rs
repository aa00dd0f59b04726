//! One mutation for each rule, each caught by its rule and by no other that blocks.

use attune::activities::definition::lint::{LintRule, lint};
use serde_json::{Value, json};

use super::{built_in, own_exercise, read};

/// The rules that a definition breaks, each once.
fn broken(definition: &Value) -> Vec<&'static str> {
    let mut rules: Vec<_> = lint(&read(definition)).iter().map(|one| one.rule.as_str()).collect();
    rules.dedup();
    rules
}

fn with(mut definition: Value, pointer: &str, value: Value) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    match definition.pointer_mut(parent).unwrap_or_else(|| panic!("no {parent}")) {
        Value::Array(entries) if member == "-" => entries.push(value),
        Value::Array(entries) => entries[member.parse::<usize>().unwrap()] = value,
        Value::Object(members) => drop(members.insert(member.to_owned(), value)),
        other => panic!("{pointer} leads into {other}"),
    }
    definition
}

fn without(mut definition: Value, pointer: &str) -> Value {
    let (parent, member) = pointer.rsplit_once('/').unwrap();
    match definition.pointer_mut(parent).unwrap() {
        Value::Array(entries) => drop(entries.remove(member.parse().unwrap())),
        Value::Object(members) => drop(members.remove(member)),
        other => panic!("{pointer} leads into {other}"),
    }
    definition
}

/// Where an item of this name stands.
fn item(definition: &Value, link_id: &str) -> String {
    let items = definition["items"].as_array().unwrap();
    let index = items.iter().position(|item| item["link_id"] == link_id);
    format!("/items/{}", index.unwrap_or_else(|| panic!("no item {link_id}")))
}

fn signal(when: &Value, effect: &str, code: &str, to: &[&str]) -> Value {
    json!({ "id": "planted", "when": when,
            "effect": { "type": effect, "code": code, "severity": "high", "to": to } })
}

/// A list whose rows ask this.
fn rows(asked: &Value) -> Value {
    json!({ "link_id": "rows", "type": "list", "text": "One row each", "about": "couple", "visibility": "shared",
            "list": { "min_rows": 0, "max_rows": 5 }, "items": [asked] })
}

/// Rule, what is wrong, and the definition with the fault in it.
#[expect(clippy::too_many_lines, reason = "a table")]
fn mutations() -> Vec<(&'static str, &'static str, Value)> {
    let check_in = || built_in("daily_check_in");
    let inventory = || built_in("sensual_inventory");
    let screen = || built_in("private_safety_check");
    let mood = item(&check_in(), "mood");
    let afraid = json!({ "answer": "went", "op": "=", "value": false });
    vec![
        ("L0", "a scale without a scale", without(check_in(), &format!("{mood}/scale"))),
        ("L0", "options on a text", {
            let note = item(&check_in(), "private_note");
            with(check_in(), &format!("{note}/options"), json!([{ "code": "a", "label": "A" }]))
        }),
        ("L0", "a scale upside down", with(check_in(), &format!("{mood}/scale/max"), json!(-3))),
        ("L0", "a bound that is no exact number", {
            let pulse = built_in("weekly_pulse");
            let moments = item(&pulse, "soft_moments");
            with(pulse, &format!("{moments}/max"), json!(i64::MAX))
        }),
        ("L0", "a role that is none", with(check_in(), &format!("{mood}/role"), json!("speaker"))),
        ("L0", "every word matches", {
            let all = json!(["yes", "curious", "not_now", "no"]);
            with(inventory(), "/items/0/inventory/match_set", all)
        }),
        (
            "L1",
            "one name twice",
            with(check_in(), "/items/-", check_in().pointer(&mood).unwrap().clone()),
        ),
        ("L2", "an answer that is not asked", {
            let when = json!({ "answer": "nothing", "op": "exists" });
            with(
                check_in(),
                "/signals/-",
                signal(&when, "clinician_prompt", "look", &["clinician"]),
            )
        }),
        ("L2", "a fact that is none", {
            with(
                check_in(),
                "/gates/0/when",
                json!({ "fact": "moon.phase", "op": "=", "value": "full" }),
            )
        }),
        ("L2", "a flag that cannot be raised", {
            let when = json!({ "answer": "alone_now", "op": "=", "value": true });
            with(
                screen(),
                "/signals/-",
                signal(&when, "safety_flag", "conjoint_hold", &["clinician"]),
            )
        }),
        ("L3", "grading the giver", {
            let touch = with(check_in(), "/category", json!("touch"));
            with(touch, &format!("{mood}/about"), json!("partner"))
        }),
        ("L3", "grading the giver in a row", {
            let touch = with(check_in(), "/category", json!("touch"));
            let asked = json!({ "link_id": "grade", "type": "integer", "text": "How was the other?", "about": "partner" });
            with(touch, "/items/-", rows(&asked))
        }),
        ("L4", "counting in a row", {
            let asked = json!({ "link_id": "times", "type": "count", "text": "How often?", "about": "couple" });
            with(inventory(), "/items/-", rows(&asked))
        }),
        ("L4", "done when there were so many", {
            let counted = json!({ "unit": "week", "completed_when": "count_at_least",
                                  "count": { "min": 3, "scope": "couple" }, "show_to_partners": "couple_total" });
            with(inventory(), "/adherence", counted)
        }),
        ("L4", "counting", {
            let count = json!({ "link_id": "times", "type": "count", "text": "How often?", "about": "couple",
                                "visibility": "shared" });
            with(inventory(), "/items/-", count)
        }),
        (
            "L4",
            "figures of each",
            with(check_in(), "/adherence/show_to_partners", json!("per_person")),
        ),
        ("L5", "a safety question that the partner sees", {
            with(
                own_exercise(),
                "/signals",
                json!([signal(&afraid, "safety_flag", "fear_of_partner", &["clinician"])]),
            )
        }),
        ("L6", "a line that restricts", {
            let line = json!([{ "id": "line", "text": "Whoever is late must hand over your phone for a day." }]);
            with(own_exercise(), "/instructions", line)
        }),
        (
            "L7",
            "words that accuse",
            with(own_exercise(), "/items/0/text", json!("Why do you never come along?")),
        ),
        ("L8", "for minors", with(inventory(), "/adults_only", json!(false))),
        ("L9", "an inventory for everybody", {
            with(inventory(), "/items/0/visibility", json!("shared"))
        }),
        (
            "L9",
            "overlap of a scale",
            with(check_in(), &format!("{mood}/visibility"), json!("overlap_only")),
        ),
        ("L10", "a light for everybody", {
            let light = json!({ "link_id": "light", "type": "consent", "text": "Your light", "about": "self",
                                "visibility": "shared",
                                "consent": { "scale": "traffic_light", "valid_for": "PT30M" } });
            with(check_in(), "/items/-", light)
        }),
        ("L11", "no thread", with(check_in(), "/threads", json!([]))),
        (
            "L12",
            "counted and never done",
            with(check_in(), "/adherence/completed_when", json!("never")),
        ),
        ("L13", "a flag for the couple", {
            let when = json!({ "answer": "alone_now", "op": "=", "value": true });
            with(
                screen(),
                "/signals/-",
                signal(&when, "safety_flag", "fear_of_partner", &["clinician", "couple"]),
            )
        }),
        ("L13", "a prompt by what clinicians do not read", {
            let own = built_in("session_fit");
            let blamed = item(&own, "blamed");
            with(own, &format!("{blamed}/visibility"), json!("author_only"))
        }),
        ("L13", "a flag by what clinicians learn only with all answers", {
            let own = built_in("private_safety_check");
            let monitored = item(&own, "monitored");
            with(own, &format!("{monitored}/clinician_visibility"), json!("aggregate"))
        }),
        ("L14", "a document nobody agrees on", with(check_in(), "/capture", json!("document"))),
        ("L15", "a parameter that is none", {
            with(
                check_in(),
                "/gates/0/when",
                json!({ "fact": "params.nothing", "op": "=", "value": 1 }),
            )
        }),
        ("L16", "no gate at start", {
            let gates = inventory()["gates"].as_array().unwrap().clone();
            let kept: Vec<Value> = gates.into_iter().filter(|gate| gate["at"] != "start").collect();
            with(inventory(), "/gates", json!(kept))
        }),
        ("L16", "a gate that only warns", with(inventory(), "/gates/0/else/action", json!("warn"))),
        ("L16", "a gate without the screen that it is there for", {
            let asks = json!({ "fact": "consent.sexual_health_homework", "op": "=", "value": "all_active" });
            with(inventory(), "/gates/0/when", asks)
        }),
        ("L16", "a screen or something else", {
            let screened = json!({ "fact": "safety_screen.completed_individually", "op": "=", "value": "all" });
            let either = json!({ "any": [screened, { "fact": "members.min_age_years", "op": ">=", "value": 18 }] });
            let consented = json!({ "fact": "consent.sexual_health_homework", "op": "=", "value": "all_active" });
            with(inventory(), "/gates/0/when", json!({ "all": [consented, either] }))
        }),
        ("L17", "one client's answer for partners", {
            let own = built_in("session_fit");
            with(own, "/items/0/visibility", json!("shared"))
        }),
        ("L18", "nothing pauses it", without(own_exercise(), "/gates")),
        (
            "L18",
            "a pause that only warns",
            with(own_exercise(), "/gates/0/else/action", json!("warn")),
        ),
        (
            "L18",
            "a pause that is one of two ways",
            with(
                own_exercise(),
                "/gates/0/when",
                json!({ "any": [{ "flag": "conjoint_hold", "active": false },
                                { "flag": "touch_hold", "active": false }] }),
            ),
        ),
        ("L19", "a choice that shows partners a safety answer", {
            let asks = json!({ "link_id": "afraid", "type": "boolean", "text": "Are you afraid?", "required": true,
                               "about": "self", "visibility": "clinician" });
            let when = json!({ "answer": "afraid", "op": "=", "value": true });
            let flagged = with(
                with(own_exercise(), "/items/-", asks),
                "/signals",
                json!([signal(&when, "safety_flag", "fear_of_partner", &["clinician"])]),
            );
            let choice = json!({ "key": "who", "type": "choice", "options": ["clinician", "shared"],
                                 "default": "clinician", "binds": [{ "path": "items[afraid].visibility" }] });
            with(flagged, "/parameters", json!([choice]))
        }),
        ("L19", "a parameter that leads nowhere", {
            with(check_in(), "/parameters/0/binds/0/path", json!("timing.nothing"))
        }),
        ("L19", "a default that does not stand there", {
            with(check_in(), "/parameters/0/default", json!(12))
        }),
        ("L20", "a figure that tells of the role nobody else reads", {
            let mut definition = own_exercise();
            definition["participation"] =
                json!({ "mode": "roles", "roles": ["speaker", "listener"] });
            definition["adherence"]["show_to_partners"] = json!("couple_total");
            definition["items"][0]["role"] = json!("speaker");
            let heard = json!({ "link_id": "heard", "type": "text", "text": "What did you hear?", "max_length": 400,
                                "required": true, "about": "self", "visibility": "clinician", "role": "listener" });
            with(definition, "/items/-", heard)
        }),
        ("L20", "a figure that tells who has answered", {
            let mut definition = check_in();
            for item in definition["items"].as_array_mut().unwrap() {
                if item["required"] == true {
                    item["visibility"] = json!("clinician");
                }
            }
            definition
        }),
    ]
}

#[test]
fn one_mutation_for_each_rule_is_caught_by_its_rule() {
    assert!(broken(&own_exercise()).is_empty(), "{:?}", lint(&read(&own_exercise())));
    let all = mutations();
    for (rule, what, definition) in &all {
        let rules = broken(definition);
        assert_eq!(rules, [*rule], "{what}: {:#?}", lint(&read(definition)));
    }
    for rule in LintRule::ALL {
        assert!(all.iter().any(|(tried, ..)| *tried == rule.as_str()), "nothing breaks {rule:?}");
    }
    println!("{} mutations of {} rules, each caught by its rule", all.len(), LintRule::ALL.len());
}

#[test]
fn every_fault_is_reported_at_once_and_a_hint_blocks_nothing() {
    let mut definition = own_exercise();
    definition["threads"] = json!([]);
    definition["gates"] = json!([]);
    definition["items"][1]["visibility"] = json!("overlap_only");
    definition["items"][0]["text"] = json!("You never walk with me?");
    let findings = lint(&read(&definition));
    let rules: Vec<_> = findings.iter().map(|one| (one.rule.as_str(), one.blocks)).collect();
    assert_eq!(rules, [("L7", false), ("L9", true), ("L11", true), ("L18", true)]);
}

/// Limits of conditions and items are those of the design, to the number.
#[test]
fn a_definition_is_no_larger_than_the_engine_can_bear() {
    let leaf = json!({ "flag": "conjoint_hold", "active": false });
    let deep = |levels: usize| (0..levels).fold(leaf.clone(), |inner, _| json!({ "not": inner }));
    let gate = |when: Value| {
        with(
            own_exercise(),
            "/gates/-",
            json!({
        "at": "start", "when": when, "else": { "action": "warn", "code": "slow" } }),
        )
    };
    assert!(broken(&gate(deep(5))).is_empty());
    assert_eq!(broken(&gate(deep(6))), ["L0"]);
    let wide = |leaves: usize| json!({ "all": vec![leaf.clone(); leaves] });
    assert!(broken(&gate(wide(49))).is_empty());
    assert_eq!(broken(&gate(wide(50))), ["L0"]);
    let question = |number: usize| {
        json!({ "link_id": format!("q_{number}"), "type": "boolean",
        "text": "?", "visibility": "shared" })
    };
    let items = |count: usize| with(own_exercise(), "/items", (0..count).map(question).collect());
    assert!(broken(&items(80)).is_empty());
    assert_eq!(broken(&items(81)), ["L0"]);
    let group = |inner: Value, level: usize| json!({ "link_id": format!("level_{level}"), "type": "group", "items": [inner] });
    let nested =
        |levels: usize| with(own_exercise(), "/items/-", (1..levels).fold(question(0), group));
    assert!(broken(&nested(3)).is_empty(), "{:?}", lint(&read(&nested(3))));
    assert_eq!(broken(&nested(4)), ["L0"]);
    let helped = |letters: usize| with(own_exercise(), "/items/0/help", json!("x".repeat(letters)));
    let bytes = |definition: &Value| serde_json::to_vec(&read(definition)).unwrap().len();
    let room = 64 * 1024 - bytes(&helped(0));
    assert_eq!(bytes(&helped(room)), 65_536);
    assert!(broken(&helped(room)).is_empty(), "{:?}", lint(&read(&helped(room))));
    assert_eq!(broken(&helped(room + 1)), ["L0"]);
}
