//! Where the root key is kept, and how it gets into the process.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use thiserror::Error;
use zeroize::Zeroizing;

use super::RootKey;

/// The most that is read from a file or command, in bytes. The longest key
/// text has 64; the rest is room for white space.
const MAX_TEXT: u16 = 1024;

/// Where the service finds its root key.
///
/// `Debug` shows the path of a file and nothing else: a command line may carry
/// a token of its own.
#[derive(Clone)]
pub enum RootKeySource {
    /// A file that its owner alone may read, as [`RootKey::create_file`] makes.
    File(PathBuf),
    /// The key text itself, as from an environment variable. Simple, and
    /// visible to whoever may read the process's environment.
    Value(Zeroizing<String>),
    /// A command line for `/bin/sh -c` that prints the key text, as the clients
    /// of password managers and key vaults do.
    Command(String),
}

impl RootKeySource {
    /// Fetches the root key.
    ///
    /// A command gets no input, and what it writes to its standard error is
    /// dropped, since it may contain the key: run it by hand to see what ails
    /// it. Loading takes as long as the command does.
    ///
    /// # Errors
    ///
    /// Every variant of [`RootKeyError`] but
    /// [`AlreadyExists`](RootKeyError::AlreadyExists) and
    /// [`CannotCreate`](RootKeyError::CannotCreate).
    pub fn load(&self) -> Result<RootKey, RootKeyError> {
        match self {
            Self::File(path) => RootKey::from_text(&read_file(path)?),
            Self::Value(text) => RootKey::from_text(text),
            Self::Command(line) => RootKey::from_text(&run(line)?),
        }
    }
}

impl fmt::Debug for RootKeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
            Self::Value(_) => f.write_str("Value(…)"),
            Self::Command(_) => f.write_str("Command(…)"),
        }
    }
}

impl RootKey {
    /// Makes a fresh key and writes it to a new file as hexadecimal text, with
    /// mode 0400, on disk before this returns.
    ///
    /// Never overwrites: the key of a database in use, once overwritten, is
    /// that database lost.
    ///
    /// # Errors
    ///
    /// [`RootKeyError::AlreadyExists`] if anything bears that name, even a
    /// dangling link; [`RootKeyError::CannotCreate`] if it cannot be written,
    /// and then no file is left behind; [`RootKeyError::NoRandomness`].
    pub fn create_file(path: &Path) -> Result<Self, RootKeyError> {
        let key = Self::generate().map_err(|_| RootKeyError::NoRandomness)?;
        let create = OpenOptions::new().write(true).create_new(true).mode(0o400).open(path);
        let file = create.map_err(|source| match source.kind() {
            io::ErrorKind::AlreadyExists => RootKeyError::AlreadyExists(path.into()),
            _ => RootKeyError::CannotCreate { path: path.into(), source },
        })?;
        write_durably(&file, path, &key).map_err(|source| {
            // Half a key would only block the next attempt; if even removing it
            // fails, the first failure is still the one to tell.
            let _ = fs::remove_file(path);
            RootKeyError::CannotCreate { path: path.into(), source }
        })?;
        Ok(key)
    }
}

fn write_durably(mut file: &File, path: &Path, key: &RootKey) -> io::Result<()> {
    file.write_all(key.to_text().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    // The name of a new file is durable only when its directory is.
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    File::open(directory)?.sync_all()
}

fn read_file(path: &Path) -> Result<Zeroizing<String>, RootKeyError> {
    let unreadable = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => RootKeyError::Missing(path.into()),
        _ => RootKeyError::Unreadable { path: path.into(), source },
    };
    let file = File::open(path).map_err(unreadable)?;
    // Asked of the open file: asked of the path, the answer could be about
    // another file than the one then read.
    let metadata = file.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Err(RootKeyError::OpenToOthers(path.into()));
    }
    read_bounded(file).map_err(unreadable)
}

fn run(line: &str) -> Result<Zeroizing<String>, RootKeyError> {
    let mut child = Command::new("/bin/sh")
        .args(["-c", line])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(RootKeyError::CommandNotRun)?;
    // Read to the end or to the bound, then closed: a command that prints
    // without end meets a broken pipe, and is not waited for in vain.
    let output = child.stdout.take().map_or_else(|| Ok(Zeroizing::default()), read_bounded);
    let status = child.wait().map_err(RootKeyError::CommandNotRun)?;
    if !status.success() {
        return Err(RootKeyError::CommandFailed(status));
    }
    output.map_err(RootKeyError::CommandNotRun)
}

/// Reads text of at most [`MAX_TEXT`] bytes and lets the rest go; what is
/// longer than that is not a key.
fn read_bounded(from: impl Read) -> io::Result<Zeroizing<String>> {
    // Room for all of it at once: growing would leave copies in freed memory.
    let mut text = Zeroizing::new(String::with_capacity(MAX_TEXT.into()));
    from.take(MAX_TEXT.into()).read_to_string(&mut text)?;
    Ok(text)
}

/// Why there is no root key. Each message says what to mend; none repeats the
/// key, the command or its output.
#[derive(Debug, Error)]
pub enum RootKeyError {
    /// The key file does not exist. At a first start: make one.
    #[error("there is no root key file at {0}")]
    Missing(PathBuf),
    /// The key file exists, but cannot be read.
    #[error("the root key file {path} cannot be read: {source}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The key file grants something to its group or to others.
    #[error("the root key file {0} is open to other users: run `chmod 0400 {0}`")]
    OpenToOthers(PathBuf),
    /// The text found is not a key.
    #[error(
        "the root key must be 32 bytes, written as 64 hexadecimal digits or as base64; \
         `openssl rand -hex 32` makes one"
    )]
    NotAKey,
    /// The command could not be started or its output not be read.
    #[error("the root key command could not be run: {0}")]
    CommandNotRun(#[source] io::Error),
    /// The command ended with something else than success.
    #[error("the root key command failed ({0}); run it by hand to see why")]
    CommandFailed(ExitStatus),
    /// A key file is never overwritten.
    #[error("{0} exists already and is not overwritten: it may be the key of a database in use")]
    AlreadyExists(PathBuf),
    /// The new key file could not be written.
    #[error("the root key file {path} cannot be created: {source}")]
    CannotCreate {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The operating system gave no random bytes for a new key.
    #[error("the operating system gave no random bytes for a new root key")]
    NoRandomness,
}
