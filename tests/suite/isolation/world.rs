//! The world in which isolation is tried: the demo's story, grown until everybody has
//! something close by that is not theirs, and every free text in it a canary.
//!
//! All of it is made through the API by the administrators of the two practices.

use actix_web::http::Method;
use attune::auth::Acting;
use attune::db::id::IdSource;
use attune::demo::Login;
use attune::users::model::UserFilter;
use diesel::prelude::*;
use serde_json::{Value, json};

use super::chance::Chance;
use super::marks::canary;
use crate::support::document::{Document, Operation};
use crate::support::{Answer, Caller, TestApp};

/// A service with the grown story in it.
pub struct World {
    pub app: TestApp,
    pub document: &'static Document,
    pub operations: Vec<Operation>,
    pub chance: Chance,
}

/// The administrators, each of whom sees the whole of one practice, but for what is about safety.
pub const ADMINS: [&str; 2] = ["practice_admin", "other_practice_admin"];

/// The second member of the second practice's couple.
const OTHER_PARTNER: &str = "other_practice_partner";

/// Clients of each practice who have a calendar feed.
pub const CLIENTS: [&[&str]; 2] = [&["partner_a", "partner_b"], &["other_practice_client"]];

/// The clinicians who together see what is about safety in each practice.
pub const CLINICIANS: [&[&str]; 2] = [&["clinician", "associate"], &["other_practice_clinician"]];

impl World {
    pub async fn build(seed: u64) -> Self {
        let mut app = TestApp::start().await;
        admit_other_admin(&mut app);
        let document = Document::read();
        let operations = document.operations();
        let mut world = Self { app, document, operations, chance: Chance::new(seed) };
        world.first_practice().await;
        world.second_practice().await;
        world.rewrite_texts().await;
        world
    }

    pub fn caller(&self, name: &str) -> Caller<'_> {
        self.app.caller(name)
    }

    /// Makes something with every free text a canary and these members as given; its id.
    pub(super) async fn make(&mut self, by: &str, path: &str, members: Value) -> String {
        let answer = self.post(by, path, members).await;
        answer.json()["id"].as_str().unwrap_or_default().to_owned()
    }

    /// A POST that has to succeed.
    pub(super) async fn post(&mut self, by: &str, path: &str, members: Value) -> Answer {
        let operation = self.operation(&Method::POST, path);
        let body = self.canaries(operation.body.as_ref(), members);
        let answer = self.caller(by).send(Method::POST, path, body).await;
        assert!(
            answer.status.is_success(),
            "{by} POST {path}: {}",
            String::from_utf8_lossy(&answer.body)
        );
        answer
    }

    fn operation(&self, method: &Method, path: &str) -> Operation {
        let fits = |operation: &&Operation| {
            let (one, other) = (operation.path.split('/'), path.split('/'));
            operation.method == *method
                && one.clone().count() == other.clone().count()
                && one.zip(other).all(|(pattern, part)| pattern.starts_with('{') || pattern == part)
        };
        self.operations
            .iter()
            .find(fits)
            .unwrap_or_else(|| panic!("no operation {method} {path}"))
            .clone()
    }

    /// Somebody outside the care teams of the story, with clients, couples and a treatment.
    async fn first_practice(&mut self) {
        let admin = ADMINS[0];
        let outsider = self.make(admin, "/v1/clinicians", json!({})).await;
        self.make(admin, "/v1/users", json!({ "clinician_id": outsider })).await;
        let mut strangers = Vec::new();
        for _ in 0..5 {
            strangers.push(
                self.make(admin, "/v1/clients", json!({ "intake_clinician_id": outsider })).await,
            );
        }
        let login = self.make(admin, "/v1/users", json!({ "client_id": strangers[0] })).await;
        self.post(admin, &format!("/v1/users/{login}/disable"), json!({})).await;
        self.treat_alone(&strangers[0], &outsider).await;
        // What partner A has with somebody else is hidden from partner B and from Morgan.
        let (partner_a, associate) = (self.app.id("partner_a"), self.app.id("associate"));
        self.treat_alone(&partner_a, &associate).await;
        self.make(admin, "/v1/offices", json!({})).await;
        self.couples_apart(&outsider, &strangers).await;
        self.past_team(&outsider, &strangers[1]).await;
        let (couple, partner_b) = (self.app.id("couple"), self.app.id("partner_b"));
        // Several, so that chance does not close all of them before it changes one.
        for key in ["goal_statements", "bids", "daily_check_in"] {
            self.assign(admin, key, "couple_id", &couple).await;
        }
        self.assign(admin, "label_to_observation", "client_id", &partner_a).await;
        self.assign(admin, "risk_screen", "client_id", &partner_b).await;
        self.assign(admin, "session_fit", "client_id", &strangers[0]).await;
        self.safety("clinician", &partner_a, &couple).await;
        let (partner_c, other) = (self.app.id("partner_c"), self.app.id("couple_on_break"));
        self.safety("associate", &partner_c, &other).await;
        self.post("partner_b", "/v1/me/help-requests", json!({})).await;
        self.sent_by_both().await;
        self.clinical_record().await;
        self.another_time("partner_b", &couple).await;
        for client in CLIENTS[0] {
            self.caller(client).act("/v1/me/calendar-feeds").await.expect(201);
        }
        // The other has answered the routine questions among the rest.
        self.program("clinician", &[("partner_a", partner_a)], &couple).await;
    }

    /// A programme, once these have answered the routine questions too.
    async fn program(&mut self, by: &str, unscreened: &[(&str, String)], couple: &str) {
        for (name, id) in unscreened {
            self.assign(by, "risk_screen", "client_id", id).await;
            let screen = json!({ "private_device": true, "alone_now": true, "infidelity": "no",
                "untreated_addiction": "no", "afraid": "no", "major_symptoms": "no" });
            self.send(name, "risk_screen", None, screen).await;
        }
        let new = json!({ "program_definition_key": "roadmap_60_day", "couple_id": couple,
                          "starts_on": "2026-11-30" });
        self.make(by, "/v1/programs", new).await;
    }

    /// What both partners have sent to their clinician, together and apart, with what the clinician said of it.
    async fn sent_by_both(&mut self) {
        let couple = self.app.id("couple");
        let word = |world: &mut Self| canary(&mut world.chance, &json!({ "maxLength": 200 }));
        for author in ["partner_a", "partner_b"] {
            let check_in = json!({ "mood": 3, "stress": 2, "gratitude": word(self),
                                   "private_note": word(self) });
            self.send(author, "daily_check_in", Some(&couple), check_in).await;
        }
        let goals = json!({ "problem": word(self), "outcome": word(self), "horizon_months": 3 });
        self.send("partner_a", "goal_statements", Some(&couple), goals).await;
        let alone = self.app.id("partner_a");
        self.assign("clinician", "session_fit", "client_id", &alone).await;
        let fit = json!({ "understood": 3, "challenged": 2, "blamed": 0, "placated": 1, "note": word(self) });
        self.send("partner_a", "session_fit", None, fit).await;
        let screen = json!({ "private_device": true, "alone_now": true, "infidelity": "no",
            "untreated_addiction": "no", "afraid": "rather_in_person", "major_symptoms": "yes" });
        self.send("partner_b", "risk_screen", None, screen).await;
        for sent in self.caller("clinician").get("/v1/submissions").await.ids() {
            self.post("clinician", "/v1/reviews", json!({ "submission_id": sent })).await;
        }
        for homework in self.caller("clinician").get("/v1/assignments?limit=3").await.ids() {
            self.post("clinician", "/v1/reviews", json!({ "assignment_id": homework })).await;
        }
    }

    /// Another time that one of a couple proposes for what the two do each day.
    async fn another_time(&mut self, by: &str, couple: &str) {
        let caller = self.caller(by);
        let all = caller.get("/v1/assignments?sort=-created_at&limit=200").await.json();
        let fits = |one: &&Value| {
            one["couple_id"] == couple && one["schedule"]["rhythm"]["kind"] == "daily"
        };
        let found = all["data"].as_array().into_iter().flatten().find(fits);
        let id = found.unwrap_or_else(|| panic!("{by} has nothing daily"))["id"].clone();
        let path = format!("/v1/assignments/{}/time-proposals", id.as_str().unwrap_or_default());
        caller.post(&path, json!({ "time_of_day": "07:15" })).await.expect(201);
    }

    /// Answers to the latest homework of this kind, from an app of this client.
    async fn send(&mut self, author: &str, key: &str, couple: Option<&str>, answers: Value) {
        let caller = self.caller(author);
        let all = caller.get("/v1/assignments?sort=-created_at").await.json();
        let fits = |one: &&Value| one["key"] == key && one["couple_id"].as_str() == couple;
        let found = all["data"].as_array().into_iter().flatten().find(fits);
        let id = found.unwrap_or_else(|| panic!("{author} has no {key}"))["id"].clone();
        let path = format!(
            "/v1/assignments/{}/submissions/{}",
            id.as_str().unwrap_or_default(),
            self.chance.id("sub")
        );
        let body = json!({ "status": "submitted", "answers": answers });
        self.caller(author).put(&path, body).await.expect(201);
    }

    /// What a clinician has to know of a client and does about it: no administrator makes or sees it.
    async fn safety(&mut self, by: &str, client: &str, couple: &str) {
        let new = json!({ "client_id": client, "couple_id": couple });
        let alert = self.make(by, "/v1/alerts", new).await;
        self.make(by, "/v1/holds", json!({ "couple_id": couple, "alert_id": alert })).await;
        let alone = self.make(by, "/v1/alerts", json!({ "client_id": client })).await;
        self.post(by, &format!("/v1/alerts/{alone}/dismiss"), json!({})).await;
    }

    /// Homework of this kind for a couple or a client.
    async fn assign(&mut self, by: &str, key: &str, whom: &str, id: &str) {
        let found = self.caller(by).get(&format!("/v1/activity-definitions?key={key}")).await;
        let definition = found.text("/data/0/id");
        let mut new = json!({ "activity_definition_id": definition, (whom): id });
        if key == "daily_check_in" {
            // Each day is one time, which is open until it ends.
            new["schedule"] = json!({ "rhythm": { "kind": "daily" } });
        }
        self.make(by, "/v1/assignments", new).await;
    }

    /// Couples at the edges: left, invited, declined, dissolved long ago, of a common client.
    async fn couples_apart(&mut self, outsider: &str, strangers: &[String]) {
        let admin = ADMINS[0];
        let id = |name: &str| self.app.id(name);
        let (ours, theirs, third) = (id("partner_a"), id("partner_b"), id("partner_c"));
        let (individual, morgan) = (id("individual_client"), id("clinician"));
        let (x, y) = (&strangers[1], &strangers[2]);
        let apart = self.couple(outsider, [(&individual, true), (x, true)], None).await;
        let own = [("couple_id", json!(apart)), ("client_id", json!(individual))].into_iter();
        self.make(admin, "/v1/consents", own.map(|(k, v)| (k.to_owned(), v)).collect()).await;
        self.treat(json!({ "couple_id": apart }), outsider).await;
        for key in ["bids", "goal_statements"] {
            self.assign(admin, key, "couple_id", &apart).await;
        }
        self.couple(&morgan, [(&strangers[3], true), (&strangers[4], true)], Some(&apart)).await;
        let left = self.couple(outsider, [(&theirs, true), (y, true)], None).await;
        let path = format!("/v1/couples/{left}/members/{theirs}");
        self.caller(admin).delete(&path).await.expect(204);
        self.couple(outsider, [(&third, false), (x, true)], None).await;
        self.couple(outsider, [(&third, false), (y, true)], None).await;
        self.couple(outsider, [(&individual, false), (y, true)], None).await;
        let declined = self.couple(outsider, [(&ours, false), (x, true)], None).await;
        self.post("partner_a", &format!("/v1/couples/{declined}/decline-invitation"), json!({}))
            .await;
        let dissolved = self.couple(outsider, [(&ours, true), (&third, true)], None).await;
        self.dissolve(&dissolved, 60);
        let recent = self.couple(outsider, [(&third, true), (y, true)], None).await;
        self.dissolve(&recent, 3);
    }

    async fn couple(
        &mut self,
        intake: &str,
        members: [(&str, bool); 2],
        previous: Option<&str>,
    ) -> String {
        let mut list = Vec::new();
        for (client, accepted) in members {
            let name = canary(&mut self.chance, &Value::Null);
            list.push(json!({ "client_id": client, "display_name": name, "accepted": accepted }));
        }
        let new = json!({ "members": list, "intake_clinician_id": intake, "previous_couple_id": previous });
        let couple = self.make(ADMINS[0], "/v1/couples", new).await;
        let policy = json!({ "policy": "no_secrets" });
        let path = format!("/v1/couples/{couple}/secrets-policy");
        self.caller(ADMINS[0]).put(&path, policy).await.expect(201);
        couple
    }

    /// Nobody can be made to wait two months, so the day of dissolution is moved.
    fn dissolve(&self, couple: &str, days_ago: i32) {
        use attune::db::schema::couples;
        let couple: attune::db::id::CoupleId = couple.parse().unwrap();
        let zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
        let day = self.app.clock.now().date_in(&zone).plus_days(-days_ago);
        diesel::update(couples::table.filter(couples::id.eq(couple)))
            .set((couples::dissolved_on.eq(Some(day)), couples::status.eq("dissolved")))
            .execute(&mut self.app.database.open())
            .unwrap();
    }

    /// Morgan was on this team, and is not any more.
    async fn past_team(&mut self, outsider: &str, client: &str) {
        let treatment = self.treat(json!({ "client_id": client }), outsider).await;
        let path = format!("/v1/treatments/{treatment}/care-team/{}", self.app.id("clinician"));
        let admin = self.caller(ADMINS[0]);
        admin.put(&path, json!({ "role": "co_therapist" })).await.expect(201);
        admin.delete(&path).await.expect(204);
    }

    async fn treat(&mut self, mut whom: Value, clinician: &str) -> String {
        whom["care_team"] = json!([{ "clinician_id": clinician, "role": "primary" }]);
        self.make(ADMINS[0], "/v1/treatments", whom).await
    }

    /// A treatment of one client, with documents signed and a reason for no consultation.
    async fn treat_alone(&mut self, client: &str, clinician: &str) {
        let treatment = self.treat(json!({ "client_id": client }), clinician).await;
        self.sign_and_activate(ADMINS[0], client, &treatment).await;
    }

    async fn sign_and_activate(&mut self, admin: &str, client: &str, treatment: &str) {
        for kind in ["informed_consent", "disclosure_statement"] {
            self.make(admin, "/v1/consents", json!({ "client_id": client, "kind": kind })).await;
        }
        self.post(admin, &format!("/v1/treatments/{treatment}/activate"), json!({})).await;
    }

    async fn second_practice(&mut self) {
        let admin = ADMINS[1];
        self.make(admin, "/v1/offices", json!({})).await;
        let client = self.make(admin, "/v1/clients", json!({})).await;
        let clinician = self.app.id("other_practice_clinician");
        let team = json!([{ "clinician_id": clinician, "role": "primary" }]);
        let new = json!({ "client_id": client, "care_team": team });
        let treatment = self.make(admin, "/v1/treatments", new).await;
        self.sign_and_activate(admin, &client, &treatment).await;
        self.assign(admin, "session_fit", "client_id", &client).await;
        let couple = self.caller(admin).get("/v1/couples").await.text("/data/0/id");
        self.assign(admin, "goal_statements", "couple_id", &couple).await;
        let member = self.app.id("other_practice_client");
        self.safety("other_practice_clinician", &member, &couple).await;
        let word = canary(&mut self.chance, &json!({ "maxLength": 200 }));
        let goals = json!({ "problem": word, "outcome": "It is well.", "horizon_months": 3 });
        self.send("other_practice_client", "goal_statements", Some(&couple), goals).await;
        self.clinical_record_elsewhere(&couple).await;
        let sent = self.caller("other_practice_clinician").get("/v1/submissions").await.ids();
        let review = json!({ "submission_id": sent[0] });
        self.post("other_practice_clinician", "/v1/reviews", review).await;
        let members = self.caller(admin).get(&format!("/v1/couples/{couple}/members")).await.json();
        let other = members["data"].as_array().into_iter().flatten();
        let other = other.filter_map(|one| one["client_id"].as_str()).find(|id| *id != member);
        let other = other.expect("the other of the two").to_owned();
        self.admit(OTHER_PARTNER, &other).await;
        self.assign(admin, "daily_check_in", "couple_id", &couple).await;
        self.another_time(OTHER_PARTNER, &couple).await;
        for client in CLIENTS[1] {
            self.caller(client).act("/v1/me/calendar-feeds").await.expect(201);
        }
        let both = [("other_practice_client", member), (OTHER_PARTNER, other)];
        self.program("other_practice_clinician", &both, &couple).await;
    }

    /// Lets somebody act who has a login and is not in the demo's cast.
    async fn admit(&mut self, name: &'static str, client: &str) {
        let users = self.caller(ADMINS[1]).get("/v1/users?limit=200").await.json();
        let all = users["data"].as_array().cloned().unwrap_or_default();
        let user = all.iter().find(|one| one["client_id"] == client).expect("a login");
        let user = user["id"].as_str().and_then(|id| id.parse().ok());
        let practice = self.app.cast.logins.iter().find(|login| login.name == ADMINS[1]);
        let practice = practice.expect("the other practice").practice;
        self.app.cast.logins.push(Login { name, practice, user, app: None });
    }
}

/// The second practice's administrator is not in the demo's cast.
fn admit_other_admin(app: &mut TestApp) {
    let other = app.cast.logins.iter().find(|login| login.name == "other_practice_client");
    let practice = other.expect("the other practice").practice;
    let now = app.clock.now();
    let acting = Acting::Operator(practice);
    let filter = UserFilter {
        role: Some(attune::users::model::Role::PracticeAdmin),
        ..UserFilter::default()
    };
    let window = attune::http::page::Window {
        load: 1,
        after: None,
        sort: attune::http::page::Sort::Created,
    };
    let found =
        app.gate().operate(&mut app.database.open(), acting, &IdSource::Random, now, |tx| {
            attune::users::store::list(tx, filter, window)
        });
    let user = found.unwrap().pop().expect("an administrator").1.id;
    app.cast.logins.push(Login { name: ADMINS[1], practice, user: Some(user), app: None });
}
