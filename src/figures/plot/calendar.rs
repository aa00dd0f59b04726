//! A calendar of days: weeks as columns, days as rows.

use super::canvas::{Drawn, INK, MUTED, Side, WIDTH, Words, picture};
use super::marks::Mark;
use super::{Described, latest, words};
use crate::db::Date;
use crate::figures::adherence::Rule;
use crate::figures::figure::Figure;
use crate::figures::occurrence::{Occurrence, Reader};

/// A week of the calendar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalendarWeek {
    /// Its first day.
    pub starts_on: Date,
    /// Its seven days.
    pub days: [Mark; 7],
    /// How many that makes.
    pub figure: Figure,
}

impl CalendarWeek {
    /// The week that begins on this day, of all occurrences of an assignment, with the figure that it has everywhere.
    #[must_use]
    pub fn of(
        rule: &Rule<'_>,
        starts_on: Date,
        occurrences: &[Occurrence],
        figure: Figure,
        reader: Reader,
    ) -> Self {
        let mut day = starts_on;
        let days = [(); 7].map(|()| {
            let of_day: Vec<&Occurrence> =
                occurrences.iter().filter(|one| one.local_date == day).collect();
            day = day.plus_days(1);
            Mark::of_day(rule, &of_day, reader)
        });
        Self { starts_on, days, figure }
    }

    /// As in "4 of 6, 1 excused". Not the figure's own words: a practice may have written them.
    fn words(&self) -> String {
        let Figure { completed, expected, excused, .. } = self.figure;
        let words = match expected {
            0 => "nothing due".to_owned(),
            _ => format!("{} of {expected}", completed.min(expected)),
        };
        if excused > 0 { format!("{words}, {excused} excused") } else { words }
    }
}

/// Which days were done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The weeks, in order.
    pub weeks: Vec<CalendarWeek>,
}

/// Where the first column begins.
const LEFT: i32 = 130;
const RIGHT: i32 = 40;
/// Where the first row begins.
const TOP: i32 = 156;
/// The widest column, and how low and how high a row may be.
const WIDEST: i32 = 104;
const LOWEST: i32 = 30;
const HIGHEST: i32 = 60;

impl Calendar {
    /// What it shows, in words.
    #[must_use]
    pub fn described(&self) -> Described {
        let weeks = latest(&self.weeks);
        let starts = |week: Option<&CalendarWeek>| week.map(|week| week.starts_on);
        let mut text = words::span(starts(weeks.first()), starts(weeks.last()));
        text.extend(
            weeks
                .iter()
                .map(|week| format!(" Week of {}: {}.", words::day(week.starts_on), week.words())),
        );
        Described { title: "Home practice, day by day".to_owned(), text }
    }

    /// The picture.
    ///
    /// # Errors
    /// None in practice: it is drawn into memory.
    pub fn svg(&self) -> Drawn<String> {
        let weeks = latest(&self.weeks);
        let described = self.described();
        let columns = i32::try_from(weeks.len()).unwrap_or(1).max(1);
        let column = ((WIDTH - LEFT - RIGHT) / columns).min(WIDEST);
        let row = column.clamp(LOWEST, HIGHEST);
        let half = column.min(row) * 2 / 5;
        let below = TOP + 7 * row;
        let used: Vec<Mark> = Mark::ALL
            .into_iter()
            .filter(|mark| weeks.iter().any(|week| week.days.contains(mark)))
            .collect();
        picture(&described, below + 160, |on| {
            Words {
                text: &described.title,
                at: (40, 52),
                size: 32,
                bold: true,
                ..Words::default()
            }
            .draw(on)?;
            let first = weeks.first().map(|week| week.starts_on);
            for (number, y) in (0..7).zip((TOP + row / 2..).step_by(step(row))) {
                let text = first.map_or("", |first| words::weekday(first.plus_days(number)));
                Words { text, at: (40, y), ink: MUTED, ..Words::default() }.draw(on)?;
            }
            // A date every so many columns, as wide as one needs.
            let every = usize::try_from(96_i32.div_euclid(column.max(1)) + 1).unwrap_or(1);
            for (number, week) in weeks.iter().enumerate() {
                let x = LEFT + column / 2 + column * i32::try_from(number).unwrap_or(0);
                let text = words::short_day(week.starts_on);
                if number.is_multiple_of(every) {
                    Words {
                        text: &text,
                        at: (x, TOP - 30),
                        ink: MUTED,
                        side: Side::Center,
                        ..Words::default()
                    }
                    .draw(on)?;
                }
                for (mark, y) in week.days.iter().zip((TOP + row / 2..).step_by(step(row))) {
                    mark.draw(on, (x, y), half)?;
                }
                if column >= 54 {
                    let figure = short(&week.figure, column);
                    Words {
                        text: &figure,
                        at: (x, below + 32),
                        ink: INK,
                        side: Side::Center,
                        bold: true,
                        ..Words::default()
                    }
                    .draw(on)?;
                }
            }
            key(on, &used, below + 104)
        })
    }
}

/// As in "4 of 7" where there is room, and "4/7" where there is less.
fn short(figure: &Figure, room: i32) -> String {
    match (figure.expected, room) {
        (0, _) => "–".to_owned(),
        (expected, 98..) => format!("{} of {expected}", figure.completed.min(expected)),
        (expected, _) => format!("{}/{expected}", figure.completed.min(expected)),
    }
}

fn step(row: i32) -> usize {
    usize::try_from(row.max(1)).unwrap_or(1)
}

/// The marks that occur, each with its word.
fn key(on: &super::canvas::Area<'_>, used: &[Mark], y: i32) -> Drawn {
    let mut x = 52;
    for mark in used {
        mark.draw(on, (x, y), 14)?;
        let text = mark.word();
        Words { text, at: (x + 28, y), ink: MUTED, ..Words::default() }.draw(on)?;
        // Words are not measured; a letter takes about half of their height.
        x += 84 + 12 * i32::try_from(text.len()).unwrap_or(0);
    }
    Ok(())
}
