//! Whether the service can do its work at this moment.

use std::time::Duration;

use serde::Serialize;

use crate::app::Service;
use crate::db::{Conn, migrate};
use crate::error::Error;

/// A worker that has not done all that was due for longer than this is late.
pub const WORKER_LATE_SECONDS: i64 = 120;
/// The database has so long to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// What was found.
#[derive(Debug, Clone, Serialize)]
pub struct Readiness {
    /// Requests can be served.
    pub ready: bool,
    /// Each thing that was checked.
    pub checks: Vec<Check>,
}

/// One thing that was checked.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// `database`, `migrations`, `root_key`, `worker` or `stopping`.
    pub name: &'static str,
    /// It is as it should be.
    pub ok: bool,
    /// What is wrong, in a sentence for the operator.
    pub detail: Option<String>,
}

impl Check {
    fn of(name: &'static str, found: Result<(), String>) -> Self {
        Self { name, ok: found.is_ok(), detail: found.err() }
    }
}

/// Asks the database, and looks at the worker. A late worker is told of and stops nobody from being served: were it to
/// count, one slow round would take every replica away at once. So it is with a schema that is ahead of the binary, as
/// between the steps of an upgrade.
///
/// The database is asked in the same line as every request: a service that is too busy to answer this in three seconds
/// is not ready for more.
pub async fn check(service: &Service) -> Readiness {
    let mut checks = database(service).await;
    let late = service.metrics().worker.seconds_since_round(service.clock().now());
    let worker = if late > WORKER_LATE_SECONDS {
        Err(format!("holds and calls that are due were last done {late} seconds ago"))
    } else {
        Ok(())
    };
    let mut ready = checks.iter().all(|check| check.ok);
    checks.push(Check::of("worker", worker));
    if service.is_stopping() {
        ready = false;
        checks.push(Check::of("stopping", Err("it was told to stop".to_owned())));
    }
    Readiness { ready, checks }
}

async fn database(service: &Service) -> Vec<Check> {
    let gate = service.gate().clone();
    let unit = move |conn: &mut Conn| {
        let migrations = migrate::check_open(conn).map_err(|unready| unready.to_string());
        // Without its tables a database has no key to compare.
        let key = match &migrations {
            Ok(()) => gate.keyring().check_root(conn),
            Err(_) => Err("not checked while the migrations are not right".to_owned()),
        };
        Ok((migrations, key))
    };
    let asked = tokio::time::timeout(PATIENCE, service.executor().read(None, unit)).await;
    match asked {
        Ok(Ok((migrations, key))) => vec![
            Check::of("database", Ok(())),
            Check::of("migrations", migrations),
            Check::of("root_key", key),
        ],
        Ok(Err(error)) => vec![Check::of("database", Err(unreachable(&error)))],
        Err(_) => vec![Check::of("database", Err("no answer within three seconds".to_owned()))],
    }
}

/// Without the database's own words, which may quote an address.
fn unreachable(error: &Error) -> String {
    format!("it did not answer ({})", error.code().as_str())
}
