//! The caseload page: who of a clinician's couples and clients needs attention this week, and why, the most urgent
//! first.

pub mod model;
mod numbers;
mod reasons;
pub mod store;

#[cfg(test)]
pub(crate) use self::numbers::tests::is_made;

use actix_web::get;

use self::model::Caseload;
use crate::auth::Access;
use crate::auth::scopes::HomeworkRead;
use crate::error::Result;
use crate::http::{Json, Routes};

/// Registers the route and, with it, its documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(get_caseload);
}

/// Get your caseload
///
/// Everybody whom the caller treats or supervises, the most urgent first, with what asks for attention and where its
/// figures and pictures are. For clinicians; anybody else treats nobody.
#[utoipa::path(
    tag = "figures",
    responses((status = 200, description = "The caseload", body = Caseload)),
    security(("token" = ["homework:read"])),
)]
#[get("/v1/caseload")]
async fn get_caseload(access: Access<HomeworkRead>) -> Result<Json<Caseload>> {
    access.read(store::find).await
}
