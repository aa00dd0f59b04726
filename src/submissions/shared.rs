//! Shared answers: what participants read of each other. They say what can be read and since when; when it was
//! written, under which id, and what else was written beside it, they do not.

use actix_web::get;
use diesel::prelude::*;
use uuid::Uuid;

use super::model::{SharedAnswer, SharedAnswerFilter};
use super::sets::SetRow;
use crate::assignments::model::AssignmentStatus;
use crate::assignments::store::granted;
use crate::auth::scopes::HomeworkOwn;
use crate::auth::{Access, Tx};
use crate::couples;
use crate::couples::members::store as members;
use crate::db::id::{AnyId, AssignmentId, ClientId, CoupleId};
use crate::db::schema::{
    self, answer_sets, assignment_participants as participants, assignments, submissions,
};
use crate::db::{Date, Instant};
use crate::error::{Error, Result};
use crate::http::page::{Listing, Page, Paging, Position, Sort, Window};
use crate::http::{Json, Routes};

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(list_shared_answers);
}

/// List shared answers
///
/// What the other participants of a couple's homework share with the caller, in the order in which it came to
/// be theirs to read. For participants.
#[utoipa::path(
    tag = "submissions",
    params(SharedAnswerFilter, Paging),
    responses((status = 200, description = "One page of shared answers", body = Page<SharedAnswer>)),
    security(("token" = ["homework:own"])),
)]
#[get("/v1/shared-answers")]
async fn list_shared_answers(
    access: Access<HomeworkOwn>,
    listing: Listing<SharedAnswerFilter>,
) -> Result<Json<Page<SharedAnswer>>> {
    access.list(listing, list).await
}

/// Whose a set is, as its readers may know it.
type Found = (SetRow, Option<Date>, Option<i32>);

/// The sets that others have shared with the caller: of the couples that they see, in assignments that they take
/// part in, of a kind that their token was granted.
macro_rules! visible {
    ($tx:expr, $own:expr, $couples:expr) => {
        answer_sets::table
            .inner_join(
                submissions::table.on(submissions::practice_id
                    .eq(answer_sets::practice_id)
                    .and(submissions::id.eq(answer_sets::submission_id))),
            )
            .inner_join(
                assignments::table.on(assignments::practice_id
                    .eq(answer_sets::practice_id)
                    .and(assignments::id.eq(answer_sets::assignment_id))),
            )
            .inner_join(
                participants::table.on(participants::practice_id
                    .eq(answer_sets::practice_id)
                    .and(participants::assignment_id.eq(answer_sets::assignment_id))),
            )
            .filter(answer_sets::practice_id.eq($tx.practice()))
            .filter(answer_sets::couple_id.eq_any($couples))
            .filter(answer_sets::shared_at.is_not_null())
            .filter(answer_sets::author_id.ne($own))
            .filter(participants::client_id.eq($own))
            .filter(assignments::status.ne(AssignmentStatus::EnteredInError))
            .filter(assignments::sensitivity.eq_any(granted($tx.caller)))
            .select((SetRow::as_select(), submissions::local_date, submissions::slot_no))
    };
}

fn list(
    tx: &mut Tx<'_>,
    filter: SharedAnswerFilter,
    window: Window,
) -> Result<Vec<(Position, SharedAnswer)>> {
    let own = tx.caller.client().ok_or_else(Error::not_found)?;
    let couples: Vec<CoupleId> =
        couples::store::visible(tx)?.select(schema::couples::id).load(tx.conn)?;
    let mut query = visible!(tx, own, &couples).into_boxed();
    if let Some(assignment) = filter.assignment_id {
        query = query.filter(answer_sets::assignment_id.eq(assignment));
    }
    if let Some(since) = filter.shared_since {
        query = query.filter(answer_sets::shared_at.ge(since));
    }
    let newest_first = matches!(window.sort, Sort::CreatedDescending | Sort::UpdatedDescending);
    if let Some(Position { at, id }) = window.after {
        let id = AnyId::from_uuid(id);
        query = if newest_first {
            query.filter(answer_sets::shared_at.le(at)).filter(
                answer_sets::shared_at.lt(at).assume_not_null().or(answer_sets::place.lt(id)),
            )
        } else {
            query.filter(answer_sets::shared_at.ge(at)).filter(
                answer_sets::shared_at.gt(at).assume_not_null().or(answer_sets::place.gt(id)),
            )
        };
    }
    let query = if newest_first {
        query.order((answer_sets::shared_at.desc(), answer_sets::place.desc()))
    } else {
        query.order((answer_sets::shared_at.asc(), answer_sets::place.asc()))
    };
    let found: Vec<Found> = query.limit(window.load).load(tx.conn)?;
    let names = members::display_names(tx, &couples)?;
    found.into_iter().map(|found| show(tx, found, &names)).collect()
}

fn show(
    tx: &Tx<'_>,
    (set, local_date, slot_no): Found,
    names: &[(CoupleId, ClientId, String)],
) -> Result<(Position, SharedAnswer)> {
    let shared_at = set.shared_at.unwrap_or(Instant::from_micros(0));
    let name = names
        .iter()
        .find(|(couple, client, _)| Some(*couple) == set.couple_id && *client == set.author_id);
    let shared = SharedAnswer {
        assignment_id: set.assignment_id,
        from: name.map(|(_, _, name)| name.clone()),
        local_date,
        slot_no,
        answers: set.open(tx)?,
        shared_at,
        superseded_at: set.superseded_at,
    };
    let id: Uuid = set.place.uuid();
    Ok((Position { at: shared_at, id }, shared))
}

/// An answer that was shared, as it lies there.
pub(crate) struct SharedRow(Found);

impl SharedRow {
    /// As its readers see it.
    pub(crate) fn show(
        self,
        tx: &Tx<'_>,
        names: &[(CoupleId, ClientId, String)],
    ) -> Result<SharedAnswer> {
        show(tx, self.0, names).map(|(_, shared)| shared)
    }
}

/// What the members of a couple have shared with each other lately in these assignments of theirs, newest first: the
/// same for whoever of them reads it.
pub(crate) fn of_couple(
    tx: &mut Tx<'_>,
    couple: CoupleId,
    assignments: &[AssignmentId],
    since: Instant,
    most: i64,
) -> Result<Vec<SharedRow>> {
    let found: Vec<Found> = answer_sets::table
        .inner_join(
            submissions::table.on(submissions::practice_id
                .eq(answer_sets::practice_id)
                .and(submissions::id.eq(answer_sets::submission_id))),
        )
        .filter(answer_sets::practice_id.eq(tx.practice()))
        .filter(answer_sets::couple_id.eq(couple))
        .filter(answer_sets::assignment_id.eq_any(assignments))
        .filter(answer_sets::shared_at.ge(since))
        .filter(answer_sets::superseded_at.is_null())
        .order((answer_sets::shared_at.desc(), answer_sets::place.desc()))
        .limit(most)
        .select((SetRow::as_select(), submissions::local_date, submissions::slot_no))
        .load(tx.conn)?;
    Ok(found.into_iter().map(SharedRow).collect())
}

/// What was shared with the caller lately in these couples, newest first.
pub(crate) fn lately(
    tx: &mut Tx<'_>,
    couples: &[CoupleId],
    since: Instant,
    most: i64,
) -> Result<Vec<SharedRow>> {
    let own = tx.caller.client().ok_or_else(Error::not_found)?;
    let found: Vec<Found> = visible!(tx, own, couples)
        .filter(answer_sets::shared_at.ge(since))
        .filter(answer_sets::superseded_at.is_null())
        .order((answer_sets::shared_at.desc(), answer_sets::place.desc()))
        .limit(most)
        .load(tx.conn)?;
    Ok(found.into_iter().map(SharedRow).collect())
}
