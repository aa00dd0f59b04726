//! Budgets of requests: each caller is told of their own, and nobody of what others do.

use std::num::NonZeroU32;

use attune::auth::limits::Rates;
use attune::clock::Clock;
use serde_json::json;

use crate::support::app::NOW;
use crate::support::database::{TestDatabase, parts};
use crate::support::{Answer, TestApp};

async fn with_rates(credential: u32, practice: u32) -> TestApp {
    let (database, clock) = (TestDatabase::with_story(), Clock::manual(NOW));
    let mut parts = parts(&database.url, clock.clone());
    parts.rates =
        Rates { credential: NonZeroU32::new(credential), practice: NonZeroU32::new(practice) };
    TestApp::assemble(database, clock, parts).await
}

fn budget(answer: &Answer) -> (String, String) {
    (answer.header("ratelimit-policy"), answer.header("ratelimit"))
}

#[actix_web::test]
async fn a_budget_is_used_up_shown_and_filled_again() {
    let app = with_rates(6, 0).await;
    let b = app.caller("partner_b");
    for left in (0..6).rev() {
        let answer = b.get("/v1/me").await.expect(200);
        let state = format!("\"credential\";r={left};t={}", (6 - left) * 10);
        assert_eq!(budget(&answer), ("\"credential\";q=6;w=60".to_owned(), state));
    }
    let refused = b.get("/v1/me").await.expect(429);
    assert_eq!(refused.text("/code"), "rate_limited");
    assert_eq!(refused.header("retry-after"), "10");
    assert_eq!(budget(&refused).1, "\"credential\";r=0;t=60");
    app.clock.advance_seconds(9);
    assert_eq!(b.get("/v1/me").await.expect(429).header("retry-after"), "1");
    app.clock.advance_seconds(1);
    b.get("/v1/me").await.expect(200);
    b.get("/v1/me").await.expect(429);
    app.clock.advance_seconds(60);
    assert_eq!(budget(&b.get("/v1/me").await.expect(200)).1, "\"credential\";r=5;t=10");
}

/// A new token of the same person and app has no new budget, and those of others are theirs.
#[actix_web::test]
async fn a_budget_belongs_to_a_person_with_an_app_and_to_no_token() {
    let app = with_rates(3, 0).await;
    for _ in 0..3 {
        app.caller("partner_a").get("/v1/me").await.expect(200);
    }
    let other = app.mint("partner_a", None);
    app.bearer(&other).get("/v1/me").await.expect(429);
    assert_eq!(
        budget(&app.caller("partner_b").get("/v1/me").await.expect(200)).1,
        "\"credential\";r=2;t=20"
    );
    let stranger = app.anybody().get("/v1/me").await.expect(401);
    assert_eq!(budget(&stranger), (String::new(), String::new()), "who has no token has no budget");
}

#[actix_web::test]
async fn a_request_too_many_does_nothing() {
    let app = with_rates(2, 0).await;
    let morgan = app.caller("clinician");
    morgan.make_client("First").await;
    morgan.get("/v1/clients?name=second").await.expect(200);
    morgan.post("/v1/clients", json!({ "given_name": "Second" })).await.expect(429);
    app.clock.advance_seconds(60);
    assert!(morgan.get("/v1/clients?name=second").await.expect(200).ids().is_empty());
}

/// The practice's budget is everybody's doing: it is refused by, and never shown.
#[actix_web::test]
async fn of_the_practices_budget_nobody_is_told_what_is_left() {
    let app = with_rates(50, 20).await;
    let b = app.caller("partner_b");
    let before = budget(&b.get("/v1/me").await.expect(200));
    for _ in 0..19 {
        app.caller("clinician").get("/v1/me").await.expect(200);
    }
    let refused = b.get("/v1/me").await.expect(429);
    assert_eq!(before.1, "\"credential\";r=49;t=2");
    assert_eq!(budget(&refused).1, "\"credential\";r=48;t=3", "B's own, whatever others sent");
    assert_eq!(
        (refused.text("/code"), refused.header("retry-after")),
        ("rate_limited".into(), "3".into())
    );
    app.caller("other_practice_client").get("/v1/me").await.expect(200);
}

#[actix_web::test]
async fn without_limits_there_are_no_headers() {
    let app = with_rates(0, 0).await;
    let answer = app.caller("partner_b").get("/v1/me").await.expect(200);
    assert_eq!(budget(&answer), (String::new(), String::new()));
}
