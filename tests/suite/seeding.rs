//! `attune seed`: an empty database is filled with people whom the service then serves like any others.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use actix_web::test::{TestRequest, call_service, init_service, read_body_json};
use attune::app::Service;
use attune::clock::Clock;
use attune::db::DatabaseUrl;
use serde_json::{Value, json};

use crate::support::catalog::lines;
use crate::support::database::{ROOT_KEY, TestDatabase, issuer, parts};

/// As few as show everything: both databases have them in a few seconds.
const SUBMISSIONS: usize = 300;

fn attune(database: &TestDatabase, arguments: &[&str]) -> Output {
    let url = match &database.url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{path}"),
        DatabaseUrl::Postgres(url) => url.expose().to_owned(),
    };
    Command::new(env!("CARGO_BIN_EXE_attune"))
        .args(arguments)
        .env("DATABASE_URL", url)
        .env("ATTUNE_ROOT_KEY", ROOT_KEY)
        .env("ATTUNE_PUBLIC_URL", issuer().url)
        .output()
        .unwrap()
}

fn seed(database: &TestDatabase, credentials: &Path) -> Output {
    let (scale, file) = (SUBMISSIONS.to_string(), credentials.to_str().unwrap());
    attune(database, &["seed", "--scale", &scale, "--seed", "7", "--credentials", file])
}

fn said(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

fn count(database: &TestDatabase, of: &str) -> usize {
    let sql = format!("SELECT CAST(COUNT(*) AS TEXT) AS line FROM {of}");
    lines(&mut database.open(), &sql).first().unwrap().parse().unwrap()
}

/// What two submissions have in common whoever sent them: every column but ids, moments, days and what is sealed.
fn form_of(database: &TestDatabase, submission: &str) -> BTreeMap<&'static str, Vec<String>> {
    let mut conn = database.open();
    let mut ask = |columns: &str, rest: &str| {
        let columns = columns.split(' ').map(|one| {
            let null = one
                .strip_suffix('?')
                .map(|one| format!("CASE WHEN {one} IS NULL THEN '-' ELSE '+' END"));
            null.unwrap_or_else(|| format!("COALESCE(CAST({one} AS TEXT), '-')"))
        });
        let columns = columns.collect::<Vec<_>>().join(" || ' ' || ");
        let mut found = lines(&mut conn, &format!("SELECT {columns} AS line FROM {rest}"));
        found.sort();
        found
    };
    let of = format!("WHERE submission_id IN (SELECT id FROM submissions s WHERE {submission})");
    let occurrence =
        format!("WHERE id IN (SELECT occurrence_id FROM submissions s WHERE {submission})");
    let about = format!("WHERE resource_id IN (SELECT id FROM submissions s WHERE {submission})");
    let row = "couple_id? sensitivity occurrence_id? local_date? slot_no role policy_version_no status revision \
               device_shared app? completed_at? submitted_at?";
    let set = "couple_id? occurrence_id? entry_no entry_at? audience clinician_audience revision sensitivity widened \
               shared_at? clinicians_at? superseded_at?";
    BTreeMap::from([
        ("submission", ask(row, &format!("submissions s WHERE {submission}"))),
        ("sets", ask(set, &format!("answer_sets {of}"))),
        ("receipt", ask("status revision problems", &format!("submission_receipts {of}"))),
        (
            "occurrence",
            ask(
                "slot_no status completed_at? version planned",
                &format!("occurrences {occurrence}"),
            ),
        ),
        ("event", ask("type resource", &format!("events {about}"))),
        (
            "audit",
            ask("actor_kind actor_id? action resource fields", &format!("audit_events {about}")),
        ),
    ])
}

/// What nobody sent, which only a request can: the name of the application.
fn without_app(
    mut form: BTreeMap<&'static str, Vec<String>>,
) -> BTreeMap<&'static str, Vec<String>> {
    for row in form.get_mut("submission").into_iter().flatten() {
        let mut words: Vec<&str> = row.split(' ').collect();
        words.remove(10);
        *row = words.join(" ");
    }
    form
}

#[actix_web::test]
async fn an_empty_database_is_filled_once_and_served_like_any_other() {
    let begun = Instant::now();
    let (database, folder) = (TestDatabase::empty(), tempfile::tempdir().unwrap());
    let file = folder.path().join("credentials.json");
    let first = seed(&database, &file);
    assert!(first.status.success(), "{}", said(&first));
    assert!(said(&first).contains("300 submissions"), "{}", said(&first));
    let seeded = begun.elapsed();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(count(&database, "submissions"), SUBMISSIONS);
    assert!(count(&database, "session_notes WHERE status = 'signed'") > 2);
    assert!(count(&database, "reveals") > 2);
    assert!(count(&database, "occurrences WHERE planned") > 8, "the pulse is made ahead");

    let again = seed(&database, &file);
    assert_eq!(again.status.code(), Some(2));
    assert!(said(&again).contains("is not empty"), "{}", said(&again));
    let audit = attune(&database, &["audit", "verify"]);
    assert!(audit.status.success(), "{}", said(&audit));
    assert_eq!(said(&audit).matches(" rows, whole, last ").count(), 3);

    let made: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let id = |name: &str| made["ids"][name].as_str().unwrap().to_owned();
    let service =
        Service::assemble(parts(&database.url, Clock::System), Duration::from_secs(15)).unwrap();
    service.load_signing_keys().await.unwrap();
    let app = init_service(service.app()).await;
    let send = async |who: &str, request: TestRequest| {
        let token = made["tokens"][who].as_str().unwrap();
        let request = request.insert_header(("authorization", format!("Bearer {token}")));
        let answer = call_service(&app, request.to_request()).await;
        let status = answer.status().as_u16();
        (status, read_body_json::<Value, _>(answer).await)
    };
    let get = async |who: &str, path: &str| send(who, TestRequest::get().uri(path)).await;

    // Both partners find what the other has shared lately, and their clinician reads all of it.
    for who in ["partner_a", "partner_b"] {
        let (status, inbox) = get(who, "/v1/me/inbox").await;
        assert_eq!(status, 200, "{inbox}");
        assert!(inbox["items"].as_array().unwrap().len() >= 4, "{inbox}");
        let path = format!("/v1/couples/{}/dashboard", id("couple"));
        let (status, page) = get(who, &path).await;
        assert_eq!(status, 200, "{page}");
        let totals = page["totals"].as_array().unwrap();
        let check_in = totals.iter().find(|one| one["key"] == "daily_check_in").unwrap();
        assert_eq!(check_in["weeks"][1]["figure"]["expected"], 7, "{check_in}");
    }
    let of_couple = format!("/v1/submissions?couple_id={}&limit=100", id("couple"));
    let (_, page) = get("clinician", &of_couple).await;
    let one = page["data"][0]["id"].as_str().unwrap().to_owned();
    let (_, read) = get("clinician", &format!("/v1/submissions/{one}")).await;
    assert!(read["answers"].as_object().is_some_and(|answers| !answers.is_empty()), "{read}");
    assert_eq!(get("other_practice_clinician", &format!("/v1/submissions/{one}")).await.0, 404);
    let (_, notes) = get("clinician", "/v1/session-notes?status=signed").await;
    let note = format!("/v1/session-notes/{}", notes["data"][0]["id"].as_str().unwrap());
    assert!(get("clinician", &note).await.1.to_string().contains("what each had tried"));

    // What was written many at a time differs in nothing from what is sent.
    let day = "2015-05-05";
    for (number, who) in ["partner_a", "partner_b"].into_iter().enumerate() {
        let sent = format!("sub_01h455vb4pex5vsknk084sn02{number}");
        let path = format!("/v1/assignments/{}/submissions/{sent}", id("check_in"));
        let body = json!({ "status": "submitted", "local_date": day,
                           "answers": { "mood": 3, "stress": 4, "gratitude": "The tea.", "private_note": "So." } });
        let (status, receipt) = send(who, TestRequest::put().uri(&path).set_json(body)).await;
        assert_eq!(status, 201, "{receipt}");
    }
    let both = "EXISTS (SELECT 1 FROM occurrences o WHERE o.id = s.occurrence_id AND o.status = 'submitted')";
    let sets = "(SELECT COUNT(*) FROM answer_sets a WHERE a.submission_id = s.id) = 2";
    // Of the time in which it was on any day, as what is sent for a day so long ago.
    let every_day = jiff::Zoned::now().date().saturating_sub(jiff::Span::new().days(60));
    let newest = format!(
        "id = (SELECT id FROM submissions s WHERE {both} AND {sets} AND local_date > '2016-01-01' \
         AND local_date < '{every_day}' AND NOT EXISTS \
         (SELECT 1 FROM reveals r WHERE r.occurrence_id = s.occurrence_id) ORDER BY id DESC LIMIT 1)"
    );
    let by_request = format!(
        "id = (SELECT id FROM submissions WHERE local_date = '{day}' ORDER BY id DESC LIMIT 1)"
    );
    let (filled, sent) = (form_of(&database, &newest), form_of(&database, &by_request));
    assert!(filled.values().all(|rows| !rows.is_empty()), "{filled:?}");
    assert_eq!(without_app(filled), without_app(sent));
    println!(
        "{SUBMISSIONS} submissions in {:.1} s, filled, verified, refused and served in {:.1} s",
        seeded.as_secs_f64(),
        begun.elapsed().as_secs_f64()
    );
}
