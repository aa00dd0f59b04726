//! The threads that serve the queues, each with a connection of its own.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant as Moment};

use diesel::connection::SimpleConnection;

use super::conn::{Conn, Purpose};
use super::executor::{Job, Outcome, Work};
use super::id::PracticeId;
use super::measures::{LaneMeasures, Refused};
use super::queue::{Queue, Taken};
use super::url::DatabaseUrl;
use crate::error::Error;

/// A unit waits this long at the most before a thread takes it; later it is answered 503
/// and not begun, so that a 503 always means "nothing was done".
const PATIENCE: Duration = Duration::from_secs(10);
/// A group takes in nobody after so long, or after as long as the last commit took on a slow disk: whoever came first
/// waits for all who came later, and another practice that writes now and then for the group that it has just missed.
const LONGEST_GROUP: Duration = Duration::from_millis(20);
const FIRST_BACK_OFF: Duration = Duration::from_millis(50);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(5);

/// One thread, one connection, one queue.
pub(super) struct Lane {
    pub(super) url: DatabaseUrl,
    pub(super) purpose: Purpose,
    pub(super) queue: Arc<Queue<Job>>,
    pub(super) group: usize,
    pub(super) measures: LaneMeasures,
    /// How long the last commit of a group took.
    pub(super) commit_took: Cell<Duration>,
}

/// The connection can no longer be trusted; open another.
struct Broken;

impl Lane {
    pub(super) fn spawn(self, name: String) -> std::io::Result<thread::JoinHandle<()>> {
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
        while let Some(first) = self.queue.take() {
            self.measures.busy.inc();
            let (practice, alone) = (first.practice, first.alone);
            let served = if self.group > 1 {
                self.serve_group(conn, first)
            } else {
                self.serve_one(conn, first)
            };
            if alone {
                self.queue.done_alone(practice);
            }
            self.measures.busy.dec();
            served?;
        }
        Ok(())
    }

    /// Answers 503 to whatever arrives while there is no connection. False when the queue
    /// is closed.
    fn refuse_for(&self, pause: Duration) -> bool {
        let end = Moment::now() + pause;
        loop {
            match self.queue.take_until(end) {
                Taken::One(job) => {
                    let (practice, alone) = (job.practice, job.alone);
                    self.refuse(job, Refused::Unreachable);
                    if alone {
                        self.queue.done_alone(practice);
                    }
                }
                Taken::Late => return true,
                Taken::Closed => return false,
            }
        }
    }

    fn refuse(&self, job: Job, why: Refused) {
        self.measures.refuse(why);
        job.refuse(why);
    }

    /// The job, unless it has waited for too long.
    fn in_time(&self, job: Job) -> Option<Job> {
        let waited = job.queued.elapsed();
        self.measures.wait.observe(waited.as_secs_f64());
        if waited <= PATIENCE {
            return Some(job);
        }
        self.refuse(job, Refused::Waited);
        None
    }

    /// One transaction for the units that wait, each inside its own savepoint.
    fn serve_group(&self, conn: &mut Conn, first: Job) -> std::result::Result<(), Broken> {
        if let Err(error) = begin(conn, Purpose::Write, None) {
            self.refuse(first, Refused::Unreachable);
            tracing::error!(%error, "no transaction could be opened");
            return Err(Broken);
        }
        let begun = Moment::now();
        let mut outcomes = Vec::with_capacity(self.group);
        let mut next = Some(first);
        while let Some(job) = next {
            if let Some(job) = self.in_time(job) {
                // When not even a savepoint can be made, everything of this group is lost
                // with the connection: dropping the outcomes tells every caller.
                outcomes.extend(self.run_in_savepoint(conn, job.work)?);
            }
            let longest = LONGEST_GROUP.max(self.commit_took.get());
            let has_room = outcomes.len() < self.group && begun.elapsed() < longest;
            next = if has_room { self.queue.take_now() } else { None };
        }
        self.measures.observe_group(outcomes.len());
        let (worked, ended) = (begun.elapsed(), conn.batch_execute("COMMIT"));
        self.commit_took.set(begun.elapsed().saturating_sub(worked));
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

    /// One transaction for one unit.
    fn serve_one(&self, conn: &mut Conn, job: Job) -> std::result::Result<(), Broken> {
        let Some(job) = self.in_time(job) else { return Ok(()) };
        let begun = Moment::now();
        if let Err(error) = begin(conn, job.purpose, job.practice) {
            self.refuse(job, Refused::Unreachable);
            tracing::error!(%error, "no transaction could be opened");
            return Err(Broken);
        }
        let outcome = run(conn, job.work);
        let keep = outcome.as_ref().is_some_and(|outcome| outcome.keep);
        let ended = conn.batch_execute(if keep { "COMMIT" } else { "ROLLBACK" });
        let broken = ended.is_err();
        self.measures.unit.observe(begun.elapsed().as_secs_f64());
        if let Some(outcome) = outcome {
            (outcome.tell)(ended.map_err(Error::from));
        }
        if broken { Err(Broken) } else { Ok(()) }
    }

    fn run_in_savepoint(
        &self,
        conn: &mut Conn,
        work: Work,
    ) -> std::result::Result<Option<Outcome>, Broken> {
        conn.batch_execute("SAVEPOINT unit").map_err(|_| Broken)?;
        let begun = Moment::now();
        let outcome = run(conn, work);
        self.measures.unit.observe(begun.elapsed().as_secs_f64());
        let end = match &outcome {
            Some(Outcome { keep: true, .. }) => "RELEASE unit",
            _ => "ROLLBACK TO unit; RELEASE unit",
        };
        conn.batch_execute(end).map_err(|_| Broken)?;
        Ok(outcome)
    }
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
            Purpose::Read | Purpose::Search => "BEGIN",
            Purpose::Write => "BEGIN IMMEDIATE",
        }),
        #[cfg(feature = "postgres")]
        Conn::Pg(conn) => {
            let begin = match purpose {
                Purpose::Read | Purpose::Search => {
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
                }
                Purpose::Write => "BEGIN",
            };
            let Some(practice) = practice else { return conn.batch_execute(begin) };
            let uuid = practice.uuid();
            let more = match purpose {
                Purpose::Read => String::new(),
                Purpose::Search => "SET LOCAL plan_cache_mode = force_custom_plan".to_owned(),
                Purpose::Write => {
                    let (high, low) = uuid.as_u64_pair();
                    let key = i64::from_be_bytes((high ^ low).to_be_bytes());
                    format!("SELECT pg_advisory_xact_lock({key})")
                }
            };
            let sql = format!("{begin}; SET LOCAL attune.practice_id = '{uuid}'; {more}");
            conn.batch_execute(&sql)
        }
    }
}

fn run(conn: &mut Conn, work: Work) -> Option<Outcome> {
    catch_unwind(AssertUnwindSafe(|| work(Ok(conn)))).ok()
}
