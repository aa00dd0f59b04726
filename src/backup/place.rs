//! Where something new is to lie, and how it gets there whole: under another name first, on disk before it has its own.

use std::fs::{self, File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempDir};

/// What a backup or a restored file is called before it is whole. One that was killed leaves it behind.
const UNFINISHED: &str = ".attune-unfinished-";

/// A name that is still free, in a folder that is there.
#[derive(Debug)]
pub(super) struct Place {
    folder: PathBuf,
    path: PathBuf,
}

impl Place {
    /// The place at this path.
    ///
    /// The folder is not made: a disk that is not mounted would be taken for an empty one, and filled.
    ///
    /// # Errors
    /// A sentence, when the name is taken or the folder is missing.
    pub(super) fn free(path: &Path) -> Result<Self, String> {
        let said = path.display();
        let name = path.file_name().ok_or_else(|| format!("{said} is no name for it"))?;
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        let folder = folder.canonicalize().map_err(|_| {
            format!("there is no folder {} to put it in: make it first", folder.display())
        })?;
        let path = folder.join(name);
        // Of a link that leads nowhere, too.
        if path.symlink_metadata().is_ok() {
            return Err(format!("{said} is there already, and nothing is overwritten"));
        }
        Ok(Self { folder, path })
    }

    /// The same place with something behind its name, as SQLite names the files of its log.
    pub(super) fn beside(&self, ending: &str) -> PathBuf {
        let mut path = self.path.clone().into_os_string();
        path.push(ending);
        path.into()
    }

    /// A folder in the making, for its owner alone; it is gone unless it is put in its place.
    pub(super) fn make_folder(&self) -> io::Result<TempDir> {
        Builder::new()
            .prefix(UNFINISHED)
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in(&self.folder)
    }

    /// A file in the making, likewise.
    pub(super) fn make_file(&self) -> io::Result<NamedTempFile> {
        Builder::new().prefix(UNFINISHED).tempfile_in(&self.folder)
    }

    /// Gives a folder that is on disk its name. Only an empty folder of that name would give way.
    pub(super) fn put_folder(&self, made: TempDir) -> io::Result<()> {
        sync(made.path())?;
        fs::rename(made.path(), &self.path)?;
        // It is no longer where it was, and is not to be removed.
        let _ = made.keep();
        sync(&self.folder)
    }

    /// Gives a file that is on disk its name, if that is still free.
    pub(super) fn put_file(&self, made: NamedTempFile) -> io::Result<()> {
        made.as_file().sync_all()?;
        made.persist_noclobber(&self.path).map_err(|refused| refused.error)?;
        sync(&self.folder)
    }
}

/// Waits until what was written to a file, or which names a folder holds, is on disk.
pub(super) fn sync(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
