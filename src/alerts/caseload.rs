//! Whom the caller treats or supervises: the only ones whose safety they are told of.

use diesel::prelude::*;

use crate::auth::Tx;
use crate::db::id::{ClientId, CoupleId};
use crate::db::schema::{caseload_clients, caseload_couples};
use crate::error::Result;

/// True when the client is on a caseload of the caller.
///
/// # Errors
/// Those of the database.
pub(crate) fn has_client(tx: &mut Tx<'_>, client: ClientId) -> Result<bool> {
    let found: Option<ClientId> = caseload_clients::table
        .filter(caseload_clients::practice_id.eq(tx.practice()))
        .filter(caseload_clients::clinician_id.eq_any(tx.caller.caseloads()))
        .filter(caseload_clients::client_id.eq(client))
        .select(caseload_clients::client_id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// Those of these couples that are on a caseload of the caller.
///
/// # Errors
/// Those of the database.
pub(crate) fn couples_among(tx: &mut Tx<'_>, couples: &[CoupleId]) -> Result<Vec<CoupleId>> {
    Ok(caseload_couples::table
        .filter(caseload_couples::practice_id.eq(tx.practice()))
        .filter(caseload_couples::clinician_id.eq_any(tx.caller.caseloads()))
        .filter(caseload_couples::couple_id.eq_any(couples))
        .select(caseload_couples::couple_id)
        .load(tx.conn)?)
}

/// True when the couple is on a caseload of the caller.
///
/// # Errors
/// Those of the database.
pub(crate) fn has_couple(tx: &mut Tx<'_>, couple: CoupleId) -> Result<bool> {
    Ok(!couples_among(tx, &[couple])?.is_empty())
}

/// True when those whose work it is are on a caseload of the caller: a couple, or else a client.
///
/// # Errors
/// Those of the database.
pub(crate) fn has(
    tx: &mut Tx<'_>,
    couple: Option<CoupleId>,
    client: Option<ClientId>,
) -> Result<bool> {
    match (couple, client) {
        (Some(couple), _) => has_couple(tx, couple),
        (None, Some(client)) => has_client(tx, client),
        (None, None) => Ok(false),
    }
}
