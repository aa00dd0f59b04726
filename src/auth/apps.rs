//! Applications that act for a practice by themselves, within the scopes that it gave them.
//!
//! Whoever runs the service makes them, by `attune app`; there is no route that does.

use diesel::prelude::*;

use super::gate::Tx;
use super::scopes::{ActorKind, ScopeSet};
use crate::audit::{Change, Subject, record};
use crate::db::id::AppId;
use crate::db::schema::apps;
use crate::error::{DbResultExt, Error, Fault, Result};

/// Makes an application.
///
/// # Errors
/// 422 when it is given a scope that no application may hold, or none.
pub fn create(tx: &mut Tx<'_>, name: &str, scopes: ScopeSet) -> Result<AppId> {
    let allowed = scopes.intersect(ScopeSet::of_holder(ActorKind::Service));
    if allowed != scopes || scopes == ScopeSet::default() {
        let detail = "Must be scopes that an application may hold, at least one.";
        return Err(Error::invalid(vec![Fault::body("/scopes", "not_permitted", detail)]));
    }
    let id: AppId = tx.new_id();
    diesel::insert_into(apps::table)
        .values((
            apps::practice_id.eq(tx.practice()),
            apps::id.eq(id),
            apps::name.eq(name),
            apps::scopes.eq(scopes.to_string()),
            apps::session_version.eq(1),
            apps::created_at.eq(tx.now),
            apps::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    record(tx, &Change::of(Subject::App(id), "created"))?;
    Ok(id)
}

/// Takes an application out of use. Its tokens stop at the next request.
///
/// # Errors
/// 404 when the practice has none of this id.
pub fn disable(tx: &mut Tx<'_>, id: AppId) -> Result<()> {
    let disabled: Option<crate::db::Instant> = apps::table
        .find((tx.practice(), id))
        .select(apps::disabled_at)
        .first(tx.conn)
        .or_not_found()?;
    if disabled.is_some() {
        return Ok(());
    }
    diesel::update(apps::table.find((tx.practice(), id)))
        .set((
            apps::disabled_at.eq(Some(tx.now)),
            apps::session_version.eq(apps::session_version + 1),
            apps::updated_at.eq(tx.now),
        ))
        .execute(tx.conn)?;
    record(tx, &Change::of(Subject::App(id), "disabled"))
}
