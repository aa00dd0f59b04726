//! Changes of the past in great number, for a database that is being filled.

use diesel::prelude::*;

use super::chain::{End, Link};
use super::model::Change;
use crate::auth::Tx;
use crate::db::conn::insert_many;
use crate::db::id::{AnyId, EventId, PracticeId, UserId};
use crate::db::schema::{audit_events, events};
use crate::db::{Doc, Instant};
use crate::error::Result;

/// Something that a client did.
pub(crate) struct Past {
    /// When.
    pub(crate) at: Instant,
    /// Who.
    pub(crate) client: UserId,
    /// What.
    pub(crate) change: Change<'static>,
}

#[derive(Insertable)]
#[diesel(table_name = events, treat_none_as_default_value = false)]
struct Event {
    practice_id: PracticeId,
    seq: i64,
    id: EventId,
    at: Instant,
    kind: String,
    resource: &'static str,
    resource_id: AnyId,
}

/// Writes down all of it in this order: the rows that [`record`](super::record) writes one by one, chained alike.
///
/// # Errors
/// Those of the database.
pub(crate) fn record_past(tx: &mut Tx<'_>, all: &[Past]) -> Result<()> {
    if all.is_empty() {
        return Ok(());
    }
    let (practice, now) = (tx.practice(), tx.now);
    let end = End::of(tx)?;
    let (mut seq, mut previous_hash) = (end.seq, end.hash.clone());
    let mut event_seq: i64 = events::table
        .filter(events::practice_id.eq(practice))
        .order(events::seq.desc())
        .select(events::seq)
        .first(tx.conn)
        .optional()?
        .unwrap_or(0);
    let (mut links, mut told) = (Vec::with_capacity(all.len()), Vec::with_capacity(all.len()));
    for one in all {
        tx.now = one.at;
        (seq, event_seq) = (seq + 1, event_seq + 1);
        told.push(event(tx, one, event_seq));
        let link = link(tx, one, seq, &previous_hash)?;
        previous_hash.clone_from(&link.hash);
        links.push(link);
    }
    tx.now = now;
    insert_many!(tx.conn, events::table, &told)?;
    let links: Vec<_> =
        links.into_iter().map(|link| (audit_events::practice_id.eq(practice), link)).collect();
    insert_many!(tx.conn, audit_events::table, &links)?;
    end.move_to(tx, seq, previous_hash)
}

fn event(tx: &Tx<'_>, one: &Past, seq: i64) -> Event {
    let subject = one.change.subject;
    Event {
        practice_id: tx.practice(),
        seq,
        id: tx.new_id(),
        at: one.at,
        kind: one.change.action(),
        resource: subject.word(),
        resource_id: AnyId::from_uuid(subject.uuid()),
    }
}

fn link(tx: &Tx<'_>, one: &Past, seq: i64, previous_hash: &[u8]) -> Result<Link> {
    let Change { subject, fields, .. } = one.change;
    let mut link = Link {
        seq,
        id: tx.new_id(),
        at: one.at,
        actor_kind: "client".to_owned(),
        actor_id: Some(AnyId::from_uuid(one.client.uuid())),
        app: None,
        action: one.change.action(),
        resource: subject.word().to_owned(),
        resource_id: AnyId::from_uuid(subject.uuid()),
        fields: Doc(fields.iter().map(|field| (*field).to_owned()).collect()),
        previous_hash: previous_hash.to_vec(),
        hash: Vec::new(),
    };
    link.hash = link.hash(tx.practice(), tx.audit_key())?;
    Ok(link)
}
