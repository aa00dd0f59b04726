//! Sends requests over keep-alive connections, one at a time on each, and times the answers.
//!
//! Written for this and nothing more, so that as little as possible of the machine goes into
//! asking: one thread, HTTP/1.1, answers with a `Content-Length`.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::Outcome;
use crate::scenario::{Ask, Leaves, Scenario};

/// What one round heard.
#[derive(Debug, Default)]
pub struct Heard {
    /// Microseconds from the first byte sent to the last received, of every answer.
    pub micros: Vec<u32>,
    /// Answers with another status than the expected one.
    pub errors: u64,
    /// The first of them.
    pub first_error: Option<String>,
    /// Answers of the expected status, by what each left.
    pub kept: BTreeMap<Leaves, u64>,
    /// From the first request to the last answer.
    pub elapsed: Duration,
}

/// Numbers for choosing what to ask: `SplitMix64`.
#[derive(Debug)]
pub struct Chance(u64);

impl Chance {
    /// Other numbers every time.
    pub fn new() -> Self {
        Self(RandomState::new().hash_one(0))
    }

    /// The same numbers every time.
    pub fn fixed() -> Self {
        Self(0)
    }

    /// The next number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let limit = u64::try_from(limit.max(1)).unwrap_or(u64::MAX);
        usize::try_from(mixed % limit).unwrap_or_default()
    }
}

/// How long answers may be late before the round is given up.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// One round: opens the connections, as many to each address, then asks on all of them for `length`, then waits
/// for what is still owed, so that every request sent is counted.
pub async fn run(
    scenario: &Scenario,
    addresses: &[SocketAddr],
    connections: usize,
    length: Duration,
) -> Outcome<Heard> {
    let streams = connect(addresses, connections).await?;
    let begun = Instant::now();
    let local = LocalSet::new();
    let tasks: Vec<_> = streams
        .into_iter()
        .map(|stream| local.spawn_local(talk(stream, scenario.ask.clone(), begun + length)))
        .collect();
    let together = local.run_until(async {
        let mut heard = Heard::default();
        for task in tasks {
            heard.add(task.await??);
        }
        Ok::<_, Box<dyn std::error::Error>>(heard)
    });
    let late = format!("{}: an answer is owed for a minute", scenario.name);
    let mut heard = tokio::time::timeout(length + PATIENCE, together).await.map_err(|_| late)??;
    heard.elapsed = begun.elapsed();
    Ok(heard)
}

/// So many connections, as many to each address.
pub async fn connect(addresses: &[SocketAddr], connections: usize) -> io::Result<Vec<TcpStream>> {
    let mut streams = Vec::with_capacity(connections);
    for address in addresses.iter().cycle().take(connections) {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        streams.push(stream);
    }
    Ok(streams)
}

impl Heard {
    fn add(&mut self, other: Self) {
        self.micros.extend(other.micros);
        self.errors += other.errors;
        for (leaves, count) in other.kept {
            *self.kept.entry(leaves).or_default() += count;
        }
        self.first_error = self.first_error.take().or(other.first_error);
    }
}

async fn talk(mut stream: TcpStream, ask: Ask, end: Instant) -> io::Result<Heard> {
    let (mut heard, mut chance) = (Heard::default(), Chance::new());
    let (mut request, mut answer) = (Vec::new(), Vec::with_capacity(4096));
    loop {
        let sent = Instant::now();
        if sent >= end {
            return Ok(heard);
        }
        request.clear();
        let expected = ask(&mut chance, &mut request);
        let status = answer_to(&mut stream, &request, &mut answer).await?;
        heard.micros.push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        if status == expected.status {
            if let Some(leaves) = expected.leaves {
                *heard.kept.entry(leaves).or_default() += 1;
            }
        } else {
            heard.errors += 1;
            heard.first_error.get_or_insert_with(|| String::from_utf8_lossy(&answer).into_owned());
        }
    }
}

/// Sends a request and reads the whole answer into `answer`; returns its status.
pub async fn answer_to(
    stream: &mut TcpStream,
    request: &[u8],
    answer: &mut Vec<u8>,
) -> io::Result<u16> {
    stream.write_all(request).await?;
    answer.clear();
    loop {
        if stream.read_buf(answer).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        if let Some((status, length)) = head(answer)?
            && answer.len() >= length
        {
            return Ok(status);
        }
    }
}

/// Status and whole length of the answer that begins here, once its head has arrived.
fn head(answer: &[u8]) -> io::Result<Option<(u16, usize)>> {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let unreadable =
        || io::Error::new(io::ErrorKind::InvalidData, "an answer without status or length");
    let head =
        answer.get(..end).and_then(|head| str::from_utf8(head).ok()).ok_or_else(unreadable)?;
    let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(unreadable)?;
    let length: usize = head
        .split("\r\n")
        .filter_map(|line| line.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, value)| value.trim().parse().ok())
        .ok_or_else(unreadable)?;
    Ok(Some((status, end + 4 + length)))
}
