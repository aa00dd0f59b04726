//! The caller, looked up.

use diesel::prelude::*;

use super::model::{CallerKind, Me, MePatch, MyPractice};
use crate::auth::scopes::Scope;
use crate::auth::{Actor, Tx};
use crate::clients;
use crate::clients::model::ClientPatch;
use crate::couples::members::store as members;
use crate::db::schema::practices;
use crate::error::{Error, Result};
use crate::http::etag::IfMatch;

/// The caller as they are now.
///
/// # Errors
/// Those of the database.
pub fn find(tx: &mut Tx<'_>) -> Result<Me> {
    let (kind, user_id, app_id, practice_admin) = match tx.caller.actor() {
        Actor::Staff { user, admin, .. } => (CallerKind::Staff, Some(*user), None, *admin),
        Actor::Client { user, .. } => (CallerKind::Client, Some(*user), None, false),
        Actor::Service { app } => (CallerKind::Service, None, Some(*app), false),
        Actor::Operator => return Err(Error::not_found()),
    };
    let (client, couples) = match tx.caller.client() {
        Some(id) => (Some(clients::store::find(tx, id)?), members::memberships_of(tx, id)?),
        None => (None, Vec::new()),
    };
    let held = Scope::ALL.iter().filter(|scope| tx.caller.holds(**scope));
    Ok(Me {
        kind,
        user_id,
        app_id,
        practice_admin,
        clinician_id: tx.caller.clinician(),
        scopes: held.map(|scope| scope.as_str().to_owned()).collect(),
        practice: practice(tx)?,
        client,
        couples,
    })
}

/// Changes the caller's own profile.
///
/// # Errors
/// 412, 422 with every faulty field.
pub fn update(tx: &mut Tx<'_>, patch: MePatch, if_match: &IfMatch) -> Result<Me> {
    let id = tx.caller.client().ok_or_else(Error::not_found)?;
    if_match.check(&find(tx).and_then(|me| tx.tag(&me))?)?;
    let patch = ClientPatch {
        preferred_name: patch.preferred_name,
        pronouns: patch.pronouns,
        phone: patch.phone,
        email: patch.email,
        timezone: patch.timezone,
        safe_contact: patch.safe_contact,
        ..ClientPatch::default()
    };
    clients::store::apply_patch(tx, id, patch)?;
    find(tx)
}

fn practice(tx: &mut Tx<'_>) -> Result<MyPractice> {
    let (name, timezone, phone) = practices::table
        .find(tx.practice())
        .select((practices::name, practices::timezone, practices::phone))
        .first(tx.conn)?;
    Ok(MyPractice { id: tx.practice(), name, timezone, phone })
}
