//! What of the audit is about somebody: the ids of everything of a client's own record or of a couple's that the
//! caller sees.

use diesel::prelude::*;

use crate::assignments;
use crate::auth::{Actor, Sight, Tx};
use crate::consents;
use crate::db::id::{AnyId, ClientId, CoupleId};
use crate::db::schema::{
    assignments as homework, consents as consent_rows, session_notes as note_rows,
    session_summaries as summary_rows, sessions as session_rows, treatments as treatment_rows,
};
use crate::error::Result;
use crate::session_notes;
use crate::session_notes::model::NoteStatus;
use crate::session_summaries;
use crate::sessions;
use crate::treatments;

/// Whom it is about.
#[derive(Debug, Clone, Copy)]
pub(super) enum About {
    Client(ClientId),
    Couple(CoupleId),
}

macro_rules! ids {
    ($tx:expr, $about:expr, $query:expr, $table:ident) => {{
        let query = $query.select($table::id);
        let ids: Vec<AnyId> = match $about {
            About::Client(client) => query.filter($table::client_id.eq(client)).load($tx.conn)?,
            About::Couple(couple) => query.filter($table::couple_id.eq(couple)).load($tx.conn)?,
        };
        ids
    }};
}

/// Everything that the practice keeps of it and that the caller sees. An administrator is told who read which
/// note, and reads none of them.
pub(super) fn everything(tx: &mut Tx<'_>, about: About) -> Result<Vec<AnyId>> {
    let mut all = vec![match about {
        About::Client(client) => AnyId::from_uuid(client.uuid()),
        About::Couple(couple) => AnyId::from_uuid(couple.uuid()),
    }];
    all.extend(consents_of(tx, about)?);
    all.extend(ids!(tx, about, treatments::store::visible(tx.caller), treatment_rows));
    all.extend(ids!(tx, about, assignments::store::visible(tx)?, homework));
    all.extend(ids!(tx, about, sessions::store::visible(tx.caller), session_rows));
    if administers(tx) {
        let practice = tx.practice();
        let notes = note_rows::table.filter(note_rows::practice_id.eq(practice)).into_boxed();
        all.extend(ids!(tx, about, notes, note_rows));
        let summaries =
            summary_rows::table.filter(summary_rows::practice_id.eq(practice)).into_boxed();
        all.extend(ids!(tx, about, summaries, summary_rows));
    } else {
        all.extend(ids!(tx, about, session_notes::store::visible(tx.caller), note_rows));
        all.extend(ids!(tx, about, session_summaries::store::visible(tx.caller), summary_rows));
    }
    Ok(all)
}

fn administers(tx: &Tx<'_>) -> bool {
    matches!(tx.caller.sight(), Sight::Practice) && matches!(tx.caller.actor(), Actor::Staff { .. })
}

/// A consent is its client's, whichever couple it is for.
fn consents_of(tx: &mut Tx<'_>, about: About) -> Result<Vec<AnyId>> {
    let About::Client(client) = about else { return Ok(Vec::new()) };
    let query = consents::store::visible(tx.caller).filter(consent_rows::client_id.eq(client));
    Ok(query.select(consent_rows::id).load(tx.conn)?)
}

/// What is a client's own: their record, their consents, the sessions and notes of them alone. Nothing of a
/// couple's, whose accesses are its other member's too, and no draft.
pub(super) fn own(tx: &mut Tx<'_>, client: ClientId) -> Result<Vec<AnyId>> {
    let practice = tx.practice();
    let about = About::Client(client);
    let mut all = vec![AnyId::from_uuid(client.uuid())];
    all.extend(consents_of(tx, about)?);
    let sessions = session_rows::table.filter(session_rows::practice_id.eq(practice)).into_boxed();
    all.extend(ids!(tx, about, sessions, session_rows));
    let notes = note_rows::table
        .filter(note_rows::practice_id.eq(practice))
        .filter(note_rows::status.ne_all([NoteStatus::Draft, NoteStatus::Discarded]))
        .into_boxed();
    all.extend(ids!(tx, about, notes, note_rows));
    Ok(all)
}
