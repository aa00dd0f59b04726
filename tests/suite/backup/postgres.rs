//! The way of the page for PostgreSQL: its commands, as they stand there.

use std::path::Path;
use std::process::Command;

use attune::db::DatabaseUrl;

use super::Shelf;
use crate::docs::{ROOT, split};
use crate::support::database::{TestDatabase, on_postgres};
use crate::support::process::{Installation, Running};

const PAGE: &str = "docs/how-to/back-up-and-restore.md";

/// What the page has its reader type for PostgreSQL.
fn commands() -> String {
    let page = std::fs::read_to_string(Path::new(ROOT).join(PAGE)).unwrap();
    let (blocks, _) = split(&page);
    let of_postgres: Vec<String> = blocks
        .into_iter()
        .filter(|block| block.kind == "sh postgres")
        .map(|block| block.text)
        .collect();
    assert!(of_postgres.len() >= 2, "{PAGE} makes a backup and restores it");
    of_postgres.concat()
}

fn address(url: &DatabaseUrl) -> &str {
    let DatabaseUrl::Postgres(url) = url else { panic!("not on PostgreSQL") };
    url.expose()
}

/// Another database that holds what this one did.
pub(super) fn copy_of(url: &DatabaseUrl, shelf: &Shelf) -> TestDatabase {
    let copy = TestDatabase::empty();
    let folder = Path::new(env!("CARGO_BIN_EXE_attune")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-euc", &commands()])
        .current_dir(shelf.at(""))
        .env("PATH", path)
        .env("DATABASE_URL", address(url))
        .env("RESTORED_URL", address(&copy.url))
        .env("ATTUNE_ROOT_KEY", crate::support::database::ROOT_KEY)
        .env("ATTUNE_LOG", "off")
        .output()
        .unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}\n{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(
        text(&output.stdout).matches(" rows, whole, last ").count(),
        2,
        "the audit was looked at"
    );
    copy
}

#[test]
fn a_restored_postgresql_database_is_served_under_its_key_alone() {
    if !on_postgres() {
        return;
    }
    let (database, shelf) = (TestDatabase::with_story(), Shelf::new());
    let copy = copy_of(&database.url, &shelf);
    let installation = Installation::of_story(copy);
    drop(Running::start(&installation));
    for (variable, value, words) in [
        ("ATTUNE_ROOT_KEY_FILE", "lost.key", "put it back from its backup"),
        ("ATTUNE_ROOT_KEY_COMMAND", "printf %064d 7", "sealed under another root key"),
    ] {
        let mut command = installation.command(&["audit", "verify"]);
        let output =
            command.env_remove("ATTUNE_ROOT_KEY_FILE").env(variable, value).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(words), "{said}");
    }
    // The commands for SQLite say where to look.
    for arguments in [["backup", "--to", "backup"], ["restore", "--from", "backup"]] {
        let output = installation.command(&arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(2) && said.contains(PAGE), "{said}");
    }
}
