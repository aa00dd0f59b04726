//! The head of a request: its size, and what is left of it afterwards.

use actix_web::dev::{ServiceRequest, ServiceResponse, Url};
use actix_web::http::Uri;
use actix_web::http::header::HeaderMap;

/// Bytes of a request's path and headers.
pub(super) fn bytes(request: &ServiceRequest) -> usize {
    let headers = request.headers().iter();
    let headers: usize = headers.map(|(name, value)| name.as_str().len() + value.len()).sum();
    headers + request.uri().path_and_query().map_or(0, |path| path.as_str().len())
}

/// Forgets what an answered request asked for.
///
/// To use their memory again, actix-web and actix-http keep up to 256 requests of each worker, without a setting: with
/// the caller's token, with room for 28 headers, 7 KiB, and with the 8 KiB from its connection into which they point.
/// What a crowd brought would stay for as long as the service runs: 8 MiB for two workers. What breaks off before its
/// answer is kept so still. To copy a head when it comes, no larger than it is, was tried; that many small pieces hold
/// other memory back.
///
/// # Panics
/// When something still holds the request: a body that is written later, or a task. There is no way to ask; nothing
/// here does so, and what would do so would panic each time.
pub(super) fn forget<B>(response: ServiceResponse<B>) -> ServiceResponse<B> {
    let (request, response) = response.into_parts();
    let mut request = ServiceRequest::from_request(request);
    request.match_info_mut().set(Url::default());
    let head = request.head_mut();
    head.headers = HeaderMap::new();
    head.uri = Uri::default();
    ServiceResponse::new(request.into_parts().0, response)
}

#[cfg(test)]
mod tests {
    use actix_web::HttpResponse;
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn nothing_is_left_of_an_answered_request_but_its_answer() {
        let request = TestRequest::with_uri("/v1/me?canary=1")
            .insert_header(("Authorization", "Bearer canary"))
            .to_srv_request();
        assert!(bytes(&request) > 16);
        let answer = HttpResponse::Accepted().insert_header(("X-Answer", "kept")).finish();
        let left = forget(request.into_response(answer));
        assert_eq!((left.status().as_u16(), left.headers().len()), (202, 1));
        let request = left.request();
        assert_eq!((request.headers().len(), request.headers().capacity()), (0, 0));
        assert_eq!((request.path(), request.query_string()), ("/", ""));
        assert_eq!(request.match_info().as_str(), "/");
    }
}
