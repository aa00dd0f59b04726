//! What homework is compared with: ready-made rows of what is sent, and the statements of what is read.

use std::sync::{Arc, Mutex, PoisonError};

use attune::http::page::{Position, Sort, Window};
use attune::submissions::model::{SubmissionFilter, SubmissionStatus};
use attune::submissions::store as sent;

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use attune::auth::Acting;
use attune::clock::Clock;
use attune::dashboards;
use attune::db::id::{
    AnswerSetId, AnyId, AssignmentId, CoupleId, IdSource, OccurrenceId, PracticeId, RevealId,
    SubmissionId, UserId,
};
use attune::db::schema::{
    answer_sets, assignments, occurrences, reveals, submission_receipts as receipts, submissions,
};
use attune::db::{Conn, Date, Doc, Instant};
use attune::error::{Error, Result};
use attune::me::inbox;
use attune::users::store::OPERATOR_CLIENT;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::Outcome;
use crate::page_scenarios::LIMIT;
use crate::people::{Author, People};
use crate::records::Records;
use crate::reference::{Bare, json_of};

/// The exercise that is sent every day.
pub const CHECK_IN: &str = "daily_check_in";
/// The one that is revealed.
pub const REVIEW: &str = "six_threads_check";
/// Who may read answers that the other reads at some time.
const OF_BOTH: [&str; 2] = ["shared", "mutual_reveal"];

/// The statements of `GET /v1/me/inbox`, and nothing made of what they find.
pub async fn statements(bare: Data<Bare>, user: Path<UserId>) -> Result<HttpResponse> {
    let (practice, user, gate) = (bare.people.practice, user.into_inner(), bare.gate.clone());
    let unit = move |conn: &mut Conn| {
        let acting = Acting::User(practice, user);
        let now = Clock::System.now();
        gate.operate(conn, acting, &IdSource::Random, now, |tx| inbox::load(tx).map(drop))
    };
    bare.executor.read(Some(practice), unit).await?;
    Ok(json_of(HttpResponse::Ok(), &json!({})))
}

/// The statements of `GET /v1/couples/{id}/dashboard`, and nothing made of what they find.
pub async fn page(bare: Data<Bare>, whose: Path<(UserId, CoupleId)>) -> Result<HttpResponse> {
    let (practice, (user, couple)) = (bare.people.practice, whose.into_inner());
    let gate = bare.gate.clone();
    let unit = move |conn: &mut Conn| {
        let acting = Acting::User(practice, user);
        let now = Clock::System.now();
        gate.operate(conn, acting, &IdSource::Random, now, |tx| {
            dashboards::store::load(tx, couple).map(drop)
        })
    };
    bare.executor.read(Some(practice), unit).await?;
    Ok(json_of(HttpResponse::Ok(), &json!({})))
}

/// The statement of a page of submissions, deep in a couple's list.
pub async fn submissions(
    bare: Data<Bare>,
    whose: Path<(UserId, CoupleId, SubmissionId)>,
) -> Result<HttpResponse> {
    let (practice, (user, couple, after)) = (bare.people.practice, whose.into_inner());
    let gate = bare.gate.clone();
    let unit = move |conn: &mut Conn| {
        let now = Clock::System.now();
        let filter = SubmissionFilter {
            assignment_id: None,
            couple_id: Some(couple),
            author_id: None,
            status: Some(vec![SubmissionStatus::Submitted, SubmissionStatus::Amended]),
            updated_since: None,
        };
        let after = Some(Position { at: now, id: after.uuid() });
        let window = Window { load: LIMIT + 1, after, sort: Sort::Created };
        gate.operate(conn, Acting::User(practice, user), &IdSource::Random, now, |tx| {
            sent::list(tx, filter, window).map(|page| page.len())
        })
    };
    let found = bare.executor.read(Some(practice), unit).await?;
    Ok(json_of(HttpResponse::Ok(), &json!({ "found": found })))
}

/// The rows of one new check-in, ready-made, by the executor.
pub async fn insert_check_in(bare: Data<Bare>, _: Bytes) -> Result<HttpResponse> {
    insert(bare, |bare| &bare.check_in).await
}

/// The rows of something new that waits for the other, ready-made.
pub async fn insert_review(bare: Data<Bare>, _: Bytes) -> Result<HttpResponse> {
    insert(bare, |bare| &bare.review).await
}

async fn insert(bare: Data<Bare>, template: fn(&Bare) -> &Template) -> Result<HttpResponse> {
    let shared = Data::clone(&bare);
    let practice = bare.people.practice;
    let unit = move |conn: &mut Conn| template(&shared).insert(conn, practice);
    let id = bare.executor.write(Some(practice), unit).await?;
    Ok(json_of(HttpResponse::Created(), &json!({ "id": id })))
}

/// What a submission adds to the database, copied from one that is there. Its days lie before those of the
/// service's, which never meet it; its audit row and its event are [`Records`].
pub struct Template {
    key: &'static str,
    authors: Vec<Author>,
    /// The sealed answers, with who may read them.
    sets: Vec<(Vec<u8>, String)>,
    /// The number of submissions so far, and the occurrence that the next one completes.
    state: Mutex<(i32, Option<OccurrenceId>)>,
    reveals: bool,
    slot: i32,
    records: Arc<Records>,
}

impl Template {
    /// Copies the last submission to an exercise.
    pub fn of(
        conn: &mut Conn,
        people: &People,
        key: &'static str,
        records: Arc<Records>,
    ) -> Outcome<Self> {
        let last: SubmissionId = submissions::table
            .inner_join(
                assignments::table.on(assignments::practice_id
                    .eq(submissions::practice_id)
                    .and(assignments::id.eq(submissions::assignment_id))),
            )
            .filter(submissions::practice_id.eq(people.practice))
            .filter(submissions::status.eq("submitted"))
            .filter(assignments::key.eq(key))
            .order(submissions::id.desc())
            .select(submissions::id)
            .first(conn)?;
        let sets = answer_sets::table
            .filter(answer_sets::practice_id.eq(people.practice))
            .filter(answer_sets::submission_id.eq(last))
            .select((answer_sets::answers, answer_sets::audience))
            .load(conn)?;
        Ok(Self {
            key,
            authors: people.writers().to_vec(),
            sets,
            state: Mutex::default(),
            reveals: key == REVIEW,
            slot: 1,
            records,
        })
    }

    /// The same for another time of each day.
    pub fn in_slot(self, slot: i32) -> Self {
        Self { slot, ..self }
    }

    /// Adds the rows. Units of one practice follow one another, and so do partners here.
    pub fn insert(&self, conn: &mut Conn, practice: PracticeId) -> Result<SubmissionId> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (made, open) = *state;
        let count = i32::try_from(self.authors.len()).unwrap_or(i32::MAX).max(1);
        let index = usize::try_from(made % count).unwrap_or_default();
        let author = self.authors.get(index).ok_or_else(|| Error::internal("no couples"))?;
        let now = Clock::System.now();
        let row = New {
            practice,
            author,
            assignment: if self.reveals { author.threads } else { author.check_in },
            day: author.starts_on.plus_days(-1 - made / count),
            slot: self.slot,
            id: IdSource::Random.next(now),
            occurrence: open.unwrap_or_else(|| IdSource::Random.next(now)),
            now,
        };
        if open.is_none() {
            row.occurrence(conn)?;
        }
        row.submission(conn)?;
        for (answers, audience) in &self.sets {
            row.answers(conn, answers, audience)?;
        }
        row.receipt(conn)?;
        let what = ("submission", "submission.submitted");
        self.records.insert(conn, what, row.id.uuid(), now)?;
        if self.reveals && open.is_some() {
            row.reveal(conn, self.key, self.sets.first().map(|(answers, _)| answers.as_slice()))?;
            let what = ("assignment", "assignment.revealed");
            self.records.insert(conn, what, row.assignment.uuid(), now)?;
        }
        *state = (made + 1, if open.is_none() { Some(row.occurrence) } else { None });
        Ok(row.id)
    }
}

/// One submission to be added.
struct New<'a> {
    practice: PracticeId,
    author: &'a Author,
    assignment: AssignmentId,
    day: Date,
    slot: i32,
    id: SubmissionId,
    occurrence: OccurrenceId,
    now: Instant,
}

impl New<'_> {
    fn occurrence(&self, conn: &mut Conn) -> Result<()> {
        diesel::insert_into(occurrences::table)
            .values((
                occurrences::practice_id.eq(self.practice),
                occurrences::id.eq(self.occurrence),
                occurrences::assignment_id.eq(self.assignment),
                occurrences::local_date.eq(self.day),
                occurrences::slot_no.eq(self.slot),
                occurrences::opens_at.eq(self.now),
                occurrences::due_at.eq(self.now),
                occurrences::status.eq("submitted"),
                occurrences::completed_at.eq(self.now),
                occurrences::version.eq(3),
                occurrences::created_at.eq(self.now),
                occurrences::updated_at.eq(self.now),
            ))
            .execute(conn)?;
        Ok(())
    }

    /// What came of both, sealed as large as an answer.
    fn reveal(&self, conn: &mut Conn, key: &str, outcomes: Option<&[u8]>) -> Result<()> {
        let id: RevealId = IdSource::Random.next(self.now);
        diesel::insert_into(reveals::table)
            .values((
                reveals::practice_id.eq(self.practice),
                reveals::id.eq(id),
                reveals::occurrence_id.eq(self.occurrence),
                reveals::assignment_id.eq(self.assignment),
                reveals::couple_id.eq(self.author.couple),
                reveals::key.eq(key),
                reveals::outcomes.eq(outcomes),
                reveals::content.eq([0u8; 16].as_slice()),
                reveals::revealed_at.eq(self.now),
            ))
            .execute(conn)?;
        Ok(())
    }

    fn submission(&self, conn: &mut Conn) -> Result<()> {
        diesel::insert_into(submissions::table)
            .values((
                submissions::practice_id.eq(self.practice),
                submissions::id.eq(self.id),
                submissions::device_id.eq(self.id),
                submissions::author_id.eq(self.author.client),
                submissions::assignment_id.eq(self.assignment),
                submissions::couple_id.eq(self.author.couple),
                submissions::sensitivity.eq("routine"),
                submissions::occurrence_id.eq(self.occurrence),
                submissions::local_date.eq(self.day),
                submissions::slot_no.eq(self.slot),
                submissions::policy_version_no.eq(1),
                submissions::status.eq("submitted"),
                submissions::revision.eq(1),
                submissions::late.eq(true),
                submissions::device_shared.eq(false),
                submissions::app.eq(OPERATOR_CLIENT),
                submissions::received_at.eq(self.now),
                submissions::submitted_at.eq(self.now),
                submissions::created_at.eq(self.now),
                submissions::updated_at.eq(self.now),
            ))
            .execute(conn)?;
        Ok(())
    }

    /// Shared long ago, so that no inbox meets answers that nobody can open.
    fn answers(&self, conn: &mut Conn, answers: &[u8], audience: &str) -> Result<()> {
        let shared = OF_BOTH.contains(&audience).then(|| self.now.plus_seconds(-1_000_000_000));
        let id: AnswerSetId = AnswerSetId::from_uuid(uuid::Uuid::from_bytes(random()?));
        diesel::insert_into(answer_sets::table)
            .values((
                answer_sets::practice_id.eq(self.practice),
                answer_sets::id.eq(id),
                answer_sets::place.eq(AnyId::from_uuid(uuid::Uuid::from_bytes(random()?))),
                answer_sets::submission_id.eq(self.id),
                answer_sets::assignment_id.eq(self.assignment),
                answer_sets::couple_id.eq(self.author.couple),
                answer_sets::occurrence_id.eq(self.occurrence),
                answer_sets::author_id.eq(self.author.client),
                answer_sets::audience.eq(audience),
                answer_sets::clinician_audience.eq("full"),
                answer_sets::revision.eq(1),
                answer_sets::answers.eq(answers),
                answer_sets::sensitivity.eq("routine"),
                answer_sets::widened.eq(false),
                answer_sets::shared_at.eq(shared),
                answer_sets::clinicians_at.eq(self.now),
                answer_sets::created_at.eq(self.now),
            ))
            .execute(conn)?;
        Ok(())
    }

    fn receipt(&self, conn: &mut Conn) -> Result<()> {
        diesel::insert_into(receipts::table)
            .values((
                receipts::practice_id.eq(self.practice),
                receipts::author_id.eq(self.author.client),
                receipts::device_id.eq(self.id),
                receipts::content.eq([0u8; 16].as_slice()),
                receipts::submission_id.eq(self.id),
                receipts::assignment_id.eq(self.assignment),
                receipts::status.eq("submitted"),
                receipts::revision.eq(1),
                receipts::late.eq(true),
                receipts::problems.eq(Doc(Vec::<Value>::new())),
                receipts::accepted_at.eq(self.now),
            ))
            .execute(conn)?;
        Ok(())
    }
}

fn random() -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| Error::internal("no random bytes"))?;
    Ok(bytes)
}
