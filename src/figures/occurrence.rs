//! What is known of an occurrence, and what became of it (`domain` 2.4.2).

use std::collections::BTreeMap;

use crate::db::id::ClientId;
use crate::db::{Date, Instant};
use crate::occurrences::plan::MAY_TRAVEL_SECONDS;

/// For whom a figure is made. What is done is done for both; they differ in what is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// For clinicians: what was skipped is told from what was missed.
    Clinicians,
    /// For those who take part: what was skipped was missed, so that nobody can see from a figure that the
    /// other has skipped (`domain` README, rule 13).
    Participants,
}

/// How far an occurrence has come by the clock and by what was decided about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It lies ahead.
    Scheduled,
    /// Its time has come and is not over.
    Open,
    /// Its time is over.
    Closed,
    /// It does not count: a pause, days of grace, a hold, or a clinician said so.
    Excused,
    /// It does not take place.
    Cancelled,
}

/// What one person sent to an occurrence. Nothing and a draft are the same: no entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// An answer that came in time.
    InTime,
    /// An answer that was completed in time and came within 72 hours. It counts.
    ReceivedLate,
    /// An answer that came later, or was completed too late. It is kept and does not count.
    Late,
    /// Not this time.
    Skipped,
}

impl Sent {
    /// How an answer counts that came in at an instant, by when the device says that it was completed. A
    /// device is not believed that an answer was completed after it came in.
    #[must_use]
    pub fn answer(
        closes_at: Option<Instant>,
        completed_at: Option<Instant>,
        received_at: Instant,
    ) -> Self {
        let Some(closes) = closes_at else { return Self::InTime };
        let completed = completed_at.unwrap_or(received_at).min(received_at);
        if received_at <= closes {
            Self::InTime
        } else if completed <= closes && received_at <= closes.plus_seconds(MAY_TRAVEL_SECONDS) {
            Self::ReceivedLate
        } else {
            Self::Late
        }
    }

    /// How an answer counts for this reader, by when it first came in: put right later it counts as it came first. By
    /// when a device says that it was done is for clinicians. Participants read what another has shared and when, so
    /// that for them what came within three days counts, and no figure tells whether it was done in time.
    #[must_use]
    pub fn answer_for(
        reader: Reader,
        closes_at: Option<Instant>,
        completed_at: Option<Instant>,
        first_sent: Instant,
    ) -> Self {
        match reader {
            Reader::Clinicians => Self::answer(closes_at, completed_at, first_sent),
            Reader::Participants => {
                let by = closes_at.map(|closes| closes.plus_seconds(MAY_TRAVEL_SECONDS));
                if by.is_some_and(|by| first_sent > by) { Self::Late } else { Self::InTime }
            }
        }
    }

    /// True for an answer that counts.
    #[must_use]
    pub fn counts(self) -> bool {
        matches!(self, Self::InTime | Self::ReceivedLate)
    }
}

/// What is known of one occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occurrence {
    /// Its day, in the assignment's zone.
    pub local_date: Date,
    /// Which of several on that day.
    pub slot_no: i32,
    /// How far it has come.
    pub state: State,
    /// What each person sent.
    pub sent: BTreeMap<ClientId, Sent>,
    /// True once its own workflow has come to the end that counts: the exchange was closed, the session
    /// closed or stopped, the window offered, the document agreed on or looked at again.
    pub ended: bool,
}

/// What became of an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It is open and not done yet. It is due.
    Open,
    /// It was left out with a word. Only clinicians are told.
    Skipped,
    /// Its time went by.
    Missed,
    /// It does not count.
    Excused,
    /// It was not due: it lies ahead or was cancelled, or the exercise is not counted.
    NotDue,
}
