//! The forms and events of the catalogue that need no workflow of their own: each is assigned, found in the inbox with the
//! notice of who will read each answer, sent, and read by whomever its definition says, item by item.

use serde_json::{Map, Value, json};

use super::built_in;
use super::told::{Told, told};
use crate::submissions::{assign, device_id, on_demand, place, shared, submitted};
use crate::support::{Caller, TestApp};

/// What a person sends of this exercise.
fn body(definition: &Value, answers: Value) -> Value {
    if definition["capture"] == "event" {
        let entry = json!({ "at": "2026-12-02T10:00:00Z", "answers": answers });
        return json!({ "status": "submitted", "entries": [entry] });
    }
    submitted(answers)
}

/// One exercise of the story, as it is assigned.
struct Homework<'a> {
    app: &'a TestApp,
    definition: Value,
    id: String,
    number: u128,
}

impl Homework<'_> {
    fn of_couple(&self) -> bool {
        self.definition["subject"] == "couple"
    }

    fn is_about_safety(&self) -> bool {
        self.definition["sensitivity"] == "safety"
    }

    fn each_answers(&self) -> bool {
        self.definition["participation"]["mode"] == "each"
    }

    fn questions(&self) -> Vec<Value> {
        self.definition["items"].as_array().unwrap().clone()
    }

    /// Those of these answers whose question has one of these audiences.
    fn only(&self, answers: &Value, audiences: &[&str]) -> Map<String, Value> {
        let questions = self.questions();
        let audience = |name: &String| {
            let question = questions.iter().find(|one| one["link_id"] == name.as_str()).unwrap();
            question["visibility"].as_str().unwrap().to_owned()
        };
        let own = answers.as_object().unwrap().iter();
        own.filter(|(name, _)| audiences.contains(&audience(name).as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    async fn in_the_inbox(&self, of: &Caller<'_>) -> Option<Value> {
        let inbox = of.get("/v1/me/inbox").await.expect(200).json();
        let items = inbox["items"].as_array().unwrap().clone();
        items.into_iter().find(|one| one["assignment"]["id"] == self.id.as_str())
    }

    /// Beside every question stands who will read its answer, as the definition has it.
    fn check_notices(&self, item: &Value) {
        let notices = item["form"]["notices"].as_array().unwrap();
        let named: Vec<&Value> = notices.iter().map(|notice| &notice["link_id"]).collect();
        let questions = self.questions();
        assert_eq!(named, questions.iter().map(|one| &one["link_id"]).collect::<Vec<_>>());
        for (notice, question) in notices.iter().zip(&questions) {
            let at = format!("{} {}", self.definition["key"], question["link_id"]);
            let text = notice["text"].as_str().unwrap();
            assert_eq!(question["clinician_visibility"], "full", "{at}");
            let partner = match question["visibility"].as_str().unwrap() {
                _ if !self.of_couple() => "",
                "shared" => "Your partner reads this once you submit it. ",
                "mutual_reveal" => "Your partner reads this once everybody has submitted. ",
                "clinician" => "Your partner does not see this. ",
                other => panic!("{at}: {other} is new here"),
            };
            let begins = format!("{partner}Your therapist reads this once you submit it.");
            assert!(text.starts_with(&begins), "{at}: {text}");
            let private = question["visibility"] == "clinician" && !self.is_about_safety();
            assert_eq!(text.contains("into your joint work"), private, "{at}: {text}");
            let widens = question["author_may_widen"].as_bool().unwrap_or_default();
            assert_eq!(notice["may_be_widened"], widens, "{at}");
        }
    }

    async fn send(&self, who: &str, answers: &Value) -> crate::support::Answer {
        let body = body(&self.definition, answers.clone());
        self.app.caller(who).put(&place(&self.id, self.number), body).await
    }

    /// Everything that this partner reads of the other's answers, together.
    async fn read_by(&self, who: &str) -> Map<String, Value> {
        let all = shared(&self.app.caller(who), &self.id).await;
        let sets = all.iter().map(|one| one["answers"].as_object().unwrap().clone());
        let read: Vec<(String, Value)> = sets.flatten().collect();
        let names = read.len();
        let together: Map<String, Value> = read.into_iter().collect();
        assert_eq!(together.len(), names, "nothing is there twice");
        together
    }

    /// What a member of the practice reads of what Åsa has sent.
    async fn read_in_the_practice(&self, who: &str) -> Option<Value> {
        let caller = self.app.caller(who);
        let author = self.app.id("partner_a");
        let list = format!("/v1/submissions?assignment_id={}&author_id={author}", self.id);
        let ids = caller.get(&list).await.expect(200).ids();
        let read =
            caller.get(&format!("/v1/submissions/{}", ids.first()?)).await.expect(200).json();
        let of_event = self.definition["capture"] == "event";
        Some(if of_event { read["entries"][0]["answers"].clone() } else { read["answers"].clone() })
    }
}

/// From the inbox of one to the eyes of the others.
async fn is_sent_and_read(homework: &Homework<'_>, (_, of_a, of_b, wrong, fault): &Told) {
    let (app, key) = (homework.app, homework.definition["key"].as_str().unwrap());
    let (a, b) = (app.caller("partner_a"), app.caller("partner_b"));
    let item = homework.in_the_inbox(&a).await.unwrap_or_else(|| panic!("{key} is not there"));
    homework.check_notices(&item);
    let theirs = homework.in_the_inbox(&b).await;
    assert_eq!(theirs.is_some(), homework.of_couple(), "{key}");

    let mut spoilt = of_a.clone();
    let (name, value) = wrong;
    match value {
        Value::Null => drop(spoilt.as_object_mut().unwrap().remove(*name)),
        value => spoilt[*name] = value.clone(),
    }
    let refused = homework.send("partner_a", &spoilt).await.expect(422);
    assert_eq!(refused.faults(), [*fault], "{key}");
    assert_eq!(homework.read_in_the_practice("clinician").await, None, "{key}: nothing was kept");

    homework.send("partner_a", of_a).await.expect(201);
    let is_event = homework.definition["capture"] == "event";
    assert_eq!(homework.in_the_inbox(&a).await.is_some(), is_event, "{key}: a form is done");
    assert_eq!(homework.read_in_the_practice("clinician").await.as_ref(), Some(of_a), "{key}");
    let at_once = homework.only(of_a, &["shared"]);
    assert_eq!(homework.read_by("partner_b").await, at_once, "{key}: before both have answered");
    b.get(&format!("/v1/submissions/{}", device_id(homework.number))).await.expect(404);
    let own = a.get(&format!("/v1/submissions/{}", device_id(homework.number))).await;
    own.expect(if homework.is_about_safety() { 404 } else { 200 });
    for nobody in ["practice_admin", "service_app"] {
        let read = homework.read_in_the_practice(nobody).await.unwrap_or_default();
        assert!(read.is_null() || read == json!({}), "{key}: {nobody} reads no answer");
    }
    app.caller("partner_c").get(&format!("/v1/assignments/{}", homework.id)).await.expect(404);

    if homework.each_answers() {
        homework.send("partner_b", of_b).await.expect(201);
        let both = ["shared", "mutual_reveal"];
        assert_eq!(homework.read_by("partner_b").await, homework.only(of_a, &both), "{key}");
        assert_eq!(homework.read_by("partner_a").await, homework.only(of_b, &both), "{key}");
    }
}

#[actix_web::test]
async fn every_form_without_a_workflow_is_sent_and_read_by_whom_it_says() {
    let app = TestApp::start().await;
    let many = json!({ "settings": { "max_active_couple_assignments": 20 } });
    app.caller("practice_admin").patch("/v1/practice", many).await.expect(200);
    let mut items = 0;
    for (told, number) in told().iter().zip(1..) {
        let definition = built_in(told.0);
        let mut more = match definition["subject"].as_str() {
            Some("couple") => json!({ "couple_id": app.id("couple") }),
            _ => json!({ "client_id": app.id("partner_a") }),
        };
        // What has a weekday of its own is done on whichever day the story has.
        if definition["timing"].is_object() && definition["capture"] == "form" {
            more["schedule"] = on_demand();
        }
        let id = assign(&app, told.0, more).await;
        let homework = Homework { app: &app, definition, id, number };
        is_sent_and_read(&homework, told).await;
        items += homework.questions().len();
    }
    println!("{} exercises, {items} questions, each read by whom it says", told().len());
}

/// What one keeps to themself of a line that they crossed is shared by them alone, and only what they chose.
#[actix_web::test]
async fn a_line_that_somebody_crossed_is_theirs_to_tell_of() {
    let app = TestApp::start().await;
    let id = assign(&app, "red_line_self_report", json!({ "couple_id": app.id("couple") })).await;
    let homework =
        Homework { app: &app, definition: built_in("red_line_self_report"), id, number: 1 };
    let answers = json!({ "line_code": "raised my voice", "next_time": "I go for a walk first." });
    homework.send("partner_a", &answers).await.expect(201);
    let widen = format!("/v1/submissions/{}/widen", device_id(1));
    let next_time = json!({ "link_ids": ["next_time"] });
    app.caller("partner_b").post(&widen, next_time.clone()).await.expect(404);
    app.caller("partner_a").post(&widen, next_time).await.expect(200);
    let read = homework.read_by("partner_b").await;
    assert_eq!(Value::Object(read), json!({ "next_time": "I go for a walk first." }));
}
