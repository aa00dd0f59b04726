//! The threads that own the connections.
//!
//! A request sends one closure, its whole unit of work, over one bounded channel and awaits
//! one answer. On SQLite readers share one queue and a single writer owns the other: it
//! opens `BEGIN IMMEDIATE`, runs each waiting unit inside its own savepoint, commits once
//! for the group and only then answers. On PostgreSQL every thread takes both kinds of work,
//! a transaction each.
//!
//! `web::block` with a pool was rejected: a third of the durable writes per second and a
//! hundred times the tail (`docs/adr/0003`).

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant as Moment};

use diesel::connection::SimpleConnection;
use flume::{Receiver, RecvTimeoutError, Sender, TrySendError};
use tokio::sync::oneshot;

use super::conn::{Conn, Purpose};
use super::id::PracticeId;
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
        Self { threads: 4, queue: 1024, group: 64 }
    }
}

/// A unit waits this long at the most before a thread takes it; later it is answered 503
/// and not begun, so that a 503 always means "nothing was done".
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_BACK_OFF: Duration = Duration::from_millis(50);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(5);

/// What a thread does with a connection: run the unit, say whether to keep its effect, and
/// how to tell the caller once the transaction has ended.
type Work = Box<dyn FnOnce(std::result::Result<&mut Conn, Error>) -> Outcome + Send>;

struct Outcome {
    keep: bool,
    tell: Box<dyn FnOnce(std::result::Result<(), Error>) + Send>,
}

struct Job {
    work: Work,
    purpose: Purpose,
    practice: Option<PracticeId>,
    queued: Moment,
}

impl Job {
    fn refuse(self, error: Error) {
        let outcome = (self.work)(Err(error));
        (outcome.tell)(Ok(()));
    }
}

/// Runs units of work on the database. Cloning shares the threads, which end when the last
/// clone is dropped and their queues are empty.
#[derive(Clone)]
pub struct Executor {
    reads: Sender<Job>,
    writes: Sender<Job>,
    /// Dropped after the senders, which end the threads that it waits for.
    threads: Arc<Threads>,
}

struct Threads(Vec<thread::JoinHandle<()>>);

/// Waits until the threads have closed their connections. A process that ended in the midst of that was killed by
/// libpq's library for TLS, which takes itself apart at exit whoever still uses it. The queues are closed by now: the
/// senders of the last clone are dropped before this is.
impl Drop for Threads {
    fn drop(&mut self) {
        let own = thread::current().id();
        for one in self.0.drain(..).filter(|one| one.thread().id() != own) {
            // A thread that panicked has said so itself.
            drop(one.join());
        }
    }
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Executor").field("threads", &self.threads.0.len()).finish_non_exhaustive()
    }
}

impl Executor {
    /// Starts the threads. Connections are opened by the threads themselves and opened
    /// again, with back-off, whenever they break.
    ///
    /// # Errors
    /// When the operating system refuses a thread.
    pub fn start(url: &DatabaseUrl, settings: Settings) -> std::io::Result<Self> {
        let (writes, write_queue) = flume::bounded(settings.queue);
        let mut threads = Vec::new();
        let reads = if url.is_postgres() {
            for number in 0..settings.threads {
                let lane = Lane::new(url, Purpose::Write, write_queue.clone(), 1);
                threads.push(lane.spawn(format!("database-{number}"))?);
            }
            writes.clone()
        } else {
            let lane = Lane::new(url, Purpose::Write, write_queue, settings.group);
            threads.push(lane.spawn("writer".to_owned())?);
            let (reads, read_queue) = flume::bounded(settings.queue);
            for number in 0..settings.threads {
                let lane = Lane::new(url, Purpose::Read, read_queue.clone(), 1);
                threads.push(lane.spawn(format!("reader-{number}"))?);
            }
            reads
        };
        Ok(Self { reads, writes, threads: Arc::new(Threads(threads)) })
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
        Self::send(&self.reads, Purpose::Read, practice, unit).await
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
        Self::send(&self.writes, Purpose::Write, practice, unit).await
    }

    async fn send<T, F>(
        queue: &Sender<Job>,
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
        let job = Job { work, purpose, practice, queued: Moment::now() };
        match queue.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => return Err(Error::overloaded("queue full")),
            Err(TrySendError::Disconnected(_)) => return Err(Error::overloaded("stopped")),
        }
        // The sender is dropped without a word only when the unit panicked, or when the
        // connection broke in the middle of its group.
        answered.await.unwrap_or_else(|_| Err(Error::internal("unit of work was lost")))
    }
}

/// One thread, one connection, one queue.
struct Lane {
    url: DatabaseUrl,
    purpose: Purpose,
    queue: Receiver<Job>,
    group: usize,
}

/// The connection can no longer be trusted; open another.
struct Broken;

impl Lane {
    fn new(url: &DatabaseUrl, purpose: Purpose, queue: Receiver<Job>, group: usize) -> Self {
        Self { url: url.clone(), purpose, queue, group }
    }

    fn spawn(self, name: String) -> std::io::Result<thread::JoinHandle<()>> {
        thread::Builder::new().name(name).spawn(move || self.run())
    }

    fn run(self) {
        let mut back_off = FIRST_BACK_OFF;
        loop {
            match Conn::open(&self.url, self.purpose) {
                Ok(mut conn) => {
                    back_off = FIRST_BACK_OFF;
                    if self.serve(&mut conn).is_ok() {
                        return;
                    }
                    tracing::warn!("database connection lost, opening another");
                }
                Err(error) => {
                    tracing::error!(%error, "database cannot be reached");
                    if !self.refuse_for(back_off) {
                        return;
                    }
                    back_off = (back_off * 2).min(LONGEST_BACK_OFF);
                }
            }
        }
    }

    /// Serves until the queue is closed (`Ok`) or the connection breaks.
    fn serve(&self, conn: &mut Conn) -> std::result::Result<(), Broken> {
        while let Ok(first) = self.queue.recv() {
            if self.group > 1 {
                self.serve_group(conn, first)?;
            } else {
                serve_one(conn, first)?;
            }
        }
        Ok(())
    }

    /// Answers 503 to whatever arrives while there is no connection. False when the queue
    /// is closed.
    fn refuse_for(&self, pause: Duration) -> bool {
        let end = Moment::now() + pause;
        loop {
            match self.queue.recv_deadline(end) {
                Ok(job) => job.refuse(Error::overloaded("database unreachable")),
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// One transaction for every unit that waits, each inside its own savepoint.
    fn serve_group(&self, conn: &mut Conn, first: Job) -> std::result::Result<(), Broken> {
        if let Err(error) = begin(conn, Purpose::Write, None) {
            first.refuse(Error::overloaded("transaction refused"));
            tracing::error!(%error, "no transaction could be opened");
            return Err(Broken);
        }
        let mut outcomes = Vec::with_capacity(self.group);
        let mut next = Some(first);
        while let Some(job) = next {
            if job.queued.elapsed() > PATIENCE {
                job.refuse(Error::overloaded("waited too long"));
            } else {
                // When not even a savepoint can be made, everything of this group is lost
                // with the connection: dropping the outcomes tells every caller.
                outcomes.extend(run_in_savepoint(conn, job.work)?);
            }
            next = if outcomes.len() < self.group { self.queue.try_recv().ok() } else { None };
        }
        let ended = conn.batch_execute("COMMIT");
        let broken = ended.is_err();
        if broken {
            drop(conn.batch_execute("ROLLBACK"));
        }
        for outcome in outcomes {
            // A failed commit fails every unit of the group, and each caller is told.
            let ended = if broken { Err(Error::internal("commit failed")) } else { Ok(()) };
            (outcome.tell)(ended);
        }
        if broken { Err(Broken) } else { Ok(()) }
    }
}

/// One transaction for one unit.
fn serve_one(conn: &mut Conn, job: Job) -> std::result::Result<(), Broken> {
    if job.queued.elapsed() > PATIENCE {
        job.refuse(Error::overloaded("waited too long"));
        return Ok(());
    }
    if let Err(error) = begin(conn, job.purpose, job.practice) {
        job.refuse(Error::overloaded("transaction refused"));
        tracing::error!(%error, "no transaction could be opened");
        return Err(Broken);
    }
    let outcome = run(conn, job.work);
    let keep = outcome.as_ref().is_some_and(|outcome| outcome.keep);
    let ended = conn.batch_execute(if keep { "COMMIT" } else { "ROLLBACK" });
    let broken = ended.is_err();
    if let Some(outcome) = outcome {
        (outcome.tell)(ended.map_err(Error::from));
    }
    if broken { Err(Broken) } else { Ok(()) }
}

/// The one place that opens a transaction, and the one that sets the practice in it.
///
/// On PostgreSQL reads see one snapshot, and a write takes the practice's lock, so that the
/// writes of one practice follow one another as they do on SQLite (`docs/adr/0004`). The
/// setting and the lock are undone by the end of the transaction, whatever it is. A group
/// on SQLite holds several practices' units, and there is nothing to set there.
fn begin(
    conn: &mut Conn,
    purpose: Purpose,
    practice: Option<PracticeId>,
) -> diesel::QueryResult<()> {
    #[cfg(not(feature = "postgres"))]
    let _ = practice;
    match conn {
        Conn::Sqlite(conn) => conn.batch_execute(match purpose {
            Purpose::Read => "BEGIN",
            Purpose::Write => "BEGIN IMMEDIATE",
        }),
        #[cfg(feature = "postgres")]
        Conn::Pg(conn) => {
            let begin = match purpose {
                Purpose::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
                Purpose::Write => "BEGIN",
            };
            let Some(practice) = practice else { return conn.batch_execute(begin) };
            let uuid = practice.uuid();
            let lock = match purpose {
                Purpose::Read => String::new(),
                Purpose::Write => {
                    let (high, low) = uuid.as_u64_pair();
                    let key = i64::from_be_bytes((high ^ low).to_be_bytes());
                    format!("SELECT pg_advisory_xact_lock({key})")
                }
            };
            let sql = format!("{begin}; SET LOCAL attune.practice_id = '{uuid}'; {lock}");
            conn.batch_execute(&sql)
        }
    }
}

fn run(conn: &mut Conn, work: Work) -> Option<Outcome> {
    catch_unwind(AssertUnwindSafe(|| work(Ok(conn)))).ok()
}

fn run_in_savepoint(conn: &mut Conn, work: Work) -> std::result::Result<Option<Outcome>, Broken> {
    conn.batch_execute("SAVEPOINT unit").map_err(|_| Broken)?;
    let outcome = run(conn, work);
    let end = match &outcome {
        Some(Outcome { keep: true, .. }) => "RELEASE unit",
        _ => "ROLLBACK TO unit; RELEASE unit",
    };
    conn.batch_execute(end).map_err(|_| Broken)?;
    Ok(outcome)
}
