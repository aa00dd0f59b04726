//! The commands themselves, beside a process that serves and is being written to.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::Shelf;
use crate::support::database::{TestDatabase, on_postgres};
use crate::support::process::{Installation, Running};

const WRITERS: usize = 4;

fn mode_of(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Status and everything behind the head that names the request.
fn body_of(running: &Running, path: &str, token: &str) -> String {
    let answer = request(running.address, &format!("GET {path}"), token, "").unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    body.to_owned()
}

#[test]
fn a_process_that_serves_is_backed_up_and_restored_by_command() {
    if on_postgres() {
        return;
    }
    let (installation, shelf) = (Installation::new(), Shelf::new());
    let token = installation.token();
    let to = shelf.at("backup");
    let to = to.to_str().unwrap();
    let acknowledged = Mutex::new(Vec::new());
    let running = Running::start(&installation);
    let (before, output, took) = std::thread::scope(|scope| {
        let (address, token, acknowledged) = (running.address, &token, &acknowledged);
        for _ in 0..WRITERS {
            scope.spawn(move || write_until_killed(address, token, acknowledged));
        }
        let late = Instant::now() + Duration::from_secs(5);
        while acknowledged.lock().unwrap().len() < 40 && Instant::now() < late {
            std::thread::sleep(Duration::from_millis(2));
        }
        let (before, began) = (acknowledged.lock().unwrap().clone(), Instant::now());
        let output = installation.command(&["backup", "--to", to]).output().unwrap();
        let took = began.elapsed();
        drop(running);
        (before, output, took)
    });
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.starts_with(&format!("{to} ")) && said.contains(" bytes, whole, SHA-256 "),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let meanwhile = acknowledged.lock().unwrap().len() - before.len();
    assert!(!before.is_empty() && meanwhile > WRITERS, "{} and {meanwhile}", before.len());
    for (name, mode) in
        [("backup", 0o700), ("backup/attune.db", 0o600), ("backup/manifest.json", 0o600)]
    {
        assert_eq!(mode_of(&shelf.at(name)), mode, "{name}");
    }
    assert!(installation.run(&["backup", "--verify", to]).contains(" bytes, whole, "));
    let elsewhere = installation.with(TestDatabase::at(shelf.url("restored.db")));
    let said = elsewhere.run(&["restore", "--from", to]);
    assert!(said.contains(" bytes, as it was at 20") && !said.contains("pending"), "{said}");
    assert_eq!(mode_of(&shelf.at("restored.db")), 0o600);
    assert!(elsewhere.run(&["audit", "verify"]).contains(" rows, whole, "));
    let (original, restored) = (Running::start(&installation), Running::start(&elsewhere));
    for path in &before {
        assert_eq!(body_of(&original, path, &token), body_of(&restored, path, &token));
    }
    println!(
        "backed up in {took:?} under {WRITERS} writers: {} writes acknowledged before are there, {meanwhile} went on",
        before.len()
    );
}

/// One request on a connection of its own; none when the service went away before its answer.
fn request(address: SocketAddr, head: &str, token: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(2)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let length = body.len();
    let text = format!(
        "{head} HTTP/1.1\r\nHost: durable.test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).ok()?;
    let mut answer = Vec::new();
    stream.take(1 << 20).read_to_end(&mut answer).ok()?;
    String::from_utf8(answer).ok()
}

/// Posts until the service is gone; returns the places of what was acknowledged.
fn write_until_killed(address: SocketAddr, token: &str, acknowledged: &Mutex<Vec<String>>) {
    for number in 0.. {
        let body = format!("{{\"given_name\":\"Durable{number}\"}}");
        let Some(answer) = request(address, "POST /v1/clients", token, &body) else { return };
        if let Some(rest) = answer.strip_prefix("HTTP/1.1 201") {
            let place = rest.lines().find_map(|line| line.strip_prefix("location: "));
            acknowledged.lock().unwrap().push(place.unwrap().to_owned());
        }
    }
}
