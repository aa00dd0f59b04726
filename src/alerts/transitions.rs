//! The status of an alert (`domain` 2.8.1).

use actix_web::post;

use super::model::{Alert, AlertStatus, CloseAlert};
use super::store::{CLOSING, find_row, save};
use crate::auth::scopes::AlertsWrite;
use crate::auth::{Access, Tx};
use crate::db::id::AlertId;
use crate::error::Result;
use crate::http::action::action;
use crate::http::{Answer, At, Body, Routes};
use crate::state::{Machine, Status, Transition};

use AlertStatus::{Acknowledged, Dismissed, Raised, Resolved};

impl Status for AlertStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of an alert's status. Every step ends the calls.
pub const MACHINE: Machine<AlertStatus> = Machine(&[
    Transition { name: "acknowledge", from: &[Raised], to: Acknowledged },
    Transition { name: "resolve", from: &[Raised, Acknowledged], to: Resolved },
    Transition { name: "dismiss", from: &[Raised, Acknowledged], to: Dismissed },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(acknowledge_alert).service(resolve_alert).service(dismiss_alert);
}

action! {
    /// Acknowledge an alert
    ///
    /// Somebody has it, and nobody else is called. For clinicians who treat the client or supervise who
    /// does.
    acknowledge_alert "/v1/alerts/{alert_id}/acknowledge", tag "alerts",
    scope "alerts:write" AlertsWrite,
    AlertId => Alert, acknowledge
}

/// Resolve an alert
///
/// It is dealt with. For clinicians who treat the client or supervise who does.
#[utoipa::path(
    tag = "alerts",
    request_body = CloseAlert,
    responses((status = 200, description = "As it is now", body = Alert)),
    security(("token" = ["alerts:write"])),
)]
#[post("/v1/alerts/{alert_id}/resolve")]
async fn resolve_alert(
    access: Access<AlertsWrite>,
    At(id): At<AlertId>,
    body: Body<CloseAlert>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| close(tx, id, &body, "resolve", "resolved")).await
}

/// Dismiss an alert
///
/// There is nothing to deal with. For clinicians who treat the client or supervise who does.
#[utoipa::path(
    tag = "alerts",
    request_body = CloseAlert,
    responses((status = 200, description = "As it is now", body = Alert)),
    security(("token" = ["alerts:write"])),
)]
#[post("/v1/alerts/{alert_id}/dismiss")]
async fn dismiss_alert(
    access: Access<AlertsWrite>,
    At(id): At<AlertId>,
    body: Body<CloseAlert>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| close(tx, id, &body, "dismiss", "dismissed")).await
}

fn acknowledge(tx: &mut Tx<'_>, id: AlertId) -> Result<Alert> {
    let mut row = find_row(tx, id)?;
    row.status = MACHINE.step(row.status, "acknowledge")?;
    row.next_page_at = None;
    row.acknowledged_by = tx.caller.clinician();
    row.acknowledged_at = Some(tx.now);
    save(tx, row, "acknowledged", &["status"])
}

fn close(
    tx: &mut Tx<'_>,
    id: AlertId,
    wish: &CloseAlert,
    name: &'static str,
    verb: &'static str,
) -> Result<Alert> {
    let mut row = find_row(tx, id)?;
    row.status = MACHINE.step(row.status, name)?;
    row.next_page_at = None;
    row.closing = Some(tx.keys.seal(&CLOSING, id.uuid(), &wish.reason)?);
    row.closed_at = Some(tx.now);
    save(tx, row, verb, &["status", "closing"])
}
