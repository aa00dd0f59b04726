//! The story that both worlds share: what is done in both, and what comes of it.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;
use serde_json::Value;

use super::forms;
use super::world::{B, World};
use crate::support::Answer;

/// Where a submission goes: an assignment, its day and which of that day, counted from none, or of events which batch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    pub assignment: String,
    pub day: Option<String>,
    pub batch: usize,
}

/// Something that is done in both worlds.
#[derive(Debug, Clone)]
pub enum Act {
    /// A request, if `tagged` with the tag of what is there.
    Ask { who: &'static str, method: Method, path: String, body: Option<Value>, tagged: bool },
    /// A submission.
    Send { who: &'static str, slot: Slot, body: Value },
    /// What was sent last is sent again, word for word: the device has had no answer.
    Again { who: &'static str, slot: Slot },
    /// So many seconds go by, and the worker comes.
    Pass(i64),
    /// What was cut out of a story.
    Nothing,
}

impl Act {
    pub fn post(
        who: &'static str,
        path: impl Into<String>,
        body: impl Into<Option<Value>>,
    ) -> Self {
        let (path, body) = (path.into(), body.into());
        Self::Ask { who, method: Method::POST, path, body, tagged: false }
    }

    pub fn patch(who: &'static str, path: impl Into<String>, body: Value) -> Self {
        Self::Ask { who, method: Method::PATCH, path: path.into(), body: Some(body), tagged: true }
    }

    /// Whoever does it; nobody when time goes by.
    pub fn who(&self) -> Option<&'static str> {
        match self {
            Self::Ask { who, .. } | Self::Send { who, .. } | Self::Again { who, .. } => Some(who),
            Self::Pass(_) | Self::Nothing => None,
        }
    }
}

impl std::fmt::Display for Act {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body = |body: &Option<Value>| body.as_ref().map(Value::to_string).unwrap_or_default();
        match self {
            Self::Ask { who, method, path, body: sent, .. } => {
                write!(f, "{who}: {method} {path} {}", body(sent))
            }
            Self::Send { who, slot, body } => {
                let day = slot.day.as_deref().unwrap_or("-");
                write!(f, "{who}: submits to {} {day} {} {body}", slot.assignment, slot.batch)
            }
            Self::Again { who, slot } => {
                write!(f, "{who}: submits to {} once more what was sent", slot.assignment)
            }
            Self::Pass(seconds) => write!(f, "{seconds} seconds go by, and the worker comes"),
            Self::Nothing => write!(f, "nothing"),
        }
    }
}

/// Homework that both partners, or B alone, were assigned.
#[derive(Debug, Clone)]
pub struct Work {
    pub key: &'static str,
    pub id: String,
    pub of_couple: bool,
    /// The day on which it was assigned.
    pub since: String,
    /// So many times of each week, of what is done so often on whichever days.
    pub per_week: Option<usize>,
}

/// Whether the couple stays one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Bond {
    #[default]
    Lasts,
    /// They part in this story.
    WillPart,
    /// They have begun to: what waits for both never opens.
    Parting,
}

/// What both worlds know.
#[derive(Debug, Default)]
pub struct Tale {
    pub couple: String,
    pub a: String,
    pub b: String,
    /// Both have consented to sexual homework and were screened, and the clinician has turned it on.
    pub consented: bool,
    /// Both were screened, and the homework is that of a programme.
    pub led: bool,
    pub bond: Bond,
    /// Ids of the exercises by their keys.
    pub exercises: BTreeMap<&'static str, String>,
    pub work: Vec<Work>,
    /// The status of the last content that each has sent to each slot, in both worlds.
    pub sent: BTreeMap<(&'static str, Slot), String>,
    pub holds: Vec<String>,
    pub reviews: Vec<String>,
    pub consents: Vec<String>,
    /// Sessions in which both take part.
    pub sessions: Vec<String>,
    /// Other times that somebody has proposed.
    pub proposals: Vec<String>,
    /// Programmes that the couple has begun.
    pub programs: Vec<String>,
    /// The path of B's calendar feed.
    pub feed: String,
    pub treatment: String,
    pub policy_version: i64,
    /// Who has accepted the policy in force, in both worlds.
    pub accepted: BTreeSet<&'static str>,
    pub batches: usize,
    pub today: String,
}

impl Tale {
    pub async fn begin(world: &World) -> Self {
        let app = &world.app;
        let clinician = world.caller(super::world::CLINICIAN);
        let mut exercises = BTreeMap::new();
        let page = clinician.get("/v1/activity-definitions?limit=200").await.expect(200).json();
        for one in page["data"].as_array().unwrap() {
            let known = forms::FOR_COUPLES.iter().chain(&forms::ALONE).chain([&forms::SEXUAL]);
            if let Some(key) = known.into_iter().find(|key| one["key"] == **key) {
                exercises.insert(*key, one["id"].as_str().unwrap().to_owned());
            }
        }
        let mut tale = Self {
            couple: app.id("couple"),
            treatment: app.id("treatment"),
            feed: world.feed.clone(),
            a: app.id("partner_a"),
            b: app.id(B),
            exercises,
            policy_version: 1,
            accepted: BTreeSet::from(["partner_a", B]),
            ..Self::default()
        };
        tale.look_at_the_clock(world);
        tale
    }

    /// What day it is on the couple's wall.
    pub fn look_at_the_clock(&mut self, world: &World) {
        let now = jiff::Timestamp::from_microsecond(world.app.clock.now().micros()).unwrap();
        let zone = jiff::tz::TimeZone::get("America/Los_Angeles").unwrap();
        self.today = now.to_zoned(zone).date().to_string();
    }

    /// The slot of this homework that is to be answered now; of events a new batch.
    pub fn slot(&self, work: &Work) -> Slot {
        if let Some(per_week) = work.per_week {
            // All times of a week have its last day for their name, and are told apart by their number.
            let days = days_between(&work.since, &self.today);
            let day = Some(day_after(&work.since, days.div_euclid(7) * 7 + 6));
            let batch = usize::try_from(days.rem_euclid(7)).unwrap() % per_week;
            return Slot { assignment: work.id.clone(), day, batch };
        }
        let batch = if forms::is_event(work.key) { self.batches } else { 0 };
        let day = forms::is_daily(work.key).then(|| self.today.clone());
        Slot { assignment: work.id.clone(), day, batch }
    }

    /// The exercise that a slot belongs to.
    pub fn key(&self, slot: &Slot) -> &'static str {
        self.work.iter().find(|work| work.id == slot.assignment).map_or("", |work| work.key)
    }

    /// Slots to which somebody has sent, in both worlds, something that counts.
    pub fn slots_of(&self, who: &str) -> Vec<Slot> {
        let sent = self
            .sent
            .iter()
            .filter(|((author, _), status)| *author == who && *status == "submitted");
        sent.map(|((_, slot), _)| slot.clone()).collect()
    }

    /// True when something that counts was sent to this slot by somebody, in both worlds.
    pub fn has_sent(&self, who: &'static str, slot: &Slot) -> bool {
        self.sent.get(&(who, slot.clone())).is_some_and(|status| status == "submitted")
    }

    /// Keeps what came of an act.
    pub fn note(&mut self, act: &Act, answer: Option<&Answer>) {
        let Some(answer) = answer.filter(|answer| answer.status.is_success()) else { return };
        match act {
            Act::Send { who, slot, body } => {
                let status = body["status"].as_str().unwrap_or_default().to_owned();
                self.batches += 1;
                // A draft or a skip of before that is sent once more has its receipt, and changes nothing.
                if status == "submitted" || !self.has_sent(who, slot) {
                    self.sent.insert((who, slot.clone()), status);
                }
            }
            Act::Ask { who, method, path, body, .. } if method != Method::GET => {
                self.note_request(who, path, body.as_ref(), &answer.json());
            }
            _ => {}
        }
    }

    fn note_request(&mut self, who: &'static str, path: &str, body: Option<&Value>, made: &Value) {
        let id = made["id"].as_str().unwrap_or_default().to_owned();
        match path {
            "/v1/assignments" => {
                let definition = body.and_then(|body| body["activity_definition_id"].as_str());
                let key = self.exercises.iter().find(|(_, id)| Some(id.as_str()) == definition);
                let of_couple = made["couple_id"].is_string();
                let since = self.today.clone();
                let per_week = made.pointer("/schedule/rhythm/times").and_then(Value::as_u64);
                let per_week = per_week.and_then(|number| usize::try_from(number).ok());
                self.work.extend(key.map(|(key, _)| Work { key, id, of_couple, since, per_week }));
            }
            "/v1/programs" => {
                self.programs.push(id);
                self.note_homework_of(made);
            }
            path if path.starts_with("/v1/programs/") => self.note_homework_of(made),
            "/v1/holds" => self.holds.push(id),
            "/v1/reviews" => self.reviews.push(id),
            "/v1/consents" => self.consents.push(id),
            "/v1/sessions" => self.sessions.push(id),
            path if path.ends_with("/time-proposals") => self.proposals.push(id),
            path if path.starts_with("/v1/time-proposals/") => self.proposals.clear(),
            path if path.ends_with("/secrets-policy") => {
                self.policy_version = made["version_no"].as_i64().unwrap_or(1);
                self.accepted.clear();
            }
            path if path.ends_with("/secrets-policy/accept") => {
                self.accepted.insert(who);
            }
            path if path.ends_with("/separate") => self.bond = Bond::Parting,
            path if path.ends_with("/lift") => self.holds.clear(),
            path if path.ends_with("/retract") => {
                let of = |slot: &Slot| super::world::device_id(&(who, slot, 0u64));
                let taken =
                    self.sent.iter_mut().find(|((by, slot), _)| *by == who && of(slot) == id);
                if let Some((_, status)) = taken {
                    "retracted".clone_into(status);
                }
            }
            _ => {}
        }
    }

    /// What a programme has assigned by now, as far as the story has answers to it.
    fn note_homework_of(&mut self, program: &Value) {
        let phases = program["phases"].as_array().into_iter().flatten();
        for action in phases.flat_map(|phase| phase["actions"].as_array().into_iter().flatten()) {
            let known = forms::FOR_COUPLES.iter().find(|key| action["activity_key"] == **key);
            let (Some(key), Some(id)) = (known, action["assignment_id"].as_str()) else { continue };
            if self.work.iter().all(|work| work.id != id) {
                let since = self.today.clone();
                let id = id.to_owned();
                self.work.push(Work { key, id, of_couple: true, since, per_week: None });
            }
        }
    }

    /// True when something was taken for what is due so many times a week.
    pub fn has_answered_a_quota(&self) -> bool {
        let weekly =
            |id: &str| self.work.iter().any(|work| work.id == id && work.per_week.is_some());
        self.sent.keys().any(|(_, slot)| weekly(&slot.assignment))
    }

    /// Ids of B's submissions, as B's device made them.
    pub fn devices_of_b(&self) -> Vec<String> {
        let sent = self.sent.keys().filter(|(who, _)| *who == B);
        sent.map(|(_, slot)| super::world::device_id(&(B, slot, 0u64))).collect()
    }
}

/// So many days after a day.
pub fn day_after(day: &str, days: i64) -> String {
    let day: jiff::civil::Date = day.parse().unwrap();
    day.checked_add(jiff::Span::new().days(days)).unwrap().to_string()
}

/// So many days lie between two.
fn days_between(from: &str, until: &str) -> i64 {
    let day = |text: &str| -> jiff::civil::Date { text.parse().unwrap() };
    i64::from(day(from).until(day(until)).unwrap().get_days())
}
