//! iCalendar (RFC 5545), as much of it as a feed needs: written by hand, since the crates for it bring a second
//! library of time.

use jiff::tz::TimeZone;

use super::entries::Entry;
use crate::db::Instant;

/// What every entry is called, whatever it is (`domain` 2.8.4).
const SUMMARY: &str = "You have an item waiting";
/// The longest line in octets, its end not counted (section 3.1).
const MOST_OCTETS: usize = 75;

/// A calendar of these entries. `made_at` stands for when they were last revised: when they really were would tell of
/// whoever has moved something.
pub(super) fn calendar(entries: &[Entry], made_at: Instant) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| text.push_str(&folded(name, value));
    line("BEGIN", "VCALENDAR");
    line("VERSION", "2.0");
    line("PRODID", "-//Attune//Calendar feed 1.0//EN");
    line("CALSCALE", "GREGORIAN");
    // Section 5.7 of RFC 7986, and the name that programs knew before it.
    line("REFRESH-INTERVAL;VALUE=DURATION", "PT6H");
    line("X-PUBLISHED-TTL", "PT6H");
    for entry in entries {
        line("BEGIN", "VEVENT");
        line("UID", &escaped(&entry.uid));
        line("DTSTAMP", &utc(made_at));
        line("DTSTART", &utc(entry.starts_at));
        line("DTEND", &utc(entry.ends_at));
        line("SUMMARY", &escaped(SUMMARY));
        line("CLASS", "PRIVATE");
        line("END", "VEVENT");
    }
    line("END", "VCALENDAR");
    text
}

/// A moment in UTC (section 3.3.5).
fn utc(moment: Instant) -> String {
    let there = jiff::Timestamp::from_microsecond(moment.micros()).unwrap_or_default();
    let there = there.to_zoned(TimeZone::UTC);
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        there.year(),
        there.month(),
        there.day(),
        there.hour(),
        there.minute(),
        there.second()
    )
}

/// A text value (section 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            letter if letter.is_control() => {}
            letter => escaped.push(letter),
        }
    }
    escaped
}

/// A content line with its end, in pieces of at most 75 octets between which a line end and a space stand. No letter
/// is cut in two.
fn folded(name: &str, value: &str) -> String {
    let (mut text, mut octets) = (String::new(), 0);
    for letter in name.chars().chain([':']).chain(value.chars()) {
        if octets + letter.len_utf8() > MOST_OCTETS {
            text.push_str("\r\n ");
            octets = 1;
        }
        text.push(letter);
        octets += letter.len_utf8();
    }
    text.push_str("\r\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_entry_is_its_times_in_utc_and_the_same_words_as_any_other() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let entry = Entry {
            starts_at: at("2026-12-03T04:00:00Z"),
            ends_at: at("2026-12-03T04:15:00Z"),
            uid: "00ff".to_owned(),
        };
        let text = calendar(&[entry], at("2026-12-02T09:00:00Z"));
        let wanted = "BEGIN:VEVENT\r\nUID:00ff\r\nDTSTAMP:20261202T090000Z\r\nDTSTART:20261203T040000Z\r\n\
                      DTEND:20261203T041500Z\r\nSUMMARY:You have an item waiting\r\nCLASS:PRIVATE\r\nEND:VEVENT\r\n\
                      END:VCALENDAR\r\n";
        assert!(text.ends_with(wanted), "{text}");
        assert!(text.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:"), "{text}");
    }

    proptest! {
        #[test]
        fn lines_are_short_and_whole_again_when_unfolded(value in "\\PC{0,400}") {
            let text = folded("SUMMARY", &value);
            for line in text.strip_suffix("\r\n").unwrap().split("\r\n") {
                prop_assert!(line.len() <= MOST_OCTETS, "{}", line.len());
            }
            prop_assert_eq!(text.replace("\r\n ", ""), format!("SUMMARY:{value}\r\n"));
        }

        #[test]
        fn no_text_ends_its_line(value in "(?s).{0,200}") {
            let escaped = escaped(&value);
            prop_assert!(!escaped.contains(['\r', '\n']), "{escaped:?}");
            // Read again by the rules of the format it is what was written, control characters aside.
            let mut read = String::new();
            let mut letters = escaped.chars();
            while let Some(letter) = letters.next() {
                match letter {
                    '\\' => match letters.next() {
                        Some('n') => read.push('\n'),
                        Some(other) => read.push(other),
                        None => prop_assert!(false, "a lone backslash"),
                    },
                    letter => read.push(letter),
                }
            }
            let plain: String = value.chars().filter(|one| *one == '\n' || !one.is_control()).collect();
            prop_assert_eq!(read, plain);
        }
    }
}
