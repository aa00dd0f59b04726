//! The demo's homework: three weeks of it, told like the rest of the story and apart from it, since the suite
//! begins with people to whom nothing is assigned.

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::{Map, Value, json};

use super::ON_ANY_DAY;
use super::people::Cast;
use super::telling::{DAY, HOUR, Telling};
use crate::activities::model::DefinitionStatus;
use crate::assignments::assign;
use crate::assignments::model::NewAssignment;
use crate::auth::{Gate, Tx};
use crate::db::id::{
    ActivityDefinitionId, AssignmentId, ClientId, CoupleId, IdSource, SubmissionId,
};
use crate::db::schema::{activity_definitions as definitions, assignments};
use crate::db::{Conn, Date, Instant};
use crate::error::{DbResultExt, Error, Result};
use crate::reviews;
use crate::reviews::model::NewReview;
use crate::submissions::model::NewSubmission;
use crate::submissions::submit;
use crate::time_proposals;
use crate::time_proposals::model::NewTimeProposal;

/// The first day of the check-ins, and how many days after the first morning that is.
const MONDAY: Date = Date(jiff::civil::Date::constant(2026, 11, 9));
const TO_MONDAY: i64 = 6;
/// By when the six threads are looked at: the last evening of the year, in Seattle.
const END_OF_YEAR: Instant = Instant::from_micros(1_798_776_000_000_000);

/// An exercise that is assigned.
struct Assigned {
    /// In the credentials.
    name: &'static str,
    /// The exercise.
    key: &'static str,
    /// For whom, by their name in the credentials.
    whom: For,
    /// Who assigns it.
    by: &'static str,
    note: Option<&'static str>,
    /// Its first day, if that is not the one on which it is assigned.
    starts_on: Option<Date>,
    due_at: Option<Instant>,
    /// On any day, so that the demo is the same whenever somebody looks at it.
    any_day: bool,
}

#[derive(Clone, Copy)]
enum For {
    Client(&'static str),
    Couple(&'static str),
}

const fn assigned(name: &'static str, key: &'static str, whom: For) -> Assigned {
    Assigned {
        name,
        key,
        whom,
        by: "clinician",
        note: None,
        starts_on: None,
        due_at: None,
        any_day: false,
    }
}

const COUPLE: For = For::Couple("couple");
const CHECK_IN: Assigned =
    Assigned { starts_on: Some(MONDAY), ..assigned("check_in", "daily_check_in", COUPLE) };
const THREADS: Assigned = Assigned {
    note: Some("Each of you alone, and before the holidays."),
    due_at: Some(END_OF_YEAR),
    ..assigned("threads", "six_threads_check", COUPLE)
};
const PULSE: Assigned = Assigned { any_day: true, ..assigned("pulse", "weekly_pulse", COUPLE) };
const ROUTINE: Assigned = assigned("routine_questions", "risk_screen", For::Client("partner_a"));
const ROUTINE_B: Assigned =
    assigned("routine_questions_b", "risk_screen", For::Client("partner_b"));
const ON_BREAK: Assigned = Assigned {
    by: "associate",
    note: Some("There is no hurry with this."),
    ..assigned("statements_on_break", "goal_statements", For::Couple("couple_on_break"))
};
const STATEMENTS: Assigned = Assigned {
    note: Some("Write yours before you ask for the other's."),
    ..assigned("statements", "goal_statements", COUPLE)
};

/// The ids of the homework, by their names. It is told now, unless it has been told in this database.
///
/// # Errors
/// Those of the database.
pub fn of(
    conn: &mut Conn,
    gate: &Gate,
    cast: &Cast,
    ids: &IdSource,
) -> Result<BTreeMap<&'static str, String>> {
    let mut week = Week(Telling::begin(conn, gate, cast, ids)?);
    let all = [CHECK_IN, THREADS, PULSE, ROUTINE, ROUTINE_B, ON_BREAK, STATEMENTS];
    if week.find(&CHECK_IN)?.is_none() {
        week.play()?;
    }
    all.iter()
        .map(|one| Ok((one.name, week.find(one)?.ok_or_else(Error::not_found)?.to_string())))
        .collect()
}

struct Week<'a>(Telling<'a>);

impl Week<'_> {
    /// From Tuesday, when the couple gets three things to do and each of the two the routine questions, to the Monday
    /// after, when their check-ins begin.
    fn play(&mut self) -> Result<()> {
        let [check_in, threads, pulse, routine, _, on_break] =
            [CHECK_IN, THREADS, PULSE, ROUTINE, ROUTINE_B, ON_BREAK].map(|one| self.assign(one));
        let (check_in, threads, pulse) = (check_in?, threads?, pulse?);
        self.0.move_to(DAY + 11 * HOUR);
        self.skip("partner_c", on_break?)?;
        self.0.move_to(2 * DAY + 4 * HOUR);
        self.submit("partner_a", routine?, routine_answers())?;
        self.0.move_to(5 * DAY + 9 * HOUR);
        self.submit("partner_a", threads, six_threads())?;
        let begun = json!({ "emotional_safety": 7, "shared_meaning": 5 });
        self.send("partner_b", threads, json!({ "status": "draft", "answers": begun }))?;
        self.submit("partner_a", pulse, weekly_pulse(6, 110))?;
        self.submit("partner_b", pulse, weekly_pulse(7, 120))?;
        self.0.move_to(6 * DAY + HOUR);
        let review = NewReview {
            assignment_id: Some(pulse),
            submission_id: None,
            comment: Some("Bring one of the soft moments to our next hour.".to_owned()),
        };
        self.0.by("clinician", |tx| reviews::store::create(tx, review))?;
        self.assign(STATEMENTS)?;
        self.evenings(check_in)?;
        self.mornings(check_in)
    }

    /// The first week, at eight in the evening: on Tuesday A is alone with it, on Wednesday and Sunday both leave it
    /// out. Four of seven.
    fn evenings(&mut self, check_in: AssignmentId) -> Result<()> {
        let evening = |day: i64| (TO_MONDAY + day) * DAY + 11 * HOUR;
        self.0.move_to(evening(0));
        self.both(check_in, "You waved from the tram.", "The soup was still warm.")?;
        self.0.move_to(evening(1));
        self.submit("partner_a", check_in, check_in_of(4, "Ten quiet minutes on the porch."))?;
        self.skip("partner_b", check_in)?;
        for day in [3, 4, 5] {
            self.0.move_to(evening(day));
            self.both(check_in, "You came home early.", "You left the last piece to me.")?;
        }
        Ok(())
    }

    /// On Sunday B proposes the morning, and A says yes. The second week: Wednesday and Saturday are left out. Five
    /// of seven.
    fn mornings(&mut self, check_in: AssignmentId) -> Result<()> {
        self.0.move_to((TO_MONDAY + 6) * DAY + 3 * HOUR);
        let quarter_past_seven =
            NewTimeProposal { time_of_day: "07:15".parse().ok(), weekdays: None };
        let proposed = self.0.by("partner_b", |tx| {
            time_proposals::store::create(tx, check_in, &quarter_past_seven)
        })?;
        self.0.by("partner_a", |tx| time_proposals::transitions::accept(tx, proposed.id))?;
        for day in [7, 8, 10, 11, 13] {
            // A quarter past seven lies an hour and three quarters before nine.
            self.0.move_to((TO_MONDAY + day) * DAY - HOUR - 2_400);
            self.both(check_in, "The coffee was ready.", "You asked how I had slept.")?;
        }
        Ok(())
    }

    /// Both send the check-in of this moment.
    fn both(&mut self, check_in: AssignmentId, of_a: &str, of_b: &str) -> Result<()> {
        self.submit("partner_a", check_in, check_in_of(3, of_a))?;
        self.submit("partner_b", check_in, check_in_of(4, of_b))
    }

    fn assign(&mut self, one: Assigned) -> Result<AssignmentId> {
        let (couple_id, client_id) = self.subject(one.whom)?;
        self.0
            .by(one.by, |tx| {
                let new = NewAssignment {
                    activity_definition_id: definition(tx, one.key)?,
                    couple_id,
                    client_id,
                    parameters: Map::new(),
                    note: one.note.map(str::to_owned),
                    deviation: None,
                    starts_on: one.starts_on,
                    schedule: one.any_day.then_some(ON_ANY_DAY),
                    due_at: one.due_at,
                    remind_at: None,
                };
                assign::create(tx, new)
            })
            .map(|made| made.id)
    }

    fn submit(&mut self, who: &str, homework: AssignmentId, answers: Value) -> Result<()> {
        self.send(who, homework, json!({ "status": "submitted", "answers": answers }))
    }

    fn skip(&mut self, who: &str, homework: AssignmentId) -> Result<()> {
        self.send(who, homework, json!({ "status": "skipped" }))
    }

    /// Sends what somebody's device would.
    fn send(&mut self, who: &str, homework: AssignmentId, body: Value) -> Result<()> {
        let sent: NewSubmission = serde_json::from_value(body)
            .map_err(|_| Error::internal("the demo's homework does not fit"))?;
        let device_id: SubmissionId = self.0.ids.next(self.0.now);
        self.0.by(who, |tx| submit::put(tx, homework, device_id, &sent, None)).map(drop)
    }

    fn subject(&self, whom: For) -> Result<(Option<CoupleId>, Option<ClientId>)> {
        Ok(match whom {
            For::Couple(name) => (Some(self.0.id(name)?), None),
            For::Client(name) => (None, Some(self.0.id(name)?)),
        })
    }

    /// The first assignment of this exercise to these people.
    fn find(&mut self, one: &Assigned) -> Result<Option<AssignmentId>> {
        let (couple, client) = self.subject(one.whom)?;
        let query = assignments::table
            .filter(assignments::practice_id.eq(self.0.practice))
            .filter(assignments::key.eq(one.key))
            .order((assignments::created_at, assignments::id))
            .select(assignments::id)
            .into_boxed();
        let query = match (couple, client) {
            (Some(couple), _) => query.filter(assignments::couple_id.eq(couple)),
            (None, client) => query.filter(assignments::client_id.eq(client)),
        };
        Ok(query.first(self.0.conn).optional()?)
    }
}

fn definition(tx: &mut Tx<'_>, key: &str) -> Result<ActivityDefinitionId> {
    definitions::table
        .filter(definitions::practice_id.eq(tx.practice()))
        .filter(definitions::key.eq(key))
        .filter(definitions::status.eq(DefinitionStatus::Active))
        .select(definitions::id)
        .first(tx.conn)
        .or_not_found()
}

fn check_in_of(mood: u8, gratitude: &str) -> Value {
    json!({ "mood": mood, "stress": 4, "gratitude": gratitude,
            "private_note": "I would like to speak of my work one day." })
}

/// Somebody who would sooner say in person whether they are afraid.
fn routine_answers() -> Value {
    json!({ "private_device": true, "alone_now": true, "infidelity": "no", "untreated_addiction": "no",
            "afraid": "rather_in_person", "major_symptoms": "no" })
}

fn six_threads() -> Value {
    json!({ "emotional_safety": 6, "physical_affection": 5, "sexual_connection": 5, "shared_meaning": 7,
            "practical_partnership": 4, "autonomy": 8 })
}

fn weekly_pulse(temperature: u8, gestures_noticed: u8) -> Value {
    json!({ "blowups": 1, "soft_moments": 5, "clear_asks": 2, "temperature": temperature,
            "ease_of_reaching": 6, "gestures_noticed": gestures_noticed, "resentment": 1,
            "feel_like_house_manager": 1 })
}
