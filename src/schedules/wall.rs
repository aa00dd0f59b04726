//! From the wall to the world: what moment a local date and time name in a zone.
//!
//! Two questions sound alike and are not. *When is 02:30 due?* has the answer of RFC 5545, 3.3.5: in a gap
//! the offset before it counts, of two moments the first. *When has the day begun that begins at 02:30?* is
//! answered by the first moment at which the wall shows that or more; in a gap that is its end. With one
//! answer for both, half an hour after a gap would belong to a day that the wall has left.

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::db::{Date, Instant, WallTime};

/// Midnight.
pub(super) const MIDNIGHT: WallTime = WallTime::from_minutes(0);

/// When an occurrence is due that this day and time name: `domain` 2.9, RFC 5545, 3.3.5.
pub(super) fn due(day: Date, time: WallTime, zone: &TimeZone) -> Instant {
    zone.to_ambiguous_timestamp(at(day, time)).compatible().unwrap_or(Timestamp::MAX).into()
}

/// The first moment at which the wall shows this time of this day, or, where a gap begins before it, more.
pub(super) fn reached(day: Date, time: WallTime, zone: &TimeZone) -> Instant {
    let ambiguous = zone.to_ambiguous_timestamp(at(day, time));
    let in_gap = matches!(ambiguous.offset(), AmbiguousOffset::Gap { .. });
    let compatible = ambiguous.compatible().unwrap_or(Timestamp::MAX);
    if !in_gap {
        return compatible.into();
    }
    // What lies in a gap is read with the offset before it and so lands after it, by less than its length.
    let after = compatible.saturating_add(jiff::Span::new().nanoseconds(1)).unwrap_or(compatible);
    let jump = zone.preceding(after).next();
    jump.map_or(compatible, |jump| jump.timestamp()).into()
}

/// The first moment of a day, which is not midnight where a gap swallows it.
pub(super) fn start_of(day: Date, zone: &TimeZone) -> Instant {
    reached(day, MIDNIGHT, zone)
}

/// The moment at which a day is over.
pub(super) fn end_of(day: Date, zone: &TimeZone) -> Instant {
    start_of(day.plus_days(1), zone)
}

/// False for a day that a zone left out, as Samoa did 30 December 2011.
pub(super) fn exists(day: Date, zone: &TimeZone) -> bool {
    start_of(day, zone) < end_of(day, zone)
}

/// The day to which a moment belongs where days begin at this time: the latest that has begun. By moments
/// and not by what the wall shows: when the clock goes back over the beginning, the day does not end again.
pub(super) fn day_of(moment: Instant, begins: WallTime, zone: &TimeZone) -> Date {
    let shown = moment.date_in(zone);
    let begun = |day: &Date| reached(*day, begins, zone) <= moment;
    [shown.plus_days(1), shown].into_iter().find(begun).unwrap_or(shown.plus_days(-1))
}

/// Days from one date to another; negative when that lies earlier.
pub(super) fn days_between(from: Date, to: Date) -> i32 {
    (to.0 - from.0).get_days()
}

fn at(day: Date, time: WallTime) -> DateTime {
    let minutes = jiff::Span::new().minutes(i64::from(time.minutes()));
    day.0.to_datetime(Time::midnight().wrapping_add(minutes))
}
