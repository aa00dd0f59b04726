//! What clinicians do with definitions.

use attune::activities::definition::catalog::FILES;
use serde_json::json;

use super::own_exercise;
use crate::support::TestApp;

const PATH: &str = "/v1/activity-definitions";

#[actix_web::test]
async fn a_clinician_finds_the_built_in_exercises_by_what_they_are_for() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let all = morgan.get(PATH).await.expect(200).json();
    assert_eq!(all["data"].as_array().unwrap().len(), FILES.len());
    let keys = |query: &'static str| {
        let morgan = app.caller("clinician");
        async move {
            let page = morgan.get(&format!("{PATH}?{query}")).await.expect(200).json();
            let found = page["data"].as_array().unwrap().iter();
            let mut keys: Vec<_> =
                found.map(|one| one["key"].as_str().unwrap().to_owned()).collect();
            keys.sort();
            keys
        }
    };
    assert_eq!(keys("key=daily_check_in").await, ["daily_check_in"]);
    assert_eq!(keys("sensitivity=sexual_health").await, ["sensual_inventory"]);
    assert_eq!(
        keys("sensitivity=safety").await,
        ["private_safety_check", "risk_screen", "trauma_echo_note"]
    );
    assert_eq!(keys("status=draft").await, ["sensual_inventory"]);
    assert!(keys("category=ground_rules").await.contains(&"daily_check_in".to_owned()));
    assert!(keys("thread=emotional_safety").await.contains(&"daily_check_in".to_owned()));
    assert!(!keys("thread=autonomy").await.contains(&"daily_check_in".to_owned()));
    assert!(keys("origin=practice").await.is_empty());
    app.caller("partner_a").get(PATH).await.expect(403);
}

#[actix_web::test]
async fn an_exercise_of_the_practices_own_is_written_mended_and_put_to_use() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let mut draft = own_exercise();
    draft["threads"] = json!([]);
    draft["gates"] = json!([]);
    let made = morgan.post(PATH, draft.clone()).await.expect(201);
    let path = format!("{PATH}/{}", made.text("/id"));
    assert_eq!((made.text("/status"), made.text("/origin")), ("draft".into(), "practice".into()));
    let rules: Vec<_> = made.json()["findings"].as_array().unwrap().clone();
    assert_eq!(rules.len(), 2, "{rules:?}");
    let refused = morgan.act(&format!("{path}/activate")).await.expect(409);
    assert_eq!(refused.text("/code"), "requirements_missing");
    assert_eq!(refused.faults(), ["/definition/threads L11", "/definition/gates L18"]);
    let mended = morgan.put(&path, own_exercise()).await.expect(200);
    assert_eq!(mended.json()["findings"], json!([]));
    let again = morgan.put(&path, own_exercise()).await.expect(200);
    assert_eq!(again.body, mended.body, "sent again it changes nothing");
    let active = morgan.act(&format!("{path}/activate")).await.expect(200);
    assert_eq!(active.text("/status"), "active");

    let frozen = morgan.put(&path, draft).await.expect(409);
    assert_eq!(frozen.text("/code"), "invalid_transition");
    morgan.post(PATH, own_exercise()).await.expect(409);
    let mut next = own_exercise();
    next["version"] = json!("1.1.0");
    let next = format!("{PATH}/{}", morgan.post(PATH, next).await.expect(201).text("/id"));
    morgan.act(&format!("{next}/activate")).await.expect(200);
    assert_eq!(
        morgan.get(&path).await.text("/status"),
        "retired",
        "one version is active at a time"
    );
    morgan.act(&format!("{path}/activate")).await.expect(200);
    assert_eq!(morgan.get(&next).await.text("/status"), "retired");
}

#[actix_web::test]
async fn the_built_in_catalogue_is_turned_on_and_off_and_never_changed() {
    let app = TestApp::start().await;
    let morgan = app.caller("clinician");
    let id = |key: &'static str| {
        let morgan = app.caller("clinician");
        async move {
            let page = morgan.get(&format!("{PATH}?key={key}")).await.expect(200);
            format!("{PATH}/{}", page.text("/data/0/id"))
        }
    };
    let inventory = id("sensual_inventory").await;
    let on = morgan.act(&format!("{inventory}/activate")).await.expect(200);
    assert_eq!(on.text("/status"), "active");
    morgan.act(&format!("{inventory}/retire")).await.expect(200);
    let check_in = id("daily_check_in").await;
    let definition = morgan.get(&check_in).await.json()["definition"].clone();
    morgan.put(&check_in, definition.clone()).await.expect(409);
    let mut imitation = definition;
    imitation["version"] = json!("9.0.0");
    assert_eq!(morgan.post(PATH, imitation).await.expect(422).faults(), ["/key not_permitted"]);
    let other = app.caller("other_practice_clinician");
    other.get(&check_in).await.expect(404);
    other.act(&format!("{inventory}/retire")).await.expect(404);
}

/// What one person writes about sexual health, another reads before anybody is asked it.
#[actix_web::test]
async fn an_exercise_on_sexual_health_needs_four_eyes() {
    let app = TestApp::start().await;
    let mut definition = super::built_in("sensual_inventory");
    definition["key"] = json!("our_inventory");
    let morgan = app.caller("clinician");
    let made = morgan.post(PATH, definition).await.expect(201);
    let activate = format!("{PATH}/{}/activate", made.text("/id"));
    let alone = morgan.act(&activate).await.expect(409);
    assert_eq!(alone.faults(), ["/definition second_person_required"]);
    app.caller("service_app").act(&activate).await.expect(409);
    app.caller("supervisor").act(&activate).await.expect(200);
}

/// Whatever fits the document can be written down, for its faults to be seen.
#[actix_web::test]
async fn a_draft_with_every_member_there_is_can_be_written() {
    let app = TestApp::start().await;
    let document = crate::support::document::Document::read();
    let operations = document.operations_of_v1();
    let create = operations.iter().find(|one| one.id == "createActivityDefinition").unwrap();
    let sample = document.sample(create.body.as_ref().unwrap());
    let made = app.caller("clinician").post(PATH, sample).await.expect(201);
    assert!(!made.json()["findings"].as_array().unwrap().is_empty());
}

/// A practice that was founded before an exercise was added has it after the next start.
#[actix_web::test]
async fn what_the_catalogue_has_and_a_practice_has_not_is_installed_once() {
    use attune::auth::Acting;
    use diesel::connection::SimpleConnection;
    let app = TestApp::start().await;
    let mut conn = app.database.open();
    conn.batch_execute("DELETE FROM activity_definitions WHERE key IN ('bids', 'big_rocks')")
        .unwrap();
    let count = async || app.caller("clinician").get(PATH).await.ids().len();
    assert_eq!(count().await, FILES.len() - 2);
    let practice = app.id("practice").parse().unwrap();
    for _ in 0..2 {
        let ids = attune::db::id::IdSource::Random;
        app.gate()
            .operate(&mut conn, Acting::Operator(practice), &ids, app.clock.now(), |tx| {
                attune::activities::store::install_built_in(tx)
            })
            .unwrap();
        assert_eq!(count().await, FILES.len());
    }
}
