//! Activity definitions: the built-in catalogue, and exercises that a practice writes itself.

mod answers;
mod audience;
mod conditions;
mod lint;
mod method;
mod parameters;
mod sent;
mod stories;
mod told;

use attune::activities::definition::{Definition, catalog};
use serde_json::{Value, json};

/// A built-in definition, as JSON.
pub fn built_in(key: &str) -> Value {
    let found = catalog::built_in().iter().find(|one| one.definition.key == key);
    serde_json::to_value(&found.unwrap_or_else(|| panic!("no {key}")).definition).unwrap()
}

fn read(definition: &Value) -> Definition {
    serde_json::from_value(definition.clone())
        .unwrap_or_else(|error| panic!("{error}: {definition}"))
}

/// A small exercise that a practice might write.
fn own_exercise() -> Value {
    json!({
        "key": "evening_walk", "version": "1.0.0", "title": "An evening walk",
        "source": [{ "seed": "practice", "ref": "our own" }],
        "category": "shared_meaning", "threads": ["shared_meaning"], "sensitivity": "routine",
        "subject": "couple", "capture": "form", "participation": { "mode": "each" },
        "gates": [{
            "at": "open", "when": { "flag": "conjoint_hold", "active": false },
            "else": { "action": "block_neutral", "code": "paused", "public_text": "Resting for now." },
        }],
        "items": [
            { "link_id": "went", "type": "boolean", "text": "Did you go?", "required": true,
              "about": "couple", "visibility": "shared" },
            { "link_id": "note", "type": "text", "text": "A word about it", "max_length": 400,
              "about": "self", "visibility": "mutual_reveal" },
        ],
        "adherence": { "unit": "week", "completed_when": "all_submitted" },
    })
}

/// Every file of the folder is in the binary, reads, keeps every rule, and stays within its bounds.
#[test]
fn the_catalogue_is_whole_and_without_a_fault() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/activities");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    assert_eq!(files, catalog::FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (name, text) in catalog::FILES {
        let definition = read(&serde_json::from_str(text).unwrap());
        assert_eq!(format!("{}.json", definition.key), *name);
        let findings = attune::activities::definition::lint::lint(&definition);
        assert!(findings.is_empty(), "{name}: {findings:#?}");
    }
    assert_eq!(catalog::built_in().len(), catalog::FILES.len());
    let off: Vec<&str> = catalog::built_in()
        .iter()
        .filter(|one| !one.on_from_the_start)
        .map(|one| one.definition.key.as_str())
        .collect();
    assert_eq!(off, ["sensual_inventory"]);
    println!("{} definitions, 0 findings", files.len());
}
