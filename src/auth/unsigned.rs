//! Access without a token: what an address alone opens, as a person's calendar feed.

use std::future::{Ready, ready};
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};

use super::access::check_query;
use super::caller::Caller;
use super::gate::{Gate, Tx};
use crate::db::Conn;
use crate::db::id::{PracticeId, UserId};
use crate::error::{Code, Error, Result};
use crate::http::contract::{Contract, Policy};
use crate::seal::PracticeKeys;

/// The right to call one open operation, with the database behind it. Unlike [`Access`](super::Access) it reads
/// alone, and as the client whom something in the request stands for.
#[derive(Debug)]
pub struct Unsigned {
    gate: Gate,
}

impl FromRequest for Unsigned {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::admit(request))
    }
}

impl Unsigned {
    /// An operation that the document does not call open is served to nobody in this way.
    fn admit(request: &HttpRequest) -> Result<Self> {
        let gate = request.app_data::<web::Data<Gate>>();
        let gate = gate.ok_or_else(|| Error::internal("no gate"))?.get_ref().clone();
        let contract = request.app_data::<web::Data<Contract>>();
        let operation = contract.and_then(|contract| contract.operation(request));
        if operation.is_none_or(|operation| operation.policy != Policy::Public) {
            return Err(Error::internal("the document does not call this open"));
        }
        check_query(request)?;
        Ok(Self { gate })
    }

    /// Runs a unit that only reads, for the client whom `who` finds, with what it has found beside. That client may
    /// not be signed in anywhere, and sees what needs no scope of its own.
    ///
    /// # Errors
    /// 404 when there is no such practice or client, or they are shut out; the unit's own, and 503.
    pub async fn read_as<W, B, T, F>(self, practice: PracticeId, who: W, unit: F) -> Result<T>
    where
        W: FnOnce(&mut Conn, &PracticeKeys) -> Result<Option<(UserId, B)>> + Send + 'static,
        B: Send + 'static,
        T: Send + 'static,
        F: FnOnce(&mut Tx<'_>, B) -> Result<T> + Send + 'static,
    {
        let inner = Arc::clone(&self.gate.inner);
        let unit = move |conn: &mut Conn| {
            let keys = inner.keyring.of(conn, practice).map_err(hide)?;
            let (user, beside) = who(conn, &keys)?.ok_or_else(Error::not_found)?;
            let caller = Caller::by_address(conn, practice, user).map_err(hide)?;
            let (now, ids) = (inner.clock.now(), &inner.ids);
            let mut tx = Tx { conn, caller: &caller, now, keys, ids, inner: &inner };
            unit(&mut tx, beside)
        };
        self.gate.inner.executor.read(Some(practice), unit).await
    }
}

/// Whoever has no token is not told that a token would help.
fn hide(error: Error) -> Error {
    if error.code() == Code::Unauthorized { Error::not_found() } else { error }
}
