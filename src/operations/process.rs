//! What the operating system knows of this process. Nothing is known elsewhere than on Linux, and then nothing is said.

use std::fs;

/// What the kernel counts processor time in, whatever its own tick: `USER_HZ` of every Linux there is.
const TICKS_A_SECOND: f64 = 100.0;

/// Memory that the process holds, in bytes, with what is there of the files that it maps: on SQLite of the database, once
/// for each connection.
pub(super) fn resident_bytes() -> Option<i64> {
    bytes_of("VmRSS:")
}

/// Memory that it has allocated, in bytes: what no other process could do without.
pub(super) fn anonymous_bytes() -> Option<i64> {
    bytes_of("RssAnon:")
}

fn bytes_of(name: &str) -> Option<i64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    let kibibytes: i64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024)
}

/// Processor time that it has used, in seconds.
pub(super) fn cpu_seconds() -> Option<f64> {
    let stat = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program stands in parentheses and may hold anything.
    let (_, words) = stat.rsplit_once(')')?;
    let mut words = words.split_whitespace().skip(11);
    let mut ticks = || words.next().and_then(|word| word.parse::<u32>().ok()).map(f64::from);
    Some((ticks()? + ticks()?) / TICKS_A_SECOND)
}

/// Files and sockets that it has open.
pub(super) fn open_files() -> Option<i64> {
    i64::try_from(fs::read_dir("/proc/self/fd").ok()?.count()).ok()
}
