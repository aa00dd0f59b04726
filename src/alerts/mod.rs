//! Alerts: what a clinician has to know for somebody's safety, for those who treat the client and for
//! nobody else.

pub(crate) mod caseload;
pub mod model;
pub(crate) mod paging;
pub(crate) mod raise;
pub mod store;
mod transitions;

use actix_web::{get, patch, post};

use self::model::{Alert, AlertFilter, AlertPatch, AlertSummary, RaiseAlert};
use crate::auth::Access;
use crate::auth::scopes::{AlertsRead, AlertsWrite};
use crate::db::id::AlertId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

pub use self::transitions::MACHINE;

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_alerts)
        .service(create_alert)
        .service(get_alert)
        .service(update_alert)
        .configure(transitions::routes);
}

/// List alerts
///
/// Without what was said and planned. For clinicians: those about the clients whom they, or those whom
/// they supervise, treat.
#[utoipa::path(
    tag = "alerts",
    params(AlertFilter, Paging),
    responses((status = 200, description = "One page of alerts", body = Page<AlertSummary>)),
    security(("token" = ["alerts:read"])),
)]
#[get("/v1/alerts")]
async fn list_alerts(
    access: Access<AlertsRead>,
    listing: Listing<AlertFilter>,
) -> Result<Json<Page<AlertSummary>>> {
    access.list(listing, store::list).await
}

/// Raise an alert
///
/// A safety flag. The clinicians who treat the client are called when it is critical or high; nothing
/// changes that a client can see. For clinicians who treat the client or supervise who does.
#[utoipa::path(
    tag = "alerts",
    request_body = RaiseAlert,
    responses((status = 201, description = "The alert", body = Alert)),
    security(("token" = ["alerts:write"])),
)]
#[post("/v1/alerts")]
async fn create_alert(access: Access<AlertsWrite>, body: Body<RaiseAlert>) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get an alert
///
/// With what was said and planned; that it was read is written down first. For clinicians who treat the client or
/// supervise who does.
#[utoipa::path(
    tag = "alerts",
    responses((status = 200, description = "The alert", body = Alert)),
    security(("token" = ["alerts:read"])),
)]
#[get("/v1/alerts/{alert_id}")]
async fn get_alert(access: Access<AlertsRead>, At(id): At<AlertId>) -> Result<Json<Alert>> {
    access.read_recorded(move |tx| store::read(tx, id)).await
}

/// Update an alert
///
/// What the clinicians plan, until it is closed. For clinicians who treat the client or supervise who
/// does.
#[utoipa::path(
    tag = "alerts",
    request_body(content = AlertPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The alert as it is now", body = Alert)),
    security(("token" = ["alerts:write"])),
)]
#[patch("/v1/alerts/{alert_id}")]
async fn update_alert(
    access: Access<AlertsWrite>,
    At(id): At<AlertId>,
    body: Body<AlertPatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| store::update(tx, id, patch, if_match)).await
}
