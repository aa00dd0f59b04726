//! What a session is, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::id::{ClientId, ClinicianId, CoupleId, OfficeId, SessionId, TreatmentId};
use crate::db::types::words;
use crate::db::{Date, Instant};
use crate::error::Result;
use crate::http::page::Position;
use crate::http::{Patch, Resource};
use crate::practices::model::StateCode;

words! {
    /// What kind of session it is (`domain` 5.1).
    SessionKind {
        /// With two members of a couple or more. Of the couple's record.
        Conjoint = "conjoint",
        /// With one member alone, within the couple's treatment. Of that member's own record, and no other
        /// member learns of it.
        IndividualWithinCouple = "individual_within_couple",
        /// Of an individual treatment.
        Individual = "individual",
        /// Before treatment, to see whether practice and clients fit.
        Consultation = "consultation",
    }
}

words! {
    /// Where it is held.
    SessionModality {
        /// In an office of the practice.
        InPerson = "in_person",
        /// By video.
        TelehealthVideo = "telehealth_video",
        /// By telephone.
        TelehealthAudio = "telehealth_audio",
    }
}

words! {
    /// Where a session stands (`domain` 2.4.11).
    SessionStatus {
        /// Somebody has asked for it.
        Requested = "requested",
        /// It has its time.
        Booked = "booked",
        /// Whoever takes part has confirmed.
        Confirmed = "confirmed",
        /// They are there.
        Arrived = "arrived",
        /// It was held.
        Completed = "completed",
        /// It was cancelled in time, or by the practice.
        Cancelled = "cancelled",
        /// It was cancelled later than the practice's settings allow.
        LateCancelled = "late_cancelled",
        /// Nobody came.
        NoShow = "no_show",
        /// It was moved to another time, where it is another session.
        Rescheduled = "rescheduled",
    }
}

words! {
    /// What became of somebody's part.
    Attendance {
        /// They are to come.
        Expected = "expected",
        /// They were there.
        Attended = "attended",
        /// They were there for a part of it.
        LeftEarly = "left_early",
        /// They did not come.
        Absent = "absent",
        /// They did not come, and had said so.
        Excused = "excused",
    }
}

impl SessionModality {
    /// True for what is not held in an office.
    #[must_use]
    pub fn is_telehealth(self) -> bool {
        self != Self::InPerson
    }
}

impl Attendance {
    /// True for those who were there, for all of it or for a part.
    #[must_use]
    pub fn was_there(self) -> bool {
        matches!(self, Self::Attended | Self::LeftEarly)
    }
}

/// A session, as staff and services see it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Session {
    /// Id.
    pub id: SessionId,
    /// The treatment that it belongs to.
    pub treatment_id: TreatmentId,
    /// The couple whose record it is of, or null.
    pub couple_id: Option<CoupleId>,
    /// The client whose own record it is of, or null.
    pub client_id: Option<ClientId>,
    /// What kind it is.
    pub kind: SessionKind,
    /// Where it is held.
    pub modality: SessionModality,
    /// The office; null for telehealth.
    pub office_id: Option<OfficeId>,
    /// When it is to begin.
    pub starts_at: Instant,
    /// When it is to end.
    pub ends_at: Instant,
    /// When it began, once it was held.
    pub started_at: Option<Instant>,
    /// When it ended, once it was held.
    pub ended_at: Option<Instant>,
    /// How long it was, or is to be.
    #[schema(minimum = 1, maximum = 240)]
    pub minutes: i64,
    /// Where it stands.
    pub status: SessionStatus,
    /// Who holds it.
    #[schema(max_items = 10)]
    pub clinician_ids: Vec<ClinicianId>,
    /// Who takes part.
    #[schema(max_items = 6)]
    pub participants: Vec<SessionParticipant>,
    /// Why telehealth was held with somebody in a state in which a clinician is not licensed.
    #[schema(max_length = 500)]
    pub exception_reason: Option<String>,
    /// Why it was cancelled.
    #[schema(max_length = 500)]
    pub cancellation_reason: Option<String>,
    /// The session that it was moved to.
    pub rescheduled_to_id: Option<SessionId>,
    /// When the record was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// Somebody's part in a session.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SessionParticipant {
    /// Who.
    pub client_id: ClientId,
    /// What became of it.
    pub attendance: Attendance,
    /// The state in which they are that day.
    pub location_state: Option<StateCode>,
}

impl Resource for Session {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/sessions/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find_row(tx, SessionId::from_uuid(id)).map(drop)
    }
}

impl Session {
    /// Where this session stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// A new session.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSession {
    /// The treatment that it belongs to.
    pub treatment_id: TreatmentId,
    /// What kind it is. `conjoint` and `individual_within_couple` are of a couple's treatment.
    pub kind: SessionKind,
    /// Where it is held.
    pub modality: SessionModality,
    /// The office, for a session in person and for no other.
    pub office_id: Option<OfficeId>,
    /// When it is to begin, or began.
    pub starts_at: Instant,
    /// When it is to end, or ended; within four hours.
    pub ends_at: Instant,
    /// Who holds it: clinicians of the treatment's care team. A clinician may leave it out.
    #[schema(nullable = false, min_items = 1, max_items = 10)]
    pub clinician_ids: Option<Vec<ClinicianId>>,
    /// Who takes part.
    #[schema(min_items = 1, max_items = 6)]
    pub participants: Vec<NewSessionParticipant>,
    /// True when somebody has asked for it and nobody has booked it yet.
    #[serde(default)]
    pub requested: bool,
    /// Why telehealth was held with somebody in a state in which a clinician is not licensed. Asked for
    /// when the session has begun; one to come is refused.
    #[schema(min_length = 1, max_length = 500)]
    pub exception_reason: Option<String>,
}

/// Who is to take part in a session.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSessionParticipant {
    /// A client of the treatment.
    pub client_id: ClientId,
    /// The state in which they will be. Asked for with telehealth.
    pub location_state: Option<StateCode>,
}

/// What may be changed of a session before it is held. Absent members stay as they are. Another time is
/// `POST …/rebook`.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionPatch {
    /// Where it is held.
    #[schema(nullable = false)]
    pub modality: Option<SessionModality>,
    /// The office, for a session in person.
    #[serde(default)]
    #[schema(value_type = Option<OfficeId>)]
    pub office_id: Patch<OfficeId>,
    /// Who holds it.
    #[schema(nullable = false, min_items = 1, max_items = 10)]
    pub clinician_ids: Option<Vec<ClinicianId>>,
    /// Why telehealth was held with somebody in a state in which a clinician is not licensed.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500)]
    pub exception_reason: Patch<String>,
}

/// What becomes of somebody's part.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetSessionParticipant {
    /// What became of it.
    pub attendance: Attendance,
    /// The state in which they are that day. Asked for with telehealth.
    pub location_state: Option<StateCode>,
    /// Why telehealth was held with somebody in a state in which a clinician is not licensed.
    #[schema(min_length = 1, max_length = 500)]
    pub exception_reason: Option<String>,
}

/// How a session was held. Whatever is left out was as it was to be.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompleteSession {
    /// When it began.
    #[schema(nullable = false)]
    pub started_at: Option<Instant>,
    /// When it ended; within four hours.
    #[schema(nullable = false)]
    pub ended_at: Option<Instant>,
    /// What became of each part. Whoever is not named, and is `expected`, was there.
    #[schema(nullable = false, max_items = 6)]
    pub participants: Option<Vec<HeldWith>>,
    /// Why telehealth was held with somebody in a state in which a clinician is not licensed.
    #[schema(min_length = 1, max_length = 500)]
    pub exception_reason: Option<String>,
}

/// What became of somebody's part in a session that was held.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeldWith {
    /// A participant.
    pub client_id: ClientId,
    /// What became of it.
    pub attendance: Attendance,
    /// The state in which they were, when it is not the one that was expected.
    pub location_state: Option<StateCode>,
}

words! {
    /// Who cancels.
    CancelledBy {
        /// A client.
        Client = "client",
        /// The practice: never late.
        Practice = "practice",
    }
}

/// How a session is cancelled.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelSession {
    /// Who cancels.
    pub by: CancelledBy,
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: Option<String>,
}

/// The time that a session is moved to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RebookSession {
    /// When it is to begin.
    pub starts_at: Instant,
    /// When it is to end; within four hours.
    pub ends_at: Instant,
}

/// Which sessions to list.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SessionFilter {
    /// Those that begin in the week of this day, Monday to Sunday on the practice's wall.
    pub week_of: Option<Date>,
    /// Those that begin at this instant or later.
    pub from: Option<Instant>,
    /// Those that begin before this instant.
    pub until: Option<Instant>,
    /// Those of this treatment.
    pub treatment_id: Option<TreatmentId>,
    /// Those that this clinician holds.
    pub clinician_id: Option<ClinicianId>,
    /// Those of this couple's record.
    pub couple_id: Option<CoupleId>,
    /// Those in which this client takes part.
    pub client_id: Option<ClientId>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 4)]
    pub kind: Option<Vec<SessionKind>>,
    /// Any of these.
    #[param(style = Form, explode = false, max_items = 9)]
    pub status: Option<Vec<SessionStatus>>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}
