//! A PostgreSQL server for a run: a private one that is started here, or one whose address is given.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::{Outcome, place};

/// A server on which databases can be made.
#[derive(Debug)]
pub struct Cluster {
    /// The address of its maintenance database.
    maintenance: String,
    /// The server's programs.
    bin: Option<PathBuf>,
    private: Option<Private>,
}

/// A shell that stops the server when it is told to, or when this process is gone.
#[derive(Debug)]
struct Private(Child);

/// As the tests start theirs, but with every guarantee against power loss.
const START: &str = "set -euo pipefail; source scripts/lib/setup.sh; source scripts/lib/postgres.sh; \
    trap 'stop_postgres; rm -rf \"$WORK\"' EXIT; start_postgres >&2; \
    printf '%s\\n%s\\n' \"$ATTUNE_TEST_POSTGRES_URL\" \"$POSTGRES_BIN\"; read -r _ || true";

impl Cluster {
    /// The server of this address, or one that is started in a folder.
    pub fn start(given: Option<&str>, folder: &Path) -> Outcome<Self> {
        if let Some(address) = given {
            return Ok(Self { maintenance: address.to_owned(), bin: bin(), private: None });
        }
        let work = folder.join("postgres");
        if work.exists() {
            std::fs::remove_dir_all(&work)?;
        }
        std::fs::create_dir(&work)?;
        let mut child = Command::new("bash")
            .args(["-c", START])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .envs([("WORK", &work), ("LOGS", &work)])
            .envs([("BOLD", ""), ("PLAIN", ""), ("GREEN", ""), ("RED", ""), ("YELLOW", "")])
            .env("POSTGRES_DURABLE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let said = child.stdout.take().ok_or("a shell without output")?;
        let mut lines = BufReader::new(said).lines();
        let private = Some(Private(child));
        let (Some(address), Some(bin)) = (lines.next().transpose()?, lines.next().transpose()?)
        else {
            return Err(
                "no PostgreSQL server could be started; give one by --postgres, or leave it \
                        out by --databases sqlite"
                    .into(),
            );
        };
        Ok(Self { maintenance: address, bin: Some(bin.into()), private })
    }

    /// True for one that is stopped at the end.
    pub fn is_private(&self) -> bool {
        self.private.is_some()
    }

    /// One of the server's programs.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        self.bin.as_ref().map(|bin| bin.join(name)).filter(|program| program.exists())
    }

    /// The address of a database on it.
    pub fn address(&self, database: &str) -> String {
        let server = self.maintenance.rsplit_once('/').map_or("", |(server, _)| server);
        format!("{server}/{database}")
    }

    /// Makes a database with nothing in it, in the place of one that is there.
    pub fn create(&self, address: &str) -> Outcome<()> {
        let name = name_of(address)?;
        self.run(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"))?;
        self.run(&format!("CREATE DATABASE {name}"))
    }

    /// Copies a database, in the place of one that is there.
    pub fn copy(&self, from: &str, to: &str) -> Outcome<()> {
        let (from, to) = (name_of(from)?, name_of(to)?);
        self.run(&format!("DROP DATABASE IF EXISTS {to} WITH (FORCE)"))?;
        // A template must have no connections: those of the filling end in their own time.
        self.run(&format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{from}'"
        ))?;
        // Unless told otherwise, PostgreSQL writes the copy to its log and leaves it in memory for a checkpoint, which
        // would fall into what is measured, and our role may not ask for one now. A copy of the files makes one before
        // it and one after it, and ends when they are on disk.
        self.run(&format!("CREATE DATABASE {to} TEMPLATE {from} STRATEGY FILE_COPY"))
    }

    fn run(&self, sql: &str) -> Outcome<()> {
        use diesel::connection::SimpleConnection;
        let mut conn = place::open(&self.maintenance)?;
        // A large database is not copied within a request's time.
        conn.batch_execute("SET statement_timeout = 0")?;
        Ok(conn.batch_execute(sql)?)
    }
}

fn name_of(address: &str) -> Outcome<&str> {
    Ok(address.rsplit_once('/').ok_or("an address without a database")?.1)
}

/// Where Debian keeps the programs of the newest server.
fn bin() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut all: Vec<PathBuf> =
        versions.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect();
    all.sort();
    all.pop()
}

impl Drop for Private {
    fn drop(&mut self) {
        // The shell ends by itself when nobody listens any more.
        if let Some(mut stdin) = self.0.stdin.take() {
            let _ = stdin.write_all(b"\n");
        }
        let _ = self.0.wait();
    }
}
