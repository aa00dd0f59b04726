//! The people of the demo, and how to find them again in a database.

use std::collections::BTreeMap;

use diesel::prelude::*;

use super::BEGINNING;
use crate::auth::{Acting, Gate, Tx};
use crate::clients::model::NewClient;
use crate::couples::model::CoupleFilter;
use crate::db::Conn;
use crate::db::id::{AppId, ClientId, ClinicianId, IdSource, PracticeId, UserId};
use crate::db::schema::{apps, practices};
use crate::error::{DbResultExt, Error, Result};
use crate::http::page::{Sort, Window};
use crate::treatments::model::TreatmentFilter;
use crate::users::model::UserFilter;
use crate::{couples, treatments, users};

/// Somebody of the demo.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) given_name: &'static str,
    pub(super) family_name: &'static str,
    pub(super) email: &'static str,
    timezone: &'static str,
    state: &'static str,
}

const SEATTLE: (&str, &str) = ("America/Los_Angeles", "WA");
const BOISE: (&str, &str) = ("America/Boise", "ID");

const fn person(
    given_name: &'static str,
    family_name: &'static str,
    email: &'static str,
    home: (&'static str, &'static str),
) -> Person {
    Person { given_name, family_name, email, timezone: home.0, state: home.1 }
}

pub(super) const ADMIN: &str = "frontdesk@tidewater.example";
pub(super) const CLINICIAN: Person =
    person("Morgan", "Sample", "morgan@tidewater.example", SEATTLE);
pub(super) const SUPERVISOR: Person = person("Inês", "Fixture", "ines@tidewater.example", SEATTLE);
pub(super) const ASSOCIATE: Person =
    person("Rílan", "Placeholder", "rilan@tidewater.example", SEATTLE);
pub(super) const PARTNER_A: Person =
    person("Åsa", "Lindqvist-Example", "asa@people.example", SEATTLE);
pub(super) const PARTNER_B: Person =
    person("Tomás", "Ibáñez-Example", "tomas@people.example", BOISE);
pub(super) const PARTNER_C: Person = person("Zoë", "Łukasik-Sample", "zoe@people.example", BOISE);
pub(super) const PARTNER_D: Person = person("Nguyễn", "Văn Mẫu", "nguyen@people.example", BOISE);
pub(super) const INDIVIDUAL: Person =
    person("Oluwaseun", "Adébáyò-Demo", "seun@people.example", SEATTLE);
pub(super) const ARCHIVED: Person =
    person("Jürgen", "Müller-Specimen", "juergen@people.example", SEATTLE);
pub(super) const SERVICE_APP: &str = "Record mirror (fictitious)";

pub(super) const OTHER_ADMIN: &str = "desk@highland.example";
pub(super) const OTHER_CLINICIAN: Person =
    person("Siobhán", "Mock", "siobhan@highland.example", SEATTLE);
pub(super) const OTHER_CLIENT: Person =
    person("Çağla", "Muster-Example", "cagla@elsewhere.example", SEATTLE);
pub(super) const OTHER_PARTNER: Person =
    person("Bo", "Muster-Example", "bo@elsewhere.example", SEATTLE);

impl Person {
    pub(super) fn display_name(&self) -> String {
        format!("{} {}", self.given_name, self.family_name)
    }

    pub(super) fn new_client(&self, intake: ClinicianId) -> NewClient {
        NewClient {
            external_id: Some(format!(
                "mirror-{}",
                self.email.split('@').next().unwrap_or_default()
            )),
            given_name: self.given_name.to_owned(),
            family_name: Some(self.family_name.to_owned()),
            preferred_name: None,
            pronouns: None,
            date_of_birth: "1988-04-17".parse().ok(),
            timezone: Some(self.timezone.to_owned()),
            home_state: Some(self.state.to_owned()),
            phone: Some("+12065550117".to_owned()),
            email: Some(self.email.to_owned()),
            relationship_status: None,
            chronotype: None,
            safe_contact: None,
            responsible_for_billing: false,
            intake_clinician_id: Some(intake),
        }
    }
}

/// The two practices: the first two ids that the demo's source yields.
pub(super) fn practice_ids(ids: &IdSource) -> (PracticeId, PracticeId) {
    (ids.next(BEGINNING), ids.next(BEGINNING))
}

/// True when the story has been told in this database.
pub(super) fn are_there(conn: &mut Conn, ids: &IdSource) -> Result<bool> {
    let (first, _) = practice_ids(ids);
    let found: Option<PracticeId> =
        practices::table.find(first).select(practices::practice_id).first(conn).optional()?;
    Ok(found.is_some())
}

/// A login of the demo, by its name in the credentials.
#[derive(Debug, Clone, Copy)]
pub struct Login {
    /// As `practice_admin`.
    pub name: &'static str,
    /// Their practice.
    pub practice: PracticeId,
    /// The user, for people.
    pub user: Option<UserId>,
    /// The application, for services.
    pub app: Option<AppId>,
}

/// Who can sign in, and the ids that readers may want.
#[derive(Debug, Default)]
pub struct Cast {
    /// The logins.
    pub logins: Vec<Login>,
    /// Ids by name.
    pub ids: BTreeMap<&'static str, String>,
}

/// Finds everybody in a database in which the story has been told.
///
/// # Errors
/// 404 when somebody is missing.
pub fn find(conn: &mut Conn, gate: &Gate, ids: &IdSource) -> Result<Cast> {
    let (first, second) = practice_ids(ids);
    let mut cast = Cast::default();
    let operate = |conn: &mut Conn,
                   practice,
                   cast: &mut Cast,
                   unit: fn(&mut Tx<'_>, &mut Cast) -> Result<()>| {
        gate.operate(conn, Acting::Operator(practice), ids, BEGINNING, |tx| unit(tx, cast))
    };
    operate(conn, first, &mut cast, find_first)?;
    operate(conn, second, &mut cast, find_second)?;
    Ok(cast)
}

fn find_first(tx: &mut Tx<'_>, cast: &mut Cast) -> Result<()> {
    cast.note("practice", tx.practice());
    cast.login(tx, "practice_admin", ADMIN)?;
    let (clinician, _) = cast.login(tx, "clinician", CLINICIAN.email)?;
    let (supervisor, _) = cast.login(tx, "supervisor", SUPERVISOR.email)?;
    let (associate, _) = cast.login(tx, "associate", ASSOCIATE.email)?;
    cast.note_some("clinician", clinician);
    cast.note_some("supervisor", supervisor);
    cast.note_some("associate", associate);
    let (_, partner_a) = cast.login(tx, "partner_a", PARTNER_A.email)?;
    let (_, partner_b) = cast.login(tx, "partner_b", PARTNER_B.email)?;
    let (_, partner_c) = cast.login(tx, "partner_c", PARTNER_C.email)?;
    let (_, individual) = cast.login(tx, "individual_client", INDIVIDUAL.email)?;
    cast.note_some("partner_a", partner_a);
    cast.note_some("partner_b", partner_b);
    cast.note_some("partner_c", partner_c);
    cast.note_some("individual_client", individual);
    let (_, archived) = user(tx, ARCHIVED.email).map(|user| (user.0, user.2))?;
    cast.note_some("archived_client", archived);
    cast.couple(tx, "couple", "treatment", partner_a)?;
    cast.couple(tx, "couple_on_break", "treatment_on_hold", partner_c)?;
    let app: AppId = apps::table
        .filter(apps::practice_id.eq(tx.practice()))
        .filter(apps::name.eq(SERVICE_APP))
        .select(apps::id)
        .first(tx.conn)
        .or_not_found()?;
    cast.note("service_app", app);
    cast.logins.push(Login {
        name: "service_app",
        practice: tx.practice(),
        user: None,
        app: Some(app),
    });
    Ok(())
}

fn find_second(tx: &mut Tx<'_>, cast: &mut Cast) -> Result<()> {
    cast.note("other_practice", tx.practice());
    let (clinician, _) = cast.login(tx, "other_practice_clinician", OTHER_CLINICIAN.email)?;
    let (_, client) = cast.login(tx, "other_practice_client", OTHER_CLIENT.email)?;
    cast.note_some("other_practice_clinician", clinician);
    cast.note_some("other_practice_client", client);
    cast.couple(tx, "other_practice_couple", "other_practice_treatment", client)
}

impl Cast {
    fn note(&mut self, name: &'static str, id: impl ToString) {
        self.ids.insert(name, id.to_string());
    }

    fn note_some(&mut self, name: &'static str, id: Option<impl ToString>) {
        if let Some(id) = id {
            self.note(name, id);
        }
    }

    fn login(
        &mut self,
        tx: &mut Tx<'_>,
        name: &'static str,
        email: &str,
    ) -> Result<(Option<ClinicianId>, Option<ClientId>)> {
        let (id, clinician, client) = user(tx, email)?;
        self.logins.push(Login { name, practice: tx.practice(), user: Some(id), app: None });
        Ok((clinician, client))
    }

    fn couple(
        &mut self,
        tx: &mut Tx<'_>,
        couple_name: &'static str,
        treatment_name: &'static str,
        client_id: Option<ClientId>,
    ) -> Result<()> {
        let filter = CoupleFilter { status: None, client_id, updated_since: None };
        let (_, couple) =
            couples::store::list(tx, filter, FIRST)?.pop().ok_or_else(Error::not_found)?;
        self.note(couple_name, couple.id);
        let filter = TreatmentFilter {
            status: None,
            couple_id: Some(couple.id),
            client_id: None,
            clinician_id: None,
            updated_since: None,
        };
        let (_, treatment) =
            treatments::store::list(tx, filter, FIRST)?.pop().ok_or_else(Error::not_found)?;
        self.note(treatment_name, treatment.id);
        Ok(())
    }
}

/// The first entry of a list.
const FIRST: Window = Window { load: 1, after: None, sort: Sort::Created };

type Found = (UserId, Option<ClinicianId>, Option<ClientId>);

fn user(tx: &mut Tx<'_>, email: &str) -> Result<Found> {
    let filter = UserFilter { email: Some(email.to_owned()), ..UserFilter::default() };
    let (_, user) = users::store::list(tx, filter, FIRST)?.pop().ok_or_else(Error::not_found)?;
    Ok((user.id, user.clinician_id, user.client_id))
}
