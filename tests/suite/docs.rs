//! The pages: their commands are run, their answers compared, their links followed, and
//! their tables held against the code.
//!
//! A ```` ```sh ```` block of README, tutorial and how-to is run as it stands, block after
//! block in one shell per page, beside a real `attune demo`. A block that follows at once says
//! what it prints: ```` ```json ```` is compared as JSON and `…` stands for what is left out,
//! ```` ```output ```` line by line. What no test can run is marked ```` ```text ````.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use attune::auth::scopes::{ActorKind, Scope};
use attune::error::Code;
use attune::state::{Machine, Status};
use attune::{clients, couples, treatments};
use serde_json::Value;

use crate::support::database::on_postgres;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const ATTUNE: &str = env!("CARGO_BIN_EXE_attune");

/// Where every page says that the service listens; a test puts a free port in its place.
const LISTENS: &str = "127.0.0.1:8080";

fn pages_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// Every page of the repository, with its text.
fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(ROOT);
    let names = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    let mut found: Vec<PathBuf> = names.iter().map(|name| root.join(name)).collect();
    pages_below(&root.join("docs"), &mut found);
    found.sort();
    found.into_iter().map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap())).collect()
}

fn name_of(page: &Path) -> String {
    page.strip_prefix(ROOT).unwrap().display().to_string()
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}

/// A fenced block: what stands behind the fence, and its lines.
#[derive(Debug, Clone)]
struct Block {
    kind: String,
    text: String,
    line: usize,
    /// True when nothing but blank lines lies between this block and the one before.
    follows: bool,
}

/// The fenced blocks of a page, and the page without them.
fn split(page: &str) -> (Vec<Block>, String) {
    let (mut blocks, mut prose): (Vec<Block>, String) = (Vec::new(), String::new());
    let (mut open, mut follows) = (None::<Block>, false);
    for (index, line) in page.lines().enumerate() {
        // A line of prose may begin with backticks, a fence has none behind it.
        let fence = line.trim_start().strip_prefix("```").filter(|kind| !kind.contains('`'));
        match (&mut open, fence) {
            (None, Some(kind)) => {
                let kind = kind.trim().to_owned();
                open = Some(Block { kind, text: String::new(), line: index + 1, follows });
            }
            (Some(_), Some(_)) => {
                blocks.extend(open.take());
                follows = true;
            }
            (Some(block), None) => {
                block.text.push_str(line);
                block.text.push('\n');
            }
            (None, None) => {
                follows &= line.trim().is_empty();
                prose.push_str(line);
                prose.push('\n');
            }
        }
    }
    (blocks, prose)
}

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

const REST: &str = "…";

/// JSON in which a bare `…` stands for further members or entries.
fn read_abridged(text: &str) -> serde_json::Result<Value> {
    let (mut plain, mut in_string, mut escaped) = (String::new(), false, false);
    for (at, letter) in text.char_indices() {
        if letter != '…' || in_string {
            in_string ^= letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            plain.push(letter);
            continue;
        }
        let after = text[at..].trim_start_matches(['…', ',']).trim_start();
        if !plain.trim_end().ends_with([',', '{', '[']) {
            plain.push(',');
        }
        plain.push_str(if after.starts_with('}') { "\"…\": \"…\"" } else { "\"…\"" });
    }
    serde_json::from_str(&plain)
}

/// True when `out` is what was said, but for what `…` leaves open.
fn is_like(said: &Value, out: &Value) -> bool {
    match (said, out) {
        (Value::String(said), _) if said == REST => true,
        (Value::String(said), Value::String(out)) => text_is_like(said, out),
        (Value::Object(said), Value::Object(out)) => {
            let open = said.contains_key(REST);
            let members = || said.iter().filter(|(name, _)| *name != REST);
            (open || members().count() == out.len())
                && members().all(|(name, said)| out.get(name).is_some_and(|out| is_like(said, out)))
        }
        (Value::Array(said), Value::Array(out)) => {
            let (entries, open) = match said.split_last() {
                Some((last, entries)) if last == REST => (entries, true),
                _ => (said.as_slice(), false),
            };
            (open || entries.len() == out.len())
                && entries.len() <= out.len()
                && entries.iter().zip(out).all(|(said, out)| is_like(said, out))
        }
        _ => said == out,
    }
}

/// `…` inside a text stands for any text.
fn text_is_like(said: &str, out: &str) -> bool {
    let parts: Vec<&str> = said.split(REST).collect();
    let [first, middle @ .., last] = parts.as_slice() else { return said == out };
    let Some(mut rest) = out.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    middle.iter().all(|part| {
        let found = rest.split_once(*part);
        rest = found.map_or("", |(_, after)| after);
        found.is_some()
    })
}

/// Every line that is said is printed, in this order; others may lie between.
fn lines_are_like(said: &str, out: &str) -> bool {
    let mut printed = out.lines();
    let mut said = said.lines().map(str::trim).filter(|line| !line.is_empty() && *line != REST);
    said.all(|line| printed.any(|printed| text_is_like(line, printed.trim())))
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

/// Pages that are written apart from the others. Empty once they are here.
const WRITTEN_APART: [&str; 1] = ["performance.md"];

#[test]
fn links_between_pages_lead_somewhere() {
    let mut broken = Vec::new();
    for (page, text) in pages() {
        let (_, prose) = split(&text);
        for target in prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            let outside = target.starts_with("http") || file.is_empty();
            let apart = WRITTEN_APART.iter().any(|name| file.ends_with(name));
            if !outside && !apart && !page.parent().unwrap().join(file).exists() {
                broken.push(format!("{}: {target}", name_of(&page)));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn places_in_the_repository_that_pages_name_are_there() {
    let folders = [
        "src/",
        "tests/",
        "docs/",
        "scripts/",
        "migrations/",
        "openapi/",
        "tools/",
        "benches/",
        ".ci/",
    ];
    let mut missing = Vec::new();
    for (page, text) in pages() {
        let (_, prose) = split(&text);
        for code in prose.split('`').skip(1).step_by(2) {
            let path = code.split("::").next().unwrap_or_default();
            let is_path = folders.iter().any(|folder| path.starts_with(folder));
            let is_pattern = path.contains([' ', '*', '<', '{', '…']) || path.contains("NNNN");
            let apart = WRITTEN_APART.iter().any(|name| path.ends_with(name));
            if is_path && !is_pattern && !apart && !Path::new(ROOT).join(path).exists() {
                missing.push(format!("{}: {code}", name_of(&page)));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

/// Fails with the table that the page should hold.
#[track_caller]
fn holds(page: &str, table: &str) {
    assert!(text_of(page).contains(table), "{page} should hold\n\n{table}");
}

#[test]
fn the_page_of_scopes_holds_every_scope() {
    let mut table = String::from("| Scope | Allows | May be held by |\n| --- | --- | --- |\n");
    for scope in Scope::ALL {
        let holders: Vec<&str> = scope
            .holders()
            .iter()
            .map(|holder| match holder {
                ActorKind::Admin => "administrator",
                ActorKind::Clinician => "clinician",
                ActorKind::Client => "client",
                ActorKind::Service => "service",
            })
            .collect();
        writeln!(table, "| `{}` | {} | {} |", scope.as_str(), scope.meaning(), holders.join(", "))
            .unwrap();
    }
    holds("docs/reference/scopes.md", &table);
}

fn machine_table<S: Status>(machine: &Machine<S>) -> String {
    let mut table = String::from("| Transition | From | To |\n| --- | --- | --- |\n");
    for transition in machine.0 {
        let from: Vec<String> =
            transition.from.iter().map(|from| format!("`{}`", from.word())).collect();
        writeln!(
            table,
            "| `{}` | {} | `{}` |",
            transition.name,
            from.join(", "),
            transition.to.word()
        )
        .unwrap();
    }
    table
}

#[test]
fn the_page_of_state_machines_holds_every_transition() {
    let page = "docs/reference/state-machines.md";
    holds(page, &machine_table(&clients::transitions::MACHINE));
    holds(page, &machine_table(&couples::transitions::MACHINE));
    holds(page, &machine_table(&treatments::transitions::MACHINE));
}

#[test]
fn every_code_of_a_problem_is_in_the_index_of_errors() {
    let mut table = String::from("| Code | Status | Title |\n| --- | --- | --- |\n");
    for code in Code::ALL {
        let (name, status, title) = (code.as_str(), code.status().as_u16(), code.title());
        writeln!(table, "| [`{name}`]({name}.md) | {status} | {title} |").unwrap();
        assert!(
            code.page().starts_with(&format!("# `{name}`\n\n**{status}** · {title}\n")),
            "{name}.md"
        );
    }
    holds("docs/reference/errors/README.md", &table);
}

#[test]
fn every_decision_is_in_its_index() {
    let index = text_of("docs/adr/README.md");
    let mut found = Vec::new();
    pages_below(&Path::new(ROOT).join("docs/adr"), &mut found);
    for page in found {
        let file = page.file_name().unwrap().to_string_lossy().into_owned();
        assert!(
            file == "README.md" || index.contains(&format!("({file})")),
            "docs/adr/README.md lacks {file}"
        );
    }
}

#[test]
fn what_is_left_out_is_left_out_and_nothing_else() {
    let out = serde_json::json!({ "a": 1, "b": [1, 2], "c": "cli_01xyz" });
    let like = |text| is_like(&read_abridged(text).unwrap(), &out);
    assert!(like(r#"{ "a": 1, … }"#));
    assert!(like(r#"{ "a": 1, "b": [1, …], "c": "cli_…" }"#));
    assert!(like("{ … }"));
    assert!(!like(r#"{ "a": 1 }"#));
    assert!(!like(r#"{ "a": 2, … }"#));
    assert!(!like(r#"{ "b": [2, …], … }"#));
    assert!(!like(r#"{ "c": "cpl_…", … }"#));
    assert!(text_is_like("etag: \"…\"", "etag: \"abc\""));
    assert!(!text_is_like("HTTP/1.1 200", "HTTP/1.1 2001"));
    assert!(!text_is_like("a…b", "a-b-c"));
}
