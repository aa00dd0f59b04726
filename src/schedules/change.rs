//! From which day on another schedule, time or zone holds.

use super::Timeline;
use super::model::Rhythm;
use crate::db::{Date, Instant};

/// The local date from which `new` holds in place of `old` (`domain` 2.9, rule 5). Keep the slots of `old`
/// before it, and those of `new.holding_from(it)` from it on.
///
/// It is the next day in both zones, and later than the day of every slot of `old` that has opened.
/// Therefore, whichever way somebody flies:
///
/// - no local date and number comes twice, since each date has one timeline;
/// - no date is lost between them;
/// - what is past or open stays as it is;
/// - nothing of `new` is over before it exists.
///
/// What `new` would have had before that day is not made up for. Two neighbouring times may come closer
/// together or further apart, by as much as the zones are: something has to give, and a day that is lost or
/// doubled would be worse.
///
/// `old` must itself hold from the day that the change before this one gave: then this is never earlier.
/// None when both are done once and it has begun already: it stays one, and its own row takes the new date.
#[must_use]
pub fn change_from(old: &Timeline, new: &Timeline, now: Instant) -> Option<Date> {
    let today = now.date_in(&old.zone).max(now.date_in(&new.zone));
    let (from, to) = old.days_open(now);
    let begun = old.slots(from, to).filter(|slot| slot.opens_at <= now).last();
    let once = |timeline: &Timeline| matches!(timeline.schedule.rhythm, Rhythm::Once { .. });
    if begun.is_some() && once(old) && once(new) {
        return None;
    }
    let after_begun = begun.map_or(today, |slot| slot.local_date.max(today)).plus_days(1);
    Some(after_begun.max(old.holds_from).max(new.starts_on))
}
