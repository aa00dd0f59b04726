//! A client asks for help, and their clinicians alone learn of it.

use serde_json::{Value, json};

use super::{ALERTS, HELP};
use crate::support::TestApp;

#[actix_web::test]
async fn whoever_asks_for_help_is_told_who_has_it_and_whom_to_call() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let body = json!({ "kind": "private_safety", "message": "Please do not ring." });
    let receipt = a.post(HELP, body).await.expect(201);
    assert!(receipt.text("/id").starts_with("hlp_"));
    assert!(receipt.text("/text").contains("Your therapist"));
    assert!(receipt.text("/not_an_emergency_service").contains("no emergency service"));
    let numbers: Vec<Value> = receipt.json()["crisis_resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["phone"].clone())
        .collect();
    assert_eq!(numbers, ["911", "988", "1-800-799-7233"]);
    let text = String::from_utf8(receipt.body).unwrap();
    for inner in ["alr_", "fear_of_partner", "critical"] {
        assert!(!text.contains(inner), "{inner} is for clinicians");
    }
    a.get(HELP).await.expect(405);

    let morgan = app.caller("clinician");
    let listed = morgan.get("/v1/alerts?kind=help_request").await.expect(200);
    assert_eq!(listed.text("/data/0/code"), "fear_of_partner");
    assert_eq!(listed.text("/data/0/severity"), "critical");
    let alert = morgan.get(&format!("{ALERTS}/{}", listed.ids()[0])).await.expect(200);
    assert_eq!(alert.text("/detail"), "Please do not ring.");
    assert_eq!(alert.text("/client_id"), app.id("partner_a"));
    assert_eq!(alert.json()["raised_by"], Value::Null);
    for other in ["associate", "other_practice_clinician"] {
        assert!(app.caller(other).get(ALERTS).await.expect(200).ids().is_empty());
    }
}

#[actix_web::test]
async fn a_wish_to_talk_waits_for_the_next_session() {
    let app = TestApp::start().await;
    let body = json!({ "kind": "talk_to_therapist" });
    app.caller("individual_client").post(HELP, body.clone()).await.expect(201);
    let listed = app.caller("clinician").get(ALERTS).await.expect(200);
    assert_eq!(listed.text("/data/0/code"), "help_request");
    assert_eq!(listed.text("/data/0/severity"), "moderate");
    for staff in ["clinician", "practice_admin", "service_app"] {
        app.caller(staff).post(HELP, body.clone()).await.expect(403);
    }
}

/// On a bad line it is asked once, and the receipt is repeated to nobody else.
#[actix_web::test]
async fn a_repeated_request_raises_one_alert() {
    let app = TestApp::start().await;
    let body = json!({ "kind": "talk_to_therapist", "message": "Soon, please." });
    let ask = async |who: &str| {
        app.caller(who).header("idempotency-key", "once").post(HELP, body.clone()).await.expect(201)
    };
    let (first, again, other) =
        (ask("partner_a").await, ask("partner_a").await, ask("partner_b").await);
    assert_eq!(first.body, again.body);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_ne!(first.text("/id"), other.text("/id"));
    assert_eq!(app.caller("clinician").get(ALERTS).await.ids().len(), 2);
}

#[actix_web::test]
async fn everybody_of_the_practice_can_look_up_whom_to_call() {
    let app = TestApp::start().await;
    let path = "/v1/crisis-resources";
    let seen = app.caller("partner_a").get(path).await.expect(200);
    for who in ["partner_b", "clinician", "practice_admin", "service_app"] {
        assert_eq!(app.caller(who).get(path).await.expect(200).body, seen.body);
    }
    for one in seen.json()["resources"].as_array().unwrap() {
        for member in ["key", "name", "description", "phone", "region", "source", "checked_on"] {
            assert!(one[member].as_str().is_some_and(|text| !text.is_empty()), "{member}: {one}");
        }
    }
    app.anybody().get(path).await.expect(401);
}
