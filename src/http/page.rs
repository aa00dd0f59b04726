//! Lists: keyset pages with cursors that are opaque, tamper-proof and bound to their list.

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use chacha20poly1305::aead::{Aead, KeyInit, Payload as Sealing};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use data_encoding::BASE64URL_NOPAD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::future::{Ready, ready};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::db::Instant;
use crate::db::types::words;
use crate::error::{Code, Error, Result};
use crate::http::Contract;

/// One page of a list, oldest first unless sorted otherwise.
#[derive(Debug, Serialize, ToSchema)]
pub struct Page<T> {
    /// The entries, `limit` at the most.
    #[schema(max_items = 200)]
    pub data: Vec<T>,
    /// Send it as `cursor` for the next page; null on the last one.
    #[schema(max_length = 512)]
    pub next_cursor: Option<String>,
}

words! {
    /// The order of a list. Ties are broken by id.
    Sort {
        /// Oldest first.
        Created = "created_at",
        /// Newest first.
        CreatedDescending = "-created_at",
        /// Longest unchanged first: the order for mirroring.
        Updated = "updated_at",
        /// Last changed first.
        UpdatedDescending = "-updated_at",
    }
}

/// The parameters that every list takes.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// Entries on a page, 1 to 200; 50 if not given.
    #[param(minimum = 1, maximum = 200, default = 50, required = false)]
    #[serde(default = "default_limit")]
    pub limit: u16,
    /// `next_cursor` of the page before, with the same filters.
    #[param(max_length = 512)]
    pub cursor: Option<String>,
    /// Order of the list; `created_at` if not given.
    #[param(inline)]
    pub sort: Option<Sort>,
}

fn default_limit() -> u16 {
    50
}

/// Where a page ended: the sort key, where there is one, and the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The instant that the list is sorted by.
    pub at: Instant,
    /// The id, which breaks ties and alone orders by creation.
    pub id: Uuid,
}

/// Which part of a list to load.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    /// Entries to load: one more than the page, which tells whether there is another.
    pub load: i64,
    /// Where the page before ended.
    pub after: Option<Position>,
    /// The order.
    pub sort: Sort,
}

/// The filter and the paging of one list request, read from one query.
#[derive(Debug)]
pub struct Listing<F> {
    /// The list's own filter.
    pub filter: F,
    /// Limit, cursor and order.
    pub paging: Paging,
}

impl<F: DeserializeOwned> FromRequest for Listing<F> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::read(request))
    }
}

impl<F: DeserializeOwned> Listing<F> {
    fn read(request: &HttpRequest) -> Result<Self> {
        let operation = request
            .app_data::<web::Data<Contract>>()
            .and_then(|contract| contract.operation(request))
            .ok_or_else(|| Error::internal("an operation outside the document reads a query"))?;
        let (object, faults) = operation.read_query(request.query_string());
        if !faults.is_empty() {
            return Err(Error::invalid_query(faults));
        }
        let unlike = |_| Error::internal("the document accepts a query that its type does not");
        let paging = serde_json::from_value(object.clone()).map_err(unlike)?;
        Ok(Self { filter: serde_json::from_value(object).map_err(unlike)?, paging })
    }
}

/// A list without filters.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct NoFilter {}

/// Applies a [`Window`] to a boxed query of a table that has `id`, or another key by which the caller knows its
/// rows, and `updated_at`.
macro_rules! windowed {
    ($query:expr, $table:ident, $window:expr) => {
        $crate::http::page::windowed!($query, $table, $window, id)
    };
    ($query:expr, $table:ident, $window:expr, $key:ident) => {{
        use $crate::http::page::Sort;
        let (mut query, window) = ($query, $window);
        if let Some(after) = window.after {
            let id = $crate::db::id::AnyId::from_uuid(after.id);
            // `>=` beside the exact condition lets both databases seek in the index.
            query = match window.sort {
                Sort::Created => query.filter($table::$key.gt(id)),
                Sort::CreatedDescending => query.filter($table::$key.lt(id)),
                Sort::Updated => query
                    .filter($table::updated_at.ge(after.at))
                    .filter($table::updated_at.gt(after.at).or($table::$key.gt(id))),
                Sort::UpdatedDescending => query
                    .filter($table::updated_at.le(after.at))
                    .filter($table::updated_at.lt(after.at).or($table::$key.lt(id))),
            };
        }
        match window.sort {
            Sort::Created => query.order($table::$key.asc()),
            Sort::CreatedDescending => query.order($table::$key.desc()),
            Sort::Updated => query.order(($table::updated_at.asc(), $table::$key.asc())),
            Sort::UpdatedDescending => {
                query.order(($table::updated_at.desc(), $table::$key.desc()))
            }
        }
        .limit(window.load)
    }};
}
pub(crate) use windowed;

/// Seals and opens cursors. One per service, from the root key, so that replicas agree.
///
/// A cursor is encrypted and not merely signed: the position is an id and an instant, which
/// are nobody's business but the list's.
#[derive(Clone)]
pub struct Cursors(XChaCha20Poly1305);

impl std::fmt::Debug for Cursors {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cursors")
    }
}

impl Cursors {
    /// From 32 bytes derived from the root key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// A cursor for this position, good for this list alone.
    ///
    /// # Errors
    /// When the operating system has no randomness.
    pub fn seal(&self, list: &str, position: Position) -> Result<String> {
        let mut nonce = [0u8; 24];
        getrandom::fill(&mut nonce).map_err(|_| Error::internal("no randomness"))?;
        let mut plain = Vec::with_capacity(24);
        plain.extend_from_slice(&position.at.micros().to_be_bytes());
        plain.extend_from_slice(position.id.as_bytes());
        let sealed = self
            .0
            .encrypt(&XNonce::from(nonce), Sealing { msg: &plain, aad: list.as_bytes() })
            .map_err(|_| Error::internal("a cursor did not seal"))?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(BASE64URL_NOPAD.encode(&bytes))
    }

    /// The position of a cursor of this list.
    ///
    /// # Errors
    /// 400 when it is none, or belongs to another list, filter, person or practice.
    pub fn open(&self, list: &str, cursor: &str) -> Result<Position> {
        self.try_open(list, cursor).ok_or_else(|| {
            Error::new(
                Code::InvalidCursor,
                "Send `next_cursor` unchanged, with the filters and the order it was given for, \
                 or start again without a cursor.",
            )
        })
    }

    fn try_open(&self, list: &str, cursor: &str) -> Option<Position> {
        let bytes = BASE64URL_NOPAD.decode(cursor.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_first_chunk::<24>()?;
        let plain = self
            .0
            .decrypt(&XNonce::from(*nonce), Sealing { msg: sealed, aad: list.as_bytes() })
            .ok()?;
        let (micros, id) = plain.split_first_chunk::<8>()?;
        Some(Position {
            at: Instant::from_micros(i64::from_be_bytes(*micros)),
            id: Uuid::from_slice(id).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_opens_for_its_own_list_alone(micros: i64, id: u128, flip in 0usize..60) {
            let cursors = Cursors::new(&[7; 32]);
            let position = Position { at: Instant::from_micros(micros), id: Uuid::from_u128(id) };
            let cursor = cursors.seal("clients of A", position).unwrap();
            prop_assert_eq!(cursors.open("clients of A", &cursor).unwrap(), position);
            prop_assert!(cursors.open("clients of B", &cursor).is_err());
            let mut bytes = cursor.into_bytes();
            bytes[flip] = if bytes[flip] == b'A' { b'B' } else { b'A' };
            prop_assert!(cursors.open("clients of A", std::str::from_utf8(&bytes).unwrap()).is_err());
        }

        #[test]
        fn no_text_makes_it_fail_otherwise(text in ".{0,300}") {
            prop_assert!(Cursors::new(&[7; 32]).open("list", &text).is_err());
        }
    }
}
