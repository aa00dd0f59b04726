//! Cipher texts that somebody with the database in hand moved to another place, and then asked the service for.
//! Ten thousand more moves are made in memory ([`super::moved`]).

use std::collections::HashMap;

use attune::db::Conn;
use diesel::prelude::*;
use diesel::sql_types::{Binary, Text};
use serde_json::json;

use crate::support::TestApp;
use crate::support::logs::Logs;

const SWAPS: usize = 1_000;

/// A sealed value in its place, and where the API shows it.
#[derive(Debug, Clone)]
struct Place {
    table: &'static str,
    column: &'static str,
    /// The row's id, as the database holds it.
    id: Vec<u8>,
    cipher: Vec<u8>,
    path: String,
    caller: &'static str,
    /// Of the practice whose places are tried.
    own: bool,
}

#[derive(QueryableByName)]
pub(super) struct Row {
    #[diesel(sql_type = Binary)]
    pub(super) id: Vec<u8>,
    #[diesel(sql_type = Binary)]
    pub(super) cipher: Vec<u8>,
    #[diesel(sql_type = Text)]
    pub(super) practice: String,
}

/// Bytes as a literal of either database.
fn literal(conn: &Conn, bytes: &[u8]) -> String {
    let hex = data_encoding::HEXLOWER.encode(bytes);
    if matches!(conn, Conn::Sqlite(_)) { format!("X'{hex}'") } else { format!("'\\x{hex}'::bytea") }
}

/// The bytes of an id, as an expression of either database.
fn bytes_of(conn: &Conn, column: &str) -> String {
    if matches!(conn, Conn::Sqlite(_)) { column.to_owned() } else { format!("uuid_send({column})") }
}

/// What a sealed column holds, with the id that is to show it.
pub(super) fn rows(conn: &mut Conn, table: &str, column: &str, shown: &str) -> Vec<Row> {
    let (id, practice) = (bytes_of(conn, shown), bytes_of(conn, "practice_id"));
    let hex = if matches!(conn, Conn::Sqlite(_)) {
        format!("lower(hex({practice}))")
    } else {
        format!("encode({practice}, 'hex')")
    };
    let sql = format!(
        "SELECT {id} AS id, {column} AS cipher, {hex} AS practice FROM {table} WHERE {column} IS NOT NULL"
    );
    let query = diesel::sql_query(sql);
    match conn {
        Conn::Sqlite(conn) => query.load(conn),
        #[cfg(feature = "postgres")]
        Conn::Pg(conn) => query.load(conn),
    }
    .unwrap()
}

/// A submission that shows what a reveal came to.
const A_SUBMISSION: &str = "(SELECT id FROM submissions s WHERE s.practice_id = reveals.practice_id \
     AND s.occurrence_id = reveals.occurrence_id ORDER BY id LIMIT 1)";

/// Every sealed value that an answer is made of, in both practices.
fn places(app: &TestApp) -> Vec<Place> {
    let sealed: [(&str, &str, &str, &str, &str); 30] = [
        ("clients", "identity", "id", "clients", "cli"),
        ("clients", "contact", "id", "clients", "cli"),
        ("clients", "background", "id", "clients", "cli"),
        ("clients", "external_id", "id", "clients", "cli"),
        ("clinicians", "profile", "id", "clinicians", "cln"),
        ("couples", "profile", "id", "couples", "cpl"),
        ("users", "email", "id", "users", "usr"),
        ("consents", "signature", "id", "consents", "con"),
        ("assignments", "note", "id", "assignments", "asg"),
        ("treatments", "consult_waiver", "id", "treatments", "trt"),
        ("couple_members", "display_name", "couple_id", "couples", "cpl"),
        ("alerts", "detail", "id", "alerts", "alr"),
        ("alerts", "plan", "id", "alerts", "alr"),
        ("alerts", "closing", "id", "alerts", "alr"),
        ("holds", "reason", "id", "holds", "hld"),
        ("assignments", "deviation", "id", "assignments", "asg"),
        ("assignments", "error_reason", "id", "assignments", "asg"),
        ("answer_sets", "answers", "submission_id", "submissions", "sub"),
        ("reveals", "outcomes", A_SUBMISSION, "submissions", "sub"),
        ("reviews", "comment", "id", "reviews", "rev"),
        ("program_deviations", "reason", "program_id", "programs", "prg"),
        ("session_notes", "content", "id", "session-notes", "not"),
        ("session_note_acts", "content", "note_id", "session-notes", "not"),
        ("session_note_acts", "signature", "note_id", "session-notes", "not"),
        ("note_templates", "body", "id", "note-templates", "ntp"),
        ("psychotherapy_notes", "text", "id", "psychotherapy-notes", "psy"),
        ("session_summaries", "text", "id", "session-summaries", "sum"),
        ("sessions", "exception", "id", "sessions", "ses"),
        ("sessions", "cancellation", "id", "sessions", "ses"),
        ("session_participants", "location_state", "session_id", "sessions", "ses"),
    ];
    let first = practice_hex(&app.id("practice"));
    let mut conn = app.database.open();
    let mut all = Vec::new();
    for (table, column, shown, folder, prefix) in sealed {
        let own = rows(&mut conn, table, column, "id");
        for (row, shown) in own.into_iter().zip(rows(&mut conn, table, column, shown)) {
            let own = row.practice == first;
            let treats = [
                "alerts",
                "holds",
                "answer_sets",
                "reveals",
                "reviews",
                "session_notes",
                "session_note_acts",
                "note_templates",
                "psychotherapy_notes",
                "session_summaries",
            ]
            .contains(&table);
            let reasons = ["deviation", "error_reason", "reason"].contains(&column);
            let caller = if treats || reasons { "clinician" } else { "practice_admin" };
            let path = format!("/v1/{folder}/{prefix}_{}", base32(&shown.id));
            all.push(Place { table, column, id: row.id, cipher: row.cipher, path, caller, own });
        }
    }
    all
}

pub(super) fn practice_hex(id: &str) -> String {
    let id: attune::db::id::PracticeId = id.parse().unwrap();
    id.uuid().simple().to_string()
}

/// The text of an id after its prefix.
fn base32(bytes: &[u8]) -> String {
    let uuid = attune::db::id::ClientId::from_uuid(uuid::Uuid::from_slice(bytes).unwrap());
    uuid.to_string().split_once('_').unwrap().1.to_owned()
}

fn put(conn: &mut Conn, place: &Place, cipher: &[u8]) {
    use diesel::connection::SimpleConnection;
    let (cipher, id) = (literal(conn, cipher), literal(conn, &place.id));
    let own = bytes_of(conn, "id");
    let sql = format!("UPDATE {} SET {} = {cipher} WHERE {own} = {id}", place.table, place.column);
    conn.batch_execute(&sql).unwrap();
}

/// An alert and a hold with every text: the story has none.
async fn speak_of_safety(app: &TestApp, by: &str, client: &str, couple: &str) {
    let caller = app.caller(by);
    let alert =
        json!({ "client_id": app.id(client), "code": "trauma_response", "detail": "Said." });
    let alert = caller.post("/v1/alerts", alert).await.expect(201).text("/id");
    let path = format!("/v1/alerts/{alert}");
    caller.patch(&path, json!({ "plan": "Done." })).await.expect(200);
    caller.post(&format!("{path}/resolve"), json!({ "reason": "Over." })).await.expect(200);
    let hold = json!({ "couple_id": app.id(couple), "kind": "touch",
                       "cover_reason": "focus_shift", "reason": "Rest." });
    caller.post("/v1/holds", hold).await.expect(201);
}

/// Answers of both partners, what came of them, and what a clinician said of it.
async fn do_homework(app: &TestApp) {
    use crate::submissions::{assign, place, submitted};
    let morgan = app.caller("clinician");
    let more = json!({ "couple_id": app.id("couple"), "note": "Be kind.", "deviation": "Agreed." });
    let homework = assign(app, "weekly_pulse", more).await;
    let pulse = json!({ "blowups": 1, "soft_moments": 3, "clear_asks": 2, "temperature": 6,
        "ease_of_reaching": 5, "gestures_noticed": 4, "resentment": 1, "feel_like_house_manager": 0 });
    for (number, partner) in [(1, "partner_a"), (2, "partner_b")] {
        app.caller(partner)
            .put(&place(&homework, number), submitted(pulse.clone()))
            .await
            .expect(201);
    }
    let comment = json!({ "assignment_id": homework, "comment": "A good week." });
    morgan.post("/v1/reviews", comment).await.expect(201);
    let wrong = assign(app, "bids", json!({ "couple_id": app.id("couple") })).await;
    let reason = json!({ "reason": "Meant for others." });
    let path = format!("/v1/assignments/{wrong}/enter-in-error");
    morgan.post(&path, reason).await.expect(200);
}

/// Notes that are begun and signed, with what stands below one, and a template.
async fn write(app: &TestApp) {
    use crate::session_notes::{sign, soap, write};
    let path = write(app, "clinician", soap(app, "Signed.")).await;
    sign(app, "clinician", &path).await.expect(200);
    let more = json!({ "reason": "correction", "text": "More.", "typed_name": "M." });
    app.caller("clinician").post(&format!("{path}/addenda"), more).await.expect(201);
    write(app, "clinician", soap(app, "Begun.")).await;
    let morgan = app.caller("clinician");
    let apart = json!({ "client_id": app.id("partner_a"), "text": "Mine." });
    morgan.post("/v1/psychotherapy-notes", apart).await.expect(201);
    let session = morgan.get("/v1/sessions?limit=1").await.text("/data/0/id");
    let summary = json!({ "session_id": session, "text": "For both." });
    morgan.post("/v1/session-summaries", summary).await.expect(201);
    let skeleton = json!({ "name": "Weekly", "format": "free", "sections": [] });
    app.caller("clinician").post("/v1/note-templates", skeleton).await.expect(201);
}

/// Whoever has the database in hand takes down what locks signed notes: the seal holds all the same.
fn unlock(conn: &mut Conn) {
    use crate::support::catalog::lines;
    use diesel::connection::SimpleConnection;
    let down: String = if matches!(conn, Conn::Sqlite(_)) {
        let names = "SELECT name AS line FROM sqlite_master WHERE type = 'trigger'";
        lines(conn, names)
            .iter()
            .map(|name| format!("DROP TRIGGER {name}"))
            .collect::<Vec<_>>()
            .join("; ")
    } else {
        ["session_notes", "session_note_acts"]
            .map(|table| format!("ALTER TABLE {table} DISABLE TRIGGER USER;"))
            .concat()
    };
    conn.batch_execute(&down).unwrap();
}

/// Sessions with every reason, and with somebody's place.
async fn meet(app: &TestApp) {
    let morgan = app.caller("clinician");
    for hour in [18, 20] {
        let mut new = crate::sessions::alone(app, hour).await;
        new["exception_reason"] = json!("On a journey.");
        new["participants"][0]["location_state"] = json!("WA");
        let path = morgan.post("/v1/sessions", new).await.expect(201).header("location");
        let reason = json!({ "by": "client", "reason": "Rest." });
        morgan.post(&format!("{path}/cancel"), reason).await.expect(200);
    }
}

/// Everything that is sealed at least once.
pub(super) async fn speak(app: &TestApp) {
    speak_of_safety(app, "clinician", "partner_a", "couple").await;
    speak_of_safety(app, "clinician", "partner_b", "couple").await;
    let other = ("other_practice_client", "other_practice_couple");
    speak_of_safety(app, "other_practice_clinician", other.0, other.1).await;
    do_homework(app).await;
    crate::programs::begun(app, json!({})).await;
    meet(app).await;
    write(app).await;
}

#[actix_web::test]
async fn a_thousand_ciphertexts_in_another_place_do_not_open() {
    let logs = Logs::listen();
    let app = TestApp::start().await;
    speak(&app).await;
    unlock(&mut app.database.open());
    let places: Vec<Place> = places(&app);
    let readable: Vec<&Place> = places.iter().filter(|place| place.own).collect();
    let mut conn = app.database.open();
    let (mut refused, mut kinds) = (Vec::new(), HashMap::new());
    // Steps without a common divisor with either length meet every kind of pair.
    for number in 0_usize.. {
        if refused.len() == SWAPS {
            break;
        }
        let (to, from) = (readable[number % readable.len()], &places[number * 7919 % places.len()]);
        if (to.table, to.column, &to.id) == (from.table, from.column, &from.id) {
            continue;
        }
        put(&mut conn, to, &from.cipher);
        let answer = app.caller(to.caller).get(&to.path).await.expect(500);
        assert_eq!(answer.text("/code"), "internal", "{to:?} {from:?}");
        refused.push(answer.header("x-request-id"));
        put(&mut conn, to, &to.cipher);
        *kinds.entry(kind(to, from)).or_insert(0) += 1;
    }
    for to in &readable {
        app.caller(to.caller).get(&to.path).await.expect(200);
    }
    let log = String::from_utf8(logs.text()).unwrap();
    for id in &refused {
        assert!(log.contains(id), "{id} is not in the log");
    }
    println!("{} ciphertexts moved ({kinds:?}), 0 opened, each in the log", refused.len());
    assert_eq!(kinds.len(), 4, "{kinds:?}");
}

fn kind(to: &Place, from: &Place) -> &'static str {
    if from.own != to.own {
        "practice"
    } else if from.table != to.table {
        "table"
    } else if from.column != to.column {
        "column"
    } else {
        "row"
    }
}
