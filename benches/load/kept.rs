//! Whether everything that was acknowledged is in the database, and nothing else.

use std::collections::BTreeMap;

use attune::db::Conn;
use attune::db::schema::{
    audit_events, clients, events, reveals, session_note_acts, submission_receipts, submissions,
};
use diesel::prelude::*;

use crate::Outcome;
use crate::place::Place;
use crate::row::Row;
use crate::scenario::Leaves;
use crate::server::Which;

/// Rows of the tables that the measured writes add rows to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rows {
    clients: i64,
    submissions: i64,
    receipts: i64,
    reveals: i64,
    signatures: i64,
    audit_events: i64,
    events: i64,
}

impl Rows {
    /// As it is now.
    pub fn count(conn: &mut Conn) -> Outcome<Self> {
        Ok(Self {
            clients: clients::table.count().get_result(conn)?,
            submissions: submissions::table.count().get_result(conn)?,
            receipts: submission_receipts::table.count().get_result(conn)?,
            reveals: reveals::table.count().get_result(conn)?,
            signatures: session_note_acts::table.count().get_result(conn)?,
            audit_events: audit_events::table.count().get_result(conn)?,
            events: events::table.count().get_result(conn)?,
        })
    }
}

/// What was acknowledged, by whether the bare handlers did it.
#[derive(Debug)]
pub struct Acknowledged(BTreeMap<(bool, Leaves), i64>);

impl Acknowledged {
    /// In all of these.
    pub fn of(rows: &[Row]) -> Outcome<Self> {
        let mut all: BTreeMap<(bool, Leaves), i64> = BTreeMap::new();
        for row in rows {
            for (leaves, count) in &row.acknowledged {
                let bare = row.server == Which::Reference;
                *all.entry((bare, *leaves)).or_default() += i64::try_from(*count)?;
            }
        }
        Ok(Self(all))
    }
}

/// Checks that every write that was acknowledged, and nothing else, is in the database, each with its audit row and
/// its event; and the audit row of every reading of a note.
pub fn check(place: &Place, acknowledged: &Acknowledged) -> Outcome<()> {
    let Acknowledged(by_service) = acknowledged;
    let both =
        |leaves| [true, false].map(|bare| by_service.get(&(bare, leaves)).copied().unwrap_or(0));
    let all = |leaves| both(leaves).iter().sum::<i64>();
    let (clients, signed, read) =
        (all(Leaves::Client), all(Leaves::Signature), all(Leaves::Reading));
    let submitted = all(Leaves::CheckIn) + all(Leaves::Review);
    // Partners follow one another: every second one is the last of both, and reveals.
    let revealed: i64 = both(Leaves::Review).iter().map(|count| count / 2).sum();
    let (before, now) = (place.rows(), Rows::count(&mut place.open()?)?);
    let changes = clients + submitted + signed + revealed;
    let wanted = Rows {
        clients: before.clients + clients,
        submissions: before.submissions + submitted,
        receipts: before.receipts + submitted,
        reveals: before.reveals + revealed,
        signatures: before.signatures + signed,
        audit_events: before.audit_events + changes + read,
        events: before.events + changes,
    };
    agree(now, wanted)
}

/// The same for a flood, in which so many submissions and clients were acknowledged, and nothing else changes.
pub fn check_flood(before: Rows, now: Rows, [submitted, clients]: [u64; 2]) -> Outcome<()> {
    let (submitted, clients) = (i64::try_from(submitted)?, i64::try_from(clients)?);
    let wanted = Rows {
        clients: before.clients + clients,
        submissions: before.submissions + submitted,
        receipts: before.receipts + submitted,
        audit_events: before.audit_events + submitted + clients,
        events: before.events + submitted + clients,
        ..before
    };
    agree(now, wanted)
}

fn agree(now: Rows, wanted: Rows) -> Outcome<()> {
    if now == wanted {
        return Ok(());
    }
    Err(format!("acknowledged writes and rows differ: {now:?}, not {wanted:?}").into())
}
