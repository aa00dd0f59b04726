//! Acknowledged means durable: the service is killed in the midst of writes, again and again,
//! and whatever it had acknowledged is there afterwards.
//!
//! `ATTUNE_KILL_CYCLES` makes it a long run.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use attune::db::{Conn, DatabaseUrl, migrate};

use crate::support::catalog::lines;
use crate::support::database::{ROOT_KEY, TestDatabase, on_postgres};

const PUBLIC_URL: &str = "http://durable.test";
const WRITERS: usize = 4;

fn cycles() -> usize {
    let asked = std::env::var("ATTUNE_KILL_CYCLES").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(20)
}

/// An installation: a database and a key file, apart from any process.
pub struct Installation {
    database: TestDatabase,
    folder: tempfile::TempDir,
}

impl Installation {
    pub fn new() -> Self {
        Self { database: TestDatabase::empty(), folder: tempfile::tempdir().unwrap() }
    }

    /// That of a database in which the story was told, with the key that it was told under.
    pub fn of_story(database: TestDatabase) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let of_story = Self { database, folder: tempfile::tempdir().unwrap() };
        std::fs::write(of_story.key_file(), ROOT_KEY).unwrap();
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(of_story.key_file(), private).unwrap();
        of_story
    }

    /// Another database under the same key.
    pub fn with(&self, database: TestDatabase) -> Self {
        let other = Self { database, folder: tempfile::tempdir().unwrap() };
        std::fs::copy(self.key_file(), other.key_file()).unwrap();
        other
    }

    /// A command on it, before it is run.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let url = match &self.database.url {
            DatabaseUrl::Sqlite(path) => format!("sqlite:{path}"),
            DatabaseUrl::Postgres(url) => url.expose().to_owned(),
        };
        let mut command = Command::new(env!("CARGO_BIN_EXE_attune"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env("DATABASE_URL", url)
            .env("ATTUNE_ROOT_KEY_FILE", self.key_file())
            .env("ATTUNE_PUBLIC_URL", PUBLIC_URL)
            .env("ATTUNE_WORKERS", "1")
            .env("ATTUNE_CREDENTIAL_RATE", "0")
            .env("ATTUNE_PRACTICE_RATE", "0")
            .env("ATTUNE_LOG", "info")
            .stdin(Stdio::null());
        command
    }

    fn key_file(&self) -> PathBuf {
        Path::new(self.folder.path()).join("attune.key")
    }

    /// What a command printed.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A token of a new practice's administrator.
    pub fn token(&self) -> String {
        self.run(&["migrate"]);
        let create = ["practice", "create", "--name", "Durable (fictitious)", "--timezone"];
        let rest = ["America/Boise", "--admin-email", "desk@durable.example"];
        let printed = self.run(&[create.as_slice(), &rest].concat());
        let word = |line: usize| printed.lines().nth(line).unwrap().split(' ').nth(1).unwrap();
        let (practice, admin) = (word(0), word(1));
        let mint = ["token", "--practice", practice, "--user", admin, "--seconds", "43200"];
        self.run(&mint).trim().to_owned()
    }
}

/// A running service, killed without warning when it is dropped.
pub struct Running {
    child: Child,
    pub address: SocketAddr,
}

impl Running {
    pub fn start(installation: &Installation) -> Self {
        let mut command = installation.command(&["serve", "--migrate", "--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap());
        let mut said = String::new();
        let address = loop {
            let before = said.len();
            assert!(log.read_line(&mut said).unwrap() > 0, "ended before it served: {said}");
            if let Some((_, rest)) = said[before..].split_once("address=") {
                break rest.split_whitespace().next().unwrap().parse().unwrap();
            }
        };
        // Nobody may block the service by not reading its log.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, address }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL, to the process that was started here.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One request on a connection of its own; none when the service went away before its answer.
pub fn request(address: SocketAddr, head: &str, token: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let length = body.len();
    let text = format!(
        "{head} HTTP/1.1\r\nHost: durable.test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.take(1 << 20).read_to_end(&mut answer).ok()?;
    String::from_utf8(answer).ok()
}

/// Posts until the service is gone; returns the places of what was acknowledged.
pub fn write_until_killed(address: SocketAddr, token: &str, acknowledged: &Mutex<Vec<String>>) {
    for number in 0.. {
        let body = format!("{{\"given_name\":\"Durable{number}\"}}");
        let Some(answer) = request(address, "POST /v1/clients", token, &body) else { return };
        if let Some(rest) = answer.strip_prefix("HTTP/1.1 201") {
            let place = rest.lines().find_map(|line| line.strip_prefix("location: "));
            acknowledged.lock().unwrap().push(place.unwrap().to_owned());
        }
    }
}

/// What must hold of the database whenever the service was killed.
fn check(conn: &mut Conn) {
    assert_eq!(migrate::integrity(conn).unwrap(), Vec::<String>::new());
    for table in ["audit_events", "events"] {
        let gaps = format!(
            "SELECT 'gap' AS line FROM {table} GROUP BY practice_id \
             HAVING count(*) <> max(seq) OR min(seq) <> 1"
        );
        assert!(lines(conn, &gaps).is_empty(), "{table} has gaps");
    }
    let broken = "SELECT 'broken' AS line FROM audit_events a JOIN audit_events b \
                  ON b.practice_id = a.practice_id AND b.seq = a.seq + 1 WHERE b.previous_hash <> a.hash";
    assert!(lines(conn, broken).is_empty(), "the audit chain is broken");
    // Every client has its audit row and its event: a change and its record are one.
    for table in ["audit_events", "events"] {
        let unrecorded = format!(
            "SELECT 'unrecorded' AS line FROM clients c WHERE NOT EXISTS \
             (SELECT 1 FROM {table} r WHERE r.practice_id = c.practice_id AND r.resource_id = c.id)"
        );
        assert!(lines(conn, &unrecorded).is_empty(), "{table}");
    }
}

#[test]
fn what_was_acknowledged_before_a_kill_is_there_after_it() {
    let installation = Installation::new();
    let token = installation.token();
    let acknowledged = Mutex::new(Vec::new());
    let started = Instant::now();
    for cycle in 0..cycles() {
        let running = Running::start(&installation);
        let (address, token, acknowledged) = (running.address, &token, &acknowledged);
        std::thread::scope(|scope| {
            for _ in 0..WRITERS {
                scope.spawn(move || write_until_killed(address, token, acknowledged));
            }
            // Not always after as many writes.
            let enough = acknowledged.lock().unwrap().len() + 8 + cycle * 7 % 40;
            let late = Instant::now() + Duration::from_secs(3);
            while acknowledged.lock().unwrap().len() < enough && Instant::now() < late {
                std::thread::sleep(Duration::from_millis(2));
            }
            drop(running);
        });
        check(&mut installation.database.open());
    }
    let acknowledged = acknowledged.into_inner().unwrap();
    let running = Running::start(&installation);
    let lost = acknowledged.iter().filter(|place| {
        let answer = request(running.address, &format!("GET {place}"), &token, "").unwrap();
        !answer.starts_with("HTTP/1.1 200")
    });
    assert_eq!(lost.count(), 0);
    assert!(acknowledged.len() >= cycles(), "only {} writes", acknowledged.len());
    println!(
        "{} kills under {WRITERS} writers{}: {} acknowledged writes, 0 lost, in {:?}",
        cycles(),
        if on_postgres() { " on PostgreSQL" } else { "" },
        acknowledged.len(),
        started.elapsed()
    );
}
