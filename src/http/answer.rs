//! How results become responses: tags, locations, links and replays in one place.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, LINK, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder, web};
use serde::Serialize;
use uuid::Uuid;

use crate::auth::Tx;
use crate::error::{Error, Result};
use crate::http::etag::{self, Tagger};

/// Something with a place of its own: what a write answers with.
pub trait Resource: Serialize + Send + 'static {
    /// The UUID of its id.
    fn id(&self) -> Uuid;

    /// Its path, as `/v1/clients/cli_…`.
    fn path(&self) -> String;

    /// Checks that the caller may see it now, before a stored answer about it is repeated.
    ///
    /// # Errors
    /// 404 when not.
    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()>;

    /// The same without what is answered once and never again, such as a secret: what is kept for the case that the
    /// request is repeated. None when all of it is.
    fn to_keep(&self) -> Option<Self>
    where
        Self: Sized,
    {
        None
    }
}

/// A representation that was read: 200 with its tag, or 304.
#[derive(Debug)]
pub struct Json<T> {
    value: T,
    next: Option<String>,
}

impl<T> Json<T> {
    /// A single representation.
    pub fn of(value: T) -> Self {
        Self { value, next: None }
    }

    /// A page, with the address of the next one.
    pub fn page(value: T, next: Option<String>) -> Self {
        Self { value, next }
    }
}

impl<T: Serialize> Responder for Json<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let Ok(body) = serde_json::to_vec(&self.value) else {
            return HttpResponse::from_error(Error::internal("a representation did not serialise"));
        };
        let tag = tag(request, &body);
        if etag::already_held(request.headers(), &tag) {
            return HttpResponse::NotModified().insert_header((ETAG, tag)).finish();
        }
        let mut response = HttpResponse::Ok();
        response.insert_header((ETAG, tag)).insert_header((CONTENT_TYPE, "application/json"));
        if let Some(next) = self.next {
            response.insert_header((LINK, format!("<{next}>; rel=\"next\"")));
        }
        response.body(body)
    }
}

/// A text of another media type that was read: 200 with its tag, or 304. Whoever reads it may keep it for
/// themself, and asks each time whether it still holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    /// Its media type.
    pub content_type: &'static str,
    /// The text.
    pub body: String,
}

impl Responder for Media {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let tag = tag(request, self.body.as_bytes());
        let held = etag::already_held(request.headers(), &tag);
        let mut response = if held { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, "private, no-cache"));
        if held {
            return response.finish();
        }
        response.insert_header((CONTENT_TYPE, self.content_type)).body(self.body)
    }
}

/// The answer of a write, made inside its transaction so that it can be stored with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// 200, 201 or 204.
    pub status: StatusCode,
    /// Path of what was made.
    pub location: Option<String>,
    /// JSON; absent with 204.
    pub body: Option<Vec<u8>>,
    /// The tag, where it is not that of the body.
    pub tag: Option<String>,
    /// True when an earlier answer is repeated.
    pub replayed: bool,
}

/// What putting something in its place came to.
#[derive(Debug)]
pub struct Put<R> {
    /// True when it is new there.
    pub new: bool,
    /// What is answered.
    pub resource: R,
    /// The tag of what now stands in the place, for the next `If-Match`.
    pub tag: String,
}

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

impl Answer {
    /// The representation after a change.
    ///
    /// # Errors
    /// A fault of the service when it does not serialise.
    pub fn of(status: StatusCode, resource: &impl Resource) -> Result<Self> {
        let body = serde_json::to_vec(resource)
            .map_err(|_| Error::internal("a representation did not serialise"))?;
        let location = (status == StatusCode::CREATED).then(|| resource.path());
        Ok(Self { status, location, body: Some(body), tag: None, replayed: false })
    }

    /// Done, with nothing to show.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            location: None,
            body: None,
            tag: None,
            replayed: false,
        }
    }
}

impl Responder for Answer {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        if let Some(location) = self.location {
            response.insert_header((LOCATION, location));
        }
        if self.replayed {
            response.insert_header((REPLAYED, "true"));
        }
        match self.body {
            None => response.finish(),
            Some(body) => response
                .insert_header((ETAG, self.tag.unwrap_or_else(|| tag(request, &body))))
                .insert_header((CONTENT_TYPE, "application/json"))
                .body(body),
        }
    }
}

fn tag(request: &HttpRequest, body: &[u8]) -> String {
    request.app_data::<web::Data<Tagger>>().map(|tagger| tagger.tag(body)).unwrap_or_default()
}
