//! Path parameters: an id of the wrong form is a 404 and never reaches the database.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use serde::de::DeserializeOwned;

use crate::error::Error;

/// The typed parameters of the path: one id, or a tuple of them in order.
///
/// actix's own `web::Path` answers a malformed id with a 400 in plain text, which would tell
/// an id that cannot exist from one that does not.
#[derive(Debug)]
pub struct At<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for At<T> {
    type Error = Error;
    type Future = Ready<Result<Self, Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let parameters = actix_web::web::Path::<T>::extract(request).into_inner();
        ready(parameters.map(|path| Self(path.into_inner())).map_err(|_| Error::not_found()))
    }
}
