//! Conditions: what is known is compared, what is not known opens nothing.

use attune::activities::definition::condition::{By, Condition, Known, MetricIs};
use proptest::prelude::*;
use serde_json::{Value, json};

fn condition(text: Value) -> Condition {
    serde_json::from_value(text).unwrap()
}

/// What one couple's record says.
fn holds(asked: &Condition, mood: &[Value]) -> bool {
    let answers = |link_id: &str, by: By| match (link_id, by) {
        ("mood", By::Author) => mood.first().cloned().into_iter().collect(),
        ("mood", _) => mood.to_vec(),
        _ => Vec::new(),
    };
    let metric = |asked: &MetricIs| (asked.metric == "session_fit.total").then_some(31.5);
    let fact = |name: &str| (name == "couple.status").then(|| json!("active"));
    let flag = |name: &str| name == "touch_hold";
    asked.holds(&Known { answers: &answers, metric: &metric, fact: &fact, flag: &flag })
}

#[test]
fn every_comparison_does_what_it_says() {
    let mood = [json!(2), json!(4)];
    for (asked, expected) in [
        (json!({ "answer": "mood", "op": "=", "value": 2 }), true),
        (json!({ "answer": "mood", "op": "=", "value": 2.0 }), true),
        (json!({ "answer": "mood", "op": "!=", "value": 2 }), false),
        (json!({ "answer": "mood", "op": "<", "value": 3 }), true),
        (json!({ "answer": "mood", "op": ">", "value": 3 }), false),
        (json!({ "answer": "mood", "op": ">", "value": 3, "by": "any" }), true),
        (json!({ "answer": "mood", "op": ">=", "value": 2, "by": "each" }), true),
        (json!({ "answer": "mood", "op": ">=", "value": 3, "by": "each" }), false),
        (json!({ "answer": "mood", "op": "in", "value": [1, 2] }), true),
        (json!({ "answer": "mood", "op": "not_in", "value": [1, 2] }), false),
        (json!({ "answer": "mood", "op": "exists" }), true),
        (json!({ "answer": "nothing", "op": "exists" }), false),
        (json!({ "metric": "session_fit.total", "op": "<", "value": 36 }), true),
        (json!({ "fact": "couple.status", "op": "=", "value": "active" }), true),
        (json!({ "fact": "couple.status", "op": "not_in", "value": ["active"] }), false),
        (json!({ "flag": "touch_hold", "active": true }), true),
        (json!({ "flag": "conjoint_hold", "active": true }), false),
        (
            json!({ "all": [{ "flag": "touch_hold", "active": true }, { "fact": "couple.status", "op": "exists" }] }),
            true,
        ),
        (
            json!({ "any": [{ "flag": "conjoint_hold", "active": true }, { "flag": "touch_hold", "active": true }] }),
            true,
        ),
        (json!({ "not": { "flag": "touch_hold", "active": true } }), false),
    ] {
        assert_eq!(holds(&condition(asked.clone()), &mood), expected, "{asked}");
    }
}

/// A gate on a feature that is not there is closed, whichever way it is asked.
#[test]
fn what_is_not_known_opens_nothing() {
    for unknown in [
        json!({ "fact": "time_out.open", "op": "=", "value": false }),
        json!({ "fact": "time_out.open", "op": "!=", "value": true }),
        json!({ "fact": "time_out.open", "op": "not_in", "value": ["open"] }),
        json!({ "metric": "mean_mood.author", "op": "<=", "value": 5 }),
    ] {
        assert!(!holds(&condition(unknown.clone()), &[]), "{unknown}");
        assert!(!holds(&condition(json!({ "not": unknown.clone() })), &[]), "not {unknown}");
        let beside = json!({ "flag": "touch_hold", "active": true });
        assert!(!holds(&condition(json!({ "all": [unknown.clone(), beside.clone()] })), &[]));
        assert!(holds(&condition(json!({ "any": [unknown, beside] })), &[]), "another way is open");
    }
}

fn any_condition() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(|active| json!({ "flag": "touch_hold", "active": active })),
        (0..6).prop_map(|value| json!({ "answer": "mood", "op": "<=", "value": value })),
        Just(json!({ "fact": "time_out.open", "op": "=", "value": false })),
        Just(json!({ "fact": "couple.status", "op": "=", "value": "active" })),
    ];
    leaf.prop_recursive(4, 30, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| json!({ "all": all })),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|any| json!({ "any": any })),
            inner.prop_map(|not| json!({ "not": not })),
        ]
    })
}

proptest! {
    /// `all` and `any` are one another's mirror (De Morgan), and asking twice the contrary is asking.
    #[test]
    fn conditions_keep_the_laws_of_logic(parts in prop::collection::vec(any_condition(), 1..4), mood in 0..6) {
        let mood = [json!(mood)];
        let not = |part: &Value| json!({ "not": part });
        let none_fails = condition(json!({ "not": { "any": parts.iter().map(not).collect::<Vec<_>>() } }));
        let all = condition(json!({ "all": parts }));
        prop_assert_eq!(holds(&all, &mood), holds(&none_fails, &mood));
        let twice = condition(json!({ "not": { "not": parts[0] } }));
        prop_assert_eq!(holds(&twice, &mood), holds(&condition(parts[0].clone()), &mood));
        let both = condition(json!({ "all": [parts[0], not(&parts[0])] }));
        prop_assert!(!holds(&both, &mood));
    }
}
