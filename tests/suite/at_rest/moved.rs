//! Ten thousand sealed values, each tried in a place that is not its own.
//!
//! Every sealed value of a database goes through one function on its way out, `PracticeKeys::open`, with the place
//! where the row says that it lies. Here it is called as the stores call it, with the keys of the practice as the
//! gate hands them out, and with the bytes of another place: what opens here would open in an answer. That what it
//! refuses is refused by the whole service is shown by a thousand moves through the API ([`super::swaps`]), which
//! take some milliseconds each; a move in memory takes microseconds, so that the record can be tried in depth.

use std::collections::BTreeMap;
use std::sync::Arc;

use attune::auth::Acting;
use attune::db::id::IdSource;
use attune::seal::{Column, Compartment, PracticeKeys, Sealed};
use serde_json::json;
use uuid::Uuid;

use super::swaps::{practice_hex, rows, speak};
use crate::isolation::chance::Chance;
use crate::session_notes::{of_associate, sign, soap};
use crate::sessions::{alone, book, joint};
use crate::support::TestApp;

const MOVES: usize = 10_000;

/// Every column of a resource that holds a sealed value: keyed hashes and key material are none. The story has no
/// value in one of them, a reason for which a consultation was waived.
const SEALED: [(&str, &str); 31] = [
    ("clients", "identity"),
    ("clients", "contact"),
    ("clients", "background"),
    ("clients", "external_id"),
    ("clinicians", "profile"),
    ("clinician_licenses", "number"),
    ("couples", "profile"),
    ("couple_members", "display_name"),
    ("users", "email"),
    ("consents", "signature"),
    ("treatments", "consult_waiver"),
    ("assignments", "note"),
    ("assignments", "deviation"),
    ("assignments", "error_reason"),
    ("answer_sets", "answers"),
    ("reveals", "outcomes"),
    ("reviews", "comment"),
    ("program_deviations", "reason"),
    ("alerts", "detail"),
    ("alerts", "plan"),
    ("alerts", "closing"),
    ("holds", "reason"),
    ("sessions", "exception"),
    ("sessions", "cancellation"),
    ("session_participants", "location_state"),
    ("session_notes", "content"),
    ("session_note_acts", "content"),
    ("session_note_acts", "signature"),
    ("note_templates", "body"),
    ("psychotherapy_notes", "text"),
    ("session_summaries", "text"),
];

/// Those of the clinical record, each of which is the aim of a thousand moves.
const OF_THE_RECORD: [&str; 5] = [
    "session_notes.content",
    "session_note_acts.content",
    "session_note_acts.signature",
    "psychotherapy_notes.text",
    "session_summaries.text",
];

/// A sealed value in its place.
struct Kept {
    column: Column,
    row: Uuid,
    cipher: Vec<u8>,
    own: bool,
}

impl Kept {
    fn name(&self) -> String {
        format!("{}.{}", self.column.table, self.column.name)
    }
}

fn keys(app: &TestApp, practice: &str) -> Arc<PracticeKeys> {
    let acting = Acting::Operator(app.id(practice).parse().unwrap());
    let (mut conn, now) = (app.database.open(), app.clock.now());
    let unlock = |tx: &mut attune::auth::Tx<'_>| Ok(Arc::clone(&tx.keys));
    app.gate().operate(&mut conn, acting, &IdSource::Random, now, unlock).unwrap()
}

fn opens(keys: &PracticeKeys, column: &Column, row: Uuid, cipher: &[u8]) -> bool {
    // Documents are JSON text and everything else is text: what opens at all opens as text.
    keys.open(column, row, &Sealed::<String>::from_bytes(cipher.to_vec())).is_ok()
}

/// Every sealed value of both practices, with the audience under whose key it opens where it lies.
fn kept(app: &TestApp) -> Vec<Kept> {
    let mut conn = app.database.open();
    let (first, own, other) =
        (practice_hex(&app.id("practice")), keys(app, "practice"), keys(app, "other_practice"));
    let mut all = Vec::new();
    for (table, name) in SEALED {
        for found in rows(&mut conn, table, name, "id") {
            let (is_own, row) = (found.practice == first, Uuid::from_slice(&found.id).unwrap());
            let of = |compartment| Column { table, name, compartment };
            let keys = if is_own { &own } else { &other };
            let fits: Vec<Column> = Compartment::ALL
                .into_iter()
                .map(of)
                .filter(|column| opens(keys, column, row, &found.cipher))
                .collect();
            let [column] = fits[..] else { panic!("{table}.{name} opens for {fits:?}") };
            all.push(Kept { column, row, cipher: found.cipher, own: is_own });
        }
    }
    all
}

/// Notes in every state, summaries to all and to one, and what two authors keep apart; in both practices.
async fn write_much(app: &TestApp) {
    let (morgan, rilan, ines) =
        (app.caller("clinician"), app.caller("associate"), app.caller("supervisor"));
    let together = book(app, joint(app, 15).await).await.expect(201).text("/id");
    let with_a = book(app, alone(app, 17).await).await.expect(201).text("/id");
    for number in 0..12 {
        let text = format!("Hour {number}.");
        let path = crate::session_notes::write(app, "clinician", soap(app, &text)).await;
        if number % 3 > 0 {
            sign(app, "clinician", &path).await.expect(200);
        }
        if number % 3 > 1 {
            let more = json!({ "reason": "correction", "text": text, "typed_name": "M. Sample" });
            morgan.post(&format!("{path}/addenda"), more).await.expect(201);
        }
        let path = crate::session_notes::write(app, "associate", of_associate(app, &text)).await;
        sign(app, "associate", &path).await.expect(200);
        let (verb, body) = if number % 2 == 0 {
            ("cosign", json!({ "typed_name": "I. Fixture" }))
        } else {
            ("return", json!({ "remark": text }))
        };
        ines.post(&format!("{path}/{verb}"), body).await.expect(200);
        for (session, client) in
            [(&together, None), (&together, Some("partner_b")), (&with_a, None)]
        {
            let client = client.map(|who| app.id(who));
            let new = json!({ "session_id": session, "client_id": client, "text": text });
            morgan.post("/v1/session-summaries", new).await.expect(201);
        }
        let of_a = json!({ "client_id": app.id("partner_a"), "text": text });
        morgan.post("/v1/psychotherapy-notes", of_a).await.expect(201);
        let of_c = json!({ "couple_id": app.id("couple_on_break"), "text": text });
        rilan.post("/v1/psychotherapy-notes", of_c).await.expect(201);
        let other = app.caller("other_practice_clinician");
        let treatment = app.id("other_practice_treatment");
        let new = json!({ "treatment_id": treatment, "format": "free",
            "sections": [{ "name": "text", "text": text }] });
        let path = other.post("/v1/session-notes", new).await.expect(201).header("location");
        other.post(&format!("{path}/sign"), json!({ "typed_name": "S. Mock" })).await.expect(200);
        let apart = json!({ "couple_id": app.id("other_practice_couple"), "text": text });
        other.post("/v1/psychotherapy-notes", apart).await.expect(201);
    }
}

#[actix_web::test]
async fn ten_thousand_ciphertexts_in_another_place_do_not_open() {
    let app = TestApp::start().await;
    speak(&app).await;
    write_much(&app).await;
    let all = kept(&app);
    let own = keys(&app, "practice");
    let aims: Vec<&Kept> = all.iter().filter(|one| one.own).collect();
    let of_the_record: Vec<Vec<&Kept>> = OF_THE_RECORD
        .iter()
        .map(|name| aims.iter().copied().filter(|one| one.name() == *name).collect())
        .collect();
    let (mut chance, mut tried) = (Chance::new(11), BTreeMap::<String, usize>::new());
    let (mut moves, mut kinds) = (0, BTreeMap::<&str, usize>::new());
    while moves < MOVES {
        // Every second move is into the record, and of these each column has its turn.
        let group =
            if moves % 2 == 0 { &of_the_record[moves / 2 % of_the_record.len()] } else { &aims };
        let (to, from) = (group[chance.below(group.len())], &all[chance.below(all.len())]);
        if (to.row, to.name()) == (from.row, from.name()) {
            continue;
        }
        assert!(
            !opens(&own, &to.column, to.row, &from.cipher),
            "{} of {} opened as {} of {}",
            from.name(),
            from.row,
            to.name(),
            to.row
        );
        *tried.entry(to.name()).or_default() += 1;
        let kind = match () {
            () if !from.own => "practice",
            () if from.column.table != to.column.table => "table",
            () if from.column.name != to.column.name => "column",
            () => "row",
        };
        *kinds.entry(kind).or_default() += 1;
        moves += 1;
    }
    for one in &aims {
        assert!(opens(&own, &one.column, one.row, &one.cipher), "{} where it lies", one.name());
    }
    for name in OF_THE_RECORD {
        assert!(tried[name] >= 1_000, "{name}: {tried:?}");
    }
    let untried: Vec<_> = SEALED
        .iter()
        .map(|(table, name)| format!("{table}.{name}"))
        .filter(|name| !tried.contains_key(name))
        .collect();
    assert!(untried.iter().all(|name| name == "treatments.consult_waiver"), "{untried:?}");
    assert_eq!(kinds.len(), 4, "{kinds:?}");
    println!(
        "{moves} ciphertexts moved ({kinds:?}) among {} values, 0 opened: {tried:?}",
        all.len()
    );
}
