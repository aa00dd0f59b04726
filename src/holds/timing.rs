//! When a hold takes effect: at a time that betrays neither what led to it nor that it was appointed.

use jiff::tz::TimeZone;

use crate::auth::Tx;
use crate::db::id::AnyId;
use crate::db::{Date, Instant};
use crate::error::{Error, Fault, Result};

/// How far ahead a hold may take effect, and how long it may be announced for, in days.
const LONGEST_DAYS: i32 = 60;
/// How long it is announced for unless the clinician says otherwise, in days.
const USUAL_DAYS: i32 = 14;
/// The hour, on the couple's clock, after which a hold takes effect by itself.
const MORNING: i8 = 6;
const MINUTE: u128 = 60_000_000;
const TWO_DAYS: u128 = 48 * 60 * MINUTE;

/// When a hold takes effect, and the day on which it is said to end.
pub(super) fn decide(
    tx: &Tx<'_>,
    zone: &TimeZone,
    effective_at: Option<Instant>,
    resume_on: Option<Date>,
) -> Result<(Instant, Date)> {
    let mut faults = Vec::new();
    let last = tx.now.plus_seconds(i64::from(LONGEST_DAYS) * 86_400);
    if effective_at.is_some_and(|at| at > last) {
        let detail = "Must lie within sixty days.";
        faults.push(Fault::body("/effective_at", "out_of_range", detail));
    }
    let at = match effective_at {
        Some(at) => by_chance(tx, at.clamp(tx.now, last), MINUTE),
        None => by_chance(tx, next_morning(tx.now, zone), TWO_DAYS),
    };
    let day = at.date_in(zone);
    let resume_on = resume_on.unwrap_or_else(|| day.plus_days(USUAL_DAYS));
    if resume_on <= day || resume_on > day.plus_days(LONGEST_DAYS) {
        let detail = "Must be a day after that on which it takes effect, within sixty days of it.";
        faults.push(Fault::body("/resume_on", "out_of_range", detail));
    }
    Error::unless_valid(faults)?;
    Ok((at, resume_on))
}

/// The next time that the clock shows six in the morning.
fn next_morning(now: Instant, zone: &TimeZone) -> Instant {
    let today = now.date_in(zone);
    let six = |day: Date| -> Instant {
        let at = day.0.at(MORNING, 0, 0, 0);
        zone.to_ambiguous_timestamp(at).compatible().map_or(now, Instant::from)
    };
    let morning = six(today);
    if morning > now { morning } else { six(today.plus_days(1)) }
}

/// This instant and up to so many microseconds more, out of the source of ids: in production that is the
/// operating system's randomness, in a recording the same each time.
fn by_chance(tx: &Tx<'_>, from: Instant, most: u128) -> Instant {
    let id: AnyId = tx.new_id();
    // Of an id's 74 random bits, the lower 62 lie together.
    let random = id.uuid().as_u128() & ((1 << 62) - 1);
    let more = i64::try_from(random % most).unwrap_or_default();
    Instant::from_micros(from.micros().saturating_add(more))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn six_in_the_morning_is_that_of_the_couples_clock_whatever_the_clock_has_done() {
        let zone = TimeZone::get("America/Boise").unwrap();
        for (now, morning) in [
            ("2026-12-02T12:59:59Z", "2026-12-02T13:00:00Z"),
            ("2026-12-02T13:00:00Z", "2026-12-03T13:00:00Z"),
            ("2026-03-08T01:00:00Z", "2026-03-08T12:00:00Z"),
            ("2026-11-01T00:30:00Z", "2026-11-01T13:00:00Z"),
        ] {
            assert_eq!(next_morning(at(now), &zone), at(morning), "{now}");
        }
    }
}
