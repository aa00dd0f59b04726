//! What is sent: fitting answers to every exercise of the story.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::activities::built_in;
use crate::isolation::chance::Chance;

/// What a couple is assigned.
pub const FOR_COUPLES: [&str; 10] = [
    OWN,
    "daily_check_in",
    "goal_statements",
    "weekly_pulse",
    "six_threads_check",
    "quarterly_review",
    "bids",
    "friendly_gestures",
    "repair_log",
    "celebrate_change",
];
/// What one client is assigned.
pub const ALONE: [&str; 5] =
    ["session_fit", "label_to_observation", "big_rocks", "risk_screen", "private_safety_check"];
/// What a couple is assigned that has consented to it.
pub const SEXUAL: &str = "sensual_inventory";
/// An exercise of the practice's own. It has what no built-in one has: a note to self, which no clinician reads either.
pub const OWN: &str = "two_letters";
/// Nothing of what is sent to these is seen by another before all have sent.
const MUTUAL: [&str; 5] = ["goal_statements", "weekly_pulse", "six_threads_check", OWN, SEXUAL];

/// The practice's own exercise, as its clinician writes it.
pub fn own() -> Value {
    json!({
        "key": OWN, "version": "1.0.0", "title": "Two letters", "source": [{ "seed": "practice", "ref": "our own" }],
        "category": "shared_meaning", "threads": ["shared_meaning"], "sensitivity": "relational",
        "subject": "couple", "capture": "form", "participation": { "mode": "each" },
        "gates": [{ "at": "open", "when": { "flag": "conjoint_hold", "active": false },
                    "else": { "action": "block_neutral", "code": "paused", "public_text": "Resting for now." } }],
        "items": [
            { "link_id": "letter", "type": "text", "text": "What you would write", "max_length": 400, "required": true,
              "about": "self", "visibility": "mutual_reveal" },
            { "link_id": "to_self", "type": "text", "text": "A note to yourself", "max_length": 400, "about": "self",
              "visibility": "author_only" },
        ],
        "adherence": { "unit": "occurrence", "completed_when": "all_submitted", "show_to_partners": "couple_total" },
    })
}

/// The entries of the inventory.
static ENTRIES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let inventory = built_in(SEXUAL);
    let entries = inventory["items"][0]["inventory"]["entries"].as_array().unwrap().iter();
    entries.map(|entry| entry["code"].as_str().unwrap().to_owned()).collect()
});

pub fn is_event(key: &str) -> bool {
    ["bids", "friendly_gestures", "repair_log"].contains(&key)
}

pub fn is_mutual(key: &str) -> bool {
    MUTUAL.contains(&key)
}

/// One writes for both, and the other says whether it is so.
pub fn is_joint(key: &str) -> bool {
    key == "celebrate_change"
}

/// Done on every day, and not once.
pub fn is_daily(key: &str) -> bool {
    ["daily_check_in", "weekly_pulse", "six_threads_check", "quarterly_review"].contains(&key)
}

/// Answers to a form.
pub fn answers(key: &str, chance: &mut Chance) -> Value {
    let word = chance.text(b"abcdefghij", 6);
    let mut to = |most: usize| chance.below(most + 1);
    match key {
        "daily_check_in" => json!({ "mood": 1 + to(4), "stress": to(10), "gratitude": word,
            "private_note": format!("Alone: {word}") }),
        "goal_statements" => json!({ "problem": format!("We argue about {word}."),
            "outcome": format!("We laugh about {word}."), "horizon_months": 3 + to(3), "themes": ["friendship"] }),
        "weekly_pulse" => json!({ "blowups": to(5), "soft_moments": to(5), "clear_asks": to(5),
            "temperature": to(10), "ease_of_reaching": to(10), "gestures_noticed": to(50),
            "resentment": to(4), "feel_like_house_manager": to(4) }),
        "six_threads_check" => json!({ "emotional_safety": to(10), "physical_affection": to(10),
            "sexual_connection": to(10), "shared_meaning": to(10), "practical_partnership": to(10),
            "autonomy": to(10) }),
        "quarterly_review" => json!({ "felt_good": format!("The {word}."),
            "felt_heavy": format!("Not the {word}."), "experiment": format!("More {word}.") }),
        "celebrate_change" => {
            json!({ "changes": [{ "row_id": "one", "change": format!("We {word} again.") }] })
        }
        OWN => {
            json!({ "letter": format!("Dear {word},"), "to_self": format!("Never sent: {word}") })
        }
        "session_fit" => json!({ "understood": to(4), "challenged": to(4), "blamed": to(4),
            "placated": to(4), "note": word }),
        "label_to_observation" => json!({ "pairs": [
            { "row_id": "one", "label_text": word, "observation": "Came home late" }] }),
        "risk_screen" => json!({ "private_device": true, "alone_now": true, "infidelity": "no",
            "untreated_addiction": "no", "afraid": (["no", "yes"][to(1)]), "major_symptoms": "no" }),
        "private_safety_check" => json!({ "private_device": true, "alone_now": true,
            "safe_at_home": (["yes", "no"][to(1)]), "free_to_say_no": "no", "monitored": "yes",
            "hide_in_my_app": false, "note": word }),
        SEXUAL => {
            let words = ["yes", "yes", "curious", "not_now", "no"];
            let entries: Map<String, Value> =
                ENTRIES.iter().map(|code| (code.clone(), json!(words[to(4)]))).collect();
            json!({ "inventory": { "entries": entries } })
        }
        // Of `big_rocks` every answer may be left out.
        _ => json!({}),
    }
}

/// One to three events.
pub fn events(key: &str, chance: &mut Chance) -> Value {
    let count = 1 + chance.below(3);
    let entries = (0..count).map(|number| {
        let word = chance.text(b"klmnop", 5);
        let answers = match key {
            "bids" => json!({ "what": word, "made_by": "me", "my_response": "away" }),
            "repair_log" => json!({ "kind": "humor", "words": word, "received": "not_yet" }),
            _ => json!({ "kind": "hug", "note": word }),
        };
        json!({ "at": format!("2026-12-01T10:0{number}:00Z"), "answers": answers })
    });
    entries.collect()
}

/// The question whose answer the other never reads, and another answer to it.
pub fn private_answer(key: &str, chance: &mut Chance) -> Option<(&'static str, Value)> {
    let number = chance.below(5);
    Some(match key {
        "daily_check_in" => ("private_note", json!(format!("Thought again: {number}"))),
        OWN => ("to_self", json!(format!("Written again: {number}"))),
        "goal_statements" => ("themes", json!([(["friendship", "romance"][number % 2])])),
        "weekly_pulse" => ("resentment", json!(number)),
        "six_threads_check" => ("sexual_connection", json!(number)),
        "bids" => ("my_response", json!((["toward", "away", "missed"][number % 3]))),
        "repair_log" => ("received", json!((["accepted", "not_yet"][number % 2]))),
        _ => return None,
    })
}

/// True for what has such a question.
pub fn has_private_part(key: &str) -> bool {
    private_answer(key, &mut Chance::new(0)).is_some()
}

/// A whole submission.
pub fn submitted(key: &str, chance: &mut Chance) -> Value {
    if is_event(key) {
        json!({ "status": "submitted", "entries": events(key, chance) })
    } else {
        json!({ "status": "submitted", "answers": answers(key, chance) })
    }
}

/// The same from a device that both use: without what the other is never to read as it was given. None of what cannot
/// be sent from there.
pub fn from_the_tablet(key: &str, mut body: Value) -> Option<Value> {
    if is_event(key) || key == SEXUAL {
        return None;
    }
    let is_read =
        |link_id: &str| ["shared", "mutual_reveal"].contains(&visibility(key, link_id).as_str());
    body["answers"].as_object_mut()?.retain(|link_id, _| is_read(link_id));
    body["device_shared"] = json!(true);
    Some(body)
}

/// True for a question of whose answer the other reads nothing, not what comes of it either.
pub fn is_never_read(key: &str, link_id: &str) -> bool {
    ["author_only", "clinician"].contains(&visibility(key, link_id).as_str())
}

fn visibility(key: &str, link_id: &str) -> String {
    let exercise = if key == OWN { own() } else { built_in(key) };
    let items = exercise["items"].as_array().unwrap();
    let item = items.iter().find(|item| item["link_id"] == link_id);
    item.and_then(|item| item["visibility"].as_str()).unwrap_or_default().to_owned()
}

/// The same, not finished.
pub fn drafted(key: &str, chance: &mut Chance) -> Value {
    let mut body = submitted(key, chance);
    body["status"] = json!("draft");
    body
}
