//! What an activity definition is, as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::definition::lint::LintFinding;
use super::definition::{Capture, Category, Definition, Sensitivity, SubjectKind, Thread};
use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::ActivityDefinitionId;
use crate::db::types::words;
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;

words! {
    /// Whether a definition can be assigned.
    DefinitionStatus {
        /// It is being written, or waits to be turned on.
        Draft = "draft",
        /// It can be assigned. It never changes again.
        Active = "active",
        /// It can no longer be assigned; what was assigned goes on.
        Retired = "retired",
    }
}

words! {
    /// Who wrote a definition.
    DefinitionOrigin {
        /// It came with the service.
        BuiltIn = "built_in",
        /// The practice.
        Practice = "practice",
    }
}

/// A definition, whole.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ActivityDefinition {
    /// Id.
    pub id: ActivityDefinitionId,
    /// Who wrote it.
    pub origin: DefinitionOrigin,
    /// Whether it can be assigned.
    pub status: DefinitionStatus,
    /// What it is.
    pub definition: Definition,
    /// What is to be mended before it can be activated, and hints; empty when there is nothing.
    #[schema(max_items = 500)]
    pub findings: Vec<LintFinding>,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for ActivityDefinition {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/activity-definitions/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find_row(tx, ActivityDefinitionId::from_uuid(id)).map(drop)
    }
}

/// A definition in a list: what it is, without what it asks.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ActivityDefinitionSummary {
    /// Id.
    pub id: ActivityDefinitionId,
    /// Who wrote it.
    pub origin: DefinitionOrigin,
    /// Whether it can be assigned.
    pub status: DefinitionStatus,
    /// Its name, the same in every version.
    #[schema(max_length = 64, example = "daily_check_in")]
    pub key: String,
    /// Its version.
    #[schema(max_length = 17, example = "1.0.0")]
    pub version: String,
    /// Title.
    #[schema(max_length = 120)]
    pub title: String,
    /// What it is, in a sentence or two.
    #[schema(max_length = 600)]
    pub summary: Option<String>,
    /// The part of the method that it belongs to.
    pub category: Category,
    /// The threads of intimacy that it works on.
    #[schema(max_items = 6)]
    pub threads: Vec<Thread>,
    /// How carefully it has to be handled.
    pub sensitivity: Sensitivity,
    /// True when every participant must be an adult.
    pub adults_only: bool,
    /// Whom it is for.
    pub subject: SubjectKind,
    /// How answers come in.
    pub capture: Capture,
    /// When it was made.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl ActivityDefinitionSummary {
    /// Where this definition stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// Which definitions to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ActivityDefinitionFilter {
    /// Any of these statuses.
    #[param(style = Form, explode = false, max_items = 3)]
    pub status: Option<Vec<DefinitionStatus>>,
    /// Any of these parts of the method.
    #[param(style = Form, explode = false, max_items = 15)]
    pub category: Option<Vec<Category>>,
    /// Those that work on this thread.
    pub thread: Option<Thread>,
    /// Any of these sensitivities.
    #[param(style = Form, explode = false, max_items = 4)]
    pub sensitivity: Option<Vec<Sensitivity>>,
    /// Those for couples, for one client, or for either.
    pub subject: Option<SubjectKind>,
    /// Every version of this one.
    #[param(max_length = 64, pattern = "^[a-z][a-z0-9_]{1,63}$")]
    pub key: Option<String>,
    /// Who wrote them.
    pub origin: Option<DefinitionOrigin>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}
