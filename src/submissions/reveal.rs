//! Reveal: what all have answered is opened, in the transaction of the last of them, once and for good
//! (`domain` 2.6).

use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::form::Form;
use super::model::SubmissionStatus;
use super::outcome;
use super::schedule::Meant;
use super::sets::{self, SetRow};
use crate::activities::definition::audience::{Shown, Stage, Viewer};
use crate::activities::definition::{ParticipationMode, Sensitivity};
use crate::assignments::changes::begin;
use crate::assignments::model::AssignmentStatus;
use crate::assignments::store::Row as AssignmentRow;
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::consents::model::ConsentKind;
use crate::couples::members::store::present_members;
use crate::couples::model::CoupleStatus;
use crate::db::id::{
    AnswerSetId, AssignmentId, ClientId, CoupleId, OccurrenceId, PracticeId, RevealId, SubmissionId,
};
use crate::db::schema::{answer_sets, assignments, occurrences, reveals, submissions};
use crate::db::{Instant, Keep};
use crate::error::Result;
use crate::occurrences::model::{Progress, Row as OccurrenceRow};
use crate::seal::{Column, Compartment, LookupKey, Sealed, SealedJson};
use crate::{consents, couples, joint_confirmations, practices};

const OUTCOMES: Column =
    Column { table: "reveals", name: "outcomes", compartment: Compartment::Couple };
const CONTENT: Column =
    Column { table: "reveals", name: "content", compartment: Compartment::Couple };

/// How far back it is looked whether what waited for somebody waits still, in days.
const LOOKED_AT_AGAIN_DAYS: i32 = 31;

/// An occurrence, as far as revealing needs it.
#[derive(Clone, Copy, Queryable, Selectable)]
#[diesel(table_name = occurrences)]
pub(super) struct Occurrence {
    pub(super) id: OccurrenceId,
    status: Progress,
}

/// The occurrence of what was sent, made as it will be when it is the first that anybody sends something to.
pub(super) fn occurrence(
    tx: &mut Tx<'_>,
    row: &AssignmentRow,
    meant: &Meant,
    first: Progress,
) -> Result<Occurrence> {
    if let Some(stored) = &meant.stored {
        return Ok(Occurrence { id: stored.id, status: stored.status });
    }
    let new = OccurrenceRow { status: first, ..OccurrenceRow::of(tx, row.id, meant.slot, false) };
    let id = new.id;
    diesel::insert_into(occurrences::table).values(new).execute(tx.conn)?;
    Ok(Occurrence { id, status: first })
}

impl Occurrence {
    /// True once what waited for all has been revealed.
    pub(super) fn is_revealed(&self, tx: &mut Tx<'_>) -> Result<bool> {
        is_revealed(tx, self.id)
    }
}

/// Counts again who has submitted, and reveals when that are all who must. True when something has come to
/// be readable for the other participants.
pub(super) fn advance(
    tx: &mut Tx<'_>,
    row: &AssignmentRow,
    form: &Form,
    occurrence: &Occurrence,
) -> Result<bool> {
    // Those that count are chosen here: a statement with a list of values would be prepared anew each time.
    let all: Vec<(SubmissionId, ClientId, SubmissionStatus)> = submissions::table
        .filter(submissions::practice_id.eq(tx.practice()))
        .filter(submissions::occurrence_id.eq(occurrence.id))
        .select((submissions::id, submissions::author_id, submissions::status))
        .load(tx.conn)?;
    let sent: Vec<(SubmissionId, ClientId)> = all
        .into_iter()
        .filter(|(_, _, status)| SubmissionStatus::SENT.contains(status))
        .map(|(id, author, _)| (id, author))
        .collect();
    let complete = match form.definition.participation.mode {
        ParticipationMode::Any => !sent.is_empty(),
        ParticipationMode::Joint if sent.is_empty() => {
            joint_confirmations::store::forget(tx, occurrence.id)?;
            false
        }
        ParticipationMode::Joint => !joint_confirmations::store::is_contested(tx, occurrence.id)?,
        ParticipationMode::Each | ParticipationMode::Roles => {
            let waited_for = waited_for(tx, row, form)?;
            let all = waited_for.iter().all(|client| sent.iter().any(|(_, one)| one == client));
            all && !sent.is_empty() && may_open(tx, row, form, occurrence, &waited_for)?
        }
    };
    let for_all = form.definition.participation.mode == ParticipationMode::Joint;
    let status = match (complete, sent.is_empty()) {
        (true, _) => Progress::Submitted,
        (false, false) if for_all => Progress::Open,
        (false, false) => Progress::PartiallySubmitted,
        (false, true) => Progress::Open,
    };
    if status == occurrence.status {
        return Ok(false);
    }
    diesel::update(occurrences::table.find((tx.practice(), occurrence.id)))
        .set((
            occurrences::status.eq(status),
            occurrences::completed_at.eq(complete.then_some(tx.now)),
            occurrences::version.eq(occurrences::version + 1),
            occurrences::updated_at.eq(tx.now),
        ))
        .execute_kept(tx.conn)?;
    if complete && form.reveals && row.couple_id.is_some() {
        let sent: Vec<SubmissionId> = sent.into_iter().map(|(id, _)| id).collect();
        return reveal(tx, row, form, occurrence.id, &sent);
    }
    Ok(false)
}

/// What came of an occurrence, by the names of the questions.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Outcomes {
    /// For those who take part.
    participants: Map<String, Value>,
    /// For the clinicians who treat.
    clinicians: Map<String, Value>,
}

#[derive(Insertable)]
#[diesel(table_name = reveals, treat_none_as_default_value = false)]
struct RevealRow {
    practice_id: PracticeId,
    id: RevealId,
    occurrence_id: OccurrenceId,
    assignment_id: AssignmentId,
    couple_id: Option<CoupleId>,
    key: String,
    outcomes: Option<Sealed<SealedJson<Outcomes>>>,
    content: LookupKey,
    revealed_at: Instant,
}

/// Who has to have answered: everybody who was to take part and is of the couple still (`domain` 2.6).
fn waited_for(tx: &mut Tx<'_>, row: &AssignmentRow, form: &Form) -> Result<Vec<ClientId>> {
    let mut all = form.participants.clone();
    if let Some(couple) = row.couple_id.filter(|_| all.len() > 2) {
        let present = present_members(tx, couple)?;
        all.retain(|client| present.iter().any(|(member, _)| member == client));
    }
    Ok(all)
}

/// Whether what waits for all may open once all have answered. Where it may not, it waits, and reads to everybody as it
/// does while somebody has not answered. What has opened stays done, whatever comes later.
///
/// What was not opened before a couple began to part never is, whatever is done to it after they have (`domain` 2.11).
/// What is sexual opens with the present consent of all: who has consented to what is nobody's to learn
/// (`docs/reference/declared-outcomes.md`).
fn may_open(
    tx: &mut Tx<'_>,
    row: &AssignmentRow,
    form: &Form,
    occurrence: &Occurrence,
    all: &[ClientId],
) -> Result<bool> {
    let Some(couple) = row.couple_id.filter(|_| form.reveals) else { return Ok(true) };
    let status = couples::store::status(tx, couple)?;
    let mut may = status != CoupleStatus::Separating && !status.is_over();
    if may && row.sensitivity == Sensitivity::SexualHealth {
        let present = consents::store::in_force(tx, all, ConsentKind::SexualHealthHomework)?;
        may = present == all.len();
    }
    Ok(may || occurrence.is_revealed(tx)?)
}

/// Looks again at what waits for somebody of a couple: one of them has left or has consented, or what rested goes on.
/// What rests opens nothing. Of the last weeks alone, so that it costs no more with the years.
///
/// # Errors
/// Those of the database.
pub(crate) fn look_again(tx: &mut Tx<'_>, couple: CoupleId) -> Result<()> {
    let since = practices::store::today(tx)?.plus_days(-LOOKED_AT_AGAIN_DAYS);
    let mut waiting: Vec<(AssignmentRow, Occurrence)> = assignments::table
        .inner_join(
            occurrences::table.on(occurrences::practice_id
                .eq(assignments::practice_id)
                .and(occurrences::assignment_id.eq(assignments::id))),
        )
        .filter(assignments::practice_id.eq(tx.practice()))
        .filter(assignments::couple_id.eq(couple))
        .filter(assignments::status.eq_any(AssignmentStatus::AT_WORK))
        .filter(occurrences::local_date.ge(since))
        .filter(occurrences::status.eq(Progress::PartiallySubmitted))
        .select((AssignmentRow::as_select(), Occurrence::as_select()))
        .load(tx.conn)?;
    // Put in order here: asked for it, SQLite walks through all occurrences of the practice by their ids.
    waiting.sort_by_key(|(_, occurrence)| occurrence.id);
    for (row, occurrence) in waiting {
        let form = Form::of(tx, &row)?;
        if advance(tx, &row, &form, &occurrence)? {
            begin(tx, &row)?;
        }
    }
    Ok(())
}

/// True once an occurrence has been revealed.
pub(super) fn is_revealed(tx: &mut Tx<'_>, occurrence: OccurrenceId) -> Result<bool> {
    let found: Option<RevealId> = reveals::table
        .filter(reveals::practice_id.eq(tx.practice()))
        .filter(reveals::occurrence_id.eq(occurrence))
        .select(reveals::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// The occurrence of a submission.
pub(super) fn occurrence_of(tx: &mut Tx<'_>, id: OccurrenceId) -> Result<Occurrence> {
    Ok(occurrences::table
        .find((tx.practice(), id))
        .select(Occurrence::as_select())
        .first(tx.conn)?)
}

fn reveal(
    tx: &mut Tx<'_>,
    row: &AssignmentRow,
    form: &Form,
    occurrence: OccurrenceId,
    sent: &[SubmissionId],
) -> Result<bool> {
    if is_revealed(tx, occurrence)? {
        return Ok(false);
    }
    let standing = sets::standing_of(tx, sent)?;
    let opened = |viewer| -> Vec<AnswerSetId> {
        let now = standing.iter().filter(|set| set.shown(viewer, Stage::Revealed) == Shown::Full);
        let hidden = |set: &&SetRow| match viewer {
            Viewer::Partner => set.shared_at.is_none(),
            _ => set.clinicians_at.is_none(),
        };
        now.filter(hidden).map(|set| set.id).collect()
    };
    let (to_partners, to_clinicians) = (opened(Viewer::Partner), opened(Viewer::Clinician));
    open_to(tx, &to_partners, &to_clinicians)?;
    let outcomes = Outcomes {
        participants: outcome::of_all(
            tx,
            &form.definition,
            &standing,
            sent.len(),
            Viewer::Partner,
        )?,
        clinicians: outcome::of_all(
            tx,
            &form.definition,
            &standing,
            sent.len(),
            Viewer::Clinician,
        )?,
    };
    let id: RevealId = tx.new_id();
    let outcomes = SealedJson(outcomes);
    let new = RevealRow {
        practice_id: tx.practice(),
        id,
        occurrence_id: occurrence,
        assignment_id: row.id,
        couple_id: row.couple_id,
        key: row.key.clone(),
        outcomes: Some(tx.keys.seal(&OUTCOMES, id.uuid(), &outcomes)?),
        content: content(tx, &standing),
        revealed_at: tx.now,
    };
    diesel::insert_into(reveals::table).values(new).execute(tx.conn)?;
    // Whoever mirrors submissions finds that there is more to read in them.
    diesel::update(
        submissions::table
            .filter(submissions::practice_id.eq(tx.practice()))
            .filter(submissions::id.eq_any(sent.to_vec())),
    )
    .set(submissions::updated_at.eq(tx.now))
    .execute_kept(tx.conn)?;
    record(tx, &Change::of(Subject::Assignment(row.id), "revealed"))?;
    Ok(true)
}

fn open_to(tx: &mut Tx<'_>, partners: &[AnswerSetId], clinicians: &[AnswerSetId]) -> Result<()> {
    let practice = tx.practice();
    let of = |ids: &[AnswerSetId]| {
        answer_sets::table
            .filter(answer_sets::practice_id.eq(practice))
            .filter(answer_sets::id.eq_any(ids.to_vec()))
    };
    if !partners.is_empty() {
        diesel::update(of(partners)).set(answer_sets::shared_at.eq(tx.now)).execute(tx.conn)?;
    }
    if !clinicians.is_empty() {
        diesel::update(of(clinicians))
            .set(answer_sets::clinicians_at.eq(tx.now))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// A keyed hash of everything that stood when it was revealed.
fn content(tx: &Tx<'_>, standing: &[SetRow]) -> LookupKey {
    let mut all: Vec<String> = standing
        .iter()
        .map(|set| format!("{} {}", set.id, data_encoding::HEXLOWER.encode(set.sealed())))
        .collect();
    all.sort();
    tx.keys.lookup(&CONTENT, &all.join("\n"))
}

/// What came of an occurrence for a viewer, by the names of the questions; empty before it is revealed.
pub(super) fn outcomes(
    tx: &mut Tx<'_>,
    occurrence: OccurrenceId,
    viewer: Viewer,
) -> Result<Map<String, Value>> {
    type Found = (RevealId, Option<Sealed<SealedJson<Outcomes>>>);
    let found: Option<Found> = reveals::table
        .filter(reveals::practice_id.eq(tx.practice()))
        .filter(reveals::occurrence_id.eq(occurrence))
        .select((reveals::id, reveals::outcomes))
        .first(tx.conn)
        .optional()?;
    let Some((id, sealed)) = found else { return Ok(Map::new()) };
    let opened = tx.keys.open_opt(&OUTCOMES, id.uuid(), sealed.as_ref())?;
    let SealedJson(outcomes) = opened.unwrap_or_default();
    Ok(match viewer {
        Viewer::Author | Viewer::Partner => outcomes.participants,
        Viewer::Clinician => outcomes.clinicians,
        Viewer::Other => Map::new(),
    })
}
