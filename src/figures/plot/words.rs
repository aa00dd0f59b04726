//! Days and numbers in words.

use crate::db::Date;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// As in "23 November".
pub(super) fn day(date: Date) -> String {
    format!("{} {}", date.0.day(), month(date))
}

/// As in "23 November 2026".
pub(super) fn day_and_year(date: Date) -> String {
    format!("{} {}", day(date), date.0.year())
}

/// As in "23 Nov", for an axis.
pub(super) fn short_day(date: Date) -> String {
    let month: String = month(date).chars().take(3).collect();
    format!("{} {month}", date.0.day())
}

/// As in "Mon".
pub(super) fn weekday(date: Date) -> &'static str {
    usize::try_from(date.0.weekday().to_monday_zero_offset())
        .ok()
        .and_then(|day| DAYS.get(day))
        .copied()
        .unwrap_or_default()
}

/// The weeks that a picture shows, as in "Weeks from 23 November 2026 to 6 December 2026."
pub(super) fn span(first: Option<Date>, last: Option<Date>) -> String {
    match (first, last) {
        (Some(first), Some(last)) => {
            format!("Weeks from {} to {}.", day_and_year(first), day_and_year(last.plus_days(6)))
        }
        _ => "Nothing to show yet.".to_owned(),
    }
}

/// A number with so many decimals at most, as in "3.5" and "4".
pub(super) fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn month(date: Date) -> &'static str {
    usize::try_from(date.0.month())
        .ok()
        .and_then(|month| MONTHS.get(month.checked_sub(1)?))
        .copied()
        .unwrap_or_default()
}
