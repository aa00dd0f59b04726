//! Folding: what a front desk types finds what a client signed.
//!
//! | Stored | Found by |
//! | --- | --- |
//! | Ångström | `ang`, `ångström`, `aangstroem` |
//! | Łukasz | `luk`, `Łukasz` |
//! | Müller | `mul`, `müller`, `muel` |
//! | O'Brien | `obrien`, `brien`, `o'brien`, `o brien` |
//! | Anne-Marie | `anne`, `marie`, `annemarie`, `anne marie` |
//! | 王小明 | `wang`, `xiaoming`, `王小明` |
//! | Анна | `anna`, `Анна` |
//!
//! Letters without a Latin spelling stay what they are and are found by
//! themselves. Spellings are never folded together the other way round: someone
//! stored as "Mueller" is found by `mueller`, not by `müller`, because taking
//! every "ue" for a "u" would spoil "Samuel" and "Manuela". Nor are words that
//! were stored apart or together: `王小明` does not find "Wang Xiaoming", which
//! `wang` does.

use std::collections::BTreeSet;

use deunicode::deunicode_char;

/// The shortest beginning of a longer word that is found, in letters. Two
/// letters would match a tenth of a practice, and tell a thief as much.
const SHORTEST: usize = 3;
/// The longest beginning that is told apart, in letters: it keeps the index
/// small, and few names differ only behind their twelfth letter.
const LONGEST: usize = 12;

/// Letters that some countries also spell with two, when they must do without.
const SPELLED_OUT: [(char, &str); 10] = [
    ('ä', "ae"),
    ('ö', "oe"),
    ('ü', "ue"),
    ('å', "aa"),
    ('ø', "oe"),
    ('Ä', "ae"),
    ('Ö', "oe"),
    ('Ü', "ue"),
    ('Å', "aa"),
    ('Ø', "oe"),
];

/// An e-mail address for comparison: without white space around it, in lower
/// case. Applying it twice changes nothing.
///
/// The part before the "@" is folded too. RFC 5321 lets a server tell `Ana@`
/// from `ana@`; none in use does, and people write their own address both ways,
/// so an exact comparison would give one person two accounts. Nothing else is
/// changed: dots and "+tags" do distinguish mailboxes with many providers.
#[must_use]
pub fn fold_email(address: &str) -> String {
    address.trim().to_lowercase()
}

/// The words by which a name may be asked for, each once, sorted.
///
/// White space separates words for good. Within a word, apostrophes, hyphens
/// and the syllables of a transliteration separate parts, and each run of
/// neighbouring parts is a word as well, written together, until it exceeds the
/// letters that are told apart: `O'Brien` gives `brien`, `o` and `obrien`. A
/// name with letters like `ü` gives its words in both spellings.
#[must_use]
pub fn name_words(name: &str) -> Vec<String> {
    let spelled_out = SPELLED_OUT
        .iter()
        .fold(name.to_owned(), |name, (letter, letters)| name.replace(*letter, letters));
    let mut words = BTreeSet::new();
    for token in [name, &spelled_out].into_iter().flat_map(str::split_whitespace) {
        let folded = fold(token);
        let parts = || folded.split(['-', '\'']).filter(|part| !part.is_empty());
        for start in 0..parts().count() {
            let mut run = String::new();
            for part in parts().skip(start) {
                run.push_str(part);
                words.insert(run.clone());
                if run.chars().count() >= LONGEST {
                    break;
                }
            }
        }
    }
    words.into_iter().collect()
}

/// Everything by which the bearer of `names` is found, to be hashed and stored:
/// of each word the beginnings of 3 to 12 letters, and words shorter than three
/// letters whole.
#[must_use]
pub fn name_prefixes(names: &[&str]) -> BTreeSet<String> {
    let words = names.iter().flat_map(|name| name_words(name));
    words
        .flat_map(|word| {
            let letters = word.chars().count();
            let shortest = letters.min(SHORTEST);
            let longest = letters.min(LONGEST);
            (shortest..=longest).map(move |count| beginning(&word, count))
        })
        .collect()
}

/// The words of a search, to be hashed and compared: a name matches when its
/// [prefixes](name_prefixes) contain all of them.
///
/// Each is cut to 12 letters. One of fewer than three finds only names that
/// have exactly this word, such as "Li". Apostrophes are dropped, so that
/// `O'Brien` finds `OBrien` too, and everything else that is neither letter
/// nor digit separates words.
///
/// The list is empty when nothing in `query` can be searched for; that must
/// find no one, where "all of none" would find everyone.
#[must_use]
pub fn search_words(query: &str) -> Vec<String> {
    query
        .split_whitespace()
        .map(|token| fold(token).replace('\'', ""))
        .flat_map(|token| token.split('-').map(|word| beginning(word, LONGEST)).collect::<Vec<_>>())
        .filter(|word| !word.is_empty())
        .collect()
}

/// A token in lower-case Latin letters and digits, with `'` for apostrophes and
/// `-` for everything else.
///
/// Letter by letter, so that the beginning of a name always folds to the
/// beginning of the folded name; folding whole words may look ahead.
fn fold(token: &str) -> String {
    let mut folded = String::with_capacity(token.len());
    for letter in token.chars() {
        let mut own = [0; 4];
        let spelling = deunicode_char(letter).unwrap_or_else(|| letter.encode_utf8(&mut own));
        folded.extend(spelling.chars().flat_map(char::to_lowercase).map(|letter| match letter {
            '\'' | '`' => '\'',
            letter if letter.is_alphanumeric() => letter,
            _ => '-',
        }));
    }
    folded
}

fn beginning(word: &str, letters: usize) -> String {
    word.chars().take(letters).collect()
}
