//! Queries on calendar feeds: a person's own, and the one that an address leads to.

use diesel::prelude::*;

use super::model::{CalendarFeed, Row, Secret};
use super::{entries, format};
use crate::audit::{Change, Subject, record_in_private};
use crate::auth::{Actor, Tx};
use crate::db::conn::Conn;
use crate::db::id::{AnyId, CalendarFeedId, ClientId, UserId};
use crate::db::schema::calendar_feeds;
use crate::db::{Instant, MultiBackend};
use crate::error::{DbResultExt, Error, Fault, Result};
use crate::http::Media;
use crate::http::page::{NoFilter, Position, Window};
use crate::seal::PracticeKeys;

/// Feeds that a person has at the most.
const MOST_FEEDS: i64 = 10;

/// The feeds of the calling client that lead somewhere.
fn own<'a>(tx: &Tx<'_>) -> Result<calendar_feeds::BoxedQuery<'a, MultiBackend>> {
    let client = tx.caller.client().ok_or_else(Error::not_found)?;
    Ok(calendar_feeds::table
        .filter(calendar_feeds::practice_id.eq(tx.practice()))
        .filter(calendar_feeds::client_id.eq(client))
        .filter(calendar_feeds::revoked_at.is_null())
        .into_boxed())
}

/// One page of the caller's feeds.
///
/// # Errors
/// 404 for whoever is no client.
pub(super) fn list(
    tx: &mut Tx<'_>,
    _: NoFilter,
    window: Window,
) -> Result<Vec<(Position, CalendarFeed)>> {
    let mut query = own(tx)?;
    if let Some(after) = window.after {
        query = query.filter(calendar_feeds::id.gt(AnyId::from_uuid(after.id)));
    }
    let rows: Vec<Row> = query
        .order(calendar_feeds::id)
        .limit(window.load)
        .select(Row::as_select())
        .load(tx.conn)?;
    let shown = rows.into_iter().map(|row| show(&row, None));
    Ok(shown.map(|one| (one.position(), one)).collect())
}

/// One of the caller's feeds.
///
/// # Errors
/// 404 when it is no such one.
pub fn find(tx: &mut Tx<'_>, id: CalendarFeedId) -> Result<CalendarFeed> {
    let row: Row = own(tx)?
        .filter(calendar_feeds::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()?;
    Ok(show(&row, None))
}

fn show(row: &Row, url: Option<String>) -> CalendarFeed {
    CalendarFeed { id: row.id, url, created_at: row.created_at }
}

/// Makes a feed. Its secret is in what is answered, and nowhere else.
///
/// # Errors
/// 409 when the person has ten already.
pub(super) fn create(tx: &mut Tx<'_>) -> Result<CalendarFeed> {
    let Actor::Client { user, client } = *tx.caller.actor() else {
        return Err(Error::not_found());
    };
    let known: i64 = own(tx)?.count().get_result(tx.conn)?;
    if known >= MOST_FEEDS {
        let detail = "Ten feeds at the most: revoke one that you no longer need.";
        return Err(Error::requirements_missing(vec![Fault::body("", "too_many", detail)]));
    }
    let secret = Secret::new(tx.practice(), tx.new_secret()?);
    let row = Row {
        practice_id: tx.practice(),
        id: tx.new_id(),
        user_id: user,
        client_id: client,
        secret: secret.key(&tx.keys),
        created_at: tx.now,
        revoked_at: None,
    };
    diesel::insert_into(calendar_feeds::table).values(&row).execute(tx.conn)?;
    write_down(tx, client, "calendar_feed_made")?;
    Ok(show(&row, Some(secret.address(tx.public_url()))))
}

/// Lets a feed's address lead nowhere.
///
/// # Errors
/// 404 when the caller has no such one.
pub(super) fn revoke(tx: &mut Tx<'_>, id: CalendarFeedId) -> Result<()> {
    find(tx, id)?;
    diesel::update(calendar_feeds::table.find((tx.practice(), id)))
        .set(calendar_feeds::revoked_at.eq(Some(tx.now)))
        .execute(tx.conn)?;
    let client = tx.caller.client().ok_or_else(Error::not_found)?;
    write_down(tx, client, "calendar_feed_revoked")
}

/// Which calendars a person keeps is no event of the practice's.
fn write_down(tx: &mut Tx<'_>, client: ClientId, verb: &'static str) -> Result<()> {
    record_in_private(tx, &Change::of(Subject::Client(client), verb))
}

/// Whose feed an address leads to, and since when; none when it leads nowhere.
///
/// # Errors
/// Those of the database.
pub(super) fn owner(
    conn: &mut Conn,
    keys: &PracticeKeys,
    secret: &Secret,
) -> Result<Option<(UserId, Instant)>> {
    Ok(calendar_feeds::table
        .filter(calendar_feeds::practice_id.eq(secret.practice()))
        .filter(calendar_feeds::secret.eq(secret.key(keys)))
        .filter(calendar_feeds::revoked_at.is_null())
        .select((calendar_feeds::user_id, calendar_feeds::created_at))
        .first(conn)
        .optional()?)
}

/// The calendar of the person for whom the unit works, as a feed of theirs that was made then shows it.
///
/// # Errors
/// Those of the database.
pub(super) fn text(tx: &mut Tx<'_>, made_at: Instant) -> Result<Media> {
    let entries = entries::of(tx)?;
    Ok(Media {
        content_type: "text/calendar; charset=utf-8",
        body: format::calendar(&entries, made_at),
    })
}
