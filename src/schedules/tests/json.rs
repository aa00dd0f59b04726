//! The form in which a schedule is sent.

use serde_json::{Value, json};
use utoipa::PartialSchema;
use utoipa::openapi::RefOr;

use super::*;

fn read(value: Value) -> Result<Schedule, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[test]
fn every_kind_survives_its_json() {
    for rhythm in [
        json!({ "kind": "once" }),
        json!({ "kind": "once", "due": { "on": "2026-12-01", "time": "18:00", "closes_after_minutes": 60 } }),
        json!({ "kind": "daily", "every": 1, "times": ["20:00"],
                "opening": { "opens_before_minutes": 15, "closes_after_minutes": 240 } }),
        json!({ "kind": "weekly", "every": 2, "on": [{ "day": "tue", "time": "21:00" }, { "day": "fri" }],
                "min_spacing_hours": 48 }),
        json!({ "kind": "quota", "times": 3, "times_max": 4, "every_weeks": 1, "min_spacing_hours": 12 }),
        json!({ "kind": "monthly", "every": 3, "time": "10:00" }),
        json!({ "kind": "on_demand" }),
        json!({ "kind": "events", "per_day": 5 }),
    ] {
        let sent = json!({ "rhythm": rhythm, "window_minutes": 15, "ends_on": "2027-01-01" });
        let schedule = read(sent.clone()).unwrap();
        assert_eq!(serde_json::to_value(&schedule).unwrap(), sent);
    }
}

#[test]
fn what_is_left_out_is_once_in_one() {
    let schedule = read(json!({ "rhythm": { "kind": "daily" } })).unwrap();
    assert_eq!(schedule, super::schedule(daily(&[])));
}

#[test]
fn no_kind_has_the_members_of_another() {
    for rhythm in [
        json!({ "kind": "on_demand", "every": 1 }),
        json!({ "kind": "once", "times": ["20:00"] }),
        json!({ "kind": "once", "due": { "time": "20:00" } }),
        json!({ "kind": "quota", "times": 3, "opening": {} }),
        json!({ "kind": "events", "window_minutes": 15 }),
        json!({ "kind": "weekly", "on": [{ "day": "mon", "times": [] }] }),
        json!({ "kind": "daily", "times": ["8:00"] }),
        json!({ "kind": "daily", "every": 300 }),
        json!({ "kind": "yearly" }),
        json!({}),
    ] {
        assert!(read(json!({ "rhythm": rhythm })).is_err(), "{rhythm}");
    }
    assert!(read(json!({ "rhythm": { "kind": "on_demand" }, "zone": "UTC" })).is_err());
}

/// Every number in a schema, with its bounds.
fn unbounded(schema: &Value, at: &str, found: &mut Vec<String>) {
    match schema {
        Value::Object(members) => {
            let integer = match members.get("type") {
                Some(Value::Array(types)) => types.contains(&json!("integer")),
                Some(name) => name == "integer",
                None => false,
            };
            if integer && !(members.contains_key("minimum") && members.contains_key("maximum")) {
                found.push(at.to_owned());
            }
            members
                .iter()
                .for_each(|(name, inner)| unbounded(inner, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => items.iter().for_each(|inner| unbounded(inner, at, found)),
        _ => {}
    }
}

#[test]
fn every_number_has_a_minimum_and_a_maximum_in_the_schema() {
    let schemas: [RefOr<utoipa::openapi::Schema>; 5] =
        [Schedule::schema(), Rhythm::schema(), Due::schema(), OnDay::schema(), Opening::schema()];
    for schema in schemas {
        let mut found = Vec::new();
        unbounded(&serde_json::to_value(schema).unwrap(), "", &mut found);
        assert_eq!(found, [""; 0]);
    }
}
