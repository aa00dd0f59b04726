//! Queries on submissions. Every one starts from [`visible`].

use diesel::prelude::*;
use serde_json::{Map, Value};

use super::model::{Submission, SubmissionFilter, SubmissionStatus, SubmissionSummary};
use super::pieces::Piece;
use super::readable::{self, Readable};
use super::reveal;
use crate::activities::definition::audience::Viewer;
use crate::activities::definition::{Category, Sensitivity};
use crate::assignments::store::granted;
use crate::audit::{Change, Subject, record_in_private};
use crate::auth::{Actor, Caller, Sight, Tx};
use crate::db::id::{AssignmentId, ClientId, CoupleId, OccurrenceId, PracticeId, SubmissionId};
use crate::db::schema::{
    activity_definitions, assignments, caseload_clients, caseload_couples, submissions,
};
use crate::db::{Date, Instant, MultiBackend};
use crate::error::{Error, Result};
use crate::http::page::{Position, Window, windowed};
use crate::practices;

#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = submissions, primary_key(practice_id, id), treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct Row {
    pub(super) practice_id: PracticeId,
    pub(crate) id: SubmissionId,
    pub(crate) device_id: SubmissionId,
    pub(crate) author_id: ClientId,
    pub(crate) assignment_id: AssignmentId,
    pub(super) couple_id: Option<CoupleId>,
    pub(super) sensitivity: Sensitivity,
    pub(super) occurrence_id: Option<OccurrenceId>,
    pub(crate) local_date: Option<Date>,
    pub(crate) slot_no: Option<i32>,
    pub(super) role: Option<String>,
    pub(super) policy_version_no: Option<i32>,
    pub(crate) status: SubmissionStatus,
    pub(super) revision: i32,
    pub(super) late: bool,
    pub(super) device_shared: bool,
    pub(super) app: Option<String>,
    pub(super) completed_at: Option<Instant>,
    pub(super) received_at: Instant,
    pub(super) submitted_at: Option<Instant>,
    pub(super) created_at: Instant,
    pub(crate) updated_at: Instant,
}

impl Row {
    /// True for what concerns somebody's safety: it is not shown to its author's own apps again.
    pub(crate) fn is_one_way(&self) -> bool {
        self.sensitivity == Sensitivity::Safety
    }

    /// True for what was sent and stands.
    pub(super) fn was_sent(&self) -> bool {
        SubmissionStatus::SENT.contains(&self.status)
    }
}

/// The submissions that a caller may see: the one place that says so.
///
/// An author sees their own, but for those about safety, which go one way only, and for those that their
/// token was not granted. Nobody else sees a draft. The practice sees that something was sent by whom it
/// sees; nothing about safety reaches a service, or an administrator who treats nobody. Other
/// participants see no submission at all: what is theirs to read are [shared answers](super::shared).
#[must_use]
pub fn visible(caller: &Caller) -> submissions::BoxedQuery<'_, MultiBackend> {
    let practice = caller.practice();
    let query = submissions::table.filter(submissions::practice_id.eq(practice)).into_boxed();
    let known = || submissions::status.eq_any(SubmissionStatus::KNOWN);
    match caller.sight() {
        Sight::Client(client) => {
            let mut opened = granted(caller);
            opened.retain(|sensitivity| *sensitivity != Sensitivity::Safety);
            query
                .filter(submissions::author_id.eq(client))
                .filter(submissions::sensitivity.eq_any(opened))
        }
        Sight::Practice if matches!(caller.actor(), Actor::Service { .. }) => {
            query.filter(known()).filter(submissions::sensitivity.ne(Sensitivity::Safety))
        }
        Sight::Practice => {
            let treated = caseload_clients::table
                .filter(caseload_clients::practice_id.eq(practice))
                .filter(caseload_clients::clinician_id.eq_any(caller.caseloads()))
                .select(caseload_clients::client_id);
            let other = submissions::sensitivity.ne(Sensitivity::Safety);
            query.filter(known()).filter(other.or(submissions::author_id.eq_any(treated)))
        }
        Sight::Caseloads(clinicians) => {
            let couples = caseload_couples::table
                .filter(caseload_couples::practice_id.eq(practice))
                .filter(caseload_couples::clinician_id.eq_any(clinicians))
                .select(caseload_couples::couple_id.nullable());
            let clients = caseload_clients::table
                .filter(caseload_clients::practice_id.eq(practice))
                .filter(caseload_clients::clinician_id.eq_any(clinicians))
                .select(caseload_clients::client_id);
            let alone =
                submissions::couple_id.is_null().and(submissions::author_id.eq_any(clients));
            query.filter(known()).filter(
                submissions::couple_id.eq_any(couples).or(alone.nullable()).assume_not_null(),
            )
        }
    }
}

/// One submission, by the id that the caller knows it by.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: SubmissionId) -> Result<Submission> {
    let row = find_row(tx, id)?;
    show(tx, row)
}

/// One submission, after its reading by a clinician was written down: a read that cannot be recorded is not answered.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub(super) fn read(tx: &mut Tx<'_>, id: SubmissionId) -> Result<Submission> {
    let row = find_row(tx, id)?;
    if viewer(tx, &row)? == Viewer::Clinician {
        record_in_private(tx, &Change::of(Subject::Submission(row.id), "read"))?;
    }
    show(tx, row)
}

pub(crate) fn find_row(tx: &mut Tx<'_>, id: SubmissionId) -> Result<Row> {
    find_visible(tx, id)?.ok_or_else(Error::not_found)
}

/// The row of a submission; none when the caller sees no such one.
pub(crate) fn find_visible(tx: &mut Tx<'_>, id: SubmissionId) -> Result<Option<Row>> {
    let query = visible(tx.caller);
    let query = match tx.caller.client() {
        Some(_) => query.filter(submissions::device_id.eq(id)),
        None => query.filter(submissions::id.eq(id)),
    };
    Ok(query.select(Row::as_select()).first(tx.conn).optional()?)
}

/// One page of submissions.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: SubmissionFilter,
    window: Window,
) -> Result<Vec<(Position, SubmissionSummary)>> {
    let mut query = visible(tx.caller);
    if let Some(assignment) = filter.assignment_id {
        query = query.filter(submissions::assignment_id.eq(assignment));
    }
    if let Some(couple) = filter.couple_id {
        query = query.filter(submissions::couple_id.eq(couple));
    }
    if let Some(author) = filter.author_id {
        query = query.filter(submissions::author_id.eq(author));
    }
    if let Some(statuses) = filter.status {
        query = query.filter(submissions::status.eq_any(statuses));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(submissions::updated_at.ge(since));
    }
    // Authors have theirs in the order of the ids that their devices made. The practice's own id is another
    // where two devices have made the same one, and would tell of the other's submission by its place.
    let own = tx.caller.client().is_some();
    let rows: Vec<Row> = if own {
        windowed!(query, submissions, window, device_id).select(Row::as_select()).load(tx.conn)?
    } else {
        windowed!(query, submissions, window).select(Row::as_select()).load(tx.conn)?
    };
    Ok(rows
        .into_iter()
        .map(|row| {
            let id = if own { row.device_id } else { row.id };
            let position = Position { at: row.updated_at, id: id.uuid() };
            (position, summary(row, own))
        })
        .collect())
}

/// How many of these clients have answered a form about their safety, each alone. A note that concerns safety
/// and asks for nothing else is no screen.
///
/// # Errors
/// Those of the database.
pub(crate) fn screened(tx: &mut Tx<'_>, clients: &[ClientId]) -> Result<usize> {
    let screens = activity_definitions::table
        .filter(activity_definitions::practice_id.eq(tx.practice()))
        .filter(activity_definitions::category.eq(Category::Safety))
        .select(activity_definitions::id);
    let screenings = assignments::table
        .filter(assignments::practice_id.eq(tx.practice()))
        .filter(assignments::client_id.eq_any(clients))
        .filter(assignments::activity_definition_id.eq_any(screens))
        .select(assignments::id);
    let answered: Vec<ClientId> = submissions::table
        .filter(submissions::practice_id.eq(tx.practice()))
        .filter(submissions::author_id.eq_any(clients))
        .filter(submissions::sensitivity.eq(Sensitivity::Safety))
        .filter(submissions::assignment_id.eq_any(screenings))
        .filter(submissions::couple_id.is_null())
        .filter(submissions::status.eq_any(SubmissionStatus::SENT))
        .select(submissions::author_id)
        .distinct()
        .load(tx.conn)?;
    Ok(answered.len())
}

/// A submission with what the caller may read of it.
pub(super) fn show(tx: &mut Tx<'_>, row: Row) -> Result<Submission> {
    let viewer = viewer(tx, &row)?;
    let taken_back = row.status == SubmissionStatus::Retracted && viewer != Viewer::Author;
    let read = match viewer {
        _ if taken_back => Readable::default(),
        viewer => readable::readable(tx, row.id, viewer)?,
    };
    let outcomes = match row.occurrence_id {
        Some(occurrence) => reveal::outcomes(tx, occurrence, viewer)?,
        None => Map::new(),
    };
    Ok(whole(tx, row, read, outcomes))
}

/// A submission that its author has just sent for the first time, without asking for it again.
pub(super) fn show_new(
    tx: &mut Tx<'_>,
    row: Row,
    pieces: Vec<Piece>,
    reveals: bool,
) -> Result<Submission> {
    let outcomes = match row.occurrence_id {
        Some(occurrence) if reveals => reveal::outcomes(tx, occurrence, Viewer::Author)?,
        _ => Map::new(),
    };
    Ok(whole(tx, row, Readable::of_new(pieces), outcomes))
}

fn whole(tx: &Tx<'_>, row: Row, read: Readable, outcomes: Map<String, Value>) -> Submission {
    Submission {
        summary: summary(row, tx.caller.client().is_some()),
        answers: read.answers,
        entries: read.entries,
        earlier: read.earlier,
        outcomes,
        widened: read.widened,
    }
}

fn summary(row: Row, own: bool) -> SubmissionSummary {
    SubmissionSummary {
        id: if own { row.device_id } else { row.id },
        assignment_id: row.assignment_id,
        couple_id: row.couple_id,
        author_id: row.author_id,
        status: row.status,
        local_date: row.local_date,
        slot_no: row.slot_no,
        role: row.role,
        late: row.late,
        completed_at: row.completed_at,
        received_at: row.received_at,
        // When somebody began to write is theirs.
        created_at: if own { row.created_at } else { row.submitted_at.unwrap_or(row.received_at) },
        submitted_at: row.submitted_at,
        updated_at: row.updated_at,
    }
}

/// What the caller is to the answers of a submission that they see. An administrator sees that it was sent,
/// and reads it where they treat themself.
fn viewer(tx: &mut Tx<'_>, row: &Row) -> Result<Viewer> {
    let caller: &Caller = tx.caller;
    Ok(match (caller.sight(), caller.actor()) {
        (Sight::Client(client), _) if client == row.author_id => Viewer::Author,
        (Sight::Client(_), _) => Viewer::Partner,
        (Sight::Caseloads(_), _) if is_of_supervisee_alone(tx, row)? => Viewer::Other,
        (Sight::Caseloads(_), _) => Viewer::Clinician,
        (Sight::Practice, Actor::Staff { caseloads, .. })
            if !caseloads.is_empty() && is_treated_by(tx, row, caseloads)? =>
        {
            Viewer::Clinician
        }
        (Sight::Practice, _) => Viewer::Other,
    })
}

/// The exercise that tells a clinician how their own work was felt, which their supervisor reads where the
/// practice has said so.
const OF_THE_WORK: &str = "session_fit";

/// True for what the caller would read only as a supervisor, and does not.
fn is_of_supervisee_alone(tx: &mut Tx<'_>, row: &Row) -> Result<bool> {
    let own = tx.caller.clinician();
    if tx.caller.caseloads().len() < 2 || is_treated_by(tx, row, own.as_slice())? {
        return Ok(false);
    }
    let key: String = assignments::table
        .find((tx.practice(), row.assignment_id))
        .select(assignments::key)
        .first(tx.conn)?;
    Ok(key == OF_THE_WORK && !practices::store::settings(tx)?.supervisor_sees_session_fit)
}

fn is_treated_by(
    tx: &mut Tx<'_>,
    row: &Row,
    clinicians: &[crate::db::id::ClinicianId],
) -> Result<bool> {
    let practice = tx.practice();
    let found: Option<PracticeId> = match row.couple_id {
        Some(couple) => caseload_couples::table
            .filter(caseload_couples::practice_id.eq(practice))
            .filter(caseload_couples::clinician_id.eq_any(clinicians))
            .filter(caseload_couples::couple_id.eq(couple))
            .select(caseload_couples::practice_id)
            .first(tx.conn)
            .optional()?,
        None => caseload_clients::table
            .filter(caseload_clients::practice_id.eq(practice))
            .filter(caseload_clients::clinician_id.eq_any(clinicians))
            .filter(caseload_clients::client_id.eq(row.author_id))
            .select(caseload_clients::practice_id)
            .first(tx.conn)
            .optional()?,
    };
    Ok(found.is_some())
}
