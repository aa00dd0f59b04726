//! The times of one assignment: its schedule in its zone, with what is decided on the assignment itself.

use crate::assignments::store::Row as AssignmentRow;
use crate::db::{Date, Doc, Instant};
use crate::error::Result;
use crate::practices::store::zone;
use crate::schedules::{Due, HORIZON_DAYS, Rhythm, Slot, Timeline};

/// How long after its time something may still arrive that a device completed in time, in seconds
/// (`domain` 2.4.2). So long an assignment whose term is over is kept open.
pub(crate) const MAY_TRAVEL_SECONDS: i64 = 72 * 3600;

/// When an assignment is to be done.
#[derive(Debug, Clone)]
pub struct Plan {
    timeline: Timeline,
    rhythm: Rhythm,
    /// What is done once keeps the assignment's first day for its name, so that whoever has it on a device
    /// finds it again after its date was moved. What came again before is past and stays as it was: then it has the day
    /// from which it holds, which is nobody's evening.
    once: Option<Slot>,
    /// What held before this day, which may be still open or yet to come.
    before: Option<(Timeline, Date)>,
}

impl Plan {
    /// The plan of an assignment.
    ///
    /// # Errors
    /// A fault of the service when the assignment's zone is unknown.
    pub(crate) fn of(row: &AssignmentRow) -> Result<Self> {
        let schedule = row.schedule.0.clone();
        let rhythm = schedule.rhythm.clone();
        // What is done on any day has its days whatever was changed since.
        let holds_from = row.holds_from.filter(|_| !matches!(rhythm, Rhythm::OnDemand {}));
        let timeline = Timeline::new(schedule, zone(&row.timezone)?, row.starts_on)
            .holding_from(holds_from.unwrap_or(row.starts_on));
        let is_once = |rhythm: &Rhythm| matches!(rhythm, Rhythm::Once { .. });
        let before = match (&row.schedule_before, row.holds_from) {
            // Another date of what is done once leaves nothing behind.
            (Some(Doc(before)), _) if is_once(&before.schedule.rhythm) && is_once(&rhythm) => None,
            (Some(Doc(before)), Some(until)) => {
                let timeline =
                    Timeline::new(before.schedule.clone(), zone(&before.timezone)?, row.starts_on);
                let from = before.holds_from.unwrap_or(row.starts_on);
                Some((timeline.holding_from(from), until))
            }
            _ => None,
        };
        let once = match &rhythm {
            Rhythm::Once { due } => {
                let day = before.as_ref().map_or(row.starts_on, |(_, until)| *until);
                Some(once(row, &timeline, day, *due))
            }
            _ => None,
        };
        Ok(Self { timeline, rhythm, once, before })
    }

    /// True for events, which have moments and no times.
    #[must_use]
    pub fn takes_events(&self) -> bool {
        matches!(self.rhythm, Rhythm::Events { .. })
    }

    /// What is done once; none of what comes again or has no times.
    #[must_use]
    pub fn once(&self) -> Option<Slot> {
        self.once
    }

    /// True for what is done once.
    #[must_use]
    pub fn is_once(&self) -> bool {
        self.once.is_some()
    }

    /// True for what is done on any day, and on none unless somebody does it.
    #[must_use]
    pub fn is_on_demand(&self) -> bool {
        matches!(self.rhythm, Rhythm::OnDemand {})
    }

    /// True for what comes again by itself, so that its times are made ahead.
    #[must_use]
    pub fn recurs(&self) -> bool {
        !(self.is_once() || self.is_on_demand() || self.takes_events())
    }

    /// The schedule in its zone.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// What is expected with a local date in `from..to`.
    #[must_use]
    pub fn slots(&self, from: Date, to: Date) -> Vec<Slot> {
        match self.once {
            Some(slot) => Some(slot)
                .filter(|slot| from <= slot.local_date && slot.local_date < to)
                .into_iter()
                .collect(),
            None => self.timeline.slots(from, to).collect(),
        }
    }

    /// The slot of this day and number, if there is one.
    #[must_use]
    pub fn slot(&self, day: Date, slot_no: i32) -> Option<Slot> {
        if let Some(slot) =
            self.once.filter(|slot| (slot.local_date, slot.slot_no) == (day, slot_no))
        {
            return Some(slot);
        }
        match &self.before {
            Some((before, until)) if day < *until => before.slot(day, slot_no),
            _ if self.is_once() => None,
            _ => self.timeline.slot(day, slot_no),
        }
    }

    /// Every slot that can be done at this moment, in order.
    #[must_use]
    pub fn open_at(&self, moment: Instant) -> Vec<Slot> {
        let before = self.before.iter().flat_map(|(before, until)| {
            let held = move |slot: &Slot| slot.local_date < *until;
            before.open_at(moment).into_iter().filter(held)
        });
        match self.once {
            Some(once) => before.chain(Some(once).filter(|slot| slot.is_open(moment))).collect(),
            None => before.chain(self.timeline.open_at(moment)).collect(),
        }
    }

    /// The slot of a day and number that no schedule foresees any more, or ever did: the whole day. It comes from
    /// the assignment alone, so that nothing shows who was the first to do something.
    #[must_use]
    pub fn whole_day(&self, day: Date, slot_no: i32) -> Slot {
        let ends = Some(self.timeline.beginning_of(day.plus_days(1)));
        let opens_at = self.timeline.beginning_of(day);
        Slot { local_date: day, slot_no, opens_at, due_at: ends, closes_at: ends }
    }

    /// The next slot that opens after this moment, within the horizon.
    #[must_use]
    pub fn next_after(&self, moment: Instant) -> Option<Slot> {
        let today = self.timeline.today(moment);
        let later = |slot: &Slot| slot.opens_at > moment;
        match self.once {
            Some(slot) => Some(slot).filter(later),
            None if self.is_on_demand() => {
                self.timeline.slot(self.timeline.first_day(), 1).filter(later)
            }
            None => {
                let until = today.plus_days(HORIZON_DAYS);
                let mut before = self.before.iter().flat_map(|(before, end)| {
                    before.slots(before.first_day_open(moment), until.min(*end))
                });
                before.find(later).or_else(|| {
                    let first = self.timeline.first_day_open(moment);
                    self.timeline.slots(first, until).find(later)
                })
            }
        }
    }

    /// By when something has to be done that is not to be late: before it closes, or, if it is done once,
    /// by when it is due.
    #[must_use]
    pub fn deadline(&self, slot: &Slot) -> Option<Instant> {
        let is_once = self.once.is_some_and(|once| once.local_date == slot.local_date);
        if is_once { slot.due_at } else { slot.closes_at.or(slot.due_at) }
    }

    /// When its term is over and nothing more of it may arrive; none for what has no end.
    #[must_use]
    pub fn over_at(&self) -> Option<Instant> {
        self.timeline.ends_at().map(|end| end.plus_seconds(MAY_TRAVEL_SECONDS))
    }
}

/// What is done once, under the name of this day. It can be done from that day on, or from when it is due if the day is
/// not the first and that is earlier.
fn once(row: &AssignmentRow, timeline: &Timeline, day: Date, due: Option<Due>) -> Slot {
    let begins = timeline.beginning_of(day);
    let earlier = row.due_at.filter(|due| day != row.starts_on && *due < begins);
    Slot {
        local_date: day,
        slot_no: 1,
        opens_at: earlier.unwrap_or(begins),
        due_at: row.due_at,
        closes_at: due
            .and_then(|due| due.closes_after_minutes)
            .zip(row.due_at)
            .map(|(minutes, due)| due.plus_seconds(i64::from(minutes) * 60))
            .or_else(|| timeline.ends_at()),
    }
}
