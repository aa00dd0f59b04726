//! Mood and stress of a person; small kindnesses and heated arguments of a couple.

use super::canvas::{Drawn, Words, picture};
use super::panel::{DATES, HEIGHT, Panel, Shape};
use super::{Described, latest, words};
use crate::figures::trend::{WeekValue, change_pct};

/// Mood and stress of one person, by the week.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonTrend {
    /// Mean mood, 1 to 5.
    pub mood: Vec<WeekValue>,
    /// Mean stress, 0 to 10, of the same weeks.
    pub stress: Vec<WeekValue>,
}

/// Small kindnesses and heated arguments of a couple, by the week.
#[derive(Debug, Clone, PartialEq)]
pub struct CoupleTrend {
    /// How many small kindnesses were noted.
    pub gestures: Vec<WeekValue>,
    /// How many arguments got out of hand, the mean of what both report, of the same weeks.
    pub reactivity: Vec<WeekValue>,
}

impl PersonTrend {
    /// What it shows, in words.
    #[must_use]
    pub fn described(&self) -> Described {
        let text = in_words(("mood", &self.mood), ("stress", &self.stress));
        Described { title: "Mood and stress by the week".to_owned(), text }
    }

    /// The picture.
    ///
    /// # Errors
    /// None in practice: it is drawn into memory.
    pub fn svg(&self) -> Drawn<String> {
        let mood = Panel {
            name: "Mood",
            note: "Mean of the week, from 1 (low) to 5 (good)",
            weeks: latest(&self.mood),
            scale: 1.0..=5.0,
            ticks: vec![1.0, 3.0, 5.0],
            shape: Shape::Line,
        };
        let stress = Panel {
            name: "Stress",
            note: "Mean of the week, from 0 (none) to 10 (most)",
            weeks: latest(&self.stress),
            scale: 0.0..=10.0,
            ticks: vec![0.0, 5.0, 10.0],
            shape: Shape::Dashes,
        };
        two(&self.described(), &mood, &stress)
    }
}

impl CoupleTrend {
    /// What it shows, in words.
    #[must_use]
    pub fn described(&self) -> Described {
        let mut text =
            in_words(("small kindnesses", &self.gestures), ("heated arguments", &self.reactivity));
        let change = |name, weeks| {
            change_pct(latest(weeks)).map(|pct| {
                let change = match pct {
                    0.0 => "the same".to_owned(),
                    _ if pct < 0.0 => format!("{} percent fewer", words::number(-pct, 0)),
                    _ => format!("{} percent more", words::number(pct, 0)),
                };
                format!(" {name}, the last two weeks against the first two: {change}.")
            })
        };
        text.extend(change("Small kindnesses", &self.gestures));
        text.extend(change("Heated arguments", &self.reactivity));
        Described { title: "Small kindnesses and heated arguments".to_owned(), text }
    }

    /// The picture.
    ///
    /// # Errors
    /// None in practice: it is drawn into memory.
    pub fn svg(&self) -> Drawn<String> {
        let (gestures, reactivity) = (latest(&self.gestures), latest(&self.reactivity));
        let (most, ticks) = up_to(gestures);
        let gestures = Panel {
            name: "Small kindnesses",
            note: "Noted in a week",
            weeks: gestures,
            scale: 0.0..=most,
            ticks,
            shape: Shape::Bars,
        };
        let (most, ticks) = up_to(reactivity);
        let reactivity = Panel {
            name: "Heated arguments",
            note: "In a week, mean of what both report",
            weeks: reactivity,
            scale: 0.0..=most,
            ticks,
            shape: Shape::Line,
        };
        two(&self.described(), &gestures, &reactivity)
    }
}

fn two(described: &Described, upper: &Panel<'_>, lower: &Panel<'_>) -> Drawn<String> {
    const TOP: i32 = 100;
    picture(described, TOP + 2 * HEIGHT + DATES, |on| {
        Words { text: &described.title, at: (40, 52), size: 32, bold: true, ..Words::default() }
            .draw(on)?;
        upper.draw(on, TOP)?;
        lower.draw(on, TOP + HEIGHT)?;
        lower.dates(on, TOP + 2 * HEIGHT)
    })
}

/// As in "Week of 23 November: mood 3.5, stress no data."
fn in_words(upper: (&str, &[WeekValue]), lower: (&str, &[WeekValue])) -> String {
    let (above, below) = (latest(upper.1), latest(lower.1));
    let starts = |week: Option<&WeekValue>| week.map(|week| week.starts_on);
    let mut text = words::span(starts(above.first()), starts(above.last()));
    let value = |week: &WeekValue| {
        week.value.map_or_else(|| "no data".to_owned(), |value| words::number(value, 1))
    };
    text.extend(above.iter().zip(below).map(|(one, other)| {
        let (day, above, below) = (words::day(one.starts_on), value(one), value(other));
        format!(" Week of {day}: {} {above}, {} {below}.", upper.0, lower.0)
    }));
    text
}

/// A round number above all values, and three ticks up to it.
fn up_to(weeks: &[WeekValue]) -> (f64, Vec<f64>) {
    let most = weeks.iter().filter_map(|week| week.value).fold(0.0, f64::max);
    let round = |scale: f64| [4.0, 6.0, 10.0, 20.0].map(|top| top * scale);
    let mut tops = [1.0, 10.0, 100.0, 1000.0].into_iter().flat_map(round);
    let top = tops.find(|top| *top >= most).unwrap_or(most);
    (top, vec![0.0, top / 2.0, top])
}
