//! The lock lies below the service: no statement alters what was signed.

use attune::db::Conn;
use diesel::connection::SimpleConnection;
use serde_json::json;

use super::{of_associate, sign, soap, write};
use crate::support::TestApp;

/// Everything that somebody with the application's own connection might send.
fn statements(conn: &Conn, of: &str) -> Vec<String> {
    let other = if matches!(conn, Conn::Sqlite(_)) { "X'00'" } else { "'\\x00'::bytea" };
    let mut all: Vec<String> = [
        format!("UPDATE session_notes SET content = {other} WHERE {of}"),
        format!("UPDATE session_notes SET content_hash = {other} WHERE {of}"),
        format!("UPDATE session_notes SET format = 'free' WHERE {of}"),
        format!("UPDATE session_notes SET couple_id = NULL, client_id = (SELECT id FROM clients LIMIT 1) WHERE {of}"),
        format!("UPDATE session_notes SET author_id = (SELECT max(id) FROM clinicians) WHERE {of}"),
        format!("UPDATE session_notes SET status = 'draft', signed_at = NULL, content_hash = NULL WHERE {of}"),
        format!("UPDATE session_notes SET status = 'pending_cosign' WHERE {of}"),
        format!("UPDATE session_notes SET status = 'discarded', signed_at = NULL, content_hash = NULL WHERE {of}"),
        format!("UPDATE session_notes SET draft_no = draft_no + 1 WHERE {of}"),
        format!("DELETE FROM session_notes WHERE {of}"),
        format!("UPDATE session_note_acts SET signature = {other}"),
        format!("UPDATE session_note_acts SET content = {other}"),
        "UPDATE session_note_acts SET act = 'cosigned'".to_owned(),
        "DELETE FROM session_note_acts".to_owned(),
    ]
    .into();
    if matches!(conn, Conn::Sqlite(_)) {
        all.push(format!("REPLACE INTO session_notes SELECT * FROM session_notes WHERE {of}"));
        all.push("REPLACE INTO session_note_acts SELECT * FROM session_note_acts".to_owned());
    } else {
        all.push("TRUNCATE session_notes CASCADE".to_owned());
        all.push("TRUNCATE session_note_acts".to_owned());
    }
    all
}

#[actix_web::test]
async fn no_statement_alters_what_was_signed() {
    let app = TestApp::start().await;
    let signed = write(&app, "clinician", soap(&app, "As it was.")).await;
    sign(&app, "clinician", &signed).await.expect(200);
    let pending = write(&app, "associate", of_associate(&app, "As it was too.")).await;
    sign(&app, "associate", &pending).await.expect(200);
    let wrong = write(&app, "clinician", soap(&app, "In error.")).await;
    sign(&app, "clinician", &wrong).await.expect(200);
    let reason = json!({ "reason": "Twice." });
    app.caller("clinician").post(&format!("{wrong}/enter-in-error"), reason).await.expect(200);
    let before = app.caller("clinician").get(&signed).await.expect(200).body;
    let mut conn = app.database.open();
    let mut tried = 0;
    for status in ["signed", "entered_in_error"] {
        for statement in statements(&conn, &format!("status = '{status}'")) {
            assert!(conn.batch_execute(&statement).is_err(), "{statement}");
            tried += 1;
        }
    }
    for statement in [
        "UPDATE session_notes SET format = 'free' WHERE status = 'pending_cosign'",
        "UPDATE session_notes SET status = 'amended' WHERE status = 'pending_cosign'",
        "DELETE FROM session_notes WHERE status = 'pending_cosign'",
    ] {
        assert!(conn.batch_execute(statement).is_err(), "{statement}");
        tried += 1;
    }
    assert_eq!(app.caller("clinician").get(&signed).await.expect(200).body, before);
    // The draft is its author's still, and so is the way back from the supervisor.
    write(&app, "clinician", soap(&app, "Another.")).await;
    conn.batch_execute("UPDATE session_notes SET format = 'free' WHERE status = 'draft'").unwrap();
    let remark = json!({ "remark": "Once more." });
    app.caller("supervisor").post(&format!("{pending}/return"), remark).await.expect(200);
    println!("{tried} statements refused by the database");
}
