//! The head of a request: its size, and its place in memory.

use actix_web::dev::{ServiceRequest, Url};
use actix_web::http::Uri;
use actix_web::http::header::{HeaderMap, HeaderValue};

/// Bytes of a request's path and headers.
pub(super) fn bytes(request: &ServiceRequest) -> usize {
    let headers = request.headers().iter();
    let headers: usize = headers.map(|(name, value)| name.as_str().len() + value.len()).sum();
    headers + request.uri().path_and_query().map_or(0, |path| path.as_str().len())
}

/// Gives a request that nobody else has seen yet a head of its own, as small as what stands in it.
///
/// To use their memory again, actix-web and actix-http keep up to 256 answered requests of each worker, as they were.
/// As they are read, each has room for 28 headers, 7 KiB, and points into the 8 KiB that came from its connection. What
/// a crowd brought would stay for as long as the service runs: 8 MiB for two workers. There is no setting for it.
pub(super) fn keep_apart(request: &mut ServiceRequest) {
    let headers = request.headers();
    let mut own = HeaderMap::with_capacity(headers.len_keys());
    for (name, value) in headers {
        let apart = HeaderValue::from_bytes(value.as_bytes());
        own.append(name.clone(), apart.unwrap_or_else(|_| value.clone()));
    }
    let uri = Uri::try_from(request.uri().to_string());
    let head = request.head_mut();
    head.headers = own;
    if let Ok(uri) = uri {
        head.uri = uri.clone();
        request.match_info_mut().set(Url::new(uri));
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    /// What is read of a request: its target, the path that is matched, and each header's values in their order.
    fn read(request: &ServiceRequest) -> (String, String, Vec<(String, Vec<u8>)>) {
        let headers = request.headers();
        let mut all: Vec<_> = headers
            .keys()
            .flat_map(|name| headers.get_all(name).map(move |value| (name, value)))
            .map(|(name, value)| (name.to_string(), value.as_bytes().to_owned()))
            .collect();
        // The order of names has no meaning; that of one name's values does, and is kept by this sort.
        all.sort_by(|one, other| one.0.cmp(&other.0));
        (request.uri().to_string(), request.match_info().as_str().to_owned(), all)
    }

    #[test]
    fn a_head_of_its_own_says_the_same() {
        let targets = [
            "/v1/clients?page_size=2&q=%C3%A5",
            "/v1/clients/%2e%2E/a%20b",
            "/",
            "*",
            "http://attune.test/v1/me?",
            "//twice",
            "/v1/me?a=?&b=%zz",
        ];
        for target in targets {
            let mut request = TestRequest::with_uri(target)
                .append_header(("If-None-Match", "\"b\""))
                .append_header(("X-Request-Id", "once"))
                .append_header(("If-None-Match", "\"a\""))
                .append_header(("X-Latin", HeaderValue::from_bytes(b"caf\xe9").unwrap()))
                .to_srv_request();
            let (before, size) = (read(&request), bytes(&request));
            keep_apart(&mut request);
            assert_eq!((read(&request), bytes(&request)), (before, size), "{target}");
        }
    }
}
