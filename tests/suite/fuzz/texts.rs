//! Small texts that are read by own code: ids, days, moments, hours, scopes, names, addresses and settings.

use attune::auth::scopes::ScopeSet;
use attune::db::id::ClientId;
use attune::db::{DatabaseUrl, Date, Instant, WallTime};
use attune::notifier::Notifier;
use attune::seal::{RootKey, fold_email, name_prefixes, name_words, search_words};

use super::{hunt, spoil};
use crate::support::misfits::NOBODY;

/// Tries one kind of text.
fn of_texts(target: &'static str, seeds: &[&str], words: &[&str], judge: impl Fn(&str) -> bool) {
    let seeds: Vec<Vec<u8>> = seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    let make = |chance: &mut crate::isolation::chance::Chance| {
        if chance.below(20) == 0 {
            return chance.pick(&seeds).cloned().unwrap();
        }
        spoil::bytes(chance, &seeds, words)
    };
    hunt(target, 4_000, make, |input| std::str::from_utf8(input).is_ok_and(&judge));
}

#[test]
fn an_id_is_read_in_one_spelling() {
    let id = format!("cli_{NOBODY}");
    of_texts(
        "ids",
        &[&id, "cli_7zzzzzzzzzzzzzzzzzzzzzzzzz", "cpl_01h455vb4pex5vsknk084sn02q"],
        &["_", "8", "l"],
        |text| {
            let read = text.parse::<ClientId>();
            assert!(
                read.as_ref().is_ok_and(|id| id.to_string() == text) || read.is_err(),
                "{read:?}"
            );
            read.is_ok()
        },
    );
}

#[test]
fn a_day_an_hour_and_a_moment_are_read_as_they_are_written() {
    of_texts(
        "days",
        &["2026-02-28", "2024-02-29", "0001-01-01", "9999-12-31"],
        &["-", "T", "+"],
        |text| {
            let read = text.parse::<Date>();
            assert!(
                read.as_ref().is_ok_and(|day| day.to_string() == text) || read.is_err(),
                "{read:?}"
            );
            read.is_ok()
        },
    );
    of_texts("hours", &["00:00", "23:59", "09:30"], &[":", "24", "+3", "-3"], |text| {
        let read = text.parse::<WallTime>();
        let minutes = read.as_ref().map_or(0, |time| time.minutes());
        assert!((0..24 * 60).contains(&minutes));
        assert!(
            read.as_ref().is_ok_and(|time| time.to_string() == text) || read.is_err(),
            "{read:?}"
        );
        read.is_ok()
    });
    let moments =
        ["2026-11-01T10:00:00Z", "2026-11-01T01:30:00.123456-07:00", "0001-01-01T00:00:00Z"];
    of_texts("moments", &moments, &["T", "Z", "+", ":", "60", "[UTC]"], |text| {
        let Ok(read) = text.parse::<Instant>() else { return false };
        assert_eq!(read.to_string().parse::<Instant>().ok(), Some(read));
        true
    });
}

#[test]
fn names_are_found_by_their_own_words() {
    let names = ["Åsa Lindqvist", "O'Brien-Smith", "王小明", "Анна", "Łukasz  Müller", "-'-"];
    of_texts("names", &names, &[" ", "-", "'", "\u{3000}", "ü", "ẞ"], |text| {
        let prefixes = name_prefixes(&[text]);
        for word in name_words(text) {
            assert!(!word.is_empty());
            assert!(search_words(&word).iter().all(|sought| prefixes.contains(sought)), "{word}");
        }
        let folded = fold_email(text);
        assert_eq!(fold_email(&folded), folded);
        !prefixes.is_empty()
    });
}

#[test]
fn settings_and_scopes_are_read_without_a_panic() {
    of_texts("scopes", &["clients:read notes:sign", "x:y"], &[" ", ":", "notes:read"], |text| {
        let read = ScopeSet::parse(text);
        assert_eq!(ScopeSet::parse(&read.to_string()), read);
        !read.is_empty()
    });
    let urls =
        ["sqlite:attune.db", "postgres://u:p%40@h:5432/d?sslmode=require", "postgresql:///d"];
    of_texts("database addresses", &urls, &["%", "%zz", "@", ":", "/", "?"], |text| {
        text.parse::<DatabaseUrl>().is_ok()
    });
    of_texts("notifiers", &["log", "file:/tmp/calls"], &[":", "file:"], |text| {
        text.parse::<Notifier>().is_ok()
    });
    let key = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    of_texts("root keys", &[key, base64], &["=", "\n", "0"], |text| {
        RootKey::from_text(text).is_ok()
    });
}
