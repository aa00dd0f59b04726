//! Writing drafts.

use diesel::prelude::*;

use super::capabilities::demand;
use super::content::{Content, NoteSection, section_faults};
use super::model::{NewSessionNote, NoteAction, NoteStatus, SessionNote, SessionNotePatch};
use super::store::{Row, demand_clinician, find_row, insert, open, save, seal, show};
use super::{prefill, quotes, templates};
use crate::auth::{Actor, Tx};
use crate::clinicians;
use crate::couples::members::store as members;
use crate::db::id::{
    AppId, ClientId, ClinicianId, CoupleId, SessionId, SessionNoteId, TreatmentId,
};
use crate::db::schema::{care_team_members, treatments as treatment_rows};
use crate::error::{Error, Fault, Result};
use crate::http::etag::IfMatch;
use crate::http::patch::set;
use crate::sessions;
use crate::treatments;

/// Where a note belongs: its treatment, and whose record it is of.
pub(super) struct Place {
    treatment: TreatmentId,
    session: Option<SessionId>,
    pub(super) couple: Option<CoupleId>,
    pub(super) client: Option<ClientId>,
    /// The couple in treatment, whosever record the note is of.
    pub(super) of_couple: Option<CoupleId>,
}

/// Begins a draft.
///
/// # Errors
/// 403 for who is no clinician, 409 where there is one, 422 with every faulty field.
pub fn create(tx: &mut Tx<'_>, new: NewSessionNote) -> Result<SessionNote> {
    let (author, app) = author(tx, &new)?;
    let place = place(tx, &new)?;
    let mut faults = team_fault(tx, &place, author, app)?;
    let mut content = Content {
        sections: new.sections.into_iter().map(NoteSection::from).collect(),
        quotes: new.quotes,
        homework: Vec::new(),
        risk_reviewed: new.risk_reviewed,
    };
    if let Some(template) = new.template_id {
        match templates::sections_of(tx, template)? {
            Some((format, sections)) if format == new.format => {
                templates::fill(&mut content, sections);
            }
            Some(_) => {
                let detail = "Is a template of another format.";
                faults.push(Fault::body("/template_id", "mismatch", detail));
            }
            None => faults.push(Fault::unknown_id("/template_id")),
        }
    }
    if new.prefill_homework && place.couple.is_none() {
        let detail = "Homework of the couple is for a note of its record.";
        faults.push(Fault::body("/prefill_homework", "not_of_record", detail));
    }
    faults.extend(section_faults(&content.sections, new.format, place.couple.is_some()));
    faults.extend(quotes::faults(tx, &content.quotes, &place)?);
    Error::unless_valid(faults)?;
    if let (true, Some(couple)) = (new.prefill_homework, place.couple) {
        content.homework = prefill::homework(tx, couple, place.session)?;
    }
    let id: SessionNoteId = tx.new_id();
    let row = Row {
        practice_id: tx.practice(),
        id,
        treatment_id: place.treatment,
        session_id: place.session,
        couple_id: place.couple,
        client_id: place.client,
        author_id: author,
        app_id: app,
        format: new.format,
        status: NoteStatus::Draft,
        draft_no: 1,
        content: seal(tx, id, &content)?,
        content_hash: None,
        signed_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    insert(tx, row)
}

/// Changes a draft: what an editor calls every few seconds.
///
/// # Errors
/// 403 for who does not write it, 404, 409 for what is no draft, 412 when it has changed, 422.
pub fn update(
    tx: &mut Tx<'_>,
    id: SessionNoteId,
    patch: SessionNotePatch,
    if_match: &IfMatch,
) -> Result<SessionNote> {
    let mut row = find_row(tx, id)?;
    let current = show(tx, row.clone())?;
    if_match.check(&tx.tag(&current)?)?;
    demand(tx, &row, NoteAction::Update)?;
    let mut content = open(tx, &row)?;
    let mut changed = Vec::new();
    let mut note = |name, is_another| {
        if is_another {
            changed.push(name);
        }
    };
    let sections = patch.sections.map(|all| all.into_iter().map(NoteSection::from).collect());
    note("format", set(&mut row.format, patch.format));
    note("sections", set(&mut content.sections, sections));
    note("quotes", set(&mut content.quotes, patch.quotes));
    note("risk_reviewed", set(&mut content.risk_reviewed, patch.risk_reviewed));
    if changed.is_empty() {
        return Ok(current);
    }
    let place = place_of(tx, &row)?;
    let mut faults = section_faults(&content.sections, row.format, row.couple_id.is_some());
    if changed.contains(&"quotes") {
        faults.extend(quotes::faults(tx, &content.quotes, &place)?);
    }
    Error::unless_valid(faults)?;
    row.content = seal(tx, id, &content)?;
    save(tx, row, "updated", &changed)
}

/// Who is to write it: the calling clinician, or the one for whom an application pushes it in.
fn author(tx: &mut Tx<'_>, new: &NewSessionNote) -> Result<(ClinicianId, Option<AppId>)> {
    const AT: &str = "/author_id";
    if let Actor::Service { app } = tx.caller.actor() {
        let app = *app;
        return match new.author_id {
            None => {
                let detail = "Say for which clinician it is.";
                Err(Error::invalid(vec![Fault::body(AT, "required", detail)]))
            }
            Some(author) if clinicians::store::is_active(tx, author)? => Ok((author, Some(app))),
            Some(_) => Err(Error::invalid(vec![Fault::unknown_id(AT)])),
        };
    }
    let own = demand_clinician(tx)?;
    match new.author_id {
        Some(author) if author != own && !clinicians::store::is_active(tx, author)? => {
            Err(Error::invalid(vec![Fault::unknown_id(AT)]))
        }
        Some(author) if author != own => {
            let detail = "A clinician writes their own notes.";
            Err(Error::invalid(vec![Fault::body(AT, "not_permitted", detail)]))
        }
        _ => Ok((own, None)),
    }
}

/// Whoever writes is on the care team.
fn team_fault(
    tx: &mut Tx<'_>,
    place: &Place,
    author: ClinicianId,
    app: Option<AppId>,
) -> Result<Vec<Fault>> {
    let found: Option<ClinicianId> = care_team_members::table
        .filter(care_team_members::practice_id.eq(tx.practice()))
        .filter(care_team_members::treatment_id.eq(place.treatment))
        .filter(care_team_members::clinician_id.eq(author))
        .filter(care_team_members::to_on.is_null())
        .select(care_team_members::clinician_id)
        .first(tx.conn)
        .optional()?;
    if found.is_some() {
        return Ok(Vec::new());
    }
    let at = match (app, place.session) {
        (Some(_), _) => "/author_id",
        (None, Some(_)) => "/session_id",
        (None, None) => "/treatment_id",
    };
    let detail = "Whoever writes must be on the treatment's care team.";
    Ok(vec![Fault::body(at, "not_on_care_team", detail)])
}

/// Where a new note belongs.
fn place(tx: &mut Tx<'_>, new: &NewSessionNote) -> Result<Place> {
    let unknown = |at: &'static str| Error::invalid(vec![Fault::unknown_id(at)]);
    let session = match new.session_id {
        Some(id) => {
            let found = sessions::store::find_visible(tx, id)?;
            Some(found.ok_or_else(|| unknown("/session_id"))?)
        }
        None => None,
    };
    let treatment = match (&session, new.treatment_id) {
        (Some(session), Some(named)) if session.treatment_id != named => {
            treatment_record(tx, named)?.ok_or_else(|| unknown("/treatment_id"))?;
            let detail = "Is not the treatment of the session.";
            return Err(Error::invalid(vec![Fault::body("/treatment_id", "mismatch", detail)]));
        }
        (Some(session), _) => session.treatment_id,
        (None, Some(named)) => named,
        (None, None) => {
            let detail = "Name the session, or the treatment.";
            return Err(Error::invalid(vec![Fault::body("/session_id", "required", detail)]));
        }
    };
    let (couple, client) =
        treatment_record(tx, treatment)?.ok_or_else(|| unknown("/treatment_id"))?;
    let mut place = Place {
        treatment,
        session: session.as_ref().map(|session| session.id),
        couple,
        client,
        of_couple: couple,
    };
    if let Some(session) = &session {
        (place.couple, place.client) = (session.couple_id, session.client_id);
    }
    if let Some(own) = new.client_id {
        if !people(tx, &place)?.contains(&own) {
            return Err(unknown("/client_id"));
        }
        (place.couple, place.client) = (None, Some(own));
    }
    Ok(place)
}

/// In whose own record a note of this place may stand.
fn people(tx: &mut Tx<'_>, place: &Place) -> Result<Vec<ClientId>> {
    if let Some(session) = place.session {
        let parts = sessions::store::parts(tx, &[session])?.remove(&session).unwrap_or_default();
        return Ok(parts.into_iter().map(|part| part.client).collect());
    }
    Ok(match place.of_couple {
        Some(couple) => {
            members::present_members(tx, couple)?.into_iter().map(|(client, _)| client).collect()
        }
        None => Vec::from_iter(place.client),
    })
}

fn place_of(tx: &mut Tx<'_>, row: &Row) -> Result<Place> {
    let of_couple = treatment_rows::table
        .find((tx.practice(), row.treatment_id))
        .select(treatment_rows::couple_id)
        .first(tx.conn)?;
    Ok(Place {
        treatment: row.treatment_id,
        session: row.session_id,
        couple: row.couple_id,
        client: row.client_id,
        of_couple,
    })
}

type Record = (Option<CoupleId>, Option<ClientId>);

/// Whose treatment it is; none when the caller sees no such one.
fn treatment_record(tx: &mut Tx<'_>, id: TreatmentId) -> Result<Option<Record>> {
    Ok(treatments::store::visible(tx.caller)
        .filter(treatment_rows::id.eq(id))
        .select((treatment_rows::couple_id, treatment_rows::client_id))
        .first(tx.conn)
        .optional()?)
}
