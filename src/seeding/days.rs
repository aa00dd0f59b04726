//! What happens in a database that is being filled, day after day.

use serde_json::{Value, json};

use super::people::{Couple, Partner};
use super::shape::{Happening, What, Who, mixed};
use super::{Filled, Filling};
use crate::auth::{Acting, Tx};
use crate::db::conn::transaction;
use crate::db::id::{AssignmentId, SubmissionId};
use crate::db::{Conn, Date, Instant};
use crate::error::{Error, Result};
use crate::session_notes::model::{NewSessionNote, SignNote};
use crate::session_notes::{self, transitions::sign};
use crate::sessions::model::{
    CompleteSession, NewSession, NewSessionParticipant, SessionKind, SessionModality,
};
use crate::submissions::model::NewSubmission;
use crate::submissions::past::{Homework, Pile, Sent};
use crate::submissions::submit;

const HOUR: i64 = 3_600;
const MINUTE: i64 = 60;
/// What clinicians write of a session, in bytes.
const NOTE_BYTES: usize = 2_000;

/// The couples, with how far each has come.
pub(super) struct History<'a> {
    pub(super) couples: &'a [Couple],
    /// The check-in of those that have begun it.
    begun: Vec<Option<Homework>>,
    seed: u64,
}

impl<'a> History<'a> {
    pub(super) fn new(couples: &'a [Couple], seed: u64) -> Self {
        Self { couples, begun: couples.iter().map(|_| None).collect(), seed }
    }

    /// One day of one practice, in one transaction.
    pub(super) fn day(
        &mut self,
        filling: &mut Filling<'_>,
        happenings: &[Happening],
    ) -> Result<Filled> {
        let Some(first) = happenings.first() else { return Ok(Filled::default()) };
        let day = filling.day(first.days_ago);
        let Filling { gate, ids, .. } = *filling;
        let mut done = Filled::default();
        transaction(filling.conn, |conn| {
            let mut day =
                Day { conn, gate, ids, date: day, midnight: midnight(day), done: &mut done };
            let mut rest = Vec::new();
            for one in happenings {
                let couple = self.couples.get(one.couple).ok_or_else(unknown)?;
                let drawn = mixed(self.seed, one.couple, one.days_ago);
                match one.what {
                    What::Goals => day.both(couple, couple.goals, |n| goals(drawn + n))?,
                    What::Threads => day.both(couple, couple.threads, |n| threads(drawn + n))?,
                    What::Session => day.session(couple)?,
                    What::CheckIn(who) => match self.begun.get_mut(one.couple) {
                        Some(begun @ None) => *begun = Some(day.first_talk(couple, who, drawn)?),
                        _ => rest.push((couple, one.couple, who, drawn)),
                    },
                }
            }
            self.talks(&mut day, &rest)
        })?;
        Ok(done)
    }

    /// The check-ins of everybody whose first was before.
    fn talks(&self, day: &mut Day<'_>, all: &[(&Couple, usize, Who, u64)]) -> Result<()> {
        let Some((first, ..)) = all.first() else { return Ok(()) };
        let practice = Acting::Operator(first.practice);
        let (date, midnight) = (day.date, day.midnight);
        let rows = day.gate.operate(day.conn, practice, day.ids, midnight, |tx| {
            let mut pile = Pile::default();
            let mut form = None;
            for (couple, index, who, drawn) in all {
                let homework = self.begun.get(*index).and_then(Option::as_ref);
                let homework = homework.ok_or_else(unknown)?;
                let form = match &form {
                    Some(form) => form,
                    None => form.insert(homework.form(tx)?),
                };
                let sent = senders(couple, *who)
                    .enumerate()
                    .map(|(number, partner)| sent(partner, number, date, midnight, *drawn))
                    .collect::<Result<Vec<_>>>()?;
                day.done.submissions += sent.len();
                pile.add(tx, homework, form, date, &sent)?;
            }
            pile.write(tx)
        })?;
        day.done.rows += rows;
        Ok(())
    }
}

/// The day that is told.
struct Day<'a> {
    conn: &'a mut Conn,
    gate: &'a crate::auth::Gate,
    ids: &'a crate::db::id::IdSource,
    date: Date,
    midnight: Instant,
    done: &'a mut Filled,
}

impl Day<'_> {
    /// Something that somebody does so many seconds after midnight.
    fn by<T>(
        &mut self,
        acting: Acting,
        seconds: i64,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        let now = self.midnight.plus_seconds(seconds);
        self.gate.operate(self.conn, acting, self.ids, now, unit)
    }

    /// In the morning both send something that is revealed when the second has.
    fn both(
        &mut self,
        couple: &Couple,
        homework: AssignmentId,
        answers: impl Fn(u64) -> Value,
    ) -> Result<()> {
        for (number, partner) in (0..).zip(couple.partners) {
            let content =
                content(&answers(number), (homework != couple.goals).then_some(self.date))?;
            let at = 10 * HOUR + i64::try_from(number).unwrap_or_default() * 20 * MINUTE;
            self.put(couple, partner, homework, &content, at)?;
        }
        Ok(())
    }

    /// The first of a couple's talks goes the way of every request: the assignment begins with it.
    fn first_talk(&mut self, couple: &Couple, who: Who, drawn: u64) -> Result<Homework> {
        for (number, partner) in senders(couple, who).enumerate() {
            let sent = sent(partner, number, self.date, self.midnight, drawn)?;
            let at = sent.at.seconds() - self.midnight.seconds();
            self.put(couple, partner, couple.check_in, &sent.content, at)?;
        }
        let practice = Acting::Operator(couple.practice);
        self.by(practice, 23 * HOUR, |tx| Homework::of(tx, couple.check_in))
    }

    fn put(
        &mut self,
        couple: &Couple,
        partner: Partner,
        homework: AssignmentId,
        content: &NewSubmission,
        seconds: i64,
    ) -> Result<()> {
        let device_id: SubmissionId = self.ids.next(self.midnight.plus_seconds(seconds));
        let acting = Acting::User(couple.practice, partner.user);
        self.by(acting, seconds, |tx| submit::put(tx, homework, device_id, content, None))?;
        self.done.submissions += 1;
        Ok(())
    }

    /// Fifty minutes at noon, and a signed note of it.
    fn session(&mut self, couple: &Couple) -> Result<()> {
        let acting = Acting::User(couple.practice, couple.clinician.user);
        let starts_at = self.midnight.plus_seconds(12 * HOUR);
        let there = |partner: Partner| NewSessionParticipant {
            client_id: partner.client,
            location_state: None,
        };
        let new = NewSession {
            treatment_id: couple.treatment,
            kind: SessionKind::Conjoint,
            modality: SessionModality::InPerson,
            office_id: Some(couple.office),
            starts_at,
            ends_at: starts_at.plus_seconds(50 * MINUTE),
            clinician_ids: None,
            participants: couple.partners.map(there).into(),
            requested: false,
            exception_reason: None,
        };
        self.by(acting, 13 * HOUR, |tx| {
            let session = crate::sessions::create(tx, new)?.id;
            crate::sessions::transitions::complete(tx, session, CompleteSession::default())?;
            let text =
                "They spoke of the week and of what each had tried. ".repeat(NOTE_BYTES / 51);
            let note: NewSessionNote = read(json!({ "session_id": session, "format": "free",
                "risk_reviewed": true, "sections": [{ "name": "text", "text": text }] }))?;
            let note = session_notes::create(tx, note)?.id;
            sign(tx, note, SignNote { typed_name: "A Sample".to_owned() })
        })?;
        self.done.notes += 1;
        Ok(())
    }
}

fn senders(couple: &Couple, who: Who) -> impl Iterator<Item = Partner> {
    couple.partners.into_iter().take(if who == Who::Both { 2 } else { 1 })
}

/// In the evening, the second some minutes after the first.
fn sent(partner: Partner, number: usize, day: Date, midnight: Instant, drawn: u64) -> Result<Sent> {
    let after = i64::try_from(drawn % 7_200).unwrap_or_default();
    let minutes = i64::try_from(number).unwrap_or_default() * 7;
    let drawn = drawn.rotate_left(u32::try_from(number * 11).unwrap_or_default());
    Ok(Sent {
        author: partner.client,
        user: partner.user,
        at: midnight.plus_seconds(19 * HOUR + after + minutes * MINUTE),
        content: content(&check_in(drawn), Some(day))?,
    })
}

fn content(answers: &Value, local_date: Option<Date>) -> Result<NewSubmission> {
    read(json!({ "status": "submitted", "local_date": local_date, "answers": answers }))
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(|_| Error::internal("what is made up does not fit"))
}

fn unknown() -> Error {
    Error::internal("a couple that is not there")
}

/// The beginning of a day where all practices are.
pub(super) fn midnight(day: Date) -> Instant {
    let zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap_or(jiff::tz::TimeZone::UTC);
    let zoned = day.0.to_zoned(zone).map(|zoned| Instant::from(zoned.timestamp()));
    zoned.unwrap_or(Instant::from_micros(0))
}

const GLAD: [&str; 6] = [
    "The tea in the morning.",
    "You waved from the tram.",
    "Ten quiet minutes on the porch.",
    "You left the last piece to me.",
    "The soup was still warm.",
    "You asked how I had slept.",
];

fn check_in(drawn: u64) -> Value {
    let glad = usize::try_from(drawn % 6).ok().and_then(|index| GLAD.get(index)).copied();
    let mut answers =
        json!({ "mood": 1 + drawn % 5, "stress": (drawn >> 8) % 11, "gratitude": glad });
    if let Some(answers) = answers.as_object_mut().filter(|_| (drawn >> 16).is_multiple_of(3)) {
        answers.insert("private_note".to_owned(), json!("I slept badly and did not say so."));
    }
    answers
}

fn threads(drawn: u64) -> Value {
    let scale = |place: u32| (drawn >> (4 * place)) % 11;
    json!({ "emotional_safety": scale(0), "physical_affection": scale(1), "sexual_connection": scale(2),
            "shared_meaning": scale(3), "practical_partnership": scale(4), "autonomy": scale(5) })
}

fn goals(drawn: u64) -> Value {
    json!({ "problem": "We talk past each other.", "outcome": "An evening a week that is ours.",
            "horizon_months": 3 + drawn % 4 })
}
