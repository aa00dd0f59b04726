//! Small JSON documents.

use std::fmt;
#[cfg(feature = "postgres")]
use std::io::Write as _;

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
#[cfg(feature = "postgres")]
use diesel::pg::Pg;
use diesel::serialize::{self, IsNull, Output, ToSql};
use diesel::sqlite::Sqlite;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{DocSql, MultiBackend, on_both};

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

/// The text of a document, for whoever may not have to read it.
#[derive(Debug, Clone, FromSqlRow)]
pub struct DocText(pub String);

impl FromSql<DocSql, Sqlite> for DocText {
    fn from_sql(mut value: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(value.read_text().to_owned()))
    }
}

#[cfg(feature = "postgres")]
impl FromSql<DocSql, Pg> for DocText {
    fn from_sql(value: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        match value.as_bytes().split_first() {
            Some((1, json)) => Ok(Self(str::from_utf8(json)?.to_owned())),
            _ => Err("jsonb in an unknown encoding".into()),
        }
    }
}

impl FromSql<DocSql, MultiBackend> for DocText {
    fn from_sql(value: <MultiBackend as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        value.from_sql::<Self, DocSql>()
    }
}
