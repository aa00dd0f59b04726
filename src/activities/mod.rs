//! Activity definitions: the exercises of a practice, the built-in ones and those it wrote itself.

pub mod content;
pub mod definition;
pub mod model;
pub mod store;
mod transitions;

use actix_web::{get, post, put};

use self::definition::Definition;
use self::model::{ActivityDefinition, ActivityDefinitionFilter, ActivityDefinitionSummary};
use crate::auth::scopes::{HomeworkAssign, HomeworkRead};
use crate::auth::{Access, Tx};
use crate::db::id::ActivityDefinitionId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

pub use self::transitions::MACHINE;

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config
        .service(list_activity_definitions)
        .service(create_activity_definition)
        .service(get_activity_definition)
        .service(replace_activity_definition)
        .configure(transitions::routes);
}

/// List activity definitions
///
/// What they are, without what they ask. For staff and services.
#[utoipa::path(
    tag = "activity definitions",
    params(ActivityDefinitionFilter, Paging),
    responses((status = 200, description = "One page of definitions",
               body = Page<ActivityDefinitionSummary>)),
    security(("token" = ["homework:read"])),
)]
#[get("/v1/activity-definitions")]
async fn list_activity_definitions(
    access: Access<HomeworkRead>,
    listing: Listing<ActivityDefinitionFilter>,
) -> Result<Json<Page<ActivityDefinitionSummary>>> {
    access.list(listing, store::list).await
}

/// Write an activity definition
///
/// A draft of the practice's own. `findings` says at once everything that has to be mended before it
/// can be activated. For clinicians, and services that the practice allows.
#[utoipa::path(
    tag = "activity definitions",
    request_body = Definition,
    responses((status = 201, description = "The draft", body = ActivityDefinition)),
    security(("token" = ["homework:assign"])),
)]
#[post("/v1/activity-definitions")]
async fn create_activity_definition(
    access: Access<HomeworkAssign>,
    body: Body<Definition>,
) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get an activity definition
///
/// With everything that it asks, and what is to be mended in it. For staff and services.
#[utoipa::path(
    tag = "activity definitions",
    responses((status = 200, description = "The definition", body = ActivityDefinition)),
    security(("token" = ["homework:read"])),
)]
#[get("/v1/activity-definitions/{activity_definition_id}")]
async fn get_activity_definition(
    access: Access<HomeworkRead>,
    At(id): At<ActivityDefinitionId>,
) -> Result<Json<ActivityDefinition>> {
    access.read(move |tx| store::find(tx, id)).await
}

/// Replace a draft
///
/// As a whole. A definition that was active once is never changed: write its next version instead. For
/// clinicians, and services that the practice allows.
#[utoipa::path(
    tag = "activity definitions",
    request_body = Definition,
    responses((status = 200, description = "The draft as it is now", body = ActivityDefinition)),
    security(("token" = ["homework:assign"])),
)]
#[put("/v1/activity-definitions/{activity_definition_id}")]
async fn replace_activity_definition(
    access: Access<HomeworkAssign>,
    At(id): At<ActivityDefinitionId>,
    body: Body<Definition>,
) -> Result<Answer> {
    let current = move |tx: &mut Tx<'_>| store::find(tx, id).map(Some);
    access.put(body, current, move |tx, definition| store::replace(tx, id, definition)).await
}
