//! The commands of pages, run block after block as they stand.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::likeness::{is_like, lines_are_like, read_abridged};
use super::{Block, ROOT, name_of, pages_below, split};
use crate::support::database::on_postgres;

const ATTUNE: &str = env!("CARGO_BIN_EXE_attune");

/// Where every page says that the service listens; a test puts a free port in its place.
const LISTENS: &str = "127.0.0.1:8080";

/// A demo that runs as long as this value.
struct Demo {
    child: Child,
    folder: tempfile::TempDir,
    address: String,
    welcome: String,
    // Held open: a demo that cannot print ends.
    _printed: BufReader<ChildStdout>,
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing to do about it then.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

impl Demo {
    fn start() -> Self {
        let (folder, address) = (tempfile::tempdir().unwrap(), free_address());
        let mut child = Command::new(ATTUNE)
            .args([
                "demo",
                "--credentials",
                "demo.json",
                "--database",
                "sqlite:demo.db",
                "--workers",
                "1",
            ])
            .args(["--log", "off", "--listen", &address])
            .current_dir(folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut welcome = String::new();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        while welcome.matches("curl -s").count() < 3 {
            assert_ne!(lines.read_line(&mut welcome).unwrap(), 0, "the demo ended: {welcome}");
        }
        Self { child, folder, address, welcome, _printed: lines }
    }

    /// Runs a script beside the demo; returns what it printed.
    fn run(&self, script: &str) -> String {
        run(script, self.folder.path(), &self.address)
    }
}

/// A page that starts a service of its own notes its process in `SERVER`.
const END_SERVER: &str =
    r#"trap 'test -z "${SERVER:-}" || kill "$SERVER" 2>/dev/null || true' EXIT"#;

fn run(script: &str, folder: &Path, address: &str) -> String {
    let path = format!(
        "{}:{}",
        Path::new(ATTUNE).parent().unwrap().display(),
        std::env::var("PATH").unwrap()
    );
    let script = format!("set -eu\n{END_SERVER}\n{script}");
    let output = Command::new("sh")
        .args(["-c", &script.replace(LISTENS, address)])
        .current_dir(folder)
        .env("PATH", path)
        .env("ATTUNE_PUBLIC_URL", format!("http://{address}"))
        .env("ATTUNE_LOG", "off")
        .env_remove("DATABASE_URL")
        .output()
        .unwrap();
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {err}\n{out}", output.status);
    out.into_owned()
}

/// Commands of pages need what their readers have; without it they are left out, aloud.
fn tools_are_there() -> bool {
    let found = Command::new("sh").args(["-c", "command -v curl && command -v python3"]).output();
    let there = found.is_ok_and(|found| found.status.success()) && !on_postgres();
    assert!(
        there || on_postgres() || std::env::var_os("CI").is_none(),
        "the commands of the pages need curl and python3; in CI nothing is left out"
    );
    if !there {
        let said = "left out: the commands of the pages need curl and python3, and run on SQLite\n";
        // Past the capture of the test runner: what was left out is to be seen.
        std::io::stderr().write_all(said.as_bytes()).unwrap();
    }
    there
}

const END: &str = "\n=== end of block ===\n";

/// Runs every `sh` block of a page and compares what the page says that they print.
fn try_page(page: &Path) {
    let text = std::fs::read_to_string(page).unwrap();
    let (blocks, _) = split(&text);
    let commands: Vec<&Block> = blocks.iter().filter(|block| block.kind == "sh").collect();
    let mut script = String::new();
    for block in &commands {
        let mark = END.trim();
        write!(script, "{}\nprintf '\\n{mark}\\n'\n", block.text).unwrap();
    }
    let printed = if text.contains("demo.json") {
        Demo::start().run(&script)
    } else {
        let folder = tempfile::tempdir().unwrap();
        run(&script, folder.path(), &free_address())
    };
    let mut printed = printed.split(END);
    for (index, block) in blocks.iter().enumerate() {
        if block.kind != "sh" {
            continue;
        }
        let out = printed.next().unwrap_or_default().trim();
        let Some(said) = blocks.get(index + 1).filter(|next| next.follows) else { continue };
        let place = format!("{}:{}", name_of(page), said.line);
        match said.kind.as_str() {
            "json" => {
                let said =
                    read_abridged(&said.text).unwrap_or_else(|error| panic!("{place}: {error}"));
                let out = serde_json::from_str(out)
                    .unwrap_or_else(|_| panic!("{place}: not JSON: {out}"));
                assert!(is_like(&said, &out), "{place}: the answer is {out:#}");
            }
            "output" => assert!(lines_are_like(&said.text, out), "{place}: printed is\n{out}"),
            _ => {}
        }
    }
}

fn try_folder(folder: &str) {
    if tools_are_there() {
        let mut found = Vec::new();
        pages_below(&Path::new(ROOT).join(folder), &mut found);
        found.iter().for_each(|page| try_page(page));
    }
}

#[test]
fn the_commands_of_the_readme_do_what_it_says() {
    if tools_are_there() {
        try_page(&Path::new(ROOT).join("README.md"));
    }
}

#[test]
fn the_commands_of_the_tutorial_do_what_it_says() {
    try_folder("docs/tutorial");
}

#[test]
fn the_commands_of_the_how_to_pages_do_what_they_say() {
    try_folder("docs/how-to");
}

#[test]
fn the_lines_that_the_demo_prints_work_when_they_are_pasted() {
    if !tools_are_there() {
        return;
    }
    let demo = Demo::start();
    let lines: Vec<&str> = demo.welcome.lines().filter(|line| line.starts_with("curl")).collect();
    assert_eq!(lines.len(), 3);
    let answers: Vec<Value> =
        lines.iter().map(|line| serde_json::from_str(&demo.run(line)).unwrap()).collect();
    assert_eq!(answers[0]["data"][0]["given_name"], "Åsa");
    assert_eq!(answers[1]["members"][1]["display_name"], "Tomás");
    assert_eq!(answers[2]["given_name"], "Noor");
    // The third carries an idempotency key: pasted twice, it makes one client.
    let again: Value = serde_json::from_str(&demo.run(lines[2])).unwrap();
    assert_eq!(again, answers[2]);
}
