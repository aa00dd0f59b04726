//! What an operator deploys with: the compose file and what it mounts, the image, the proxy, the alerts.
//!
//! No container engine is needed, and none is used: files are held against the service and against each other, the
//! image's steps run in a folder, and two replicas stand behind the real proxy as processes.

mod caller;
mod compose;
mod image;
mod load;
mod monitoring;
mod proxy;
mod replicas;
mod stage;

use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde_json::Value;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const ATTUNE: &str = env!("CARGO_BIN_EXE_attune");

fn path_of(name: &str) -> PathBuf {
    Path::new(ROOT).join(name)
}

fn text_of(name: &str) -> String {
    std::fs::read_to_string(path_of(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A file of YAML with its anchors followed, and each variable as it is when nobody sets it.
fn yaml_of(name: &str) -> Value {
    let text = text_of(name);
    let mut parts = text.split("${");
    let mut whole = parts.next().unwrap().to_owned();
    for part in parts {
        let (variable, rest) = part.split_once('}').expect("a variable that ends");
        let (_, default) = variable.split_once(":-").expect("a variable with a default");
        whole.push_str(default);
        whole.push_str(rest);
    }
    serde_saphyr::from_str(&whole).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The texts of a list, or of one text.
fn texts(value: &Value) -> Vec<String> {
    let list = value.as_array().cloned().unwrap_or_default();
    list.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect()
}

fn keys(value: &Value) -> Vec<String> {
    value.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
}

/// The program of this name. Debian keeps daemons where only root looks; without it the test is left out, aloud.
fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let found = folders.map(|folder| folder.join(name)).find(|program| program.is_file());
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "{name} is missing; in CI nothing is left out");
        let said = format!("left out: a test of the deployment needs {name}\n");
        // Past the capture of the test runner: what was left out is to be seen.
        std::io::stderr().write_all(said.as_bytes()).unwrap();
    }
    found
}

/// Runs a program to its end; whether it succeeded, and what it said.
fn run(program: &Path, arguments: &[&str]) -> (bool, String) {
    let output = std::process::Command::new(program).args(arguments).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&said).into_owned())
}
