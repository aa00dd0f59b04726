//! The people of a database that is being filled: practices, clinicians, couples in treatment.
//!
//! They are made by the functions that serve requests, so that nothing of them could not have come about by the API.

use diesel::prelude::*;

use super::Filling;
use super::clients::new_client;
use super::days::midnight;
use super::shape::{CASELOAD, CoupleShape};
use crate::assignments::assign;
use crate::assignments::changes::reschedule;
use crate::assignments::model::NewAssignment;
use crate::assignments::store::find_row;
use crate::auth::Tx;
use crate::clinicians::model::{Modality, NewClinician};
use crate::consents::model::{ConsentKind, NewConsent};
use crate::couples::model::{NewCouple, NewMember};
use crate::couples::secrets_policy::{self, Policy};
use crate::db::Date;
use crate::db::id::{
    ActivityDefinitionId, AssignmentId, ClientId, ClinicianId, CoupleId, OfficeId, PracticeId,
    TreatmentId, UserId,
};
use crate::db::schema::{activity_definitions as definitions, occurrences};
use crate::error::{DbResultExt, Error, Result};
use crate::occurrences::making;
use crate::practices::founding::{Founding, found};
use crate::practices::model::NewOffice;
use crate::schedules::{Opening, Rhythm, Schedule};
use crate::treatments::model::{
    ActivateTreatment, CareTeamRole, ConsultOutcome, NewTeamMember, NewTreatment,
};
use crate::treatments::transitions::{activate, complete_consult, plain_step};
use crate::users::model::NewUser;
use crate::{clients, clinicians, consents, couples, practices, treatments, users};

/// What every couple has to do from the beginning.
const HOMEWORK: [&str; 4] =
    ["daily_check_in", "goal_statements", "quarterly_review", "six_threads_check"];
/// What comes by its own times; all else can be done on any day.
const BY_ITS_OWN_TIMES: [&str; 2] = ["goal_statements", "weekly_pulse"];

/// So many days ago the check-in became one of every day: more than a dashboard looks back.
const DAILY_FOR: i32 = 40;

/// So long before the first couple its talk could have begun, in days: there are always days left to submit.
const EARLIER: i32 = 10_000;

/// A practice.
pub(super) struct Practice {
    pub(super) id: PracticeId,
    pub(super) admin: UserId,
    pub(super) office: OfficeId,
    pub(super) clinicians: Vec<Clinician>,
}

/// A clinician with a login.
#[derive(Clone, Copy)]
pub(super) struct Clinician {
    pub(super) id: ClinicianId,
    pub(super) user: UserId,
}

/// A client with a login.
#[derive(Clone, Copy)]
pub(super) struct Partner {
    pub(super) client: ClientId,
    pub(super) user: UserId,
}

/// A couple in treatment.
pub(super) struct Couple {
    pub(super) practice: PracticeId,
    pub(super) office: OfficeId,
    pub(super) id: CoupleId,
    pub(super) treatment: TreatmentId,
    pub(super) clinician: Clinician,
    pub(super) partners: [Partner; 2],
    pub(super) check_in: AssignmentId,
    pub(super) goals: AssignmentId,
    pub(super) threads: AssignmentId,
}

/// Founds a practice with an office, and as many clinicians as its couples need.
pub(super) fn practice(
    filling: &mut Filling<'_>,
    number: usize,
    couples: usize,
) -> Result<Practice> {
    let (ids, now) = (filling.ids, filling.now);
    let founding = Founding {
        practice_id: ids.next(now),
        name: format!("Sample Practice {number} (fictitious)"),
        timezone: "America/Los_Angeles".to_owned(),
        admin_email: format!("desk@practice{number}.example"),
    };
    let founded = found(filling.conn, filling.gate, ids, now, founding)?;
    filling.practice = founded.practice_id;
    let office = filling.by_practice(|tx| practices::offices::create(tx, office()))?.id;
    let clinicians = (0..couples.div_ceil(CASELOAD).max(1))
        .map(|clinician| filling.by_practice(|tx| staff(tx, number, clinician)))
        .collect::<Result<_>>()?;
    Ok(Practice { id: founded.practice_id, admin: founded.admin_id, office, clinicians })
}

fn office() -> NewOffice {
    NewOffice {
        name: "Harbor Street (fictitious)".to_owned(),
        line1: "1 Fictitious Wharf".to_owned(),
        line2: None,
        city: "Seattle".to_owned(),
        region: "WA".to_owned(),
        postal_code: "98100".to_owned(),
        country: None,
        nearby: None,
        posted_hours: None,
    }
}

fn staff(tx: &mut Tx<'_>, practice: usize, number: usize) -> Result<Clinician> {
    let new = NewClinician {
        display_name: format!("Clinician {number} Sample"),
        credentials: Some("LMFT".to_owned()),
        bio: None,
        modalities: vec![Modality::Eft, Modality::Gottman],
        accepts_new: true,
        supervisor_id: None,
        requires_cosign: false,
    };
    let id = clinicians::store::create(tx, new)?.id;
    let user = login(tx, format!("clinician{number}@practice{practice}.example"), Some(id), None)?;
    Ok(Clinician { id, user })
}

fn login(
    tx: &mut Tx<'_>,
    email: String,
    clinician_id: Option<ClinicianId>,
    client_id: Option<ClientId>,
) -> Result<UserId> {
    let new = NewUser { email, practice_admin: false, clinician_id, client_id, locale: None };
    Ok(users::store::create(tx, new)?.id)
}

/// Forms a couple of two clients, brings it into treatment and assigns its homework.
pub(super) fn couple(
    filling: &mut Filling<'_>,
    number: usize,
    shape: CoupleShape,
    practice: &Practice,
) -> Result<Couple> {
    filling.practice = practice.id;
    let clinician = practice.clinicians.get(shape.clinician).copied();
    let clinician = clinician.ok_or_else(|| Error::internal("a couple without a clinician"))?;
    let (partners, id) = filling.by_practice(|tx| formed(tx, number, clinician.id))?;
    for partner in partners {
        filling.by_user(partner.user, |tx| agree(tx, partner.client, id))?;
    }
    let first_day = filling.day(filling.days + EARLIER);
    let (treatment, [check_in, goals, _, threads]) = filling.by_practice(|tx| {
        couples::transitions::step(tx, id, "activate")?;
        let treatment = treat(tx, id, clinician.id)?;
        let [one, two, three, four] = HOMEWORK.map(|key| assign(tx, id, key, first_day));
        Ok((treatment, [one?, two?, three?, four?]))
    })?;
    let office = practice.office;
    let practice = practice.id;
    Ok(Couple { practice, office, id, treatment, clinician, partners, check_in, goals, threads })
}

fn formed(
    tx: &mut Tx<'_>,
    number: usize,
    clinician: ClinicianId,
) -> Result<([Partner; 2], CoupleId)> {
    let number = u32::try_from(number).unwrap_or(u32::MAX / 2);
    let (first, one) = partner(tx, 2 * number)?;
    let (second, two) = partner(tx, 2 * number + 1)?;
    let new = NewCouple {
        label: format!("Sample {number}"),
        structure_text: None,
        timezone: None,
        members: vec![one, two],
        intake_clinician_id: Some(clinician),
        previous_couple_id: None,
    };
    let couple = couples::store::create(tx, new)?.id;
    secrets_policy::set(tx, couple, Policy::LimitedSecrets)?;
    Ok(([first, second], couple))
}

/// A client with a login, about to be a member.
fn partner(tx: &mut Tx<'_>, number: u32) -> Result<(Partner, NewMember)> {
    let new = new_client(number);
    let display_name = new.given_name.clone();
    let client = clients::store::create(tx, new)?.id;
    clients::transitions::change_status(tx, client, "activate")?;
    let user = login(tx, format!("partner{number}@couples.example"), None, Some(client))?;
    let member = NewMember { client_id: client, display_name, accepted: true };
    Ok((Partner { client, user }, member))
}

/// What has to be signed and accepted before a treatment.
fn agree(tx: &mut Tx<'_>, client_id: ClientId, couple: CoupleId) -> Result<()> {
    secrets_policy::accept(tx, couple, 1)?;
    for kind in [ConsentKind::InformedConsent, ConsentKind::DisclosureStatement] {
        let new = NewConsent {
            client_id,
            couple_id: None,
            kind,
            document_version: "2026-01".to_owned(),
            signer_name: "A Sample".to_owned(),
            signed_at: None,
            expires_on: None,
        };
        consents::store::create(tx, new)?;
    }
    Ok(())
}

/// From inquiry through the consultation to active.
fn treat(tx: &mut Tx<'_>, couple: CoupleId, clinician_id: ClinicianId) -> Result<TreatmentId> {
    let new = NewTreatment {
        couple_id: Some(couple),
        client_id: None,
        arc: None,
        planned_min_sessions: None,
        planned_max_sessions: None,
        care_team: Some(vec![NewTeamMember { clinician_id, role: CareTeamRole::Primary }]),
    };
    let treatment = treatments::store::create(tx, new)?.id;
    plain_step(tx, treatment, "schedule-consult")?;
    complete_consult(tx, treatment, ConsultOutcome::Fit)?;
    activate(tx, treatment, ActivateTreatment::default())?;
    Ok(treatment)
}

/// Something that comes every week from now on, and is made ahead; and the check-in, which has been on any day, every
/// day for the last weeks, so that what was left out of it has its times too.
pub(super) fn assign_times(filling: &mut Filling<'_>, couple: &Couple) -> Result<()> {
    filling.practice = couple.practice;
    let (today, since) = (filling.today, filling.day(DAILY_FOR));
    filling.together(|filling| {
        filling.by_practice(|tx| {
            assign(tx, couple.id, "weekly_pulse", today)?;
            every_day_since(tx, couple.check_in, since)
        })
    })
}

/// As it would be, had the schedule been changed then.
fn every_day_since(tx: &mut Tx<'_>, check_in: AssignmentId, since: Date) -> Result<()> {
    let now = std::mem::replace(&mut tx.now, midnight(since));
    let every_day = Rhythm::Daily { every: 1, times: Vec::new(), opening: Opening::default() };
    reschedule(tx, check_in, schedule(every_day))?;
    tx.now = now;
    let row = find_row(tx, check_in)?;
    making::make(tx, &row)?;
    diesel::update(
        occurrences::table
            .filter(occurrences::practice_id.eq(tx.practice()))
            .filter(occurrences::assignment_id.eq(check_in))
            .filter(occurrences::local_date.ge(since)),
    )
    .set(occurrences::planned.eq(true))
    .execute(tx.conn)?;
    Ok(())
}

fn schedule(rhythm: Rhythm) -> Schedule {
    Schedule { rhythm, window_minutes: None, ends_on: None }
}

fn assign(tx: &mut Tx<'_>, couple: CoupleId, key: &str, first_day: Date) -> Result<AssignmentId> {
    let exercise: ActivityDefinitionId = definitions::table
        .filter(definitions::practice_id.eq(tx.practice()))
        .filter(definitions::key.eq(key))
        .filter(definitions::status.eq("active"))
        .select(definitions::id)
        .first(tx.conn)
        .or_not_found()?;
    let own_times = BY_ITS_OWN_TIMES.contains(&key);
    let new = NewAssignment {
        activity_definition_id: exercise,
        couple_id: Some(couple),
        client_id: None,
        parameters: serde_json::Map::new(),
        note: None,
        deviation: None,
        starts_on: (!own_times).then_some(first_day),
        schedule: (!own_times).then(|| schedule(Rhythm::OnDemand {})),
        due_at: None,
        remind_at: None,
    };
    assign::create(tx, new).map(|made| made.id)
}
