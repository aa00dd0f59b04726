//! Who belongs to a couple, and since when.

use actix_web::{delete, get, patch, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::model::{CoupleStatus, InvitationState, MemberSummary, NewMember};
use super::store;
use crate::audit::{Change, Subject};
use crate::auth::scopes::{CouplesRead, CouplesWrite, ProfileWrite};
use crate::auth::{Access, Sight, Tx};
use crate::clients;
use crate::db::id::{ClientId, CoupleId, CoupleMemberId, PracticeId};
use crate::db::schema::couple_members;
use crate::db::{Date, Instant};
use crate::error::{Code, DbResultExt, Error, Fault, Result};
use crate::http::action::action;
use crate::http::etag::IfMatch;
use crate::http::{Answer, At, Body, Json, Resource};
use crate::practices;
use crate::seal::{Column, Compartment, Sealed};

const DISPLAY_NAME: Column =
    Column { table: "couple_members", name: "display_name", compartment: Compartment::Couple };

/// Who counts as a present member: those who said yes and those who were asked.
pub const PRESENT: [InvitationState; 2] = [InvitationState::Invited, InvitationState::Accepted];

pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(list_couple_members)
        .service(add_couple_member)
        .service(update_couple_member)
        .service(end_couple_membership)
        .service(accept_couple_invitation)
        .service(decline_couple_invitation);
}

/// A membership, as the practice sees it: one period of one client in the couple.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CoupleMember {
    /// The couple.
    pub couple_id: CoupleId,
    /// The client.
    pub client_id: ClientId,
    /// The name they go by in this couple.
    #[schema(max_length = 80)]
    pub display_name: String,
    /// Whether they said yes.
    pub invitation_state: InvitationState,
    /// When they said yes.
    pub joined_on: Option<Date>,
    /// When they left.
    pub left_on: Option<Date>,
}

/// Every membership of a couple, past ones included, oldest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CoupleMembers {
    /// The memberships.
    #[schema(max_items = 200)]
    pub data: Vec<CoupleMember>,
}

/// What may be changed of a membership.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoupleMemberPatch {
    /// The name they go by in this couple.
    #[schema(nullable = false, min_length = 1, max_length = 80)]
    pub display_name: Option<String>,
}

/// A client's own membership, as the client sees it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Membership {
    /// The couple.
    pub couple_id: CoupleId,
    /// The name the client goes by in it.
    #[schema(max_length = 80)]
    pub display_name: String,
    /// Whether the client said yes.
    pub invitation_state: InvitationState,
    /// When the client said yes.
    pub joined_on: Option<Date>,
}

impl Resource for CoupleMember {
    fn id(&self) -> Uuid {
        self.couple_id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/couples/{}/members", self.couple_id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        store::find(tx, CoupleId::from_uuid(id)).map(drop)
    }
}

impl Resource for Membership {
    fn id(&self) -> Uuid {
        self.couple_id.uuid()
    }

    fn path(&self) -> String {
        "/v1/me".to_owned()
    }

    /// A client may always be told again what they themselves answered.
    fn check_visible(_: &mut Tx<'_>, _: Uuid) -> Result<()> {
        Ok(())
    }
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
    access.read(move |tx| all(tx, couple)).await
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
    access.create(body, move |tx, new| add(tx, couple, new)).await
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
    access.patch(body, move |tx, patch, if_match| rename(tx, couple, client, patch, if_match)).await
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
) -> Result<Answer> {
    access.end(move |tx| leave(tx, couple, client)).await
}

action! {
    /// Accept an invitation to a couple
    ///
    /// For the invited client, who finds the invitation at `/v1/me`. From the next request on
    /// they see the couple.
    accept_couple_invitation "/v1/couples/{couple_id}/accept-invitation", tag "couples",
    scope "profile:write" ProfileWrite, CoupleId => Membership,
    accept_invitation
}

action! {
    /// Decline an invitation to a couple
    ///
    /// For the invited client. Nobody is told why.
    decline_couple_invitation "/v1/couples/{couple_id}/decline-invitation", tag "couples",
    scope "profile:write" ProfileWrite, CoupleId => Membership,
    |tx, id| answer(tx, id, InvitationState::Declined)
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = couple_members, treat_none_as_null = true)]
struct Row {
    practice_id: PracticeId,
    id: CoupleMemberId,
    couple_id: CoupleId,
    client_id: ClientId,
    display_name: Sealed<String>,
    invitation_state: InvitationState,
    joined_on: Option<Date>,
    left_on: Option<Date>,
    created_at: Instant,
    updated_at: Instant,
}

/// The faults of a member to be, with pointers below `at`.
pub(super) fn faults(tx: &mut Tx<'_>, new: &NewMember, at: &str) -> Result<Vec<Fault>> {
    if clients::store::is_visible(tx, new.client_id)? {
        return Ok(Vec::new());
    }
    Ok(vec![Fault::unknown_id(format!("{at}/client_id"))])
}

/// Writes a membership down, unrecorded: its couple's change is the record.
pub(super) fn insert(tx: &mut Tx<'_>, couple: CoupleId, new: NewMember) -> Result<CoupleMember> {
    let id: CoupleMemberId = tx.new_id();
    let joined_on = if new.accepted { Some(practices::store::today(tx)?) } else { None };
    let row = Row {
        practice_id: tx.practice(),
        id,
        couple_id: couple,
        client_id: new.client_id,
        display_name: tx.keys.seal(&DISPLAY_NAME, id.uuid(), &new.display_name)?,
        invitation_state: if new.accepted {
            InvitationState::Accepted
        } else {
            InvitationState::Invited
        },
        joined_on,
        left_on: None,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(couple_members::table)
        .values(&row)
        .execute(tx.conn)
        .on_duplicate("This client is a member already.")?;
    show(tx, &row)
}

/// Present members in the order of their joining: to a member those who said yes, with no id
/// but the own.
pub(super) fn summaries(tx: &mut Tx<'_>, couple: CoupleId) -> Result<Vec<MemberSummary>> {
    let own = tx.caller.client();
    let mut shown = Vec::new();
    for row in present(tx, couple)? {
        if own.is_some() && row.invitation_state != InvitationState::Accepted {
            continue;
        }
        shown.push(MemberSummary {
            client_id: Some(row.client_id).filter(|client| own.is_none_or(|own| own == *client)),
            display_name: tx.keys.open(&DISPLAY_NAME, row.id.uuid(), &row.display_name)?,
            invitation_state: row.invitation_state,
        });
    }
    Ok(shown)
}

/// The ids of present members with their answers, for guards of transitions.
pub(crate) fn present_members(
    tx: &mut Tx<'_>,
    couple: CoupleId,
) -> Result<Vec<(ClientId, InvitationState)>> {
    Ok(present(tx, couple)?.into_iter().map(|row| (row.client_id, row.invitation_state)).collect())
}

/// A filter by client finds couples by clients that the caller knows; a member knows only
/// themself.
pub(super) fn known_clients(tx: &mut Tx<'_>, client: ClientId) -> Result<Vec<ClientId>> {
    let known = match tx.caller.sight() {
        Sight::Practice => true,
        Sight::Caseloads(_) => clients::store::is_visible(tx, client)?,
        Sight::Client(own) => own == client,
    };
    Ok(if known { vec![client] } else { Vec::new() })
}

/// The invitations and memberships of the calling client.
///
/// # Errors
/// Those of the database.
pub fn memberships_of(tx: &mut Tx<'_>, client: ClientId) -> Result<Vec<Membership>> {
    let rows: Vec<Row> = couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::client_id.eq(client))
        .filter(couple_members::left_on.is_null())
        .filter(couple_members::invitation_state.eq_any(PRESENT))
        .order(couple_members::id)
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.iter().map(|row| membership(tx, row)).collect()
}

/// Invitations that were not answered when the couple ended.
pub(super) fn expire_invitations(tx: &mut Tx<'_>, couple: CoupleId) -> Result<()> {
    diesel::update(
        couple_members::table
            .filter(couple_members::practice_id.eq(tx.practice()))
            .filter(couple_members::couple_id.eq(couple))
            .filter(couple_members::invitation_state.eq(InvitationState::Invited)),
    )
    .set((
        couple_members::invitation_state.eq(InvitationState::Expired),
        couple_members::updated_at.eq(tx.now),
    ))
    .execute(tx.conn)?;
    Ok(())
}

fn all(tx: &mut Tx<'_>, couple: CoupleId) -> Result<CoupleMembers> {
    store::find_row(tx, couple)?;
    let rows: Vec<Row> = couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::couple_id.eq(couple))
        .order(couple_members::id)
        .select(Row::as_select())
        .load(tx.conn)?;
    let data = rows.iter().map(|row| show(tx, row)).collect::<Result<_>>()?;
    Ok(CoupleMembers { data })
}

fn add(tx: &mut Tx<'_>, couple: CoupleId, new: NewMember) -> Result<CoupleMember> {
    let row = store::find_row(tx, couple)?;
    if matches!(row.status, CoupleStatus::Dissolved | CoupleStatus::Archived) {
        return Err(Error::invalid_transition(row.status.as_str(), Vec::new()));
    }
    let mut found = faults(tx, &new, "")?;
    let count = i32::try_from(present(tx, couple)?.len()).unwrap_or(i32::MAX);
    if count >= row.max_members {
        let detail = format!("The couple has {count} members, the most it may have.");
        found.push(Fault::body("/client_id", "too_many", detail));
    }
    if !found.is_empty() {
        return Err(Error::invalid(found));
    }
    let member = insert(tx, couple, new)?;
    store::touch(tx, couple, &Change::of(Subject::Couple(couple), "member_added"))?;
    Ok(member)
}

fn rename(
    tx: &mut Tx<'_>,
    couple: CoupleId,
    client: ClientId,
    patch: CoupleMemberPatch,
    if_match: &IfMatch,
) -> Result<CoupleMember> {
    let mut row = find_present(tx, couple, client)?;
    let current = show(tx, &row)?;
    if_match.check(&tx.tag(&current)?)?;
    let Some(name) = patch.display_name.filter(|name| *name != current.display_name) else {
        return Ok(current);
    };
    row.display_name = tx.keys.seal(&DISPLAY_NAME, row.id.uuid(), &name)?;
    save(tx, &mut row)?;
    let subject = Subject::Couple(couple);
    store::touch(
        tx,
        couple,
        &Change { subject, verb: "member_updated", fields: &["display_name"] },
    )?;
    show(tx, &row)
}

fn leave(tx: &mut Tx<'_>, couple: CoupleId, client: ClientId) -> Result<()> {
    let mut row = find_present(tx, couple, client)?;
    row.left_on = Some(practices::store::today(tx)?);
    save(tx, &mut row)?;
    store::touch(tx, couple, &Change::of(Subject::Couple(couple), "member_left"))
}

/// The calling client says yes.
///
/// # Errors
/// 404 without an invitation, 409 when it was answered otherwise or has expired.
pub fn accept_invitation(tx: &mut Tx<'_>, couple: CoupleId) -> Result<Membership> {
    answer(tx, couple, InvitationState::Accepted)
}

/// Answering twice the same changes nothing; a yes is not taken back here, nor a no.
fn answer(tx: &mut Tx<'_>, couple: CoupleId, state: InvitationState) -> Result<Membership> {
    let client = tx.caller.client().ok_or_else(Error::not_found)?;
    let mut row: Row = couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::couple_id.eq(couple))
        .filter(couple_members::client_id.eq(client))
        .filter(couple_members::left_on.is_null())
        .order(couple_members::id.desc())
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()?;
    if row.invitation_state == state {
        return membership(tx, &row);
    }
    if row.invitation_state != InvitationState::Invited {
        return Err(Error::new(
            Code::InvalidTransition,
            "This invitation has been answered or has expired.",
        ));
    }
    row.invitation_state = state;
    if state == InvitationState::Accepted {
        row.joined_on = Some(practices::store::today(tx)?);
    }
    save(tx, &mut row)?;
    let subject = Subject::Couple(couple);
    store::touch(
        tx,
        couple,
        &Change { subject, verb: "invitation_answered", fields: &["invitation_state"] },
    )?;
    membership(tx, &row)
}

fn present(tx: &mut Tx<'_>, couple: CoupleId) -> Result<Vec<Row>> {
    Ok(couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::couple_id.eq(couple))
        .filter(couple_members::left_on.is_null())
        .filter(couple_members::invitation_state.eq_any(PRESENT))
        .order(couple_members::id)
        .select(Row::as_select())
        .load(tx.conn)?)
}

fn find_present(tx: &mut Tx<'_>, couple: CoupleId, client: ClientId) -> Result<Row> {
    store::find_row(tx, couple)?;
    let found = present(tx, couple)?.into_iter().find(|row| row.client_id == client);
    found.ok_or_else(Error::not_found)
}

fn save(tx: &mut Tx<'_>, row: &mut Row) -> Result<()> {
    row.updated_at = tx.now;
    diesel::update(couple_members::table.find((tx.practice(), row.id)))
        .set(&*row)
        .execute(tx.conn)?;
    Ok(())
}

fn show(tx: &Tx<'_>, row: &Row) -> Result<CoupleMember> {
    Ok(CoupleMember {
        couple_id: row.couple_id,
        client_id: row.client_id,
        display_name: tx.keys.open(&DISPLAY_NAME, row.id.uuid(), &row.display_name)?,
        invitation_state: row.invitation_state,
        joined_on: row.joined_on,
        left_on: row.left_on,
    })
}

fn membership(tx: &Tx<'_>, row: &Row) -> Result<Membership> {
    Ok(Membership {
        couple_id: row.couple_id,
        display_name: tx.keys.open(&DISPLAY_NAME, row.id.uuid(), &row.display_name)?,
        invitation_state: row.invitation_state,
        joined_on: row.joined_on,
    })
}
