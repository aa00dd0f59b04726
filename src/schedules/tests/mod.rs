//! What the arithmetic promises, from the vectors of the domain to a thousand generated schedules.

mod changes;
mod faults;
mod json;
mod oracle;
mod properties;
mod rules;
mod timings;
mod vectors;

use jiff::tz::TimeZone;

use super::*;
use crate::activities::definition::parts::Weekday;

/// Zones with a half hour, the south, and the odd: half an hour of summer, a summer that pauses, a jump
/// over midnight, a date line that moved.
pub(super) const ZONES: [&str; 18] = [
    "America/Los_Angeles",
    "America/Boise",
    "America/New_York",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Havana",
    "America/Nuuk",
    "America/Asuncion",
    "Europe/Berlin",
    "Europe/London",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Auckland",
];

pub(super) fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

pub(super) fn day(text: &str) -> Date {
    text.parse().unwrap()
}

pub(super) fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

pub(super) fn time(text: &str) -> WallTime {
    text.parse().unwrap()
}

pub(super) fn schedule(rhythm: Rhythm) -> Schedule {
    Schedule { rhythm, window_minutes: None, ends_on: None }
}

pub(super) fn daily(times: &[&str]) -> Rhythm {
    let times = times.iter().map(|text| time(text)).collect();
    Rhythm::Daily { every: 1, times, opening: Opening::default() }
}

pub(super) fn weekly(on: &[(Weekday, &str)]) -> Rhythm {
    let on = on.iter().map(|(day, text)| OnDay { day: *day, time: Some(time(text)) }).collect();
    Rhythm::Weekly { every: 1, on, min_spacing_hours: None, opening: Opening::default() }
}

pub(super) fn monthly(every: u8) -> Rhythm {
    Rhythm::Monthly { every, time: None, opening: Opening::default() }
}

pub(super) fn quota(times: u8) -> Rhythm {
    Rhythm::Quota { times, times_max: None, every_weeks: 1, min_spacing_hours: None }
}

pub(super) fn timeline(rhythm: Rhythm, name: &str, starts_on: &str) -> Timeline {
    Timeline::new(schedule(rhythm), zone(name), day(starts_on))
}

/// A local date and slot number, which no two slots share.
pub(super) fn keys(slots: impl IntoIterator<Item = Slot>) -> Vec<(Date, i32)> {
    slots.into_iter().map(|slot| (slot.local_date, slot.slot_no)).collect()
}

pub(super) fn dues(timeline: &Timeline, from: &str, to: &str) -> Vec<Instant> {
    timeline.slots(day(from), day(to)).filter_map(|slot| slot.due_at).collect()
}
