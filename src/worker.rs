//! What happens without a request: holds take effect at their time, and clinicians are called.
//!
//! Several replicas may work at once. Each piece of work is a unit of its own, claimed inside it, and one
//! that fails is tried again the next time.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Bool;

use crate::alerts::paging;
use crate::auth::{Acting, Gate, Tx};
use crate::db::id::{IdSource, PracticeId};
use crate::db::schema::{alerts, holds};
use crate::db::{Conn, Executor, Instant};
use crate::error::{Error, Result};
use crate::holds::effect;
use crate::http::frame::log_cause;
use crate::notifier::Notifier;

/// Does everything that is due at this moment. What fails is logged, stays due, and keeps nothing else
/// from being done.
pub async fn tick(executor: &Executor, gate: &Gate, notifier: &Notifier, now: Instant) {
    let worker = Worker { executor, gate, notifier, now };
    match executor.read(None, move |conn| practices_at_work(conn, now)).await {
        Ok(practices) => {
            for practice in practices {
                worker.work_for(practice).await;
            }
        }
        Err(error) => complain(&error, "what is due could not be read"),
    }
}

struct Worker<'a> {
    executor: &'a Executor,
    gate: &'a Gate,
    notifier: &'a Notifier,
    now: Instant,
}

impl Worker<'_> {
    async fn work_for(&self, practice: PracticeId) {
        match self.look(practice, effect::due).await {
            Ok(due) => {
                for (hold, at) in due {
                    // Whatever a hold changes bears the hold's own time, and not that of the worker.
                    let done = self.unit(practice, at, move |tx| effect::enact(tx, hold)).await;
                    unless_done(&done, "a hold could not take effect");
                }
            }
            Err(error) => complain(&error, "due holds could not be read"),
        }
        match self.look(practice, paging::due).await {
            Ok(due) => {
                for alert in due {
                    let notifier = self.notifier.clone();
                    let call = move |tx: &mut Tx<'_>| paging::call(tx, alert, &notifier);
                    let done = self.unit(practice, self.now, call).await;
                    unless_done(&done, "a clinician could not be called");
                }
            }
            Err(error) => complain(&error, "due calls could not be read"),
        }
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
    found.extend(called);
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn unless_done(done: &Result<()>, what: &'static str) {
    if let Err(error) = done {
        complain(error, what);
    }
}

fn complain(error: &Error, what: &'static str) {
    tracing::error!(code = error.code().as_str(), "{what}");
    if let Some(cause) = error.cause() {
        log_cause(cause);
    }
}
