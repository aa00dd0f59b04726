//! What one writes for both: the other confirms or contests it, or lets it stand.

use serde_json::{Value, json};

use crate::submissions::{for_couple, place, shared, submitted};
use crate::support::{Answer, Caller, TestApp};

fn changes(word: &str) -> Value {
    submitted(json!({ "changes": [{ "row_id": "1", "change": word }] }))
}

async fn say(caller: &Caller<'_>, homework: &str, word: &str) -> Answer {
    let day = json!({ "local_date": "2026-12-02" });
    caller.post(&format!("/v1/assignments/{homework}/{word}"), day).await
}

/// The occurrence as somebody reads it.
async fn seen(caller: &Caller<'_>, homework: &str) -> Value {
    let page = caller.get(&format!("/v1/assignments/{homework}/occurrences")).await.expect(200);
    page.json()["data"][0].clone()
}

async fn agreed(caller: &Caller<'_>, homework: &str) -> (String, String) {
    let one = seen(caller, homework).await;
    let text = |value: &Value| value.as_str().unwrap_or("null").to_owned();
    (text(&one["status"]), text(&one["confirmation"]["status"]))
}

fn is(status: &str, agreed: &str) -> (String, String) {
    (status.to_owned(), agreed.to_owned())
}

async fn inbox(caller: &Caller<'_>) -> (usize, Vec<Value>) {
    let inbox = caller.get("/v1/me/inbox").await.expect(200).json();
    let list = |name: &str| inbox[name].as_array().unwrap().clone();
    (list("items").len(), list("to_confirm"))
}

#[actix_web::test]
async fn it_is_done_at_once_and_confirmed_by_the_other() {
    let app = TestApp::start().await;
    let homework = for_couple(&app, "celebrate_change").await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    assert_eq!(agreed(&b, &homework).await, is("open", "null"));
    assert_eq!(say(&b, &homework, "confirm").await.expect(422).faults(), ["/local_date mismatch"]);
    a.put(&place(&homework, 1), changes("We laugh again.")).await.expect(201);
    for who in [&a, &b, &morgan] {
        assert_eq!(agreed(who, &homework).await, is("submitted", "pending"));
    }
    assert_eq!(shared(&b, &homework).await.len(), 1, "B reads what they are to confirm");
    let (open, asked) = inbox(&b).await;
    assert_eq!((open, asked.len(), asked[0]["from"].as_str()), (0, 1, Some("Åsa")));
    assert_eq!(asked[0]["local_date"], "2026-12-02");
    assert_eq!(inbox(&a).await, (0, Vec::new()));
    assert_eq!(say(&a, &homework, "confirm").await.expect(403).text("/code"), "owner_only");
    say(&app.caller("partner_c"), &homework, "confirm").await.expect(404);
    let done = say(&b, &homework, "confirm").await.expect(200);
    assert_eq!(done.text("/confirmation/status"), "confirmed");
    say(&b, &homework, "confirm").await.expect(200);
    say(&b, &homework, "contest").await.expect(409);
    assert_eq!(inbox(&b).await, (0, Vec::new()));
    assert_eq!(agreed(&a, &homework).await, is("submitted", "confirmed"));
}

#[actix_web::test]
async fn what_is_contested_is_in_progress_until_its_author_sends_it_again() {
    let app = TestApp::start().await;
    let homework = for_couple(&app, "celebrate_change").await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let tag =
        a.put(&place(&homework, 1), changes("We argue less.")).await.expect(201).header("etag");
    let no = say(&b, &homework, "contest").await.expect(200);
    assert_eq!(
        (no.text("/status"), no.text("/confirmation/status")),
        ("in_progress".into(), "contested".into())
    );
    for who in [&a, &b, &morgan] {
        assert_eq!(agreed(who, &homework).await, is("in_progress", "contested"));
    }
    assert_eq!(inbox(&a).await.0, 1, "it is open again");
    say(&b, &homework, "confirm").await.expect(409);
    let again = a.header("if-match", &tag);
    again.put(&place(&homework, 1), changes("We argue otherwise.")).await.expect(200);
    assert_eq!(agreed(&b, &homework).await, is("submitted", "pending"));
    assert_eq!(inbox(&b).await.1.len(), 1, "B is asked anew");
    say(&b, &homework, "confirm").await.expect(200);
    assert_eq!(agreed(&morgan, &homework).await, is("submitted", "confirmed"));
}

#[actix_web::test]
async fn two_days_of_silence_leave_it_done_and_unconfirmed() {
    let app = TestApp::start().await;
    let homework = for_couple(&app, "celebrate_change").await;
    app.caller("partner_a").put(&place(&homework, 1), changes("We laugh.")).await.expect(201);
    app.clock.advance_seconds(48 * 3600 - 1);
    app.days_pass(0);
    let b = app.caller("partner_b");
    assert_eq!(agreed(&b, &homework).await, is("submitted", "pending"));
    assert_eq!(inbox(&b).await.1.len(), 1);
    app.clock.advance_seconds(1);
    assert_eq!(agreed(&b, &homework).await, is("submitted", "unconfirmed"));
    assert_eq!(inbox(&b).await, (0, Vec::new()));
    let late = say(&b, &homework, "contest").await.expect(409);
    assert_eq!(late.text("/code"), "invalid_transition");
    assert_eq!(agreed(&app.caller("clinician"), &homework).await, is("submitted", "unconfirmed"));
}
