//! Whether a backup is whole, and opens: looked at before it has its name, before it is restored, and when asked.

use std::path::Path;

use super::digest::Digest;
use super::manifest::{Manifest, database_in};
use super::progress;
use crate::audit::{self, Verdict};
use crate::auth::{Keyring, signing_keys};
use crate::db::migrate::{self, Unready};
use crate::db::{Conn, copy};
use crate::practices::founding;

/// A backup that was looked at.
#[derive(Debug)]
pub struct Verified {
    /// What it says of itself.
    pub manifest: Manifest,
    /// Migrations that this binary has and the backup has not.
    pub pending: usize,
}

/// Looks at all of a backup: manifest and seal, checksum, migrations, pages and foreign keys, every practice's keys,
/// and every practice's audit. The audit of an older schema is left out, since this binary may not know its columns.
///
/// # Errors
/// A sentence that says what is wrong with it.
pub fn verify(folder: &Path, keyring: &Keyring) -> Result<Verified, String> {
    let folder = folder
        .canonicalize()
        .map_err(|error| format!("the backup {} cannot be read: {error}", folder.display()))?;
    let manifest = Manifest::read(&folder)?;
    manifest.check_seal(&folder, keyring)?;
    let file = database_in(&folder);
    let unreadable =
        |error: &dyn std::fmt::Display| format!("{} cannot be read: {error}", file.display());
    manifest.check_copy(&Digest::of(&file).map_err(|error| unreadable(&error))?)?;
    let mut conn = copy::open_still(super::text(&file)?).map_err(|error| unreadable(&error))?;
    let pending = pending(&mut conn)?;
    integrity(&mut conn)?;
    keys(&mut conn, keyring, &manifest)?;
    if pending == 0 {
        audit(&mut conn, keyring)?;
    }
    Ok(Verified { manifest, pending })
}

fn pending(conn: &mut Conn) -> Result<usize, String> {
    migrate::pending(conn).map_err(|error| match error {
        Unready::Newer => {
            "the backup has migrations that this binary does not know: use a newer one".to_owned()
        }
        error => error.to_string(),
    })
}

fn integrity(conn: &mut Conn) -> Result<(), String> {
    let looking = progress::of_nothing("looking at pages and foreign keys");
    let found =
        migrate::integrity(conn).map_err(|error| format!("the copy does not read: {error}"));
    looking.finish_and_clear();
    match found?.as_slice() {
        [] => Ok(()),
        [first, ..] => Err(format!("the copy is damaged: {first}")),
    }
}

/// What is sealed opens: the keys of every practice, and those that sign tokens.
fn keys(conn: &mut Conn, keyring: &Keyring, manifest: &Manifest) -> Result<(), String> {
    keyring.check_root(conn)?;
    for practice in founding::all(conn).map_err(|error| error.for_operator())? {
        keyring.of(conn, practice).map_err(|error| {
            format!("the keys of {practice} do not open: {}", error.for_operator())
        })?;
    }
    signing_keys::load(conn, keyring, manifest.made_at)
        .map(drop)
        .map_err(|error| format!("the signing keys do not open: {}", error.for_operator()))
}

fn audit(conn: &mut Conn, keyring: &Keyring) -> Result<(), String> {
    let looking = progress::of_nothing("looking at the audit");
    let mut broken = Vec::new();
    for practice in founding::all(conn).map_err(|error| error.for_operator())? {
        let verdict = audit::verify(conn, keyring, practice);
        if let Verdict::Broken { seq, what } = verdict.map_err(|error| error.for_operator())? {
            broken.push(format!("the audit was laid hands on: {practice}: row {seq} {what}"));
        }
    }
    looking.finish_and_clear();
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}
