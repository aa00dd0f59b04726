//! Licences: in which states a clinician may treat (`domain` 5.1). Law follows where the client is.

use actix_web::{get, put};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::store;
use crate::audit::{Change, Subject, record};
use crate::auth::scopes::{PracticeAdmin, PracticeRead};
use crate::auth::{Access, Tx};
use crate::db::conn::each;
use crate::db::id::{ClinicianId, LicenseId, PracticeId};
use crate::db::schema::clinician_licenses;
use crate::db::{Date, Instant};
use crate::error::{Error, Fault, Result};
use crate::http::{Answer, At, Body, Json, Resource, Routes};
use crate::practices::model::StateCode;
use crate::seal::{Column, Compartment, Sealed};

const NUMBER: Column =
    Column { table: "clinician_licenses", name: "number", compartment: Compartment::Directory };

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(get_clinician_licenses).service(put_clinician_licenses);
}

/// The licences of a clinician, in the order of their states.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ClinicianLicenses {
    /// The clinician.
    pub clinician_id: ClinicianId,
    /// The licences, those that have run out included.
    #[schema(max_items = 60)]
    pub licenses: Vec<License>,
}

/// A licence in one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct License {
    /// The state.
    pub state: StateCode,
    /// The number under which the state keeps it.
    #[schema(max_length = 40, example = "DEMO-0001")]
    pub number: String,
    /// The last day on which it is in force; null when it has none.
    pub expires_on: Option<Date>,
}

/// The licences that a clinician has.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetLicenses {
    /// All of them, at most one for each state; what is left out is gone.
    #[schema(max_items = 60)]
    pub licenses: Vec<NewLicense>,
}

/// A licence in one state.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLicense {
    /// The state.
    pub state: StateCode,
    /// The number under which the state keeps it.
    #[schema(min_length = 1, max_length = 40)]
    pub number: String,
    /// The last day on which it is in force; left out when it has none.
    pub expires_on: Option<Date>,
}

impl Resource for ClinicianLicenses {
    fn id(&self) -> Uuid {
        self.clinician_id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/clinicians/{}/licenses", self.clinician_id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        store::find(tx, ClinicianId::from_uuid(id)).map(drop)
    }
}

/// Get a clinician's licences
///
/// By which telehealth is booked. For staff and services.
#[utoipa::path(
    tag = "clinicians",
    responses((status = 200, description = "The licences", body = ClinicianLicenses)),
    security(("token" = ["practice:read"])),
)]
#[get("/v1/clinicians/{clinician_id}/licenses")]
async fn get_clinician_licenses(
    access: Access<PracticeRead>,
    At(id): At<ClinicianId>,
) -> Result<Json<ClinicianLicenses>> {
    access.read(move |tx| find(tx, id)).await
}

/// Put a clinician's licences
///
/// All of them in place of those of before. Sessions that are booked stay as they are. For practice
/// administrators, and services that they allow.
#[utoipa::path(
    tag = "clinicians",
    request_body = SetLicenses,
    responses((status = 200, description = "The licences as they are now", body = ClinicianLicenses)),
    security(("token" = ["practice:admin"])),
)]
#[put("/v1/clinicians/{clinician_id}/licenses")]
async fn put_clinician_licenses(
    access: Access<PracticeAdmin>,
    At(id): At<ClinicianId>,
    body: Body<SetLicenses>,
) -> Result<Answer> {
    let current = move |tx: &mut Tx<'_>| find(tx, id).map(Some);
    access.put(body, current, move |tx, new| Ok((false, set(tx, id, new)?))).await
}

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = clinician_licenses, treat_none_as_default_value = false)]
struct Row {
    practice_id: PracticeId,
    id: LicenseId,
    clinician_id: ClinicianId,
    state: String,
    number: Sealed<String>,
    expires_on: Option<Date>,
    created_at: Instant,
}

/// The licences of one clinician.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, clinician: ClinicianId) -> Result<ClinicianLicenses> {
    store::find(tx, clinician)?;
    Ok(ClinicianLicenses { clinician_id: clinician, licenses: of(tx, clinician)? })
}

/// Those of somebody whom the caller is known to see.
///
/// # Errors
/// Those of the database.
pub(crate) fn of(tx: &mut Tx<'_>, clinician: ClinicianId) -> Result<Vec<License>> {
    let rows: Vec<Row> = clinician_licenses::table
        .filter(clinician_licenses::practice_id.eq(tx.practice()))
        .filter(clinician_licenses::clinician_id.eq(clinician))
        .order(clinician_licenses::state)
        .select(Row::as_select())
        .load(tx.conn)?;
    let licenses = rows.into_iter().map(|row| {
        let number = tx.keys.open(&NUMBER, row.id.uuid(), &row.number)?;
        Ok(License { state: StateCode(row.state), number, expires_on: row.expires_on })
    });
    licenses.collect()
}

/// Puts these licences in the place of those of before.
///
/// # Errors
/// 404, 422 for a state that is named twice.
pub fn set(tx: &mut Tx<'_>, clinician: ClinicianId, new: SetLicenses) -> Result<ClinicianLicenses> {
    let before = find(tx, clinician)?;
    let twice = |(index, one): (usize, &NewLicense)| {
        let again = new.licenses.iter().take(index).any(|other| other.state == one.state);
        let at = format!("/licenses/{index}/state");
        again.then(|| Fault::body(at, "repeated", "Has a licence in this list already."))
    };
    Error::unless_valid(new.licenses.iter().enumerate().filter_map(twice).collect())?;
    let mut wanted: Vec<License> = new.licenses.into_iter().map(License::from).collect();
    wanted.sort_by(|one, other| one.state.0.cmp(&other.state.0));
    if wanted == before.licenses {
        return Ok(before);
    }
    diesel::delete(
        clinician_licenses::table
            .filter(clinician_licenses::practice_id.eq(tx.practice()))
            .filter(clinician_licenses::clinician_id.eq(clinician)),
    )
    .execute(tx.conn)?;
    let rows = wanted.iter().map(|license| row(tx, clinician, license));
    let rows: Vec<Row> = rows.collect::<Result<_>>()?;
    each!(tx.conn, conn => diesel::insert_into(clinician_licenses::table).values(&rows).execute(conn))?;
    let subject = Subject::Clinician(clinician);
    record(tx, &Change { subject, verb: "licenses_changed", fields: &["licenses"] })?;
    Ok(ClinicianLicenses { clinician_id: clinician, licenses: wanted })
}

fn row(tx: &Tx<'_>, clinician: ClinicianId, license: &License) -> Result<Row> {
    let id: LicenseId = tx.new_id();
    Ok(Row {
        practice_id: tx.practice(),
        id,
        clinician_id: clinician,
        state: license.state.0.clone(),
        number: tx.keys.seal(&NUMBER, id.uuid(), &license.number)?,
        expires_on: license.expires_on,
        created_at: tx.now,
    })
}

/// In which states each of these clinicians is licensed on a day.
///
/// # Errors
/// Those of the database.
pub(crate) fn in_force(
    tx: &mut Tx<'_>,
    clinicians: &[ClinicianId],
    on: Date,
) -> Result<Vec<(ClinicianId, StateCode)>> {
    let found: Vec<(ClinicianId, String)> = clinician_licenses::table
        .filter(clinician_licenses::practice_id.eq(tx.practice()))
        .filter(clinician_licenses::clinician_id.eq_any(clinicians))
        .filter(clinician_licenses::expires_on.is_null().or(clinician_licenses::expires_on.ge(on)))
        .select((clinician_licenses::clinician_id, clinician_licenses::state))
        .load(tx.conn)?;
    Ok(found.into_iter().map(|(clinician, state)| (clinician, StateCode(state))).collect())
}

impl From<NewLicense> for License {
    fn from(new: NewLicense) -> Self {
        Self { state: new.state, number: new.number, expires_on: new.expires_on }
    }
}
