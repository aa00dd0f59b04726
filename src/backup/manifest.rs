//! What a backup says of itself.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::digest::Digest;
use crate::auth::Keyring;
use crate::db::{Instant, copy, migrate};

/// The form that this binary writes and reads.
const FORM: u32 = 1;

/// The copy of the database, and the manifest beside it.
const DATABASE: &str = "attune.db";
const MANIFEST: &str = "manifest.json";

/// The manifest of a backup. It lies beside the copy in clear, tells nothing that the copy does not show, and is
/// sealed: who changes both, without the root key, is found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The form of the manifest.
    pub form: u32,
    /// The version that made it.
    pub attune: String,
    /// The last migration of the database.
    pub migration: String,
    /// When it was begun: what was acknowledged before is in it.
    pub made_at: Instant,
    /// How long the copy is.
    pub bytes: u64,
    /// The SHA-256 of the copy, in hex.
    pub sha256: String,
    /// The fingerprint of the root key under which the database is sealed.
    pub root_key: String,
    /// How many rows each table has.
    pub tables: BTreeMap<String, i64>,
    /// HMAC-SHA256 of all that, by a key that follows from the root key.
    seal: String,
}

/// The first thing to know of one that may be newer.
#[derive(Deserialize)]
struct Form {
    form: u32,
}

/// The copy in the folder of a backup.
pub(super) fn database_in(folder: &Path) -> PathBuf {
    folder.join(DATABASE)
}

impl Manifest {
    /// Describes the copy that lies in this folder.
    ///
    /// # Errors
    /// A sentence, when it cannot be read.
    pub fn of_copy_in(folder: &Path, keyring: &Keyring, made_at: Instant) -> Result<Self, String> {
        let file = database_in(folder);
        let unreadable =
            |error: &dyn std::fmt::Display| format!("the copy cannot be read: {error}");
        let mut conn = copy::open_still(super::text(&file)?).map_err(|error| unreadable(&error))?;
        let digest = Digest::of(&file).map_err(|error| unreadable(&error))?;
        let mut manifest = Self {
            form: FORM,
            attune: env!("CARGO_PKG_VERSION").to_owned(),
            migration: migrate::last(&mut conn).map_err(|error| unreadable(&error))?,
            made_at,
            bytes: digest.bytes,
            sha256: digest.sha256,
            root_key: keyring.root().id().to_string(),
            tables: copy::rows_by_table(&mut conn).map_err(|error| unreadable(&error))?,
            seal: String::new(),
        };
        manifest.seal = HEXLOWER.encode(&manifest.mac(keyring)?.finalize().into_bytes());
        Ok(manifest)
    }

    /// Writes it beside the copy, and waits until it is on disk.
    ///
    /// # Errors
    /// A sentence.
    pub fn write(&self, folder: &Path) -> Result<(), String> {
        let text = self.text()?;
        let write = || -> io::Result<()> {
            let path = folder.join(MANIFEST);
            let mut file =
                OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| format!("the manifest cannot be written: {error}"))
    }

    /// Reads that of a backup, and believes nothing of it yet.
    ///
    /// # Errors
    /// A sentence, when there is none that this binary could have written.
    pub fn read(folder: &Path) -> Result<Self, String> {
        let said = folder.display();
        let text =
            fs::read_to_string(folder.join(MANIFEST)).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => {
                    format!("{said} has no {MANIFEST}: it is no backup, or not the whole of one")
                }
                _ => format!("{MANIFEST} in {said} cannot be read: {error}"),
            })?;
        if let Ok(Form { form }) = serde_json::from_str(&text)
            && form > FORM
        {
            return Err(format!(
                "the backup in {said} is of form {form}, and this binary reads form {FORM}: use a newer one"
            ));
        }
        // Written anew it must be the same text: then no byte of it has changed that the seal would not show.
        let manifest: Option<Self> = serde_json::from_str(&text).ok();
        let as_written = |manifest: &Self| manifest.text().is_ok_and(|again| again == text);
        manifest.filter(as_written).ok_or_else(|| not_as_written(folder))
    }

    /// Checks that it is as it was written, under this root key.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn check_seal(&self, folder: &Path, keyring: &Keyring) -> Result<(), String> {
        let given = keyring.root().id().to_string();
        if self.root_key != given {
            return Err(format!(
                "the backup was made under the root key with the fingerprint {}, and the one given has {given}; \
                 give the one that belongs to it (ATTUNE_ROOT_KEY_FILE, ATTUNE_ROOT_KEY or \
                 ATTUNE_ROOT_KEY_COMMAND)",
                self.root_key
            ));
        }
        let seal = HEXLOWER.decode(self.seal.as_bytes()).unwrap_or_default();
        self.mac(keyring)?.verify_slice(&seal).map_err(|_| not_as_written(folder))
    }

    /// Checks what was read of the copy against it.
    ///
    /// # Errors
    /// A sentence that says what differs.
    pub(super) fn check_copy(&self, found: &Digest) -> Result<(), String> {
        if found.bytes != self.bytes {
            let (bytes, said) = (found.bytes, self.bytes);
            return Err(format!(
                "{DATABASE} of the backup has {bytes} bytes, and its manifest says {said}: it is not whole"
            ));
        }
        if found.sha256 != self.sha256 {
            return Err(format!(
                "{DATABASE} of the backup has the SHA-256 {}, and its manifest says {}: it was damaged or changed",
                found.sha256, self.sha256
            ));
        }
        Ok(())
    }

    fn text(&self) -> Result<String, String> {
        let text = serde_json::to_string_pretty(self);
        text.map(|text| text + "\n").map_err(|_| "the manifest did not serialise".to_owned())
    }

    fn mac(&self, keyring: &Keyring) -> Result<Hmac<Sha256>, String> {
        let text = Self { seal: String::new(), ..self.clone() }.text()?;
        let key = keyring.root().derive("backup");
        let mut mac = Hmac::<Sha256>::new_from_slice(key.expose())
            .map_err(|_| "the key of backups does not fit".to_owned())?;
        mac.update(text.as_bytes());
        Ok(mac)
    }
}

fn not_as_written(folder: &Path) -> String {
    format!(
        "{MANIFEST} in {} is not as it was written: it was damaged or changed",
        folder.display()
    )
}
