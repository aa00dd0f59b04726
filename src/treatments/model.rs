//! What a treatment is, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::id::{ClientId, ClinicianId, CoupleId, TreatmentId};
use crate::db::types::words;
use crate::db::{Date, Instant};
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;

words! {
    /// Where a treatment stands (`domain` 2.4.5).
    TreatmentStatus {
        /// Somebody has asked.
        Inquiry = "inquiry",
        /// A consultation is booked.
        ConsultScheduled = "consult_scheduled",
        /// The consultation was held.
        ConsultCompleted = "consult_completed",
        /// Under way.
        Active = "active",
        /// Sessions are getting fewer.
        Tapering = "tapering",
        /// Occasional sessions to keep what was reached.
        Maintenance = "maintenance",
        /// Paused.
        OnHold = "on_hold",
        /// Goes on at another practice.
        Transferred = "transferred",
        /// Ended.
        Closed = "closed",
    }
}

words! {
    /// How long a treatment is meant to be.
    Arc {
        /// A short one with few aims.
        Focused = "focused",
        /// A longer one.
        Extended = "extended",
    }
}

words! {
    /// What the consultation found (`seed:1.143`).
    ConsultOutcome {
        /// Practice and clients fit.
        Fit = "fit",
        /// They do not.
        NotFit = "not_fit",
        /// Somebody else was recommended.
        Referred = "referred",
        /// Not clear yet.
        Undecided = "undecided",
    }
}

words! {
    /// Why a treatment was closed.
    CloseReason {
        /// It reached its end.
        Completed = "completed",
        /// It goes on with somebody else.
        Referred = "referred",
        /// The clients ended it.
        ClientEnded = "client_ended",
        /// They moved away.
        Moved = "moved",
        /// It was transferred to another practice.
        Transferred = "transferred",
        /// Another reason.
        Other = "other",
    }
}

words! {
    /// What a clinician does on a care team.
    CareTeamRole {
        /// Answers for the treatment. There is always exactly one.
        Primary = "primary",
        /// Treats with the primary clinician.
        CoTherapist = "co_therapist",
        /// Reads, advises and co-signs.
        Supervisor = "supervisor",
        /// Stands in.
        Covering = "covering",
    }
}

/// A treatment, as staff and services see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Treatment {
    /// Id.
    pub id: TreatmentId,
    /// The couple in treatment, or null.
    pub couple_id: Option<CoupleId>,
    /// The one client in treatment, or null.
    pub client_id: Option<ClientId>,
    /// How long it is meant to be.
    pub arc: Arc,
    /// Sessions planned, at least.
    #[schema(minimum = 1, maximum = 200)]
    pub planned_min_sessions: i32,
    /// Sessions planned, at most.
    #[schema(minimum = 1, maximum = 200)]
    pub planned_max_sessions: i32,
    /// Where it stands.
    pub status: TreatmentStatus,
    /// What the consultation found.
    pub consult_outcome: Option<ConsultOutcome>,
    /// Why no consultation was needed.
    #[schema(max_length = 300)]
    pub consult_waived_reason: Option<String>,
    /// Why it was closed.
    pub close_reason: Option<CloseReason>,
    /// When it became active.
    pub started_on: Option<Date>,
    /// When it was closed or transferred.
    pub closed_on: Option<Date>,
    /// The care team at present.
    #[schema(max_items = 50)]
    pub care_team: Vec<TeamMember>,
    /// When the record was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A clinician on a care team at present.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TeamMember {
    /// The clinician.
    pub clinician_id: ClinicianId,
    /// What they do.
    pub role: CareTeamRole,
}

impl Resource for Treatment {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/treatments/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find(tx, TreatmentId::from_uuid(id)).map(drop)
    }
}

impl Treatment {
    /// Where this treatment stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A new treatment. Name a couple or a client, not both.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTreatment {
    /// The couple in treatment.
    pub couple_id: Option<CoupleId>,
    /// The one client in treatment.
    pub client_id: Option<ClientId>,
    /// How long it is meant to be; `focused` when left out.
    #[schema(nullable = false)]
    pub arc: Option<Arc>,
    /// Sessions planned, at least; 8 when left out.
    #[schema(nullable = false, minimum = 1, maximum = 200, default = 8)]
    pub planned_min_sessions: Option<i32>,
    /// Sessions planned, at most; 12 when left out, or as many as the least.
    #[schema(nullable = false, minimum = 1, maximum = 200, default = 12)]
    pub planned_max_sessions: Option<i32>,
    /// The care team, one of them primary. Clinicians may leave it out.
    #[schema(nullable = false, min_items = 1, max_items = 10)]
    pub care_team: Option<Vec<NewTeamMember>>,
}

/// A clinician for a care team.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTeamMember {
    /// The clinician.
    pub clinician_id: ClinicianId,
    /// What they do.
    pub role: CareTeamRole,
}

/// What may be changed of a treatment. Absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TreatmentPatch {
    /// How long it is meant to be.
    #[schema(nullable = false)]
    pub arc: Option<Arc>,
    /// Sessions planned, at least.
    #[schema(nullable = false, minimum = 1, maximum = 200)]
    pub planned_min_sessions: Option<i32>,
    /// Sessions planned, at most.
    #[schema(nullable = false, minimum = 1, maximum = 200)]
    pub planned_max_sessions: Option<i32>,
}

/// Which treatments to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TreatmentFilter {
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 9)]
    pub status: Option<Vec<TreatmentStatus>>,
    /// Those of this couple.
    pub couple_id: Option<CoupleId>,
    /// Those of this client alone.
    pub client_id: Option<ClientId>,
    /// Those on whose care team this clinician is at present.
    pub clinician_id: Option<ClinicianId>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}

/// What the consultation found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteConsult {
    /// The finding. `not_fit` and `referred` close the treatment.
    pub outcome: ConsultOutcome,
}

/// How a treatment becomes active.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivateTreatment {
    /// Why no consultation is needed. Asked for when none was held and the practice's settings
    /// want one.
    #[schema(nullable = false, min_length = 1, max_length = 300)]
    pub consult_waived_reason: Option<String>,
}

/// Why a treatment is closed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseTreatment {
    /// The reason.
    pub reason: CloseReason,
}
