//! Programmes: phases of exercises over weeks, which a clinician begins for a couple in one step.

mod begin;
mod bend;
mod course;
pub mod definition;
mod deviations;
mod homework;
mod lead;
pub mod model;
pub mod plan;
mod readiness;
pub mod requests;
pub mod show;
pub mod store;
mod transitions;
pub mod words;

use actix_web::{get, post};

use self::definition::{ProgramDefinition, built_in};
use self::model::{Program, ProgramDefinitionSummary, ProgramSummary};
use self::requests::{NewProgram, ProgramFilter};
use crate::auth::Access;
use crate::auth::scopes::{HomeworkAssign, HomeworkOwn, HomeworkRead};
use crate::db::id::ProgramId;
use crate::error::{Error, Result};
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

pub use self::transitions::MACHINE;

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_program_definitions)
        .service(get_program_definition)
        .service(list_programs)
        .service(create_program)
        .service(get_program)
        .configure(transitions::routes);
}

/// List program definitions
///
/// What can be begun, without its phases: a short list, which is one page. For staff and services.
#[utoipa::path(
    tag = "programs",
    responses((status = 200, description = "All of them", body = Page<ProgramDefinitionSummary>)),
    security(("token" = ["homework:read"])),
)]
#[get("/v1/program-definitions")]
async fn list_program_definitions(
    access: Access<HomeworkRead>,
) -> Result<Json<Page<ProgramDefinitionSummary>>> {
    let data = || built_in().iter().map(ProgramDefinitionSummary::from).collect();
    access.read(move |_| Ok(Page { data: data(), next_cursor: None })).await
}

/// Get a program definition
///
/// With its preconditions, phases, actions and variants. For staff and services.
#[utoipa::path(
    tag = "programs",
    params(("program_definition_key" = String, Path, min_length = 1, max_length = 64,
            description = "The definition's name")),
    responses((status = 200, description = "The definition", body = ProgramDefinition)),
    security(("token" = ["homework:read"])),
)]
#[get("/v1/program-definitions/{program_definition_key}")]
async fn get_program_definition(
    access: Access<HomeworkRead>,
    At(key): At<String>,
) -> Result<Json<ProgramDefinition>> {
    let found = move || built_in().iter().find(|one| one.key == key).cloned();
    access.read(move |_| found().ok_or_else(Error::not_found)).await
}

/// List programs
///
/// Staff and services see those of the couples and clients they see; participants their own and those of their
/// couples.
#[utoipa::path(
    tag = "programs",
    params(ProgramFilter, Paging),
    responses((status = 200, description = "One page of programs", body = Page<ProgramSummary>)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/programs")]
async fn list_programs(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    listing: Listing<ProgramFilter>,
) -> Result<Json<Page<ProgramSummary>>> {
    access.list(listing, store::list).await
}

/// Begin a program
///
/// For a couple or a client. The exercises of its first phase are assigned, all of them or none. Refused with
/// everything that is missing; a reason goes past what the service does not know of yet, and past nothing else. For
/// the clinicians who treat.
#[utoipa::path(
    tag = "programs",
    request_body = NewProgram,
    responses((status = 201, description = "The program", body = Program)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/programs")]
async fn create_program(access: Access<HomeworkAssign>, body: Body<NewProgram>) -> Result<Answer> {
    access.create(body, begin::create).await
}

/// Get a program
///
/// With its phases, their planned and actual days, its actions and where it departs from its plan. Participants
/// read the phases and the homework that they see. For staff and services who see its couple or client, and for
/// its participants.
#[utoipa::path(
    tag = "programs",
    responses((status = 200, description = "The program", body = Program)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/programs/{program_id}")]
async fn get_program(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    At(id): At<ProgramId>,
) -> Result<Json<Program>> {
    access.read(move |tx| show::find(tx, id)).await
}
