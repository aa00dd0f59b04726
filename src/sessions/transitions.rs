//! The status of a session (`domain` 2.4.11).

use actix_web::post;

use super::book::{plan_of, seal_exception};
use super::check::{Plan, is_whole};
use super::model::{
    Attendance, CancelSession, CancelledBy, CompleteSession, HeldWith, RebookSession, Session,
    SessionKind, SessionStatus,
};
use super::store::{CANCELLATION, Part, Row, find_row, insert, parts, save, save_part};
use crate::auth::scopes::SessionsWrite;
use crate::auth::{Access, Tx};
use crate::db::id::SessionId;
use crate::error::{Error, Fault, Result};
use crate::http::action::action;
use crate::http::{Answer, At, Body, Routes};
use crate::practices;
use crate::state::{Machine, Status, Transition};

use SessionStatus::{
    Arrived, Booked, Cancelled, Completed, Confirmed, LateCancelled, NoShow, Requested, Rescheduled,
};

impl Status for SessionStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a session's status. A client's `cancel` later than the practice's settings allow leads to
/// `late_cancelled`; the table says `cancelled`.
pub const MACHINE: Machine<SessionStatus> = Machine(&[
    Transition { name: "schedule", from: &[Requested], to: Booked },
    Transition { name: "confirm", from: &[Booked], to: Confirmed },
    Transition { name: "check-in", from: &[Booked, Confirmed], to: Arrived },
    Transition { name: "complete", from: &[Booked, Confirmed, Arrived], to: Completed },
    Transition { name: "cancel", from: &[Requested, Booked, Confirmed], to: Cancelled },
    Transition { name: "record-no-show", from: &[Booked, Confirmed], to: NoShow },
    Transition { name: "rebook", from: &[Requested, Booked, Confirmed], to: Rescheduled },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config
        .service(schedule_session)
        .service(confirm_session)
        .service(check_in_session)
        .service(complete_session)
        .service(cancel_session)
        .service(record_no_show_of_session)
        .service(rebook_session);
}

action! {
    /// Schedule a session that was requested
    ///
    /// At the time that was asked for. For staff and services who see it.
    schedule_session "/v1/sessions/{session_id}/schedule", tag "sessions",
    scope "sessions:write" SessionsWrite, SessionId => Session, schedule
}

action! {
    /// Confirm a session
    ///
    /// Whoever takes part has said that they will come. For staff and services who see it.
    confirm_session "/v1/sessions/{session_id}/confirm", tag "sessions",
    scope "sessions:write" SessionsWrite, SessionId => Session,
    |tx, id| step(tx, id, "confirm")
}

action! {
    /// Check in to a session
    ///
    /// Whoever takes part is there. For staff and services who see it.
    check_in_session "/v1/sessions/{session_id}/check-in", tag "sessions",
    scope "sessions:write" SessionsWrite, SessionId => Session,
    |tx, id| step(tx, id, "check-in")
}

/// Complete a session
///
/// It was held: from when to when, who was there, and in which state. A conjoint session with fewer than two
/// members there was none: cancel it, or record that nobody came, and record the individual session by
/// itself. For staff and services who see it.
#[utoipa::path(
    tag = "sessions",
    request_body = CompleteSession,
    responses((status = 200, description = "As it is now", body = Session)),
    security(("token" = ["sessions:write"])),
)]
#[post("/v1/sessions/{session_id}/complete")]
async fn complete_session(
    access: Access<SessionsWrite>,
    At(id): At<SessionId>,
    body: Body<CompleteSession>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| complete(tx, id, body)).await
}

/// Cancel a session
///
/// By a client later than `late_cancel_hours` before its beginning it is `late_cancelled`; by the practice
/// never. For staff and services who see it.
#[utoipa::path(
    tag = "sessions",
    request_body = CancelSession,
    responses((status = 200, description = "As it is now", body = Session)),
    security(("token" = ["sessions:write"])),
)]
#[post("/v1/sessions/{session_id}/cancel")]
async fn cancel_session(
    access: Access<SessionsWrite>,
    At(id): At<SessionId>,
    body: Body<CancelSession>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| cancel(tx, id, &body)).await
}

action! {
    /// Record that nobody came to a session
    ///
    /// Once its time has come. For staff and services who see it.
    record_no_show_of_session "/v1/sessions/{session_id}/record-no-show", tag "sessions",
    scope "sessions:write" SessionsWrite, SessionId => Session, no_show
}

/// Rebook a session
///
/// To another time, where it is another session: `rescheduled_to_id` of this one names it. For staff and
/// services who see it.
#[utoipa::path(
    tag = "sessions",
    request_body = RebookSession,
    responses((status = 200, description = "As it is now", body = Session)),
    security(("token" = ["sessions:write"])),
)]
#[post("/v1/sessions/{session_id}/rebook")]
async fn rebook_session(
    access: Access<SessionsWrite>,
    At(id): At<SessionId>,
    body: Body<RebookSession>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| rebook(tx, id, &body)).await
}

/// Takes a transition that needs nothing, by its name.
///
/// # Errors
/// 404, 409 with what is possible.
pub fn step(tx: &mut Tx<'_>, id: SessionId, name: &'static str) -> Result<Session> {
    let mut row = find_row(tx, id)?;
    row.status = MACHINE.step(row.status, name)?;
    save(tx, row, "status_changed", &["status"])
}

fn schedule(tx: &mut Tx<'_>, id: SessionId) -> Result<Session> {
    let mut row = find_row(tx, id)?;
    row.status = MACHINE.step(row.status, "schedule")?;
    let plan = plan_of(tx, &row)?;
    plan.check_states(tx)?;
    plan.check_overlap(tx)?;
    save(tx, row, "status_changed", &["status"])
}

/// Records that a session was held.
///
/// # Errors
/// 404, 409, 422.
pub fn complete(tx: &mut Tx<'_>, id: SessionId, held: CompleteSession) -> Result<Session> {
    let mut row = find_row(tx, id)?;
    row.status = MACHINE.step(row.status, "complete")?;
    let started = held.started_at.unwrap_or(row.starts_at);
    let ended = held.ended_at.unwrap_or(row.ends_at);
    let parts = became(tx, id, held.participants.unwrap_or_default())?;
    check_held(tx, &row, (started, ended), &parts)?;
    if let Some(reason) = &held.exception_reason {
        row.exception = seal_exception(tx, id, Some(reason))?;
    }
    let there = parts.iter().filter(|part| part.attendance.was_there());
    let participants = there.map(|part| (part.client, part.state.clone())).collect();
    let plan = Plan { starts_at: started, ends_at: ended, participants, ..plan_of(tx, &row)? };
    plan.check_states(tx)?;
    for part in &parts {
        save_part(tx, part)?;
    }
    row.started_at = Some(started);
    row.ended_at = Some(ended);
    save(tx, row, "completed", &["status", "participants"])
}

/// What became of each part: as is said, and there where nothing was said of who was expected.
fn became(tx: &mut Tx<'_>, id: SessionId, said: Vec<HeldWith>) -> Result<Vec<Part>> {
    let mut parts = parts(tx, &[id])?.remove(&id).unwrap_or_default();
    let mut faults = Vec::new();
    for (index, one) in said.iter().enumerate() {
        let Some(part) = parts.iter_mut().find(|part| part.client == one.client_id) else {
            faults.push(Fault::unknown_id(format!("/participants/{index}/client_id")));
            continue;
        };
        part.attendance = one.attendance;
        part.state = one.location_state.clone().or(part.state.take());
    }
    Error::unless_valid(faults)?;
    for part in parts.iter_mut().filter(|part| part.attendance == Attendance::Expected) {
        part.attendance = Attendance::Attended;
    }
    Ok(parts)
}

fn check_held(
    tx: &Tx<'_>,
    row: &Row,
    (started, ended): (crate::db::Instant, crate::db::Instant),
    parts: &[Part],
) -> Result<()> {
    if !is_whole(started, ended) {
        let detail = "Must be later than the beginning, by four hours at the most.";
        return Err(Error::invalid(vec![Fault::body("/ended_at", "out_of_range", detail)]));
    }
    let mut missing = Vec::new();
    if started > tx.now {
        missing.push(Fault::body("/started_at", "not_begun", "It has not begun yet."));
    }
    missing.extend(too_few(row, parts, "/participants"));
    if missing.is_empty() { Ok(()) } else { Err(Error::requirements_missing(missing)) }
}

/// A session is not held with fewer than its kind takes.
pub(super) fn too_few(row: &Row, parts: &[Part], at: &'static str) -> Option<Fault> {
    let there = parts.iter().filter(|part| part.attendance.was_there()).count();
    let least = if row.kind == SessionKind::Conjoint { 2 } else { 1 };
    let detail = "Too few were there for a session of this kind.";
    (there < least).then(|| Fault::body(at, "too_few", detail))
}

/// Cancels a session: late, when a client does so later than the practice's settings allow.
///
/// # Errors
/// 404, 409.
pub fn cancel(tx: &mut Tx<'_>, id: SessionId, wish: &CancelSession) -> Result<Session> {
    let mut row = find_row(tx, id)?;
    let was_requested = row.status == Requested;
    row.status = MACHINE.step(row.status, "cancel")?;
    let hours = i64::from(practices::store::settings(tx)?.late_cancel_hours);
    let in_time = tx.now <= row.starts_at.plus_seconds(-3600 * hours);
    if wish.by == CancelledBy::Client && !in_time && !was_requested {
        row.status = LateCancelled;
    }
    row.cancellation = tx.keys.seal_opt(&CANCELLATION, id.uuid(), wish.reason.as_ref())?;
    save(tx, row, "cancelled", &["status"])
}

fn no_show(tx: &mut Tx<'_>, id: SessionId) -> Result<Session> {
    let mut row = find_row(tx, id)?;
    row.status = MACHINE.step(row.status, "record-no-show")?;
    if tx.now < row.starts_at {
        let fault = Fault::body("/starts_at", "not_begun", "Its time has not come yet.");
        return Err(Error::requirements_missing(vec![fault]));
    }
    for mut part in parts(tx, &[id])?.remove(&id).unwrap_or_default() {
        if part.attendance == Attendance::Expected {
            part.attendance = Attendance::Absent;
            save_part(tx, &part)?;
        }
    }
    save(tx, row, "status_changed", &["status", "participants"])
}

/// Moves a session to another time.
///
/// # Errors
/// 404, 409, 422.
pub fn rebook(tx: &mut Tx<'_>, id: SessionId, to: &RebookSession) -> Result<Session> {
    let mut row = find_row(tx, id)?;
    row.status = MACHINE.step(row.status, "rebook")?;
    let plan = Plan { starts_at: to.starts_at, ends_at: to.ends_at, ..plan_of(tx, &row)? };
    plan.record(tx)?;
    plan.check_states(tx)?;
    plan.check_overlap(tx)?;
    let moved: SessionId = tx.new_id();
    let new = Row {
        id: moved,
        starts_at: to.starts_at,
        ends_at: to.ends_at,
        status: Booked,
        exception: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
        ..row.clone()
    };
    insert(tx, new, &plan.clinicians, &plan.participants)?;
    row.rescheduled_to_id = Some(moved);
    save(tx, row, "rescheduled", &["status", "rescheduled_to_id"])
}
