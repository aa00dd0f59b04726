//! The two servers: the release binary, and this program's own bare handlers.

use std::fmt;
use std::fs;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use attune::db::id::{PracticeId, UserId};

use crate::place::{ATTUNE, Place, ROOT_KEY};
use crate::{Options, Outcome};

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// `attune serve`.
    Service,
    /// The bare handlers.
    Reference,
    /// `serve` of another build; this one if none was given.
    Beside,
}

/// Both, running until this is dropped.
pub struct Servers {
    service: Server,
    reference: Server,
    beside: Option<Server>,
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
    /// Starts both.
    pub fn start(place: &Place, options: &Options) -> Outcome<Self> {
        let database = place.database();
        let mut reference = Command::new(std::env::current_exe()?);
        reference.arg("--reference").arg(&database).args(["--pool", &options.pool.to_string()]);
        let service = |binary: &Path, log: &str| -> Outcome<Server> {
            let mut command = serve(place, binary);
            command
                .args(["--log", &options.log])
                .stderr(fs::File::create(place.folder().join(log))?);
            Server::start(command, OPEN_PATH)
        };
        let beside = options.beside.as_deref().map(|binary| service(binary, "beside.log"));
        Ok(Self {
            service: service(Path::new(ATTUNE), "serve.log")?,
            reference: Server::start(reference, "/empty")?,
            beside: beside.transpose()?,
        })
    }

    /// Where one listens.
    pub fn address(&self, which: Which) -> SocketAddr {
        self.server(which).address
    }

    /// Processor time that one has used so far, in user and kernel.
    pub fn cpu(&self, which: Which) -> Outcome<Duration> {
        let pid = self.server(which).child.id();
        let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
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

    /// The service's memory now.
    pub fn memory(&self) -> Outcome<Memory> {
        self.service.memory()
    }

    fn server(&self, which: Which) -> &Server {
        match which {
            Which::Service => &self.service,
            Which::Reference => &self.reference,
            Which::Beside => self.beside.as_ref().unwrap_or(&self.service),
        }
    }
}

/// Starts `attune serve` on the run's database several times.
pub fn idle_serve(place: &Place) -> Outcome<Idle> {
    idle(|| serve(place, Path::new(ATTUNE)))
}

/// Starts `attune demo` several times: with what it migrates and seeds before it answers.
pub fn idle_demo() -> Outcome<Idle> {
    idle(|| attune(Path::new(ATTUNE), &["demo"]))
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
    let output = on_run(
        place,
        Path::new(ATTUNE),
        &["token", "--practice", &practice, "--user", &user, "--seconds", &seconds],
    )
    .stderr(Stdio::inherit())
    .output()?;
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

/// The binary, with nothing of the caller's environment that might configure it.
fn attune(binary: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.env_clear().args(arguments).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn on_run(place: &Place, binary: &Path, arguments: &[&str]) -> Command {
    let mut command = attune(binary, arguments);
    command
        .env("DATABASE_URL", format!("sqlite:{}", place.database().display()))
        .env("ATTUNE_ROOT_KEY", ROOT_KEY)
        .env("ATTUNE_PUBLIC_URL", PUBLIC_URL)
        .stdout(Stdio::piped());
    command
}

fn serve(place: &Place, binary: &Path) -> Command {
    let mut command = on_run(place, binary, &["serve"]);
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
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let figure = |name: &str| -> io::Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
            line.and_then(|line| line.split_whitespace().next()?.parse().ok())
                .ok_or_else(|| io::Error::other(format!("/proc/…/status lacks {name}")))
        };
        Ok(Memory { resident: figure("VmRSS")?, own: figure("RssAnon")? })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both may already have ended; there is nothing left to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
