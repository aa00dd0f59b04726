//! One error type for the whole service, and how it becomes an answer.
//!
//! Every 4xx and 5xx is `application/problem+json` (RFC 9457). What a caller can mend has a
//! [`Code`] with a page of its own under `docs/reference/errors`; everything else is a blind
//! 500 whose cause is logged once. No answer echoes what was sent, and none carries an
//! internal text.

mod code;
mod fault;

use std::borrow::Cow;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::code::Code;
pub use self::fault::{Fault, Place};

/// The result of everything that can fail towards a caller.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Faults of a problem at the most; `Problem.errors` is bounded by it.
const MOST_FAULTS: usize = 200;

/// A busy service is asked again after so long.
const OVERLOADED_RETRY_SECONDS: u16 = 1;

/// The words of every pause of homework, whoever paused it and why.
const PAUSED: &str =
    "Home practice is taking a rest at present. Your therapist will take it up again with you.";

/// What can go wrong, as the caller may know it.
#[derive(Debug, thiserror::Error)]
#[error("{}: {detail}", code.as_str())]
pub struct Error {
    code: Code,
    detail: Cow<'static, str>,
    faults: Vec<Fault>,
    allowed: Option<Vec<&'static str>>,
    public_text: Option<String>,
    /// Small, since every result carries an error's size.
    retry_seconds: Option<u16>,
    #[source]
    cause: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// A problem of this code with a sentence that says what to mend.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            faults: Vec::new(),
            allowed: None,
            public_text: None,
            retry_seconds: None,
            cause: None,
        }
    }

    /// Absent or not visible. Always the same words.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(Code::NotFound, "It does not exist, or you may not see it.")
    }

    /// Field errors, all of them at once; of more than two hundred the first.
    #[must_use]
    pub fn invalid(mut faults: Vec<Fault>) -> Self {
        faults.truncate(MOST_FAULTS);
        let mut error =
            Self::new(Code::InvalidFields, "Mend the fields listed in `errors` and send it again.");
        error.faults = faults;
        error
    }

    /// Nothing when there is no fault, and [`Error::invalid`] with all of them otherwise.
    ///
    /// # Errors
    /// 422.
    pub fn unless_valid(faults: Vec<Fault>) -> Result<()> {
        if faults.is_empty() { Ok(()) } else { Err(Self::invalid(faults)) }
    }

    /// Query faults, all of them at once.
    #[must_use]
    pub fn invalid_query(mut faults: Vec<Fault>) -> Self {
        faults.truncate(MOST_FAULTS);
        let mut error = Self::new(
            Code::InvalidParameter,
            "Mend the parameters listed in `errors` and send it again.",
        );
        error.faults = faults;
        error
    }

    /// A transition that the present status does not allow, with those that it does.
    #[must_use]
    pub fn invalid_transition(from: &'static str, allowed: Vec<&'static str>) -> Self {
        let mut error = Self::new(
            Code::InvalidTransition,
            format!("The status is `{from}`; `allowed_transitions` lists what can be done now."),
        );
        error.allowed = Some(allowed);
        error
    }

    /// Something that must be in place first; each entry says what.
    #[must_use]
    pub fn requirements_missing(mut missing: Vec<Fault>) -> Self {
        missing.truncate(MOST_FAULTS);
        let mut error =
            Self::new(Code::RequirementsMissing, "`errors` lists what has to be in place first.");
        error.faults = missing;
        error
    }

    /// It cannot be done at this time. Whatever the cause, the answer is the same but for the words to show,
    /// which come from the exercise or are those of every pause.
    #[must_use]
    pub fn not_now(public_text: Option<&str>) -> Self {
        let mut error =
            Self::new(Code::NotNow, "Nothing was stored. Show `public_text` and try again later.");
        error.public_text = Some(public_text.unwrap_or(PAUSED).to_owned());
        error
    }

    /// Telehealth with somebody in a state in which a clinician is not licensed. `public_text` is the
    /// practice's contact block (`domain` 5.4).
    #[must_use]
    pub fn outside_licensed_states(outside: Vec<Fault>, public_text: String) -> Self {
        let detail = "Nothing was booked. Show `public_text`; a session that was held there all the same is \
                      recorded with an `exception_reason`.";
        let mut error = Self::new(Code::OutsideLicensedStates, detail);
        error.faults = outside;
        error.public_text = Some(public_text);
        error
    }

    /// One request too many; another can pass in so many seconds. Whose budget was used up is not said.
    #[must_use]
    pub fn rate_limited(seconds: u16) -> Self {
        let mut error = Self::new(
            Code::RateLimited,
            "Nothing was done. Send fewer requests, and this one again after `Retry-After` seconds.",
        );
        error.retry_seconds = Some(seconds);
        error
    }

    /// Nothing was done; try again shortly. The reason goes to the log.
    #[must_use]
    pub fn overloaded(reason: &'static str) -> Self {
        let mut error =
            Self::new(Code::Overloaded, "Nothing was done. Try again after `Retry-After` seconds.");
        error.retry_seconds = Some(OVERLOADED_RETRY_SECONDS);
        error.cause = Some(reason.into());
        error
    }

    /// A fault of the service. The reason goes to the log and not to the caller.
    #[must_use]
    pub fn internal(reason: &'static str) -> Self {
        let mut error = Self::blind();
        error.cause = Some(reason.into());
        error
    }

    fn blind() -> Self {
        Self::new(
            Code::Internal,
            "Nothing of this request was kept. The fault has been recorded under the request's id.",
        )
    }

    /// Adds a fault to the list.
    pub fn add(&mut self, fault: Fault) {
        self.faults.push(fault);
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// The faults, for tests and for joining several checks into one answer.
    #[must_use]
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// After how many seconds it can be sent again, for `Retry-After`.
    pub(crate) fn retry_seconds(&self) -> Option<u16> {
        self.retry_seconds
    }

    /// The cause of a 500 or 503, for the log.
    pub(crate) fn cause(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        self.cause.as_deref()
    }

    /// The error for whoever runs the service and typed a command: with its cause, which no
    /// caller of the API is shown.
    #[must_use]
    pub fn for_operator(&self) -> String {
        match &self.cause {
            Some(cause) => cause.to_string(),
            None => self.to_string(),
        }
    }

    /// The body, before the request's id and the pages' address are known.
    pub(crate) fn problem(&self, pages: &str, request_id: &str) -> Problem {
        Problem {
            r#type: format!("{pages}/{}", self.code.as_str()),
            title: self.code.title().to_owned(),
            status: self.code.status().as_u16(),
            code: self.code.as_str().to_owned(),
            detail: self.detail.clone().into_owned(),
            request_id: request_id.to_owned(),
            errors: self.faults.clone(),
            allowed_transitions: self
                .allowed
                .as_ref()
                .map(|allowed| allowed.iter().map(|word| (*word).to_owned()).collect()),
            public_text: self.public_text.clone(),
        }
    }
}

/// A problem (RFC 9457): what went wrong, in words and in codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Address of the page that explains this code.
    #[schema(format = "uri", example = "http://127.0.0.1:8080/docs/errors/not_found")]
    pub r#type: String,
    /// The same short sentence for every problem of this code.
    #[schema(example = "There is nothing here that you can see")]
    pub title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599, example = 404)]
    pub status: u16,
    /// Stable code.
    #[schema(example = "not_found")]
    pub code: String,
    /// What to mend.
    #[schema(example = "It does not exist, or you may not see it.")]
    pub detail: String,
    /// The request's id, also in `X-Request-Id`.
    #[schema(example = "req_01h455vb4pex5vsknk084sn02q")]
    pub request_id: String,
    /// Every fault of the request at once; empty where the problem is not about fields.
    #[schema(max_items = 200)]
    pub errors: Vec<Fault>,
    /// With `invalid_transition`: the transitions that are possible now.
    #[schema(max_items = 20)]
    pub allowed_transitions: Option<Vec<String>>,
    /// With `not_now` and `outside_licensed_states`: the words to show to the person, unchanged.
    #[schema(max_length = 1000)]
    pub public_text: Option<String>,
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// An empty response: the frame fills in the problem (see `http::frame`), because only
    /// there the request's id is known.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.code.status())
    }
}

impl From<diesel::result::Error> for Error {
    /// Everything that is not mapped by meaning at its call is a fault of the service.
    fn from(cause: diesel::result::Error) -> Self {
        let mut error = Self::blind();
        error.cause = Some(Box::new(cause));
        error
    }
}

impl From<crate::seal::SealError> for Error {
    fn from(cause: crate::seal::SealError) -> Self {
        let mut error = Self::blind();
        error.cause = Some(Box::new(cause));
        error
    }
}

/// Maps database outcomes by meaning, at the call that can have them.
pub trait DbResultExt<T> {
    /// No row is a 404.
    ///
    /// # Errors
    /// The mapped error.
    fn or_not_found(self) -> Result<T>;

    /// A unique violation is a 409 with this sentence.
    ///
    /// # Errors
    /// The mapped error.
    fn on_duplicate(self, detail: &'static str) -> Result<T>;
}

impl<T> DbResultExt<T> for diesel::QueryResult<T> {
    fn or_not_found(self) -> Result<T> {
        self.map_err(|error| match error {
            diesel::result::Error::NotFound => Error::not_found(),
            other => other.into(),
        })
    }

    fn on_duplicate(self, detail: &'static str) -> Result<T> {
        use diesel::result::{DatabaseErrorKind, Error as Db};
        self.map_err(|error| match error {
            Db::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
                Error::new(Code::AlreadyExists, detail)
            }
            other => other.into(),
        })
    }
}
