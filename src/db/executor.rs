//! The threads that own the connections.
//!
//! A request puts one closure, its whole unit of work, into one bounded queue that is fair among
//! practices, and awaits one answer. On SQLite readers share one queue and a single writer owns
//! the other: it opens `BEGIN IMMEDIATE`, runs each waiting unit inside its own savepoint, commits
//! once for the group and only then answers. On PostgreSQL every thread takes both kinds of work,
//! a transaction each.
//!
//! `web::block` with a pool was rejected: a third of the durable writes per second and a
//! hundred times the tail (`docs/adr/0003`).

use std::cell::Cell;
use std::sync::Arc;
use std::thread;
use std::time::Instant as Moment;

use prometheus_client::registry::Registry;
use tokio::sync::oneshot;

use super::conn::{Conn, Purpose};
use super::id::PracticeId;
use super::lane::Lane;
use super::measures::{LaneView, Measures, Refused};
use super::queue::{Pushed, Queue};
use super::url::DatabaseUrl;
use crate::error::{Error, Result};

/// Sizes, all bounded at start by the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// SQLite: reader threads. PostgreSQL: connections, each used for reads and writes.
    pub threads: usize,
    /// Units that may wait in each queue before callers are answered 503.
    pub queue: usize,
    /// SQLite: units that share one commit at the most.
    pub group: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { threads: 4, queue: 512, group: 64 }
    }
}

/// What a thread does with a connection: run the unit, say whether to keep its effect, and
/// how to tell the caller once the transaction has ended.
pub(super) type Work = Box<dyn FnOnce(std::result::Result<&mut Conn, Error>) -> Outcome + Send>;

pub(super) struct Outcome {
    pub(super) keep: bool,
    pub(super) tell: Box<dyn FnOnce(std::result::Result<(), Error>) + Send>,
}

/// A unit of work that waits for a thread.
pub(super) struct Job {
    pub(super) work: Work,
    pub(super) purpose: Purpose,
    pub(super) practice: Option<PracticeId>,
    /// Not beside another such of its practice.
    pub(super) alone: bool,
    pub(super) queued: Moment,
}

impl Job {
    /// Tells the caller that it is not begun.
    pub(super) fn refuse(self, why: Refused) {
        let outcome = (self.work)(Err(Error::overloaded(why.reason())));
        (outcome.tell)(Ok(()));
    }
}

/// Runs units of work on the database. Cloning shares the threads, which end when the last
/// clone is dropped and their queues are empty.
#[derive(Clone)]
pub struct Executor {
    reads: Arc<Queue<Job>>,
    writes: Arc<Queue<Job>>,
    /// On SQLite one writer does everything alone; on PostgreSQL a practice's lock does.
    shares_lanes: bool,
    measures: Measures,
    threads: Arc<Threads>,
}

struct Threads {
    handles: Vec<thread::JoinHandle<()>>,
    queues: Vec<Arc<Queue<Job>>>,
}

/// Closes the queues and waits until the threads have closed their connections. A process that ended in the midst of
/// that was killed by libpq's library for TLS, which takes itself apart at exit whoever still uses it.
impl Drop for Threads {
    fn drop(&mut self) {
        for queue in &self.queues {
            queue.close();
        }
        let own = thread::current().id();
        for one in self.handles.drain(..).filter(|one| one.thread().id() != own) {
            // A thread that panicked has said so itself.
            drop(one.join());
        }
    }
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor")
            .field("threads", &self.threads.handles.len())
            .finish_non_exhaustive()
    }
}

impl Executor {
    /// Starts the threads. Connections are opened by the threads themselves and opened
    /// again, with back-off, whenever they break.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn start(url: &DatabaseUrl, settings: Settings) -> std::io::Result<Self> {
        let measures = Measures::default();
        let writes = Arc::new(Queue::new(settings.queue));
        let shares_lanes = url.is_postgres();
        let reads =
            if shares_lanes { Arc::clone(&writes) } else { Arc::new(Queue::new(settings.queue)) };
        let lane = |name: &'static str, purpose, queue: &Arc<Queue<Job>>, group| Lane {
            url: url.clone(),
            purpose,
            queue: Arc::clone(queue),
            group,
            measures: measures.of_lane(name),
            commit_took: Cell::default(),
        };
        let mut handles = Vec::new();
        for number in 0..settings.threads {
            let (name, purpose) =
                if shares_lanes { ("all", Purpose::Write) } else { ("read", Purpose::Read) };
            handles.push(lane(name, purpose, &reads, 1).spawn(format!("database-{number}"))?);
        }
        if !shares_lanes {
            let writer = lane("write", Purpose::Write, &writes, settings.group);
            handles.push(writer.spawn("writer".to_owned())?);
        }
        let queues = vec![Arc::clone(&reads), Arc::clone(&writes)];
        let threads = Arc::new(Threads { handles, queues });
        Ok(Self { reads, writes, shares_lanes, measures, threads })
    }

    /// Shows what it measures of itself, and how its lanes stand at this moment.
    pub(crate) fn register(&self, registry: &mut Registry) {
        self.measures.register(&self.lanes(), registry);
    }

    /// Whether PostgreSQL is behind it.
    #[must_use]
    pub fn serves_postgres(&self) -> bool {
        self.shares_lanes
    }

    fn lanes(&self) -> Vec<LaneView> {
        let threads = self.threads.handles.len();
        if self.shares_lanes {
            return vec![LaneView { lane: "all", threads, waiting: self.writes.len() }];
        }
        vec![
            LaneView {
                lane: "read",
                threads: threads.saturating_sub(1),
                waiting: self.reads.len(),
            },
            LaneView { lane: "write", threads: 1, waiting: self.writes.len() },
        ]
    }

    /// Runs a unit that only reads, in one snapshot.
    ///
    /// # Errors
    /// The unit's own; [`Error::overloaded`] when the queue is full or the database cannot
    /// be reached.
    pub async fn read<T, F>(&self, practice: Option<PracticeId>, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.send(&self.reads, Purpose::Read, practice, unit).await
    }

    /// Runs a unit that reads what a practice has of some time, in one snapshot.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub async fn search<T, F>(&self, practice: Option<PracticeId>, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.send(&self.reads, Purpose::Search, practice, unit).await
    }

    /// Runs a unit that writes, in one transaction, and answers after the commit is durable.
    /// An error takes back everything that the unit did.
    ///
    /// Units of one practice run one after another on both databases (`docs/adr/0004`):
    /// whatever a unit has read is still true when it writes.
    ///
    /// # Errors
    /// The unit's own; [`Error::overloaded`] as for [`Self::read`].
    pub async fn write<T, F>(&self, practice: Option<PracticeId>, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        self.send(&self.writes, Purpose::Write, practice, unit).await
    }

    async fn send<T, F>(
        &self,
        queue: &Queue<Job>,
        purpose: Purpose,
        practice: Option<PracticeId>,
        unit: F,
    ) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Conn) -> Result<T> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let work: Work = Box::new(move |conn| {
            let result = conn.and_then(unit);
            Outcome {
                keep: result.is_ok(),
                // A caller that went away has lost its answer, not its effect.
                tell: Box::new(move |ended| drop(answer.send(ended.and(result)))),
            }
        });
        let alone = self.shares_lanes && purpose == Purpose::Write && practice.is_some();
        let job = Job { work, purpose, practice, alone, queued: Moment::now() };
        match queue.push(practice, alone, job) {
            Pushed::Waits => {}
            Pushed::InsteadOf(job) | Pushed::Full(job) => {
                self.measures.refuse(Refused::QueueFull);
                job.refuse(Refused::QueueFull);
            }
            Pushed::Closed(job) => job.refuse(Refused::Stopped),
        }
        // The sender is dropped without a word only when the unit panicked, or when the
        // connection broke in the middle of its group.
        answered.await.unwrap_or_else(|_| Err(Error::internal("unit of work was lost")))
    }
}
