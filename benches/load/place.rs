//! Where it happens: a folder on a disk, a database seeded once and copied for every run.

use std::fs;
use std::path::{Path, PathBuf};

use attune::auth::gate::Parts;
use attune::auth::limits::Rates;
use attune::auth::token::{Issuer, Verifier};
use attune::auth::{Acting, Gate, Keyring};
use attune::clock::Clock;
use attune::db::conn::{Purpose, transaction};
use attune::db::id::{ClientId, IdSource, PracticeId, UserId};
use attune::db::schema::{
    audit_events, clients, events, session_note_acts, submission_receipts, submissions,
};
use attune::db::{Conn, DatabaseUrl, Executor, Settings, migrate};
use attune::demo::{self, generated};
use attune::seal::RootKey;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};
use sha2::{Digest, Sha256};

use crate::report::Row;
use crate::scenario::Leaves;
use crate::{Outcome, homework, record};

/// The root key of the database. It protects nothing.
pub const ROOT_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// The release binary.
pub const ATTUNE: &str = env!("CARGO_BIN_EXE_attune");

/// Clients of one transaction while seeding.
const BATCH: u32 = 500;

/// The folder, the run's own database in it, and what it held at the beginning.
#[derive(Debug)]
pub struct Place {
    folder: PathBuf,
    file_system: String,
    clients: u32,
    submissions: u64,
    drafts: u64,
    rows: Rows,
}

/// Rows of the tables that the measured writes add one row to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rows {
    clients: i64,
    submissions: i64,
    receipts: i64,
    signatures: i64,
    audit_events: i64,
    events: i64,
}

/// Who asks, and for whom.
#[derive(Debug)]
pub struct People {
    /// The practice with the many clients.
    pub practice: PracticeId,
    /// Its administrator.
    pub admin: UserId,
    /// The practice beside it.
    pub other_practice: PracticeId,
    /// Everybody in the first.
    pub clients: Vec<ClientId>,
}

impl Place {
    /// Seeds the database unless one of this size and schema is there, and copies it.
    pub fn prepare(clients: u32, submissions: u64, drafts: u64) -> Outcome<Self> {
        let target = Path::new(ATTUNE).ancestors().nth(2).ok_or("the binary lies in no folder")?;
        let folder = target.join("bench");
        fs::create_dir_all(&folder)?;
        let file_system = file_system(&folder)?;
        if matches!(file_system.as_str(), "tmpfs" | "ramfs") {
            return Err(
                format!("{} is in memory; a commit there costs nothing", folder.display()).into()
            );
        }
        let (seeded, stamp) = (folder.join("seeded.db"), folder.join("seeded.stamp"));
        let wanted = stamp_of(clients, submissions, drafts);
        if fs::read_to_string(&stamp).ok().as_deref() != Some(&wanted) {
            remove(&seeded)?;
            seed(&seeded, clients, submissions, drafts)?;
            fs::write(&stamp, wanted)?;
        }
        let run = folder.join("run.db");
        remove(&run)?;
        fs::copy(&seeded, &run)?;
        fs::File::open(&run)?.sync_all()?;
        let mut conn = open(&run)?;
        homework::refresh(&mut conn, &gate(&run)?, people(&run)?.practice)?;
        let rows = Rows::count(&mut conn)?;
        Ok(Self { folder, file_system, clients, submissions, drafts, rows })
    }

    /// `target/bench`.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The kind of file system that the folder is on.
    pub fn file_system(&self) -> &str {
        &self.file_system
    }

    /// The number of clients that were seeded.
    pub fn clients(&self) -> u32 {
        self.clients
    }

    /// The number of check-ins that were seeded.
    pub fn submissions(&self) -> u64 {
        self.submissions
    }

    /// The number of drafts that were seeded.
    pub fn drafts(&self) -> u64 {
        self.drafts
    }

    /// The run's own database.
    pub fn database(&self) -> PathBuf {
        self.folder.join("run.db")
    }

    /// Checks that every write that was acknowledged, and nothing else, is in the database,
    /// each with its audit row and its event; and the audit row of every reading of a note.
    pub fn check_kept(&self, rows: &[Row]) -> Outcome<()> {
        let acknowledged = |leaves| -> Outcome<i64> {
            let rows = rows.iter().filter(|row| row.leaves == Some(leaves));
            Ok(i64::try_from(rows.map(|row| row.acknowledged).sum::<u64>())?)
        };
        let (clients, check_ins) = (acknowledged(Leaves::Client)?, acknowledged(Leaves::CheckIn)?);
        let (signed, read) = (acknowledged(Leaves::Signature)?, acknowledged(Leaves::Reading)?);
        let mut conn = open(&self.database())?;
        let now = Rows::count(&mut conn)?;
        let wanted = Rows {
            clients: self.rows.clients + clients,
            submissions: self.rows.submissions + check_ins,
            receipts: self.rows.receipts + check_ins,
            signatures: self.rows.signatures + signed,
            audit_events: self.rows.audit_events + clients + check_ins + signed + read,
            events: self.rows.events + clients + check_ins + signed,
        };
        if now != wanted {
            return Err(
                format!("acknowledged writes and rows differ: {now:?}, not {wanted:?}").into()
            );
        }
        Ok(())
    }
}

impl Rows {
    fn count(conn: &mut Conn) -> Outcome<Self> {
        Ok(Self {
            clients: clients::table.count().get_result(conn)?,
            submissions: submissions::table.count().get_result(conn)?,
            receipts: submission_receipts::table.count().get_result(conn)?,
            signatures: session_note_acts::table.count().get_result(conn)?,
            audit_events: audit_events::table.count().get_result(conn)?,
            events: events::table.count().get_result(conn)?,
        })
    }
}

/// Finds everybody in a seeded database.
pub fn people(database: &Path) -> Outcome<People> {
    let mut conn = open(database)?;
    let cast = demo::cast(&mut conn, &gate(database)?)?;
    let login =
        |name| cast.logins.iter().find(|login| login.name == name).ok_or("nobody of this name");
    let (admin, other) = (login("practice_admin")?, login("other_practice_clinician")?);
    let clients = clients::table
        .filter(clients::practice_id.eq(admin.practice))
        .select(clients::id)
        .order(clients::id)
        .load(&mut conn)?;
    Ok(People {
        practice: admin.practice,
        admin: admin.user.ok_or("the administrator is no user")?,
        other_practice: other.practice,
        clients,
    })
}

/// The URL of a database file.
pub fn url(file: &Path) -> Outcome<DatabaseUrl> {
    Ok(format!("sqlite:{}", file.display()).parse()?)
}

/// A connection that may write.
pub fn open(file: &Path) -> Outcome<Conn> {
    Ok(Conn::open(&url(file)?, Purpose::Write)?)
}

/// A gate for working on a database in this process.
pub fn gate(file: &Path) -> Outcome<Gate> {
    let issuer = Issuer { url: String::new(), audience: String::new() };
    Ok(Gate::new(Parts {
        executor: Executor::start(&url(file)?, Settings { threads: 1, queue: 1, group: 1 })?,
        verifier: Verifier::new(issuer, std::sync::Arc::default(), 1),
        keyring: Keyring::new(RootKey::from_text(ROOT_KEY)?),
        clock: Clock::System,
        ids: IdSource::Random,
        public_url: String::new(),
        rates: Rates::default(),
    }))
}

fn seed(file: &Path, clients: u32, submissions: u64, drafts: u64) -> Outcome<()> {
    migrate::run(&url(file)?)?;
    let (mut conn, gate) = (open(file)?, gate(file)?);
    let cast = demo::cast(&mut conn, &gate)?;
    let practice = cast.logins.first().ok_or("the demo has no logins")?.practice;
    let bar = ProgressBar::new(u64::from(clients));
    bar.set_style(ProgressStyle::with_template(
        "seeding {bar:40} {pos}/{len} clients, {per_sec}, {eta} left",
    )?);
    let mut made = 0;
    while made < clients {
        let batch = BATCH.min(clients - made);
        transaction(&mut conn, |conn| {
            gate.operate(
                conn,
                Acting::Operator(practice),
                &IdSource::Random,
                Clock::System.now(),
                |tx| (made..made + batch).try_for_each(|number| generated::client(tx, number)),
            )
        })?;
        made += batch;
        bar.inc(u64::from(batch));
    }
    bar.finish_and_clear();
    homework::seed(&mut conn, &gate, submissions)?;
    record::seed(&mut conn, &gate, drafts)?;
    // Everything into the main file, so that a copy of it is the whole database.
    conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE);")?;
    Ok(())
}

/// What a seeded database must agree with to be used again.
fn stamp_of(clients: u32, submissions: u64, drafts: u64) -> String {
    let mut migrations: Vec<PathBuf> =
        fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite"))
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path().join("up.sql")))
            .collect();
    migrations.sort();
    let mut schema = Sha256::new();
    for migration in migrations {
        schema.update(fs::read(migration).unwrap_or_default());
    }
    let schema = data_encoding::HEXLOWER.encode(&schema.finalize());
    format!("{clients} clients, {submissions} check-ins, {drafts} drafts, schema {schema}\n")
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
fn file_system(folder: &Path) -> Outcome<String> {
    let folder = folder.canonicalize()?;
    let mounts = fs::read_to_string("/proc/mounts")?;
    let above = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        let (point, kind) = (words.next()?, words.next()?);
        folder.starts_with(point).then_some((point.len(), kind))
    });
    Ok(above.max_by_key(|(length, _)| *length).map_or("unknown", |(_, kind)| kind).to_owned())
}
