//! The command line. Every command says what to mend when it refuses.

mod backups;
mod boot;
mod chores;
mod seed;
mod serve;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

use crate::config::{Identity, Logging, Server, Storage};
use crate::db::id::{AppId, PracticeId, UserId};
use crate::{app, telemetry};

/// What a command ends with when it fails: a sentence for whoever typed it.
pub(crate) type Outcome = Result<(), String>;

/// A REST/JSON API service for couples-therapy practices.
#[derive(Debug, Parser)]
#[command(name = "attune", version, propagate_version = true)]
pub struct Cli {
    #[command(flatten)]
    logging: Logging,

    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API.
    Serve(Serve),
    /// Serve two fictitious practices from a temporary database, and print how to try them.
    Demo(Demo),
    /// Bring the database up to this binary.
    Migrate(Migrate),
    /// Print the OpenAPI document.
    Openapi,
    /// Mint an access token for a user or an application.
    Token(Token),
    /// Keys that sign access tokens.
    #[command(subcommand)]
    Keys(Keys),
    /// Practices of this installation.
    #[command(subcommand)]
    Practice(Practice),
    /// Applications that act for a practice.
    #[command(subcommand)]
    App(App),
    /// The audit of the practices.
    #[command(subcommand)]
    Audit(Audit),
    /// Copy an SQLite database into a backup while it is served, or look at a backup.
    Backup(backups::Backup),
    /// Make a database of a backup.
    Restore(backups::Restore),
    /// Fill an empty database with the past of fictitious practices, of any size.
    Seed(Seed),
}

/// `attune audit`.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Look at every audit row of every practice, and name the first that is not as it was written. Keep
    /// what it prints elsewhere: the last hash shows later that no chain was replaced.
    Verify(Migrate),
}

/// `attune serve`.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    identity: Identity,
    /// Run pending migrations first.
    #[arg(long, env = "ATTUNE_MIGRATE")]
    migrate: bool,
}

/// `attune demo`.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Database to use instead of a temporary one; it must be empty or a demo's.
    #[arg(long, value_parser = crate::config::DatabaseUrlParser)]
    database: Option<crate::db::DatabaseUrl>,
    /// File to write base URL, tokens and ids to, as JSON.
    #[arg(long)]
    credentials: Option<PathBuf>,
    #[command(flatten)]
    server: Server,
    #[command(flatten)]
    identity: Identity,
}

/// `attune migrate`.
#[derive(Debug, Args)]
pub(crate) struct Migrate {
    #[command(flatten)]
    storage: Storage,
}

/// `attune token`.
#[derive(Debug, Args)]
pub(crate) struct Token {
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    identity: Identity,
    /// The practice.
    #[arg(long)]
    practice: PracticeId,
    /// The user that the token stands for.
    #[arg(long, required_unless_present = "app")]
    user: Option<UserId>,
    /// The application that the token stands for.
    #[arg(long, conflicts_with = "user")]
    app: Option<AppId>,
    /// Scopes, separated by spaces. Default: all that the user or application may hold.
    #[arg(long)]
    scopes: Option<String>,
    /// Seconds that the token is good for, 1 to 43200.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(i64).range(1..=43_200))]
    seconds: i64,
}

/// `attune keys`.
#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make a new key. It is published at once and signs a minute later; the present key
    /// verifies until the tokens that it signed have run out.
    Rotate(Migrate),
}

/// `attune practice`.
#[derive(Debug, Subcommand)]
pub(crate) enum Practice {
    /// Make a practice with its keys and its first administrator, and print their ids.
    Create(CreatePractice),
}

/// `attune practice create`.
#[derive(Debug, Args)]
pub(crate) struct CreatePractice {
    #[command(flatten)]
    storage: Storage,
    /// The name it goes by, 1 to 120 characters.
    #[arg(long)]
    name: String,
    /// IANA zone, as `America/Los_Angeles`.
    #[arg(long)]
    timezone: String,
    /// Address of the first administrator's login.
    #[arg(long)]
    admin_email: String,
}

/// `attune app`.
#[derive(Debug, Subcommand)]
pub(crate) enum App {
    /// Make an application with these scopes, and print its id: `attune token --app` mints for it.
    Create(CreateApp),
    /// Take an application out of use. Its tokens stop at the next request.
    Disable(DisableApp),
}

/// `attune app create`.
#[derive(Debug, Args)]
pub(crate) struct CreateApp {
    #[command(flatten)]
    storage: Storage,
    /// The practice that it acts for.
    #[arg(long)]
    practice: PracticeId,
    /// The name it goes by, 1 to 80 characters.
    #[arg(long)]
    name: String,
    /// Scopes, separated by spaces. Default: all that an application may hold.
    #[arg(long)]
    scopes: Option<String>,
}

/// `attune app disable`.
#[derive(Debug, Args)]
pub(crate) struct DisableApp {
    #[command(flatten)]
    storage: Storage,
    /// The practice that it acts for.
    #[arg(long)]
    practice: PracticeId,
    /// The application.
    #[arg(long)]
    app: AppId,
}

/// `attune seed`.
#[derive(Debug, Args)]
pub(crate) struct Seed {
    #[command(flatten)]
    storage: Storage,
    #[command(flatten)]
    identity: Identity,
    /// How many submissions there are to be, 100 to 10000000; also as `1e5`.
    #[arg(long, value_parser = seed::scale)]
    scale: u64,
    /// Another seed makes other people and other answers.
    #[arg(long = "seed", default_value_t = 1)]
    drawn_from: u64,
    /// File to write tokens and ids to, as JSON; printed when not given.
    #[arg(long)]
    credentials: Option<PathBuf>,
}

/// Reads a number of submissions, as `attune seed --scale` does: `100000` or `1e5`.
///
/// # Errors
/// A sentence, for what is no such number.
pub fn scale(text: &str) -> Result<u64, String> {
    seed::scale(text)
}

/// Parses the command line and carries it out.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    // What is still to be logged is written when the guard goes.
    match telemetry::start(&cli.logging).and_then(|_guard| carry_out(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            // Standard error may be closed; there is nobody left to tell then.
            let _ = writeln!(std::io::stderr(), "attune: {sentence}");
            ExitCode::from(2)
        }
    }
}

fn carry_out(command: Command) -> Outcome {
    match command {
        Command::Serve(serve) => serve::serve(&serve),
        Command::Demo(demo) => serve::demo(demo),
        Command::Migrate(migrate) => chores::migrate(&migrate.storage),
        Command::Openapi => openapi(),
        Command::Token(token) => chores::token(token),
        Command::Keys(Keys::Rotate(rotate)) => chores::rotate_keys(&rotate.storage),
        Command::Practice(Practice::Create(create)) => chores::create_practice(create),
        Command::App(App::Create(create)) => chores::create_app(create),
        Command::App(App::Disable(disable)) => chores::disable_app(&disable),
        Command::Audit(Audit::Verify(verify)) => chores::verify_audit(&verify.storage),
        Command::Backup(backup) => backups::backup(&backup),
        Command::Restore(restore) => backups::restore(&restore),
        Command::Seed(seed) => seed::seed(&seed),
    }
}

fn openapi() -> Outcome {
    let document = serde_json::to_string_pretty(&app::document())
        .map_err(|_| "the document did not serialise".to_owned())?;
    say(&document)
}

/// Prints a line to standard output.
pub(crate) fn say(line: &str) -> Outcome {
    writeln!(std::io::stdout(), "{line}").map_err(|_| "standard output is closed".to_owned())
}

/// The whole command line, for the test that compares it with the configuration's table.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}
