//! The one function that writes a change down.

use diesel::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::model::Change;
use crate::auth::{Actor, Tx};
use crate::db::Doc;
use crate::db::id::{AnyId, AuditEventId, EventId};
use crate::db::schema::{audit_events, events};
use crate::error::{Error, Result};

/// The hash before the first row.
const BEGINNING: [u8; 32] = [0; 32];

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
    let last: Option<(i64, Vec<u8>)> = audit_events::table
        .filter(audit_events::practice_id.eq(tx.practice()))
        .order(audit_events::seq.desc())
        .select((audit_events::seq, audit_events::hash))
        .first(tx.conn)
        .optional()?;
    let (before, previous_hash) = last.unwrap_or((0, BEGINNING.to_vec()));
    let (actor_kind, actor_id) = actor(tx);
    let row = Row {
        seq: before + 1,
        id: tx.new_id(),
        actor_kind,
        actor_id,
        app: tx.caller.app().map(str::to_owned),
        action: format!("{}.{}", change.subject.word(), change.verb),
        resource: change.subject.word(),
        resource_id: AnyId::from_uuid(change.subject.uuid()),
        fields: Doc(change.fields.iter().map(|field| (*field).to_owned()).collect()),
        previous_hash,
    };
    let hash = row.hash(tx)?;
    diesel::insert_into(audit_events::table)
        .values((
            audit_events::practice_id.eq(tx.practice()),
            audit_events::seq.eq(row.seq),
            audit_events::id.eq(row.id),
            audit_events::at.eq(tx.now),
            audit_events::actor_kind.eq(row.actor_kind),
            audit_events::actor_id.eq(row.actor_id),
            audit_events::app.eq(&row.app),
            audit_events::action.eq(&row.action),
            audit_events::resource.eq(row.resource),
            audit_events::resource_id.eq(row.resource_id),
            audit_events::fields.eq(&row.fields),
            audit_events::previous_hash.eq(&row.previous_hash),
            audit_events::hash.eq(hash),
        ))
        .execute(tx.conn)?;
    Ok(())
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
            events::kind.eq(format!("{}.{}", change.subject.word(), change.verb)),
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

struct Row {
    seq: i64,
    id: AuditEventId,
    actor_kind: &'static str,
    actor_id: Option<AnyId>,
    app: Option<String>,
    action: String,
    resource: &'static str,
    resource_id: AnyId,
    fields: Doc<Vec<String>>,
    previous_hash: Vec<u8>,
}

impl Row {
    /// HMAC-SHA256 over every column, each preceded by its length, so that no two rows
    /// share an encoding.
    fn hash(&self, tx: &Tx<'_>) -> Result<Vec<u8>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(tx.audit_key().expose())
            .map_err(|_| Error::internal("the audit key does not fit"))?;
        let fields = serde_json::to_vec(&self.fields.0)
            .map_err(|_| Error::internal("field names did not serialise"))?;
        let mut add = |column: &[u8]| {
            mac.update(&u64::try_from(column.len()).unwrap_or(u64::MAX).to_be_bytes());
            mac.update(column);
        };
        add(&self.previous_hash);
        add(tx.practice().uuid().as_bytes());
        add(&self.seq.to_be_bytes());
        add(self.id.uuid().as_bytes());
        add(&tx.now.micros().to_be_bytes());
        add(self.actor_kind.as_bytes());
        add(self.actor_id.map(super::super::db::id::Id::uuid).unwrap_or_default().as_bytes());
        add(self.app.as_deref().unwrap_or_default().as_bytes());
        add(self.action.as_bytes());
        add(self.resource.as_bytes());
        add(self.resource_id.uuid().as_bytes());
        add(&fields);
        Ok(mac.finalize().into_bytes().to_vec())
    }
}
