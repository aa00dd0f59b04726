//! Queries on alerts. Every one of a request starts from [`visible`].

use diesel::prelude::*;

use super::caseload;
use super::model::{
    Alert, AlertFilter, AlertKind, AlertPatch, AlertStatus, AlertSummary, Flag, RaiseAlert,
};
use super::raise::{NewAlert, raise};
use super::transitions::MACHINE;
use crate::activities::definition::Severity;
use crate::audit::{Change, Subject, record_in_private};
use crate::auth::{Caller, Tx};
use crate::couples;
use crate::db::id::{AlertId, ClientId, ClinicianId, CoupleId, PracticeId, SubmissionId};
use crate::db::schema::{alerts, caseload_clients};
use crate::db::{Instant, MultiBackend};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::holds::model::HoldKind;
use crate::http::etag::IfMatch;
use crate::http::page::{Position, Window, windowed};
use crate::seal::{Column, Compartment, Sealed};

pub(super) const DETAIL: Column =
    Column { table: "alerts", name: "detail", compartment: Compartment::Clinical };
const PLAN: Column = Column { table: "alerts", name: "plan", compartment: Compartment::Clinical };
pub(super) const CLOSING: Column =
    Column { table: "alerts", name: "closing", compartment: Compartment::Clinical };

/// A flag that comes back within so long proposes what it does not propose alone: fourteen days (`domain` 2.8.1).
const PROPOSED_WITHIN_SECONDS: i64 = 14 * 24 * 3600;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = alerts, primary_key(practice_id, id), treat_none_as_null = true)]
pub(super) struct Row {
    pub(super) practice_id: PracticeId,
    pub(super) id: AlertId,
    pub(super) client_id: ClientId,
    pub(super) couple_id: Option<CoupleId>,
    pub(super) kind: AlertKind,
    pub(super) code: String,
    pub(super) severity: Severity,
    pub(super) submission_id: Option<SubmissionId>,
    pub(super) raised_by: Option<ClinicianId>,
    pub(super) detail: Option<Sealed<String>>,
    pub(super) status: AlertStatus,
    pub(super) pages: i32,
    pub(super) next_page_at: Option<Instant>,
    pub(super) acknowledged_by: Option<ClinicianId>,
    pub(super) acknowledged_at: Option<Instant>,
    pub(super) plan: Option<Sealed<String>>,
    pub(super) closing: Option<Sealed<String>>,
    pub(super) closed_at: Option<Instant>,
    pub(super) version: i32,
    pub(super) created_at: Instant,
    pub(super) updated_at: Instant,
}

/// The alerts that a caller may see: the one place that says so.
///
/// Those about the clients on the caller's caseloads. Whoever is no clinician sees none: no client,
/// no service, and no administrator, who sees as a clinician what they would see if they were only that.
#[must_use]
pub fn visible(caller: &Caller) -> alerts::BoxedQuery<'_, MultiBackend> {
    let clients = caseload_clients::table
        .filter(caseload_clients::practice_id.eq(caller.practice()))
        .filter(caseload_clients::clinician_id.eq_any(caller.caseloads()))
        .select(caseload_clients::client_id);
    alerts::table
        .filter(alerts::practice_id.eq(caller.practice()))
        .filter(alerts::client_id.eq_any(clients))
        .into_boxed()
}

/// One alert.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn find(tx: &mut Tx<'_>, id: AlertId) -> Result<Alert> {
    let row = find_row(tx, id)?;
    show(tx, row)
}

/// One alert, after its reading was written down: a read that cannot be recorded is not answered (`domain` 2.8.2,
/// rule 9).
///
/// # Errors
/// 404 when there is none that the caller may see.
pub(super) fn read(tx: &mut Tx<'_>, id: AlertId) -> Result<Alert> {
    let row = find_row(tx, id)?;
    record_in_private(tx, &Change::of(Subject::Alert(id), "read"))?;
    show(tx, row)
}

/// One page of alerts.
///
/// # Errors
/// Those of the database.
pub fn list(
    tx: &mut Tx<'_>,
    filter: AlertFilter,
    window: Window,
) -> Result<Vec<(Position, AlertSummary)>> {
    let mut query = visible(tx.caller);
    if let Some(client) = filter.client_id {
        query = query.filter(alerts::client_id.eq(client));
    }
    if let Some(couple) = filter.couple_id {
        if caseload::couples_among(tx, &[couple])?.is_empty() {
            return Ok(Vec::new());
        }
        query = query.filter(alerts::couple_id.eq(couple));
    }
    if let Some(statuses) = filter.status {
        query = query.filter(alerts::status.eq_any(statuses));
    }
    if let Some(kinds) = filter.kind {
        query = query.filter(alerts::kind.eq_any(kinds));
    }
    if let Some(severities) = filter.severity {
        query = query.filter(alerts::severity.eq_any(severities));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(alerts::updated_at.ge(since));
    }
    let rows: Vec<Row> = windowed!(query, alerts, window).select(Row::as_select()).load(tx.conn)?;
    let named: Vec<CoupleId> = rows.iter().filter_map(|row| row.couple_id).collect();
    let known = caseload::couples_among(tx, &named)?;
    Ok(rows.into_iter().map(|row| summary(row, &known)).map(|one| (one.position(), one)).collect())
}

/// Raises a flag.
///
/// # Errors
/// 422 with every faulty field.
pub fn create(tx: &mut Tx<'_>, new: RaiseAlert) -> Result<Alert> {
    let mut faults = Vec::new();
    if !caseload::has_client(tx, new.client_id)? {
        faults.push(Fault::unknown_id("/client_id"));
    }
    if let Some(couple) = new.couple_id {
        let members = couples::members::store::present_members(tx, couple)?;
        let is_member = members.iter().any(|(client, _)| *client == new.client_id);
        if !is_member || !caseload::has_couple(tx, couple)? {
            faults.push(Fault::unknown_id("/couple_id"));
        }
    }
    Error::unless_valid(faults)?;
    let alert = NewAlert {
        client_id: new.client_id,
        couple_id: new.couple_id,
        kind: AlertKind::SafetyFlag,
        code: new.code.as_str().to_owned(),
        severity: new.severity.unwrap_or_else(|| new.code.severity()),
        submission_id: None,
        detail: new.detail,
    };
    let id = raise(tx, alert)?;
    find(tx, id)
}

/// Changes what is planned.
///
/// # Errors
/// 404, 409 when it is closed, 412.
pub fn update(
    tx: &mut Tx<'_>,
    id: AlertId,
    patch: AlertPatch,
    if_match: &IfMatch,
) -> Result<Alert> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut row = find_row(tx, id)?;
    if row.closed_at.is_some() {
        return Err(Error::invalid_transition(row.status.as_str(), MACHINE.allowed(row.status)));
    }
    let mut plan = current.plan.clone();
    if !patch.plan.apply(&mut plan) {
        return Ok(current);
    }
    row.plan = plan.as_ref().map(|text| tx.keys.seal(&PLAN, id.uuid(), text)).transpose()?;
    save(tx, row, "updated", &["plan"])
}

pub(super) fn insert(tx: &mut Tx<'_>, row: Row) -> Result<()> {
    diesel::insert_into(alerts::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// Writes a changed row with its record.
pub(super) fn save(
    tx: &mut Tx<'_>,
    mut row: Row,
    verb: &'static str,
    fields: &[&'static str],
) -> Result<Alert> {
    row.version += 1;
    row.updated_at = tx.now;
    let id = row.id;
    diesel::update(alerts::table.find((tx.practice(), id))).set(&row).execute(tx.conn)?;
    record_in_private(tx, &Change { subject: Subject::Alert(id), verb, fields })?;
    show(tx, row)
}

pub(super) fn find_row(tx: &mut Tx<'_>, id: AlertId) -> Result<Row> {
    visible(tx.caller)
        .filter(alerts::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()
}

/// Those of these alerts that the caller may see, with whom they are about.
///
/// # Errors
/// Those of the database.
pub(crate) fn visible_among(tx: &mut Tx<'_>, ids: &[AlertId]) -> Result<Vec<(AlertId, ClientId)>> {
    Ok(visible(tx.caller)
        .filter(alerts::id.eq_any(ids))
        .select((alerts::id, alerts::client_id))
        .load(tx.conn)?)
}

/// What of an alert may be named to the caller: a couple that somebody else treats, and what was submitted
/// in it, are not.
fn named(row: &Row, known: &[CoupleId]) -> (Option<CoupleId>, Option<SubmissionId>) {
    let couple = row.couple_id.filter(|couple| known.contains(couple));
    (couple, row.submission_id.filter(|_| couple == row.couple_id))
}

fn summary(row: Row, known: &[CoupleId]) -> AlertSummary {
    let (couple_id, submission_id) = named(&row, known);
    AlertSummary {
        id: row.id,
        client_id: row.client_id,
        couple_id,
        submission_id,
        kind: row.kind,
        code: row.code,
        severity: row.severity,
        status: row.status,
        acknowledged_by: row.acknowledged_by,
        created_at: row.created_at,
        updated_at: row.updated_at,
    }
}

/// The hold that an open alert proposes. Only what was raised before it counts, so that it stays what it is.
fn proposed_hold(tx: &mut Tx<'_>, row: &Row) -> Result<Option<HoldKind>> {
    let flag = Flag::ALL.iter().copied().find(|flag| flag.as_str() == row.code);
    let Some(flag) = flag.filter(|_| row.closed_at.is_none()) else { return Ok(None) };
    let comes_back = flag.proposed_hold(false) != flag.proposed_hold(true);
    Ok(flag.proposed_hold(comes_back && was_raised_before(tx, row)?))
}

fn was_raised_before(tx: &mut Tx<'_>, row: &Row) -> Result<bool> {
    let since = row.created_at.plus_seconds(-PROPOSED_WITHIN_SECONDS);
    let before = visible(tx.caller)
        .filter(alerts::client_id.eq(row.client_id))
        .filter(alerts::code.eq(row.code.clone()))
        .filter(alerts::id.ne(row.id))
        .filter(alerts::created_at.between(since, row.created_at));
    let first: Option<AlertId> = before.select(alerts::id).first(tx.conn).optional()?;
    Ok(first.is_some())
}

fn show(tx: &mut Tx<'_>, row: Row) -> Result<Alert> {
    let couple: Vec<CoupleId> = row.couple_id.into_iter().collect();
    let (couple_id, submission_id) = named(&row, &caseload::couples_among(tx, &couple)?);
    let proposed_hold = proposed_hold(tx, &row)?;
    let id = row.id.uuid();
    Ok(Alert {
        id: row.id,
        client_id: row.client_id,
        couple_id,
        submission_id,
        kind: row.kind,
        code: row.code,
        severity: row.severity,
        status: row.status,
        proposed_hold,
        detail: tx.keys.open_opt(&DETAIL, id, row.detail.as_ref())?,
        plan: tx.keys.open_opt(&PLAN, id, row.plan.as_ref())?,
        closing: tx.keys.open_opt(&CLOSING, id, row.closing.as_ref())?,
        raised_by: row.raised_by,
        pages: row.pages,
        next_page_at: row.next_page_at,
        acknowledged_by: row.acknowledged_by,
        acknowledged_at: row.acknowledged_at,
        closed_at: row.closed_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
