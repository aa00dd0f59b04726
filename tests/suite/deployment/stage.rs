//! Two replicas as processes on loopback, and the real proxy in front of them with the committed file.

use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use attune::db::DatabaseUrl;
use serde_json::Value;

use super::caller::Caller;
use super::compose::{compose, environment};
use super::{ATTUNE, text_of};
use crate::configuration::settings;
use crate::support::database::{ROOT_KEY, issuer};

const SERVED_WITHIN: Duration = Duration::from_secs(30);

pub fn free_address() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap()
}

/// A process that is killed at the end, whatever comes between.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL, to a process that was started here; it may have ended by itself.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// A replica: a place that stays the same while processes come and go.
pub struct Replica {
    pub name: &'static str,
    pub listen: SocketAddr,
    pub operations: SocketAddr,
    process: Option<Process>,
}

impl Replica {
    pub fn new(name: &'static str) -> Self {
        let (listen, operations) = (free_address(), free_address());
        Self { name, listen, operations, process: None }
    }

    /// Starts it with the settings of the compose file, but for its addresses, where its secrets lie and how often
    /// anybody may call: nobody is to be told that they call too often, however fast the machine is.
    pub fn start(&mut self, url: &DatabaseUrl, secrets: &Path) {
        let DatabaseUrl::Postgres(address) = url else { panic!("two replicas need PostgreSQL") };
        let known = settings();
        let of_compose = environment(&compose()["services"][self.name]);
        let mut command = Command::new(ATTUNE);
        command.arg("serve").current_dir(secrets).stdin(Stdio::null()).stdout(Stdio::null());
        command.envs(of_compose.iter().filter(|(name, _)| known.contains_key(*name)));
        command
            .env_remove("DATABASE_URL_FILE")
            .env("DATABASE_URL", address.expose())
            .env("ATTUNE_ROOT_KEY_FILE", root_key_in(secrets))
            .env("ATTUNE_PUBLIC_URL", issuer().url)
            .env("ATTUNE_LISTEN", self.listen.to_string())
            .env("ATTUNE_OPERATIONS_LISTEN", self.operations.to_string())
            .env("ATTUNE_CREDENTIAL_RATE", "0")
            .env("ATTUNE_PRACTICE_RATE", "0")
            .env("ATTUNE_WORKERS", "1");
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        // Nobody may block the service by not reading its log.
        let mut log = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        self.process = Some(Process(child));
        let late = Instant::now() + SERVED_WITHIN;
        while TcpStream::connect(self.listen).is_err() {
            assert!(Instant::now() < late, "{} does not serve", self.name);
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Asks it to end; returns how long that took, or none when it had to be killed.
    pub fn end(&mut self, within: Duration) -> Option<Duration> {
        let mut process = self.process.take().unwrap();
        let (began, id) = (Instant::now(), process.0.id().to_string());
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        while began.elapsed() < within {
            if process.0.try_wait().unwrap().is_some() {
                return Some(began.elapsed());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        None
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.process = None;
    }
}

/// The root key of the tests' databases, as a file of the mode that the service asks for.
fn root_key_in(folder: &Path) -> PathBuf {
    let file = folder.join("root-key");
    if !file.exists() {
        std::fs::write(&file, ROOT_KEY).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o400)).unwrap();
    }
    file
}

/// The proxy, with the lines that it has logged.
pub struct Proxy {
    pub api: SocketAddr,
    pub operations: SocketAddr,
    lines: Arc<Mutex<Vec<Value>>>,
    _process: Process,
    _folder: tempfile::TempDir,
}

/// The committed file with the addresses of this run, and nothing else changed.
pub fn proxy_file(api: SocketAddr, operations: SocketAddr, replicas: &[&Replica]) -> String {
    let mut text = text_of("deploy/proxy/haproxy.cfg");
    let mut put = |from: &str, to: &str| {
        assert!(text.contains(from), "no {from}");
        text = text.replace(from, to);
    };
    put("bind :8080", &format!("bind {api}"));
    put("bind :8405", &format!("bind {operations}"));
    for replica in replicas {
        let name = replica.name;
        let to = format!("{} check port {}", replica.listen, replica.operations.port());
        put(&format!("{name}:8080 check port 9090"), &to);
    }
    text
}

impl Proxy {
    pub fn start(haproxy: &Path, replicas: &[&Replica]) -> Self {
        let (api, operations) = (free_address(), free_address());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("haproxy.cfg");
        std::fs::write(&file, proxy_file(api, operations, replicas)).unwrap();
        let mut command = Command::new(haproxy);
        command.arg("-db").arg("-f").arg(&file).stdin(Stdio::null()).stderr(Stdio::null());
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let log = BufReader::new(child.stdout.take().unwrap());
        let lines = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&lines);
        std::thread::spawn(move || {
            for line in log.lines().map_while(Result::ok).filter(|line| line.starts_with('{')) {
                let line =
                    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
                heard.lock().unwrap().push(line);
            }
        });
        Self { api, operations, lines, _process: Process(child), _folder: folder }
    }

    /// The replica that answered the request of this id, by the proxy's log.
    pub fn answered_by(&self, request_id: &str) -> String {
        let late = Instant::now() + Duration::from_secs(5);
        loop {
            let lines = self.lines.lock().unwrap();
            let line = lines.iter().rev().find(|line| line["request_id"] == request_id);
            if let Some(line) = line {
                return line["replica"].as_str().unwrap().to_owned();
            }
            drop(lines);
            assert!(Instant::now() < late, "the proxy has not logged {request_id}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// How many requests it has logged, and how many of them it had to send again.
    pub fn logged(&self) -> (usize, usize) {
        let lines = self.lines.lock().unwrap();
        let again = |line: &&Value| !["0", "+0"].contains(&line["retries"].as_str().unwrap());
        (lines.len(), lines.iter().filter(again).count())
    }

    /// Everything that it has logged.
    pub fn log(&self) -> String {
        let lines: Vec<String> = self.lines.lock().unwrap().iter().map(Value::to_string).collect();
        lines.join("\n")
    }

    /// What it tells Prometheus.
    pub fn metrics(&self) -> String {
        Caller::new(self.operations, "").send("GET", "/metrics", &[], None).unwrap().body
    }

    /// Waits until so many replicas are ready, by its own count.
    pub fn wait_for(&self, replicas: u32) -> Duration {
        let began = Instant::now();
        let of = |backend: &str| {
            format!("haproxy_backend_active_servers{{proxy=\"{backend}\"}} {replicas}\n")
        };
        loop {
            let metrics =
                TcpStream::connect(self.operations).map(|_| self.metrics()).unwrap_or_default();
            if metrics.contains(&of("reads")) && metrics.contains(&of("writes")) {
                return began.elapsed();
            }
            assert!(
                began.elapsed() < SERVED_WITHIN,
                "{replicas} replicas are not ready:\n{metrics}"
            );
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}
