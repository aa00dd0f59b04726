//! Logins: who may sign in, and as whom.

pub mod model;
pub mod store;

use actix_web::{get, patch, post};

use self::model::{NewUser, User, UserFilter, UserPatch};
use crate::auth::Access;
use crate::auth::scopes::PracticeAdmin;
use crate::db::id::UserId;
use crate::error::Result;
use crate::http::action::action;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_users)
        .service(create_user)
        .service(get_user)
        .service(update_user)
        .service(disable_user)
        .service(enable_user);
}

/// List users
///
/// For practice administrators, and services that they allow.
#[utoipa::path(
    tag = "users",
    params(UserFilter, Paging),
    responses((status = 200, description = "One page of users", body = Page<User>)),
    security(("token" = ["practice:admin"])),
)]
#[get("/v1/users")]
async fn list_users(
    access: Access<PracticeAdmin>,
    listing: Listing<UserFilter>,
) -> Result<Json<Page<User>>> {
    access.list(listing, store::list).await
}

/// Create a user
///
/// A login for a clinician, for a client, for an administrator, or for a clinician who
/// administers too. For practice administrators, and services that they allow.
#[utoipa::path(
    tag = "users",
    request_body = NewUser,
    responses((status = 201, description = "The new user", body = User)),
    security(("token" = ["practice:admin"])),
)]
#[post("/v1/users")]
async fn create_user(access: Access<PracticeAdmin>, body: Body<NewUser>) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get a user
///
/// For practice administrators, and services that they allow.
#[utoipa::path(
    tag = "users",
    responses((status = 200, description = "The user", body = User)),
    security(("token" = ["practice:admin"])),
)]
#[get("/v1/users/{user_id}")]
async fn get_user(access: Access<PracticeAdmin>, At(id): At<UserId>) -> Result<Json<User>> {
    access.read(move |tx| store::find(tx, id)).await
}

/// Update a user
///
/// Changes the members that the patch names. A change of role works on the user's next
/// request. For practice administrators, and services that they allow.
#[utoipa::path(
    tag = "users",
    request_body(content = UserPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The user as they are now", body = User)),
    security(("token" = ["practice:admin"])),
)]
#[patch("/v1/users/{user_id}")]
async fn update_user(
    access: Access<PracticeAdmin>,
    At(id): At<UserId>,
    body: Body<UserPatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| store::update(tx, id, patch, if_match)).await
}

action! {
    /// Disable a user
    ///
    /// Their tokens stop working on the next request. The practice's last administrator cannot
    /// be disabled. For practice administrators, and services that they allow.
    disable_user "/v1/users/{user_id}/disable", tag "users",
    scope "practice:admin" PracticeAdmin, UserId => User,
    |tx, id| store::set_disabled(tx, id, true)
}

action! {
    /// Enable a user
    ///
    /// Tokens from before they were disabled stay dead. For practice administrators, and
    /// services that they allow.
    enable_user "/v1/users/{user_id}/enable", tag "users",
    scope "practice:admin" PracticeAdmin, UserId => User,
    |tx, id| store::set_disabled(tx, id, false)
}
