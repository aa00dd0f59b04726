use super::*;
use crate::figures::plot::{Calendar, CalendarWeek, CoupleTrend, Described, Mark, PersonTrend};
use crate::figures::trend::WeekValue;
use crate::figures::{Outcome, Reader};

pub(super) const STORY: &str = "DMMDDDMDDMDDMD";

pub(super) fn calendar(letters: &str, weeks: i32, reader: Reader) -> Calendar {
    let adherence = exercise(CompletedWhen::AllSubmitted);
    let (couple, all) = (couple(), days(MONDAY, letters));
    let week = |number| {
        let (start, rule) = (MONDAY.plus_days(7 * number), rule(&adherence, &couple));
        let own = all.iter().filter(|one| WEEKS.start_of(one.local_date) == start);
        let figure = rule.figures(WEEKS, &own.cloned().collect::<Vec<_>>(), reader).total;
        CalendarWeek::of(&rule, start, &all, figure, reader)
    };
    Calendar { weeks: (0..weeks).map(week).collect() }
}

fn weeks(values: &[Option<f64>]) -> Vec<WeekValue> {
    (0..)
        .zip(values)
        .map(|(week, value)| WeekValue {
            starts_on: MONDAY.plus_days(7 * week),
            value: *value,
            values: 1,
        })
        .collect()
}

pub(super) fn person_trend() -> PersonTrend {
    PersonTrend {
        mood: weeks(&[Some(2.57), Some(3.0), None, Some(3.29), Some(3.71), Some(3.5)]),
        stress: weeks(&[Some(7.14), Some(6.43), None, Some(5.0), Some(5.86), Some(4.5)]),
    }
}

pub(super) fn couple_trend() -> CoupleTrend {
    CoupleTrend {
        gestures: weeks(&[Some(9.0), Some(14.0), Some(0.0), None, Some(17.0), Some(19.0)]),
        reactivity: weeks(&[Some(4.0), Some(3.5), Some(3.5), None, Some(2.0), Some(2.0)]),
    }
}

/// All pictures, with what they say of themselves.
fn pictures() -> Vec<(Described, String)> {
    let none = PersonTrend { mood: Vec::new(), stress: Vec::new() };
    let year = weeks(&[Some(3.0); 60]);
    let long = CoupleTrend { gestures: year.clone(), reactivity: year };
    let calendars = [
        calendar(STORY, 2, Reader::Participants),
        calendar("DSAMXC.DDDDDDD", 9, Reader::Clinicians),
        calendar("", 0, Reader::Participants),
        calendar(&STORY.repeat(30), 60, Reader::Clinicians),
    ];
    let mut all: Vec<_> =
        calendars.iter().map(|one| (one.described(), one.svg().unwrap())).collect();
    all.extend([person_trend(), none].map(|one| (one.described(), one.svg().unwrap())));
    all.extend([couple_trend(), long].map(|one| (one.described(), one.svg().unwrap())));
    all
}

/// Reads SVG as strictly as its kind here allows: elements closed in order, attributes quoted and named
/// once, and no bare `&` or `<`. Gives the names of all elements.
fn elements(svg: &str) -> Vec<String> {
    let (mut open, mut seen) = (Vec::new(), Vec::new());
    let mut rest = svg.trim_end();
    while let Some(at) = rest.find('<') {
        let (text, tag) = rest.split_at(at);
        assert!(!open.is_empty() || text.trim().is_empty(), "text outside: {text}");
        assert_escaped(text);
        let (tag, after) = tag[1..].split_once('>').expect("a tag ends");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "closed in order");
        } else {
            let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            let mut names = Vec::new();
            while !attributes.trim().is_empty() {
                let (key, value) = attributes.trim_start().split_once("=\"").expect("key=\"");
                let (value, left) = value.split_once('"').expect("a closing quote");
                assert!(key.chars().all(|c| c.is_ascii_alphabetic() || c == '-'), "{key}");
                assert!(!names.contains(&key), "{key} twice");
                assert_escaped(value);
                names.push(key);
                attributes = left;
            }
            seen.push(name.to_owned());
            if !is_empty {
                open.push(name);
            }
        }
        rest = after;
    }
    assert!(open.is_empty() && rest.is_empty(), "left open: {open:?} {rest}");
    seen
}

fn assert_escaped(text: &str) {
    let known = ["amp;", "lt;", "gt;", "quot;", "apos;"];
    for after in text.split('&').skip(1) {
        assert!(known.iter().any(|entity| after.starts_with(entity)), "bare &: {text}");
    }
    assert!(!text.contains('<'), "bare <: {text}");
}

#[test]
fn a_picture_is_well_formed_and_brings_nothing_from_elsewhere() {
    for (_, svg) in pictures() {
        for element in elements(&svg) {
            let known =
                ["svg", "title", "desc", "rect", "line", "polyline", "polygon", "circle", "text"];
            assert!(known.contains(&element.as_str()), "{element}");
        }
        let plain = svg.replace("http://www.w3.org/2000/svg", "");
        for foreign in ["://", "href", "url(", "style=", "class=", "data:", "@import", "onload"] {
            assert!(!plain.contains(foreign), "{foreign}");
        }
        let family = svg.matches("font-family=").count();
        assert_eq!(family, svg.matches("font-family=\"sans-serif\"").count());
    }
}

#[test]
fn a_picture_says_in_words_what_it_shows() {
    for (described, svg) in pictures() {
        let head = svg.split_once('>').unwrap().0;
        assert!(head.contains(" viewBox=\"0 0 960 ") && head.contains(" role=\"img\""), "{head}");
        assert!(!head.contains("width=") && !head.contains("height="), "{head}");
        let labels = head.split_once("aria-labelledby=\"").unwrap().1.trim_end_matches('"');
        let (title, desc) = labels.split_once(' ').unwrap();
        assert!(svg.contains(&format!("<title id=\"{title}\">{}</title>", described.title)));
        assert!(svg.contains(&format!("<desc id=\"{desc}\">{}</desc>", described.text)));
    }
}

#[test]
fn the_same_figures_give_the_same_bytes_and_others_do_not() {
    assert_eq!(pictures(), pictures());
    let all: std::collections::BTreeSet<_> = pictures().into_iter().map(|(_, svg)| svg).collect();
    assert_eq!(all.len(), pictures().len());
}

#[test]
fn there_are_greys_and_one_accent() {
    for (_, svg) in pictures() {
        for after in svg.split("=\"#").skip(1) {
            let (red, green, blue) = (&after[..2], &after[2..4], &after[4..6]);
            let accent = ["1D4E63", "D3E2E9"].contains(&&after[..6]);
            assert!(accent || (red == green && green == blue), "#{}", &after[..6]);
        }
    }
}

#[test]
fn the_calendar_of_the_couple_in_words() {
    let Described { title, text } = calendar(STORY, 2, Reader::Participants).described();
    assert_eq!(title, "Home practice, day by day");
    assert_eq!(
        text,
        "Weeks from 23 November 2026 to 6 December 2026. Week of 23 November: 4 of 7. Week of 30 \
         November: 5 of 7."
    );
    let text = calendar("DXMDDDD", 1, Reader::Participants).described().text;
    assert!(text.ends_with("Week of 23 November: 5 of 6, 1 excused."), "{text}");
}

#[test]
fn trends_in_words() {
    let text = couple_trend().described().text;
    assert!(
        text.contains("Week of 14 December: small kindnesses no data, heated arguments no data.")
    );
    assert!(
        text.contains(
            "Small kindnesses, the last two weeks against the first two: 57 percent more."
        )
    );
    assert!(text.ends_with(
        "Heated arguments, the last two weeks against the first two: 47 percent fewer."
    ));
    let text = person_trend().described().text;
    assert!(text.contains("Week of 23 November: mood 2.6, stress 7.1."), "{text}");
}

#[test]
fn participants_see_no_half_a_day_that_the_other_began() {
    let days = |reader| calendar("DASMX.O", 1, reader).weeks[0].days;
    let [done, part, not, excused, open, dot] = Mark::ALL;
    assert_eq!(days(Reader::Clinicians), [done, part, part, not, excused, dot, open]);
    assert_eq!(days(Reader::Participants), [done, not, not, not, excused, dot, open]);
    assert_eq!(Mark::of(Outcome::Missed), not);
    let svg = |letters| calendar(letters, 1, Reader::Participants).svg().unwrap();
    assert_eq!(svg("DSAMMMM"), svg("DMMMMMM"));
}

/// Writes the pictures down for somebody to look at: `FIGURES_TO=<folder> cargo test -- --ignored`.
#[test]
#[ignore = "for looking at"]
fn pictures_to_look_at() {
    let Ok(folder) = std::env::var("FIGURES_TO") else { return };
    for (number, (_, svg)) in pictures().into_iter().enumerate() {
        std::fs::write(format!("{folder}/{number}.svg"), svg).unwrap();
    }
}
