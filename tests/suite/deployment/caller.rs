//! Somebody who calls through the proxy, over a socket, and keeps their connection.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::Value;

/// An answer as it came.
#[derive(Debug, Clone)]
pub struct Heard {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Heard {
    pub fn header(&self, name: &str) -> String {
        let of_line = |line: &str| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        };
        self.head.lines().find_map(of_line).unwrap_or_default()
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}{}", self.head, self.body);
        self
    }
}

/// Somebody with a token, who keeps their connection as long as it holds.
pub struct Caller {
    address: SocketAddr,
    token: String,
    kept: Mutex<Option<BufReader<TcpStream>>>,
}

impl Caller {
    pub fn new(address: SocketAddr, token: &str) -> Self {
        Self { address, token: token.to_owned(), kept: Mutex::default() }
    }

    /// Sends once; an error when there is no whole answer.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> std::io::Result<Heard> {
        let mut kept = self.kept.lock().unwrap();
        let mut stream = match kept.take() {
            Some(stream) => stream,
            None => self.connect()?,
        };
        let body = body.map(Value::to_string).unwrap_or_default();
        let media =
            if method == "PATCH" { "application/merge-patch+json" } else { "application/json" };
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: attune.test\r\n");
        if !headers.iter().any(|(name, _)| *name == "Content-Length") {
            write!(head, "Content-Length: {}\r\n", body.len()).unwrap();
        }
        if !self.token.is_empty() {
            write!(head, "Authorization: Bearer {}\r\n", self.token).unwrap();
        }
        if !body.is_empty() {
            write!(head, "Content-Type: {media}\r\n").unwrap();
        }
        for (name, value) in headers {
            write!(head, "{name}: {value}\r\n").unwrap();
        }
        stream.get_mut().write_all(format!("{head}\r\n{body}").as_bytes())?;
        let heard = read(&mut stream)?;
        if !heard.header("connection").eq_ignore_ascii_case("close") {
            *kept = Some(stream);
        }
        Ok(heard)
    }

    fn connect(&self) -> std::io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect_timeout(&self.address, Duration::from_secs(5))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        Ok(BufReader::new(stream))
    }

    #[track_caller]
    pub fn get(&self, path: &str) -> Heard {
        self.send("GET", path, &[], None).unwrap()
    }
}

fn read(stream: &mut impl BufRead) -> std::io::Result<Heard> {
    let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Err(cut());
        }
    }
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or_else(cut)?;
    let mut heard = Heard { status, head, body: String::new() };
    if matches!(status, 204 | 304) {
        return Ok(heard);
    }
    if heard.header("transfer-encoding") == "chunked" {
        heard.body = read_chunks(stream)?;
        return Ok(heard);
    }
    let length: usize = heard.header("content-length").parse().unwrap_or(0);
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    heard.body = String::from_utf8_lossy(&body).into_owned();
    Ok(heard)
}

fn read_chunks(stream: &mut impl BufRead) -> std::io::Result<String> {
    let mut whole = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16).map_err(std::io::Error::other)?;
        let mut chunk = vec![0; size + 2];
        stream.read_exact(&mut chunk)?;
        if size == 0 {
            return Ok(String::from_utf8_lossy(&whole).into_owned());
        }
        whole.extend_from_slice(&chunk[..size]);
    }
}
