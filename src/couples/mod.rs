//! Couples: the unit of treatment, two to six members, whatever they call themselves.
//!
//! Two kinds of caller share these paths. Staff and services see the practice's record;
//! a member sees the couple, the display names in it and nothing else of the others.

pub mod members;
pub mod model;
pub mod secrets_policy;
pub mod store;
pub mod transitions;

use actix_web::{get, patch, post};

use self::model::{Couple, CoupleFilter, CouplePatch, NewCouple};
use crate::auth::Access;
use crate::auth::scopes::{CoupleRead, CouplesRead, CouplesWrite};
use crate::db::id::CoupleId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(list_couples).service(create_couple).service(get_couple).service(update_couple);
    transitions::routes(config);
    members::routes(config);
    secrets_policy::routes(config);
}

/// List couples
///
/// Clinicians see the couples of their intake and of the care teams they are on, supervisors
/// also those of the clinicians they supervise; practice administrators and services see all.
/// A client sees the couples of which they are an active member.
#[utoipa::path(
    tag = "couples",
    params(CoupleFilter, Paging),
    responses((status = 200, description = "One page of couples", body = Page<Couple>)),
    security(("token" = ["couples:read"]), ("token" = ["couple:read"])),
)]
#[get("/v1/couples")]
async fn list_couples(
    access: Access<(CouplesRead, CoupleRead)>,
    listing: Listing<CoupleFilter>,
) -> Result<Json<Page<Couple>>> {
    access.list(listing, store::list).await
}

/// Create a couple
///
/// Of clients whom the caller sees. Members are invited, unless their acceptance is already
/// on paper. A clinician who creates a couple becomes its intake clinician.
#[utoipa::path(
    tag = "couples",
    request_body = NewCouple,
    responses((status = 201, description = "The new couple", body = Couple)),
    security(("token" = ["couples:write"])),
)]
#[post("/v1/couples")]
async fn create_couple(access: Access<CouplesWrite>, body: Body<NewCouple>) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get a couple
///
/// For staff and services who see it, and for its active members.
#[utoipa::path(
    tag = "couples",
    responses((status = 200, description = "The couple", body = Couple)),
    security(("token" = ["couples:read"]), ("token" = ["couple:read"])),
)]
#[get("/v1/couples/{couple_id}")]
async fn get_couple(
    access: Access<(CouplesRead, CoupleRead)>,
    At(id): At<CoupleId>,
) -> Result<Json<Couple>> {
    access.read(move |tx| store::find(tx, id)).await
}

/// Update a couple
///
/// Changes the members that the patch names. For staff and services who see the couple.
#[utoipa::path(
    tag = "couples",
    request_body(content = CouplePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The couple as it is now", body = Couple)),
    security(("token" = ["couples:write"])),
)]
#[patch("/v1/couples/{couple_id}")]
async fn update_couple(
    access: Access<CouplesWrite>,
    At(id): At<CoupleId>,
    body: Body<CouplePatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| store::update(tx, id, patch, if_match)).await
}
