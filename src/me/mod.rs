//! The caller's own view of themself.

pub mod forms;
pub mod inbox;
pub mod model;
pub mod store;

use actix_web::{get, patch};

use self::model::{Me, MePatch};
use crate::auth::Access;
use crate::auth::scopes::{PracticeRead, ProfileRead, ProfileWrite};
use crate::error::Result;
use crate::http::{Answer, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(get_me).service(update_me).configure(inbox::routes);
}

/// Get yourself
///
/// Who the token stands for and what it may do at this moment: for everybody with a token. A
/// client also finds their profile, their couples and open invitations here.
#[utoipa::path(
    tag = "me",
    responses((status = 200, description = "The caller", body = Me)),
    security(("token" = ["practice:read"]), ("token" = ["profile:read"])),
)]
#[get("/v1/me")]
async fn get_me(access: Access<(PracticeRead, ProfileRead)>) -> Result<Json<Me>> {
    access.read(store::find).await
}

/// Update your profile
///
/// Changes the members that the patch names. For clients; what else is on their record, their
/// practice changes.
#[utoipa::path(
    tag = "me",
    request_body(content = MePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The caller as they are now", body = Me)),
    security(("token" = ["profile:write"])),
)]
#[patch("/v1/me")]
async fn update_me(access: Access<ProfileWrite>, body: Body<MePatch>) -> Result<Answer> {
    access.patch(body, store::update).await
}
