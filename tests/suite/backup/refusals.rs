//! What is not whole, does not belong together or would overwrite something is refused with a sentence, and nothing is
//! left behind.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use attune::backup::{Manifest, verify};
use attune::clock::Clock;
use attune::db::{DatabaseUrl, copy, migrate};
use diesel::connection::SimpleConnection;

use super::{Shelf, keyring};
use crate::support::catalog::lines;
use crate::support::database::{ROOT_KEY, TestDatabase, on_postgres};

/// A shelf with the story's backup on it; none on PostgreSQL, which has another way.
fn with_backup() -> Option<(Shelf, TestDatabase)> {
    let (shelf, database) = (!on_postgres()).then(|| (Shelf::new(), TestDatabase::with_story()))?;
    shelf.back_up(&database.url, "backup").unwrap();
    Some((shelf, database))
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// How a backup is damaged, and words of the sentence that refuses it.
type Damage = (fn(&Path, &Path), &'static str);

fn cut(file: &Path, to: impl Fn(u64) -> u64) {
    let file = fs::OpenOptions::new().write(true).open(file).unwrap();
    file.set_len(to(file.metadata().unwrap().len())).unwrap();
}

fn replace(file: &Path, one: &str, other: &str) {
    let text = fs::read_to_string(file).unwrap();
    assert!(text.contains(one), "{text}");
    fs::write(file, text.replacen(one, other, 1)).unwrap();
}

#[test]
fn a_backup_that_is_not_whole_is_not_restored() {
    let Some((shelf, _database)) = with_backup() else { return };
    let cases: [Damage; 9] = [
        (|_, manifest| fs::remove_file(manifest).unwrap(), "has no manifest.json: it is no backup"),
        (
            |database, _| fs::remove_file(database).unwrap(),
            "attune.db cannot be read: No such file",
        ),
        (|_, manifest| cut(manifest, |_| 0), "manifest.json in "),
        (|_, manifest| cut(manifest, |bytes| bytes - 1), "is not as it was written"),
        (
            |_, manifest| replace(manifest, "\"form\": 1", "\"form\": 2"),
            "reads form 1: use a newer one",
        ),
        (
            |_, manifest| replace(manifest, "\"clients\": ", "\"clients\": 1"),
            "is not as it was written",
        ),
        (|database, _| cut(database, |bytes| bytes - 1), "it is not whole"),
        (|database, _| cut(database, |bytes| bytes / 2), "it is not whole"),
        // A single row, in clear, and the manifest's word on it forged.
        (forge, "is not as it was written: it was damaged or changed"),
    ];
    for (damage, words) in cases {
        let damaged = shelf.at("damaged");
        copy_folder(&shelf.at("backup"), &damaged);
        damage(&damaged.join("attune.db"), &damaged.join("manifest.json"));
        let refused = shelf.restore("damaged", "restored.db").err().expect("a damaged backup");
        assert!(refused.contains(words), "no `{words}` in: {refused}");
        fs::remove_dir_all(&damaged).unwrap();
        assert_eq!(shelf.names(), ["backup"], "{words}");
    }
    shelf.restore("backup", "restored.db").unwrap();
    println!("{} kinds of damage refused, nothing left behind", cases.len());
}

/// Changes a row of the copy, and size and checksum in the manifest to fit.
fn forge(database: &Path, manifest: &Path) {
    let checksum = |database: &Path| {
        let printed = Command::new("sha256sum").arg(database).output().unwrap().stdout;
        String::from_utf8(printed).unwrap().split(' ').next().unwrap().to_owned()
    };
    let url: DatabaseUrl = format!("sqlite:{}", database.display()).parse().unwrap();
    let (before, mut conn) = (checksum(database), TestDatabase::at(url).open());
    conn.batch_execute(
        "UPDATE practices SET phone = '+12065550199'; PRAGMA journal_mode = DELETE;",
    )
    .unwrap();
    drop(conn);
    replace(manifest, &before, &checksum(database));
}

#[test]
fn a_flipped_bit_is_found_wherever_it_is() {
    let Some((shelf, _database)) = with_backup() else { return };
    let folder = shelf.at("backup");
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut flipped = 0;
    for (name, words, times) in [
        ("attune.db", "it was damaged or changed", 40),
        ("manifest.json", "manifest.json in ", 100),
    ] {
        let file = folder.join(name);
        let whole = fs::read(&file).unwrap();
        for _ in 0..times {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            let at = usize::try_from(state >> 33).unwrap() % whole.len();
            let mut other = whole.clone();
            other[at] ^= 1_u8 << ((state >> 29) & 7);
            fs::write(&file, other).unwrap();
            let refused =
                verify(&folder, &keyring()).err().unwrap_or_else(|| panic!("byte {at} of {name}"));
            // A form or a fingerprint that is another one has its own words.
            let of_its_own =
                refused.contains("use a newer one") || refused.contains("the one given has");
            assert!(refused.contains(words) || of_its_own, "byte {at} of {name}: {refused}");
            flipped += 1;
        }
        fs::write(&file, whole).unwrap();
    }
    verify(&folder, &keyring()).unwrap();
    println!("{flipped} flipped bits, {flipped} found");
}

#[test]
fn a_schema_that_is_newer_is_refused_and_one_that_is_older_restored() {
    let Some((shelf, database)) = with_backup() else { return };
    let last = "DELETE FROM __diesel_schema_migrations \
                WHERE version = (SELECT max(version) FROM __diesel_schema_migrations)";
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    let down = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations/sqlite");
    let mut steps: Vec<_> = fs::read_dir(down).unwrap().map(|step| step.unwrap().path()).collect();
    steps.sort();
    let down = fs::read_to_string(steps.last().unwrap().join("down.sql")).unwrap();
    for (name, sql) in [("newer", newer.to_owned()), ("older", format!("{down}; {last}"))] {
        let folder = shelf.at(name);
        fs::create_dir(&folder).unwrap();
        let file = folder.join("attune.db");
        copy::into_file(&mut database.open(), file.to_str().unwrap()).unwrap();
        let url = format!("sqlite:{}", file.display()).parse().unwrap();
        let mut conn = TestDatabase::at(url).open();
        conn.batch_execute(&format!("{sql}; PRAGMA journal_mode = DELETE;")).unwrap();
        drop(conn);
        let manifest = Manifest::of_copy_in(&folder, &keyring(), Clock::System.now()).unwrap();
        manifest.write(&folder).unwrap();
    }
    let refused = shelf.restore("newer", "restored.db").err().expect("a newer schema");
    assert!(refused.contains("does not know: use a newer one"), "{refused}");
    assert!(!shelf.at("restored.db").exists());
    let output = attune(&shelf, "restored.db", ROOT_KEY, &["restore", "--from", "older"]);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("1 migrations are pending; run `attune migrate`"), "{said}");
    let restored = TestDatabase::at(shelf.url("restored.db"));
    assert_eq!(migrate::run(&restored.url).unwrap(), 1);
    assert!(attune(&shelf, "restored.db", ROOT_KEY, &["audit", "verify"]).status.success());
    // A backup is made by the binary that serves, which can look at all of it.
    let old = attune(&shelf, "older/attune.db", ROOT_KEY, &["backup", "--to", "again"]);
    refused_with(&old, "lacks 1 migrations of this binary");
}

#[test]
fn a_database_whose_audit_was_laid_hands_on_is_not_backed_up() {
    let Some((shelf, database)) = with_backup() else { return };
    let mut conn = database.open();
    let sql = "UPDATE audit_events SET action = 'client.read' WHERE seq = 3";
    conn.batch_execute(sql).unwrap();
    let refused = shelf.back_up(&database.url, "again").unwrap_err();
    let practices = lines(&mut conn, "SELECT 'practice' AS line FROM practices").len();
    assert_eq!(refused.matches("row 3 is not as it was written").count(), practices, "{refused}");
    assert_eq!(shelf.names(), ["backup"]);
}

fn command(shelf: &Shelf, database: &str, root_key: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attune"));
    command.args(arguments).current_dir(shelf.at("")).env("ATTUNE_LOG", "off");
    command.env("DATABASE_URL", format!("sqlite:{database}")).env("ATTUNE_ROOT_KEY", root_key);
    command
}

fn attune(shelf: &Shelf, database: &str, root_key: &str, arguments: &[&str]) -> Output {
    command(shelf, database, root_key, arguments).output().unwrap()
}

#[track_caller]
fn refused_with(output: &Output, words: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.contains(words) && !said.contains("panicked"), "no `{words}` in: {said}");
}

#[test]
fn the_commands_overwrite_nothing_and_do_nothing_without_the_key() {
    let Some((shelf, database)) = with_backup() else { return };
    let source = database.file.as_ref().unwrap().to_str().unwrap();
    let (back_up, restore) = (["backup", "--to", "again"], ["restore", "--from", "backup"]);
    let other = "7".repeat(64);
    let without_key = |database: &str, arguments: &[&str]| {
        command(&shelf, database, "", arguments)
            .env_remove("ATTUNE_ROOT_KEY")
            .env("ATTUNE_ROOT_KEY_FILE", "lost.key")
            .output()
            .unwrap()
    };
    refused_with(&without_key(source, &back_up), "there is no root key file at lost.key");
    refused_with(
        &without_key("restored.db", &restore),
        "opens only under the root key of its database",
    );
    let verify = ["backup", "--verify", "backup"];
    refused_with(&without_key("restored.db", &verify), "there is no root key file at lost.key");
    refused_with(&attune(&shelf, source, &other, &back_up), "sealed under another root key");
    refused_with(&attune(&shelf, "restored.db", &other, &restore), "the one given has");
    let again = ["backup", "--to", "backup"];
    refused_with(
        &attune(&shelf, source, ROOT_KEY, &again),
        "is there already, and nothing is overwritten",
    );
    let nowhere = ["backup", "--to", "not-mounted/backup"];
    refused_with(&attune(&shelf, source, ROOT_KEY, &nowhere), "there is no folder not-mounted");
    refused_with(&attune(&shelf, "none.db", ROOT_KEY, &back_up), "there is no database at none.db");
    assert_eq!(shelf.names(), ["backup"]);
    for left in ["restored.db", "restored.db-wal"] {
        fs::write(shelf.at(left), "of before").unwrap();
        refused_with(
            &attune(&shelf, "restored.db", ROOT_KEY, &restore),
            &format!("{left} is there"),
        );
        assert_eq!(fs::read(shelf.at(left)).unwrap(), b"of before");
        fs::remove_file(shelf.at(left)).unwrap();
    }
    assert_eq!(shelf.names(), ["backup"]);
}

/// A file may not grow beyond so many bytes: what a full disk says, without filling one.
#[test]
fn a_full_disk_leaves_nothing_half() {
    let Some((shelf, database)) = with_backup() else { return };
    let source = database.file.as_ref().unwrap().to_str().unwrap();
    let whole = fs::metadata(shelf.at("backup/attune.db")).unwrap().len();
    let cases: [(&str, [&str; 3], &str); 2] = [
        (source, ["backup", "--to", "again"], "the backup cannot be written"),
        ("restored.db", ["restore", "--from", "backup"], "the database cannot be written"),
    ];
    for (database, arguments, words) in cases {
        // In blocks of 512 bytes or of 1024, by the shell.
        let limited = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", whole / 4096);
        let output = Command::new("sh")
            .args(["-c", &limited, "sh", env!("CARGO_BIN_EXE_attune")])
            .args(arguments)
            .current_dir(shelf.at(""))
            .env("DATABASE_URL", format!("sqlite:{database}"))
            .env("ATTUNE_ROOT_KEY", ROOT_KEY)
            .env("ATTUNE_LOG", "off")
            .output()
            .unwrap();
        refused_with(&output, words);
        assert_eq!(shelf.names(), ["backup"]);
    }
}
