//! B reads, in both worlds, and what is answered is compared.

use std::collections::{BTreeMap, BTreeSet};

use actix_web::http::Method;

use super::seen::{difference, seen};
use super::surface::{Ask, How};
use super::world::{B, World};
use crate::isolation::chance::Chance;
use crate::support::{Answer, Caller};

/// Pages that a walk may have at the most.
const MOST_PAGES: usize = 60;

/// Where the moments of reading begin, apart from those of the story.
const READS: u64 = 1 << 40;

/// Something that B could notice.
#[derive(Debug, Clone)]
pub struct Finding {
    pub after: String,
    pub asked: String,
    pub difference: String,
}

/// What B has read, and what was read before.
#[derive(Debug, Default)]
pub struct Reader {
    pub comparisons: usize,
    pub requests: usize,
    pub bytes: usize,
    pub findings: Vec<Finding>,
    /// What is read in turns, in an order of the pair's own.
    turns: Vec<Ask>,
    known: BTreeSet<Ask>,
    tags: BTreeMap<String, String>,
    moment: u64,
}

impl Reader {
    /// The moments of reading begin after those of the story.
    pub fn begin_at(&mut self, moment: u64) {
        self.moment = moment + READS;
    }

    /// So many of these, those first that were read the longest ago.
    pub fn some(&mut self, all: &[Ask], count: usize, chance: &mut Chance) -> Vec<Ask> {
        for ask in all {
            if self.known.insert(ask.clone()) {
                let place = chance.below(self.turns.len() + 1);
                self.turns.insert(place, ask.clone());
            }
        }
        let count = count.min(self.turns.len());
        let taken: Vec<Ask> = self.turns.drain(..count).collect();
        self.turns.extend(taken.iter().cloned());
        taken
    }

    /// Reads all of this in both worlds; with how much of it B succeeds.
    pub async fn compare(&mut self, one: &World, two: &World, asks: &[Ask], after: &str) -> usize {
        let (without, with) = (one.caller(B), two.caller(B));
        let mut done = 0;
        for ask in asks {
            self.moment += 1;
            one.ids.begin_again(self.moment);
            two.ids.begin_again(self.moment);
            let tag = self.tags.get(&ask.path).cloned();
            let left = self.read(&without, ask, tag.as_deref()).await;
            let right = self.read(&with, ask, tag.as_deref()).await;
            if let Some(tag) =
                left.first().map(|answer| answer.header("etag")).filter(|tag| !tag.is_empty())
            {
                self.tags.insert(ask.path.clone(), tag);
            }
            self.requests += left.len() + right.len();
            done += usize::from(left.iter().all(|answer| answer.status.is_success()));
            self.note(&left, &right, &ask.to_string(), after);
        }
        done
    }

    /// Compares the answers of both worlds to one thing that B asked or did.
    pub fn note(&mut self, left: &[Answer], right: &[Answer], asked: &str, after: &str) {
        self.comparisons += left.len().max(right.len());
        let whole = |answers: &[Answer]| answers.iter().map(seen).collect::<Vec<_>>().join("\n\n");
        let (left, right) = (whole(left), whole(right));
        self.bytes += left.len();
        if left != right {
            let difference = difference(&left, &right);
            let (after, asked) = (after.to_owned(), asked.to_owned());
            self.findings.push(Finding { after, asked, difference });
        }
    }

    /// Notes that A and B read differently what both are to read alike.
    pub fn unlike(&mut self, path: &str, of_a: &str, of_b: &str) {
        let difference = difference(of_a, of_b);
        let (after, asked) = ("the end".to_owned(), format!("GET {path}, by A and by B"));
        self.findings.push(Finding { after, asked, difference });
    }

    async fn read(&self, caller: &Caller<'_>, ask: &Ask, tag: Option<&str>) -> Vec<Answer> {
        let method = Method::from_bytes(ask.method.as_bytes()).unwrap();
        let body = ask.body.as_ref().map(|text| serde_json::from_str(text).unwrap());
        match ask.how {
            How::Plain => vec![caller.send_patiently(method, &ask.path, body).await],
            How::Conditional => {
                vec![caller.header("if-none-match", tag.unwrap_or("*")).get(&ask.path).await]
            }
            How::Walk => walk(caller, &ask.path).await,
            How::Tagged => {
                let tag = caller.get(&ask.path).await.header("etag");
                let caller = caller.header("if-match", &tag);
                vec![caller.send_patiently(method, &ask.path, body).await]
            }
        }
    }
}

async fn walk(caller: &Caller<'_>, path: &str) -> Vec<Answer> {
    let mut pages = vec![caller.get(path).await];
    while pages.len() < MOST_PAGES {
        let Some(cursor) =
            pages.last().and_then(|page| page.json()["next_cursor"].as_str().map(str::to_owned))
        else {
            break;
        };
        pages.push(caller.get(&format!("{path}&cursor={cursor}")).await);
    }
    pages
}

/// The paths of what is read as it stands.
pub fn paths_of(asks: &[Ask]) -> Vec<String> {
    let plain = asks.iter().filter(|ask| ask.method == "GET" && ask.how == How::Plain);
    plain.map(|ask| ask.path.clone()).collect()
}
