//! Finding clients by name without keeping a name in clear: keyed hashes of folded prefixes.

use diesel::prelude::*;

use super::model::Identity;
use crate::auth::Tx;
use crate::db::conn::insert_many;
use crate::db::id::{ClientId, PracticeId};
use crate::db::schema::client_name_prefixes as prefixes;
use crate::error::Result;
use crate::seal::{Column, Compartment, LookupKey, name_prefixes, search_words};

const PREFIX: Column =
    Column { table: "client_name_prefixes", name: "prefix", compartment: Compartment::Directory };

#[derive(Insertable)]
#[diesel(table_name = prefixes, treat_none_as_default_value = false)]
struct NewPrefix {
    practice_id: PracticeId,
    prefix: LookupKey,
    client_id: ClientId,
}

/// Replaces the prefixes under which a client is found.
///
/// # Errors
/// Those of the database.
pub fn replace(tx: &mut Tx<'_>, client: ClientId, identity: &Identity) -> Result<()> {
    diesel::delete(
        prefixes::table
            .filter(prefixes::practice_id.eq(tx.practice()))
            .filter(prefixes::client_id.eq(client)),
    )
    .execute(tx.conn)?;
    index(tx, client, identity)
}

/// Writes the prefixes under which a new client is found.
///
/// # Errors
/// Those of the database.
pub fn index(tx: &mut Tx<'_>, client: ClientId, identity: &Identity) -> Result<()> {
    let practice_id = tx.practice();
    let names = [
        Some(&identity.given_name),
        identity.family_name.as_ref(),
        identity.preferred_name.as_ref(),
    ];
    let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    let rows: Vec<NewPrefix> = name_prefixes(&names)
        .iter()
        .map(|prefix| NewPrefix {
            practice_id,
            prefix: tx.keys.lookup(&PREFIX, prefix),
            client_id: client,
        })
        .collect();
    insert_many!(tx.conn, prefixes::table, rows)?;
    Ok(())
}

/// The keyed hashes of a query's words. A client is found when each of them is theirs.
#[must_use]
pub fn search(tx: &Tx<'_>, query: &str) -> Vec<LookupKey> {
    search_words(query).iter().map(|word| tx.keys.lookup(&PREFIX, word)).collect()
}
