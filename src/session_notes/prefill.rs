//! What a note begins with: the couple's homework since the last session, by its titles and figures. Never an
//! answer, and nothing that is one partner's alone.
//!
//! How often an exercise was done is counted from its occurrences. Figures of adherence take the place of this
//! count when they are served.

use diesel::prelude::*;

use super::content::NoteHomework;
use crate::activities::definition::Sensitivity;
use crate::assignments::model::AssignmentStatus;
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{AssignmentId, CoupleId, SessionId};
use crate::db::schema::{activity_definitions, assignments, occurrences, sessions};
use crate::error::Result;
use crate::sessions::model::{SessionKind, SessionStatus};

/// Lines at the most; `SessionNote.homework` is bounded by it.
const MOST_LINES: i64 = 50;

/// The homework of a couple since its last session before this one.
pub(super) fn homework(
    tx: &mut Tx<'_>,
    couple: CoupleId,
    session: Option<SessionId>,
) -> Result<Vec<NoteHomework>> {
    let since = last_session(tx, couple, session)?;
    let over = [AssignmentStatus::Withdrawn, AssignmentStatus::EnteredInError];
    let found: Vec<(AssignmentId, String)> = assignments::table
        .inner_join(
            activity_definitions::table.on(activity_definitions::practice_id
                .eq(assignments::practice_id)
                .and(activity_definitions::id.eq(assignments::activity_definition_id))),
        )
        .filter(assignments::practice_id.eq(tx.practice()))
        .filter(assignments::couple_id.eq(couple))
        .filter(assignments::sensitivity.ne(Sensitivity::Safety))
        .filter(assignments::status.ne_all(over))
        .filter(assignments::updated_at.ge(since))
        .order(assignments::id)
        .limit(MOST_LINES)
        .select((assignments::id, activity_definitions::title))
        .load(tx.conn)?;
    found
        .into_iter()
        .map(|(assignment_id, title)| {
            let times_done = times_done(tx, assignment_id, since)?;
            Ok(NoteHomework { assignment_id, title, times_done })
        })
        .collect()
}

/// When the couple was last seen together; the beginning of time when it was not yet.
fn last_session(tx: &mut Tx<'_>, couple: CoupleId, session: Option<SessionId>) -> Result<Instant> {
    let mut query = sessions::table
        .filter(sessions::practice_id.eq(tx.practice()))
        .filter(sessions::couple_id.eq(couple))
        .filter(sessions::kind.eq(SessionKind::Conjoint))
        .filter(sessions::status.eq(SessionStatus::Completed))
        .order(sessions::starts_at.desc())
        .select(sessions::starts_at)
        .into_boxed();
    if let Some(own) = session {
        query = query.filter(sessions::id.ne(own));
    }
    let last: Option<Instant> = query.first(tx.conn).optional()?;
    Ok(last.unwrap_or(Instant::from_micros(0)))
}

/// How often everybody who has to had done it.
fn times_done(tx: &mut Tx<'_>, assignment: AssignmentId, since: Instant) -> Result<i64> {
    Ok(occurrences::table
        .filter(occurrences::practice_id.eq(tx.practice()))
        .filter(occurrences::assignment_id.eq(assignment))
        .filter(occurrences::completed_at.ge(since))
        .count()
        .get_result(tx.conn)?)
}
