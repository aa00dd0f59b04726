//! What a hold is, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::id::{AlertId, ClinicianId, CoupleId, HoldId};
use crate::db::types::words;
use crate::db::{Date, Instant};
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;

words! {
    /// What a hold pauses.
    HoldKind {
        /// Everything that the couple does together.
        Conjoint = "conjoint",
        /// What is sexual in it.
        Touch = "touch",
    }
}

words! {
    /// Why a pause like this one is made, in words that would do for any. For staff alone.
    CoverReason {
        /// The therapist looks at how things are going.
        TherapistReview = "therapist_review",
        /// Sessions move.
        ScheduleChange = "schedule_change",
        /// The practice rests.
        PracticePause = "practice_pause",
        /// Something else comes first.
        FocusShift = "focus_shift",
    }
}

words! {
    /// Where a hold stands (`domain` 2.8.2).
    HoldStatus {
        /// It will take effect, and nothing has changed yet.
        Placed = "placed",
        /// It is in effect.
        Effective = "effective",
        /// It was lifted.
        Lifted = "lifted",
    }
}

/// A hold, with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Hold {
    /// Id.
    pub id: HoldId,
    /// The couple.
    pub couple_id: CoupleId,
    /// What it pauses.
    pub kind: HoldKind,
    /// A reason that would do for any pause.
    pub cover_reason: CoverReason,
    /// The reason in the clinician's words.
    #[schema(max_length = 2000)]
    pub reason: Option<String>,
    /// The alert that led to it, when the caller sees it.
    pub alert_id: Option<AlertId>,
    /// Where it stands.
    pub status: HoldStatus,
    /// When it takes effect.
    pub effective_at: Instant,
    /// The day that participants are shown as that on which it is to go on. It goes on when a clinician
    /// lifts the hold, and not by itself.
    pub resume_on: Date,
    /// The clinician who placed it.
    pub placed_by: ClinicianId,
    /// When it was lifted.
    pub lifted_at: Option<Instant>,
    /// When it was placed.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for Hold {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/holds/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find_row(tx, HoldId::from_uuid(id)).map(drop)
    }
}

/// A hold in a list: without its reason.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HoldSummary {
    /// Id.
    pub id: HoldId,
    /// The couple.
    pub couple_id: CoupleId,
    /// What it pauses.
    pub kind: HoldKind,
    /// Where it stands.
    pub status: HoldStatus,
    /// When it takes effect.
    pub effective_at: Instant,
    /// The day on which it is to go on.
    pub resume_on: Date,
    /// The clinician who placed it.
    pub placed_by: ClinicianId,
    /// When it was placed.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl HoldSummary {
    /// Where this hold stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A hold to be placed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHold {
    /// The couple. The caller treats it.
    pub couple_id: CoupleId,
    /// What it pauses.
    pub kind: HoldKind,
    /// A reason that would do for any pause. No client ever reads it.
    pub cover_reason: CoverReason,
    /// The reason in the clinician's words, for clinicians alone.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: Option<String>,
    /// The alert that leads to it, about one of the couple.
    pub alert_id: Option<AlertId>,
    /// When it takes effect, within sixty days; a past instant means now. Up to a minute is added by chance,
    /// so that the time does not look appointed. When left out: between the next six in the morning, on the
    /// couple's clock, and two days after it, by chance.
    pub effective_at: Option<Instant>,
    /// The day on which it is to go on, after that on which it takes effect and within sixty days of it;
    /// two weeks after it when left out.
    pub resume_on: Option<Date>,
}

/// Which holds to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct HoldFilter {
    /// Those on this couple.
    pub couple_id: Option<CoupleId>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 3)]
    pub status: Option<Vec<HoldStatus>>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 2)]
    pub kind: Option<Vec<HoldKind>>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}
