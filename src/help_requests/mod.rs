//! Requests for help: a client says that they need somebody. They can be made and never read again.

pub mod model;
pub mod store;

use actix_web::post;

use self::model::{HelpReceipt, NewHelpRequest};
use crate::auth::Access;
use crate::auth::scopes::ProfileWrite;
use crate::error::Result;
use crate::http::{Answer, Body, Routes};

/// Registers the route and, with it, its documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(create_help_request);
}

/// Ask for help
///
/// The clinicians who treat the client are told, and nobody else; it cannot be read again. For clients.
#[utoipa::path(
    tag = "help",
    request_body = NewHelpRequest,
    responses((status = 201, description = "That it was received", body = HelpReceipt)),
    security(("token" = ["profile:write"])),
)]
#[post("/v1/me/help-requests")]
async fn create_help_request(
    access: Access<ProfileWrite>,
    body: Body<NewHelpRequest>,
) -> Result<Answer> {
    access.create(body, store::create).await
}
