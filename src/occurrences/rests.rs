//! When an assignment rested. What would have closed in that time does not count, whoever made it rest and
//! however long that was.

use diesel::prelude::*;

use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::AssignmentId;
use crate::db::schema::rests;
use crate::error::Result;

/// The times in which one assignment rested.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rests(Vec<(Instant, Option<Instant>)>);

impl Rests {
    /// Those of an assignment.
    pub(crate) fn of(tx: &mut Tx<'_>, assignment: AssignmentId) -> Result<Self> {
        let found = rests::table
            .filter(rests::practice_id.eq(tx.practice()))
            .filter(rests::assignment_id.eq(assignment))
            .order(rests::begins_at)
            .select((rests::begins_at, rests::ends_at))
            .load(tx.conn)?;
        Ok(Self(found))
    }

    /// Those of one assignment, among those of several that were loaded together.
    pub(crate) fn among(
        all: &[(AssignmentId, Instant, Option<Instant>)],
        of: AssignmentId,
    ) -> Self {
        let own = all.iter().filter(|(assignment, ..)| *assignment == of);
        Self(own.map(|(_, begins, ends)| (*begins, *ends)).collect())
    }

    /// True when what closes at this moment does not count. What never closes does not count while it rests.
    pub(crate) fn cover(&self, closes_at: Option<Instant>) -> bool {
        self.0.iter().any(|(begins, ends)| match (closes_at, ends) {
            (Some(closes), Some(ends)) => *begins < closes && closes <= *ends,
            (Some(closes), None) => *begins < closes,
            (None, ends) => ends.is_none(),
        })
    }
}

/// Rests of these assignments, for [`Rests::among`].
pub(crate) fn of_all(
    tx: &mut Tx<'_>,
    assignments: &[AssignmentId],
) -> Result<Vec<(AssignmentId, Instant, Option<Instant>)>> {
    Ok(rests::table
        .filter(rests::practice_id.eq(tx.practice()))
        .filter(rests::assignment_id.eq_any(assignments))
        .order((rests::assignment_id, rests::begins_at))
        .select((rests::assignment_id, rests::begins_at, rests::ends_at))
        .load(tx.conn)?)
}

/// It rests from this moment on, unless it did already.
pub(crate) fn begin(tx: &mut Tx<'_>, assignment: AssignmentId) -> Result<()> {
    let resting: Option<Instant> = rests::table
        .filter(rests::practice_id.eq(tx.practice()))
        .filter(rests::assignment_id.eq(assignment))
        .filter(rests::ends_at.is_null().or(rests::begins_at.eq(tx.now)))
        .select(rests::begins_at)
        .first(tx.conn)
        .optional()?;
    if resting.is_some() {
        return reopen(tx, assignment);
    }
    diesel::insert_into(rests::table)
        .values((
            rests::practice_id.eq(tx.practice()),
            rests::assignment_id.eq(assignment),
            rests::begins_at.eq(tx.now),
            rests::ends_at.eq(None::<Instant>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// One that ended in the very moment in which it is to rest again goes on.
fn reopen(tx: &mut Tx<'_>, assignment: AssignmentId) -> Result<()> {
    diesel::update(rests::table.find((tx.practice(), assignment, tx.now)))
        .set(rests::ends_at.eq(None::<Instant>))
        .execute(tx.conn)?;
    Ok(())
}

/// It goes on from this moment.
pub(crate) fn end(tx: &mut Tx<'_>, assignment: AssignmentId) -> Result<()> {
    diesel::update(
        rests::table
            .filter(rests::practice_id.eq(tx.practice()))
            .filter(rests::assignment_id.eq(assignment))
            .filter(rests::ends_at.is_null()),
    )
    .set(rests::ends_at.eq(Some(tx.now)))
    .execute(tx.conn)?;
    Ok(())
}
