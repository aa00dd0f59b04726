//! Queries on reviews. Every one starts from the assignments that the caller may see.

use diesel::prelude::*;

use super::model::{NewReview, Review, ReviewFilter};
use crate::activities::definition::Sensitivity;
use crate::alerts::caseload;
use crate::audit::{Change, Subject, record};
use crate::auth::{Sight, Tx};
use crate::db::Instant;
use crate::db::id::{AssignmentId, ClinicianId, CoupleId, PracticeId, ReviewId, SubmissionId};
use crate::db::schema::{assignments as homework, reviews, submissions};
use crate::error::{Code, DbResultExt, Error, Fault, Result};
use crate::http::page::{Position, Window, windowed};
use crate::seal::{Column, Compartment, Sealed};
use crate::{assignments, submissions as sent};

/// A word to a couple is theirs together, one to an author theirs alone.
const TO_COUPLE: Column =
    Column { table: "reviews", name: "comment", compartment: Compartment::Couple };
const TO_AUTHOR: Column =
    Column { table: "reviews", name: "comment", compartment: Compartment::Client };

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = reviews, treat_none_as_default_value = false)]
struct Row {
    practice_id: PracticeId,
    id: ReviewId,
    assignment_id: AssignmentId,
    submission_id: Option<SubmissionId>,
    clinician_id: ClinicianId,
    comment: Option<Sealed<String>>,
    created_at: Instant,
    updated_at: Instant,
}

/// A review with whose homework it is about and, for a submission, the id that its author's device made.
type Found = (Row, Option<CoupleId>, Option<SubmissionId>);

/// The reviews that the caller may see: those of the assignments that they see, and to a client no review of
/// another's submission, nor any of what concerns somebody's safety.
macro_rules! visible {
    ($tx:expr) => {{
        let query = assignments::store::visible($tx)?
            .inner_join(
                reviews::table.on(reviews::practice_id
                    .eq(homework::practice_id)
                    .and(reviews::assignment_id.eq(homework::id))),
            )
            .left_join(
                submissions::table.on(submissions::practice_id
                    .eq(reviews::practice_id)
                    .and(submissions::id.nullable().eq(reviews::submission_id))),
            )
            .select((Row::as_select(), homework::couple_id, submissions::device_id.nullable()));
        match $tx.caller.client() {
            None if matches!($tx.caller.sight(), Sight::Caseloads(_)) => query,
            None => query.filter(
                homework::sensitivity
                    .ne(Sensitivity::Safety)
                    .or(reviews::clinician_id.eq_any($tx.caller.caseloads().to_vec())),
            ),
            Some(own) => query.filter(homework::sensitivity.ne(Sensitivity::Safety)).filter(
                reviews::submission_id
                    .is_null()
                    .nullable()
                    .or(submissions::author_id.nullable().eq(own))
                    .assume_not_null(),
            ),
        }
    }};
}

/// One review.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: ReviewId) -> Result<Review> {
    let found: Found = visible!(tx).filter(reviews::id.eq(id)).first(tx.conn).or_not_found()?;
    show(tx, found)
}

/// One page of reviews.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: ReviewFilter,
    window: Window,
) -> Result<Vec<(Position, Review)>> {
    let mut query = visible!(tx);
    if let Some(assignment) = filter.assignment_id {
        query = query.filter(reviews::assignment_id.eq(assignment));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(reviews::updated_at.ge(since));
    }
    let found: Vec<Found> = windowed!(query, reviews, window).load(tx.conn)?;
    let shown = found.into_iter().map(|one| show(tx, one));
    shown.map(|one| one.map(|one| (one.position(), one))).collect()
}

/// Writes a review down.
///
/// # Errors
/// 403 for whoever is no clinician, 422 for what the caller does not see.
pub fn create(tx: &mut Tx<'_>, new: NewReview) -> Result<Review> {
    let clinician = tx
        .caller
        .clinician()
        .ok_or_else(|| Error::new(Code::OwnerOnly, "Clinicians alone review what clients send."))?;
    let (assignment_id, submission_id) = subject(tx, &new)?;
    let row = assignments::store::find_row(tx, assignment_id)?;
    if !caseload::has(tx, row.couple_id, row.client_id)? {
        return Err(Error::new(Code::OwnerOnly, "The clinicians who treat review what was sent."));
    }
    let id: ReviewId = tx.new_id();
    let column = column(row.couple_id, submission_id);
    let review = Row {
        practice_id: tx.practice(),
        id,
        assignment_id,
        submission_id,
        clinician_id: clinician,
        comment: tx.keys.seal_opt(column, id.uuid(), new.comment.as_ref())?,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(reviews::table).values(review).execute(tx.conn)?;
    record(tx, &Change::of(Subject::Review(id), "created"))?;
    find(tx, id)
}

/// What is reviewed, if the caller sees it.
fn subject(tx: &mut Tx<'_>, new: &NewReview) -> Result<(AssignmentId, Option<SubmissionId>)> {
    let unknown = |at: &'static str| Error::invalid(vec![Fault::unknown_id(at)]);
    match (new.assignment_id, new.submission_id) {
        (Some(assignment), None) => {
            let found = assignments::store::find_visible(tx, assignment)?;
            found.map(|row| (row.id, None)).ok_or_else(|| unknown("/assignment_id"))
        }
        (None, Some(submission)) => {
            let found = sent::store::find_visible(tx, submission)?;
            found
                .map(|row| (row.assignment_id, Some(row.id)))
                .ok_or_else(|| unknown("/submission_id"))
        }
        _ => {
            let detail = "Give either `assignment_id` or `submission_id`.";
            Err(Error::invalid(vec![Fault::body("/assignment_id", "mismatch", detail)]))
        }
    }
}

fn column(couple: Option<CoupleId>, submission: Option<SubmissionId>) -> &'static Column {
    if couple.is_some() && submission.is_none() { &TO_COUPLE } else { &TO_AUTHOR }
}

/// A comment may speak of what was answered: whoever does not treat reads that there was a review, and no more.
fn show(tx: &Tx<'_>, (row, couple, device_id): Found) -> Result<Review> {
    let own = tx.caller.client().is_some();
    let column = column(couple, row.submission_id);
    let reads = match tx.caller.sight() {
        Sight::Client(_) | Sight::Caseloads(_) => true,
        Sight::Practice => tx.caller.caseloads().contains(&row.clinician_id),
    };
    let comment = row.comment.as_ref().filter(|_| reads);
    Ok(Review {
        comment: tx.keys.open_opt(column, row.id.uuid(), comment)?,
        id: row.id,
        assignment_id: row.assignment_id,
        submission_id: if own { device_id } else { row.submission_id },
        clinician_id: Some(row.clinician_id).filter(|_| !own),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
