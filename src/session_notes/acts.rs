//! What was done with notes: rows that are added and never changed, each with the content as it was and the
//! hand that did it.

use data_encoding::HEXLOWER;
use diesel::prelude::*;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use super::content::Content;
use super::model::{
    AddendumReason, NoteAct, NoteAddendum, NoteHistory, NoteHistoryEntry, NoteSignature, NoteStatus,
};
use super::store::Row;
use crate::auth::Tx;
use crate::clinicians;
use crate::clinicians::licenses;
use crate::db::Instant;
use crate::db::id::{ClinicianId, NoteActId, PracticeId, SessionNoteId};
use crate::db::schema::session_note_acts as acts;
use crate::error::{Error, Result};
use crate::seal::{Column, Compartment, Sealed, SealedJson};

const SIGNATURE: Column =
    Column { table: "session_note_acts", name: "signature", compartment: Compartment::Clinical };
const CONTENT: Column =
    Column { table: "session_note_acts", name: "content", compartment: Compartment::Clinical };

#[derive(Queryable, Selectable, Insertable)]
#[diesel(table_name = acts, treat_none_as_default_value = false)]
struct ActRow {
    practice_id: PracticeId,
    id: NoteActId,
    note_id: SessionNoteId,
    act_no: i32,
    draft_no: i32,
    act: NoteAct,
    clinician_id: ClinicianId,
    signature: Sealed<SealedJson<NoteSignature>>,
    reason: Option<AddendumReason>,
    content: Sealed<SealedJson<Signed>>,
    content_hash: Vec<u8>,
    acted_at: Instant,
}

/// What a hand stands under: the note as it was, and what was said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Signed {
    pub(super) note: Content,
    pub(super) text: Option<String>,
}

/// Something that was done, opened.
pub(super) struct Act {
    draft_no: i32,
    reason: Option<AddendumReason>,
    signature: NoteSignature,
    signed: Signed,
    hash: String,
}

/// What stands of all that was done.
pub(super) struct Done {
    pub(super) signatures: Vec<NoteSignature>,
    pub(super) addenda: Vec<NoteAddendum>,
    pub(super) return_remark: Option<String>,
    pub(super) error_reason: Option<String>,
}

/// A hash as it is shown.
pub(super) fn hex(hash: &[u8]) -> String {
    HEXLOWER.encode(hash)
}

/// The keyed hash of content, bound to its note. A plain one would let a thief of the database try out what
/// a short note may say.
pub(super) fn hash(tx: &Tx<'_>, note: SessionNoteId, content: &impl Serialize) -> Result<Vec<u8>> {
    let key = tx.audit_key().derive("attune.session-note.content.v1");
    let mut mac = Hmac::<Sha256>::new_from_slice(key.expose())
        .map_err(|_| Error::internal("the key of content hashes does not fit"))?;
    let json = serde_json::to_vec(content)
        .map_err(|_| Error::internal("the content of a note did not serialise"))?;
    mac.update(tx.practice().uuid().as_bytes());
    mac.update(note.uuid().as_bytes());
    mac.update(&json);
    Ok(mac.finalize().into_bytes().to_vec())
}

/// Adds what a clinician does with a note, under their hand as it is at this moment.
pub(super) fn add(
    tx: &mut Tx<'_>,
    row: &Row,
    act: NoteAct,
    reason: Option<AddendumReason>,
    signed: Signed,
    typed_name: String,
) -> Result<()> {
    let clinician = super::store::demand_clinician(tx)?;
    let signature = hand(tx, clinician, act, typed_name)?;
    let id: NoteActId = tx.new_id();
    let new = ActRow {
        practice_id: tx.practice(),
        id,
        note_id: row.id,
        act_no: count(tx, row.id)? + 1,
        draft_no: row.draft_no,
        act,
        clinician_id: clinician,
        signature: tx.keys.seal(&SIGNATURE, id.uuid(), &SealedJson(signature))?,
        reason,
        content_hash: hash(tx, row.id, &signed)?,
        content: tx.keys.seal(&CONTENT, id.uuid(), &SealedJson(signed))?,
        acted_at: tx.now,
    };
    diesel::insert_into(acts::table).values(new).execute(tx.conn)?;
    Ok(())
}

/// The hand of a clinician with its credentials as they are now.
fn hand(
    tx: &mut Tx<'_>,
    clinician: ClinicianId,
    act: NoteAct,
    typed_name: String,
) -> Result<NoteSignature> {
    let who = clinicians::store::find(tx, clinician)?;
    let licensed = licenses::of(tx, clinician)?;
    Ok(NoteSignature {
        act,
        clinician_id: clinician,
        typed_name,
        display_name: who.display_name,
        credentials: who.credentials,
        licenses: licensed.iter().map(|one| format!("{} {}", one.state.0, one.number)).collect(),
        at: tx.now,
    })
}

/// Everything that was done with a note, oldest first.
pub(super) fn of(tx: &mut Tx<'_>, note: SessionNoteId) -> Result<Vec<Act>> {
    let rows: Vec<ActRow> = acts::table
        .filter(acts::practice_id.eq(tx.practice()))
        .filter(acts::note_id.eq(note))
        .order(acts::act_no)
        .select(ActRow::as_select())
        .load(tx.conn)?;
    let opened = rows.into_iter().map(|row| {
        Ok(Act {
            draft_no: row.draft_no,
            reason: row.reason,
            signature: tx.keys.open(&SIGNATURE, row.id.uuid(), &row.signature)?.0,
            signed: tx.keys.open(&CONTENT, row.id.uuid(), &row.content)?.0,
            hash: hex(&row.content_hash),
        })
    });
    opened.collect()
}

/// How much was done with a note.
pub(super) fn count(tx: &mut Tx<'_>, note: SessionNoteId) -> Result<i32> {
    let last: Option<i32> = acts::table
        .filter(acts::practice_id.eq(tx.practice()))
        .filter(acts::note_id.eq(note))
        .order(acts::act_no.desc())
        .select(acts::act_no)
        .first(tx.conn)
        .optional()?;
    Ok(last.unwrap_or(0))
}

/// What stands of it: the hands under this draft, what was added below, and what was last said of it.
pub(super) fn standing(row: &Row, done: Vec<Act>) -> Done {
    let mut standing = Done {
        signatures: Vec::new(),
        addenda: Vec::new(),
        return_remark: None,
        error_reason: None,
    };
    for act in done {
        match act.signature.act {
            NoteAct::Signed | NoteAct::Cosigned if act.draft_no == row.draft_no => {
                standing.signatures.push(act.signature);
            }
            NoteAct::Signed | NoteAct::Cosigned => {}
            NoteAct::Returned => {
                standing.return_remark =
                    act.signed.text.filter(|_| row.status == NoteStatus::Draft);
            }
            NoteAct::Amended => standing.addenda.extend(addendum(act)),
            NoteAct::EnteredInError => standing.error_reason = act.signed.text,
        }
    }
    if row.status == NoteStatus::EnteredInError {
        standing.addenda.clear();
    }
    standing
}

fn addendum(act: Act) -> Option<NoteAddendum> {
    Some(NoteAddendum {
        reason: act.reason?,
        text: act.signed.text?,
        content_hash: act.hash,
        signature: act.signature,
    })
}

/// The history of a note with every text that it has had, after its reading was written down.
///
/// # Errors
/// 404 when there is none that the caller may see.
pub fn history(tx: &mut Tx<'_>, id: SessionNoteId) -> Result<NoteHistory> {
    super::store::demand_clinician(tx).map_err(|_| Error::not_found())?;
    let row = super::store::read_row(tx, id)?;
    let entries = of(tx, row.id)?.into_iter().map(|act| NoteHistoryEntry {
        signature: act.signature,
        draft_no: act.draft_no,
        sections: act.signed.note.sections,
        text: act.signed.text,
        content_hash: act.hash,
    });
    Ok(NoteHistory { session_note_id: id, entries: entries.collect() })
}
