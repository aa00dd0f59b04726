//! The pages: their commands are run, their answers compared, their links followed, and
//! their tables held against the code.
//!
//! A ```` ```sh ```` block of README, tutorial and how-to is run as it stands, block after
//! block in one shell per page, beside a real `attune demo`. A block that follows at once says
//! what it prints: ```` ```json ```` is compared as JSON and `…` stands for what is left out,
//! ```` ```output ```` line by line. What no test can run is marked ```` ```text ````.

mod commands;
mod declared;
mod likeness;
mod method;
mod references;

use std::path::{Path, PathBuf};

pub const ROOT: &str = env!("CARGO_MANIFEST_DIR");

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
pub struct Block {
    pub kind: String,
    pub text: String,
    line: usize,
    /// True when nothing but blank lines lies between this block and the one before.
    follows: bool,
}

/// The fenced blocks of a page, and the page without them.
pub fn split(page: &str) -> (Vec<Block>, String) {
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
