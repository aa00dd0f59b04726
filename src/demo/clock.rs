//! The demo's clock: it begins in the third week of the story, goes on like any other, and can be moved forward.
//!
//! `POST /demo/clock` is served by `attune demo` alone and stands outside the document: no installation has it.

use std::collections::BTreeMap;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, HttpResponse, post, web};
use diesel::prelude::*;
use jiff::SpanRelativeTo;
use serde::{Deserialize, Serialize};

use super::{Login, SEED, mint, people};
use crate::app::Service;
use crate::auth::token::Issuer;
use crate::clock::Clock;
use crate::db::id::IdSource;
use crate::db::schema::audit_events;
use crate::db::{Conn, Instant};
use crate::error::{Code, Error, Fault, Result};

/// When somebody who starts a demo comes to it: Monday, 23 November 2026, 07:01 in Seattle, when the check-in of the
/// third week has just opened.
pub const ARRIVAL: Instant = Instant::from_micros(1_795_446_060_000_000);

/// So far it can be moved at a time: beyond the 60-day roadmap.
const FARTHEST_SECONDS: i64 = 84 * 86_400;

/// The clock of a demo on this database: at the arrival, or where an earlier demo on it has come to.
///
/// # Errors
/// Those of the database.
pub fn of(conn: &mut Conn) -> Result<Clock> {
    let latest: Option<Instant> = audit_events::table
        .order(audit_events::at.desc())
        .select(audit_events::at)
        .first(conn)
        .optional()?;
    Ok(Clock::from_now_on(latest.map_or(ARRIVAL, |latest| latest.max(ARRIVAL))))
}

/// The clock by which commands work on a database: the machine's, or, where a demo was told, a moment of the demo that
/// is past already. A token that the machine's clock has minted would be none yet, or none any more.
///
/// # Errors
/// Those of the database.
pub fn of_commands(conn: &mut Conn) -> Result<Clock> {
    if people::are_there(conn, &IdSource::seeded(SEED))? { of(conn) } else { Ok(Clock::System) }
}

/// What moving the clock needs.
#[derive(Clone)]
pub struct Moving {
    /// The service whose clock it is.
    pub service: Service,
    /// Whose tokens those are.
    pub issuer: Issuer,
    /// Everybody who can sign in.
    pub logins: Vec<Login>,
}

/// How far.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    /// ISO 8601, as `P7D` or `PT12H`.
    advance: String,
}

#[derive(Debug, Serialize)]
struct Moved {
    now: Instant,
    /// A token per actor: those of before have run out, as they would have.
    tokens: BTreeMap<&'static str, String>,
}

/// Registers the route.
pub fn routes(moving: Moving) -> impl FnOnce(&mut web::ServiceConfig) {
    move |config| {
        config.app_data(web::Data::new(moving)).service(move_clock);
    }
}

#[post("/demo/clock")]
async fn move_clock(
    moving: web::Data<Moving>,
    request: HttpRequest,
    body: web::Bytes,
) -> Result<HttpResponse> {
    moving.demand_token(&request)?;
    let seconds = seconds_of(&body)?;
    moving.service.clock().advance_seconds(seconds);
    moving.service.tick().await;
    let tokens = moving.tokens().await?;
    Ok(HttpResponse::Ok().json(Moved { now: moving.service.clock().now(), tokens }))
}

fn seconds_of(body: &[u8]) -> Result<i64> {
    let refused = |detail: &'static str| {
        Error::invalid(vec![Fault::body("/advance", "out_of_range", detail)])
    };
    let wish: Advance = serde_json::from_slice(body)
        .map_err(|_| refused("Send how far to move it, as `{\"advance\": \"P7D\"}`."))?;
    let span: jiff::Span =
        wish.advance.parse().map_err(|_| refused("Must be an ISO 8601 duration, as `P7D`."))?;
    let length = span.to_duration(SpanRelativeTo::days_are_24_hours());
    let whole = length.map(|length| length.as_secs()).unwrap_or_default();
    if (1..=FARTHEST_SECONDS).contains(&whole) {
        return Ok(whole);
    }
    Err(refused("More than nothing and at most twelve weeks: time does not run backwards."))
}

impl Moving {
    /// Somebody of the demo: a page from elsewhere must not move it, and be given tokens for it.
    fn demand_token(&self, request: &HttpRequest) -> Result<()> {
        let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = header.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let now = self.service.clock().now().seconds();
        let known = self.service.gate().verifier().verify(token, now);
        known.map(drop).map_err(|_| {
            Error::new(Code::Unauthorized, "Send any token of the demo that is still good.")
        })
    }

    async fn tokens(&self) -> Result<BTreeMap<&'static str, String>> {
        let (moving, now) = (self.clone(), self.service.clock().now());
        let all = move |conn: &mut Conn| {
            let tokens = moving.logins.iter().map(|login| {
                let minted = mint(conn, moving.service.gate(), &moving.issuer, login, now);
                let minted = minted.map_err(|_| Error::internal("no token could be minted"))?;
                Ok((login.name, minted))
            });
            tokens.collect()
        };
        self.service.executor().read(None, all).await
    }
}
