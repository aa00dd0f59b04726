//! One world: a service with a database of its own, and what is known of it beside the story.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use actix_web::http::Method;
use attune::clock::Clock;
use attune::db::id::{IdSource, SubmissionId};
use serde_json::{Value, json};

use super::forms;
use super::tale::{Act, Slot, Tale};
use crate::programs::all_is_well;
use crate::support::app::NOW;
use crate::support::database::{TestDatabase, parts};
use crate::support::{Answer, Caller, TestApp};

/// The one whose private acts nobody else may notice.
pub const A: &str = "partner_a";
/// The one who looks.
pub const B: &str = "partner_b";
pub const CLINICIAN: &str = "clinician";
pub const ADMIN: &str = "practice_admin";

/// What somebody has sent to a slot, as their device knows it.
#[derive(Debug, Clone)]
pub struct Sent {
    pub device: String,
    pub tag: String,
    pub body: Value,
}

/// What only the second world knows.
#[derive(Debug, Default)]
pub struct Hidden {
    /// Slots to which A has submitted what opens with the last answer. B's would be the last.
    pub closed: BTreeSet<Slot>,
    /// A's consent to sexual homework, where the story has some.
    pub consent: Option<String>,
    /// A has taken it back.
    pub revoked: bool,
    /// Slots for which B's device will make an id that A's has made already.
    pub taken: BTreeSet<Slot>,
    /// What A has begun or skipped.
    pub begun: BTreeSet<Slot>,
    /// A's own homework: its exercise and id.
    pub alone: Vec<(&'static str, String)>,
    /// Slots of A's own homework that were answered.
    pub answered: Vec<Slot>,
    /// Records by what they are: `alr`, `hld`, `trt`, `con`, `cpl`.
    pub records: BTreeMap<&'static str, Vec<String>>,
    /// Every id that a private act has brought about.
    pub ids: BTreeSet<String>,
}

/// A service, and what each partner's device knows.
pub struct World {
    pub app: TestApp,
    pub ids: IdSource,
    pub devices: BTreeMap<(&'static str, Slot), Sent>,
    pub hidden: Hidden,
    /// The path of B's calendar feed, the same in both worlds.
    pub feed: String,
    attempts: BTreeMap<Slot, u64>,
}

impl World {
    pub async fn begin() -> Self {
        let database = TestDatabase::with_story();
        let clock = Clock::manual(NOW);
        let ids = IdSource::seeded(0);
        let mut parts = parts(&database.url, clock.clone());
        parts.ids = ids.clone();
        let app = TestApp::assemble(database, clock, parts).await;
        let (devices, hidden, attempts) = Default::default();
        let feed = String::new();
        Self { app, ids, devices, hidden, feed, attempts }.with_feed().await
    }

    async fn with_feed(mut self) -> Self {
        self.ids.begin_again(0);
        let made = self.caller(B).act("/v1/me/calendar-feeds").await.expect(201);
        let url = made.text("/url");
        url.strip_prefix("http://attune.test").unwrap_or_default().clone_into(&mut self.feed);
        self
    }

    /// A world as at the beginning: on SQLite the same service, on its database as it was.
    pub async fn anew(self) -> Self {
        let Clock::Manual(micros) = &self.app.clock else { return Self::begin().await };
        if !self.app.database.as_told() {
            return Self::begin().await;
        }
        micros.store(NOW.micros(), std::sync::atomic::Ordering::Relaxed);
        self.renew_tokens();
        let (devices, hidden, attempts) = Default::default();
        Self { devices, hidden, attempts, ..self }.with_feed().await
    }

    /// The clinician writes an exercise of the practice's own.
    pub async fn writes_an_exercise(&self) {
        self.ids.begin_again(3);
        let clinician = self.caller(CLINICIAN);
        let made = clinician.post("/v1/activity-definitions", forms::own()).await.expect(201);
        let path = format!("/v1/activity-definitions/{}/activate", made.text("/id"));
        clinician.act(&path).await.expect(200);
    }

    /// What sexual homework asks for before it is assigned, beside the screens: each partner has consented, and the
    /// clinician has turned it on.
    pub async fn consents(&mut self, tale: &Tale) {
        self.ids.begin_again(1);
        let mut given = Vec::new();
        let clinician = self.caller(CLINICIAN);
        let inventory = &tale.exercises[forms::SEXUAL];
        clinician.act(&format!("/v1/activity-definitions/{inventory}/activate")).await.expect(200);
        for (who, client) in [(A, &tale.a), (B, &tale.b)] {
            let consent = json!({ "client_id": client, "kind": "sexual_health_homework",
                "document_version": "1", "signer_name": who });
            given.push(clinician.post("/v1/consents", consent).await.expect(201).text("/id"));
        }
        self.hidden.consent = given.into_iter().next();
    }

    /// Each partner is screened alone, which sexual homework and programmes ask for.
    pub async fn screens(&self, tale: &Tale) {
        self.ids.begin_again(2);
        let clinician = self.caller(CLINICIAN);
        for (who, client) in [(A, &tale.a), (B, &tale.b)] {
            let screen = &tale.exercises["risk_screen"];
            let screen = json!({ "activity_definition_id": screen, "client_id": client });
            let screen = clinician.post("/v1/assignments", screen).await.expect(201).text("/id");
            let path = format!("/v1/assignments/{screen}/submissions/{}", device_id(&screen));
            self.caller(who).put(&path, all_is_well()).await.expect(201);
        }
    }

    pub fn caller(&self, who: &'static str) -> Caller<'_> {
        self.app.caller(who)
    }

    /// Time goes by, and the worker comes.
    pub async fn pass(&self, seconds: i64) {
        self.app.clock.advance_seconds(seconds);
        self.renew_tokens();
        self.app.tick().await;
    }

    /// Tokens are minted again.
    pub fn renew_tokens(&self) {
        self.app.days_pass(0);
    }

    /// Does this; the answer, where it has one.
    pub async fn act(&mut self, act: &Act, moment: u64) -> Option<Answer> {
        self.ids.begin_again(moment);
        match act {
            Act::Pass(seconds) => {
                self.pass(*seconds).await;
                None
            }
            Act::Nothing => None,
            Act::Send { who, slot, body } => Some(self.send(who, slot, body.clone()).await),
            Act::Again { who, slot } => {
                let sent = self.devices.get(&(*who, slot.clone()))?.body.clone();
                Some(self.send(who, slot, sent).await)
            }
            Act::Ask { who, method, path, body, tagged } => {
                let mut caller = self.caller(who);
                if *tagged {
                    let tag = caller.get(path).await.header("etag");
                    caller = caller.header("if-match", &tag);
                }
                Some(caller.send_patiently(method.clone(), path, body.clone()).await)
            }
        }
    }

    /// Sends to a slot as somebody's device does: under the id that it has made for it, and with the tag of
    /// what it has sent before. A's device asks for that tag anew: what A changed in private, and whether that
    /// was before or after a reveal, must not decide whether a later answer to both is taken. B's keeps the one
    /// that it was given, which nothing that A does in private may make stale.
    pub async fn send(&mut self, who: &'static str, slot: &Slot, body: Value) -> Answer {
        let before = self.devices.get(&(who, slot.clone())).cloned();
        let device =
            before.as_ref().map_or_else(|| self.device(who, slot), |one| one.device.clone());
        let mut caller = self.caller(who);
        if let Some(before) = &before {
            let own = format!("/v1/submissions/{device}");
            let now = if who == A { Some(caller.get(&own).await) } else { None };
            let now = now.filter(|answer| answer.status.is_success());
            let tag = now.map_or_else(|| before.tag.clone(), |answer| answer.header("etag"));
            caller = caller.header("if-match", &tag);
        }
        let mut whole = body.clone();
        if let Some(day) = &slot.day {
            whole["local_date"] = day.clone().into();
            whole["slot_no"] = (1 + slot.batch).into();
        }
        let path = format!("/v1/assignments/{}/submissions/{device}", slot.assignment);
        let answer = caller.send_patiently(Method::PUT, &path, Some(whole)).await;
        if answer.status.is_success() {
            let sent = Sent { device, tag: answer.header("etag"), body };
            self.devices.insert((who, slot.clone()), sent);
        }
        answer
    }

    /// What was taken back is sent again under another id.
    pub fn forget(&mut self, who: &'static str, slot: &Slot) {
        self.devices.remove(&(who, slot.clone()));
        *self.attempts.entry(slot.clone()).or_default() += 1;
    }

    /// The id that this device makes for a slot.
    pub fn device(&self, who: &'static str, slot: &Slot) -> String {
        let attempt =
            if who == A { self.attempts.get(slot).copied().unwrap_or_default() } else { 0 };
        device_id(&(who, slot, attempt))
    }

    /// Remembers what a private act has brought about: its id.
    pub fn hide(&mut self, kind: &'static str, answer: &Answer) -> bool {
        if !answer.status.is_success() {
            return false;
        }
        if let Some(id) = answer.json()["id"].as_str() {
            self.hidden.ids.insert(id.to_owned());
            let known = self.hidden.records.entry(kind).or_default();
            if !known.iter().any(|one| one == id) {
                known.push(id.to_owned());
            }
        }
        true
    }

    /// The latest record of this kind that a private act has made.
    pub fn latest(&self, kind: &'static str) -> Option<String> {
        self.hidden.records.get(kind).and_then(|ids| ids.last()).cloned()
    }
}

/// An id as a device makes it, the same for the same thing.
pub fn device_id(of: &impl Hash) -> String {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    let low = u128::from(hasher.finish() & ((1 << 62) - 1));
    let bits = 0x0192_0000_0000_7000_8000_0000_0000_0000 | low;
    SubmissionId::from_uuid(uuid::Uuid::from_u128(bits)).to_string()
}
