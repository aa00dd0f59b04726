//! Content lists: ideas and phrases that apps offer beside an exercise, as data (`domain` 3.6). Nobody is asked
//! anything by them, and nothing of them is stored.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::definition::Source;

/// A list of ideas or phrases.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentList {
    /// Its name, the same in every version.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "repair_phrases")]
    pub key: String,
    /// Semantic version.
    #[schema(pattern = "^[0-9]{1,5}\\.[0-9]{1,5}\\.[0-9]{1,5}$", example = "1.0.0")]
    pub version: String,
    /// Title.
    #[schema(min_length = 1, max_length = 120)]
    pub title: String,
    /// Where the practice comes from.
    #[schema(min_items = 1, max_items = 10)]
    pub source: Vec<Source>,
    /// The ideas or phrases, in the order in which they are offered.
    #[schema(min_items = 1, max_items = 200)]
    pub entries: Vec<ContentEntry>,
}

/// An idea or a phrase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentEntry {
    /// Its name in the list.
    #[schema(pattern = "^[a-z][a-z0-9_]{1,63}$", example = "too_sharp")]
    pub code: String,
    /// The words.
    #[schema(min_length = 1, max_length = 140)]
    pub text: String,
}

macro_rules! lists {
    ($($key:literal;)*) => {
        /// File and text of each, in the order of the folder.
        pub const FILES: &[(&str, &str)] = &[$((
            concat!($key, ".json"),
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/content/", $key, ".json")),
        )),*];
    };
}

lists! {
    "gesture_suggestions";
    "repair_phrases";
    "ritual_suggestions";
    "shared_project_suggestions";
}

impl ContentList {
    /// Every built-in list. A file that does not read is left out here and fails a test.
    #[must_use]
    pub fn built_in() -> &'static [Self] {
        static ALL: LazyLock<Vec<ContentList>> = LazyLock::new(|| {
            FILES.iter().filter_map(|(_, text)| serde_json::from_str(text).ok()).collect()
        });
        &ALL
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_list_of_the_folder_reads_and_is_short_and_without_a_double() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/catalog/content");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        assert_eq!(files, FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        for (name, text) in FILES {
            let list: ContentList = serde_json::from_str(text).unwrap();
            assert_eq!(format!("{}.json", list.key), *name);
            assert!(!list.source.is_empty() && !list.entries.is_empty(), "{name}");
            let codes: BTreeSet<&str> = list.entries.iter().map(|one| one.code.as_str()).collect();
            assert_eq!(codes.len(), list.entries.len(), "{name}: codes differ from one another");
            for entry in &list.entries {
                let letters = entry.text.chars().count();
                assert!((1..=140).contains(&letters), "{name}: {} has {letters}", entry.code);
            }
        }
        assert_eq!(ContentList::built_in().len(), FILES.len());
    }
}
