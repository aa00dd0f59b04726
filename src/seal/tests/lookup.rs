use proptest::prelude::*;

use super::{NAME, TestResult, practice};
use crate::seal::{Column, LookupKey, fold_email, name_prefixes, name_words, search_words};

/// Whether a search for `query` finds someone called `name`.
fn finds(query: &str, name: &str) -> bool {
    let (words, prefixes) = (search_words(query), name_prefixes(&[name]));
    !words.is_empty() && words.iter().all(|word| prefixes.contains(word))
}

#[test]
fn a_front_desk_finds_whom_it_expects() {
    let found = [
        ("ang", "Ångström"),
        ("aangstr", "Ångström"),
        ("ÅNGSTRÖM", "Ångström"),
        ("angstrom", "A\u{30a}ngstro\u{308}m"),
        ("luk", "Łukasz"),
        ("łukasz", "Łukasz"),
        ("celik", "Çelik"),
        ("nguyen", "Nguyễn"),
        ("obrien", "O'Brien"),
        ("brien", "O'Brien"),
        ("o brien", "O’Brien"),
        ("O'Brien", "OBrien"),
        ("o’bri", "O'Brien"),
        ("wang", "王小明"),
        ("xiaoming", "王小明"),
        ("王小明", "王小明"),
        ("王小明", "Wang Xiao Ming"),
        ("oyvind", "Øyvind"),
        ("oeyvind", "Øyvind"),
        ("müller", "Müller"),
        ("muller", "Müller"),
        ("mueller", "Müller"),
        ("strasse", "Straße"),
        ("straße", "Strasse"),
        ("anna", "Анна"),
        ("анна", "Anna"),
        ("наталья", "Наталья"),
        ("li", "Li Na"),
        ("na li", "Li Na"),
        ("anne marie", "Anne-Marie"),
        ("annemarie", "Anne-Marie"),
        ("marie-anne", "Anne-Marie"),
        ("berg", "van den Berg"),
        ("wolfeschlegelsteinhausenbergerdorff", "Wolfeschlegelsteinhausenbergerdorff"),
    ];
    for (query, name) in found {
        assert!(finds(query, name), "{query} must find {name}");
    }
}

#[test]
fn a_search_finds_no_one_else() {
    let strangers = [
        ("", "Anna"),
        (" -'", "Anna"),
        ("an", "Anna"),
        ("nna", "Anna"),
        ("annab", "Anna"),
        ("anna li", "Anna Lindqvist"),
        ("anna berg", "Anna Bäcker"),
    ];
    for (query, name) in strangers {
        assert!(!finds(query, name), "{query} must not find {name}");
    }
}

#[test]
fn words_and_prefixes_are_what_the_documentation_says() {
    assert_eq!(name_words("O'Brien"), ["brien", "o", "obrien"]);
    assert_eq!(name_words("Müller"), ["mueller", "muller"]);
    assert_eq!(
        name_words("王小明"),
        ["ming", "wang", "wangxiao", "wangxiaoming", "xiao", "xiaoming"]
    );
    let prefixes: Vec<String> = name_prefixes(&["Li", "Maria"]).into_iter().collect();
    assert_eq!(prefixes, ["li", "mar", "mari", "maria"]);
    assert_eq!(
        search_words("Maximilianus-Alexander d'Aubigné"),
        ["maximilianus", "alexander", "daubigne"]
    );
}

/// Someone types a name letter by letter: from the third letter of its last
/// word on, it is found.
fn typed_letter_by_letter(name: &str) -> Result<(), TestCaseError> {
    let prefixes = name_prefixes(&[name]);
    for count in 0..=name.chars().count() {
        let typed: String = name.chars().take(count).collect();
        let words = search_words(&typed);
        let long = words.last().is_some_and(|word| word.chars().count() >= 3);
        if long {
            prop_assert!(words.iter().all(|word| prefixes.contains(word)), "{typed:?} in {name:?}");
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn names_are_found_while_being_typed(name in r"\p{Lu}\p{Ll}{1,14}([ '’-]\p{L}{1,14}){0,2}") {
        typed_letter_by_letter(&name)?;
    }

    #[test]
    fn any_text_is_found_while_being_typed(name in "\\PC{0,24}") {
        typed_letter_by_letter(&name)?;
    }

    #[test]
    fn no_prefix_is_longer_than_twelve_letters(name in any::<String>()) {
        prop_assert!(name_prefixes(&[&name]).iter().all(|it| (1..=12).contains(&it.chars().count())));
    }

    #[test]
    fn folding_an_address_twice_changes_nothing(address in any::<String>()) {
        prop_assert_eq!(fold_email(&fold_email(&address)), fold_email(&address));
    }
}

#[test]
fn an_address_is_the_same_however_it_is_typed() {
    assert_eq!(fold_email(" Ana.ÅS@Example.ORG\n"), "ana.ås@example.org");
    assert_ne!(fold_email("ana+1@example.org"), fold_email("ana@example.org"));
}

#[test]
fn lookups_agree_in_one_place_and_nowhere_else() -> TestResult {
    let (keys, stranger) = (practice(1)?, practice(2)?);
    let key = keys.lookup(&NAME, "ang");
    assert_eq!(key, keys.lookup(&NAME, "ang"));
    assert_eq!(key, LookupKey::from_bytes(*key.as_bytes()));
    assert_ne!(key, keys.lookup(&NAME, "ann"));
    assert_ne!(key, keys.lookup(&Column { name: "given_name", ..NAME }, "ang"));
    assert_ne!(key, keys.lookup(&Column { table: "clinicians", ..NAME }, "ang"));
    assert_ne!(key, stranger.lookup(&NAME, "ang"));
    assert_eq!(format!("{key:?}"), "LookupKey(…)");
    Ok(())
}
