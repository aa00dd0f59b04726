//! What a session must fit before it is written: the treatment and its people, the office, the clinicians'
//! time and the states in which they are licensed.

use diesel::prelude::*;

use super::model::{SessionKind, SessionModality, SessionStatus};
use crate::auth::Tx;
use crate::clinicians;
use crate::clinicians::licenses;
use crate::couples::members::store as members;
use crate::db::Instant;
use crate::db::id::{ClientId, ClinicianId, CoupleId, OfficeId, SessionId, TreatmentId};
use crate::db::schema::{
    care_team_members, offices, session_clinicians, sessions, treatments as treatment_rows,
};
use crate::error::{Code, Error, Fault, Result};
use crate::practices;
use crate::practices::model::StateCode;
use crate::treatments;

/// The longest session (`domain` 5.1).
const MOST_MINUTES: i64 = 240;
/// Those that take a clinician's time.
const TAKES_TIME: [SessionStatus; 4] = [
    SessionStatus::Booked,
    SessionStatus::Confirmed,
    SessionStatus::Arrived,
    SessionStatus::Completed,
];

/// A session to be, or as it is to be.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) id: Option<SessionId>,
    pub(super) treatment: TreatmentId,
    pub(super) kind: SessionKind,
    pub(super) modality: SessionModality,
    pub(super) office: Option<OfficeId>,
    pub(super) starts_at: Instant,
    pub(super) ends_at: Instant,
    pub(super) clinicians: Vec<ClinicianId>,
    pub(super) participants: Vec<(ClientId, Option<StateCode>)>,
    pub(super) excused: bool,
}

/// Whose record a session is of.
pub(super) type Record = (Option<CoupleId>, Option<ClientId>);

impl Plan {
    /// Everything that makes a plan a bad one; the record that the session is of.
    ///
    /// # Errors
    /// 422 with every faulty field.
    pub(super) fn record(&self, tx: &mut Tx<'_>) -> Result<Record> {
        let found: Option<Record> = treatments::store::visible(tx.caller)
            .filter(treatment_rows::id.eq(self.treatment))
            .select((treatment_rows::couple_id, treatment_rows::client_id))
            .first(tx.conn)
            .optional()?;
        let Some((couple, client)) = found else {
            return Err(Error::invalid(vec![Fault::unknown_id("/treatment_id")]));
        };
        let mut faults = self.faults_of_time();
        faults.extend(self.faults_of_place(tx)?);
        faults.extend(self.faults_of_clinicians(tx)?);
        faults.extend(self.faults_of_people(tx, couple, client)?);
        Error::unless_valid(faults)?;
        let alone = self.participants.first().map(|(client, _)| *client);
        Ok(match (self.kind, couple) {
            (SessionKind::IndividualWithinCouple, _) | (_, None) => (None, alone),
            (_, Some(couple)) => (Some(couple), None),
        })
    }

    fn faults_of_time(&self) -> Vec<Fault> {
        if !is_whole(self.starts_at, self.ends_at) {
            let detail = "Must be later than the beginning, by four hours at the most.";
            return vec![Fault::body("/ends_at", "out_of_range", detail)];
        }
        Vec::new()
    }

    fn faults_of_place(&self, tx: &mut Tx<'_>) -> Result<Vec<Fault>> {
        let telehealth = self.modality.is_telehealth();
        Ok(match self.office {
            Some(_) if telehealth => {
                let detail = "Telehealth is held in no office.";
                vec![Fault::body("/office_id", "not_permitted", detail)]
            }
            None if !telehealth => {
                vec![Fault::body("/office_id", "required", "Say in which office.")]
            }
            Some(office) if !is_office(tx, office)? => vec![Fault::unknown_id("/office_id")],
            _ => Vec::new(),
        })
    }

    fn faults_of_clinicians(&self, tx: &mut Tx<'_>) -> Result<Vec<Fault>> {
        let on_team: Vec<ClinicianId> = care_team_members::table
            .filter(care_team_members::practice_id.eq(tx.practice()))
            .filter(care_team_members::treatment_id.eq(self.treatment))
            .filter(care_team_members::to_on.is_null())
            .select(care_team_members::clinician_id)
            .load(tx.conn)?;
        let mut faults = Vec::new();
        for (index, clinician) in self.clinicians.iter().enumerate() {
            let at = format!("/clinician_ids/{index}");
            if self.clinicians.iter().take(index).any(|other| other == clinician) {
                faults.push(Fault::body(at, "repeated", "Is in this list already."));
            } else if !on_team.contains(clinician) {
                let detail = "Must be on the treatment's care team.";
                let is_known = clinicians::store::is_active(tx, *clinician)?;
                faults.push(if is_known {
                    Fault::body(at, "not_on_care_team", detail)
                } else {
                    Fault::unknown_id(at)
                });
            }
        }
        if self.clinicians.is_empty() {
            let detail = "Say who holds it.";
            faults.push(Fault::body("/clinician_ids", "required", detail));
        }
        Ok(faults)
    }

    fn faults_of_people(
        &self,
        tx: &mut Tx<'_>,
        couple: Option<CoupleId>,
        client: Option<ClientId>,
    ) -> Result<Vec<Fault>> {
        let mut people = Vec::from_iter(client);
        if let Some(couple) = couple {
            people.extend(members::present_members(tx, couple)?.into_iter().map(|(one, _)| one));
        }
        let mut faults: Vec<Fault> = self.fault_of_kind(couple.is_some()).into_iter().collect();
        for (index, (client, state)) in self.participants.iter().enumerate() {
            let at = format!("/participants/{index}/client_id");
            if self.participants.iter().take(index).any(|(other, _)| other == client) {
                faults.push(Fault::body(at, "repeated", "Takes part already."));
            } else if self.id.is_none() && !people.contains(client) {
                faults.push(Fault::unknown_id(at));
            }
            if self.modality.is_telehealth() && state.is_none() {
                let at = format!("/participants/{index}/location_state");
                let detail = "Say in which state they are that day.";
                faults.push(Fault::body(at, "required", detail));
            }
        }
        Ok(faults)
    }

    /// What a kind asks of the treatment and of the number of those who take part.
    fn fault_of_kind(&self, of_couple: bool) -> Option<Fault> {
        let count = self.participants.len();
        match self.kind {
            SessionKind::Conjoint | SessionKind::IndividualWithinCouple if !of_couple => {
                let detail = "Is of a couple's treatment, and this one is of one client.";
                Some(Fault::body("/kind", "mismatch", detail))
            }
            SessionKind::Individual if of_couple => {
                let detail = "Within a couple's treatment it is `individual_within_couple`.";
                Some(Fault::body("/kind", "mismatch", detail))
            }
            SessionKind::Conjoint if count < 2 => {
                let detail = "A conjoint session is with two members or more.";
                Some(Fault::body("/participants", "too_few", detail))
            }
            SessionKind::IndividualWithinCouple | SessionKind::Individual if count > 1 => {
                let detail = "An individual session is with one client.";
                Some(Fault::body("/participants", "too_many", detail))
            }
            _ => None,
        }
    }

    /// Telehealth happens where the client is: each clinician must be licensed there on that day. A session
    /// to come is refused otherwise, one that has begun is recorded with a reason.
    ///
    /// # Errors
    /// 409 `outside_licensed_states` with the practice's contact block, 409 `requirements_missing`.
    pub(super) fn check_states(&self, tx: &mut Tx<'_>) -> Result<()> {
        if !self.modality.is_telehealth() || self.excused && self.starts_at <= tx.now {
            return Ok(());
        }
        let zone = practices::store::timezone(tx)?;
        let day = self.starts_at.date_in(&practices::store::zone(&zone)?);
        let licensed = licenses::in_force(tx, &self.clinicians, day)?;
        let in_each = |state: &StateCode| {
            self.clinicians
                .iter()
                .all(|clinician| licensed.iter().any(|one| one == &(*clinician, state.clone())))
        };
        let outside: Vec<Fault> = self
            .participants
            .iter()
            .enumerate()
            .filter(|(_, (_, state))| state.as_ref().is_some_and(|state| !in_each(state)))
            .map(|(index, _)| {
                let at = format!("/participants/{index}/location_state");
                let detail = "Every clinician must be licensed there on that day.";
                Fault::body(at, "not_licensed", detail)
            })
            .collect();
        if outside.is_empty() {
            return Ok(());
        }
        if self.starts_at > tx.now {
            return Err(Error::outside_licensed_states(outside, contact_block(tx)?));
        }
        let detail = "Say why it was held where a clinician is not licensed.";
        let missing = Fault::body("/exception_reason", "exception_reason_required", detail);
        Err(Error::requirements_missing(vec![missing]))
    }

    /// No clinician is in two sessions at once. Writes of a practice follow one another, so that what is
    /// looked at here still holds when the session is written.
    ///
    /// # Errors
    /// 409 `overlaps`.
    pub(super) fn check_overlap(&self, tx: &mut Tx<'_>) -> Result<()> {
        let earliest = self.starts_at.plus_seconds(-60 * MOST_MINUTES);
        let mut query = sessions::table
            .inner_join(
                session_clinicians::table.on(session_clinicians::practice_id
                    .eq(sessions::practice_id)
                    .and(session_clinicians::session_id.eq(sessions::id))),
            )
            .filter(sessions::practice_id.eq(tx.practice()))
            .filter(sessions::starts_at.ge(earliest))
            .filter(sessions::starts_at.lt(self.ends_at))
            .filter(sessions::ends_at.gt(self.starts_at))
            .filter(sessions::status.eq_any(TAKES_TIME))
            .filter(session_clinicians::clinician_id.eq_any(&self.clinicians))
            .select(sessions::id)
            .into_boxed();
        if let Some(own) = self.id {
            query = query.filter(sessions::id.ne(own));
        }
        let busy: Option<SessionId> = query.first(tx.conn).optional()?;
        if busy.is_none() {
            return Ok(());
        }
        let detail = "Choose another time, or another clinician of the care team.";
        let mut error = Error::new(Code::Overlaps, detail);
        error.add(Fault::body(
            "/starts_at",
            "overlaps",
            "Touches another session of the clinician.",
        ));
        Err(error)
    }
}

/// True for a beginning and an end of a session of four hours at the most.
pub(super) fn is_whole(from: Instant, to: Instant) -> bool {
    from < to && to <= from.plus_seconds(60 * MOST_MINUTES)
}

/// Whole minutes between two instants.
pub(super) fn minutes(from: Instant, to: Instant) -> i64 {
    (to.seconds() - from.seconds()) / 60
}

fn is_office(tx: &mut Tx<'_>, office: OfficeId) -> Result<bool> {
    let found: Option<OfficeId> = offices::table
        .find((tx.practice(), office))
        .filter(offices::active.eq(true))
        .select(offices::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// How the practice is reached, as its own record says.
fn contact_block(tx: &mut Tx<'_>) -> Result<String> {
    let practice = practices::store::find(tx)?;
    let mut block =
        format!("If you are in another state, please contact the practice: {}", practice.name);
    for part in [practice.phone, practice.email, practice.website].into_iter().flatten() {
        block.push_str(", ");
        block.push_str(&part);
    }
    Ok(block)
}
