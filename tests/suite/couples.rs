//! Couples: how they come together, what each member sees, and how they part.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::support::TestApp;

const ACTIONS: [&str; 6] = ["activate", "take-break", "resume", "separate", "dissolve", "archive"];

/// The status that an action leads to, by `domain` 2.4.4 and not by the code.
fn model(status: &str, action: &str) -> Option<&'static str> {
    match (status, action) {
        ("forming", "activate") | ("on_break", "resume") => Some("active"),
        ("active", "take-break") => Some("on_break"),
        ("active", "separate") => Some("separating"),
        ("separating", "dissolve") => Some("dissolved"),
        ("dissolved", "archive") => Some("archived"),
        _ => None,
    }
}

async fn new_couple(app: &TestApp, accepted: bool) -> String {
    let morgan = app.caller("clinician");
    let mut members = Vec::new();
    for name in ["Eins", "Zwei"] {
        let client = morgan.make_client(name).await;
        members.push(json!({ "client_id": client, "display_name": name, "accepted": accepted }));
    }
    let body = json!({ "label": "E & Z", "members": members });
    format!("/v1/couples/{}", morgan.post("/v1/couples", body).await.expect(201).text("/id"))
}

#[actix_web::test]
async fn whatever_is_tried_in_whatever_order_the_status_is_that_of_the_model() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let mut runner = TestRunner::deterministic();
    let sequences = prop::collection::vec(0..ACTIONS.len(), 40);
    let (mut taken, mut refused, mut ends) = (0, 0, 0);
    for _ in 0..15 {
        let path = new_couple(&app, true).await;
        let mut status = "forming";
        for choice in sequences.new_tree(&mut runner).unwrap().current() {
            let action = ACTIONS[choice];
            let answer = morgan.act(&format!("{path}/{action}")).await;
            if let Some(next) = model(status, action) {
                assert_eq!(answer.expect(200).text("/status"), next);
                (status, taken) = (next, taken + 1);
            } else {
                let possible: Vec<_> =
                    ACTIONS.iter().filter(|action| model(status, action).is_some()).collect();
                let problem = answer.expect(409).json();
                assert_eq!(problem["code"], "invalid_transition");
                assert_eq!(problem["allowed_transitions"], json!(possible), "{status} {action}");
                refused += 1;
            }
        }
        assert_eq!(morgan.get(&path).await.expect(200).text("/status"), status);
        ends += usize::from(status == "archived");
    }
    println!(
        "600 steps, {taken} transitions, {refused} refused, {ends} came to their end, 0 divergences"
    );
}

#[actix_web::test]
async fn a_couple_becomes_active_when_everybody_has_said_yes() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let path = new_couple(&app, false).await;
    let refused = morgan.act(&format!("{path}/activate")).await.expect(409);
    assert_eq!(refused.text("/code"), "requirements_missing");
    assert_eq!(refused.faults(), ["/members invitation_open", "/members invitation_open"]);
    let (a, other) = (app.id("partner_a"), app.id("individual_client"));
    let members = json!([
        { "client_id": a, "display_name": "A", "accepted": true },
        { "client_id": other, "display_name": "O" },
    ]);
    let body = json!({ "label": "A & O", "members": members });
    let path =
        format!("/v1/couples/{}", morgan.post("/v1/couples", body).await.expect(201).text("/id"));
    app.caller("individual_client").get(&path).await.expect(404);
    let accepted = app.caller("individual_client").act(&format!("{path}/accept-invitation")).await;
    assert_eq!(accepted.expect(200).text("/invitation_state"), "accepted");
    app.caller("individual_client").get(&path).await.expect(200);
    morgan.act(&format!("{path}/activate")).await.expect(200);
    app.caller("individual_client").act(&format!("{path}/decline-invitation")).await.expect(409);
    app.caller("partner_b").act(&format!("{path}/accept-invitation")).await.expect(404);
}

#[actix_web::test]
async fn a_member_who_has_left_sees_nothing_from_the_next_request_on() {
    let app = TestApp::start().await;
    let path = format!("/v1/couples/{}", app.id("couple"));
    app.caller("partner_b").get(&path).await.expect(200);
    let member = format!("{path}/members/{}", app.id("partner_b"));
    app.caller("clinician").delete(&member).await.expect(204);
    app.caller("partner_b").get(&path).await.expect(404);
    app.caller("partner_b").get(&format!("{path}/secrets-policy")).await.expect(404);
    assert!(app.caller("partner_b").get("/v1/couples").await.expect(200).ids().is_empty());
    let periods = app.caller("clinician").get(&format!("{path}/members")).await.expect(200).json();
    assert_eq!(periods["data"].as_array().unwrap().len(), 2, "the membership stays on record");
    app.caller("clinician").delete(&member).await.expect(404);
}

/// Who joins in the evening of one zone may leave in the afternoon of another, a day earlier on the wall.
#[actix_web::test]
async fn a_practice_that_moves_westwards_can_still_end_a_membership() {
    let app = TestApp::start().await;
    let admin = app.caller("practice_admin");
    let path = new_couple(&app, true).await;
    let leaving = admin.get(&format!("{path}/members")).await.text("/data/0/client_id");
    let zone = |name: &str| json!({ "timezone": name });
    admin.delete(&format!("{path}/members/{leaving}")).await.expect(204);
    admin.patch("/v1/practice", zone("Pacific/Kiritimati")).await.expect(200);
    let again = json!({ "client_id": leaving, "display_name": "Eins", "accepted": true });
    admin.post(&format!("{path}/members"), again).await.expect(201);
    admin.patch("/v1/practice", zone("Pacific/Pago_Pago")).await.expect(200);
    admin.delete(&format!("{path}/members/{leaving}")).await.expect(204);
}

#[actix_web::test]
async fn a_dissolved_couple_is_readable_by_its_members_for_thirty_days() {
    let app = TestApp::start().await;
    let path = format!("/v1/couples/{}", app.id("couple"));
    for action in ["separate", "dissolve"] {
        app.caller("clinician").act(&format!("{path}/{action}")).await.expect(200);
    }
    let day = 24 * 60 * 60;
    for (days, status) in [(0, 200), (29, 200), (1, 200), (1, 404), (400, 404)] {
        app.clock.advance_seconds(days * day);
        for partner in ["partner_a", "partner_b"] {
            let caller = app.bearer(&app.mint(partner, None));
            caller.get(&path).await.expect(status);
            let listed = caller.get("/v1/couples").await.expect(200).ids().len();
            assert_eq!(listed, usize::from(status == 200));
        }
    }
    app.bearer(&app.mint("clinician", None)).get(&path).await.expect(200);
}

#[actix_web::test]
async fn a_secrets_policy_is_accepted_by_each_for_themself_and_anew_for_each_version() {
    let app = TestApp::start().await;
    let path = format!("/v1/couples/{}/secrets-policy", app.id("couple"));
    let (morgan, a, b) =
        (app.caller("clinician"), app.caller("partner_a"), app.caller("partner_b"));
    let before = morgan.get(&path).await.expect(200).json();
    assert_eq!((&before["version_no"], &before["accepted_by_all"]), (&json!(1), &json!(true)));
    let same = morgan.put(&path, json!({ "policy": "limited_secrets" })).await.expect(200);
    assert_eq!(same.json()["version_no"], 1, "setting what is in force changes nothing");
    let new = morgan.put(&path, json!({ "policy": "no_secrets" })).await.expect(200).json();
    assert_eq!((&new["version_no"], &new["accepted_by_all"]), (&json!(2), &json!(false)));
    let accept = format!("{path}/accept");
    let stale = a.post(&accept, json!({ "version_no": 1 })).await.expect(409);
    assert_eq!(stale.text("/code"), "version_superseded");
    let unseen = b.get(&path).await.expect(200);
    let own = a.post(&accept, json!({ "version_no": 2 })).await.expect(200).json();
    assert!(own["accepted_at"].is_string() && own["acceptances"] == json!([]));
    assert_eq!(own["accepted_by_all"], false);
    let still = b.get(&path).await.expect(200);
    assert_eq!((still.body, still.headers.get("etag")), (unseen.body, unseen.headers.get("etag")));
    let all = b.post(&accept, json!({ "version_no": 2 })).await.expect(200).json();
    assert_eq!(all["accepted_by_all"], true);
    assert_eq!(a.get(&path).await.json()["accepted_by_all"], true);
    let seen = morgan.get(&path).await.json();
    assert_eq!(seen["acceptances"].as_array().unwrap().len(), 2);
    app.caller("partner_c").post(&accept, json!({ "version_no": 2 })).await.expect(404);
    morgan.post(&accept, json!({ "version_no": 2 })).await.expect(403);
}
