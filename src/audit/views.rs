//! Who read and changed what: for the clinicians of a client or a couple, for the practice's administration, and
//! for a client of their own record. No view holds a number or a hash of the chain, which would tell how much was
//! done beside what it shows.

use actix_web::get;
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::about::{About, everything, own};
use super::model::typed_id;
use crate::activities::definition::Sensitivity;
use crate::auth::scopes::{AuditRead, ProfileRead};
use crate::auth::{Access, Actor, Caller, Sight, Tx};
use crate::db::id::{AnyId, ClientId, ClinicianId, CoupleId, UserId};
use crate::db::schema::{assignments as homework, audit_events as rows, users};
use crate::db::types::words;
use crate::db::{Doc, Instant, MultiBackend};
use crate::error::{Error, Result};
use crate::http::page::{Listing, Page, Position, Window};
use crate::http::{Json, Routes};
use crate::sessions::own::OneOrder;
use crate::{clients, couples};

/// What the views tell of. What somebody sends or keeps from others, what concerns their safety, the skeletons of
/// a clinician's notes and psychotherapy notes are not among it.
const SHOWN: [&str; 14] = [
    "practice",
    "office",
    "clinician",
    "user",
    "app",
    "client",
    "couple",
    "treatment",
    "consent",
    "activity_definition",
    "assignment",
    "session",
    "session_note",
    "session_summary",
];

/// What administrators alone are told of, beside the directory.
const OF_ADMINISTRATION: [&str; 2] = ["user", "app"];

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(list_audit_events).service(list_own_accesses);
}

words! {
    /// Who did something.
    AuditActor {
        /// Somebody of the practice.
        Staff = "staff",
        /// A client.
        Client = "client",
        /// An application of the practice.
        Service = "service",
        /// Whoever runs the service.
        Operator = "operator",
    }
}

/// Something that was read or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEvent {
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: AuditActor,
    /// The clinician who did it; null for anybody else.
    pub clinician_id: Option<ClinicianId>,
    /// What was done, as `session_note.read`.
    #[schema(max_length = 80, example = "session_note.read")]
    pub action: String,
    /// The kind of thing that it was done to.
    #[schema(max_length = 40, example = "session_note")]
    pub resource: String,
    /// Its id.
    #[schema(max_length = 40, example = "not_01h455vb4pex5vsknk084sn02q")]
    pub resource_id: String,
    /// The names of the fields that changed, and never a value.
    #[schema(max_items = 50)]
    pub fields: Vec<String>,
}

/// Something that the practice read or changed of the caller's own record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnAccess {
    /// When.
    pub at: Instant,
    /// Who did it.
    pub actor: AuditActor,
    /// What was done, as `client.updated`.
    #[schema(max_length = 80, example = "client.updated")]
    pub action: String,
    /// The kind of thing that it was done to.
    #[schema(max_length = 40, example = "client")]
    pub resource: String,
}

/// Which rows to list, the latest first.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct AuditFilter {
    /// About this client: their record, consents, treatments, homework, sessions and notes of their own.
    pub client_id: Option<ClientId>,
    /// About this couple, in the same way.
    pub couple_id: Option<CoupleId>,
    /// At this instant or later.
    pub since: Option<Instant>,
    /// Before this instant.
    pub until: Option<Instant>,
}

/// Which accesses to list, the latest first.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OwnAccessFilter {
    /// At this instant or later.
    pub since: Option<Instant>,
}

/// List audit events
///
/// Who read and changed what, the latest first. Practice administrators and services see what was done to the
/// practice's records; clinicians name a client or a couple whom they treat. Nobody sees a row of a psychotherapy
/// note here, nor of what concerns somebody's safety.
#[utoipa::path(
    tag = "audit",
    params(AuditFilter, OneOrder),
    responses((status = 200, description = "One page of rows", body = Page<AuditEvent>)),
    security(("token" = ["audit:read"])),
)]
#[get("/v1/audit-events")]
async fn list_audit_events(
    access: Access<AuditRead>,
    listing: Listing<AuditFilter>,
) -> Result<Json<Page<AuditEvent>>> {
    access.list(listing, list).await
}

/// List accesses to the own record
///
/// What the practice read and changed of the caller's own record, the latest first: nothing of a couple's, and
/// nothing that the other partner did. For clients.
#[utoipa::path(
    tag = "audit",
    params(OwnAccessFilter, OneOrder),
    responses((status = 200, description = "One page of accesses", body = Page<OwnAccess>)),
    security(("token" = ["profile:read"])),
)]
#[get("/v1/me/accesses")]
async fn list_own_accesses(
    access: Access<ProfileRead>,
    listing: Listing<OwnAccessFilter>,
) -> Result<Json<Page<OwnAccess>>> {
    access.list(listing, accesses).await
}

type Found = (i64, Instant, String, Option<AnyId>, String, String, AnyId, Doc<Vec<String>>);
type Query<'a> = rows::BoxedQuery<'a, MultiBackend>;

/// The rows that a caller may see: the one place that says so.
fn visible(caller: &Caller) -> Query<'_> {
    let administers = matches!(caller.actor(), Actor::Staff { admin: true, .. } | Actor::Operator);
    let shown = SHOWN.iter().filter(|word| administers || !OF_ADMINISTRATION.contains(word));
    // Homework may be hidden by who does it, and that is theirs.
    let query = rows::table
        .filter(rows::practice_id.eq(caller.practice()))
        .filter(rows::resource.eq_any(shown.copied().collect::<Vec<_>>()))
        .filter(rows::resource.ne("assignment").or(rows::actor_kind.ne("client")))
        .into_boxed();
    let Actor::Service { .. } = caller.actor() else { return query };
    // An application reads no note, and nothing of what concerns somebody's safety.
    let about_safety = homework::table
        .filter(homework::practice_id.eq(caller.practice()))
        .filter(homework::sensitivity.eq(Sensitivity::Safety))
        .select(homework::id);
    query
        .filter(rows::resource.ne_all(["session_note", "session_summary"]))
        .filter(rows::resource.ne("assignment").or(rows::resource_id.ne_all(about_safety)))
}

fn list(
    tx: &mut Tx<'_>,
    filter: AuditFilter,
    window: Window,
) -> Result<Vec<(Position, AuditEvent)>> {
    let mut query = visible(tx.caller);
    for about in [filter.client_id.map(About::Client), filter.couple_id.map(About::Couple)] {
        let Some(about) = about else { continue };
        let ids = if is_seen(tx, about)? { everything(tx, about)? } else { Vec::new() };
        query = query.filter(rows::resource_id.eq_any(ids));
    }
    let names_nobody = filter.client_id.is_none() && filter.couple_id.is_none();
    if names_nobody && !matches!(tx.caller.sight(), Sight::Practice) {
        return Ok(Vec::new());
    }
    if let Some(until) = filter.until {
        query = query.filter(rows::at.lt(until));
    }
    let found = load(tx, query, filter.since, window)?;
    let staff = clinicians_of(tx, &found)?;
    let shown = found.into_iter().map(|(seq, at, kind, actor, action, resource, id, fields)| {
        let clinician = staff.iter().find(|(user, _)| actor.map(AnyId::uuid) == Some(user.uuid()));
        let event = AuditEvent {
            at,
            actor: kind.parse().map_err(|_| Error::internal("an audit row of nobody"))?,
            clinician_id: clinician.and_then(|(_, clinician)| *clinician),
            resource_id: typed_id(&resource, id.uuid()),
            action,
            resource,
            fields: fields.0,
        };
        Ok((position(seq), event))
    });
    shown.collect()
}

fn is_seen(tx: &mut Tx<'_>, about: About) -> Result<bool> {
    match about {
        About::Client(client) => clients::store::is_visible(tx, client),
        About::Couple(couple) => couples::store::is_visible(tx, couple),
    }
}

fn accesses(
    tx: &mut Tx<'_>,
    filter: OwnAccessFilter,
    window: Window,
) -> Result<Vec<(Position, OwnAccess)>> {
    let client = tx.caller.client().ok_or_else(Error::not_found)?;
    let ids = own(tx, client)?;
    let query = rows::table
        .filter(rows::practice_id.eq(tx.caller.practice()))
        .filter(rows::resource.eq_any(["client", "consent", "session", "session_note"]))
        .filter(rows::actor_kind.eq_any(["staff", "service", "operator"]))
        .filter(rows::resource_id.eq_any(ids))
        .into_boxed();
    let found = load(tx, query, filter.since, window)?;
    let shown = found.into_iter().map(|(seq, at, kind, _, action, resource, ..)| {
        let actor = kind.parse().map_err(|_| Error::internal("an audit row of nobody"))?;
        Ok((position(seq), OwnAccess { at, actor, action, resource }))
    });
    shown.collect()
}

/// Where a row stands: by its number, which a cursor holds and nobody can read.
fn position(seq: i64) -> Position {
    Position { at: Instant::from_micros(seq), id: Uuid::nil() }
}

fn load(
    tx: &mut Tx<'_>,
    mut query: Query<'_>,
    since: Option<Instant>,
    window: Window,
) -> Result<Vec<Found>> {
    if let Some(since) = since {
        query = query.filter(rows::at.ge(since));
    }
    if let Some(after) = window.after {
        query = query.filter(rows::seq.lt(after.at.micros()));
    }
    Ok(query
        .order(rows::seq.desc())
        .limit(window.load)
        .select((
            rows::seq,
            rows::at,
            rows::actor_kind,
            rows::actor_id,
            rows::action,
            rows::resource,
            rows::resource_id,
            rows::fields,
        ))
        .load(tx.conn)?)
}

/// Which clinicians the logins of these rows are.
fn clinicians_of(tx: &mut Tx<'_>, found: &[Found]) -> Result<Vec<(UserId, Option<ClinicianId>)>> {
    let logins: Vec<UserId> = found
        .iter()
        .filter(|row| row.2 == "staff")
        .filter_map(|row| row.3.map(|actor| UserId::from_uuid(actor.uuid())))
        .collect();
    Ok(users::table
        .filter(users::practice_id.eq(tx.practice()))
        .filter(users::id.eq_any(logins))
        .select((users::id, users::clinician_id))
        .load(tx.conn)?)
}
