//! A POST that is sent twice has one effect.
//!
//! The answer is stored in the transaction of its effect. Since the writes of one practice
//! follow one another (`docs/adr/0004`), a second request waits for the first and then gets
//! its answer: there is no "in flight" for a caller to meet.

use actix_web::http::StatusCode;
use actix_web::http::header::HeaderMap;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{AnyId, IdempotencyKeyId};
use crate::db::schema::idempotency_keys as keys;
use crate::error::{Code, Error, Fault, Result};
use crate::http::Answer;
use crate::seal::{Column, Compartment, LookupKey, Sealed, SealedJson};

/// How long a key is kept.
pub const KEPT_SECONDS: i64 = 72 * 60 * 60;
const MOST_CHARACTERS: usize = 255;

const KEY: Column =
    Column { table: "idempotency_keys", name: "key", compartment: Compartment::Directory };
const REQUEST: Column =
    Column { table: "idempotency_keys", name: "request", compartment: Compartment::Directory };
// An answer may hold anything that a caller may see, so it is sealed in the strictest
// compartment that the service itself can open.
const ANSWER: Column =
    Column { table: "idempotency_keys", name: "answer", compartment: Compartment::Clinical };

/// One POST: who sends it where, under which key, with which body.
#[derive(Debug, Clone)]
pub struct Attempt {
    key: String,
    request: String,
}

impl Attempt {
    /// Reads `Idempotency-Key`; none when the caller sent none.
    ///
    /// # Errors
    /// 422 when the key is empty, longer than 255 characters or not visible ASCII.
    pub fn of(
        headers: &HeaderMap,
        credential: &str,
        route: &str,
        body: &[u8],
    ) -> Result<Option<Self>> {
        let mut keys = headers.get_all("idempotency-key");
        let Some(key) = keys.next() else {
            return Ok(None);
        };
        // Of two keys neither is the one that was meant.
        let key = if keys.next().is_none() { key.to_str().unwrap_or_default() } else { "" };
        if key.is_empty()
            || key.len() > MOST_CHARACTERS
            || !key.bytes().all(|b| b.is_ascii_graphic())
        {
            let detail = "1 to 255 visible ASCII characters, new for every operation you mean.";
            return Err(Error::invalid(vec![Fault::header(
                "idempotency-key",
                "wrong_form",
                detail,
            )]));
        }
        let digest = data_encoding::HEXLOWER.encode(&Sha256::digest(body));
        Ok(Some(Self { key: format!("{credential}\n{route}\n{key}"), request: digest }))
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    status: u16,
    location: Option<String>,
    body: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = keys)]
struct Row {
    id: IdempotencyKeyId,
    request: LookupKey,
    resource_id: AnyId,
    answer: Sealed<SealedJson<Kept>>,
}

/// The stored answer of this attempt, with the id of what it is about.
///
/// # Errors
/// 422 when the key was used with another body.
pub fn find(tx: &mut Tx<'_>, attempt: &Attempt) -> Result<Option<(Uuid, Answer)>> {
    let row: Option<Row> = keys::table
        .filter(keys::practice_id.eq(tx.practice()))
        .filter(keys::key.eq(tx.keys.lookup(&KEY, &attempt.key)))
        .filter(keys::expires_at.gt(tx.now))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    if row.request != tx.keys.lookup(&REQUEST, &attempt.request) {
        return Err(Error::new(
            Code::IdempotencyKeyReused,
            "Nothing was done. Use a new key for a new request, and the same key only to repeat one unchanged.",
        ));
    }
    let SealedJson(kept) = tx.keys.open(&ANSWER, row.id.uuid(), &row.answer)?;
    let status = StatusCode::from_u16(kept.status).unwrap_or(StatusCode::OK);
    let body = kept.body.map(String::into_bytes);
    let answer = Answer { status, location: kept.location, body, tag: None, replayed: true };
    Ok(Some((row.resource_id.uuid(), answer)))
}

/// Stores the answer beside its effect.
///
/// # Errors
/// Those of the database.
pub fn keep(tx: &mut Tx<'_>, attempt: &Attempt, about: Uuid, answer: &Answer) -> Result<()> {
    let id: IdempotencyKeyId = tx.new_id();
    let kept = SealedJson(Kept {
        status: answer.status.as_u16(),
        location: answer.location.clone(),
        body: answer.body.clone().and_then(|body| String::from_utf8(body).ok()),
    });
    let key = tx.keys.lookup(&KEY, &attempt.key);
    // A key that has run out may still lie here until the next sweep.
    diesel::delete(
        keys::table.filter(keys::practice_id.eq(tx.practice())).filter(keys::key.eq(key)),
    )
    .execute(tx.conn)?;
    diesel::insert_into(keys::table)
        .values((
            keys::practice_id.eq(tx.practice()),
            keys::id.eq(id),
            keys::key.eq(key),
            keys::request.eq(tx.keys.lookup(&REQUEST, &attempt.request)),
            keys::resource_id.eq(AnyId::from_uuid(about)),
            keys::answer.eq(tx.keys.seal(&ANSWER, id.uuid(), &kept)?),
            keys::expires_at.eq(tx.now.plus_seconds(KEPT_SECONDS)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets keys that have run out, across all practices. Returns how many.
///
/// # Errors
/// Those of the database.
pub fn sweep(conn: &mut crate::db::Conn, now: Instant) -> Result<usize> {
    Ok(diesel::delete(keys::table.filter(keys::expires_at.le(now))).execute(conn)?)
}
