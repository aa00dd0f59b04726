//! What a shared summary is, as sent and as shown.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{ClientId, ClinicianId, CoupleId, SessionId, SessionSummaryId};
use crate::db::schema::session_summaries;
use crate::db::types::words;
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;

words! {
    /// Where a summary stands (`domain` 5.3).
    SummaryStatus {
        /// It is written.
        Draft = "draft",
        /// Those for whom it is read it.
        Published = "published",
        /// They read it no more.
        Withdrawn = "withdrawn",
    }
}

/// A word about a session for clients: all that they read of what is written about it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SessionSummary {
    /// Id.
    pub id: SessionSummaryId,
    /// The session.
    pub session_id: SessionId,
    /// The couple all of whose members read it, or null.
    pub couple_id: Option<CoupleId>,
    /// The one client who reads it, or null.
    pub client_id: Option<ClientId>,
    /// Who writes it.
    pub author_id: ClinicianId,
    /// What it says.
    #[schema(max_length = 2000)]
    pub text: String,
    /// Where it stands.
    pub status: SummaryStatus,
    /// Since when it is read.
    pub published_at: Option<Instant>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for SessionSummary {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/session-summaries/{}", self.id)
    }

    /// A stored answer that is repeated is a read of the text.
    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::read_row(tx, SessionSummaryId::from_uuid(id)).map(drop)
    }
}

/// A summary in a list: without its text.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = session_summaries)]
pub struct SessionSummaryEntry {
    /// Id.
    pub id: SessionSummaryId,
    /// The session.
    pub session_id: SessionId,
    /// The couple all of whose members read it, or null.
    pub couple_id: Option<CoupleId>,
    /// The one client who reads it, or null.
    pub client_id: Option<ClientId>,
    /// Who writes it.
    pub author_id: ClinicianId,
    /// Where it stands.
    pub status: SummaryStatus,
    /// Since when it is read.
    pub published_at: Option<Instant>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl SessionSummaryEntry {
    /// Where this summary stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A new summary, as a draft.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSessionSummary {
    /// The session.
    pub session_id: SessionId,
    /// The one participant who is to read it. Left out, all members of the couple are; an individual session's
    /// is its client's.
    pub client_id: Option<ClientId>,
    /// What it says, in words for them.
    #[schema(min_length = 1, max_length = 2000)]
    pub text: String,
}

/// What may be changed of a draft.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionSummaryPatch {
    /// What it says.
    #[schema(nullable = false, min_length = 1, max_length = 2000)]
    pub text: Option<String>,
}

/// How a summary is released.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PublishSummary {
    /// True when the clinician has looked whether every word is neutral. Asked for a summary to all members
    /// while a hold lies on what they do together.
    #[serde(default)]
    pub neutral: bool,
}

/// Which summaries to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionSummaryFilter {
    /// Those about this session.
    pub session_id: Option<SessionId>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 3)]
    pub status: Option<Vec<SummaryStatus>>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}

/// A summary, as those read it for whom it is.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OwnSummary {
    /// The session, in which the caller takes part.
    pub session_id: SessionId,
    /// True when it is for all members of the couple, false when it is for the caller alone.
    pub for_all: bool,
    /// What it says.
    #[schema(max_length = 2000)]
    pub text: String,
    /// Since when it is theirs to read.
    pub published_at: Instant,
}
