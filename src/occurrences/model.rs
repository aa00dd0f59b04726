//! What an occurrence is, as stored and as shown.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::id::{AssignmentId, OccurrenceId};
use crate::db::schema::occurrences;
use crate::db::types::words;
use crate::db::{Date, Instant, WallTime};
use crate::error::Result;
use crate::figures::weeks::days_between;
use crate::http::Resource;
use crate::http::page::Position;
use crate::joint_confirmations::model::Confirmation;
use crate::schedules::Slot;

words! {
    /// How far an occurrence has come for all who take part, drafts and skips aside (`domain` 2.4.2). What the
    /// clock brings about is not stored.
    Progress {
        /// Nobody has submitted.
        Open = "open",
        /// Somebody has.
        PartiallySubmitted = "partially_submitted",
        /// All who must have.
        Submitted = "submitted",
        /// It does not count.
        Excused = "excused",
        /// It does not take place.
        Cancelled = "cancelled",
    }
}

words! {
    /// Where an occurrence stands (`domain` 2.4.2). To participants it says where they stand themselves: what
    /// another has sent, skipped or left undone is not in it.
    OccurrenceStatus {
        /// It opens later.
        Scheduled = "scheduled",
        /// It can be done.
        Open = "open",
        /// One had written it for all, and another has contested that: it can be sent again.
        InProgress = "in_progress",
        /// Some of those who must have done it. Participants never read this word.
        PartiallySubmitted = "partially_submitted",
        /// It is done.
        Submitted = "submitted",
        /// Somebody said: not this time. Participants read it of themselves alone.
        Skipped = "skipped",
        /// Its time went by.
        Missed = "missed",
        /// It does not count: by grace, a pause, or a clinician's word.
        Excused = "excused",
        /// It does not take place.
        Cancelled = "cancelled",
    }
}

words! {
    /// Why a day does not count. Nobody is asked for more than this.
    ExcusalKind {
        /// Grace, which everybody who takes part may give.
        Grace = "grace",
        /// A holiday.
        Holiday = "holiday",
        /// Another reason of the clinician's.
        Clinician = "clinician",
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = occurrences, treat_none_as_default_value = false)]
pub(crate) struct Row {
    pub(crate) practice_id: crate::db::id::PracticeId,
    pub(crate) id: OccurrenceId,
    pub(crate) assignment_id: AssignmentId,
    pub(crate) local_date: Date,
    pub(crate) slot_no: i32,
    pub(crate) opens_at: Instant,
    pub(crate) due_at: Option<Instant>,
    pub(crate) closes_at: Option<Instant>,
    pub(crate) status: Progress,
    pub(crate) completed_at: Option<Instant>,
    pub(crate) version: i32,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
    pub(crate) planned: bool,
}

impl Row {
    /// The row of a slot that nobody has done anything to.
    pub(crate) fn of(tx: &Tx<'_>, assignment: AssignmentId, slot: Slot, planned: bool) -> Self {
        Self {
            practice_id: tx.practice(),
            id: tx.new_id(),
            assignment_id: assignment,
            local_date: slot.local_date,
            slot_no: slot.slot_no,
            opens_at: slot.opens_at,
            due_at: slot.due_at,
            closes_at: slot.closes_at,
            status: Progress::Open,
            completed_at: None,
            version: 1,
            created_at: tx.now,
            updated_at: tx.now,
            planned,
        }
    }

    /// Its slot as it is stored, whatever the schedule says by now.
    pub(crate) fn slot(&self) -> Slot {
        Slot {
            local_date: self.local_date,
            slot_no: self.slot_no,
            opens_at: self.opens_at,
            due_at: self.due_at,
            closes_at: self.closes_at,
        }
    }
}

/// A moment on the wall of one zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OnTheWall {
    /// The zone.
    #[schema(format = "iana-timezone", example = "America/Los_Angeles")]
    pub timezone: String,
    /// The day there.
    pub on: Date,
    /// The time there.
    pub at: WallTime,
}

/// One time that an exercise is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Occurrence {
    /// Id; null for participants, who name it by its day and number: those alone are the same whoever has done
    /// something first.
    pub id: Option<OccurrenceId>,
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// Its day, in the assignment's zone.
    pub local_date: Date,
    /// Which of several on that day.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: i32,
    /// From when it can be done.
    pub opens_at: Instant,
    /// By when it is due; null for what has no date.
    pub due_at: Option<Instant>,
    /// Until when it can be done in time; null for what stays open.
    pub closes_at: Option<Instant>,
    /// When it is due on the wall of the assignment's zone.
    pub due_there: Option<OnTheWall>,
    /// When it is due on the reader's own wall: a client's zone, or that of the practice.
    pub due_here: Option<OnTheWall>,
    /// Where it stands; to a participant, where they stand themselves.
    pub status: OccurrenceStatus,
    /// Why it does not count; null when it does, when it rests with its assignment, and for participants.
    pub excused_for: Option<ExcusalKind>,
    /// How far all agree with what one has written for them; null where nobody has.
    pub confirmation: Option<Confirmation>,
    #[serde(skip)]
    pub(super) row_id: OccurrenceId,
}

impl Occurrence {
    /// Where it stands in a list: a day and a number, which one assignment has once.
    #[must_use]
    pub fn position(&self) -> Position {
        let day = days_between(EPOCH, self.local_date);
        let place = i64::from(day) * PLACES_A_DAY + i64::from(self.slot_no);
        Position { at: Instant::from_micros(place), id: Uuid::nil() }
    }

    /// The day and number of a position.
    #[must_use]
    pub(super) fn place_of(position: Position) -> (Date, i32) {
        let place = position.at.micros();
        let day = i32::try_from(place.div_euclid(PLACES_A_DAY)).unwrap_or_default();
        let slot_no = i32::try_from(place.rem_euclid(PLACES_A_DAY)).unwrap_or_default();
        (EPOCH.plus_days(day), slot_no)
    }
}

/// From here days are counted in a position.
const EPOCH: Date = Date(jiff::civil::Date::constant(1970, 1, 1));
/// More than a day has slots.
const PLACES_A_DAY: i64 = 1000;

impl Resource for Occurrence {
    fn id(&self) -> Uuid {
        self.row_id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/assignments/{}/occurrences", self.assignment_id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find(tx, OccurrenceId::from_uuid(id)).map(drop)
    }
}

/// Which time is excused.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExcuseOccurrence {
    /// Its day, in the assignment's zone: within the last sixty days or the next sixty.
    pub local_date: Date,
    /// Which of several on that day; the first when left out.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: Option<i32>,
    /// Why; `grace` when left out, and always from participants.
    pub kind: Option<ExcusalKind>,
}

/// Which time counts again.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReinstateOccurrence {
    /// Its day, in the assignment's zone.
    pub local_date: Date,
    /// Which of several on that day; the first when left out.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: Option<i32>,
}

/// Which occurrences to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OccurrenceFilter {
    /// Those of this day or later.
    pub from: Option<Date>,
    /// Those of this day or earlier.
    pub until: Option<Date>,
}
