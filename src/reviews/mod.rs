//! Reviews: what clinicians have looked at, and what they said of it.

pub mod model;
pub mod store;

use actix_web::{get, post};

use self::model::{NewReview, Review, ReviewFilter};
use crate::auth::Access;
use crate::auth::scopes::{HomeworkOwn, HomeworkRead, HomeworkReview};
use crate::db::id::ReviewId;
use crate::error::Result;
use crate::http::page::{Listing, Page, Paging};
use crate::http::{Answer, At, Body, Json, Routes};

/// Registers the routes and, with them, their documentation.
pub fn routes(config: &mut Routes<'_>) {
    config.service(list_reviews).service(create_review).service(get_review);
}

/// List reviews
///
/// Staff and services see those of the homework they see. Clients see those of the homework they take part in
/// and of their own submissions, never those of another's.
#[utoipa::path(
    tag = "reviews",
    params(ReviewFilter, Paging),
    responses((status = 200, description = "One page of reviews", body = Page<Review>)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/reviews")]
async fn list_reviews(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    listing: Listing<ReviewFilter>,
) -> Result<Json<Page<Review>>> {
    access.list(listing, store::list).await
}

/// Create a review
///
/// Marks a submission or a whole assignment as looked at, with a word if there is one. For clinicians.
#[utoipa::path(
    tag = "reviews",
    request_body = NewReview,
    responses((status = 201, description = "The review", body = Review)),
    security(("token" = ["homework:review"])),
)]
#[post("/v1/reviews")]
async fn create_review(access: Access<HomeworkReview>, body: Body<NewReview>) -> Result<Answer> {
    access.create(body, store::create).await
}

/// Get a review
///
/// For staff and services who see the homework, for its participants, and for the author of the submission.
#[utoipa::path(
    tag = "reviews",
    responses((status = 200, description = "The review", body = Review)),
    security(("token" = ["homework:read"]), ("token" = ["homework:own"])),
)]
#[get("/v1/reviews/{review_id}")]
async fn get_review(
    access: Access<(HomeworkRead, HomeworkOwn)>,
    At(id): At<ReviewId>,
) -> Result<Json<Review>> {
    access.read(move |tx| store::find(tx, id)).await
}
