//! Answer sets: the answers of a submission, parted by who may read them and sealed apart.
//!
//! A set carries two instants: since when the other participants can read it, and since when clinicians
//! can. Both are what [`decide`] says at the moment of writing or of the reveal, so that every query that
//! reads answers is a filter on an instant and decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use diesel::prelude::*;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::pieces::{Piece, shared_by_author};
use super::store::Row as SubmissionRow;
use crate::activities::definition::audience::{Shown, Stage, Viewer, decide};
use crate::activities::definition::{Audience, ClinicianAudience, Sensitivity};
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::conn::each;
use crate::db::id::{
    AnswerSetId, AnyId, AssignmentId, ClientId, CoupleId, OccurrenceId, PracticeId, SubmissionId,
};
use crate::db::schema::answer_sets;
use crate::error::Result;
use crate::seal::{Column, Compartment, Sealed, SealedJson};

/// Rows of one statement: SQLite takes 32,766 values.
const ROWS_AT_ONCE: usize = 500;
/// Up to so many rows are inserted one at a time: that statement stays prepared, and one of several rows does not.
const FEW: usize = 8;

const PRIVATE: Column =
    Column { table: "answer_sets", name: "answers", compartment: Compartment::Client };
const JOINT: Column =
    Column { table: "answer_sets", name: "answers", compartment: Compartment::Couple };
const SAFETY: Column =
    Column { table: "answer_sets", name: "answers", compartment: Compartment::Clinical };
/// What is revealed together stands in the order of keyed hashes: that of ids would tell who wrote first, and
/// how often.
const PLACE: Column =
    Column { table: "answer_sets", name: "place", compartment: Compartment::Client };

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = answer_sets, treat_none_as_default_value = false)]
pub(crate) struct SetRow {
    practice_id: PracticeId,
    pub(super) id: AnswerSetId,
    pub(super) place: AnyId,
    pub(super) submission_id: SubmissionId,
    pub(super) assignment_id: AssignmentId,
    pub(super) couple_id: Option<CoupleId>,
    occurrence_id: Option<OccurrenceId>,
    pub(super) author_id: ClientId,
    pub(super) entry_no: Option<i32>,
    pub(super) entry_at: Option<Instant>,
    pub(super) audience: Audience,
    pub(super) clinician_audience: ClinicianAudience,
    revision: i32,
    answers: Sealed<SealedJson<Map<String, Value>>>,
    sensitivity: Sensitivity,
    pub(super) widened: bool,
    pub(super) shared_at: Option<Instant>,
    pub(super) clinicians_at: Option<Instant>,
    pub(super) superseded_at: Option<Instant>,
    created_at: Instant,
}

impl SetRow {
    /// The answers in it, for whoever has found that they may be read.
    pub(crate) fn open(&self, tx: &Tx<'_>) -> Result<Map<String, Value>> {
        let column = column(self.sensitivity, self.audience);
        Ok(tx.keys.open(column, self.id.uuid(), &self.answers)?.0)
    }

    /// The homework that they belong to.
    pub(crate) fn assignment(&self) -> AssignmentId {
        self.assignment_id
    }

    /// Who wrote it.
    pub(crate) fn author(&self) -> ClientId {
        self.author_id
    }

    /// The answers in it, with where they stand.
    pub(super) fn piece(&self, tx: &Tx<'_>) -> Result<Piece> {
        Ok(Piece {
            entry: self.entry_no.zip(self.entry_at),
            audience: self.audience,
            clinician_audience: self.clinician_audience,
            widened: self.widened,
            answers: self.open(tx)?,
        })
    }

    /// True when somebody beside its author could read it.
    fn is_read(&self) -> bool {
        self.shared_at.is_some() || self.clinicians_at.is_some()
    }

    /// What stands as evidence of it in a reveal.
    pub(super) fn sealed(&self) -> &[u8] {
        self.answers.as_bytes()
    }

    /// How much of it a viewer is shown at a stage.
    pub(super) fn shown(&self, viewer: Viewer, stage: Stage) -> Shown {
        decide(self.audience, self.clinician_audience, self.widened, viewer, stage)
    }
}

fn column(sensitivity: Sensitivity, audience: Audience) -> &'static Column {
    match (sensitivity, audience) {
        (Sensitivity::Safety, _) => &SAFETY,
        (_, Audience::Shared) => &JOINT,
        _ => &PRIVATE,
    }
}

/// What writing sets came to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Written {
    /// Something that others could read was replaced.
    pub(super) amended: bool,
    /// Something can be read by the other participants that could not before.
    pub(super) shared: bool,
    /// Something that other participants could read was replaced or taken out.
    pub(super) reshared: bool,
}

/// Puts these answers in the place of those that stand. Of what `was_sent` before, a set whose answers are the
/// same stays as it is: who reads it must not learn that something beside it was changed.
pub(super) fn replace(
    tx: &mut Tx<'_>,
    submission: &SubmissionRow,
    mut pieces: Vec<Piece>,
    stage: Stage,
    was_sent: bool,
) -> Result<Written> {
    let standing = if submission.revision == 1 { Vec::new() } else { standing(tx, submission.id)? };
    let (mut kept, mut gone, mut written) = (BTreeSet::new(), Vec::new(), Written::default());
    for set in &standing {
        let answers = set.open(tx)?;
        if set.widened {
            pieces.extend(widened_again(set, &answers, &pieces));
        }
        let place = (set.entry_no, set.audience, set.clinician_audience, set.widened);
        match pieces.iter().find(|piece| piece.place() == place) {
            Some(piece) if piece.answers == answers && was_sent => {
                correct_time(tx, set, piece)?;
                kept.insert(place);
            }
            _ => {
                written.amended |= set.is_read() || stage == Stage::Revealed;
                written.reshared |= set.shared_at.is_some();
                gone.push(set);
            }
        }
    }
    supersede(tx, &gone, stage == Stage::Revealed)?;
    pieces.retain(|piece| !kept.contains(&piece.place()));
    written.shared = insert(tx, submission, &pieces, stage)?;
    Ok(written)
}

/// An event's own time can be put right without anything new to read: participants never see it.
fn correct_time(tx: &mut Tx<'_>, set: &SetRow, piece: &Piece) -> Result<()> {
    let at = piece.entry.map(|(_, at)| at);
    if at != set.entry_at {
        diesel::update(answer_sets::table.find((tx.practice(), set.id)))
            .set(answer_sets::entry_at.eq(at))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// What was widened before stays so in its new words.
fn widened_again(set: &SetRow, answers: &Map<String, Value>, pieces: &[Piece]) -> Option<Piece> {
    let own = pieces.iter().filter(|piece| {
        !piece.widened && piece.entry.map(|(entry_no, _)| entry_no) == set.entry_no
    });
    // Its moment may have been put right.
    let entry = own.clone().find_map(|piece| piece.entry).or(set.entry_no.zip(set.entry_at));
    let answers: Map<String, Value> = own
        .flat_map(|piece| &piece.answers)
        .filter(|(link_id, _)| answers.contains_key(*link_id))
        .map(|(link_id, answer)| (link_id.clone(), answer.clone()))
        .collect();
    (!answers.is_empty()).then(|| shared_by_author(entry, answers))
}

/// Shares answers that stand, at their author's wish, beside those that they shared before. The names of those
/// that were there to be shared.
pub(super) fn widen(
    tx: &mut Tx<'_>,
    submission: &SubmissionRow,
    link_ids: &BTreeSet<String>,
    entry_no: Option<i32>,
) -> Result<BTreeSet<String>> {
    let standing = standing(tx, submission.id)?;
    let (mut wished, mut before) = (BTreeMap::new(), BTreeMap::new());
    for set in standing.iter().filter(|set| entry_no.is_none() || set.entry_no == entry_no) {
        let answers = set.open(tx)?;
        if set.widened {
            before.insert(set.entry_no, (set, answers));
            continue;
        }
        let answers: Map<String, Value> =
            answers.into_iter().filter(|(link_id, _)| link_ids.contains(link_id)).collect();
        if !answers.is_empty() {
            let empty = || shared_by_author(set.entry_no.zip(set.entry_at), Map::new());
            let piece = wished.entry(set.entry_no).or_insert_with(empty);
            piece.answers.extend(answers);
        }
    }
    let found = wished.values().flat_map(|piece| piece.answers.keys().cloned()).collect();
    let (mut gone, mut pieces) = (Vec::new(), Vec::new());
    for (entry_no, mut piece) in wished {
        if let Some((set, answers)) = before.get(&entry_no) {
            let mut all = answers.clone();
            all.extend(std::mem::take(&mut piece.answers));
            if all == *answers {
                continue;
            }
            piece.answers = all;
            gone.push(*set);
        }
        pieces.push(piece);
    }
    supersede(tx, &gone, false)?;
    insert(tx, submission, &pieces, Stage::Submitted)?;
    Ok(found)
}

/// The sets that stand, in no order that tells anything.
pub(super) fn standing(tx: &mut Tx<'_>, submission: SubmissionId) -> Result<Vec<SetRow>> {
    Ok(answer_sets::table
        .filter(answer_sets::practice_id.eq(tx.practice()))
        .filter(answer_sets::submission_id.eq(submission))
        .filter(answer_sets::superseded_at.is_null())
        .select(SetRow::as_select())
        .load(tx.conn)?)
}

/// True when another participant can read something of a submission, or could before it was amended.
pub(super) fn was_shared(tx: &mut Tx<'_>, submission: SubmissionId) -> Result<bool> {
    let found: Option<AnswerSetId> = answer_sets::table
        .filter(answer_sets::practice_id.eq(tx.practice()))
        .filter(answer_sets::submission_id.eq(submission))
        .filter(answer_sets::shared_at.is_not_null())
        .select(answer_sets::id)
        .first(tx.conn)
        .optional()?;
    Ok(found.is_some())
}

/// The sets that stand of these submissions.
pub(super) fn standing_of(tx: &mut Tx<'_>, submissions: &[SubmissionId]) -> Result<Vec<SetRow>> {
    Ok(answer_sets::table
        .filter(answer_sets::practice_id.eq(tx.practice()))
        .filter(answer_sets::submission_id.eq_any(submissions))
        .filter(answer_sets::superseded_at.is_null())
        .select(SetRow::as_select())
        .load(tx.conn)?)
}

/// What nobody has read, and nothing has come of, goes; the rest stays and is marked.
fn supersede(tx: &mut Tx<'_>, sets: &[&SetRow], revealed: bool) -> Result<()> {
    let (read, unread): (Vec<&SetRow>, Vec<&SetRow>) =
        sets.iter().partition(|set| revealed || set.is_read());
    let ids = |sets: &[&SetRow]| sets.iter().map(|set| set.id).collect::<Vec<_>>();
    let practice = tx.practice();
    let of = |ids: Vec<AnswerSetId>| {
        answer_sets::table
            .filter(answer_sets::practice_id.eq(practice))
            .filter(answer_sets::id.eq_any(ids))
    };
    if !read.is_empty() {
        diesel::update(of(ids(&read)))
            .set(answer_sets::superseded_at.eq(tx.now))
            .execute(tx.conn)?;
    }
    if !unread.is_empty() {
        diesel::delete(of(ids(&unread))).execute(tx.conn)?;
    }
    Ok(())
}

/// Takes back everything that stands of a submission.
pub(super) fn take_back(tx: &mut Tx<'_>, submission: SubmissionId) -> Result<()> {
    let standing = standing(tx, submission)?;
    supersede(tx, &standing.iter().collect::<Vec<_>>(), false)
}

/// Seals and stores; true when some of it can be read by the other participants from now on.
fn insert(
    tx: &mut Tx<'_>,
    submission: &SubmissionRow,
    pieces: &[Piece],
    stage: Stage,
) -> Result<bool> {
    let rows = pieces
        .iter()
        .map(|piece| row(tx, submission, piece, stage))
        .collect::<Result<Vec<SetRow>>>()?;
    let few = if rows.len() <= FEW { rows.as_slice() } else { &[] };
    for row in few {
        diesel::insert_into(answer_sets::table).values(row).execute(tx.conn)?;
    }
    let many = if few.is_empty() { rows.as_slice() } else { &[] };
    for some in many.chunks(ROWS_AT_ONCE) {
        each!(tx.conn, conn => diesel::insert_into(answer_sets::table).values(some).execute(conn))?;
    }
    Ok(rows.iter().any(|row| row.shared_at.is_some()))
}

/// The row of a piece, sealed, with the instants of this moment.
pub(super) fn row(
    tx: &Tx<'_>,
    submission: &SubmissionRow,
    piece: &Piece,
    stage: Stage,
) -> Result<SetRow> {
    let id: AnswerSetId = tx.new_id();
    let column = column(submission.sensitivity, piece.audience);
    let since = |viewer| {
        let shown = decide(piece.audience, piece.clinician_audience, piece.widened, viewer, stage);
        (shown == Shown::Full).then_some(tx.now)
    };
    Ok(SetRow {
        practice_id: submission.practice_id,
        id,
        place: place_of(tx, submission, piece),
        submission_id: submission.id,
        assignment_id: submission.assignment_id,
        couple_id: submission.couple_id,
        occurrence_id: submission.occurrence_id,
        author_id: submission.author_id,
        entry_no: piece.entry.map(|(entry_no, _)| entry_no),
        entry_at: piece.entry.map(|(_, at)| at),
        audience: piece.audience,
        clinician_audience: piece.clinician_audience,
        revision: submission.revision,
        answers: tx.keys.seal(column, id.uuid(), &SealedJson(piece.answers.clone()))?,
        sensitivity: submission.sensitivity,
        widened: piece.widened,
        // One client's homework has no other participants.
        shared_at: submission.couple_id.and_then(|_| since(Viewer::Partner)),
        clinicians_at: since(Viewer::Clinician),
        superseded_at: None,
        created_at: tx.now,
    })
}

/// The same for every version of what stands in one place. An answer's place hangs on its occurrence and not on its
/// device's id: what was taken back in private and sent again under another must not lie elsewhere than it would have.
/// Events have no occurrence, and each batch keeps its id.
fn place_of(tx: &Tx<'_>, submission: &SubmissionRow, piece: &Piece) -> AnyId {
    let (entry, audience, clinicians, widened) = piece.place();
    let of = match (submission.local_date, submission.slot_no) {
        (Some(day), Some(slot_no)) => format!("{} {day} {slot_no}", submission.assignment_id),
        _ => submission.device_id.to_string(),
    };
    let place = format!(
        "{}\n{of}\n{entry:?}\n{}\n{}\n{widened}",
        submission.author_id,
        audience.as_str(),
        clinicians.as_str()
    );
    AnyId::from_uuid(Uuid::from_bytes(*tx.keys.lookup(&PLACE, &place).as_bytes()))
}
