//! Against probing: what an inventory has revealed stays as it was for some days, so that nobody finds out
//! another's answers by changing their own until something turns up (`domain` 2.6).

use std::collections::BTreeMap;

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::form::Form;
use super::pieces::Piece;
use super::sets::SetRow;
use crate::activities::definition::{Audience, Item};
use crate::assignments::store::Row as AssignmentRow;
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::OccurrenceId;
use crate::db::schema::{answer_sets, reveals};
use crate::error::{Code, Error, Fault, Result};

/// Refuses an inventory whose entries differ from those that were revealed within the days that it names.
///
/// # Errors
/// 409 `locked_for_days` with every entry that is locked.
pub(super) fn check(
    tx: &mut Tx<'_>,
    homework: &AssignmentRow,
    form: &Form,
    pieces: &[Piece],
    has_time: bool,
) -> Result<()> {
    let questions = form.definition.questions();
    let inventories =
        questions.into_iter().map(|(_, item)| item).filter(|item| item.inventory.is_some());
    let (Some(couple), true) = (homework.couple_id, has_time) else { return Ok(()) };
    let Some(author) = tx.caller.client() else { return Ok(()) };
    let mut locked = Vec::new();
    for item in inventories {
        let days = item.inventory.as_ref().map_or(0, |inventory| inventory.relock_days);
        let since = tx.now.plus_seconds(-i64::from(days) * 86_400);
        let last: Option<(OccurrenceId, Instant)> = reveals::table
            .filter(reveals::practice_id.eq(tx.practice()))
            .filter(reveals::couple_id.eq(couple))
            .filter(reveals::key.eq(&homework.key))
            .filter(reveals::revealed_at.gt(since))
            .order(reveals::revealed_at.desc())
            .select((reveals::occurrence_id, reveals::revealed_at))
            .first(tx.conn)
            .optional()?;
        let Some((occurrence, at)) = last else { continue };
        let sets: Vec<SetRow> = answer_sets::table
            .filter(answer_sets::practice_id.eq(tx.practice()))
            .filter(answer_sets::occurrence_id.eq(occurrence))
            .filter(answer_sets::author_id.eq(author))
            .filter(answer_sets::audience.eq(Audience::OverlapOnly))
            .filter(answer_sets::created_at.le(at))
            .filter(
                answer_sets::superseded_at
                    .is_null()
                    .or(answer_sets::superseded_at.gt(at).assume_not_null()),
            )
            .select(SetRow::as_select())
            .load(tx.conn)?;
        let mut revealed = Map::new();
        for set in sets {
            revealed.extend(set.open(tx)?);
        }
        let given = pieces.iter().find_map(|piece| piece.answers.get(&item.link_id));
        locked.extend(differences(item, revealed.get(&item.link_id), given));
    }
    if locked.is_empty() {
        return Ok(());
    }
    let mut error = Error::new(
        Code::LockedForDays,
        "Leave the entries in `errors` as they were; they can change some days after the reveal.",
    );
    locked.into_iter().for_each(|fault| error.add(fault));
    Err(error)
}

fn differences(item: &Item, revealed: Option<&Value>, given: Option<&Value>) -> Vec<Fault> {
    let (before, after) = (entries(revealed), entries(given));
    let changed = after.iter().filter(|(code, word)| before.get(*code) != Some(word));
    changed
        .map(|(code, _)| {
            let at = format!("/answers/{}/entries/{code}", item.link_id);
            Fault::body(at, "locked", "Was revealed a short while ago.")
        })
        .collect()
}

fn entries(answer: Option<&Value>) -> BTreeMap<&str, &Value> {
    let entries = answer.and_then(|answer| answer.get("entries")).and_then(Value::as_object);
    entries.into_iter().flatten().map(|(code, word)| (code.as_str(), word)).collect()
}
