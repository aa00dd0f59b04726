//! What a session note is, as sent and as shown.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::content::{NewNoteSection, NoteFormat, NoteHomework, NoteSection, Quote};
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{
    ClientId, ClinicianId, CoupleId, NoteTemplateId, SessionId, SessionNoteId, TreatmentId,
};
use crate::db::schema::session_notes;
use crate::db::types::words;
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;

words! {
    /// Where a note stands (`domain` 2.4.10).
    NoteStatus {
        /// Its author writes it.
        Draft = "draft",
        /// Its author has signed, and a supervisor is to. It is read-only.
        PendingCosign = "pending_cosign",
        /// It is signed and locked.
        Signed = "signed",
        /// It is signed and locked, and addenda stand below it.
        Amended = "amended",
        /// It was given up as a draft.
        Discarded = "discarded",
        /// It should not have been written; its content stands in its history.
        EnteredInError = "entered_in_error",
    }
}

words! {
    /// What was done with a note.
    NoteAct {
        /// Its author signed it.
        Signed = "signed",
        /// The author's supervisor signed it too.
        Cosigned = "cosigned",
        /// The supervisor gave it back with a remark.
        Returned = "returned",
        /// An addendum was signed.
        Amended = "amended",
        /// It was entered in error.
        EnteredInError = "entered_in_error",
    }
}

words! {
    /// Why an addendum is written.
    AddendumReason {
        /// Something was left out.
        LateEntry = "late_entry",
        /// Something was wrong.
        Correction = "correction",
        /// Something was unclear.
        Clarification = "clarification",
    }
}

words! {
    /// What somebody may do with a note.
    NoteAction {
        /// `PATCH`.
        Update = "update",
        /// `POST …/sign`.
        Sign = "sign",
        /// `POST …/discard`.
        Discard = "discard",
        /// `POST …/cosign`.
        Cosign = "cosign",
        /// `POST …/return`.
        Return = "return",
        /// `POST …/addenda`.
        AddAddendum = "add_addendum",
        /// `POST …/enter-in-error`.
        EnterInError = "enter_in_error",
    }
}

words! {
    /// Why somebody may not do it now.
    NoteObstacle {
        /// The status does not allow it.
        Status = "status",
        /// It is its author's to do.
        NotAuthor = "not_author",
        /// It is the author's supervisor's to do.
        NotSupervisor = "not_supervisor",
        /// The token lacks the scope.
        ScopeMissing = "scope_missing",
    }
}

/// A session note, with its text, as the clinicians who treat read it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SessionNote {
    /// Id.
    pub id: SessionNoteId,
    /// The treatment.
    pub treatment_id: TreatmentId,
    /// The session that it is about.
    pub session_id: Option<SessionId>,
    /// The couple whose record it is of, or null.
    pub couple_id: Option<CoupleId>,
    /// The client whose own record it is of, or null.
    pub client_id: Option<ClientId>,
    /// Who writes it.
    pub author_id: ClinicianId,
    /// Its form.
    pub format: NoteFormat,
    /// Where it stands.
    pub status: NoteStatus,
    /// Which draft it is: one more each time that it was returned.
    #[schema(minimum = 1)]
    pub draft_no: i32,
    /// Its sections. Empty for a note that was entered in error, whose content stands in its history, and for
    /// an application, which reads no text.
    #[schema(max_items = 14)]
    pub sections: Vec<NoteSection>,
    /// Answers that it quotes.
    #[schema(max_items = 50)]
    pub quotes: Vec<Quote>,
    /// The couple's homework since the last session, where it was pre-filled.
    #[schema(max_items = 50)]
    pub homework: Vec<NoteHomework>,
    /// Whether risk was looked at.
    pub risk_reviewed: bool,
    /// A keyed hash of what was signed, once it is.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub content_hash: Option<String>,
    /// Who signed it as it is now, the author first.
    #[schema(max_items = 2)]
    pub signatures: Vec<NoteSignature>,
    /// What was signed below it, oldest first.
    #[schema(max_items = 100)]
    pub addenda: Vec<NoteAddendum>,
    /// What the supervisor said when it was last returned, while it is a draft again.
    #[schema(max_length = 4000)]
    pub return_remark: Option<String>,
    /// Why it was entered in error: what a reader is shown in the place of its content.
    #[schema(max_length = 2000)]
    pub error_reason: Option<String>,
    /// What the caller may do with it now, and why not.
    #[schema(max_items = 7)]
    pub capabilities: Vec<NoteCapability>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A signature: the hand with its credentials as they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NoteSignature {
    /// What was done.
    pub act: NoteAct,
    /// Who did it.
    pub clinician_id: ClinicianId,
    /// The name as it was typed.
    #[schema(max_length = 120, example = "Morgan Sample")]
    pub typed_name: String,
    /// Their name in the practice at that time.
    #[schema(max_length = 120, example = "Morgan Sample")]
    pub display_name: String,
    /// The letters after their name at that time.
    #[schema(max_length = 40, example = "LMFT")]
    pub credentials: Option<String>,
    /// Their licences at that time, as state and number.
    #[schema(max_items = 60)]
    pub licenses: Vec<String>,
    /// When, by the service's clock.
    pub at: Instant,
}

/// What was signed below a note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteAddendum {
    /// Why it was written.
    pub reason: AddendumReason,
    /// What it says.
    #[schema(max_length = 20000)]
    pub text: String,
    /// A keyed hash of it.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub content_hash: String,
    /// Who signed it.
    pub signature: NoteSignature,
}

/// Whether the caller may do something with a note now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct NoteCapability {
    /// What.
    pub action: NoteAction,
    /// Whether they may.
    pub allowed: bool,
    /// Why not; null where they may.
    pub obstacle: Option<NoteObstacle>,
}

impl Resource for SessionNote {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/session-notes/{}", self.id)
    }

    /// A stored answer that is repeated is a read of the text.
    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::read_row(tx, SessionNoteId::from_uuid(id)).map(drop)
    }
}

/// A note in a list: without its text.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema, Queryable, Selectable)]
#[diesel(table_name = session_notes)]
pub struct SessionNoteSummary {
    /// Id.
    pub id: SessionNoteId,
    /// The treatment.
    pub treatment_id: TreatmentId,
    /// The session that it is about.
    pub session_id: Option<SessionId>,
    /// The couple whose record it is of, or null.
    pub couple_id: Option<CoupleId>,
    /// The client whose own record it is of, or null.
    pub client_id: Option<ClientId>,
    /// Who writes it.
    pub author_id: ClinicianId,
    /// Its form.
    pub format: NoteFormat,
    /// Where it stands.
    pub status: NoteStatus,
    /// When its author signed it.
    pub signed_at: Option<Instant>,
    /// When it was begun.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl SessionNoteSummary {
    /// Where this note stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A new note, as a draft. Name the session, or the treatment where it is about none.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSessionNote {
    /// The session that it is about.
    pub session_id: Option<SessionId>,
    /// The treatment, for a note that is about no session.
    pub treatment_id: Option<TreatmentId>,
    /// The client whose own record it is of. Left out, it is of the couple's record where there is one.
    pub client_id: Option<ClientId>,
    /// Who is to write and sign it: for applications, which push it in for a clinician. A clinician writes
    /// their own.
    pub author_id: Option<ClinicianId>,
    /// Its form.
    pub format: NoteFormat,
    /// A template whose sections stand in it where the request has none of its own.
    pub template_id: Option<NoteTemplateId>,
    /// Its sections.
    #[serde(default)]
    #[schema(max_items = 14)]
    pub sections: Vec<NewNoteSection>,
    /// Answers that it quotes: a private one only in its author's own record.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub quotes: Vec<Quote>,
    /// Whether risk was looked at.
    #[serde(default)]
    pub risk_reviewed: bool,
    /// True to begin with the couple's homework since the last session: titles and figures. For a note of a
    /// couple's record.
    #[serde(default)]
    pub prefill_homework: bool,
}

/// What may be changed of a draft. Absent members stay as they are; lists are replaced as a whole.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionNotePatch {
    /// Its form.
    #[schema(nullable = false)]
    pub format: Option<NoteFormat>,
    /// Its sections, all of them.
    #[schema(nullable = false, max_items = 14)]
    pub sections: Option<Vec<NewNoteSection>>,
    /// Answers that it quotes, all of them.
    #[schema(nullable = false, max_items = 50)]
    pub quotes: Option<Vec<Quote>>,
    /// Whether risk was looked at.
    #[schema(nullable = false)]
    pub risk_reviewed: Option<bool>,
}

/// A signature.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignNote {
    /// The signer's name, typed.
    #[schema(min_length = 1, max_length = 120)]
    pub typed_name: String,
}

/// Why a note is given back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnNote {
    /// The supervisor's remark, for the author.
    #[schema(min_length = 1, max_length = 4000)]
    pub remark: String,
}

/// An addendum, signed as it is sent.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAddendum {
    /// Why it is written.
    pub reason: AddendumReason,
    /// What it says.
    #[schema(min_length = 1, max_length = 20000)]
    pub text: String,
    /// The signer's name, typed.
    #[schema(min_length = 1, max_length = 120)]
    pub typed_name: String,
}

/// Why a note should not have been written.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterNoteInError {
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// Which notes to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionNoteFilter {
    /// Those of this treatment.
    pub treatment_id: Option<TreatmentId>,
    /// Those about this session.
    pub session_id: Option<SessionId>,
    /// Those of this couple's record.
    pub couple_id: Option<CoupleId>,
    /// Those of this client's own record.
    pub client_id: Option<ClientId>,
    /// Those that this clinician writes.
    pub author_id: Option<ClinicianId>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 6)]
    pub status: Option<Vec<NoteStatus>>,
    /// Begun at this instant or later.
    pub created_since: Option<Instant>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}

/// Everything that was done with a note, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NoteHistory {
    /// The note.
    pub session_note_id: SessionNoteId,
    /// What was done.
    #[schema(max_items = 200)]
    pub entries: Vec<NoteHistoryEntry>,
}

/// One thing that was done with a note.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NoteHistoryEntry {
    /// What, by whom and when.
    pub signature: NoteSignature,
    /// To which draft.
    #[schema(minimum = 1)]
    pub draft_no: i32,
    /// The note's sections as they were.
    #[schema(max_items = 14)]
    pub sections: Vec<NoteSection>,
    /// The remark, the addendum or the reason.
    #[schema(max_length = 20000)]
    pub text: Option<String>,
    /// A keyed hash of it.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub content_hash: String,
}
