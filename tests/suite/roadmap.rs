//! Five weeks of the roadmap, from one end to the other, through the three people's own tokens: check-ins, another
//! time, a busy week, a pause with a day to go on, and a week with a mishap at home. The figures are those of the
//! design, to the number.

mod endings;

use serde_json::{Value, json};

use crate::programs::begun;
use crate::submissions::{check_in, for_couple, place, submitted};
use crate::support::{Answer, TestApp};

/// The couple, their programme and its check-in, on the story's clock.
struct Couple {
    app: TestApp,
    program: Answer,
    check_in: String,
    sent: u128,
}

const PARTNERS: [&str; 2] = ["partner_a", "partner_b"];

/// To this moment in Seattle, in winter, when its clocks are eight hours behind.
fn go_to(app: &TestApp, moment: &str) {
    let wanted = format!("{moment}:00-08:00").parse::<jiff::Timestamp>().unwrap();
    let seconds = (wanted.as_microsecond() - app.clock.now().micros()) / 1_000_000;
    assert!(seconds >= 0, "{moment} has gone by");
    app.clock.advance_seconds(seconds);
    app.days_pass(0);
}

impl Couple {
    /// Morgan begins the roadmap on a Monday morning.
    async fn begin() -> Self {
        let app = TestApp::start().await;
        go_to(&app, "2026-12-07T09:00");
        let program = begun(&app, json!({ "starts_on": "2026-12-07" })).await;
        let phases = program.json()["phases"].as_array().unwrap().clone();
        let actions = phases.iter().flat_map(|phase| phase["actions"].as_array().unwrap());
        let check_in = actions.clone().find(|action| action["key"] == "check_in").unwrap();
        let check_in = check_in["assignment_id"].as_str().unwrap().to_owned();
        Self { app, program, check_in, sent: 0 }
    }

    /// Both send the check-in of this moment.
    async fn check_in_at(&mut self, moment: &str) {
        self.go_to(moment).await;
        for who in PARTNERS {
            self.sent += 1;
            let path = place(&self.check_in, self.sent);
            self.app.caller(who).put(&path, submitted(check_in(3))).await.expect(201);
        }
    }

    /// The worker comes by.
    async fn go_to(&self, moment: &str) {
        go_to(&self.app, moment);
        self.app.tick().await;
    }

    /// The page of the two, which is the same for both.
    async fn page(&self) -> Value {
        let path = format!("/v1/couples/{}/dashboard", self.app.id("couple"));
        let mut pages = Vec::new();
        for who in PARTNERS {
            let mut page = self.app.caller(who).get(&path).await.expect(200).json();
            page.as_object_mut().unwrap().remove("viewer");
            pages.push(page);
        }
        assert_eq!(pages[0], pages[1]);
        pages.remove(0)
    }

    /// Somebody marks a demanding stretch, of which both know from then on.
    async fn marks(&mut self, who: &str, homework: &str, kind: &str, from: &str, until: &str) {
        self.sent += 1;
        let answers = json!({ "kind": kind, "from_on": from, "to_on": until });
        let entries = json!([{ "at": self.app.clock.now().to_string(), "answers": answers }]);
        let body = json!({ "status": "submitted", "entries": entries });
        self.app.caller(who).put(&place(homework, self.sent), body).await.expect(201);
        for reader in PARTNERS.into_iter().filter(|reader| *reader != who) {
            let seen = crate::submissions::shared(&self.app.caller(reader), homework).await;
            let told =
                |one: &Value| one["answers"]["kind"] == kind && one["answers"]["from_on"] == from;
            assert!(seen.iter().any(told), "{reader} in {seen:?}");
        }
    }

    /// The words of the week of the check-in that begins on this day.
    async fn label(&self, monday: &str) -> String {
        self.week(monday).await["label"].as_str().unwrap().to_owned()
    }

    /// The couple's figure of that week.
    async fn week(&self, monday: &str) -> Value {
        let page = self.page().await;
        let totals = page["totals"].as_array().unwrap();
        let of_check_in =
            totals.iter().find(|total| total["assignment_id"] == self.check_in.as_str()).unwrap();
        let weeks = of_check_in["weeks"].as_array().unwrap();
        let week = weeks.iter().find(|week| week["from"] == monday).unwrap();
        week["figure"].clone()
    }

    async fn suggestions(&self) -> Vec<String> {
        let page = self.page().await;
        let all = page["suggestions"].as_array().unwrap();
        all.iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    }

    /// What Morgan reads of a week of the check-in: the couple's figure, and how many each has done.
    async fn figures(&self, from: &str, until: &str) -> (String, Vec<String>) {
        let path = format!("/v1/figures?assignment_id={}&from={from}&until={until}", self.check_in);
        let report = self.app.caller("clinician").get(&path).await.expect(200).json();
        let people = report["people"].as_array().unwrap().iter();
        let people = people.map(|one| one["figure"]["label"].as_str().unwrap().to_owned());
        (report["total"]["label"].as_str().unwrap().to_owned(), people.collect())
    }

    fn deviations(program: &Answer) -> Vec<String> {
        let all = program.json()["deviations"].as_array().unwrap().clone();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        all.iter().map(|one| format!("{} {}", text(&one["kind"]), text(&one["about"]))).collect()
    }
}

#[actix_web::test]
async fn five_weeks_of_the_roadmap_come_out_as_the_design_has_them() {
    let mut couple = Couple::begin().await;
    // What waits for a feature that is not there is on record, the stop phrases among it.
    let passed = Couple::deviations(&couple.program);
    for waits in ["awaits ground_rules", "awaits stop_phrases", "precondition two_sentences"] {
        assert!(passed.contains(&waits.to_owned()), "{waits} in {passed:?}");
    }
    let occurrences = format!("/v1/assignments/{}/occurrences", couple.check_in);
    let first = couple.app.caller("partner_a").get(&occurrences).await.expect(200);
    assert_eq!(first.text("/data/0/due_there/at"), "20:00");
    let of_b = couple.app.caller("partner_b").get(&occurrences).await.expect(200);
    assert_eq!(of_b.text("/data/0/due_here/at"), "21:00", "in Boise it is an hour later");

    // Week 1: done on Monday, left out on Tuesday and Wednesday.
    couple.check_in_at("2026-12-07T20:05").await;
    couple.go_to("2026-12-09T20:05").await;
    assert_eq!(couple.suggestions().await, [""; 0], "Wednesday evening is not over");
    couple.go_to("2026-12-10T00:10").await;
    assert_eq!(couple.suggestions().await, ["try_another_time"], "on Wednesday night");
    for day in ["2026-12-10", "2026-12-11", "2026-12-12"] {
        couple.check_in_at(&format!("{day}T20:05")).await;
        assert_eq!(couple.suggestions().await, [""; 0]);
    }

    // On Sunday B proposes the morning, and A says yes: from the next day on. Sunday evening is left out.
    couple.go_to("2026-12-13T12:00").await;
    let proposals = format!("/v1/assignments/{}/time-proposals", couple.check_in);
    let b = couple.app.caller("partner_b");
    let proposed = b.post(&proposals, json!({ "time_of_day": "07:15" })).await.expect(201);
    let accept = format!("/v1/time-proposals/{}/accept", proposed.text("/id"));
    couple.app.caller("partner_a").act(&accept).await.expect(200);
    couple.go_to("2026-12-14T07:05").await;
    assert_eq!(couple.label("2026-12-07").await, "4 of 7");
    let (all, each) = couple.figures("2026-12-07", "2026-12-13").await;
    assert_eq!((all.as_str(), each), ("4 of 7", vec!["4 of 7".to_owned(); 2]));

    // Week 2: left out on Wednesday and on Saturday.
    for day in ["14", "15", "17", "18", "20"] {
        couple.check_in_at(&format!("2026-12-{day}T07:20")).await;
    }
    assert_eq!(couple.suggestions().await, ["name_the_consistency"], "five of the last seven");
    couple.go_to("2026-12-21T07:05").await;
    assert_eq!(couple.label("2026-12-14").await, "5 of 7");
    assert_eq!(couple.figures("2026-12-14", "2026-12-20").await.0, "5 of 7");

    // The next phase begins when Morgan says so; what waits for its feature is on record.
    let path = format!("/v1/programs/{}/advance", couple.program.text("/id"));
    let reason =
        json!({ "reason": "Both have found their hour; the rest comes with the agreements." });
    let next = couple.app.caller("clinician").post(&path, reason).await.expect(200);
    let passed = Couple::deviations(&next);
    for waits in ["awaits touch_1", "awaits ledger"] {
        assert!(passed.contains(&waits.to_owned()), "{waits} in {passed:?}");
    }

    // Week 3: a busy week. A marks it, and B confirms it. Five mornings of seven take place all the same; of touch
    // there is nothing to count yet, which is on record since the phase began.
    let marks = for_couple(&couple.app, "stress_mark").await;
    couple.marks("partner_a", &marks, "busy_workweek", "2026-12-21", "2026-12-27").await;
    couple.marks("partner_b", &marks, "busy_workweek", "2026-12-21", "2026-12-27").await;
    for day in ["21", "22", "23", "25", "27"] {
        couple.check_in_at(&format!("2026-12-{day}T07:20")).await;
    }
    couple.go_to("2026-12-28T07:05").await;
    assert_eq!(couple.label("2026-12-21").await, "5 of 7");
    assert_eq!(couple.figures("2026-12-21", "2026-12-27").await.0, "5 of 7", "the system held");

    // Week 4: A pauses until Wednesday. What closes while it rests leaves the figure, and no red mark stays.
    let pause = format!("/v1/assignments/{}/pause", couple.check_in);
    let rest = json!({ "resume_on": "2026-12-30" });
    couple.app.caller("partner_a").post(&pause, rest).await.expect(200);
    assert_eq!(couple.page().await["resting"][0]["resume_on"], "2026-12-30");
    couple.go_to("2026-12-30T07:05").await;
    let resume = format!("/v1/assignments/{}/resume", couple.check_in);
    couple.app.caller("partner_b").act(&resume).await.expect(200);
    for day in ["2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02", "2027-01-03"] {
        couple.check_in_at(&format!("{day}T07:20")).await;
    }
    couple.go_to("2027-01-04T07:05").await;
    assert_eq!(couple.label("2026-12-28").await, "5 of 5");
    assert_eq!(couple.week("2026-12-28").await["excused"], 2);

    // Week 5: something breaks at home. B marks it, A confirms it, and it holds as well. The talks of the future that
    // this would open are staged plans, and come with those.
    couple.marks("partner_b", &marks, "household_hiccup", "2027-01-04", "2027-01-10").await;
    couple.marks("partner_a", &marks, "household_hiccup", "2027-01-04", "2027-01-10").await;
    for day in ["04", "05", "07", "08", "10"] {
        couple.check_in_at(&format!("2027-01-{day}T07:20")).await;
    }
    couple.go_to("2027-01-11T07:05").await;
    assert_eq!(couple.label("2027-01-04").await, "5 of 7");
    assert_eq!(couple.figures("2027-01-04", "2027-01-10").await.0, "5 of 7");
}

/// Thirty days are the term of the exercise. The programme takes sixty, and the evenings are to stay.
#[actix_web::test]
async fn the_check_in_goes_on_beyond_thirty_days_and_beyond_the_programme() {
    let mut couple = Couple::begin().await;
    couple.check_in_at("2026-12-07T20:05").await;
    for day in ["2027-01-05", "2027-01-06", "2027-01-12"] {
        couple.go_to(&format!("{day}T09:00")).await;
        let page = couple.page().await;
        let next = page["next"].as_array().unwrap();
        let due = |step: &Value| {
            step["assignment_id"] == couple.check_in.as_str() && step["local_date"] == day
        };
        assert!(next.iter().any(due), "{day}: {next:?}");
        couple.check_in_at(&format!("{day}T20:05")).await;
    }

    let path = format!("/v1/programs/{}", couple.program.text("/id"));
    let reason = json!({ "reason": "They are there sooner than planned." });
    let morgan = couple.app.caller("clinician");
    for _ in 0..4 {
        morgan.post(&format!("{path}/advance"), reason.clone()).await.expect(200);
    }
    morgan.post(&format!("{path}/complete"), json!({})).await.expect(200);
    couple.check_in_at("2027-03-08T20:05").await;
    let homework = format!("/v1/assignments/{}", couple.check_in);
    let homework = couple.app.caller("clinician").get(&homework).await.expect(200);
    assert_eq!(homework.text("/status"), "in_progress", "nobody has ended it");
    assert_eq!(homework.json()["schedule"]["ends_on"], Value::Null);
}
