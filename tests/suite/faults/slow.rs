//! Clients that keep the service waiting: each is closed in time, and the others hardly notice.
//!
//! A crowd of three kinds comes at once, and what the others wait beside it is judged, by the median of three crowds in
//! a long run; further kinds come after them, so that what they send takes nothing of the cores meanwhile. A long run
//! holds six thousand connections on either side: `ulimit -n 20000`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{asked, story};
use crate::support::process::{Memory, Running};
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
}

/// How many ask for much and take nothing of it. An answer that nobody takes is large, and a few of them show as much
/// as a crowd.
const UNTAKEN: usize = 20;

impl Slow {
    const CROWD: [Self; 3] = [Self::Head, Self::Body, Self::Idle];
    const FURTHER: [Self; 2] = [Self::LaterHead, Self::RefusedBody];

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
        }
    }

    /// What is sent then, again and again.
    fn drip(self) -> &'static [u8] {
        match self {
            Self::Head | Self::Body => b"x",
            Self::LaterHead => b"G",
            Self::RefusedBody => b"1\r\nx\r\n",
            Self::Idle => b"",
        }
    }

    /// How long nothing is sent in between.
    fn pause(self, deadline: Duration) -> Duration {
        // What follows a refusal is borne for a second, whatever the deadline.
        if self == Self::RefusedBody { Duration::from_millis(250) } else { deadline / 8 }
    }

    /// How long the service bears it, from the moment in which it begins to let the service wait.
    async fn borne(
        self,
        address: SocketAddr,
        token: &str,
        deadline: Duration,
        pace: f64,
    ) -> Duration {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let mut begun = Instant::now();
        if stream.write_all(self.beginning(token).as_bytes()).await.is_err() {
            return begun.elapsed();
        }
        let (mut bytes, pause) = (vec![0; 1024], self.pause(deadline).mul_f64(pace));
        if self == Self::LaterHead {
            // Until then nobody waits for it.
            assert!(stream.read(&mut bytes).await.unwrap() > 0, "the first request is answered");
            begun = Instant::now();
            stream.write_all(self.drip()).await.unwrap();
        }
        loop {
            // An answer is read, and nothing is made of it.
            let read = timeout(pause, stream.read(&mut bytes)).await;
            match read {
                Ok(Ok(0) | Err(_)) => return begun.elapsed(),
                Err(_) if stream.write_all(self.drip()).await.is_err() => return begun.elapsed(),
                Ok(Ok(_)) | Err(_) => {}
            }
        }
    }
}

/// Asks for much, takes nothing of it, and looks at what was sent when the connection must have ended: how much lay
/// there. Nobody sees when it ended, but that it had.
async fn untaken(address: SocketAddr, deadline: Duration) -> usize {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let much = "GET /openapi.json HTTP/1.1\r\nHost: attune.test\r\n\r\n".repeat(16);
    stream.write_all(much.as_bytes()).await.unwrap();
    tokio::time::sleep(deadline).await;
    let to_the_end = async {
        let (mut taken, mut bytes) = (0, vec![0; 256 * 1024]);
        loop {
            match stream.read(&mut bytes).await {
                Ok(more @ 1..) => taken += more,
                Ok(0) | Err(_) => return taken,
            }
        }
    };
    let taken = timeout(Duration::from_secs(4), to_the_end).await.expect("it was closed");
    // Of sixteen documents, what lay in the buffers of both systems.
    assert!(taken < 12_000_000, "all of it was waited for");
    taken
}

/// One that was slow, and how long it was borne.
type Borne = (Slow, Duration);

/// A crowd on a thread of its own. In a long run it takes the cores only when nobody else wants them, as one that has
/// machines of its own would; in the suite it would not get its turn.
fn apart<T, F>(long: bool, crowd: impl FnOnce() -> F + Send) -> T
where
    T: Send,
    F: Future<Output = T>,
{
    let on_its_own = || {
        if long {
            let thread = std::fs::read_link("/proc/thread-self").unwrap();
            let id = thread.file_name().unwrap();
            let reniced = Command::new("renice").args(["-n", "19", "-p"]).arg(id).output().unwrap();
            assert!(reniced.status.success(), "{reniced:?}");
        }
        actix_web::rt::System::new().block_on(crowd())
    };
    std::thread::scope(|scope| scope.spawn(on_its_own).join().unwrap())
}

/// A service, and who comes to it.
struct Stage {
    running: Running,
    /// What those who are not slow ask for.
    place: String,
    token: String,
    /// Of each kind.
    many: usize,
    long: bool,
    deadline: Duration,
}

impl Stage {
    /// So many of each of these kinds at once; and the most that the service held meanwhile.
    async fn at_once(&self, kinds: &[Slow]) -> (Vec<Borne>, Memory) {
        let (address, deadline, mut waiting) = (self.running.address, self.deadline, Vec::new());
        let all: Vec<Slow> = (0..self.many).flat_map(|_| kinds.iter().copied()).collect();
        let count = f64::from(u32::try_from(all.len()).unwrap());
        for (number, kind) in (0_u32..).zip(all) {
            let token = self.token.clone();
            // They come at once, and go on each at a pace of its own: thousands that write in the same instant would
            // take the cores from those that are timed, whatever the service does.
            let pace = 0.75 + 0.5 * f64::from(number) / count;
            let one = async move { kind.borne(address, &token, deadline, pace).await };
            waiting.push((kind, actix_web::rt::spawn(one)));
        }
        let (mut borne, mut peak) = (Vec::new(), self.running.memory());
        for (kind, one) in waiting {
            borne.push((kind, one.await.unwrap()));
            // Each look takes time from those that are timed.
            if borne.len().is_multiple_of(20) {
                peak = peak.most(self.running.memory());
            }
        }
        (borne, peak)
    }

    /// The further kinds, and some who take no answer: how much at the most lay there for one of these.
    async fn afterwards(&self) -> (Vec<Borne>, usize) {
        let (address, deadline) = (self.running.address, self.deadline);
        let few = [(); UNTAKEN].map(|()| actix_web::rt::spawn(untaken(address, deadline)));
        let (borne, _) = self.at_once(&Slow::FURTHER).await;
        let mut most = 0;
        for one in few {
            most = most.max(one.await.unwrap());
        }
        (borne, most)
    }

    /// Four that are not slow, while this goes on: what they waited, in order.
    fn beside<T>(&self, this: impl FnOnce() -> T) -> (Vec<u128>, T) {
        let (begun, over) = (Instant::now(), Arc::new(AtomicBool::new(false)));
        let asking = [(); 4].map(|()| {
            let (place, token, over) = (self.place.clone(), self.token.clone(), Arc::clone(&over));
            let address = self.running.address;
            std::thread::spawn(move || good(address, &place, &token, begun, &over))
        });
        let done = this();
        over.store(true, Ordering::Relaxed);
        let waits: Vec<Wait> =
            asking.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
        if self.long {
            println!("the others, second by second, p99 in ms:{}", by_second(&waits));
        }
        let mut took: Vec<u128> = waits.into_iter().map(|(_, took)| took).collect();
        took.sort_unstable();
        (took, done)
    }

    /// Beside nobody who is slow.
    fn calm(&self) -> Vec<u128> {
        let time = Duration::from_secs(if self.long { 15 } else { 1 });
        self.beside(|| std::thread::sleep(time)).0
    }

    /// What the service holds when it has come to rest. The allocator keeps what was used for a second, in case it is
    /// used again.
    fn at_rest(&self) -> Memory {
        std::thread::sleep(Duration::from_secs(if self.long { 10 } else { 1 }));
        self.running.memory()
    }
}

/// Prints a line for each kind; the longest that anybody was borne, in seconds.
fn slowest(borne: &[Borne]) -> f64 {
    println!(
        "| Slow in | Connections | Closed after, s: median | last |\n| --- | ---: | ---: | ---: |"
    );
    let mut slowest = 0.0_f64;
    for kind in Slow::CROWD.into_iter().chain(Slow::FURTHER) {
        let of_kind = borne.iter().filter(|(one, _)| *one == kind);
        let mut after: Vec<_> = of_kind.map(|(_, after)| after.as_secs_f64()).collect();
        after.sort_by(f64::total_cmp);
        let (median, last) = (after[after.len() / 2], after[after.len() - 1]);
        println!("| {kind:?} | {} | {median:.1} | {last:.1} |", after.len());
        slowest = slowest.max(last);
    }
    slowest
}

/// In which second one was asked, and the microseconds until it was answered.
type Wait = (u64, u128);

/// What those who are not slow waited, until it is over.
fn good(
    address: SocketAddr,
    place: &str,
    token: &str,
    begun: Instant,
    over: &AtomicBool,
) -> Vec<Wait> {
    let mut line = Line::open(address).unwrap();
    let request = Request::get(place, token);
    let mut took = Vec::new();
    while !over.load(Ordering::Relaxed) {
        let asked = Instant::now();
        line.ask(&request).unwrap().expect(200);
        took.push(((asked - begun).as_secs(), asked.elapsed().as_micros()));
        std::thread::sleep(Duration::from_millis(2));
    }
    took
}

fn milliseconds(took: &[u128], per_mille: usize) -> f64 {
    let at = took[(took.len() - 1) * per_mille / 1_000];
    Duration::from_micros(u64::try_from(at).unwrap()).as_secs_f64() * 1_000.0
}

/// p99 of each second: a crowd's coming and going are seen apart from its stay.
fn by_second(waits: &[Wait]) -> String {
    let mut seconds: BTreeMap<u64, Vec<u128>> = BTreeMap::new();
    for (second, took) in waits {
        seconds.entry(*second).or_default().push(*took);
    }
    seconds.values_mut().fold(String::new(), |told, took| {
        took.sort_unstable();
        format!("{told} {:.1}", milliseconds(took, 990))
    })
}

/// Answers of one stretch of time, in a few words.
fn told(took: &[u128]) -> String {
    let [p50, p99] = [500, 990].map(|per_mille| milliseconds(took, per_mille));
    format!("{} answers, p50 {p50:.1} ms, p99 {p99:.1}", took.len())
}

/// One crowd.
struct Round {
    borne: Vec<Borne>,
    /// The p99 of the others beside it, to theirs before it.
    ratio: f64,
    after: Memory,
}

impl Round {
    fn of(stage: &Stage) -> Self {
        let before = stage.calm();
        let crowd = || apart(stage.long, || stage.at_once(&Slow::CROWD));
        let (during, (borne, peak)) = stage.beside(crowd);
        let after = stage.at_rest();
        let ratio = milliseconds(&during, 990) / milliseconds(&before, 990);
        println!(
            "the others, 4 at once: before, {}; beside the crowd, {}, {ratio:.1} times as much\n\
             memory: {peak} at most beside the crowd, {after} after it",
            told(&before),
            told(&during),
        );
        Self { borne, ratio, after }
    }
}

#[actix_web::test]
async fn slow_clients_are_closed_in_time_and_the_others_are_answered() {
    let long = std::env::var_os("ATTUNE_SLOW_CLIENTS").is_some();
    let seconds = if long { 15 } else { 2 };
    let (app, installation) = story().await;
    let deadline = seconds.to_string();
    let settings =
        [("ATTUNE_REQUEST_DEADLINE_SECONDS", deadline.as_str()), ("ATTUNE_WORKERS", "2")];
    let stage = Stage {
        running: Running::start_with(&installation, &settings),
        place: format!("/v1/clients/{}", app.id("partner_a")),
        token: app.mint("practice_admin", None),
        many: asked("ATTUNE_SLOW_CLIENTS", 60),
        long,
        deadline: Duration::from_secs(seconds),
    };
    stage.calm();
    let at_first = stage.at_rest();
    println!("memory: {at_first} at first");
    let rounds: Vec<Round> = (0..if long { 3 } else { 1 }).map(|_| Round::of(&stage)).collect();
    let further = || apart(long, || stage.afterwards());
    let (later, (borne_later, untaken)) = stage.beside(further);
    let at_last = stage.at_rest();
    println!(
        "{UNTAKEN} answers that nobody took broke off in time, {} KiB of one at the most in buffers\n\
         the others beside the further kinds, {}; memory {at_last} after them",
        untaken / 1024,
        told(&later),
    );

    let borne = rounds.iter().flat_map(|round| &round.borne).chain(&borne_later).copied();
    let slowest = slowest(&borne.collect::<Vec<_>>());
    // The machine may be busy, in the suite more so than in a run by itself.
    assert!(slowest < stage.deadline.as_secs_f64() + if long { 0.0 } else { 4.0 }, "{slowest} s");
    if long {
        let mut ratios: Vec<f64> = rounds.iter().map(|round| round.ratio).collect();
        ratios.sort_by(f64::total_cmp);
        // The median, since p99 of the same calm seconds is now one millisecond and now three.
        assert!(ratios[1] <= 2.0, "the others wait: {ratios:?}");
        let flat = rounds.iter().all(|round| round.after.is_flat_since(at_first));
        assert!(flat, "memory is kept after a crowd");
        assert!(at_last.is_flat_since(at_first), "memory is kept after the further kinds");
    }
}
