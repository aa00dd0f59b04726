//! Queries on clients. Every one starts from [`visible`].

use diesel::prelude::*;
use unicode_normalization::UnicodeNormalization;

use super::model::{
    Background, Client, ClientFilter, ClientPatch, ClientStatus, Contact, Identity, NewClient,
};
use super::names;
use crate::audit::{Change, Subject, record};
use crate::auth::{Caller, Sight, Tx};
use crate::clinicians;
use crate::db::id::{ClientId, ClinicianId, PracticeId};
use crate::db::schema::{caseload_clients, client_name_prefixes, clients, couple_members};
use crate::db::{Instant, MultiBackend};
use crate::error::{Code, DbResultExt, Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::http::page::{Position, Window, windowed};
use crate::http::patch::set;
use crate::practices;
use crate::seal::{Column, Compartment, LookupKey, Sealed, SealedJson};

const EXTERNAL_ID: Column = directory("external_id");
const IDENTITY: Column = directory("identity");
const CONTACT: Column = directory("contact");
const BACKGROUND: Column = directory("background");

const fn directory(name: &'static str) -> Column {
    Column { table: "clients", name, compartment: Compartment::Directory }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = clients)]
struct Row {
    id: ClientId,
    external_id: Option<Sealed<String>>,
    identity: Sealed<SealedJson<Identity>>,
    contact: Sealed<SealedJson<Contact>>,
    background: Sealed<SealedJson<Background>>,
    timezone: String,
    status: ClientStatus,
    responsible_for_billing: bool,
    intake_clinician_id: Option<ClinicianId>,
    archived_at: Option<Instant>,
    created_at: Instant,
    updated_at: Instant,
}

#[derive(Insertable)]
#[diesel(table_name = clients)]
struct NewRow {
    practice_id: PracticeId,
    id: ClientId,
    status: ClientStatus,
    version: i32,
    created_at: Instant,
    #[diesel(embed)]
    columns: Columns,
}

/// The columns that creating and changing a client write alike.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_null = true)]
struct Columns {
    external_id: Option<Sealed<String>>,
    external_id_lookup: Option<LookupKey>,
    identity: Sealed<SealedJson<Identity>>,
    contact: Sealed<SealedJson<Contact>>,
    background: Sealed<SealedJson<Background>>,
    timezone: String,
    responsible_for_billing: bool,
    intake_clinician_id: Option<ClinicianId>,
    updated_at: Instant,
}

/// A client's fields, opened: what [`Client`] shows and what is sealed again on a change.
#[derive(Clone, PartialEq)]
struct Fields {
    external_id: Option<String>,
    identity: Identity,
    contact: Contact,
    background: Background,
    timezone: String,
    responsible_for_billing: bool,
    intake_clinician_id: Option<ClinicianId>,
}

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
    for word in filter.name.iter().flat_map(|name| names::search(tx, name)) {
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
        query = query.filter(
            clients::id.eq_any(
                couple_members::table
                    .filter(couple_members::practice_id.eq(practice))
                    .filter(couple_members::couple_id.eq(couple))
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

/// Makes the client with this external id, or replaces every field of it. True when new.
///
/// # Errors
/// 403 for callers who do not see every client, 422 with every faulty field.
pub fn put_by_external_id(
    tx: &mut Tx<'_>,
    external_id: String,
    mut new: NewClient,
) -> Result<(bool, Client)> {
    if tx.caller.sight() != Sight::Practice {
        return Err(Error::new(
            Code::OwnerOnly,
            "For practice administrators and services alone, who see every client.",
        ));
    }
    check_external_id(&external_id)?;
    if new.external_id.as_ref().is_some_and(|sent| *sent != external_id) {
        return Err(Error::invalid(vec![Fault::body(
            "/external_id",
            "mismatch",
            "Must be the one in the path.",
        )]));
    }
    let lookup = tx.keys.lookup(&EXTERNAL_ID, &external_id);
    new.external_id = Some(external_id);
    let existing: Option<Row> = visible(tx.caller)
        .filter(clients::external_id_lookup.eq(lookup))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
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
        names::index(tx, id, &after.identity)?;
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

fn fields_of(tx: &mut Tx<'_>, new: NewClient) -> Result<Fields> {
    let timezone = match new.timezone {
        Some(timezone) => timezone,
        None => practices::store::timezone(tx)?,
    };
    Ok(Fields {
        external_id: new.external_id,
        identity: Identity {
            given_name: new.given_name,
            family_name: new.family_name,
            preferred_name: new.preferred_name,
            pronouns: new.pronouns,
            date_of_birth: new.date_of_birth,
        },
        contact: Contact {
            phone: new.phone,
            email: new.email,
            safe_contact: new.safe_contact.unwrap_or_default(),
        },
        background: Background {
            home_state: new.home_state,
            relationship_status: new.relationship_status,
            chronotype: new.chronotype,
        },
        timezone,
        responsible_for_billing: new.responsible_for_billing,
        intake_clinician_id: new.intake_clinician_id,
    })
}

impl Fields {
    /// Applies a patch; returns the names of the members that are now another.
    fn apply(&mut self, patch: ClientPatch) -> Vec<&'static str> {
        let mut changed = Vec::new();
        let mut note = |name, is_another| {
            if is_another {
                changed.push(name);
            }
        };
        note("external_id", patch.external_id.apply(&mut self.external_id));
        note("given_name", set(&mut self.identity.given_name, patch.given_name));
        note("family_name", patch.family_name.apply(&mut self.identity.family_name));
        note("preferred_name", patch.preferred_name.apply(&mut self.identity.preferred_name));
        note("pronouns", patch.pronouns.apply(&mut self.identity.pronouns));
        note("date_of_birth", patch.date_of_birth.apply(&mut self.identity.date_of_birth));
        note("timezone", set(&mut self.timezone, patch.timezone));
        note("home_state", patch.home_state.apply(&mut self.background.home_state));
        note("phone", patch.phone.apply(&mut self.contact.phone));
        note("email", patch.email.apply(&mut self.contact.email));
        note(
            "relationship_status",
            patch.relationship_status.apply(&mut self.background.relationship_status),
        );
        note("chronotype", patch.chronotype.apply(&mut self.background.chronotype));
        note("safe_contact", set(&mut self.contact.safe_contact, patch.safe_contact));
        note(
            "responsible_for_billing",
            set(&mut self.responsible_for_billing, patch.responsible_for_billing),
        );
        note("intake_clinician_id", patch.intake_clinician_id.apply(&mut self.intake_clinician_id));
        changed
    }
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
    let intake_before = before.and_then(|before| before.intake_clinician_id);
    if let Some(clinician) = fields.intake_clinician_id.filter(|id| Some(*id) != intake_before)
        && !clinicians::store::is_active(tx, clinician)?
    {
        faults.push(Fault::unknown_id("/intake_clinician_id"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::invalid(faults)) }
}

fn open(tx: &Tx<'_>, row: &Row) -> Result<Fields> {
    let id = row.id.uuid();
    Ok(Fields {
        external_id: tx.keys.open_opt(&EXTERNAL_ID, id, row.external_id.as_ref())?,
        identity: tx.keys.open(&IDENTITY, id, &row.identity)?.0,
        contact: tx.keys.open(&CONTACT, id, &row.contact)?.0,
        background: tx.keys.open(&BACKGROUND, id, &row.background)?.0,
        timezone: row.timezone.clone(),
        responsible_for_billing: row.responsible_for_billing,
        intake_clinician_id: row.intake_clinician_id,
    })
}

fn seal(tx: &Tx<'_>, id: ClientId, fields: &Fields) -> Result<Columns> {
    let row = id.uuid();
    let lookup = fields.external_id.as_ref().map(|value| tx.keys.lookup(&EXTERNAL_ID, value));
    Ok(Columns {
        external_id: tx.keys.seal_opt(&EXTERNAL_ID, row, fields.external_id.as_ref())?,
        external_id_lookup: lookup,
        identity: tx.keys.seal(&IDENTITY, row, &SealedJson(fields.identity.clone()))?,
        contact: tx.keys.seal(&CONTACT, row, &SealedJson(fields.contact.clone()))?,
        background: tx.keys.seal(&BACKGROUND, row, &SealedJson(fields.background.clone()))?,
        timezone: fields.timezone.clone(),
        responsible_for_billing: fields.responsible_for_billing,
        intake_clinician_id: fields.intake_clinician_id,
        updated_at: tx.now,
    })
}

/// What the caller is shown: the practice's own side of the record is not for the client.
fn show(tx: &Tx<'_>, row: &Row, fields: Fields) -> Client {
    let practice_side = tx.caller.is_practice_side();
    let Fields { external_id, identity, contact, background, .. } = fields;
    Client {
        id: row.id,
        external_id: external_id.filter(|_| practice_side),
        given_name: identity.given_name,
        family_name: identity.family_name,
        preferred_name: identity.preferred_name,
        pronouns: identity.pronouns,
        date_of_birth: identity.date_of_birth,
        timezone: fields.timezone,
        home_state: background.home_state,
        phone: contact.phone,
        email: contact.email,
        relationship_status: background.relationship_status,
        chronotype: background.chronotype,
        safe_contact: contact.safe_contact,
        status: row.status,
        responsible_for_billing: fields.responsible_for_billing,
        intake_clinician_id: fields.intake_clinician_id.filter(|_| practice_side),
        archived_at: row.archived_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}
