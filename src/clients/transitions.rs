//! The status of a client, and its archive.

use diesel::prelude::*;

use super::model::{Client, ClientStatus};
use super::store::find;
use crate::audit::{Change, Subject, record};
use crate::auth::Tx;
use crate::auth::scopes::ClientsWrite;
use crate::db::id::ClientId;
use crate::db::schema::clients;
use crate::error::Result;
use crate::http::Routes;
use crate::http::action::{action, post};
use crate::state::{Machine, Status, Transition};

impl Status for ClientStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a client's status. Discharge is not for ever: people come back.
pub const MACHINE: Machine<ClientStatus> = Machine(&[
    Transition {
        name: "activate",
        from: &[ClientStatus::Prospective, ClientStatus::Inactive, ClientStatus::Discharged],
        to: ClientStatus::Active,
    },
    Transition { name: "deactivate", from: &[ClientStatus::Active], to: ClientStatus::Inactive },
    Transition {
        name: "discharge",
        from: &[ClientStatus::Prospective, ClientStatus::Active, ClientStatus::Inactive],
        to: ClientStatus::Discharged,
    },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config
        .service(activate_client)
        .service(deactivate_client)
        .service(discharge_client)
        .service(archive_client)
        .service(restore_client);
}

action! {
    /// Activate a client
    ///
    /// From prospective, inactive or discharged. For staff and services who see the client.
    activate_client "/v1/clients/{client_id}/activate", tag "clients",
    scope "clients:write" ClientsWrite, ClientId => Client,
    |tx, id| change_status(tx, id, "activate")
}

action! {
    /// Deactivate a client
    ///
    /// From active: care is paused. For staff and services who see the client.
    deactivate_client "/v1/clients/{client_id}/deactivate", tag "clients",
    scope "clients:write" ClientsWrite, ClientId => Client,
    |tx, id| change_status(tx, id, "deactivate")
}

action! {
    /// Discharge a client
    ///
    /// Ends their care; they may be activated again. For staff and services who see the
    /// client.
    discharge_client "/v1/clients/{client_id}/discharge", tag "clients",
    scope "clients:write" ClientsWrite, ClientId => Client,
    |tx, id| change_status(tx, id, "discharge")
}

action! {
    /// Archive a client
    ///
    /// Puts the record out of the way of everyday lists. Nothing is deleted, and the record
    /// can still be read. Archiving twice changes nothing. For staff and services who see the
    /// client.
    archive_client "/v1/clients/{client_id}/archive", tag "clients",
    scope "clients:write" ClientsWrite, ClientId => Client,
    |tx, id| set_archived(tx, id, true)
}

action! {
    /// Restore a client
    ///
    /// Takes the record out of the archive. For staff and services who see the client.
    restore_client "/v1/clients/{client_id}/restore", tag "clients",
    scope "clients:write" ClientsWrite, ClientId => Client,
    |tx, id| set_archived(tx, id, false)
}

/// Takes a transition by its name.
///
/// # Errors
/// 404, 409 with what is possible.
pub fn change_status(tx: &mut Tx<'_>, id: ClientId, name: &'static str) -> Result<Client> {
    let client = find(tx, id)?;
    let status = MACHINE.step(client.status, name)?;
    diesel::update(clients::table.find((tx.practice(), id)))
        .set((
            clients::status.eq(status),
            clients::updated_at.eq(tx.now),
            clients::version.eq(clients::version + 1),
        ))
        .execute(tx.conn)?;
    let change =
        Change { subject: Subject::Client(id), verb: "status_changed", fields: &["status"] };
    record(tx, &change)?;
    find(tx, id)
}

/// Archives or restores a client.
///
/// # Errors
/// 404.
pub fn set_archived(tx: &mut Tx<'_>, id: ClientId, archived: bool) -> Result<Client> {
    let client = find(tx, id)?;
    if client.archived_at.is_some() == archived {
        return Ok(client);
    }
    diesel::update(clients::table.find((tx.practice(), id)))
        .set((
            clients::archived_at.eq(archived.then_some(tx.now)),
            clients::updated_at.eq(tx.now),
            clients::version.eq(clients::version + 1),
        ))
        .execute(tx.conn)?;
    let verb = if archived { "archived" } else { "restored" };
    record(tx, &Change::of(Subject::Client(id), verb))?;
    find(tx, id)
}
