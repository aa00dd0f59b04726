//! The form of an assignment: what an app shows, the schema of its answers, and who will read each.

use std::collections::BTreeMap;

use actix_web::get;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::notice::{self, Notice};
use super::store::{Row, find_row};
use crate::activities;
use crate::activities::definition::{Capture, Definition, Instruction, Item, Sensitivity, answers};
use crate::auth::scopes::{HomeworkOwn, HomeworkRead};
use crate::auth::{Access, Tx};
use crate::couples::secrets_policy::Policy;
use crate::db::id::AssignmentId;
use crate::error::{Error, Result};
use crate::http::{At, Json, Routes};

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(get_assignment_form);
}

/// What an app needs to ask, in the version and with the parameters that were assigned. What the
/// exercise sets off, and when it may be done, is not among it: that is the practice's side.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AssignmentForm {
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The version of the exercise.
    #[schema(max_length = 17, example = "1.0.0")]
    pub version: String,
    /// Title.
    #[schema(max_length = 120)]
    pub title: String,
    /// What it is, in a sentence or two.
    #[schema(max_length = 600)]
    pub summary: Option<String>,
    /// How carefully it has to be handled.
    pub sensitivity: Sensitivity,
    /// How answers come in.
    pub capture: Capture,
    /// Words for the participants.
    #[schema(max_items = 20)]
    pub instructions: Vec<Instruction>,
    /// What is asked, in order.
    #[schema(max_items = 80)]
    pub items: Vec<Item>,
    /// The JSON Schema (2020-12) of the answers, one member for each question.
    #[schema(value_type = Object)]
    pub answers_schema: Value,
    /// The same for each role, of an exercise with roles; empty where there are none.
    #[schema(value_type = std::collections::BTreeMap<String, Object>)]
    pub role_schemas: BTreeMap<String, Value>,
    /// Who will read each answer. An app shows the sentence beside the question.
    #[schema(max_items = 80)]
    pub notices: Vec<Notice>,
}

/// Get the form of an assignment
///
/// What to ask, how to check it, and who will read each answer in one plain sentence. For staff and
/// services who see its couple or client, and for its participants.
#[utoipa::path(
    tag = "assignments",
    responses((status = 200, description = "The form", body = AssignmentForm)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/assignments/{assignment_id}/form")]
async fn get_assignment_form(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    At(id): At<AssignmentId>,
) -> Result<Json<AssignmentForm>> {
    access.read(move |tx| find(tx, id)).await
}

fn find(tx: &mut Tx<'_>, id: AssignmentId) -> Result<AssignmentForm> {
    let row = find_row(tx, id)?;
    let definition = activities::store::assigned(tx, row.activity_definition_id)?;
    let definition = with_parameters(&definition, &row)?;
    let policies = notice::policies(tx, &row)?;
    Ok(form(&row, definition, &policies))
}

/// The form of an assignment whose exercise has its parameters, under these policies.
pub(crate) fn form(row: &Row, definition: Definition, policies: &[Policy]) -> AssignmentForm {
    AssignmentForm {
        assignment_id: row.id,
        notices: notice::of_questions(row.couple_id.is_some(), &definition, policies),
        answers_schema: answers::schema(&definition, None, false),
        role_schemas: definition
            .participation
            .roles
            .iter()
            .map(|role| (role.clone(), answers::schema(&definition, Some(role), false)))
            .collect(),
        version: definition.version,
        title: definition.title,
        summary: definition.summary,
        sensitivity: definition.sensitivity,
        capture: definition.capture,
        instructions: definition.instructions,
        items: definition.items,
    }
}

/// An exercise as it was assigned.
pub(crate) fn with_parameters(definition: &Definition, row: &Row) -> Result<Definition> {
    definition
        .with_parameters(&row.parameters.0, "/parameters")
        .map_err(|_| Error::internal("stored parameters no longer fit their definition"))
}
