//! What somebody may do with a note now, and why not: the one place that decides it, for the answer that
//! says so and for the act itself.

use diesel::prelude::*;

use super::model::{NoteAction, NoteCapability, NoteObstacle, NoteStatus};
use super::store::Row;
use super::transitions::MACHINE;
use crate::auth::scopes::Scope;
use crate::auth::{Actor, Tx};
use crate::db::id::ClinicianId;
use crate::db::schema::clinicians;
use crate::error::{Code, Error, Result};

/// Whoever stands before a note.
struct Reader {
    author: bool,
    supervisor: bool,
    /// The application that has pushed it in.
    sender: bool,
}

/// What the caller may do with a note now.
pub(super) fn of(tx: &mut Tx<'_>, row: &Row) -> Result<Vec<NoteCapability>> {
    let reader = reader(tx, row)?;
    let capability = |action: &NoteAction| {
        let obstacle = obstacle(tx, row, &reader, *action);
        NoteCapability { action: *action, allowed: obstacle.is_none(), obstacle }
    };
    Ok(NoteAction::ALL.iter().map(capability).collect())
}

/// Demands that the caller may do this with a note.
///
/// # Errors
/// 403 for who may not, whatever its status; 409 where the status does not allow it.
pub(super) fn demand(tx: &mut Tx<'_>, row: &Row, action: NoteAction) -> Result<()> {
    let reader = reader(tx, row)?;
    match obstacle(tx, row, &reader, action) {
        None => Ok(()),
        Some(NoteObstacle::Status) => {
            Err(Error::invalid_transition(row.status.as_str(), MACHINE.allowed(row.status)))
        }
        Some(NoteObstacle::NotAuthor) => {
            Err(Error::new(Code::OwnerOnly, "This is for the author of the note."))
        }
        Some(NoteObstacle::NotSupervisor) => {
            Err(Error::new(Code::OwnerOnly, "This is for the supervisor of the note's author."))
        }
        Some(NoteObstacle::ScopeMissing) => {
            Err(crate::auth::caller::scope_missing(&[scope(action)]))
        }
    }
}

fn reader(tx: &mut Tx<'_>, row: &Row) -> Result<Reader> {
    let own = tx.caller.clinician();
    let supervisor: Option<ClinicianId> = clinicians::table
        .find((tx.practice(), row.author_id))
        .select(clinicians::supervisor_id)
        .first(tx.conn)?;
    let sender = match tx.caller.actor() {
        Actor::Service { app } => row.app_id == Some(*app),
        _ => false,
    };
    Ok(Reader {
        author: own == Some(row.author_id),
        supervisor: own.is_some() && own == supervisor,
        sender,
    })
}

fn obstacle(tx: &Tx<'_>, row: &Row, reader: &Reader, action: NoteAction) -> Option<NoteObstacle> {
    use NoteAction::{AddAddendum, Cosign, Discard, EnterInError, Return, Sign, Update};
    use NoteStatus::{Amended, Draft, PendingCosign, Signed};
    let (whose, of_whom, from): (bool, _, &[NoteStatus]) = match action {
        Update => (reader.author || reader.sender, NoteObstacle::NotAuthor, &[Draft]),
        Sign | Discard => (reader.author, NoteObstacle::NotAuthor, &[Draft]),
        Cosign | Return => (reader.supervisor, NoteObstacle::NotSupervisor, &[PendingCosign]),
        AddAddendum | EnterInError => {
            (reader.author || reader.supervisor, NoteObstacle::NotAuthor, &[Signed, Amended])
        }
    };
    if !whose {
        Some(of_whom)
    } else if !tx.caller.holds(scope(action)) {
        Some(NoteObstacle::ScopeMissing)
    } else if from.contains(&row.status) {
        None
    } else {
        Some(NoteObstacle::Status)
    }
}

fn scope(action: NoteAction) -> Scope {
    match action {
        NoteAction::Update | NoteAction::Discard => Scope::NotesWrite,
        NoteAction::Sign | NoteAction::AddAddendum | NoteAction::EnterInError => Scope::NotesSign,
        NoteAction::Cosign | NoteAction::Return => Scope::NotesCosign,
    }
}
