//! What Åsa and Tomás answer to the forms and events that need no workflow.

use serde_json::{Value, json};

/// An exercise with what Åsa answers, what Tomás answers where each does, and an answer of hers that does not fit, with
/// its pointer and code.
pub type Told = (&'static str, Value, Value, (&'static str, Value), &'static str);

#[expect(clippy::too_many_lines, reason = "a table")]
pub fn told() -> Vec<Told> {
    vec![
        (
            "clarify_expectations",
            json!({ "hope": "Evenings that are ours.", "limit": "No shouting.", "private_note": "I am tired." }),
            json!({ "hope": "A holiday by the sea.", "limit": "No ultimatum." }),
            ("hope", Value::Null),
            "/answers/hope required",
        ),
        (
            "presentation_intake",
            json!({ "in_my_words": "We drifted.", "stressors": ["work", "money"], "inside": ["withdrawal"],
                 "reactivity": ["sarcasm"], "since": "slow_drift" }),
            Value::Null,
            ("since", json!("tuesday")),
            "/answers/since unknown_value",
        ),
        (
            "red_line_self_report",
            json!({ "line_code": "raised my voice", "next_time": "I go for a walk first." }),
            Value::Null,
            ("next_time", Value::Null),
            "/entries/0/answers/next_time required",
        ),
        (
            "agenda_parking",
            json!({ "topic": "Who drives to the lake", "planned_on": "2026-12-06", "kind": "for_us" }),
            Value::Null,
            ("kind", json!("never")),
            "/entries/0/answers/kind unknown_value",
        ),
        (
            "ritual",
            json!({ "happened": true, "ease": 7 }),
            json!({ "happened": true, "ease": 4 }),
            ("ease", json!(11)),
            "/answers/ease too_large",
        ),
        (
            "shared_experience",
            json!({ "kind": "adventure", "happened_on": "2026-12-01", "joy": 8, "remember": "The fog on the pier." }),
            json!({ "kind": "adventure", "happened_on": "2026-12-01", "joy": 9 }),
            ("joy", json!(-1)),
            "/answers/joy too_small",
        ),
        (
            "commitments",
            json!({ "promise": "I bring the bottles away.", "due_on": "2026-12-05", "size": "small", "state": "open" }),
            Value::Null,
            ("size", json!("huge")),
            "/entries/0/answers/size unknown_value",
        ),
        (
            "consistency_reflection",
            json!({ "kept_word": 3, "on_time": 4, "listened": 2, "small_choice": "The phone stayed in the hall." }),
            json!({ "kept_word": 2, "on_time": 2, "listened": 4 }),
            ("on_time", json!(5)),
            "/answers/on_time too_large",
        ),
        (
            "grace_and_setbacks",
            json!({ "what_happened": "The walk fell through.", "what_next": "We go on Sunday.", "grace_given": true }),
            Value::Null,
            ("grace_given", json!("gladly")),
            "/entries/0/answers/grace_given wrong_type",
        ),
        (
            "trauma_echo_note",
            json!({ "signs": ["numbness", "other"], "trigger": ["other"], "want_step_back": false,
                 "note": "A word for Morgan alone." }),
            Value::Null,
            ("signs", json!([])),
            "/entries/0/answers/signs too_few",
        ),
        (
            "decision_date",
            json!({ "question": "Do we move to Boise?", "revisit_on": "2027-01-10", "stance": "not_yet" }),
            json!({ "question": "Do we move to Boise?", "revisit_on": "2027-01-10", "stance": "ready" }),
            ("stance", json!("perhaps")),
            "/answers/stance unknown_value",
        ),
        (
            "stress_mark",
            json!({ "kind": "busy_workweek", "from_on": "2026-12-07", "to_on": "2026-12-11", "note": "Year's end at work." }),
            Value::Null,
            ("to_on", Value::Null),
            "/entries/0/answers/to_on required",
        ),
        (
            "progress_check",
            json!({ "direction": "closer", "sentence": "We laughed in the car." }),
            json!({ "direction": "same", "sentence": "I noticed the tea." }),
            ("sentence", json!("One. Two.")),
            "/answers/sentence too_many_sentences",
        ),
        (
            "celebrate_change",
            json!({ "changes": [{ "row_id": "1", "change": "We sit at one table.", "how_marked": "With cake." }] }),
            Value::Null,
            ("changes", json!([])),
            "/answers/changes too_few",
        ),
        (
            "closing_with_appreciation",
            json!({ "take_with_me": "That we can stop.", "thank_you": "For every lift to work." }),
            json!({ "take_with_me": "The Sundays.", "thank_you": "For waiting." }),
            ("thank_you", json!("x".repeat(601))),
            "/answers/thank_you too_long",
        ),
    ]
}
