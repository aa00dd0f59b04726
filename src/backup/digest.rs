//! The SHA-256 of a file, made while it is read through.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use super::progress;

/// Read at a time.
const PIECE: usize = 256 * 1024;

/// What was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) bytes: u64,
    pub(super) sha256: String,
}

impl Digest {
    /// Of a file.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        Self::while_copying(path, "hashing", &mut io::sink())
    }

    /// Of a file that goes somewhere at the same time: what is compared is what was written.
    pub(super) fn while_copying(
        path: &Path,
        doing: &'static str,
        to: &mut impl io::Write,
    ) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let bar = progress::of_bytes(doing, file.metadata()?.len());
        let (mut piece, mut hash, mut bytes) = (vec![0; PIECE], Sha256::new(), 0);
        loop {
            let count = file.read(&mut piece)?;
            let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
            hash.update(read);
            to.write_all(read)?;
            bytes += u64::try_from(count).unwrap_or_default();
            bar.set_position(bytes);
        }
        bar.finish_and_clear();
        Ok(Self { bytes, sha256: HEXLOWER.encode(&hash.finalize()) })
    }
}
