//! The demo's clinical record: the sessions of that week and what was written of them, in every state that there
//! is.

mod texts;

use std::collections::BTreeMap;

use diesel::prelude::*;

use self::texts::{
    BEGUN, CLEARER, IN_ERROR, LATE, MINE, OF_A_BREAK, OF_BOTH, OF_ONE, Sections, TO_BOTH,
};
use super::people::Cast;
use super::telling::{DAY, FIRST_MORNING, HOUR, Telling};
use crate::auth::Gate;
use crate::db::id::{
    CoupleId, IdSource, OfficeId, PsychotherapyNoteId, SessionId, SessionNoteId, SessionSummaryId,
};
use crate::db::schema::{
    offices, session_notes as notes, session_summaries as summaries, sessions,
};
use crate::db::{Conn, Instant};
use crate::error::{Error, Result};
use crate::http::page::{Sort, Window};
use crate::practices::model::StateCode;
use crate::psychotherapy_notes::model::{NewPsychotherapyNote, PsychotherapyNoteFilter};
use crate::psychotherapy_notes::store as apart;
use crate::session_notes::content::{NewNoteSection, NoteFormat, SectionName};
use crate::session_notes::model::{
    AddendumReason, EnterNoteInError, NewAddendum, NewSessionNote, SignNote,
};
use crate::session_notes::{self, transitions as hands};
use crate::session_summaries::model::{NewSessionSummary, PublishSummary};
use crate::session_summaries::store as words;
use crate::sessions::model::{
    CompleteSession, NewSession, NewSessionParticipant, SessionKind, SessionModality,
};

/// Everything that is told here was told before this: two weeks after the first morning.
const END: Instant = Instant::from_micros(FIRST_MORNING.micros() + 14 * DAY * 1_000_000);

/// The names of the sessions, of the notes and of the summary, each in the order in which they are told.
const SESSIONS: [&str; 3] = ["session", "session_alone", "session_by_video"];
const NOTES: [&str; 5] =
    ["note_signed", "note_amended", "note_awaiting_cosign", "note_in_error", "note_draft"];
const SUMMARY: &str = "summary";
const APART: &str = "psychotherapy_note";

/// The ids of the record, by their names. It is told now, unless it has been told in this database.
///
/// # Errors
/// Those of the database.
pub fn of(
    conn: &mut Conn,
    gate: &Gate,
    cast: &Cast,
    ids: &IdSource,
) -> Result<BTreeMap<&'static str, String>> {
    let mut record = Record(Telling::begin(conn, gate, cast, ids)?);
    if record.told()?.is_empty() {
        record.play()?;
    }
    let told = record.told()?;
    if told.len() == SESSIONS.len() + NOTES.len() + 2 { Ok(told) } else { Err(Error::not_found()) }
}

struct Record<'a>(Telling<'a>);

impl Record<'_> {
    /// From the hour of Wednesday to that of the Monday after.
    fn play(&mut self) -> Result<()> {
        let [together, alone, by_video] = self.book()?;
        self.wednesday(together)?;
        self.thursday(alone)?;
        self.after()?;
        self.monday(by_video)
    }

    /// On Tuesday, all three that are to come.
    fn book(&mut self) -> Result<[SessionId; 3]> {
        use SessionKind::{Conjoint, IndividualWithinCouple};
        let (a, b) = (("partner_a", "WA"), ("partner_b", "ID"));
        self.0.move_to(HOUR);
        Ok([
            self.session(Conjoint, DAY + 2 * HOUR, &[a, b], false)?,
            self.session(IndividualWithinCouple, 2 * DAY, &[a], false)?,
            self.session(Conjoint, 6 * DAY + 4 * HOUR, &[a, b], true)?,
        ])
    }

    /// Both in the office: a note that is signed, and a word to both.
    fn wednesday(&mut self, session: SessionId) -> Result<()> {
        self.0.move_to(DAY + 3 * HOUR);
        self.hold(session)?;
        let note = self.write(new_note(session, NoteFormat::Dap, OF_BOTH))?;
        self.sign("clinician", "Morgan Sample", note)?;
        let new =
            NewSessionSummary { session_id: session, client_id: None, text: TO_BOTH.to_owned() };
        let summary = self.0.by("clinician", |tx| words::create(tx, new))?.id;
        let release = PublishSummary::default();
        self.0.by("clinician", |tx| words::publish(tx, summary, release)).map(drop)
    }

    /// One of the two alone: a note of that one's own record, with two addenda. At noon the associate writes of
    /// the couple on a break, and signs.
    fn thursday(&mut self, session: SessionId) -> Result<()> {
        self.0.move_to(2 * DAY + HOUR);
        self.hold(session)?;
        let note = self.write(new_note(session, NoteFormat::Birp, OF_ONE))?;
        self.sign("clinician", "Morgan Sample", note)?;
        let of_a_break = NewSessionNote {
            treatment_id: Some(self.0.id("treatment_on_hold")?),
            ..without_session(NoteFormat::Dap, OF_A_BREAK)
        };
        self.0.move_to(2 * DAY + 3 * HOUR);
        let other = self.0.by("associate", |tx| session_notes::create(tx, of_a_break))?.id;
        self.sign("associate", "Rílan Placeholder", other)?;
        for (reason, text) in
            [(AddendumReason::LateEntry, LATE), (AddendumReason::Clarification, CLEARER)]
        {
            let typed_name = "Morgan Sample".to_owned();
            let new = NewAddendum { reason, text: text.to_owned(), typed_name };
            self.0.by("clinician", |tx| hands::amend(tx, note, new))?;
        }
        Ok(())
    }

    /// On Friday something that belongs elsewhere, and on Sunday what is nobody's but the author's.
    fn after(&mut self) -> Result<()> {
        self.0.move_to(3 * DAY);
        let wrong = NewSessionNote {
            treatment_id: Some(self.0.id("treatment")?),
            ..without_session(NoteFormat::Free, IN_ERROR)
        };
        let note = self.write(wrong)?;
        self.sign("clinician", "Morgan Sample", note)?;
        let reason = "Belongs to another record, and is written there.".to_owned();
        self.0
            .by("clinician", |tx| hands::enter_in_error(tx, note, EnterNoteInError { reason }))?;
        self.0.move_to(5 * DAY);
        let couple_id = Some(self.0.id("couple")?);
        let new = NewPsychotherapyNote { client_id: None, couple_id, text: MINE.to_owned() };
        self.0.by("clinician", |tx| apart::create(tx, new)).map(drop)
    }

    /// By video, each from their own state: a note that is begun, with the week's homework in it.
    fn monday(&mut self, session: SessionId) -> Result<()> {
        self.0.move_to(6 * DAY + 5 * HOUR);
        self.hold(session)?;
        let begun = NewSessionNote {
            prefill_homework: true,
            risk_reviewed: true,
            ..new_note(session, NoteFormat::Soap, BEGUN)
        };
        self.write(begun).map(drop)
    }

    /// Fifty minutes with these clients and the clinician, from so many seconds after the first morning.
    fn session(
        &mut self,
        kind: SessionKind,
        begins: i64,
        who: &[(&str, &str)],
        by_video: bool,
    ) -> Result<SessionId> {
        let office: OfficeId = offices::table
            .filter(offices::practice_id.eq(self.0.practice))
            .order(offices::id)
            .select(offices::id)
            .first(self.0.conn)?;
        let participant = |(name, state): &(&str, &str)| -> Result<NewSessionParticipant> {
            let location_state = by_video.then(|| StateCode((*state).to_owned()));
            Ok(NewSessionParticipant { client_id: self.0.id(name)?, location_state })
        };
        let starts_at = FIRST_MORNING.plus_seconds(begins);
        let new = NewSession {
            treatment_id: self.0.id("treatment")?,
            kind,
            modality: if by_video {
                SessionModality::TelehealthVideo
            } else {
                SessionModality::InPerson
            },
            office_id: (!by_video).then_some(office),
            starts_at,
            ends_at: starts_at.plus_seconds(50 * 60),
            clinician_ids: None,
            participants: who.iter().map(participant).collect::<Result<_>>()?,
            requested: false,
            exception_reason: None,
        };
        self.0.by("clinician", |tx| crate::sessions::create(tx, new)).map(|made| made.id)
    }

    fn hold(&mut self, session: SessionId) -> Result<()> {
        let held = CompleteSession::default();
        let complete = crate::sessions::transitions::complete;
        self.0.by("clinician", |tx| complete(tx, session, held)).map(drop)
    }

    fn write(&mut self, new: NewSessionNote) -> Result<SessionNoteId> {
        self.0.by("clinician", |tx| session_notes::create(tx, new)).map(|made| made.id)
    }

    fn sign(&mut self, who: &str, name: &str, note: SessionNoteId) -> Result<()> {
        let hand = SignNote { typed_name: name.to_owned() };
        self.0.by(who, |tx| hands::sign(tx, note, hand)).map(drop)
    }

    /// What of it is there, by its names: the sessions, notes and summary that were made in the time of the
    /// telling, in that order, and the note that its author finds.
    fn told(&mut self) -> Result<BTreeMap<&'static str, String>> {
        let practice = self.0.practice;
        let held: Vec<SessionId> = sessions::table
            .filter(sessions::practice_id.eq(practice))
            .filter(sessions::created_at.between(FIRST_MORNING, END))
            .order(sessions::created_at)
            .select(sessions::id)
            .load(self.0.conn)?;
        let written: Vec<SessionNoteId> = notes::table
            .filter(notes::practice_id.eq(practice))
            .filter(notes::created_at.between(FIRST_MORNING, END))
            .order(notes::created_at)
            .select(notes::id)
            .load(self.0.conn)?;
        let released: Option<SessionSummaryId> = summaries::table
            .filter(summaries::practice_id.eq(practice))
            .filter(summaries::created_at.between(FIRST_MORNING, END))
            .order(summaries::created_at)
            .select(summaries::id)
            .first(self.0.conn)
            .optional()?;
        let mut told: BTreeMap<&'static str, String> = BTreeMap::new();
        told.extend(SESSIONS.into_iter().zip(held.iter().map(ToString::to_string)));
        told.extend(NOTES.into_iter().zip(written.iter().map(ToString::to_string)));
        told.extend(released.map(|id| (SUMMARY, id.to_string())));
        told.extend(self.apart()?.map(|id| (APART, id.to_string())));
        Ok(told)
    }

    /// Its author finds it, and nobody else.
    fn apart(&mut self) -> Result<Option<PsychotherapyNoteId>> {
        let couple: CoupleId = self.0.id("couple")?;
        let filter = PsychotherapyNoteFilter { couple_id: Some(couple), ..Default::default() };
        let first = Window { load: 1, after: None, sort: Sort::Created };
        let found = self.0.by("clinician", |tx| apart::list(tx, filter, first))?;
        Ok(found.into_iter().next().map(|(_, note)| note.id))
    }
}

fn new_note(session: SessionId, format: NoteFormat, sections: Sections) -> NewSessionNote {
    NewSessionNote { session_id: Some(session), ..without_session(format, sections) }
}

fn without_session(format: NoteFormat, sections: Sections) -> NewSessionNote {
    let section = |(name, text): &(SectionName, &str)| NewNoteSection {
        name: *name,
        text: (*text).to_owned(),
    };
    NewSessionNote {
        session_id: None,
        treatment_id: None,
        client_id: None,
        author_id: None,
        format,
        template_id: None,
        sections: sections.iter().map(section).collect(),
        quotes: Vec::new(),
        risk_reviewed: false,
        prefill_homework: false,
    }
}
