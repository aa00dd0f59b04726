//! What a client is, as stored, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::id::{ClientId, ClinicianId, CoupleId};
use crate::db::types::words;
use crate::db::{Date, Instant, WallTime};
use crate::error::Result;
use crate::http::page::Position;
use crate::http::{Patch, Resource};

words! {
    /// Where a client stands with the practice.
    ClientStatus {
        /// Has asked, is not in care yet.
        Prospective = "prospective",
        /// In care.
        Active = "active",
        /// In care, paused.
        Inactive = "inactive",
        /// No longer in care.
        Discharged = "discharged",
    }
}

words! {
    /// How a client describes their relationships (`seed:1.142`).
    RelationshipStatus {
        /// Has a partner.
        Partnered = "partnered",
        /// Is dating.
        Dating = "dating",
        /// Between one arrangement and another.
        Transition = "transition",
        /// Has no partner.
        Single = "single",
        /// Something else.
        Other = "other",
    }
}

words! {
    /// When in the day a client is at their best.
    Chronotype {
        /// In the morning.
        Early = "early",
        /// In the evening.
        Late = "late",
        /// Neither.
        Mixed = "mixed",
    }
}

words! {
    /// A way to reach a client.
    ContactChannel {
        /// The app.
        App = "app",
        /// E-mail.
        Email = "email",
        /// Text message.
        Sms = "sms",
        /// Telephone.
        Phone = "phone",
    }
}

/// How a client may be reached without risk to them. No reason is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
// The document demands every member; the default is for what was sealed before one was added.
#[serde(default, deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "each is a question of its own on a form")]
pub struct SafeContact {
    /// The channels that may be used.
    #[schema(max_items = 4)]
    pub channels: Vec<ContactChannel>,
    /// Start of the hours in which they may be used, in the client's zone; null for any.
    pub from: Option<WallTime>,
    /// End of those hours; null for any.
    pub until: Option<WallTime>,
    /// True when a message may be left on voicemail.
    pub voicemail_ok: bool,
    /// True when nobody else uses the client's device.
    pub private_device: bool,
    /// True when letters may be sent.
    pub mail_ok: bool,
    /// True when messages must not name the practice.
    pub sender_name_neutral: bool,
    /// Channels that a partner reads too, and that must not be used.
    #[schema(max_items = 4)]
    pub shared_with_partner: Vec<ContactChannel>,
}

impl Default for SafeContact {
    /// The most careful setting: the app alone, nothing that others might hear or open.
    fn default() -> Self {
        Self {
            channels: vec![ContactChannel::App],
            from: None,
            until: None,
            voicemail_ok: false,
            private_device: false,
            mail_ok: false,
            sender_name_neutral: true,
            shared_with_partner: Vec::new(),
        }
    }
}

/// Who a client is. One sealed column, so that not even the presence of a field shows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    pub(super) given_name: String,
    pub(super) family_name: Option<String>,
    pub(super) preferred_name: Option<String>,
    pub(super) pronouns: Option<String>,
    pub(super) date_of_birth: Option<Date>,
}

/// How to reach a client. One sealed column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_field_names, reason = "the field's name is the API's")]
pub struct Contact {
    pub(super) phone: Option<String>,
    pub(super) email: Option<String>,
    pub(super) safe_contact: SafeContact,
}

/// What else a practice knows of a client. One sealed column.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Background {
    pub(super) home_state: Option<String>,
    pub(super) relationship_status: Option<RelationshipStatus>,
    pub(super) chronotype: Option<Chronotype>,
}

/// A client, as staff, services and the client see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Client {
    /// Id.
    pub id: ClientId,
    /// The client's id in another system; null for the client's own eyes.
    #[schema(max_length = 128, example = "crm-1042")]
    pub external_id: Option<String>,
    /// Given name.
    #[schema(max_length = 80, example = "Åsa")]
    pub given_name: String,
    /// Family name.
    #[schema(max_length = 80, example = "Lindqvist-Example")]
    pub family_name: Option<String>,
    /// The name they go by.
    #[schema(max_length = 80)]
    pub preferred_name: Option<String>,
    /// Pronouns, in their own words.
    #[schema(max_length = 40, example = "she/her")]
    pub pronouns: Option<String>,
    /// Date of birth.
    pub date_of_birth: Option<Date>,
    /// IANA zone of their clock on the wall.
    #[schema(format = "iana-timezone", example = "America/Los_Angeles")]
    pub timezone: String,
    /// Two-letter state they live in.
    #[schema(pattern = "^[A-Z]{2}$", example = "WA")]
    pub home_state: Option<String>,
    /// Telephone, E.164.
    #[schema(pattern = r"^\+[1-9][0-9]{6,14}$", example = "+12065550117")]
    pub phone: Option<String>,
    /// E-mail for contact. The login's address is the user's.
    #[schema(max_length = 254, format = "email", example = "asa@example.org")]
    pub email: Option<String>,
    /// How they describe their relationships.
    pub relationship_status: Option<RelationshipStatus>,
    /// When in the day they are at their best.
    pub chronotype: Option<Chronotype>,
    /// How they may be reached without risk.
    pub safe_contact: SafeContact,
    /// Where they stand with the practice.
    pub status: ClientStatus,
    /// True when they pay the bills of their treatment.
    pub responsible_for_billing: bool,
    /// The clinician who answers for them until a care team does; null for the client's eyes.
    pub intake_clinician_id: Option<ClinicianId>,
    /// When they were put out of the way of everyday lists.
    pub archived_at: Option<Instant>,
    /// When the record was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for Client {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/clients/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find(tx, ClientId::from_uuid(id)).map(drop)
    }
}

impl Client {
    /// Where this client stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A new client. Status is `prospective`; transitions change it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// The client's id in another system; unique within the practice.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: Option<String>,
    /// Given name.
    #[schema(min_length = 1, max_length = 80)]
    pub given_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 80)]
    pub family_name: Option<String>,
    /// The name they go by.
    #[schema(min_length = 1, max_length = 80)]
    pub preferred_name: Option<String>,
    /// Pronouns, in their own words.
    #[schema(min_length = 1, max_length = 40)]
    pub pronouns: Option<String>,
    /// Date of birth, in the past and not more than 120 years ago.
    pub date_of_birth: Option<Date>,
    /// IANA zone; the practice's when left out.
    #[schema(format = "iana-timezone", max_length = 64)]
    pub timezone: Option<String>,
    /// Two-letter state they live in.
    #[schema(pattern = "^[A-Z]{2}$")]
    pub home_state: Option<String>,
    /// Telephone, E.164.
    #[schema(pattern = r"^\+[1-9][0-9]{6,14}$")]
    pub phone: Option<String>,
    /// E-mail for contact.
    #[schema(max_length = 254, format = "email")]
    pub email: Option<String>,
    /// How they describe their relationships.
    pub relationship_status: Option<RelationshipStatus>,
    /// When in the day they are at their best.
    pub chronotype: Option<Chronotype>,
    /// How they may be reached without risk; the app alone when left out.
    pub safe_contact: Option<SafeContact>,
    /// True when they pay the bills of their treatment.
    #[serde(default)]
    #[schema(default = false, nullable = false, required = false)]
    pub responsible_for_billing: bool,
    /// The clinician who answers for them. A clinician who creates a client is it, unless
    /// they name one whom they supervise.
    pub intake_clinician_id: Option<ClinicianId>,
}

/// What may be changed of a client. Absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientPatch {
    /// The client's id in another system.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    pub external_id: Patch<String>,
    /// Given name.
    #[schema(nullable = false, min_length = 1, max_length = 80)]
    pub given_name: Option<String>,
    /// Family name.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 80)]
    pub family_name: Patch<String>,
    /// The name they go by.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 80)]
    pub preferred_name: Patch<String>,
    /// Pronouns, in their own words.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    pub pronouns: Patch<String>,
    /// Date of birth.
    #[serde(default)]
    #[schema(value_type = Option<Date>)]
    pub date_of_birth: Patch<Date>,
    /// IANA zone.
    #[schema(nullable = false, format = "iana-timezone", max_length = 64)]
    pub timezone: Option<String>,
    /// Two-letter state they live in.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = "^[A-Z]{2}$")]
    pub home_state: Patch<String>,
    /// Telephone, E.164.
    #[serde(default)]
    #[schema(value_type = Option<String>, pattern = r"^\+[1-9][0-9]{6,14}$")]
    pub phone: Patch<String>,
    /// E-mail for contact.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 254, format = "email")]
    pub email: Patch<String>,
    /// How they describe their relationships.
    #[serde(default)]
    #[schema(value_type = Option<RelationshipStatus>)]
    pub relationship_status: Patch<RelationshipStatus>,
    /// When in the day they are at their best.
    #[serde(default)]
    #[schema(value_type = Option<Chronotype>)]
    pub chronotype: Patch<Chronotype>,
    /// How they may be reached without risk, as a whole.
    #[schema(nullable = false)]
    pub safe_contact: Option<SafeContact>,
    /// True when they pay the bills of their treatment.
    #[schema(nullable = false)]
    pub responsible_for_billing: Option<bool>,
    /// The clinician who answers for them until a care team does.
    #[serde(default)]
    #[schema(value_type = Option<ClinicianId>)]
    pub intake_clinician_id: Patch<ClinicianId>,
}

/// Which clients to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ClientFilter {
    /// Words, each the beginning of one of the client's names, three letters or more; a
    /// shorter word matches a whole name. Accents and case do not count.
    #[param(min_length = 1, max_length = 200, example = "ang")]
    pub name: Option<String>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 4)]
    pub status: Option<Vec<ClientStatus>>,
    /// Present and invited members of this couple.
    pub couple_id: Option<CoupleId>,
    /// The one with this id in another system. For administrators and services; nobody else
    /// finds anything by it.
    #[param(min_length = 1, max_length = 128)]
    pub external_id: Option<String>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
    /// True for archived clients alone; they are left out otherwise.
    #[param(default = false)]
    pub archived: Option<bool>,
}
