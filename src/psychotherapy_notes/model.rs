//! What a psychotherapy note is, as sent and as shown to its author.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::hints::NoteHint;
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{ClientId, ClinicianId, CoupleId, PsychotherapyNoteId};
use crate::db::schema::psychotherapy_notes;
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;

/// A psychotherapy note (45 CFR 164.501), with its text, as its author reads it and nobody else.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PsychotherapyNote {
    /// Id.
    pub id: PsychotherapyNoteId,
    /// The caller, who has written it.
    pub author_id: ClinicianId,
    /// The client that it is about, or null.
    pub client_id: Option<ClientId>,
    /// The couple that it is about, or null.
    pub couple_id: Option<CoupleId>,
    /// What it says.
    #[schema(max_length = 20000)]
    pub text: String,
    /// What seems to stand in it that the law counts among session notes. A hint, and no more.
    #[schema(max_items = 10)]
    pub hints: Vec<NoteHint>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for PsychotherapyNote {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/psychotherapy-notes/{}", self.id)
    }

    /// A stored answer that is repeated is a read of the text.
    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::read_row(tx, PsychotherapyNoteId::from_uuid(id)).map(drop)
    }
}

/// A psychotherapy note in its author's list: without its text.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = psychotherapy_notes)]
pub struct PsychotherapyNoteSummary {
    /// Id.
    pub id: PsychotherapyNoteId,
    /// The caller, who has written it.
    pub author_id: ClinicianId,
    /// The client that it is about, or null.
    pub client_id: Option<ClientId>,
    /// The couple that it is about, or null.
    pub couple_id: Option<CoupleId>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl PsychotherapyNoteSummary {
    /// Where this note stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A new psychotherapy note. Name a client or a couple, not both.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPsychotherapyNote {
    /// The client that it is about.
    pub client_id: Option<ClientId>,
    /// The couple that it is about.
    pub couple_id: Option<CoupleId>,
    /// What it says.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
}

/// What may be changed of a psychotherapy note.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PsychotherapyNotePatch {
    /// What it says.
    #[schema(nullable = false, min_length = 1, max_length = 20000)]
    pub text: Option<String>,
}

/// Which psychotherapy notes to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PsychotherapyNoteFilter {
    /// Those about this client.
    pub client_id: Option<ClientId>,
    /// Those about this couple.
    pub couple_id: Option<CoupleId>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}
