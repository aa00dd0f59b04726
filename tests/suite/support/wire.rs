//! HTTP as it is on the wire, for what a client library would hide: connections that are kept, cut and refused.

use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// One request as text.
#[derive(Clone, Debug)]
pub struct Request {
    head: String,
    body: String,
}

impl Request {
    /// A request of whoever has this token; with a body if there is one.
    pub fn new(method: &str, path: &str, token: &str, body: &Value) -> Self {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let head = format!("{method} {path} HTTP/1.1\r\nHost: attune.test\r\n");
        let mut request = Self { head, body };
        if !token.is_empty() {
            request = request.header("Authorization", &format!("Bearer {token}"));
        }
        if !request.body.is_empty() {
            let length = request.body.len().to_string();
            request = request
                .header("Content-Type", "application/json")
                .header("Content-Length", &length);
        }
        request
    }

    pub fn get(path: &str, token: &str) -> Self {
        Self::new("GET", path, token, &Value::Null)
    }

    /// The same with one header more.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.head.extend([name, ": ", value, "\r\n"]);
        self
    }

    pub fn text(&self) -> String {
        format!("{}\r\n{}", self.head, self.body)
    }

    pub fn head_len(&self) -> usize {
        self.head.len() + 2
    }
}

/// One answer, whole.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// A header; empty when it is missing.
    pub fn header(&self, name: &str) -> String {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        let found = lines.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.to_owned()).unwrap_or_default()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", String::from_utf8_lossy(&self.body));
        self
    }
}

/// A connection that is kept.
pub struct Line(BufReader<TcpStream>);

impl Line {
    pub fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect_timeout(&address, Duration::from_secs(2))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    pub fn send(&mut self, request: &Request) -> Result<()> {
        self.0.get_mut().write_all(request.text().as_bytes())
    }

    /// The next answer. None when the connection ended before its first byte; an error when it broke off within it.
    pub fn answer(&mut self) -> Result<Option<Reply>> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            match self.0.read_line(&mut head) {
                Ok(0) if head.is_empty() => return Ok(None),
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Err(error) if head.is_empty() && error.kind() == ErrorKind::ConnectionReset => {
                    return Ok(None);
                }
                other => other?,
            };
        }
        let status = head.get(9..12).and_then(|status| status.parse().ok());
        let status = status.ok_or_else(|| Error::other(head.clone()))?;
        let mut reply = Reply { status, head, body: Vec::new() };
        let length: u64 = reply.header("content-length").parse().unwrap_or_default();
        (&mut self.0).take(length).read_to_end(&mut reply.body)?;
        if u64::try_from(reply.body.len()).unwrap() < length {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        Ok(Some(reply))
    }

    /// Sends one and reads its answer; an error when the service went away before that was whole. Sent again while
    /// the service says that it is busy: a disk that stands still is no finding.
    pub fn ask(&mut self, request: &Request) -> Result<Reply> {
        loop {
            self.send(request)?;
            let reply = self.answer()?.ok_or(ErrorKind::UnexpectedEof)?;
            if reply.status != 503 {
                return Ok(reply);
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}
