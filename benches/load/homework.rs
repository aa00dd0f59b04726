//! Couples with homework: who submits, and what they have submitted before anybody measures.

use attune::auth::{Acting, Gate};
use attune::clock::Clock;
use attune::db::conn::transaction;
use attune::db::id::{
    AssignmentId, ClientId, ClinicianId, CoupleId, IdSource, PracticeId, SubmissionId, UserId,
};
use attune::db::schema::{assignment_participants as participants, assignments, users};
use attune::db::{Conn, Date, Instant};
use attune::demo::{self, measured};
use attune::submissions::{self, model::NewSubmission};
use diesel::prelude::*;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use crate::Outcome;

/// Couples with homework.
const COUPLES: u32 = 100;
/// How long ago their daily talk began.
const DAYS: i32 = 3650;
/// The last days, on each of which everybody has submitted once more: what has been shared lately.
const LATELY: i32 = 5;
const DAY_SECONDS: i64 = 86_400;
/// Submissions of one transaction while seeding.
const BATCH: u64 = 1000;

/// The most check-ins that a run can begin with: as many are left for what it measures.
pub const MOST_SUBMISSIONS: u64 = 300_000;

/// Somebody who submits, with their couple's assignments.
#[derive(Debug, Clone)]
pub struct Author {
    /// The login.
    pub user: UserId,
    /// The client.
    pub client: ClientId,
    /// The couple.
    pub couple: CoupleId,
    /// The daily check-in.
    pub check_in: AssignmentId,
    /// Its first day.
    pub starts_on: Date,
}

/// One check-in: of whom, and about which day.
#[derive(Debug, Clone, Copy)]
pub struct CheckIn<'a> {
    /// Its author.
    pub author: &'a Author,
    /// Their place among all authors.
    pub index: usize,
    /// The day, counted from the first one.
    day: i32,
}

impl<'a> CheckIn<'a> {
    /// The check-in of this number: everybody's of the first day, then everybody's of the second. Partners
    /// follow one another, so every second one completes an occurrence.
    pub fn of(authors: &'a [Author], number: u64) -> Outcome<Self> {
        let count = u64::try_from(authors.len())?;
        let index = usize::try_from(number.checked_rem(count).ok_or("no couples")?)?;
        let author = authors.get(index).ok_or("no couples")?;
        Ok(Self { author, index, day: i32::try_from(number / count)? })
    }

    /// The day that it is about.
    pub fn local_date(&self) -> Date {
        self.author.starts_on.plus_days(self.day)
    }
}

/// What an app sends for a check-in.
pub fn check_in(local_date: Date, number: u64) -> Value {
    json!({
        "status": "submitted",
        "local_date": local_date,
        "answers": {
            "mood": 1 + number % 5,
            "stress": number % 11,
            "gratitude": "The tea in the morning.",
            "private_note": "I slept badly.",
        },
    })
}

/// Adds the couples, and as many check-ins as wanted, each at the evening of its day.
pub fn seed(conn: &mut Conn, gate: &Gate, check_ins: u64) -> Outcome<()> {
    let cast = demo::cast(conn, gate)?;
    let practice = cast.logins.first().ok_or("the demo has no logins")?.practice;
    let clinician: ClinicianId =
        cast.ids.get("clinician").ok_or("the demo has no clinician")?.parse()?;
    let now = Clock::System.now();
    let first = today(now).plus_days(-DAYS);
    transaction(conn, |conn| {
        gate.operate(conn, Acting::Operator(practice), &IdSource::Random, now, |tx| {
            (0..COUPLES).try_for_each(|number| measured::couple(tx, number, clinician, first))
        })
    })?;
    let authors = authors(conn, practice)?;
    let bar = ProgressBar::new(check_ins);
    bar.set_style(ProgressStyle::with_template(
        "seeding {bar:40} {pos}/{len} check-ins, {per_sec}, {eta} left",
    )?);
    let mut made = 0;
    while made < check_ins {
        let batch = BATCH.min(check_ins - made);
        let sent = (made..made + batch)
            .map(|number| {
                let one = CheckIn::of(&authors, number)?;
                let evening = now.plus_seconds(i64::from(one.day + 1 - DAYS) * DAY_SECONDS);
                Ok(Sent::check_in(one.author, one.local_date(), number, evening))
            })
            .collect::<Outcome<Vec<_>>>()?;
        submit(conn, gate, practice, sent)?;
        made += batch;
        bar.inc(batch);
    }
    bar.finish_and_clear();
    Ok(())
}

/// Brings a copy of the database up to date: what was shared in the last days, and what is begun.
pub fn refresh(conn: &mut Conn, gate: &Gate, practice: PracticeId) -> Outcome<()> {
    let (authors, now) = (authors(conn, practice)?, Clock::System.now());
    let mut sent = Vec::new();
    for days_ago in 1..=LATELY {
        let evening = now.plus_seconds(-i64::from(days_ago - 1) * DAY_SECONDS);
        let day = today(now).plus_days(-days_ago);
        sent.extend(
            authors
                .iter()
                .zip(0..)
                .map(|(author, number)| Sent::check_in(author, day, number, evening)),
        );
    }
    let goals: Vec<(CoupleId, AssignmentId)> = assignments::table
        .filter(assignments::practice_id.eq(practice))
        .filter(assignments::key.eq("goal_statements"))
        .select((assignments::couple_id.assume_not_null(), assignments::id))
        .load(conn)?;
    for author in authors.iter().step_by(2) {
        let goal = goals.iter().find(|(couple, _)| *couple == author.couple);
        let (_, assignment) = goal.ok_or("a couple without goals")?;
        let body =
            json!({ "status": "draft", "answers": { "problem": "We talk past each other." } });
        sent.push(Sent { author, assignment: *assignment, body, at: now });
    }
    submit(conn, gate, practice, sent)
}

/// What somebody sends at a moment.
struct Sent<'a> {
    author: &'a Author,
    assignment: AssignmentId,
    body: Value,
    at: Instant,
}

impl<'a> Sent<'a> {
    fn check_in(author: &'a Author, day: Date, number: u64, at: Instant) -> Self {
        Self { author, assignment: author.check_in, body: check_in(day, number), at }
    }
}

/// Submits all of it by the unit of work that serves requests, in one transaction.
fn submit(conn: &mut Conn, gate: &Gate, practice: PracticeId, sent: Vec<Sent<'_>>) -> Outcome<()> {
    let ids = IdSource::Random;
    let bodies = sent
        .into_iter()
        .map(|one| {
            let body: NewSubmission = serde_json::from_value(one.body)?;
            Ok((one.author.user, one.assignment, body, one.at))
        })
        .collect::<Outcome<Vec<_>>>()?;
    transaction(conn, |conn| {
        bodies.iter().try_for_each(|(user, assignment, body, at)| {
            let id: SubmissionId = ids.next(*at);
            gate.operate(conn, Acting::User(practice, *user), &ids, *at, |tx| {
                submissions::put(tx, *assignment, id, body, None).map(drop)
            })
        })
    })?;
    Ok(())
}

/// Everybody who has a daily check-in to do, partners beside one another.
pub fn authors(conn: &mut Conn, practice: PracticeId) -> Outcome<Vec<Author>> {
    type Found = (UserId, ClientId, CoupleId, AssignmentId, Date);
    let found: Vec<Found> = assignments::table
        .inner_join(
            participants::table.on(participants::practice_id
                .eq(assignments::practice_id)
                .and(participants::assignment_id.eq(assignments::id))),
        )
        .inner_join(
            users::table.on(users::practice_id
                .eq(assignments::practice_id)
                .and(users::client_id.eq(participants::client_id.nullable()))),
        )
        .filter(assignments::practice_id.eq(practice))
        .filter(assignments::key.eq("daily_check_in"))
        .order((assignments::id, participants::position))
        .select((
            users::id,
            participants::client_id,
            assignments::couple_id.assume_not_null(),
            assignments::id,
            assignments::starts_on,
        ))
        .load(conn)?;
    let author = |(user, client, couple, check_in, starts_on)| Author {
        user,
        client,
        couple,
        check_in,
        starts_on,
    };
    Ok(found.into_iter().map(author).collect())
}

fn today(now: Instant) -> Date {
    now.date_in(&jiff::tz::TimeZone::UTC)
}
