//! How far what was written for all is agreed on, as stored and as shown.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::db::id::{AssignmentId, ClientId, OccurrenceId, PracticeId};
use crate::db::schema::joint_confirmations;
use crate::db::types::words;
use crate::db::{Date, Instant};
use crate::state::{Machine, Status, Transition};

use ConfirmationStatus::{Confirmed, Contested, Pending};

/// How long the others can answer, in seconds: forty-eight hours.
pub(crate) const ANSWERABLE_SECONDS: i64 = 48 * 3600;

words! {
    /// How far the others agree with what one has written for all (`domain` 2.4.2).
    ConfirmationStatus {
        /// Not all of them have answered, and there is time.
        Pending = "pending",
        /// All of them have said yes.
        Confirmed = "confirmed",
        /// One of them has said no.
        Contested = "contested",
        /// The two days went by in silence. It stands all the same.
        Unconfirmed = "unconfirmed",
    }
}

words! {
    /// What one of the others has said.
    Answer {
        /// Yes.
        Confirmed = "confirmed",
        /// No.
        Contested = "contested",
    }
}

impl Status for ConfirmationStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a confirmation. Where more than one other is asked, it stays pending until the last of them has
/// confirmed. `unconfirmed` is what the clock makes of it, and in no table.
pub const MACHINE: Machine<ConfirmationStatus> = Machine(&[
    Transition { name: "confirm", from: &[Pending], to: Confirmed },
    Transition { name: "contest", from: &[Pending], to: Contested },
]);

/// One of the others who are named in what somebody wrote.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = joint_confirmations, treat_none_as_default_value = false)]
pub(crate) struct Row {
    pub(crate) practice_id: PracticeId,
    pub(crate) occurrence_id: OccurrenceId,
    pub(crate) client_id: ClientId,
    pub(crate) assignment_id: AssignmentId,
    pub(crate) local_date: Date,
    pub(crate) slot_no: i32,
    pub(crate) written_by: ClientId,
    pub(crate) asked_at: Instant,
    pub(crate) answer: Option<Answer>,
    pub(crate) answered_at: Option<Instant>,
}

impl Row {
    /// Until when this one can answer.
    pub(crate) fn until(&self) -> Instant {
        self.asked_at.plus_seconds(ANSWERABLE_SECONDS)
    }

    /// True while this one can answer and has not.
    pub(crate) fn is_awaited(&self, now: Instant) -> bool {
        self.answer.is_none() && now < self.until()
    }
}

/// How far these agree, all of one occurrence; none where nobody was asked.
pub(crate) fn status_of<'a>(
    rows: impl Iterator<Item = &'a Row>,
    now: Instant,
) -> Option<ConfirmationStatus> {
    let (mut asked, mut contested, mut silent, mut awaited) = (0, false, false, false);
    for row in rows {
        asked += 1;
        contested |= row.answer == Some(Answer::Contested);
        silent |= row.answer.is_none();
        awaited |= row.is_awaited(now);
    }
    (asked > 0).then_some(match (contested, awaited, silent) {
        (true, ..) => Contested,
        (_, true, _) => Pending,
        (_, _, true) => ConfirmationStatus::Unconfirmed,
        _ => Confirmed,
    })
}

/// How far what one has written for all is agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Confirmation {
    /// How far.
    pub status: ConfirmationStatus,
    /// Who wrote it, by the name that the couple knows them by.
    #[schema(max_length = 80)]
    pub from: Option<String>,
    /// Until when the others can answer.
    pub confirm_by: Instant,
    /// True when it waits for the caller's own answer.
    pub awaits_you: bool,
}

/// Something that one has written for all, and that waits for the caller's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ToConfirm {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The day that it is about.
    pub local_date: Date,
    /// Which of several on that day.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: i32,
    /// Who wrote it, by the name that the couple knows them by.
    #[schema(max_length = 80)]
    pub from: Option<String>,
    /// Until when it can be answered.
    pub confirm_by: Instant,
}

/// Which time is meant.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OccurrenceName {
    /// Its day, in the assignment's zone.
    pub local_date: Date,
    /// Which of several on that day; the first when left out.
    #[schema(minimum = 1, maximum = 24)]
    pub slot_no: Option<i32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn row(answer: Option<Answer>, asked_at: Instant) -> Row {
        let nobody = Uuid::from_u128(1);
        Row {
            practice_id: PracticeId::from_uuid(nobody),
            occurrence_id: OccurrenceId::from_uuid(nobody),
            client_id: ClientId::from_uuid(nobody),
            assignment_id: AssignmentId::from_uuid(nobody),
            local_date: Date(jiff::civil::date(2026, 12, 2)),
            slot_no: 1,
            written_by: ClientId::from_uuid(nobody),
            asked_at,
            answer,
            answered_at: None,
        }
    }

    proptest! {
        /// Whatever others have said in whatever order: one no decides, then time alone, then all have to have said yes.
        #[test]
        fn one_no_decides_and_silence_lets_it_stand(
            answers in proptest::collection::vec(0..3u8, 0..6), hours in 0..100i64,
        ) {
            let asked = Instant::from_micros(1_790_000_000_000_000);
            let now = asked.plus_seconds(hours * 3600);
            let rows: Vec<Row> = answers.iter().map(|word| row(match word {
                0 => None,
                1 => Some(Answer::Confirmed),
                _ => Some(Answer::Contested),
            }, asked)).collect();
            let wanted = if answers.is_empty() {
                None
            } else if answers.contains(&2) {
                Some(ConfirmationStatus::Contested)
            } else if !answers.contains(&0) {
                Some(ConfirmationStatus::Confirmed)
            } else if hours < 48 {
                Some(ConfirmationStatus::Pending)
            } else {
                Some(ConfirmationStatus::Unconfirmed)
            };
            prop_assert_eq!(status_of(rows.iter(), now), wanted);
            prop_assert_eq!(status_of(rows.iter().rev(), now), wanted);
        }
    }
}
