//! What callers are told of themselves.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Tx;
use crate::clients::model::{Client, SafeContact};
use crate::couples::members::model::Membership;
use crate::db::id::{AppId, ClinicianId, PracticeId, UserId};
use crate::db::types::words;
use crate::error::Result;
use crate::http::{Patch, Resource};

words! {
    /// What kind of caller a token stands for.
    CallerKind {
        /// Somebody of the practice.
        Staff = "staff",
        /// A client.
        Client = "client",
        /// A service application.
        Service = "service",
    }
}

/// The caller.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Me {
    /// What kind of caller.
    pub kind: CallerKind,
    /// The login; null for a service.
    pub user_id: Option<UserId>,
    /// The application; null for people.
    pub app_id: Option<AppId>,
    /// True for an administrator of the practice.
    pub practice_admin: bool,
    /// The clinician that the caller is, or null.
    pub clinician_id: Option<ClinicianId>,
    /// The caller's practice.
    pub practice: MyPractice,
    /// The scopes that work at this moment: those of the token that the caller may hold.
    #[schema(max_items = 64)]
    pub scopes: Vec<String>,
    /// The client's own profile; null for others.
    pub client: Option<Client>,
    /// The client's memberships and open invitations; empty for others.
    #[schema(max_items = 100)]
    pub couples: Vec<Membership>,
}

/// The practice, as everybody in it may know it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MyPractice {
    /// Id.
    pub id: PracticeId,
    /// The name it goes by.
    #[schema(max_length = 120)]
    pub name: String,
    /// IANA zone.
    #[schema(format = "iana-timezone", example = "America/Los_Angeles")]
    pub timezone: String,
    /// Telephone.
    pub phone: Option<String>,
}

impl Resource for Me {
    fn id(&self) -> Uuid {
        self.practice.id.uuid()
    }

    fn path(&self) -> String {
        "/v1/me".to_owned()
    }

    fn check_visible(_: &mut Tx<'_>, _: Uuid) -> Result<()> {
        Ok(())
    }
}

/// What clients may change of themselves. Absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MePatch {
    /// The name they go by.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 80)]
    pub preferred_name: Patch<String>,
    /// Pronouns, in their own words.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    pub pronouns: Patch<String>,
    /// Telephone, E.164.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = r"^\+[1-9][0-9]{6,14}$")]
    pub phone: Patch<String>,
    /// E-mail for contact.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, format = "email")]
    pub email: Patch<String>,
    /// IANA zone of their clock on the wall.
    #[schema(nullable = false, format = "iana-timezone", max_length = 64)]
    pub timezone: Option<String>,
    /// How they may be reached without risk, as a whole. No reason is asked.
    #[schema(nullable = false)]
    pub safe_contact: Option<SafeContact>,
}
