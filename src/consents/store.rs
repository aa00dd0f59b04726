//! Queries on consents. Every one starts from [`visible`].

use diesel::prelude::*;

use super::model::{Consent, ConsentFilter, ConsentKind, NewConsent, Signature};
use crate::assignments::assign::ADULT_YEARS;
use crate::audit::{Change, Subject, record};
use crate::auth::{Caller, Sight, Tx};
use crate::db::id::{ClientId, ConsentId, CoupleId, PracticeId};
use crate::db::schema::{caseload_clients, consents};
use crate::db::{Date, Instant, MultiBackend};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::page::{Position, Window, windowed};
use crate::seal::{Column, Compartment, Sealed, SealedJson};
use crate::{clients, couples, practices, submissions};

const SIGNATURE: Column =
    Column { table: "consents", name: "signature", compartment: Compartment::Client };

/// What every client signs before treatment (`domain` 2.7.3).
const BEFORE_TREATMENT: [ConsentKind; 2] =
    [ConsentKind::InformedConsent, ConsentKind::DisclosureStatement];

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = consents)]
struct Row {
    practice_id: PracticeId,
    id: ConsentId,
    client_id: ClientId,
    couple_id: Option<CoupleId>,
    kind: ConsentKind,
    document_version: String,
    signature: Sealed<SealedJson<Signature>>,
    signed_at: Instant,
    expires_on: Option<Date>,
    revoked_at: Option<Instant>,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// The consents that a caller may see: those of the clients that they see. A partner's are
/// never among them.
#[must_use]
pub fn visible(caller: &Caller) -> consents::BoxedQuery<'_, MultiBackend> {
    let query = consents::table.filter(consents::practice_id.eq(caller.practice())).into_boxed();
    match caller.sight() {
        Sight::Practice => query,
        Sight::Caseloads(clinicians) => query.filter(
            consents::client_id.eq_any(
                caseload_clients::table
                    .filter(caseload_clients::practice_id.eq(caller.practice()))
                    .filter(caseload_clients::clinician_id.eq_any(clinicians))
                    .select(caseload_clients::client_id),
            ),
        ),
        Sight::Client(client) => query.filter(consents::client_id.eq(client)),
    }
}

/// One consent.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: ConsentId) -> Result<Consent> {
    let row: Row = visible(tx.caller)
        .filter(consents::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()?;
    let today = practices::store::today(tx)?;
    let couples = known_couples(tx, std::slice::from_ref(&row))?;
    show(tx, row, today, &couples)
}

/// One page of consents.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: ConsentFilter,
    window: Window,
) -> Result<Vec<(Position, Consent)>> {
    let today = practices::store::today(tx)?;
    let mut query = visible(tx.caller);
    if let Some(client) = filter.client_id {
        query = query.filter(consents::client_id.eq(client));
    }
    if let Some(couple) = filter.couple_id {
        if known(tx, vec![couple])?.is_empty() {
            return Ok(Vec::new());
        }
        query = query.filter(consents::couple_id.eq(couple));
    }
    if let Some(kinds) = filter.kind {
        query = query.filter(consents::kind.eq_any(kinds));
    }
    let unexpired = consents::expires_on.is_null().or(consents::expires_on.ge(today));
    query = match filter.in_force {
        Some(true) => {
            query.filter(consents::revoked_at.is_null()).filter(unexpired.assume_not_null())
        }
        Some(false) => query.filter(
            consents::revoked_at.is_not_null().or(consents::expires_on.lt(today).assume_not_null()),
        ),
        None => query,
    };
    if let Some(since) = filter.updated_since {
        query = query.filter(consents::updated_at.ge(since));
    }
    let rows: Vec<Row> =
        windowed!(query, consents, window).select(Row::as_select()).load(tx.conn)?;
    let couples = known_couples(tx, &rows)?;
    rows.into_iter()
        .map(|row| show(tx, row, today, &couples).map(|consent| (consent.position(), consent)))
        .collect()
}

/// Records a signed document.
///
/// # Errors
/// 422 with every faulty field.
pub fn create(tx: &mut Tx<'_>, new: NewConsent) -> Result<Consent> {
    check(tx, &new)?;
    let id: ConsentId = tx.new_id();
    let signature = SealedJson(Signature { name: new.signer_name });
    let row = Row {
        practice_id: tx.practice(),
        id,
        client_id: new.client_id,
        couple_id: new.couple_id,
        kind: new.kind,
        document_version: new.document_version,
        signature: tx.keys.seal(&SIGNATURE, id.uuid(), &signature)?,
        signed_at: new.signed_at.unwrap_or(tx.now),
        expires_on: new.expires_on,
        revoked_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    let (kind, client) = (row.kind, row.client_id);
    diesel::insert_into(consents::table).values(row).execute(tx.conn)?;
    record(tx, &Change::of(Subject::Consent(id), "created"))?;
    if kind == ConsentKind::SexualHealthHomework {
        // What has waited for it opens now.
        for couple in couples::members::store::couples_of(tx, client)? {
            submissions::look_again(tx, couple)?;
        }
    }
    find(tx, id)
}

/// Takes a consent back.
///
/// # Errors
/// 404.
pub fn revoke(tx: &mut Tx<'_>, id: ConsentId) -> Result<Consent> {
    let consent = find(tx, id)?;
    if consent.revoked_at.is_some() {
        return Ok(consent);
    }
    diesel::update(consents::table.find((tx.practice(), id)))
        .set((
            consents::revoked_at.eq(Some(tx.now)),
            consents::updated_at.eq(tx.now),
            consents::version.eq(consents::version + 1),
        ))
        .execute(tx.conn)?;
    record(tx, &Change::of(Subject::Consent(id), "revoked"))?;
    find(tx, id)
}

/// What a client still has to sign before treatment.
///
/// # Errors
/// Those of the database.
pub fn missing_consents(tx: &mut Tx<'_>, client: ClientId) -> Result<Vec<Fault>> {
    let today = practices::store::today(tx)?;
    let signed: Vec<ConsentKind> = consents::table
        .filter(consents::practice_id.eq(tx.practice()))
        .filter(consents::client_id.eq(client))
        .filter(consents::kind.eq_any(BEFORE_TREATMENT))
        .filter(consents::revoked_at.is_null())
        .filter(consents::expires_on.is_null().or(consents::expires_on.ge(today)).assume_not_null())
        .select(consents::kind)
        .load(tx.conn)?;
    let missing = BEFORE_TREATMENT.into_iter().filter(|kind| !signed.contains(kind));
    Ok(missing
        .map(|kind| {
            let detail =
                format!("{client} has not signed `{}`, or it no longer counts.", kind.as_str());
            Fault::body("/consents", "consent_missing", detail)
        })
        .collect())
}

/// How many of these clients have a document of this kind that counts today. The caller sees them already.
///
/// # Errors
/// Those of the database.
pub fn in_force(tx: &mut Tx<'_>, clients: &[ClientId], kind: ConsentKind) -> Result<usize> {
    let today = practices::store::today(tx)?;
    let signed: Vec<ClientId> = consents::table
        .filter(consents::practice_id.eq(tx.practice()))
        .filter(consents::client_id.eq_any(clients))
        .filter(consents::kind.eq(kind))
        .filter(consents::revoked_at.is_null())
        .filter(consents::expires_on.is_null().or(consents::expires_on.ge(today)).assume_not_null())
        .select(consents::client_id)
        .distinct()
        .load(tx.conn)?;
    Ok(signed.len())
}

fn check(tx: &mut Tx<'_>, new: &NewConsent) -> Result<()> {
    let mut faults = Vec::new();
    if !clients::store::is_visible(tx, new.client_id)? {
        faults.push(Fault::unknown_id("/client_id"));
    }
    if let Some(couple) = new.couple_id {
        let member = couples::store::is_visible(tx, couple)?
            && couples::members::store::present_members(tx, couple)?
                .iter()
                .any(|(client, _)| *client == new.client_id);
        if !member {
            faults.push(Fault::unknown_id("/couple_id"));
        }
    }
    if new.signed_at.is_some_and(|at| at > tx.now) {
        faults.push(Fault::body("/signed_at", "out_of_range", "Must not lie in the future."));
    }
    let today = practices::store::today(tx)?;
    if faults.is_empty() && new.kind == ConsentKind::SexualHealthHomework {
        faults.extend(minor(tx, new.client_id, today)?);
    }
    if new.expires_on.is_some_and(|expires| expires < today) {
        faults.push(Fault::body("/expires_on", "out_of_range", "Must not lie in the past."));
    }
    Error::unless_valid(faults)
}

/// Sexual-health homework is for adults whose age is on record.
fn minor(tx: &mut Tx<'_>, client: ClientId, today: Date) -> Result<Option<Fault>> {
    let born = clients::store::find(tx, client)?.date_of_birth;
    let adult = born.is_some_and(|born| born <= today.years_before(ADULT_YEARS));
    let detail = "Needs a date of birth on record, eighteen years ago or longer.";
    Ok((!adult).then(|| Fault::body("/kind", "not_permitted", detail)))
}

/// The couples of these consents that may be named to the caller.
fn known_couples(tx: &mut Tx<'_>, rows: &[Row]) -> Result<Vec<CoupleId>> {
    known(tx, rows.iter().filter_map(|row| row.couple_id).collect())
}

/// A client knows what they signed. Whoever sees the client need not know of a couple that
/// somebody else treats.
fn known(tx: &mut Tx<'_>, ids: Vec<CoupleId>) -> Result<Vec<CoupleId>> {
    match tx.caller.sight() {
        Sight::Practice | Sight::Client(_) => Ok(ids),
        Sight::Caseloads(_) => couples::store::visible_among(tx, ids),
    }
}

fn show(tx: &Tx<'_>, row: Row, today: Date, couples: &[CoupleId]) -> Result<Consent> {
    let signature = tx.keys.open(&SIGNATURE, row.id.uuid(), &row.signature)?.0;
    Ok(Consent {
        id: row.id,
        client_id: row.client_id,
        couple_id: row.couple_id.filter(|couple| couples.contains(couple)),
        kind: row.kind,
        document_version: row.document_version,
        signer_name: signature.name,
        signed_at: row.signed_at,
        expires_on: row.expires_on,
        revoked_at: row.revoked_at,
        in_force: row.revoked_at.is_none() && row.expires_on.is_none_or(|end| end >= today),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
