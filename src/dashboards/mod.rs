//! The couple's dashboard: one page for all of them, on which everybody reads the same.
//!
//! What one has done alone is not on it: figures are the couple's, answers are those that were shared, and what is
//! proposed follows from those figures. It is computed for the participants, whoever reads it, so that a clinician
//! sees the page that the couple sees.

pub mod model;
pub mod store;
mod suggestions;

use actix_web::get;

use self::model::Dashboard;
use crate::auth::Access;
use crate::auth::scopes::{HomeworkOwn, HomeworkRead};
use crate::db::id::CoupleId;
use crate::error::Result;
use crate::http::{At, Json, Routes};

/// Registers the route and, with it, its documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(get_dashboard);
}

/// Get the couple's dashboard
///
/// What went well, what comes next, and what was shared: the same for every member, but for `viewer`. For members,
/// and for the clinicians who treat them.
#[utoipa::path(
    tag = "figures",
    responses((status = 200, description = "The dashboard", body = Dashboard)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/couples/{couple_id}/dashboard")]
async fn get_dashboard(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    At(couple): At<CoupleId>,
) -> Result<Json<Dashboard>> {
    access.read(move |tx| store::find(tx, couple)).await
}
