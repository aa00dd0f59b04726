//! The table of settings is that of the binary, and nonsense is refused with a sentence.

use std::collections::{BTreeMap, BTreeSet};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};

use clap::ArgAction;

/// What must never be printed.
const SECRET: &str = "Geheimnis4711";

/// Flag and default of each setting, by its variable, as the binary has them.
pub fn settings() -> BTreeMap<String, (String, String)> {
    let mut settings = BTreeMap::new();
    of_the_binary(&attune::cli::command(), &mut settings);
    settings
}

fn of_the_binary(command: &clap::Command, found: &mut BTreeMap<String, (String, String)>) {
    for argument in command.get_arguments() {
        let Some(variable) = argument.get_env() else { continue };
        let flag = argument.get_long().unwrap_or_default();
        let defaults = argument.get_default_values().iter().map(|value| value.to_string_lossy());
        let switch = matches!(argument.get_action(), ArgAction::SetTrue);
        let default = if switch { "false".to_owned() } else { defaults.collect::<String>() };
        let row = (format!("--{flag}"), default);
        let before = found.insert(variable.to_string_lossy().into_owned(), row.clone());
        assert!(
            before.is_none_or(|before| before == row),
            "{} differs between commands",
            variable.display()
        );
    }
    command.get_subcommands().for_each(|command| of_the_binary(command, found));
}

#[test]
fn the_table_of_settings_is_that_of_the_binary() {
    let settings = settings();
    let page = include_str!("../../docs/reference/configuration.md");
    let mut written = BTreeMap::new();
    for row in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        let [flag, variable, default, bounds, meaning] = cells[..] else { panic!("{row}") };
        assert!(!bounds.is_empty() && !meaning.is_empty(), "{row}");
        let default = if default == "–" { "" } else { default.trim_matches('`') };
        let row = (flag.trim_matches('`').to_owned(), default.to_owned());
        assert!(
            written.insert(variable.trim_matches('`').to_owned(), row).is_none(),
            "{variable} twice"
        );
    }
    assert_eq!(written, settings);
    println!("{} settings, each with its row", written.len());
}

/// Every variable of the binary is of the project but for those that are everybody's.
#[test]
fn variables_carry_the_projects_name() {
    let settings = settings();
    let foreign: BTreeSet<_> =
        settings.keys().filter(|name| !name.starts_with("ATTUNE_")).collect();
    assert_eq!(foreign.into_iter().collect::<Vec<_>>(), ["DATABASE_URL", "DATABASE_URL_FILE"]);
}

fn attune(folder: &Path, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attune"));
    command.args(arguments).current_dir(folder).env_remove("DATABASE_URL");
    command.envs(variables.iter().copied()).output().unwrap()
}

/// Refused with exit code 2 and a sentence that holds these words, and no secret.
#[track_caller]
fn refused(output: &Output, words: &str) {
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains(words), "no `{words}` in: {text}");
    let all = format!("{text}{}", String::from_utf8_lossy(&output.stdout));
    assert!(!all.contains(SECRET), "a secret was printed: {all}");
    assert!(!all.contains("panicked"), "{all}");
}

/// Flags, variables, and words of the sentence that refuses them.
type Nonsense<'a> = (&'a [&'a str], &'a [(&'a str, &'a str)], &'a str);

/// Before a database is made, and also where the port is somebody else's.
#[test]
fn nonsense_is_refused_at_start_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let somebody_else = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = somebody_else.local_addr().unwrap().to_string();
    let cases: [Nonsense; 23] = [
        (&["--listen", "nowhere"], &[], "--listen"),
        (&["--workers", "0"], &[], "1..=64"),
        (&["--workers", "65"], &[], "1..=64"),
        (&["--database-threads", "129"], &[], "1..=128"),
        (&["--database-queue", "0"], &[], "1..=65535"),
        (&["--commit-group", "many"], &[], "--commit-group"),
        (&[], &[("ATTUNE_TOKEN_CACHE", "99")], "100..=1000000"),
        (&[], &[("ATTUNE_REQUEST_DEADLINE_SECONDS", "121")], "1..=120"),
        (&["--log-format", "xml"], &[], "text, json"),
        (&["--log", "a=b=c"], &[], "ATTUNE_LOG is not a filter"),
        (&["--public-url", "ftp://x.example"], &[], "ATTUNE_PUBLIC_URL must start with"),
        (&["--log", "inof"], &[], "ATTUNE_LOG is not a filter"),
        (&["--public-url", "https://x.example/?a"], &[], "no user, query"),
        (&["--public-url", "https://u:p@x.example"], &[], "no user, query"),
        (&["--notifier", "pigeon"], &[], "must be `log` or `file:PATH`"),
        (&[], &[("ATTUNE_NOTIFIER", "file:/no/such/folder/calls")], "cannot be written"),
        (&["--audience", ""], &[], "visible ASCII"),
        (&["--audience", "an app"], &[], "visible ASCII"),
        (&["--listen", "0.0.0.0:0"], &[], "set ATTUNE_PUBLIC_URL"),
        (&["--database-url", "postgres://u:5%zz@h/d"], &[], "percent-encoded"),
        (&["--database-url", "mysql://x"], &[], "must start with `sqlite:`"),
        (&["--database-url", "sqlite::memory:"], &[], "memory databases"),
        (&["--no-such-flag"], &[], "--no-such-flag"),
    ];
    for (arguments, variables, words) in cases {
        let arguments = [&["serve", "--migrate"], arguments].concat();
        let variables = [&[("ATTUNE_LISTEN", taken.as_str())], variables].concat();
        refused(&attune(folder.path(), &arguments, &variables), words);
    }
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    println!("{} kinds of nonsense refused", cases.len());
}

#[test]
fn a_postgres_address_is_refused_in_one_sentence_by_a_binary_without_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("postgres://attune:{SECRET}@127.0.0.1:1/attune");
    let output = attune(folder.path(), &["migrate"], &[("DATABASE_URL", &url)]);
    if cfg!(feature = "postgres") {
        refused(&output, "the database cannot be opened");
    } else {
        refused(&output, "this binary was built without PostgreSQL");
    }
    let flag = attune(
        folder.path(),
        &["migrate", "--database-url", &format!("mysql://u:{SECRET}@h/x")],
        &[],
    );
    refused(&flag, "must start with `sqlite:`");
}

#[test]
fn a_root_key_that_is_wrong_missing_or_open_to_all_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |arguments: &[&str], variables: &[(&str, &str)]| {
        attune(folder.path(), arguments, variables)
    };
    let two = [("ATTUNE_ROOT_KEY_FILE", "x.key"), ("ATTUNE_ROOT_KEY", SECRET)];
    assert!(at(&["migrate"], &[]).status.success());
    let create = [
        "practice",
        "create",
        "--name",
        "X",
        "--timezone",
        "America/Boise",
        "--admin-email",
        "x@y.example",
    ];
    refused(&at(&create, &two), "set only one of");
    refused(&at(&create, &[("ATTUNE_ROOT_KEY", SECRET)]), "key");
    let failing = format!("echo {SECRET}; exit 3");
    refused(&at(&create, &[("ATTUNE_ROOT_KEY_COMMAND", &failing)]), "command");
    assert!(at(&create, &[]).status.success(), "the first start makes a key");
    let file = folder.path().join("attune.key");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&file), 0o400);
    let other = "11".repeat(32);
    refused(&at(&create, &[("ATTUNE_ROOT_KEY", &other)]), "sealed under another root key");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o444)).unwrap();
    refused(&at(&create, &[]), "attune.key");
    let aside = folder.path().join("aside.key");
    std::fs::rename(&file, &aside).unwrap();
    refused(&at(&create, &[]), "put it back from its backup");
    assert!(!file.exists(), "a fresh key would hide that the old one is lost");
    std::fs::set_permissions(&aside, std::fs::Permissions::from_mode(0o400)).unwrap();
    assert!(at(&create, &[("ATTUNE_ROOT_KEY_FILE", "aside.key")]).status.success());
}

#[test]
fn a_database_that_is_not_migrated_or_newer_is_not_served() {
    let folder = tempfile::tempdir().unwrap();
    refused(&attune(folder.path(), &["serve"], &[]), "migrations are pending");
    assert!(attune(folder.path(), &["migrate"], &[]).status.success());
    let url = format!("sqlite:{}", folder.path().join("attune.db").display()).parse().unwrap();
    let mut conn = attune::db::Conn::open(&url, attune::db::conn::Purpose::Write).unwrap();
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('9999')";
    diesel::connection::SimpleConnection::batch_execute(&mut conn, newer).unwrap();
    refused(&attune(folder.path(), &["serve"], &[]), "run a newer one");
}

#[test]
fn an_application_is_made_and_taken_out_of_use_by_command() {
    let folder = tempfile::tempdir().unwrap();
    let say = |arguments: &[&str]| {
        let output = attune(folder.path(), arguments, &[]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    say(&["migrate"]);
    let made = say(&[
        "practice",
        "create",
        "--name",
        "X",
        "--timezone",
        "America/Boise",
        "--admin-email",
        "x@y.example",
    ]);
    let practice = made.split_whitespace().nth(1).unwrap();
    let create = ["app", "create", "--practice", practice, "--name", "Mirror", "--scopes"];
    let app = say(&[&create[..], &["clients:read"]].concat());
    assert!(app.starts_with("app_"), "{app}");
    let token = ["token", "--practice", practice, "--app", &app];
    assert_eq!(say(&token).split('.').count(), 3);
    for wrong in ["homework:own", "clients:everything", ""] {
        let output = attune(folder.path(), &[&create[..], &[wrong]].concat(), &[]);
        assert!(!output.status.success(), "{wrong:?}");
    }
    say(&["app", "disable", "--practice", practice, "--app", &app]);
    refused(&attune(folder.path(), &token, &[]), "no such user or application");
}
