//! Two replicas serve the same couple: nothing shows which of them answers, and when one ends, nobody loses anything.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use attune::clock::Clock;
use attune::db::schema::{clients, signing_keys};
use diesel::prelude::*;
use serde_json::json;

use super::caller::{Caller, Heard};
use super::load::{READERS, Tally, WRITERS, under_load};
use super::monitoring::metrics;
use super::stage::{Proxy, Replica};
use super::tool;
use crate::submissions::{goals, place, submitted};
use crate::support::TestApp;
use crate::support::database::{TestDatabase, on_postgres, parts};
use crate::support::misfits::NOBODY;

/// The proxy, and what is said through it.
pub struct Stage<'a> {
    pub proxy: &'a Proxy,
    /// Of the clinician and of both partners.
    tokens: BTreeMap<&'static str, String>,
    pub couple: String,
}

impl Stage<'_> {
    pub fn caller(&self, name: &str) -> Caller {
        Caller::new(self.proxy.api, &self.tokens[name])
    }

    fn replica(&self, heard: &Heard) -> String {
        self.proxy.answered_by(&heard.header("x-request-id"))
    }

    /// Sends until each replica has answered once: the answer of the first, and that of the other.
    fn on_both(&self, send: impl Fn() -> Heard) -> [Heard; 2] {
        let first = send();
        let by = self.replica(&first);
        for _ in 0..10 {
            let other = send();
            if self.replica(&other) != by {
                return [first, other];
            }
        }
        panic!("{by} answers everything")
    }
}

pub fn post_client(caller: &Caller, name: &str, key: &str) -> std::io::Result<Heard> {
    caller.send(
        "POST",
        "/v1/clients",
        &[("Idempotency-Key", key)],
        Some(&json!({ "given_name": name })),
    )
}

/// One asks, the other knows: keys, tags, tokens.
fn what_one_gave_the_other_takes(stage: &Stage<'_>, kid: &str) {
    let morgan = stage.caller("clinician");
    // The first replica made the key that signed this token.
    let [one, other] = stage.on_both(|| morgan.get("/v1/me").expect(200));
    assert_eq!(one.body, other.body);
    let keys = stage.on_both(|| morgan.get("/.well-known/jwks.json").expect(200));
    assert!(keys.iter().all(|keys| keys.json()["keys"][0]["kid"] == kid), "{keys:?}");

    // Repeated on the other replica, a request is answered and not done again.
    let [made, again] = stage.on_both(|| post_client(&morgan, "Wren", "wren").unwrap().expect(201));
    assert_eq!((&made.body, again.header("idempotency-replayed").as_str()), (&again.body, "true"));

    // One tag for one state, whoever computes it; one of them changes it, and the other sees that it did.
    let path = format!("/v1/clients/{}", made.json()["id"].as_str().unwrap());
    let [one, other] = stage.on_both(|| morgan.get(&path).expect(200));
    let tag = one.header("etag");
    assert_eq!(tag, other.header("etag"));
    let same = [("If-None-Match", tag.as_str())];
    stage.on_both(|| morgan.send("GET", &path, &same, None).unwrap().expect(304));
    let change = |pronouns: &str| {
        let patch = json!({ "pronouns": pronouns });
        morgan.send("PATCH", &path, &[("If-Match", &tag)], Some(&patch)).unwrap()
    };
    let first = change("they/them").expect(200);
    let second = change("she/her").expect(412);
    assert_ne!(stage.replica(&first), stage.replica(&second), "written one after the other");
    let seen = stage.on_both(|| morgan.get(&path).expect(200));
    assert!(seen.iter().all(|seen| seen.json()["pronouns"] == "they/them"));
}

fn shared(caller: &Caller, homework: &str) -> usize {
    let page = caller.get(&format!("/v1/shared-answers?assignment_id={homework}")).expect(200);
    page.json()["data"].as_array().unwrap().len()
}

/// More than most operations take, and less than a submission may have: a replica reads it to its end.
fn a_large_submission_reaches_a_replica(stage: &Stage<'_>) {
    let large = json!({ "unknown": "x".repeat(900_000) });
    let place = place(&format!("asg_{NOBODY}"), 90);
    let heard = stage.caller("partner_a").send("PUT", &place, &[], Some(&large)).unwrap();
    let heard = heard.expect(422);
    assert_eq!(heard.json()["code"], "invalid_fields");
    assert!(stage.replica(&heard).starts_with("attune-"));
}

/// Both partners submit at once, each at a replica of their own, while both look.
fn reveal(stage: &Stage<'_>, definition: &str, round: u128) -> usize {
    let morgan = stage.caller("clinician");
    let body = json!({ "activity_definition_id": definition, "couple_id": stage.couple });
    let made = morgan.send("POST", "/v1/assignments", &[], Some(&body)).unwrap().expect(201);
    let homework = made.json()["id"].as_str().unwrap().to_owned();
    let partners = ["partner_a", "partner_b"].map(|name| stage.caller(name));
    let (done, looks) = (AtomicBool::new(false), AtomicUsize::new(0));
    let [a, b] = &partners;
    let watch = [stage.caller("partner_a"), stage.caller("partner_b")];
    let answered: Vec<String> = std::thread::scope(|scope| {
        for (one, other) in
            [(&watch[0], stage.caller("partner_b")), (&watch[1], stage.caller("partner_a"))]
        {
            let (done, looks, homework) = (&done, &looks, &homework);
            scope.spawn(move || {
                while !done.load(Ordering::SeqCst) {
                    if shared(one, homework) > 0 {
                        assert_eq!(shared(&other, homework), 1, "one sees what the other does not");
                    }
                    looks.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        let submit = |caller: &Caller, number: u128| {
            let answers = submitted(goals("money"));
            let sent = caller.send("PUT", &place(&homework, number), &[], Some(&answers));
            stage.replica(&sent.unwrap().expect(201))
        };
        let by = std::thread::scope(|both| {
            let one = both.spawn(|| submit(a, 100 + 2 * round));
            let other = both.spawn(|| submit(b, 101 + 2 * round));
            vec![one.join(), other.join()]
        });
        done.store(true, Ordering::SeqCst);
        by.into_iter().map(Result::unwrap).collect()
    });
    assert_ne!(answered[0], answered[1], "at a replica of their own");
    for partner in &partners {
        stage.on_both(|| {
            partner.get(&format!("/v1/shared-answers?assignment_id={homework}")).expect(200)
        });
        assert_eq!(shared(partner, &homework), 1);
    }
    looks.into_inner()
}

const REVEALS: u128 = 4;

fn count_clients(database: &TestDatabase) -> i64 {
    clients::table.count().get_result(&mut database.open()).unwrap()
}

/// One is asked to end while both are used, as in an upgrade.
fn one_ends(stage: &Stage<'_>, replica: &mut Replica) -> (Tally, Option<Duration>) {
    let mut took = None;
    let tally = under_load(stage, "ends", || {
        took = replica.end(Duration::from_secs(20));
        stage.proxy.wait_for(1);
    });
    assert_eq!(tally.failed(), 0, "nobody notices: {tally:?}\n{}", stage.proxy.log());
    (tally, took)
}

/// One is gone from one moment to the next.
fn one_is_killed(stage: &Stage<'_>, replica: &mut Replica) -> Tally {
    let tally = under_load(stage, "killed", || {
        replica.kill();
        stage.proxy.wait_for(1);
    });
    // Each caller has one request under way.
    let (reads, writes) = (&tally.failed_reads, &tally.failed_writes);
    assert!(reads.load(Ordering::SeqCst) <= READERS, "{tally:?}");
    assert!(writes.load(Ordering::SeqCst) <= WRITERS, "{tally:?}");
    tally
}

#[actix_web::test]
async fn two_replicas_behind_the_proxy_are_one_service() {
    if !on_postgres() {
        let said =
            "left out: two replicas behind the proxy, which share a database on PostgreSQL alone\n";
        std::io::stderr().write_all(said.as_bytes()).unwrap();
        return;
    }
    let Some(haproxy) = tool("haproxy") else { return };
    let began = Instant::now();
    let (database, folder) = (TestDatabase::with_story(), tempfile::tempdir().unwrap());
    diesel::delete(signing_keys::table).execute(&mut database.open()).unwrap();
    let mut replicas = [Replica::new("attune-1"), Replica::new("attune-2")];
    for replica in &mut replicas {
        replica.start(&database.url, folder.path());
    }
    let kid: String =
        signing_keys::table.select(signing_keys::kid).get_result(&mut database.open()).unwrap();
    let proxy = Proxy::start(&haproxy, &[&replicas[0], &replicas[1]]);
    let app = parts(&database.url, Clock::System);
    let app = TestApp::assemble(database.again(), Clock::System, app).await;
    let names = ["clinician", "partner_a", "partner_b"];
    let tokens = names.map(|name| (name, app.caller(name).token.unwrap()));
    let stage = Stage { proxy: &proxy, tokens: tokens.into(), couple: app.id("couple") };
    drop(app);
    proxy.wait_for(2);
    let ready = began.elapsed();

    what_one_gave_the_other_takes(&stage, &kid);
    a_large_submission_reaches_a_replica(&stage);
    let page = stage.caller("clinician").get("/v1/activity-definitions?key=goal_statements").json();
    let definition = page["data"][0]["id"].as_str().unwrap();
    let looks: usize = (0..REVEALS).map(|round| reveal(&stage, definition, round)).sum();

    let before = count_clients(&database);
    let (ended, took) = one_ends(&stage, &mut replicas[0]);
    replicas[0].start(&database.url, folder.path());
    let back = proxy.wait_for(2);
    let killed = one_is_killed(&stage, &mut replicas[1]);
    let keys = ended.keys.load(Ordering::SeqCst) + killed.keys.load(Ordering::SeqCst);
    let made = count_clients(&database) - before;
    assert_eq!(usize::try_from(made).unwrap(), keys, "each key has had one effect");
    every_figure_of_the_proxy_is_there(&proxy);

    let (requests, again) = proxy.logged();
    println!(
        "two replicas ready after {ready:?}; {REVEALS} reveals under {looks} looks, none one-sided; one ended \
         ({took:?}) under {} requests, {} failed; back after {back:?}; one killed under {} requests, {} reads and {} \
         writes failed, {keys} keys had {made} effects; {requests} requests, {again} sent again by the proxy; {:?}",
        ended.answered.load(Ordering::SeqCst),
        ended.failed(),
        killed.answered.load(Ordering::SeqCst),
        killed.failed_reads.load(Ordering::SeqCst),
        killed.failed_writes.load(Ordering::SeqCst),
        began.elapsed()
    );
}

/// What alerts and dashboard ask of the proxy.
fn every_figure_of_the_proxy_is_there(proxy: &Proxy) {
    let told = proxy.metrics();
    for (name, (kind, labels)) in metrics().iter().filter(|(name, _)| name.starts_with("haproxy_"))
    {
        assert!(told.contains(&format!("# TYPE {name} {kind}\n")), "{name}");
        let line = told.lines().find(|line| line.starts_with(&format!("{name}{{"))).unwrap();
        for label in labels {
            assert!(line.contains(&format!("{label}=\"")), "{line} has no {label}");
        }
    }
    println!(
        "{} figures of the proxy",
        told.lines().filter(|line| line.starts_with("# TYPE")).count()
    );
}
