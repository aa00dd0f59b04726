//! Everything that can be set, from flags and environment, checked once at start.
//!
//! `docs/reference/configuration.md` is the table of these settings; a test compares the
//! two. Nonsense is refused with a sentence that says what to mend.

use std::ffi::OsStr;
use std::fmt;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use clap::builder::TypedValueParser;
use clap::error::ErrorKind;
use clap::{Args, ValueEnum};

use crate::auth::limits::Rates;
use crate::db::{DatabaseUrl, Settings};
use crate::notifier::Notifier;
use crate::seal::RootKeySource;

/// Text that must not be printed: shown as `***` by `Debug`, shown by `expose` alone.
#[derive(Clone)]
pub struct Secret(zeroize::Zeroizing<String>);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(zeroize::Zeroizing::new(text.to_owned()))
    }

    /// The text itself, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl FromStr for Secret {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self::new(text))
    }
}

/// Reads a database address. Clap's own message would repeat it, password included.
#[derive(Clone, Debug)]
pub struct DatabaseUrlParser;

impl TypedValueParser for DatabaseUrlParser {
    type Value = DatabaseUrl;

    fn parse_ref(
        &self,
        command: &clap::Command,
        _: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<DatabaseUrl, clap::Error> {
        let address = value.to_str().unwrap_or_default();
        address.parse().map_err(|sentence: String| {
            clap::Error::raw(ErrorKind::ValueValidation, format!("{sentence}\n")).with_cmd(command)
        })
    }
}

/// Reads a database address from a file, as containers are handed their secrets.
#[derive(Clone, Debug)]
pub struct DatabaseUrlFileParser;

impl TypedValueParser for DatabaseUrlFileParser {
    type Value = DatabaseUrl;

    fn parse_ref(
        &self,
        command: &clap::Command,
        argument: Option<&clap::Arg>,
        value: &OsStr,
    ) -> Result<DatabaseUrl, clap::Error> {
        let text = std::fs::read_to_string(value).map_err(|error| {
            let sentence = format!("the file with the database address cannot be read: {error}\n");
            clap::Error::raw(ErrorKind::ValueValidation, sentence).with_cmd(command)
        })?;
        DatabaseUrlParser.parse_ref(command, argument, OsStr::new(text.trim()))
    }
}

/// Which database and which root key: what every command needs.
#[derive(Args, Clone, Debug)]
pub struct Storage {
    /// Database: `sqlite:PATH`, or `postgres://…` in a binary built with PostgreSQL.
    #[arg(long, env = "DATABASE_URL", default_value = "sqlite:attune.db", hide_env_values = true,
          value_parser = DatabaseUrlParser)]
    pub database_url: DatabaseUrl,

    /// File that holds the address of the database instead, so that its password shows neither in the
    /// environment nor in the process list.
    #[arg(long, env = "DATABASE_URL_FILE", conflicts_with = "database_url",
          value_parser = DatabaseUrlFileParser)]
    pub database_url_file: Option<DatabaseUrl>,

    /// File with the root key, mode 0400; made at first start. Default: `attune.key` beside
    /// the SQLite file, or in the working folder.
    #[arg(long, env = "ATTUNE_ROOT_KEY_FILE")]
    pub root_key_file: Option<PathBuf>,

    /// The root key itself, 32 bytes in hex or base64, instead of a file. Environment only
    /// in practice: a flag would show in the process list.
    #[arg(long, env = "ATTUNE_ROOT_KEY", hide_env_values = true)]
    pub root_key: Option<Secret>,

    /// Command whose output is the root key, so that any key service fits.
    #[arg(long, env = "ATTUNE_ROOT_KEY_COMMAND")]
    pub root_key_command: Option<String>,
}

impl Storage {
    /// The database, by whichever way its address was given.
    #[must_use]
    pub fn database(&self) -> &DatabaseUrl {
        self.database_url_file.as_ref().unwrap_or(&self.database_url)
    }

    /// Where the root key comes from.
    ///
    /// # Errors
    /// A sentence, when more than one source is named.
    pub fn root_key_source(&self) -> Result<RootKeySource, String> {
        match (&self.root_key_file, &self.root_key, &self.root_key_command) {
            (None, None, None) => {
                Ok(RootKeySource::File(self.database().folder().join("attune.key")))
            }
            (Some(path), None, None) => Ok(RootKeySource::File(path.clone())),
            (None, Some(key), None) => {
                Ok(RootKeySource::Value(zeroize::Zeroizing::new(key.expose().to_owned())))
            }
            (None, None, Some(command)) => Ok(RootKeySource::Command(command.clone())),
            _ => Err("set only one of ATTUNE_ROOT_KEY_FILE, ATTUNE_ROOT_KEY and \
                      ATTUNE_ROOT_KEY_COMMAND"
                .to_owned()),
        }
    }
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

/// Under which name tokens are made out and verified.
#[derive(Args, Clone, Debug)]
pub struct Identity {
    /// Address under which clients reach the service: issuer of tokens and base of links.
    /// Default: `http://` and the listening address.
    #[arg(long, env = "ATTUNE_PUBLIC_URL")]
    pub public_url: Option<String>,

    /// Audience that tokens must name.
    #[arg(long, env = "ATTUNE_AUDIENCE", default_value = "attune", value_parser = audience)]
    pub audience: String,
}

/// Visible ASCII: whatever a token can carry and a person can compare.
fn audience(text: &str) -> Result<String, String> {
    if (1..=200).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    Err("must be 1 to 200 visible ASCII characters without spaces".to_owned())
}

/// Where the service listens unless told otherwise.
pub const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

impl Identity {
    /// The public address without a trailing slash; `http://` and this address if none is set.
    ///
    /// # Errors
    /// A sentence, when it is not an http or https address without query and fragment.
    pub fn public_url(&self, listen: &str) -> Result<String, String> {
        let Some(url) = &self.public_url else {
            return Ok(format!("http://{listen}"));
        };
        let parsed: actix_web::http::Uri = url.parse().map_err(
            |_| "ATTUNE_PUBLIC_URL is not an address; write it as `https://attune.example.org`",
        )?;
        let scheme = parsed.scheme_str().unwrap_or_default();
        let extras = url.contains(['#', '@']) || parsed.query().is_some();
        if !matches!(scheme, "http" | "https") || extras {
            return Err("ATTUNE_PUBLIC_URL must start with http:// or https:// and carry no \
                        user, query or fragment"
                .to_owned());
        }
        Ok(url.trim_end_matches('/').to_owned())
    }
}

/// What the server needs beyond its storage.
#[derive(Args, Clone, Debug)]
pub struct Server {
    /// Address and port to listen on.
    #[arg(long, env = "ATTUNE_LISTEN", default_value = DEFAULT_LISTEN)]
    pub listen: SocketAddr,

    /// HTTP worker threads, 1 to 64. Default: one per core.
    #[arg(long, env = "ATTUNE_WORKERS", value_parser = clap::value_parser!(u16).range(1..=64))]
    pub workers: Option<u16>,

    /// Database threads, 1 to 128: readers on SQLite, connections on PostgreSQL.
    #[arg(long, env = "ATTUNE_DATABASE_THREADS", default_value_t = 4,
          value_parser = clap::value_parser!(u16).range(1..=128))]
    pub database_threads: u16,

    /// Requests that may wait for the database before callers are answered 503, 1 to 65535.
    #[arg(long, env = "ATTUNE_DATABASE_QUEUE", default_value_t = 512,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub database_queue: u16,

    /// SQLite: writes that share one commit at the most, 1 to 1024.
    #[arg(long, env = "ATTUNE_COMMIT_GROUP", default_value_t = 64,
          value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub commit_group: u16,

    /// Verified tokens kept in memory, 100 to 1000000.
    #[arg(long, env = "ATTUNE_TOKEN_CACHE", default_value_t = 10_000,
          value_parser = clap::value_parser!(u32).range(100..=1_000_000))]
    pub token_cache: u32,

    /// Seconds after which a connection is closed whose request has not come, its head or then its body, or whose
    /// client takes nothing of an answer, 1 to 120.
    #[arg(long, env = "ATTUNE_REQUEST_DEADLINE_SECONDS", default_value_t = 15,
          value_parser = clap::value_parser!(u16).range(1..=120))]
    pub request_deadline_seconds: u16,

    /// Address and port of the second listener, with `/healthz`, `/readyz` and `/metrics`; without it there is none.
    /// Nothing guards it: let only your own machines reach it.
    #[arg(long, env = "ATTUNE_OPERATIONS_LISTEN")]
    pub operations_listen: Option<SocketAddr>,

    /// Requests a minute of one person with one app; 0 for no limit.
    #[arg(long, env = "ATTUNE_CREDENTIAL_RATE", default_value_t = 1200)]
    pub credential_rate: u32,

    /// Requests a minute of a whole practice; 0 for no limit.
    #[arg(long, env = "ATTUNE_PRACTICE_RATE", default_value_t = 12_000)]
    pub practice_rate: u32,

    /// With a second listener: seconds for which the service goes on after it was told to stop, while `/readyz` says
    /// 503, so that whoever sends it requests turns to others first, 0 to 60.
    #[arg(long, env = "ATTUNE_DRAIN_SECONDS", default_value_t = 5,
          value_parser = clap::value_parser!(u16).range(0..=60))]
    pub drain_seconds: u16,

    /// Seconds that requests have to end after that, 1 to 300.
    #[arg(long, env = "ATTUNE_SHUTDOWN_SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u16).range(1..=300))]
    pub shutdown_seconds: u16,

    /// How clinicians are called for an alert: `log`, or `file:PATH` for a line of JSON each.
    #[arg(long, env = "ATTUNE_NOTIFIER", default_value = "log")]
    pub notifier: Notifier,
}

impl Server {
    /// How many requests may come.
    #[must_use]
    pub fn rates(&self) -> Rates {
        Rates {
            credential: NonZeroU32::new(self.credential_rate),
            practice: NonZeroU32::new(self.practice_rate),
        }
    }

    /// Sizes of the executor.
    #[must_use]
    pub fn executor(&self) -> Settings {
        Settings {
            threads: usize::from(self.database_threads),
            queue: usize::from(self.database_queue),
            group: usize::from(self.commit_group),
        }
    }
}

/// What every command logs.
#[derive(Args, Clone, Debug)]
pub struct Logging {
    /// What to log, as `info` or `attune=debug,warn`.
    #[arg(long, env = "ATTUNE_LOG", default_value = "info", global = true)]
    pub log: String,

    /// How to write it.
    #[arg(long, env = "ATTUNE_LOG_FORMAT", default_value = "text", value_enum, global = true)]
    pub log_format: LogFormat,

    /// Where traces go, as `http://127.0.0.1:4318`: a collector that takes OpenTelemetry's protocol over HTTP. Without
    /// it none are made. Needs a binary built with `opentelemetry`.
    #[arg(long, env = "ATTUNE_OTLP_ENDPOINT", global = true)]
    pub otlp_endpoint: Option<String>,
}
