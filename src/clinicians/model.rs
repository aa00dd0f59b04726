//! What a clinician is, as stored, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::ClinicianId;
use crate::db::types::words;
use crate::error::Result;
use crate::http::page::Position;
use crate::http::{Patch, Resource};

words! {
    /// A school of couples therapy.
    Modality {
        /// Emotionally Focused Therapy.
        Eft = "eft",
        /// The Gottman Method.
        Gottman = "gottman",
        /// Integrative Behavioral Couple Therapy.
        Ibct = "ibct",
        /// Another one.
        Other = "other",
    }
}

/// Who a clinician is. One sealed column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    pub(super) display_name: String,
    pub(super) credentials: Option<String>,
    pub(super) bio: Option<String>,
}

/// A clinician, as staff and services see them.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Clinician {
    /// Id.
    pub id: ClinicianId,
    /// The name clients know them by.
    #[schema(max_length = 120, example = "Dr. Morgan Sample")]
    pub display_name: String,
    /// Letters after the name.
    #[schema(max_length = 40, example = "LMFT")]
    pub credentials: Option<String>,
    /// A few sentences about them.
    #[schema(max_length = 2000)]
    pub bio: Option<String>,
    /// The schools they work in.
    #[schema(max_items = 4)]
    pub modalities: Vec<Modality>,
    /// True when they take new clients.
    pub accepts_new: bool,
    /// The clinician who supervises them and sees what they may see.
    pub supervisor_id: Option<ClinicianId>,
    /// True when their notes need their supervisor's signature.
    pub requires_cosign: bool,
    /// When they left.
    pub archived_at: Option<Instant>,
    /// When the record was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for Clinician {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/clinicians/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find(tx, ClinicianId::from_uuid(id)).map(drop)
    }
}

impl Clinician {
    /// Where this clinician stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A new clinician.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClinician {
    /// The name clients know them by.
    #[schema(min_length = 1, max_length = 120)]
    pub display_name: String,
    /// Letters after the name.
    #[schema(min_length = 1, max_length = 40)]
    pub credentials: Option<String>,
    /// A few sentences about them.
    #[schema(min_length = 1, max_length = 2000)]
    pub bio: Option<String>,
    /// The schools they work in.
    #[serde(default)]
    #[schema(max_items = 4)]
    pub modalities: Vec<Modality>,
    /// True when they take new clients.
    #[serde(default)]
    pub accepts_new: bool,
    /// The clinician who supervises them.
    pub supervisor_id: Option<ClinicianId>,
    /// True when their notes need their supervisor's signature.
    #[serde(default)]
    pub requires_cosign: bool,
}

/// What may be changed of a clinician. Absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClinicianPatch {
    /// The name clients know them by.
    #[schema(nullable = false, min_length = 1, max_length = 120)]
    pub display_name: Option<String>,
    /// Letters after the name.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    pub credentials: Patch<String>,
    /// A few sentences about them.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    pub bio: Patch<String>,
    /// The schools they work in.
    #[schema(nullable = false, max_items = 4)]
    pub modalities: Option<Vec<Modality>>,
    /// True when they take new clients.
    #[schema(nullable = false)]
    pub accepts_new: Option<bool>,
    /// The clinician who supervises them.
    #[serde(default)]
    #[schema(value_type = Option<ClinicianId>)]
    pub supervisor_id: Patch<ClinicianId>,
    /// True when their notes need their supervisor's signature.
    #[schema(nullable = false)]
    pub requires_cosign: Option<bool>,
}

/// Which clinicians to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClinicianFilter {
    /// Only those who take new clients, or only those who do not.
    pub accepts_new: Option<bool>,
    /// Those whom this clinician supervises.
    pub supervisor_id: Option<ClinicianId>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
    /// True for those who left alone; they are left out otherwise.
    #[param(default = false)]
    pub archived: Option<bool>,
}
