//! Column types: native in each database, one Rust type above both.
//!
//! | Type | SQLite | PostgreSQL |
//! | --- | --- | --- |
//! | [`Id`](super::Id) | `BLOB`, 16 bytes | `uuid` |
//! | [`Instant`] | `INTEGER`, microseconds since 1970 | `timestamptz` |
//! | [`Date`] | `TEXT`, `YYYY-MM-DD` | `date` |
//! | [`WallTime`] | `TEXT`, `HH:MM` | `time` |
//! | [`Doc`] | `TEXT` | `jsonb` |
//! | [`Sealed`](crate::seal::Sealed) | `BLOB` | `bytea` |

mod date;
mod doc;
mod instant;
mod sealed;
mod wall_time;
mod words;

use diesel::query_builder::QueryId;
use diesel::sql_types::{HasSqlType, SqlType};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};

pub use self::date::Date;
pub use self::doc::{Doc, DocText};
pub use self::instant::Instant;
pub use self::wall_time::WallTime;
pub(crate) use self::words::words;
use super::conn::MultiBackend;

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
use on_both;

fn text_schema(format: KnownFormat, description: &str) -> RefOr<Schema> {
    ObjectBuilder::new()
        .schema_type(SchemaType::Type(Type::String))
        .format(Some(SchemaFormat::KnownFormat(format)))
        .description(Some(description))
        .into()
}
