//! What is said of a request, in its log lines and in its trace: who asked for which operation, what came of it, and
//! never what was sent or answered.
//!
//! It is said when the answer is there. A span that is open for as long as a request lasts was the other way; its
//! registry keeps a place for each that was ever open at once (docs/adr/0041).

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use actix_web::http::header::HeaderMap;
use actix_web::{HttpMessage, HttpRequest};
use diesel::result::Error as DatabaseError;
use tracing::field::DisplayValue;

use crate::db::id::{PracticeId, RequestId};
use crate::error::{Code, Error};

/// Who asks. It lies in the request's extensions as soon as their token has been read.
#[derive(Debug)]
pub struct Asker {
    /// Their practice.
    pub practice: PracticeId,
    /// The id of the login or application.
    pub actor: String,
}

/// The ids of a request whose answer is there, for its lines and its trace.
#[derive(Debug)]
pub struct Asked {
    /// Its id, also in the answer.
    pub request_id: RequestId,
    /// The caller's `traceparent`, where it is one (W3C Trace Context).
    pub(super) parent: Option<String>,
    pub(super) asker: Option<Asker>,
}

/// What came of a request.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The method as it came, or `other`.
    pub method: &'static str,
    /// The id of the operation in the document, for those that it knows.
    pub operation: Option<&'a str>,
    /// The pattern of its path.
    pub route: Option<&'a str>,
    /// The answer's status.
    pub status: u16,
    /// From the whole head to the answer.
    pub took: Duration,
}

impl Asked {
    /// Takes the [`Asker`] out of the request, so that it is there once.
    #[must_use]
    pub fn take(request: &HttpRequest, request_id: RequestId) -> Self {
        let asker = request.extensions_mut().remove();
        Self { request_id, parent: parent_of(request.headers()).map(str::to_owned), asker }
    }

    fn trace_id(&self) -> Option<&str> {
        self.parent.as_deref()?.split('-').nth(1)
    }

    fn practice(&self) -> Option<DisplayValue<&PracticeId>> {
        Some(tracing::field::display(&self.asker.as_ref()?.practice))
    }

    fn actor(&self) -> Option<&str> {
        Some(&self.asker.as_ref()?.actor)
    }

    /// The line that every request ends with, and its trace where there is a collector.
    pub fn answered(&self, outcome: &Outcome<'_>) {
        #[cfg(feature = "opentelemetry")]
        super::traces::record(self, outcome);
        tracing::info!(
            request_id = %self.request_id,
            trace_id = self.trace_id(),
            practice = self.practice(),
            actor = self.actor(),
            method = outcome.method,
            route = outcome.route,
            status = outcome.status,
            micros = u64::try_from(outcome.took.as_micros()).unwrap_or(u64::MAX),
            "answered"
        );
    }

    /// Why it could not be done, where the caller is not told: before the line of the answer.
    pub fn failed(&self, error: &Error) {
        let Some(cause) = Cause::of(error) else { return };
        let (request_id, trace_id) = (&self.request_id, self.trace_id());
        let (practice, actor) = (self.practice(), self.actor());
        if error.code() == Code::Overloaded {
            tracing::warn!(%request_id, trace_id, practice, actor, cause, "answered 503");
        } else {
            tracing::error!(%request_id, trace_id, practice, actor, cause, "answered 500");
        }
    }
}

/// Displays what went wrong, without the database's own words: they quote the row that failed.
#[derive(Debug)]
pub struct Cause<'a>(&'a (dyn StdError + Send + Sync + 'static));

impl<'a> Cause<'a> {
    /// That of an error which has one, as the value of a line's member.
    #[must_use]
    pub fn of(error: &'a Error) -> Option<DisplayValue<Self>> {
        error.cause().map(|cause| tracing::field::display(Self(cause)))
    }
}

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.downcast_ref::<DatabaseError>() {
            Some(DatabaseError::DatabaseError(kind, information)) => {
                write!(f, "database error: {kind:?}")?;
                information.constraint_name().map_or(Ok(()), |name| write!(f, " of {name}"))
            }
            Some(DatabaseError::NotFound) => f.write_str("a row that must exist is missing"),
            Some(_) => f.write_str("query error"),
            None => write!(f, "{}", self.0),
        }
    }
}

/// What a caller says of the trace that this request belongs to. What a later version adds at the end is passed over.
fn parent_of(headers: &HeaderMap) -> Option<&str> {
    let parent = headers.get("traceparent")?.to_str().ok()?;
    let mut parts = parent.split('-');
    let well_formed = [2, 32, 16, 2].into_iter().all(|digits| {
        parts.next().is_some_and(|part| {
            part.len() == digits && part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
        })
    });
    well_formed.then_some(parent)
}
