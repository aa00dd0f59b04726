//! What a couple is, as stored, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::id::{ClientId, ClinicianId, CoupleId};
use crate::db::types::words;
use crate::db::{Date, Instant};
use crate::error::Result;
use crate::http::page::Position;
use crate::http::{Patch, Resource};

words! {
    /// Where a couple stands.
    CoupleStatus {
        /// Members are being gathered.
        Forming = "forming",
        /// In care.
        Active = "active",
        /// Paused by agreement.
        OnBreak = "on_break",
        /// Members are parting.
        Separating = "separating",
        /// No longer a couple. Never reopened: who comes together again is a new couple.
        Dissolved = "dissolved",
        /// Out of the way of everyday lists.
        Archived = "archived",
    }
}

impl CoupleStatus {
    /// True once members are no longer a couple: nothing is added to what they had together.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Dissolved | Self::Archived)
    }
}

words! {
    /// Whether a client has said yes to being in a couple.
    InvitationState {
        /// Was asked.
        Invited = "invited",
        /// Said yes.
        Accepted = "accepted",
        /// Said no.
        Declined = "declined",
        /// Was not answered while it could be.
        Expired = "expired",
    }
}

/// What a couple is called. One sealed column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub(super) label: String,
    pub(super) structure_text: Option<String>,
}

/// A couple, as its members or the practice see it. What is the practice's alone is null for
/// members.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Couple {
    /// Id.
    pub id: CoupleId,
    /// A neutral name.
    #[schema(max_length = 80, example = "A & B")]
    pub label: String,
    /// Where it stands.
    pub status: CoupleStatus,
    /// IANA zone of what the couple does together.
    #[schema(format = "iana-timezone", example = "America/Los_Angeles")]
    pub timezone: String,
    /// Members at present. To a member: those who said yes.
    #[schema(max_items = 6)]
    pub members: Vec<MemberSummary>,
    /// When care began. Null for members.
    pub started_on: Option<Date>,
    /// When it was dissolved.
    pub dissolved_on: Option<Date>,
    /// In the couple's own words. Null for members.
    #[schema(max_length = 300)]
    pub structure_text: Option<String>,
    /// Members at the most. Null for members.
    #[schema(minimum = 2, maximum = 6)]
    pub max_members: Option<i32>,
    /// The clinician who answers for it until a care team does. Null for members.
    pub intake_clinician_id: Option<ClinicianId>,
    /// The dissolved couple from which this one came. Null for members.
    pub previous_couple_id: Option<CoupleId>,
    /// When the record was made. Null for members.
    pub created_at: Option<Instant>,
    /// When it last changed. Null for members: nothing of the record's history is theirs to
    /// watch.
    pub updated_at: Option<Instant>,
}

/// A member, as shown in the couple.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MemberSummary {
    /// The client. To a member: their own id alone.
    pub client_id: Option<ClientId>,
    /// The name they go by in this couple.
    #[schema(max_length = 80, example = "A")]
    pub display_name: String,
    /// Whether they said yes. To a member: always `accepted`.
    pub invitation_state: InvitationState,
}

impl Resource for Couple {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/couples/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find(tx, CoupleId::from_uuid(id)).map(drop)
    }
}

/// A new couple.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewCouple {
    /// A neutral name.
    #[schema(min_length = 1, max_length = 80)]
    pub label: String,
    /// In the couple's own words (`seed:1.140`).
    #[schema(min_length = 1, max_length = 300)]
    pub structure_text: Option<String>,
    /// IANA zone; the practice's when left out.
    #[schema(nullable = false, format = "iana-timezone", max_length = 64)]
    pub timezone: Option<String>,
    /// Two members or more, up to the practice's `max_members`.
    #[schema(min_items = 2, max_items = 6)]
    pub members: Vec<NewMember>,
    /// The clinician who answers for it until a care team does.
    pub intake_clinician_id: Option<ClinicianId>,
    /// The dissolved couple from which this one came.
    pub previous_couple_id: Option<CoupleId>,
}

/// A client to be a member.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewMember {
    /// The client.
    pub client_id: ClientId,
    /// The name they go by in this couple: all that the others learn of them here.
    #[schema(min_length = 1, max_length = 80)]
    pub display_name: String,
    /// True when their acceptance is already on paper.
    #[serde(default)]
    pub accepted: bool,
}

/// What may be changed of a couple. Absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CouplePatch {
    /// A neutral name.
    #[schema(nullable = false, min_length = 1, max_length = 80)]
    pub label: Option<String>,
    /// In the couple's own words.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 300)]
    pub structure_text: Patch<String>,
    /// IANA zone. Works from the next local day.
    #[schema(nullable = false, format = "iana-timezone", max_length = 64)]
    pub timezone: Option<String>,
    /// The clinician who answers for it until a care team does.
    #[serde(default)]
    #[schema(value_type = Option<ClinicianId>)]
    pub intake_clinician_id: Patch<ClinicianId>,
}

/// Which couples to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CoupleFilter {
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 6)]
    pub status: Option<Vec<CoupleStatus>>,
    /// Those of which this client is a present or invited member.
    pub client_id: Option<ClientId>,
    /// Changed at this instant or later. For staff and services; members are given all of
    /// theirs.
    pub updated_since: Option<Instant>,
}

/// Where a couple stands in a list: not shown to members, so kept beside it.
#[must_use]
pub(super) fn position(updated_at: Instant, id: CoupleId) -> Position {
    Position { at: updated_at, id: id.uuid() }
}
