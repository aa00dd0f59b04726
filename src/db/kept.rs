//! Statements that a connection keeps compiled although Diesel takes them for too many to keep.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::connection::{DefaultLoadingMode, LoadConnection};
use diesel::expression::QueryMetadata;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::LimitDsl;
use diesel::sql_types::Untyped;

/// A statement of few texts, kept by them, whose rows are of the type `T`. See [`Keep`].
#[derive(Debug, Clone, Copy)]
pub struct Kept<S, T>(S, PhantomData<T>);

/// Has each connection keep a statement compiled, by its text.
///
/// Diesel keeps no update, since a changeset may leave columns out, and nothing with a list of values on SQLite, where
/// each length is another text. Each run of such a statement is compiled anew, and on PostgreSQL that is one more way to
/// the server and back. Only for statements whose texts are few: a list in one may be as long as a client has couples or a
/// clinician has others to supervise, and never as long as a caller likes, for what is kept is not given up before the
/// connection is.
pub trait Keep: Sized {
    /// A query that is kept.
    fn kept(self) -> Kept<Self, Self::SqlType>
    where
        Self: Query,
    {
        Kept(self, PhantomData)
    }

    /// Carries out an update that is kept. Diesel's `execute` lends the statement out, and what is lent is asked by its
    /// parts whether it may be kept; so this asks for rows, of which there are none.
    ///
    /// # Errors
    /// Those of the database.
    fn execute_kept<C>(self, conn: &mut C) -> QueryResult<()>
    where
        C: LoadConnection<DefaultLoadingMode>,
        Self: QueryFragment<C::Backend>,
        C::Backend: QueryMetadata<Untyped>,
    {
        conn.load(Kept::<Self, Untyped>(self, PhantomData))?.try_for_each(|row| row.map(drop))
    }
}

impl<S> Keep for S {}

impl<S, T, DB> QueryFragment<DB> for Kept<S, T>
where
    DB: Backend,
    S: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _: &DB) -> QueryResult<bool> {
        Ok(true)
    }
}

/// Without an id of its type the text is the key, so that another text is another statement.
impl<S, T> QueryId for Kept<S, T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S, T> Query for Kept<S, T> {
    type SqlType = T;
}

impl<S: LimitDsl, T> LimitDsl for Kept<S, T> {
    type Output = Kept<S::Output, T>;

    fn limit(self, limit: i64) -> Self::Output {
        Kept(self.0.limit(limit), PhantomData)
    }
}

impl<S, T, C> RunQueryDsl<C> for Kept<S, T> {}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, PoisonError};

    use diesel::connection::{Connection, InstrumentationEvent, SimpleConnection};

    use super::*;
    use crate::db::Conn;

    diesel::table! {
        visits (id) {
            id -> Integer,
            room -> Integer,
        }
    }

    fn move_to(conn: &mut Conn, id: i32, room: i32) -> QueryResult<()> {
        diesel::update(visits::table.find(id)).set(visits::room.eq(room)).execute_kept(conn)
    }

    fn among(conn: &mut Conn, ids: &[i32]) -> QueryResult<i32> {
        let found = visits::table.filter(visits::id.eq_any(ids.to_vec())).order(visits::id.desc());
        found.select(visits::room).kept().first(conn)
    }

    #[test]
    fn a_kept_statement_is_compiled_once_for_each_of_its_texts() -> QueryResult<()> {
        let conn = SqliteConnection::establish(":memory:")
            .map_err(|_| diesel::result::Error::BrokenTransactionManager)?;
        let mut conn = Conn::Sqlite(conn);
        conn.batch_execute(
            "CREATE TABLE visits (id INTEGER PRIMARY KEY, room INTEGER NOT NULL);
             INSERT INTO visits VALUES (1, 10), (2, 20), (3, 30);",
        )?;
        let compiled = Arc::new(Mutex::new(0));
        let listener = Arc::clone(&compiled);
        conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::CacheQuery { .. } = event {
                *listener.lock().unwrap_or_else(PoisonError::into_inner) += 1;
            }
        });
        for room in 11..20 {
            move_to(&mut conn, 1, room)?;
            assert_eq!(among(&mut conn, &[1])?, room);
            assert_eq!(among(&mut conn, &[1, 2])?, 20);
            assert_eq!(among(&mut conn, &[1, 3])?, 30);
        }
        assert_eq!(*compiled.lock().unwrap_or_else(PoisonError::into_inner), 3);
        Ok(())
    }
}
