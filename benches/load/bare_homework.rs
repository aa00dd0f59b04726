//! What homework is compared with: the rows of a check-in ready-made, and the statements of an inbox.

use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use attune::auth::Acting;
use attune::clock::Clock;
use attune::dashboards;
use attune::db::id::{
    AnswerSetId, AnyId, CoupleId, IdSource, OccurrenceId, PracticeId, SubmissionId, UserId,
};
use attune::db::schema::{answer_sets, occurrences, submission_receipts as receipts, submissions};
use attune::db::{Conn, Date, Doc, Instant};
use attune::error::{Error, Result};
use attune::me::inbox;
use attune::users::store::OPERATOR_CLIENT;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::Outcome;
use crate::homework::{self, Author};
use crate::place::People;
use crate::records::Records;
use crate::reference::{Bare, json_of};

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

/// The rows of one new check-in, ready-made, by the executor.
pub async fn insert(bare: Data<Bare>, _: Bytes) -> Result<HttpResponse> {
    let shared = Data::clone(&bare);
    let practice = bare.people.practice;
    let unit = move |conn: &mut Conn| shared.check_in.insert(conn, practice);
    let id = bare.executor.write(Some(practice), unit).await?;
    Ok(json_of(HttpResponse::Created(), &json!({ "id": id })))
}

/// What a check-in adds to the database, copied from one that is there. Its days lie before those of the
/// service's, which never meet it; its audit row and its event are [`Records`].
pub struct Template {
    authors: Vec<Author>,
    /// The sealed answers, with who may read them.
    sets: Vec<(Vec<u8>, String)>,
    made: AtomicI32,
    /// The one that the next check-in completes.
    occurrence: Mutex<Option<OccurrenceId>>,
    records: Arc<Records>,
}

impl Template {
    /// Copies the last check-in that was seeded.
    pub fn of(conn: &mut Conn, people: &People, records: Arc<Records>) -> Outcome<Self> {
        let last: SubmissionId = submissions::table
            .filter(submissions::practice_id.eq(people.practice))
            .filter(submissions::status.eq("submitted"))
            .order(submissions::id.desc())
            .select(submissions::id)
            .first(conn)?;
        let sets = answer_sets::table
            .filter(answer_sets::practice_id.eq(people.practice))
            .filter(answer_sets::submission_id.eq(last))
            .select((answer_sets::answers, answer_sets::audience))
            .load(conn)?;
        Ok(Self {
            authors: homework::authors(conn, people.practice)?,
            sets,
            made: AtomicI32::new(0),
            occurrence: Mutex::new(None),
            records,
        })
    }

    /// Adds the rows. The writer is one thread, so partners follow one another here too.
    fn insert(&self, conn: &mut Conn, practice: PracticeId) -> Result<SubmissionId> {
        let made = self.made.fetch_add(1, Ordering::Relaxed);
        let count = i32::try_from(self.authors.len()).unwrap_or(i32::MAX).max(1);
        let index = usize::try_from(made % count).unwrap_or_default();
        let author = self.authors.get(index).ok_or_else(|| Error::internal("no couples"))?;
        let now = Clock::System.now();
        let row = New {
            practice,
            author,
            day: author.starts_on.plus_days(-1 - made / count),
            id: IdSource::Random.next(now),
            occurrence: self.occurrence(conn, practice, author, made / count, now)?,
            now,
        };
        row.submission(conn)?;
        for (answers, audience) in &self.sets {
            row.answers(conn, answers, audience)?;
        }
        row.receipt(conn)?;
        let what = ("submission", "submission.submitted");
        self.records.insert(conn, what, row.id.uuid(), now)?;
        Ok(row.id)
    }

    /// A new occurrence for the first partner, the same for the second.
    fn occurrence(
        &self,
        conn: &mut Conn,
        practice: PracticeId,
        author: &Author,
        days: i32,
        now: Instant,
    ) -> Result<OccurrenceId> {
        let mut open = self.occurrence.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(id) = open.take() {
            return Ok(id);
        }
        let id: OccurrenceId = IdSource::Random.next(now);
        diesel::insert_into(occurrences::table)
            .values((
                occurrences::practice_id.eq(practice),
                occurrences::id.eq(id),
                occurrences::assignment_id.eq(author.check_in),
                occurrences::local_date.eq(author.starts_on.plus_days(-1 - days)),
                occurrences::slot_no.eq(1),
                occurrences::opens_at.eq(now),
                occurrences::due_at.eq(now),
                occurrences::status.eq("submitted"),
                occurrences::completed_at.eq(now),
                occurrences::version.eq(3),
                occurrences::created_at.eq(now),
                occurrences::updated_at.eq(now),
            ))
            .execute(conn)?;
        *open = Some(id);
        Ok(id)
    }
}

/// One check-in to be added.
struct New<'a> {
    practice: PracticeId,
    author: &'a Author,
    day: Date,
    id: SubmissionId,
    occurrence: OccurrenceId,
    now: Instant,
}

impl New<'_> {
    fn submission(&self, conn: &mut Conn) -> Result<()> {
        diesel::insert_into(submissions::table)
            .values((
                submissions::practice_id.eq(self.practice),
                submissions::id.eq(self.id),
                submissions::device_id.eq(self.id),
                submissions::author_id.eq(self.author.client),
                submissions::assignment_id.eq(self.author.check_in),
                submissions::couple_id.eq(self.author.couple),
                submissions::sensitivity.eq("routine"),
                submissions::occurrence_id.eq(self.occurrence),
                submissions::local_date.eq(self.day),
                submissions::slot_no.eq(1),
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
        let shared = (audience == "shared").then(|| self.now.plus_seconds(-1_000_000_000));
        let id: AnswerSetId = AnswerSetId::from_uuid(uuid::Uuid::from_bytes(random()?));
        diesel::insert_into(answer_sets::table)
            .values((
                answer_sets::practice_id.eq(self.practice),
                answer_sets::id.eq(id),
                answer_sets::place.eq(AnyId::from_uuid(uuid::Uuid::from_bytes(random()?))),
                answer_sets::submission_id.eq(self.id),
                answer_sets::assignment_id.eq(self.author.check_in),
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
                receipts::assignment_id.eq(self.author.check_in),
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
