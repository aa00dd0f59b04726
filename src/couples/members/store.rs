//! Queries on memberships. Each starts from the couple that the caller may see, or from the
//! calling client.

use std::collections::HashMap;

use diesel::prelude::*;

use super::model::{CoupleMember, CoupleMemberPatch, CoupleMembers, Membership};
use crate::audit::{Change, Subject};
use crate::auth::{Sight, Tx};
use crate::couples::model::{InvitationState, MemberSummary, NewMember};
use crate::couples::store;
use crate::db::id::{ClientId, CoupleId, CoupleMemberId, PracticeId};
use crate::db::schema::couple_members;
use crate::db::{Date, Instant};
use crate::error::{Code, DbResultExt, Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::seal::{Column, Compartment, Sealed};
use crate::{clients, practices, submissions};

const DISPLAY_NAME: Column =
    Column { table: "couple_members", name: "display_name", compartment: Compartment::Couple };

/// Who counts as a present member: those who said yes and those who were asked.
pub const PRESENT: [InvitationState; 2] = [InvitationState::Invited, InvitationState::Accepted];

/// Memberships of a couple over its whole life; `CoupleMembers.data` is bounded by it.
const MOST_MEMBERSHIPS: i32 = 200;

/// Memberships that `/v1/me` shows; `Me.couples` is bounded by it.
const MOST_SHOWN_TO_ONESELF: i64 = 100;

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = couple_members, primary_key(practice_id, id), treat_none_as_null = true)]
struct Row {
    practice_id: PracticeId,
    id: CoupleMemberId,
    couple_id: CoupleId,
    client_id: ClientId,
    position: i32,
    display_name: Sealed<String>,
    invitation_state: InvitationState,
    joined_on: Option<Date>,
    left_on: Option<Date>,
    created_at: Instant,
    updated_at: Instant,
}

/// The faults of a member to be, with pointers below `at`.
pub(in crate::couples) fn faults(tx: &mut Tx<'_>, new: &NewMember, at: &str) -> Result<Vec<Fault>> {
    if clients::store::is_visible(tx, new.client_id)? {
        return Ok(Vec::new());
    }
    Ok(vec![Fault::unknown_id(format!("{at}/client_id"))])
}

/// Writes a membership down, unrecorded: its couple's change is the record.
pub(in crate::couples) fn insert(
    tx: &mut Tx<'_>,
    couple: CoupleId,
    new: NewMember,
) -> Result<CoupleMember> {
    let id: CoupleMemberId = tx.new_id();
    let joined_on = if new.accepted { Some(practices::store::today(tx)?) } else { None };
    let row = Row {
        practice_id: tx.practice(),
        id,
        couple_id: couple,
        client_id: new.client_id,
        position: next_position(tx, couple)?,
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

fn next_position(tx: &mut Tx<'_>, couple: CoupleId) -> Result<i32> {
    let last: Option<i32> = couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::couple_id.eq(couple))
        .order(couple_members::position.desc())
        .select(couple_members::position)
        .first(tx.conn)
        .optional()?;
    Ok(last.unwrap_or(0) + 1)
}

/// Present members of each couple in the order in which they were added: to a member those who said yes,
/// with no id but the own.
pub(in crate::couples) fn summaries(
    tx: &mut Tx<'_>,
    couples: &[CoupleId],
) -> Result<HashMap<CoupleId, Vec<MemberSummary>>> {
    let own = tx.caller.client();
    let mut shown: HashMap<CoupleId, Vec<MemberSummary>> = HashMap::new();
    for row in present(tx, couples)? {
        if own.is_some() && row.invitation_state != InvitationState::Accepted {
            continue;
        }
        shown.entry(row.couple_id).or_default().push(MemberSummary {
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
    Ok(present(tx, &[couple])?
        .into_iter()
        .map(|row| (row.client_id, row.invitation_state))
        .collect())
}

/// The couples of which a client is a member at present, for what follows from their consent.
pub(crate) fn couples_of(tx: &mut Tx<'_>, client: ClientId) -> Result<Vec<CoupleId>> {
    Ok(couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::client_id.eq(client))
        .filter(couple_members::left_on.is_null())
        .filter(couple_members::invitation_state.eq(InvitationState::Accepted))
        .order(couple_members::id)
        .select(couple_members::couple_id)
        .load(tx.conn)?)
}

/// The names by which the members of these couples know each other, those who have left included.
pub(crate) fn display_names(
    tx: &mut Tx<'_>,
    couples: &[CoupleId],
) -> Result<Vec<(CoupleId, ClientId, String)>> {
    let rows: Vec<Row> = couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::couple_id.eq_any(couples))
        .filter(couple_members::invitation_state.eq(InvitationState::Accepted))
        .order(couple_members::id.desc())
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.iter()
        .map(|row| {
            let name = tx.keys.open(&DISPLAY_NAME, row.id.uuid(), &row.display_name)?;
            Ok((row.couple_id, row.client_id, name))
        })
        .collect()
}

/// A filter by client finds couples by clients that the caller knows; a member knows only
/// themself.
pub(in crate::couples) fn known_clients(
    tx: &mut Tx<'_>,
    client: ClientId,
) -> Result<Vec<ClientId>> {
    let known = match tx.caller.sight() {
        Sight::Practice => true,
        Sight::Caseloads(_) => clients::store::is_visible(tx, client)?,
        Sight::Client(own) => own == client,
    };
    Ok(if known { vec![client] } else { Vec::new() })
}

/// The invitations and memberships of the calling client: the latest hundred, oldest first. A refusal
/// of the next invitation instead would tell its sender of the others.
///
/// # Errors
/// Those of the database.
pub fn memberships_of(tx: &mut Tx<'_>, client: ClientId) -> Result<Vec<Membership>> {
    let rows: Vec<Row> = couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::client_id.eq(client))
        .filter(couple_members::left_on.is_null())
        .filter(couple_members::invitation_state.eq_any(PRESENT))
        .order(couple_members::id.desc())
        .limit(MOST_SHOWN_TO_ONESELF)
        .select(Row::as_select())
        .load(tx.conn)?;
    rows.iter().rev().map(|row| membership(tx, row)).collect()
}

/// Invitations that were not answered when the couple ended.
pub(in crate::couples) fn expire_invitations(tx: &mut Tx<'_>, couple: CoupleId) -> Result<()> {
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

pub(super) fn all(tx: &mut Tx<'_>, couple: CoupleId) -> Result<CoupleMembers> {
    store::find_row(tx, couple)?;
    let rows: Vec<Row> = couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::couple_id.eq(couple))
        .order(couple_members::position)
        .select(Row::as_select())
        .load(tx.conn)?;
    let data = rows.iter().map(|row| show(tx, row)).collect::<Result<_>>()?;
    Ok(CoupleMembers { data })
}

pub(super) fn add(tx: &mut Tx<'_>, couple: CoupleId, new: NewMember) -> Result<CoupleMember> {
    let row = store::find_row(tx, couple)?;
    if row.status.is_over() {
        return Err(Error::invalid_transition(row.status.as_str(), Vec::new()));
    }
    let mut found = faults(tx, &new, "")?;
    let count = i32::try_from(present(tx, &[couple])?.len()).unwrap_or(i32::MAX);
    if count >= row.max_members {
        let detail = format!("The couple has {count} members, the most it may have.");
        found.push(Fault::body("/client_id", "too_many", detail));
    }
    if next_position(tx, couple)? > MOST_MEMBERSHIPS {
        let detail =
            format!("A couple has {MOST_MEMBERSHIPS} memberships at most, past ones included.");
        found.push(Fault::body("/client_id", "too_many", detail));
    }
    Error::unless_valid(found)?;
    let member = insert(tx, couple, new)?;
    store::touch(tx, couple, &Change::of(Subject::Couple(couple), "member_added"))?;
    Ok(member)
}

pub(super) fn rename(
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

pub(super) fn leave(tx: &mut Tx<'_>, couple: CoupleId, client: ClientId) -> Result<()> {
    let mut row = find_present(tx, couple, client)?;
    // The practice may have moved its zone westwards since: nobody leaves before they came.
    row.left_on = Some(practices::store::today(tx)?).max(row.joined_on);
    save(tx, &mut row)?;
    store::touch(tx, couple, &Change::of(Subject::Couple(couple), "member_left"))?;
    // Nobody waits for them any more.
    submissions::look_again(tx, couple)
}

/// The calling client says yes.
///
/// # Errors
/// 404 without an invitation, 409 when it was answered otherwise or has expired.
pub fn accept_invitation(tx: &mut Tx<'_>, couple: CoupleId) -> Result<Membership> {
    answer(tx, couple, InvitationState::Accepted)
}

/// Answering twice the same changes nothing; a yes is not taken back here, nor a no.
pub(super) fn answer(
    tx: &mut Tx<'_>,
    couple: CoupleId,
    state: InvitationState,
) -> Result<Membership> {
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

fn present(tx: &mut Tx<'_>, couples: &[CoupleId]) -> Result<Vec<Row>> {
    Ok(couple_members::table
        .filter(couple_members::practice_id.eq(tx.practice()))
        .filter(couple_members::couple_id.eq_any(couples))
        .filter(couple_members::left_on.is_null())
        .filter(couple_members::invitation_state.eq_any(PRESENT))
        .order(couple_members::position)
        .select(Row::as_select())
        .load(tx.conn)?)
}

fn find_present(tx: &mut Tx<'_>, couple: CoupleId, client: ClientId) -> Result<Row> {
    store::find_row(tx, couple)?;
    let found = present(tx, &[couple])?.into_iter().find(|row| row.client_id == client);
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
