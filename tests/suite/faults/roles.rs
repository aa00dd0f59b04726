//! Those who work while the service is killed: each sends one request after another, remembers what was acknowledged,
//! and sends again, word for word, what got no answer.

use std::io::Result;
use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::submissions::{device_id, goals, place, submitted};
use crate::support::TestApp;
use crate::support::wire::{Line, Reply, Request};

/// A connection for as long as there is one.
#[derive(Default)]
struct Outbox {
    line: Option<(SocketAddr, Line)>,
    /// Requests whose answer said that they had been done before.
    replayed: usize,
}

impl Outbox {
    fn ask(&mut self, address: SocketAddr, request: &Request) -> Result<Reply> {
        if self.line.as_ref().is_none_or(|(opened, _)| *opened != address) {
            self.line = Some((address, Line::open(address)?));
        }
        let Some((_, line)) = &mut self.line else { unreachable!("it was just opened") };
        let answered = line.ask(request);
        match &answered {
            Ok(reply) if reply.header("idempotency-replayed") == "true" => self.replayed += 1,
            Ok(_) => {}
            Err(_) => self.line = None,
        }
        answered
    }
}

/// What somebody does, over and over.
pub enum Role {
    /// Takes clients in.
    Intake { token: String, made: Vec<String> },
    /// Assigns homework that opens when both have answered; both answer; it is closed.
    Meeting {
        tokens: [String; 3],
        definition: String,
        couple: String,
        at: usize,
        homework: Vec<String>,
    },
    /// Writes notes and signs them.
    Author { token: String, treatment: String, at: usize, notes: Vec<(String, Value)> },
}

/// One of them, with what they do next. The name tells apart what several of one role make.
pub struct Worker {
    name: String,
    role: Role,
    outbox: Outbox,
    number: u128,
    acknowledged: usize,
}

impl Worker {
    /// One of each role.
    pub async fn of_each(app: &TestApp) -> Vec<Self> {
        let found =
            app.caller("clinician").get("/v1/activity-definitions?key=goal_statements").await;
        let token = |name: &str| app.mint(name, None);
        let roles = [
            ("Intake", Role::Intake { token: token("practice_admin"), made: vec![] }),
            (
                "Meeting",
                Role::Meeting {
                    tokens: ["clinician", "partner_a", "partner_b"].map(token),
                    definition: found.text("/data/0/id"),
                    couple: app.id("couple"),
                    at: 0,
                    homework: vec![],
                },
            ),
            (
                "Author",
                Role::Author {
                    token: token("clinician"),
                    treatment: app.id("treatment"),
                    at: 0,
                    notes: vec![],
                },
            ),
        ];
        let worker = |(name, role): (&str, Role)| Self {
            name: name.to_owned(),
            role,
            outbox: Outbox::default(),
            number: 0,
            acknowledged: 0,
        };
        roles.into_iter().map(worker).collect()
    }

    /// One request, the same again until it is answered; an error when it is not.
    pub fn work(&mut self, address: SocketAddr) -> Result<()> {
        let key = format!("{}-{}", self.name, self.number);
        let mut post = |path: &str, token: &str, step: &str, body: &Value| {
            let request = Request::new("POST", path, token, body);
            self.outbox.ask(address, &request.header("Idempotency-Key", &format!("{key}-{step}")))
        };
        match &mut self.role {
            Role::Intake { token, made } => {
                let body = json!({ "given_name": intake_name(self.number) });
                let reply = post("/v1/clients", token, "make", &body)?.expect(201);
                made.push(reply.header("location"));
                self.number += 1;
            }
            Role::Meeting { tokens: [clinician, a, b], definition, couple, at, homework } => {
                let step = *at % 4;
                if step == 0 {
                    let body = json!({ "activity_definition_id": definition, "couple_id": couple });
                    let reply = post("/v1/assignments", clinician, "assign", &body)?.expect(201);
                    homework.push(reply.json()["id"].as_str().unwrap().to_owned());
                } else if step == 3 {
                    let path = format!("/v1/assignments/{}/complete", homework.last().unwrap());
                    post(&path, clinician, "complete", &Value::Null)?.expect(200);
                    self.number += 1;
                } else {
                    // No key: the id that the device has made is one.
                    let path = place(homework.last().unwrap(), self.number);
                    let token = if step == 1 { a } else { b };
                    let body = submitted(goals("money"));
                    let sent = Request::new("PUT", &path, token, &body);
                    let reply = self.outbox.ask(address, &sent)?;
                    // Its receipt, where only the answer was lost.
                    let again = usize::from(reply.status == 200);
                    reply.expect(if again > 0 { 200 } else { 201 });
                    self.outbox.replayed += again;
                }
                *at += 1;
            }
            Role::Author { token, treatment, at, notes } => {
                if (*at).is_multiple_of(2) {
                    let text = format!("What was said, the {}th time.", self.number);
                    let body = json!({ "treatment_id": treatment, "format": "soap",
                        "sections": [{ "name": "subjective", "text": text }] });
                    let reply = post("/v1/session-notes", token, "write", &body)?.expect(201);
                    notes.push((reply.header("location"), Value::Null));
                } else {
                    let (path, hash) = notes.last_mut().unwrap();
                    let hand = json!({ "typed_name": "M. Sample" });
                    let reply = post(&format!("{path}/sign"), token, "sign", &hand)?.expect(200);
                    *hash = reply.json()["content_hash"].clone();
                    self.number += 1;
                }
                *at += 1;
            }
        }
        self.acknowledged += 1;
        Ok(())
    }

    pub fn acknowledged(&self) -> usize {
        self.acknowledged
    }

    pub fn replayed(&self) -> usize {
        self.outbox.replayed
    }

    /// What was acknowledged and is not there, or is there twice.
    pub fn lost(&mut self, address: SocketAddr) -> Vec<String> {
        let mut lost = Vec::new();
        let outbox = &mut self.outbox;
        let mut get = |path: &str, token: &str| {
            let reply = outbox.ask(address, &Request::get(path, token)).unwrap();
            if reply.status == 200 { reply.json() } else { Value::Null }
        };
        match &self.role {
            Role::Intake { token, made } => {
                for (number, place) in (0..).zip(made) {
                    let found = get(&format!("/v1/clients?name={}", intake_name(number)), token);
                    let found: Vec<_> = found["data"].as_array().cloned().unwrap_or_default();
                    let same = |one: &Value| place.ends_with(one["id"].as_str().unwrap_or("-"));
                    if found.len() != 1 || !found.iter().all(same) {
                        lost.push(format!("{place}: {} of the name", found.len()));
                    }
                }
            }
            Role::Meeting { tokens: [_, a, b], homework, at, .. } => {
                let whole = homework.len() - usize::from(!at.is_multiple_of(4));
                for (number, homework) in (0..).zip(&homework[..whole]) {
                    for token in [a, b] {
                        let own = get(&format!("/v1/submissions/{}", device_id(number)), token);
                        let opened =
                            get(&format!("/v1/shared-answers?assignment_id={homework}"), token);
                        let opened = opened["data"].as_array().map_or(0, Vec::len);
                        if own["status"] != "submitted" || opened != 1 {
                            lost.push(format!("{homework}: {} and {opened} opened", own["status"]));
                        }
                    }
                }
            }
            Role::Author { token, notes, .. } => {
                for (path, hash) in notes.iter().filter(|(_, hash)| !hash.is_null()) {
                    let note = get(path, token);
                    if note["status"] != "signed" || note["content_hash"] != *hash {
                        lost.push(format!("{path}: {}", note["status"]));
                    }
                }
            }
        }
        lost
    }
}

/// A name for each number, of letters alone, none of them the beginning of another.
fn intake_name(number: u128) -> String {
    let digits = format!("{number:06}");
    let letters = digits.bytes().map(|digit| char::from(digit - b'0' + b'a'));
    format!("Intake{}", letters.collect::<String>())
}
