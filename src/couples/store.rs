//! Queries on couples. Every one starts from [`visible`].

use diesel::prelude::*;

use super::members::store as members;
use super::model::{
    Couple, CoupleFilter, CouplePatch, CoupleStatus, InvitationState, NewCouple, Profile, position,
};
use crate::assignments::scheduling::{Mover, move_zone};
use crate::audit::{Change, Subject, record};
use crate::auth::{Caller, Sight, Tx};
use crate::clinicians;
use crate::db::id::{ClinicianId, CoupleId, PracticeId};
use crate::db::schema::{caseload_couples, couple_members, couples};
use crate::db::{Date, Instant, MultiBackend};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::http::page::{Position, Sort, Window, windowed};
use crate::http::patch::set;
use crate::practices;
use crate::seal::{Column, Compartment, Sealed, SealedJson};

const PROFILE: Column =
    Column { table: "couples", name: "profile", compartment: Compartment::Couple };

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = couples, primary_key(practice_id, id), treat_none_as_null = true)]
pub(super) struct Row {
    practice_id: PracticeId,
    pub(super) id: CoupleId,
    profile: Sealed<SealedJson<Profile>>,
    timezone: String,
    pub(super) status: CoupleStatus,
    pub(super) started_on: Option<Date>,
    pub(super) dissolved_on: Option<Date>,
    pub(super) max_members: i32,
    intake_clinician_id: Option<ClinicianId>,
    previous_couple_id: Option<CoupleId>,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// The couples that a caller may see: the one place that says so.
///
/// A member who left, or never said yes, sees nothing; after dissolution members see what was
/// shared for as long as the practice's setting says (`domain` 2.11).
///
/// # Errors
/// Those of the database.
pub fn visible<'a>(tx: &mut Tx<'a>) -> Result<couples::BoxedQuery<'a, MultiBackend>> {
    let caller: &'a Caller = tx.caller;
    let practice = caller.practice();
    let query = couples::table.filter(couples::practice_id.eq(practice)).into_boxed();
    Ok(match caller.sight() {
        Sight::Practice => query,
        Sight::Caseloads(clinicians) => query.filter(
            couples::id.eq_any(
                caseload_couples::table
                    .filter(caseload_couples::practice_id.eq(practice))
                    .filter(caseload_couples::clinician_id.eq_any(clinicians))
                    .select(caseload_couples::couple_id),
            ),
        ),
        Sight::Client(client) => {
            let (settings, today) = practices::store::settings_and_today(tx)?;
            let last = today.plus_days(-i32::from(settings.data_access_after_dissolution_days));
            query
                .filter(
                    couples::id.eq_any(
                        couple_members::table
                            .filter(couple_members::practice_id.eq(practice))
                            .filter(couple_members::client_id.eq(client))
                            .filter(couple_members::left_on.is_null())
                            .filter(couple_members::invitation_state.eq(InvitationState::Accepted))
                            .select(couple_members::couple_id),
                    ),
                )
                .filter(couples::dissolved_on.is_null().or(couples::dissolved_on.ge(last)))
        }
    })
}

/// One couple.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: CoupleId) -> Result<Couple> {
    let row = find_row(tx, id)?;
    show(tx, vec![row])?.pop().ok_or_else(Error::not_found)
}

/// Where a couple stands whose homework the caller sees.
///
/// # Errors
/// Those of the database.
pub(crate) fn status(tx: &mut Tx<'_>, id: CoupleId) -> Result<CoupleStatus> {
    Ok(couples::table.find((tx.practice(), id)).select(couples::status).first(tx.conn)?)
}

/// True when the caller may see this couple: what an id in a body or filter is checked by.
///
/// # Errors
/// Those of the database.
pub fn is_visible(tx: &mut Tx<'_>, id: CoupleId) -> Result<bool> {
    let found: Option<CoupleId> =
        visible(tx)?.filter(couples::id.eq(id)).select(couples::id).first(tx.conn).optional()?;
    Ok(found.is_some())
}

/// Those of these couples that the caller may see: what ids beside a record are shown by.
///
/// # Errors
/// Those of the database.
pub fn visible_among(tx: &mut Tx<'_>, ids: Vec<CoupleId>) -> Result<Vec<CoupleId>> {
    if ids.is_empty() {
        return Ok(ids);
    }
    Ok(visible(tx)?.filter(couples::id.eq_any(ids)).select(couples::id).load(tx.conn)?)
}

/// One page of couples. To a member the order and the filter by change are those of creation:
/// when a record last changed is not theirs to watch.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: CoupleFilter,
    mut window: Window,
) -> Result<Vec<(Position, Couple)>> {
    let practice = tx.practice();
    let mut query = visible(tx)?;
    if let Some(statuses) = filter.status {
        query = query.filter(couples::status.eq_any(statuses));
    }
    if let Some(client) = filter.client_id {
        let memberships = couple_members::table
            .filter(couple_members::practice_id.eq(practice))
            .filter(couple_members::client_id.eq_any(members::known_clients(tx, client)?))
            .filter(couple_members::left_on.is_null())
            .filter(couple_members::invitation_state.eq_any(members::PRESENT))
            .select(couple_members::couple_id);
        query = query.filter(couples::id.eq_any(memberships));
    }
    if tx.caller.is_practice_side() {
        if let Some(since) = filter.updated_since {
            query = query.filter(couples::updated_at.ge(since));
        }
    } else {
        window.sort = match window.sort {
            Sort::Created | Sort::Updated => Sort::Created,
            Sort::CreatedDescending | Sort::UpdatedDescending => Sort::CreatedDescending,
        };
    }
    let rows: Vec<Row> =
        windowed!(query, couples, window).select(Row::as_select()).load(tx.conn)?;
    let positions: Vec<Position> =
        rows.iter().map(|row| position(row.updated_at, row.id)).collect();
    Ok(positions.into_iter().zip(show(tx, rows)?).collect())
}

/// Makes a couple of clients whom the caller sees.
///
/// # Errors
/// 422 with every faulty field.
pub fn create(tx: &mut Tx<'_>, mut new: NewCouple) -> Result<Couple> {
    let id: CoupleId = tx.new_id();
    if matches!(tx.caller.sight(), Sight::Caseloads(_)) {
        new.intake_clinician_id = new.intake_clinician_id.or(tx.caller.clinician());
    }
    let max_members = i32::from(practices::store::settings(tx)?.max_members);
    check(tx, &new, max_members)?;
    let profile = Profile { label: new.label, structure_text: new.structure_text };
    let timezone = match new.timezone {
        Some(timezone) => timezone,
        None => practices::store::timezone(tx)?,
    };
    let row = Row {
        practice_id: tx.practice(),
        id,
        profile: tx.keys.seal(&PROFILE, id.uuid(), &SealedJson(profile))?,
        timezone,
        status: CoupleStatus::Forming,
        started_on: None,
        dissolved_on: None,
        max_members,
        intake_clinician_id: new.intake_clinician_id,
        previous_couple_id: new.previous_couple_id,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(couples::table).values(row).execute(tx.conn)?;
    for member in new.members {
        members::insert(tx, id, member)?;
    }
    record(tx, &Change::of(Subject::Couple(id), "created"))?;
    find(tx, id)
}

/// Changes the members that a patch names.
///
/// # Errors
/// 404, 412, 422.
pub fn update(
    tx: &mut Tx<'_>,
    id: CoupleId,
    patch: CouplePatch,
    if_match: &IfMatch,
) -> Result<Couple> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut row = find_row(tx, id)?;
    let mut profile = tx.keys.open(&PROFILE, id.uuid(), &row.profile)?.0;
    let mut changed = Vec::new();
    let mut note = |name, is_another| {
        if is_another {
            changed.push(name);
        }
    };
    note("label", set(&mut profile.label, patch.label));
    note("structure_text", patch.structure_text.apply(&mut profile.structure_text));
    note("timezone", set(&mut row.timezone, patch.timezone));
    note("intake_clinician_id", patch.intake_clinician_id.apply(&mut row.intake_clinician_id));
    if changed.is_empty() {
        return Ok(current);
    }
    if changed.contains(&"intake_clinician_id")
        && let Some(fault) = clinicians::store::intake_fault(tx, false, row.intake_clinician_id)?
    {
        return Err(Error::invalid(vec![fault]));
    }
    if changed.contains(&"timezone") {
        move_zone(tx, Mover::Couple(id), &row.timezone)?;
    }
    row.profile = tx.keys.seal(&PROFILE, id.uuid(), &SealedJson(profile))?;
    save(tx, row, &Change { subject: Subject::Couple(id), verb: "updated", fields: &changed })
}

/// Writes a changed row with its record.
pub(super) fn save(tx: &mut Tx<'_>, mut row: Row, change: &Change<'_>) -> Result<Couple> {
    row.version += 1;
    row.updated_at = tx.now;
    let id = row.id;
    diesel::update(couples::table.find((tx.practice(), id))).set(&row).execute(tx.conn)?;
    record(tx, change)?;
    find(tx, id)
}

/// Marks the record as changed: its members did.
pub(super) fn touch(tx: &mut Tx<'_>, id: CoupleId, change: &Change<'_>) -> Result<()> {
    diesel::update(couples::table.find((tx.practice(), id)))
        .set((couples::updated_at.eq(tx.now), couples::version.eq(couples::version + 1)))
        .execute(tx.conn)?;
    record(tx, change)
}

pub(super) fn find_row(tx: &mut Tx<'_>, id: CoupleId) -> Result<Row> {
    visible(tx)?.filter(couples::id.eq(id)).select(Row::as_select()).first(tx.conn).or_not_found()
}

fn check(tx: &mut Tx<'_>, new: &NewCouple, max_members: i32) -> Result<()> {
    let mut faults = Vec::new();
    if i32::try_from(new.members.len()).unwrap_or(i32::MAX) > max_members {
        let detail = format!("At most {max_members} entries, by the practice's `max_members`.");
        faults.push(Fault::body("/members", "too_many", detail));
    }
    for (index, member) in new.members.iter().enumerate() {
        faults.extend(members::faults(tx, member, &format!("/members/{index}"))?);
        if new.members.iter().take(index).any(|other| other.client_id == member.client_id) {
            let detail = "Is a member already.";
            faults.push(Fault::body(format!("/members/{index}/client_id"), "repeated", detail));
        }
    }
    faults.extend(clinicians::store::intake_fault(tx, true, new.intake_clinician_id)?);
    if let Some(previous) = new.previous_couple_id
        && !is_visible(tx, previous)?
    {
        faults.push(Fault::unknown_id("/previous_couple_id"));
    }
    Error::unless_valid(faults)
}

/// Couples as the caller may see them, each with its present members.
fn show(tx: &mut Tx<'_>, rows: Vec<Row>) -> Result<Vec<Couple>> {
    let practice_side = tx.caller.is_practice_side();
    // Somebody else may have treated the couple that one came from.
    let previous = rows.iter().filter(|_| practice_side).filter_map(|row| row.previous_couple_id);
    let known = visible_among(tx, previous.collect())?;
    let ids: Vec<CoupleId> = rows.iter().map(|row| row.id).collect();
    let mut members = members::summaries(tx, &ids)?;
    rows.into_iter()
        .map(|row| {
            let profile = tx.keys.open(&PROFILE, row.id.uuid(), &row.profile)?.0;
            Ok(Couple {
                id: row.id,
                label: profile.label,
                status: row.status,
                timezone: row.timezone,
                members: members.remove(&row.id).unwrap_or_default(),
                started_on: row.started_on.filter(|_| practice_side),
                dissolved_on: row.dissolved_on,
                structure_text: profile.structure_text.filter(|_| practice_side),
                max_members: practice_side.then_some(row.max_members),
                intake_clinician_id: row.intake_clinician_id.filter(|_| practice_side),
                previous_couple_id: row.previous_couple_id.filter(|id| known.contains(id)),
                created_at: practice_side.then_some(row.created_at),
                updated_at: practice_side.then_some(row.updated_at),
            })
        })
        .collect()
}
