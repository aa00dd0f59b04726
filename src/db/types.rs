//! Column types: native in each database, one Rust type above both.
//!
//! | Type | SQLite | PostgreSQL |
//! | --- | --- | --- |
//! | [`Id`](super::Id) | `BLOB`, 16 bytes | `uuid` |
//! | [`Instant`] | `INTEGER`, microseconds since 1970 | `timestamptz` |
//! | [`Date`] | `TEXT`, `YYYY-MM-DD` | `date` |
//! | [`WallTime`] | `TEXT`, `HH:MM` | `time` |
//! | [`Doc`] | `TEXT` | `jsonb` |
//! | [`Sealed`] | `BLOB` | `bytea` |

use std::fmt;
#[cfg(feature = "postgres")]
use std::io::Write as _;
use std::str::FromStr;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
#[cfg(feature = "postgres")]
use diesel::pg::Pg;
use diesel::query_builder::QueryId;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sql_types::{Binary, HasSqlType, SqlType};
use diesel::sqlite::Sqlite;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

use super::conn::MultiBackend;
use crate::seal::{LookupKey, Sealed};

macro_rules! sql_types {
    ($($(#[$doc:meta])* $name:ident $sqlite:literal $oid:literal $array_oid:literal;)*) => {$(
        $(#[$doc])*
        // The OIDs are PostgreSQL's own and never change; naming them saves a look-up
        // per connection.
        #[derive(Debug, Clone, Copy, Default, SqlType, QueryId)]
        #[diesel(sqlite_type(name = $sqlite))]
        #[diesel(postgres_type(oid = $oid, array_oid = $array_oid))]
        pub struct $name;

        impl HasSqlType<$name> for MultiBackend {
            fn metadata(lookup: &mut Self::MetadataLookup) -> Self::TypeMetadata {
                Self::lookup_sql_type::<$name>(lookup)
            }
        }
    )*};
}

sql_types! {
    /// SQL type of [`Id`](super::Id).
    IdSql "Binary" 2950 2951;
    /// SQL type of [`Instant`].
    InstantSql "Long" 1184 1185;
    /// SQL type of [`Date`].
    DateSql "Text" 1082 1182;
    /// SQL type of [`WallTime`].
    WallTimeSql "Text" 1083 1183;
    /// SQL type of [`Doc`].
    DocSql "Text" 3802 3807;
}

/// Reads and writes a type on the enum by handing it to the connection's own backend.
macro_rules! on_both {
    ($type:ty as $sql:ident $(, [$($generic:tt)*])?) => {
        impl $(<$($generic)*>)? FromSql<$sql, MultiBackend> for $type {
            fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
                value.from_sql::<Self, $sql>()
            }
        }

        impl $(<$($generic)*>)? ToSql<$sql, MultiBackend> for $type {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, MultiBackend>) -> serialize::Result {
                out.set_value(($sql, self));
                Ok(IsNull::No)
            }
        }
    };
}

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

impl<'de> Deserialize<'de> for Instant {
    /// RFC 3339 with any offset. A time without one is refused: it names no instant.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        let timestamp =
            jiff::Timestamp::from_str(&text).map_err(|_| de::Error::custom("not an instant"))?;
        Ok(timestamp.into())
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

/// A time of day on the wall, to the minute, without a zone.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow,
)]
#[diesel(sql_type = WallTimeSql)]
pub struct WallTime {
    minutes: i16,
}

impl FromStr for WallTime {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (hours, minutes) = text.split_once(':').ok_or("not a time of day")?;
        if hours.len() != 2 || minutes.len() != 2 {
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

/// A small JSON document in a column of its own. Searched values are columns, never
/// members of a document: the two databases query JSON differently.
#[derive(Debug, Clone, Default, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = DocSql)]
pub struct Doc<T: 'static>(pub T);

impl<T: DeserializeOwned> FromSql<DocSql, Sqlite> for Doc<T> {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(value.read_text())?))
    }
}

impl<T: Serialize + fmt::Debug> ToSql<DocSql, Sqlite> for Doc<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

#[cfg(feature = "postgres")]
impl<T: DeserializeOwned> FromSql<DocSql, Pg> for Doc<T> {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        // The binary form of jsonb is a version byte, 1, and then the text.
        match value.as_bytes().split_first() {
            Some((1, json)) => Ok(Self(serde_json::from_slice(json)?)),
            _ => Err("jsonb in an unknown encoding".into()),
        }
    }
}

#[cfg(feature = "postgres")]
impl<T: Serialize + fmt::Debug> ToSql<DocSql, Pg> for Doc<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        out.write_all(&[1])?;
        serde_json::to_writer(out, &self.0)?;
        Ok(IsNull::No)
    }
}
on_both!(Doc<T> as DocSql, [T: Serialize + DeserializeOwned + fmt::Debug + Send + Sync + 'static]);

/// Lets Diesel take [`Sealed`] and [`LookupKey`] for columns, without the sealing module
/// knowing of a database.
mod columns {
    #![expect(dead_code, reason = "stand-ins that carry the derives for the types inside")]
    use super::{AsExpression, Binary, FromSqlRow, LookupKey, Sealed};

    #[derive(AsExpression, FromSqlRow)]
    #[diesel(foreign_derive)]
    #[diesel(sql_type = Binary)]
    struct SealedColumn<T: 'static>(Sealed<T>);

    #[derive(AsExpression, FromSqlRow)]
    #[diesel(foreign_derive)]
    #[diesel(sql_type = Binary)]
    struct LookupKeyColumn(LookupKey);
}

/// The cipher text of a sealed column travels as bytes.
impl<T: 'static, DB> FromSql<Binary, DB> for Sealed<T>
where
    DB: Backend,
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self::from_bytes(Vec::from_sql(value)?))
    }
}

impl<T: 'static, DB> ToSql<Binary, DB> for Sealed<T>
where
    DB: Backend,
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_bytes().to_sql(out)
    }
}

/// The keyed hash of a looked-up value travels as its 16 bytes.
impl<DB> FromSql<Binary, DB> for LookupKey
where
    DB: Backend,
    Vec<u8>: FromSql<Binary, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes: [u8; 16] =
            Vec::from_sql(value)?.try_into().map_err(|_| "a look-up key is 16 bytes long")?;
        Ok(Self::from_bytes(bytes))
    }
}

impl<DB> ToSql<Binary, DB> for LookupKey
where
    DB: Backend,
    [u8]: ToSql<Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_bytes().as_slice().to_sql(out)
    }
}

fn text_schema(format: KnownFormat, description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .format(Some(SchemaFormat::KnownFormat(format)))
        .description(Some(description))
        .into()
}

/// A closed set of words: one table yields the type, its text in the database and in JSON,
/// its schema and its parser.
macro_rules! words {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal),* $(,)? }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
                 serde::Serialize, serde::Deserialize,
                 diesel::expression::AsExpression, diesel::deserialize::FromSqlRow)]
        #[diesel(sql_type = diesel::sql_types::Text)]
        pub enum $name {
            $($(#[$word_doc])* #[serde(rename = $text)] $word),*
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($text),*]))
                    .description(Some(concat!($($doc),*).trim()))
                    .into()
            }
        }
        impl utoipa::ToSchema for $name {}

        impl $name {
            /// Every word, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$word),*];

            /// The word as it stands in the database and in JSON.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text),* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = &'static str;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($text => Ok(Self::$word),)* _ => Err("not a known word") }
            }
        }

        impl<DB> diesel::deserialize::FromSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            String: diesel::deserialize::FromSql<diesel::sql_types::Text, DB>,
        {
            fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
                let text = <String as diesel::deserialize::FromSql<_, DB>>::from_sql(value)?;
                Ok(text.parse()?)
            }
        }

        impl<DB> diesel::serialize::ToSql<diesel::sql_types::Text, DB> for $name
        where
            DB: diesel::backend::Backend,
            str: diesel::serialize::ToSql<diesel::sql_types::Text, DB>,
        {
            fn to_sql<'b>(
                &'b self,
                out: &mut diesel::serialize::Output<'b, '_, DB>,
            ) -> diesel::serialize::Result {
                self.as_str().to_sql(out)
            }
        }
    };
}
pub(crate) use words;
