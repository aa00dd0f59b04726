//! What a review is, as sent and as shown.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Tx;
use crate::db::Instant;
use crate::db::id::{AssignmentId, ClinicianId, ReviewId, SubmissionId};
use crate::error::Result;
use crate::http::Resource;
use crate::http::page::Position;

/// A clinician has looked at something, and may have said a word of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Review {
    /// Id.
    pub id: ReviewId,
    /// The assignment.
    pub assignment_id: AssignmentId,
    /// The submission, to its author under their device's id; null for a review of the whole assignment.
    pub submission_id: Option<SubmissionId>,
    /// The clinician; null for clients.
    pub clinician_id: Option<ClinicianId>,
    /// A word: to the author of the submission, or to everybody who takes part in the assignment. Null for
    /// administrators and services, who treat nobody.
    #[schema(max_length = 1000)]
    pub comment: Option<String>,
    /// When.
    pub created_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

impl Resource for Review {
    fn id(&self) -> Uuid {
        self.id.uuid()
    }

    fn path(&self) -> String {
        format!("/v1/reviews/{}", self.id)
    }

    fn check_visible(tx: &mut Tx<'_>, id: Uuid) -> Result<()> {
        super::store::find(tx, ReviewId::from_uuid(id)).map(drop)
    }
}

impl Review {
    /// Where this review stands in a list.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { at: self.updated_at, id: self.id.uuid() }
    }
}

/// What a clinician has looked at.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewReview {
    /// The assignment as a whole.
    pub assignment_id: Option<AssignmentId>,
    /// One submission. Exactly one of the two is given.
    pub submission_id: Option<SubmissionId>,
    /// A word: to the author of the submission, or to everybody who takes part in the assignment.
    #[schema(min_length = 1, max_length = 1000)]
    pub comment: Option<String>,
}

/// Which reviews to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ReviewFilter {
    /// Those of this assignment and of the submissions to it.
    pub assignment_id: Option<AssignmentId>,
    /// Changed at this instant or later.
    pub updated_since: Option<Instant>,
}
