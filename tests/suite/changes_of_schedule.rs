//! What becomes of the times that are there already when a schedule changes, and when its homework is over.

use serde_json::{Value, json};

use crate::occurrences::{evening, evenings, occurrences};
use crate::support::{Caller, TestApp};

/// Day and status of each, as `2026-12-02 missed`.
async fn told(caller: &Caller<'_>, homework: &str, query: &str) -> Vec<String> {
    let all = occurrences(caller, homework, query).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    all.iter().map(|one| format!("{} {}", text(&one["local_date"]), text(&one["status"]))).collect()
}

/// A change takes back what has not opened and makes it anew, each date once; what is over takes place no more, and
/// says so to everybody alike.
#[actix_web::test]
async fn what_a_change_takes_back_comes_anew_and_what_is_over_is_cancelled() {
    let app = TestApp::start().await;
    let homework = evenings(&app).await;
    let path = format!("/v1/assignments/{homework}");
    evening(&app, 2);
    let first_days = "&until=2026-12-07";
    let morgan = app.caller("clinician");
    let past = ["2026-12-02 missed", "2026-12-03 missed", "2026-12-04 open"];
    let ahead = |status: &str| ["05", "06", "07"].map(|day| format!("2026-12-{day} {status}"));
    let expected = |status: &str| {
        past.iter().map(|one| (*one).to_owned()).chain(ahead(status)).collect::<Vec<_>>()
    };
    assert_eq!(told(&morgan, &homework, first_days).await, expected("scheduled"));

    // Every second day from now on: the days between are gone, and none of them is left behind as cancelled.
    let every = |days: u8| {
        let rhythm = json!({ "kind": "daily", "every": days, "times": ["20:00"] });
        json!({ "schedule": { "rhythm": rhythm } })
    };
    morgan.patch(&path, every(2)).await.expect(200);
    let fewer = told(&morgan, &homework, first_days).await;
    assert_eq!(fewer[..3], past);
    assert_eq!(fewer[3..], ["2026-12-06 scheduled"]);
    morgan.patch(&path, every(1)).await.expect(200);
    assert_eq!(told(&morgan, &homework, first_days).await, expected("scheduled"), "and back again");

    morgan.act(&format!("{path}/withdraw")).await.expect(200);
    let over = expected("cancelled");
    for who in ["clinician", "partner_a", "partner_b"] {
        assert_eq!(told(&app.caller(who), &homework, first_days).await, over, "{who}");
    }
    app.days_pass(20);
    app.tick().await;
    let morgan = app.caller("clinician");
    let all = told(&morgan, &homework, "&from=2026-12-05").await;
    assert!(all.len() > 20 && all.iter().all(|one| one.ends_with(" cancelled")), "{all:?}");
    let figures = format!("/v1/figures?assignment_id={homework}&from=2026-12-02&until=2026-12-20");
    let figures = morgan.get(&figures).await.expect(200);
    assert_eq!(figures.text("/total/label"), "0 of 3", "what is cancelled is due to nobody");
}
