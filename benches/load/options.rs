//! What can be asked of the program.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;

use crate::place::Kind;

/// Without the feature there is one database.
const ALL: &str = if cfg!(feature = "postgres") { "sqlite,postgres" } else { "sqlite" };

/// Signatures of a second, at the most: each needs a draft of its own.
const SIGNED_A_SECOND: f64 = 1_500.0;

/// Measures the service against the limit of the same machine in the same run.
#[derive(Debug, Parser)]
pub struct Options {
    /// The databases.
    #[arg(long, value_delimiter = ',', value_enum, default_value = ALL)]
    pub databases: Vec<Kind>,
    /// Submissions in the database, as 1e4; everything is measured at each.
    #[arg(long, value_delimiter = ',', value_parser = attune::cli::scale, default_value = "1e4,1e5,1e6")]
    pub scales: Vec<u64>,
    /// Keep-alive connections; everything is measured with each.
    #[arg(long, value_delimiter = ',', default_value = "1,32,256")]
    pub connections: Vec<usize>,
    /// Rounds of each scenario.
    #[arg(long, default_value_t = 3)]
    pub rounds: usize,
    /// Seconds of one round.
    #[arg(long, default_value_t = 2.0)]
    pub seconds: f64,
    /// Everything once, as short and as small as it goes: whether it runs, and no figure to be told.
    #[arg(long)]
    pub quick: bool,
    /// Only scenarios whose name contains this, or one of these.
    #[arg(long, value_delimiter = ',')]
    pub only: Vec<String>,
    /// Address of a PostgreSQL server and a database on it, by a role that may create databases; a private server is
    /// started when not given.
    #[arg(long)]
    pub postgres: Option<String>,
    /// Connections of the r2d2 pool.
    #[arg(long, default_value_t = 10)]
    pub pool: u32,
    /// What the service logs.
    #[arg(long, default_value = "info")]
    pub log: String,
    /// Another build of the service, to be measured in the same rounds.
    #[arg(long)]
    pub beside: Option<PathBuf>,
    /// Serve the bare handlers on this database: how the program starts its own child.
    #[arg(long, hide = true, requires = "listen")]
    pub reference: Option<String>,
    #[arg(long, hide = true)]
    pub listen: Option<SocketAddr>,
    /// `cargo bench` says this to every program that it runs.
    #[arg(long, hide = true)]
    pub bench: bool,
}

impl Options {
    /// What a short run changes.
    pub fn settled(mut self) -> Self {
        if self.quick {
            self.scales = vec![1_000, 2_000];
            self.connections = vec![1, 8];
            (self.rounds, self.seconds) = (1, 0.3);
        }
        self.scales.sort_unstable();
        self
    }

    /// True for a scenario that is wanted.
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part))
    }

    /// How many requests may wait for the database, where it is not the service's own number: so few that even the
    /// callers of a short run are too many.
    pub fn queue(&self) -> Option<&'static str> {
        self.quick.then_some("16")
    }

    /// Drafts that have to wait, so that none is signed twice.
    pub fn drafts(&self) -> u64 {
        let rounds =
            f64::from(u32::try_from((self.rounds + 1) * self.connections.len()).unwrap_or(1));
        let rate = if self.quick { SIGNED_A_SECOND / 5.0 } else { SIGNED_A_SECOND };
        std::time::Duration::from_secs_f64(rounds * self.seconds * rate).as_secs().max(500)
    }
}
