//! Two who submit at the same moment: one reveal, never one-sided.

use std::collections::BTreeMap;

use attune::db::Instant;
use attune::db::id::{AssignmentId, ClientId};
use attune::db::schema::{events, submissions};
use diesel::prelude::*;
use serde_json::json;

use super::{goals, place, submitted};
use crate::support::database::on_postgres;
use crate::support::{Caller, TestApp};

async fn others(caller: &Caller<'_>, homework: &str) -> usize {
    super::shared(caller, homework).await.len()
}

/// In how many assignments each author's submission was the first to be kept since this moment: by the events,
/// which are in the order of commit.
fn who_came_first(app: &TestApp, since: Instant) -> BTreeMap<String, usize> {
    let kept: Vec<(AssignmentId, ClientId)> = events::table
        .inner_join(submissions::table.on(submissions::id.eq(events::resource_id)))
        .filter(events::kind.eq("submission.submitted"))
        .filter(events::at.ge(since))
        .order(events::seq)
        .select((submissions::assignment_id, submissions::author_id))
        .load(&mut app.database.open())
        .unwrap();
    let mut first = BTreeMap::new();
    for (assignment, author) in kept {
        first.entry(assignment.to_string()).or_insert_with(|| author.to_string());
    }
    let mut times = BTreeMap::new();
    first.into_values().for_each(|author| *times.entry(author).or_default() += 1);
    times
}

/// In each round both submit at once, with a look of each between, in every order that the executor's threads
/// make of it. Whoever sees the other's answer has given their own, and then both see.
#[actix_web::test]
async fn a_thousand_meetings_of_two_submissions_are_never_one_sided() {
    let app = TestApp::start().await;
    let rounds: u128 = if on_postgres() { 200 } else { 1_000 };
    let admin = app.caller("practice_admin");
    let most = json!({ "settings": { "max_active_couple_assignments": 50 } });
    admin.patch("/v1/practice", most).await.expect(200);
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let found = morgan.get("/v1/activity-definitions?key=goal_statements").await.text("/data/0/id");
    let (mut early, mut first, since) = (0, [0, 0], app.clock.now());
    for round in 0..rounds {
        let new = json!({ "activity_definition_id": found, "couple_id": app.id("couple") });
        let homework = morgan.post("/v1/assignments", new).await.expect(201).text("/id");
        let (to_a, to_b) = (place(&homework, round), place(&homework, round));
        let mine = async |caller: &Caller<'_>, path: &str, word: &str, head_start: bool| {
            let before = if head_start { others(caller, &homework).await } else { 0 };
            let receipt = caller.put(path, submitted(goals(word))).await.expect(201);
            (before, others(caller, &homework).await, receipt)
        };
        let (of_a, of_b) = tokio::join!(
            mine(&a, &to_a, "money", round % 3 == 0),
            mine(&b, &to_b, "time", round % 3 == 1),
        );
        assert_eq!((of_a.0, of_b.0), (0, 0), "somebody read before they had answered");
        match (of_a.1, of_b.1) {
            (1, 1) => early += 1,
            (0, 1) => first[0] += 1,
            (1, 0) => first[1] += 1,
            other => panic!("round {round}: {other:?}, nobody's answer completed the two"),
        }
        let (seen_by_a, seen_by_b) =
            (super::shared(&a, &homework).await, super::shared(&b, &homework).await);
        assert_eq!((seen_by_a.len(), seen_by_b.len()), (1, 1));
        assert_eq!(seen_by_a[0]["shared_at"], seen_by_b[0]["shared_at"], "opened in one act");
        morgan.act(&format!("/v1/assignments/{homework}/complete")).await.expect(200);
    }
    let came_first = who_came_first(&app, since);
    let of = |who: &str| came_first.get(&app.id(who)).copied().unwrap_or(0);
    let (of_a, of_b) = (of("partner_a"), of("partner_b"));
    assert_eq!(u128::try_from(of_a + of_b).unwrap(), rounds);
    assert!(of_a > 0 && of_b > 0, "one order alone was tried: {came_first:?}");
    println!(
        "{rounds} meetings: A's came first in {of_a}, B's in {of_b}; A's was seen to complete {}, B's {}, \
         {early} seen by both at once, 0 one-sided",
        first[1], first[0]
    );
}
