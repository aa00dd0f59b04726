//! Shared summaries: what clients read about a session.

use serde_json::json;

use crate::sessions::{alone, book, joint};
use crate::support::TestApp;

const SUMMARIES: &str = "/v1/session-summaries";
const OWN: &str = "/v1/me/summaries";

#[actix_web::test]
async fn a_summary_is_released_to_all_or_to_one() {
    let app = TestApp::start().await;
    let together = book(&app, joint(&app, 18).await).await.expect(201).text("/id");
    let with_a = book(&app, alone(&app, 20).await).await.expect(201).text("/id");
    let morgan = app.caller("clinician");
    let begin = async |session: &str, client: Option<&str>, text: &str| {
        let client = client.map(|who| app.id(who));
        let new = json!({ "session_id": session, "client_id": client, "text": text });
        morgan.post(SUMMARIES, new).await.expect(201).header("location")
    };
    let all = begin(&together, None, "We spoke of mornings.").await;
    let aside = begin(&together, Some("partner_a"), "A word for you.").await;
    let own = begin(&with_a, None, "What we said alone.").await;
    let seen = async |who: &str| {
        let page = app.caller(who).get(OWN).await.expect(200).json();
        let texts = page["data"].as_array().unwrap().iter();
        texts.map(|one| one["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(seen("partner_a").await.is_empty(), "a draft is nobody's to read");
    morgan.patch(&all, json!({ "text": "We spoke of the mornings." })).await.expect(200);
    for path in [&all, &aside, &own] {
        morgan.post(&format!("{path}/publish"), json!({})).await.expect(200);
    }
    assert_eq!(seen("partner_b").await, ["We spoke of the mornings."]);
    assert_eq!(seen("partner_a").await.len(), 3);
    morgan.patch(&all, json!({ "text": "x" })).await.expect(409);
    morgan.act(&format!("{all}/withdraw")).await.expect(200);
    assert!(seen("partner_b").await.is_empty());
    for who in ["practice_admin", "service_app", "associate", "supervisor"] {
        app.caller(who).get(&all).await.expect(404);
    }
    app.caller("partner_a").get(&all).await.expect(403);
    let stranger = json!({ "session_id": with_a, "client_id": app.id("partner_b"), "text": "x" });
    assert_eq!(
        morgan.post(SUMMARIES, stranger).await.expect(422).faults(),
        ["/client_id not_found"]
    );
}

#[actix_web::test]
async fn under_a_hold_a_word_to_both_is_looked_at_twice() {
    let app = TestApp::start().await;
    let session = book(&app, joint(&app, 18).await).await.expect(201).text("/id");
    let morgan = app.caller("clinician");
    let new = json!({ "session_id": session, "text": "Rest well." });
    let path = morgan.post(SUMMARIES, new).await.expect(201).header("location");
    let hold =
        json!({ "couple_id": app.id("couple"), "kind": "conjoint", "cover_reason": "focus_shift" });
    morgan.post("/v1/holds", hold).await.expect(201);
    let refused = morgan.post(&format!("{path}/publish"), json!({})).await.expect(409);
    assert_eq!(refused.faults(), ["/neutral neutral_required"]);
    morgan.post(&format!("{path}/publish"), json!({ "neutral": true })).await.expect(200);
}
