//! What the record is compared with: the statements of a reading and of a signature, whose texts stay sealed and whose
//! new rows are ready-made.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use actix_web::HttpResponse;
use actix_web::web::{Bytes, Data, Path};
use attune::auth::{Acting, Tx};
use attune::clock::Clock;
use attune::db::id::{
    AnyId, AppId, ClientId, ClinicianId, CoupleId, IdSource, NoteActId, PracticeId, SessionId,
    SessionNoteId, TreatmentId,
};
use attune::db::schema::{
    clinician_licenses as licenses, clinicians, session_note_acts as acts, session_notes as notes,
};
use attune::db::{Conn, Date, Doc, Instant};
use attune::error::{DbResultExt, Error, Result};
use attune::session_notes::store::visible;
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::people::People;
use crate::records::Records;
use crate::reference::{Bare, json_of};
use crate::{Outcome, record};

/// The acts of the note that takes them begin here: its own are before.
const FIRST_ACT: i32 = 1_000;

/// A note as it lies there: seventeen columns, the text sealed.
#[derive(Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = notes, primary_key(practice_id, id), treat_none_as_null = true)]
struct Note {
    practice_id: PracticeId,
    id: SessionNoteId,
    treatment_id: TreatmentId,
    session_id: Option<SessionId>,
    couple_id: Option<CoupleId>,
    client_id: Option<ClientId>,
    author_id: ClinicianId,
    app_id: Option<AppId>,
    format: String,
    status: String,
    draft_no: i32,
    content: Vec<u8>,
    content_hash: Option<Vec<u8>>,
    signed_at: Option<Instant>,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// What was done with a note, as it lies there.
type Act =
    (NoteActId, i32, i32, String, ClinicianId, Vec<u8>, Option<String>, Vec<u8>, Vec<u8>, Instant);

/// A clinician, as they lie there.
type Clinician = (ClinicianId, Vec<u8>, Doc<Value>, bool, Option<ClinicianId>, bool);

/// The statements of `GET /v1/session-notes/{id}`, and a ready-made row that says who read it.
pub async fn read(bare: Data<Bare>, id: Path<SessionNoteId>) -> Result<HttpResponse> {
    let (id, shared) = (id.into_inner(), Data::clone(&bare));
    let unit = move |conn: &mut Conn| {
        let acting = Acting::User(shared.people.practice, shared.people.clinician);
        shared.gate.operate(conn, acting, &IdSource::Random, Clock::System.now(), |tx| {
            let note = note(tx, id)?;
            let records = &shared.record.records;
            records.move_head(tx.conn)?;
            records.insert_audit(
                tx.conn,
                ("session_note", "session_note.read"),
                id.uuid(),
                tx.now,
            )?;
            Ok((note.status, shown(tx, id, note.author_id)?))
        })
    };
    let (status, done) = bare.executor.write(Some(bare.people.practice), unit).await?;
    Ok(json_of(HttpResponse::Ok(), &json!({ "status": status, "acts": done })))
}

/// The statements of `POST /v1/session-notes/{id}/sign`, with ready-made rows.
pub async fn sign(bare: Data<Bare>, _: Bytes) -> Result<HttpResponse> {
    let shared = Data::clone(&bare);
    let unit = move |conn: &mut Conn| {
        let acting = Acting::User(shared.people.practice, shared.people.clinician);
        shared.gate.operate(conn, acting, &IdSource::Random, Clock::System.now(), |tx| {
            shared.record.carry_out(tx)
        })
    };
    let id = bare.executor.write(Some(bare.people.practice), unit).await?;
    Ok(json_of(HttpResponse::Ok(), &json!({ "id": id })))
}

fn note(tx: &mut Tx<'_>, id: SessionNoteId) -> Result<Note> {
    visible(tx.caller)
        .filter(notes::id.eq(id))
        .select(Note::as_select())
        .first(tx.conn)
        .or_not_found()
}

/// What the service asks for to show a note: what was done with it, and who supervises its author.
fn shown(tx: &mut Tx<'_>, id: SessionNoteId, author: ClinicianId) -> Result<usize> {
    let done: Vec<Act> = acts::table
        .filter(acts::practice_id.eq(tx.practice()))
        .filter(acts::note_id.eq(id))
        .order(acts::act_no)
        .select((
            acts::id,
            acts::act_no,
            acts::draft_no,
            acts::act,
            acts::clinician_id,
            acts::signature,
            acts::reason,
            acts::content,
            acts::content_hash,
            acts::acted_at,
        ))
        .load(tx.conn)?;
    supervisor(tx, author)?;
    Ok(done.len())
}

fn supervisor(tx: &mut Tx<'_>, author: ClinicianId) -> Result<Option<ClinicianId>> {
    let author = clinicians::table.find((tx.practice(), author));
    Ok(author.select(clinicians::supervisor_id).first(tx.conn)?)
}

fn clinician(tx: &mut Tx<'_>, id: ClinicianId) -> Result<Clinician> {
    clinicians::table
        .find((tx.practice(), id))
        .select((
            clinicians::id,
            clinicians::profile,
            clinicians::modalities,
            clinicians::accepts_new,
            clinicians::supervisor_id,
            clinicians::requires_cosign,
        ))
        .first(tx.conn)
        .or_not_found()
}

fn last_act(tx: &mut Tx<'_>, note: SessionNoteId) -> Result<Option<i32>> {
    let all =
        acts::table.filter(acts::practice_id.eq(tx.practice())).filter(acts::note_id.eq(note));
    Ok(all.order(acts::act_no.desc()).select(acts::act_no).first(tx.conn).optional()?)
}

/// What a signature adds to the database, copied from one that is there. All go to one draft that nobody signs.
pub struct Template {
    note: SessionNoteId,
    /// A note that was signed once: the answer of a signature shows that one, while the draft gathers thousands.
    shown: SessionNoteId,
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
        Ok(Self { note, shown: of, clinician, signature, content, next, records })
    }

    /// As the service goes about it, on a note that stays a draft.
    fn carry_out(&self, tx: &mut Tx<'_>) -> Result<NoteActId> {
        let mut note = note(tx, self.note)?;
        supervisor(tx, note.author_id)?;
        clinician(tx, note.author_id)?;
        last_act(tx, self.note)?;
        clinician(tx, note.author_id)?;
        let _: Vec<(AnyId, String, Vec<u8>, Option<Date>)> = licenses::table
            .filter(licenses::practice_id.eq(tx.practice()))
            .filter(licenses::clinician_id.eq(note.author_id))
            .order(licenses::state)
            .select((licenses::id, licenses::state, licenses::number, licenses::expires_on))
            .load(tx.conn)?;
        last_act(tx, self.note)?;
        let id = self.insert(tx)?;
        note.version += 1;
        note.updated_at = tx.now;
        diesel::update(notes::table.find((tx.practice(), self.note)))
            .set(&note)
            .execute(tx.conn)?;
        let what = ("session_note", "session_note.signed");
        self.records.last_event(tx.conn)?;
        self.records.move_head(tx.conn)?;
        self.records.insert(tx.conn, what, self.note.uuid(), tx.now)?;
        shown(tx, self.shown, note.author_id)?;
        Ok(id)
    }

    fn insert(&self, tx: &mut Tx<'_>) -> Result<NoteActId> {
        let (now, practice) = (tx.now, tx.practice());
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
            .execute(tx.conn)?;
        Ok(id)
    }
}
