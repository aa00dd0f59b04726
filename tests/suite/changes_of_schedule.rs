//! What becomes of the times that are there already when a schedule changes, and when its homework is over.

use serde_json::{Value, json};

use crate::occurrences::{evening, evenings, occurrences};
use crate::submissions::{check_in, place, submitted};
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

/// What went by stays as it was, whether it was done or missed: what is to be done once from now on is another thing,
/// which nobody has done and nobody has missed.
#[actix_web::test]
async fn evenings_that_become_one_date_leave_those_that_went_by_alone() {
    for first in ["submitted", "missed"] {
        let app = TestApp::start().await;
        let homework = evenings(&app).await;
        let path = format!("/v1/assignments/{homework}");
        let both_send = async |number: u128| {
            for who in ["partner_a", "partner_b"] {
                let sent = submitted(check_in(4));
                app.caller(who).put(&place(&homework, number), sent).await.expect(201);
            }
        };
        evening(&app, 0);
        if first == "submitted" {
            both_send(1).await;
        }
        evening(&app, 2);
        let by = |day: &str| json!({ "schedule": { "rhythm": { "kind": "once", "due": { "on": day } } } });
        let tells = async |today: &str, once: &str| {
            let all = told(&app.caller("clinician"), &homework, "").await;
            let past = [format!("2026-12-02 {first}"), "2026-12-03 missed".to_owned()];
            let now = [format!("2026-12-04 {today}"), format!("2026-12-05 {once}")];
            assert_eq!(all, [past, now].concat());
        };
        let due_of_last = async || {
            let all = occurrences(&app.caller("partner_a"), &homework, "").await;
            let dues = all.iter().map(|one| one["due_at"].clone());
            dues.collect::<Vec<_>>()
        };
        app.caller("clinician").patch(&path, by("2026-12-10")).await.expect(200);
        tells("open", "scheduled").await;
        // The evening that is open still takes what it was for.
        both_send(2).await;
        tells("submitted", "scheduled").await;
        evening(&app, 3);
        tells("submitted", "open").await;
        let before = due_of_last().await;
        app.caller("clinician").patch(&path, by("2026-12-12")).await.expect(200);
        let after = due_of_last().await;
        assert_eq!(before[..3], after[..3], "another date moves what is done once alone");
        assert_ne!(before[3], after[3]);
        both_send(3).await;
        tells("submitted", "submitted").await;
        app.days_pass(0);
        let figures =
            format!("/v1/figures?assignment_id={homework}&from=2026-12-02&until=2026-12-12");
        let figures = app.caller("clinician").get(&figures).await.expect(200);
        let label = if first == "submitted" { "3 of 4" } else { "2 of 4" };
        assert_eq!(figures.text("/total/label"), label);
    }
}
