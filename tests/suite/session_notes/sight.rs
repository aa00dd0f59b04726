//! Who reads notes, and that their reading is written down first.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::json;

use super::{NOTES, of_associate, sign, soap, write};
use crate::support::TestApp;

#[actix_web::test]
async fn the_care_team_reads_what_is_signed_and_the_author_what_is_begun() {
    let app = TestApp::start().await;
    let own = write(&app, "clinician", soap(&app, "Kept among us.")).await;
    let other = write(&app, "associate", of_associate(&app, "Somebody else's.")).await;
    for who in ["practice_admin", "service_app", "supervisor", "associate"] {
        app.caller(who).get(&own).await.expect(404);
    }
    for who in ["partner_a", "partner_b"] {
        app.caller(who).get(&own).await.expect(403);
        app.caller(who).get(NOTES).await.expect(403);
    }
    app.caller("supervisor").get(&other).await.expect(200);
    app.caller("clinician").get(&other).await.expect(404);
    let team = format!("/v1/treatments/{}/care-team/{}", app.id("treatment"), app.id("associate"));
    let admin = app.caller("practice_admin");
    admin.put(&team, json!({ "role": "co_therapist" })).await.expect(201);
    let rilan = app.caller("associate");
    rilan.get(&own).await.expect(404);
    sign(&app, "clinician", &own).await.expect(200);
    let read = rilan.get(&own).await.expect(200);
    assert_eq!(read.text("/sections/0/text"), "Kept among us.");
    assert!(!String::from_utf8_lossy(&rilan.get(NOTES).await.body).contains("Kept among us"));
    rilan.post(&format!("{own}/sign"), json!({ "typed_name": "R." })).await.expect(403);
    admin.delete(&team).await.expect(204);
    rilan.get(&own).await.expect(404);
    assert!(admin.get(NOTES).await.expect(200).ids().is_empty());
}

fn reads_of(app: &TestApp) -> i64 {
    use attune::db::schema::audit_events;
    audit_events::table
        .filter(audit_events::action.eq("session_note.read"))
        .count()
        .get_result(&mut app.database.open())
        .unwrap()
}

#[actix_web::test]
async fn a_reading_that_cannot_be_written_down_is_not_answered() {
    let app = TestApp::start().await;
    let path = write(&app, "clinician", soap(&app, "Behind the audit.")).await;
    let morgan = app.caller("clinician");
    let before = reads_of(&app);
    let read = morgan.get(&path).await.expect(200);
    let held = morgan.header("if-none-match", &read.header("etag"));
    held.get(&path).await.expect(304);
    morgan.get(&format!("{path}/history")).await.expect(200);
    morgan.get(NOTES).await.expect(200);
    app.caller("associate").get(&path).await.expect(404);
    assert_eq!(
        reads_of(&app) - before,
        3,
        "a list reads no text, and who sees nothing has read nothing"
    );

    app.database.open().batch_execute("ALTER TABLE audit_events RENAME TO gone").unwrap();
    for path in [path.clone(), format!("{path}/history")] {
        let refused = morgan.get(&path).await.expect(500);
        assert!(!String::from_utf8_lossy(&refused.body).contains("Behind the audit"));
    }
    app.database.open().batch_execute("ALTER TABLE gone RENAME TO audit_events").unwrap();
    morgan.get(&path).await.expect(200);
}

#[actix_web::test]
async fn a_stored_answer_is_repeated_as_a_reading() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician").header("idempotency-key", "once");
    let new = soap(&app, "Said once.");
    let first = morgan.post(NOTES, new.clone()).await.expect(201);
    let before = reads_of(&app);
    let again = morgan.post(NOTES, new).await.expect(201);
    assert_eq!((again.body, reads_of(&app) - before), (first.body, 1));
}
