//! What a time proposal is, as sent, as stored and as shown.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::activities::definition::parts::Weekday;
use crate::auth::Tx;
use crate::db::id::{AssignmentId, ClientId, CoupleId, PracticeId, TimeProposalId};
use crate::db::schema::time_proposals;
use crate::db::types::words;
use crate::db::{Doc, Instant, WallTime};
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;
use crate::schedules::Schedule;

words! {
    /// Where a proposal stands.
    TimeProposalStatus {
        /// Not all of the others have answered.
        Pending = "pending",
        /// All have said yes, and the assignment has the proposed time.
        Accepted = "accepted",
        /// One of the others has said no.
        Declined = "declined",
        /// Whoever proposed it has taken it back.
        Withdrawn = "withdrawn",
        /// It ended by itself: its fourteen days went by, a clinician set another schedule, or the assignment ended.
        Lapsed = "lapsed",
    }
}

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = time_proposals, primary_key(practice_id, id), treat_none_as_null = true)]
pub(crate) struct Row {
    pub(crate) practice_id: PracticeId,
    pub(crate) id: TimeProposalId,
    pub(crate) assignment_id: AssignmentId,
    pub(crate) couple_id: CoupleId,
    pub(crate) proposed_by: ClientId,
    pub(crate) time_of_day: Option<WallTime>,
    pub(crate) weekdays: Doc<Vec<Weekday>>,
    pub(crate) schedule: Doc<Schedule>,
    pub(crate) status: TimeProposalStatus,
    pub(crate) expires_at: Instant,
    pub(crate) decided_at: Option<Instant>,
    pub(crate) version: i32,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl Row {
    /// Where it stands at this moment: what nobody answered in time has ended without anybody's doing.
    pub(crate) fn status_at(&self, now: Instant) -> TimeProposalStatus {
        let over = self.status == TimeProposalStatus::Pending && self.expires_at <= now;
        if over { TimeProposalStatus::Lapsed } else { self.status }
    }
}

/// Another time that one of those who take part has proposed.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TimeProposal {
    /// Id.
    pub id: TimeProposalId,
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// Who proposes it, by the name that the couple knows them by.
    #[schema(max_length = 80)]
    pub from: Option<String>,
    /// Who proposes it, by their id; a participant reads their own alone.
    pub proposed_by: Option<ClientId>,
    /// The time of day; null when only the days are others.
    pub time_of_day: Option<WallTime>,
    /// The days of the week; empty when they stay.
    #[schema(max_items = 7)]
    pub weekdays: Vec<Weekday>,
    /// What the assignment's schedule becomes.
    pub schedule: Schedule,
    /// Where it stands.
    pub status: TimeProposalStatus,
    /// Who has said yes, by the names that the couple knows them by.
    #[schema(max_items = 6)]
    pub accepted_by: Vec<String>,
    /// True when it waits for the caller's own answer.
    pub awaits_you: bool,
    /// Until when it can be answered.
    pub expires_at: Instant,
    /// When it was decided, or had ended by itself; null while it is pending.
    pub decided_at: Option<Instant>,
    /// When it was proposed.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl TimeProposal {
    /// Where this proposal stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

impl Resource for TimeProposal {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/time-proposals/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find(tx, TimeProposalId::from_uuid(id)).map(drop)
    }
}

/// Which other time is proposed: of day, days of the week, or both.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTimeProposal {
    /// The time of day, on the wall of the assignment's zone.
    pub time_of_day: Option<WallTime>,
    /// The days of the week, of what has fixed ones: as many as now.
    #[schema(min_items = 1, max_items = 7)]
    pub weekdays: Option<Vec<Weekday>>,
}

/// Which proposals to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TimeProposalFilter {
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}
