//! Templates: skeletons of notes, of the practice or of one clinician.

use actix_web::{get, patch, post};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::content::{Content, NewNoteSection, NoteFormat, NoteSection, section_faults};
use crate::audit::{Change, Subject, record_in_private};
use crate::auth::scopes::{NotesRead, NotesWrite};
use crate::auth::{Access, Actor, Caller, Tx};
use crate::db::id::{ClinicianId, NoteTemplateId, PracticeId};
use crate::db::schema::note_templates as templates;
use crate::db::{Instant, MultiBackend};
use crate::error::{Code, DbResultExt, Error, Result};
use crate::http::action::action;
use crate::http::etag::IfMatch;
use crate::http::page::{Listing, Page, Paging, Position, Window, windowed};
use crate::http::patch::set;
use crate::http::{Answer, At, Body, Json, Resource, Routes};
use crate::seal::{Column, Compartment, Sealed, SealedJson};

const BODY: Column =
    Column { table: "note_templates", name: "body", compartment: Compartment::Clinical };

pub(super) fn routes(config: &mut Routes<'_>) {
    config
        .service(list_note_templates)
        .service(create_note_template)
        .service(get_note_template)
        .service(update_note_template)
        .service(archive_note_template);
}

/// A skeleton of notes.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NoteTemplate {
    /// Id.
    pub id: NoteTemplateId,
    /// Whose it is; null when it is the practice's.
    pub clinician_id: Option<ClinicianId>,
    /// The name it goes by.
    #[schema(max_length = 120, example = "First sessions")]
    pub name: String,
    /// The form of the notes.
    pub format: NoteFormat,
    /// What stands in a new note.
    #[schema(max_items = 14)]
    pub sections: Vec<NoteSection>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A new template.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewNoteTemplate {
    /// The name it goes by.
    #[schema(min_length = 1, max_length = 120)]
    pub name: String,
    /// The form of the notes.
    pub format: NoteFormat,
    /// What stands in a new note.
    #[schema(max_items = 14)]
    pub sections: Vec<NewNoteSection>,
    /// True for one that all clinicians of the practice use; for practice administrators.
    #[serde(default)]
    pub of_practice: bool,
}

/// What may be changed of a template. Absent members stay as they are.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NoteTemplatePatch {
    /// The name it goes by.
    #[schema(nullable = false, min_length = 1, max_length = 120)]
    pub name: Option<String>,
    /// What stands in a new note, all of it.
    #[schema(nullable = false, max_items = 14)]
    pub sections: Option<Vec<NewNoteSection>>,
}

/// Which templates to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct NoteTemplateFilter {
    /// Those of this format.
    pub format: Option<NoteFormat>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Skeleton {
    name: String,
    sections: Vec<NoteSection>,
}

impl Resource for NoteTemplate {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/note-templates/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        find_row(tx, NoteTemplateId::from_uuid(id)).map(drop)
    }
}

/// List note templates
///
/// Those of the practice and the caller's own. For staff and services.
#[utoipa::path(
    tag = "session notes",
    params(NoteTemplateFilter, Paging),
    responses((status = 200, description = "One page of templates", body = Page<NoteTemplate>)),
    security(("token" = ["notes:read"])),
)]
#[get("/v1/note-templates")]
async fn list_note_templates(
    access: Access<NotesRead>,
    listing: Listing<NoteTemplateFilter>,
) -> Result<Json<Page<NoteTemplate>>> {
    access.list(listing, list).await
}

/// Create a note template
///
/// A clinician makes their own, a practice administrator those of the practice.
#[utoipa::path(
    tag = "session notes",
    request_body = NewNoteTemplate,
    responses((status = 201, description = "The new template", body = NoteTemplate)),
    security(("token" = ["notes:write"])),
)]
#[post("/v1/note-templates")]
async fn create_note_template(
    access: Access<NotesWrite>,
    body: Body<NewNoteTemplate>,
) -> Result<Answer> {
    access.create(body, create).await
}

/// Get a note template
///
/// For staff and services who see it.
#[utoipa::path(
    tag = "session notes",
    responses((status = 200, description = "The template", body = NoteTemplate)),
    security(("token" = ["notes:read"])),
)]
#[get("/v1/note-templates/{note_template_id}")]
async fn get_note_template(
    access: Access<NotesRead>,
    At(id): At<NoteTemplateId>,
) -> Result<Json<NoteTemplate>> {
    access.read(move |tx| find(tx, id)).await
}

/// Update a note template
///
/// Notes that were begun with it stay as they are. For whoever made it: the clinician, or practice
/// administrators.
#[utoipa::path(
    tag = "session notes",
    request_body(content = NoteTemplatePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The template as it is now", body = NoteTemplate)),
    security(("token" = ["notes:write"])),
)]
#[patch("/v1/note-templates/{note_template_id}")]
async fn update_note_template(
    access: Access<NotesWrite>,
    At(id): At<NoteTemplateId>,
    body: Body<NoteTemplatePatch>,
) -> Result<Answer> {
    access.patch(body, move |tx, patch, if_match| update(tx, id, patch, if_match)).await
}

action! {
    /// Archive a note template
    ///
    /// It is in no list any more. For whoever made it: the clinician, or practice administrators.
    archive_note_template "/v1/note-templates/{note_template_id}/archive", tag "session notes",
    scope "notes:write" NotesWrite, NoteTemplateId => NoteTemplate, archive
}

#[derive(Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = templates, primary_key(practice_id, id), treat_none_as_null = true)]
struct Row {
    practice_id: PracticeId,
    id: NoteTemplateId,
    clinician_id: Option<ClinicianId>,
    format: NoteFormat,
    body: Sealed<SealedJson<Skeleton>>,
    archived_at: Option<Instant>,
    version: i32,
    created_at: Instant,
    updated_at: Instant,
}

/// The templates that a caller may see: those of the practice, and their own.
fn visible(caller: &Caller) -> templates::BoxedQuery<'static, MultiBackend> {
    let query = templates::table
        .filter(templates::practice_id.eq(caller.practice()))
        .filter(templates::archived_at.is_null())
        .into_boxed();
    match caller.clinician() {
        Some(own) => query.filter(
            templates::clinician_id
                .is_null()
                .nullable()
                .or(templates::clinician_id.eq(own))
                .assume_not_null(),
        ),
        None => query.filter(templates::clinician_id.is_null()),
    }
}

fn find_row(tx: &mut Tx<'_>, id: NoteTemplateId) -> Result<Row> {
    visible(tx.caller)
        .filter(templates::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .or_not_found()
}

fn find(tx: &mut Tx<'_>, id: NoteTemplateId) -> Result<NoteTemplate> {
    let row = find_row(tx, id)?;
    show(tx, row)
}

fn list(
    tx: &mut Tx<'_>,
    filter: NoteTemplateFilter,
    window: Window,
) -> Result<Vec<(Position, NoteTemplate)>> {
    let mut query = visible(tx.caller);
    if let Some(format) = filter.format {
        query = query.filter(templates::format.eq(format));
    }
    if let Some(since) = filter.updated_since {
        query = query.filter(templates::updated_at.ge(since));
    }
    let rows: Vec<Row> =
        windowed!(query, templates, window).select(Row::as_select()).load(tx.conn)?;
    let shown = rows.into_iter().map(|row| {
        let position = Position { at: row.updated_at, id: row.id.uuid() };
        show(tx, row).map(|template| (position, template))
    });
    shown.collect()
}

fn create(tx: &mut Tx<'_>, new: NewNoteTemplate) -> Result<NoteTemplate> {
    let owner = if new.of_practice { None } else { tx.caller.clinician() };
    demand_owner(tx, owner)?;
    let sections: Vec<NoteSection> = new.sections.into_iter().map(NoteSection::from).collect();
    Error::unless_valid(section_faults(&sections, new.format, true))?;
    let id: NoteTemplateId = tx.new_id();
    let body = SealedJson(Skeleton { name: new.name, sections });
    let row = Row {
        practice_id: tx.practice(),
        id,
        clinician_id: owner,
        format: new.format,
        body: tx.keys.seal(&BODY, id.uuid(), &body)?,
        archived_at: None,
        version: 1,
        created_at: tx.now,
        updated_at: tx.now,
    };
    diesel::insert_into(templates::table).values(row).execute(tx.conn)?;
    record_in_private(tx, &Change::of(Subject::NoteTemplate(id), "created"))?;
    find(tx, id)
}

fn update(
    tx: &mut Tx<'_>,
    id: NoteTemplateId,
    patch: NoteTemplatePatch,
    if_match: &IfMatch,
) -> Result<NoteTemplate> {
    let current = find(tx, id)?;
    if_match.check(&tx.tag(&current)?)?;
    let mut row = find_row(tx, id)?;
    demand_owner(tx, row.clinician_id)?;
    let mut body = tx.keys.open(&BODY, id.uuid(), &row.body)?.0;
    let sections = patch.sections.map(|all| all.into_iter().map(NoteSection::from).collect());
    let renamed = set(&mut body.name, patch.name);
    if !(set(&mut body.sections, sections) || renamed) {
        return Ok(current);
    }
    Error::unless_valid(section_faults(&body.sections, row.format, true))?;
    row.body = tx.keys.seal(&BODY, id.uuid(), &SealedJson(body))?;
    save(tx, &mut row, "updated")?;
    find(tx, id)
}

fn archive(tx: &mut Tx<'_>, id: NoteTemplateId) -> Result<NoteTemplate> {
    let mut row = find_row(tx, id)?;
    demand_owner(tx, row.clinician_id)?;
    row.archived_at = Some(tx.now);
    save(tx, &mut row, "archived")?;
    show(tx, row)
}

fn save(tx: &mut Tx<'_>, row: &mut Row, verb: &'static str) -> Result<()> {
    row.version += 1;
    row.updated_at = tx.now;
    diesel::update(templates::table.find((tx.practice(), row.id))).set(&*row).execute(tx.conn)?;
    record_in_private(tx, &Change::of(Subject::NoteTemplate(row.id), verb))
}

/// A clinician's own template is theirs, one of the practice its administrators'.
fn demand_owner(tx: &Tx<'_>, owner: Option<ClinicianId>) -> Result<()> {
    let administers =
        matches!(tx.caller.actor(), Actor::Staff { admin: true, .. } | Actor::Operator);
    if owner.map_or(administers, |owner| tx.caller.clinician() == Some(owner)) {
        return Ok(());
    }
    let detail =
        "Practice administrators keep the templates of the practice, clinicians their own.";
    Err(Error::new(Code::OwnerOnly, detail))
}

/// The sections of a template that the caller sees.
pub(super) fn sections_of(
    tx: &mut Tx<'_>,
    id: NoteTemplateId,
) -> Result<Option<(NoteFormat, Vec<NoteSection>)>> {
    let row: Option<Row> = visible(tx.caller)
        .filter(templates::id.eq(id))
        .select(Row::as_select())
        .first(tx.conn)
        .optional()?;
    let Some(row) = row else { return Ok(None) };
    let body = tx.keys.open(&BODY, id.uuid(), &row.body)?.0;
    Ok(Some((row.format, body.sections)))
}

/// Adds the sections of a template that the note has none of its own of.
pub(super) fn fill(content: &mut Content, sections: Vec<NoteSection>) {
    for section in sections {
        if !content.sections.iter().any(|own| own.name == section.name) {
            content.sections.push(section);
        }
    }
}

fn show(tx: &Tx<'_>, row: Row) -> Result<NoteTemplate> {
    let body = tx.keys.open(&BODY, row.id.uuid(), &row.body)?.0;
    Ok(NoteTemplate {
        id: row.id,
        clinician_id: row.clinician_id,
        name: body.name,
        format: row.format,
        sections: body.sections,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
