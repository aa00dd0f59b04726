//! The codes of problems: one table, part of the contract.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident $text:literal $status:ident $title:literal;)*) => {
        /// The stable code of a problem: part of the contract, never renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $code),* }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$code),*];

            /// The code as it stands in a problem's `code`.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$code => $text),* } }

            /// The status that goes with it.
            #[must_use]
            pub fn status(self) -> StatusCode { match self { $(Self::$code => StatusCode::$status),* } }

            /// A short sentence that is the same for every problem of this code.
            #[must_use]
            pub fn title(self) -> &'static str { match self { $(Self::$code => $title),* } }

            /// The page that explains the code, in Markdown. A code without a page does not
            /// compile.
            #[must_use]
            pub fn page(self) -> &'static str {
                match self {
                    $(Self::$code => include_str!(concat!("../../docs/reference/errors/", $text, ".md"))),*
                }
            }
        }
    };
}

codes! {
    /// The body is not JSON, is nested too deeply, or names a member twice.
    Malformed "malformed" BAD_REQUEST "The request cannot be read";
    /// A query parameter is unknown, given twice, or not of its form.
    InvalidParameter "invalid_parameter" BAD_REQUEST "A query parameter is not accepted";
    /// The cursor is not one of ours, or belongs to another list.
    InvalidCursor "invalid_cursor" BAD_REQUEST "The cursor does not belong to this list";
    /// No token, or one that does not verify.
    Unauthorized "unauthorized" UNAUTHORIZED "A valid access token is needed";
    /// The token lacks the scope, or its holder may not use it.
    ScopeMissing "scope_missing" FORBIDDEN "The token does not carry the scope that this needs";
    /// Something the caller can see, but only its owner may change.
    OwnerOnly "owner_only" FORBIDDEN "Only its owner may do this";
    /// Absent or not visible: one answer for both.
    NotFound "not_found" NOT_FOUND "There is nothing here that you can see";
    /// The path exists, not with this method.
    MethodNotAllowed "method_not_allowed" METHOD_NOT_ALLOWED "This path does not take this method";
    /// The body did not arrive in time.
    RequestTimeout "request_timeout" REQUEST_TIMEOUT "The request did not arrive in time";
    /// The state does not allow this transition.
    InvalidTransition "invalid_transition" CONFLICT "The current status does not allow this";
    /// Something has to be in place first.
    RequirementsMissing "requirements_missing" CONFLICT "Something has to be in place first";
    /// Another record already has this value.
    AlreadyExists "already_exists" CONFLICT "There is such a record already";
    /// The version named is not the current one.
    VersionSuperseded "version_superseded" CONFLICT "A newer version exists";
    /// It cannot be done at this time; the reason is nobody's business.
    NotNow "not_now" CONFLICT "This cannot be done now";
    /// The clinician is busy at that time.
    Overlaps "overlaps" CONFLICT "The clinician has another session at that time";
    /// A client would be in a state in which the clinician is not licensed.
    OutsideLicensedStates "outside_licensed_states" CONFLICT "A client would be where the clinician is not licensed";
    /// The device's id already stands for other content.
    ContentConflict "content_conflict" CONFLICT "This id holds other content";
    /// Others have read it already.
    AlreadyRevealed "already_revealed" CONFLICT "It has been shown to others already";
    /// Entries that were revealed a short while ago do not change yet.
    LockedForDays "locked_for_days" CONFLICT "These entries are locked for some days";
    /// `If-Match` names a state that has passed.
    PreconditionFailed "precondition_failed" PRECONDITION_FAILED "It has changed since you read it";
    /// `If-Match` is missing.
    PreconditionRequired "precondition_required" PRECONDITION_REQUIRED "Say which state you are changing";
    /// The body is larger than allowed.
    PayloadTooLarge "payload_too_large" PAYLOAD_TOO_LARGE "The body is too large";
    /// The media type is not the one this takes.
    UnsupportedMediaType "unsupported_media_type" UNSUPPORTED_MEDIA_TYPE "The media type is not accepted";
    /// Fields do not hold what they may hold.
    InvalidFields "invalid_fields" UNPROCESSABLE_ENTITY "Some fields are not accepted";
    /// The idempotency key was used with another body.
    IdempotencyKeyReused "idempotency_key_reused" UNPROCESSABLE_ENTITY "This idempotency key belongs to another request";
    /// The budget of the caller, or of the practice, is used up.
    RateLimited "rate_limited" TOO_MANY_REQUESTS "Too many requests";
    /// The request line or headers cannot be read.
    HeadersTooLarge "headers_too_large" REQUEST_HEADER_FIELDS_TOO_LARGE "The headers are too large";
    /// A fault of the service.
    Internal "internal" INTERNAL_SERVER_ERROR "The service failed";
    /// The queue for the database is full, or the database cannot be reached.
    Overloaded "overloaded" SERVICE_UNAVAILABLE "The service is busy, try again shortly";
}
