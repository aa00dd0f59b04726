//! Query parameters, checked against the document before they become a type.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, web};
use serde::de::DeserializeOwned;

use crate::error::{Error, Result};
use crate::http::Contract;

/// The typed query of an operation. Unknown, repeated and malformed parameters are one 400
/// that lists them all.
#[derive(Debug)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequest for Params<T> {
    type Error = Error;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read(request).map(Self))
    }
}

fn read<T: DeserializeOwned>(request: &HttpRequest) -> Result<T> {
    let operation = request
        .app_data::<web::Data<Contract>>()
        .and_then(|contract| contract.operation(request))
        .ok_or_else(|| Error::internal("an operation outside the document reads a query"))?;
    let (object, faults) = operation.read_query(request.query_string());
    if !faults.is_empty() {
        return Err(Error::invalid_query(faults));
    }
    serde_json::from_value(object)
        .map_err(|_| Error::internal("the document accepts a query that its type does not"))
}
