//! Queries on clients. Every one starts from [`visible`].

use diesel::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::fields::{EXTERNAL_ID, Fields, NewRow, Row, fields_of, open, seal, show};
use super::model::{Client, ClientFilter, ClientPatch, ClientStatus, NewClient};
use super::names;
use crate::assignments::scheduling::{Mover, move_zone};
use crate::audit::{Change, Subject, record};
use crate::auth::{Caller, Sight, Tx};
use crate::clinicians;
use crate::couples;
use crate::db::MultiBackend;
use crate::db::id::ClientId;
use crate::db::schema::{caseload_clients, client_name_prefixes, clients, couple_members};
use crate::error::{Code, DbResultExt, Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::http::page::{Position, Window, windowed};
use crate::practices;

/// The clients that a caller may see: the one place that says so.
#[must_use]
pub fn visible(caller: &Caller) -> clients::BoxedQuery<'_, MultiBackend> {
    let query = clients::table.filter(clients::practice_id.eq(caller.practice())).into_boxed();
    match caller.sight() {
        Sight::Practice => query,
        Sight::Caseloads(clinicians) => query.filter(
            clients::id.eq_any(
                caseload_clients::table
                    .filter(caseload_clients::practice_id.eq(caller.practice()))
                    .filter(caseload_clients::clinician_id.eq_any(clinicians))
                    .select(caseload_clients::client_id),
            ),
        ),
        Sight::Client(id) => query.filter(clients::id.eq(id)),
    }
}

/// One client.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: ClientId) -> Result<Client> {
    let row: Row = visible(tx.caller)
        .filter(clients::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()?;
    Ok(show(tx, &row, open(tx, &row)?))
}

/// True when the caller may see this client: what an id in a body or filter is checked by.
///
/// # Errors
/// Those of the database.
pub fn is_visible(tx: &mut Tx<'_>, id: ClientId) -> Result<bool> {
    let found: Option<ClientId> = visible(tx.caller)
        .filter(clients::id.eq(id))
        .select(clients::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// Those of these clients whom the caller may see: what ids beside a record are shown by.
///
/// # Errors
/// Those of the database.
pub fn visible_among(tx: &mut Tx<'_>, ids: Vec<ClientId>) -> Result<Vec<ClientId>> {
    if ids.is_empty() {
        return Ok(ids);
    }
    Ok(visible(tx.caller).filter(clients::id.eq_any(ids)).select(clients::id).load(tx.conn)?)
}

/// Those of these clients whom the caller may see, each with the time zone in which they live.
///
/// # Errors
/// Those of the database.
pub(crate) fn zones_among(tx: &mut Tx<'_>, ids: Vec<ClientId>) -> Result<Vec<(ClientId, String)>> {
    Ok(visible(tx.caller)
        .filter(clients::id.eq_any(ids))
        .select((clients::id, clients::timezone))
        .load(tx.conn)?)
}

/// One page of clients.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: ClientFilter,
    window: Window,
) -> Result<Vec<(Position, Client)>> {
    let practice = tx.practice();
    let mut query = visible(tx.caller);
    let words = filter.name.as_deref().map(|name| names::search(tx, name));
    if words.as_ref().is_some_and(Vec::is_empty) {
        // A name without a letter in it is nobody's.
        return Ok(Vec::new());
    }
    for word in words.into_iter().flatten() {
        query = query.filter(
            clients::id.eq_any(
                client_name_prefixes::table
                    .filter(client_name_prefixes::practice_id.eq(practice))
                    .filter(client_name_prefixes::prefix.eq(word))
                    .select(client_name_prefixes::client_id),
            ),
        );
    }
    if let Some(couple) = filter.couple_id {
        // A client who is seen for another reason must not be found by a couple that is not.
        let known = couples::store::visible_among(tx, vec![couple])?;
        query = query.filter(
            clients::id.eq_any(
                couple_members::table
                    .filter(couple_members::practice_id.eq(practice))
                    .filter(couple_members::couple_id.eq_any(known))
                    .filter(couple_members::left_on.is_null())
                    .filter(couple_members::invitation_state.eq_any(["invited", "accepted"]))
                    .select(couple_members::client_id),
            ),
        );
    }
    if let Some(statuses) = filter.status {
        query = query.filter(clients::status.eq_any(statuses));
    }
    if let Some(external_id) = filter.external_id {
        query = query
            .filter(clients::external_id_lookup.eq(tx.keys.lookup(&EXTERNAL_ID, &external_id)));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(clients::updated_at.ge(since));
    }
    query = match filter.archived {
        Some(true) => query.filter(clients::archived_at.is_not_null()),
        _ => query.filter(clients::archived_at.is_null()),
    };
    let rows: Vec<Row> =
        windowed!(query, clients, window).select(Row::as_select()).load(tx.conn)?;
    rows.iter()
        .map(|row| {
            let client = show(tx, row, open(tx, row)?);
            Ok((client.position(), client))
        })
        .collect()
}

/// Makes a client.
///
/// # Errors
/// 409 when the external id is taken, 422 with every faulty field.
pub fn create(tx: &mut Tx<'_>, new: NewClient) -> Result<Client> {
    let id = tx.new_id();
    let mut fields = fields_of(tx, new)?;
    if fields.intake_clinician_id.is_none() && matches!(tx.caller.sight(), Sight::Caseloads(_)) {
        fields.intake_clinician_id = tx.caller.clinician();
    }
    check(tx, None, &fields)?;
    let row = NewRow {
        practice_id: tx.practice(),
        id,
        status: ClientStatus::Prospective,
        version: 1,
        created_at: tx.now,
        columns: seal(tx, id, &fields)?,
    };
    diesel::insert_into(clients::table)
        .values(row)
        .execute(tx.conn)
        .on_duplicate("Another client has this external id.")?;
    names::index(tx, id, &fields.identity)?;
    record(tx, &Change::of(Subject::Client(id), "created"))?;
    find(tx, id)
}

/// Changes the members that a patch names.
///
/// # Errors
/// 404, 412, 409 when the external id is taken, 422 with every faulty field.
pub fn update(
    tx: &mut Tx<'_>,
    id: ClientId,
    patch: ClientPatch,
    if_match: &IfMatch,
) -> Result<Client> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    apply_patch(tx, id, patch)
}

/// Changes the members that a patch names, of a record whose state was checked before.
///
/// # Errors
/// 404, 409 when the external id is taken, 422 with every faulty field.
pub fn apply_patch(tx: &mut Tx<'_>, id: ClientId, patch: ClientPatch) -> Result<Client> {
    let row = find_row(tx, id)?;
    let before = open(tx, &row)?;
    let mut after = before.clone();
    let changed = after.apply(patch);
    if changed.is_empty() {
        return Ok(show(tx, &row, before));
    }
    replace(tx, id, &before, &after, &changed)
}

/// The client with this external id; none where there is none yet.
///
/// # Errors
/// 403 for callers who do not see every client, 422 for what no external id looks like.
pub fn find_by_external_id(tx: &mut Tx<'_>, external_id: &str) -> Result<Option<Client>> {
    let row = row_of_external_id(tx, external_id)?;
    row.map(|row| Ok(show(tx, &row, open(tx, &row)?))).transpose()
}

fn row_of_external_id(tx: &mut Tx<'_>, external_id: &str) -> Result<Option<Row>> {
    if tx.caller.sight() != Sight::Practice {
        return Err(Error::new(
            Code::OwnerOnly,
            "For practice administrators and services alone, who see every client.",
        ));
    }
    check_external_id(external_id)?;
    let lookup = tx.keys.lookup(&EXTERNAL_ID, external_id);
    let found = visible(tx.caller).filter(clients::external_id_lookup.eq(lookup));
    Ok(found.select(Row::as_select()).first(tx.conn).optional()?)
}

/// Makes the client with this external id, or replaces every field of it. True when new.
///
/// # Errors
/// 403 for callers who do not see every client, 422 with every faulty field.
pub fn put_by_external_id(
    tx: &mut Tx<'_>,
    external_id: String,
    mut new: NewClient,
) -> Result<(bool, Client)> {
    let existing = row_of_external_id(tx, &external_id)?;
    if new.external_id.as_ref().is_some_and(|sent| *sent != external_id) {
        return Err(Error::invalid(vec![Fault::body(
            "/external_id",
            "mismatch",
            "Must be the one in the path.",
        )]));
    }
    new.external_id = Some(external_id);
    let Some(row) = existing else {
        return Ok((true, create(tx, new)?));
    };
    let (before, after) = (open(tx, &row)?, fields_of(tx, new)?);
    if before == after {
        return Ok((false, show(tx, &row, before)));
    }
    Ok((false, replace(tx, row.id, &before, &after, &["replaced"])?))
}

/// A path is not tidied as a body is: an id that a body could not have made is refused, lest
/// it be one that nobody can search for.
fn check_external_id(text: &str) -> Result<()> {
    let fault = if text.chars().count() > 128 {
        ("too_long", "At most 128 characters.")
    } else if text.chars().any(char::is_control) {
        ("control_character", "Must not hold control characters.")
    } else if text.is_empty() || text.trim().nfc().ne(text.chars()) {
        ("wrong_form", "Without white space around it, in Unicode normalization form C.")
    } else {
        return Ok(());
    };
    Err(Error::invalid(vec![Fault::body("/external_id", fault.0, fault.1)]))
}

fn replace(
    tx: &mut Tx<'_>,
    id: ClientId,
    before: &Fields,
    after: &Fields,
    changed: &[&'static str],
) -> Result<Client> {
    check(tx, Some(before), after)?;
    let columns = seal(tx, id, after)?;
    diesel::update(clients::table.find((tx.practice(), id)))
        .set((columns, clients::version.eq(clients::version + 1)))
        .execute(tx.conn)
        .on_duplicate("Another client has this external id.")?;
    if before.identity != after.identity {
        names::replace(tx, id, &after.identity)?;
    }
    if before.timezone != after.timezone {
        move_zone(tx, Mover::Client(id), &after.timezone)?;
    }
    record(tx, &Change { subject: Subject::Client(id), verb: "updated", fields: changed })?;
    find(tx, id)
}

fn find_row(tx: &mut Tx<'_>, id: ClientId) -> Result<Row> {
    visible(tx.caller)
        .filter(clients::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()
}

/// What the document's schema cannot say.
fn check(tx: &mut Tx<'_>, before: Option<&Fields>, fields: &Fields) -> Result<()> {
    let mut faults = Vec::new();
    // "Already taken" would tell a clinician of clients they cannot see.
    let external_id_before = before.and_then(|before| before.external_id.as_ref());
    if fields.external_id.as_ref() != external_id_before && tx.caller.sight() != Sight::Practice {
        faults.push(Fault::body(
            "/external_id",
            "not_permitted",
            "Set by practice administrators and services alone, who see every client.",
        ));
    }
    let zone = practices::store::zone(&fields.timezone)?;
    let today = tx.now.date_in(&zone);
    if fields
        .identity
        .date_of_birth
        .is_some_and(|born| born > today || born < today.years_before(120))
    {
        faults.push(Fault::body(
            "/date_of_birth",
            "out_of_range",
            "In the past, 120 years ago at the most.",
        ));
    }
    let safe = &fields.contact.safe_contact;
    if safe.from.is_some() != safe.until.is_some()
        || (safe.from.is_some() && safe.from == safe.until)
    {
        faults.push(Fault::body(
            "/safe_contact/until",
            "out_of_range",
            "Give both ends, different from one another, or neither.",
        ));
    }
    let intake_before = before.map(|before| before.intake_clinician_id);
    if intake_before != Some(fields.intake_clinician_id) {
        let new = before.is_none();
        faults.extend(clinicians::store::intake_fault(tx, new, fields.intake_clinician_id)?);
    }
    Error::unless_valid(faults)
}
