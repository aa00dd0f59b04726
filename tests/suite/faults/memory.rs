//! Memory under load for minutes: it is where it was.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::roles::Worker;
use super::{asked, database_name, story};
use crate::support::process::{Memory, Running};
use crate::support::wire::{Line, Request};

const EVERY: Duration = Duration::from_secs(5);
const READERS: usize = 4;

#[actix_web::test]
async fn memory_is_flat_under_mixed_load() {
    // Nothing of it can be seen in seconds: the suite leaves it out.
    let minutes = asked("ATTUNE_MEMORY_MINUTES", 0_u64);
    if minutes == 0 {
        return;
    }
    let (app, installation) = story().await;
    let mut workers = Worker::of_each(&app).await;
    let (admin, clinician, partner) = (
        app.mint("practice_admin", None),
        app.mint("clinician", None),
        app.mint("partner_a", None),
    );
    let reads = [
        Request::get(&format!("/v1/clients/{}", app.id("partner_a")), &admin),
        Request::get("/v1/clients?limit=50", &admin),
        Request::get("/v1/me/inbox", &partner),
        Request::get(&format!("/v1/couples/{}/dashboard", app.id("couple")), &clinician),
        Request::get("/v1/session-notes?limit=20", &clinician),
    ];
    let running = Running::start_with(&installation, &[("ATTUNE_WORKERS", "2")]);
    let address = running.address;
    let (over, read, mut series) = (AtomicBool::new(false), AtomicUsize::new(0), Vec::new());
    let idle = running.memory();
    std::thread::scope(|scope| {
        let (over, read) = (&over, &read);
        for reader in 0..READERS {
            let reads = &reads;
            scope.spawn(move || {
                let mut line = Line::open(address).unwrap();
                for number in reader.. {
                    if over.load(Ordering::Relaxed) {
                        return;
                    }
                    line.ask(&reads[number % reads.len()]).unwrap().expect(200);
                    read.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for worker in &mut workers {
            // One write to four reads, whatever each of them takes.
            scope.spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    if worker.acknowledged() * 12 <= read.load(Ordering::Relaxed) {
                        worker.work(address).unwrap();
                    } else {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                }
            });
        }
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(minutes * 60) {
            std::thread::sleep(EVERY);
            series.push(running.memory());
            let Memory { resident, own } = series[series.len() - 1];
            let second = started.elapsed().as_secs();
            println!("{second:>5} s {own:>8} KiB, {resident:>8} with mapped files");
        }
        over.store(true, Ordering::Relaxed);
    });
    let written: usize = workers.iter().map(Worker::acknowledged).sum();
    // What is kept for the next time is there after the first tenth.
    let tenth = (series.len() / 10).max(1);
    let first = mean(&series[tenth..(2 * tenth).min(series.len())]);
    let last = mean(&series[series.len() - tenth..]);
    println!(
        "{minutes} minutes of mixed load on {}: {} reads, {written} writes; memory {idle} idle, {first} in the second \
         tenth of the time, {last} in the last, {:.3} times as much",
        database_name(),
        read.load(Ordering::Relaxed),
        u32::try_from(last.own).map_or(f64::MAX, f64::from)
            / u32::try_from(first.own).map_or(1.0, f64::from),
    );
    assert!(last.is_flat_since(first), "memory grows");
}

fn mean(of: &[Memory]) -> Memory {
    let many = u64::try_from(of.len()).unwrap();
    let of_each = |figure: fn(&Memory) -> u64| of.iter().map(figure).sum::<u64>() / many;
    Memory { resident: of_each(|one| one.resident), own: of_each(|one| one.own) }
}
