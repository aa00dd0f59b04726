//! The one function that writes a change down.

use diesel::prelude::*;

use super::chain::{End, Link};
use super::model::Change;
use crate::auth::{Actor, Tx};
use crate::db::Doc;
use crate::db::id::{AnyId, EventId};
use crate::db::schema::{audit_events, events};
use crate::error::Result;

/// Writes the audit row and the event of a change.
///
/// Both are numbered from one without gaps, which is possible because the writes of one
/// practice follow one another. The audit row is chained: its hash is a keyed one (a thief
/// of the database cannot forge the chain) over the hash before and every column.
///
/// # Errors
/// Those of the database.
pub fn record(tx: &mut Tx<'_>, change: &Change<'_>) -> Result<()> {
    append_event(tx, change)?;
    record_in_private(tx, change)
}

/// Writes the audit row alone: the feed of events is for integrators, and no word of a draft, a flag or a
/// hold may stand in it.
///
/// # Errors
/// Those of the database.
pub fn record_in_private(tx: &mut Tx<'_>, change: &Change<'_>) -> Result<()> {
    let end = End::of(tx)?;
    let (actor_kind, actor_id) = actor(tx);
    let mut link = Link {
        seq: end.seq + 1,
        id: tx.new_id(),
        at: tx.now,
        actor_kind: actor_kind.to_owned(),
        actor_id,
        app: tx.caller.app().map(str::to_owned),
        action: change.action(),
        resource: change.subject.word().to_owned(),
        resource_id: AnyId::from_uuid(change.subject.uuid()),
        fields: Doc(change.fields.iter().map(|field| (*field).to_owned()).collect()),
        previous_hash: end.hash.clone(),
        hash: Vec::new(),
    };
    link.hash = link.hash(tx.practice(), tx.audit_key())?;
    diesel::insert_into(audit_events::table)
        .values((audit_events::practice_id.eq(tx.practice()), &link))
        .execute(tx.conn)?;
    end.move_to(tx, link.seq, link.hash)
}

fn append_event(tx: &mut Tx<'_>, change: &Change<'_>) -> Result<()> {
    let last: Option<i64> = events::table
        .filter(events::practice_id.eq(tx.practice()))
        .order(events::seq.desc())
        .select(events::seq)
        .first(tx.conn)
        .optional()?;
    let id: EventId = tx.new_id();
    diesel::insert_into(events::table)
        .values((
            events::practice_id.eq(tx.practice()),
            events::seq.eq(last.unwrap_or(0) + 1),
            events::id.eq(id),
            events::at.eq(tx.now),
            events::kind.eq(change.action()),
            events::resource.eq(change.subject.word()),
            events::resource_id.eq(AnyId::from_uuid(change.subject.uuid())),
        ))
        .execute(tx.conn)?;
    Ok(())
}

fn actor(tx: &Tx<'_>) -> (&'static str, Option<AnyId>) {
    match tx.caller.actor() {
        Actor::Staff { user, .. } => ("staff", Some(AnyId::from_uuid(user.uuid()))),
        Actor::Client { user, .. } => ("client", Some(AnyId::from_uuid(user.uuid()))),
        Actor::Service { app } => ("service", Some(AnyId::from_uuid(app.uuid()))),
        Actor::Operator => ("operator", None),
    }
}
