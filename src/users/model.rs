//! What a login is, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{ClientId, ClinicianId, UserId};
use crate::db::types::words;
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;

words! {
    /// What somebody is in the practice.
    Role {
        /// Keeps the directory and the care teams.
        PracticeAdmin = "practice_admin",
        /// Treats.
        Clinician = "clinician",
        /// Is in care.
        Client = "client",
    }
}

/// A login, as administrators see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct User {
    /// Id; the `sub` of their tokens.
    pub id: UserId,
    /// The address they sign in with.
    #[schema(max_length = 254, format = "email", example = "morgan@tidewater.example")]
    pub email: String,
    /// What they are in the practice, at the present moment.
    #[schema(max_items = 2)]
    pub roles: Vec<Role>,
    /// The clinician that they are.
    pub clinician_id: Option<ClinicianId>,
    /// The client that they are.
    pub client_id: Option<ClientId>,
    /// Language and region, BCP 47.
    #[schema(max_length = 20, example = "en-US")]
    pub locale: String,
    /// When they were shut out.
    pub disabled_at: Option<Instant>,
    /// When the record was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for User {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/users/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find(tx, UserId::from_uuid(id)).map(drop)
    }
}

impl User {
    /// Where this user stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A new login. Name a clinician, a client, or make it an administrator's.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewUser {
    /// The address they sign in with; unique within the practice, whatever its case.
    #[schema(max_length = 254, format = "email")]
    pub email: String,
    /// True for an administrator of the practice. Never together with a client.
    #[serde(default)]
    pub practice_admin: bool,
    /// The clinician that they are.
    pub clinician_id: Option<ClinicianId>,
    /// The client that they are.
    pub client_id: Option<ClientId>,
    /// Language and region, BCP 47; `en-US` when left out.
    #[schema(nullable = false, pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length = 20)]
    pub locale: Option<String>,
}

/// What may be changed of a login. Absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserPatch {
    /// The address they sign in with.
    #[schema(nullable = false, max_length = 254, format = "email")]
    pub email: Option<String>,
    /// True for an administrator of the practice.
    #[schema(nullable = false)]
    pub practice_admin: Option<bool>,
    /// Language and region, BCP 47.
    #[schema(nullable = false, pattern = "^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$", max_length = 20)]
    pub locale: Option<String>,
}

/// Which users to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UserFilter {
    /// The one with this address.
    #[param(format = "email", max_length = 254)]
    pub email: Option<String>,
    /// Those who are this.
    #[param(inline)]
    pub role: Option<Role>,
    /// The login of this clinician.
    pub clinician_id: Option<ClinicianId>,
    /// The login of this client.
    pub client_id: Option<ClientId>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
    /// True for those shut out alone, false for the others alone.
    pub disabled: Option<bool>,
}
