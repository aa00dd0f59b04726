//! What a note begins with: the couple's homework since the last session, by its titles and figures. Never an
//! answer, and nothing that is one partner's alone.
//!
//! The figures are those of the couple ([`Reader::Participants`]) and not the clinician's: a note of the couple's
//! record may be read out to both, and what one of them has skipped reads there as missed.

use diesel::prelude::*;

use super::content::NoteHomework;
use crate::assignments::model::AssignmentStatus;
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{AssignmentId, CoupleId, SessionId};
use crate::db::schema::{occurrences, sessions as session_rows};
use crate::error::Result;
use crate::figures::Reader;
use crate::figures::report::of_one;
use crate::figures::store::{self as figures, Homework, Known, Period, Whose};
use crate::practices;
use crate::sessions;
use crate::sessions::model::{SessionKind, SessionStatus};

/// Lines at the most; `SessionNote.homework` is bounded by it.
const MOST_LINES: usize = 50;
/// The most days that a note looks back: those that figures are served of.
const MOST_DAYS: i32 = 419;

/// The homework of a couple since its last session before this one, or before now where there is none.
///
/// A period begins with the day of the last session and ends with the day before this one, so that sessions of
/// every Monday are seven days apart and no day is counted in two notes. What has begun since is named all the
/// same.
pub(super) fn homework(
    tx: &mut Tx<'_>,
    couple: CoupleId,
    session: Option<SessionId>,
) -> Result<Vec<NoteHomework>> {
    let at = match session {
        Some(id) => sessions::store::find_row(tx, id)?.starts_at.min(tx.now),
        None => tx.now,
    };
    let since = last_session(tx, couple, at)?;
    let zone = practices::store::zone(&practices::store::timezone(tx)?)?;
    let today = at.date_in(&zone);
    let earliest = today.plus_days(-MOST_DAYS);
    let from = since.map_or(earliest, |since| since.date_in(&zone).max(earliest));
    let since = since.unwrap_or(Instant::from_micros(0));
    let mut all = figures::homework(tx, Whose::Couple(couple), Period { from, until: today })?;
    all.retain(|one| is_since(one, since));
    all.truncate(MOST_LINES);
    let period = Period { from, until: today.plus_days(-1).max(from) };
    let known = figures::known(tx, all, period, Reader::Participants)?;
    known.iter().map(|one| line(tx, one, since)).collect()
}

/// True for what is open, and for what came to its end since then.
fn is_since(one: &Homework, since: Instant) -> bool {
    let row = &one.row;
    row.status != AssignmentStatus::Withdrawn
        && (AssignmentStatus::OPEN.contains(&row.status) || row.updated_at >= since)
}

/// What is done on any day was expected by nobody: it has a number and no figure.
fn line(tx: &mut Tx<'_>, one: &Known, since: Instant) -> Result<NoteHomework> {
    let total = of_one(one, Reader::Participants).total;
    let (assignment_id, title) = (one.homework.row.id, one.homework.definition.title.clone());
    Ok(if total.expected > 0 {
        let times_done = i64::from(total.completed);
        NoteHomework { assignment_id, title, times_done, figure: Some(total.label) }
    } else {
        let times_done = times_done(tx, assignment_id, since)?;
        NoteHomework { assignment_id, title, times_done, figure: None }
    })
}

/// When the couple was last seen together before this.
fn last_session(tx: &mut Tx<'_>, couple: CoupleId, before: Instant) -> Result<Option<Instant>> {
    Ok(session_rows::table
        .filter(session_rows::practice_id.eq(tx.practice()))
        .filter(session_rows::couple_id.eq(couple))
        .filter(session_rows::kind.eq(SessionKind::Conjoint))
        .filter(session_rows::status.eq(SessionStatus::Completed))
        .filter(session_rows::starts_at.lt(before))
        .order(session_rows::starts_at.desc())
        .select(session_rows::starts_at)
        .first(tx.conn)
        .optional()?)
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
