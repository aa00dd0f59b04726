//! What clients see of sessions: those in which they take part themselves, and of each what concerns
//! everybody who takes part. That a member of a couple has a session of their own shows in nothing of this to
//! the other: not in the list, not in an order, not in a tag.

use actix_web::get;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::model::{SessionKind, SessionModality, SessionStatus};
use super::store::{Row, parts};
use crate::auth::scopes::CoupleRead;
use crate::auth::{Access, Tx};
use crate::couples;
use crate::db::Instant;
use crate::db::id::{AnyId, ClientId, CoupleId, OfficeId, SessionId};
use crate::db::schema::{self, offices, session_participants, sessions};
use crate::db::types::words;
use crate::error::{Error, Result};
use crate::http::page::{Listing, Page, Position, Window};
use crate::http::{Json, Routes};
use crate::practices::model::StateCode;

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(list_own_sessions);
}

words! {
    /// Where a session stands, as those who take part are told.
    OwnSessionStatus {
        /// Somebody has asked for it.
        Requested = "requested",
        /// It has its time.
        Booked = "booked",
        /// It is confirmed.
        Confirmed = "confirmed",
        /// It was held.
        Completed = "completed",
        /// It was cancelled.
        Cancelled = "cancelled",
        /// It did not take place.
        Missed = "missed",
        /// It was moved to another time.
        Rescheduled = "rescheduled",
    }
}

impl From<SessionStatus> for OwnSessionStatus {
    /// Whether somebody is there already, and how late somebody cancelled, is not told to the others.
    fn from(status: SessionStatus) -> Self {
        match status {
            SessionStatus::Requested => Self::Requested,
            SessionStatus::Booked => Self::Booked,
            SessionStatus::Confirmed | SessionStatus::Arrived => Self::Confirmed,
            SessionStatus::Completed => Self::Completed,
            SessionStatus::Cancelled | SessionStatus::LateCancelled => Self::Cancelled,
            SessionStatus::NoShow => Self::Missed,
            SessionStatus::Rescheduled => Self::Rescheduled,
        }
    }
}

/// A session, as a client sees it who takes part.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OwnSession {
    /// Id.
    pub id: SessionId,
    /// What kind it is.
    pub kind: SessionKind,
    /// Where it stands.
    pub status: OwnSessionStatus,
    /// Where it is held.
    pub modality: SessionModality,
    /// The office; null for telehealth.
    pub office: Option<OwnOffice>,
    /// When it begins.
    pub starts_at: Instant,
    /// When it ends.
    pub ends_at: Instant,
    /// The state in which the caller is that day, as the practice knows it.
    pub location_state: Option<StateCode>,
}

/// An office to go to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnOffice {
    /// The name it goes by.
    #[schema(max_length = 120, example = "Harbor Street (fictitious)")]
    pub name: String,
    /// First line of the address.
    #[schema(max_length = 120, example = "1 Fictitious Wharf")]
    pub line1: String,
    /// Second line.
    #[schema(max_length = 120)]
    pub line2: Option<String>,
    /// City.
    #[schema(max_length = 80, example = "Seattle")]
    pub city: String,
    /// Two-letter state.
    #[schema(pattern = "^[A-Z]{2}$", example = "WA")]
    pub region: String,
    /// Postal code.
    #[schema(max_length = 12, example = "98100")]
    pub postal_code: String,
}

/// Which of the own sessions to list, in the order of their beginnings.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwnSessionFilter {
    /// Those that begin at this instant or later.
    pub from: Option<Instant>,
    /// Those that begin before this instant.
    pub until: Option<Instant>,
}

/// The parameters of a list that has one order.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documents parameters that `Paging` reads")]
pub(crate) struct OneOrder {
    /// Entries on a page, 1 to 200; 50 if not given.
    #[param(minimum = 1, maximum = 200, default = 50, required = false)]
    limit: u16,
    /// `next_cursor` of the page before, with the same filters.
    #[param(max_length = 512)]
    cursor: Option<String>,
}

/// List own sessions
///
/// Those in which the caller takes part, the earliest first: of their couples while they see them, and their
/// own. For clients.
#[utoipa::path(
    tag = "sessions",
    params(OwnSessionFilter, OneOrder),
    responses((status = 200, description = "One page of sessions", body = Page<OwnSession>)),
    security(("token" = ["couple:read"])),
)]
#[get("/v1/me/sessions")]
async fn list_own_sessions(
    access: Access<CoupleRead>,
    listing: Listing<OwnSessionFilter>,
) -> Result<Json<Page<OwnSession>>> {
    access.list(listing, list).await
}

fn list(
    tx: &mut Tx<'_>,
    filter: OwnSessionFilter,
    window: Window,
) -> Result<Vec<(Position, OwnSession)>> {
    let own = tx.caller.client().ok_or_else(Error::not_found)?;
    let couples: Vec<CoupleId> =
        couples::store::visible(tx)?.select(schema::couples::id).load(tx.conn)?;
    let taking_part = session_participants::table
        .filter(session_participants::practice_id.eq(tx.practice()))
        .filter(session_participants::client_id.eq(own))
        .select(session_participants::session_id);
    let mut query = sessions::table
        .filter(sessions::practice_id.eq(tx.practice()))
        .filter(sessions::id.eq_any(taking_part))
        .filter(
            sessions::client_id
                .eq(own)
                .or(sessions::couple_id.eq_any(couples.into_iter().map(Some)))
                .assume_not_null(),
        )
        .into_boxed();
    if let Some(from) = filter.from {
        query = query.filter(sessions::starts_at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(sessions::starts_at.lt(until));
    }
    if let Some(Position { at, id }) = window.after {
        query = query
            .filter(sessions::starts_at.ge(at))
            .filter(sessions::starts_at.gt(at).or(sessions::id.gt(AnyId::from_uuid(id))));
    }
    let rows: Vec<Row> = query
        .order((sessions::starts_at, sessions::id))
        .limit(window.load)
        .select(Row::as_select())
        .load(tx.conn)?;
    show(tx, rows, own)
}

/// From when until when sessions with all of a couple are that the client takes part in and that begin in this
/// span: those that have their time, and those that were held.
///
/// # Errors
/// Those of the database.
pub(crate) fn joint_between(
    tx: &mut Tx<'_>,
    own: ClientId,
    from: Instant,
    until: Instant,
) -> Result<Vec<(SessionId, Instant, Instant)>> {
    use SessionStatus::{Arrived, Booked, Completed, Confirmed};
    let couples: Vec<CoupleId> =
        couples::store::visible(tx)?.select(schema::couples::id).load(tx.conn)?;
    let taking_part = session_participants::table
        .filter(session_participants::practice_id.eq(tx.practice()))
        .filter(session_participants::client_id.eq(own))
        .select(session_participants::session_id);
    Ok(sessions::table
        .filter(sessions::practice_id.eq(tx.practice()))
        .filter(sessions::id.eq_any(taking_part))
        .filter(sessions::couple_id.eq_any(couples.into_iter().map(Some)))
        .filter(sessions::kind.eq(SessionKind::Conjoint))
        .filter(sessions::status.eq_any([Booked, Confirmed, Arrived, Completed]))
        .filter(sessions::starts_at.ge(from))
        .filter(sessions::starts_at.lt(until))
        .select((sessions::id, sessions::starts_at, sessions::ends_at))
        .load(tx.conn)?)
}

fn show(
    tx: &mut Tx<'_>,
    rows: Vec<Row>,
    own: crate::db::id::ClientId,
) -> Result<Vec<(Position, OwnSession)>> {
    let ids: Vec<SessionId> = rows.iter().map(|row| row.id).collect();
    let mut parts = parts(tx, &ids)?;
    let offices = offices_of(tx, &rows)?;
    let shown = rows.into_iter().map(|row| {
        let parts = parts.remove(&row.id).unwrap_or_default();
        let mine = parts.into_iter().find(|part| part.client == own);
        let office = offices.iter().find(|(id, _)| Some(*id) == row.office_id);
        let session = OwnSession {
            id: row.id,
            kind: row.kind,
            status: row.status.into(),
            modality: row.modality,
            office: office.map(|(_, office)| office.clone()),
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            location_state: mine.and_then(|part| part.state),
        };
        (Position { at: row.starts_at, id: row.id.uuid() }, session)
    });
    Ok(shown.collect())
}

type OfficeFields = (OfficeId, String, String, Option<String>, String, String, String);

fn offices_of(tx: &mut Tx<'_>, rows: &[Row]) -> Result<Vec<(OfficeId, OwnOffice)>> {
    let ids: Vec<OfficeId> = rows.iter().filter_map(|row| row.office_id).collect();
    let found: Vec<OfficeFields> = offices::table
        .filter(offices::practice_id.eq(tx.practice()))
        .filter(offices::id.eq_any(ids))
        .select((
            offices::id,
            offices::name,
            offices::line1,
            offices::line2,
            offices::city,
            offices::region,
            offices::postal_code,
        ))
        .load(tx.conn)?;
    let shown = found.into_iter().map(|(id, name, line1, line2, city, region, postal_code)| {
        (id, OwnOffice { name, line1, line2, city, region, postal_code })
    });
    Ok(shown.collect())
}
