//! Times of day.

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
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::{MultiBackend, WallTimeSql, on_both};

/// A time of day on the wall, to the minute, without a zone.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = WallTimeSql)]
pub struct WallTime {
    minutes: i16,
}

impl WallTime {
    /// The time so many minutes after midnight; whole days are left out.
    #[must_use]
    pub const fn from_minutes(minutes: i16) -> Self {
        Self { minutes: minutes.rem_euclid(24 * 60) }
    }

    /// Minutes since midnight, 0 to 1439.
    #[must_use]
    pub const fn minutes(self) -> i16 {
        self.minutes
    }
}

impl FromStr for WallTime {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (hours, minutes) = text.split_once(':').ok_or("not a time of day")?;
        if hours.len() != 2 || minutes.len() != 2 {
            return Err("not a time of day");
        }
        // Rust's numbers may have a sign before them.
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(hours) || !digits(minutes) {
            return Err("not a time of day");
        }
        let read = |digits: &str| digits.parse::<u8>().map_err(|_| "not a time of day");
        let (hours, minutes) = (read(hours)?, read(minutes)?);
        if hours > 23 || minutes > 59 {
            return Err("not a time of day");
        }
        Ok(Self { minutes: i16::from(hours) * 60 + i16::from(minutes) })
    }
}

impl fmt::Display for WallTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

impl Serialize for WallTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WallTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl utoipa::PartialSchema for WallTime {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(SchemaType::Type(Type::String))
            .pattern(Some("^([01][0-9]|2[0-3]):[0-5][0-9]$"))
            .description(Some("Time of day on the wall, `HH:MM`."))
            .into()
    }
}
impl utoipa::ToSchema for WallTime {}

impl FromSql<WallTimeSql, Sqlite> for WallTime {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(value.read_text().parse()?)
    }
}

impl ToSql<WallTimeSql, Sqlite> for WallTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

#[cfg(feature = "postgres")]
impl FromSql<WallTimeSql, Pg> for WallTime {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let micros = i64::from_be_bytes(value.as_bytes().try_into()?);
        Ok(Self { minutes: i16::try_from(micros / 60_000_000)? })
    }
}

#[cfg(feature = "postgres")]
impl ToSql<WallTimeSql, Pg> for WallTime {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&(i64::from(self.minutes) * 60_000_000).to_be_bytes())?;
        Ok(IsNull::No)
    }
}
on_both!(WallTime as WallTimeSql);
