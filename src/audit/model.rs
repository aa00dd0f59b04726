//! What is recorded of a change.

use uuid::Uuid;

use crate::db::id::{
    ActivityDefinitionId, AlertId, AnyId, AppId, AssignmentId, ClientId, ClinicianId, ConsentId,
    CoupleId, HelpRequestId, HoldId, NoteTemplateId, OfficeId, PracticeId, ProgramId,
    PsychotherapyNoteId, ReviewId, SessionId, SessionNoteId, SessionSummaryId, SubmissionId,
    TreatmentId, UserId,
};

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The practice itself.
    Practice(PracticeId),
    /// An office.
    Office(OfficeId),
    /// A clinician.
    Clinician(ClinicianId),
    /// A login.
    User(UserId),
    /// An application.
    App(AppId),
    /// A client.
    Client(ClientId),
    /// A couple, its members and its secrets policy.
    Couple(CoupleId),
    /// A treatment and its care team.
    Treatment(TreatmentId),
    /// A consent document.
    Consent(ConsentId),
    /// An activity definition.
    ActivityDefinition(ActivityDefinitionId),
    /// An assignment.
    Assignment(AssignmentId),
    /// A programme.
    Program(ProgramId),
    /// A submission.
    Submission(SubmissionId),
    /// A review.
    Review(ReviewId),
    /// An alert.
    Alert(AlertId),
    /// A hold.
    Hold(HoldId),
    /// A request for help.
    HelpRequest(HelpRequestId),
    /// A session, and who takes part.
    Session(SessionId),
    /// A session note.
    SessionNote(SessionNoteId),
    /// A template of notes.
    NoteTemplate(NoteTemplateId),
    /// A psychotherapy note: no view shows a row of one.
    PsychotherapyNote(PsychotherapyNoteId),
    /// A summary of a session for clients.
    SessionSummary(SessionSummaryId),
}

impl Subject {
    /// The word in the audit row and in the event.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Practice(_) => "practice",
            Self::Office(_) => "office",
            Self::Clinician(_) => "clinician",
            Self::User(_) => "user",
            Self::App(_) => "app",
            Self::Client(_) => "client",
            Self::Couple(_) => "couple",
            Self::Treatment(_) => "treatment",
            Self::Consent(_) => "consent",
            Self::ActivityDefinition(_) => "activity_definition",
            Self::Assignment(_) => "assignment",
            Self::Program(_) => "program",
            Self::Submission(_) => "submission",
            Self::Review(_) => "review",
            Self::Alert(_) => "alert",
            Self::Hold(_) => "hold",
            Self::HelpRequest(_) => "help_request",
            Self::Session(_) => "session",
            Self::SessionNote(_) => "session_note",
            Self::NoteTemplate(_) => "note_template",
            Self::PsychotherapyNote(_) => "psychotherapy_note",
            Self::SessionSummary(_) => "session_summary",
        }
    }

    /// The UUID of the id.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Practice(id) => id.uuid(),
            Self::Office(id) => id.uuid(),
            Self::Clinician(id) => id.uuid(),
            Self::User(id) => id.uuid(),
            Self::App(id) => id.uuid(),
            Self::Client(id) => id.uuid(),
            Self::Couple(id) => id.uuid(),
            Self::Treatment(id) => id.uuid(),
            Self::Consent(id) => id.uuid(),
            Self::ActivityDefinition(id) => id.uuid(),
            Self::Assignment(id) => id.uuid(),
            Self::Program(id) => id.uuid(),
            Self::Submission(id) => id.uuid(),
            Self::Review(id) => id.uuid(),
            Self::Alert(id) => id.uuid(),
            Self::Hold(id) => id.uuid(),
            Self::HelpRequest(id) => id.uuid(),
            Self::Session(id) => id.uuid(),
            Self::SessionNote(id) => id.uuid(),
            Self::NoteTemplate(id) => id.uuid(),
            Self::PsychotherapyNote(id) => id.uuid(),
            Self::SessionSummary(id) => id.uuid(),
        }
    }
}

/// One change: what happened to what, and which fields it touched. Never a value.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// What it happened to.
    pub subject: Subject,
    /// The verb in the past tense, as `created`: the event's type is `client.created`.
    pub verb: &'static str,
    /// Names of the fields that changed.
    pub fields: &'a [&'static str],
}

impl Change<'_> {
    /// What happened to what, in one word, as `client.created`: the same in the record and in the feed of events.
    pub(super) fn action(&self) -> String {
        format!("{}.{}", self.subject.word(), self.verb)
    }
}

impl Change<'static> {
    /// A change that touched no single field.
    #[must_use]
    pub fn of(subject: Subject, verb: &'static str) -> Self {
        Self { subject, verb, fields: &[] }
    }
}

/// The id of a row's resource as it is known outside.
pub(super) fn typed_id(resource: &str, id: Uuid) -> String {
    match resource {
        "practice" => PracticeId::from_uuid(id).to_string(),
        "office" => OfficeId::from_uuid(id).to_string(),
        "clinician" => ClinicianId::from_uuid(id).to_string(),
        "user" => UserId::from_uuid(id).to_string(),
        "app" => AppId::from_uuid(id).to_string(),
        "client" => ClientId::from_uuid(id).to_string(),
        "couple" => CoupleId::from_uuid(id).to_string(),
        "treatment" => TreatmentId::from_uuid(id).to_string(),
        "consent" => ConsentId::from_uuid(id).to_string(),
        "activity_definition" => ActivityDefinitionId::from_uuid(id).to_string(),
        "assignment" => AssignmentId::from_uuid(id).to_string(),
        "session" => SessionId::from_uuid(id).to_string(),
        "session_note" => SessionNoteId::from_uuid(id).to_string(),
        "session_summary" => SessionSummaryId::from_uuid(id).to_string(),
        _ => AnyId::from_uuid(id).to_string(),
    }
}
