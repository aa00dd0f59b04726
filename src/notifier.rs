//! The channel by which clinicians are called. A call says that somebody should sign in, and nothing of
//! whom it is about or why.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use serde::Serialize;

use crate::db::Instant;
use crate::db::id::{AlertId, ClinicianId, PracticeId};
use crate::db::types::words;

words! {
    /// Who is called, one step after the other.
    Step {
        /// The primary clinicians of those who treat the client.
        Primary = "primary",
        /// Those who stand in.
        Covering = "covering",
        /// The practice's emergency contact.
        Practice = "practice",
    }
}

/// The words of every call.
const TEXT: &str = "Please sign in.";

/// One call.
#[derive(Debug, Serialize)]
pub struct Call {
    /// When.
    pub at: Instant,
    /// The practice.
    pub practice_id: PracticeId,
    /// The alert, by its id alone.
    pub alert_id: AlertId,
    /// Who is meant.
    pub step: Step,
    /// Their ids; none for the practice's emergency contact.
    pub clinician_ids: Vec<ClinicianId>,
}

/// Where calls go.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Notifier {
    /// Into the log, as warnings.
    #[default]
    Log,
    /// Appended to a file, a JSON object on each line.
    File(PathBuf),
}

impl FromStr for Notifier {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("file:") {
            Some("") => Err("`file:` needs a path behind it".to_owned()),
            Some(path) => Ok(Self::File(PathBuf::from(path))),
            None if text == "log" => Ok(Self::Log),
            None => Err("must be `log` or `file:PATH`".to_owned()),
        }
    }
}

impl Notifier {
    /// Sees to it that calls can be written, before one has to be.
    ///
    /// # Errors
    /// A sentence, when the file cannot be opened.
    pub fn check(&self) -> Result<(), String> {
        match self {
            Self::Log => Ok(()),
            Self::File(path) => open(path).map(drop).map_err(|error| {
                format!("calls to clinicians cannot be written to {}: {error}", path.display())
            }),
        }
    }

    /// Sends a call.
    ///
    /// # Errors
    /// Those of the file.
    pub fn send(&self, call: &Call) -> io::Result<()> {
        match self {
            Self::Log => {
                let clinicians: Vec<_> =
                    call.clinician_ids.iter().map(ToString::to_string).collect();
                tracing::warn!(
                    practice = %call.practice_id,
                    alert = %call.alert_id,
                    step = call.step.as_str(),
                    clinicians = clinicians.join(" "),
                    "{TEXT}"
                );
                Ok(())
            }
            Self::File(path) => {
                let line = Line { call, text: TEXT };
                let mut bytes = serde_json::to_vec(&line).map_err(io::Error::other)?;
                bytes.push(b'\n');
                // One write, so that lines of several processes do not mix.
                let mut file = open(path)?;
                file.write_all(&bytes)?;
                file.sync_data()
            }
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    #[serde(flatten)]
    call: &'a Call,
    text: &'static str,
}

fn open(path: &PathBuf) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).open(path)
}
