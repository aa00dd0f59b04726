//! Schedules: of what has no fault come times in their order, each of them whole, in any zone.

use attune::db::{Date, Instant};
use attune::http::body::checked;
use attune::schedules::{Schedule, Timeline};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::{hunt, operation, spoil};
use crate::support::misfits::NOBODY;

/// Zones with a changing clock, with half hours, and with a day that never was.
const ZONES: [&str; 5] =
    ["America/Los_Angeles", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu", "UTC"];

fn seeds() -> Vec<Value> {
    [
        json!({ "kind": "once", "due": { "on": "2026-12-01", "time": "18:00", "closes_after_minutes": 60 } }),
        json!({ "kind": "daily", "every": 2, "times": ["02:30", "20:00"],
                "opening": { "opens_before_minutes": 15, "closes_after_minutes": 240 } }),
        json!({ "kind": "weekly", "every": 2, "on": [{ "day": "tue", "time": "21:00" }, { "day": "sun" }],
                "min_spacing_hours": 48 }),
        json!({ "kind": "quota", "times": 3, "times_max": 4, "every_weeks": 1, "min_spacing_hours": 12 }),
        json!({ "kind": "monthly", "every": 3, "time": "10:00" }),
        json!({ "kind": "on_demand" }),
        json!({ "kind": "events", "per_day": 5, "day_starts_at": "03:00" }),
    ]
    .into_iter()
    .map(|rhythm| {
        json!({ "activity_definition_id": format!("act_{NOBODY}"),
                "schedule": { "rhythm": rhythm, "window_minutes": 15, "ends_on": "2027-01-31" } })
    })
    .collect()
}

/// The times of a few weeks, which begin before any clock is put forward.
fn check_times(schedule: &Schedule, zone: &str, starts_on: Date, now: Instant) {
    let timeline = Timeline::new(schedule.clone(), TimeZone::get(zone).unwrap(), starts_on);
    let slots: Vec<_> = timeline.slots(starts_on, timeline.horizon(now)).take(400).collect();
    for slot in &slots {
        let due = slot.due_at.unwrap_or(slot.opens_at);
        assert!(slot.opens_at <= due, "{slot:?}");
        assert!(slot.closes_at.is_none_or(|closes| due <= closes), "{slot:?}");
        assert!((1..=24).contains(&slot.slot_no) && slot.local_date >= starts_on, "{slot:?}");
        assert_eq!(timeline.slot(slot.local_date, slot.slot_no), Some(*slot));
        let _ = timeline.falls_at_night(slot, &TimeZone::UTC);
    }
    let named = |pair: &[attune::schedules::Slot]| {
        (pair[0].local_date, pair[0].slot_no) < (pair[1].local_date, pair[1].slot_no)
    };
    assert!(slots.windows(2).all(named), "out of their order");
    assert!(timeline.open_at(now).iter().all(|slot| slot.is_open(now)));
}

#[test]
fn a_spoiled_schedule_is_refused_or_yields_times_in_their_order() {
    let (seeds, operation) = (seeds(), operation("POST", "/v1/assignments"));
    let starts_on: Date = "2026-09-24".parse().unwrap();
    let now: Instant = "2026-09-25T12:00:00Z".parse().unwrap();
    hunt(
        "schedules",
        800,
        |chance| {
            let mut one = seeds.clone();
            let whole = chance.below(seeds.len());
            one.swap(0, whole);
            one.truncate(1 + chance.below(2));
            spoil::json(chance, &one)
        },
        |input| {
            let Ok(body) = checked(operation, input) else { return false };
            let Some(sent) = body.get("schedule").filter(|sent| !sent.is_null()) else {
                return false;
            };
            let schedule: Schedule = serde_json::from_value(sent.clone())
                .expect("the type reads what the document accepts");
            if !schedule.faults("/schedule", starts_on).is_empty() {
                return false;
            }
            let zone = ZONES[input.len() % ZONES.len()];
            check_times(&schedule, zone, starts_on, now);
            true
        },
    );
}
