//! What the record is compared with: a note that is loaded and stays sealed, and ready-made rows of a signature.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use attune::clock::Clock;
use attune::db::id::{ClinicianId, IdSource, NoteActId, PracticeId, SessionNoteId};
use attune::db::schema::{session_note_acts as acts, session_notes as notes};
use attune::db::{Conn, Instant};
use attune::error::{DbResultExt, Error, Result};
use diesel::prelude::*;
use serde_json::json;

use crate::people::People;
use crate::records::Records;
use crate::reference::{Bare, json_of};
use crate::{Outcome, record};

/// The acts of the note that takes them begin here: its own are before.
const FIRST_ACT: i32 = 1_000;

/// The row of a note and of what was done with it, and a ready-made row that says who read it.
pub async fn read(bare: Data<Bare>, id: Path<SessionNoteId>) -> Result<HttpResponse> {
    type Note = (SessionNoteId, String, Vec<u8>, Option<Instant>, Instant);
    let (id, practice, shared) = (id.into_inner(), bare.people.practice, Data::clone(&bare));
    let unit = move |conn: &mut Conn| -> Result<(String, usize)> {
        let note: Note = notes::table
            .filter(notes::practice_id.eq(practice))
            .filter(notes::id.eq(id))
            .select((notes::id, notes::status, notes::content, notes::signed_at, notes::created_at))
            .first(conn)
            .or_not_found()?;
        let done: Vec<(i32, Vec<u8>, Vec<u8>)> = acts::table
            .filter(acts::practice_id.eq(practice))
            .filter(acts::note_id.eq(id))
            .select((acts::act_no, acts::signature, acts::content))
            .load(conn)?;
        let what = ("session_note", "session_note.read");
        shared.record.records.insert_audit(conn, what, id.uuid(), Clock::System.now())?;
        Ok((note.1, done.len()))
    };
    let (status, done) = bare.executor.write(Some(practice), unit).await?;
    Ok(json_of(HttpResponse::Ok(), &json!({ "status": status, "acts": done })))
}

/// The rows of one signature, ready-made.
pub async fn sign(bare: Data<Bare>, _: Bytes) -> Result<HttpResponse> {
    let (practice, shared) = (bare.people.practice, Data::clone(&bare));
    let unit = move |conn: &mut Conn| shared.record.insert(conn, practice);
    let id = bare.executor.write(Some(practice), unit).await?;
    Ok(json_of(HttpResponse::Ok(), &json!({ "id": id })))
}

/// What a signature adds to the database, copied from one that is there. All go to one draft that nobody signs.
pub struct Template {
    note: SessionNoteId,
    clinician: ClinicianId,
    signature: Vec<u8>,
    content: Vec<u8>,
    next: AtomicI32,
    records: Arc<Records>,
}

impl Template {
    /// Copies a signature of the years.
    pub fn of(conn: &mut Conn, people: &People, records: Arc<Records>) -> Outcome<Self> {
        let written = record::written(conn, people)?;
        let note = *written.drafts.last().ok_or("no drafts")?;
        let of = *written.signed.first().ok_or("no signed notes")?;
        let (clinician, signature, content) = acts::table
            .filter(acts::practice_id.eq(people.practice))
            .filter(acts::note_id.eq(of))
            .select((acts::clinician_id, acts::signature, acts::content))
            .first(conn)?;
        let next = AtomicI32::new(FIRST_ACT);
        Ok(Self { note, clinician, signature, content, next, records })
    }

    fn insert(&self, conn: &mut Conn, practice: PracticeId) -> Result<NoteActId> {
        let now = Clock::System.now();
        let id: NoteActId = IdSource::Random.next(now);
        let act_no = self.next.fetch_add(1, Ordering::Relaxed);
        if act_no < FIRST_ACT {
            return Err(Error::internal("too many signatures"));
        }
        diesel::insert_into(acts::table)
            .values((
                acts::practice_id.eq(practice),
                acts::id.eq(id),
                acts::note_id.eq(self.note),
                acts::act_no.eq(act_no),
                acts::draft_no.eq(1),
                acts::act.eq("signed"),
                acts::clinician_id.eq(self.clinician),
                acts::signature.eq(&self.signature),
                acts::content.eq(&self.content),
                acts::content_hash.eq([0u8; 32].as_slice()),
                acts::acted_at.eq(now),
            ))
            .execute(conn)?;
        let what = ("session_note", "session_note.signed");
        self.records.insert(conn, what, self.note.uuid(), now)?;
        Ok(id)
    }
}
