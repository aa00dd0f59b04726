//! One pair of worlds: the same story in both, private acts in the second alone, and B's reading of both.

use std::collections::BTreeMap;

use actix_web::http::Method;
use serde_json::Value;

use super::private::{KINDS, SELDOM, Side};
use super::reader::{Finding, Reader};
use super::shared;
use super::surface::{Ask, Ids, attempts_on_own, dashboard, everything, first};
use super::tale::{Act, Bond, Tale};
use super::world::{A, B, World};
use crate::isolation::chance::Chance;

/// Where the moments of private acts and of reading begin, apart from those of the story.
const PRIVATE: u64 = 1 << 41;
/// In one story of so many there is sexual homework.
const SEXUAL_IN: u64 = 3;
/// In one story of so many the homework is that of a programme.
const LED_IN: u64 = 4;
/// In one story of so many the couple parts.
const PARTS_IN: u64 = 5;
/// So many moments has each story, that no two on one service make the same ids.
const MOMENTS: u64 = 1 << 43;

/// A step of the story.
#[derive(Debug, Clone)]
pub enum Step {
    /// In both worlds, so many seconds after what came before.
    Shared(Act, i64),
    /// In the second alone, at the same moment.
    Private { kind: usize, seed: u64 },
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Shared(act, seconds) => write!(f, "  both, {seconds} s later: {act}"),
            Self::Private { kind, .. } => write!(f, "  IN PRIVATE: {}", KINDS[*kind].name),
        }
    }
}

/// How much is told and read.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// Steps in both worlds, at least.
    pub steps: usize,
    /// Reads in turns after each private act.
    pub after_private: usize,
    /// Reads in turns after each step in both.
    pub after_shared: usize,
    /// Reads in turns at the end, beside every list and record.
    pub at_the_end: usize,
    /// Writes that B tries after that, on what is theirs.
    pub attempts: usize,
}

/// What came of a pair.
#[derive(Debug, Default)]
pub struct Outcome {
    pub steps: Vec<Step>,
    pub reader: Reader,
    pub kinds: BTreeMap<&'static str, usize>,
    pub shared: usize,
    /// Dashboards that A and B read alike.
    pub alike: usize,
    /// Whether somebody has answered what is due so many times a week.
    pub weekly: bool,
    /// What B has tried at the end, and with how much of it B has succeeded.
    pub tried: [usize; 2],
    /// Whether a programme was begun.
    pub led: bool,
    /// Whether the couple has begun to part.
    pub parting: bool,
}

struct Pair {
    seed: u64,
    one: World,
    two: World,
    tale: Tale,
    /// Decides the story.
    chance: Chance,
    /// Decides what is read, so that reading more tells no other story.
    turn: Chance,
    depth: Depth,
    outcome: Outcome,
}

/// Two services, on which stories are told one after the other.
pub struct Worlds(World, World);

impl Worlds {
    pub async fn begin() -> Self {
        Self(World::begin().await, World::begin().await)
    }
}

/// Tells a story of this seed, or these steps again.
pub async fn run(
    worlds: &mut Option<Worlds>,
    seed: u64,
    told: Option<&[Step]>,
    depth: Depth,
) -> Outcome {
    let Worlds(mut one, mut two) = match worlds.take() {
        Some(Worlds(one, two)) => Worlds(one.anew().await, two.anew().await),
        None => Worlds::begin().await,
    };
    for world in [&one, &two] {
        world.writes_an_exercise().await;
    }
    let mut tale = Tale::begin(&one).await;
    tale.consented = seed.is_multiple_of(SEXUAL_IN);
    tale.led = seed.is_multiple_of(LED_IN);
    if seed.is_multiple_of(PARTS_IN) {
        tale.bond = Bond::WillPart;
    }
    for world in [&mut one, &mut two] {
        if tale.consented || tale.led {
            world.screens(&tale).await;
        }
        if tale.consented {
            world.consents(&tale).await;
        }
    }
    let (chance, turn) = (Chance::new(seed), Chance::new(seed ^ 0x7475_726e));
    let mut outcome = Outcome::default();
    outcome.reader.begin_at(seed.wrapping_mul(MOMENTS));
    let mut pair = Pair { seed, one, two, tale, chance, turn, depth, outcome };
    match told {
        Some(steps) => pair.repeat(steps).await,
        None => pair.tell().await,
    }
    pair.read_at_the_end().await;
    pair.try_at_the_end().await;
    pair.outcome.weekly = pair.tale.has_answered_a_quota();
    pair.outcome.parting = pair.tale.bond == Bond::Parting;
    pair.outcome.led = pair.tale.led && !pair.tale.programs.is_empty();
    *worlds = Some(Worlds(pair.one, pair.two));
    pair.outcome
}

impl Pair {
    async fn tell(&mut self) {
        for act in shared::beginning(&self.tale, &mut self.chance) {
            self.both(act).await;
        }
        let steps = self.depth.steps + self.chance.below(4);
        let certain = self.chance.below(steps);
        for number in 0..steps {
            if number == certain || self.chance.below(5) < 2 {
                self.something_private().await;
            }
            let act = shared::next(&self.tale, &self.two.hidden, &mut self.chance);
            self.both(act).await;
        }
    }

    async fn repeat(&mut self, steps: &[Step]) {
        for step in steps {
            match step {
                Step::Shared(act, seconds) => self.enact(act.clone(), *seconds).await,
                Step::Private { kind, seed } => {
                    self.in_private(*kind, *seed).await;
                }
            }
        }
    }

    async fn both(&mut self, act: Act) {
        let seconds = i64::try_from(1 + self.chance.below(90)).unwrap();
        self.enact(act, seconds).await;
    }

    async fn enact(&mut self, act: Act, seconds: i64) {
        self.outcome.shared += 1;
        let moment = u64::try_from(self.outcome.shared).unwrap();
        let moment = self.seed.wrapping_mul(MOMENTS) + moment;
        for world in [&self.one, &self.two] {
            world.app.clock.advance_seconds(seconds);
        }
        let left = self.one.act(&act, moment).await;
        let right = self.two.act(&act, moment).await;
        self.tale.look_at_the_clock(&self.one);
        if let Act::Send { who, slot, .. } = &act
            && *who == A
        {
            self.two.hidden.closed.remove(slot);
        }
        self.outcome.steps.push(Step::Shared(act.clone(), seconds));
        if let (Some(left), Some(right)) = (&left, &right) {
            let asked = act.to_string();
            if act.who() == Some(B) {
                let (left, right) = ([left.clone()], [right.clone()]);
                self.outcome.reader.note(&left, &right, &asked, "the story");
            } else if left.status != right.status
                && !(left.status.is_success() && right.status.is_success())
            {
                // An act that both can see must not depend on what only one of them did.
                let (left, right) = ([left.clone()], [right.clone()]);
                self.outcome.reader.note(
                    &left,
                    &right,
                    &format!("(not asked by B) {asked}"),
                    "the story",
                );
            }
        }
        self.tale.note(&act, left.as_ref());
        self.read_some(self.depth.after_shared, false, &act.to_string()).await;
    }

    /// One private act of those that can be done now.
    async fn something_private(&mut self) {
        let most = if self.chance.below(2) == 0 { SELDOM } else { KINDS.len() };
        let start = self.chance.below(most);
        for try_no in 0..KINDS.len() {
            let kind = (start + try_no) % KINDS.len();
            let seed = self.chance.next();
            if self.in_private(kind, seed).await {
                return;
            }
        }
    }

    async fn in_private(&mut self, kind: usize, seed: u64) -> bool {
        self.two.ids.begin_again(self.seed.wrapping_mul(MOMENTS) + PRIVATE + seed % PRIVATE);
        let before = self.one.app.clock.now();
        let mut side = Side { world: &mut self.two, tale: &self.tale, chance: Chance::new(seed) };
        let done = (KINDS[kind].act)(&mut side).await;
        assert_eq!(before, self.two.app.clock.now(), "{} takes time", KINDS[kind].name);
        self.outcome.steps.push(Step::Private { kind, seed });
        // The worker comes in both worlds: when it comes is nobody's doing.
        self.one.app.tick().await;
        self.two.app.tick().await;
        if done {
            *self.outcome.kinds.entry(KINDS[kind].name).or_default() += 1;
            self.read_some(self.depth.after_private, true, KINDS[kind].name).await;
        }
        done
    }

    fn surface(&self) -> Vec<Ask> {
        let ids = Ids::of(&self.tale, &self.two.hidden);
        everything(&ids, &self.one.app.clock.now().to_string())
    }

    async fn read_some(&mut self, count: usize, and_the_first: bool, after: &str) {
        let mut asks = if and_the_first { first(&self.tale) } else { Vec::new() };
        if count > 0 {
            let all = self.surface();
            asks.extend(self.outcome.reader.some(&all, count, &mut self.turn));
        }
        self.outcome.reader.compare(&self.one, &self.two, &asks, after).await;
    }

    async fn read_at_the_end(&mut self) {
        let all = self.surface();
        let whole = all.iter().filter(|ask| ask.is_whole()).cloned();
        let mut asks: Vec<Ask> = first(&self.tale).into_iter().chain(whole).collect();
        asks.extend(self.outcome.reader.some(&all, self.depth.at_the_end, &mut self.turn));
        self.outcome.reader.compare(&self.one, &self.two, &asks, "the end").await;
        self.same_for_both().await;
    }

    /// B's device has had no answer to what it sent, and sends all of it again.
    async fn repeat_at_the_end(&mut self) {
        for slot in self.tale.slots_of(B) {
            let act = Act::Again { who: B, slot };
            let left = self.one.act(&act, self.seed.wrapping_mul(MOMENTS)).await;
            let right = self.two.act(&act, self.seed.wrapping_mul(MOMENTS)).await;
            let (left, right) = (left.as_slice(), right.as_slice());
            self.outcome.reader.note(left, right, &act.to_string(), "the end");
        }
    }

    /// B tries what a client's scopes allow, on what is theirs, fitting or not: what comes of it is the same too, and
    /// what is read after it.
    async fn try_at_the_end(&mut self) {
        self.repeat_at_the_end().await;
        let ids = Ids::of(&self.tale, &self.two.hidden);
        let all = attempts_on_own(&ids);
        // The last answer to what opens for all is a declared outcome.
        let closed = &self.two.hidden.closed;
        let opens = |ask: &Ask| {
            ask.method == "PUT" && closed.iter().any(|slot| ask.path.contains(&slot.assignment))
        };
        let mut left: Vec<Ask> = all.into_iter().filter(|ask| !opens(ask)).collect();
        let mut asks = Vec::new();
        while asks.len() < self.depth.attempts && !left.is_empty() {
            asks.push(left.swap_remove(self.turn.below(left.len())));
        }
        let done = self.outcome.reader.compare(&self.one, &self.two, &asks, "what B tried").await;
        self.outcome.tried = [asks.len(), done];
        let after = first(&self.tale);
        self.outcome.reader.compare(&self.one, &self.two, &after, "what B tried").await;
    }

    /// The dashboard is the same for A and for B, but for who reads it, also where A has secrets.
    async fn same_for_both(&mut self) {
        let path = dashboard(&self.tale);
        for world in [&self.one, &self.two] {
            let mut pages = Vec::new();
            for who in [A, B] {
                let answer = world.caller(who).send_patiently(Method::GET, &path, None).await;
                let page = if answer.status.is_success() { answer.json() } else { Value::Null };
                let viewer = page.get("viewer").map(Value::to_string).unwrap_or_default();
                let body = String::from_utf8_lossy(&answer.body).into_owned();
                pages.push(body.replacen(&viewer, "", 1));
            }
            self.outcome.alike += usize::from(pages[0] == pages[1] && pages[0].contains("wins"));
            if pages[0] != pages[1] {
                self.outcome.reader.unlike(&path, &pages[0], &pages[1]);
            }
        }
    }
}

impl Outcome {
    pub fn finding(&self) -> Option<&Finding> {
        self.reader.findings.first()
    }
}
