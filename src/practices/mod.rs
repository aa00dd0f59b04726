//! The practice itself: what it is called, where and when it is open, how it works.

pub mod founding;
pub mod model;
pub mod offices;
pub mod store;

use actix_web::{get, patch};

use self::model::{Practice, PracticePatch};
use crate::auth::Access;
use crate::auth::scopes::{PracticeAdmin, PracticeRead};
use crate::error::Result;
use crate::http::{Answer, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(get_practice).service(update_practice);
    offices::routes(config);
}

/// Get the practice
///
/// Name, zone, offices with their posted hours, telehealth states and settings. For staff and
/// services.
#[utoipa::path(
    tag = "practice",
    responses((status = 200, description = "The caller's practice", body = Practice)),
    security(("token" = ["practice:read"])),
)]
#[get("/v1/practice")]
async fn get_practice(access: Access<PracticeRead>) -> Result<Json<Practice>> {
    access.read(store::find).await
}

/// Update the practice
///
/// Changes the members that the patch names. `settings` is merged member by member. For
/// practice administrators, and services that they allow.
#[utoipa::path(
    tag = "practice",
    request_body(content = PracticePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The practice as it is now", body = Practice)),
    security(("token" = ["practice:admin"])),
)]
#[patch("/v1/practice")]
async fn update_practice(
    access: Access<PracticeAdmin>,
    body: Body<PracticePatch>,
) -> Result<Answer> {
    access.patch(body, store::update).await
}
