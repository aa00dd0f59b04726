//! The couple is led by a programme, in both worlds: begun, and from phase to phase.

use serde_json::json;

use super::tale::{Act, Tale, day_after};
use super::world::CLINICIAN;
use crate::isolation::chance::Chance;

const REASON: &str = "They have agreed on it in session.";

/// A programme begins today, or began some days ago.
pub fn begins(tale: &Tale, chance: &mut Chance) -> Act {
    let key = ["trust_and_momentum", "roadmap_60_day"][chance.below(4).min(1)];
    let days = i64::try_from(chance.below(3)).unwrap();
    let body = json!({ "program_definition_key": key, "couple_id": tale.couple,
        "starts_on": day_after(&tale.today, -4 * days), "reason": REASON });
    Act::post(CLINICIAN, "/v1/programs", body)
}

/// Whoever leads it goes on, stays, lets it rest, or leaves the plan.
pub fn leads(tale: &Tale, chance: &mut Chance) -> Option<Act> {
    let path = format!("/v1/programs/{}", tale.programs.last()?);
    let reason = json!({ "reason": REASON });
    let (step, body) = match chance.below(12) {
        0..=4 => ("advance", Some(reason)),
        5 | 6 => ("extend", Some(json!({ "days": 7, "reason": REASON }))),
        7 => ("pause", Some(json!({ "resume_on": day_after(&tale.today, 3) }))),
        8 => ("resume", None),
        9 => {
            let action = ["check_in", "gestures", "repairs", "ritual"][chance.below(4)];
            let kind = ["skip", "skip", "take_up"][chance.below(3)];
            ("deviate", Some(json!({ "kind": kind, "action": action, "reason": REASON })))
        }
        10 => ("complete", Some(reason)),
        _ => ("withdraw", None),
    };
    Some(Act::post(CLINICIAN, format!("{path}/{step}"), body))
}
