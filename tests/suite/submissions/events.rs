//! Events: noted down as they happen, sent in batches when there is reception.

use serde_json::{Value, json};

use super::{device_id, for_couple, place, shared};
use crate::support::TestApp;

/// A hundred, three of them wrong: ninety-seven are kept, three are named by their places.
#[actix_web::test]
async fn a_batch_keeps_what_is_right_in_it() {
    let app = TestApp::start().await;
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let homework = for_couple(&app, "friendly_gestures").await;
    let wrong = [
        (17, json!({})),
        (40, json!({ "kind": "rocket" })),
        (99, json!({ "kind": "hug", "x": 1 })),
    ];
    let entries: Vec<Value> = (0..100)
        .map(|index| {
            let bad = wrong.iter().find(|(place, _)| *place == index);
            let answers = bad.map_or(json!({ "kind": "message" }), |(_, answers)| answers.clone());
            json!({ "at": "2026-12-01T10:00:00Z", "answers": answers })
        })
        .collect();
    let batch = json!({ "status": "submitted", "entries": entries });
    let receipt = a.put(&place(&homework, 1), batch.clone()).await.expect(201);
    let problems = receipt.json()["problems"].as_array().unwrap().clone();
    let told: Vec<(u64, String)> = problems
        .iter()
        .map(|one| {
            (
                one["index"].as_u64().unwrap(),
                one["errors"][0]["pointer"].as_str().unwrap().to_owned(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (17, "/entries/17/answers/kind".to_owned()),
            (40, "/entries/40/answers/kind".to_owned()),
            (99, "/entries/99/answers/x".to_owned()),
        ]
    );
    let own = a.get(&format!("/v1/submissions/{}", device_id(1))).await.expect(200);
    assert_eq!(own.json()["entries"].as_array().unwrap().len(), 97);
    let path = format!("/v1/shared-answers?assignment_id={homework}&limit=200");
    let theirs = b.get(&path).await.expect(200);
    assert_eq!(theirs.json()["data"].as_array().unwrap().len(), 97);
    assert!(!String::from_utf8(theirs.body).unwrap().contains("2026-12-01"), "no author's time");
    assert_eq!(a.put(&place(&homework, 1), batch).await.expect(200).body, receipt.body);
    // A second batch is no second answer to anything.
    let more = json!({ "status": "submitted", "entries": [{ "at": "2026-12-01T11:00:00Z", "answers": { "kind": "hug" } }] });
    a.put(&place(&homework, 2), more).await.expect(201);
}

#[actix_web::test]
async fn a_batch_in_which_nothing_is_right_is_refused_whole() {
    let app = TestApp::start().await;
    let a = app.caller("partner_a");
    let homework = for_couple(&app, "friendly_gestures").await;
    let batch = json!({ "status": "submitted", "entries": [{ "at": "2026-12-01T10:00:00Z", "answers": {} }] });
    let refused = a.put(&place(&homework, 1), batch).await.expect(422);
    assert_eq!(refused.faults(), ["/entries/0/answers/kind required"]);
    let form = json!({ "status": "submitted", "answers": { "kind": "hug" } });
    assert_eq!(
        a.put(&place(&homework, 1), form).await.expect(422).faults(),
        ["/answers unknown_field"]
    );
    let none = json!({ "status": "submitted" });
    assert_eq!(a.put(&place(&homework, 1), none).await.expect(422).faults(), ["/entries too_few"]);
    assert!(shared(&app.caller("partner_b"), &homework).await.is_empty());
}
