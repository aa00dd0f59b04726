//! Three weeks of homework and sixty: what is asked of the database is the same.

use serde_json::{Value, json};

use super::{Watched, queries};
use crate::submissions::{assign, check_in, for_couple, place, submitted};
use crate::support::TestApp;

/// Sixty weeks, the longest time that figures are asked for, from the first evening on.
const ALL_WEEKS: &str = "from=2026-12-02&until=2028-01-25";

/// What the two do every week: a check-in that comes every evening, a kindness and a pulse.
struct Homework {
    evenings: String,
    gestures: String,
    pulse: String,
}

impl Homework {
    async fn assign(app: &TestApp) -> Self {
        let daily =
            json!({ "couple_id": app.id("couple"), "schedule": { "rhythm": { "kind": "daily" } } });
        Self {
            evenings: assign(app, "daily_check_in", daily).await,
            gestures: for_couple(app, "friendly_gestures").await,
            pulse: for_couple(app, "weekly_pulse").await,
        }
    }

    async fn is_done(&self, app: &TestApp, week: u128) {
        let pulse = json!({ "blowups": 1, "soft_moments": 3, "clear_asks": 2, "temperature": 6,
            "ease_of_reaching": 5, "resentment": 1, "feel_like_house_manager": 0 });
        let gesture = json!({ "status": "submitted",
            "entries": [{ "at": app.clock.now().to_string(), "answers": { "kind": "hug" } }] });
        for (number, who) in [(0, "partner_a"), (1, "partner_b")] {
            let (caller, number) = (app.caller(who), 6 * week + number);
            let evening = submitted(check_in(3));
            caller.put(&place(&self.evenings, number), evening).await.expect(201);
            caller.put(&place(&self.gestures, number + 2), gesture.clone()).await.expect(201);
            caller.put(&place(&self.pulse, number + 4), submitted(pulse.clone())).await.expect(201);
        }
    }

    /// What is asked, and by whom: figures and pictures of all sixty weeks.
    fn paths(&self, app: &TestApp) -> Vec<(&'static str, String)> {
        let couple = app.id("couple");
        let of_couple = format!("couple_id={couple}");
        let of_person = format!("{of_couple}&client_id={}", app.id("partner_a"));
        let evenings = format!("assignment_id={}", self.evenings);
        let figures = |of: &str| ("clinician", format!("/v1/figures?{of}&{ALL_WEEKS}"));
        let plot = |kind: &str, of: &str| {
            ("clinician", format!("/v1/figures/plot?kind={kind}&{of}&{ALL_WEEKS}"))
        };
        vec![
            ("partner_a", "/v1/me/inbox".to_owned()),
            ("partner_a", format!("/v1/couples/{couple}/dashboard")),
            ("clinician", format!("/v1/couples/{couple}/dashboard")),
            ("clinician", "/v1/caseload".to_owned()),
            figures(&of_couple),
            figures(&evenings),
            plot("calendar", &evenings),
            plot("person", &of_person),
            plot("couple", &of_couple),
        ]
    }
}

/// How many statements each takes.
async fn counted(watched: &Watched, paths: &[(&'static str, String)]) -> Vec<usize> {
    let mut counts = Vec::new();
    for (who, path) in paths {
        let caller = watched.app.caller(who);
        caller.get(path).await.expect(200);
        watched.asked();
        caller.get(path).await.expect(200);
        counts.push(queries(&watched.asked()).len());
    }
    counts
}

#[actix_web::test]
async fn sixty_weeks_of_homework_take_as_many_statements_as_three() {
    let watched = Watched::start().await;
    let app = &watched.app;
    let homework = Homework::assign(app).await;
    let paths = homework.paths(app);
    let mut counts = Vec::new();
    for week in 0..60 {
        homework.is_done(app, week).await;
        if week == 2 || week == 59 {
            counts.push(counted(&watched, &paths).await);
        }
        app.days_pass(7);
        app.tick().await;
    }
    let [three, sixty] = &counts[..] else { unreachable!() };
    assert_eq!(three, sixty);
    assert!(three[0] <= 8 && three.iter().all(|count| *count <= 20), "{three:?}");
    all_of_it_is_there(app, &paths).await;
    for ((who, path), count) in paths.iter().zip(three) {
        println!("{count:3} statements after 3 weeks and after 60: GET {path}, {who}");
    }
}

/// What was counted was made of all sixty weeks.
async fn all_of_it_is_there(app: &TestApp, paths: &[(&str, String)]) {
    let (_, figures) = &paths[4];
    let report = app.caller("clinician").get(figures).await.expect(200).json();
    let mut counted = report["assignments"].as_array().unwrap().iter();
    let evenings = counted.find(|one| one["key"] == "daily_check_in").unwrap();
    let evenings = &evenings["figures"]["total"];
    assert_eq!((&evenings["completed"], &evenings["expected"]), (&json!(60), &json!(420)));
    let filled = |weeks: &Value| {
        let all = weeks.as_array().unwrap().iter();
        all.filter(|week| week["values"] != 0).count()
    };
    let trends = &report["trends"];
    for weeks in [&trends["people"][0]["mood"], &trends["gestures"], &trends["reactivity"]] {
        assert_eq!(filled(weeks), 60, "{weeks}");
        // From a Wednesday on, sixty weeks touch sixty-one of the calendar's.
        assert_eq!(weeks.as_array().unwrap().len(), 61);
    }
}
