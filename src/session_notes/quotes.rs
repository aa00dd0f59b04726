//! Where an answer may be quoted: what only its author and the clinicians read stands in the author's own
//! record, and in no note of the couple's (`domain` 5.2).

use diesel::prelude::*;

use super::content::Quote;
use super::write::Place;
use crate::activities;
use crate::activities::definition::Audience;
use crate::auth::Tx;
use crate::db::id::{CoupleId, SubmissionId};
use crate::db::schema::{answer_sets, assignments, submissions as submission_rows};
use crate::error::{Fault, Result};
use crate::submissions;

/// The faults of quotes in a note of this record.
pub(super) fn faults(tx: &mut Tx<'_>, quotes: &[Quote], place: &Place) -> Result<Vec<Fault>> {
    let mut faults = Vec::new();
    for (index, quote) in quotes.iter().enumerate() {
        let at = format!("/quotes/{index}");
        if quotes.iter().take(index).any(|other| other == quote) {
            faults.push(Fault::body(at, "repeated", "Is quoted already."));
        } else {
            faults.extend(fault(tx, quote, place, &at)?);
        }
    }
    Ok(faults)
}

fn fault(tx: &mut Tx<'_>, quote: &Quote, place: &Place, at: &str) -> Result<Option<Fault>> {
    let unknown = || Some(Fault::unknown_id(format!("{at}/submission_id")));
    let Some(row) = submissions::store::find_visible(tx, quote.submission_id)? else {
        return Ok(unknown());
    };
    let Some(audience) = audience(tx, row.id, &quote.link_id)? else {
        let detail = "Is no question of this exercise.";
        return Ok(Some(Fault::body(format!("{at}/link_id"), "mismatch", detail)));
    };
    let own = place.client == Some(row.author_id);
    let of_couple = couple_of(tx, row.id)?;
    let to_all = of_couple.is_some() && is_shared(tx, row.id, audience)?;
    let fits = if own {
        audience != Audience::AuthorOnly
    } else {
        to_all
            && (place.couple == of_couple || place.client.is_some() && place.of_couple == of_couple)
    };
    let detail = "Only its author and the clinicians read this answer: it is quoted in the author's own \
                  record alone.";
    Ok((!fits).then(|| Fault::body(at.to_owned(), "private_source", detail)))
}

/// Who reads the answers to a question, by the version that was assigned.
fn audience(tx: &mut Tx<'_>, submission: SubmissionId, link_id: &str) -> Result<Option<Audience>> {
    let definition = submission_rows::table
        .inner_join(
            assignments::table.on(assignments::practice_id
                .eq(submission_rows::practice_id)
                .and(assignments::id.eq(submission_rows::assignment_id))),
        )
        .filter(submission_rows::practice_id.eq(tx.practice()))
        .filter(submission_rows::id.eq(submission))
        .select(assignments::activity_definition_id)
        .first(tx.conn)?;
    let definition = activities::store::assigned(tx, definition)?;
    Ok(definition.question(link_id).map(activities::definition::Item::audience))
}

fn couple_of(tx: &mut Tx<'_>, submission: SubmissionId) -> Result<Option<CoupleId>> {
    Ok(submission_rows::table
        .find((tx.practice(), submission))
        .select(submission_rows::couple_id)
        .first(tx.conn)?)
}

/// True when the couple's members all read it: at once, or since the reveal.
fn is_shared(tx: &mut Tx<'_>, submission: SubmissionId, audience: Audience) -> Result<bool> {
    if audience == Audience::Shared {
        return Ok(true);
    }
    if audience != Audience::MutualReveal {
        return Ok(false);
    }
    let opened: Vec<bool> = answer_sets::table
        .filter(answer_sets::practice_id.eq(tx.practice()))
        .filter(answer_sets::submission_id.eq(submission))
        .filter(answer_sets::audience.eq(audience))
        .filter(answer_sets::superseded_at.is_null())
        .select(answer_sets::shared_at.is_not_null())
        .load(tx.conn)?;
    Ok(!opened.is_empty() && opened.into_iter().all(|opened| opened))
}
