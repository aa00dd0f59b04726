//! Points in time.

use std::fmt;
#[cfg(feature = "postgres")]
use std::io::Write as _;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
#[cfg(feature = "postgres")]
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sqlite::Sqlite;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::KnownFormat;
use utoipa::openapi::{RefOr, Schema};

use super::{Date, InstantSql, MultiBackend, WallTime, on_both, text_schema};

/// A point in time, UTC, to the microsecond, which both databases keep exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = InstantSql)]
pub struct Instant(i64);

/// Microseconds between 1970-01-01 and 2000-01-01, PostgreSQL's own epoch.
#[cfg(feature = "postgres")]
const POSTGRES_EPOCH_MICROS: i64 = 946_684_800_000_000;

impl Instant {
    /// From microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01T00:00:00Z, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This instant and so many seconds; saturates at the ends of time.
    #[must_use]
    pub fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(1_000_000)))
    }

    /// The calendar date that a clock on the wall shows in this zone.
    #[must_use]
    pub fn date_in(self, zone: &jiff::tz::TimeZone) -> Date {
        Date(self.timestamp().to_zoned(zone.clone()).date())
    }

    /// The hour and minute that a clock on the wall shows in this zone.
    #[must_use]
    pub fn wall_time_in(self, zone: &jiff::tz::TimeZone) -> WallTime {
        let time = self.timestamp().to_zoned(zone.clone()).time();
        WallTime::from_minutes(i16::from(time.hour()) * 60 + i16::from(time.minute()))
    }

    fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_microsecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl From<jiff::Timestamp> for Instant {
    fn from(timestamp: jiff::Timestamp) -> Self {
        Self(timestamp.as_microsecond())
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.timestamp())
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Instant {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        jiff::Timestamp::from_str(text).map(Self::from).map_err(|_| "not an instant")
    }
}

impl<'de> Deserialize<'de> for Instant {
    /// RFC 3339 with any offset. A time without one is refused: it names no instant.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl utoipa::PartialSchema for Instant {
    fn schema() -> RefOr<Schema> {
        text_schema(KnownFormat::DateTime, "Instant, RFC 3339, UTC with `Z`.")
    }
}
impl utoipa::ToSchema for Instant {}

impl FromSql<InstantSql, Sqlite> for Instant {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_long()))
    }
}

impl ToSql<InstantSql, Sqlite> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0);
        Ok(IsNull::No)
    }
}

#[cfg(feature = "postgres")]
impl FromSql<InstantSql, Pg> for Instant {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?);
        Ok(Self(micros.saturating_add(POSTGRES_EPOCH_MICROS)))
    }
}

#[cfg(feature = "postgres")]
impl ToSql<InstantSql, Pg> for Instant {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&self.0.saturating_sub(POSTGRES_EPOCH_MICROS).to_be_bytes())?;
        Ok(IsNull::No)
    }
}
on_both!(Instant as InstantSql);
