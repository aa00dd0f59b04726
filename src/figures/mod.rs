//! How homework goes, in numbers and pictures (`domain` 2.10).
//!
//! Most of it is pure functions: what is known goes in, figures come out. They ask neither the database nor the
//! clock nor who is reading. `store.rs` loads what a reader may know, passes that and no more, and says for whom a
//! figure is made ([`Reader`]); `made.rs` says what became of each occurrence, `report.rs` puts figures together, and
//! `pictures.rs` makes pictures of them.
//!
//! - [`occurrence`]: what is known of an occurrence, and what became of it.
//! - [`adherence`]: how many of those that were due were done, of exercises with occurrences: also of so many times a
//!   week on whichever days, and of fewer than all.
//! - [`targets`]: the same of targets by the day or week.
//! - [`figure`]: the figure itself, its percentage and its words.
//! - [`trend`]: weekly means and sums, and how the last two weeks compare with the first two.
//! - [`weeks`]: which week a day belongs to.
//! - [`plot`]: the same as SVG.
//!
//! A figure counts and does not judge: no streak, no ranking, no comparison with other couples.

pub mod adherence;
pub mod figure;
mod made;
pub mod model;
pub mod occurrence;
pub(crate) mod pictures;
pub mod plot;
pub(crate) mod report;
pub(crate) mod span;
pub(crate) mod store;
pub mod targets;
pub mod trend;
pub mod weeks;

#[cfg(test)]
mod tests;

use actix_web::get;

pub use self::adherence::Rule;
pub use self::figure::{Figure, Figures, PersonFigure};
use self::model::{FiguresFilter, FiguresReport, Plot, PlotFilter};
pub use self::occurrence::{Occurrence, Outcome, Reader, Sent, State};
use crate::auth::Access;
use crate::auth::scopes::HomeworkRead;
use crate::error::Result;
use crate::http::{Json, Params, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(get_figures).service(get_plot);
}

/// Get figures
///
/// How the homework of a couple, of a client, or one assignment went over some days: what was due and done, by all
/// and by each, and how moods and kindnesses went over the weeks. For staff and services who see them; what was
/// answered is for clinicians who treat.
#[utoipa::path(
    tag = "figures",
    params(FiguresFilter),
    responses((status = 200, description = "The figures", body = FiguresReport)),
    security(("token" = ["homework:read"])),
)]
#[get("/v1/figures")]
async fn get_figures(
    access: Access<HomeworkRead>,
    filter: Params<FiguresFilter>,
) -> Result<Json<FiguresReport>> {
    access.read(move |tx| report::find(tx, &filter.0)).await
}

/// Get a plot
///
/// A picture of figures, with the same in words. For staff and services who see them; what was answered is for
/// clinicians who treat.
#[utoipa::path(
    tag = "figures",
    params(PlotFilter),
    responses((status = 200, description = "The picture", body = Plot)),
    security(("token" = ["homework:read"])),
)]
#[get("/v1/figures/plot")]
async fn get_plot(access: Access<HomeworkRead>, filter: Params<PlotFilter>) -> Result<Json<Plot>> {
    access.read(move |tx| pictures::plot(tx, &filter.0)).await
}
