//! What a line of the log says of a request: by which ids to find it, what came of it, and nothing else.

use std::collections::BTreeSet;

use data_encoding::BASE64URL_NOPAD;
use diesel::connection::SimpleConnection;
use serde_json::Value;

use super::wire::{Logging, exchange, status, wait_for};
use crate::support::database::TestDatabase;
use crate::support::process::Installation;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
/// Of what was asked with a token, in somebody's trace.
const WHOLE: [&str; 11] = [
    "timestamp",
    "level",
    "message",
    "request_id",
    "trace_id",
    "practice",
    "actor",
    "method",
    "route",
    "status",
    "micros",
];

/// The status of what is asked, and the lines about it.
fn asked(service: &Logging, target: &str, headers: &str) -> (u16, Vec<Value>) {
    let request =
        format!("GET {target} HTTP/1.1\r\nHost: attune.test\r\nConnection: close\r\n{headers}\r\n");
    let answer = exchange(service.address, request.as_bytes());
    let text = String::from_utf8_lossy(&answer).to_lowercase();
    let id = text.lines().find_map(|line| line.strip_prefix("x-request-id: ")).unwrap().to_owned();
    let lines = wait_for(&service.log, |said| {
        let about: Vec<Value> = said
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(|line: &Value| line["request_id"] == id)
            .collect();
        about.iter().any(|line| line["message"] == "answered").then_some(about)
    });
    (status(&answer), lines)
}

fn members(line: &Value) -> BTreeSet<&str> {
    line.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_line_names_request_practice_and_actor_and_what_failed_without_its_words() {
    let installation = Installation::of_story(TestDatabase::with_story());
    let log = tempfile::NamedTempFile::new().unwrap();
    let service = Logging::start(&installation, log.path(), &[]);
    let token = installation.token();
    let claims = BASE64URL_NOPAD.decode(token.split('.').nth(1).unwrap().as_bytes()).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    let headers =
        format!("Authorization: Bearer {token}\r\ntraceparent: 00-{TRACE}-00f067aa0ba902b7-01\r\n");

    let (status, lines) = asked(&service, "/v1/clients?limit=7", &headers);
    let [line] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!(members(line), WHOLE.into());
    assert_eq!((status, &line["status"], &line["level"]), (200, &200.into(), &"INFO".into()));
    assert_eq!((&line["method"], &line["route"]), (&"GET".into(), &"/v1/clients".into()));
    assert_eq!((&line["practice"], &line["actor"]), (&claims["practice_id"], &claims["sub"]));
    assert_eq!((&line["trace_id"], line["micros"].is_u64()), (&TRACE.into(), true));

    let (status, lines) = asked(&service, "/v1/clients", "traceparent: 00-not-a-trace-at-all\r\n");
    let unknown = ["trace_id", "practice", "actor"];
    assert!(status == 401 && unknown.iter().all(|name| lines[0].get(name).is_none()), "{lines:?}");

    installation.open().batch_execute("ALTER TABLE clients RENAME TO kanarienvogel").unwrap();
    let (status, lines) = asked(&service, "/v1/clients", &headers);
    let [why, answered] = lines.as_slice() else { panic!("{lines:?}") };
    assert_eq!((status, &answered["status"], &why["level"]), (500, &500.into(), &"ERROR".into()));
    assert_eq!(why["cause"], "database error: Unknown", "the database names the table");
    for name in ["request_id", "trace_id", "practice", "actor"] {
        assert_eq!(why[name], answered[name], "{name}");
    }
    let rest = ["timestamp", "level", "message", "cause"];
    assert_eq!(members(why).len(), 4 + rest.len(), "{why}");
    assert!(rest.iter().all(|name| why.get(name).is_some()), "{why}");
}
