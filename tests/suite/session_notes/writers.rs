//! Many who write one draft at once: whoever was told that it is kept finds it kept.

use serde_json::json;

use super::{Asked, at_once, soap, write};
use crate::support::{Answer, TestApp};

const WRITERS: usize = 64;

fn rounds() -> usize {
    std::env::var("ATTUNE_WRITER_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(100)
}

#[actix_web::test]
async fn of_64_writers_on_one_draft_one_is_kept_and_the_others_are_told() {
    let app = TestApp::start().await;
    let path = write(&app, "clinician", soap(&app, "The beginning.")).await;
    let morgan = app.caller("clinician");
    let (mut kept, mut refused) = (0, 0);
    for round in 0..rounds() {
        let tag = morgan.get(&path).await.expect(200).header("etag");
        let (morgan, path, tag) = (&morgan, &path, &tag);
        let asked: Vec<Asked<'_, Answer>> = (0..WRITERS)
            .map(|writer| -> Asked<'_, Answer> {
                let text = format!("Round {round}, writer {writer}.");
                let body = json!({ "sections": [{ "name": "plan", "text": text }] });
                Box::pin(async move { morgan.patch_if(path, tag, body).await })
            })
            .collect();
        let answers = at_once(asked).await;
        let winners: Vec<usize> = answers
            .iter()
            .enumerate()
            .filter(|(_, answer)| answer.status == 200)
            .map(|(writer, _)| writer)
            .collect();
        assert_eq!(winners.len(), 1, "one of those who had read the same");
        assert!(answers.iter().all(|answer| [200, 412].contains(&answer.status.as_u16())));
        let now = morgan.get(path).await.expect(200).text("/sections/0/text");
        assert_eq!(now, format!("Round {round}, writer {}.", winners[0]));
        kept += 1;
        refused += answers.len() - 1;
    }
    println!(
        "{kept} rounds of {WRITERS} writers: {kept} kept, {refused} told to read again, 0 lost"
    );
}

/// A note that is open on a desk and on a telephone.
#[actix_web::test]
async fn two_devices_that_keep_a_draft_lose_nothing() {
    let app = TestApp::start().await;
    let path = write(&app, "clinician", soap(&app, "The beginning.")).await;
    let morgan = app.caller("clinician");
    let tag = morgan.get(&path).await.header("etag");
    let typed = |text: &str| json!({ "sections": [{ "name": "plan", "text": text }] });
    let desk = morgan.patch_if(&path, &tag, typed("From the desk.")).await.expect(200);
    let late = morgan.patch_if(&path, &tag, typed("From the telephone.")).await.expect(412);
    assert_eq!(late.text("/code"), "precondition_failed");
    morgan
        .header("if-match", "")
        .send(actix_web::http::Method::PATCH, &path, Some(typed("x")))
        .await
        .expect(428);
    assert_eq!(morgan.get(&path).await.text("/sections/0/text"), "From the desk.");
    let both = typed("From the desk. From the telephone.");
    morgan.patch_if(&path, &desk.header("etag"), both).await.expect(200);
}
