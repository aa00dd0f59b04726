//! The chain of audit rows: how a row is bound to the one before, where the chain ends, and what shows that
//! somebody has laid hands on it.

use diesel::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::auth::{Keyring, Tx};
use crate::db::id::{AnyId, AuditEventId, PracticeId};
use crate::db::schema::{audit_events, audit_heads};
use crate::db::{Conn, Doc, Instant, Keep};
use crate::error::{Error, Result};
use crate::seal::SecretKey;

/// The hash before the first row.
pub(super) const BEGINNING: [u8; 32] = [0; 32];

/// Rows that are read at a time.
const BATCH: i64 = 1_000;

/// A row of the audit.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_events, treat_none_as_default_value = false)]
pub(super) struct Link {
    pub(super) seq: i64,
    pub(super) id: AuditEventId,
    pub(super) at: Instant,
    pub(super) actor_kind: String,
    pub(super) actor_id: Option<AnyId>,
    pub(super) app: Option<String>,
    pub(super) action: String,
    pub(super) resource: String,
    pub(super) resource_id: AnyId,
    pub(super) fields: Doc<Vec<String>>,
    pub(super) previous_hash: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

impl Link {
    /// HMAC-SHA256 over every column, each preceded by its length, so that no two rows
    /// share an encoding.
    pub(super) fn hash(&self, practice: PracticeId, key: &SecretKey) -> Result<Vec<u8>> {
        let fields = serde_json::to_vec(&self.fields.0)
            .map_err(|_| Error::internal("field names did not serialise"))?;
        let actor = self.actor_id.map(AnyId::uuid).unwrap_or_default();
        mac(
            key,
            &[
                &self.previous_hash,
                practice.uuid().as_bytes(),
                &self.seq.to_be_bytes(),
                self.id.uuid().as_bytes(),
                &self.at.micros().to_be_bytes(),
                self.actor_kind.as_bytes(),
                actor.as_bytes(),
                self.app.as_deref().unwrap_or_default().as_bytes(),
                self.action.as_bytes(),
                self.resource.as_bytes(),
                self.resource_id.uuid().as_bytes(),
                &fields,
            ],
        )
    }
}

fn mac(key: &SecretKey, columns: &[&[u8]]) -> Result<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose())
        .map_err(|_| Error::internal("the audit key does not fit"))?;
    for column in columns {
        mac.update(&u64::try_from(column.len()).unwrap_or(u64::MAX).to_be_bytes());
        mac.update(column);
    }
    Ok(mac.finalize().into_bytes().to_vec())
}

/// Where the chain ends.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit_heads)]
pub(super) struct Head {
    pub(super) seq: i64,
    pub(super) hash: Vec<u8>,
    seal: Vec<u8>,
}

fn seal(practice: PracticeId, key: &SecretKey, seq: i64, hash: &[u8]) -> Result<Vec<u8>> {
    mac(key, &[b"head", practice.uuid().as_bytes(), &seq.to_be_bytes(), hash])
}

pub(super) fn head_of(tx: &mut Tx<'_>) -> Result<Option<Head>> {
    head_in(tx.conn, tx.caller.practice())
}

fn head_in(conn: &mut Conn, practice: PracticeId) -> Result<Option<Head>> {
    let query = audit_heads::table.find(practice).select(Head::as_select());
    Ok(query.first(conn).optional()?)
}

/// The last row of a practice's chain, or what comes before the first.
pub(super) struct End {
    pub(super) seq: i64,
    pub(super) hash: Vec<u8>,
    /// Whether it is written down. A chain from before ends were written down has its rows alone.
    written: bool,
}

impl End {
    pub(super) fn of(tx: &mut Tx<'_>) -> Result<Self> {
        if let Some(Head { seq, hash, .. }) = head_of(tx)? {
            return Ok(Self { seq, hash, written: true });
        }
        let last: Option<(i64, Vec<u8>)> = audit_events::table
            .filter(audit_events::practice_id.eq(tx.practice()))
            .order(audit_events::seq.desc())
            .select((audit_events::seq, audit_events::hash))
            .first(tx.conn)
            .optional()?;
        let (seq, hash) = last.unwrap_or((0, BEGINNING.to_vec()));
        Ok(Self { seq, hash, written: false })
    }

    /// Writes down that the chain ends with this row from now on.
    pub(super) fn move_to(&self, tx: &mut Tx<'_>, seq: i64, hash: Vec<u8>) -> Result<()> {
        let seal = seal(tx.practice(), tx.audit_key(), seq, &hash)?;
        let values =
            (audit_heads::seq.eq(seq), audit_heads::hash.eq(hash), audit_heads::seal.eq(seal));
        if self.written {
            diesel::update(audit_heads::table.find(tx.practice()))
                .set(values)
                .execute_kept(tx.conn)?;
        } else {
            diesel::insert_into(audit_heads::table)
                .values((audit_heads::practice_id.eq(tx.practice()), values))
                .execute(tx.conn)?;
        }
        Ok(())
    }
}

/// What a look at the whole chain came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Every row is as it was written, and none is missing.
    Whole {
        /// How many rows there are.
        rows: i64,
        /// The hash of the last one: kept elsewhere, it shows later that the chain was not replaced.
        head: Vec<u8>,
    },
    /// Somebody has laid hands on it.
    Broken {
        /// The number of the first row that is not as it was written.
        seq: i64,
        /// What is wrong there.
        what: &'static str,
    },
}

/// Looks at every audit row of the practice, in order. Runs inside the caller's transaction, or on a database that
/// nobody writes.
///
/// # Errors
/// Those of the database.
pub fn verify(conn: &mut Conn, keyring: &Keyring, practice: PracticeId) -> Result<Verdict> {
    let key = keyring.audit_key();
    let (mut expected, mut previous) = (1_i64, BEGINNING.to_vec());
    loop {
        let links: Vec<Link> = audit_events::table
            .filter(audit_events::practice_id.eq(practice))
            .filter(audit_events::seq.ge(expected))
            .order(audit_events::seq)
            .limit(BATCH)
            .select(Link::as_select())
            .load(conn)?;
        if links.is_empty() {
            let head = head_in(conn, practice)?;
            return end(practice, &key, head, expected - 1, previous);
        }
        for link in links {
            if let Some(what) = fault(practice, &key, &link, expected, &previous)? {
                return Ok(Verdict::Broken { seq: expected, what });
            }
            previous = link.hash;
            expected += 1;
        }
    }
}

fn fault(
    practice: PracticeId,
    key: &SecretKey,
    link: &Link,
    expected: i64,
    previous: &[u8],
) -> Result<Option<&'static str>> {
    Ok(if link.seq != expected {
        Some("is missing")
    } else if link.previous_hash != previous {
        Some("does not follow the row before it")
    } else if link.hash != link.hash(practice, key)? {
        Some("is not as it was written")
    } else {
        None
    })
}

/// The chain ends where its head says.
fn end(
    practice: PracticeId,
    key: &SecretKey,
    head: Option<Head>,
    rows: i64,
    last: Vec<u8>,
) -> Result<Verdict> {
    let Some(head) = head else {
        return Ok(match rows {
            0 => Verdict::Whole { rows, head: last },
            _ => Verdict::Broken { seq: rows, what: "has no head behind it" },
        });
    };
    if head.seal != seal(practice, key, head.seq, &head.hash)? {
        return Ok(Verdict::Broken { seq: rows, what: "has a head that is not as it was written" });
    }
    if head.seq > rows {
        return Ok(Verdict::Broken { seq: rows + 1, what: "is missing" });
    }
    if head.seq < rows || head.hash != last {
        return Ok(Verdict::Broken { seq: head.seq + 1, what: "stands behind the head" });
    }
    Ok(Verdict::Whole { rows, head: last })
}
