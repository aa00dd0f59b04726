//! Calendar feeds: an address of a person's own under which a calendar program reads when the couple has something
//! to do, and nothing of what it is.
//!
//! `entries.rs` says what is in a feed, `format.rs` writes it down (RFC 5545).

mod entries;
mod format;
pub mod model;
pub mod store;

use actix_web::{delete, get, post};

use self::model::{CalendarFeed, Secret};
use crate::auth::scopes::{ProfileRead, ProfileWrite};
use crate::auth::{Access, Unsigned};
use crate::db::id::CalendarFeedId;
use crate::error::Result;
use crate::http::page::{Listing, NoFilter, Page};
use crate::http::{Answer, At, Json, Media, NoBody, Routes};
use crate::sessions::own::OneOrder;

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_calendar_feeds)
        .service(create_calendar_feed)
        .service(find_calendar_feed)
        .service(revoke_calendar_feed)
        .service(get_calendar_feed);
}

/// List your calendar feeds
///
/// Those that were not revoked, in the order in which they were made, without their addresses. For clients.
#[utoipa::path(
    tag = "me",
    params(OneOrder),
    responses((status = 200, description = "One page of feeds", body = Page<CalendarFeed>)),
    security(("token" = ["profile:read"])),
)]
#[get("/v1/me/calendar-feeds")]
async fn list_calendar_feeds(
    access: Access<ProfileRead>,
    listing: Listing<NoFilter>,
) -> Result<Json<Page<CalendarFeed>>> {
    access.list(listing, store::list).await
}

/// Make a calendar feed
///
/// Its address is answered here and never again: whoever has it reads the feed. A repeated request is answered
/// without it. For clients.
#[utoipa::path(
    tag = "me",
    responses((status = 201, description = "The feed, with its address", body = CalendarFeed)),
    security(("token" = ["profile:write"])),
)]
#[post("/v1/me/calendar-feeds")]
async fn create_calendar_feed(access: Access<ProfileWrite>, _: NoBody) -> Result<Answer> {
    access.make(store::create).await
}

/// Find one of your calendar feeds
///
/// That it is there, without its address. For the client whose it is.
#[utoipa::path(
    tag = "me",
    responses((status = 200, description = "The feed", body = CalendarFeed)),
    security(("token" = ["profile:read"])),
)]
#[get("/v1/me/calendar-feeds/{calendar_feed_id}")]
async fn find_calendar_feed(
    access: Access<ProfileRead>,
    At(id): At<CalendarFeedId>,
) -> Result<Json<CalendarFeed>> {
    access.read(move |tx| store::find(tx, id)).await
}

/// Revoke a calendar feed
///
/// Its address leads nowhere from now on. For the client whose it is.
#[utoipa::path(
    tag = "me",
    responses((status = 204, description = "Revoked")),
    security(("token" = ["profile:write"])),
)]
#[delete("/v1/me/calendar-feeds/{calendar_feed_id}")]
async fn revoke_calendar_feed(
    access: Access<ProfileWrite>,
    At(id): At<CalendarFeedId>,
    _: NoBody,
) -> Result<Answer> {
    access.end(move |tx| store::revoke(tx, id)).await
}

/// Get a calendar feed
///
/// When the couple has something to do, from seven days back to twenty-eight ahead, as iCalendar (RFC 5545): homework
/// of both and sessions with both, in the same neutral words each. For whoever has the address, without a token; one
/// that is unknown or revoked is a 404.
#[utoipa::path(
    tag = "me",
    params(("secret" = String, Path, description = "What its address ends with", min_length = 64,
            max_length = 64, pattern = "^[A-Za-z0-9_-]{64}$")),
    responses((status = 200, description = "The calendar", body = String, content_type = "text/calendar")),
    security(()),
)]
#[get("/v1/calendar-feeds/{secret}.ics")]
async fn get_calendar_feed(access: Unsigned, At(secret): At<Secret>) -> Result<Media> {
    let practice = secret.practice();
    let owner = move |conn: &mut _, keys: &_| store::owner(conn, keys, &secret);
    access.read_as(practice, owner, store::text).await
}
