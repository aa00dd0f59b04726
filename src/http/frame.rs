//! The frame around every request: its id, its log line, its headers, and the one place where
//! an error becomes a problem.

use std::rc::Rc;
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, VARY,
    WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};

use crate::auth::limits::{Budget, Exceeded};
use crate::clock::Clock;
use crate::db::id::{IdSource, RequestId};
use crate::error::{Code, Error};
use crate::http::Contract;
use crate::http::connection::Progress;
use crate::http::head;
use crate::operations::metrics::Metrics;
use crate::telemetry::request::{Asked, Outcome};

/// What the frame needs, shared by all workers.
#[derive(Debug)]
pub struct Frame {
    /// Names requests.
    pub ids: IdSource,
    /// Times requests' ids.
    pub clock: Clock,
    /// Address of the folder of error pages.
    pub error_pages: String,
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
/// Far below what actix's parser refuses by itself, without a problem: a head that is merely too large is
/// told so in the service's own words.
const MOST_HEAD_BYTES: usize = 16 * 1024;

/// The middleware.
///
/// # Errors
/// When the frame itself has no state; what fails inside it is answered as a problem.
pub async fn frame(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let frame = request.app_data::<web::Data<Frame>>().cloned();
    let metrics = request.app_data::<web::Data<Metrics>>().cloned();
    let (Some(frame), Some(metrics)) = (frame, metrics) else {
        return Err(Error::internal("the frame has no state").into());
    };
    if let Some(connection) = request.conn_data::<Rc<Progress>>() {
        connection.begun();
    }
    let id: RequestId = frame.ids.next(frame.clock.now());
    let method = name_of(request.method());
    if request.method() == Method::HEAD {
        // HTTP's own encoder leaves the body out of an answer to HEAD and keeps its length.
        request.head_mut().method = Method::GET;
    }
    let started = std::time::Instant::now();
    let _in_flight = metrics.begin();
    // Handlers' and extractors' errors arrive here as responses that carry them.
    let mut response = if head::bytes(&request) > MOST_HEAD_BYTES {
        request.into_response(HttpResponse::new(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE))
    } else {
        next.call(request).await?.map_into_boxed_body()
    };
    let asked = Asked::take(response.request(), id);
    if response.status().is_client_error() || response.status().is_server_error() {
        response = into_problem(response, &frame, &asked);
    }
    finish_headers(&mut response, &asked.request_id);
    answered(&mut response);
    tell(&metrics, &asked, &response, method, started.elapsed());
    Ok(head::forget(response))
}

/// Into the metrics, the log and the trace.
fn tell(
    metrics: &Metrics,
    asked: &Asked,
    response: &ServiceResponse,
    method: &'static str,
    took: Duration,
) {
    let request = response.request();
    let contract = request.app_data::<web::Data<Contract>>();
    let operation = contract.and_then(|contract| contract.operation(request));
    let operation = operation.map(|operation| operation.id.as_str());
    let (route, status) = (request.match_pattern(), response.status().as_u16());
    metrics.answered(operation, status, took);
    if let Some(exceeded) = request.extensions().get::<Exceeded>() {
        metrics.limited(exceeded.word());
    }
    asked.answered(&Outcome { method, operation, route: route.as_deref(), status, took });
}

/// A method as it is logged. Callers may make methods up, and what they make up is theirs.
fn name_of(method: &Method) -> &'static str {
    ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]
        .into_iter()
        .find(|known| *known == method.as_str())
        .unwrap_or("other")
}

/// Tells the connection, of which there is none in a test without sockets.
fn answered<B>(response: &mut ServiceResponse<B>) {
    // The rest of a body that has not come in time may still come for as long as its sender likes.
    let last = response.status() == StatusCode::REQUEST_TIMEOUT;
    if last {
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    match response.request().conn_data::<Rc<Progress>>() {
        Some(connection) if last => connection.answered_last(),
        Some(connection) => connection.answered(),
        None => {}
    }
}

fn finish_headers<B>(response: &mut ServiceResponse<B>, id: &RequestId) {
    let personal = response.request().path().starts_with("/v1/");
    // Every 401 is alike: a budget would tell that a token was good once.
    let known = response.status() != StatusCode::UNAUTHORIZED;
    let budget = response.request().extensions().get::<Budget>().copied().filter(|_| known);
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&id.to_string()) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(budget) = budget
        && let (Ok(policy), Ok(state)) =
            (HeaderValue::from_str(&budget.policy()), HeaderValue::from_str(&budget.state()))
    {
        headers.insert(RATE_LIMIT_POLICY, policy);
        headers.insert(RATE_LIMIT, state);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // What may be kept says so itself.
    if personal && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// Writes the problem of an error that a handler, an extractor or actix itself answered.
fn into_problem(response: ServiceResponse, frame: &Frame, asked: &Asked) -> ServiceResponse {
    let status = response.status();
    let own = response.response().error().and_then(|error| error.as_error::<Error>());
    let foreign;
    let error = if let Some(own) = own {
        own
    } else {
        foreign = of_status(status);
        &foreign
    };
    asked.failed(error);
    let problem = error.problem(&frame.error_pages, &asked.request_id.to_string());
    let mut answer = HttpResponse::build(error.code().status());
    answer.insert_header((CONTENT_TYPE, "application/problem+json"));
    if error.code() == Code::Unauthorized {
        answer.insert_header((WWW_AUTHENTICATE, "Bearer"));
    }
    if let Some(seconds) = error.retry_seconds() {
        answer.insert_header((RETRY_AFTER, u32::from(seconds)));
    }
    for (name, value) in response.headers().iter().filter(|(name, _)| outlives(name)) {
        answer.append_header((name.clone(), value.clone()));
    }
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let request = response.into_parts().0;
    ServiceResponse::new(request, answer.body(body))
}

/// What a problem keeps of the answer that it replaces: a browser lets no page read it that CORS does not name.
fn outlives(name: &HeaderName) -> bool {
    *name == ALLOW || *name == VARY || name.as_str().starts_with("access-control-")
}

/// Errors that actix answers by itself become problems of the same form.
fn of_status(status: StatusCode) -> Error {
    match status {
        StatusCode::NOT_FOUND => Error::not_found(),
        StatusCode::METHOD_NOT_ALLOWED => {
            Error::new(Code::MethodNotAllowed, "`Allow` lists the methods that this path takes.")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Error::new(
            Code::PayloadTooLarge,
            "Send less; the document says how much this operation takes.",
        ),
        StatusCode::REQUEST_TIMEOUT => {
            Error::new(Code::RequestTimeout, "The request did not arrive in time; send it again.")
        }
        StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE => {
            Error::new(Code::HeadersTooLarge, "Send fewer or shorter headers.")
        }
        status if status.is_client_error() => {
            Error::new(Code::Malformed, "The request cannot be read.")
        }
        _ => Error::internal("an answer outside the service's own errors"),
    }
}

/// What no route takes: 405 with `Allow` for a known path, `OPTIONS` for the same, else 404.
///
/// actix answers a wrong method on an attribute route with 404; the route table of the
/// document knows better.
pub async fn unrouted(request: HttpRequest) -> HttpResponse {
    let methods = request
        .app_data::<web::Data<Contract>>()
        .and_then(|contract| contract.methods(request.path()));
    match methods {
        None => HttpResponse::from_error(Error::not_found()),
        Some(methods) if request.method() == Method::OPTIONS => {
            HttpResponse::NoContent().insert_header((ALLOW, methods)).finish()
        }
        Some(methods) => HttpResponse::MethodNotAllowed().insert_header((ALLOW, methods)).finish(),
    }
}
