//! Readers and writers at work while something happens to a replica.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use super::caller::Heard;
use super::replicas::{Stage, post_client};

pub const READERS: usize = 2;
pub const WRITERS: usize = 2;

/// How often a caller sends again what was not answered well: the proxy may not have noticed yet what has gone.
const MOST_REPETITIONS: usize = 5;

/// What came of requests that were sent while something happened.
#[derive(Debug, Default)]
pub struct Tally {
    pub answered: AtomicUsize,
    pub failed_reads: AtomicUsize,
    pub failed_writes: AtomicUsize,
    /// Ids of clients that were made, of which each key has one.
    made: Mutex<BTreeSet<String>>,
    pub keys: AtomicUsize,
}

impl Tally {
    fn count(&self, heard: &std::io::Result<Heard>, expected: u16, failed: &AtomicUsize) -> bool {
        let well = heard.as_ref().is_ok_and(|heard| heard.status == expected);
        let counter = if well { &self.answered } else { failed };
        counter.fetch_add(1, Ordering::SeqCst);
        well
    }

    pub fn failed(&self) -> usize {
        self.failed_reads.load(Ordering::SeqCst) + self.failed_writes.load(Ordering::SeqCst)
    }
}

/// Reads and writes until the end; a write that failed is sent again under its key, as any caller would.
pub fn under_load(stage: &Stage<'_>, name: &str, meanwhile: impl FnOnce()) -> Tally {
    let (tally, over) = (Tally::default(), AtomicBool::new(false));
    let couple = format!("/v1/couples/{}", stage.couple);
    std::thread::scope(|scope| {
        let (tally, over) = (&tally, &over);
        for (number, path) in
            [couple.as_str(), "/v1/me/inbox"].into_iter().enumerate().take(READERS)
        {
            let reader = stage.caller(if number == 0 { "clinician" } else { "partner_a" });
            scope.spawn(move || {
                while !over.load(Ordering::SeqCst) {
                    tally.count(&reader.send("GET", path, &[], None), 200, &tally.failed_reads);
                }
            });
        }
        for writer in 0..WRITERS {
            let caller = stage.caller("clinician");
            scope.spawn(move || {
                for number in 0.. {
                    let key = format!("{name}-{writer}-{number}");
                    let mut heard = post_client(&caller, "Wren", &key);
                    for _ in 0..MOST_REPETITIONS {
                        if tally.count(&heard, 201, &tally.failed_writes) {
                            break;
                        }
                        heard = post_client(&caller, "Wren", &key);
                    }
                    let id = heard.unwrap().expect(201).json()["id"].as_str().unwrap().to_owned();
                    assert!(tally.made.lock().unwrap().insert(id), "two keys, two clients");
                    tally.keys.fetch_add(1, Ordering::SeqCst);
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                }
            });
        }
        // However this ends, the others end too.
        let _over = Over(over);
        std::thread::sleep(Duration::from_millis(700));
        meanwhile();
        std::thread::sleep(Duration::from_millis(700));
    });
    tally
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}
