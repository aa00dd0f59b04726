//! What a client says, and what they are told.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Tx;
use crate::crisis::CrisisResource;
use crate::db::Instant;
use crate::db::id::HelpRequestId;
use crate::db::types::words;
use crate::error::Result;
use crate::http::Resource;

words! {
    /// What a client needs.
    HelpKind {
        /// They are not safe, and nobody may know.
        PrivateSafety = "private_safety",
        /// They want to speak with their therapist.
        TalkToTherapist = "talk_to_therapist",
    }
}

/// A request for help.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewHelpRequest {
    /// What the client needs.
    pub kind: HelpKind,
    /// In their own words, for their clinicians alone.
    #[schema(min_length = 1, max_length = 2000)]
    pub message: Option<String>,
}

/// That a request was received.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct HelpReceipt {
    /// Id.
    pub id: HelpRequestId,
    /// When it was received.
    pub received_at: Instant,
    /// The words to show.
    #[schema(max_length = 300)]
    pub text: String,
    /// That this is no emergency service.
    #[schema(max_length = 300)]
    pub not_an_emergency_service: String,
    /// Whom to call, the most urgent first.
    #[schema(max_items = 50)]
    pub crisis_resources: Vec<CrisisResource>,
}

impl Resource for HelpReceipt {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    /// It has no address of its own, since it cannot be read.
    fn path(&self) -> String {
        "/v1/me/help-requests".to_owned()
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::check_own(tx, HelpRequestId::from_uuid(id))
    }
}
