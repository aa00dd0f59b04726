//! Overload: ten times as many callers as at the peak, all of one practice, and another practice that goes on with its
//! work beside them.

use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use attune::db::id::PracticeId;
use serde::Serialize;
use tokio::net::TcpStream;
use tokio::task::LocalSet;

use crate::generator::{Chance, PATIENCE, answer_to, connect};
use crate::kept::{self, Rows};
use crate::options::Options;
use crate::place::{Kind, Place};
use crate::scenario::{Ask, Group};
use crate::server::{Servers, Which};
use crate::{Outcome, client_scenarios, homework_scenarios, mixed, people};

/// What runs it alone: `--only overload`.
pub const NAME: &str = "overload";

/// How many callers there are for each at the peak.
const TIMES: usize = 10;
/// Those of the other practice, and how long each waits from one request to the next.
const NEIGHBOURS: usize = 4;
const PACE: Duration = Duration::from_millis(50);
/// Every phase takes as long as so many rounds.
const ROUNDS: f64 = 3.0;
/// After the flood those of the peak ask again for so many slices; the first in which they reach it ends the recovery.
const SLICE: Duration = Duration::from_millis(500);
const SLICES: u32 = 20;
/// What of the peak counts as recovered.
const RECOVERED: f64 = 0.9;

/// What a refused caller does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Manner {
    /// Waits as long as `Retry-After` says, and up to half as long more at random, as the page of the problem asks.
    Waits,
    /// Asks again at once.
    AsksAtOnce,
}

impl fmt::Display for Manner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Waits => "waits",
            Self::AsksAtOnce => "asks at once",
        })
    }
}

/// What came of one flood.
#[derive(Debug, Serialize)]
pub struct Flood {
    /// The database.
    pub database: Kind,
    /// Submissions in it.
    pub scale: u64,
    /// What a refused caller did.
    pub manner: Manner,
    /// Callers at the peak, and in the flood.
    pub callers: (usize, usize),
    /// Good answers a second at the peak.
    pub peak: f64,
    /// Requests a second in the flood.
    pub offered: f64,
    /// Good answers a second in the flood.
    pub good: f64,
    /// Refused with `Retry-After`.
    pub refused: u64,
    /// Any other answer.
    pub errors: u64,
    /// The first of them.
    pub first_error: Option<String>,
    /// Good answers a second to the other practice while nobody else asks, at the peak and in the flood.
    pub neighbour: [f64; 3],
    /// Seconds from the flood's last request until the peak was reached again.
    pub recovered_in: Option<f64>,
    /// Good answers to those of the peak after the flood, in each half second.
    pub afterwards: Vec<u64>,
}

/// What some callers heard until the end of a phase; changes also after it.
#[derive(Debug, Default)]
struct Told {
    asked: u64,
    good: u64,
    refused: u64,
    errors: u64,
    first_error: Option<String>,
    changes: u64,
    /// The good ones by the slice in which they came.
    slices: Vec<u64>,
}

impl Told {
    fn count_good(&mut self, since_start: Duration) {
        let slice =
            usize::try_from(since_start.as_millis() / SLICE.as_millis()).unwrap_or_default();
        self.good += 1;
        self.slices.resize(self.slices.len().max(slice + 1), 0);
        if let Some(count) = self.slices.get_mut(slice) {
            *count += 1;
        }
    }

    fn add(&mut self, other: Self) {
        self.slices.resize(self.slices.len().max(other.slices.len()), 0);
        for (slice, more) in self.slices.iter_mut().zip(other.slices) {
            *slice += more;
        }
        self.asked += other.asked;
        self.good += other.good;
        self.refused += other.refused;
        self.errors += other.errors;
        self.changes += other.changes;
        self.first_error = self.first_error.take().or(other.first_error);
    }
}

/// Both floods on one database. What came of them is handed out before it is checked, so that it is kept whatever
/// comes of that.
pub async fn measure(
    place: &Place,
    servers: &Servers,
    groups: &[Group],
    neighbour: PracticeId,
    options: &Options,
    floods: &mut Vec<Flood>,
) -> Outcome<()> {
    let find = |name: &str| {
        let mut all = groups.iter().flat_map(|group| &group.scenarios);
        all.find(|scenario| scenario.name == name).map(|scenario| Rc::clone(&scenario.ask))
    };
    let (inbox, check_in) = (find(homework_scenarios::INBOX), find(homework_scenarios::CHECK_IN));
    let (Some(inbox), Some(check_in)) = (inbox, check_in) else {
        return Err("no scenarios of homework".into());
    };
    let neighbour = people::desk(&mut place.open()?, neighbour)?;
    let stage = Stage {
        address: servers.address(Which::Service),
        flood: mixed::any(vec![(80, inbox), (20, check_in)]),
        neighbour: client_scenarios::of_neighbour(place, &neighbour)?,
        callers: options.connections.iter().copied().max().unwrap_or(1),
        length: Duration::from_secs_f64(options.seconds * ROUNDS),
    };
    for manner in [Manner::Waits, Manner::AsksAtOnce] {
        let before = Rows::count(&mut place.open()?)?;
        let (flood, acknowledged) = stage.flood(place, manner).await?;
        floods.push(flood);
        kept::check_flood(before, Rows::count(&mut place.open()?)?, acknowledged)?;
    }
    Ok(())
}

/// What came of one phase.
struct Phase {
    /// Those of the one practice.
    crowd: Told,
    /// Those of the other.
    beside: Told,
    /// When they began to ask.
    start: Instant,
    /// When they stopped asking. What was asked before is answered after it.
    end: Instant,
}

/// Callers of one practice, each with a connection.
struct Callers<'a> {
    count: usize,
    ask: &'a Ask,
    /// From one request of each to the next; without it they ask as soon as they may.
    pace: Option<Duration>,
}

/// Who asks whom for what.
struct Stage {
    address: SocketAddr,
    flood: Ask,
    neighbour: Ask,
    callers: usize,
    length: Duration,
}

impl Stage {
    /// What came of it, and how many submissions and clients were acknowledged.
    async fn flood(&self, place: &Place, manner: Manner) -> Outcome<(Flood, [u64; 2])> {
        let callers = self.callers * TIMES;
        let alone = self.phase(0, manner, self.length).await?;
        let peak = self.phase(self.callers, manner, self.length).await?;
        let flood = self.phase(callers, manner, self.length).await?;
        let a_second = |count: u64| real(count) / self.length.as_secs_f64();
        let mut found = Flood {
            database: place.kind,
            scale: place.scale,
            manner,
            callers: (self.callers, callers),
            peak: a_second(peak.crowd.good),
            offered: a_second(flood.crowd.asked),
            good: a_second(flood.crowd.good),
            refused: flood.crowd.refused,
            errors: 0,
            first_error: None,
            neighbour: [&alone, &peak, &flood].map(|phase| a_second(phase.beside.good)),
            recovered_in: None,
            afterwards: Vec::new(),
        };
        let again = self.phase(self.callers, manner, SLICE * SLICES).await?;
        let enough = found.peak * RECOVERED * SLICE.as_secs_f64();
        let reached = again.crowd.slices.iter().position(|good| real(*good) >= enough);
        found.recovered_in = reached.map(|slice| {
            // With what the flood had left to be answered before those of the peak could begin.
            let slices = u32::try_from(slice + 1).unwrap_or(SLICES);
            (again.start + SLICE * slices - flood.end).as_secs_f64()
        });
        found.afterwards.clone_from(&again.crowd.slices);
        let (mut crowd, mut neighbours) = (Told::default(), Told::default());
        for phase in [alone, peak, flood, again] {
            crowd.add(phase.crowd);
            neighbours.add(phase.beside);
        }
        let acknowledged = [crowd.changes, neighbours.changes];
        crowd.add(neighbours);
        (found.errors, found.first_error) = (crowd.errors, crowd.first_error);
        Ok((found, acknowledged))
    }

    /// So many callers of the one practice and those of the other beside them, each told apart.
    async fn phase(&self, callers: usize, manner: Manner, length: Duration) -> Outcome<Phase> {
        let crowd = Callers { count: callers, ask: &self.flood, pace: None };
        let beside = Callers { count: NEIGHBOURS, ask: &self.neighbour, pace: Some(PACE) };
        let (crowd, beside) =
            (crowd.connect(self.address).await?, beside.connect(self.address).await?);
        let (local, start) = (LocalSet::new(), Instant::now());
        let end = start + length;
        let [crowd, beside] = [crowd, beside].map(|all| {
            let talk = |caller: Caller| local.spawn_local(caller.talk(manner, start, end));
            all.into_iter().map(talk).collect::<Vec<_>>()
        });
        let together = local.run_until(async {
            let mut told = [Told::default(), Told::default()];
            for (told, tasks) in told.iter_mut().zip([crowd, beside]) {
                for task in tasks {
                    told.add(task.await??);
                }
            }
            Ok::<_, Box<dyn std::error::Error>>(told)
        });
        let late = "overload: an answer is owed for a minute";
        let told = tokio::time::timeout(length + PATIENCE, together).await.map_err(|_| late)??;
        let [crowd, beside] = told;
        Ok(Phase { crowd, beside, start, end })
    }
}

impl Callers<'_> {
    async fn connect(&self, address: SocketAddr) -> Outcome<Vec<Caller>> {
        let streams = connect(&[address], self.count).await?;
        let caller = |stream| Caller { stream, ask: Rc::clone(self.ask), pace: self.pace };
        Ok(streams.into_iter().map(caller).collect())
    }
}

struct Caller {
    stream: TcpStream,
    ask: Ask,
    pace: Option<Duration>,
}

impl Caller {
    async fn talk(mut self, manner: Manner, start: Instant, end: Instant) -> std::io::Result<Told> {
        let (mut told, mut chance) = (Told::default(), Chance::new());
        let (mut request, mut answer) = (Vec::new(), Vec::with_capacity(4096));
        loop {
            let sent = Instant::now();
            if sent >= end {
                return Ok(told);
            }
            request.clear();
            let expected = (self.ask)(&mut chance, &mut request);
            told.asked += 1;
            let status = answer_to(&mut self.stream, &request, &mut answer).await?;
            let answered = Instant::now();
            let mut rest = self.pace.map(|pace| sent + pace);
            match (status, retry_after(&answer)) {
                (status, _) if status == expected.status => {
                    if answered < end {
                        told.count_good(answered - start);
                    }
                    told.changes += u64::from(expected.leaves.is_some());
                }
                // The service has no budgets here, so that 429 would be an error.
                (503, Some(seconds)) => {
                    told.refused += 1;
                    if manner == Manner::Waits {
                        let most = usize::try_from(seconds * 500).unwrap_or_default();
                        let more = u64::try_from(chance.below(most)).unwrap_or_default();
                        let wait = Duration::from_secs(seconds) + Duration::from_millis(more);
                        rest = Some(Instant::now() + wait);
                    }
                }
                _ => {
                    told.errors += 1;
                    let text = || String::from_utf8_lossy(&answer).into_owned();
                    told.first_error.get_or_insert_with(text);
                }
            }
            if let Some(rest) = rest {
                tokio::time::sleep_until(rest.min(end).into()).await;
            }
        }
    }
}

/// The seconds that an answer asks its caller to wait.
fn retry_after(answer: &[u8]) -> Option<u64> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let mut headers = head.split("\r\n").filter_map(|line| line.split_once(':'));
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case("retry-after"))?;
    value.trim().parse().ok()
}

impl Flood {
    /// What of the peak is left.
    pub fn goodput(&self) -> f64 {
        self.good / self.peak
    }

    /// What the other practice keeps of what it has while nobody else asks.
    pub fn kept_by_neighbour(&self) -> f64 {
        let [alone, _, beside] = self.neighbour;
        beside / alone
    }
}

fn real(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
