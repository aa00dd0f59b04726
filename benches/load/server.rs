//! The servers: the release binary, once or pinned to cores, and this program's own bare handlers.

use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use attune::db::id::{PracticeId, UserId};
use serde::Serialize;

use crate::Outcome;
use crate::options::Options;
use crate::place::{ATTUNE, Kind, Place, ROOT_KEY};

/// Which of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Which {
    /// `attune serve`.
    Service,
    /// The bare handlers.
    Reference,
    /// `serve` of another build; this one if none was given.
    Beside,
    /// `attune serve` on one core.
    OnePinned,
    /// Two of them on the same database, each on a core.
    TwoPinned,
    /// None of these: `pgbench` asks the database itself.
    Pgbench,
}

/// All of them, running until this is dropped.
pub struct Servers {
    service: Server,
    reference: Server,
    beside: Option<Server>,
    /// On the first core and on the second; none on SQLite, where one process writes.
    pinned: Vec<Server>,
}

/// Memory of a process, in KiB.
#[derive(Debug, Clone, Copy)]
pub struct Memory {
    /// Resident: what the process occupies.
    pub resident: u64,
    /// Of that, its own: without the pages of the binary and of the mapped database.
    pub own: u64,
}

/// How a server looks before anybody has asked it for anything.
#[derive(Debug, Clone, Copy)]
pub struct Idle {
    /// From the start of the process to the first answer of 200; the median of several starts.
    pub start: Duration,
    /// Two seconds after the start.
    pub memory: Memory,
}

impl Memory {
    /// In MiB.
    pub fn resident_mib(self) -> f64 {
        mib(self.resident)
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (resident, own) = (mib(self.resident), mib(self.own));
        write!(f, "{resident:.1} MiB, {own:.1} of them apart from mapped files")
    }
}

fn mib(kib: u64) -> f64 {
    f64::from(u32::try_from(kib).unwrap_or(u32::MAX)) / 1024.0
}

struct Server {
    child: Child,
    address: SocketAddr,
    start: Duration,
}

/// A name that `attune token` and `attune serve` agree on, whatever the port.
pub const PUBLIC_URL: &str = "http://attune.bench";

/// The audience of its tokens when nothing else is set.
pub const AUDIENCE: &str = "attune";

/// How long a run's tokens are good for.
pub const TOKEN_SECONDS: i64 = 43_200;

/// The address that answers 200 to anybody.
const OPEN_PATH: &str = "/.well-known/jwks.json";

const LATEST_START: Duration = Duration::from_secs(30);
const SETTLED: Duration = Duration::from_secs(2);
const STARTS: usize = 5;

impl Servers {
    /// Starts them.
    pub fn start(place: &Place, options: &Options) -> Outcome<Self> {
        let mut reference = Command::new(std::env::current_exe()?);
        reference
            .args(["--reference", &place.address, "--pool", &options.pool.to_string()])
            .stdout(Stdio::null());
        let service = |command: Command, log: &str| -> Outcome<Server> {
            let mut command = command;
            command
                .args(["--log", &options.log])
                .args(options.queue().into_iter().flat_map(|queue| ["--database-queue", queue]))
                .stderr(fs::File::create(place.folder().join(log))?);
            Server::start(command, OPEN_PATH)
        };
        let beside = options.beside.as_deref();
        let beside = beside.map(|binary| service(serve(place, binary), "beside.log"));
        let cores = if place.kind == Kind::Postgres { ["0", "1"].as_slice() } else { &[] };
        let pinned =
            cores.iter().map(|core| service(pinned(place, core), &format!("replica-{core}.log")));
        Ok(Self {
            service: service(serve(place, Path::new(ATTUNE)), "serve.log")?,
            reference: Server::start(reference, "/empty")?,
            beside: beside.transpose()?,
            pinned: pinned.collect::<Outcome<_>>()?,
        })
    }

    /// Where the first of these listens.
    pub fn address(&self, which: Which) -> SocketAddr {
        self.of(which).first().map_or(self.service.address, |server| server.address)
    }

    /// Where all of these listen.
    pub fn addresses(&self, which: Which) -> Vec<SocketAddr> {
        self.of(which).iter().map(|server| server.address).collect()
    }

    /// Processor time that these have used so far, in user and kernel.
    pub fn cpu(&self, which: Which) -> Outcome<Duration> {
        self.of(which).iter().map(|server| server.cpu()).sum()
    }

    /// Forgets the most memory that these have ever occupied.
    pub fn forget_peak(&self, which: Which) {
        for server in self.of(which) {
            // Where the kernel does not let us, the most of the whole run is told.
            let _ = fs::write(format!("/proc/{}/clear_refs", server.child.id()), "5");
        }
    }

    /// The most memory that these have occupied since, in KiB.
    pub fn peak(&self, which: Which) -> Outcome<u64> {
        self.of(which).iter().map(|server| -> Outcome<u64> { Ok(server.figure("VmHWM")?) }).sum()
    }

    /// The service's memory now.
    pub fn memory(&self) -> Outcome<Memory> {
        self.service.memory()
    }

    fn of(&self, which: Which) -> Vec<&Server> {
        match which {
            Which::Service => vec![&self.service],
            Which::Reference => vec![&self.reference],
            Which::Beside => vec![self.beside.as_ref().unwrap_or(&self.service)],
            Which::OnePinned => self.pinned.iter().take(1).collect(),
            Which::TwoPinned => self.pinned.iter().collect(),
            Which::Pgbench => Vec::new(),
        }
    }
}

/// Starts `attune serve` on the run's database several times.
pub fn idle_serve(place: &Place) -> Outcome<Idle> {
    idle(|| serve(place, Path::new(ATTUNE)))
}

/// Starts `attune demo` several times: with what it migrates and seeds before it answers.
pub fn idle_demo() -> Outcome<Idle> {
    idle(|| {
        let mut command = Command::new(ATTUNE);
        command.env_clear().arg("demo").stdout(Stdio::null()).stderr(Stdio::null());
        command
    })
}

fn idle(command: impl Fn() -> Command) -> Outcome<Idle> {
    let mut starts = Vec::with_capacity(STARTS);
    for _ in 1..STARTS {
        starts.push(Server::start(command(), OPEN_PATH)?.start);
    }
    let last = Server::start(command(), OPEN_PATH)?;
    starts.push(last.start);
    starts.sort_unstable();
    std::thread::sleep(SETTLED);
    let start = starts.get(STARTS / 2).copied().unwrap_or_default();
    Ok(Idle { start, memory: last.memory()? })
}

/// A token of somebody of the practice, good for as long as tokens are.
pub fn token(place: &Place, practice: PracticeId, user: UserId) -> Outcome<String> {
    let (practice, user) = (practice.to_string(), user.to_string());
    let seconds = TOKEN_SECONDS.to_string();
    let mut command = Command::new(ATTUNE);
    command.args(["token", "--practice", &practice, "--user", &user, "--seconds", &seconds]);
    let output = on_run(place, command).stderr(Stdio::inherit()).output()?;
    if !output.status.success() {
        return Err("`attune token` failed".into());
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Sends one request on a connection of its own; returns the body of the answer.
pub fn exchange(address: SocketAddr, request: &[u8]) -> Outcome<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let (line, rest) =
        request.split_at(request.windows(2).position(|two| two == b"\r\n").ok_or("no line")?);
    stream.write_all(&[line, b"\r\nConnection: close", rest].concat())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    if !answer.starts_with(b"HTTP/1.1 200") {
        return Err(String::from_utf8_lossy(&answer).into_owned().into());
    }
    let head =
        answer.windows(4).position(|four| four == b"\r\n\r\n").ok_or("an answer without a head")?;
    Ok(answer.split_off(head + 4))
}

/// With nothing of the caller's environment that might configure it, but for where programs are.
fn on_run(place: &Place, mut command: Command) -> Command {
    command
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .env("DATABASE_URL", &place.address)
        .env("ATTUNE_ROOT_KEY", ROOT_KEY)
        .env("ATTUNE_PUBLIC_URL", PUBLIC_URL)
        // What is measured is the service, and not its patience with one caller.
        .env("ATTUNE_CREDENTIAL_RATE", "0")
        .env("ATTUNE_PRACTICE_RATE", "0")
        .stdout(Stdio::piped());
    command
}

fn serve(place: &Place, binary: &Path) -> Command {
    let mut command = Command::new(binary);
    command.arg("serve");
    let mut command = on_run(place, command);
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The same on one core.
fn pinned(place: &Place, core: &str) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", core, ATTUNE, "serve"]);
    let mut command = on_run(place, command);
    command.stdout(Stdio::null());
    command
}

impl Server {
    /// Starts a server on a free port and waits until it answers.
    fn start(mut command: Command, path: &str) -> Outcome<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let begun = Instant::now();
        let child = command.args(["--listen", &address.to_string()]).spawn()?;
        let mut server = Self { child, address, start: Duration::ZERO };
        let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n");
        while exchange(address, request.as_bytes()).is_err() {
            if begun.elapsed() > LATEST_START || server.child.try_wait()?.is_some() {
                return Err(format!("{command:?} does not answer").into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.start = begun.elapsed();
        Ok(server)
    }

    fn memory(&self) -> Outcome<Memory> {
        Ok(Memory { resident: self.figure("VmRSS")?, own: self.figure("RssAnon")? })
    }

    /// A figure of `/proc/…/status`, in KiB.
    fn figure(&self, name: &str) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.and_then(|line| line.split_whitespace().next()?.parse().ok())
            .ok_or_else(|| io::Error::other(format!("/proc/…/status lacks {name}")))
    }

    fn cpu(&self) -> Outcome<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold anything; `utime` and `stime` are the twelfth and
        // thirteenth words after it, in ticks, of which Linux has a hundred a second.
        let (_, words) = stat.rsplit_once(')').ok_or("/proc/…/stat has another form")?;
        let ticks: u64 = words
            .split_whitespace()
            .skip(11)
            .take(2)
            .filter_map(|word| word.parse::<u64>().ok())
            .sum();
        Ok(Duration::from_millis(ticks * 10))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both may already have ended; there is nothing left to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
