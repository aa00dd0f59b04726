//! One actor against the whole document.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::chance::Chance;
use super::dump::{Watch, is_of};
use super::marks::{bytes_of_id, is_id, marks, marks_of_answer};
use super::oracle::{Actor, Sight};
use super::plan::{Names, Request, Scene, Slot, slots};
use super::records::Records;
use super::values::ways;
use super::world::World;
use crate::support::Answer;
use crate::support::document::Operation;

/// How much is tried.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// Foreign values per slot and way of asking.
    pub values: usize,
    /// One in so many slots is tried.
    pub one_in: usize,
    /// How often everything is tried with the actor's own records, so that states are reached
    /// that need others before them.
    pub rounds: usize,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Outcome {
    pub requests: usize,
    pub twins: usize,
    pub findings: Vec<String>,
    /// Operations that succeeded for somebody.
    pub reached: BTreeSet<String>,
    pub by_status: BTreeMap<u16, usize>,
}

/// One actor's trial in a world of its own.
pub struct Trial<'a> {
    pub world: &'a World,
    pub records: &'a Records,
    pub actor: &'a Actor,
    pub sight: Sight,
    pub chance: Chance,
    pub watch: Watch,
    pub depth: Depth,
    pub outcome: Outcome,
    /// Texts with which this actor has named something of their own.
    pub written: BTreeSet<String>,
}

/// After so many findings an actor's trial ends: the first few tell enough.
const ENOUGH: usize = 5;

/// True once anybody has found something.
static FOUND: AtomicBool = AtomicBool::new(false);

/// `ATTUNE_ISOLATION_STOP=1`: one finding ends the trials of all actors.
fn stops_at_first() -> bool {
    static STOPS: LazyLock<bool> =
        LazyLock::new(|| std::env::var_os("ATTUNE_ISOLATION_STOP").is_some());
    *STOPS
}

impl Trial<'_> {
    /// Every slot of every operation filled with what is not the actor's to see.
    pub async fn fill_with_foreign(&mut self) {
        let scenes = Scene::all(self.records, &self.sight);
        for operation in self.world.operations.iter().filter(|operation| !operation.is_public()) {
            for slot in slots(self.world.document, operation) {
                if self.chance.below(self.depth.one_in) != 0 {
                    continue;
                }
                let scene = self.chance.pick(&scenes).expect("a scene").clone();
                for header in ways(&operation.method) {
                    if self.has_enough() {
                        return;
                    }
                    self.try_slot(operation, &slot, &scene, header).await;
                }
            }
        }
    }

    pub fn has_enough(&self) -> bool {
        self.outcome.findings.len() >= ENOUGH || (stops_at_first() && FOUND.load(Ordering::Relaxed))
    }

    /// Foreign values get the answer of a value that names nothing, and change nothing.
    async fn try_slot(
        &mut self,
        operation: &Operation,
        slot: &Slot,
        scene: &Scene,
        header: Option<(&'static str, &str)>,
    ) {
        let header = header.map(|(name, value)| (name, value.to_owned()));
        let (nothing, foreign) = self.values(operation, slot);
        let document = &self.world.document;
        let request = |value: &str| {
            Request::of(document, operation, Some((slot, value)), scene, header.clone())
        };
        let absent = self.ask(&request(&nothing)).await;
        self.expect_no_effect(slot, &request(&nothing), &absent);
        for value in foreign {
            let asked = request(&value);
            let answer = self.ask(&asked).await;
            self.expect_no_effect(slot, &asked, &answer);
            self.outcome.twins += 1;
            if matches!(slot.names, Names::Text(_)) && absent.status.is_success() && asked.writes()
            {
                self.expect_free(&asked, &value, &answer);
            } else if masked(&answer, &value) != masked(&absent, &nothing) {
                self.find(&asked, &format!(
                    "an existing id is told from one that names nothing\n    existing: {}\n    nothing:  {}",
                    short(&answer), short(&absent)
                ));
            }
        }
        let malformed = if slot.place == "body" { "x" } else { "malformed" };
        let asked = request(malformed);
        let answer = self.ask(&asked).await;
        self.expect_no_effect(slot, &asked, &answer);
    }

    /// A text that names a record of the other practice is free in the own one.
    fn expect_free(&mut self, asked: &Request, text: &str, answer: &Answer) {
        if self.written.insert(text.to_owned()) && !answer.status.is_success() {
            self.find(asked, &format!("a text that is free was refused: {}", short(answer)));
        }
    }

    /// Sends a request as the actor, and looks for marks that must not be in the answer.
    pub async fn ask(&mut self, request: &Request) -> Answer {
        let mut caller = self.world.caller(self.actor.name);
        if let Some((name, value)) = &request.header {
            caller = caller.header(name, value);
        }
        let answer = caller
            .send_patiently(request.method.clone(), &request.path, request.body.clone())
            .await;
        self.outcome.requests += 1;
        *self.outcome.by_status.entry(answer.status.as_u16()).or_default() += 1;
        let sent = marks(&format!("{} {}", request.path, request.body.clone().unwrap_or_default()));
        let sent_bytes: BTreeSet<String> = sent.iter().map(|mark| bytes_of_id(mark)).collect();
        let leaked: Vec<String> = marks_of_answer(&answer)
            .into_iter()
            .filter(|mark| {
                self.sight.forbidden.contains(mark)
                    && !sent.contains(mark)
                    && !sent_bytes.contains(mark)
            })
            .collect();
        if !leaked.is_empty() {
            self.find(
                request,
                &format!("marks that are not theirs to see: {leaked:?} in {}", short(&answer)),
            );
        }
        if answer.status.is_success() && request.writes() {
            // What the actor wrote is the actor's to read.
            self.sight.forbidden.retain(|mark| is_id(mark) || !sent.contains(mark));
        }
        if answer.status.is_server_error() {
            self.find(request, "the service failed");
        }
        answer
    }

    /// Nothing is written on behalf of an id that the actor cannot see.
    fn expect_no_effect(&mut self, slot: &Slot, request: &Request, answer: &Answer) {
        let by_id = matches!(slot.names, Names::Id(_));
        let changed = self.watch.changes();
        if !request.writes() {
            return;
        }
        if by_id && answer.status.is_success() {
            self.find(
                request,
                &format!("a write that names something unseen succeeded: {}", short(answer)),
            );
        } else if !answer.status.is_success() && !changed.is_empty() {
            self.find(
                request,
                &format!("refused with {}, and yet rows changed: {changed:?}", answer.status),
            );
        }
        let own = self.records.of_kind("prc").find(|record| record.practice == self.actor.practice);
        let own = bytes_of_id(&own.expect("a practice").id);
        if changed.iter().any(|row| !is_of(row, &own)) {
            self.find(request, &format!("rows of the other practice changed: {changed:?}"));
        }
    }

    pub fn find(&mut self, request: &Request, what: &str) {
        FOUND.store(true, Ordering::Relaxed);
        let body = request.body.as_ref().map(Value::to_string).unwrap_or_default();
        self.outcome.findings.push(format!(
            "{}: {} {} {body} {:?}\n    {what}",
            self.actor.name, request.method, request.path, request.header
        ));
    }
}

/// Status, headers and body without the request's own id, the budget of which it was one, and the value that was sent.
fn masked(answer: &Answer, sent: &str) -> String {
    let mut headers: Vec<String> = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date", "ratelimit"].contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())))
        .collect();
    headers.sort();
    let id = answer.header("x-request-id");
    let body = String::from_utf8_lossy(&answer.body).replace(&id, "(request)");
    format!("{} {headers:?} {body}", answer.status).replace(sent, "(sent)")
}

pub fn short(answer: &Answer) -> String {
    let body = String::from_utf8_lossy(&answer.body);
    format!("{} {}", answer.status.as_u16(), body.chars().take(600).collect::<String>())
}
