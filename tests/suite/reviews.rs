//! Reviews: that somebody has looked, and a word for whom it is meant.

use serde_json::{Value, json};

use crate::submissions::{device_id, for_couple, goals, place, submitted};
use crate::support::TestApp;

const REVIEWS: &str = "/v1/reviews";

/// Homework that both have sent, and the practice's ids of A's and of B's.
async fn answered(app: &TestApp) -> (String, [Value; 2]) {
    let homework = for_couple(app, "goal_statements").await;
    let mut sent = [Value::Null, Value::Null];
    for (number, who) in ["partner_a", "partner_b"].into_iter().enumerate() {
        let path = place(&homework, u128::try_from(number).unwrap());
        app.caller(who).put(&path, submitted(goals("time"))).await.expect(201);
        let of_one = format!("/v1/submissions?assignment_id={homework}&author_id={}", app.id(who));
        sent[number] = json!(app.caller("clinician").get(&of_one).await.ids()[0]);
    }
    (homework, sent)
}

#[actix_web::test]
async fn a_word_is_read_by_whom_it_is_meant_for() {
    let app = TestApp::start().await;
    let (a, b, morgan) =
        (app.caller("partner_a"), app.caller("partner_b"), app.caller("clinician"));
    let (homework, [of_a, of_b]) = answered(&app).await;
    let seen = async |who: &str| {
        let page = app.caller(who).get(&format!("{REVIEWS}?assignment_id={homework}")).await;
        let mut ids = page.expect(200).ids();
        ids.sort();
        ids
    };
    let sorted = |ids: &[&str]| {
        let mut ids: Vec<_> = ids.iter().map(|id| (*id).to_owned()).collect();
        ids.sort();
        ids
    };

    let word = json!({ "submission_id": of_a, "comment": "Herons come back." });
    let to_a = morgan.post(REVIEWS, word).await.expect(201);
    assert_eq!(
        (&to_a.json()["submission_id"], to_a.text("/comment").as_str()),
        (&of_a, "Herons come back.")
    );
    assert_eq!(to_a.text("/clinician_id"), app.id("clinician"));
    let path = to_a.header("location");
    let read = a.get(&path).await.expect(200).json();
    assert_eq!(read["comment"], "Herons come back.");
    assert_eq!(read["submission_id"], device_id(0), "by the id that A's device made");
    assert_eq!(read["clinician_id"], Value::Null);
    b.get(&path).await.expect(404);
    assert_eq!(seen("partner_b").await, Vec::<String>::new(), "a word to A is not B's");

    let word = json!({ "assignment_id": homework, "comment": "Well said, both." });
    let to_both = morgan.post(REVIEWS, word).await.expect(201);
    for partner in [&a, &b] {
        let read = partner.get(&to_both.header("location")).await.expect(200).json();
        assert_eq!(
            (&read["comment"], &read["submission_id"]),
            (&json!("Well said, both."), &Value::Null)
        );
    }

    let looked = morgan.post(REVIEWS, json!({ "submission_id": of_b })).await.expect(201);
    assert_eq!(looked.json()["comment"], Value::Null, "looked at, without a word");
    let read = b.get(&looked.header("location")).await.expect(200).json();
    assert_eq!((&read["comment"], &read["submission_id"]), (&Value::Null, &json!(device_id(1))));
    a.get(&looked.header("location")).await.expect(404);

    let (one, both, other) = (to_a.text("/id"), to_both.text("/id"), looked.text("/id"));
    assert_eq!(seen("partner_a").await, sorted(&[&one, &both]));
    assert_eq!(seen("partner_b").await, sorted(&[&both, &other]));
    assert_eq!(seen("clinician").await, sorted(&[&one, &both, &other]));
    let path = |id: &str| format!("{REVIEWS}/{id}");
    let of_administration = app.caller("practice_admin").get(&path(&one)).await.expect(200).json();
    assert_eq!(of_administration["comment"], Value::Null, "who treats nobody reads no word");
}

#[actix_web::test]
async fn nobody_reviews_but_who_treats() {
    let app = TestApp::start().await;
    let (homework, [of_a, _]) = answered(&app).await;
    let word = json!({ "submission_id": of_a, "comment": "Herons come back." });
    let path = app.caller("clinician").post(REVIEWS, word.clone()).await.expect(201);
    let path = path.header("location");
    let whole = json!({ "assignment_id": homework, "comment": "Well said, both." });
    for who in ["partner_a", "partner_b", "practice_admin", "service_app"] {
        for review in [&word, &whole] {
            app.caller(who).post(REVIEWS, review.clone()).await.expect(403);
        }
    }
    // A colleague who does not treat them finds nothing to review, as if there were none.
    for who in ["associate", "other_practice_clinician"] {
        let colleague = app.caller(who);
        colleague.get(&path).await.expect(404);
        assert!(colleague.get(REVIEWS).await.expect(200).ids().is_empty(), "{who}");
        for (review, at) in [(&word, "/submission_id"), (&whole, "/assignment_id")] {
            let refused = colleague.post(REVIEWS, review.clone()).await.expect(422);
            assert_eq!(refused.faults(), [format!("{at} not_found")], "{who}");
        }
    }
    let both = json!({ "assignment_id": homework, "submission_id": of_a });
    for review in [both, json!({ "comment": "Well said." })] {
        let refused = app.caller("clinician").post(REVIEWS, review).await.expect(422);
        assert_eq!(refused.faults(), ["/assignment_id mismatch"], "one of the two");
    }
}
