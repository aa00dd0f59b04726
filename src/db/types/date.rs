//! Calendar dates.

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

use super::{DateSql, MultiBackend, on_both, text_schema};

/// A calendar date without a time or a zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = DateSql)]
pub struct Date(pub jiff::civil::Date);

impl Date {
    /// The same day so many years earlier (29 February becomes 28).
    #[must_use]
    pub fn years_before(self, years: i32) -> Self {
        Self(self.0.saturating_sub(jiff::Span::new().years(years)))
    }

    /// Whole years from that day to this one; negative when it lies ahead.
    #[must_use]
    pub fn years_since(self, born: Self) -> i32 {
        let years = i32::from(self.0.year()) - i32::from(born.0.year());
        years - i32::from((self.0.month(), self.0.day()) < (born.0.month(), born.0.day()))
    }

    /// So many days later, or earlier when negative.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(jiff::Span::new().days(days)))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl FromStr for Date {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // jiff reads more than RFC 3339 full-date; only the ten characters are ours.
        if text.len() != 10 {
            return Err("not a date");
        }
        text.parse().map(Self).map_err(|_| "not a date")
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

impl utoipa::PartialSchema for Date {
    fn schema() -> RefOr<Schema> {
        text_schema(KnownFormat::Date, "Calendar date, `YYYY-MM-DD`.")
    }
}
impl utoipa::ToSchema for Date {}

impl FromSql<DateSql, Sqlite> for Date {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(value.read_text().parse()?)
    }
}

impl ToSql<DateSql, Sqlite> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.to_string());
        Ok(IsNull::No)
    }
}

#[cfg(feature = "postgres")]
const POSTGRES_EPOCH: jiff::civil::Date = jiff::civil::Date::constant(2000, 1, 1);

#[cfg(feature = "postgres")]
impl FromSql<DateSql, Pg> for Date {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let days = i32::from_be_bytes(value.as_bytes().try_into()?);
        Ok(Self(POSTGRES_EPOCH.checked_add(jiff::Span::new().try_days(days)?)?))
    }
}

#[cfg(feature = "postgres")]
impl ToSql<DateSql, Pg> for Date {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let days = (self.0 - POSTGRES_EPOCH).get_days();
        out.write_all(&days.to_be_bytes())?;
        Ok(IsNull::No)
    }
}
on_both!(Date as DateSql);
