//! Backup and restore of an SQLite database: `attune backup` and `attune restore`.
//!
//! A backup is a folder: `attune.db`, a copy that any SQLite opens, and `manifest.json` (`docs/adr/0035`). What is
//! sealed in the database is sealed in the copy, and the root key is in neither.

mod digest;
mod manifest;
mod place;
mod progress;
mod restore;
mod verify;

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

pub use manifest::Manifest;
pub use restore::restore;
pub use verify::{Verified, verify};

use crate::auth::Keyring;
use crate::db::conn::Purpose;
use crate::db::migrate::{self, Unready};
use crate::db::{Conn, DatabaseUrl, Instant, copy};

/// How often somebody is told how far the copy is.
const GLANCE: Duration = Duration::from_millis(100);

/// Makes a backup while others go on writing. It is looked at like one that is to be restored before it has its name.
///
/// # Errors
/// A sentence, and then nothing was left behind.
pub fn make(
    database: &DatabaseUrl,
    keyring: &Keyring,
    to: &Path,
    now: Instant,
) -> Result<Manifest, String> {
    let DatabaseUrl::Sqlite(path) = database else {
        return Err("`attune backup` is for SQLite; on PostgreSQL make backups with pg_dump, as \
                    docs/how-to/back-up-and-restore.md shows"
            .to_owned());
    };
    // Opening would make one.
    if !Path::new(path).exists() {
        return Err(format!("there is no database at {path}"));
    }
    let place = place::Place::free(to)?;
    let mut conn = open(database)?;
    keyring.check_root(&mut conn)?;
    let failed = |error: std::io::Error| format!("the backup cannot be written: {error}");
    let made = place.make_folder().map_err(failed)?;
    copy_into(conn, made.path())?;
    Manifest::of_copy_in(made.path(), keyring, now)?.write(made.path())?;
    let verified = verify(made.path(), keyring)?;
    place.put_folder(made).map_err(failed)?;
    Ok(verified.manifest)
}

fn open(database: &DatabaseUrl) -> Result<Conn, String> {
    migrate::check(database).map_err(|error| match error {
        Unready::Pending(count) => format!(
            "the database lacks {count} migrations of this binary: make the backup with the one that serves it, or \
             run `attune migrate` first"
        ),
        error => error.to_string(),
    })?;
    Conn::open(database, Purpose::Write).map_err(|error| error.to_string())
}

/// One snapshot of the database, in a file of its own that is on disk when this returns.
fn copy_into(mut conn: Conn, folder: &Path) -> Result<(), String> {
    let file = manifest::database_in(folder);
    let failed = |error: &dyn std::fmt::Display| format!("the backup cannot be written: {error}");
    // SQLite would make it readable to others.
    OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&file)
        .map_err(|error| failed(&error))?;
    let name = text(&file)?;
    let bar = progress::of_bytes("copying", copy::expected_bytes(&mut conn).unwrap_or_default());
    let (done, copied) = channel();
    let copied = thread::scope(|scope| {
        scope.spawn(move || done.send(copy::into_file(&mut conn, name)));
        loop {
            match copied.recv_timeout(GLANCE) {
                Ok(copied) => break copied.map_err(|error| failed(&error)),
                Err(RecvTimeoutError::Disconnected) => break Err("the copy was lost".to_owned()),
                Err(RecvTimeoutError::Timeout) => {
                    bar.set_position(file.metadata().map_or(0, |file| file.len()));
                }
            }
        }
    });
    bar.finish_and_clear();
    copied?;
    place::sync(&file).map_err(|error| failed(&error))
}

/// The path as SQLite takes it.
fn text(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("{} is no name in UTF-8", path.display()))
}
