//! L6 and L7: words that do harm. The words are English, as the definitions are; they are looked for as
//! whole words, so that they miss much and accuse seldom.

use super::{Definition, Findings, LintRule};

/// What nobody may be held to by an exercise: who rules over these rules over the other.
const RESTRICTIONS: &[&str] = &[
    "may not leave",
    "must not leave",
    "not allowed to leave",
    "not allowed to see",
    "may not see your friends",
    "ask permission",
    "share your password",
    "share all passwords",
    "hand over your phone",
    "hand over your password",
    "give me your password",
    "no sleep until",
    "not allowed to sleep",
    "hand over your money",
    "hand over your wages",
    "not allowed to drive",
    "stay in the house",
    "share your location",
];

/// Words that accuse or label.
const ACCUSATIONS: &[&str] = &[
    "you always",
    "you never",
    "your fault",
    "broken",
    "frigid",
    "insatiable",
    "crazy",
    "damaged",
    "selfish",
];

pub(super) fn check(definition: &Definition, findings: &mut Findings) {
    for (at, text) in texts(definition) {
        if let Some(found) = restriction(&text) {
            let detail =
                format!("“{found}” restricts a person; a clinician has to look at this line.");
            findings.add(LintRule::L6, at.as_str(), detail);
        }
        if let Some(found) = first(ACCUSATIONS, &text) {
            let detail = format!("“{found}” accuses or labels; say what can be seen instead.");
            findings.add(LintRule::L7, at.as_str(), detail);
        }
    }
}

/// What in a text restricts a person, if anything does (L6).
#[must_use]
pub fn restriction(text: &str) -> Option<&'static str> {
    first(RESTRICTIONS, text)
}

/// The first of these phrases that a text has, as whole words and in whatever case.
fn first(phrases: &'static [&'static str], text: &str) -> Option<&'static str> {
    let words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric() && c != '\'')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let text = format!(" {} ", words.join(" "));
    phrases.iter().find(|phrase| text.contains(&format!(" {phrase} "))).copied()
}

/// Every text that participants read, with its place.
fn texts(definition: &Definition) -> Vec<(String, String)> {
    let mut found = vec![("/title".to_owned(), definition.title.clone())];
    found.extend(definition.summary.iter().map(|text| ("/summary".to_owned(), text.clone())));
    for (index, instruction) in definition.instructions.iter().enumerate() {
        found.push((format!("/instructions/{index}/text"), instruction.text.clone()));
    }
    for (at, item) in definition.all_items() {
        let mut add =
            |name: &str, text: &str| found.push((format!("{at}/{name}"), text.to_owned()));
        item.text.iter().for_each(|text| add("text", text));
        item.help.iter().for_each(|text| add("help", text));
        item.attestation.iter().for_each(|one| add("attestation/statement", &one.statement));
        item.template.iter().for_each(|one| add("template/pattern", &one.pattern));
        for (index, option) in item.options.iter().enumerate() {
            add(&format!("options/{index}/label"), &option.label);
        }
        for (index, entry) in item.inventory.iter().flat_map(|one| one.entries.iter().enumerate()) {
            add(&format!("inventory/entries/{index}/label"), &entry.label);
        }
    }
    found
}
