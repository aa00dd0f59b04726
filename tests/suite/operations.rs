//! What whoever runs the service sees of it: health, readiness, metrics and traces.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use attune::app::Service;
use attune::auth::Keyring;
use attune::clock::Clock;
use attune::operations::routes;
use attune::seal::RootKey;
use serde_json::{Value, json};

use crate::support::TestApp;
use crate::support::app::NOW;
#[cfg(feature = "opentelemetry")]
use crate::support::collector::Collector;
use crate::support::database::{TestDatabase, on_postgres, parts};
use crate::support::logs::Logs;

/// What the second listener of a service answers: status and text.
pub async fn ask(service: &Service, path: &str) -> (u16, String) {
    let app = init_service(App::new().configure(routes(service.clone()))).await;
    let answer = call_service(&app, TestRequest::get().uri(path).to_request()).await;
    let status = answer.status().as_u16();
    (status, String::from_utf8(read_body(answer).await.to_vec()).unwrap())
}

async fn readiness(service: &Service) -> (u16, Value) {
    let (status, text) = ask(service, "/readyz").await;
    (status, serde_json::from_str(&text).unwrap())
}

/// The checks that found a fault.
fn faults(found: &Value) -> Vec<&str> {
    let checks = found["checks"].as_array().unwrap().iter();
    checks.filter(|one| one["ok"] == false).map(|one| one["name"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_service_is_ready_while_database_migrations_key_and_worker_are_right() {
    let app = TestApp::start().await;
    assert_eq!(ask(&app.service, "/healthz").await, (200, "alive\n".to_owned()));
    let (status, found) = readiness(&app.service).await;
    assert_eq!((status, &found["ready"]), (200, &json!(true)), "{found}");
    let names: Vec<&Value> =
        found["checks"].as_array().unwrap().iter().map(|c| &c["name"]).collect();
    assert_eq!(names, ["database", "migrations", "root_key", "worker"]);
    app.clock.advance_seconds(121);
    let (status, found) = readiness(&app.service).await;
    assert_eq!((status, faults(&found)), (200, vec!["worker"]), "told of, and no outage");
    app.tick().await;
    assert_eq!(faults(&readiness(&app.service).await.1), Vec::<&str>::new());
    app.service.prepare_to_stop();
    let (status, found) = readiness(&app.service).await;
    assert_eq!((status, faults(&found)), (503, vec!["stopping"]));
    app.caller("clinician").get("/v1/me").await.expect(200);
}

#[actix_web::test]
async fn a_service_with_another_key_or_without_tables_is_not_ready() {
    let database = TestDatabase::with_story();
    let mut other = parts(&database.url, Clock::manual(NOW));
    other.keyring = Keyring::new(RootKey::from_text(&"42".repeat(32)).unwrap());
    let service = Service::assemble(other, Duration::from_secs(15)).unwrap();
    let (status, found) = readiness(&service).await;
    assert_eq!((status, faults(&found)), (503, vec!["root_key"]), "{found}");

    let empty = TestDatabase::empty();
    let parts = parts(&empty.url, Clock::manual(NOW));
    let service = Service::assemble(parts, Duration::from_secs(15)).unwrap();
    let (status, found) = readiness(&service).await;
    assert_eq!((status, faults(&found)), (503, vec!["migrations", "root_key"]), "{found}");
    assert_eq!(ask(&service, "/healthz").await.0, 200, "to start it anew would help nobody");
}

#[actix_web::test]
async fn requests_are_counted_by_operation_and_status_and_by_nothing_that_names_anybody() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let client = morgan.make_client("Counted").await;
    for _ in 0..3 {
        morgan.get(&format!("/v1/clients/{client}")).await.expect(200);
    }
    morgan.get("/v1/clients?name=nobody").await.expect(200);
    morgan.get("/v1/clients/cli_01h455vb4pex5vsknk084sn02q").await.expect(404);
    app.anybody().get("/v1/clients").await.expect(401);
    app.anybody().get("/somewhere/else").await.expect(404);
    app.tick().await;
    let (status, text) = ask(&app.service, "/metrics").await;
    assert_eq!(status, 200);
    let lanes: &[&str] = if on_postgres() { &["all"] } else { &["read", "write"] };
    let database = if on_postgres() { "postgres" } else { "sqlite" };
    let mut expected = vec![
        "attune_http_requests_total{operation=\"getClient\",status=\"200\"} 3".to_owned(),
        "attune_http_requests_total{operation=\"getClient\",status=\"404\"} 1".to_owned(),
        "attune_http_requests_total{operation=\"createClient\",status=\"201\"} 1".to_owned(),
        "attune_http_requests_total{operation=\"listClients\",status=\"401\"} 1".to_owned(),
        "attune_http_requests_total{operation=\"none\",status=\"404\"} 1".to_owned(),
        "attune_http_request_seconds_count{operation=\"getClient\"} 4".to_owned(),
        "attune_http_requests_in_flight 0".to_owned(),
        "attune_worker_rounds_total 1".to_owned(),
        "attune_worker_lag_seconds 0".to_owned(),
        format!(
            "attune_build_info{{version=\"{}\",database=\"{database}\"}} 1",
            env!("CARGO_PKG_VERSION")
        ),
    ];
    for lane in lanes {
        expected.push(format!("attune_database_queue_length{{lane=\"{lane}\"}} 0"));
        // A thread is busy for a moment after its answer.
        assert!(text.contains(&format!("attune_database_threads_busy{{lane=\"{lane}\"}} ")));
    }
    for line in &expected {
        assert!(text.lines().any(|one| one == line), "{line} is not in\n{text}");
    }
    for name in
        ["process_resident_memory_bytes ", "process_cpu_seconds_total ", "process_open_fds "]
    {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).expect(name);
        assert!(line.parse::<f64>().unwrap() > 0.0, "{name}{line}");
    }
    for id in app.cast.ids.values().chain([&client]) {
        assert!(!text.contains(id.as_str()), "{id}");
    }
    println!("{} lines of metrics, none with an id", text.lines().count());
}

/// Two assignments of every evening, and eleven days without a worker: so many are made by the next round, and it says
/// so.
#[actix_web::test]
async fn the_worker_says_how_much_it_has_made() {
    let logs = Logs::listen();
    let app = TestApp::start().await;
    for _ in 0..2 {
        crate::occurrences::evenings(&app).await;
    }
    let made = async || {
        let (_, text) = ask(&app.service, "/metrics").await;
        let name = "attune_worker_occurrences_made_total ";
        text.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned()
    };
    app.tick().await;
    assert_eq!(made().await, "0", "what was made when it was assigned is nobody's else");
    app.days_pass(11);
    app.tick().await;
    assert_eq!(made().await, "22");
    let log = String::from_utf8(logs.text()).unwrap();
    let said = "occurrences made ahead assignments=2 occurrences=22";
    assert!(log.contains(said), "the log does not say it");
    app.tick().await;
    assert_eq!(made().await, "22", "and once a day is enough");
}

/// What is shown has its row in the reference, and what has a row is shown, but for what has not happened yet.
#[actix_web::test]
async fn the_reference_lists_every_metric() {
    let app = TestApp::start().await;
    app.caller("clinician").get("/v1/me").await.expect(200);
    let (_, text) = ask(&app.service, "/metrics").await;
    let types = text
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .filter_map(|line| line.split_once(' '));
    let shown: BTreeSet<String> = types
        .map(|(name, kind)| match kind {
            "counter" => format!("{name}_total"),
            "info" => format!("{name}_info"),
            _ => name.to_owned(),
        })
        .collect();
    let page = include_str!("../../docs/reference/metrics.md");
    let (own, _) = page.split_once("## Of what stands around it").unwrap();
    let rows = own.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let written: BTreeSet<String> = rows.map(|(name, _)| name.to_owned()).collect();
    let unwritten: Vec<_> = shown.difference(&written).collect();
    assert!(unwritten.is_empty(), "{unwritten:?} have no row");
    let missing: Vec<_> = written.difference(&shown).map(String::as_str).collect();
    let may_be: &[&str] = &["attune_rate_limited_total", "attune_database_refused_total"];
    assert!(missing.iter().all(|name| may_be.contains(name)), "{missing:?} are not shown");
    println!("{} metrics, each with its row", shown.len());
}

/// A demo with a listener for its operator, as a process.
struct Running {
    child: Child,
    lines: BufReader<std::process::ChildStderr>,
    folder: tempfile::TempDir,
}

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Running {
    fn demo(variables: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_attune"))
            .args(["demo", "--listen", "127.0.0.1:0", "--operations-listen", "127.0.0.1:0"])
            .args(["--workers", "1", "--log-format", "json", "--credentials", "demo.json"])
            .current_dir(folder.path())
            .envs(variables.iter().copied())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        Self { child, lines, folder }
    }

    /// The address in the line of the log with this message.
    fn address(&mut self, message: &str) -> String {
        loop {
            let mut line = String::new();
            assert!(
                self.lines.read_line(&mut line).unwrap() > 0,
                "it ended before it said {message}"
            );
            let line: Value = serde_json::from_str(&line).unwrap_or_default();
            if line["message"] == message {
                return line["address"].as_str().unwrap().to_owned();
            }
        }
    }

    /// A token of the demo's.
    fn token(&self) -> String {
        let file = self.folder.path().join("demo.json");
        let credentials: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        credentials["tokens"]["clinician"].as_str().unwrap().to_owned()
    }
}

/// One request over a socket of its own: the whole answer.
fn fetch(address: &str, path: &str, headers: &str) -> String {
    let mut socket = TcpStream::connect(address).unwrap();
    write!(socket, "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n").unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn the_operators_listener_is_apart_from_the_api() {
    let mut demo = Running::demo(&[]);
    let (beside, api) = (demo.address("operations"), demo.address("serving"));
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert!(fetch(&beside, path, "").starts_with("HTTP/1.1 200 "), "{path}");
        assert!(fetch(&api, path, "").starts_with("HTTP/1.1 404 "), "{path}");
    }
    let authorization = format!("authorization: Bearer {}\r\n", demo.token());
    assert!(fetch(&api, "/v1/me", &authorization).starts_with("HTTP/1.1 200 "));
    assert!(fetch(&beside, "/v1/me", &authorization).starts_with("HTTP/1.1 404 "));
}

/// A request of somebody else's trace is a span of it, named by its operation, and holds nothing that was sent.
#[cfg(feature = "opentelemetry")]
#[test]
fn requests_are_traced_to_a_collector() {
    let collector = Collector::start();
    let soon = ("OTEL_BSP_SCHEDULE_DELAY", "200");
    let mut demo = Running::demo(&[("ATTUNE_OTLP_ENDPOINT", &collector.endpoint), soon]);
    let api = demo.address("serving");
    let token = demo.token();
    let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    let headers = format!(
        "authorization: Bearer {token}\r\ntraceparent: 00-{trace}-00f067aa0ba902b7-01\r\n\
         tracestate: vendor=Kanarienvogel\r\n"
    );
    assert!(fetch(&api, "/v1/me", &headers).starts_with("HTTP/1.1 200 "));
    fetch(&api, "/v1/Kanarienvogel?Kanarienvogel=1", "user-agent: Kanarienvogel\r\n");
    let trace: Vec<u8> =
        (0..16).map(|n| u8::from_str_radix(&trace[2 * n..2 * n + 2], 16).unwrap()).collect();
    let sent = collector.until_it_holds(&[
        b"getMe",
        &trace,
        b"none",
        b"/v1/me",
        b"request_id",
        b"practice",
        b"actor",
    ]);
    let text = String::from_utf8_lossy(&sent);
    for secret in [token.as_str(), "Kanarienvogel"] {
        assert!(!text.contains(secret), "{secret}");
    }
    println!("{} bytes of traces", sent.len());
}

/// Without the feature a collector's address is refused, and not passed over.
#[cfg(not(feature = "opentelemetry"))]
#[test]
fn a_collector_is_refused_by_a_binary_that_makes_no_traces() {
    let mut demo = Running::demo(&[("ATTUNE_OTLP_ENDPOINT", "http://127.0.0.1:4318")]);
    let mut said = String::new();
    demo.lines.read_to_string(&mut said).unwrap();
    assert!(said.contains("--features opentelemetry"), "{said}");
    assert!(!demo.child.wait().unwrap().success());
}
