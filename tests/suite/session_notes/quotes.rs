//! A private answer stands in its author's own record, and in no note of the couple's.

use serde_json::json;

use super::{NOTES, soap};
use crate::submissions::{check_in, for_couple, goals, place, submitted};
use crate::support::TestApp;

#[actix_web::test]
async fn a_private_answer_is_quoted_in_its_authors_own_record_alone() {
    let app = TestApp::start().await;
    let (daily, mutual) =
        (for_couple(&app, "daily_check_in").await, for_couple(&app, "goal_statements").await);
    let a = app.caller("partner_a");
    a.put(&place(&daily, 1), submitted(check_in(2))).await.expect(201);
    a.put(&place(&mutual, 2), submitted(goals("time"))).await.expect(201);
    let morgan = app.caller("clinician");
    let sent = async |homework: &str| {
        morgan.get(&format!("/v1/submissions?assignment_id={homework}")).await.text("/data/0/id")
    };
    let (daily, statement) = (sent(&daily).await, sent(&mutual).await);
    let quote = |submission: &str, link_id: &str| json!([{ "submission_id": submission, "link_id": link_id }]);
    let ask = async |quotes, client: Option<&str>| {
        let mut new = soap(&app, "She said so.");
        new["quotes"] = quotes;
        if let Some(client) = client {
            new["client_id"] = json!(app.id(client));
        }
        morgan.post(NOTES, new).await
    };
    let (a, b) = (Some("partner_a"), Some("partner_b"));
    for (quotes, record, fits) in [
        (quote(&daily, "gratitude"), None, true),
        (quote(&daily, "gratitude"), b, true),
        (quote(&daily, "private_note"), None, false),
        (quote(&daily, "private_note"), b, false),
        (quote(&daily, "private_note"), a, true),
        (quote(&statement, "problem"), None, false),
        (quote(&statement, "problem"), b, false),
        (quote(&statement, "problem"), a, true),
    ] {
        let answer = ask(quotes.clone(), record).await;
        if fits {
            answer.expect(201);
        } else {
            assert_eq!(
                answer.expect(422).faults(),
                ["/quotes/0 private_source"],
                "{quotes} {record:?}"
            );
        }
    }
    // Once both have sent theirs, both read it.
    app.caller("partner_b").put(&place(&mutual, 3), submitted(goals("money"))).await.expect(201);
    ask(quote(&statement, "problem"), None).await.expect(201);
    assert_eq!(
        ask(quote(&daily, "nothing"), None).await.expect(422).faults(),
        ["/quotes/0/link_id mismatch"]
    );
    let unseen = crate::submissions::device_id(77);
    assert_eq!(
        ask(quote(&unseen, "mood"), None).await.expect(422).faults(),
        ["/quotes/0/submission_id not_found"]
    );

    // What was taken into a draft of the couple's record later is looked at as well.
    let path = super::write(&app, "clinician", soap(&app, "Later.")).await;
    let late =
        morgan.patch(&path, json!({ "quotes": quote(&daily, "private_note") })).await.expect(422);
    assert_eq!(late.faults(), ["/quotes/0 private_source"]);
}
