//! Psychotherapy notes: their author alone reads them, and nothing else tells that there is one.

use attune::db::schema::events;
use diesel::prelude::*;
use serde_json::json;

use crate::support::TestApp;

const NOTES: &str = "/v1/psychotherapy-notes";

#[actix_web::test]
async fn their_author_alone_reads_them() {
    let app = TestApp::start().await;
    let rilan = app.caller("associate");
    let new = json!({ "client_id": app.id("partner_c"), "text": "She reminds me of somebody.\nDiagnosis: none" });
    let made = rilan.post(NOTES, new).await.expect(201);
    let path = made.header("location");
    assert_eq!(made.json()["hints"], json!([{ "code": "diagnosis", "line": 2 }]));
    rilan.patch(&path, json!({ "text": "She reminds me of somebody." })).await.expect(200);
    let read = rilan.get(&path).await.expect(200);
    assert_eq!(
        (read.text("/text").as_str(), read.json()["hints"].clone()),
        ("She reminds me of somebody.", json!([]))
    );
    assert!(!String::from_utf8_lossy(&rilan.get(NOTES).await.body).contains("reminds"));
    // Their supervisor reads everything else of theirs.
    for who in ["supervisor", "clinician"] {
        app.caller(who).get(&path).await.expect(404);
        assert!(app.caller(who).get(NOTES).await.expect(200).ids().is_empty());
    }
    for who in ["practice_admin", "service_app", "partner_c", "partner_a"] {
        app.caller(who).get(&path).await.expect(403);
        app.caller(who).get(NOTES).await.expect(403);
    }
    let stranger = json!({ "client_id": app.id("partner_a"), "text": "x" });
    assert_eq!(rilan.post(NOTES, stranger).await.expect(422).faults(), ["/client_id not_found"]);
    let both = json!({ "client_id": app.id("partner_c"), "couple_id": app.id("couple_on_break"), "text": "x" });
    assert_eq!(rilan.post(NOTES, both).await.expect(422).faults(), ["/couple_id not_permitted"]);
}

/// Not a list, a count, an event, an audit view or a tag: everything that anybody else can read is the same.
#[actix_web::test]
async fn nothing_else_tells_that_there_is_one() {
    let app = TestApp::start().await;
    let document = crate::support::document::Document::read();
    let lists: Vec<String> = document
        .operations_of_v1()
        .iter()
        .filter(|one| one.method == actix_web::http::Method::GET && !one.path.contains('{'))
        .map(|one| one.path.clone())
        .chain([format!("/v1/audit-events?couple_id={}", app.id("couple"))])
        .collect();
    let look = async || {
        let mut seen = Vec::new();
        for who in
            ["practice_admin", "supervisor", "associate", "service_app", "partner_a", "partner_b"]
        {
            for path in &lists {
                let answer = app.caller(who).get(path).await;
                let page = answer.json();
                // A cursor is another one each time, and with it the tag of a page that has one.
                let whole = page["next_cursor"].is_null();
                let tag = if whole { answer.header("etag") } else { String::new() };
                seen.push((who, path.clone(), tag, page["data"].clone()));
            }
        }
        seen
    };
    let before = look().await;
    let new = json!({ "couple_id": app.id("couple"), "text": "What I make of them." });
    let path = app.caller("clinician").post(NOTES, new).await.expect(201).header("location");
    app.caller("clinician").get(&path).await.expect(200);
    assert_eq!(look().await, before);
    let told: i64 = events::table
        .filter(events::resource.eq("psychotherapy_note"))
        .count()
        .get_result(&mut app.database.open())
        .unwrap();
    assert_eq!(told, 0);
    println!("{} readings by everybody else, 0 differing", before.len());
}
