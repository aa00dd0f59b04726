//! The people in care: their record, their status, their archive.

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::json;

use crate::support::TestApp;

/// The status that an action leads to, by the words of the domain and not by the code.
fn model(status: &str, action: &str) -> Option<&'static str> {
    match (status, action) {
        ("prospective" | "inactive" | "discharged", "activate") => Some("active"),
        ("active", "deactivate") => Some("inactive"),
        ("prospective" | "active" | "inactive", "discharge") => Some("discharged"),
        _ => None,
    }
}

const ACTIONS: [&str; 3] = ["activate", "deactivate", "discharge"];

#[actix_web::test]
async fn whatever_is_tried_in_whatever_order_the_status_is_that_of_the_model() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let mut runner = TestRunner::deterministic();
    let sequences = prop::collection::vec(0..5_usize, 40);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..12 {
        let path = format!("/v1/clients/{}", morgan.make_client("Random").await);
        let (mut status, mut archived) = ("prospective", false);
        for choice in sequences.new_tree(&mut runner).unwrap().current() {
            if let Some(action) = ACTIONS.get(choice) {
                let answer = morgan.act(&format!("{path}/{action}")).await;
                if let Some(next) = model(status, action) {
                    assert_eq!(answer.expect(200).text("/status"), next);
                    (status, taken) = (next, taken + 1);
                } else {
                    let possible: Vec<_> =
                        ACTIONS.iter().filter(|action| model(status, action).is_some()).collect();
                    let problem = answer.expect(409).json();
                    assert_eq!(problem["code"], "invalid_transition");
                    assert_eq!(
                        problem["allowed_transitions"],
                        json!(possible),
                        "{status} {action}"
                    );
                    refused += 1;
                }
            } else {
                archived = choice == 3;
                let action = if archived { "archive" } else { "restore" };
                morgan.act(&format!("{path}/{action}")).await.expect(200);
            }
            let client = morgan.get(&path).await.expect(200).json();
            assert_eq!(
                (&client["status"], client["archived_at"].is_string()),
                (&json!(status), archived)
            );
        }
    }
    println!("480 steps, {taken} transitions, {refused} refused, 0 divergences");
    assert!(taken > 50 && refused > 50);
}

#[actix_web::test]
async fn an_archived_client_is_out_of_the_way_and_not_gone() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let id = morgan.make_client("Verlegt").await;
    let path = format!("/v1/clients/{id}");
    let first = morgan.act(&format!("{path}/archive")).await.expect(200);
    app.clock.advance_seconds(60);
    let again = morgan.act(&format!("{path}/archive")).await.expect(200);
    assert_eq!(first.body, again.body, "archiving twice changes nothing");
    assert!(morgan.get("/v1/clients?name=verlegt").await.ids().is_empty());
    assert_eq!(morgan.get("/v1/clients?name=verlegt&archived=true").await.ids(), [id]);
    morgan.get(&path).await.expect(200);
    morgan.patch(&path, json!({ "given_name": "Verlagert" })).await.expect(200);
    let back = morgan.act(&format!("{path}/restore")).await.expect(200);
    assert_eq!(back.json()["archived_at"], json!(null));
    assert_eq!(morgan.get("/v1/clients?name=verlagert").await.ids().len(), 1);
}

#[actix_web::test]
async fn a_mirror_makes_and_replaces_by_its_own_ids() {
    let app = TestApp::start().await;
    let service = app.caller("service_app");
    let path = "/v1/clients/by-external-id/crm-77";
    let full = json!({ "given_name": "Ida", "family_name": "Ångström", "pronouns": "she/her" });
    let made = service.put(path, full.clone()).await.expect(201);
    assert_eq!(made.text("/external_id"), "crm-77");
    let id = made.text("/id");
    app.clock.advance_seconds(60);
    let same = service.put(path, full).await.expect(200);
    assert_eq!(same.body, made.body, "repeating it changes nothing");
    let replaced = service.put(path, json!({ "given_name": "Ida" })).await.expect(200);
    assert_eq!((replaced.text("/id"), &replaced.json()["family_name"]), (id.clone(), &json!(null)));
    assert!(service.get("/v1/clients?name=ang").await.ids().is_empty(), "old names find nobody");
    assert_eq!(service.get("/v1/clients?external_id=crm-77").await.ids(), [id]);
    let accented =
        service.put("/v1/clients/by-external-id/caf%C3%A9", json!({ "given_name": "Ida" }));
    let accented = accented.await.expect(201).text("/id");
    let decomposed = service.get("/v1/clients?external_id=cafe%CC%81").await.ids();
    assert_eq!(decomposed, [accented], "one id, whatever keyboard it came from");
    let mismatch = json!({ "given_name": "Ida", "external_id": "crm-78" });
    assert_eq!(service.put(path, mismatch).await.expect(422).faults(), ["/external_id mismatch"]);
    app.caller("practice_admin").put(path, json!({ "given_name": "Ida" })).await.expect(200);
    // For a clinician it would be an oracle: taken and free ids answer alike.
    for path in [path, "/v1/clients/by-external-id/free"] {
        let answer =
            app.caller("clinician").put(path, json!({ "given_name": "Ida" })).await.expect(403);
        assert_eq!(answer.text("/code"), "owner_only");
    }
    let probe = json!({ "given_name": "Ida", "external_id": "crm-77" });
    let answer = app.caller("clinician").post("/v1/clients", probe).await.expect(422);
    assert_eq!(answer.faults(), ["/external_id not_permitted"]);
    assert!(app.caller("clinician").get("/v1/clients?external_id=crm-77").await.ids().is_empty());
}

#[actix_web::test]
async fn names_are_found_by_their_beginnings_whatever_their_accents() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let body = json!({ "given_name": "Ólafur", "family_name": "Þórðarson van der Berg" });
    let id = morgan.post("/v1/clients", body).await.expect(201).text("/id");
    for found in ["ola", "OLAF", "thor", "ber", "van%20ber", "der", "%C3%B3laf"] {
        let ids = morgan.get(&format!("/v1/clients?name={found}")).await.expect(200).ids();
        assert!(ids.contains(&id), "{found}");
    }
    for missed in ["lafur", "olafurr", "ol", "ola%20xyz"] {
        let ids = morgan.get(&format!("/v1/clients?name={missed}")).await.expect(200).ids();
        assert!(!ids.contains(&id), "{missed}");
    }
}

#[actix_web::test]
async fn an_empty_patch_changes_nothing_and_null_clears_what_may_be_cleared() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let path = format!("/v1/clients/{}", morgan.make_client("Ida").await);
    let before = morgan.patch(&path, json!({ "pronouns": "they/them" })).await.expect(200);
    app.clock.advance_seconds(60);
    let empty = morgan.patch(&path, json!({})).await.expect(200);
    assert_eq!(empty.body, before.body);
    let cleared = morgan.patch(&path, json!({ "pronouns": null })).await.expect(200);
    assert_eq!(cleared.json()["pronouns"], json!(null));
    assert_ne!(cleared.text("/updated_at"), before.text("/updated_at"));
    let unborn = json!({ "date_of_birth": "2999-01-01" });
    assert_eq!(
        morgan.patch(&path, unborn).await.expect(422).faults(),
        ["/date_of_birth out_of_range"]
    );
}
