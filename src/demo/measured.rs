//! Made-up couples with homework, in any number, for measuring.

use diesel::prelude::*;

use super::{ON_ANY_DAY, generated};
use crate::assignments::assign;
use crate::assignments::model::NewAssignment;
use crate::auth::Tx;
use crate::couples::model::{NewCouple, NewMember};
use crate::couples::secrets_policy::{self, Policy};
use crate::db::Date;
use crate::db::id::{ActivityDefinitionId, ClientId, ClinicianId, CoupleId};
use crate::db::schema::activity_definitions as definitions;
use crate::error::{DbResultExt, Result};
use crate::treatments::model::{CareTeamRole, NewTeamMember, NewTreatment};
use crate::users::model::NewUser;
use crate::{clients, couples, treatments, users};

/// What every couple has to do: a talk of every day, and four things to answer once.
pub const HOMEWORK: [&str; 5] =
    ["daily_check_in", "goal_statements", "quarterly_review", "six_threads_check", "weekly_pulse"];

/// Adds an active couple of two clients with logins, in treatment with a clinician, that has to do
/// [`HOMEWORK`] from a day on.
///
/// # Errors
/// Those of the database.
pub fn couple(tx: &mut Tx<'_>, number: u32, clinician: ClinicianId, starts_on: Date) -> Result<()> {
    let members = [partner(tx, 2 * number)?, partner(tx, 2 * number + 1)?];
    let new = NewCouple {
        label: format!("Sample {number}"),
        structure_text: None,
        timezone: None,
        members: members.into(),
        intake_clinician_id: Some(clinician),
        previous_couple_id: None,
    };
    let couple = couples::store::create(tx, new)?.id;
    secrets_policy::set(tx, couple, Policy::LimitedSecrets)?;
    couples::transitions::step(tx, couple, "activate")?;
    treat(tx, couple, clinician)?;
    HOMEWORK.iter().try_for_each(|key| assign(tx, couple, key, starts_on))
}

/// A client with a login, about to be a member.
fn partner(tx: &mut Tx<'_>, number: u32) -> Result<NewMember> {
    let new = generated::new_client(number);
    let display_name = new.given_name.clone();
    let client_id: ClientId = clients::store::create(tx, new)?.id;
    clients::transitions::change_status(tx, client_id, "activate")?;
    let login = NewUser {
        email: format!("partner{number}@couples.example"),
        practice_admin: false,
        clinician_id: None,
        client_id: Some(client_id),
        locale: None,
    };
    users::store::create(tx, login)?;
    Ok(NewMember { client_id, display_name, accepted: true })
}

fn treat(tx: &mut Tx<'_>, couple: CoupleId, clinician_id: ClinicianId) -> Result<()> {
    let new = NewTreatment {
        couple_id: Some(couple),
        client_id: None,
        arc: None,
        planned_min_sessions: None,
        planned_max_sessions: None,
        care_team: Some(vec![NewTeamMember { clinician_id, role: CareTeamRole::Primary }]),
    };
    treatments::store::create(tx, new).map(drop)
}

fn assign(tx: &mut Tx<'_>, couple: CoupleId, key: &str, starts_on: Date) -> Result<()> {
    let exercise: ActivityDefinitionId = definitions::table
        .filter(definitions::practice_id.eq(tx.practice()))
        .filter(definitions::key.eq(key))
        .filter(definitions::status.eq("active"))
        .select(definitions::id)
        .first(tx.conn)
        .or_not_found()?;
    let new = NewAssignment {
        activity_definition_id: exercise,
        couple_id: Some(couple),
        client_id: None,
        parameters: serde_json::Map::new(),
        note: None,
        deviation: None,
        starts_on: Some(starts_on),
        schedule: (key != "goal_statements").then_some(ON_ANY_DAY),
        due_at: None,
        remind_at: None,
    };
    assign::create(tx, new).map(drop)
}
