//! The audit: who is shown what of it, and that nobody lays hands on it unnoticed.

use attune::audit::{Verdict, verify};
use attune::auth::Keyring;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use serde_json::json;

use crate::isolation::chance::Chance;
use crate::session_notes::{soap, write};
use crate::support::TestApp;
use crate::support::database::root_key;

const EVENTS: &str = "/v1/audit-events";

#[actix_web::test]
async fn a_reading_is_shown_to_whom_it_concerns() {
    let app = TestApp::start().await;
    let mut of_a = soap(&app, "Of A alone.");
    of_a["client_id"] = json!(app.id("partner_a"));
    let path = write(&app, "clinician", of_a).await;
    let note = path.rsplit('/').next().unwrap().to_owned();
    app.caller("clinician").get(&path).await.expect(200);
    let about = format!("{EVENTS}?client_id={}", app.id("partner_a"));
    for who in ["clinician", "practice_admin"] {
        let page = app.caller(who).get(&about).await.expect(200);
        assert_eq!(page.text("/data/0/action"), "session_note.read", "{who}");
        assert_eq!(page.text("/data/0/resource_id"), note);
        assert_eq!(page.text("/data/0/clinician_id"), app.id("clinician"));
        assert!(!page.json().to_string().contains("Of A alone"));
    }
    assert!(
        app.caller("clinician").get(EVENTS).await.expect(200).json()["data"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    assert!(
        app.caller("associate").get(&about).await.expect(200).json()["data"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let all =
        app.caller("practice_admin").get(&format!("{EVENTS}?limit=200")).await.expect(200).json();
    assert!(all["data"].as_array().unwrap().len() > 20);
    app.caller("partner_a").get(EVENTS).await.expect(403);

    // A client reads of accesses to what is theirs, and not of a draft.
    let own = async |who: &str| app.caller(who).get("/v1/me/accesses").await.expect(200);
    let before = own("partner_b").await;
    assert_ne!(own("partner_a").await.text("/data/0/resource"), "session_note");
    super::session_notes::sign(&app, "clinician", &path).await.expect(200);
    app.caller("clinician").get(&path).await.expect(200);
    let seen = own("partner_a").await;
    assert_eq!(
        (seen.text("/data/0/action").as_str(), seen.text("/data/0/actor").as_str()),
        ("session_note.read", "staff")
    );
    assert_eq!(own("partner_b").await.body, before.body, "nothing of it is the other's");
}

/// The rows of the story's practice, looked at with the keys of the service.
fn look(app: &TestApp, conn: &mut attune::db::Conn) -> Verdict {
    let practice = app.id("practice").parse().unwrap();
    verify(conn, &Keyring::new(root_key()), practice).unwrap()
}

#[actix_web::test]
async fn a_thousand_tamperings_are_found_and_the_place_is_named() {
    let app = TestApp::start().await;
    write(&app, "clinician", soap(&app, "Recorded.")).await;
    let mut conn = app.database.open();
    let Verdict::Whole { rows, .. } = look(&app, &mut conn) else {
        panic!("broken from the start")
    };
    assert!(rows > 60, "{rows}");
    let of = "practice_id = (SELECT practice_id FROM audit_events ORDER BY seq DESC LIMIT 1)";
    let mut chance = Chance::new(7);
    let columns = [
        "actor_kind = CASE actor_kind WHEN 'staff' THEN 'client' ELSE 'staff' END",
        "action = action || 'x'",
        "resource = 'x'",
        "app = 'x'",
        "fields = '[\"x\"]'",
        "hash = previous_hash",
        "previous_hash = hash",
        "resource_id = id",
        "id = resource_id",
        "actor_id = id",
    ];
    let mut found = std::collections::BTreeMap::new();
    for number in 0..1_000 {
        let at = i64::try_from(chance.below(usize::try_from(rows).unwrap())).unwrap() + 1;
        let other = i64::try_from(chance.below(usize::try_from(rows).unwrap())).unwrap() + 1;
        let (kind, sql, expected) = match number % 5 {
            0 => {
                let column = columns[chance.below(columns.len())];
                (
                    "edited",
                    format!("UPDATE audit_events SET {column} WHERE {of} AND seq = {at}"),
                    at,
                )
            }
            1 => ("deleted", format!("DELETE FROM audit_events WHERE {of} AND seq = {at}"), at),
            2 => (
                "inserted",
                format!(
                    "UPDATE audit_events SET seq = seq + 1000000 WHERE {of} AND seq >= {at}; \
                     UPDATE audit_events SET seq = seq - 999999 WHERE {of} AND seq > 999999; \
                     INSERT INTO audit_events SELECT practice_id, {at}, id, at, actor_kind, actor_id, app, \
                     action || 'x', resource, resource_id, fields, previous_hash, hash FROM audit_events WHERE {of} AND seq = {}",
                    at + 1
                ),
                at,
            ),
            3 if at != other => (
                "reordered",
                format!(
                    "UPDATE audit_events SET seq = 1000000 WHERE {of} AND seq = {at}; \
                     UPDATE audit_events SET seq = {at} WHERE {of} AND seq = {other}; \
                     UPDATE audit_events SET seq = {other} WHERE {of} AND seq = 1000000"
                ),
                at.min(other),
            ),
            _ => ("truncated", format!("DELETE FROM audit_events WHERE {of} AND seq >= {at}"), at),
        };
        conn.batch_execute("BEGIN").unwrap();
        conn.batch_execute(&sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
        let verdict = look(&app, &mut conn);
        conn.batch_execute("ROLLBACK").unwrap();
        match verdict {
            Verdict::Broken { seq, .. } => assert_eq!(seq, expected, "{kind}: {sql}"),
            Verdict::Whole { .. } => panic!("not found: {kind} {sql}"),
        }
        *found.entry(kind).or_insert(0) += 1;
    }
    assert!(matches!(look(&app, &mut conn), Verdict::Whole { .. }));
    println!("1000 tamperings found and named: {found:?}");
}

/// The head is under a seal of its own, so that it cannot be moved to where the rows end.
#[actix_web::test]
async fn a_head_that_was_moved_is_found() {
    let app = TestApp::start().await;
    let mut conn = app.database.open();
    for sql in [
        "DELETE FROM audit_heads",
        "UPDATE audit_heads SET seq = seq - 1",
        "DELETE FROM audit_events WHERE seq > 5; UPDATE audit_heads SET seq = 5, hash = (SELECT hash FROM \
         audit_events AS e WHERE e.practice_id = audit_heads.practice_id AND e.seq = 5)",
    ] {
        conn.batch_execute(&format!("BEGIN; {sql}")).unwrap();
        assert!(matches!(look(&app, &mut conn), Verdict::Broken { .. }), "{sql}");
        conn.batch_execute("ROLLBACK").unwrap();
    }
    let _: i64 = attune::db::schema::audit_heads::table.count().get_result(&mut conn).unwrap();
}
