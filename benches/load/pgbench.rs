//! The same statements by `pgbench`, PostgreSQL's own load program: what the server gives to a client that does
//! nothing with it.
//!
//! The statements are those that the bare handlers make, captured with their values, so that nobody keeps a copy of
//! them up to date.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use attune::db::Conn;

use crate::Outcome;
use crate::generator::Heard;
use crate::scenario::Leaves;
use crate::statements::Script;

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
        Ok(Self { program, address, folder, scripts: files, requests, leaves })
    }

    /// One round, in whole seconds.
    pub fn run(&self, connections: usize, length: Duration) -> Outcome<Heard> {
        let seconds = length.as_secs_f64().ceil().max(1.0);
        let prefix = self.folder.join("log");
        let mut command = Command::new(&self.program);
        command
            .args(["-n", "-M", "prepared", "-j", "1", "-c", &connections.to_string()])
            .args(["-T", &format!("{seconds:.0}"), "-l"])
            .arg(format!("--log-prefix={}", prefix.display()))
            .args(self.scripts.iter().flat_map(|file| ["-f".into(), file.clone().into_os_string()]))
            .arg(&self.address)
            .stdout(Stdio::null());
        let output = command.stderr(Stdio::piped()).output()?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
        }
        let micros = self.latencies()?;
        let kept = self.leaves.map(|leaves| {
            Ok::<_, std::num::TryFromIntError>((leaves, u64::try_from(micros.len())?))
        });
        let kept: BTreeMap<Leaves, u64> = kept.transpose()?.into_iter().collect();
        let elapsed = Duration::from_secs_f64(seconds);
        Ok(Heard { micros, kept, elapsed, ..Heard::default() })
    }

    /// What the log says: the third word of a line is a script's time, of which each of its requests took a share.
    fn latencies(&self) -> Outcome<Vec<u32>> {
        let mut micros = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let file = entry?.path();
            if file.extension().is_some_and(|end| end == "sql") {
                continue;
            }
            for line in fs::read_to_string(&file)?.lines() {
                let time: usize = line.split(' ').nth(2).ok_or("a log of another form")?.parse()?;
                let share = u32::try_from(time / self.requests).unwrap_or(u32::MAX);
                micros.extend(std::iter::repeat_n(share, self.requests));
            }
            fs::remove_file(file)?;
        }
        Ok(micros)
    }
}
