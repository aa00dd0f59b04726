//! The same through a socket, into the binary as an operator runs it, at level `trace`: below the service lie libraries
//! that log as they please, and requests that never become any.

use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use attune::clock::Clock;

use super::canaries::Canaries;
use super::places::{Sent, everywhere};
use super::watched::Watched;
use crate::support::TestApp;
#[cfg(feature = "opentelemetry")]
use crate::support::collector::Collector;
use crate::support::database::{TestDatabase, issuer, parts};
use crate::support::process::Installation;

const THREADS: usize = 4;
/// Of the requests that go to the service in this process, so many go over the wire as well, where each costs a
/// connection: one of this many, which is all kinds of them over all operations.
const ONE_OF: usize = 6;

/// A service that writes its log into a file. Killed when it is dropped.
pub struct Logging {
    child: Child,
    pub log: PathBuf,
    pub address: SocketAddr,
    operations: SocketAddr,
}

impl Logging {
    pub fn start(installation: &Installation, log: &Path, variables: &[(&str, &str)]) -> Self {
        let anywhere = "127.0.0.1:0";
        let arguments = ["serve", "--listen", anywhere, "--operations-listen", anywhere];
        let mut command = installation.command(&arguments);
        command.envs(variables.iter().copied());
        command.env("ATTUNE_LOG", "trace").env("ATTUNE_LOG_FORMAT", "json");
        command.env("ATTUNE_PUBLIC_URL", issuer().url).stdout(Stdio::null());
        let child = command.stderr(File::create(log).unwrap()).spawn().unwrap();
        let address_of = |message: &str| {
            wait_for(log, |said| {
                let line = said.lines().find(|line| line.contains(message))?;
                line.split_once("\"address\":\"")?.1.split('"').next()?.parse().ok()
            })
        };
        let (operations, address) = (address_of("\"operations\""), address_of("\"serving\""));
        Self { child, log: log.to_owned(), address, operations }
    }
}

impl Drop for Logging {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What a log says, as soon as it says it.
pub fn wait_for<T>(log: &Path, said: impl Fn(&str) -> Option<T>) -> T {
    let late = Instant::now() + Duration::from_secs(30);
    loop {
        let text = std::fs::read(log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        if let Some(found) = said(&text) {
            return found;
        }
        assert!(Instant::now() < late, "{text}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A request as it goes over the wire.
fn bytes(sent: &Sent) -> Vec<u8> {
    let headers = sent.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
    let headers: String = headers.collect();
    let head = format!(
        "{} {} HTTP/1.1\r\nHost: attune.test\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n",
        sent.method,
        sent.target,
        sent.body.len()
    );
    [head.as_bytes(), &sent.body].concat()
}

/// What no HTTP server takes, with a canary in it.
fn no_http(canaries: &mut Canaries) -> Vec<Vec<u8>> {
    let heads = [
        "GET /v1/me HTTP/1.1\r\nHost: a\r\nContent-Length: *\r\n\r\n",
        "GET /v1/me HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: *\r\n\r\n",
        "POST /v1/clients HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n*\r\nx\r\n",
        "POST /v1/clients HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: *, chunked\r\n\r\n",
        "GET /v1/me HTTP/1.1\r\nHost: *\r\nHost: *\r\n\r\n",
        "GET /v1/me HTTP/1.1\r\n*\r\n\r\n",
        "GET /v1/me HTTP/1.1\r\nbad name*: x\r\n\r\n",
        "GET /v1/me HTTP/1.1\r\nHost: a\r\nx: \u{1}*\r\n\r\n",
        "GET /v1/me *\r\n\r\n",
        "GET *\u{7f} HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET http://*:99999/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /v1/*%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /v1/clients/%FF* HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET /v1/me HTTP/1.1\r\nHost: a\r\nUpgrade: *\r\nConnection: upgrade, close\r\n\r\n",
        "POST /v1/clients HTTP/1.1\r\nHost: a\r\nExpect: *\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n*",
        "\u{16}\u{3}\u{1}*\r\n\r\n",
        "*\r\n\r\n",
    ];
    let filled = heads.map(|head| {
        let canary = canaries.word("no operation", "what is no HTTP");
        head.replace('*', &canary).into_bytes()
    });
    filled.into()
}

/// The whole answer; empty when there is none.
pub fn exchange(address: SocketAddr, request: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    let mut answer = Vec::new();
    // Whoever is refused early may find the connection closed.
    if stream.write_all(request).is_ok() {
        drop(stream.read_to_end(&mut answer));
    }
    answer
}

pub fn status(answer: &[u8]) -> u16 {
    let line = String::from_utf8_lossy(answer.get(..12).unwrap_or_default()).into_owned();
    line.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_default()
}

#[actix_web::test]
async fn canaries_on_the_wire_are_in_no_log_and_in_no_problem_at_level_trace() {
    let database = TestDatabase::with_story();
    let clock = Clock::manual(Clock::System.now());
    let app = TestApp::assemble(database.again(), clock.clone(), parts(&database.url, clock)).await;
    let mut canaries = Canaries::default();
    let all = std::env::var_os("ATTUNE_CANARIES_ALL").is_some();
    let every = if all { 1 } else { ONE_OF };
    let sent: Vec<Sent> = everywhere(&app, &mut canaries).into_iter().step_by(every).collect();
    let mut watched = Watched::for_these(&sent);
    let mut all: Vec<(&str, Vec<u8>)> =
        sent.iter().map(|one| (one.what.as_str(), bytes(one))).collect();
    all.extend(no_http(&mut canaries).into_iter().map(|request| ("no HTTP", request)));
    let installation = Installation::of_story(database);
    let log = tempfile::NamedTempFile::new().unwrap();
    #[cfg(feature = "opentelemetry")]
    let collector = Collector::start();
    #[cfg(feature = "opentelemetry")]
    let traced =
        [("ATTUNE_OTLP_ENDPOINT", collector.endpoint.as_str()), ("OTEL_BSP_SCHEDULE_DELAY", "500")];
    #[cfg(not(feature = "opentelemetry"))]
    let traced = [];
    let service = Logging::start(&installation, log.path(), &traced);
    let address = service.address;
    let answers = std::thread::scope(|scope| {
        let threads: Vec<_> = all
            .chunks(all.len().div_ceil(THREADS))
            .map(|some| {
                let of_one = move || {
                    let answers =
                        some.iter().map(|(what, request)| (*what, exchange(address, request)));
                    answers.collect::<Vec<_>>()
                };
                scope.spawn(of_one)
            })
            .collect();
        threads.into_iter().flat_map(|one| one.join().unwrap()).collect::<Vec<_>>()
    });
    let (mut answered, mut refused) = (0, 0);
    for (what, answer) in &answers {
        answered += usize::from(status(answer) > 0);
        assert!(status(answer) < 500, "{what}: {}", String::from_utf8_lossy(answer));
        if status(answer) >= 400 {
            refused += 1;
            watched.look("problems", what, answer);
        }
    }
    // What the service has answered is in its log once its thread has come to it.
    let lines = wait_for(log.path(), |said| {
        let lines = said.matches("\"message\":\"answered\"").count();
        (lines + 20 > sent.len()).then_some(lines)
    });
    let metrics = exchange(
        service.operations,
        b"GET /metrics HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    );
    watched.look("metrics", "GET /metrics", &metrics);
    #[cfg(feature = "opentelemetry")]
    watched.look("traces", "the collector", &collector.until_it_holds(&[b"http.route"]));
    drop(service);
    watched.look("log", "the log", &std::fs::read(log.path()).unwrap());
    watched.found_nothing();
    assert!(refused > 300, "{answered} answered, {refused} refused");
    println!(
        "{} requests on the wire, {answered} answered, {refused} refused, {lines} logged: 0 in {watched}",
        all.len()
    );
}
