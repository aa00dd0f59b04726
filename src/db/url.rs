//! Which database: parsed once, at start, from `DATABASE_URL`.

use std::path::Path;
use std::str::FromStr;

use crate::config::Secret;

/// The sentence for a binary that was built without PostgreSQL.
pub const WITHOUT_POSTGRES: &str = "this binary was built without PostgreSQL; build it with \
     `cargo build --release --features postgres` (needs libpq) or use a `sqlite:` URL";

/// Where the data lives.
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// A file path, relative to the working folder or absolute.
    Sqlite(String),
    /// A libpq URL; masked when printed, because it may hold a password.
    Postgres(Secret),
}

impl DatabaseUrl {
    /// True for a server that several processes may share.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// The folder beside which key files are made: that of the SQLite file, else the
    /// working folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        match self {
            Self::Sqlite(path) => Path::new(path).parent().unwrap_or_else(|| Path::new("")),
            Self::Postgres(_) => Path::new(""),
        }
    }
}

impl FromStr for DatabaseUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() || path.contains(":memory:") || path.contains('?') {
                return Err("name a file after `sqlite:`, as in `sqlite:attune.db`; \
                            memory databases and options are not supported"
                    .to_owned());
            }
            return Ok(Self::Sqlite(path.to_owned()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            if !is_percent_encoded(text) {
                return Err("the database URL has a `%` or a space that is not percent-encoded; \
                            write `%25` and `%20`"
                    .to_owned());
            }
            if cfg!(feature = "postgres") {
                return Ok(Self::Postgres(Secret::new(text)));
            }
            return Err(WITHOUT_POSTGRES.to_owned());
        }
        Err("the database URL must start with `sqlite:`, `postgres://` or `postgresql://`"
            .to_owned())
    }
}

/// Every `%` begins two hexadecimal digits, and there is no space.
fn is_percent_encoded(text: &str) -> bool {
    let is_code = |rest: &str| {
        rest.as_bytes().get(..2).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit))
    };
    text.split('%').skip(1).all(is_code) && !text.contains(char::is_whitespace)
}
