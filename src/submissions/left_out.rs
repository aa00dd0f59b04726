//! Private questions that were not asked, since the device was one that both use (`domain` 2.5). They are kept with
//! their author's part in the homework, a row that the inbox reads anyway: looked for among submissions, they would take
//! a longer search the longer the homework runs.

use diesel::prelude::*;
use serde::{Deserialize, Serialize};

use super::model::SubmissionStatus;
use super::pieces::Piece;
use super::sets;
use super::store::Row;
use crate::activities::definition::audience::Stage;
use crate::activities::definition::{Audience, Definition, answers};
use crate::auth::Tx;
use crate::db::id::SubmissionId;
use crate::db::schema::assignment_participants as participants;
use crate::db::{Date, Doc, Instant};
use crate::error::Result;

/// How long they are shown, in seconds.
const SHOWN_SECONDS: i64 = 48 * 3600;

/// What one submission lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LeftOut {
    /// The submission, by the id that its device made.
    pub(crate) submission_id: SubmissionId,
    pub(crate) local_date: Option<Date>,
    pub(crate) slot_no: Option<i32>,
    /// The questions.
    pub(crate) link_ids: Vec<String>,
    /// Until when they are shown.
    pub(crate) until: Instant,
}

/// What was sent, with the answers of before that were not asked this time, since the device is one that both use: they
/// stand as they are. Not so, until all is revealed, those of which something comes for the others (`aggregate_only`,
/// `overlap_only`): an outcome would tell of a draft that was begun in private. Of what is skipped nothing stands.
///
/// # Errors
/// Those of the database.
pub(super) fn with_what_was_not_asked(
    tx: &mut Tx<'_>,
    row: &Row,
    sent: &[Piece],
    stage: Stage,
) -> Result<Vec<Piece>> {
    let mut all = sent.to_vec();
    let skips = row.status == SubmissionStatus::Skipped;
    if !row.device_shared || row.couple_id.is_none() || row.revision == 1 || skips {
        return Ok(all);
    }
    let is_there = |entry: Option<i32>| {
        entry.is_none()
            || sent.iter().any(|piece| piece.entry.map(|(entry_no, _)| entry_no) == entry)
    };
    let stands = |audience: Audience| match stage {
        Stage::Submitted => audience.is_private(),
        Stage::Draft | Stage::Revealed => audience.is_asked_alone(),
    };
    for set in sets::standing(tx, row.id)? {
        if stands(set.audience) && !set.widened && is_there(set.entry_no) {
            all.push(set.piece(tx)?);
        }
    }
    Ok(all)
}

/// Keeps in mind what this submission lacks from now on, which may be nothing. What nobody is asked any more goes.
///
/// # Errors
/// Those of the database.
pub(super) fn keep(tx: &mut Tx<'_>, row: &Row, definition: &Definition) -> Result<()> {
    let link_ids = lacking(tx, row, definition)?;
    let place = participants::table.find((tx.practice(), row.assignment_id, row.author_id));
    let found: Option<Doc<Vec<LeftOut>>> = place.select(participants::left_out).first(tx.conn)?;
    let mut all = found.map(|Doc(all)| all).unwrap_or_default();
    all.retain(|one| one.submission_id != row.device_id && one.until > tx.now);
    if !link_ids.is_empty() {
        all.push(LeftOut {
            submission_id: row.device_id,
            local_date: row.local_date,
            slot_no: row.slot_no,
            link_ids,
            until: row.received_at.plus_seconds(SHOWN_SECONDS),
        });
    }
    let all = Some(Doc(all)).filter(|Doc(all)| !all.is_empty());
    diesel::update(place).set(participants::left_out.eq(all)).execute(tx.conn)?;
    Ok(())
}

/// The private questions that were not asked, of what comes from a device that both use, and are not answered.
fn lacking(tx: &mut Tx<'_>, row: &Row, definition: &Definition) -> Result<Vec<String>> {
    if !row.was_sent() || !row.device_shared || row.couple_id.is_none() {
        return Ok(Vec::new());
    }
    let standing = sets::standing(tx, row.id)?;
    let answered = standing.iter().map(|set| set.open(tx)).collect::<Result<Vec<_>>>()?;
    let of_role = |role: Option<&str>| role.is_none() || role == row.role.as_deref();
    let lacking = answers::asked_alone(definition).into_iter().filter(|item| {
        item.audience().is_private()
            && of_role(item.role.as_deref())
            && !answered.iter().any(|answers| answers.contains_key(&item.link_id))
    });
    Ok(lacking.map(|item| item.link_id.clone()).collect())
}
