//! What is sent is in no log, no problem, no metric and no trace, wherever in a request it stands and at whatever level
//! the service logs.
//!
//! `at_rest` looks for what was *kept*, written by requests that succeed. Here every place of every operation has a
//! canary of its own, most of them where they do not belong: as values, as names of members and parameters, in the path,
//! in headers, in tokens, in what is no JSON and in what is no HTTP.

mod canaries;
mod lines;
mod panics;
mod places;
mod watched;
mod wire;

use actix_web::http::Method;
use actix_web::test::TestRequest;

use self::canaries::Canaries;
use self::places::{Sent, everywhere};
use self::watched::Watched;
use crate::operations::ask;
use crate::support::TestApp;
use crate::support::logs::Logs;

/// A request of the list as the service in this process gets it.
fn in_process(sent: &Sent) -> TestRequest {
    let method = Method::from_bytes(sent.method.as_bytes()).unwrap();
    let request = TestRequest::with_uri(&sent.target).method(method).set_payload(sent.body.clone());
    sent.headers.iter().fold(request, |request, (name, value)| {
        request.append_header((name.as_str(), value.as_str()))
    })
}

#[actix_web::test]
async fn canaries_in_every_input_are_in_no_log_and_in_no_problem() {
    let logs = Logs::listen();
    let (app, mut canaries) = (TestApp::start().await, Canaries::default());
    let all = everywhere(&app, &mut canaries);
    let mut watched = Watched::for_these(&all);
    let mut refused = 0;
    for sent in &all {
        let answer = app.send(in_process(sent)).await;
        assert!(!answer.status.is_server_error(), "{}: {}", sent.what, answer.status);
        if answer.status.is_client_error() {
            refused += 1;
            watched.look("problems", &sent.what, &answer.body);
            watched.look("problems", &sent.what, format!("{:?}", answer.headers).as_bytes());
        }
    }
    let log = logs.text();
    assert!(
        String::from_utf8_lossy(&log).matches("answered").count() >= all.len(),
        "the log was not heard"
    );
    watched.look("log", "the log", &log);
    let (_, metrics) = ask(&app.service, "/metrics").await;
    watched.look("metrics", "GET /metrics", metrics.as_bytes());
    watched.found_nothing();
    assert!(
        canaries.count() >= 1_000 && refused > 500,
        "{} canaries, {refused} refused",
        canaries.count()
    );
    println!("{canaries}, {} requests, {refused} refused: 0 in {watched}", all.len());
}
