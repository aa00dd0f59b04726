//! The story of the demo: who there is, and how far they have come.
//!
//! It is told through the same functions that serve requests, so that nothing in it could not
//! have come about by the API, but for the practice's own settings, which are written as they are.

use diesel::prelude::*;

use super::BEGINNING;
use super::people::{self, Person};
use crate::auth::scopes::{ActorKind, ScopeSet};
use crate::auth::{Acting, Gate, Tx, apps};
use crate::clinicians::licenses::{self, NewLicense, SetLicenses};
use crate::clinicians::model::{Modality, NewClinician};
use crate::consents::model::{ConsentKind, NewConsent};
use crate::couples::model::{NewCouple, NewMember};
use crate::couples::secrets_policy::{self, Policy};
use crate::db::id::{ClientId, ClinicianId, CoupleId, IdSource, PracticeId, TreatmentId, UserId};
use crate::db::schema::practices as practice_rows;
use crate::db::{Conn, Doc, Instant};
use crate::error::Result;
use crate::practices::founding::{Founding, found};
use crate::practices::model::{NewOffice, PostedHours, PracticeSettings, StateCode};
use crate::treatments::model::{
    ActivateTreatment, CareTeamRole, ConsultOutcome, NewTeamMember, NewTreatment,
};
use crate::users::model::NewUser;
use crate::{clients, clinicians, consents, couples, practices, treatments, users};

/// Tells the story, inside the caller's transaction.
///
/// # Errors
/// Those of the database.
pub fn play(conn: &mut Conn, gate: &Gate, ids: &IdSource) -> Result<()> {
    let (first, second) = people::practice_ids(ids);
    let mut story = Story { conn, gate, ids, practice: first, now: BEGINNING };
    story.found("Tidewater Couples Practice (fictitious)", people::ADMIN)?;
    story.furnish()?;
    let team = story.staff()?;
    story.service_app()?;
    story.couple_of_the_roadmap(team.clinician)?;
    story.couple_on_break(team.associate)?;
    story.individuals(team.clinician)?;
    story.practice = second;
    story.found("Highland Pairs (fictitious)", people::OTHER_ADMIN)?;
    story.other_practice()?;
    // Told last, so that the ids of what is told before stay as they were.
    story.practice = first;
    story.licenses([team.clinician, team.associate])
}

/// Who treats in the first practice.
struct Team {
    clinician: ClinicianId,
    associate: ClinicianId,
}

struct Story<'a> {
    conn: &'a mut Conn,
    gate: &'a Gate,
    ids: &'a IdSource,
    practice: PracticeId,
    now: Instant,
}

impl Story<'_> {
    /// Something that the practice does, a minute after what came before.
    fn by_practice<T>(&mut self, unit: impl FnOnce(&mut Tx<'_>) -> Result<T>) -> Result<T> {
        self.now = self.now.plus_seconds(60);
        self.gate.operate(self.conn, Acting::Operator(self.practice), self.ids, self.now, unit)
    }

    /// Something that one of its users does, a minute after what came before.
    fn by_user<T>(
        &mut self,
        user: UserId,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        self.now = self.now.plus_seconds(60);
        self.gate.operate(self.conn, Acting::User(self.practice, user), self.ids, self.now, unit)
    }

    fn found(&mut self, name: &str, admin_email: &str) -> Result<()> {
        let founding = Founding {
            practice_id: self.practice,
            name: name.to_owned(),
            timezone: "America/Los_Angeles".to_owned(),
            admin_email: admin_email.to_owned(),
        };
        found(self.conn, self.gate, self.ids, self.now, founding).map(drop)
    }

    /// An office with hours (`seed:1.135`), and the states in which it works (`seed:1.138`).
    fn furnish(&mut self) -> Result<()> {
        let hours = |weekday, opens: &str, closes: &str| PostedHours {
            weekday,
            opens: opens.parse().unwrap_or_default(),
            closes: closes.parse().unwrap_or_default(),
            note: None,
        };
        let office = NewOffice {
            name: "Harbor Street (fictitious)".to_owned(),
            line1: "1 Fictitious Wharf".to_owned(),
            line2: None,
            city: "Seattle".to_owned(),
            region: "WA".to_owned(),
            postal_code: "98100".to_owned(),
            country: None,
            nearby: Some(vec!["Imaginary Pier".to_owned()]),
            posted_hours: Some(vec![
                hours(1, "10:00", "17:00"),
                hours(2, "10:00", "17:00"),
                hours(3, "08:00", "14:00"),
                hours(4, "08:00", "14:00"),
            ]),
        };
        self.by_practice(|tx| practices::offices::create(tx, office))?;
        let settings = PracticeSettings {
            telehealth_states: ["WA", "ID"].map(|state| StateCode(state.to_owned())).into(),
            ..PracticeSettings::default()
        };
        diesel::update(practice_rows::table.find(self.practice))
            .set((
                practice_rows::settings.eq(Doc(settings)),
                practice_rows::phone.eq(Some("+12065550100")),
                practice_rows::email.eq(Some("hello@tidewater.example")),
                practice_rows::out_of_network.eq(true),
            ))
            .execute(self.conn)?;
        Ok(())
    }

    fn staff(&mut self) -> Result<Team> {
        let supervisor = self.clinician(&people::SUPERVISOR, None)?;
        let clinician = self.clinician(&people::CLINICIAN, None)?;
        let associate = self.clinician(&people::ASSOCIATE, Some(supervisor))?;
        Ok(Team { clinician, associate })
    }

    fn clinician(
        &mut self,
        person: &Person,
        supervisor_id: Option<ClinicianId>,
    ) -> Result<ClinicianId> {
        let new = NewClinician {
            display_name: person.display_name(),
            credentials: Some("LMFT".to_owned()),
            bio: None,
            modalities: vec![Modality::Eft, Modality::Gottman],
            accepts_new: true,
            supervisor_id,
            requires_cosign: supervisor_id.is_some(),
        };
        let id = self.by_practice(|tx| clinicians::store::create(tx, new))?.id;
        self.login(person, Some(id), None)?;
        Ok(id)
    }

    fn login(
        &mut self,
        person: &Person,
        clinician_id: Option<ClinicianId>,
        client_id: Option<ClientId>,
    ) -> Result<UserId> {
        let email = person.email.to_owned();
        let new = NewUser { email, practice_admin: false, clinician_id, client_id, locale: None };
        Ok(self.by_practice(|tx| users::store::create(tx, new))?.id)
    }

    fn client(&mut self, person: &Person, intake: ClinicianId) -> Result<(ClientId, UserId)> {
        let new = person.new_client(intake);
        let id = self.by_practice(|tx| clients::store::create(tx, new))?.id;
        self.by_practice(|tx| clients::transitions::change_status(tx, id, "activate"))?;
        Ok((id, self.login(person, None, Some(id))?))
    }

    /// The couple of `domain` 8.2, in treatment, two time zones apart.
    fn couple_of_the_roadmap(&mut self, clinician: ClinicianId) -> Result<()> {
        let partners = [&people::PARTNER_A, &people::PARTNER_B];
        let (_, treatment) = self.couple("A & B", partners, clinician)?;
        self.begin(treatment)
    }

    /// A couple that pauses, treated by the associate whose work the supervisor reads.
    fn couple_on_break(&mut self, associate: ClinicianId) -> Result<()> {
        let (couple, treatment) =
            self.couple("C & D", [&people::PARTNER_C, &people::PARTNER_D], associate)?;
        self.begin(treatment)?;
        self.by_practice(|tx| treatments::transitions::plain_step(tx, treatment, "hold"))?;
        self.by_practice(|tx| couples::transitions::step(tx, couple, "take-break"))?;
        Ok(())
    }

    /// Forms a couple, has both members accept everything, and opens a treatment.
    fn couple(
        &mut self,
        label: &str,
        partners: [&Person; 2],
        clinician: ClinicianId,
    ) -> Result<(CoupleId, TreatmentId)> {
        let [one, two] = partners;
        let (first, first_user) = self.client(one, clinician)?;
        let (second, second_user) = self.client(two, clinician)?;
        let member = |client_id, name: &str| NewMember {
            client_id,
            display_name: name.to_owned(),
            accepted: false,
        };
        let new = NewCouple {
            label: label.to_owned(),
            structure_text: None,
            timezone: None,
            members: vec![member(first, one.given_name), member(second, two.given_name)],
            intake_clinician_id: Some(clinician),
            previous_couple_id: None,
        };
        let couple = self.by_practice(|tx| couples::store::create(tx, new))?.id;
        self.by_practice(|tx| secrets_policy::set(tx, couple, Policy::LimitedSecrets))?;
        for (client, user, person) in [(first, first_user, one), (second, second_user, two)] {
            self.by_user(user, |tx| couples::members::store::accept_invitation(tx, couple))?;
            self.by_user(user, |tx| secrets_policy::accept(tx, couple, 1))?;
            self.sign(user, client, person)?;
        }
        self.by_practice(|tx| couples::transitions::step(tx, couple, "activate"))?;
        let new = new_treatment(Some(couple), None, clinician);
        let treatment = self.by_practice(|tx| treatments::store::create(tx, new))?.id;
        Ok((couple, treatment))
    }

    fn sign(&mut self, user: UserId, client_id: ClientId, person: &Person) -> Result<()> {
        for kind in [ConsentKind::InformedConsent, ConsentKind::DisclosureStatement] {
            let new = NewConsent {
                client_id,
                couple_id: None,
                kind,
                document_version: "2026-01".to_owned(),
                signer_name: person.display_name(),
                signed_at: None,
                expires_on: None,
            };
            self.by_user(user, |tx| consents::store::create(tx, new))?;
        }
        Ok(())
    }

    /// From inquiry through the consultation to active.
    fn begin(&mut self, treatment: TreatmentId) -> Result<()> {
        use treatments::transitions::{activate, complete_consult, plain_step};
        self.by_practice(|tx| plain_step(tx, treatment, "schedule-consult"))?;
        self.by_practice(|tx| complete_consult(tx, treatment, ConsultOutcome::Fit))?;
        self.by_practice(|tx| activate(tx, treatment, ActivateTreatment::default())).map(drop)
    }

    /// A client in treatment alone, and one who has left and is archived.
    fn individuals(&mut self, clinician: ClinicianId) -> Result<()> {
        let (client, user) = self.client(&people::INDIVIDUAL, clinician)?;
        self.sign(user, client, &people::INDIVIDUAL)?;
        let new = new_treatment(None, Some(client), clinician);
        let treatment = self.by_practice(|tx| treatments::store::create(tx, new))?.id;
        self.begin(treatment)?;
        let (past, _) = self.client(&people::ARCHIVED, clinician)?;
        self.by_practice(|tx| clients::transitions::change_status(tx, past, "discharge"))?;
        self.by_practice(|tx| clients::transitions::set_archived(tx, past, true)).map(drop)
    }

    /// A service that mirrors the practice's records.
    fn service_app(&mut self) -> Result<()> {
        let scopes = ScopeSet::of_holder(ActorKind::Service);
        self.by_practice(|tx| apps::create(tx, people::SERVICE_APP, scopes)).map(drop)
    }

    /// In both states of the practice, under numbers that say that they are none.
    fn licenses(&mut self, clinicians: [ClinicianId; 2]) -> Result<()> {
        let license = |state: &str| NewLicense {
            state: StateCode(state.to_owned()),
            number: "DEMO-0001".to_owned(),
            expires_on: None,
        };
        for clinician in clinicians {
            let new = SetLicenses { licenses: vec![license("ID"), license("WA")] };
            self.by_practice(|tx| licenses::set(tx, clinician, new))?;
        }
        Ok(())
    }

    /// A clinician with a couple and a client of their own, none of whom anybody in the first
    /// practice may ever see.
    fn other_practice(&mut self) -> Result<()> {
        let clinician = self.clinician(&people::OTHER_CLINICIAN, None)?;
        let partners = [&people::OTHER_CLIENT, &people::OTHER_PARTNER];
        let (_, treatment) = self.couple("E & F", partners, clinician)?;
        self.begin(treatment)
    }
}

fn new_treatment(
    couple_id: Option<CoupleId>,
    client_id: Option<ClientId>,
    clinician_id: ClinicianId,
) -> NewTreatment {
    let primary = NewTeamMember { clinician_id, role: CareTeamRole::Primary };
    NewTreatment {
        couple_id,
        client_id,
        arc: None,
        planned_min_sessions: None,
        planned_max_sessions: None,
        care_team: Some(vec![primary]),
    }
}
