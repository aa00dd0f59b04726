//! Clients that keep the service waiting: each is closed in time, and the others hardly notice.
//!
//! A long run holds six thousand connections on either side: `ulimit -n 20000`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{asked, story};
use crate::support::process::Running;
use crate::support::wire::{Line, Request};

/// How a client can be slow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Slow {
    /// The head comes byte by byte.
    Head,
    /// The body does.
    Body,
    /// Nothing comes at all.
    Idle,
    /// A request, and then the head of the next one byte by byte.
    LaterHead,
    /// A body in chunks that goes on when its request has long been refused.
    RefusedBody,
    /// Asks for much and takes nothing of it.
    Untaken,
}

impl Slow {
    const ALL: [Self; 6] =
        [Self::Head, Self::Body, Self::Idle, Self::LaterHead, Self::RefusedBody, Self::Untaken];

    /// What is sent at once.
    fn beginning(self, token: &str) -> String {
        let post =
            "POST /v1/clients HTTP/1.1\r\nHost: attune.test\r\nContent-Type: application/json\r\n";
        match self {
            Self::Head => "GET /v1/me HTTP/1.1\r\nX-Slow: ".to_owned(),
            Self::Body => {
                format!("{post}Authorization: Bearer {token}\r\nContent-Length: 60000\r\n\r\n{{")
            }
            Self::Idle => String::new(),
            Self::LaterHead => "GET /nothing HTTP/1.1\r\nHost: attune.test\r\n\r\n".to_owned(),
            Self::RefusedBody => format!("{post}Transfer-Encoding: chunked\r\n\r\n"),
            Self::Untaken => "GET /openapi.json HTTP/1.1\r\nHost: attune.test\r\n\r\n".repeat(16),
        }
    }

    /// What is sent then, again and again.
    fn drip(self) -> &'static [u8] {
        match self {
            Self::Head | Self::Body => b"x",
            Self::LaterHead => b"G",
            Self::RefusedBody => b"1\r\nx\r\n",
            Self::Idle | Self::Untaken => b"",
        }
    }

    /// How long the service bears it.
    async fn borne(self, address: SocketAddr, token: &str, deadline: Duration) -> Duration {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let begun = Instant::now();
        if stream.write_all(self.beginning(token).as_bytes()).await.is_err() {
            return begun.elapsed();
        }
        let mut bytes = vec![0; 1024];
        if matches!(self, Self::Untaken) {
            return untaken(stream, begun, deadline).await;
        }
        loop {
            // An answer is read, and nothing is made of it.
            let read = timeout(deadline / 8, stream.read(&mut bytes)).await;
            match read {
                Ok(Ok(0) | Err(_)) => return begun.elapsed(),
                Err(_) if stream.write_all(self.drip()).await.is_err() => return begun.elapsed(),
                Ok(Ok(_)) | Err(_) => {}
            }
        }
    }
}

/// Looks at what was sent only when the connection must have ended, so as to take nothing before.
async fn untaken(mut stream: TcpStream, begun: Instant, deadline: Duration) -> Duration {
    tokio::time::sleep(deadline).await;
    let (mut taken, mut bytes) = (0, vec![0; 256 * 1024]);
    loop {
        let read = timeout(Duration::from_secs(5), stream.read(&mut bytes)).await;
        match read.expect("it was closed") {
            Ok(more @ 1..) => taken += more,
            Ok(0) | Err(_) => break,
        }
    }
    // Of sixteen documents, what lay in the buffers of both systems.
    assert!(taken < 12_000_000, "all of it was waited for");
    begun.elapsed()
}

/// Answers to clients that are not slow, in microseconds, until it is over.
fn good(address: SocketAddr, place: &str, token: &str, over: &AtomicBool) -> Vec<u128> {
    let mut line = Line::open(address).unwrap();
    let request = Request::get(place, token);
    let mut took = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let asked = Instant::now();
        line.ask(&request).unwrap().expect(200);
        took.push(asked.elapsed().as_micros());
        std::thread::sleep(Duration::from_millis(2));
    }
    took
}

/// Four of them, while this goes on.
async fn beside<T>(
    address: SocketAddr,
    place: &str,
    token: &str,
    this: impl Future<Output = T>,
) -> (Vec<u128>, T) {
    let over = Arc::new(AtomicBool::new(false));
    let asking = [(); 4].map(|()| {
        let (place, token, over) = (place.to_owned(), token.to_owned(), Arc::clone(&over));
        std::thread::spawn(move || good(address, &place, &token, &over))
    });
    let done = this.await;
    over.store(true, Ordering::Relaxed);
    let mut took: Vec<u128> =
        asking.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    took.sort_unstable();
    (took, done)
}

fn milliseconds(took: &[u128], per_mille: usize) -> f64 {
    let at = took[(took.len() - 1) * per_mille / 1_000];
    Duration::from_micros(u64::try_from(at).unwrap()).as_secs_f64() * 1_000.0
}

#[actix_web::test]
async fn slow_clients_are_closed_in_time_and_the_others_are_answered() {
    let many = asked("ATTUNE_SLOW_CLIENTS", 60_usize);
    let long = std::env::var_os("ATTUNE_SLOW_CLIENTS").is_some();
    let seconds = if long { 15 } else { 2 };
    let (app, installation) = story().await;
    let token = app.mint("practice_admin", None);
    let place = format!("/v1/clients/{}", app.id("partner_a"));
    let deadline = seconds.to_string();
    let settings =
        [("ATTUNE_REQUEST_DEADLINE_SECONDS", deadline.as_str()), ("ATTUNE_WORKERS", "2")];
    let running = Running::start_with(&installation, &settings);
    let (address, deadline) = (running.address, Duration::from_secs(seconds));
    let calm = tokio::time::sleep(Duration::from_secs(if long { 15 } else { 1 }));
    let (before, ()) = beside(address, &place, &token, calm).await;
    let (at_first, mut peak) = (running.memory(), 0);
    let waiting = async {
        let mut slow = Vec::new();
        for _ in 0..many {
            for kind in Slow::ALL {
                // An answer that nobody takes is large, and a few of them show as much.
                if !matches!(kind, Slow::Untaken) || slow.len() < 120 {
                    let token = token.clone();
                    slow.push((
                        kind,
                        actix_web::rt::spawn(
                            async move { kind.borne(address, &token, deadline).await },
                        ),
                    ));
                }
            }
        }
        let mut borne = Vec::new();
        for (kind, one) in slow {
            borne.push((kind, one.await.unwrap()));
            peak = peak.max(running.memory());
        }
        borne
    };
    let (during, borne) = beside(address, &place, &token, waiting).await;
    // The allocator keeps what was used for a second, in case it is used again.
    tokio::time::sleep(Duration::from_secs(if long { 10 } else { 1 })).await;
    let after = running.memory();

    println!(
        "| Slow in | Connections | Closed after, s: median | last |\n| --- | ---: | ---: | ---: |"
    );
    let mut slowest = 0.0_f64;
    for kind in Slow::ALL {
        let mut of_kind: Vec<_> = borne
            .iter()
            .filter(|(one, _)| *one == kind)
            .map(|(_, after)| after.as_secs_f64())
            .collect();
        of_kind.sort_by(f64::total_cmp);
        let last = of_kind[of_kind.len() - 1];
        println!(
            "| {kind:?} | {} | {:.1} | {last:.1} |",
            of_kind.len(),
            of_kind[of_kind.len() / 2]
        );
        slowest = slowest.max(last);
    }
    let p99 = [&before, &during].map(|took| milliseconds(took, 990));
    println!(
        "the others, 4 at once: {} answers before, p50 {:.1} ms, p99 {:.1}; {} beside the slow ones, p50 {:.1}, p99 {:.1}, \
         {:.1} times as much; memory {} MiB before, {} at most, {} after",
        before.len(),
        milliseconds(&before, 500),
        p99[0],
        during.len(),
        milliseconds(&during, 500),
        p99[1],
        p99[1] / p99[0],
        at_first / 1024,
        peak / 1024,
        after / 1024,
    );
    // The machine may be busy, in the suite more so than in a run by itself.
    assert!(slowest < deadline.as_secs_f64() + if long { 0.0 } else { 4.0 }, "after {slowest} s");
    if long {
        assert!(p99[1] <= 2.0 * p99[0], "the others wait");
        assert!(after <= at_first + at_first / 10, "memory is kept");
    }
}
