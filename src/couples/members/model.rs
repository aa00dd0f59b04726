//! What a membership is, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Tx;
use crate::couples;
use crate::couples::model::InvitationState;
use crate::db::Date;
use crate::db::id::{ClientId, CoupleId};
use crate::error::Result;
use crate::http::Resource;

/// A membership, as the practice sees it: one period of one client in the couple.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CoupleMember {
    /// The couple.
    pub couple_id: CoupleId,
    /// The client.
    pub client_id: ClientId,
    /// The name they go by in this couple.
    #[schema(max_length = 80)]
    pub display_name: String,
    /// Whether they said yes.
    pub invitation_state: InvitationState,
    /// When they said yes.
    pub joined_on: Option<Date>,
    /// When they left.
    pub left_on: Option<Date>,
}

/// Every membership of a couple, past ones included, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CoupleMembers {
    /// The memberships.
    #[schema(max_items = 200)]
    pub data: Vec<CoupleMember>,
}

/// What may be changed of a membership.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoupleMemberPatch {
    /// The name they go by in this couple.
    #[schema(nullable = false, min_length = 1, max_length = 80)]
    pub display_name: Option<String>,
}

/// A client's own membership, as the client sees it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Membership {
    /// The couple.
    pub couple_id: CoupleId,
    /// The name the client goes by in it.
    #[schema(max_length = 80)]
    pub display_name: String,
    /// Whether the client said yes.
    pub invitation_state: InvitationState,
    /// When the client said yes.
    pub joined_on: Option<Date>,
}

impl Resource for CoupleMember {
    fn id(&self) -> Uuid {
        self.couple_id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/couples/{}/members", self.couple_id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        couples::store::find(tx, CoupleId::from_uuid(id)).map(drop)
    }
}

impl Resource for Membership {
    fn id(&self) -> Uuid {
        self.couple_id.uuid()
    }

    fn path(&self) -> String {
        "/v1/me".to_owned()
    }

    /// A client may always be told again what they themselves answered.
    fn check_visible(_: &mut Tx<'_>, _: Uuid) -> Result<()> {
        Ok(())
    }
}
