//! A backup becomes a database again.

use std::path::Path;

use super::digest::Digest;
use super::manifest::database_in;
use super::place::Place;
use super::verify::{Verified, verify};
use crate::auth::Keyring;
use crate::db::DatabaseUrl;

/// Names that SQLite gives to its log: left from a database that was there before, it would be read into this one.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Puts a backup where no database is. It is looked at first, and has its name when all of it is on disk.
///
/// # Errors
/// A sentence, and then nothing was left behind.
pub fn restore(from: &Path, database: &DatabaseUrl, keyring: &Keyring) -> Result<Verified, String> {
    let DatabaseUrl::Sqlite(path) = database else {
        return Err("`attune restore` is for SQLite; on PostgreSQL restore with pg_restore, as \
                    docs/how-to/back-up-and-restore.md shows"
            .to_owned());
    };
    let place = Place::free(Path::new(path))?;
    for ending in BESIDE {
        let log = place.beside(ending);
        if log.symlink_metadata().is_ok() {
            return Err(format!(
                "{} is there, of a database that was here before: move it away first",
                log.display()
            ));
        }
    }
    let verified = verify(from, keyring)?;
    let failed = |error: std::io::Error| format!("the database cannot be written: {error}");
    let mut made = place.make_file().map_err(failed)?;
    let written = Digest::while_copying(&database_in(from), "restoring", made.as_file_mut());
    verified.manifest.check_copy(&written.map_err(failed)?)?;
    place.put_file(made).map_err(failed)?;
    Ok(verified)
}
