//! Two visibly fictitious practices to try everything on, the same from run to run.
//!
//! People and places are made up and say so in their names; telephone numbers are of the range
//! kept for fiction, addresses under `.example` (RFC 2606).

pub mod clock;
mod homework;
mod people;
mod record;
mod scene;
mod telling;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::auth::token::{Grant, Issuer};
use crate::auth::{Gate, signing_keys};
use crate::db::conn::transaction;
use crate::db::id::{IdSource, PracticeId};
use crate::db::{Conn, Instant};
use crate::error::Result;
use crate::schedules::{Rhythm, Schedule};
use crate::users::store::token_subject;

pub use people::{Cast, Login};

/// The seed of every id in the demo.
const SEED: u64 = 0x0061_7474_756e_6500;
/// That of the ids of its homework, which are none of the story's.
const HOMEWORK_SEED: u64 = SEED + 1;

/// And of those of its record.
const RECORD_SEED: u64 = SEED + 2;

/// Homework that can be done on any day, so that the demo is the same whenever somebody looks at it.
const ON_ANY_DAY: Schedule =
    Schedule { rhythm: Rhythm::OnDemand {}, window_minutes: None, ends_on: None };

/// When the demo's story begins: Monday, 2 November 2026, 09:00 in Seattle.
pub const BEGINNING: Instant = Instant::from_micros(1_793_638_800_000_000);

/// How long the demo's tokens are good for.
const TOKEN_SECONDS: i64 = 12 * 60 * 60;

/// What `attune demo` prints and writes: where it serves and how to call it.
#[derive(Debug, Serialize)]
pub struct Credentials {
    /// Where the service is reached.
    pub base_url: String,
    /// A token per actor.
    pub tokens: BTreeMap<&'static str, String>,
    /// The ids of the story.
    pub ids: BTreeMap<&'static str, String>,
}

/// Plays the story, the homework and the record unless they were played before, and mints a token per actor by this
/// clock.
///
/// # Errors
/// A sentence, when the database holds something else than a demo.
pub fn set_up(
    conn: &mut Conn,
    gate: &Gate,
    issuer: &Issuer,
    now: Instant,
) -> Result<(Credentials, Vec<Login>), String> {
    let failed = |error: crate::error::Error| {
        format!("the demo could not be set up: {}", error.for_operator())
    };
    let mut cast = cast(conn, gate).map_err(failed)?;
    cast.ids.append(&mut homework(conn, gate, &cast).map_err(failed)?);
    cast.ids.append(&mut record(conn, gate, &cast).map_err(failed)?);
    let credentials = Credentials::mint(conn, gate, issuer, &cast.logins, cast.ids, now)?;
    Ok((credentials, cast.logins))
}

/// Tells the story unless it has been told in this database, and finds everybody in it.
///
/// # Errors
/// Those of the database.
pub fn cast(conn: &mut Conn, gate: &Gate) -> Result<Cast> {
    if !people::are_there(conn, &IdSource::seeded(SEED))? {
        transaction(conn, |conn| scene::play(conn, gate, &IdSource::seeded(SEED)))?;
    }
    people::find(conn, gate, &IdSource::seeded(SEED))
}

/// The homework of these people by its names, as `statements`. It is told unless it has been told in this
/// database.
///
/// # Errors
/// Those of the database.
pub fn homework(
    conn: &mut Conn,
    gate: &Gate,
    cast: &Cast,
) -> Result<BTreeMap<&'static str, String>> {
    transaction(conn, |conn| homework::of(conn, gate, cast, &IdSource::seeded(HOMEWORK_SEED)))
}

/// What was written of these people by its names, as `note_signed`. It is told unless it has been told in this
/// database.
///
/// # Errors
/// Those of the database.
pub fn record(conn: &mut Conn, gate: &Gate, cast: &Cast) -> Result<BTreeMap<&'static str, String>> {
    transaction(conn, |conn| record::of(conn, gate, cast, &IdSource::seeded(RECORD_SEED)))
}

fn mint(
    conn: &mut Conn,
    gate: &Gate,
    issuer: &Issuer,
    login: &Login,
    now: Instant,
) -> Result<String, String> {
    let keys = signing_keys::load(conn, gate.keyring(), now).map_err(|error| error.to_string())?;
    let practice: PracticeId = login.practice;
    let subject = token_subject(conn, practice, login.user, login.app)
        .map_err(|_| "the database does not hold the demo's people; use an empty one".to_owned())?;
    let grant = Grant {
        sub: subject.sub,
        client_id: subject.client_id,
        practice_id: practice.to_string(),
        scope: subject.may_hold,
        sv: subject.session_version,
    };
    let minted = issuer.mint(&keys, grant, now.seconds(), TOKEN_SECONDS);
    minted.map(|(token, _)| token).map_err(|error| error.to_string())
}

impl Credentials {
    /// A token for each of these, good for twelve hours.
    ///
    /// # Errors
    /// A sentence, when one of them is not in the database.
    pub fn mint(
        conn: &mut Conn,
        gate: &Gate,
        issuer: &Issuer,
        logins: &[Login],
        ids: BTreeMap<&'static str, String>,
        now: Instant,
    ) -> Result<Self, String> {
        let tokens = logins
            .iter()
            .map(|login| Ok((login.name, mint(conn, gate, issuer, login, now)?)))
            .collect::<Result<_, String>>()?;
        Ok(Self { base_url: issuer.url.clone(), tokens, ids })
    }

    /// Writes them as JSON, readable by their owner alone.
    ///
    /// # Errors
    /// A sentence, when the file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), String> {
        use std::io::Write;
        use std::os::unix::fs::OpenOptionsExt;
        let text = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
        std::fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(path)
            .and_then(|mut file| file.write_all(text.as_bytes()))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    /// What is printed once the service answers.
    #[must_use]
    pub fn welcome(&self) -> String {
        let base = &self.base_url;
        let token = |name: &str| self.tokens.get(name).map(String::as_str).unwrap_or_default();
        let id = |name: &str| self.ids.get(name).map(String::as_str).unwrap_or_default();
        let tokens: Vec<String> =
            self.tokens.iter().map(|(name, token)| format!("  {name}\n  {token}\n")).collect();
        format!(
            "\nAttune demo, two fictitious practices\n\n  API   {base}/v1\n  Docs  {base}/docs\n\n\
             Its clock begins on {begins}, in the third week of the couple's check-ins.\n\n\
             Tokens, good for 12 hours:\n\n{tokens}\n\
             Try it:\n\n\
             curl -s -H 'Authorization: Bearer {clinician}' '{base}/v1/clients?name=lind'\n\n\
             curl -s -H 'Authorization: Bearer {partner}' '{base}/v1/couples/{couple}'\n\n\
             curl -s -X POST -H 'Authorization: Bearer {clinician}' -H 'Content-Type: application/json' \
             -H 'Idempotency-Key: first-try' -d '{{\"given_name\":\"Noor\",\"family_name\":\"Example\"}}' \
             '{base}/v1/clients'\n\n\
             curl -s -X POST -H 'Authorization: Bearer {clinician}' -d '{{\"advance\":\"P7D\"}}' \
             '{base}/demo/clock'\n",
            begins = clock::ARRIVAL,
            tokens = tokens.join("\n"),
            clinician = token("clinician"),
            partner = token("partner_a"),
            couple = id("couple"),
        )
    }
}
