//! The keys that sign access tokens, kept in the database so that every replica has them.
//!
//! The newest key signs. A key that was replaced still verifies until it retires, which is
//! after the longest token that it signed has run out. The private halves are sealed under
//! the root key.

use std::sync::Arc;

use diesel::prelude::*;

use super::keyring::Keyring;
use super::keys::{KeySet, PublicKey, SigningKey};
use super::token::MAX_LIFETIME_S;
use crate::db::schema::signing_keys;
use crate::db::{Conn, Instant};
use crate::error::{Error, Result};

#[derive(Queryable, Selectable)]
#[diesel(table_name = signing_keys)]
struct Row {
    kid: String,
    public_key: Vec<u8>,
    sealed_private_key: Vec<u8>,
    created_at: Instant,
}

/// How long a key is published before it signs.
const PUBLISHED_SECONDS: i64 = 60;

/// What a sealed private key is bound to.
fn context(kid: &str) -> Vec<u8> {
    format!("signing key {kid}").into_bytes()
}

/// The keys in use at this moment, newest first.
///
/// # Errors
/// Those of the database, and a fault when a key does not open.
pub fn load(conn: &mut Conn, keyring: &Keyring, now: Instant) -> Result<Arc<KeySet>> {
    let rows: Vec<Row> = signing_keys::table
        .filter(
            signing_keys::retires_at
                .is_null()
                .or(signing_keys::retires_at.gt(now).assume_not_null()),
        )
        .order((signing_keys::created_at.desc(), signing_keys::kid))
        .select(Row::as_select())
        .load(conn)?;
    // A key is published for a minute before it signs, so that every replica knows it then.
    let published = now.plus_seconds(-PUBLISHED_SECONDS);
    let signs = rows.iter().position(|row| row.created_at <= published).unwrap_or(0);
    let mut signing = None;
    let mut others = Vec::new();
    for (index, row) in rows.into_iter().enumerate() {
        if index == signs {
            let seed = keyring.root().unwrap_key(&context(&row.kid), &row.sealed_private_key)?;
            let key = SigningKey::from_seed(&seed)
                .map_err(|_| Error::internal("a signing key cannot be read"))?;
            signing = Some(key);
        } else {
            let x: [u8; 32] = row
                .public_key
                .try_into()
                .map_err(|_| Error::internal("a public key is not 32 bytes long"))?;
            others.push(PublicKey::new(x));
        }
    }
    Ok(Arc::new(KeySet::new(signing, others)))
}

/// Makes a new key, which signs a minute from now; the others retire once the tokens that
/// they signed have run out. Returns the new key's id.
///
/// # Errors
/// Those of the database.
pub fn rotate(conn: &mut Conn, keyring: &Keyring, now: Instant) -> Result<String> {
    let unmade = |_| Error::internal("a signing key cannot be made");
    let key = SigningKey::generate().map_err(unmade)?;
    let sealed = keyring.root().wrap(&context(key.kid()), &key.seed().map_err(unmade)?)?;
    diesel::update(signing_keys::table.filter(signing_keys::retires_at.is_null()))
        .set(
            signing_keys::retires_at.eq(Some(now.plus_seconds(MAX_LIFETIME_S + PUBLISHED_SECONDS))),
        )
        .execute(conn)?;
    diesel::insert_into(signing_keys::table)
        .values((
            signing_keys::kid.eq(key.kid()),
            signing_keys::public_key.eq(key.public().x().to_vec()),
            signing_keys::sealed_private_key.eq(sealed),
            signing_keys::created_at.eq(now),
        ))
        .execute(conn)?;
    Ok(key.kid().to_owned())
}
