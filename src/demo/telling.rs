//! How the demo's parts are told that come after the story: by its people, through the functions that serve
//! requests.

use std::str::FromStr;

use super::people::Cast;
use crate::auth::{Acting, Gate, Tx};
use crate::db::id::{IdSource, PracticeId};
use crate::db::{Conn, Instant};
use crate::error::{Error, Result};

pub(super) const HOUR: i64 = 3_600;
pub(super) const DAY: i64 = 24 * HOUR;
/// The day after the story began: Tuesday, 3 November 2026, 09:00 in Seattle.
pub(super) const FIRST_MORNING: Instant =
    Instant::from_micros(super::BEGINNING.micros() + DAY * 1_000_000);

/// Somebody who tells, and how far they have come.
pub(super) struct Telling<'a> {
    pub(super) conn: &'a mut Conn,
    pub(super) gate: &'a Gate,
    pub(super) cast: &'a Cast,
    pub(super) ids: &'a IdSource,
    pub(super) practice: PracticeId,
    pub(super) now: Instant,
}

impl<'a> Telling<'a> {
    /// Begins on the first morning, in the practice of whoever comes first.
    pub(super) fn begin(
        conn: &'a mut Conn,
        gate: &'a Gate,
        cast: &'a Cast,
        ids: &'a IdSource,
    ) -> Result<Self> {
        let first = cast.logins.first().ok_or_else(Error::not_found)?;
        Ok(Self { conn, gate, cast, ids, practice: first.practice, now: FIRST_MORNING })
    }

    /// To so many seconds after the first morning.
    pub(super) fn move_to(&mut self, seconds: i64) {
        self.now = FIRST_MORNING.plus_seconds(seconds);
    }

    /// Something that somebody does, a minute after what came before.
    pub(super) fn by<T>(
        &mut self,
        who: &str,
        unit: impl FnOnce(&mut Tx<'_>) -> Result<T>,
    ) -> Result<T> {
        self.now = self.now.plus_seconds(60);
        let login = self.cast.logins.iter().find(|login| login.name == who);
        let user = login.and_then(|login| login.user).ok_or_else(Error::not_found)?;
        self.gate.operate(self.conn, Acting::User(self.practice, user), self.ids, self.now, unit)
    }

    /// An id of the story by its name in the credentials.
    pub(super) fn id<T: FromStr>(&self, name: &str) -> Result<T> {
        let id = self.cast.ids.get(name).ok_or_else(Error::not_found)?;
        id.parse().map_err(|_| Error::not_found())
    }
}
