//! Where it happens: databases that `attune seed` has filled, each copied for a run.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use attune::auth::gate::Parts;
use attune::auth::limits::Rates;
use attune::auth::token::{Issuer, Verifier};
use attune::auth::{Gate, Keyring};
use attune::clock::Clock;
use attune::db::conn::Purpose;
use attune::db::id::IdSource;
use attune::db::{Conn, DatabaseUrl, Executor, Settings, migrate};
use attune::seal::RootKey;
use diesel::connection::SimpleConnection;
use sha2::{Digest, Sha256};

use crate::kept::Rows;
use crate::postgres::Cluster;
use crate::{Outcome, people, record};

/// The root key of the databases. It protects nothing.
pub const ROOT_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The release binary.
pub const ATTUNE: &str = env!("CARGO_BIN_EXE_attune");

/// What is shown lately is of the last days, so that a database is filled anew after so many.
const FRESH_DAYS: i64 = 7;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A file.
    Sqlite,
    /// A server.
    Postgres,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

/// The run's own database, and what it held at the beginning.
#[derive(Debug)]
pub struct Place {
    /// Which database.
    pub kind: Kind,
    /// The submissions that it was filled with.
    pub scale: u64,
    /// Its address, as commands take it.
    pub address: String,
    folder: PathBuf,
    rows: Rows,
}

/// `target/bench`, on a disk.
pub fn folder() -> Outcome<PathBuf> {
    let target = Path::new(ATTUNE).ancestors().nth(2).ok_or("the binary lies in no folder")?;
    let folder = target.join("bench");
    fs::create_dir_all(&folder)?;
    if matches!(file_system(&folder)?.as_str(), "tmpfs" | "ramfs") {
        let folder = folder.display();
        return Err(format!("{folder} is in memory; a commit there costs nothing").into());
    }
    Ok(folder)
}

impl Place {
    /// Fills a database unless one of this scale and schema is there, and copies it.
    pub fn prepare(cluster: Option<&Cluster>, scale: u64, drafts: u64) -> Outcome<Self> {
        let folder = folder()?;
        let (kind, seeded, run) = match cluster {
            None => {
                let file = |name: &str| format!("sqlite:{}", folder.join(name).display());
                (Kind::Sqlite, file(&format!("seeded-{scale}.db")), file("run.db"))
            }
            Some(cluster) => {
                let name = format!("attune_seeded_{scale}");
                (Kind::Postgres, cluster.address(&name), cluster.address("attune_run"))
            }
        };
        let stamp = folder.join(format!("seeded-{kind}-{scale}.stamp"));
        let wanted = stamp_of(&seeded, drafts);
        if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
            empty(cluster, &seeded)?;
            seed(&seeded, scale, drafts)?;
            fs::write(&stamp, wanted)?;
        }
        match (cluster, file_of(&seeded), file_of(&run)) {
            (Some(cluster), ..) => cluster.copy(&seeded, &run)?,
            (None, Some(seeded), Some(run)) => {
                remove(run)?;
                fs::copy(seeded, run)?;
                fs::File::open(run)?.sync_all()?;
            }
            _ => return Err("a database without a file".into()),
        }
        // What was filled by an earlier binary is told what this one tells the planner.
        migrate::run(&url(&run)?)?;
        let rows = Rows::count(&mut open(&run)?)?;
        Ok(Self { kind, scale, address: run, folder, rows })
    }

    /// `target/bench`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A connection to the run's database.
    pub fn open(&self) -> Outcome<Conn> {
        open(&self.address)
    }

    /// What it held when it was copied.
    pub fn rows(&self) -> Rows {
        self.rows
    }
}

/// A connection that may write.
pub fn open(address: &str) -> Outcome<Conn> {
    Ok(Conn::open(&url(address)?, Purpose::Write)?)
}

/// An address that commands take.
pub fn url(address: &str) -> Outcome<DatabaseUrl> {
    Ok(address.parse()?)
}

/// A gate for working on a database in this process.
pub fn gate(address: &str) -> Outcome<Gate> {
    let issuer = Issuer { url: String::new(), audience: String::new() };
    let settings = Settings { threads: 1, queue: 1, group: 1 };
    Ok(Gate::new(Parts {
        executor: Executor::start(&url(address)?, settings)?,
        verifier: Verifier::new(issuer, std::sync::Arc::default(), 1),
        keyring: Keyring::new(RootKey::from_text(ROOT_KEY)?),
        clock: Clock::System,
        ids: IdSource::Random,
        public_url: String::new(),
        rates: Rates::default(),
    }))
}

/// Runs `attune seed`, and adds what is measured and what no practice has so much of: drafts that wait to be signed.
fn seed(address: &str, scale: u64, drafts: u64) -> Outcome<()> {
    eprintln!("filling {} with {scale} submissions", kind_of(address));
    let status = Command::new(ATTUNE)
        .env_clear()
        .args(["seed", "--scale", &scale.to_string(), "--log", "error", "--credentials"])
        .arg(folder()?.join("credentials.json"))
        .env("DATABASE_URL", address)
        .env("ATTUNE_ROOT_KEY", ROOT_KEY)
        .status()?;
    if !status.success() {
        return Err("`attune seed` failed".into());
    }
    let mut conn = open(address)?;
    let people = people::find(&mut conn)?;
    record::seed(&mut conn, &gate(address)?, &people, drafts)?;
    match kind_of(address) {
        // Everything into the main file, so that a copy of it is the whole database.
        Kind::Sqlite => conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE);")?,
        // As autovacuum would leave it some minutes later: with statistics, and every row marked as visible to all. It
        // must stand in no transaction, and so by itself.
        Kind::Postgres => {
            conn.batch_execute("SET statement_timeout = 0")?;
            conn.batch_execute("VACUUM (ANALYZE)")?;
        }
    }
    Ok(())
}

fn empty(cluster: Option<&Cluster>, address: &str) -> Outcome<()> {
    match (cluster, file_of(address)) {
        (Some(cluster), _) => cluster.create(address),
        (None, Some(file)) => remove(file),
        (None, None) => Err("a database without a file".into()),
    }
}

fn kind_of(address: &str) -> Kind {
    if file_of(address).is_some() { Kind::Sqlite } else { Kind::Postgres }
}

fn file_of(address: &str) -> Option<&Path> {
    address.strip_prefix("sqlite:").map(Path::new)
}

/// What a filled database must agree with to be used again.
fn stamp_of(address: &str, drafts: u64) -> String {
    let kind = if file_of(address).is_some() { "sqlite" } else { "postgres" };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(kind);
    let mut migrations: Vec<_> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path().join("up.sql")))
        .collect();
    migrations.sort();
    let mut schema = Sha256::new();
    for migration in migrations {
        schema.update(fs::read(migration).unwrap_or_default());
    }
    // By its hash: an address may hold a password.
    schema.update(address);
    let hash = data_encoding::HEXLOWER.encode(&schema.finalize());
    let week = Clock::System.now().seconds() / (FRESH_DAYS * 86_400);
    format!("{drafts} drafts, week {week}, address and schema {hash}\n")
}

fn remove(database: &Path) -> Outcome<()> {
    for end in ["", "-wal", "-shm"] {
        let file = PathBuf::from(format!("{}{end}", database.display()));
        if file.exists() {
            fs::remove_file(file)?;
        }
    }
    Ok(())
}

/// The type of the file system that holds a folder, by the longest mount point above it.
pub fn file_system(folder: &Path) -> Outcome<String> {
    let folder = folder.canonicalize()?;
    let mounts = fs::read_to_string("/proc/mounts")?;
    let above = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (point, kind) = (words.next()?, words.next()?);
        folder.starts_with(point).then_some((point.len(), kind))
    });
    Ok(above.max_by_key(|(length, _)| *length).map_or("unknown", |(_, kind)| kind).to_owned())
}
