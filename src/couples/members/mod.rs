//! Who belongs to a couple, and since when.

pub mod model;
pub mod store;

use actix_web::{delete, get, patch, post};

use self::model::{CoupleMember, CoupleMemberPatch, CoupleMembers, Membership};
use super::model::{InvitationState, NewMember};
use crate::auth::Access;
use crate::auth::scopes::{CouplesRead, CouplesWrite, ProfileWrite};
use crate::db::id::{ClientId, CoupleId};
use crate::error::Result;
use crate::http::action::action;
use crate::http::{Answer, At, Body, Json, NoBody, Routes};

pub(super) fn routes(config: &mut Routes<'_>) {
    config
        .service(list_couple_members)
        .service(add_couple_member)
        .service(update_couple_member)
        .service(end_couple_membership)
        .service(accept_couple_invitation)
        .service(decline_couple_invitation);
}

/// List the members of a couple
///
/// Present and past, with dates. For staff and services who see the couple.
#[utoipa::path(
    tag = "couples",
    responses((status = 200, description = "The memberships", body = CoupleMembers)),
    security(("token" = ["couples:read"])),
)]
#[get("/v1/couples/{couple_id}/members")]
async fn list_couple_members(
    access: Access<CouplesRead>,
    At(couple): At<CoupleId>,
) -> Result<Json<CoupleMembers>> {
    access.read(move |tx| store::all(tx, couple)).await
}

/// Add a member to a couple
///
/// Invites a client whom the caller sees. The practice's `max_members`, as it was when the
/// couple was made, is the limit. For staff and services who see the couple.
#[utoipa::path(
    tag = "couples",
    request_body = NewMember,
    responses((status = 201, description = "The new membership", body = CoupleMember)),
    security(("token" = ["couples:write"])),
)]
#[post("/v1/couples/{couple_id}/members")]
async fn add_couple_member(
    access: Access<CouplesWrite>,
    At(couple): At<CoupleId>,
    body: Body<NewMember>,
) -> Result<Answer> {
    access.create(body, move |tx, new| store::add(tx, couple, new)).await
}

/// Update a membership
///
/// Changes the name that a present member goes by in this couple. `If-Match` takes `*` or the
/// tag of an earlier answer of this operation. For staff and services who see the couple.
#[utoipa::path(
    tag = "couples",
    request_body(content = CoupleMemberPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The membership as it is now", body = CoupleMember)),
    security(("token" = ["couples:write"])),
)]
#[patch("/v1/couples/{couple_id}/members/{client_id}")]
async fn update_couple_member(
    access: Access<CouplesWrite>,
    At((couple, client)): At<(CoupleId, ClientId)>,
    body: Body<CoupleMemberPatch>,
) -> Result<Answer> {
    access
        .patch(body, move |tx, patch, if_match| store::rename(tx, couple, client, patch, if_match))
        .await
}

/// End a membership
///
/// The client leaves the couple today and sees nothing of it from the next request on. The
/// membership stays on record. For staff and services who see the couple.
#[utoipa::path(
    tag = "couples",
    responses((status = 204, description = "The client has left the couple")),
    security(("token" = ["couples:write"])),
)]
#[delete("/v1/couples/{couple_id}/members/{client_id}")]
async fn end_couple_membership(
    access: Access<CouplesWrite>,
    At((couple, client)): At<(CoupleId, ClientId)>,
    _: NoBody,
) -> Result<Answer> {
    access.end(move |tx| store::leave(tx, couple, client)).await
}

action! {
    /// Accept an invitation to a couple
    ///
    /// For the invited client, who finds the invitation at `/v1/me`. From the next request on
    /// they see the couple.
    accept_couple_invitation "/v1/couples/{couple_id}/accept-invitation", tag "couples",
    scope "profile:write" ProfileWrite, CoupleId => Membership,
    store::accept_invitation
}

action! {
    /// Decline an invitation to a couple
    ///
    /// For the invited client. Nobody is told why.
    decline_couple_invitation "/v1/couples/{couple_id}/decline-invitation", tag "couples",
    scope "profile:write" ProfileWrite, CoupleId => Membership,
    |tx, id| store::answer(tx, id, InvitationState::Declined)
}
