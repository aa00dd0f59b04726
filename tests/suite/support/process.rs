//! The service as a process of its own: started, watched, told to stop, killed.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use attune::db::{Conn, DatabaseUrl};

use super::database::{ROOT_KEY, TestDatabase, issuer};

/// An installation: a database and its key file, apart from any process.
pub struct Installation {
    database: TestDatabase,
    folder: tempfile::TempDir,
}

impl Installation {
    /// That of a database in which the story was told, with the key that it was told under.
    pub fn of_story(database: TestDatabase) -> Self {
        use std::os::unix::fs::PermissionsExt;
        let of_story = Self { database, folder: tempfile::tempdir().unwrap() };
        std::fs::write(of_story.key_file(), ROOT_KEY).unwrap();
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(of_story.key_file(), private).unwrap();
        of_story
    }

    /// An empty database, and no key yet.
    pub fn new() -> Self {
        Self { database: TestDatabase::empty(), folder: tempfile::tempdir().unwrap() }
    }

    /// Another database under the same key.
    pub fn with(&self, database: TestDatabase) -> Self {
        let other = Self { database, folder: tempfile::tempdir().unwrap() };
        std::fs::copy(self.key_file(), other.key_file()).unwrap();
        other
    }

    /// A command of the binary on this installation. How many requests anybody may send is not what is tried here.
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
            .env("ATTUNE_PUBLIC_URL", issuer().url)
            .env("ATTUNE_WORKERS", "1")
            .env("ATTUNE_CREDENTIAL_RATE", "0")
            .env("ATTUNE_PRACTICE_RATE", "0")
            .env("ATTUNE_LOG", "info")
            .stdin(Stdio::null());
        command
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

    /// A connection of the test's own.
    pub fn open(&self) -> Conn {
        self.database.open()
    }

    fn key_file(&self) -> PathBuf {
        Path::new(self.folder.path()).join("attune.key")
    }
}

/// What a process holds, in KiB.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// With what is in memory of the files that it maps: the binary and, on SQLite, of the database up to 2 GiB for
    /// each connection, which come and go as the system likes.
    pub resident: u64,
    /// Without them: what it has allocated.
    pub own: u64,
}

impl Memory {
    /// The larger one of each figure.
    pub fn most(self, other: Self) -> Self {
        let (resident, own) = (self.resident.max(other.resident), self.own.max(other.own));
        Self { resident, own }
    }

    /// Whether it is at most a tenth more than it was, apart from mapped files.
    pub fn is_flat_since(self, before: Self) -> bool {
        self.own <= before.own + before.own / 10
    }
}

impl std::fmt::Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let [own, resident] =
            [self.own, self.resident].map(|kib| f64::from(u32::try_from(kib).unwrap()) / 1024.0);
        write!(f, "{own:.1} MiB ({resident:.1} with mapped files)")
    }
}

/// A running service, killed without warning when it is dropped.
pub struct Running {
    child: Child,
    pub address: SocketAddr,
}

impl Running {
    pub fn start(installation: &Installation) -> Self {
        Self::start_with(installation, &[])
    }

    /// The same with these settings.
    pub fn start_with(installation: &Installation, settings: &[(&str, &str)]) -> Self {
        let mut command = installation.command(&["serve", "--migrate", "--listen", "127.0.0.1:0"]);
        command.envs(settings.iter().copied());
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

    /// Asks it to stop, as whatever runs services does.
    pub fn terminate(&self) {
        let id = self.child.id().to_string();
        let told = Command::new("sh").args(["-c", "kill -TERM \"$0\"", &id]).status().unwrap();
        assert!(told.success());
    }

    /// How it ended; none when it has not within this time.
    pub fn ended_within(&mut self, patience: Duration) -> Option<ExitStatus> {
        let late = Instant::now() + patience;
        while Instant::now() < late {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    /// What it holds at this moment, as Linux counts it.
    pub fn memory(&self) -> Memory {
        let status = std::fs::read_to_string(self.process().join("status")).unwrap();
        let figure = |name: &str| -> u64 {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.trim().trim_end_matches(" kB").parse().unwrap()
        };
        Memory { resident: figure("VmRSS:"), own: figure("RssAnon:") }
    }

    /// How many files and sockets it holds open.
    pub fn open_files(&self) -> usize {
        std::fs::read_dir(self.process().join("fd")).unwrap().count()
    }

    fn process(&self) -> PathBuf {
        Path::new("/proc").join(self.child.id().to_string())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // SIGKILL, to the process that was started here.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
