//! The inbox: one question of an app, and everything that is open for its person.

use attune::db::id::{ClientId, PracticeId, TimeProposalId};
use attune::db::schema::{time_proposal_confirmations as confirmations, time_proposals};
use diesel::prelude::*;
use serde_json::{Value, json};

use crate::submissions::{assign, check_in, for_client, for_couple, goals, place, submitted};
use crate::support::{Caller, TestApp};

async fn item(caller: &Caller<'_>, key: &str) -> Option<Value> {
    let inbox = caller.get("/v1/me/inbox").await.expect(200).json();
    let items = inbox["items"].as_array().unwrap().clone();
    items.into_iter().find(|one| one["assignment"]["key"] == key)
}

#[actix_web::test]
async fn an_app_finds_form_schema_notices_and_times_in_one_answer() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    for_couple(&app, "daily_check_in").await;
    let due = json!({ "couple_id": app.id("couple"), "due_at": "2026-12-05T20:00:00Z",
                      "remind_at": "2026-12-05T18:00:00Z" });
    assign(&app, "quarterly_review", due).await;
    for_client(&app, "session_fit", "partner_a").await;
    let check = item(&a, "daily_check_in").await.unwrap();
    assert_eq!(
        (check["local_date"].as_str(), check["slot_no"].as_i64()),
        (Some("2026-12-02"), Some(1))
    );
    assert_eq!(check["status"], "open");
    let schema = jsonschema::validator_for(&check["form"]["answers_schema"]).unwrap();
    assert!(schema.is_valid(&check_in(3)));
    let questions = check["form"]["answers_schema"]["properties"].as_object().unwrap().len();
    assert_eq!(check["form"]["notices"].as_array().unwrap().len(), questions);
    let review = item(&a, "quarterly_review").await.unwrap();
    // Midnight on the couple's wall: what is done once is open from the beginning of the day that it was assigned on.
    assert_eq!(review["opens_at"], "2026-12-02T08:00:00.000000Z");
    assert_eq!(review["due_at"], "2026-12-05T20:00:00.000000Z");
    assert_eq!(review["remind_at"], "2026-12-05T18:00:00.000000Z");
    assert!(item(&app.caller("partner_b"), "session_fit").await.is_none(), "it is A's alone");
}

#[actix_web::test]
async fn what_is_done_leaves_the_inbox_and_comes_back_the_next_day() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = for_couple(&app, "daily_check_in").await;
    let draft = json!({ "status": "draft", "answers": { "mood": 2 } });
    let tag = a.put(&place(&homework, 1), draft).await.expect(201).header("etag");
    let begun = item(&a, "daily_check_in").await.unwrap();
    assert_eq!(
        (begun["status"].as_str(), &begun["own"]["answers"]),
        (Some("in_progress"), &json!({ "mood": 2 }))
    );
    assert_eq!(
        item(&b, "daily_check_in").await.unwrap()["status"],
        "open",
        "a draft is nobody else's"
    );
    a.header("if-match", &tag).put(&place(&homework, 1), submitted(check_in(4))).await.expect(200);
    assert!(item(&a, "daily_check_in").await.is_none());
    let inbox = b.get("/v1/me/inbox").await.expect(200).json();
    assert_eq!(inbox["shared"][0]["answers"]["mood"], 4);
    assert!(inbox["shared"][0]["from"].is_string());
    app.days_pass(1);
    let a = app.caller("partner_a");
    assert_eq!(item(&a, "daily_check_in").await.unwrap()["local_date"], "2026-12-03");
}

/// Alex has begun what is to be done once, and left it lying. Half a year later it is still there as it was begun, beside
/// what comes every evening.
#[actix_web::test]
async fn what_was_begun_long_ago_is_still_begun() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let once = for_couple(&app, "goal_statements").await;
    let draft = json!({ "status": "draft", "answers": goals("time") });
    a.put(&place(&once, 1), draft).await.expect(201);
    app.days_pass(180);
    let a = app.caller("partner_a");
    let daily =
        json!({ "couple_id": app.id("couple"), "schedule": { "rhythm": { "kind": "daily" } } });
    let evenings = assign(&app, "daily_check_in", daily).await;
    a.put(&place(&evenings, 2), submitted(check_in(3))).await.expect(201);
    let begun = item(&a, "goal_statements").await.unwrap();
    assert_eq!(
        (begun["status"].as_str(), &begun["own"]["answers"]),
        (Some("in_progress"), &goals("time"))
    );
    app.days_pass(1);
    let a = app.caller("partner_a");
    assert_eq!(item(&a, "daily_check_in").await.unwrap()["status"], "open");
    assert_eq!(item(&a, "goal_statements").await.unwrap(), begun, "nothing has changed of it");
}

#[actix_web::test]
async fn what_was_skipped_rests_or_is_late_says_so() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let homework = for_couple(&app, "goal_statements").await;
    a.put(&place(&homework, 1), json!({ "status": "skipped" })).await.expect(201);
    assert_eq!(item(&a, "goal_statements").await.unwrap()["status"], "skipped");
    assert_eq!(item(&b, "goal_statements").await.unwrap()["status"], "open");
    let later = json!({ "couple_id": app.id("couple"), "starts_on": "2026-12-10" });
    assign(&app, "quarterly_review", later).await;
    assert_eq!(item(&a, "quarterly_review").await.unwrap()["status"], "scheduled");
    b.put(&place(&homework, 1), submitted(goals("time"))).await.expect(201);
    morgan
        .post(&format!("/v1/assignments/{homework}/pause"), json!({ "resume_on": "2026-12-20" }))
        .await
        .expect(200);
    assert!(item(&a, "goal_statements").await.is_none(), "what rests is not asked for");
    let due = json!({ "couple_id": app.id("couple"), "due_at": "2026-12-02T20:00:00Z" });
    assign(&app, "weekly_pulse", due).await;
    app.clock.advance_seconds(10 * 3600);
    assert_eq!(item(&a, "weekly_pulse").await.unwrap()["status"], "missed");
}

/// Of many who have to agree some have: what they have accepted comes in a row for each of them, and takes the place of
/// nothing that is open.
#[actix_web::test]
async fn other_times_that_are_proposed_take_the_place_of_nothing() {
    const MANY: usize = 20;
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let many = json!({ "settings": { "max_active_couple_assignments": MANY } });
    app.caller("practice_admin").patch("/v1/practice", many).await.expect(200);
    for _ in 0..MANY {
        let daily = json!({ "couple_id": app.id("couple"),
                            "schedule": { "rhythm": { "kind": "daily", "times": ["20:00"] } } });
        let homework = assign(&app, "daily_check_in", daily).await;
        let proposals = format!("/v1/assignments/{homework}/time-proposals");
        b.post(&proposals, json!({ "time_of_day": "07:15" })).await.expect(201);
    }
    // As though six had accepted.
    let mut six = Vec::new();
    for name in ["Ada", "Bo", "Cy", "Di", "Ed", "Flo"] {
        let client = app.caller("practice_admin").make_client(name).await;
        six.push(client.parse::<ClientId>().unwrap());
    }
    let conn = &mut app.database.open();
    let pending: Vec<(PracticeId, TimeProposalId)> = time_proposals::table
        .select((time_proposals::practice_id, time_proposals::id))
        .load(conn)
        .unwrap();
    assert_eq!(pending.len(), MANY);
    for (practice, proposal) in pending {
        for client in &six {
            diesel::insert_into(confirmations::table)
                .values((
                    confirmations::practice_id.eq(practice),
                    confirmations::proposal_id.eq(proposal),
                    confirmations::client_id.eq(*client),
                    confirmations::confirmed_at.eq(app.clock.now()),
                ))
                .execute(conn)
                .unwrap();
        }
    }
    let inbox = a.get("/v1/me/inbox").await.expect(200).json();
    for list in ["items", "time_proposals"] {
        assert_eq!(inbox[list].as_array().unwrap().len(), MANY, "{list}");
    }
}
