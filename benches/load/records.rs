//! Ready-made audit rows and events. They go to the other practice, so that their numbers do not meet those
//! of the measured one.

use std::sync::atomic::{AtomicI64, Ordering};

use attune::db::id::{AnyId, AuditEventId, EventId, IdSource, PracticeId};
use attune::db::schema::{audit_events, audit_heads, events};
use attune::db::{Conn, Doc, Instant};
use attune::error::Result;
use attune::users::store::OPERATOR_CLIENT;
use diesel::prelude::*;
use uuid::Uuid;

use crate::Outcome;
use crate::people::People;

/// Where the numbers of the other practice stand.
pub struct Records {
    practice: PracticeId,
    audit_seq: AtomicI64,
    event_seq: AtomicI64,
}

impl Records {
    /// Continues after the last ones.
    pub fn of(conn: &mut Conn, people: &People) -> Outcome<Self> {
        let practice = people.other_practice;
        let audit: Option<i64> = audit_events::table
            .filter(audit_events::practice_id.eq(practice))
            .select(diesel::dsl::max(audit_events::seq))
            .first(conn)?;
        let event: Option<i64> = events::table
            .filter(events::practice_id.eq(practice))
            .select(diesel::dsl::max(events::seq))
            .first(conn)?;
        Ok(Self {
            practice,
            audit_seq: AtomicI64::new(audit.unwrap_or(0)),
            event_seq: AtomicI64::new(event.unwrap_or(0)),
        })
    }

    /// Begins with a number.
    pub fn beginning_with(people: &People, seq: i64) -> Self {
        let practice = people.other_practice;
        Self { practice, audit_seq: AtomicI64::new(seq), event_seq: AtomicI64::new(seq + 500) }
    }

    /// Adds the two rows of one change.
    pub fn insert(
        &self,
        conn: &mut Conn,
        (resource, action): (&str, &str),
        id: Uuid,
        now: Instant,
    ) -> Result<()> {
        let event: EventId = IdSource::Random.next(now);
        diesel::insert_into(events::table)
            .values((
                events::practice_id.eq(self.practice),
                events::seq.eq(self.event_seq.fetch_add(1, Ordering::Relaxed) + 1),
                events::id.eq(event),
                events::at.eq(now),
                events::kind.eq(action),
                events::resource.eq(resource),
                events::resource_id.eq(AnyId::from_uuid(id)),
            ))
            .execute(conn)?;
        self.insert_audit(conn, (resource, action), id, now)
    }

    /// Adds the audit row alone, as of a reading.
    pub fn insert_audit(
        &self,
        conn: &mut Conn,
        (resource, action): (&str, &str),
        id: Uuid,
        now: Instant,
    ) -> Result<()> {
        let audit: AuditEventId = IdSource::Random.next(now);
        diesel::insert_into(audit_events::table)
            .values((
                audit_events::practice_id.eq(self.practice),
                audit_events::seq.eq(self.audit_seq.fetch_add(1, Ordering::Relaxed) + 1),
                audit_events::id.eq(audit),
                audit_events::at.eq(now),
                audit_events::actor_kind.eq("staff"),
                audit_events::actor_id.eq(AnyId::from_uuid(id)),
                audit_events::app.eq(OPERATOR_CLIENT),
                audit_events::action.eq(action),
                audit_events::resource.eq(resource),
                audit_events::resource_id.eq(AnyId::from_uuid(id)),
                audit_events::fields.eq(Doc(Vec::<String>::new())),
                audit_events::previous_hash.eq([0u8; 32].as_slice()),
                audit_events::hash.eq([0u8; 32].as_slice()),
            ))
            .execute(conn)?;
        Ok(())
    }

    /// Reads where a practice's events end: what the service does before each event.
    pub fn last_event(&self, conn: &mut Conn) -> Result<Option<i64>> {
        let all = events::table.filter(events::practice_id.eq(self.practice));
        Ok(all.order(events::seq.desc()).select(events::seq).first(conn).optional()?)
    }

    /// Reads where a practice's audit ends, and moves that end: what the service does around each audit row.
    pub fn move_head(&self, conn: &mut Conn) -> Result<()> {
        let end: Option<(i64, Vec<u8>, Vec<u8>)> = audit_heads::table
            .find(self.practice)
            .select((audit_heads::seq, audit_heads::hash, audit_heads::seal))
            .first(conn)
            .optional()?;
        let (seq, hash, seal) = end.unwrap_or((0, vec![0; 32], vec![0; 32]));
        diesel::update(audit_heads::table.find(self.practice))
            .set((audit_heads::seq.eq(seq), audit_heads::hash.eq(hash), audit_heads::seal.eq(seal)))
            .execute(conn)?;
        Ok(())
    }
}
