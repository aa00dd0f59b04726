//! A slow and obvious model of schedules.
//!
//! It knows one thing of zones, what a wall shows at a moment, and walks from moment to moment; it never
//! asks when a wall shows something. Of calendars it knows the length of months, and counts days on its
//! fingers. It shares no function with what it is compared with.

use std::collections::BTreeMap;

use super::*;

const STEP_MINUTES: i64 = 5;

/// What a wall showed, in the order in which it did: moment, date, minute of the day.
pub(super) struct Wall {
    shown: Vec<(i64, Date, i64)>,
    /// Where each date was shown first.
    first: BTreeMap<Date, usize>,
}

impl Wall {
    /// Walks from three days before one date to three days after another. Times have to be multiples of
    /// five minutes, and so are all offsets since 2020.
    pub(super) fn walk(name: &str, from: Date, to: Date) -> Self {
        let zone = zone(name);
        let midnight = |day: Date| day.0.to_zoned(TimeZone::UTC).unwrap().timestamp().as_second();
        let (mut now, end) = (midnight(from) - 3 * 86_400, midnight(to) + 3 * 86_400);
        let (mut shown, mut first) = (Vec::new(), BTreeMap::new());
        while now < end {
            let wall = zone.to_datetime(jiff::Timestamp::from_second(now).unwrap());
            let minute = i64::from(wall.hour()) * 60 + i64::from(wall.minute());
            first.entry(Date(wall.date())).or_insert(shown.len());
            shown.push((now, Date(wall.date()), minute));
            now += STEP_MINUTES * 60;
        }
        Self { shown, first }
    }

    pub(super) fn begin(&self, day: Date) -> i64 {
        let first = self.first.range(day..).next().unwrap();
        self.shown[*first.1].0
    }

    pub(super) fn end(&self, day: Date) -> i64 {
        self.begin(day.plus_days(1))
    }

    /// When it first showed this; if it never did, when it would have, had it not jumped.
    pub(super) fn due(&self, day: Date, minute: i64) -> i64 {
        // From the moment before its first, since a gap may be how the day begins.
        let before = self.first.range(day..).next().unwrap().1 - 1;
        let two_days = &self.shown[before..before + 600];
        if let Some(found) = two_days.iter().find(|(_, d, m)| (*d, *m) == (day, minute)) {
            return found.0;
        }
        let jump = two_days.windows(2).find(|pair| (pair[1].1, pair[1].2) > (day, minute)).unwrap();
        let (moment, date, shown) = jump[0];
        let midnights = if date == day { 0 } else { 1440 };
        moment + (minute + midnights - shown) * 60
    }

    /// To which day each moment belongs when days begin at this minute: days begin and never end twice.
    pub(super) fn days(&self, begins: i64) -> Vec<(i64, Date)> {
        let mut latest = self.shown[0].1.plus_days(-1);
        let mut days = Vec::new();
        for (moment, date, minute) in &self.shown {
            let day = if *minute >= begins { *date } else { date.plus_days(-1) };
            latest = latest.max(day);
            days.push((*moment, latest));
        }
        days
    }
}

/// A slot in seconds: date, number, opens, due, closes.
pub(super) type Plain = (Date, i32, i64, Option<i64>, Option<i64>);

pub(super) fn plain(slot: Slot) -> Plain {
    let seconds = |moment: Instant| moment.seconds();
    let (due, closes) = (slot.due_at.map(seconds), slot.closes_at.map(seconds));
    (slot.local_date, slot.slot_no, slot.opens_at.seconds(), due, closes)
}

fn month_length(year: i16, month: i8) -> i8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days on which a schedule has something, with the first and the last day of the span that each closes and
/// the length that the span would have. Counts every day from the first, one after the other.
fn days_of(schedule: &Schedule, starts_on: Date, to: Date) -> Vec<(Date, Date, i32, i32)> {
    let mut found = Vec::new();
    let (mut day, mut number) = (starts_on, 0);
    let (mut year, mut month, mut months) = (starts_on.0.year(), starts_on.0.month(), 0);
    let mut span = (starts_on, 0);
    let last = schedule.ends_on.unwrap_or(to).min(to);
    while day <= last {
        if (day.0.year(), day.0.month()) != (year, month) {
            (year, month, months) = (day.0.year(), day.0.month(), months + 1);
        }
        span.1 += 1;
        let single = (day, day, 1, 1);
        match &schedule.rhythm {
            Rhythm::Daily { every, .. } if number % i32::from(*every) == 0 => found.push(single),
            Rhythm::Weekly { every, on, .. } => {
                let name = day.0.strftime("%a").to_string().to_lowercase();
                let week = number / 7 % i32::from(*every);
                if week == 0 && on.iter().any(|on| on.day.as_str() == name) {
                    found.push(single);
                }
            }
            Rhythm::Monthly { every, .. } => {
                let wanted = starts_on.0.day().min(month_length(year, month));
                if months > 0 && months % i32::from(*every) == 0 && day.0.day() == wanted {
                    found.push(single);
                }
            }
            Rhythm::Quota { every_weeks, .. } => {
                let length = i32::from(*every_weeks) * 7;
                if span.1 == length || schedule.ends_on == Some(day) {
                    found.push((day, span.0, span.1, length));
                    span = (day.plus_days(1), 0);
                }
            }
            Rhythm::Once { due } if day == due.map_or(starts_on, |due| due.on) => {
                found.push(single);
            }
            _ => {}
        }
        (day, number) = (day.plus_days(1), number + 1);
    }
    found
}

/// Every slot of a schedule with a local date in `from..to`.
pub(super) fn slots(
    wall: &Wall,
    schedule: &Schedule,
    starts_on: Date,
    (from, to): (Date, Date),
) -> Vec<Plain> {
    let mut all = BTreeMap::new();
    for (day, first, days, of_days) in days_of(schedule, starts_on, to) {
        if !(from..to).contains(&day) {
            continue;
        }
        let minutes = |time: Option<WallTime>| time.map(|time| i64::from(time.minutes()));
        let (times, opening) = match &schedule.rhythm {
            Rhythm::Daily { times, opening, .. } if times.is_empty() => (vec![None], *opening),
            Rhythm::Daily { times, opening, .. } => {
                let mut times: Vec<_> = times.iter().map(|time| minutes(Some(*time))).collect();
                times.sort_unstable();
                (times, *opening)
            }
            Rhythm::Weekly { on, opening, .. } => {
                let name = day.0.strftime("%a").to_string().to_lowercase();
                let on = on.iter().find(|on| on.day.as_str() == name).unwrap();
                (vec![minutes(on.time)], *opening)
            }
            Rhythm::Monthly { time, opening, .. } => (vec![minutes(*time)], *opening),
            Rhythm::Quota { times, .. } => {
                let mut count = 0;
                while count * of_days < i32::from(*times) * days {
                    count += 1;
                    let end = wall.end(day);
                    all.insert((day, count), (wall.begin(first), Some(end), Some(end)));
                }
                continue;
            }
            Rhythm::Once { due } => {
                let due_at = due.map(|due| {
                    minutes(due.time).map_or_else(|| wall.end(day), |minute| wall.due(day, minute))
                });
                let after = due.and_then(|due| due.closes_after_minutes);
                let closes = match (due_at, after) {
                    (Some(due), Some(after)) => Some(due + i64::from(after) * 60),
                    _ => schedule.ends_on.map(|end| wall.end(end)),
                };
                all.insert((day, 1), (wall.begin(starts_on), due_at, closes));
                continue;
            }
            _ => continue,
        };
        for (number, minute) in (1..).zip(times) {
            let due = minute.map_or_else(|| wall.end(day), |minute| wall.due(day, minute));
            let opens = match opening.opens_before_minutes {
                Some(before) => (due - i64::from(before) * 60).max(wall.begin(starts_on)),
                None => wall.begin(day),
            };
            let closes = match opening.closes_after_minutes {
                Some(after) => due + i64::from(after) * 60,
                None => wall.end(day).max(due),
            };
            all.insert((day, number), (opens, Some(due), Some(closes)));
        }
    }
    let plain = |((day, number), (opens, due, closes))| (day, number, opens, due, closes);
    all.into_iter().map(plain).collect()
}
