//! `backup` and `restore`.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Outcome, say};
use crate::auth::Keyring;
use crate::backup::{self, Manifest};
use crate::clock::Clock;
use crate::config::Storage;
use crate::db::DatabaseUrl;
use crate::db::migrate::Unready;
use crate::seal::RootKeyError;

/// `attune backup`.
#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[command(flatten)]
    storage: Storage,
    /// The backup to make: a folder that is not there yet, in one that is.
    #[arg(long, value_name = "FOLDER", required_unless_present = "verify")]
    to: Option<PathBuf>,
    /// Look at a backup that was made, and make none.
    #[arg(long, value_name = "FOLDER", conflicts_with = "to")]
    verify: Option<PathBuf>,
}

/// `attune restore`.
#[derive(Debug, Args)]
pub(crate) struct Restore {
    #[command(flatten)]
    storage: Storage,
    /// The backup.
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
}

pub(super) fn backup(command: &Backup) -> Outcome {
    let database = command.storage.database();
    match (&command.to, &command.verify) {
        (Some(to), _) => {
            let keyring = keyring(&command.storage)?;
            let made = backup::make(database, &keyring, to, Clock::System.now())?;
            say(&whole(to, &made))
        }
        (None, Some(folder)) => {
            let verified = backup::verify(folder, &keyring(&command.storage)?)?;
            say(&whole(folder, &verified.manifest))?;
            say_pending(verified.pending)
        }
        (None, None) => Err("say where to, by --to".to_owned()),
    }
}

pub(super) fn restore(command: &Restore) -> Outcome {
    let database = command.storage.database();
    let restored = backup::restore(&command.from, database, &keyring(&command.storage)?)?;
    if let DatabaseUrl::Sqlite(path) = database {
        let Manifest { bytes, made_at, .. } = restored.manifest;
        say(&format!("{path} {bytes} bytes, as it was at {made_at}"))?;
    }
    say_pending(restored.pending)
}

fn whole(folder: &Path, manifest: &Manifest) -> String {
    format!("{} {} bytes, whole, SHA-256 {}", folder.display(), manifest.bytes, manifest.sha256)
}

fn say_pending(pending: usize) -> Outcome {
    if pending == 0 {
        return Ok(());
    }
    say(&format!(
        "{}. Its audit was not looked at: run `attune audit verify` then",
        Unready::Pending(pending)
    ))
}

/// A keyring under the key that is given. None is ever made here: under a new one, nothing of a backup would open.
fn keyring(storage: &Storage) -> Result<Keyring, String> {
    let key = storage.root_key_source()?.load().map_err(|error| match error {
        RootKeyError::Missing(_) => format!(
            "{error}, and a backup opens only under the root key of its database: give it by \
             ATTUNE_ROOT_KEY_FILE, ATTUNE_ROOT_KEY or ATTUNE_ROOT_KEY_COMMAND"
        ),
        error => error.to_string(),
    })?;
    Ok(Keyring::new(key))
}
