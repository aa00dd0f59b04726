//! Care teams: being on one is what gives a clinician access.

use actix_web::{delete, get, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::model::{CareTeamRole, NewTeamMember};
use super::store;
use crate::audit::{Change, Subject, record};
use crate::auth::scopes::{PracticeAdmin, TreatmentsRead};
use crate::auth::{Access, Sight, Tx};
use crate::clinicians;
use crate::db::Date;
use crate::db::id::{CareTeamMemberId, ClinicianId, PracticeId, TreatmentId};
use crate::db::schema::{care_team_members, treatments};
use crate::error::{Error, Fault, Result};
use crate::http::{Answer, At, Body, Json, NoBody, Resource, Routes};
use crate::practices;

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(get_care_team).service(put_care_team_member).service(end_care_team_membership);
}

/// The care team of a treatment, past periods included, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CareTeam {
    /// The treatment.
    pub treatment_id: TreatmentId,
    /// The periods.
    #[schema(max_items = 500)]
    pub members: Vec<CareTeamMember>,
}

/// One period of one clinician on a care team.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CareTeamMember {
    /// The clinician.
    pub clinician_id: ClinicianId,
    /// What they do.
    pub role: CareTeamRole,
    /// First day.
    pub from_on: Date,
    /// Last day; null while it goes on.
    pub to_on: Option<Date>,
}

/// What a clinician is to do on the team.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetCareTeamMember {
    /// The role. Making somebody primary makes the present primary clinician a co-therapist.
    pub role: CareTeamRole,
}

impl Resource for CareTeam {
    fn id(&self) -> Uuid {
        self.treatment_id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/treatments/{}/care-team", self.treatment_id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        store::find(tx, TreatmentId::from_uuid(id)).map(drop)
    }
}

/// Get a care team
///
/// Present and past members with dates. For staff and services who see the treatment.
#[utoipa::path(
    tag = "treatments",
    responses((status = 200, description = "The care team", body = CareTeam)),
    security(("token" = ["treatments:read"])),
)]
#[get("/v1/treatments/{treatment_id}/care-team")]
async fn get_care_team(
    access: Access<TreatmentsRead>,
    At(id): At<TreatmentId>,
) -> Result<Json<CareTeam>> {
    access.read(move |tx| find(tx, id)).await
}

/// Put a clinician on a care team
///
/// Or change their role. Works on their next request. For practice administrators, and
/// services that they allow.
#[utoipa::path(
    tag = "treatments",
    request_body = SetCareTeamMember,
    responses(
        (status = 200, description = "The care team as it is now", body = CareTeam),
        (status = 201, description = "The care team, with the new member", body = CareTeam),
    ),
    security(("token" = ["practice:admin"])),
)]
#[put("/v1/treatments/{treatment_id}/care-team/{clinician_id}")]
async fn put_care_team_member(
    access: Access<PracticeAdmin>,
    At((treatment, clinician)): At<(TreatmentId, ClinicianId)>,
    body: Body<SetCareTeamMember>,
) -> Result<Answer> {
    let current = move |tx: &mut Tx<'_>| find(tx, treatment).map(Some);
    access.put(body, current, move |tx, new| put_member(tx, treatment, clinician, new.role)).await
}

/// Take a clinician off a care team
///
/// Works on their next request. The primary clinician cannot go before another is named. For
/// practice administrators, and services that they allow.
#[utoipa::path(
    tag = "treatments",
    responses((status = 204, description = "The clinician is no longer on the team")),
    security(("token" = ["practice:admin"])),
)]
#[delete("/v1/treatments/{treatment_id}/care-team/{clinician_id}")]
async fn end_care_team_membership(
    access: Access<PracticeAdmin>,
    At((treatment, clinician)): At<(TreatmentId, ClinicianId)>,
    _: NoBody,
) -> Result<Answer> {
    access.end(move |tx| end_member(tx, treatment, clinician)).await
}

/// Clinicians on a team at a time; `Treatment.care_team` is bounded by it.
const MOST_MEMBERS: usize = 50;

/// Periods of a team over its whole life; `CareTeam.members` is bounded by it.
const MOST_PERIODS: usize = 500;

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = care_team_members)]
pub(super) struct Row {
    practice_id: PracticeId,
    id: CareTeamMemberId,
    pub(super) treatment_id: TreatmentId,
    pub(super) clinician_id: ClinicianId,
    pub(super) role: CareTeamRole,
    from_on: Date,
    to_on: Option<Date>,
}

/// The open periods of these treatments, oldest first.
pub(super) fn present(tx: &mut Tx<'_>, treatments: &[TreatmentId]) -> Result<Vec<Row>> {
    let mut rows: Vec<Row> = care_team_members::table
        .filter(care_team_members::practice_id.eq(tx.practice()))
        .filter(care_team_members::treatment_id.eq_any(treatments))
        .filter(care_team_members::to_on.is_null())
        .select(Row::as_select())
        .load(tx.conn)?;
    // Put in order here: asked for it, SQLite walks through all care teams of the practice by their ids.
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

/// The faults of a team to be.
pub(super) fn faults(tx: &mut Tx<'_>, team: &[NewTeamMember]) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for (index, member) in team.iter().enumerate() {
        let at = format!("/care_team/{index}/clinician_id");
        if team.iter().take(index).any(|other| other.clinician_id == member.clinician_id) {
            faults.push(Fault::body(at, "repeated", "Is on the team already."));
        } else if !clinicians::store::is_active(tx, member.clinician_id)? {
            faults.push(Fault::unknown_id(at));
        }
    }
    if team.iter().filter(|member| member.role == CareTeamRole::Primary).count() != 1 {
        faults.push(Fault::body(
            "/care_team",
            "primary_required",
            "Exactly one must be `primary`.",
        ));
    }
    // Who could not see what they made would be told that it does not exist.
    if let Sight::Caseloads(own) = tx.caller.sight()
        && !team.iter().any(|member| own.contains(&member.clinician_id))
    {
        let detail = "Must include you, or a clinician whom you supervise.";
        faults.push(Fault::body("/care_team", "yourself_required", detail));
    }
    Ok(faults)
}

/// Begins a period today.
pub(super) fn open_period(
    tx: &mut Tx<'_>,
    treatment: TreatmentId,
    clinician: ClinicianId,
    role: CareTeamRole,
) -> Result<()> {
    let row = Row {
        practice_id: tx.practice(),
        id: tx.new_id(),
        treatment_id: treatment,
        clinician_id: clinician,
        role,
        from_on: practices::store::today(tx)?,
        to_on: None,
    };
    diesel::insert_into(care_team_members::table).values(row).execute(tx.conn)?;
    Ok(())
}

fn find(tx: &mut Tx<'_>, treatment: TreatmentId) -> Result<CareTeam> {
    store::find_row(tx, treatment)?;
    let rows: Vec<Row> = care_team_members::table
        .filter(care_team_members::practice_id.eq(tx.practice()))
        .filter(care_team_members::treatment_id.eq(treatment))
        .order(care_team_members::id)
        .select(Row::as_select())
        .load(tx.conn)?;
    let members = rows.into_iter().map(|row| CareTeamMember {
        clinician_id: row.clinician_id,
        role: row.role,
        from_on: row.from_on,
        to_on: row.to_on,
    });
    Ok(CareTeam { treatment_id: treatment, members: members.collect() })
}

fn put_member(
    tx: &mut Tx<'_>,
    treatment: TreatmentId,
    clinician: ClinicianId,
    role: CareTeamRole,
) -> Result<(bool, CareTeam)> {
    store::find_row(tx, treatment)?;
    if !clinicians::store::is_active(tx, clinician)? {
        return Err(Error::not_found());
    }
    let team = present(tx, &[treatment])?;
    let before = team.iter().find(|member| member.clinician_id == clinician);
    match before {
        Some(member) if member.role == role => return Ok((false, find(tx, treatment)?)),
        Some(member) if member.role == CareTeamRole::Primary => return Err(no_primary()),
        Some(member) => close_period(tx, member)?,
        None if team.len() >= MOST_MEMBERS => {
            return Err(too_many(format!("A care team has {MOST_MEMBERS} members at most.")));
        }
        None => {}
    }
    // A new primary clinician begins two periods: their own, and the former one's as a co-therapist.
    if find(tx, treatment)?.members.len() + 2 > MOST_PERIODS {
        let detail = format!("A care team has {MOST_PERIODS} periods at most, past ones included.");
        return Err(too_many(detail));
    }
    if role == CareTeamRole::Primary
        && let Some(primary) = team.iter().find(|member| member.role == CareTeamRole::Primary)
    {
        close_period(tx, primary)?;
        open_period(tx, treatment, primary.clinician_id, CareTeamRole::CoTherapist)?;
    }
    open_period(tx, treatment, clinician, role)?;
    record_change(tx, treatment)?;
    Ok((before.is_none(), find(tx, treatment)?))
}

fn end_member(tx: &mut Tx<'_>, treatment: TreatmentId, clinician: ClinicianId) -> Result<()> {
    store::find_row(tx, treatment)?;
    let team = present(tx, &[treatment])?;
    let member =
        team.iter().find(|member| member.clinician_id == clinician).ok_or_else(Error::not_found)?;
    if member.role == CareTeamRole::Primary {
        return Err(no_primary());
    }
    close_period(tx, member)?;
    record_change(tx, treatment)
}

fn too_many(detail: String) -> Error {
    Error::invalid(vec![Fault::body("", "too_many", detail)])
}

fn no_primary() -> Error {
    let detail = "Make another clinician `primary` first.";
    Error::requirements_missing(vec![Fault::body("/role", "primary_required", detail)])
}

fn close_period(tx: &mut Tx<'_>, member: &Row) -> Result<()> {
    let today = practices::store::today(tx)?;
    diesel::update(care_team_members::table.find((tx.practice(), member.id)))
        .set(care_team_members::to_on.eq(Some(today.max(member.from_on))))
        .execute(tx.conn)?;
    Ok(())
}

fn record_change(tx: &mut Tx<'_>, treatment: TreatmentId) -> Result<()> {
    diesel::update(treatments::table.find((tx.practice(), treatment)))
        .set((treatments::updated_at.eq(tx.now), treatments::version.eq(treatments::version + 1)))
        .execute(tx.conn)?;
    let subject = Subject::Treatment(treatment);
    record(tx, &Change { subject, verb: "care_team_changed", fields: &["care_team"] })
}
