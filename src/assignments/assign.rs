//! Assigning: to whom, with what, and what must be true before.

use diesel::prelude::*;
use serde_json::{Value, json};

use super::changes::{seal_note, times_faults};
use super::model::{Assignment, AssignmentStatus, NewAssignment};
use super::scheduling;
use super::store::{self, DEVIATION, Row};
use crate::activities::definition::condition::{By, Known, MetricIs};
use crate::activities::definition::{
    Audience, Category, Definition, GateAction, GateAt, Sensitivity, SubjectKind,
};
use crate::audit::{Change, Subject, record};
use crate::auth::{Actor, Tx};
use crate::consents::model::ConsentKind;
use crate::couples::model::InvitationState;
use crate::couples::secrets_policy::{self, Policy};
use crate::db::conn::each;
use crate::db::id::{AssignmentId, ClientId, CoupleId, PracticeId};
use crate::db::schema::{assignment_participants as participants, assignments};
use crate::db::{Date, Doc};
use crate::error::{Error, Fault, Result};
use crate::occurrences::{making, rests};
use crate::{activities, clients, consents, couples, holds, practices, submissions};

/// Whoever is younger is no participant of what is for adults.
pub(crate) const ADULT_YEARS: i32 = 18;

#[derive(Insertable)]
#[diesel(table_name = participants, treat_none_as_default_value = false)]
struct ParticipantRow {
    practice_id: PracticeId,
    assignment_id: AssignmentId,
    client_id: ClientId,
    position: i32,
    hidden: bool,
}

/// How long something goes on that is assigned without a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lasts {
    /// As long as its exercise has it.
    ItsTerm,
    /// Until somebody ends it.
    UntilEnded,
}

/// Assigns an exercise.
///
/// # Errors
/// 409 with everything that has to be in place first, 422 with every faulty field.
pub(crate) fn create(tx: &mut Tx<'_>, new: NewAssignment) -> Result<Assignment> {
    create_lasting(tx, new, Lasts::ItsTerm)
}

/// Assigns an exercise for so long.
///
/// # Errors
/// As [`create`].
pub(crate) fn create_lasting(
    tx: &mut Tx<'_>,
    new: NewAssignment,
    lasts: Lasts,
) -> Result<Assignment> {
    let definition = find_definition(tx, &new)?;
    let subject = Subjects::of(tx, &new, &definition)?;
    let adjusted = definition.with_new_parameters(&new.parameters, "/parameters")?;
    let (settings, today) = practices::store::settings_and_today(tx)?;
    let starts_on = new.starts_on.unwrap_or(today);
    let timezone = timezone(tx, new.couple_id, new.client_id)?;
    let mut when =
        scheduling::of_new(&new, &adjusted, starts_on, &timezone, settings.day_starts_at)?;
    if lasts == Lasts::UntilEnded && new.schedule.is_none() {
        when.schedule.ends_on = None;
    }
    let deviates = new.deviation.is_some() && tx.caller.clinician().is_some();
    let missing = missing(tx, &definition, &subject, today, deviates)?;
    if !missing.is_empty() {
        return Err(Error::requirements_missing(missing));
    }
    let mut row = Row {
        practice_id: tx.practice(),
        id: tx.new_id(),
        activity_definition_id: new.activity_definition_id,
        couple_id: new.couple_id,
        client_id: new.client_id,
        key: definition.key.clone(),
        sensitivity: definition.sensitivity,
        parameters: Doc(new.parameters),
        note: None,
        status: AssignmentStatus::Assigned,
        starts_on,
        due_at: when.due_at,
        remind_at: new.remind_at,
        resume_on: None,
        assigned_by: tx.caller.clinician(),
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        timezone,
        hold_id: None,
        deviation: None,
        schedule: Doc(when.schedule),
        holds_from: None,
        schedule_before: None,
        made_until: None,
        work_at: None,
        error_reason: None,
    };
    rest_under_hold(tx, &mut row)?;
    row.deviation = tx.keys.seal_opt(&DEVIATION, row.id.uuid(), new.deviation.as_ref())?;
    row.note = seal_note(tx, &row, new.note.as_ref())?;
    let id = row.id;
    diesel::insert_into(assignments::table).values(row.clone()).execute(tx.conn)?;
    take_part(tx, id, &subject.clients)?;
    making::make(tx, &row)?;
    if row.status == AssignmentStatus::Held {
        rests::begin(tx, id)?;
    }
    record(tx, &Change::of(Subject::Assignment(id), "assigned"))?;
    store::find(tx, id)
}

/// The exercise, if it can be assigned, after every fault of the body that can be told without it.
fn find_definition(tx: &mut Tx<'_>, new: &NewAssignment) -> Result<Definition> {
    let mut faults = times_faults(new.due_at, new.remind_at);
    if new.couple_id.is_some() == new.client_id.is_some() {
        let detail = "Give either `couple_id` or `client_id`.";
        faults.push(Fault::body("/couple_id", "mismatch", detail));
    }
    if let Some(couple) = new.couple_id
        && !couples::store::is_visible(tx, couple)?
    {
        faults.push(Fault::unknown_id("/couple_id"));
    }
    if let Some(client) = new.client_id
        && !clients::store::is_visible(tx, client)?
    {
        faults.push(Fault::unknown_id("/client_id"));
    }
    let found = activities::store::active(tx, new.activity_definition_id)?;
    match found.filter(|definition| may_be_assigned_by(tx, definition)) {
        Some(definition) if faults.is_empty() => return Ok(definition),
        Some(_) => {}
        None => faults.push(Fault::unknown_id("/activity_definition_id")),
    }
    Err(Error::invalid(faults))
}

/// A service could not see what it assigned: nothing about safety reaches it.
fn may_be_assigned_by(tx: &Tx<'_>, definition: &Definition) -> bool {
    let service = matches!(tx.caller.actor(), Actor::Service { .. });
    !service || definition.sensitivity != Sensitivity::Safety
}

/// For whom it is, and who takes part.
struct Subjects {
    couple: Option<CoupleId>,
    clients: Vec<ClientId>,
}

impl Subjects {
    fn of(tx: &mut Tx<'_>, new: &NewAssignment, definition: &Definition) -> Result<Self> {
        let fits = match definition.subject {
            SubjectKind::Couple => new.couple_id.is_some(),
            SubjectKind::Client => new.client_id.is_some(),
            SubjectKind::Either => true,
        };
        if !fits {
            let at = if new.couple_id.is_some() { "/couple_id" } else { "/client_id" };
            let detail = format!("This exercise is for a {}.", definition.subject.as_str());
            return Err(Error::invalid(vec![Fault::body(at, "mismatch", detail)]));
        }
        Self::taking_part(tx, new.couple_id, new.client_id)
    }

    fn taking_part(
        tx: &mut Tx<'_>,
        couple: Option<CoupleId>,
        client: Option<ClientId>,
    ) -> Result<Self> {
        let clients = match couple {
            None => client.into_iter().collect(),
            Some(couple) => couples::members::store::present_members(tx, couple)?
                .into_iter()
                .filter(|(_, state)| *state == InvitationState::Accepted)
                .map(|(client, _)| client)
                .collect(),
        };
        Ok(Self { couple, clients })
    }
}

/// What is known of whoever would take part, as gates ask for it. A fact whose feature is not there is not in it.
///
/// # Errors
/// Those of the database.
pub(crate) fn known_facts(
    tx: &mut Tx<'_>,
    couple: Option<CoupleId>,
    client: Option<ClientId>,
) -> Result<serde_json::Map<String, Value>> {
    let subject = Subjects::taking_part(tx, couple, client)?;
    let today = practices::store::today(tx)?;
    let ages = Ages::of(tx, &subject.clients, today)?;
    facts(tx, &subject, &ages)
}

/// What has to be in place first: members, ages, consents, room, and the gates of the exercise.
fn missing(
    tx: &mut Tx<'_>,
    definition: &Definition,
    subject: &Subjects,
    today: Date,
    deviates: bool,
) -> Result<Vec<Fault>> {
    let mut missing = Vec::new();
    let mut lacks = |at: &'static str, code: &'static str, detail: &'static str| {
        missing.push(Fault::body(at, code, detail));
    };
    if subject.couple.is_some() && subject.clients.len() < 2 {
        lacks("/couple_id", "members_missing", "Two members at least must have joined.");
    }
    let ages = Ages::of(tx, &subject.clients, today)?;
    if definition.adults_only && ages.youngest.is_none_or(|years| years < ADULT_YEARS) {
        lacks("/activity_definition_id", "adults_only", "Is for adults whose ages are on record.");
    }
    if consents::store::in_force(tx, &subject.clients, ConsentKind::NoRecordsRequest)? > 0 {
        let detail = "A participant has asked that no records be kept.";
        lacks("/activity_definition_id", "records_declined", detail);
    }
    if keeps_apart(tx, subject)? && asks_in_private(definition) {
        let detail =
            "The couple's secrets policy has no private channel but for safety and measures.";
        lacks("/activity_definition_id", "no_individual_contact", detail);
    }
    if let Some(couple) = subject.couple {
        let most = i64::from(practices::store::settings(tx)?.max_active_couple_assignments);
        if open_assignments(tx, couple)? >= most {
            lacks("/couple_id", "too_many", "Has as many open assignments as the practice allows.");
        }
    }
    missing.extend(closed_gates(tx, definition, subject, &ages, deviates)?);
    Ok(missing)
}

/// What is assigned to a couple that a hold covers rests with everything else: a refusal would tell of the hold,
/// and homework that runs beside what rests would too.
fn rest_under_hold(tx: &mut Tx<'_>, row: &mut Row) -> Result<()> {
    let Some(couple) = row.couple_id else { return Ok(()) };
    if let Some((hold, resume_on)) = holds::store::in_effect(tx, couple, row.sensitivity)? {
        row.status = AssignmentStatus::Held;
        row.hold_id = Some(hold);
        row.resume_on = Some(resume_on);
    }
    Ok(())
}

/// The zone in which its days are counted: the couple's, or the client's.
fn timezone(tx: &mut Tx<'_>, couple: Option<CoupleId>, client: Option<ClientId>) -> Result<String> {
    if let Some(couple) = couple {
        return Ok(couples::store::find(tx, couple)?.timezone);
    }
    let client = client.ok_or_else(|| Error::internal("an assignment for nobody"))?;
    Ok(clients::store::find(tx, client)?.timezone)
}

/// True when a couple of those who take part has agreed that nothing is said to the clinician apart
/// (`domain` 2.7.1).
fn keeps_apart(tx: &mut Tx<'_>, subject: &Subjects) -> Result<bool> {
    for client in &subject.clients {
        let policies = secrets_policy::in_force_of(tx, *client)?;
        let theirs = policies.iter().filter(|(of, _)| subject.couple.is_none_or(|own| own == *of));
        if theirs.into_iter().any(|(_, policy)| *policy == Policy::NoIndividualContact) {
            return Ok(true);
        }
    }
    Ok(false)
}

fn asks_in_private(definition: &Definition) -> bool {
    let exempt = definition.sensitivity == Sensitivity::Safety
        || matches!(definition.category, Category::Safety | Category::Measure);
    let private = [Audience::AuthorOnly, Audience::Clinician];
    !exempt
        && definition.questions().into_iter().any(|(_, item)| private.contains(&item.audience()))
}

fn open_assignments(tx: &mut Tx<'_>, couple: CoupleId) -> Result<i64> {
    Ok(assignments::table
        .filter(assignments::practice_id.eq(tx.practice()))
        .filter(assignments::couple_id.eq(couple))
        .filter(assignments::status.eq_any(AssignmentStatus::OPEN))
        .count()
        .get_result(tx.conn)?)
}

/// How old the youngest participant is; none while somebody's age is not on record.
struct Ages {
    youngest: Option<i32>,
}

impl Ages {
    fn of(tx: &mut Tx<'_>, participants: &[ClientId], today: Date) -> Result<Self> {
        let mut youngest = Some(i32::MAX);
        for client in participants {
            let born = clients::store::find(tx, *client)?.date_of_birth;
            let years = born.map(|born| today.years_since(born));
            youngest = youngest.zip(years).map(|(least, years)| least.min(years));
        }
        Ok(Self { youngest: youngest.filter(|_| !participants.is_empty()) })
    }
}

/// The gates at `assign` that are closed. A fact whose feature is not there is not known, and a gate on it
/// stays closed, unless a clinician says why it is passed nevertheless. What is known to fail stays closed to
/// them too: ages, consents and screens are always known.
fn closed_gates(
    tx: &mut Tx<'_>,
    definition: &Definition,
    subject: &Subjects,
    ages: &Ages,
    deviates: bool,
) -> Result<Vec<Fault>> {
    let facts = facts(tx, subject, ages)?;
    let known = Known {
        answers: &|_: &str, _: By| Vec::new(),
        metric: &|_: &MetricIs| None,
        fact: &|name: &str| facts.get(name).cloned(),
        flag: &|_: &str| false,
    };
    Ok(definition
        .gates_at(GateAt::Assign)
        .filter(|gate| gate.r#else.action != GateAction::Warn)
        .filter(|gate| if deviates { gate.when.fails(&known) } else { !gate.when.holds(&known) })
        .map(|gate| {
            let detail = format!("The gate `{}` of this exercise is closed.", gate.r#else.code);
            Fault::body("/activity_definition_id", "gate_closed", detail)
        })
        .collect())
}

fn facts(
    tx: &mut Tx<'_>,
    subject: &Subjects,
    ages: &Ages,
) -> Result<serde_json::Map<String, Value>> {
    let mut facts = serde_json::Map::new();
    if let Some(couple) = subject.couple {
        let status = couples::store::find(tx, couple)?.status;
        facts.insert("couple.status".to_owned(), json!(status));
    }
    let youngest = ages.youngest.unwrap_or_default();
    facts.insert("members.min_age_years".to_owned(), json!(youngest));
    let screened = submissions::store::screened(tx, &subject.clients)?;
    let screened = amount(screened, subject.clients.len(), "all");
    facts.insert("safety_screen.completed_individually".to_owned(), json!(screened));
    for kind in ConsentKind::ALL {
        let signed = consents::store::in_force(tx, &subject.clients, *kind)?;
        let word = amount(signed, subject.clients.len(), "all_active");
        facts.insert(format!("consent.{}", kind.as_str()), json!(word));
    }
    Ok(facts)
}

/// None, some, or, by this word, all.
fn amount(count: usize, of: usize, all: &'static str) -> &'static str {
    match count {
        0 => "none",
        count if count == of => all,
        _ => "some",
    }
}

fn take_part(tx: &mut Tx<'_>, assignment: AssignmentId, clients: &[ClientId]) -> Result<()> {
    let practice_id = tx.practice();
    let rows: Vec<ParticipantRow> = clients
        .iter()
        .zip(1..)
        .map(|(client, position)| ParticipantRow {
            practice_id,
            assignment_id: assignment,
            client_id: *client,
            position,
            hidden: false,
        })
        .collect();
    each!(tx.conn, conn => diesel::insert_into(participants::table).values(&rows).execute(conn))?;
    Ok(())
}
