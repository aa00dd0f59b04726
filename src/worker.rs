//! What happens without a request: holds take effect at their time, clinicians are called, and occurrences are made
//! ahead.
//!
//! Several replicas may work at once. Each piece of work is a unit of its own, claimed inside it, and one
//! that fails is tried again the next time.

use diesel::dsl::{exists, sql};
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::alerts::paging;
use crate::auth::{Acting, Gate, Tx};
use crate::db::id::{AlertId, AssignmentId, HoldId, IdSource, PracticeId};
use crate::db::schema::{alerts, assignments, holds, practices};
use crate::db::{Conn, Executor, Instant};
use crate::error::{Error, Result};
use crate::holds::effect;
use crate::notifier::Notifier;
use crate::occurrences::making;
use crate::operations::metrics::WorkerMetrics;
use crate::telemetry::request::Cause;

/// Does everything that is due at this moment. What fails is logged, stays due, and keeps nothing else
/// from being done.
pub async fn tick(
    executor: &Executor,
    gate: &Gate,
    notifier: &Notifier,
    metrics: &WorkerMetrics,
    now: Instant,
) {
    let worker = Worker { executor, gate, notifier, metrics, now };
    let practices = match executor.read(None, move |conn| practices_at_work(conn, now)).await {
        Ok(practices) => practices,
        Err(error) => return worker.complain(&error, "what is due could not be read"),
    };
    let mut all_kept = true;
    for practice in &practices {
        all_kept &= worker.keep_safe(*practice).await;
    }
    for practice in practices {
        worker.make_ahead(practice).await;
    }
    // A worker that calls nobody is as late as one that stands still.
    if all_kept {
        metrics.round(now);
    }
}

/// So many assignments are looked at in one transaction, and so many in one round.
const ASSIGNMENTS_A_UNIT: i64 = 50;
const ASSIGNMENTS_A_ROUND: usize = 1000;
/// After so long what has failed is tried again.
const FAILED_AGAIN_SECONDS: i64 = 3600;

struct Worker<'a> {
    executor: &'a Executor,
    gate: &'a Gate,
    notifier: &'a Notifier,
    metrics: &'a WorkerMetrics,
    now: Instant,
}

impl Worker<'_> {
    /// Lets holds take effect and calls clinicians; true when all of it is done. No other practice's homework comes
    /// before that.
    async fn keep_safe(&self, practice: PracticeId) -> bool {
        let held = match self.look(practice, effect::due).await {
            Ok(due) => self.enact(practice, due).await,
            Err(error) => self.unless_done(&Err(error), "due holds could not be read"),
        };
        let called = match self.look(practice, paging::due).await {
            Ok(due) => self.call(practice, due).await,
            Err(error) => self.unless_done(&Err(error), "due calls could not be read"),
        };
        held && called
    }

    async fn enact(&self, practice: PracticeId, due: Vec<(HoldId, Instant)>) -> bool {
        let mut all = true;
        for (hold, at) in due {
            // Whatever a hold changes bears the hold's own time, and not that of the worker.
            let done = self.unit(practice, at, move |tx| effect::enact(tx, hold)).await;
            all &= self.unless_done(&done, "a hold could not take effect");
        }
        all
    }

    async fn call(&self, practice: PracticeId, due: Vec<AlertId>) -> bool {
        let mut all = true;
        for alert in due {
            let notifier = self.notifier.clone();
            let call = move |tx: &mut Tx<'_>| paging::call(tx, alert, &notifier);
            let done = self.unit(practice, self.now, call).await;
            all &= self.unless_done(&done, "a clinician could not be called");
        }
        all
    }

    /// Makes occurrences ahead and ends what is over, some assignments to a transaction. What is left when the round
    /// has done its share comes next time, after the holds and calls of then.
    async fn make_ahead(&self, practice: PracticeId) {
        let (mut assignments, mut occurrences) = (0, 0);
        while assignments < ASSIGNMENTS_A_ROUND {
            let due = match self.look(practice, |tx| making::due(tx, ASSIGNMENTS_A_UNIT)).await {
                Ok(due) if due.is_empty() => break,
                Ok(due) => due,
                Err(error) => return self.complain(&error, "due schedules could not be read"),
            };
            let batch = due.clone();
            let together = move |tx: &mut Tx<'_>| {
                batch.iter().try_fold(0, |sum, (id, at)| Ok(sum + making::work(tx, *id, *at)?))
            };
            assignments += due.len();
            match self.unit(practice, self.now, together).await {
                Ok(made) => occurrences += made,
                // One that cannot be done keeps nothing else from being done.
                Err(_) => occurrences += self.make_each(practice, due).await,
            }
        }
        if assignments > 0 {
            self.metrics.made(occurrences);
            tracing::info!(assignments, occurrences, "occurrences made ahead");
        }
    }

    async fn make_each(&self, practice: PracticeId, due: Vec<(AssignmentId, Instant)>) -> usize {
        let mut made = 0;
        for (id, at) in due {
            let one = move |tx: &mut Tx<'_>| making::work(tx, id, at);
            match self.unit(practice, self.now, one).await {
                Ok(count) => made += count,
                Err(error) => {
                    self.complain(&error, "occurrences could not be made");
                    let later = self.now.plus_seconds(FAILED_AGAIN_SECONDS);
                    let put_off = move |tx: &mut Tx<'_>| making::put_off(tx, id, later);
                    self.unless_done(
                        &self.unit(practice, self.now, put_off).await,
                        "a schedule is stuck",
                    );
                }
            }
        }
        made
    }

    /// What is due for a practice.
    async fn look<T, F>(&self, practice: PracticeId, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let (gate, now) = (self.gate.clone(), self.now);
        let work = move |conn: &mut Conn| {
            gate.operate(conn, Acting::Operator(practice), &IdSource::Random, now, unit)
        };
        self.executor.read(Some(practice), work).await
    }

    /// One transaction for a practice, at this time.
    async fn unit<T, F>(&self, practice: PracticeId, at: Instant, unit: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>) -> Result<T> + Send + 'static,
    {
        let gate = self.gate.clone();
        let work = move |conn: &mut Conn| {
            gate.operate(conn, Acting::Operator(practice), &IdSource::Random, at, unit)
        };
        self.executor.write(Some(practice), work).await
    }

    /// Complains of what was not done; true when it was.
    fn unless_done(&self, done: &Result<()>, what: &'static str) -> bool {
        if let Err(error) = done {
            self.complain(error, what);
        }
        done.is_ok()
    }

    fn complain(&self, error: &Error, what: &'static str) {
        self.metrics.failed();
        tracing::error!(code = error.code().as_str(), cause = Cause::of(error), "{what}");
    }
}

/// The practices for which something is due, by the indexes on what is: a bound word would hide that of
/// holds from SQLite, and a `DISTINCT` would make it read whole tables.
fn practices_at_work(conn: &mut Conn, now: Instant) -> Result<Vec<PracticeId>> {
    let mut found: Vec<PracticeId> = holds::table
        .filter(sql::<Bool>("status = 'placed'"))
        .filter(holds::effective_at.le(now))
        .select(holds::practice_id)
        .load(conn)?;
    let called: Vec<PracticeId> = alerts::table
        .filter(alerts::next_page_at.le(now))
        .select(alerts::practice_id)
        .load(conn)?;
    // Many assignments of one practice are due at once, and each practice is asked for one.
    let due = assignments::table
        .filter(assignments::practice_id.eq(practices::practice_id))
        .filter(assignments::work_at.le(now));
    let made: Vec<PracticeId> =
        practices::table.filter(exists(due)).select(practices::practice_id).load(conn)?;
    found.extend(called);
    found.extend(made);
    found.sort_unstable();
    found.dedup();
    Ok(found)
}
