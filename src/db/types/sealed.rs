//! Sealed columns and the hashes by which values are looked up: bytes in both databases.

use diesel::backend::Backend;
use diesel::deserialize::{self, FromSql, FromSqlRow};
use diesel::expression::AsExpression;
use diesel::serialize::{self, Output, ToSql};
use diesel::sql_types::Binary;

use crate::seal::{LookupKey, Sealed};

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
