//! The status of a summary (`domain` 5.3).

use actix_web::post;

use super::model::{PublishSummary, SessionSummary, SummaryStatus};
use super::store::{find_row, publish, save};
use crate::auth::scopes::NotesWrite;
use crate::auth::{Access, Tx};
use crate::db::id::SessionSummaryId;
use crate::error::Result;
use crate::http::action::action;
use crate::http::{Answer, At, Body, Routes};
use crate::state::{Machine, Status, Transition};

use SummaryStatus::{Draft, Published, Withdrawn};

impl Status for SummaryStatus {
    fn word(self) -> &'static str {
        self.as_str()
    }
}

/// The machine of a summary's status.
pub const MACHINE: Machine<SummaryStatus> = Machine(&[
    Transition { name: "publish", from: &[Draft, Withdrawn], to: Published },
    Transition { name: "withdraw", from: &[Published], to: Withdrawn },
]);

pub(super) fn routes(config: &mut Routes<'_>) {
    config.service(publish_session_summary).service(withdraw_session_summary);
}

/// Publish a session summary
///
/// Those for whom it is read it from now on. For clinicians who treat and their supervisors.
#[utoipa::path(
    tag = "session summaries",
    request_body = PublishSummary,
    responses((status = 200, description = "As it is now", body = SessionSummary)),
    security(("token" = ["notes:write"])),
)]
#[post("/v1/session-summaries/{session_summary_id}/publish")]
async fn publish_session_summary(
    access: Access<NotesWrite>,
    At(id): At<SessionSummaryId>,
    body: Body<PublishSummary>,
) -> Result<Answer> {
    access.act_with(body, move |tx, body| publish(tx, id, body)).await
}

action! {
    /// Withdraw a session summary
    ///
    /// Those for whom it was read it no more. For clinicians who treat and their supervisors.
    withdraw_session_summary "/v1/session-summaries/{session_summary_id}/withdraw", tag "session summaries",
    scope "notes:write" NotesWrite, SessionSummaryId => SessionSummary, withdraw
}

fn withdraw(tx: &mut Tx<'_>, id: SessionSummaryId) -> Result<SessionSummary> {
    let mut row = find_row(tx, id)?;
    row.status = MACHINE.step(row.status, "withdraw")?;
    save(tx, row, "withdrawn", &["status"])
}
