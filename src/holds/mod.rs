//! Holds: a clinician's pause of everything that a couple does together, or of what is sexual in it. Until
//! it takes effect no client can observe anything of it, and afterwards a pause like any other.

pub(crate) mod effect;
pub mod model;
pub mod store;
mod timing;

use actix_web::{get, post};

use self::model::{Hold, HoldFilter, HoldStatus, HoldSummary, NewHold};
use crate::auth::Access;
use crate::auth::scopes::{AlertsRead, AlertsWrite};
use crate::db::id::HoldId;
use crate::error::Result;
use crate::http::action::action;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};
use crate::state::{Machine, Status, Transition};

use HoldStatus::{Effective, Lifted, Placed};

impl Status for HoldStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a hold's status. Taking effect is nobody's to ask for: it happens at its time.
pub const MACHINE: Machine<HoldStatus> =
    Machine(&[Transition { name: "lift", from: &[Placed, Effective], to: Lifted }]);

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(list_holds).service(create_hold).service(get_hold).service(lift_hold);
}

/// List holds
///
/// Without their reasons. For clinicians: those on the couples whom they, or those whom they supervise,
/// treat.
#[utoipa::path(
    tag = "holds",
    params(HoldFilter, Paging),
    responses((status = 200, description = "One page of holds", body = Page<HoldSummary>)),
    security(("token" = ["alerts:read"])),
)]
#[get("/v1/holds")]
async fn list_holds(
    access: Access<AlertsRead>,
    listing: Listing<HoldFilter>,
) -> Result<Json<Page<HoldSummary>>> {
    access.list(listing, store::list).await
}

/// Place a hold
///
/// On what a couple does together, or on what is sexual in it. Nothing that a client can see changes
/// before it takes effect; then their homework is paused, as any clinician's pause does it. For clinicians
/// who treat the couple or supervise who does.
#[utoipa::path(
    tag = "holds",
    request_body = NewHold,
    responses((status = 201, description = "The hold", body = Hold)),
    security(("token" = ["alerts:write"])),
)]
#[post("/v1/holds")]
async fn create_hold(access: Access<AlertsWrite>, body: Body<NewHold>) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get a hold
///
/// With its reason; that it was read is written down first. For clinicians who treat the couple or supervise who does.
#[utoipa::path(
    tag = "holds",
    responses((status = 200, description = "The hold", body = Hold)),
    security(("token" = ["alerts:read"])),
)]
#[get("/v1/holds/{hold_id}")]
async fn get_hold(access: Access<AlertsRead>, At(id): At<HoldId>) -> Result<Json<Hold>> {
    access.read_recorded(move |tx| store::read(tx, id)).await
}

action! {
    /// Lift a hold
    ///
    /// What it has paused goes on, unless another hold is in effect that covers it. Never done by the
    /// software. For clinicians who treat the couple or supervise who does.
    lift_hold "/v1/holds/{hold_id}/lift", tag "holds",
    scope "alerts:write" AlertsWrite,
    HoldId => Hold, store::lift
}
