//! What a consent document is, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::id::{ClientId, ConsentId, CoupleId};
use crate::db::types::words;
use crate::db::{Date, Instant};
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;

words! {
    /// What a document is about (`domain` 2.7.3).
    ConsentKind {
        /// Treatment as such.
        InformedConsent = "informed_consent",
        /// What the counsellor discloses of themself and the client's rights.
        DisclosureStatement = "disclosure_statement",
        /// Sessions by video or telephone.
        TelehealthConsent = "telehealth_consent",
        /// The couple's secrets policy, on paper.
        SecretsPolicy = "secrets_policy",
        /// Homework about sexual health. For adults, revocable at any time.
        SexualHealthHomework = "sexual_health_homework",
        /// Sharing data with one app.
        AppDataSharing = "app_data_sharing",
        /// Fees and how they are paid.
        PaymentTerms = "payment_terms",
        /// That a good-faith estimate was received.
        GoodFaithEstimateReceipt = "good_faith_estimate_receipt",
        /// That somebody outside may have a copy of a record.
        ReleaseOfInformation = "release_of_information",
        /// That no treatment records be kept.
        NoRecordsRequest = "no_records_request",
    }
}

/// Who signed. One sealed column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub(super) name: String,
}

/// A signed document, as its client and those who see the client see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Consent {
    /// Id.
    pub id: ConsentId,
    /// Who signed it.
    pub client_id: ClientId,
    /// The couple it concerns, or null.
    pub couple_id: Option<CoupleId>,
    /// What it is about.
    pub kind: ConsentKind,
    /// The version of the text that was signed.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", example = "2026-03")]
    pub document_version: String,
    /// The name typed as signature.
    #[schema(max_length = 160)]
    pub signer_name: String,
    /// When it was signed.
    pub signed_at: Instant,
    /// The last day on which it counts; null for no end.
    pub expires_on: Option<Date>,
    /// When it was revoked.
    pub revoked_at: Option<Instant>,
    /// True when it counts today: neither revoked nor expired.
    pub in_force: bool,
    /// When the record was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for Consent {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/consents/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find(tx, ConsentId::from_uuid(id)).map(drop)
    }
}

impl Consent {
    /// Where this consent stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A document that was signed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsent {
    /// Who signed it. A client can only name themself.
    pub client_id: ClientId,
    /// The couple it concerns, of which the client is a member.
    pub couple_id: Option<CoupleId>,
    /// What it is about.
    pub kind: ConsentKind,
    /// The version of the text that was signed.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$")]
    pub document_version: String,
    /// The name typed as signature.
    #[schema(min_length = 1, max_length = 160)]
    pub signer_name: String,
    /// When it was signed, not in the future; now when left out.
    pub signed_at: Option<Instant>,
    /// The last day on which it counts.
    pub expires_on: Option<Date>,
}

/// Which consents to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ConsentFilter {
    /// Those of this client.
    pub client_id: Option<ClientId>,
    /// Those that concern this couple.
    pub couple_id: Option<CoupleId>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 10)]
    pub kind: Option<Vec<ConsentKind>>,
    /// Only those that count today, or only those that do not.
    pub in_force: Option<bool>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}
