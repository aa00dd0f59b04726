//! The homework that `attune demo` tells beside the story: something of every kind to look at.

use serde_json::{Value, json};

use crate::support::{Caller, TestApp};

async fn inbox(caller: &Caller<'_>, homework: &str) -> Option<Value> {
    let inbox = caller.get("/v1/me/inbox").await.expect(200).json();
    let items = inbox["items"].as_array().unwrap();
    items.iter().find(|item| item["assignment"]["id"] == homework).cloned()
}

async fn shared(caller: &Caller<'_>, homework: &str) -> Vec<Value> {
    crate::submissions::shared(caller, homework).await
}

#[actix_web::test]
async fn the_demo_holds_homework_in_every_state() {
    let app = TestApp::start().await;
    let told = attune::demo::homework(&mut app.database.open(), app.gate(), &app.cast).unwrap();
    let again = attune::demo::homework(&mut app.database.open(), app.gate(), &app.cast).unwrap();
    assert_eq!(told, again, "told once");
    let (a, b, c) = (app.caller("partner_a"), app.caller("partner_b"), app.caller("partner_c"));
    let morgan = app.caller("clinician");

    // Open for both, and begun by nobody.
    for partner in [&a, &b] {
        let item = inbox(partner, &told["statements"]).await.unwrap();
        assert_eq!((&item["status"], &item["own"]), (&json!("open"), &Value::Null));
    }

    // Sent by one, begun by the other: neither knows of it.
    let threads = &told["threads"];
    assert!(inbox(&a, threads).await.is_none(), "A has sent it");
    let item = inbox(&b, threads).await.unwrap();
    assert_eq!(
        (&item["status"], &item["own"]["answers"]["shared_meaning"]),
        (&json!("in_progress"), &json!(5))
    );
    assert!(shared(&a, threads).await.is_empty() && shared(&b, threads).await.is_empty());

    // Revealed, with what came of it, and looked at.
    let pulse = &told["pulse"];
    for partner in [&a, &b] {
        assert_eq!(shared(partner, pulse).await[0]["answers"]["soft_moments"], 5);
        let own = partner.get(&format!("/v1/submissions?assignment_id={pulse}")).await.ids();
        let own = partner.get(&format!("/v1/submissions/{}", own[0])).await.json();
        assert_eq!(own["outcomes"], json!({ "gestures_noticed": "higher" }));
        let review = partner.get(&format!("/v1/reviews?assignment_id={pulse}")).await;
        assert!(review.text("/data/0/comment").contains("soft moments"));
    }

    // Shared at once; one evening was skipped, and the other does not see that.
    let check_in = &told["check_in"];
    assert_eq!((shared(&a, check_in).await.len(), shared(&b, check_in).await.len()), (1, 2));
    let skipped = morgan.get("/v1/submissions?status=skipped").await.expect(200);
    assert_eq!(skipped.text("/data/0/author_id"), app.id("partner_b"));
    assert_eq!(inbox(&c, &told["statements_on_break"]).await.unwrap()["status"], "skipped");

    // Said alone: its author reads it no more, the other nothing, the clinicians an alert.
    let routine = &told["routine_questions"];
    for partner in [&a, &b] {
        let list = format!("/v1/submissions?assignment_id={routine}");
        assert!(partner.get(&list).await.expect(200).ids().is_empty());
    }
    b.get(&format!("/v1/assignments/{routine}")).await.expect(404);
    assert!(inbox(&b, &told["routine_questions_b"]).await.is_some(), "each is asked");
    let alerts = morgan.get("/v1/alerts?status=raised").await.expect(200);
    assert_eq!(alerts.ids().len(), 1);
    assert_eq!(
        (alerts.text("/data/0/code"), alerts.text("/data/0/client_id")),
        ("fear_of_partner".to_owned(), app.id("partner_a"))
    );
}
