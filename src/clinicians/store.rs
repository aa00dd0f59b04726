//! Queries on clinicians. Every one starts from [`visible`].

use diesel::prelude::*;

use super::model::{Clinician, ClinicianFilter, ClinicianPatch, Modality, NewClinician, Profile};
use crate::audit::{Change, Subject, record};
use crate::auth::{Caller, Sight, Tx};
use crate::db::id::{ClinicianId, PracticeId};
use crate::db::schema::clinicians;
use crate::db::{Doc, Instant, MultiBackend};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::http::page::{Position, Window, windowed};
use crate::http::patch::set;
use crate::seal::{Column, Compartment, Sealed, SealedJson};

const PROFILE: Column =
    Column { table: "clinicians", name: "profile", compartment: Compartment::Directory };

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = clinicians, primary_key(practice_id, id), treat_none_as_null = true)]
pub(crate) struct Row {
    pub(crate) practice_id: PracticeId,
    pub(crate) id: ClinicianId,
    pub(crate) profile: Sealed<SealedJson<Profile>>,
    pub(crate) modalities: Doc<Vec<Modality>>,
    pub(crate) accepts_new: bool,
    pub(crate) supervisor_id: Option<ClinicianId>,
    pub(crate) requires_cosign: bool,
    pub(crate) archived_at: Option<Instant>,
    pub(crate) version: i32,
    pub(crate) created_at: Instant,
    pub(crate) updated_at: Instant,
}

/// The clinicians that a caller may see: staff and services see all of their practice,
/// clients none here.
#[must_use]
pub fn visible(caller: &Caller) -> clinicians::BoxedQuery<'static, MultiBackend> {
    let query =
        clinicians::table.filter(clinicians::practice_id.eq(caller.practice())).into_boxed();
    match caller.sight() {
        Sight::Practice | Sight::Caseloads(_) => query,
        Sight::Client(_) => query.filter(diesel::dsl::sql::<diesel::sql_types::Bool>("1 = 0")),
    }
}

/// One clinician.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: ClinicianId) -> Result<Clinician> {
    let row = find_row(tx, id)?;
    show(tx, row)
}

/// True for a clinician of the practice who has not left: what an id in a body is checked by.
///
/// # Errors
/// Those of the database.
pub fn is_active(tx: &mut Tx<'_>, id: ClinicianId) -> Result<bool> {
    let found: Option<ClinicianId> = visible(tx.caller)
        .filter(clinicians::id.eq(id))
        .filter(clinicians::archived_at.is_null())
        .select(clinicians::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// The fault of an intake clinician to be, if there is one.
///
/// A clinician names themself or somebody they supervise, and only when the record is made:
/// who gave a record away could not be shown what they did. Handing over is for those who see
/// the whole practice.
///
/// # Errors
/// Those of the database.
pub fn intake_fault(
    tx: &mut Tx<'_>,
    new: bool,
    intake: Option<ClinicianId>,
) -> Result<Option<Fault>> {
    const AT: &str = "/intake_clinician_id";
    if let Sight::Caseloads(own) = tx.caller.sight() {
        let own_intake = intake.is_some_and(|intake| own.contains(&intake));
        if !new || !own_intake {
            let detail = "Must be you, or a clinician whom you supervise, and is changed by \
                          practice administrators alone.";
            return Ok(Some(Fault::body(AT, "not_permitted", detail)));
        }
    }
    match intake {
        Some(intake) if !is_active(tx, intake)? => Ok(Some(Fault::unknown_id(AT))),
        _ => Ok(None),
    }
}

/// One page of clinicians.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: ClinicianFilter,
    window: Window,
) -> Result<Vec<(Position, Clinician)>> {
    let mut query = visible(tx.caller);
    if let Some(accepts_new) = filter.accepts_new {
        query = query.filter(clinicians::accepts_new.eq(accepts_new));
    }
    if let Some(supervisor) = filter.supervisor_id {
        query = query.filter(clinicians::supervisor_id.eq(supervisor));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(clinicians::updated_at.ge(since));
    }
    query = match filter.archived {
        Some(true) => query.filter(clinicians::archived_at.is_not_null()),
        _ => query.filter(clinicians::archived_at.is_null()),
    };
    let rows: Vec<Row> =
        windowed!(query, clinicians, window).select(Row::as_select()).load(tx.conn)?;
    rows.into_iter()
        .map(|row| show(tx, row).map(|clinician| (clinician.position(), clinician)))
        .collect()
}

/// Makes a clinician.
///
/// # Errors
/// 422 for a supervisor whom the practice does not have.
pub fn create(tx: &mut Tx<'_>, new: NewClinician) -> Result<Clinician> {
    let id: ClinicianId = tx.new_id();
    check_supervisor(tx, id, new.supervisor_id)?;
    let profile =
        Profile { display_name: new.display_name, credentials: new.credentials, bio: new.bio };
    let row = Row {
        practice_id: tx.practice(),
        id,
        profile: tx.keys.seal(&PROFILE, id.uuid(), &SealedJson(profile))?,
        modalities: Doc(new.modalities),
        accepts_new: new.accepts_new,
        supervisor_id: new.supervisor_id,
        requires_cosign: new.requires_cosign,
        archived_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(clinicians::table).values(row).execute(tx.conn)?;
    record(tx, &Change::of(Subject::Clinician(id), "created"))?;
    find(tx, id)
}

/// Changes the members that a patch names.
///
/// # Errors
/// 404, 412, 422.
pub fn update(
    tx: &mut Tx<'_>,
    id: ClinicianId,
    patch: ClinicianPatch,
    if_match: &IfMatch,
) -> Result<Clinician> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut row = find_row(tx, id)?;
    let mut profile = tx.keys.open(&PROFILE, id.uuid(), &row.profile)?.0;
    let changed = apply(&mut row, &mut profile, patch);
    if changed.is_empty() {
        return Ok(current);
    }
    if row.supervisor_id != current.supervisor_id {
        check_supervisor(tx, id, row.supervisor_id)?;
    }
    row.profile = tx.keys.seal(&PROFILE, id.uuid(), &SealedJson(profile))?;
    save(tx, row, &Change { subject: Subject::Clinician(id), verb: "updated", fields: &changed })
}

/// Archives or restores a clinician.
///
/// # Errors
/// 404.
pub fn set_archived(tx: &mut Tx<'_>, id: ClinicianId, archived: bool) -> Result<Clinician> {
    let mut row = find_row(tx, id)?;
    if row.archived_at.is_some() == archived {
        return show(tx, row);
    }
    row.archived_at = archived.then_some(tx.now);
    let verb = if archived { "archived" } else { "restored" };
    save(tx, row, &Change::of(Subject::Clinician(id), verb))
}

fn save(tx: &mut Tx<'_>, mut row: Row, change: &Change<'_>) -> Result<Clinician> {
    row.version += 1;
    row.updated_at = tx.now;
    diesel::update(clinicians::table.find((tx.practice(), row.id))).set(&row).execute(tx.conn)?;
    record(tx, change)?;
    show(tx, row)
}

fn apply(row: &mut Row, profile: &mut Profile, patch: ClinicianPatch) -> Vec<&'static str> {
    let mut changed = Vec::new();
    let mut note = |name, is_another| {
        if is_another {
            changed.push(name);
        }
    };
    note("display_name", set(&mut profile.display_name, patch.display_name));
    note("credentials", patch.credentials.apply(&mut profile.credentials));
    note("bio", patch.bio.apply(&mut profile.bio));
    note("modalities", set(&mut row.modalities.0, patch.modalities));
    note("accepts_new", set(&mut row.accepts_new, patch.accepts_new));
    note("supervisor_id", patch.supervisor_id.apply(&mut row.supervisor_id));
    note("requires_cosign", set(&mut row.requires_cosign, patch.requires_cosign));
    changed
}

/// A supervisor is an active clinician of the practice, and nobody supervises themself, not
/// even by way of another.
fn check_supervisor(
    tx: &mut Tx<'_>,
    id: ClinicianId,
    supervisor: Option<ClinicianId>,
) -> Result<()> {
    let Some(supervisor) = supervisor else { return Ok(()) };
    if !is_active(tx, supervisor)? {
        return Err(Error::invalid(vec![Fault::unknown_id("/supervisor_id")]));
    }
    let mut above = Some(supervisor);
    while let Some(next) = above {
        if next == id {
            let detail = "Would make somebody their own supervisor.";
            return Err(Error::invalid(vec![Fault::body("/supervisor_id", "circular", detail)]));
        }
        above = clinicians::table
            .find((tx.practice(), next))
            .select(clinicians::supervisor_id)
            .first(tx.conn)?;
    }
    Ok(())
}

fn find_row(tx: &mut Tx<'_>, id: ClinicianId) -> Result<Row> {
    visible(tx.caller)
        .filter(clinicians::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()
}

fn show(tx: &Tx<'_>, row: Row) -> Result<Clinician> {
    let profile = tx.keys.open(&PROFILE, row.id.uuid(), &row.profile)?.0;
    Ok(Clinician {
        id: row.id,
        display_name: profile.display_name,
        credentials: profile.credentials,
        bio: profile.bio,
        modalities: row.modalities.0,
        accepts_new: row.accepts_new,
        supervisor_id: row.supervisor_id,
        requires_cosign: row.requires_cosign,
        archived_at: row.archived_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
