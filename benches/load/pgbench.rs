//! The same statements by `pgbench`, PostgreSQL's own load program: what the server gives to a client that does
//! nothing with it.
//!
//! The statements are those that the bare handlers make, captured with their values, so that nobody keeps a copy of
//! them up to date.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use attune::db::Conn;

use crate::Outcome;
use crate::generator::Heard;
use crate::scenario::Leaves;
use crate::statements::{COUNT, FIRST_SLOT, SLOTS, Script};

/// What the service's own connections set (docs/adr/0040, 0042).
const AS_THE_SERVICE: &str = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c jit=off \
                              -c plan_cache_mode=force_generic_plan";

/// How long it runs before anything counts, and how much longer for each connection: they are opened one after the
/// other, and each prepares the statements of every script. What is measured has its connections open and prepared.
const WARM_UP: Duration = Duration::from_secs(1);
const WARM_UP_OF_EACH: Duration = Duration::from_millis(60);

/// Scripts of one kind of request, of which each transaction takes any.
#[derive(Debug)]
pub struct Bench {
    program: PathBuf,
    address: String,
    folder: PathBuf,
    scripts: Vec<PathBuf>,
    /// Requests of one script.
    requests: usize,
    leaves: Option<Leaves>,
    /// The first slot that no connection of any run has had. Those before the first run are of others.
    slots: Cell<u32>,
}

impl Bench {
    /// Writes the scripts, after each has been carried out once and taken back.
    pub fn of(
        program: PathBuf,
        address: &str,
        folder: &Path,
        conn: &mut Conn,
        scripts: &[Script],
        leaves: Option<Leaves>,
    ) -> Outcome<Self> {
        fs::create_dir_all(folder)?;
        let mut files = Vec::with_capacity(scripts.len());
        for (number, script) in scripts.iter().enumerate() {
            script.try_out(conn)?;
            let file = folder.join(format!("{number}.sql"));
            fs::write(&file, script.text())?;
            files.push(file);
        }
        let requests = scripts.first().map_or(1, Script::requests);
        let (address, folder) = (address.to_owned(), folder.to_owned());
        let slots = Cell::new(SLOTS);
        Ok(Self { program, address, folder, scripts: files, requests, leaves, slots })
    }

    /// One round. `pgbench` counts its time from before it connects, so that it is let run for longer, and what ended
    /// in the last `length` of its time counts: by then every connection is warm, and none has stopped yet.
    pub fn run(&self, connections: usize, length: Duration) -> Outcome<Heard> {
        let warm_up = WARM_UP + WARM_UP_OF_EACH * u32::try_from(connections)?;
        let seconds = (warm_up + length).as_secs_f64().ceil();
        for file in self.logs()? {
            // A run that failed has left it.
            fs::remove_file(file)?;
        }
        let begun = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let output = self.command(connections, seconds).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        let end = begun + Duration::from_secs_f64(seconds);
        self.heard(connections, &(end.saturating_sub(length)..end))
    }

    fn command(&self, connections: usize, seconds: f64) -> Command {
        let first = self.slots.get();
        let clients = u32::try_from(connections).unwrap_or(u32::MAX);
        self.slots.set(first.saturating_add(SLOTS.saturating_mul(clients)));
        let mut command = Command::new(&self.program);
        command.env("PGOPTIONS", AS_THE_SERVICE);
        command
            .args(["-n", "-M", "prepared", "-j", "1", "-c", &connections.to_string()])
            .args(["-T", &format!("{seconds:.0}"), "-l"])
            .args(["-D", &format!("{FIRST_SLOT}={first}"), "-D", &format!("{COUNT}=0")])
            .arg(format!("--log-prefix={}", self.folder.join("log").display()))
            .args(self.scripts.iter().flat_map(|file| ["-f".into(), file.clone().into_os_string()]))
            .arg(&self.address)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
    }

    /// What the logs say of a window of time; what scripts left is counted whenever they ended. A script's time is that
    /// of all its requests, of which each took a share.
    fn heard(&self, connections: usize, window: &Range<Duration>) -> Outcome<Heard> {
        let (mut micros, mut scripts, mut warm) = (Vec::new(), 0, BTreeSet::new());
        for file in self.logs()? {
            for line in fs::read_to_string(&file)?.lines() {
                let Ended { client, micros: took, at } =
                    Ended::of(line).ok_or("a log of another form")?;
                scripts += 1;
                if at < window.start {
                    warm.insert(client);
                } else if at < window.end {
                    let share = u32::try_from(took / self.requests).unwrap_or(u32::MAX);
                    micros.extend(std::iter::repeat_n(share, self.requests));
                }
            }
            fs::remove_file(file)?;
        }
        let elapsed = window.end.saturating_sub(window.start);
        if micros.is_empty() {
            let name = self.program.display();
            return Err(format!("{name} ended nothing in its last {elapsed:?}").into());
        }
        if warm.len() < connections {
            let cold = connections - warm.len();
            return Err(format!("{cold} of {connections} connections were not warm in time").into());
        }
        let left = u64::try_from(scripts * self.requests)?;
        let kept = self.leaves.map(|leaves| (leaves, left)).into_iter().collect();
        Ok(Heard { micros, kept, elapsed, ..Heard::default() })
    }

    /// Everything in the folder but the scripts.
    fn logs(&self) -> Outcome<Vec<PathBuf>> {
        let mut logs = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let file = entry?.path();
            if file.extension().is_none_or(|end| end != "sql") {
                logs.push(file);
            }
        }
        Ok(logs)
    }
}

/// A script that has ended.
struct Ended {
    /// The number of its connection.
    client: u32,
    micros: usize,
    /// When it ended, from 1970 on.
    at: Duration,
}

impl Ended {
    /// From a line of a log: the connection, a number, microseconds, the script, and the moment in seconds and
    /// microseconds.
    fn of(line: &str) -> Option<Self> {
        let mut words = line.split(' ');
        let client = words.next()?.parse().ok()?;
        let micros = words.nth(1)?.parse().ok()?;
        let seconds = Duration::from_secs(words.nth(1)?.parse().ok()?);
        let rest = Duration::from_micros(words.next()?.parse().ok()?);
        Some(Self { client, micros, at: seconds + rest })
    }
}
